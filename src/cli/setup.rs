//! `dondoc setup`: how far the first set-up is, and the same steps from a file where nobody is there to click. What is wrong
//! is said step by step; a file that cannot be read as a whole does nothing.

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
use crate::people::{self, Hasher, NewAccount, Role, Said, Step};

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

/// Why a step of the file was not taken.
#[derive(Debug)]
struct Trouble {
    step: Step,
    code: Code,
    /// What is wrong and, on lines of their own, what to do.
    said: String,
}

impl Trouble {
    fn of(step: Step, failure: Failure) -> Self {
        Self { step, code: failure.code, said: failure.message }
    }

    fn invalid(step: Step, said: impl Into<String>) -> Self {
        Self { step, code: Code::Invalid, said: said.into() }
    }
}

/// What the file needs from elsewhere, read before anything is done.
#[derive(Debug, Default)]
struct Ready {
    password: Option<SecretString>,
    pack: Option<Pack>,
    as_of: Option<NaiveDate>,
    done: Vec<Step>,
}

pub(super) async fn setup(app: App, asked: SetupOptions) -> Result<Code, Failure> {
    let mut troubles = Vec::new();
    if let Some(path) = &asked.from {
        let (file, folder) = read(path)?;
        match ready(&file, &folder) {
            Ok(ready) => carry_out(&app, &file, &ready, &mut troubles).await?,
            Err(found) => troubles = found,
        }
    }
    let found = app.set_up().await?;
    app.close().await;
    print(&found, &troubles, asked.format)?;
    for trouble in &troubles {
        output::note(format!("{}: {}", trouble.step.word(), trouble.said));
    }
    let (done, all) = (found.done(), Step::ALL.len());
    if let Some(first) = troubles.first() {
        output::note(format!("{done} of {all} steps done; mend what is wrong and take the file again"));
        return Ok(first.code);
    }
    if let Some(next) = found.next() {
        output::note(format!("{done} of {all} steps done; next: {}\n  remedy: {}", next.word(), remedy(next)));
    }
    Ok(Code::Done)
}

