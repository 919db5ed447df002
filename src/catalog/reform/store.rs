//! What was recorded of reforms, and taking one back within a day.

use chrono::{DateTime, NaiveDate, Utc};
use sha2::{Digest as _, Sha256};
use sqlx::FromRow;
use uuid::Uuid;

use super::kept::KeptPlan;
use super::{Reform, ReformError, ReformKind, ReformPlan};
use crate::catalog::directory::KEPT_FOR;
use crate::catalog::store::impossible;
use crate::clock::from_millis;
use crate::db::{Db, DbError, Sql, Work};
use crate::{on, read};

const NOTE: Sql = Sql::portable(
    "INSERT INTO unit_reform (id, kind, happened_on, basis, told, state, edits, written_at, written_by) \
     VALUES ($1, $2, $3, $4, $5, 'written', $6, $7, $8)",
);
const LIST: Sql = Sql::portable(
    "SELECT id, kind, happened_on, basis, told, state, edits <> '' AS kept, written_at, written_by FROM unit_reform \
     ORDER BY written_at DESC, id LIMIT $1",
);
const EDITS: Sql =
    Sql::portable("SELECT edits, written_at, happened_on FROM unit_reform WHERE id = $1 AND state = 'written'");
const UNDONE: Sql = Sql::portable(
    "UPDATE unit_reform SET state = 'undone', edits = '', undone_at = $2, undone_by = $3 \
     WHERE id = $1 AND state = 'written'",
);
const FORGET: Sql = Sql::portable("UPDATE unit_reform SET edits = '' WHERE edits <> '' AND written_at < $1");

/// Every statement of this file.
pub(super) const STATEMENTS: &[Sql] = &[NOTE, LIST, EDITS, UNDONE, FORGET];

/// A reform as a line of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// Its id.
    pub id: String,
    /// What happened.
    pub kind: ReformKind,
    /// From which day on.
    pub day: NaiveDate,
    /// The document that it rests on.
    pub basis: String,
    /// The units, in a few words.
    pub told: String,
    /// When it was written.
    pub at: DateTime<Utc>,
    /// By whom, as the audit log names him.
    pub by: String,
    /// Whether it was taken back.
    pub undone: bool,
    /// Whether what it changed is still kept.
    kept: bool,
}

impl Recorded {
    /// Until when it can be taken back; `None`: it cannot.
    pub fn undoable_until(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        Some(self.at + KEPT_FOR).filter(|until| self.kept && !self.undone && *until >= now)
    }
}

/// Why a reform was not taken back.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum UndoError {
    /// It was never written, or taken back already.
    #[error("there is no such record\n  remedy: look at the list of what was recorded")]
    NotThere,
    /// It was written too long ago.
    #[error(
        "what was recorded can be taken back for 24 hours; this is older\n  remedy: record the opposite from a day on"
    )]
    TooLate,
    /// Something was changed since that stands in its way.
    #[error(transparent)]
    Reform(#[from] ReformError),
    /// Units were judged by it since.
    #[error(
        "a round judged units by it on {0}, and messages may rest on that\n  remedy: record the opposite from a day on"
    )]
    Judged(NaiveDate),
    /// The database's.
    #[error(transparent)]
    Db(#[from] DbError),
}

#[derive(FromRow)]
struct Row {
    id: String,
    kind: String,
    happened_on: String,
    basis: String,
    told: String,
    state: String,
    kept: bool,
    written_at: i64,
    written_by: String,
}

/// Notes what was written. Returns its id.
///
/// # Errors
/// The engine's.
pub async fn note(
    work: &mut Work,
    (reform, plan, told): (&Reform, &ReformPlan, &str),
    by: &str,
    now: DateTime<Utc>,
) -> Result<String, DbError> {
    let edits = serde_json::to_string(&KeptPlan::of(plan))
        .map_err(|error| impossible("unit_reform", "edits", &error.to_string()))?;
    let seed = Sha256::digest(format!("{by}\0{}\0{edits}", now.timestamp_millis()));
    let id = Uuid::new_v5(&Uuid::NAMESPACE_OID, &seed).simple().to_string();
    on!(work, NOTE, |sql, conn| {
        let query = sqlx::query(sql).bind(&id).bind(reform.kind.word()).bind(reform.day.to_string());
        let query = query.bind(&reform.basis).bind(told).bind(&edits).bind(now.timestamp_millis()).bind(by);
        query.execute(conn).await?.rows_affected()
    });
    Ok(id)
}

/// What was recorded, the newest first.
///
/// # Errors
/// The engine's, or an impossible row.
pub async fn recorded(db: &Db, at_most: i64) -> Result<Vec<Recorded>, DbError> {
    let rows: Vec<Row> = read!(db, LIST, |sql, pool| sqlx::query_as(sql).bind(at_most).fetch_all(pool).await?);
    let line = |row: Row| {
        Ok(Recorded {
            kind: ReformKind::of(&row.kind).ok_or_else(|| impossible("unit_reform", "kind", &row.kind))?,
            day: day(&row.happened_on)?,
            id: row.id,
            basis: row.basis,
            told: row.told,
            at: from_millis(row.written_at),
            by: row.written_by,
            undone: row.state == "undone",
            kept: row.kept,
        })
    };
    rows.into_iter().map(line).collect()
}

fn day(text: &str) -> Result<NaiveDate, DbError> {
    text.parse().map_err(|_| impossible("unit_reform", "happened_on", text))
}

/// What was changed by the one with this id, its day, and when it was written.
///
/// # Errors
/// [`UndoError`].
pub async fn written(
    work: &mut Work,
    id: &str,
    now: DateTime<Utc>,
) -> Result<(ReformPlan, NaiveDate, DateTime<Utc>), UndoError> {
    let found: Option<(String, i64, String)> = on!(&mut *work, EDITS, |sql, conn| {
        sqlx::query_as(sql).bind(id).fetch_optional(conn).await.map_err(DbError::from)?
    });
    let (edits, at, happened_on) = found.ok_or(UndoError::NotThere)?;
    let at = from_millis(at);
    if edits.is_empty() || at + KEPT_FOR < now {
        return Err(UndoError::TooLate);
    }
    // What stands there holds addresses, and is not repeated.
    let kept: KeptPlan = serde_json::from_str(&edits).map_err(|_| impossible("unit_reform", "edits", "…"))?;
    Ok((ReformPlan::try_from(kept)?, day(&happened_on)?, at))
}

/// Notes that it was taken back.
///
/// # Errors
/// [`UndoError::NotThere`] when somebody else was quicker, or the engine's.
pub async fn undone(work: &mut Work, id: &str, by: &str, now: DateTime<Utc>) -> Result<(), UndoError> {
    let changed = on!(work, UNDONE, |sql, conn| {
        let query = sqlx::query(sql).bind(id).bind(now.timestamp_millis()).bind(by);
        query.execute(conn).await.map_err(DbError::from)?.rows_affected()
    });
    if changed == 1 { Ok(()) } else { Err(UndoError::NotThere) }
}

/// Deletes what older ones would need to be taken back: addresses are in it.
///
/// # Errors
/// The engine's.
pub async fn forget_old(work: &mut Work, now: DateTime<Utc>) -> Result<(), DbError> {
    let before = (now - KEPT_FOR).timestamp_millis();
    on!(work, FORGET, |sql, conn| sqlx::query(sql).bind(before).execute(conn).await?.rows_affected());
    Ok(())
}
