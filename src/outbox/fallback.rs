//! One message, several channels: which entry of a chain is tried next, and when the rest is not needed any more.
//!
//! The entries of a chain are tried one after the other and never two at once: one that stands by is called only when
//! the one before it has ended. A fate that is not known calls nobody; a person resolves it.

use chrono::{DateTime, Utc};

use super::entry::State;
use super::receipt::Fact;
use crate::db::{Db, DbError, Sql, Work};
use crate::on;

macro_rules! among {
    ($before:literal, $sqlite:literal, $postgres:literal) => {
        Sql {
            sqlite: concat!($before, " IN (SELECT value FROM json_each(", $sqlite, "))"),
            postgres: concat!($before, " IN (SELECT json_array_elements_text(CAST(", $postgres, " AS JSON)))"),
        }
    };
}

/// The next one goes where the one before it did not get through: refused for this recipient, given up, too late, or
/// told of as not arrived. Where the message itself was refused another channel would refuse it too.
pub(super) const CALL: Sql = among!(
    "UPDATE outbox SET leads = TRUE, state = CASE WHEN hold_reason IS NULL THEN 'ready' ELSE 'held' END, \
     ready_at = CASE WHEN hold_reason IS NULL THEN $1 ELSE ready_at END, yields_at = yields_at - due_at + $2, due_at = $2, \
     called_at = COALESCE(called_at, $1) WHERE state = 'standby' AND valid_until > $2 AND (called_at IS NOT NULL OR \
     EXISTS (SELECT 1 FROM outbox AS before WHERE before.chain_id = outbox.chain_id AND before.place = outbox.place - 1 \
     AND (before.state = 'quarantined' OR (before.state = 'expired' AND before.ready_at IS NOT NULL) \
     OR (before.state = 'failed' AND NOT EXISTS (SELECT 1 FROM attempt WHERE entry_id = before.id \
     AND number = before.epoch AND outcome = 'permanent'))))) AND chain_id",
    "$3",
    "$3"
);

/// Whose turn it was no longer stands for the message.
pub(super) const FOLLOW: Sql = among!(
    "UPDATE outbox SET leads = FALSE WHERE leads AND EXISTS (SELECT 1 FROM outbox AS later \
     WHERE later.chain_id = outbox.chain_id AND later.place > outbox.place AND later.leads) AND chain_id",
    "$1",
    "$1"
);

/// The message was refused as such: what stands by waits for a person.
pub(super) const HOLD_BACK: Sql = among!(
    "UPDATE outbox SET state = 'held', hold_reason = 'fault', \
     last_error = 'another channel refused the message as such' WHERE state = 'standby' AND EXISTS (SELECT 1 \
     FROM outbox AS before JOIN attempt ON entry_id = before.id AND number = before.epoch AND outcome = 'permanent' \
     WHERE before.chain_id = outbox.chain_id AND before.place < outbox.place AND before.state = 'failed') AND chain_id",
    "$1",
    "$1"
);

/// What stands by behind a message that was taken back, or that nobody let go, is taken back with it.
pub(super) const DROP: Sql = among!(
    "UPDATE outbox SET state = 'cancelled', hold_reason = NULL, settled_at = $1, last_error = 'taken back with its message' \
     WHERE state = 'standby' AND EXISTS (SELECT 1 FROM outbox AS before WHERE before.chain_id = outbox.chain_id \
     AND before.place < outbox.place AND before.leads \
     AND (before.state = 'cancelled' OR (before.state = 'expired' AND before.ready_at IS NULL))) AND chain_id",
    "$2",
    "$2"
);

/// Nothing more can be heard of the one that was sent.
pub(super) const REACHED: Sql = among!(
    "UPDATE outbox SET state = 'cancelled', hold_reason = NULL, settled_at = $1, last_error = 'reached through ' || \
     (SELECT before.channel FROM outbox AS before WHERE before.chain_id = outbox.chain_id AND before.leads) \
     WHERE state = 'standby' AND EXISTS (SELECT 1 FROM outbox AS before WHERE before.chain_id = outbox.chain_id \
     AND before.leads AND before.state = 'sent') AND chain_id",
    "$2",
    "$2"
);

/// The time in which it could have been needed is over.
pub(super) const OVER: Sql = Sql::portable(
    "UPDATE outbox SET hold_reason = NULL, settled_at = $1, (state, last_error) = (\
     SELECT CASE WHEN count(*) > 0 THEN 'cancelled' ELSE 'expired' END, \
     COALESCE('reached through ' || min(before.channel), 'its validity ran out before it was needed') \
     FROM outbox AS before WHERE before.chain_id = outbox.chain_id AND before.leads AND before.state = 'sent') \
     WHERE state = 'standby' AND valid_until <= $1",
);

/// The one before was given up in favour of the next one, only while it is not on its way.
pub(super) const YIELD: Sql = Sql::portable(
    "UPDATE outbox SET state = 'expired', settled_at = $1, last_error = 'not sent by the time another channel takes over' \
     WHERE state = 'ready' AND yields_at <= $1 AND EXISTS (SELECT 1 FROM outbox AS next \
     WHERE next.chain_id = outbox.chain_id AND next.place = outbox.place + 1 AND next.state = 'standby') RETURNING chain_id",
);

