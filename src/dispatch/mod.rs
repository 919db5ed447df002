//! The right half: claims entries from the outbox, hands them to their channels and settles what became of them.
//!
//! ```text
//! outbox ──claim──► channel ──answer──► policy ──settle──► outbox
//! ```
//!
//! Knows the outbox and the channels, and nothing of figures. Claims and settlements share their units of work:
//! the disk's sync is the bottleneck, so it is paid once for many messages. Nothing leaves before its claim is
//! durable; no unit of work is open while a channel works.

mod flight;
mod lane;
mod policy;
mod settings;

pub use lane::{Lane, Limits, Report};
pub use settings::Settings;

use chrono::{DateTime, Utc};

use crate::db::{Db, DbError, Sql};
use crate::{on, read};

const SWITCH: Sql = Sql::portable("SELECT value FROM switch WHERE name = $1");

const SET_SWITCH: Sql = Sql::portable(
    "INSERT INTO switch (name, value, changed_at, changed_by) VALUES ($1, $2, $3, $4) \
     ON CONFLICT (name) DO UPDATE SET value = excluded.value, changed_at = excluded.changed_at, \
     changed_by = excluded.changed_by",
);

/// Every statement of this room.
pub const STATEMENTS: &[Sql] = &[SWITCH, SET_SWITCH];

/// Whether sending is paused everywhere, for every replica.
///
/// # Errors
/// The engine's.
pub async fn paused(db: &Db) -> Result<bool, DbError> {
    let value: Option<(String,)> =
        read!(db, SWITCH, |sql, pool| sqlx::query_as(sql).bind("paused").fetch_optional(pool).await?);
    Ok(value.is_some_and(|(value,)| value == "yes"))
}

/// Stops or resumes all sending, for every replica; remembered over restarts.
///
/// # Errors
/// The engine's.
pub async fn set_paused(db: &Db, pause: bool, by: &str, now: DateTime<Utc>) -> Result<(), DbError> {
    let mut work = db.begin().await?;
    let value = if pause { "yes" } else { "no" };
    on!(&mut work, SET_SWITCH, |sql, conn| {
        let query = sqlx::query(sql).bind("paused").bind(value).bind(now.timestamp_millis()).bind(by);
        query.execute(conn).await?.rows_affected()
    });
    work.commit().await
}
