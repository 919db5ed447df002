//! What a round read of each source, as it was stored: what the pages say about the quality of the figures.

use chrono::{DateTime, Utc};
use sqlx::FromRow;

use super::Month;
use crate::clock::from_millis;
use crate::db::{Db, DbError, Sql};
use crate::read;

pub(super) const OF_ROUND: Sql = Sql::portable(
    "SELECT snapshot.source, snapshot.pulled_at, snapshot.newest_period, snapshot.rows_read, snapshot.rows_refused, \
     (SELECT max(units) FROM accepted WHERE accepted.run_id = snapshot.run_id AND accepted.source = snapshot.source) \
     AS units FROM snapshot WHERE snapshot.run_id = $1 ORDER BY snapshot.source, snapshot.id",
);

/// One source in one round.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pull {
    /// Name of the source.
    pub source: String,
    /// When it was read.
    pub pulled_at: DateTime<Utc>,
    /// The newest month with an accepted row.
    pub newest: Option<Month>,
    /// Data rows read.
    pub rows: u64,
    /// Of these, refused.
    pub refused: u64,
    /// Units that had figures; unknown of a round whose figures a later one has replaced.
    pub units: Option<u64>,
}

#[derive(FromRow)]
struct Row {
    source: String,
    pulled_at: i64,
    newest_period: Option<String>,
    rows_read: i64,
    rows_refused: i64,
    units: Option<i64>,
}

/// What round `run_id` read, by source.
///
/// # Errors
/// The engine's.
pub async fn pulls(db: &Db, run_id: &str) -> Result<Vec<Pull>, DbError> {
    let rows: Vec<Row> = read!(db, OF_ROUND, |sql, pool| sqlx::query_as(sql).bind(run_id).fetch_all(pool).await?);
    let count = |number: i64| u64::try_from(number).unwrap_or(0);
    let pull = |row: Row| Pull {
        source: row.source,
        pulled_at: from_millis(row.pulled_at),
        newest: row.newest_period.and_then(|month| month.parse().ok()),
        rows: count(row.rows_read),
        refused: count(row.rows_refused),
        units: row.units.map(count),
    };
    Ok(rows.into_iter().map(pull).collect())
}
