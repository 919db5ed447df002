//! Looking into the ledger.

use std::collections::{BTreeMap, HashSet};
use std::hash::BuildHasher;

use chrono::{DateTime, Utc};
use sqlx::{FromRow, Row as _};

use super::entry::{Entry, HoldReason, State};
use crate::clock::from_millis;
use crate::db::{Db, DbError, Sql};
use crate::read;

pub(super) const LIST: Sql = Sql::portable(
    "SELECT id, dedup_key, unit_code, recipient_id, channel, address, state, hold_reason, attempts, message_id, \
     created_at, due_at, settled_at, last_error, chain_id, place, leads, words_deleted_at FROM outbox \
     WHERE (CAST($1 AS TEXT) IS NULL OR state = $1) AND (CAST($2 AS TEXT) IS NULL OR run_id = $2) \
     AND (CAST($3 AS TEXT) IS NULL OR unit_code = $3) AND (CAST($4 AS TEXT) IS NULL OR id = $4) \
     AND (CAST($5 AS TEXT) IS NULL OR channel = $5) AND (CAST($6 AS TEXT) IS NULL OR hold_reason = $6) \
     ORDER BY created_at, unit_code, id LIMIT $7",
);

pub(super) const CONTENT: Sql = Sql::portable("SELECT content FROM outbox_content WHERE entry_id = $1");

pub(super) const TERMS: Sql = Sql::portable("SELECT run_id, ready_at, valid_until FROM outbox WHERE id = $1");

pub(super) const ATTEMPTS: Sql = Sql::portable(
    "SELECT number, started_at, ended_at, outcome, code, answer, sent_hash FROM attempt WHERE entry_id = $1 ORDER BY number",
);

/// Messages, not entries: of those that several channels could carry, the entry that leads.
pub(super) const TALLY: Sql = Sql::portable(
    "SELECT state, count(*) FROM outbox WHERE leads AND (CAST($1 AS TEXT) IS NULL OR run_id = $1) GROUP BY state",
);

/// The same per unit; a message to somebody who answers for several counts as its first unit's.
pub(super) const TALLY_BY_UNIT: Sql =
    Sql::portable("SELECT state, unit_code, count(*) FROM outbox WHERE leads GROUP BY state, unit_code");

pub(super) const ABOUT_UNIT: Sql = Sql::portable(
    "SELECT id, dedup_key, unit_code, recipient_id, channel, address, state, hold_reason, attempts, message_id, \
     created_at, due_at, settled_at, last_error, chain_id, place, leads, words_deleted_at FROM outbox \
     WHERE unit_code = $1 AND settled_at IS NOT NULL ORDER BY created_at DESC, id LIMIT $2",
);

/// Of one round, which has an index; what is not settled is found by its unit in none.
pub(super) const WAITING: Sql = Sql::portable(
    "SELECT id, dedup_key, unit_code, recipient_id, channel, address, state, hold_reason, attempts, message_id, \
     created_at, due_at, settled_at, last_error, chain_id, place, leads, words_deleted_at FROM outbox \
     WHERE run_id = $1 AND unit_code = $2 AND settled_at IS NULL AND leads ORDER BY id",
);

pub(super) const NEXT_DUE: Sql = Sql::portable(
    "SELECT min(CASE WHEN state = 'ready' THEN due_at ELSE lease_until END) FROM outbox \
                   WHERE state IN ('ready', 'sending') AND channel = $1",
);

pub(super) const NEWEST: Sql = Sql::portable(
    "SELECT content FROM outbox JOIN outbox_content ON entry_id = id \
     WHERE recipient_id = $1 AND dedup_key LIKE CAST($2 AS TEXT) || '%' AND dedup_key <> $3 \
     AND state IN ('ready', 'sending', 'sent', 'uncertain') ORDER BY created_at DESC, id LIMIT 1",
);

pub(super) const OF_KIND: Sql = Sql::portable(
    "SELECT id, dedup_key, unit_code, recipient_id, channel, address, state, hold_reason, attempts, message_id, \
     created_at, due_at, settled_at, last_error, chain_id, place, leads, words_deleted_at FROM outbox \
     WHERE dedup_key LIKE CAST($1 AS TEXT) || '%' AND leads \
     ORDER BY created_at, unit_code, id",
);

