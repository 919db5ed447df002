//! What a round counted per unit and service, kept so that a figure can be taken apart afterwards.

use chrono::{DateTime, Months, Utc};
use serde::{Deserialize, Serialize};
use sqlx::Row as _;

use super::Observations;
use crate::catalog::{Measure, UnitId};
use crate::db::{Db, DbError, Sql, Work, insert_rows};
use crate::{on, read};

const INSERT: Sql = Sql::portable(
    "INSERT INTO unit_figures (run_id, unit_id, figures) VALUES ($1, $2, $3) \
     ON CONFLICT (run_id, unit_id) DO UPDATE SET figures = excluded.figures",
);

/// Counts per service are kept so long. Judgements, cases and what was sent do not need them.
const KEPT: Months = Months::new(24);
/// Rounds that are forgotten at once: every round adds one, so this catches up, and no round waits for it.
const FORGOTTEN_AT_ONCE: i64 = 3;

/// What a source was last accepted with stays, however old it is.
const TOO_OLD: Sql = Sql::portable(
    "DELETE FROM unit_figures WHERE run_id IN (SELECT snapshot.run_id FROM snapshot WHERE snapshot.pulled_at < $1 \
     AND NOT EXISTS (SELECT 1 FROM accepted WHERE accepted.run_id = snapshot.run_id) \
     AND EXISTS (SELECT 1 FROM unit_figures AS old WHERE old.run_id = snapshot.run_id) \
     GROUP BY snapshot.run_id ORDER BY MIN(snapshot.pulled_at), snapshot.run_id LIMIT $2)",
);

const READ: Sql = Sql::portable("SELECT figures FROM unit_figures WHERE run_id = $1 AND unit_id = $2");

/// The statements of this file.
pub(super) const STATEMENTS: [Sql; 3] = [INSERT, READ, TOO_OLD];

/// The counts of one unit by service, as a round found them.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ServiceFigures {
    measures: Vec<String>,
    /// Code → one count per measure; `None` is "not reported".
    services: Vec<(String, Vec<Option<u64>>)>,
}

impl ServiceFigures {
    fn of(observations: &Observations, unit: &UnitId) -> Option<Self> {
        let width = observations.measures.len();
        let counted = observations.of(unit)?.services().filter_map(|(code, counts)| {
            let counts: Vec<Option<u64>> = (0..width).map(|measure| counts.get(measure)).collect();
            counts.iter().any(Option::is_some).then(|| (code.to_string(), counts))
        });
        let measures = observations.measures.iter().map(|measure| measure.as_str().to_owned()).collect();
        Some(Self { measures, services: counted.collect() })
    }

    /// Every service with the sum of `parts`; a service that did not report one of them has none.
    pub fn sums<'a>(&'a self, parts: &[&Measure]) -> impl Iterator<Item = (&'a str, Option<u64>)> + use<'a> {
        let places: Vec<Option<usize>> =
            parts.iter().map(|part| self.measures.iter().position(|known| known == part.as_str())).collect();
        self.services.iter().map(move |(code, counts)| {
            let sum = places
                .iter()
                .try_fold(0_u64, |sum, place| Some(sum.saturating_add(counts.get((*place)?).copied().flatten()?)));
            (code.as_str(), sum)
        })
    }
}

/// Stores the figures of `units`. Storing them again replaces them.
///
/// # Errors
/// The engine's.
pub async fn record_by_service<'u>(
    work: &mut Work,
    run_id: &str,
    observations: &Observations,
    units: impl IntoIterator<Item = &'u UnitId>,
) -> Result<(), DbError> {
    let rows = units.into_iter().filter_map(|unit| {
        let figures = ServiceFigures::of(observations, unit)?;
        // Numbers and words only: there is nothing in it that JSON could not say.
        let figures = serde_json::to_string(&figures).unwrap_or_default();
        Some([run_id.into(), unit.as_str().into(), figures.into()])
    });
    insert_rows(work, INSERT, rows).await?;
    Ok(())
}

/// Forgets the counts per service of a few rounds that were pulled more than 24 months before `now`, the oldest first.
/// Gives how many rows went.
///
/// # Errors
/// The engine's.
pub async fn forget_by_service(work: &mut Work, now: DateTime<Utc>) -> Result<u64, DbError> {
    let oldest = now.checked_sub_months(KEPT).unwrap_or(DateTime::UNIX_EPOCH).timestamp_millis();
    Ok(on!(work, TOO_OLD, |sql, conn| {
        sqlx::query(sql).bind(oldest).bind(FORGOTTEN_AT_ONCE).execute(conn).await?.rows_affected()
    }))
}

/// What round `run_id` counted for `unit`, service by service; `None` when it had no row.
///
/// # Errors
/// The engine's, or an impossible row.
pub async fn by_service(db: &Db, run_id: &str, unit: &UnitId) -> Result<Option<ServiceFigures>, DbError> {
    let row: Option<String> = read!(db, READ, |sql, pool| {
        let row = sqlx::query(sql).bind(run_id).bind(unit.as_str()).fetch_optional(pool).await?;
        row.map(|row| row.try_get(0)).transpose()?
    });
    let Some(figures) = row else { return Ok(None) };
    serde_json::from_str(&figures).map(Some).map_err(|_| DbError::Impossible {
        table: "unit_figures",
        column: "figures",
        value: figures.chars().take(200).collect(),
    })
}
