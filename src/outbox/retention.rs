//! How long settled entries are kept: their words, and later their rows. In small batches, so that nobody waits for one.
//!
//! An entry is old when it and every entry of its chain are settled since before an instant. What is not settled (held,
//! ready, sending, standing by, uncertain) is never old. The words go first; what lost them is never offered again.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use sqlx::FromRow;

use crate::clock::from_millis;
use crate::db::{Db, DbError, Sql, Work};
use crate::{on, read};

/// Entries per unit of work.
const AT_ONCE: u32 = 500;

/// How long what is settled is kept, in months; 0 is for ever.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    /// The words of messages.
    pub bodies: u32,
    /// Entries, attempts and what was said about them later; not shorter than the words.
    pub ledger: u32,
}

impl Default for Retention {
    fn default() -> Self {
        Self { bodies: 24, ledger: 60 }
    }
}

/// An entry is settled since before $1, and so is every other of its chain.
macro_rules! old {
    ($before:literal) => {
        concat!(
            "created_at < ",
            $before,
            " AND settled_at < ",
            $before,
            " AND (chain_id IS NULL OR NOT EXISTS (SELECT 1 FROM outbox AS other WHERE other.chain_id = outbox.chain_id \
             AND (other.settled_at IS NULL OR other.settled_at >= ",
            $before,
            ")))"
        )
    };
}

/// Asks again for what the choice was made by, so that whatever is offered again meanwhile keeps its words.
pub(super) const MARK: Sql = Sql::portable(concat!(
    "UPDATE outbox SET words_deleted_at = $2 WHERE settled_at < $1 AND words_deleted_at IS NULL AND id IN \
     (SELECT entry_id FROM outbox_content JOIN outbox ON id = entry_id WHERE written_at < $1 AND ",
    old!("$1"),
    " ORDER BY written_at, entry_id LIMIT $3) RETURNING id"
));

pub(super) const FORGET_WORDS: Sql = Sql {
    sqlite: "DELETE FROM outbox_content WHERE entry_id IN (SELECT value FROM json_each($1))",
    postgres: "DELETE FROM outbox_content WHERE entry_id IN (SELECT json_array_elements_text(CAST($1 AS json)))",
};

pub(super) const COUNT_WORDS: Sql = Sql::portable(concat!(
    "SELECT count(*) FROM outbox_content JOIN outbox ON id = entry_id WHERE written_at < $1 AND ",
    old!("$1")
));

pub(super) const NEXT_WITH_WORDS: Sql = Sql::portable(concat!(
    "SELECT id, recipient_id, written_at AS created_at FROM outbox_content JOIN outbox ON id = entry_id \
     WHERE written_at < $1 AND (written_at > $2 OR (written_at = $2 AND entry_id > $3)) AND ",
    old!("$1"),
    " ORDER BY written_at, entry_id LIMIT $4"
));

pub(super) const NEXT_WITHOUT_WORDS: Sql = Sql::portable(concat!(
    "SELECT id, recipient_id, created_at FROM outbox WHERE words_deleted_at IS NOT NULL \
     AND (created_at > $2 OR (created_at = $2 AND id > $3)) AND ",
    old!("$1"),
    " ORDER BY created_at, id LIMIT $4"
));

/// What has no words is settled for good.
pub(super) const FORGET: Sql = Sql {
    sqlite: "DELETE FROM outbox WHERE words_deleted_at IS NOT NULL AND id IN (SELECT value FROM json_each($1))",
    postgres: "DELETE FROM outbox WHERE words_deleted_at IS NOT NULL \
               AND id IN (SELECT json_array_elements_text(CAST($1 AS json)))",
};

macro_rules! forget_beside {
    ($table:literal, $listed:literal) => {
        concat!(
            "DELETE FROM ",
            $table,
            " WHERE entry_id IN (",
            $listed,
            ") AND NOT EXISTS (SELECT 1 FROM outbox WHERE outbox.id = ",
            $table,
            ".entry_id)"
        )
    };
}

pub(super) const FORGET_ATTEMPTS: Sql = Sql {
    sqlite: forget_beside!("attempt", "SELECT value FROM json_each($1)"),
    postgres: forget_beside!("attempt", "SELECT json_array_elements_text(CAST($1 AS json))"),
};

pub(super) const FORGET_RECEIPTS: Sql = Sql {
    sqlite: forget_beside!("receipt", "SELECT value FROM json_each($1)"),
    postgres: forget_beside!("receipt", "SELECT json_array_elements_text(CAST($1 AS json))"),
};

