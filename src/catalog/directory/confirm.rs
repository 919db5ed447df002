//! A sheet that waited is written, in one unit of work; for a day that can be taken back.

use chrono::{DateTime, Utc};

use super::edit::OfficeEdit;
use super::imports::{KEPT_FOR, Sums};
use super::kept::{KeptEdit, as_json, from_json};
use super::store::{DirectoryError, store_edits};
use crate::catalog::keep_still;
use crate::clock::from_millis;
use crate::db::{DbError, Sql, Work};
use crate::on;

const WRITTEN: Sql = Sql::portable(
    "UPDATE contact_import SET state = 'written', sheet = '', edits = $2, written_at = $3, written_by = $4, added = $5, \
     changed = $6, ended = $7 WHERE id = $1 AND state = 'waiting'",
);
const EDITS: Sql = Sql::portable("SELECT edits, written_at FROM contact_import WHERE id = $1 AND state = 'written'");
const UNDONE: Sql = Sql::portable(
    "UPDATE contact_import SET state = 'undone', edits = '', undone_at = $2, undone_by = $3 \
     WHERE id = $1 AND state = 'written'",
);
const FORGET_WAITING: Sql = Sql::portable("DELETE FROM contact_import WHERE state = 'waiting' AND brought_at < $1");
const FORGET_EDITS: Sql =
    Sql::portable("UPDATE contact_import SET edits = '' WHERE state = 'written' AND edits <> '' AND written_at < $1");

/// Every statement of this file.
pub(super) const STATEMENTS: &[Sql] = &[WRITTEN, EDITS, UNDONE, FORGET_WAITING, FORGET_EDITS];

/// Why a sheet was not written or not taken back.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ImportError {
    /// It does not wait, or was never written.
    #[error("there is no such import\n  remedy: look at the list of imports; one that is a day old is gone")]
    NotThere,
    /// It was written too long ago.
    #[error("an import can be taken back for 24 hours; this one is older\n  remedy: correct the contacts one by one")]
    TooLate,
    /// What would be written does not fit any more.
    #[error(transparent)]
    Directory(#[from] DirectoryError),
}

impl From<DbError> for ImportError {
    fn from(error: DbError) -> Self {
        Self::Directory(error.into())
    }
}

/// Writes what a waiting sheet changes, and keeps what was before for a day.
///
/// # Errors
/// [`ImportError`]; then nothing of the unit of work may be kept.
pub async fn written(
    work: &mut Work,
    id: &str,
    (edits, sums): (&[OfficeEdit], Sums),
    by: &str,
    now: DateTime<Utc>,
) -> Result<(), ImportError> {
    store_edits(work, edits).await?;
    let kept = as_json(&edits.iter().map(KeptEdit::of).collect::<Vec<_>>())?;
    let number = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
    let changed = on!(work, WRITTEN, |sql, conn| {
        let query = sqlx::query(sql).bind(id).bind(&kept).bind(now.timestamp_millis()).bind(by);
        let query = query.bind(number(sums.added)).bind(number(sums.changed)).bind(number(sums.ended));
        query.execute(conn).await.map_err(DbError::from)?.rows_affected()
    });
    if changed == 1 { Ok(()) } else { Err(ImportError::NotThere) }
}

/// Takes an import back: every office that it changed is as it was before. Returns how many.
///
/// # Errors
/// [`ImportError::TooLate`] after a day, [`DirectoryError::Changed`] when offices were changed since; then nothing of the
/// unit of work may be kept.
pub async fn take_back(work: &mut Work, id: &str, by: &str, now: DateTime<Utc>) -> Result<usize, ImportError> {
    keep_still(work).await?;
    let found: Option<(String, i64)> = on!(&mut *work, EDITS, |sql, conn| {
        sqlx::query_as(sql).bind(id).fetch_optional(conn).await.map_err(DbError::from)?
    });
    let (kept, written_at) = found.ok_or(ImportError::NotThere)?;
    if kept.is_empty() || from_millis(written_at) + KEPT_FOR < now {
        return Err(ImportError::TooLate);
    }
    let kept: Vec<KeptEdit> = from_json("edits", &kept)?;
    let edits = kept.into_iter().map(OfficeEdit::try_from).collect::<Result<Vec<_>, _>>()?;
    let reversed: Vec<OfficeEdit> = edits.iter().map(OfficeEdit::reversed).collect();
    store_edits(work, &reversed).await?;
    let changed = on!(work, UNDONE, |sql, conn| {
        let query = sqlx::query(sql).bind(id).bind(now.timestamp_millis()).bind(by);
        query.execute(conn).await.map_err(DbError::from)?.rows_affected()
    });
    if changed == 1 { Ok(edits.len()) } else { Err(ImportError::NotThere) }
}

/// Deletes sheets that nobody confirmed for a day, and what older imports would need to be taken back: both hold
/// addresses. Returns how many sheets.
///
/// # Errors
/// The engine's.
pub async fn forget_old(work: &mut Work, now: DateTime<Utc>) -> Result<u64, DbError> {
    let before = (now - KEPT_FOR).timestamp_millis();
    let mut forgotten = 0;
    for forget in [FORGET_WAITING, FORGET_EDITS] {
        forgotten +=
            on!(&mut *work, forget, |sql, conn| sqlx::query(sql).bind(before).execute(conn).await?.rows_affected());
    }
    Ok(forgotten)
}
