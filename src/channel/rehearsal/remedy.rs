//! What to do where a dialogue failed, for the person who set the channel up.

use super::{Cause, Stage};

/// A key of the words.
pub(super) const fn of(stage: Stage, cause: Cause) -> &'static str {
    match (stage, cause) {
        (Stage::Name, _) => "relay.no_host",
        (Stage::Connect, Cause::Late) => "relay.silent",
        (Stage::Connect, _) => "relay.closed",
        (Stage::Tls, Cause::Certificate) => "relay.certificate",
        (Stage::Tls, _) => "relay.no_tls",
        (Stage::Greeting, Cause::Said(400..500)) => "relay.busy",
        (Stage::Greeting, Cause::Said(_)) => "relay.not_served",
        (Stage::Greeting, _) => "relay.no_greeting",
        (Stage::Hello, _) => "relay.no_hello",
        (Stage::StartTls, Cause::NotOffered) => "relay.no_start_tls",
        (Stage::StartTls, _) => "relay.start_tls_failed",
        (Stage::Login, Cause::NotOffered) => "relay.no_login_here",
        (Stage::Login, Cause::Said(400..500)) => "relay.login_later",
        (Stage::Login, _) => "relay.login",
        (Stage::Sender, Cause::Said(530)) => "relay.login_wanted",
        (Stage::Sender, Cause::Said(400..500)) => "relay.sender_later",
        (Stage::Sender, _) => "relay.sender",
        (Stage::Recipient, Cause::Said(400..500)) => "relay.recipient_later",
        (Stage::Recipient, _) => "relay.recipient",
        (Stage::Data, Cause::Said(400..500)) => "relay.data_later",
        (Stage::Data, Cause::Said(552)) => "relay.too_large",
        (Stage::Data, Cause::Late | Cause::Broken) => "relay.no_answer",
        (Stage::Data, _) => "relay.refused",
    }
}
