//! `dondoc report --effect`: what changed after reminders, beside units that were not reminded.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike as _, Days};
use serde_json::{Value, json};

use super::exit::{Code, Failure};
use super::output::{self, Format, Table};
use crate::app::{App, today};
use crate::catalog::{self, Catalog};
use crate::evaluation::{self, Judged};
use crate::pass::{self, DoneRound};
use crate::report::{EffectLine, Effects, NO_PROOF, Passage, Side, TOO_FEW, Told, decimal};

/// Who was reminded up to so many days before a round does not count as not reminded.
const MEMORY: Days = Days::new(30);

pub(super) async fn effect(app: App, format: Format) -> Result<Code, Failure> {
    let pack = catalog::load(&app.db).await?;
    let today = today(app.clock.now());
    let rounds = pass::done_rounds(&app.db).await?;
    let mut told: BTreeMap<&str, BTreeSet<Told>> = BTreeMap::new();
    for round in rounds.iter().filter(|round| round.reminded > 0) {
        let view = Catalog::of(&pack, round.until, today);
        told.insert(&round.run_id, pass::told(&app.db, &view, &round.run_id).await?);
    }
    let mut effects = Effects::default();
    for (at, round) in rounds.iter().enumerate() {
        let Some(reminded) = told.get(round.run_id.as_str()) else { continue };
        let before = evaluation::judged(&app.db, &round.run_id).await?;
        let later = rounds.get(at + 1..).unwrap_or_default();
        let Some((next, after)) = following(&app, later, round, &before).await? else { continue };
        let unclear = told_nearby(&rounds, &told, round, next);
        let view = Catalog::of(&pack, round.until, today);
        effects.add(&view, &Passage { before: &before, after: &after, reminded, unclear: &unclear });
    }
    app.close().await;
    let newest = rounds.last().map_or(today, |round| round.until);
    print(&effects.lines(&Catalog::of(&pack, newest, today)), format)
}

/// The next round with other figures of the same year, later by as many days as digests compare over. The same file judged
/// again says nothing of what came after a reminder.
async fn following<'r>(
    app: &App,
    later: &'r [DoneRound],
    round: &DoneRound,
    before: &[Judged],
) -> Result<Option<(&'r DoneRound, Vec<Judged>)>, Failure> {
    let days = Days::new(app.config.digest.compare_days);
    let fits = |next: &&DoneRound| {
        next.until > round.until && next.until.year() == round.until.year() && next.as_of >= round.as_of + days
    };
    for next in later.iter().filter(fits) {
        let after = evaluation::judged(&app.db, &next.run_id).await?;
        if after != before {
            return Ok(Some((next, after)));
        }
    }
    Ok(None)
}

/// Whom other rounds reminded shortly before `round`, or from then until `next`.
fn told_nearby(
    rounds: &[DoneRound],
    told: &BTreeMap<&str, BTreeSet<Told>>,
    round: &DoneRound,
    next: &DoneRound,
) -> BTreeSet<Told> {
    let near = |other: &&DoneRound| {
        other.run_id != round.run_id && other.as_of + MEMORY >= round.as_of && other.as_of < next.as_of
    };
    let told = rounds.iter().filter(near).filter_map(|other| told.get(other.run_id.as_str()));
    told.flatten().cloned().collect()
}

fn print(lines: &[EffectLine], format: Format) -> Result<Code, Failure> {
    if lines.is_empty() {
        output::note("no round that reminded somebody is followed by one with later figures of the same year");
    }
    let whole = json!({"note": NO_PROOF, "lines": lines.iter().map(as_json).collect::<Vec<_>>()});
    table(lines).print(format, Some(whole))?;
    match format {
        Format::Table => output::line(format!("\n{NO_PROOF}"))?,
        Format::Csv => output::note(NO_PROOF),
        Format::Json => {}
    }
    Ok(Code::Done)
}

fn table(lines: &[EffectLine]) -> Table {
    let mut table = Table::new(vec![
        "indicator",
        "level",
        "group",
        "units",
        "steps",
        "start_median",
        "change_median",
        "change_lower",
        "change_upper",
        "note",
    ]);
    for line in lines {
        let note = if line.is_comparable() { "" } else { TOO_FEW };
        for (group, side) in [("reminded", &line.reminded), ("not_reminded", &line.others)] {
            let spread = side.spread.filter(|_| line.is_comparable());
            let numbers = spread.map(|spread| {
                let changes = [spread.median, spread.lower, spread.upper].map(|change| change.decimal('.'));
                [decimal(spread.start.rounded(), '.')].into_iter().chain(changes).collect()
            });
            let mut row = vec![line.indicator.to_string(), line.level.word().to_owned(), group.to_owned()];
            row.extend([side.units.to_string(), side.steps.to_string()]);
            row.extend(numbers.unwrap_or_else(|| vec![String::new(); 4]));
            row.push(note.to_owned());
            table.rows.push(row);
        }
    }
    table
}

fn as_json(line: &EffectLine) -> Value {
    let side = |side: &Side| {
        let spread = side.spread.filter(|_| line.is_comparable()).map(|spread| {
            json!({
                "start_median": decimal(spread.start.rounded(), '.'),
                "change_median": spread.median.decimal('.'),
                "change_lower": spread.lower.decimal('.'),
                "change_upper": spread.upper.decimal('.'),
            })
        });
        json!({"units": side.units, "steps": side.steps, "spread": spread})
    };
    json!({
        "indicator": line.indicator.as_str(), "level": line.level.word(), "comparable": line.is_comparable(),
        "reminded": side(&line.reminded), "not_reminded": side(&line.others),
        "note": if line.is_comparable() { "" } else { TOO_FEW },
    })
}