/// Deletes the words of the next entries that are settled since before `before`. Returns how many; 0: there are no more.
///
/// # Errors
/// The engine's.
pub async fn forget_words(work: &mut Work, before: DateTime<Utc>, now: DateTime<Utc>) -> Result<u64, DbError> {
    let ids: Vec<String> = on!(&mut *work, MARK, |sql, conn| {
        let query = sqlx::query_scalar(sql).bind(before.timestamp_millis()).bind(now.timestamp_millis());
        query.bind(i64::from(AT_ONCE)).fetch_all(conn).await?
    });
    let listed = serde_json::Value::from(ids.as_slice()).to_string();
    on!(work, FORGET_WORDS, |sql, conn| sqlx::query(sql).bind(listed.as_str()).execute(conn).await?.rows_affected());
    Ok(u64::try_from(ids.len()).unwrap_or(u64::MAX))
}

/// How many entries' words [`forget_words`] would delete.
///
/// # Errors
/// The engine's.
pub async fn old_words(db: &Db, before: DateTime<Utc>) -> Result<u64, DbError> {
    let count: i64 = read!(db, COUNT_WORDS, |sql, pool| {
        sqlx::query_scalar(sql).bind(before.timestamp_millis()).fetch_one(pool).await?
    });
    Ok(u64::try_from(count).unwrap_or(0))
}

/// Rows that stay however old they are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Kept {
    /// Recipients with an open case, and since when: a row written since then may be what a rerun meets instead of writing
    /// a second time.
    pub since: HashMap<String, DateTime<Utc>>,
    /// Entries that something else still speaks of.
    pub ids: HashSet<String>,
}

impl Kept {
    fn keeps(&self, old: &Old) -> bool {
        let since = self.since.get(&old.recipient_id);
        self.ids.contains(&old.id) || since.is_some_and(|since| from_millis(old.created_at) >= *since)
    }
}

#[derive(Debug, FromRow)]
struct Old {
    id: String,
    recipient_id: String,
    created_at: i64,
}

/// A walk through the old entries, oldest first: those whose words are gone already, or those that still have them.
#[derive(Debug)]
pub struct Walk<'a> {
    before: DateTime<Utc>,
    with_words: bool,
    kept: &'a Kept,
    at: (i64, String),
    /// How many were met that stay all the same.
    pub stay: u64,
}

impl<'a> Walk<'a> {
    /// Through those that are settled since before `before`, but for those that are `kept`.
    pub const fn new(before: DateTime<Utc>, with_words: bool, kept: &'a Kept) -> Self {
        Self { before, with_words, kept, at: (i64::MIN, String::new()), stay: 0 }
    }

    /// The next ids; `None` at the end.
    ///
    /// # Errors
    /// The engine's.
    pub async fn next(&mut self, db: &Db) -> Result<Option<Vec<String>>, DbError> {
        let statement = if self.with_words { NEXT_WITH_WORDS } else { NEXT_WITHOUT_WORDS };
        let found: Vec<Old> = read!(db, statement, |sql, pool| {
            let query = sqlx::query_as(sql).bind(self.before.timestamp_millis()).bind(self.at.0).bind(&self.at.1);
            query.bind(i64::from(AT_ONCE)).fetch_all(pool).await?
        });
        let Some(last) = found.last() else { return Ok(None) };
        self.at = (last.created_at, last.id.clone());
        let met = found.len();
        let ids: Vec<String> = found.into_iter().filter(|old| !self.kept.keeps(old)).map(|old| old.id).collect();
        self.stay += u64::try_from(met - ids.len()).unwrap_or(0);
        Ok(Some(ids))
    }
}

/// Deletes entries without words, and their attempts and receipts. Returns how many.
///
/// # Errors
/// The engine's.
pub async fn forget(work: &mut Work, ids: &[String]) -> Result<u64, DbError> {
    let listed = serde_json::Value::from(ids).to_string();
    let mut deleted = 0;
    for (nth, statement) in [FORGET, FORGET_ATTEMPTS, FORGET_RECEIPTS].into_iter().enumerate() {
        let rows = on!(&mut *work, statement, |sql, conn| {
            sqlx::query(sql).bind(listed.as_str()).execute(conn).await?.rows_affected()
        });
        deleted += if nth == 0 { rows } else { 0 };
    }
    Ok(deleted)
}
