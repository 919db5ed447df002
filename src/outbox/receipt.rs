//! What providers and relays say about a message after they took it: facts on the entry, never a change of its state.

use chrono::{DateTime, Utc};
use sqlx::FromRow;

use super::fallback;
use crate::clock::from_millis;
use crate::db::{Db, DbError, Sql, Work};
use crate::{on, read};

pub(super) const NOTE: Sql = Sql::portable(
    "INSERT INTO receipt (entry_id, fact, at, noted_at, said_by, detail) \
     SELECT id, $2, $3, $4, $5, $6 FROM outbox WHERE id = $1 ON CONFLICT (entry_id, fact) DO NOTHING",
);

pub(super) const FACTS: Sql = Sql::portable(
    "SELECT fact, at, noted_at, said_by, detail FROM receipt WHERE entry_id = $1 ORDER BY noted_at, fact",
);

/// Sent through a channel since an instant, and neither delivered nor given back yet.
pub(super) const AWAITING: Sql = Sql::portable(
    "SELECT id, reference, address, settled_at FROM outbox WHERE channel = $1 AND state = 'sent' AND settled_at >= $2 \
     AND reference IS NOT NULL AND NOT EXISTS (SELECT 1 FROM receipt WHERE entry_id = outbox.id \
     AND fact IN ('delivered', 'undelivered', 'bounced')) ORDER BY settled_at LIMIT $3",
);

pub(super) const BY_REFERENCE: Sql =
    Sql::portable("SELECT id FROM outbox WHERE channel = $1 AND reference = $2 ORDER BY id LIMIT 1");

/// A message that reached its phone was taken, whatever became of the answer to the attempt.
pub(super) const CONFIRM: Sql = Sql::portable(
    "UPDATE outbox SET state = 'sent', last_error = NULL, settled_at = (SELECT MIN(noted_at) FROM receipt \
     WHERE entry_id = outbox.id AND fact IN ('delivered', 'seen')) \
     WHERE state = 'uncertain' AND channel = $1 AND EXISTS (SELECT 1 FROM receipt WHERE entry_id = outbox.id \
     AND fact IN ('delivered', 'seen'))",
);

/// What can be said about a message that was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Fact {
    /// It is still tried by a system on the way.
    Delayed,
    /// It reached the phone or the mailbox.
    Delivered,
    /// It will not be delivered, the provider says.
    Undelivered,
    /// A mail system gave it back.
    Bounced,
    /// It was opened; only where the provider says so itself.
    Seen,
}

impl Fact {
    /// Every fact.
    pub const ALL: [Self; 5] = [Self::Delayed, Self::Delivered, Self::Undelivered, Self::Bounced, Self::Seen];

    /// Its word in the database and in outputs.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Delayed => "delayed",
            Self::Delivered => "delivered",
            Self::Undelivered => "undelivered",
            Self::Bounced => "bounced",
            Self::Seen => "seen",
        }
    }

    pub(super) fn from_word(word: &str) -> Result<Self, DbError> {
        let fact = Self::ALL.into_iter().find(|fact| fact.word() == word);
        fact.ok_or_else(|| DbError::Impossible { table: "receipt", column: "fact", value: word.to_owned() })
    }
}

/// A fact to be noted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// The entry.
    pub entry_id: String,
    /// What is said of it.
    pub fact: Fact,
    /// When it happened, as the provider says.
    pub at: DateTime<Utc>,
    /// The channel that says it.
    pub said_by: String,
    /// One sanitised line for people, without an address or number.
    pub detail: String,
}

/// A fact as it was noted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// What.
    pub fact: Fact,
    /// When it happened, as the provider says.
    pub at: DateTime<Utc>,
    /// When we heard of it.
    pub noted_at: DateTime<Utc>,
    /// The channel that said it.
    pub said_by: String,
    /// One line for people.
    pub detail: String,
}

/// A message whose provider took it and has not said more.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct Awaiting {
    /// The entry.
    pub id: String,
    /// What the provider calls it.
    pub reference: String,
    /// Where it went.
    pub address: String,
    /// When it was taken, in milliseconds.
    pub settled_at: i64,
}

/// Notes a fact; one that the message did not arrive calls the recipient's next channel. `false`: it was noted before, or there is no such entry; what was said first holds.
///
/// # Errors
/// The engine's.
pub async fn note_receipt(work: &mut Work, told: &Told, now: DateTime<Utc>) -> Result<bool, DbError> {
    let noted = on!(work, NOTE, |sql, conn| {
        let query = sqlx::query(sql).bind(told.entry_id.as_str()).bind(told.fact.word());
        let query = query.bind(told.at.timestamp_millis()).bind(now.timestamp_millis());
        query.bind(told.said_by.as_str()).bind(told.detail.as_str()).execute(conn).await?.rows_affected()
    }) == 1;
    if noted {
        fallback::heed(work, &told.entry_id, told.fact, now).await?;
    }
    Ok(noted)
}

/// Settles as sent what was uncertain on `channel` and of which the provider says that it reached its recipient. Returns
/// how many there were.
///
/// # Errors
/// The engine's.
pub async fn confirm(work: &mut Work, channel: &str) -> Result<u64, DbError> {
    Ok(on!(work, CONFIRM, |sql, conn| sqlx::query(sql).bind(channel).execute(conn).await?.rows_affected()))
}

/// What was said about an entry, the oldest first.
///
/// # Errors
/// The engine's.
pub async fn receipts(db: &Db, entry_id: &str) -> Result<Vec<Said>, DbError> {
    let rows: Vec<(String, i64, i64, String, String)> =
        read!(db, FACTS, |sql, pool| sqlx::query_as(sql).bind(entry_id).fetch_all(pool).await?);
    let said = rows.into_iter().map(|(fact, at, noted_at, said_by, detail)| {
        let (at, noted_at) = (from_millis(at), from_millis(noted_at));
        Ok(Said { fact: Fact::from_word(&fact)?, at, noted_at, said_by, detail })
    });
    said.collect()
}

/// The messages of `channel` that were taken since `since` and of which nothing final was said, the oldest first.
///
/// # Errors
/// The engine's.
pub async fn awaiting_receipt(
    db: &Db,
    channel: &str,
    since: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<Awaiting>, DbError> {
    Ok(read!(db, AWAITING, |sql, pool| {
        let query = sqlx::query_as(sql).bind(channel).bind(since.timestamp_millis());
        query.bind(limit).fetch_all(pool).await?
    }))
}

/// The entry that the provider of `channel` calls `reference`.
///
/// # Errors
/// The engine's.
pub async fn by_reference(db: &Db, channel: &str, reference: &str) -> Result<Option<String>, DbError> {
    let row: Option<(String,)> = read!(db, BY_REFERENCE, |sql, pool| sqlx::query_as(sql)
        .bind(channel)
        .bind(reference)
        .fetch_optional(pool)
        .await?);
    Ok(row.map(|(id,)| id))
}
