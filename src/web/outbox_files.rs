//! A message of the outbox as a file: the mail byte by byte, or all that is known of it.

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use serde_json::json;

use super::outbox_one::{Id, found};
use super::page::Failure;
use super::session::Visitor;
use super::{Site, words};
use crate::channel::{Kind, Parcel, mail_as_sent, mail_hash};
use crate::clock::from_millis;
use crate::outbox::{self, Attempt, Entry, Terms};
use crate::people::{self, Deed, Event};

/// The mail, byte by byte. A POST, because taking it out is written into the audit log.
pub(super) async fn eml(State(site): State<Site>, visitor: Visitor, id: Id) -> Response {
    let answer = async {
        let (entry, content, attempts) = found(&site, &visitor, id).await?;
        let terms = outbox::terms(&site.db, &entry.id).await?.ok_or(Failure::NotFound)?;
        let mail = mail(&site, (&entry, &content, &attempts), &terms).ok_or(Failure::NotFound)?;
        let (end, detail) = if mail.made == Made::Otherwise { ("rebuilt.eml", "eml rebuilt") } else { ("eml", "eml") };
        taken(&site, &visitor, &entry, detail).await?;
        Ok(file(&entry, end, "message/rfc822", mail.bytes))
    };
    site.answer(answer.await)
}

/// How the bytes that can be made of a mail now stand to those that a relay took.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Made {
    /// They are the same.
    AsTaken,
    /// The channel's settings, the words or the address are others now.
    Otherwise,
    /// No relay took it, or it was taken before that was written down.
    NotTaken,
}

impl Made {
    pub(super) const fn key(self) -> &'static str {
        match self {
            Self::AsTaken => "outbox.mail_as_taken",
            Self::Otherwise => "outbox.mail_otherwise",
            Self::NotTaken => "outbox.mail_not_taken",
        }
    }
}

/// A mail that can be downloaded.
pub(super) struct Mail {
    bytes: Vec<u8>,
    pub(super) made: Made,
    /// SHA-256 of what was taken last.
    pub(super) taken: Option<String>,
}

/// The mail as its channel makes it, beside what a relay took; nothing where it is no mail, or its words are gone.
pub(super) fn mail(site: &Site, (entry, content, attempts): (&Entry, &str, &[Attempt]), terms: &Terms) -> Option<Mail> {
    let channels = &site.app().ok()?.config.channels;
    let Kind::Email(settings) = &channels.iter().find(|channel| channel.name == entry.channel)?.kind else {
        return None;
    };
    let parcel = parcel(entry, content, terms.ready_at.map_or(entry.due_at, from_millis)).ok()?;
    let bytes = mail_as_sent(settings, &parcel).ok()?;
    let taken = attempts.iter().rev().find_map(|attempt| attempt.sent_hash.clone());
    let made = match &taken {
        None => Made::NotTaken,
        Some(hash) if *hash == mail_hash(&bytes) => Made::AsTaken,
        Some(_) => Made::Otherwise,
    };
    Some(Mail { bytes, made, taken })
}

fn parcel(entry: &Entry, content: &str, date: chrono::DateTime<chrono::Utc>) -> Result<Parcel, Failure> {
    Ok(Parcel {
        id: entry.id.parse().map_err(|_| Failure::NotFound)?,
        message_id: entry.message_id.clone(),
        address: entry.address.clone(),
        unit_code: entry.unit_code.clone(),
        recipient: entry.recipient.clone(),
        kind: entry.dedup_key.split('/').next().unwrap_or_default().to_owned(),
        content: serde_json::from_str(content).map_err(|_| Failure::NotFound)?,
        date,
    })
}

/// The entry with its words, attempts and what was said of it.
pub(super) async fn json(State(site): State<Site>, visitor: Visitor, id: Id) -> Response {
    let answer = async {
        let (entry, content, attempts) = found(&site, &visitor, id).await?;
        let terms = outbox::terms(&site.db, &entry.id).await?.ok_or(Failure::NotFound)?;
        let attempts = attempts.iter().map(|one| {
            json!({"number": one.number, "began": words::machine_time(from_millis(one.started_at)),
                   "ended": words::machine_time(from_millis(one.ended_at)), "outcome": one.outcome, "code": one.code,
                   "answer": one.answer, "sent_sha256": one.sent_hash})
        });
        let receipts = outbox::receipts(&site.db, &entry.id).await?;
        let receipts = receipts.iter().map(|said| {
            json!({"fact": said.fact.word(), "at": words::machine_time(said.at), "said_by": said.said_by,
                   "detail": said.detail})
        });
        let document = json!({
            "id": entry.id, "run": terms.run_id, "unit_code": entry.unit_code, "recipient": entry.recipient,
            "channel": entry.channel, "address": entry.address, "state": entry.state.word(),
            "hold_reason": entry.hold_reason, "message_id": entry.message_id,
            "created_at": words::machine_time(entry.created_at), "settled_at": entry.settled_at.map(words::machine_time),
            "last_error": entry.last_error, "words": serde_json::from_str::<serde_json::Value>(&content).ok(),
            "attempts": attempts.collect::<Vec<_>>(), "receipts": receipts.collect::<Vec<_>>(),
        });
        taken(&site, &visitor, &entry, "json").await?;
        Ok(file(&entry, "json", "application/json", format!("{document:#}\n").into_bytes()))
    };
    site.answer(answer.await)
}

async fn taken(site: &Site, visitor: &Visitor, entry: &Entry, kind: &str) -> Result<(), Failure> {
    let (by, subject) = (visitor.by(), format!("outbox/{}", entry.id));
    let event = Event { by: &by, deed: Deed::MessageTaken, subject, detail: kind.to_owned() };
    people::conclude(site.db.begin().await?, &event, site.clock.now()).await?;
    Ok(())
}

fn file(entry: &Entry, end: &str, kind: &str, bytes: Vec<u8>) -> Response {
    let code: String = entry.unit_code.chars().filter(char::is_ascii_alphanumeric).take(20).collect();
    let disposition = format!("attachment; filename=\"{code}-{}.{end}\"", entry.id);
    ([(header::CONTENT_TYPE, kind.to_owned()), (header::CONTENT_DISPOSITION, disposition)], bytes).into_response()
}
