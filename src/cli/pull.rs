//! `dondoc pull`: takes in what was put into folders, reads the sources and shows what was taken and refused; decides
//! nothing, stores no figures.

use std::sync::Arc;

use chrono::NaiveDate;
use serde_json::{Value, json};

use super::exit::{Code, Failure};
use super::output::{self, Format, Table};
use crate::app::{App, AppError, today};
use crate::catalog::{self, Catalog};
use crate::observation::{self, Closing, Difference, Observations, Reconcile, Refusal, Stranger};
use crate::pass::{Examined, Gate, PassError};
use crate::source::{self, FetchError};

/// Refusals told one by one; the rest is counted.
const REFUSALS_SHOWN: usize = 20;

pub(super) async fn pull(
    app: App,
    as_of: Option<NaiveDate>,
    sample: Option<usize>,
    format: Format,
) -> Result<Code, Failure> {
    let refused = super::taken::take_in(&app).await;
    let now = app.clock.now();
    let as_of = as_of.unwrap_or_else(|| today(now));
    let settings = app.config.pass_settings();
    let gate = Gate::open(&app.db, &settings, as_of, now).await?;
    let closing = gate.closing.clone();
    let catalog = Arc::new(Catalog::of(&catalog::load(&app.db).await?, closing.until, today(now)));
    let read = match source::fetch_all(&settings.sources, closing.until, &app.tools()).await {
        Ok(sources) if sample.is_some() => {
            app.close().await;
            return super::mapped::print(&catalog, &sources, sample.unwrap_or_default(), format);
        }
        Ok(sources) => {
            let catalog = Arc::clone(&catalog);
            let reading = tokio::task::spawn_blocking(move || gate.examine(&catalog, &sources));
            reading.await.map_err(|panic| Failure::new(Code::Unexpected, panic.to_string()))?
        }
        Err(error) => Err(error),
    };
    let Examined { observations, released, .. } = match read {
        Ok(examined) => examined,
        Err(error @ FetchError::Unreadable { .. }) => return Err(Failure::new(Code::Held, error.to_string())),
        Err(error) => return Err(AppError::Pass(PassError::Fetch(error)).into()),
    };
    let mut notes = observation::notes(&catalog, &observations);
    notes.extend(observation::difference_alarms(&catalog, &observations.differences));
    app.close().await;
    table(&observations).print(format, Some(as_json(&observations, &closing)))?;
    note_closing(&closing);
    note_refusals(&observations.refusals);
    note_strangers(observations.strangers());
    for note in notes.into_iter().chain(observation::unattributed(observations.strangers())) {
        output::note(format!("note: {note}"));
    }
    for warning in &observations.warnings {
        output::note(format!("warning: {warning}"));
    }
    for (doubt, word) in &released {
        output::note(format!("let through: {}: {}; released by {word}", doubt.code, doubt.message));
    }
    for doubt in &observations.doubts {
        output::note(format!("would be held: {}: {}\n  remedy: {}", doubt.code, doubt.message, doubt.remedy));
    }
    Ok(if observations.doubts.is_empty() && !refused { Code::Done } else { Code::Held })
}

/// Up to which day figures count, where some do not count yet.
pub(super) fn note_closing(closing: &Closing) {
    if closing.provisional.is_empty() {
        return;
    }
    let months = closing.provisional.iter().map(|(month, closes)| format!("{month} (until {closes})"));
    output::note(format!(
        "figures count up to {}; provisional: {}",
        closing.until,
        months.collect::<Vec<_>>().join(", ")
    ));
}

/// The same for programs.
pub(super) fn provisional_json(closing: &Closing) -> Value {
    let months = closing.provisional.iter();
    months.map(|(month, closes)| json!({"month": month.to_string(), "closes_on": closes.to_string()})).collect()
}

fn table(observations: &Observations) -> Table {
    let mut table = Table::new(vec!["source", "rows", "refused", "units", "newest", "sha256"]);
    table.rows.extend(observations.snapshots.iter().map(|snapshot| {
        vec![
            snapshot.source.clone(),
            snapshot.rows.to_string(),
            snapshot.refused.to_string(),
            observations.units().to_string(),
            snapshot.newest.map(|month| month.to_string()).unwrap_or_default(),
            snapshot.sha256.chars().take(16).collect(),
        ]
    }));
    table
}

fn as_json(observations: &Observations, closing: &Closing) -> Value {
    let snapshots = observations.snapshots.iter().map(|snapshot| {
        json!({
            "id": snapshot.id.to_string(), "source": snapshot.source, "origin": snapshot.origin,
            "sha256": snapshot.sha256, "rows": snapshot.rows, "refused": snapshot.refused,
            "newest": snapshot.newest.map(|month| month.to_string()),
            "totals": snapshot.totals.iter().map(|(name, sum)| (name.clone(), (*sum).into())).collect::<serde_json::Map<_, _>>(),
        })
    });
    json!({
        "figures_until": closing.until.to_string(),
        "provisional": provisional_json(closing),
        "snapshots": snapshots.collect::<Vec<_>>(),
        "units": observations.units(),
        "refusals": observations.refusals.iter().map(refusal_json).collect::<Vec<_>>(),
        "differences": observations.differences.iter().map(difference_json).collect::<Vec<_>>(),
        "warnings": observations.warnings,
        "doubts": observations.doubts.iter().map(|doubt| json!({"code": doubt.code, "source": doubt.source, "message": doubt.message, "hint": doubt.remedy})).collect::<Vec<_>>(),
    })
}

/// Two counts that lie too far apart, for programs; without a unit it is the sum.
fn difference_json(difference: &Difference) -> Value {
    let Reconcile { first, second, measure, max_percent } = &difference.of;
    json!({
        "measure": measure, "sources": [first, second], "counts": [difference.first, difference.second],
        "max_difference_percent": max_percent, "unit": difference.unit.as_ref().map(ToString::to_string),
    })
}

/// A refusal for programs.
pub(super) fn refusal_json(refusal: &Refusal) -> Value {
    json!({
        "message": format!("{}: `{}`: {}", refusal.header, refusal.value, refusal.reason),
        "hint": refusal.remedy,
        "where": {"file": refusal.origin, "line": refusal.line, "column": refusal.column, "at": refusal.at},
    })
}

/// Refusals for people, the first ones word for word.
pub(super) fn note_refusals(refusals: &[Refusal]) {
    for refusal in refusals.iter().take(REFUSALS_SHOWN) {
        output::note(format!(
            "refused: {} ({}): `{}`: {}\n  remedy: {}",
            refusal.place(),
            refusal.header,
            refusal.value,
            refusal.reason,
            refusal.remedy
        ));
    }
    if refusals.len() > REFUSALS_SHOWN {
        output::note(format!("… and {} more; see `dondoc pull --format json`", refusals.len() - REFUSALS_SHOWN));
    }
}

/// Units that led nowhere, and where they are decided.
pub(super) fn note_strangers(strangers: &[Stranger]) {
    if !strangers.is_empty() {
        let rows: u64 = strangers.iter().map(|stranger| stranger.rows).sum();
        output::note(format!(
            "{} spelling(s) of units in {rows} row(s) lead to no unit\n  remedy: `dondoc catalog unresolved` after a round \
             lists them, `dondoc catalog resolve` decides",
            strangers.len()
        ));
    }
}
