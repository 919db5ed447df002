//! What lies in the outbox.

use std::time::Duration;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::db::{DbError, id_beside};

/// Everything of ours that gets an id is named under this.
const NAMESPACE: Uuid = Uuid::from_u128(0x6f0c_9a52_3c1d_5e8b_8d2e_d0d0_c000_0001);

/// Identity of an entry, made of its deduplication key alone, so that a rerun, a replica or a retry meets its own row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EntryId(pub Uuid);

impl EntryId {
    /// The id that belongs to `dedup_key`: `reminder/<recipient>/…`.
    pub fn of(dedup_key: &str) -> Self {
        let recipient = dedup_key.split_once('/').map_or(dedup_key, |(_, rest)| rest);
        Self(id_beside(NAMESPACE, recipient, dedup_key))
    }
}

/// Where an entry stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum State {
    /// Waits for a person; see [`HoldReason`].
    Held,
    /// Waits for its hour.
    Ready,
    /// Claimed by a worker.
    Sending,
    /// The peer took it.
    Sent,
    /// The peer may have taken it; a person decides.
    Uncertain,
    /// Given up.
    Failed,
    /// Its validity ran out before it could be sent.
    Expired,
    /// Taken back by a person.
    Cancelled,
    /// Ended its worker again and again.
    Quarantined,
    /// Goes to the same recipient by another channel, if the one before it does not get through.
    Standby,
}

impl State {
    /// Every state.
    pub const ALL: [Self; 10] = [
        Self::Held,
        Self::Ready,
        Self::Sending,
        Self::Sent,
        Self::Uncertain,
        Self::Failed,
        Self::Expired,
        Self::Cancelled,
        Self::Quarantined,
        Self::Standby,
    ];

    /// Its word in the database and in outputs.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::Ready => "ready",
            Self::Sending => "sending",
            Self::Sent => "sent",
            Self::Uncertain => "uncertain",
            Self::Failed => "failed",
            Self::Expired => "expired",
            Self::Cancelled => "cancelled",
            Self::Quarantined => "quarantined",
            Self::Standby => "standby",
        }
    }

    /// The state that `word` names.
    ///
    /// # Errors
    /// [`DbError::Impossible`] for any other word.
    pub fn from_word(word: &str) -> Result<Self, DbError> {
        let state = Self::ALL.into_iter().find(|state| state.word() == word);
        state.ok_or_else(|| DbError::Impossible { table: "outbox", column: "state", value: word.to_owned() })
    }
}

/// Whether a message whose fate is unknown may be offered again: whether the peer sees that it is the same one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resend {
    /// The peer could take it for another message: a person decides.
    Never,
    /// The peer knows it by its id for so long after the first attempt; later a person decides.
    Within(Duration),
    /// A second copy carries the same id and the same bytes.
    Always,
}

impl Resend {
    /// As the ledger stores it: milliseconds after the first attempt.
    pub(super) fn millis(self) -> i64 {
        const CENTURY: i64 = 100 * 365 * 24 * 3_600_000;
        match self {
            Self::Never => 0,
            Self::Within(time) => i64::try_from(time.as_millis()).unwrap_or(CENTURY).min(CENTURY),
            Self::Always => CENTURY,
        }
    }
}

/// Why an entry waits for a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum HoldReason {
    /// The batch needs a second person's word.
    Approval,
    /// Too many units newly below target.
    Guard,
    /// Trial mode is on and the address is not allow-listed.
    Trial,
    /// Another channel refused the message as such, so that this one would too.
    Fault,
    /// A person said so.
    Person,
}

impl HoldReason {
    /// Every reason.
    pub const ALL: [Self; 5] = [Self::Approval, Self::Guard, Self::Trial, Self::Fault, Self::Person];

    /// Its word in the database and in outputs.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Approval => "approval",
            Self::Guard => "guard",
            Self::Trial => "trial",
            Self::Fault => "fault",
            Self::Person => "person",
        }
    }
}

/// One row of the ledger, as people query it.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Identity.
    pub id: String,
    /// What makes it unique.
    pub dedup_key: String,
    /// Official code of the first unit it is about.
    pub unit_code: String,
    /// Whom it is for: offices, never an address.
    pub recipient: String,
    /// Which channel.
    pub channel: String,
    /// Where to; mask it before it is shown.
    pub address: String,
    /// Id of the first entry of its message, when several channels could carry it.
    pub chain: Option<String>,
    /// Which of them it is; 0 is tried first.
    pub place: i64,
    /// Whether it stands for its message where messages are counted.
    pub leads: bool,
    /// Where it stands.
    pub state: State,
    /// Why it is held.
    pub hold_reason: Option<String>,
    /// Attempts that counted.
    pub attempts: i64,
    /// The same on every try.
    pub message_id: String,
    /// When it was written.
    pub created_at: DateTime<Utc>,
    /// When it may go out next.
    pub due_at: DateTime<Utc>,
    /// When it reached its final state.
    pub settled_at: Option<DateTime<Utc>>,
    /// What the peer or the program said last.
    pub last_error: Option<String>,
    /// When its words were deleted, because it was settled for longer than they are kept.
    pub words_deleted_at: Option<DateTime<Utc>>,
}
