//! What a person did to many entries at once can be undone for a while, as long as nothing else happened to them.
//!
//! Before a deed the entries are written down as they stand, and with them those of the same messages; after it, how the
//! deed left them. To undo is to put back those whose state and epoch are still just that: whatever a worker or another
//! person did since moved one of the two. A message is put back with all its entries or not at all, under a new epoch.

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::FromRow;

use crate::clock::from_millis;
use crate::db::{Db, DbError, Sql, Work};
use crate::{on, read};

pub(super) const BEGIN: Sql = Sql::portable(
    "INSERT INTO outbox_deed (id, what, done_at, done_by, undo_until) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (id) DO NOTHING",
);

/// Of the same message, too: a deed moves what stands by behind it.
pub(super) const REMEMBER: Sql = Sql::portable(
    "INSERT INTO outbox_before (deed_id, entry_id, message, chosen, state, hold_reason, leads, attempts, lost, begun_at, \
     due_at, yields_at, called_at, ready_at, valid_until, settled_at, last_error, address, host, content_hash) \
     SELECT CAST($1 AS TEXT), id, COALESCE(chain_id, id), id = $2, state, hold_reason, leads, attempts, lost, begun_at, \
     due_at, yields_at, called_at, ready_at, valid_until, settled_at, last_error, address, host, content_hash FROM outbox \
     WHERE id = $2 OR chain_id = (SELECT chain_id FROM outbox AS mine WHERE mine.id = $2) \
     ON CONFLICT (deed_id, entry_id) DO UPDATE SET chosen = outbox_before.chosen OR excluded.chosen",
);

/// What the deed did not touch is not undone: whatever became of it is a worker's doing.
pub(super) const SPARE: Sql =
    Sql::portable("UPDATE outbox_before SET chosen = FALSE WHERE deed_id = $1 AND entry_id = $2");

pub(super) const FORGET_SPARED: Sql = Sql::portable(
    "DELETE FROM outbox_before WHERE deed_id = $1 AND message NOT IN (SELECT touched.message FROM outbox_before AS touched \
     WHERE touched.deed_id = $1 AND touched.chosen)",
);

/// How the deed left them.
pub(super) const LEFT: Sql = Sql::portable(
    "UPDATE outbox_before SET state_after = (SELECT state FROM outbox WHERE outbox.id = entry_id), \
     epoch_after = (SELECT epoch FROM outbox WHERE outbox.id = entry_id) WHERE deed_id = $1",
);

/// Nobody claims them while they are looked at; SQLite has one writer anyway.
pub(super) const NO_CLAIMS: Sql = Sql {
    sqlite: "SELECT id FROM outbox WHERE id IN (SELECT entry_id FROM outbox_before WHERE deed_id = $1)",
    postgres: "SELECT id FROM outbox WHERE id IN (SELECT entry_id FROM outbox_before WHERE deed_id = $1) ORDER BY id FOR UPDATE",
};

/// What something happened to since the deed stays as it is, with everything of its message.
pub(super) const MOVED_ON: Sql = Sql::portable(
    "DELETE FROM outbox_before WHERE deed_id = $1 AND message IN (SELECT other.message FROM outbox_before AS other \
     LEFT JOIN outbox ON outbox.id = other.entry_id WHERE other.deed_id = $1 AND (outbox.id IS NULL \
     OR outbox.state = 'sending' OR outbox.state <> other.state_after OR outbox.epoch <> other.epoch_after OR outbox.words_deleted_at IS NOT NULL))",
);

pub(super) const PUT_BACK: Sql = Sql::portable(
    "UPDATE outbox SET state = before.state, hold_reason = before.hold_reason, leads = before.leads, \
     attempts = before.attempts, lost = before.lost, begun_at = before.begun_at, due_at = before.due_at, \
     yields_at = before.yields_at, called_at = before.called_at, ready_at = before.ready_at, \
     valid_until = before.valid_until, settled_at = before.settled_at, last_error = before.last_error, \
     address = before.address, host = before.host, content_hash = before.content_hash, epoch = outbox.epoch + 1 \
     FROM outbox_before AS before WHERE before.deed_id = $1 AND before.entry_id = outbox.id",
);

