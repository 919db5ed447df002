//! The mail as it goes over the wire: the same bytes on every try, ASCII, short lines, bodies always encoded.

use std::fmt::Write as _;

use std::sync::Arc;

use base64::Engine as _;
use chrono::Datelike as _;
use lettre::message::header::Headers;
use lettre::message::{Mailbox, header};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::dkim::Signer;
use super::mail_settings::Email;
use super::{Parcel, SendError, address};
use crate::clock::ZONE;

/// The bytes of the mail for `parcel`: headers and `multipart/alternative` of text and HTML, lines ended by CRLF.
/// `from` and `reply_to` are `Name <address>` or an address alone.
///
/// # Errors
/// A permanent [`SendError`] when an address, the subject or the `Message-ID` cannot stand in a header.
pub fn mime(parcel: &Parcel, from: &str, reply_to: Option<&str>) -> Result<Vec<u8>, SendError> {
    let letterhead = Letterhead::new(from, reply_to).map_err(|reason| SendError::unfit(&reason))?;
    Ok(render(parcel, &letterhead)?.into_bytes())
}

/// The bytes of the mail for `parcel` as a mail channel with these settings sends them, signature included.
///
/// # Errors
/// A permanent [`SendError`] when the settings or the parcel do not make a mail.
pub fn mail_as_sent(settings: &Email, parcel: &Parcel) -> Result<Vec<u8>, SendError> {
    let letterhead = Letterhead::of(settings).map_err(|reason| SendError::unfit(&reason))?;
    Ok(render(parcel, &letterhead)?.into_bytes())
}

/// SHA-256 of a mail's bytes, in hexadecimal: tells whether two mails are the same one.
pub fn mail_hash(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

/// The part of a mail that is the same for every message of a channel.
#[derive(Debug, Clone)]
pub(super) struct Letterhead {
    /// The address that `From` names; also the sender in the envelope.
    pub(super) address: String,
    /// `From` and `Reply-To`, encoded, with their line ends.
    lines: String,
    /// Where roll-ups can be declined by mail.
    list_unsubscribe: Option<String>,
    signer: Option<Arc<Signer>>,
}

impl Letterhead {
    /// Checks and encodes; the error is a reason for people.
    pub(super) fn new(from: &str, reply_to: Option<&str>) -> Result<Self, String> {
        let mut headers = Headers::new();
        let sender = mailbox(from).map_err(|reason| format!("`from`: {reason}"))?;
        let address = sender.email.to_string();
        headers.set(header::From::from(lettre::message::Mailboxes::new().with(sender)));
        if let Some(reply_to) = reply_to {
            let reply_to = mailbox(reply_to).map_err(|reason| format!("`reply_to`: {reason}"))?;
            headers.set(header::ReplyTo::from(lettre::message::Mailboxes::new().with(reply_to)));
        }
        Ok(Self { address, lines: headers.to_string(), list_unsubscribe: None, signer: None })
    }

    /// That of a mail channel.
    pub(super) fn of(settings: &Email) -> Result<Self, String> {
        let mut letterhead = Self::new(&settings.from, settings.reply_to.as_deref())?;
        if let Some(address) = &settings.list_unsubscribe {
            let address = address::ascii(address).map_err(|reason| format!("`list_unsubscribe`: {reason}"))?;
            letterhead.list_unsubscribe = Some(address.to_string());
        }
        letterhead.signer = settings.dkim.as_ref().map(Signer::new).transpose()?.map(Arc::new);
        Ok(letterhead)
    }
}

/// `Name <address>` or an address alone. The name is checked before lettre sees it: it panics on a line end there.
fn mailbox(text: &str) -> Result<Mailbox, &'static str> {
    if text.chars().any(char::is_control) {
        return Err("contains a control character");
    }
    let Some((name, rest)) = text.rsplit_once('<') else {
        return Ok(Mailbox::new(None, address::ascii(text.trim())?));
    };
    let address = rest.trim().strip_suffix('>').ok_or("is not of the form Name <address>")?;
    let name = name.trim().trim_matches('"').trim();
    let name = (!name.is_empty()).then(|| name.to_owned());
    Ok(Mailbox::new(name, address::ascii(address)?))
}

/// The whole mail: ASCII, but for a recipient's address that is not.
pub(super) fn render(parcel: &Parcel, letterhead: &Letterhead) -> Result<String, SendError> {
    let to = address::checked(&parcel.address).map_err(SendError::unfit)?;
    let content = &parcel.content;
    if content.subject.chars().any(char::is_control) {
        return Err(SendError::unfit("the subject contains a control character"));
    }
    if !is_message_id(&parcel.message_id) {
        return Err(SendError::unfit("the Message-ID is not of the form <id@domain>"));
    }
    let (text, html) = (encoded(&content.text), encoded(&content.html));
    // `=_` occurs in neither encoding, so the boundary cannot occur in a body.
    let boundary = format!("=_{}", parcel.id.simple());
    let date = parcel.date.with_timezone(&ZONE).to_rfc2822();
    let mut mail = String::with_capacity(text.text.len() + html.text.len() + 1_500);
    mail.push_str(&letterhead.lines);
    let _ = write!(mail, "To: {to}\r\nSubject: ");
    push_subject(&mut mail, &content.subject);
    let _ = write!(mail, "\r\nDate: {date}\r\nMessage-ID: {id}\r\n", id = parcel.message_id);
    if let Some(thread) = thread(parcel) {
        let _ = write!(mail, "In-Reply-To: {thread}\r\nReferences: {thread}\r\n");
    }
    if let Some(address) = letterhead.list_unsubscribe.as_ref().filter(|_| is_roll_up(&parcel.kind)) {
        let _ = write!(mail, "List-Unsubscribe: <mailto:{address}>\r\n");
    }
    let _ = write!(
        mail,
        "MIME-Version: 1.0\r\nAuto-Submitted: auto-generated\r\n\
         Content-Language: vi\r\nContent-Type: multipart/alternative;\r\n boundary=\"{boundary}\"\r\n\r\n",
    );
    let body_at = mail.len();
    push_part(&mut mail, &boundary, "plain", &text);
    push_part(&mut mail, &boundary, "html", &html);
    let _ = write!(mail, "--{boundary}--\r\n");
    if let Some(signer) = &letterhead.signer {
        let (head, body) = mail.split_at(body_at);
        let signature = signer.sign(head, body, parcel.date.timestamp())?;
        mail.insert_str(0, &signature);
    }
    Ok(mail)
}

