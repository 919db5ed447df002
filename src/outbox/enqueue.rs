//! Putting messages in, and letting held ones go.

use std::time::Duration;

use chrono::{DateTime, Utc};
use sha2::{Digest as _, Sha256};
use sqlx::Row as _;

use super::entry::{EntryId, HoldReason, Resend, State};
use crate::db::{Cell, Db, DbError, Sql, Work, insert_rows};
use crate::on;

/// Key and id are one: of two replicas that write the same message at the same moment PostgreSQL finds either first.
pub(super) const ENQUEUE: Sql = Sql::portable(
    "INSERT INTO outbox (id, dedup_key, run_id, unit_code, recipient_id, channel, address, message_id, content_hash, \
     resend_for, state, hold_reason, due_at, valid_until, created_at, ready_at, host, chain_id, place, leads, yields_at) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21) \
     ON CONFLICT DO NOTHING",
);

pub(super) const FREEZE: Sql = Sql::portable(
    "INSERT INTO outbox_content (entry_id, content, written_at) VALUES ($1, $2, $3) ON CONFLICT (entry_id) DO NOTHING",
);

/// What waits for a second person, and by which other channels it would go.
pub(super) const HELD_HASHES: Sql = Sql::portable(
    "SELECT id, content_hash, place, state FROM outbox WHERE state = 'held' AND hold_reason IN ('approval', 'guard') \
     UNION ALL SELECT further.id, further.content_hash, further.place, further.state FROM outbox JOIN outbox AS further \
     ON further.chain_id = outbox.chain_id AND further.state = 'standby' \
     WHERE outbox.state = 'held' AND outbox.hold_reason IN ('approval', 'guard') ORDER BY id",
);

macro_rules! release {
    ($listed:literal) => {
        concat!(
            "UPDATE outbox SET state = 'ready', hold_reason = NULL, ready_at = $1, \
             due_at = CASE WHEN due_at > $2 THEN due_at ELSE $2 END, \
             yields_at = CASE WHEN due_at > $2 THEN yields_at ELSE yields_at - due_at + $2 END, \
             valid_until = CASE WHEN due_at > $2 THEN due_at - $2 + $3 ELSE $3 END \
             WHERE state = 'held' AND hold_reason IN ('approval', 'guard') AND id IN (",
            $listed,
            ")"
        )
    };
}

/// Only what was looked at: a round may hold more messages meanwhile.
pub(super) const RELEASE: Sql = Sql {
    sqlite: release!("SELECT value FROM json_each($4)"),
    postgres: release!("SELECT json_array_elements_text(CAST($4 AS JSON))"),
};

/// What stands by stays valid as long as the one that was let go.
pub(super) const RELEASE_FURTHER: Sql = Sql::portable(
    "UPDATE outbox SET valid_until = (SELECT first.valid_until FROM outbox AS first WHERE first.id = outbox.chain_id) \
     WHERE state = 'standby' AND EXISTS (SELECT 1 FROM outbox AS first WHERE first.id = outbox.chain_id \
     AND first.state = 'ready' AND first.ready_at = $1)",
);

/// Which of several channels that could carry a message an entry is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Turn {
    /// Deduplication key of the entry that is tried first.
    pub first: String,
    /// 0 for that one; a later one stands by until the one before it did not get through.
    pub place: u32,
    /// How long after it fell due the next one is tried though this one did not fail; `None`: it is waited for.
    pub yields_after: Option<Duration>,
}

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
    /// Its turn, when several channels could carry the message; `None`: it is the only one.
    pub turn: Option<Turn>,
}

impl NewEntry {
    /// Whether it is what stands for its message: the one that is tried first, or the only one.
    pub fn is_first(&self) -> bool {
        self.place() == 0
    }

    /// Whether its message waits for the end of trial mode.
    pub fn is_held_by_trial(&self) -> bool {
        self.is_first() && self.hold == Some(HoldReason::Trial)
    }

