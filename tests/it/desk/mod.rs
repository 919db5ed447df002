//! The pages of the leaders: the overview with its heat map, and the page of a unit. The figures are those of real rounds,
//! run by the binary.

mod answers;
mod approval_browser;
mod contacts;
mod editor;
mod editor_browser;
mod editor_drafts;
mod editor_looks;
mod editor_overlay;
mod find;
mod held;
mod held_browser;
mod leaders;
mod live;
mod mailbox;
mod outbox;
mod overview;
mod plans;
mod reform;
mod sums;
mod unit;
mod unit_people;
mod wizard;

use std::fmt::Write as _;
use std::sync::Arc;

use dondoc::app::App;
use dondoc::clock::Clock;
use dondoc::db::{Db, Durability};
use dondoc::pass::{OnDayOff, Schedule, What, When};
use dondoc::people::{self, By, Hasher, NewAccount, Peer, Role};
use dondoc::web::{self, Mode, Site};
use secrecy::SecretString;

use crate::support::mailbox::start;
use crate::support::project::{Plan, Project};
use crate::support::reader::Reader;

/// An installation after its rounds, and the pages over it.
pub struct Office {
    pub project: Project,
    pub db: Db,
    router: axum::Router,
    hasher: Hasher,
}

impl Office {
    /// With `units` communes and the rounds as of these dates; the figures of each are laid by `figures`.
    pub async fn after(units: usize, rounds: &[(&str, String)]) -> Self {
        Self::with(units, rounds, "never").await
    }

    /// The same, where every batch waits for a second person.
    pub async fn asking(units: usize, rounds: &[(&str, String)]) -> Self {
        Self::with(units, rounds, "always").await
    }

    async fn with(units: usize, rounds: &[(&str, String)], approval: &str) -> Self {
        let project = Project::new(&Plan { units, ..Plan::default() });
        project.edit("config.toml", "approval = \"never\"", &format!("approval = \"{approval}\""));
        project.run(&["migrate"]);
        let imported = project.run(&["catalog", "import", "pack", "--yes"]);
        assert_eq!(imported.code, 0, "{}", imported.err);
        for (as_of, figures) in rounds {
            project.write("figures.csv", figures);
            let done = project.run(&["run", "--as-of", as_of]);
            assert!(matches!(done.code, 0 | 8), "{}: {}", done.code, done.err);
        }
        Self::over(project).await
    }

    /// The same pages over the whole installation, so that they know its policy and channels.
    pub async fn installed(self) -> Self {
        let (config, _) = dondoc::config::load(Some(&self.project.path("config.toml")), &[]).unwrap();
        let role = dondoc::app::Role::Visitor;
        let app = App::open(config, Clock::at(start()), role, Durability::Full).await.unwrap();
        let site = Site::of(&Arc::new(app), Mode::Daemon).hashing(&self.hasher);
        Self { router: web::router(site), ..self }
    }

    async fn over(project: Project) -> Self {
        let db = Db::open("sqlite:dondoc.db", project.folder(), Durability::Full).await.unwrap();
        let clock = Clock::at(start());
        let weekly = Schedule {
            name: "hang-tuan".to_owned(),
            what: What::Round,
            when: When::Cron("0 0 8 * * 1".to_owned()),
            on_day_off: OnDayOff::Next,
            time_zone: dondoc::clock::ZONE,
        };
        let hasher = Hasher::default();
        let site = Site::new(db.clone(), clock, Mode::Daemon)
            .with_schedules(&[weekly], "https://dondoc.tinh.example")
            .hashing(&hasher);
        Self { project, db, router: web::router(site), hasher }
    }

    /// A browser of somebody who sees all, or the unit with this code and those below it.
    pub async fn reader(&self, scope: Option<&str>) -> Reader {
        self.signed_in("an", Role::Viewer, scope).await
    }

    /// A browser of another one.
    pub async fn reader_again(&self, scope: Option<&str>) -> Reader {
        self.signed_in("binh", Role::Viewer, scope).await
    }

    /// A browser of somebody with this role who sees all.
    pub async fn reader_as(&self, role: Role) -> Reader {
        self.signed_in("chi", role, None).await
    }

    async fn signed_in(&self, login: &str, role: Role, scope: Option<&str>) -> Reader {
        let scope = match scope {
            Some(code) => Some(dondoc::catalog::unit_by_code(&self.db, code).await.unwrap().unwrap()),
            None => None,
        };
        let login = format!("{login}.{}", scope.is_some());
        let password = SecretString::from("mật khẩu của từng người");
        let new = NewAccount {
            login: &login,
            name: "Chánh Văn phòng",
            role,
            scope: scope.as_deref(),
            password: &password,
            must_change: false,
        };
        let id = people::add(&self.db, &self.hasher, &new, &By::command("test"), start()).await.unwrap();
        let peer = Peer { address: "203.0.113.7".to_owned(), agent: "test".to_owned() };
        let session = people::reopen(&self.db, &id, &peer, start()).await.unwrap();
        let mut reader = Reader::new(&self.router);
        // One name is for pages behind TLS, the other for one machine.
        for name in ["__Host-dondoc", "dondoc-plain"] {
            reader.cookies.insert(name.to_owned(), session.clone());
        }
        reader
    }
}

/// Figures of October 2022 in which the `number`-th commune filed `online(number)` of 100 dossiers online.
pub fn figures(units: usize, online: impl Fn(usize) -> usize) -> String {
    let mut rows = "period,unit_code,service_code,received,received_online,results_due,results_electronic,\
                    fee_transactions,paid_on_portal,paid_cashless_other,services_online,services_online_with_dossiers\n"
        .to_owned();
    for number in 0..units {
        let (code, online) = (crate::support::project::code(number), online(number));
        let _ = writeln!(rows, "2022-10,{code},1.000001,100,{online},90,90,80,40,0,1,1");
    }
    rows
}

/// A page's text without what stands between `<` and `>`, in single spaces.
pub fn text(body: &str) -> String {
    let mut text = String::new();
    for part in body.split('<') {
        let (_, after) = part.split_once('>').unwrap_or(("", part));
        text.push_str(after);
        text.push(' ');
    }
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The units of the heat map, from the top.
pub fn units(body: &str) -> Vec<String> {
    let rows = body.split("role=\"rowheader\">").skip(1);
    rows.map(|row| text(row.split("</th>").next().unwrap())).collect()
}
