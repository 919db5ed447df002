//! What was last accepted of each source: what the next pull is compared with.
//!
//! One row per source and last day of its figures, all units in it as one text. A round that waits for a second person
//! is not accepted yet: its row waits too, and the person's word confirms it.

use std::collections::BTreeMap;

use chrono::{Datelike as _, Days, NaiveDate};
use serde::{Deserialize, Serialize};
use sqlx::Row as _;

use super::figures::UnitSums;
use super::{Month, Observations};
use crate::catalog::{Measure, UnitId};
use crate::db::{Cell, Db, DbError, Sql, Work, insert_rows};
use crate::{on, read};

/// Rows are kept so many days: a year's figures are never compared with those of another year.
const KEPT: Days = Days::new(400);

pub(super) const PUT: Sql = Sql::portable(
    "INSERT INTO accepted (source, as_of, waiting, run_id, snapshot_id, rows_counted, units, totals, figures) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (source, as_of, waiting) DO UPDATE SET \
     run_id = excluded.run_id, snapshot_id = excluded.snapshot_id, rows_counted = excluded.rows_counted, \
     units = excluded.units, totals = excluded.totals, figures = excluded.figures",
);

pub(super) const LAST: Sql = Sql::portable(
    "SELECT as_of, run_id, rows_counted, figures FROM accepted WHERE source = $1 AND as_of <= $2 AND as_of >= $3 \
     AND NOT waiting ORDER BY as_of DESC LIMIT 1",
);

pub(super) const TOO_OLD: Sql = Sql::portable("DELETE FROM accepted WHERE as_of < $1");

/// What waited for a second person when a round was let through without one.
pub(super) const FORGOTTEN: Sql = Sql::portable("DELETE FROM accepted WHERE waiting AND run_id <> $1");

/// What the confirmed rows replace.
pub(super) const REPLACED: Sql = Sql::portable(
    "DELETE FROM accepted WHERE NOT waiting AND EXISTS (SELECT 1 FROM accepted AS next \
     WHERE next.source = accepted.source AND next.as_of = accepted.as_of AND next.waiting)",
);

pub(super) const CONFIRM: Sql = Sql::portable("UPDATE accepted SET waiting = $1 WHERE waiting");

/// The figures of one source that a round was let through with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    /// Name of the source.
    pub source: String,
    /// The last day of its figures.
    pub as_of: NaiveDate,
    /// The round.
    pub run_id: String,
    /// Data rows that were counted or refused.
    pub rows: u64,
    /// The first month that had any.
    pub(super) first: Option<Month>,
    /// What was counted, in the order of the sums.
    pub(super) measures: Vec<Measure>,
    pub(super) units: UnitSums,
}

#[derive(Debug, Serialize, Deserialize)]
struct Stored {
    first: Option<String>,
    measures: Vec<String>,
    units: BTreeMap<String, Vec<Option<u64>>>,
}

impl Accepted {
    /// A unit's sum of `measure`, if it had one.
    pub(super) fn sum(&self, unit: &UnitId, measure: &Measure) -> Option<u64> {
        let number = self.measures.iter().position(|known| known == measure)?;
        self.units.get(unit)?.get(number).copied().flatten()
    }
}

