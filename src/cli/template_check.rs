//! `dondoc template check`: whether a text may be put in force, and whom it does not suit.

use serde_json::{Value, json};

use super::exit::{Code, Failure};
use super::output::{self, Format, Table};
use super::progress::Progress;
use super::template::known;
use crate::app::App;
use crate::message::TemplateProblem;
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
    let mut table = Table::new(vec!["scenario", "unit", "name", "line", "column", "problem", "hint", "known"]);
    table.rows.extend(checked.problems.iter().map(|problem| row(["sample", "", ""], problem, false)));
    table.rows.extend(checked.misfits.iter().map(|misfit| {
        row([misfit.scenario.word(), &misfit.unit_code, &misfit.unit_name], &misfit.problem, misfit.known)
    }));
    if format != Format::Table || !table.rows.is_empty() {
        let found = table.objects();
        table.print(format, Some(as_json(&name, &what, &checked, &found)))?;
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

fn row([scenario, unit, name]: [&str; 3], problem: &TemplateProblem, known: bool) -> Vec<String> {
    let place = (problem.line.to_string(), problem.column.to_string());
    let said =
        if scenario == "sample" { format!("{}: {}", problem.name, problem.message) } else { problem.message.clone() };
    let known = if known { "yes" } else { "" }.to_owned();
    vec![scenario.to_owned(), unit.to_owned(), name.to_owned(), place.0, place.1, said, problem.hint.clone(), known]
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

fn as_json(name: &str, what: &str, checked: &Checked, found: &Value) -> Value {
    json!({
        "template": name,
        "checked": what,
        "passes": checked.passes(),
        "letters": checked.letters,
        "units": checked.heads,
        "longest_subject": checked.longest_subject,
        "largest_html": checked.largest_html,
        "two_segments": checked.two_segments,
        "units_changed": checked.changed.iter().map(|(code, _)| code).collect::<Vec<_>>(),
        "fields_added": checked.added,
        "fields_removed": checked.removed,
        "found": found,
    })
}
