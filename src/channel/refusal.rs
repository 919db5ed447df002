//! What a relay's refusal is about: the channel, the recipient or the message. A table over place and code.

use super::{Class, SendError};

/// Which command was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// The sender: the same for every mail of the channel.
    Mail,
    /// The recipient.
    Rcpt,
    /// The wish to hand the mail over, or the mail itself.
    Data,
}

/// A mail that was refused at `stage` with `code` and the relay's words.
pub(super) fn refusal(stage: Stage, code: u16, text: &str) -> SendError {
    SendError::new(class(stage, code, text), Some(i32::from(code)), &format!("{code} {text}"))
}

/// Later below 500. Above, the enhanced status (RFC 3463) decides where the relay gives one, otherwise the code.
#[expect(clippy::match_same_arms, reason = "the table is read from top to bottom")]
fn class(stage: Stage, code: u16, text: &str) -> Class {
    // Login and protection are the channel's, whatever else is said.
    if matches!(code, 530 | 534 | 535 | 538) {
        return Class::ChannelBroken;
    }
    if code < 500 {
        return Class::Transient;
    }
    match (stage, enhanced(text), code) {
        (_, Some((7, 8 | 9 | 11)), _) => Class::ChannelBroken,
        // Too large, not readable, not wanted: so would it be on the next channel.
        (_, Some((2, 3) | (3, 4) | (6, 0..=6 | 8..)), _) => Class::Permanent,
        (Stage::Mail, None | Some((3, _)), 552) => Class::Permanent,
        // The relay does not let this sender write; no mail of this channel would fare better.
        (Stage::Mail, _, _) => Class::ChannelBroken,
        (Stage::Rcpt, None | Some((5, _)), 500..550 | 555..) => Class::Permanent,
        (Stage::Rcpt, _, _) => Class::Recipient,
        // Some relays look for the mailbox only when they have the mail.
        (Stage::Data, Some((1, _) | (2, 0..=2 | 4..) | (6, 7)), _) => Class::Recipient,
        (Stage::Data, _, _) => Class::Permanent,
    }
}

/// Subject and detail of `5.subject.detail` at the beginning of `text`.
fn enhanced(text: &str) -> Option<(u16, u16)> {
    let mut numbers = text.split([' ', '\t']).next()?.strip_prefix("5.")?.split('.');
    let (subject, detail) = (numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?);
    numbers.next().is_none().then_some((subject, detail))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn place_and_status_decide_whether_channel_recipient_or_message_is_at_fault() {
        use Class::{ChannelBroken, Permanent, Recipient, Transient};
        use Stage::{Data, Mail, Rcpt};
        for (stage, code, text, expected) in [
            (Rcpt, 550, "5.1.1 no such user", Recipient),
            (Rcpt, 550, "no such user", Recipient),
            (Rcpt, 551, "5.1.6 moved", Recipient),
            (Rcpt, 553, "5.1.3 bad address", Recipient),
            (Rcpt, 550, "5.2.1 mailbox disabled", Recipient),
            (Rcpt, 552, "5.2.2 mailbox full", Recipient),
            (Rcpt, 550, "5.4.1 access denied", Recipient),
            (Rcpt, 556, "5.1.10 null MX", Recipient),
            (Rcpt, 550, "5.7.1 not you to him", Recipient),
            (Rcpt, 554, "5.7.1 relay access denied", Recipient),
            (Rcpt, 553, "5.6.7 address is not ASCII", Recipient),
            (Rcpt, 550, "5.5.0 mailbox unavailable", Recipient),
            (Rcpt, 501, "5.5.4 syntax", Permanent),
            (Rcpt, 503, "bad sequence", Permanent),
            (Rcpt, 555, "5.5.4 parameters", Permanent),
            (Rcpt, 552, "5.3.4 too big", Permanent),
            (Rcpt, 552, "5.2.3 too big for this mailbox", Permanent),
            (Rcpt, 450, "4.2.1 greylisted", Transient),
            (Rcpt, 452, "4.2.2 mailbox full", Transient),
            (Rcpt, 530, "5.7.0 login first", ChannelBroken),
            (Rcpt, 550, "5.7.8 login first", ChannelBroken),
            (Mail, 550, "5.1.8 sender's domain unknown", ChannelBroken),
            (Mail, 553, "5.7.1 not your address", ChannelBroken),
            (Mail, 550, "no", ChannelBroken),
            (Mail, 552, "5.3.4 too big", Permanent),
            (Mail, 552, "too big", Permanent),
            (Mail, 451, "4.3.0 later", Transient),
            (Mail, 530, "login first", ChannelBroken),
            (Data, 554, "5.7.1 spam", Permanent),
            (Data, 550, "5.7.1 content", Permanent),
            (Data, 552, "too big", Permanent),
            (Data, 554, "5.6.0 broken", Permanent),
            (Data, 550, "5.1.1 no such user", Recipient),
            (Data, 552, "5.2.2 mailbox full", Recipient),
            (Data, 552, "5.2.3 too big for this mailbox", Permanent),
            (Data, 452, "4.3.1 disk full", Transient),
            (Data, 535, "5.7.8 login", ChannelBroken),
        ] {
            assert_eq!(class(stage, code, text), expected, "{stage:?} {code} {text}");
        }
    }

    #[test]
    fn only_a_whole_status_is_one() {
        assert_eq!(enhanced("5.1.1 no"), Some((1, 1)));
        assert_eq!(enhanced("5.7.509"), Some((7, 509)));
        for other in ["", "no 5.1.1", "4.1.1 no", "5.1 no", "5.1.1.1 no", "5.x.1", "5.99999.1"] {
            assert_eq!(enhanced(other), None, "{other}");
        }
    }
}
