//! What holds for every replica: the pause, which version of the program may write, and channels that rest.
//!
//! One statement reads them all; a busy lane asks a few times a second, an idle one before every claim.

use std::collections::HashMap;

use chrono::{DateTime, Utc};

use crate::db::{Db, DbError, Sql, Work};
use crate::{on, read};

/// Raised together with a migration after which programs of before must not write any more.
pub const WRITER: i64 = 1;

pub(super) const SWITCHES: Sql = Sql::portable(
    "SELECT 'switch' AS kind, name, value FROM switch \
     UNION ALL SELECT 'rest', channel, CAST(rests_until AS TEXT) FROM channel_rest",
);

pub(super) const SET_SWITCH: Sql = Sql::portable(
    "INSERT INTO switch (name, value, changed_at, changed_by, why) VALUES ($1, $2, $3, $4, $5) \
     ON CONFLICT (name) DO UPDATE SET value = excluded.value, changed_at = excluded.changed_at, \
     changed_by = excluded.changed_by, why = excluded.why",
);

pub(super) const PAUSE: Sql =
    Sql::portable("SELECT changed_at, changed_by, why FROM switch WHERE name = 'paused' AND value = 'yes'");

/// Never lowered: an old program that starts beside newer ones must not let older ones in again.
pub(super) const RAISE_WRITER: Sql = Sql::portable(
    "INSERT INTO switch (name, value, changed_at, changed_by) VALUES ('writer', $1, $2, $3) \
     ON CONFLICT (name) DO UPDATE SET value = excluded.value, changed_at = excluded.changed_at, \
     changed_by = excluded.changed_by WHERE CAST(switch.value AS BIGINT) < CAST(excluded.value AS BIGINT)",
);

pub(super) const REST: Sql = Sql::portable(
    "INSERT INTO channel_rest (channel, since, rests_until, reason) VALUES ($1, $2, $3, $4) \
     ON CONFLICT (channel) DO UPDATE SET rests_until = excluded.rests_until, reason = excluded.reason",
);

/// Whoever moves the end of the rest on is the one that tries the channel.
pub(super) const PROBE: Sql =
    Sql::portable("UPDATE channel_rest SET rests_until = $3 WHERE channel = $1 AND rests_until = $2");

pub(super) const MENDED: Sql = Sql::portable("DELETE FROM channel_rest WHERE channel = $1");

pub(super) const RESTING: Sql =
    Sql::portable("SELECT channel, since, reason FROM channel_rest ORDER BY since, channel");

/// The switches at one moment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Switches {
    /// Whether sending is paused everywhere.
    pub paused: bool,
    /// The version that a program must have at least to write.
    pub writer: i64,
    /// Channels that rest, and until when, in milliseconds.
    pub rests: HashMap<String, i64>,
}

impl Switches {
    /// # Errors
    /// [`DbError::Outdated`] when this program is too old to write.
    pub const fn allow_writing(&self) -> Result<(), DbError> {
        if self.writer > WRITER { Err(DbError::Outdated { needs: self.writer, has: WRITER }) } else { Ok(()) }
    }
}

/// Reads every switch.
///
/// # Errors
/// The engine's, or an impossible value.
pub async fn switches(db: &Db) -> Result<Switches, DbError> {
    let rows: Vec<(String, String, String)> =
        read!(db, SWITCHES, |sql, pool| sqlx::query_as(sql).fetch_all(pool).await?);
    let mut switches = Switches::default();
    for (kind, name, value) in rows {
        let number = || {
            value.parse().map_err(|_| DbError::Impossible { table: "switch", column: "value", value: value.clone() })
        };
        match (kind.as_str(), name.as_str()) {
            ("rest", _) => {
                switches.rests.insert(name, number()?);
            }
            (_, "paused") => switches.paused = value == "yes",
            (_, "writer") => switches.writer = number()?,
            _ => {}
        }
    }
    Ok(switches)
}

/// Whether sending is paused everywhere, for every replica.
///
/// # Errors
/// The engine's.
pub async fn paused(db: &Db) -> Result<bool, DbError> {
    Ok(switches(db).await?.paused)
}

