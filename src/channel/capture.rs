//! The built-in mailbox: a table instead of the outside.

use chrono::{DateTime, Utc};
use sqlx::Row as _;
use uuid::Uuid;

use super::{Parcel, Receipt, SendError};
use crate::clock::{Clock, from_millis};
use crate::db::{Db, DbError, Sql, Work};
use crate::message::Message;
use crate::{on, read};

const CAPTURE: Sql = Sql::portable(
    "INSERT INTO mailbox (entry_id, message_id, address, unit_code, captured_at, content)
     VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (entry_id) DO NOTHING",
);
const LIST: Sql = Sql::portable(
    "SELECT entry_id, message_id, address, unit_code, captured_at, content, words_deleted_at FROM mailbox
     ORDER BY captured_at DESC, unit_code, entry_id LIMIT $1 OFFSET $2",
);
const ONE: Sql = Sql::portable(
    "SELECT entry_id, message_id, address, unit_code, captured_at, content, words_deleted_at FROM mailbox WHERE entry_id = $1",
);
/// The same, with the channel that caught each, narrowed to what is asked for. A test from the pages was caught by none.
const BROWSE: Sql = Sql::portable(
    "SELECT mailbox.entry_id, mailbox.message_id, mailbox.address, mailbox.unit_code, mailbox.captured_at, mailbox.content, \
     mailbox.words_deleted_at FROM mailbox LEFT JOIN outbox ON outbox.id = mailbox.entry_id \
     WHERE (CAST($1 AS TEXT) IS NULL OR coalesce(outbox.channel, '') = $1) \
     AND (CAST($2 AS TEXT) IS NULL OR outbox.run_id = $2) AND (CAST($3 AS TEXT) IS NULL OR mailbox.unit_code = $3) \
     ORDER BY mailbox.captured_at DESC, mailbox.unit_code, mailbox.entry_id LIMIT $4 OFFSET $5",
);
/// By which channels and in which rounds messages were caught.
const ORIGINS: Sql = Sql::portable(
    "SELECT DISTINCT coalesce(outbox.channel, ''), coalesce(outbox.run_id, '') \
     FROM mailbox LEFT JOIN outbox ON outbox.id = mailbox.entry_id",
);
const ORIGIN: Sql = Sql::portable("SELECT channel, run_id FROM outbox WHERE id = $1");
const COUNT: Sql = Sql::portable("SELECT COUNT(*) FROM mailbox");

const FORGET_WORDS: Sql = Sql::portable(
    "UPDATE mailbox SET content = '', words_deleted_at = $2 WHERE entry_id IN (SELECT entry_id FROM mailbox \
     WHERE words_deleted_at IS NULL AND captured_at < $1 AND NOT EXISTS (SELECT 1 FROM outbox \
     WHERE outbox.id = mailbox.entry_id AND outbox.words_deleted_at IS NULL) ORDER BY captured_at, entry_id LIMIT $3)",
);
const FORGET: Sql = Sql::portable(
    "DELETE FROM mailbox WHERE entry_id IN (SELECT entry_id FROM mailbox WHERE words_deleted_at IS NOT NULL \
     AND captured_at < $1 AND NOT EXISTS (SELECT 1 FROM outbox WHERE outbox.id = mailbox.entry_id) \
     ORDER BY captured_at, entry_id LIMIT $2)",
);
const OLD: Sql = Sql::portable(
    "SELECT count(*) FROM mailbox WHERE words_deleted_at IS NULL AND captured_at < $1 AND NOT EXISTS (SELECT 1 FROM outbox \
     WHERE outbox.id = mailbox.entry_id AND (outbox.settled_at IS NULL OR outbox.settled_at >= $1))",
);

/// Every statement of this file.
pub(super) const STATEMENTS: &[Sql] = &[CAPTURE, LIST, ONE, BROWSE, ORIGINS, ORIGIN, COUNT, FORGET_WORDS, FORGET, OLD];

/// The columns of a row, as [`from_row`] takes them; rows of the engines have no type in common.
macro_rules! columns {
    ($row:expr) => {
        (
            $row.try_get(0)?,
            $row.try_get(1)?,
            $row.try_get(2)?,
            $row.try_get(3)?,
            $row.try_get(4)?,
            $row.try_get(5)?,
            $row.try_get(6)?,
        )
    };
}

