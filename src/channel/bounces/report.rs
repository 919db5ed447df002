//! Reading a delivery report (RFC 3464). Nothing in it is trusted but the seal of the sender it came back to.

use mail_parser::{Message, MessageParser, MessagePart, MimeHeaders as _, PartType};
use uuid::Uuid;

use super::return_path::ReturnPath;
use crate::channel::answer::one_line;

/// A report is read up to here; what it is about stands far before.
pub(super) const LONGEST: usize = 256 * 1024;
/// Groups of a report that are looked at; our messages have one recipient.
const GROUPS: usize = 50;
/// Headers that say to which address a mail was delivered.
const DELIVERED_TO: [&str; 5] = ["To", "Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To"];

/// What a report says became of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Fate {
    /// It arrived.
    Delivered,
    /// It was handed to a system that reports nothing further.
    PassedOn,
    /// It is still tried.
    Delayed,
    /// It was given up for now: the system behind did not answer in time.
    GivenUp,
    /// It was refused for good.
    Bounced,
}

/// A report about one of our messages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Report {
    /// The entry that it is about, by the seal.
    pub(super) entry: Uuid,
    /// What became of it.
    pub(super) fate: Fate,
    /// Status and what the last system said, one sanitised line.
    pub(super) said: String,
}

/// Why a mail is no report about one of our messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum NoReport {
    /// It is no mail.
    #[error("it cannot be read as a mail")]
    Unreadable,
    /// Somebody wrote, or an absence was announced.
    #[error("it holds no delivery report")]
    NotAReport,
    /// It came to another address, or the seal is not ours.
    #[error("it names no message of ours")]
    NotOurs,
}

/// What the mail `raw` reports.
pub(super) fn read(raw: &[u8], path: &ReturnPath) -> Result<Report, NoReport> {
    let raw = raw.get(..LONGEST).unwrap_or(raw);
    let mail = MessageParser::default().parse(raw).ok_or(NoReport::Unreadable)?;
    let report = mail.parts.iter().find(|part| is_report(part)).ok_or(NoReport::NotAReport)?;
    let entry = entry(&mail, path).ok_or(NoReport::NotOurs)?;
    let text = String::from_utf8_lossy(contents(report, raw)).into_owned();
    let worst = groups(&text).max_by_key(|(fate, _)| *fate).ok_or(NoReport::NotAReport)?;
    Ok(Report { entry, fate: worst.0, said: worst.1 })
}

fn is_report(part: &MessagePart<'_>) -> bool {
    part.content_type().is_some_and(|kind| {
        let subtype = kind.subtype().unwrap_or_default();
        kind.ctype().eq_ignore_ascii_case("message")
            && (subtype.eq_ignore_ascii_case("delivery-status")
                || subtype.eq_ignore_ascii_case("global-delivery-status"))
    })
}

/// The report's fields, also where the parser took them for a mail of their own.
fn contents<'a>(part: &'a MessagePart<'_>, raw: &'a [u8]) -> &'a [u8] {
    match &part.body {
        PartType::Message(inner) => inner.raw_message(),
        PartType::Text(text) | PartType::Html(text) => text.as_bytes(),
        PartType::Binary(bytes) | PartType::InlineBinary(bytes) => bytes,
        PartType::Multipart(_) => {
            let start = usize::try_from(part.raw_body_offset()).unwrap_or(usize::MAX);
            let end = usize::try_from(part.raw_end_offset()).unwrap_or(0);
            raw.get(start..end).unwrap_or_default()
        }
    }
}

/// The entry whose sealed sender the mail was delivered to, or that the returned message names as its sender.
fn entry(mail: &Message<'_>, path: &ReturnPath) -> Option<Uuid> {
    let named = |(name, value): (&str, &str)| {
        DELIVERED_TO.iter().any(|wanted| wanted.eq_ignore_ascii_case(name)).then(|| path.find(value)).flatten()
    };
    mail.headers_raw().find_map(named).or_else(|| {
        mail.parts.iter().find_map(|part| {
            let PartType::Message(returned) = &part.body else { return None };
            let sender = |(name, value): (&str, &str)| {
                name.eq_ignore_ascii_case("Return-Path").then(|| path.find(value)).flatten()
            };
            returned.headers_raw().find_map(sender)
        })
    })
}

/// What each group of fields says of its recipient.
fn groups(text: &str) -> impl Iterator<Item = (Fate, String)> {
    let text = text.replace("\r\n", "\n");
    let groups: Vec<Vec<(String, String)>> = text.split("\n\n").take(GROUPS).map(fields).collect();
    groups.into_iter().filter_map(|fields| {
        let field = |name: &str| {
            let found = fields.iter().find(|(field, _)| field.eq_ignore_ascii_case(name));
            found.map_or("", |(_, value)| value.as_str())
        };
        let status = field("Status").split([' ', '(']).next().unwrap_or_default();
        let for_good = status.starts_with("5.") || status.is_empty();
        let fate = match field("Action").split(' ').next().unwrap_or_default().to_ascii_lowercase().as_str() {
            "failed" if for_good => Fate::Bounced,
            "failed" => Fate::GivenUp,
            "delayed" => Fate::Delayed,
            "relayed" | "expanded" => Fate::PassedOn,
            "delivered" => Fate::Delivered,
            _ => return None,
        };
        let diagnostic = field("Diagnostic-Code");
        let said = diagnostic.split_once(';').map_or(diagnostic, |(_, said)| said);
        Some((fate, one_line(&format!("{status} {said}"))))
    })
}

