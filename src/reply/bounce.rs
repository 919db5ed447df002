//! Addresses that give messages back: a task for staff, and until it is closed a reason to take another channel.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use sqlx::FromRow;

use super::task::{Closing, Task};
use crate::clock::from_millis;
use crate::db::{Db, DbError, Sql, Work};
use crate::{on, read};

/// One row per address and channel, made of the first bounce; a later bounce opens it again when it was closed before.
const OPEN: Sql = Sql::portable(
    "INSERT INTO bounced_address (id, channel, address, recipient_id, unit_code, opened_at) \
     SELECT receipt.entry_id, outbox.channel, outbox.address, outbox.recipient_id, outbox.unit_code, receipt.noted_at \
     FROM receipt JOIN outbox ON outbox.id = receipt.entry_id \
     WHERE receipt.fact = 'bounced' AND NOT EXISTS (SELECT 1 FROM bounced_address AS known \
     WHERE known.channel = outbox.channel AND known.address = outbox.address \
     AND (known.closed_at IS NULL OR known.closed_at >= receipt.noted_at)) \
     ORDER BY receipt.noted_at, receipt.entry_id ON CONFLICT DO NOTHING",
);

const LIST: Sql = Sql::portable(
    "SELECT bounced_address.id, channel, address, recipient_id, unit_code, opened_at, told_at, closed_at, closed_by, note, \
     receipt.detail FROM bounced_address JOIN receipt ON receipt.entry_id = bounced_address.id AND receipt.fact = 'bounced' \
     WHERE NOT $1 OR closed_at IS NULL ORDER BY opened_at, bounced_address.id",
);

const TOLD: Sql = Sql::portable("UPDATE bounced_address SET told_at = $2 WHERE id = $1 AND told_at IS NULL");

const CLOSE: Sql = Sql::portable(
    "UPDATE bounced_address SET closed_at = $2, closed_by = $3, note = $4 WHERE id = $1 AND closed_at IS NULL",
);

/// An address that came back again since has a task of its own, which is the open one.
const REOPEN: Sql = Sql::portable(
    "UPDATE bounced_address SET closed_at = NULL, closed_by = NULL, note = NULL WHERE id = $1 AND closed_at IS NOT NULL \
     AND NOT EXISTS (SELECT 1 FROM bounced_address AS later WHERE later.channel = bounced_address.channel \
     AND later.address = bounced_address.address AND later.closed_at IS NULL)",
);

/// Every statement of this file.
pub(super) const STATEMENTS: &[Sql] = &[OPEN, LIST, TOLD, CLOSE, REOPEN];

/// An address that gave a message back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bounced {
    /// The entry that came back first; the task's name.
    pub id: String,
    /// Through which channel.
    pub channel: String,
    /// The address; mask it before it is shown.
    pub address: String,
    /// Whom it was for.
    pub recipient_id: String,
    /// Official code of the first unit that the message was about.
    pub unit_code: String,
    /// What the mail system said.
    pub detail: String,
    /// When it was heard of.
    pub opened_at: DateTime<Utc>,
    /// What staff makes of it.
    pub task: Task,
}

#[derive(FromRow)]
struct Row {
    id: String,
    channel: String,
    address: String,
    recipient_id: String,
    unit_code: String,
    opened_at: i64,
    told_at: Option<i64>,
    closed_at: Option<i64>,
    closed_by: Option<String>,
    note: Option<String>,
    detail: String,
}

impl From<Row> for Bounced {
    fn from(row: Row) -> Self {
        let closing = row.closed_at.map(|at| Closing {
            at: from_millis(at),
            by: row.closed_by.unwrap_or_default(),
            note: row.note.unwrap_or_default(),
        });
        Self {
            id: row.id,
            channel: row.channel,
            address: row.address,
            recipient_id: row.recipient_id,
            unit_code: row.unit_code,
            detail: row.detail,
            opened_at: from_millis(row.opened_at),
            task: Task { told_at: row.told_at.map(from_millis), closing },
        }
    }
}

/// Channels and addresses that messages came back from, until somebody closes the task.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Unreachable(HashSet<(String, String)>);

impl Unreachable {
    /// Whether messages to `address` come back from `channel`.
    pub fn contains(&self, channel: &str, address: &str) -> bool {
        !self.0.is_empty() && self.0.contains(&(channel.to_owned(), address.to_owned()))
    }
}

/// Opens a task for each address that gave a message back since it was last closed. Returns how many are new.
///
/// # Errors
/// The engine's.
pub async fn take_bounces(work: &mut Work) -> Result<u64, DbError> {
    Ok(on!(work, OPEN, |sql, conn| sqlx::query(sql).execute(conn).await?.rows_affected()))
}

/// Addresses that gave messages back, oldest first; with `open_only` those that nobody closed.
///
/// # Errors
/// The engine's.
pub async fn bounced(db: &Db, open_only: bool) -> Result<Vec<Bounced>, DbError> {
    let rows: Vec<Row> = read!(db, LIST, |sql, pool| sqlx::query_as(sql).bind(open_only).fetch_all(pool).await?);
    Ok(rows.into_iter().map(Bounced::from).collect())
}

/// Where messages come back from today.
///
/// # Errors
/// The engine's.
pub async fn unreachable(db: &Db) -> Result<Unreachable, DbError> {
    let bounced = bounced(db, true).await?;
    Ok(Unreachable(bounced.into_iter().map(|bounced| (bounced.channel, bounced.address)).collect()))
}

/// Open ones that the admins were not told of, oldest first.
///
/// # Errors
/// The engine's.
pub async fn untold_bounces(work: &mut Work) -> Result<Vec<Bounced>, DbError> {
    let rows: Vec<Row> = on!(work, LIST, |sql, conn| sqlx::query_as(sql).bind(true).fetch_all(conn).await?);
    Ok(rows.into_iter().filter(|row| row.told_at.is_none()).map(Bounced::from).collect())
}

/// Remembers that the admins were told of these.
///
/// # Errors
/// The engine's.
pub async fn told_bounces(work: &mut Work, bounced: &[Bounced], now: DateTime<Utc>) -> Result<(), DbError> {
    for one in bounced {
        on!(&mut *work, TOLD, |sql, conn| {
            let query = sqlx::query(sql).bind(one.id.as_str()).bind(now.timestamp_millis());
            query.execute(conn).await?.rows_affected()
        });
    }
    Ok(())
}

/// Closes the task `id`, so that the address is written to again. `false`: there is no open one.
pub(super) async fn close(
    work: &mut Work,
    id: &str,
    (by, note): (&str, &str),
    now: DateTime<Utc>,
) -> Result<bool, DbError> {
    Ok(on!(work, CLOSE, |sql, conn| {
        let query = sqlx::query(sql).bind(id).bind(now.timestamp_millis()).bind(by).bind(note);
        query.execute(conn).await?.rows_affected()
    }) == 1)
}

/// Takes the closing of the task `id` back. `false`: there is none that is closed, or its address has another open task.
pub(super) async fn reopen(work: &mut Work, id: &str) -> Result<bool, DbError> {
    Ok(on!(work, REOPEN, |sql, conn| sqlx::query(sql).bind(id).execute(conn).await?.rows_affected()) == 1)
}
