//! Claiming: an entry belongs to one worker for the length of a lease. Nothing is sent that was not claimed durably.

use chrono::{DateTime, Utc};
use sqlx::FromRow;

use super::entry::State;
use super::fallback::{self, Moment};
use crate::db::{DbError, Sql, Work};
use crate::on;

/// Losses after which an entry is only offered alone, so that it cannot take others down with it.
const SUSPECT_AFTER: i64 = 1;

macro_rules! claim {
    ($beside:literal, $lock:literal) => {
        concat!(
            "WITH due AS MATERIALIZED (SELECT id FROM outbox WHERE state = 'ready' AND channel = $1 AND due_at <= $2 \
             AND valid_until > $2 AND lost >= $3 AND lost <= $4 ",
            $beside,
            " ORDER BY lost, due_at LIMIT $5 ",
            $lock,
            ") UPDATE outbox SET state = 'sending', attempts = attempts + 1, epoch = epoch + 1, worker = $6, \
             claimed_at = $2, begun_at = COALESCE(begun_at, $2), lease_until = $7 WHERE id IN (SELECT id FROM due) \
             RETURNING id, dedup_key, recipient_id, message_id, address, host, unit_code, attempts, epoch, ready_at, \
             valid_until, chain_id, CASE WHEN resend_for = 0 THEN CAST(0 AS BIGINT) \
             ELSE begun_at + resend_for END AS resend_until, \
             (SELECT content FROM outbox_content WHERE entry_id = outbox.id) AS content"
        )
    };
}

pub(super) const CLAIM: Sql = Sql { sqlite: claim!("", ""), postgres: claim!("", "FOR UPDATE SKIP LOCKED") };

/// The same, but for some hosts.
pub(super) const CLAIM_BESIDE: Sql = Sql {
    sqlite: claim!("AND host NOT IN (SELECT value FROM json_each($8))", ""),
    postgres: claim!("AND host NOT IN (SELECT json_array_elements_text(CAST($8 AS JSON)))", "FOR UPDATE SKIP LOCKED"),
};

pub(super) const EXPIRE: Sql = Sql::portable(
    "UPDATE outbox SET state = 'expired', settled_at = $1, last_error = 'its validity ran out before it could be sent' \
     WHERE state = 'ready' AND valid_until <= $1 RETURNING state, chain_id",
);

pub(super) const EXPIRE_HELD: Sql = Sql::portable(
    "UPDATE outbox SET state = 'expired', settled_at = $1, hold_reason = NULL, \
     last_error = 'nobody let it go before its validity ran out' WHERE state = 'held' AND valid_until <= $1 \
     RETURNING state, chain_id",
);

/// What must never be repeated is not, also where a clock was put back since it began.
pub(super) const RECORD_LOST: Sql = Sql::portable(
    "INSERT INTO attempt (entry_id, number, started_at, ended_at, outcome, code, answer, next_state, next_due_at, burnt) \
     SELECT id, epoch, COALESCE(claimed_at, $1), $1, 'lost', CAST(NULL AS BIGINT), 'its worker ended', \
     CASE WHEN resend_for = 0 OR COALESCE(begun_at, $1) + resend_for <= $1 THEN 'uncertain' \
     WHEN lost >= 2 THEN 'quarantined' ELSE 'ready' END, CAST($1 AS BIGINT), FALSE \
     FROM outbox WHERE state = 'sending' AND lease_until <= $2 ON CONFLICT (entry_id, number) DO NOTHING",
);

pub(super) const TAKE_BACK_LOST: Sql = Sql::portable(
    "UPDATE outbox SET lost = lost + 1, attempts = attempts - 1, lease_until = NULL, worker = NULL, \
     state = CASE WHEN resend_for = 0 OR COALESCE(begun_at, $1) + resend_for <= $1 THEN 'uncertain' \
     WHEN lost >= 2 THEN 'quarantined' ELSE 'ready' END, \
     settled_at = CASE WHEN resend_for > 0 AND COALESCE(begun_at, $1) + resend_for > $1 AND lost >= 2 THEN $1 ELSE CAST(NULL AS BIGINT) END, \
     last_error = 'its worker ended before an answer came' WHERE state = 'sending' AND lease_until <= $2 \
     RETURNING state, chain_id",
);