/// Which entries to list; empty means all.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Only this state.
    pub state: Option<State>,
    /// Only this round.
    pub run_id: Option<String>,
    /// Only about this unit.
    pub unit_code: Option<String>,
    /// Only this entry.
    pub id: Option<String>,
    /// Only through this channel.
    pub channel: Option<String>,
    /// Only those held for this reason.
    pub reason: Option<HoldReason>,
    /// At most so many; 0 is all.
    pub limit: usize,
}

#[derive(FromRow)]
pub(super) struct EntryRow {
    id: String,
    dedup_key: String,
    unit_code: String,
    recipient_id: String,
    channel: String,
    address: String,
    state: String,
    hold_reason: Option<String>,
    attempts: i64,
    message_id: String,
    created_at: i64,
    due_at: i64,
    settled_at: Option<i64>,
    last_error: Option<String>,
    chain_id: Option<String>,
    place: i64,
    leads: bool,
    words_deleted_at: Option<i64>,
}

impl TryFrom<EntryRow> for Entry {
    type Error = DbError;

    fn try_from(row: EntryRow) -> Result<Self, DbError> {
        Ok(Self {
            state: State::from_word(&row.state)?,
            id: row.id,
            dedup_key: row.dedup_key,
            unit_code: row.unit_code,
            recipient: row.recipient_id,
            channel: row.channel,
            address: row.address,
            hold_reason: row.hold_reason,
            attempts: row.attempts,
            message_id: row.message_id,
            created_at: from_millis(row.created_at),
            due_at: from_millis(row.due_at),
            settled_at: row.settled_at.map(from_millis),
            last_error: row.last_error,
            chain: row.chain_id,
            place: row.place,
            leads: row.leads,
            words_deleted_at: row.words_deleted_at.map(from_millis),
        })
    }
}

/// The entries that `filter` lets through, oldest first.
///
/// # Errors
/// The engine's.
pub async fn list(db: &Db, filter: &Filter) -> Result<Vec<Entry>, DbError> {
    let limit = if filter.limit == 0 { i64::MAX } else { i64::try_from(filter.limit).unwrap_or(i64::MAX) };
    let rows: Vec<EntryRow> = read!(db, LIST, |sql, pool| {
        let query = sqlx::query_as(sql).bind(filter.state.map(State::word)).bind(filter.run_id.as_deref());
        let query = query.bind(filter.unit_code.as_deref()).bind(filter.id.as_deref()).bind(filter.channel.as_deref());
        query.bind(filter.reason.map(HoldReason::word)).bind(limit).fetch_all(pool).await?
    });
    rows.into_iter().map(Entry::try_from).collect()
}

/// The entry of every message whose key begins with `kind`, oldest first.
///
/// # Errors
/// The engine's.
pub async fn of_kind(db: &Db, kind: &str) -> Result<Vec<Entry>, DbError> {
    let rows: Vec<EntryRow> = read!(db, OF_KIND, |sql, pool| sqlx::query_as(sql).bind(kind).fetch_all(pool).await?);
    rows.into_iter().map(Entry::try_from).collect()
}

/// An ended attempt, as people see it.
#[derive(Debug, Clone, FromRow)]
pub struct Attempt {
    /// Lease epoch it ran under.
    pub number: i64,
    /// Began, in milliseconds.
    pub started_at: i64,
    /// Ended, in milliseconds.
    pub ended_at: i64,
    /// How.
    pub outcome: String,
    /// Reply code.
    pub code: Option<i64>,
    /// What the peer said.
    pub answer: String,
    /// SHA-256 of the mail that the peer took, in hexadecimal.
    pub sent_hash: Option<String>,
}

/// An entry with its frozen content (JSON; empty once its words were deleted) and its attempts, or nothing under that id.
///
/// # Errors
/// The engine's.
pub async fn show(db: &Db, id: &str) -> Result<Option<(Entry, String, Vec<Attempt>)>, DbError> {
    let found = list(db, &Filter { id: Some(id.to_owned()), limit: 1, ..Filter::default() }).await?;
    let Some(entry) = found.into_iter().next() else { return Ok(None) };
    let content: Option<String> =
        read!(db, CONTENT, |sql, pool| sqlx::query_scalar(sql).bind(id).fetch_optional(pool).await?);
    let attempts = read!(db, ATTEMPTS, |sql, pool| sqlx::query_as(sql).bind(id).fetch_all(pool).await?);
    Ok(Some((entry, content.unwrap_or_default(), attempts)))
}

