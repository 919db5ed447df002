//! Messages whose provider took them without saying how it calls them, and what waits for a channel.

use chrono::{DateTime, Utc};
use sqlx::FromRow;

use crate::db::{Db, DbError, Sql, Work};
use crate::{on, read};

pub(super) const UNREFERENCED: Sql = Sql::portable(
    "SELECT id, address, COALESCE(begun_at, settled_at) AS begun_at, \
     COALESCE((SELECT content FROM outbox_content WHERE entry_id = outbox.id), '') AS content FROM outbox \
     WHERE channel = $1 AND state = 'sent' AND settled_at >= $2 AND reference IS NULL AND NOT EXISTS \
     (SELECT 1 FROM receipt WHERE entry_id = outbox.id AND fact IN ('delivered', 'undelivered', 'bounced')) \
     ORDER BY settled_at LIMIT $3",
);

pub(super) const LEARN: Sql = Sql::portable(
    "UPDATE outbox SET reference = $3 WHERE id = $1 AND channel = $2 AND state = 'sent' AND reference IS NULL",
);

pub(super) const QUEUED: Sql =
    Sql::portable("SELECT count(*) FROM outbox WHERE channel = $1 AND state IN ('ready', 'sending')");

/// A message that was taken under a name we were not told.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct Unreferenced {
    /// The entry.
    pub id: String,
    /// Where it went.
    pub address: String,
    /// When it was first attempted, in milliseconds.
    pub begun_at: i64,
    /// JSON of the message.
    pub content: String,
}

/// The messages of `channel` that were taken since `since` and whose provider has not said how it calls them, the oldest
/// first.
///
/// # Errors
/// The engine's.
pub async fn unreferenced(
    db: &Db,
    channel: &str,
    since: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<Unreferenced>, DbError> {
    Ok(read!(db, UNREFERENCED, |sql, pool| {
        let query = sqlx::query_as(sql).bind(channel).bind(since.timestamp_millis());
        query.bind(limit).fetch_all(pool).await?
    }))
}

/// Notes how the provider of `channel` calls an entry that it took. `false`: it is known already, or was not taken.
///
/// # Errors
/// The engine's.
pub async fn learn_reference(work: &mut Work, channel: &str, id: &str, reference: &str) -> Result<bool, DbError> {
    Ok(on!(work, LEARN, |sql, conn| {
        sqlx::query(sql).bind(id).bind(channel).bind(reference).execute(conn).await?.rows_affected()
    }) == 1)
}

/// How many messages wait for `channel` or are on their way.
///
/// # Errors
/// The engine's.
pub async fn queued(db: &Db, channel: &str) -> Result<u64, DbError> {
    let (count,): (i64,) = read!(db, QUEUED, |sql, pool| sqlx::query_as(sql).bind(channel).fetch_one(pool).await?);
    Ok(u64::try_from(count).unwrap_or(0))
}