/// An entry that is ours until its lease ends.
#[derive(Debug, Clone, FromRow)]
pub struct Claimed {
    /// Identity.
    pub id: String,
    /// What makes it unique.
    pub dedup_key: String,
    /// Whom it is for.
    pub recipient_id: String,
    /// The same on every try.
    pub message_id: String,
    /// Where to.
    pub address: String,
    /// Whose machine that is: a mail domain, the host of a URL, or nothing.
    pub host: String,
    /// Official code of the first unit it is about.
    pub unit_code: String,
    /// JSON of the message.
    pub content: String,
    /// Attempts that counted, this one included.
    pub attempts: i64,
    /// The lease's fencing number.
    pub epoch: i64,
    /// When it became ready, in milliseconds.
    pub ready_at: Option<i64>,
    /// When it goes stale, in milliseconds.
    pub valid_until: i64,
    /// Until when an unknown outcome may be tried again, in milliseconds.
    pub resend_until: i64,
    /// The first entry of its message, when several channels could carry it.
    pub chain_id: Option<String>,
}

impl Claimed {
    /// What it is: `reminder`, `digest`, `alert` …
    pub fn kind(&self) -> &str {
        self.dedup_key.split('/').next().unwrap_or_default()
    }
}

/// Who claims, what, and for how long.
#[derive(Debug, Clone, Copy)]
pub struct Claim<'a> {
    /// The channel to claim for.
    pub channel: &'a str,
    /// This worker.
    pub worker: &'a str,
    /// At most so many.
    pub limit: usize,
    /// The database's clock.
    pub now: DateTime<Utc>,
    /// When the lease ends.
    pub lease_until: DateTime<Utc>,
    /// Hosts that get nothing more for now.
    pub beside: &'a [String],
}

/// Which entries may be claimed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trust {
    /// Those that did not end their worker more than once.
    Usual,
    /// Those that did; to be sent with nothing else in flight.
    Suspect,
}

/// Claims due entries, the least suspicious and longest due first.
///
/// # Errors
/// The engine's.
pub async fn claim(work: &mut Work, claim: Claim<'_>, trust: Trust) -> Result<Vec<Claimed>, DbError> {
    let (least, most, limit) = match trust {
        Trust::Usual => (0, SUSPECT_AFTER - 1, claim.limit),
        Trust::Suspect => (SUSPECT_AFTER, i64::MAX, claim.limit.min(1)),
    };
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let statement = if claim.beside.is_empty() { CLAIM } else { CLAIM_BESIDE };
    Ok(on!(work, statement, |sql, conn| {
        let query = sqlx::query_as::<_, Claimed>(sql).bind(claim.channel).bind(claim.now.timestamp_millis());
        let query = query.bind(least).bind(most).bind(limit).bind(claim.worker);
        let mut query = query.bind(claim.lease_until.timestamp_millis());
        if !claim.beside.is_empty() {
            query = query.bind(serde_json::to_string(claim.beside).unwrap_or_default());
        }
        query.fetch_all(conn).await?
    }))
}

/// What a look over the queue found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Recovered {
    /// Entries whose worker ended.
    pub lost: u64,
    /// Of these, given up because they ended it again and again.
    pub quarantined: u64,
    /// Entries whose validity ran out.
    pub expired: u64,
    /// Entries that are tried now because the channel before them did not get through.
    pub called: u64,
}

/// Takes back entries whose lease ended by `leases_before`, lets stale ones expire, and moves the chains.
///
/// A process that holds its SQLite file alone passes a far future: every lease in it belongs to a dead process.
///
/// # Errors
/// The engine's.
pub async fn recover(work: &mut Work, moment: Moment, leases_before: DateTime<Utc>) -> Result<Recovered, DbError> {
    let now = moment.now.timestamp_millis();
    let before = leases_before.timestamp_millis();
    let mut found = Recovered::default();
    let mut ended = Vec::new();
    on!(work, RECORD_LOST, |sql, conn| sqlx::query(sql).bind(now).bind(before).execute(conn).await?.rows_affected());
    let lost: Vec<(String, Option<String>)> =
        on!(work, TAKE_BACK_LOST, |sql, conn| sqlx::query_as(sql).bind(now).bind(before).fetch_all(conn).await?);
    for (state, chain) in lost {
        found.lost += 1;
        if state == State::Quarantined.word() {
            found.quarantined += 1;
            ended.extend(chain);
        }
    }
    for statement in [EXPIRE, EXPIRE_HELD] {
        let expired: Vec<(String, Option<String>)> =
            on!(work, statement, |sql, conn| sqlx::query_as(sql).bind(now).fetch_all(conn).await?);
        for (_, chain) in expired {
            found.expired += 1;
            ended.extend(chain);
        }
    }
    found.called = fallback::look(work, ended, moment).await?;
    Ok(found)
}