/// What an entry goes by.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct Terms {
    /// The round that wrote it.
    pub run_id: String,
    /// When it became ready, in milliseconds: what its mail is dated by.
    pub ready_at: Option<i64>,
    /// When it goes stale, in milliseconds.
    pub valid_until: i64,
}

/// The terms of an entry, or nothing under that id.
///
/// # Errors
/// The engine's.
pub async fn terms(db: &Db, id: &str) -> Result<Option<Terms>, DbError> {
    Ok(read!(db, TERMS, |sql, pool| sqlx::query_as(sql).bind(id).fetch_optional(pool).await?))
}

/// Content (JSON) of the newest message to `recipient` whose key begins with `kind`, but for the one under `key`; none that was
/// taken back or did not leave.
///
/// # Errors
/// The engine's.
pub async fn newest(db: &Db, recipient: &str, kind: &str, key: &str) -> Result<Option<String>, DbError> {
    let row: Option<(String,)> = read!(db, NEWEST, |sql, pool| {
        sqlx::query_as(sql).bind(recipient).bind(kind).bind(key).fetch_optional(pool).await?
    });
    Ok(row.map(|(content,)| content))
}

/// How many messages are in which state.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally(BTreeMap<State, u64>);

impl Tally {
    /// Messages in `state`.
    pub fn of(&self, state: State) -> u64 {
        self.0.get(&state).copied().unwrap_or(0)
    }

    /// Messages in any state.
    pub fn all(&self) -> u64 {
        self.0.values().sum()
    }
}

/// Counts the messages of one round, or of all.
///
/// # Errors
/// The engine's.
pub async fn tally(db: &Db, run_id: Option<&str>) -> Result<Tally, DbError> {
    let mut tally = Tally::default();
    read!(db, TALLY, |sql, pool| {
        for row in sqlx::query(sql).bind(run_id).fetch_all(pool).await? {
            let state = State::from_word(row.try_get(0)?)?;
            tally.0.insert(state, u64::try_from(row.try_get::<i64, _>(1)?).unwrap_or(0));
        }
    });
    Ok(tally)
}

/// Counts the messages about units whose code `units` holds.
///
/// # Errors
/// The engine's.
pub async fn tally_of<S: BuildHasher + Sync>(db: &Db, units: &HashSet<String, S>) -> Result<Tally, DbError> {
    let mut tally = Tally::default();
    let rows: Vec<(String, String, i64)> =
        read!(db, TALLY_BY_UNIT, |sql, pool| sqlx::query_as(sql).fetch_all(pool).await?);
    for (state, _, count) in rows.into_iter().filter(|(_, unit, _)| units.contains(unit)) {
        *tally.0.entry(State::from_word(&state)?).or_default() += u64::try_from(count).unwrap_or(0);
    }
    Ok(tally)
}

/// The newest settled entries about a unit, at most `limit`, newest first.
///
/// # Errors
/// The engine's.
pub async fn about_unit(db: &Db, code: &str, limit: i64) -> Result<Vec<Entry>, DbError> {
    let rows: Vec<EntryRow> =
        read!(db, ABOUT_UNIT, |sql, pool| sqlx::query_as(sql).bind(code).bind(limit).fetch_all(pool).await?);
    rows.into_iter().map(Entry::try_from).collect()
}

/// Messages of a round about a unit that wait still: for a person, for their hour, or for an answer.
///
/// # Errors
/// The engine's.
pub async fn waiting_about(db: &Db, run_id: &str, code: &str) -> Result<Vec<Entry>, DbError> {
    let rows: Vec<EntryRow> =
        read!(db, WAITING, |sql, pool| sqlx::query_as(sql).bind(run_id).bind(code).fetch_all(pool).await?);
    rows.into_iter().map(Entry::try_from).collect()
}

/// When `channel` has something to do next: the earliest due time or end of a lease.
///
/// # Errors
/// The engine's.
pub async fn next_due(db: &Db, channel: &str) -> Result<Option<DateTime<Utc>>, DbError> {
    let next: Option<i64> =
        read!(db, NEXT_DUE, |sql, pool| sqlx::query(sql).bind(channel).fetch_one(pool).await?.try_get(0)?);
    Ok(next.map(from_millis))
}