pub(super) const RECORD: Sql = Sql::portable(
    "INSERT INTO attempt (entry_id, number, started_at, ended_at, outcome, code, answer, next_state, next_due_at, burnt) \
     SELECT id, epoch, $2, $2, 'by_hand', CAST(NULL AS BIGINT), $3, state, CAST(NULL AS BIGINT), FALSE \
     FROM outbox WHERE id IN (SELECT entry_id FROM outbox_before WHERE deed_id = $1 AND chosen)",
);

pub(super) const CHOSEN: Sql = Sql::portable("SELECT count(*) FROM outbox_before WHERE deed_id = $1 AND chosen");

pub(super) const UNDONE: Sql =
    Sql::portable("UPDATE outbox_deed SET undone_at = $2 WHERE id = $1 AND undone_at IS NULL AND undo_until > $2");

pub(super) const UNDOABLE: Sql = Sql::portable(
    "SELECT deed.id, what, done_at, done_by, undo_until, outbox.unit_code FROM outbox_deed AS deed \
     JOIN outbox_before ON deed_id = deed.id AND chosen JOIN outbox ON outbox.id = entry_id \
     WHERE undone_at IS NULL AND undo_until > $1 ORDER BY done_at DESC, deed.id, entry_id",
);

pub(super) const FORGET_BEFORE: Sql =
    Sql::portable("DELETE FROM outbox_before WHERE deed_id IN (SELECT id FROM outbox_deed WHERE undo_until < $1)");

pub(super) const FORGET_DEEDS: Sql = Sql::portable("DELETE FROM outbox_deed WHERE undo_until < $1");

/// A deed that can be undone.
#[derive(Debug, Clone, Copy)]
pub struct Deed<'a> {
    /// Names it.
    pub id: &'a str,
    /// What is done: `retry`, `let_go`, `hold`, `cancel`, `refuse`.
    pub what: &'a str,
    /// Who does it, in the words of the ledger.
    pub by: &'a str,
    /// Now.
    pub now: DateTime<Utc>,
    /// Until when it can be undone; nothing it lets go may leave before.
    pub undo_until: DateTime<Utc>,
}

/// Nobody else decides about messages until the end of this unit of work: no other deed, no second person's word, no
/// round that takes back or words anew what waits for one. Whoever does either begins with this; workers are not kept out.
///
/// # Errors
/// The engine's.
pub async fn keep_still(work: &mut Work) -> Result<(), DbError> {
    work.lock("outbox").await
}

/// Writes down that a deed begins; what was written down of those of yesterday is deleted.
///
/// # Errors
/// The engine's.
pub async fn begin_deed(work: &mut Work, deed: Deed<'_>) -> Result<(), DbError> {
    keep_still(work).await?;
    let old = (deed.now - TimeDelta::days(1)).timestamp_millis();
    on!(work, FORGET_BEFORE, |sql, conn| sqlx::query(sql).bind(old).execute(conn).await?.rows_affected());
    on!(work, FORGET_DEEDS, |sql, conn| sqlx::query(sql).bind(old).execute(conn).await?.rows_affected());
    on!(work, BEGIN, |sql, conn| {
        let query = sqlx::query(sql).bind(deed.id).bind(deed.what).bind(deed.now.timestamp_millis()).bind(deed.by);
        query.bind(deed.undo_until.timestamp_millis()).execute(conn).await?.rows_affected()
    });
    Ok(())
}

/// Writes down how an entry and the others of its message stand, before the deed touches it.
///
/// # Errors
/// The engine's.
pub async fn remember(work: &mut Work, deed_id: &str, entry_id: &str) -> Result<(), DbError> {
    on!(work, REMEMBER, |sql, conn| sqlx::query(sql).bind(deed_id).bind(entry_id).execute(conn).await?.rows_affected());
    Ok(())
}

/// Says that the deed did not touch an entry that was written down: a worker was quicker.
///
/// # Errors
/// The engine's.
pub async fn spare(work: &mut Work, deed_id: &str, entry_id: &str) -> Result<(), DbError> {
    on!(work, SPARE, |sql, conn| sqlx::query(sql).bind(deed_id).bind(entry_id).execute(conn).await?.rows_affected());
    Ok(())
}

