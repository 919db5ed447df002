//! Hands one claimed message to the outside and says what became of it.
//!
//! outbox → **channel**
//!
//! The channel knows its protocol and classifies; dispatch owns the policy. Closed set: each kind is a file.

mod address;
mod answer;
mod bounces;
mod callback;
mod capture;
mod dkim;
mod email;
mod exchange;
mod file;
mod hours;
mod mail_settings;
mod mime;
mod open;
mod preset;
mod refusal;
mod rehearsal;
mod route;
mod settings;
mod signature;
mod sms;
mod smtp;
mod tls;
mod webhook;
mod wire;
mod zalo;
mod zalo_bot;

pub use callback::{Callback, CallbackError};
pub use capture::{
    Captured, Caught, captured, captured_before, captured_count, captured_of, captured_one, caught_by, forget_captured,
    forget_captured_words, origin_of, put_into_mailbox,
};
pub use exchange::{Blank, Data, Exchange, Login, Meaning, Pattern, Place, Rule};
pub use hours::MobileHours;
pub use mail_settings::{Dkim, Email, ImapServer, Mailbox, Relay, ReturnPath, Route, Security};
pub use mime::{mail_as_sent, mail_hash, mime};
pub use open::{Channel, ChannelError};
pub use preset::PRESETS;
pub use rehearsal::{Cause, Rehearsal, Stage, rehearse};
pub use settings::{Kind, Pace, Rate, Settings, Webhook};
pub use sms::{Esms, Phone, Provider, Sms};
pub use zalo::{
    Given, Ill, Misfit, Refusal as ZaloRefusal, Registered, SignedBy as ZaloSignedBy, Slot, Standing, TemplateStanding,
    TokenStanding, Way as ZaloWay, Zalo, ZaloChannel, registered as zalo_registered,
};
pub use zalo_bot::{Chats, ZaloBot, ZaloBotChannel, bind, bound};

use crate::db::Sql;

/// Every statement of this room.
pub fn statements() -> impl Iterator<Item = &'static Sql> {
    [capture::STATEMENTS, zalo::STATEMENTS, zalo_bot::STATEMENTS].into_iter().flatten()
}

use std::time::Duration;

/// What a channel has to hand over.
#[derive(Debug, Clone)]
pub struct Parcel {
    /// The entry; the idempotency key on the wire.
    pub id: uuid::Uuid,
    /// `<id@domain>`, the same on every try.
    pub message_id: String,
    /// Where to: an e-mail address, a phone number or a URL.
    pub address: String,
    /// Official code of the first unit it is about.
    pub unit_code: String,
    /// Whom it is for, as the outbox knows him; empty where nobody knows.
    pub recipient: String,
    /// What it is: `reminder`, `digest`, `alert` …; empty where nobody knows.
    pub kind: String,
    /// The words.
    pub content: crate::message::Message,
    /// The `Date` header: when the entry became ready, the same on every try.
    pub date: chrono::DateTime<chrono::Utc>,
}

/// The peer took the message.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Receipt {
    /// What the peer answered, one line, sanitised.
    pub answer: String,
    /// What the provider calls the message, to ask it later.
    pub reference: Option<String>,
    /// SHA-256 of the bytes that were handed over, in hexadecimal: of mails, whose bytes the channel makes.
    pub sent_hash: Option<String>,
}

/// The peer did not take the message, or we cannot know.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{reason}")]
pub struct SendError {
    /// May I try again?
    pub class: Class,
    /// Reply code of the protocol, when there was one (`550`, `429`, `-124`).
    pub code: Option<i32>,
    /// One sanitised line for people.
    pub reason: String,
}

/// The one question the dispatcher asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// Never: the message itself is at fault, and would be on any channel.
    Permanent,
    /// Never for this recipient here; another channel may reach him.
    Recipient,
    /// Later.
    Transient,
    /// Later, not before this.
    Throttled(Duration),
    /// The channel itself is out of order (login refused, host unreachable): no message is to blame.
    ChannelBroken,
    /// The body was written and no answer came.
    Unknown,
}