/// What the mails of one kind to one recipient in one year refer to, so that readers show them together. No mail carries
/// this id: each of them may be the first that a reader has, and none needs to know of the others.
fn thread(parcel: &Parcel) -> Option<String> {
    const THREADS: Uuid = Uuid::from_u128(0x6f0c_9a52_3c1d_5e8b_8d2e_d0d0_c000_0009);
    if parcel.recipient.is_empty() || parcel.kind.is_empty() {
        return None;
    }
    let year = parcel.date.with_timezone(&ZONE).year();
    let thread = Uuid::new_v5(&THREADS, format!("{}/{}/{year}", parcel.kind, parcel.recipient).as_bytes());
    let domain = parcel.message_id.trim_end_matches('>').rsplit_once('@')?.1;
    Some(format!("<thread.{thread}@{domain}>"))
}

/// What one can do without. A reminder, a correction and a copy are official and cannot be declined.
fn is_roll_up(kind: &str) -> bool {
    matches!(kind, "digest" | "admin_note")
}

fn is_message_id(text: &str) -> bool {
    let inner = text.strip_prefix('<').and_then(|rest| rest.strip_suffix('>'));
    inner.is_some_and(|inner| {
        inner.len() <= 250
            && inner.contains('@')
            && inner.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'<' && byte != b'>')
    })
}

/// A body as it goes over the wire, and how it is encoded.
struct Encoded {
    text: String,
    how: &'static str,
}

/// One body in the smaller of the two encodings that survive every relay.
fn encoded(text: &str) -> Encoded {
    let text = with_crlf(text);
    let quoted = text.len() + 2 * escaped(text.as_bytes());
    if quoted <= text.len().div_ceil(3) * 4 {
        return Encoded { text: quoted_printable::encode_to_str(text), how: "quoted-printable" };
    }
    let mut lines = String::with_capacity(email_encoding::body::base64::encoded_len(text.len()));
    let written = email_encoding::body::base64::encode(text.as_bytes(), &mut lines);
    debug_assert!(written.is_ok(), "a string takes everything");
    Encoded { text: lines, how: "base64" }
}

/// How many bytes quoted-printable writes as three; counted by pieces that a processor counts many at a time.
fn escaped(text: &[u8]) -> usize {
    let is_escaped = |byte: &u8| u8::from(!matches!(byte, b' '..=b'<' | b'>'..=b'~' | b'\r' | b'\n'));
    text.chunks(usize::from(u8::MAX)).map(|piece| usize::from(piece.iter().map(is_escaped).sum::<u8>())).sum()
}

/// Every line end, also a bare one, as CRLF.
fn with_crlf(text: &str) -> String {
    let mut lines = String::with_capacity(text.len() + text.len() / 16);
    let mut rest = text;
    while let Some(at) = rest.find(['\r', '\n']) {
        let (line, tail) = rest.split_at(at);
        lines.push_str(line);
        lines.push_str("\r\n");
        rest = tail.strip_prefix("\r\n").or_else(|| tail.get(1..)).unwrap_or_default();
    }
    lines.push_str(rest);
    lines
}

fn push_part(mail: &mut String, boundary: &str, subtype: &str, body: &Encoded) {
    let _ = write!(
        mail,
        "--{boundary}\r\nContent-Type: text/{subtype}; charset=utf-8\r\nContent-Transfer-Encoding: {}\r\n\r\n",
        body.how
    );
    mail.push_str(&body.text);
    mail.push_str("\r\n");
}

/// RFC 2047: as it is when short and plain, else in encoded words of at most 75 characters, each of whole characters.
///
/// A subject with `=?` in it is encoded as well, so that no reader decodes what nobody encoded.
fn push_subject(mail: &mut String, subject: &str) {
    if subject.is_ascii() && subject.len() <= 60 && !subject.contains("=?") {
        mail.push_str(subject);
        return;
    }
    let mut rest = subject;
    let mut first = true;
    while !rest.is_empty() {
        // 42 bytes are 56 characters of base64; with the frame of 12 and `Subject: ` the line stays below 78.
        let end = (0..=rest.len().min(42)).rev().find(|end| rest.is_char_boundary(*end)).unwrap_or(rest.len());
        let (word, tail) = rest.split_at(end);
        mail.push_str(if first { "=?utf-8?b?" } else { "\r\n =?utf-8?b?" });
        base64::engine::general_purpose::STANDARD.encode_string(word, mail);
        mail.push_str("?=");
        rest = tail;
        first = false;
    }
}