/// A message in the mailbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Captured {
    /// The entry that it was sent for.
    pub id: Uuid,
    /// Its `Message-ID`.
    pub message_id: String,
    /// Where it would have gone.
    pub address: String,
    /// Official code of the first unit it is about.
    pub unit_code: String,
    /// When it was captured.
    pub captured_at: DateTime<Utc>,
    /// The words; none once they were deleted.
    pub content: Message,
    /// When its words were deleted, because it is older than they are kept.
    pub words_deleted_at: Option<DateTime<Utc>>,
}

impl Captured {
    /// The same as it was handed over, dated when it was captured; [`mime`](super::mime) makes a mail of it.
    pub fn parcel(&self) -> Parcel {
        Parcel {
            id: self.id,
            message_id: self.message_id.clone(),
            address: self.address.clone(),
            unit_code: self.unit_code.clone(),
            recipient: String::new(),
            kind: String::new(),
            content: self.content.clone(),
            date: self.captured_at,
        }
    }
}

/// A page of the mailbox, newest first: at most `limit` messages after the first `offset`.
///
/// # Errors
/// When the database cannot be read.
pub async fn captured(db: &Db, limit: u32, offset: u32) -> Result<Vec<Captured>, DbError> {
    read!(db, LIST, |sql, pool| {
        let rows = sqlx::query(sql).bind(i64::from(limit)).bind(i64::from(offset)).fetch_all(pool).await?;
        rows.iter().map(|row| from_row(columns!(row))).collect()
    })
}

/// Which messages of the mailbox are asked for.
#[derive(Debug, Clone, Copy, Default)]
pub struct Caught<'a> {
    /// Name of the channel that caught them; empty: none did, somebody sent himself a test from the pages.
    pub channel: Option<&'a str>,
    /// The round, or what else they were written in.
    pub run_id: Option<&'a str>,
    /// Official code of the first unit that they are about.
    pub unit_code: Option<&'a str>,
}

/// The same as [`captured`], of those that `caught` asks for.
///
/// # Errors
/// When the database cannot be read.
pub async fn captured_of(db: &Db, caught: Caught<'_>, limit: u32, offset: u32) -> Result<Vec<Captured>, DbError> {
    read!(db, BROWSE, |sql, pool| {
        let query = sqlx::query(sql).bind(caught.channel).bind(caught.run_id).bind(caught.unit_code);
        let rows = query.bind(i64::from(limit)).bind(i64::from(offset)).fetch_all(pool).await?;
        rows.iter().map(|row| from_row(columns!(row))).collect()
    })
}

/// Channel and round of everything in the mailbox, each pair once; both are empty for tests from the pages.
///
/// # Errors
/// When the database cannot be read.
pub async fn caught_by(db: &Db) -> Result<Vec<(String, String)>, DbError> {
    Ok(read!(db, ORIGINS, |sql, pool| sqlx::query_as(sql).fetch_all(pool).await?))
}

/// Channel and round of one message; `None` for a test from the pages.
///
/// # Errors
/// When the database cannot be read.
pub async fn origin_of(db: &Db, id: Uuid) -> Result<Option<(String, String)>, DbError> {
    Ok(read!(db, ORIGIN, |sql, pool| sqlx::query_as(sql).bind(id.to_string()).fetch_optional(pool).await?))
}

/// The message that was captured for entry `id`, if any.
///
/// # Errors
/// When the database cannot be read.
pub async fn captured_one(db: &Db, id: Uuid) -> Result<Option<Captured>, DbError> {
    read!(db, ONE, |sql, pool| {
        let row = sqlx::query(sql).bind(id.to_string()).fetch_optional(pool).await?;
        row.map(|row| from_row(columns!(row))).transpose()
    })
}

/// How many messages the mailbox holds.
///
/// # Errors
/// When the database cannot be read.
pub async fn captured_count(db: &Db) -> Result<i64, DbError> {
    Ok(read!(db, COUNT, |sql, pool| sqlx::query(sql).fetch_one(pool).await?.try_get(0)?))
}

/// Deletes the words of the next `limit` messages that were captured before `before` and whose entry has none any more, or
/// is gone. Returns how many.
///
/// # Errors
/// The engine's.
pub async fn forget_captured_words(
    work: &mut Work,
    before: DateTime<Utc>,
    now: DateTime<Utc>,
    limit: u32,
) -> Result<u64, DbError> {
    Ok(on!(work, FORGET_WORDS, |sql, conn| {
        let query = sqlx::query(sql).bind(before.timestamp_millis()).bind(now.timestamp_millis());
        query.bind(i64::from(limit)).execute(conn).await?.rows_affected()
    }))
}

