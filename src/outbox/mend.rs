//! What a person may do to an entry. Each deed is recorded beside the attempts, with who did it.

use chrono::{DateTime, Utc};

use super::enqueue::{content_hash, host_of};
use super::fallback::{Moment, advance};
use crate::db::{DbError, Sql, Work};
use crate::on;

/// What another channel took over stays as it is: two at once would be two messages. So does what has no words any more.
pub(super) const RETRY: Sql = Sql::portable(
    "UPDATE outbox SET state = 'ready', hold_reason = NULL, settled_at = NULL, epoch = epoch + 1, leads = TRUE, \
     yields_at = yields_at - due_at + $2, due_at = $2, ready_at = COALESCE(ready_at, $2), valid_until = $3, begun_at = NULL, \
     attempts = 0, lost = 0 \
     WHERE id = $1 AND words_deleted_at IS NULL AND ((state IN ('failed', 'uncertain', 'quarantined', 'expired') AND leads) \
     OR (state = 'held' AND hold_reason IN ('trial', 'fault')))",
);

/// What stood by stands by again, for as long as the one before it is tried again.
pub(super) const STAND_BY: Sql = Sql::portable(
    "UPDATE outbox SET state = 'standby', hold_reason = NULL, settled_at = NULL, valid_until = $2, called_at = NULL \
     WHERE chain_id = (SELECT chain_id FROM outbox AS mine WHERE mine.id = $1) \
     AND place > (SELECT place FROM outbox AS mine WHERE mine.id = $1) \
     AND (state = 'standby' OR (state = 'held' AND hold_reason = 'fault'))",
);

/// The one that is tried again stands for the message.
pub(super) const LEAD: Sql = Sql::portable(
    "UPDATE outbox SET leads = FALSE WHERE id <> $1 AND leads \
     AND chain_id = (SELECT chain_id FROM outbox AS mine WHERE mine.id = $1)",
);

pub(super) const READDRESS: Sql =
    Sql::portable("UPDATE outbox SET address = $2, content_hash = $3, host = $4 WHERE id = $1 AND state = 'ready'");

pub(super) const CONTENT_OF: Sql = Sql::portable("SELECT content FROM outbox_content WHERE entry_id = $1");

pub(super) const CANCEL: Sql = Sql::portable(
    "UPDATE outbox SET state = 'cancelled', hold_reason = NULL, settled_at = $2, last_error = $3, epoch = epoch + 1 \
     WHERE id = $1 AND state IN ('held', 'ready', 'uncertain')",
);

/// What a person holds was not let go by anybody: if its validity runs out meanwhile, no other channel takes over.
pub(super) const HOLD: Sql = Sql::portable(
    "UPDATE outbox SET state = 'held', hold_reason = 'person', ready_at = NULL, last_error = $2, epoch = epoch + 1 \
     WHERE id = $1 AND state = 'ready'",
);

/// It is as it was before it was held, its attempts and its validity included, and due at $2 at the earliest.
pub(super) const LET_GO: Sql = Sql::portable(
    "UPDATE outbox SET state = 'ready', hold_reason = NULL, epoch = epoch + 1, ready_at = $2, \
     yields_at = CASE WHEN due_at > $2 THEN yields_at ELSE yields_at - due_at + $2 END, \
     due_at = CASE WHEN due_at > $2 THEN due_at ELSE $2 END, last_error = NULL \
     WHERE id = $1 AND state = 'held' AND hold_reason = 'person' AND valid_until > $2",
);

pub(super) const RESOLVE: Sql = Sql::portable(
    "UPDATE outbox SET state = $2, settled_at = $3, last_error = $4, epoch = epoch + 1 \
     WHERE id = $1 AND state = 'uncertain'",
);

pub(super) const DEED: Sql = Sql::portable(
    "INSERT INTO attempt (entry_id, number, started_at, ended_at, outcome, code, answer, next_state, next_due_at, burnt) \
     SELECT id, epoch, $2, $2, 'by_hand', CAST(NULL AS BIGINT), $3, state, CAST(NULL AS BIGINT), FALSE \
     FROM outbox WHERE id = $1",
);

pub(super) const CHAIN: Sql = Sql::portable("SELECT chain_id FROM outbox WHERE id = $1 AND chain_id IS NOT NULL");

pub(super) const STANDS_BY: Sql = Sql::portable(
    "SELECT count(*) FROM outbox WHERE state = 'standby' AND valid_until > $2 \
     AND chain_id = (SELECT chain_id FROM outbox AS mine WHERE mine.id = $1)",
);

/// Offers a failed, uncertain, quarantined, expired, trial- or fault-held entry again, with the same `Message-ID`.
/// `false` when the entry is not in such a state, or another channel took over.
///
/// # Errors
/// The engine's.
pub async fn retry(work: &mut Work, id: &str, now: DateTime<Utc>, valid_until: DateTime<Utc>) -> Result<bool, DbError> {
    let retried = on!(work, RETRY, |sql, conn| {
        let query = sqlx::query(sql).bind(id).bind(now.timestamp_millis()).bind(valid_until.timestamp_millis());
        query.execute(conn).await?.rows_affected()
    }) == 1;
    if retried {
        on!(work, STAND_BY, |sql, conn| {
            let query = sqlx::query(sql).bind(id).bind(valid_until.timestamp_millis());
            query.execute(conn).await?.rows_affected()
        });
        on!(work, LEAD, |sql, conn| sqlx::query(sql).bind(id).execute(conn).await?.rows_affected());
    }
    Ok(retried)
}

