//! Messages that wait for a second person, and their words while nobody has said yes.

use sqlx::FromRow;

use super::enqueue::content_hash;
use crate::db::{Db, DbError, Sql, Work};
use crate::{on, read};

pub(super) const WAITING: Sql = Sql::portable(
    "SELECT id, recipient_id, address, content FROM outbox \
     WHERE state = 'held' AND hold_reason IN ('approval', 'guard') ORDER BY id",
);

pub(super) const REWRITE: Sql = Sql::portable(
    "UPDATE outbox SET content = $2, content_hash = $3 \
     WHERE id = $1 AND state = 'held' AND hold_reason IN ('approval', 'guard')",
);

/// A message that waits for a second person.
#[derive(Debug, Clone, FromRow)]
pub struct Waiting {
    /// Identity.
    pub id: String,
    /// Whom it is for.
    pub recipient_id: String,
    /// Where to.
    pub address: String,
    /// JSON of the message.
    pub content: String,
}

/// Every message that waits for a second person.
///
/// # Errors
/// The engine's.
pub async fn waiting(db: &Db) -> Result<Vec<Waiting>, DbError> {
    Ok(read!(db, WAITING, |sql, pool| sqlx::query_as(sql).fetch_all(pool).await?))
}

/// Gives a message that still waits new words, and with them another hash: what was asked about is void.
/// `false` when it waits no more.
///
/// # Errors
/// The engine's.
pub async fn rewrite(work: &mut Work, entry: &Waiting, content: &str) -> Result<bool, DbError> {
    let hash = content_hash(&entry.address, content);
    Ok(on!(work, REWRITE, |sql, conn| {
        let query = sqlx::query(sql).bind(entry.id.as_str()).bind(content).bind(hash.as_str());
        query.execute(conn).await?.rows_affected()
    }) == 1)
}
