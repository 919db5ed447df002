//! Where figures come from: what each source gives, read now, and whether it is whole and right.

use askama::Template;

use super::super::catalogue::{Told, Tongue};
use super::super::held::doubt_words;
use super::super::page::{Failure, Frame};
use super::super::words;
use super::{Seen, Shell};
use crate::app::{Look, LookError, today};
use crate::observation::{Doubt, Refusal};
use crate::people::Step;
use crate::source::{Place, Settings};

/// Rows that are shown of each source.
const ROWS: usize = 5;
/// Refusals that are shown.
const REFUSALS: usize = 5;

#[derive(Template)]
#[template(path = "wizard_source.html")]
pub(super) struct SourceStep {
    frame: Frame,
    shell: Shell,
    sources: Vec<(String, &'static str)>,
    /// Whether it was asked to read them now.
    looked: bool,
    /// Why they could not be read.
    failed: Option<String>,
    /// Header and first rows.
    rows: Vec<[String; 5]>,
    newest: Option<String>,
    counted: Option<Counted>,
}

/// What was counted.
#[derive(Debug)]
struct Counted {
    rows: String,
    refused: String,
    units: String,
    strangers: usize,
    refusals: Vec<Told>,
    /// What would hold a round: what it says, what mends it, and with figures and places, as the log says it.
    doubts: Vec<(&'static str, &'static str, String)>,
    /// Whether the newest figures are of another year than today's.
    is_old: bool,
}

pub(super) async fn page(seen: &Seen<'_>) -> Result<SourceStep, Failure> {
    let config = &seen.app.config;
    let sources = config.sources.iter().map(|source| (source.name.clone(), kind(source))).collect();
    let mut step = SourceStep {
        frame: seen.frame(Step::Source),
        shell: seen.shell(Step::Source),
        sources,
        looked: seen.form.text("doc") == "1",
        failed: None,
        rows: Vec::new(),
        newest: None,
        counted: None,
    };
    if step.looked {
        match seen.app.look_at_figures().await {
            Ok(look) => fill(&mut step, &look, seen),
            Err(LookError::Db(error)) => return Err(error.into()),
            Err(error) => step.failed = Some(error.to_string()),
        }
    }
    Ok(step)
}

fn doubt(seen: &Seen<'_>, found: &Doubt) -> (&'static str, &'static str, String) {
    let [words, remedy] = doubt_words(found.code);
    (seen.t().say(words), seen.t().say(remedy), format!("{} → {}", found.message, found.remedy))
}

/// What kind of source it is: a key of the catalogue.
const fn kind(source: &Settings) -> &'static str {
    match source.place {
        Place::Csv { .. } => "wizard.source_csv",
        Place::Sheet { .. } => "wizard.source_sheet",
        Place::HttpJson(_) => "wizard.source_http",
        Place::Sql(_) => "wizard.source_sql",
        Place::Dossiers(_) => "wizard.source_dossiers",
        Place::Dropped(_) => "wizard.source_dropped",
    }
}

/// Which cell was refused, and why.
fn refusal(t: Tongue, refused: &Refusal) -> Told {
    let place = match &refused.at {
        Some(at) => {
            format!("{}, {}", refused.origin, at.split(", ").map(|part| place(t, part)).collect::<Vec<_>>().join(", "))
        }
        None => refused.place(),
    };
    let Refusal { header, value, .. } = refused;
    let reason = t.retold(&refused.reason);
    let text = if refused.is_shown() {
        format!("{place}: {header} `{value}`: {}", reason.text)
    } else {
        format!("{place}: {header}: {}", reason.text)
    };
    Told { text, ..reason }
}

/// A part of a place as sources tell it: `cell C7`, `row 20`.
fn place(t: Tongue, part: &str) -> String {
    let known = [
        ("sheet", "wizard.at_sheet"),
        ("cell", "wizard.at_cell"),
        ("row", "wizard.at_row"),
        ("line", "wizard.at_line"),
        ("item", "wizard.at_item"),
        ("page", "wizard.at_page"),
    ];
    let told = part.split_once(' ').and_then(|(word, rest)| {
        let (_, key) = known.iter().find(|(known, _)| *known == word)?;
        Some(t.with(key, rest))
    });
    told.unwrap_or_else(|| part.to_owned())
}

fn fill(step: &mut SourceStep, look: &Look, seen: &Seen<'_>) {
    match look.first_rows(ROWS) {
        Ok(rows) => step.rows = rows,
        Err(error) => step.failed = Some(error.to_string()),
    }
    step.newest = look.newest.map(|day| day.format("%d/%m/%Y").to_string());
    let Some(observations) = &look.observations else { return };
    let rows: u64 = observations.snapshots.iter().map(|snapshot| snapshot.rows).sum();
    step.counted = Some(Counted {
        rows: words::grouped(rows),
        refused: words::count(observations.refusals.len()),
        units: words::count(observations.units()),
        strangers: observations.strangers().len(),
        refusals: observations.refusals.iter().take(REFUSALS).map(|refused| refusal(seen.t(), refused)).collect(),
        doubts: observations.doubts.iter().map(|found| doubt(seen, found)).collect(),
        is_old: look.newest.is_some_and(|day| {
            use chrono::Datelike as _;
            day.year() != today(seen.app.clock.now()).year()
        }),
    });
}