/// Sends an entry that was just offered again to where its recipient is reached now.
///
/// # Errors
/// The engine's.
pub async fn readdress(work: &mut Work, id: &str, address: &str) -> Result<bool, DbError> {
    let content: (String,) = on!(work, CONTENT_OF, |sql, conn| sqlx::query_as(sql).bind(id).fetch_one(conn).await?);
    let hash = content_hash(address, &content.0);
    Ok(on!(work, READDRESS, |sql, conn| {
        let query = sqlx::query(sql).bind(id).bind(address).bind(hash.as_str()).bind(host_of(address));
        query.execute(conn).await?.rows_affected()
    }) == 1)
}

/// Takes a message back before it is sent, by whatever channel it would go. `false` when it is too late or already settled.
///
/// # Errors
/// The engine's.
pub async fn cancel(work: &mut Work, id: &str, why: &str, now: DateTime<Utc>) -> Result<bool, DbError> {
    let cancelled = on!(work, CANCEL, |sql, conn| {
        let query = sqlx::query(sql).bind(id).bind(now.timestamp_millis()).bind(why);
        query.execute(conn).await?.rows_affected()
    }) == 1;
    if cancelled {
        let chain = chain_of(work, id).await?;
        advance(work, &chain, Moment::open(now)).await?;
    }
    Ok(cancelled)
}

/// Holds an entry that waits for its hour, until a person lets it go. `false` when it waits no more.
///
/// # Errors
/// The engine's.
pub async fn hold(work: &mut Work, id: &str, why: &str) -> Result<bool, DbError> {
    Ok(on!(work, HOLD, |sql, conn| sqlx::query(sql).bind(id).bind(why).execute(conn).await?.rows_affected()) == 1)
}

/// Lets an entry go that a person held, not before `from`. `false` when nobody holds it, or it would be too old by then.
///
/// # Errors
/// The engine's.
pub async fn let_go(work: &mut Work, id: &str, from: DateTime<Utc>) -> Result<bool, DbError> {
    Ok(on!(work, LET_GO, |sql, conn| {
        sqlx::query(sql).bind(id).bind(from.timestamp_millis()).execute(conn).await?.rows_affected()
    }) == 1)
}

/// What a person found out about a message whose fate was not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It arrived.
    Sent,
    /// It did not.
    NotSent,
}

/// What followed from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resolved {
    /// The entry's fate is known already, or there is no such entry.
    Not,
    /// It counts as sent.
    Sent,
    /// The recipient's next channel is tried.
    NextChannel,
    /// It is offered again.
    Again,
}

/// Says what became of an entry that is `uncertain`. One that did not arrive goes by the recipient's next channel, or,
/// without one, again until `valid_until`.
///
/// # Errors
/// The engine's.
pub async fn resolve(
    work: &mut Work,
    id: &str,
    fate: Fate,
    (why, moment, valid_until): (&str, Moment, DateTime<Utc>),
) -> Result<Resolved, DbError> {
    let now = moment.now.timestamp_millis();
    let (becomes, why) = match fate {
        Fate::Sent => ("sent", None),
        Fate::NotSent => ("failed", Some(why)),
    };
    let known = on!(work, RESOLVE, |sql, conn| {
        sqlx::query(sql).bind(id).bind(becomes).bind(now).bind(why).execute(conn).await?.rows_affected()
    }) == 1;
    if !known {
        return Ok(Resolved::Not);
    }
    if fate == Fate::Sent {
        return Ok(Resolved::Sent);
    }
    let further: (i64,) =
        on!(work, STANDS_BY, |sql, conn| sqlx::query_as(sql).bind(id).bind(now).fetch_one(conn).await?);
    if further.0 > 0 {
        let chain = chain_of(work, id).await?;
        advance(work, &chain, moment).await?;
        return Ok(Resolved::NextChannel);
    }
    retry(work, id, moment.opens_at, valid_until).await?;
    Ok(Resolved::Again)
}

/// Records what a person did to an entry, beside its attempts; after the deed, in the same unit of work.
///
/// # Errors
/// The engine's.
pub async fn record_deed(work: &mut Work, id: &str, what: &str, now: DateTime<Utc>) -> Result<(), DbError> {
    on!(work, DEED, |sql, conn| {
        sqlx::query(sql).bind(id).bind(now.timestamp_millis()).bind(what).execute(conn).await?.rows_affected()
    });
    Ok(())
}

async fn chain_of(work: &mut Work, id: &str) -> Result<Vec<String>, DbError> {
    let chain: Option<(String,)> =
        on!(work, CHAIN, |sql, conn| sqlx::query_as(sql).bind(id).fetch_optional(conn).await?);
    Ok(chain.into_iter().map(|(chain,)| chain).collect())
}
