//! The ledger of messages.

use serde::Serialize;
use utoipa::ToSchema;

use super::time;
use crate::catalog::{mask_email, mask_phone};
use crate::clock::from_millis;
use crate::outbox::{Attempt, Entry, Said};

/// An entry of the outbox. Its address is masked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct OutboxEntry {
    /// Its id.
    pub id: String,
    /// What makes it one: recipient, channel, cases and steps.
    pub dedup_key: String,
    /// Official code of the first unit it is about; empty when it is about the whole province.
    pub unit_code: String,
    /// The office it is for: `07201/head`.
    pub recipient: String,
    /// Masked: `a***@xa.example`.
    pub address: String,
    /// The channel.
    pub channel: String,
    /// `held`, `ready`, `sending`, `sent`, `uncertain`, `failed`, `expired`, `cancelled`, `quarantined` or `standby`.
    pub state: &'static str,
    /// Why it is held.
    pub hold_reason: Option<String>,
    /// Attempts so far.
    pub attempts: i64,
    /// The `Message-ID` of all its attempts.
    pub message_id: String,
    /// When it was written.
    #[schema(format = DateTime)]
    pub created_at: String,
    /// When it may leave.
    #[schema(format = DateTime)]
    pub due_at: String,
    /// When it was settled.
    #[schema(format = DateTime)]
    pub settled_at: Option<String>,
    /// What the last attempt failed of.
    pub last_error: Option<String>,
    /// When its words were deleted under `[retention]`.
    #[schema(format = DateTime)]
    pub words_deleted_at: Option<String>,
    /// Names the entries of one message, where several channels could carry it.
    pub chain: Option<String>,
    /// Its place among them.
    pub place: i64,
    /// Whether it stands for the message.
    pub leads: bool,
}

impl From<&Entry> for OutboxEntry {
    fn from(entry: &Entry) -> Self {
        Self {
            id: entry.id.clone(),
            dedup_key: entry.dedup_key.clone(),
            unit_code: entry.unit_code.clone(),
            recipient: entry.recipient.clone(),
            address: masked(&entry.address),
            channel: entry.channel.clone(),
            state: entry.state.word(),
            hold_reason: entry.hold_reason.clone(),
            attempts: entry.attempts,
            message_id: entry.message_id.clone(),
            created_at: time(entry.created_at),
            due_at: time(entry.due_at),
            settled_at: entry.settled_at.map(time),
            last_error: entry.last_error.clone(),
            words_deleted_at: entry.words_deleted_at.map(time),
            chain: entry.chain.clone(),
            place: entry.place,
            leads: entry.leads,
        }
    }
}

/// An attempt that ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct AttemptLine {
    /// Its number.
    pub attempt: i64,
    /// When it began.
    #[schema(format = DateTime)]
    pub began: String,
    /// When it ended.
    #[schema(format = DateTime)]
    pub ended: String,
    /// How.
    pub outcome: String,
    /// Reply code, where the protocol has one.
    pub code: Option<i64>,
    /// What the peer said.
    pub answer: String,
}

impl From<&Attempt> for AttemptLine {
    fn from(attempt: &Attempt) -> Self {
        Self {
            attempt: attempt.number,
            began: time(from_millis(attempt.started_at)),
            ended: time(from_millis(attempt.ended_at)),
            outcome: attempt.outcome.clone(),
            code: attempt.code,
            answer: attempt.answer.clone(),
        }
    }
}

/// What was said of a message after it was taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct FactLine {
    /// `delayed`, `delivered`, `undelivered`, `bounced` or `seen`.
    pub fact: &'static str,
    /// When it happened.
    #[schema(format = DateTime)]
    pub at: String,
    /// When this program heard of it.
    #[schema(format = DateTime)]
    pub heard_at: String,
    /// Who said so.
    pub said_by: String,
    /// What else was said.
    pub detail: String,
}

impl From<&Said> for FactLine {
    fn from(said: &Said) -> Self {
        Self {
            fact: said.fact.word(),
            at: time(said.at),
            heard_at: time(said.noted_at),
            said_by: said.said_by.clone(),
            detail: said.detail.clone(),
        }
    }
}

/// An address, enough to recognise and not enough to use.
pub fn masked(address: &str) -> String {
    if address.contains('@') { mask_email(address) } else { mask_phone(address) }
}