    fn place(&self) -> u32 {
        self.turn.as_ref().map_or(0, |turn| turn.place)
    }
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

/// Stores `entries` of round `run_id`; those whose key is already there are left alone. Returns how many messages are
/// new: what stands by is part of one.
///
/// # Errors
/// The engine's; then nothing of the unit of work may be kept.
pub async fn enqueue(work: &mut Work, run_id: &str, entries: &[NewEntry], times: Times) -> Result<u64, DbError> {
    let (first, further): (Vec<_>, Vec<_>) = entries.iter().partition(|entry| entry.place() == 0);
    let new = insert_rows(work, ENQUEUE, first.into_iter().map(|entry| row(run_id, entry, times))).await?;
    insert_rows(work, ENQUEUE, further.into_iter().map(|entry| row(run_id, entry, times))).await?;
    let contents = entries.iter().map(|entry| {
        let id = EntryId::of(&entry.dedup_key).0;
        [id.to_string().into(), entry.content.as_str().into(), times.now.into()]
    });
    insert_rows(work, FREEZE, contents).await?;
    Ok(new)
}

/// An entry as the ledger holds it. One that stands by is held for trial mode alone: every other lock is the first one's.
fn row<'e>(run_id: &'e str, entry: &'e NewEntry, times: Times) -> [Cell<'e>; 21] {
    let id = EntryId::of(&entry.dedup_key).0;
    let place = entry.place();
    let (state, hold) = match entry.hold {
        _ if place > 0 => ("standby", entry.hold.filter(|hold| *hold == HoldReason::Trial)),
        Some(_) => ("held", entry.hold),
        None => ("ready", None),
    };
    let yields = entry.turn.as_ref().and_then(|turn| turn.yields_after).map(|after| times.due_at + after);
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
        state.into(),
        hold.map(HoldReason::word).into(),
        times.due_at.into(),
        times.valid_until.into(),
        times.now.into(),
        Cell::Number((state == "ready").then(|| times.due_at.timestamp_millis())),
        host_of(&entry.address).into(),
        entry.turn.as_ref().map(|turn| EntryId::of(&turn.first).0.to_string()).into(),
        i64::from(place).into(),
        (place == 0).into(),
        Cell::Number(yields.map(|at| at.timestamp_millis())),
    ]
}

/// Whose machine an address is at: its mail domain, or the host of the URL; empty for a number.
pub(super) fn host_of(address: &str) -> String {
    let authority = match address.split_once("://") {
        Some((_, rest)) => rest.split(['/', '?', '#']).next().unwrap_or_default(),
        None if address.contains('@') => address,
        None => return String::new(),
    };
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let bare = host.rsplit_once(':').filter(|(_, port)| port.bytes().all(|byte| byte.is_ascii_digit()));
    bare.map_or(host, |(bare, _)| bare).to_ascii_lowercase()
}

/// SHA-256 of where a message goes and what it says: what an approver approved is what is sent.
pub(super) fn content_hash(address: &str, content: &str) -> String {
    let mut hash = Sha256::new();
    hash.update(address.as_bytes());
    hash.update([0]);
    hash.update(content.as_bytes());
    hex::encode(hash.finalize())
}

/// All messages that wait for a second person, as one hash of recipients and contents, and how many they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldBatch {
    /// Hash of all held entries' ids and content hashes.
    pub hash: String,
    /// How many.
    pub messages: u64,
    /// Ids of the held entries.
    pub entries: Vec<String>,
}

/// The batch as it stands now.
///
/// # Errors
/// The engine's.
pub async fn held_batch(work: &mut Work) -> Result<HeldBatch, DbError> {
    let mut hash = Sha256::new();
    let (mut messages, mut entries) = (0, Vec::new());
    on!(work, HELD_HASHES, |sql, conn| {
        for row in sqlx::query(sql).fetch_all(conn).await? {
            let (id, content): (String, String) = (row.try_get(0)?, row.try_get(1)?);
            hash.update(id.as_bytes());
            hash.update(content.as_bytes());
            messages += u64::from(row.try_get::<i64, _>(2)? == 0);
            if row.try_get::<String, _>(3)? == State::Held.word() {
                entries.push(id);
            }
        }
    });
    Ok(HeldBatch { hash: hex::encode(hash.finalize()), messages, entries })
}

/// Lets `batch` go and nothing that was held since it was looked at: its messages are due as `times` say, or at their own
/// later time, and valid as long from then on. Returns how many.
///
/// # Errors
/// The engine's.
pub async fn release(work: &mut Work, batch: &HeldBatch, times: Times) -> Result<u64, DbError> {
    let listed = serde_json::Value::from(batch.entries.as_slice()).to_string();
    let released = on!(work, RELEASE, |sql, conn| {
        let query = sqlx::query(sql).bind(times.now.timestamp_millis()).bind(times.due_at.timestamp_millis());
        let query = query.bind(times.valid_until.timestamp_millis()).bind(listed.as_str());
        query.execute(conn).await?.rows_affected()
    });
    on!(work, RELEASE_FURTHER, |sql, conn| {
        sqlx::query(sql).bind(times.now.timestamp_millis()).execute(conn).await?.rows_affected()
    });
    Ok(released)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_the_domain_of_a_mailbox_or_the_machine_of_an_url_and_a_number_has_none() {
        for (address, host) in [
            ("ubnd@Xa1.Example", "xa1.example"),
            ("https://user:secret@Hook.Example:8443/a/b?c=d@e", "hook.example"),
            ("http://[::1]:80/x", "[::1]"),
            ("0900 000 001", ""),
            ("8435987234", ""),
        ] {
            assert_eq!(host_of(address), host, "{address}");
        }
    }
}
