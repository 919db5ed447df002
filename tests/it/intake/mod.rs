//! Files that others bring: put into a folder, or pushed to the daemon.

use std::path::PathBuf;
use std::time::Duration;

use dondoc::app::{App, Found, Intakes, Role};
use dondoc::clock::Clock;
use dondoc::config;
use dondoc::db::Durability;
use dondoc::pass::Outcome;
use dondoc::source::Tools;

use crate::support::mailbox::start;
use crate::support::project::{Plan, Project, figures};

mod doors;
mod folder;
mod push;
mod wrecks;

const TOKEN: &str = "SRC-TOKEN-of-the-province-1";

/// An installation whose figures are brought to the folder `inbox`.
fn project() -> Project {
    let project = Project::new(&Plan { units: 3, ..Plan::default() });
    let drop = format!("drop = \"inbox\"\nmax_megabytes = 1\n[source.push]\ntoken = \"{TOKEN}\"");
    project.edit("config.toml", "path = \"figures.csv\"", &drop);
    project
}

/// An installation, and one process that takes files in, with a clock that is moved by hand.
struct Office {
    project: Project,
    app: App,
    clock: Clock,
    intakes: Intakes,
}

impl Office {
    async fn open() -> Self {
        Self::of(project()).await
    }

    async fn of(project: Project) -> Self {
        let (config, _) = config::load(Some(&project.path("config.toml")), &[]).expect("a good configuration");
        let clock = Clock::at(start());
        let app = App::open(config, clock.clone(), Role::Visitor, Durability::ThrowAway).await.expect("a database");
        std::fs::create_dir_all(project.path("inbox")).unwrap();
        let intakes = intakes(&app);
        Self { project, app, clock, intakes }
    }

    /// Looks, waits until files must be whole, and looks again.
    async fn look(&self) -> Vec<Found> {
        let mut found = self.intakes.look().await.0;
        self.wait(3);
        found.extend(self.intakes.look().await.0);
        found
    }

    fn wait(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }

    fn put(&self, name: &str, text: &str) {
        self.project.write(&format!("inbox/{name}"), text);
    }

    /// Names of the files in a folder below `inbox`, without the stamp.
    fn names(&self, below: &str) -> Vec<String> {
        let unstamped = |path: PathBuf| {
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            name.get(19..).filter(|_| name.starts_with("2022")).map_or(name.clone(), str::to_owned)
        };
        self.paths(below).into_iter().map(unstamped).collect()
    }

    /// The files in a folder below `inbox`, in order.
    fn paths(&self, below: &str) -> Vec<PathBuf> {
        let Ok(entries) = std::fs::read_dir(self.project.path("inbox").join(below)) else { return Vec::new() };
        let mut paths: Vec<PathBuf> =
            entries.map(|entry| entry.unwrap().path()).filter(|path| !path.is_dir()).collect();
        paths.sort();
        paths
    }

    /// The text of the file in force.
    fn in_force(&self) -> String {
        self.paths("current").pop().map(|path| std::fs::read_to_string(path).unwrap()).unwrap_or_default()
    }
}

fn intakes(app: &App) -> Intakes {
    let tools = Tools { program: env!("CARGO_BIN_EXE_dondoc").into(), ..app.tools() };
    Intakes::new(app.db.clone(), app.clock.clone(), tools, app.config.pass_settings())
}

/// What became of each file, in a word.
fn words(found: &[Found]) -> Vec<String> {
    let word = |found: &Found| match &found.outcome {
        Ok(Outcome::Taken { .. }) => format!("{} taken", found.file),
        Ok(Outcome::Unchanged { .. }) => format!("{} unchanged", found.file),
        Ok(Outcome::Refused { reasons, .. }) => format!("{} refused: {}", found.file, reasons[0].code),
        Ok(Outcome::Changed) => format!("{} changed", found.file),
        Err(error) => format!("{} trouble: {error}", found.file),
    };
    found.iter().map(word).collect()
}

/// Good figures of `units` communes.
fn good(online: u32) -> String {
    figures(3, online)
}
