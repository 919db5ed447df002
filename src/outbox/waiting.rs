//! Messages that wait for a second person, and their words while nobody has said yes.

use sqlx::FromRow;

use super::enqueue::content_hash;
use crate::db::{Db, DbError, Sql, Work};
use crate::{on, read};

pub(super) const WAITING: Sql = Sql::portable(
    "SELECT id, recipient_id, address, content FROM outbox JOIN outbox_content ON entry_id = id \
     WHERE state = 'held' AND hold_reason IN ('approval', 'guard') AND dedup_key LIKE CAST($1 AS TEXT) || '%' \
     ORDER BY id",
);

pub(super) const REHASH: Sql = Sql::portable(
    "UPDATE outbox SET content_hash = $2 \
     WHERE id = $1 AND state = 'held' AND hold_reason IN ('approval', 'guard')",
);

/// Where else it would go.
pub(super) const FURTHER: Sql = Sql::portable(
    "SELECT id, recipient_id, address, '' AS content FROM outbox WHERE chain_id = $1 AND state = 'standby'",
);

pub(super) const REHASH_FURTHER: Sql =
    Sql::portable("UPDATE outbox SET content_hash = $2 WHERE id = $1 AND state = 'standby'");

pub(super) const REWRITE: Sql = Sql::portable("UPDATE outbox_content SET content = $2 WHERE entry_id = $1");

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

/// Every message that waits for a second person and whose key begins with `kind`: `reminder/`, `digest/`.
///
/// # Errors
/// The engine's.
pub async fn waiting(db: &Db, kind: &str) -> Result<Vec<Waiting>, DbError> {
    Ok(read!(db, WAITING, |sql, pool| sqlx::query_as(sql).bind(kind).fetch_all(pool).await?))
}

/// Gives a message that still waits new words, by whatever channel it would go, and with them another hash: what was
/// asked about is void. `false` when it waits no more.
///
/// # Errors
/// The engine's.
pub async fn rewrite(work: &mut Work, entry: &Waiting, content: &str) -> Result<bool, DbError> {
    if !reword(work, REHASH, entry, content).await? {
        return Ok(false);
    }
    let further: Vec<Waiting> =
        on!(work, FURTHER, |sql, conn| sqlx::query_as(sql).bind(entry.id.as_str()).fetch_all(conn).await?);
    for entry in &further {
        reword(work, REHASH_FURTHER, entry, content).await?;
    }
    Ok(true)
}

async fn reword(work: &mut Work, rehash: Sql, entry: &Waiting, content: &str) -> Result<bool, DbError> {
    let hash = content_hash(&entry.address, content);
    let waits = on!(work, rehash, |sql, conn| {
        sqlx::query(sql).bind(entry.id.as_str()).bind(hash.as_str()).execute(conn).await?.rows_affected()
    }) == 1;
    if waits {
        on!(work, REWRITE, |sql, conn| {
            sqlx::query(sql).bind(entry.id.as_str()).bind(content).execute(conn).await?.rows_affected()
        });
    }
    Ok(waits)
}