/// A pause of all sending.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Pause {
    /// Since when, in milliseconds.
    #[sqlx(rename = "changed_at")]
    pub since: i64,
    /// Who said so.
    #[sqlx(rename = "changed_by")]
    pub by: String,
    /// Why; may be empty.
    pub why: String,
}

/// The pause, while there is one.
///
/// # Errors
/// The engine's.
pub async fn pause(db: &Db) -> Result<Option<Pause>, DbError> {
    Ok(read!(db, PAUSE, |sql, pool| sqlx::query_as(sql).fetch_optional(pool).await?))
}

/// Stops or resumes all sending, for every replica; remembered over restarts.
///
/// # Errors
/// The engine's.
pub async fn set_paused(db: &Db, pause: bool, by: &str, now: DateTime<Utc>) -> Result<(), DbError> {
    let mut work = db.begin().await?;
    switch_pause(&mut work, pause, (by, ""), now).await?;
    work.commit().await
}

/// The same within a unit of work, with what whoever says so says.
///
/// # Errors
/// The engine's.
pub async fn switch_pause(
    work: &mut Work,
    pause: bool,
    (by, why): (&str, &str),
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    let value = if pause { "yes" } else { "no" };
    on!(work, SET_SWITCH, |sql, conn| {
        let query = sqlx::query(sql).bind("paused").bind(value).bind(now.timestamp_millis()).bind(by);
        query.bind(why).execute(conn).await?.rows_affected()
    });
    Ok(())
}

/// Says that programs older than this one must not write any more, and makes sure that this one may.
///
/// # Errors
/// The engine's; [`DbError::Outdated`] when a newer program said so before.
pub async fn enter(db: &Db, worker: &str, now: DateTime<Utc>) -> Result<(), DbError> {
    let known = switches(db).await?;
    if known.writer < WRITER {
        let mut work = db.begin().await?;
        on!(&mut work, RAISE_WRITER, |sql, conn| {
            let query = sqlx::query(sql).bind(WRITER.to_string()).bind(now.timestamp_millis()).bind(worker);
            query.execute(conn).await?.rows_affected()
        });
        work.commit().await?;
    }
    known.allow_writing()
}

/// A channel that was found out of order and rests.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Resting {
    /// Its name.
    pub channel: String,
    /// Since when, in milliseconds.
    pub since: i64,
    /// What it said.
    pub reason: String,
}

/// The channels that rest, the longest first.
///
/// # Errors
/// The engine's.
pub async fn resting(db: &Db) -> Result<Vec<Resting>, DbError> {
    Ok(read!(db, RESTING, |sql, pool| sqlx::query_as(sql).fetch_all(pool).await?))
}

/// Lets a channel rest, for every replica.
pub(super) async fn rest(
    work: &mut Work,
    channel: &str,
    (now, until): (DateTime<Utc>, DateTime<Utc>),
    reason: &str,
) -> Result<(), DbError> {
    on!(work, REST, |sql, conn| {
        let query = sqlx::query(sql).bind(channel).bind(now.timestamp_millis()).bind(until.timestamp_millis());
        query.bind(reason).execute(conn).await?.rows_affected()
    });
    Ok(())
}

/// Whether this replica is the one that tries a channel whose rest ended at `seen`; the others then wait until `again`.
pub(super) async fn probe(work: &mut Work, channel: &str, seen: i64, again: DateTime<Utc>) -> Result<bool, DbError> {
    Ok(on!(work, PROBE, |sql, conn| {
        let query = sqlx::query(sql).bind(channel).bind(seen).bind(again.timestamp_millis());
        query.execute(conn).await?.rows_affected()
    }) == 1)
}

/// The channel works again.
pub(super) async fn mended(work: &mut Work, channel: &str) -> Result<(), DbError> {
    on!(work, MENDED, |sql, conn| sqlx::query(sql).bind(channel).execute(conn).await?.rows_affected());
    Ok(())
}
