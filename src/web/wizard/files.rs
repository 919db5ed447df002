//! Files of a pack: units and contacts, indicators and targets. They are checked whole, what they would change is shown, and
//! then they are taken together.

use askama::Template;

use super::super::catalogue::{Told, Tongue};
use super::super::form::Form;
use super::super::page::{Failure, Frame};
use super::{Outcome, Seen, Shell, wrong};
use crate::app::{App, sample};
use crate::catalog::{self, Changes, PackError, Problem};
use crate::people::{By, Step};

/// Problems that are shown one by one.
const PROBLEMS: usize = 50;

/// The files of a step: their names, and what they hold as a key of the catalogue.
const fn asked(step: Step) -> &'static [(&'static str, &'static str)] {
    match step {
        Step::Units => &[
            ("units.csv", "wizard.of_units"),
            ("contacts.csv", "wizard.of_contacts"),
            ("succession.csv", "wizard.of_succession"),
        ],
        _ => &[
            ("indicators.toml", "wizard.of_indicators"),
            ("targets.toml", "wizard.of_targets"),
            ("calendar.toml", "wizard.of_calendar"),
        ],
    }
}

/// A file that was chosen, as it travels from the check to the taking.
#[derive(Debug)]
struct Chosen {
    name: &'static str,
    text: String,
}

/// A problem in the language of the page.
#[derive(Debug)]
struct Wrong {
    file: String,
    line: u64,
    column: u64,
    message: Told,
    remedy: Told,
}

impl Wrong {
    fn of(problem: &Problem, t: Tongue) -> Self {
        let (message, remedy) = (t.retold(&problem.message), t.retold(&problem.hint));
        Self { file: problem.file.clone(), line: problem.line, column: problem.column, message, remedy }
    }
}

/// One line of what would change.
#[derive(Debug)]
struct Line {
    file: &'static str,
    added: usize,
    changed: usize,
    retired: usize,
}

#[derive(Template)]
#[template(path = "wizard_files.html")]
pub(super) struct FilesStep {
    frame: Frame,
    shell: Shell,
    is_units: bool,
    files: &'static [(&'static str, &'static str)],
    units: usize,
    unaddressed: usize,
    indicators: (usize, usize),
    expired: usize,
    is_empty: bool,
    /// What was chosen and checked.
    chosen: Vec<Chosen>,
    problems: Vec<Wrong>,
    further: usize,
    lines: Vec<Line>,
    checked: bool,
}

/// The chosen files, from the file fields or, after the check, from the hidden ones.
fn chosen(form: &Form, step: Step, t: Tongue) -> Result<Vec<Chosen>, String> {
    let mut all = Vec::new();
    for (name, _) in asked(step) {
        let text = match form.file(name) {
            Some(upload) => match std::str::from_utf8(&upload.bytes) {
                Ok(text) => text.trim_start_matches('\u{feff}').to_owned(),
                Err(_) => return Err(t.with("wizard.not_utf", name)),
            },
            None => form.text(&format!("text:{name}")).to_owned(),
        };
        if !text.is_empty() {
            all.push(Chosen { name, text });
        }
    }
    Ok(all)
}

fn lines(changes: &Changes) -> Vec<Line> {
    let touched = changes.files.iter().filter(|file| !file.is_empty());
    let line = |file: &catalog::FileChanges| Line {
        file: file.file,
        added: file.added.len(),
        changed: file.changed.len(),
        retired: file.retired.len(),
    };
    touched.map(line).collect()
}

fn named(chosen: &[Chosen]) -> Vec<(String, String)> {
    chosen.iter().map(|file| (file.name.to_owned(), file.text.clone())).collect()
}

async fn checked(app: &App, chosen: &[Chosen]) -> Result<Result<(catalog::Pack, Changes), PackError>, Failure> {
    Ok(app.with_files(&named(chosen)).await?)
}

pub(super) async fn page(seen: &Seen<'_>, step: Step) -> Result<FilesStep, Failure> {
    let mut shell = seen.shell(step);
    let found = &seen.found;
    let (mut problems, mut changes, mut is_checked) = (Vec::new(), Vec::new(), false);
    let chosen = match chosen(seen.form, step, seen.t()) {
        Ok(chosen) => chosen,
        Err(why) => {
            shell.wrong = Some(why.into());
            Vec::new()
        }
    };
    if !chosen.is_empty() {
        match checked(seen.app, &chosen).await? {
            Ok((_, found)) => (changes, is_checked) = (lines(&found), true),
            Err(error) => problems = error.problems,
        }
    } else if seen.form.text("viec") == "kiem-tra" && shell.wrong.is_none() {
        shell.wrong = Some(seen.t().say("wizard.no_files").into());
    }
    Ok(FilesStep {
        frame: seen.frame(step),
        is_units: step == Step::Units,
        files: asked(step),
        units: found.units,
        unaddressed: found.unaddressed,
        indicators: found.indicators,
        expired: found.expired,
        is_empty: catalog::is_empty(&seen.app.db).await?,
        chosen,
        further: problems.len().saturating_sub(PROBLEMS),
        problems: problems.iter().take(PROBLEMS).map(|problem| Wrong::of(problem, seen.t())).collect(),
        lines: changes,
        checked: is_checked,
        shell,
    })
}

/// Takes the files that were checked, or the sample where nothing is there yet.
pub(super) async fn take(app: &App, (step, form): (Step, &Form), by: &By, t: Tongue) -> Result<Outcome, Failure> {
    let meanwhile = || Ok(wrong(t.say("wizard.meanwhile")));
    if form.text("viec") == "mau" {
        if !catalog::is_empty(&app.db).await? {
            return Ok(wrong(t.say("wizard.sample_late")));
        }
        let pack = sample::pack().map_err(|_| Failure::NotFound)?;
        let changes = catalog::changes(&catalog::load(&app.db).await?, &pack);
        let put = app.put_pack(&pack, &changes, by).await?;
        return if put { Ok(Outcome::Shown) } else { meanwhile() };
    }
    let chosen = match chosen(form, step, t) {
        Ok(chosen) if !chosen.is_empty() => chosen,
        Ok(_) => return Ok(wrong(t.say("wizard.no_files"))),
        Err(why) => return Ok(wrong(why)),
    };
    match checked(app, &chosen).await? {
        Ok((pack, changes)) => {
            let put = app.put_pack(&pack, &changes, by).await?;
            if put { Ok(Outcome::On) } else { meanwhile() }
        }
        Err(_) => Ok(wrong(t.say("wizard.files_wrong"))),
    }
}
