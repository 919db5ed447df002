//! Putting messages in, and letting held ones go.

use std::fmt::Write as _;

use chrono::{DateTime, Utc};
use sha2::{Digest as _, Sha256};
use sqlx::Row as _;

use super::entry::{EntryId, HoldReason, Resend};
use crate::db::{Cell, Db, DbError, Sql, Work, insert_rows};
use crate::on;

pub(super) const ENQUEUE: Sql = Sql::portable(
    "INSERT INTO outbox (id, dedup_key, run_id, unit_code, recipient_id, channel, address, message_id, content_hash, \
     resend_for, state, hold_reason, due_at, valid_until, created_at, ready_at) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16) \
     ON CONFLICT (dedup_key) DO NOTHING",
);

pub(super) const FREEZE: Sql =
    Sql::portable("INSERT INTO outbox_content (entry_id, content) VALUES ($1, $2) ON CONFLICT (entry_id) DO NOTHING");

pub(super) const HELD_HASHES: Sql = Sql::portable(
    "SELECT id, content_hash FROM outbox WHERE state = 'held' AND hold_reason IN ('approval', 'guard') ORDER BY id",
);

pub(super) const RELEASE: Sql = Sql::portable(
    "UPDATE outbox SET state = 'ready', hold_reason = NULL, ready_at = $1, \
     due_at = CASE WHEN due_at > $2 THEN due_at ELSE $2 END, \
     valid_until = CASE WHEN due_at > $2 THEN due_at - $2 + $3 ELSE $3 END \
     WHERE state = 'held' AND hold_reason IN ('approval', 'guard')",
);

/// A message on its way into the outbox.
#[derive(Debug, Clone)]
pub struct NewEntry {
    /// Made of stable ids only: offices, cases and steps, channel.
    pub dedup_key: String,
    /// Official code of the first unit it is about.
    pub unit_code: String,
    /// Whom it is for.
    pub recipient_id: String,
    /// Which channel, and where to.
    pub channel: String,
    /// The address, number or URL.
    pub address: String,
    /// Domain of its `Message-ID`.
    pub domain: String,
    /// JSON of the message; frozen from here on.
    pub content: String,
    /// Whether an unknown outcome may be tried again.
    pub resend: Resend,
    /// `None` goes out when due.
    pub hold: Option<HoldReason>,
}

/// When a batch was written, may go out and goes stale.
#[derive(Debug, Clone, Copy)]
pub struct Times {
    /// Written.
    pub now: DateTime<Utc>,
    /// May go out from.
    pub due_at: DateTime<Utc>,
    /// Must not go out after.
    pub valid_until: DateTime<Utc>,
}

/// Stores `entries` of round `run_id`; those whose key is already there are left alone. Returns how many are new.
///
/// # Errors
/// The engine's; then nothing of the unit of work may be kept.
pub async fn enqueue(work: &mut Work, run_id: &str, entries: &[NewEntry], times: Times) -> Result<u64, DbError> {
    let rows = entries.iter().map(|entry| {
        let id = EntryId::of(&entry.dedup_key).0;
        [
            id.to_string().into(),
            entry.dedup_key.as_str().into(),
            run_id.into(),
            entry.unit_code.as_str().into(),
            entry.recipient_id.as_str().into(),
            entry.channel.as_str().into(),
            entry.address.as_str().into(),
            format!("<{id}@{}>", entry.domain).into(),
            content_hash(&entry.address, &entry.content).into(),
            entry.resend.millis().into(),
            Cell::from(if entry.hold.is_some() { "held" } else { "ready" }),
            entry.hold.map(HoldReason::word).into(),
            times.due_at.into(),
            times.valid_until.into(),
            times.now.into(),
            Cell::Number(entry.hold.is_none().then(|| times.due_at.timestamp_millis())),
        ]
    });
    let new = insert_rows(work, ENQUEUE, rows).await?;
    let contents = entries.iter().map(|entry| {
        let id = EntryId::of(&entry.dedup_key).0;
        [id.to_string().into(), entry.content.as_str().into()]
    });
    insert_rows(work, FREEZE, contents).await?;
    Ok(new)
}

/// SHA-256 of where a message goes and what it says: what an approver approved is what is sent.
pub(super) fn content_hash(address: &str, content: &str) -> String {
    let mut hash = Sha256::new();
    hash.update(address.as_bytes());
    hash.update([0]);
    hash.update(content.as_bytes());
    hexadecimal(&hash.finalize())
}

fn hexadecimal(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// All messages that wait for a second person, as one hash of recipients and contents, and how many they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldBatch {
    /// Hash of all held entries' ids and content hashes.
    pub hash: String,
    /// How many.
    pub messages: u64,
}

/// The batch as it stands now.
///
/// # Errors
/// The engine's.
pub async fn held_batch(work: &mut Work) -> Result<HeldBatch, DbError> {
    let mut hash = Sha256::new();
    let mut messages = 0;
    on!(work, HELD_HASHES, |sql, conn| {
        for row in sqlx::query(sql).fetch_all(conn).await? {
            hash.update(row.try_get::<String, _>(0)?.as_bytes());
            hash.update(row.try_get::<String, _>(1)?.as_bytes());
            messages += 1;
        }
    });
    Ok(HeldBatch { hash: hexadecimal(&hash.finalize()), messages })
}

/// Lets the held batch go: its messages are due as `times` say, or at their own later time, and valid as long from
/// then on. Returns how many.
///
/// # Errors
/// The engine's.
pub async fn release(work: &mut Work, times: Times) -> Result<u64, DbError> {
    Ok(on!(work, RELEASE, |sql, conn| {
        let query = sqlx::query(sql).bind(times.now.timestamp_millis()).bind(times.due_at.timestamp_millis());
        query.bind(times.valid_until.timestamp_millis()).execute(conn).await?.rows_affected()
    }))
}

/// Whether anything is still held, ready or on its way.
///
/// # Errors
/// The engine's.
pub async fn any_open(db: &Db) -> Result<bool, DbError> {
    let open: i64 = crate::read!(db, OPEN, |sql, pool| sqlx::query(sql).fetch_one(pool).await?.try_get(0)?);
    Ok(open > 0)
}

pub(super) const OPEN: Sql = Sql::portable("SELECT count(*) FROM outbox WHERE state IN ('held', 'ready', 'sending')");