/// What was last accepted of `sources` in the year of `until`, up to that day; a source that was never accepted is
/// absent.
///
/// # Errors
/// The engine's, or an impossible row.
pub async fn accepted<'s>(
    db: &Db,
    sources: impl IntoIterator<Item = &'s str>,
    until: NaiveDate,
) -> Result<Vec<Accepted>, DbError> {
    let impossible = |column, value: &str| DbError::Impossible {
        table: "accepted",
        column,
        value: value.chars().take(200).collect(),
    };
    let first = until.with_ordinal(1).unwrap_or(until).to_string();
    let mut found = Vec::new();
    for source in sources {
        let row: Option<(String, String, i64, String)> = read!(db, LAST, |sql, pool| {
            let query = sqlx::query(sql).bind(source).bind(until.to_string()).bind(&first);
            match query.fetch_optional(pool).await? {
                Some(row) => Some((row.try_get(0)?, row.try_get(1)?, row.try_get(2)?, row.try_get(3)?)),
                None => None,
            }
        });
        let Some((as_of, run_id, rows, figures)) = row else { continue };
        let stored: Stored = serde_json::from_str(&figures).map_err(|_| impossible("figures", &figures))?;
        found.push(Accepted {
            source: source.to_owned(),
            as_of: as_of.parse().map_err(|_| impossible("as_of", &as_of))?,
            run_id,
            rows: u64::try_from(rows).unwrap_or_default(),
            first: stored.first.and_then(|month| month.parse().ok()),
            measures: stored.measures.iter().map(|name| Measure::new(name)).collect(),
            units: stored.units.into_iter().map(|(unit, sums)| (UnitId::new(&unit), sums)).collect(),
        });
    }
    Ok(found)
}

/// Stores what round `run_id` was let through with: `waiting` until a second person confirms it, or at once. A unit
/// that was set aside, or of which a row was refused, keeps the figures of `before`.
///
/// # Errors
/// When the database refuses.
pub async fn accept(
    work: &mut Work,
    run_id: &str,
    observations: &Observations,
    before: &[Accepted],
    (until, waiting): (NaiveDate, bool),
) -> Result<(), DbError> {
    let stored = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
    let rows = observations.snapshots.iter().zip(&observations.shares).map(|(snapshot, share)| {
        let before = before.iter().find(|before| before.source == snapshot.source);
        let figures = figures(observations, share, before);
        let totals: serde_json::Map<String, serde_json::Value> =
            snapshot.totals.iter().map(|(measure, sum)| (measure.clone(), (*sum).into())).collect();
        [
            snapshot.source.as_str().into(),
            until.to_string().into(),
            Cell::Flag(waiting),
            run_id.into(),
            snapshot.id.to_string().into(),
            stored(snapshot.considered()).into(),
            stored(u64::try_from(figures.units.len()).unwrap_or(u64::MAX)).into(),
            serde_json::Value::Object(totals).to_string().into(),
            // Numbers and names only: there is nothing in it that JSON could not say.
            serde_json::to_string(&figures).unwrap_or_default().into(),
        ]
    });
    insert_rows(work, PUT, rows).await?;
    let oldest = until.checked_sub_days(KEPT).unwrap_or(until).to_string();
    on!(work, TOO_OLD, |sql, conn| sqlx::query(sql).bind(oldest).execute(conn).await?.rows_affected());
    if !waiting {
        on!(work, FORGOTTEN, |sql, conn| sqlx::query(sql).bind(run_id).execute(conn).await?.rows_affected());
    }
    Ok(())
}

fn figures(observations: &Observations, share: &UnitSums, before: Option<&Accepted>) -> Stored {
    let mut units: BTreeMap<String, Vec<Option<u64>>> =
        share.iter().map(|(unit, sums)| (unit.as_str().to_owned(), sums.clone())).collect();
    if let Some(before) = before {
        for unit in before.units.keys().filter(|unit| observations.is_incomplete(unit)) {
            let sums = observations.measures.iter().map(|measure| before.sum(unit, measure));
            units.entry(unit.as_str().to_owned()).or_insert_with(|| sums.collect());
        }
    }
    Stored {
        first: observations.first_month().map(|month| month.to_string()),
        measures: observations.measures.iter().map(|measure| measure.as_str().to_owned()).collect(),
        units,
    }
}

/// A second person let the waiting round go: its figures are accepted.
///
/// # Errors
/// When the database refuses.
pub async fn confirm(work: &mut Work) -> Result<(), DbError> {
    on!(work, REPLACED, |sql, conn| sqlx::query(sql).execute(conn).await?.rows_affected());
    on!(work, CONFIRM, |sql, conn| sqlx::query(sql).bind(false).execute(conn).await?.rows_affected());
    Ok(())
}
