//! Rounds for a list: all of them, those that were held or never ended among them.

use chrono::{DateTime, Utc};
use sqlx::{FromRow, Row as _};

use super::Counts;
use crate::clock::from_millis;
use crate::db::{Db, DbError, Sql};
use crate::read;

const RAN: Sql = Sql::portable(
    "SELECT id, as_of, figures_until, state, started_at, finished_at, assessed, below, not_assessed, reminded FROM run \
     WHERE CAST($1 AS TEXT) IS NULL OR id = $1 ORDER BY started_at DESC, id LIMIT $2 OFFSET $3",
);

const COUNT: Sql = Sql::portable("SELECT count(*) FROM run");

/// Every statement of this file.
pub(super) const STATEMENTS: &[Sql] = &[RAN, COUNT];

/// A round as a line of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ran {
    /// Its id.
    pub run_id: String,
    /// As of when it judged, ISO.
    pub as_of: String,
    /// The last day of its figures, ISO.
    pub until: Option<String>,
    /// `running`, `held` or `done`.
    pub state: String,
    /// When it began.
    pub started_at: DateTime<Utc>,
    /// When it ended.
    pub finished_at: Option<DateTime<Utc>>,
    /// Units by judgement.
    pub counts: Counts,
    /// Units reminded.
    pub reminded: u64,
}

#[derive(FromRow)]
struct RanRow {
    id: String,
    as_of: String,
    figures_until: Option<String>,
    state: String,
    started_at: i64,
    finished_at: Option<i64>,
    assessed: i64,
    below: i64,
    not_assessed: i64,
    reminded: i64,
}

impl From<RanRow> for Ran {
    fn from(row: RanRow) -> Self {
        let number = |count: i64| u64::try_from(count).unwrap_or(0);
        Self {
            run_id: row.id,
            as_of: row.as_of,
            until: row.figures_until,
            state: row.state,
            started_at: from_millis(row.started_at),
            finished_at: row.finished_at.map(from_millis),
            counts: Counts {
                assessed: number(row.assessed),
                below: number(row.below),
                not_assessed: number(row.not_assessed),
            },
            reminded: number(row.reminded),
        }
    }
}

/// At most `limit` rounds after the first `offset`, newest first, and how many there are.
///
/// # Errors
/// The engine's.
pub async fn ran(db: &Db, (limit, offset): (i64, i64)) -> Result<(Vec<Ran>, u64), DbError> {
    let rows: Vec<RanRow> = read!(db, RAN, |sql, pool| {
        sqlx::query_as(sql).bind(None::<&str>).bind(limit).bind(offset).fetch_all(pool).await?
    });
    let count: i64 = read!(db, COUNT, |sql, pool| sqlx::query(sql).fetch_one(pool).await?.try_get(0)?);
    Ok((rows.into_iter().map(Ran::from).collect(), u64::try_from(count).unwrap_or(0)))
}

/// The round with this id.
///
/// # Errors
/// The engine's.
pub async fn ran_as(db: &Db, run_id: &str) -> Result<Option<Ran>, DbError> {
    let row: Option<RanRow> = read!(db, RAN, |sql, pool| {
        sqlx::query_as(sql).bind(Some(run_id)).bind(1_i64).bind(0_i64).fetch_optional(pool).await?
    });
    Ok(row.map(Ran::from))
}