/// Names and unfolded values of a group.
fn fields(group: &str) -> Vec<(String, String)> {
    let mut fields: Vec<(String, String)> = Vec::new();
    for line in group.lines() {
        if line.starts_with([' ', '\t']) {
            if let Some((_, value)) = fields.last_mut() {
                value.push(' ');
                value.push_str(line.trim());
            }
        } else if let Some((name, value)) = line.split_once(':') {
            fields.push((name.trim().to_owned(), value.trim().to_owned()));
        }
    }
    fields
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ENTRY: Uuid = Uuid::from_u128(0x0b8e_4a3e_9d3f_5c1e_8a77_3f1c_2d4e_5f60);

    fn path() -> ReturnPath {
        ReturnPath::new("bounces@province.example", &"a-key-of-the-province-0000".into()).unwrap()
    }

    fn report(to: &str, status: &str, returned: &str) -> String {
        format!(
            "Return-Path: <>\r\nFrom: MAILER-DAEMON@relay.example\r\nTo: {to}\r\nSubject: Undelivered\r\nMIME-Version: 1.0\r\n\
             Content-Type: multipart/report; report-type=delivery-status;\r\n boundary=\"b\"\r\n\r\n\
             --b\r\nContent-Type: text/plain\r\n\r\nI am sorry.\r\n\r\n\
             --b\r\nContent-Type: message/delivery-status\r\n\r\n\
             Reporting-MTA: dns; relay.example\r\n\r\n{status}\r\n\
             --b\r\nContent-Type: message/rfc822\r\n\r\n{returned}\r\n--b--\r\n"
        )
    }

    fn failed(code: &str) -> String {
        format!(
            "Final-Recipient: rfc822; ubnd@xa.example\r\nAction: failed\r\nStatus: {code}\r\n\
             Diagnostic-Code: smtp; 550 {code} <ubnd@xa.example>:\r\n    no such user\r\n"
        )
    }

    #[test]
    fn action_and_status_say_what_became_of_the_message() {
        for (status, fate) in [
            (failed("5.1.1"), Fate::Bounced),
            (failed("5.2.2 (mailbox full)"), Fate::Bounced),
            (failed("4.4.1"), Fate::GivenUp),
            ("Action: failed\r\n".to_owned(), Fate::Bounced),
            ("Action: Delayed\r\nStatus: 4.4.1\r\n".to_owned(), Fate::Delayed),
            ("Action: delivered (to the mailbox)\r\nStatus: 2.0.0\r\n".to_owned(), Fate::Delivered),
            ("Action: relayed\r\nStatus: 2.0.0\r\n".to_owned(), Fate::PassedOn),
            (format!("Action: delayed\r\nStatus: 4.0.0\r\n\r\n{}", failed("5.1.1")), Fate::Bounced),
        ] {
            let read = read(report(&path().of(ENTRY), &status, "Subject: x\r\n\r\nx").as_bytes(), &path()).unwrap();
            assert_eq!((read.entry, read.fate), (ENTRY, fate), "{status}");
        }
    }

    #[test]
    fn what_the_last_system_said_is_told_in_one_line_without_the_address() {
        let read = read(report(&path().of(ENTRY), &failed("5.1.1"), "Subject: x\r\n\r\nx").as_bytes(), &path());
        assert_eq!(read.unwrap().said, "5.1.1 550 5.1.1 <u***@xa.example>: no such user");
    }

    #[test]
    fn the_entry_is_known_by_where_the_report_went_or_by_the_returned_messages_sender() {
        let returned = format!("Return-Path: <{}>\r\nSubject: x\r\n\r\nx", path().of(ENTRY));
        let read = read(report("bounces@province.example", &failed("5.1.1"), &returned).as_bytes(), &path()).unwrap();
        assert_eq!(read.entry, ENTRY);
    }

    #[test]
    fn a_forged_seal_a_letter_and_an_absence_are_no_reports_of_ours() {
        let other = ReturnPath::new("bounces@province.example", &"a-key-that-somebody-guessed".into()).unwrap();
        let forged = report(&other.of(ENTRY), &failed("5.1.1"), "Subject: x\r\n\r\nx");
        assert_eq!(read(forged.as_bytes(), &path()), Err(NoReport::NotOurs));
        let letter = format!("To: {}\r\nSubject: Re\r\n\r\nAction: failed\r\n", path().of(ENTRY));
        assert_eq!(read(letter.as_bytes(), &path()), Err(NoReport::NotAReport));
        assert!(read(b"", &path()).is_err());
    }

    proptest! {
        #[test]
        fn whatever_comes_is_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
            let _ = read(&bytes, &path());
        }

        #[test]
        fn a_report_with_any_bytes_changed_is_read_or_refused(
            at in 0_usize..700, byte in any::<u8>(), cut in 0_usize..900,
        ) {
            let mut bytes = report(&path().of(ENTRY), &failed("5.1.1"), "Subject: x\r\n\r\nx").into_bytes();
            if let Some(changed) = bytes.get_mut(at) { *changed = byte; }
            bytes.truncate(cut);
            let _ = read(&bytes, &path());
        }
    }
}