/// Deletes the next `limit` messages without words that were captured before `before` and whose entry is gone. Returns how
/// many.
///
/// # Errors
/// The engine's.
pub async fn forget_captured(work: &mut Work, before: DateTime<Utc>, limit: u32) -> Result<u64, DbError> {
    Ok(on!(work, FORGET, |sql, conn| {
        let query = sqlx::query(sql).bind(before.timestamp_millis()).bind(i64::from(limit));
        query.execute(conn).await?.rows_affected()
    }))
}

/// How many messages' words [`forget_captured_words`] would delete.
///
/// # Errors
/// When the database cannot be read.
pub async fn captured_before(db: &Db, before: DateTime<Utc>) -> Result<u64, DbError> {
    let count: i64 =
        read!(db, OLD, |sql, pool| sqlx::query_scalar(sql).bind(before.timestamp_millis()).fetch_one(pool).await?);
    Ok(u64::try_from(count).unwrap_or(0))
}

type Row = (String, String, String, String, i64, String, Option<i64>);

fn from_row(
    (id, message_id, address, unit_code, captured_at, content, words_deleted_at): Row,
) -> Result<Captured, DbError> {
    let impossible = |column: &'static str, value: &str| DbError::Impossible {
        table: "mailbox",
        column,
        value: value.chars().take(60).collect(),
    };
    Ok(Captured {
        id: id.parse().map_err(|_| impossible("entry_id", &id))?,
        message_id,
        address,
        unit_code,
        captured_at: from_millis(captured_at),
        content: if words_deleted_at.is_some() {
            Message::default()
        } else {
            serde_json::from_str(&content).map_err(|_| impossible("content", "not the JSON of a message"))?
        },
        words_deleted_at: words_deleted_at.map(from_millis),
    })
}

/// The channel.
#[derive(Debug)]
pub(super) struct CaptureChannel {
    db: Db,
    clock: Clock,
}

impl CaptureChannel {
    pub(super) fn open(db: &Db, clock: &Clock) -> Self {
        Self { db: db.clone(), clock: clock.clone() }
    }

    pub(super) async fn send(&self, parcel: &Parcel) -> Result<Receipt, SendError> {
        let content = serde_json::to_string(&parcel.content).map_err(|error| SendError::unfit(&error.to_string()))?;
        let stored = self.store(parcel, content).await;
        stored.map_err(|error| SendError::broken(&format!("the mailbox cannot be written: {error}")))?;
        Ok(Receipt { answer: "captured".to_owned(), ..Receipt::default() })
    }

    async fn store(&self, parcel: &Parcel, content: String) -> Result<(), DbError> {
        let mut work = self.db.begin().await?;
        put(&mut work, parcel, content, self.clock.now()).await?;
        work.commit().await
    }

    pub(super) async fn probe(&self) -> Result<String, SendError> {
        match captured_count(&self.db).await {
            Ok(count) => Ok(format!("the mailbox holds {count} messages")),
            Err(error) => Err(SendError::broken(&format!("the mailbox cannot be read: {error}"))),
        }
    }
}

/// Puts a message into the mailbox for whoever wants to look at it; it is part of no round and has no entry in the outbox.
///
/// # Errors
/// The engine's.
pub async fn put_into_mailbox(work: &mut Work, parcel: &Parcel, now: DateTime<Utc>) -> Result<(), DbError> {
    let impossible = |_| DbError::Impossible { table: "mailbox", column: "content", value: String::new() };
    let content = serde_json::to_string(&parcel.content).map_err(impossible)?;
    put(work, parcel, content, now).await
}

async fn put(work: &mut Work, parcel: &Parcel, content: String, now: DateTime<Utc>) -> Result<(), DbError> {
    on!(work, CAPTURE, |sql, conn| {
        sqlx::query(sql)
            .bind(parcel.id.to_string())
            .bind(parcel.message_id.as_str())
            .bind(parcel.address.as_str())
            .bind(parcel.unit_code.as_str())
            .bind(now.timestamp_millis())
            .bind(content)
            .execute(conn)
            .await?
            .rows_affected()
    });
    Ok(())
}
