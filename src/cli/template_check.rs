//! `dondoc template check`: whether a text may be put in force, and whom it does not suit.

use serde_json::json;

use super::exit::{Code, Failure};
use super::output::{self, Format, Table};
use super::progress::Progress;
use super::template::known;
use crate::api::{CheckLine, CheckedTemplate};
use crate::app::App;
use crate::message::revisions::{self, Checked};

/// Units that a refusal names.
const NAMED: usize = 5;

pub(super) async fn check(app: &App, name: &str, format: Format) -> Result<Code, Failure> {
    let live = app.templates().await?;
    let name = known(&live, name)?;
    let draft = revisions::draft(&app.db, &name).await?;
    let what = draft.as_ref().map_or_else(|| "the text in force".to_owned(), |draft| format!("draft {}", draft.number));
    let source = draft.map(|draft| draft.source).or_else(|| live.source(&name).map(ToOwned::to_owned));
    let Some(source) = source else { return Err(super::template::no_draft(&name)) };
    let checked = checked(app, &name, &source).await?;
    let told = CheckedTemplate::of(&name, &what, &checked);
    let mut table = Table::new(vec!["scenario", "unit", "name", "line", "column", "problem", "hint", "known"]);
    table.rows.extend(told.found.iter().map(row));
    if format != Format::Table || !table.rows.is_empty() {
        table.print(format, Some(json!(told)))?;
    }
    output::note(summary(&name, &what, &checked));
    Ok(if checked.passes() { Code::Done } else { Code::Invalid })
}

/// Checks, with a count where people watch.
async fn checked(app: &App, name: &str, source: &str) -> Result<Checked, Failure> {
    let progress = Progress::start("letters tried");
    let told = |done: usize, _: usize| progress.at(u64::try_from(done).unwrap_or(u64::MAX));
    let checked = app.check_template((name, source), &told).await?;
    progress.done();
    Ok(checked)
}

/// What stands in the way of publishing: every problem, and the first units.
pub(super) fn refusal(name: &str, what: &str, checked: &Checked) -> Failure {
    let mut lines = vec![format!("{what} of `{name}` does not pass the check; nothing was published")];
    lines.extend(checked.problems.iter().map(|problem| format!("  {problem}")));
    let new: Vec<_> = checked.misfits.iter().filter(|misfit| !misfit.known).collect();
    lines.extend(new.iter().take(NAMED).map(|misfit| {
        format!("  {} {} ({}): {}", misfit.unit_code, misfit.unit_name, misfit.scenario.word(), misfit.problem)
    }));
    if new.len() > NAMED {
        lines.push(format!("  … and {} more", new.len() - NAMED));
    }
    lines.push(format!("  remedy: correct it; `dondoc template check {name}` shows everything"));
    Failure::new(Code::Invalid, lines.join("\n"))
}

/// `fields added: a, b; removed: none`
pub(super) fn fields(checked: &Checked) -> String {
    let list = |names: &[String]| if names.is_empty() { "none".to_owned() } else { names.join(", ") };
    format!("fields added: {}; removed: {}", list(&checked.added), list(&checked.removed))
}

fn row(line: &CheckLine) -> Vec<String> {
    let place = (line.line.to_string(), line.column.to_string());
    let words = [line.scenario, &line.unit, &line.name].map(str::to_owned);
    let known = if line.known { "yes" } else { "" }.to_owned();
    let told = [place.0, place.1, line.problem.clone(), line.hint.clone(), known];
    words.into_iter().chain(told).collect()
}

fn summary(name: &str, what: &str, checked: &Checked) -> String {
    let verdict = if checked.passes() { "passes" } else { "does not pass" };
    let tried = if checked.letters == 0 {
        "with the samples alone".to_owned()
    } else {
        format!(
            "{} letter(s) for {} unit(s); longest subject {}/65 characters, largest letter {} KB, {} SMS of two segments",
            checked.letters,
            checked.heads,
            checked.longest_subject,
            checked.largest_html.div_ceil(1024),
            checked.two_segments
        )
    };
    format!("{what} of `{name}` {verdict}: {tried}\n{}", fields(checked))
}