/// Writes down how the deed left what it touched; its last step.
///
/// # Errors
/// The engine's.
pub async fn end_deed(work: &mut Work, deed_id: &str) -> Result<(), DbError> {
    on!(work, FORGET_SPARED, |sql, conn| sqlx::query(sql).bind(deed_id).execute(conn).await?.rows_affected());
    on!(work, LEFT, |sql, conn| sqlx::query(sql).bind(deed_id).execute(conn).await?.rows_affected());
    Ok(())
}

/// What came of undoing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Undone {
    /// So many chosen entries stand as before; of so many something happened since.
    Back {
        /// Put back.
        entries: u64,
        /// Left as they are.
        too_late: u64,
    },
    /// The time is over, it was undone before, or there was no such deed.
    Over,
}

/// Puts back what the deed moved, as far as nothing happened to it since; `record` is what the ledger says about it.
///
/// # Errors
/// The engine's.
pub async fn undo(work: &mut Work, deed_id: &str, record: &str, now: DateTime<Utc>) -> Result<Undone, DbError> {
    keep_still(work).await?;
    let at = now.timestamp_millis();
    let first =
        on!(work, UNDONE, |sql, conn| sqlx::query(sql).bind(deed_id).bind(at).execute(conn).await?.rows_affected());
    if first == 0 {
        return Ok(Undone::Over);
    }
    let all = chosen(work, deed_id).await?;
    on!(work, NO_CLAIMS, |sql, conn| sqlx::query(sql).bind(deed_id).fetch_all(conn).await?.len());
    on!(work, MOVED_ON, |sql, conn| sqlx::query(sql).bind(deed_id).execute(conn).await?.rows_affected());
    let entries = chosen(work, deed_id).await?;
    on!(work, PUT_BACK, |sql, conn| sqlx::query(sql).bind(deed_id).execute(conn).await?.rows_affected());
    on!(work, RECORD, |sql, conn| {
        sqlx::query(sql).bind(deed_id).bind(at).bind(record).execute(conn).await?.rows_affected()
    });
    Ok(Undone::Back { entries, too_late: all.saturating_sub(entries) })
}

async fn chosen(work: &mut Work, deed_id: &str) -> Result<u64, DbError> {
    let (count,): (i64,) = on!(work, CHOSEN, |sql, conn| sqlx::query_as(sql).bind(deed_id).fetch_one(conn).await?);
    Ok(u64::try_from(count).unwrap_or(0))
}

/// A deed that can still be undone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Undoable {
    /// Its id.
    pub id: String,
    /// What was done.
    pub what: String,
    /// When.
    pub done_at: DateTime<Utc>,
    /// By whom.
    pub done_by: String,
    /// Until when it can be undone.
    pub undo_until: DateTime<Utc>,
    /// Units that the chosen entries are about, one for each.
    pub units: Vec<String>,
}

#[derive(FromRow)]
struct Row {
    id: String,
    what: String,
    done_at: i64,
    done_by: String,
    undo_until: i64,
    unit_code: String,
}

/// The deeds that can still be undone, the newest first.
///
/// # Errors
/// The engine's.
pub async fn undoable(db: &Db, now: DateTime<Utc>) -> Result<Vec<Undoable>, DbError> {
    let rows: Vec<Row> =
        read!(db, UNDOABLE, |sql, pool| sqlx::query_as(sql).bind(now.timestamp_millis()).fetch_all(pool).await?);
    let mut deeds: Vec<Undoable> = Vec::new();
    for row in rows {
        if let Some(known) = deeds.last_mut().filter(|known| known.id == row.id) {
            known.units.push(row.unit_code);
            continue;
        }
        deeds.push(Undoable {
            id: row.id,
            what: row.what,
            done_at: from_millis(row.done_at),
            done_by: row.done_by,
            undo_until: from_millis(row.undo_until),
            units: vec![row.unit_code],
        });
    }
    Ok(deeds)
}
