//! The built-in mailbox: a table instead of the outside.

use chrono::{DateTime, Utc};
use sqlx::Row as _;
use uuid::Uuid;

use super::{Parcel, Receipt, SendError};
use crate::clock::{Clock, from_millis};
use crate::db::{Db, DbError, Sql};
use crate::message::Message;
use crate::{on, read};

const CAPTURE: Sql = Sql::portable(
    "INSERT INTO mailbox (entry_id, message_id, address, unit_code, captured_at, content)
     VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (entry_id) DO NOTHING",
);
const LIST: Sql = Sql::portable(
    "SELECT entry_id, message_id, address, unit_code, captured_at, content FROM mailbox
     ORDER BY captured_at DESC, unit_code, entry_id LIMIT $1 OFFSET $2",
);
const ONE: Sql = Sql::portable(
    "SELECT entry_id, message_id, address, unit_code, captured_at, content FROM mailbox WHERE entry_id = $1",
);
const COUNT: Sql = Sql::portable("SELECT COUNT(*) FROM mailbox");

/// Every statement of this room.
pub const STATEMENTS: &[Sql] = &[CAPTURE, LIST, ONE, COUNT];

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
    /// The words.
    pub content: Message,
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
        let rows = rows.iter().map(|row| {
            Ok::<_, DbError>((
                row.try_get(0)?,
                row.try_get(1)?,
                row.try_get(2)?,
                row.try_get(3)?,
                row.try_get(4)?,
                row.try_get(5)?,
            ))
        });
        rows.map(|row| from_row(row?)).collect()
    })
}

/// The message that was captured for entry `id`, if any.
///
/// # Errors
/// When the database cannot be read.
pub async fn captured_one(db: &Db, id: Uuid) -> Result<Option<Captured>, DbError> {
    read!(db, ONE, |sql, pool| {
        let row = sqlx::query(sql).bind(id.to_string()).fetch_optional(pool).await?;
        let Some(row) = row else { return Ok(None) };
        from_row((row.try_get(0)?, row.try_get(1)?, row.try_get(2)?, row.try_get(3)?, row.try_get(4)?, row.try_get(5)?))
            .map(Some)
    })
}

/// How many messages the mailbox holds.
///
/// # Errors
/// When the database cannot be read.
pub async fn captured_count(db: &Db) -> Result<i64, DbError> {
    Ok(read!(db, COUNT, |sql, pool| sqlx::query(sql).fetch_one(pool).await?.try_get(0)?))
}

type Row = (String, String, String, String, i64, String);

fn from_row((id, message_id, address, unit_code, captured_at, content): Row) -> Result<Captured, DbError> {
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
        content: serde_json::from_str(&content).map_err(|_| impossible("content", "not the JSON of a message"))?,
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
        Ok(Receipt { answer: "captured".to_owned(), reference: None })
    }

    async fn store(&self, parcel: &Parcel, content: String) -> Result<(), DbError> {
        let now = self.clock.now().timestamp_millis();
        let mut work = self.db.begin().await?;
        on!(&mut work, CAPTURE, |sql, conn| {
            sqlx::query(sql)
                .bind(parcel.id.to_string())
                .bind(parcel.message_id.as_str())
                .bind(parcel.address.as_str())
                .bind(parcel.unit_code.as_str())
                .bind(now)
                .bind(content)
                .execute(conn)
                .await?
                .rows_affected()
        });
        work.commit().await
    }

    pub(super) async fn probe(&self) -> Result<String, SendError> {
        match captured_count(&self.db).await {
            Ok(count) => Ok(format!("the mailbox holds {count} messages")),
            Err(error) => Err(SendError::broken(&format!("the mailbox cannot be read: {error}"))),
        }
    }
}