/// It was heard that an entry did not arrive; whoever looks next calls the one behind it, at an hour when it may go.
pub(super) const HEARD: Sql = Sql::portable(
    "UPDATE outbox SET called_at = $2 WHERE state = 'standby' AND called_at IS NULL AND valid_until > $2 \
     AND EXISTS (SELECT 1 FROM outbox AS before WHERE before.id = $1 AND before.state = 'sent' \
     AND before.chain_id = outbox.chain_id AND before.place = outbox.place - 1)",
);

pub(super) const CALLED: Sql = Sql::portable(
    "SELECT DISTINCT chain_id FROM outbox WHERE state = 'standby' AND called_at IS NOT NULL AND chain_id IS NOT NULL",
);

/// When a chain is looked at.
#[derive(Debug, Clone, Copy)]
pub struct Moment {
    /// Now, by the clock that validity is reckoned by.
    pub now: DateTime<Utc>,
    /// From when on a message that is called now may go out.
    pub opens_at: DateTime<Utc>,
}

impl Moment {
    /// A moment at any hour of which messages may go out.
    pub const fn open(now: DateTime<Utc>) -> Self {
        Self { now, opens_at: now }
    }
}

/// Moves the chains of entries that have just ended, in the unit of work that ended them: calls the next one, holds the
/// rest back, or takes it back. Returns how many were called.
///
/// # Errors
/// The engine's.
pub async fn advance(work: &mut Work, chains: &[String], moment: Moment) -> Result<u64, DbError> {
    if chains.is_empty() {
        return Ok(0);
    }
    let list = serde_json::to_string(chains).unwrap_or_default();
    let (now, opens_at) = (moment.now.timestamp_millis(), moment.opens_at.timestamp_millis());
    let called = on!(work, CALL, |sql, conn| {
        sqlx::query(sql).bind(now).bind(opens_at).bind(list.as_str()).execute(conn).await?.rows_affected()
    });
    if called > 0 {
        on!(work, FOLLOW, |sql, conn| sqlx::query(sql).bind(list.as_str()).execute(conn).await?.rows_affected());
    }
    on!(work, HOLD_BACK, |sql, conn| sqlx::query(sql).bind(list.as_str()).execute(conn).await?.rows_affected());
    on!(work, DROP, |sql, conn| {
        sqlx::query(sql).bind(now).bind(list.as_str()).execute(conn).await?.rows_affected()
    });
    Ok(called)
}

/// Takes back what stands by behind entries that were sent, when nothing more can be heard of them.
///
/// # Errors
/// The engine's.
pub async fn reached(work: &mut Work, chains: &[String], now: DateTime<Utc>) -> Result<u64, DbError> {
    if chains.is_empty() {
        return Ok(0);
    }
    let list = serde_json::to_string(chains).unwrap_or_default();
    Ok(on!(work, REACHED, |sql, conn| {
        sqlx::query(sql).bind(now.timestamp_millis()).bind(list.as_str()).execute(conn).await?.rows_affected()
    }))
}

/// Whose time to yield has come, who was called by what was heard, and what is not needed any more: a look over all
/// chains. `ended` are those of entries that have just expired or were quarantined. Returns how many were called.
pub(super) async fn look(work: &mut Work, mut ended: Vec<String>, moment: Moment) -> Result<u64, DbError> {
    let now = moment.now.timestamp_millis();
    let yielded: Vec<(Option<String>,)> =
        on!(work, YIELD, |sql, conn| sqlx::query_as(sql).bind(now).fetch_all(conn).await?);
    ended.extend(yielded.into_iter().filter_map(|(chain,)| chain));
    let called: Vec<(String,)> = on!(work, CALLED, |sql, conn| sqlx::query_as(sql).fetch_all(conn).await?);
    ended.extend(called.into_iter().map(|(chain,)| chain));
    let called = advance(work, &ended, moment).await?;
    on!(work, OVER, |sql, conn| sqlx::query(sql).bind(now).execute(conn).await?.rows_affected());
    Ok(called)
}

/// What `fact` about `entry_id` means for the channel that stands by behind it.
pub(super) async fn heed(work: &mut Work, entry_id: &str, fact: Fact, now: DateTime<Utc>) -> Result<(), DbError> {
    if matches!(fact, Fact::Undelivered | Fact::Bounced) {
        on!(work, HEARD, |sql, conn| {
            sqlx::query(sql).bind(entry_id).bind(now.timestamp_millis()).execute(conn).await?.rows_affected()
        });
    }
    Ok(())
}

/// The other entries of the message that `id` belongs to, in the order in which they are tried: id, channel, state.
///
/// # Errors
/// The engine's, or an impossible state.
pub async fn others(db: &Db, id: &str) -> Result<Vec<(String, String, State)>, DbError> {
    let rows: Vec<(String, String, String)> =
        crate::read!(db, OTHERS, |sql, pool| sqlx::query_as(sql).bind(id).fetch_all(pool).await?);
    rows.into_iter().map(|(id, channel, state)| Ok((id, channel, State::from_word(&state)?))).collect()
}

pub(super) const OTHERS: Sql = Sql::portable(
    "SELECT id, channel, state FROM outbox WHERE id <> $1 \
     AND chain_id = (SELECT mine.chain_id FROM outbox AS mine WHERE mine.id = $1) ORDER BY place",
);