/// Every step: how it stands, what is wrong with it, and what to do.
fn print(found: &SetUp, troubles: &[Trouble], format: Format) -> Result<(), Failure> {
    let (mut table, mut steps) = (Table::new(vec!["step", "standing", "what", "to_do"]), Vec::new());
    for step in Step::ALL {
        let trouble = troubles.iter().find(|trouble| trouble.step == step);
        let later = found.said.get(&step).is_some_and(|said| !said.done);
        let is_done = found.is_done(step);
        let standing = match trouble {
            Some(_) => "wrong",
            None if is_done => "done",
            None if later => "later",
            None => "open",
        };
        let what = what(step, found);
        let (problem, to_do) = match trouble {
            Some(trouble) => {
                let (problem, rest) = trouble.said.split_once("\n  remedy: ").unwrap_or((&trouble.said, remedy(step)));
                (Some(problem.lines().next().unwrap_or_default()), rest)
            }
            None => (None, if is_done { "" } else { remedy(step) }),
        };
        steps.push(json!({
            "step": step.word(), "standing": standing, "what": what, "problem": problem, "to_do": to_do,
        }));
        let what = problem.map_or(what, ToOwned::to_owned);
        table.rows.push(vec![step.word().to_owned(), standing.to_owned(), what, to_do.to_owned()]);
    }
    table.print(format, Some(json!({"done": found.done(), "of": Step::ALL.len(), "steps": steps})))
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

/// Reads what the file names; every problem at once, so that nothing is done by half.
fn ready(file: &File, folder: &Path) -> Result<Ready, Vec<Trouble>> {
    let (mut ready, mut troubles) = (Ready::default(), Vec::new());
    ready.done = file.done.iter().filter_map(|word| Step::of(word)).collect();
    if let Some(admin) = &file.admin {
        let path = folder.join(&admin.password_file);
        match std::fs::read_to_string(&path) {
            Ok(password) => ready.password = Some(SecretString::from(password.trim())),
            Err(error) => {
                let said = format!("admin.password_file `{}`: {error}", path.display());
                let hint = "put the first password into a file and name it";
                troubles.push(Trouble::invalid(Step::Account, format!("{said}\n  remedy: {hint}")));
            }
        }
    }
    if let Some(wanted) = &file.catalog {
        match Pack::read(&folder.join(&wanted.pack)) {
            Ok(pack) => ready.pack = Some(pack),
            Err(error) => {
                let list: Vec<String> = error.problems.iter().map(ToString::to_string).collect();
                troubles
                    .push(Trouble::invalid(Step::Units, format!("{error}; nothing was imported\n{}", list.join("\n"))));
            }
        }
    }
    if let Some(letter) = &file.letter {
        let as_of = &letter.as_of;
        ready.as_of = as_of.parse().ok();
        if ready.as_of.is_none() {
            let said = format!("letter.as_of: `{as_of}` is no date\n  remedy: write it like 2022-10-31");
            troubles.push(Trouble::invalid(Step::Letter, said));
        }
    }
    if troubles.is_empty() { Ok(ready) } else { Err(troubles) }
}

/// Takes the steps one after the other; one that cannot be taken leaves the others alone.
async fn carry_out(app: &App, file: &File, ready: &Ready, troubles: &mut Vec<Trouble>) -> Result<(), Failure> {
    let (by, now) = (operator(), app.clock.now());
    if let (Some(admin), Some(password)) = (&file.admin, &ready.password)
        && let Err(failure) = add_admin(app, admin, password).await
    {
        troubles.push(Trouble::of(Step::Account, failure));
    }
    if let Some(pack) = &ready.pack
        && let Err(failure) = import(app, pack).await
    {
        troubles.push(Trouble::of(Step::Units, failure));
    }
    let said = people::said(&app.db).await?;
    for step in ready.done.iter().filter(|step| !said.get(step).is_some_and(|said| said.done)) {
        people::mark(app.db.begin().await?, (*step, true, ""), &by, now).await?;
    }
    if let (Some(letter), Some(as_of)) = (&file.letter, ready.as_of)
        && let Err(failure) = look(app, &letter.unit, as_of, said.get(&Step::Letter)).await
    {
        troubles.push(Trouble::of(Step::Letter, failure));
    }
    Ok(())
}

async fn import(app: &App, pack: &Pack) -> Result<(), Failure> {
    let changes = catalog::changes(&catalog::load(&app.db).await?, pack);
    if changes.is_empty() {
        return output::line("catalog: as the pack says already");
    }
    if !app.put_pack(pack, &changes, &operator()).await? {
        return Err(super::packs::meanwhile());
    }
    output::line(format!("catalog: {} units and {} contacts imported", pack.units.len(), pack.contacts.len()))
}

/// Puts a letter about the unit into the built-in mailbox.
async fn look(app: &App, unit: &str, as_of: NaiveDate, before: Option<&Said>) -> Result<(), Failure> {
    let Some(id) = app.sample_letter(unit, as_of).await? else {
        let hint = format!("`dondoc run --dry-run --units --as-of {as_of}` tells which units get one");
        return Err(Failure::usage(format!("letter: nobody would get a message about `{unit}`\n  remedy: {hint}")));
    };
    if !before.is_some_and(|said| said.done && said.detail == id.to_string()) {
        app.say_of_step((Step::Letter, true, &id.to_string()), &operator()).await?;
    }
    output::line(format!("letter: {}/hop-thu-thu/{id}", app.config.server.public_url))
}

async fn add_admin(app: &App, admin: &Admin, password: &SecretString) -> Result<(), Failure> {
    if people::by_login(&app.db, &admin.login).await?.is_some() {
        return output::line(format!("admin: `{}` is there already", admin.login));
    }
    let (login, name) = (admin.login.as_str(), admin.name.as_str());
    let new = NewAccount { login, name, role: Role::Admin, scope: None, password, must_change: true };
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
