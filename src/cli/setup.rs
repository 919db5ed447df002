//! `dondoc setup`: how far the first set-up is, and the same steps from a file where nobody is there to click.

use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use clap::Args;
use secrecy::SecretString;
use serde::Deserialize;
use serde_json::json;

use super::exit::{Code, Failure};
use super::output::{self, Format, Table};
use super::people::by as operator;
use crate::app::{App, SetUp};
use crate::catalog::{self, Pack};
use crate::people::{self, Hasher, NewAccount, Role, Step};

/// Options of `setup`.
#[derive(Debug, Args)]
pub struct SetupOptions {
    /// Do what this file says; what is done already is left as it is
    #[arg(long, value_name = "FILE")]
    pub from: Option<PathBuf>,
    /// How to print
    #[arg(long, value_enum, default_value = "table")]
    pub format: Format,
}

/// The file. Every part of it may be left out.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    admin: Option<Admin>,
    catalog: Option<Catalog>,
    letter: Option<Letter>,
    /// Steps that somebody answers for.
    #[serde(default)]
    done: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Admin {
    login: String,
    name: String,
    /// A file with the first password, which must be changed at the first sign-in.
    password_file: PathBuf,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Catalog {
    /// A folder.
    pack: PathBuf,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Letter {
    /// Code of a unit.
    unit: String,
    as_of: String,
}

pub(super) async fn setup(app: App, asked: SetupOptions) -> Result<Code, Failure> {
    if let Some(path) = &asked.from {
        let (file, folder) = read(path)?;
        carry_out(&app, &file, &folder).await?;
    }
    let found = app.set_up().await?;
    app.close().await;
    let (mut table, mut steps) = (Table::new(vec!["step", "standing", "what"]), Vec::new());
    for step in Step::ALL {
        let later = found.said.get(&step).is_some_and(|said| !said.done);
        let standing = if found.is_done(step) {
            "done"
        } else if later {
            "later"
        } else {
            "open"
        };
        let what = what(step, &found);
        steps.push(json!({"step": step.word(), "standing": standing, "what": what}));
        table.rows.push(vec![step.word().to_owned(), standing.to_owned(), what]);
    }
    let (done, all) = (found.done(), Step::ALL.len());
    table.print(asked.format, Some(json!({"done": done, "of": all, "steps": steps})))?;
    if let Some(next) = found.next() {
        output::note(format!("{done} of {all} steps done; next: {}\n  remedy: {}", next.word(), remedy(next)));
    }
    Ok(Code::Done)
}

fn read(path: &Path) -> Result<(File, PathBuf), Failure> {
    let invalid = |what: String| Failure::new(Code::Invalid, format!("{}: {what}", path.display()));
    let text =
        std::fs::read_to_string(path).map_err(|error| invalid(format!("{error}\n  remedy: name the set-up file")))?;
    let file: File = toml::from_str(&text).map_err(|error| {
        invalid(format!("{}\n  remedy: `dondoc setup --help` shows a whole file", error.to_string().trim_end()))
    })?;
    for step in &file.done {
        if !matches!(Step::of(step), Some(step) if step != Step::Account) {
            let known: Vec<_> = Step::ALL.into_iter().skip(1).map(Step::word).collect();
            return Err(invalid(format!("done: there is no step `{step}`\n  remedy: one of {}", known.join(", "))));
        }
    }
    Ok((file, path.parent().unwrap_or(Path::new("")).to_path_buf()))
}

async fn carry_out(app: &App, file: &File, folder: &Path) -> Result<(), Failure> {
    let (by, now) = (operator(), app.clock.now());
    if let Some(admin) = &file.admin {
        add_admin(app, admin, folder).await?;
    }
    if let Some(wanted) = &file.catalog {
        let pack = Pack::read(&folder.join(&wanted.pack)).map_err(|error| {
            let list: Vec<String> = error.problems.iter().map(ToString::to_string).collect();
            Failure::new(Code::Invalid, format!("{error}; nothing was imported\n{}", list.join("\n")))
        })?;
        let changes = catalog::changes(&catalog::load(&app.db).await?, &pack);
        if changes.is_empty() {
            output::line("catalog: as the pack says already")?;
        } else {
            if !app.put_pack(&pack, &changes, &by).await? {
                return Err(super::packs::meanwhile());
            }
            output::line(format!("catalog: {} units and {} contacts imported", pack.units.len(), pack.contacts.len()))?;
        }
    }
    let said = people::said(&app.db).await?;
    let done: Vec<Step> = file.done.iter().filter_map(|word| Step::of(word)).collect();
    for step in done.into_iter().filter(|step| !said.get(step).is_some_and(|said| said.done)) {
        people::mark(app.db.begin().await?, (step, true, ""), &by, now).await?;
    }
    if let Some(letter) = &file.letter {
        let as_of: NaiveDate = letter.as_of.parse().map_err(|_| {
            let as_of = &letter.as_of;
            Failure::new(
                Code::Invalid,
                format!("letter.as_of: `{as_of}` is no date\n  remedy: write it like 2022-10-31"),
            )
        })?;
        let Some(id) = app.sample_letter(&letter.unit, as_of).await? else {
            let unit = &letter.unit;
            let hint = format!("`dondoc run --dry-run --units --as-of {}` tells which units get one", letter.as_of);
            return Err(Failure::usage(format!("letter: nobody would get a message about `{unit}`\n  remedy: {hint}")));
        };
        if !said.get(&Step::Letter).is_some_and(|said| said.done && said.detail == id.to_string()) {
            people::mark(app.db.begin().await?, (Step::Letter, true, &id.to_string()), &by, now).await?;
        }
        output::line(format!("letter: {}/hop-thu-thu/{id}", app.config.server.public_url))?;
    }
    Ok(())
}

async fn add_admin(app: &App, admin: &Admin, folder: &Path) -> Result<(), Failure> {
    if people::by_login(&app.db, &admin.login).await?.is_some() {
        return output::line(format!("admin: `{}` is there already", admin.login));
    }
    let path = folder.join(&admin.password_file);
    let password = std::fs::read_to_string(&path)
        .map_err(|error| Failure::new(Code::Invalid, format!("admin.password_file `{}`: {error}", path.display())))?;
    let password = SecretString::from(password.trim());
    let (login, name) = (admin.login.as_str(), admin.name.as_str());
    let new = NewAccount { login, name, role: Role::Admin, scope: None, password: &password, must_change: true };
    people::add(&app.db, &Hasher::default(), &new, &operator(), app.clock.now()).await?;
    output::line(format!("admin: `{login}` added; the password must be changed at the first sign-in"))
}

fn what(step: Step, found: &SetUp) -> String {
    match step {
        Step::Account => format!("{} administrator(s)", found.admins),
        Step::Sender => {
            found.sender.as_ref().map_or_else(|| "nobody speaks today".to_owned(), |sender| sender.name.clone())
        }
        Step::Units => format!("{} units, {} without anybody to write to", found.units, found.unaddressed),
        Step::Targets => {
            let (all, aimed) = found.indicators;
            format!("{aimed} of {all} indicators have a target in force; {} expired", found.expired)
        }
        Step::Source => if found.rounds { "rounds were run" } else { "no round yet" }.to_owned(),
        Step::Channel | Step::Letter | Step::Schedule => {
            found.said.get(&step).map(|said| said.detail.clone()).unwrap_or_default()
        }
    }
}

const fn remedy(step: Step) -> &'static str {
    match step {
        Step::Account => "`dondoc setup-code`, or [admin] in the file of `dondoc setup --from`",
        Step::Sender => "put a [[sender]] that is valid today into sender.toml of the pack",
        Step::Units => "`dondoc catalog import FOLDER`, or [catalog] in the file of `dondoc setup --from`",
        Step::Targets => "put targets in force into targets.toml of the pack",
        Step::Source => "set up a [[source]], then `dondoc pull`",
        Step::Channel => "set up a [[channel]], then `dondoc channel test NAME`",
        Step::Letter => "[letter] in the file of `dondoc setup --from`, or the page /bat-dau",
        Step::Schedule => "look at `dondoc schedule list`, then done = [\"schedule\"]",
    }
}
