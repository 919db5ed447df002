//! The quality gate: what about a table makes it too doubtful to remind anybody by it.

use chrono::{Days, NaiveDate};

use super::{Asked, Doubt, Refusal, Snapshot};
use crate::source::Settings;

/// How many places a doubt names.
const NAMED: usize = 5;

/// Two rows about the same month, unit and service that say different things.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Conflict {
    /// Where the first stands, for people.
    pub(super) first: String,
    /// Where the second stands.
    pub(super) second: String,
}

/// The doubts about one table. `refusals` are those of this table that were kept.
pub(super) fn doubts(
    settings: &Settings,
    snapshot: &Snapshot,
    refusals: &[Refusal],
    conflicts: &[Conflict],
    asked: &Asked,
) -> Vec<Doubt> {
    let found = [
        refused_rows(snapshot, refusals, asked),
        empty(snapshot, asked.until),
        stale(settings, snapshot, asked.as_of),
        conflicting_rows(snapshot, conflicts),
    ];
    found.into_iter().flatten().collect()
}

fn refused_rows(snapshot: &Snapshot, refusals: &[Refusal], asked: &Asked) -> Option<Doubt> {
    let considered = snapshot.considered();
    if snapshot.refused * 100 <= asked.max_refused_percent.saturating_mul(considered) {
        return None;
    }
    let share = u128::from(snapshot.refused) * 10_000 / u128::from(considered.max(1));
    let named = refusals.iter().take(NAMED).map(Refusal::place_within);
    let places: Vec<String> = named.collect();
    // Places in a reply have commas of their own.
    let between = if refusals.iter().any(|refusal| refusal.at.is_some()) { "; " } else { ", " };
    Some(Doubt {
        code: "refused_rows",
        source: snapshot.source.clone(),
        message: format!(
            "source `{}`: {} of {considered} rows were refused ({}.{:02} %, at most {} % may be); \
             the first stand in {} at {}",
            snapshot.source,
            snapshot.refused,
            share / 100,
            share % 100,
            asked.max_refused_percent,
            snapshot.origin,
            if places.is_empty() { "places not kept".to_owned() } else { places.join(between) },
        ),
        remedy: "correct these cells in the source, or its [source.columns], and pull again".to_owned(),
    })
}

fn empty(snapshot: &Snapshot, until: NaiveDate) -> Option<Doubt> {
    if snapshot.newest.is_some() {
        return None;
    }
    Some(Doubt {
        code: "empty",
        source: snapshot.source.clone(),
        message: format!(
            "source `{}`: {} has no good row from 1 January to {until} ({} data rows, {} refused, {} of other periods)",
            snapshot.source, snapshot.origin, snapshot.rows, snapshot.refused, snapshot.skipped,
        ),
        remedy: "export the figures of this year again and check the period column".to_owned(),
    })
}

fn stale(settings: &Settings, snapshot: &Snapshot, as_of: NaiveDate) -> Option<Doubt> {
    let newest = snapshot.newest?;
    let fresh_until = newest.last_day().checked_add_days(Days::new(u64::from(settings.fresh_for_days)))?;
    if as_of <= fresh_until {
        return None;
    }
    Some(Doubt {
        code: "stale",
        source: snapshot.source.clone(),
        message: format!(
            "source `{}`: the newest month is {newest}, which ended {} days before {as_of}; at most {} are allowed",
            snapshot.source,
            (as_of - newest.last_day()).num_days(),
            settings.fresh_for_days,
        ),
        remedy: "export newer figures, or raise `fresh_for` of the source".to_owned(),
    })
}

fn conflicting_rows(snapshot: &Snapshot, conflicts: &[Conflict]) -> Option<Doubt> {
    if conflicts.is_empty() {
        return None;
    }
    let named = conflicts.iter().take(NAMED);
    let places: Vec<String> = named.map(|Conflict { first, second }| format!("{first} and {second}")).collect();
    let more = conflicts.len().saturating_sub(NAMED);
    let more = if more == 0 { String::new() } else { format!(", and {more} more") };
    Some(Doubt {
        code: "conflicting_rows",
        source: snapshot.source.clone(),
        message: format!(
            "source `{}`: rows about the same period, unit and service differ: {}{more}",
            snapshot.source,
            places.join(", "),
        ),
        remedy: "delete the wrong row of each pair in the source".to_owned(),
    })
}
