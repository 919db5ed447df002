//! What a person may do to an entry.

use chrono::{DateTime, Utc};

use crate::db::{DbError, Sql, Work};
use crate::on;

pub(super) const RETRY: Sql = Sql::portable(
    "UPDATE outbox SET state = 'ready', hold_reason = NULL, settled_at = NULL, due_at = $2, \
     ready_at = COALESCE(ready_at, $2), valid_until = $3, attempts = 0, lost = 0 \
     WHERE id = $1 AND (state IN ('failed', 'uncertain', 'quarantined', 'expired') \
     OR (state = 'held' AND hold_reason = 'trial'))",
);

pub(super) const CANCEL: Sql = Sql::portable(
    "UPDATE outbox SET state = 'cancelled', hold_reason = NULL, settled_at = $2, last_error = $3 \
     WHERE id = $1 AND state IN ('held', 'ready', 'uncertain')",
);

/// Offers a failed, uncertain, quarantined, expired or trial-held entry again, with the same `Message-ID`.
/// `false` when the entry is not in such a state.
///
/// # Errors
/// The engine's.
pub async fn retry(work: &mut Work, id: &str, now: DateTime<Utc>, valid_until: DateTime<Utc>) -> Result<bool, DbError> {
    Ok(on!(work, RETRY, |sql, conn| {
        let query = sqlx::query(sql).bind(id).bind(now.timestamp_millis()).bind(valid_until.timestamp_millis());
        query.execute(conn).await?.rows_affected()
    }) == 1)
}

/// Takes an entry back before it is sent. `false` when it is too late or already settled.
///
/// # Errors
/// The engine's.
pub async fn cancel(work: &mut Work, id: &str, why: &str, now: DateTime<Utc>) -> Result<bool, DbError> {
    Ok(on!(work, CANCEL, |sql, conn| {
        let query = sqlx::query(sql).bind(id).bind(now.timestamp_millis()).bind(why);
        query.execute(conn).await?.rows_affected()
    }) == 1)
}
