//! Settling: what became of claimed entries, many at a time, each fenced by its lease epoch.

use chrono::{DateTime, Utc};

use super::claim::Claimed;
use super::entry::State;
use crate::db::{Cell, DbError, Sql, Work, insert_rows};
use crate::on;

pub(super) const RECORD_ATTEMPT: Sql = Sql::portable(
    "INSERT INTO attempt (entry_id, number, started_at, ended_at, outcome, code, answer, next_state, next_due_at, burnt, \
     reference, sent_hash) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) ON CONFLICT (entry_id, number) DO NOTHING",
);

macro_rules! apply {
    ($list:literal, $value:literal) => {
        concat!(
            "UPDATE outbox SET lease_until = NULL, worker = NULL, state = next_state, \
             due_at = COALESCE(next_due_at, due_at), \
             settled_at = CASE WHEN next_state IN ('sent', 'failed', 'expired') THEN ended_at ELSE CAST(NULL AS BIGINT) END, \
             attempts = CASE WHEN burnt THEN attempts ELSE attempts - 1 END, \
             last_error = CASE outcome WHEN 'accepted' THEN CAST(NULL AS TEXT) WHEN 'handed_back' THEN last_error ELSE answer END, \
             reference = COALESCE(attempt.reference, outbox.reference) \
             FROM attempt WHERE entry_id = id AND number = epoch AND worker = $1 \
             AND id IN (SELECT ", $value, " FROM ", $list, ")"
        )
    };
}

/// Applies the attempts just recorded to the entries this worker still holds. Entries whose lease was lost have
/// another epoch and are left alone.
pub(super) const APPLY: Sql = Sql {
    sqlite: apply!("json_each($2)", "value"),
    postgres: apply!("json_array_elements_text(CAST($2 AS JSON))", "*"),
};

/// How an attempt ended, in the words of the ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The peer took it.
    Accepted,
    /// The peer will never take it.
    Permanent,
    /// The recipient cannot be reached through this channel.
    Recipient,
    /// The peer may take it later.
    Transient,
    /// The peer said when.
    Throttled,
    /// The channel was out of order; no entry is to blame.
    ChannelBroken,
    /// The peer may have taken it.
    Unknown,
    /// Its turn did not come before sending stopped; not a byte of it left.
    HandedBack,
}

impl Outcome {
    /// Its word in the database.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Permanent => "permanent",
            Self::Recipient => "recipient",
            Self::Transient => "transient",
            Self::Throttled => "throttled",
            Self::ChannelBroken => "channel_broken",
            Self::Unknown => "unknown",
            Self::HandedBack => "handed_back",
        }
    }
}

/// One ended attempt and what follows from it.
#[derive(Debug, Clone)]
pub struct Settlement {
    /// What was attempted.
    pub entry_id: String,
    /// Under which lease.
    pub epoch: i64,
    /// When it began.
    pub started_at: DateTime<Utc>,
    /// When it ended.
    pub ended_at: DateTime<Utc>,
    /// How.
    pub outcome: Outcome,
    /// Reply code, if the protocol has one.
    pub code: Option<i32>,
    /// What the peer said, one sanitised line.
    pub answer: String,
    /// What the provider calls the message, if it says.
    pub reference: Option<String>,
    /// SHA-256 of the mail that the peer took, in hexadecimal.
    pub sent_hash: Option<String>,
    /// Where the entry goes.
    pub next: State,
    /// When it is due again, for [`State::Ready`].
    pub due_at: Option<DateTime<Utc>>,
    /// Whether the attempt counts.
    pub burnt: bool,
    /// The first entry of its message, when several channels could carry it.
    pub chain_id: Option<String>,
}

/// Records the attempts and moves their entries, in one unit of work. Returns how many moved: fewer than given
/// means that leases were lost meanwhile and another worker owns those entries.
///
/// # Errors
/// The engine's; then the entries stay claimed until their lease ends.
pub async fn settle(work: &mut Work, worker: &str, settlements: &[Settlement]) -> Result<u64, DbError> {
    if settlements.is_empty() {
        return Ok(0);
    }
    let rows: Vec<_> = settlements.iter().map(row).collect();
    insert_rows(work, RECORD_ATTEMPT, rows).await?;
    let ids: Vec<&str> = settlements.iter().map(|settlement| settlement.entry_id.as_str()).collect();
    let ids = serde_json::to_string(&ids).unwrap_or_default();
    Ok(on!(work, APPLY, |sql, conn| sqlx::query(sql).bind(worker).bind(ids).execute(conn).await?.rows_affected()))
}

/// An attempt as the ledger holds it.
fn row(settlement: &Settlement) -> [Cell<'_>; 12] {
    [
        settlement.entry_id.as_str().into(),
        settlement.epoch.into(),
        settlement.started_at.into(),
        settlement.ended_at.into(),
        settlement.outcome.word().into(),
        Cell::Number(settlement.code.map(i64::from)),
        settlement.answer.as_str().into(),
        settlement.next.word().into(),
        Cell::Number(settlement.due_at.map(|due| due.timestamp_millis())),
        settlement.burnt.into(),
        settlement.reference.as_deref().into(),
        settlement.sent_hash.as_deref().into(),
    ]
}

impl Claimed {
    /// The settlement of this entry with `outcome`, to be completed by the policy.
    pub fn ended(&self, started_at: DateTime<Utc>, ended_at: DateTime<Utc>, outcome: Outcome) -> Settlement {
        Settlement {
            entry_id: self.id.clone(),
            epoch: self.epoch,
            started_at,
            ended_at,
            outcome,
            code: None,
            answer: String::new(),
            reference: None,
            sent_hash: None,
            next: State::Sent,
            due_at: None,
            burnt: true,
            chain_id: self.chain_id.clone(),
        }
    }
}
