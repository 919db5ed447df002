//! One captured message: as it looks on a phone, as text, as an SMS line, as a file.

use askama::Template;
use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::http::header;
use axum::response::{Html, IntoResponse as _, Response};
use sqlx::Row as _;
use uuid::Uuid;

use super::addressee::Addressees;
use super::look::Look;
use super::mailbox::{self, Asked, Wanted};
use super::outbox_words::Way;
use super::page::{Failure, Frame, Place, page};
use super::session::Visitor;
use super::{Site, words};
use crate::channel::{self, Captured};
use crate::db::{Db, DbError, Sql};
use crate::{message, read};

pub(super) const BEFORE: Sql = Sql::portable(
    "SELECT entry_id FROM mailbox WHERE captured_at > $1 OR (captured_at = $1 AND unit_code < $2) \
     OR (captured_at = $1 AND unit_code = $2 AND entry_id < $3) \
     ORDER BY captured_at, unit_code DESC, entry_id DESC LIMIT 1",
);

pub(super) const AFTER: Sql = Sql::portable(
    "SELECT entry_id FROM mailbox WHERE captured_at < $1 OR (captured_at = $1 AND unit_code > $2) \
     OR (captured_at = $1 AND unit_code = $2 AND entry_id > $3) \
     ORDER BY captured_at DESC, unit_code, entry_id LIMIT 1",
);

/// The message's own document: its inline styles and nothing else, framed by our pages only.
pub(super) const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'; sandbox";

/// Who the downloaded file says it is from; nothing is ever delivered under this name.
const FROM: &str = "dondoc <dondoc@dondoc.invalid>";

type Id = Result<Path<String>, PathRejection>;

/// The message, if there is one that `visitor` may see; what he may not see is not there for him.
async fn captured(site: &Site, visitor: &Visitor, id: Id) -> Result<Captured, Failure> {
    let Path(id) = id.map_err(|_| Failure::NotFound)?;
    let id: Uuid = id.parse().map_err(|_| Failure::NotFound)?;
    let message = channel::captured_one(&site.db, id).await?.ok_or(Failure::NotFound)?;
    let units = visitor.units(site).await?;
    if units.is_none_or(|units| units.contains(&message.unit_code)) { Ok(message) } else { Err(Failure::NotFound) }
}

#[derive(Template)]
#[template(path = "mail.html")]
struct MailPage {
    frame: Frame,
    who: String,
    address: String,
    is_mail: bool,
    time: String,
    machine_time: String,
    segments: usize,
    characters: usize,
    /// When its words were deleted, if they were.
    deleted: Option<String>,
    before: Option<String>,
    after: Option<String>,
    /// What links from here keep.
    tail: String,
    query: String,
    /// The channel that caught it, and the messages of the same round; none for a test from the pages.
    origin: Option<(String, String)>,
    look: Look,
    message: Captured,
}

pub(super) async fn show(
    State(site): State<Site>,
    visitor: Visitor,
    id: Id,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Response {
    let shown = shown(&site, &visitor, id, &Wanted::of(asked)).await;
    site.answer(shown)
}

async fn shown(site: &Site, visitor: &Visitor, id: Id, wanted: &Wanted) -> Result<Response, Failure> {
    let message = captured(site, visitor, id).await?;
    let addressees = Addressees::load(&site.db).await?;
    let units = visitor.units(site).await?;
    let t = visitor.tongue;
    let origin = channel::origin_of(&site.db, message.id).await?;
    let (before, after) = if wanted.is_everything() && units.is_none() {
        (neighbour(&site.db, BEFORE, &message).await?, neighbour(&site.db, AFTER, &message).await?)
    } else {
        around(&mailbox::found(&site.db, &addressees, wanted, &units).await?, message.id)
    };
    let subject = &message.content.subject;
    let untitled = t.say(message.words_deleted_at.map_or("mail.untitled", |_| "mail.deleted_title"));
    page(&MailPage {
        frame: Frame::seen(site, visitor, Place::Mailbox, if subject.is_empty() { untitled } else { subject }),
        who: addressees.name(&message),
        address: words::masked(&message.address),
        is_mail: file(&message).is_some(),
        time: words::local_time(message.captured_at),
        machine_time: words::machine_time(message.captured_at),
        segments: message::segments(&message.content.sms),
        characters: message.content.sms.chars().count(),
        deleted: message.words_deleted_at.map(words::local_time),
        before,
        after,
        tail: wanted.tail(wanted.page),
        origin: origin.map(|(channel, round)| (channel, Wanted { round, ..Wanted::default() }.tail(1))),
        query: wanted.query.clone(),
        look: Look::of(message.content.clone(), Way::Other, false),
        message,
    })
}

/// The message next to `message` in the order of the list.
async fn neighbour(db: &Db, side: Sql, message: &Captured) -> Result<Option<String>, DbError> {
    let millis = message.captured_at.timestamp_millis();
    read!(db, side, |sql, pool| {
        let query = sqlx::query(sql).bind(millis).bind(&message.unit_code).bind(message.id.to_string());
        Ok(query.fetch_optional(pool).await?.map(|row| row.try_get(0)).transpose()?)
    })
}

/// The neighbours among what a search found.
fn around(lines: &[mailbox::Line], id: Uuid) -> (Option<String>, Option<String>) {
    let Some(at) = lines.iter().position(|line| line.id == id) else { return (None, None) };
    let id_at = |at: usize| lines.get(at).map(|line| line.id.to_string());
    (at.checked_sub(1).and_then(id_at), id_at(at + 1))
}

pub(super) async fn html(State(site): State<Site>, visitor: Visitor, id: Id) -> Response {
    let document = captured(&site, &visitor, id)
        .await
        .and_then(with_words)
        .map(|message| ([(header::CONTENT_SECURITY_POLICY, POLICY)], Html(message.content.html)).into_response());
    site.answer(document)
}

pub(super) async fn eml(State(site): State<Site>, visitor: Visitor, id: Id) -> Response {
    let download = captured(&site, &visitor, id).await.and_then(with_words).and_then(|message| {
        let bytes = file(&message).ok_or(Failure::NotFound)?;
        let code: String = message.unit_code.chars().filter(char::is_ascii_alphanumeric).take(20).collect();
        let disposition = format!("attachment; filename=\"{code}-{}.eml\"", message.id);
        let headers = [(header::CONTENT_TYPE, "message/rfc822".to_owned()), (header::CONTENT_DISPOSITION, disposition)];
        Ok((headers, bytes).into_response())
    });
    site.answer(download)
}

/// The message, unless its words were deleted.
fn with_words(message: Captured) -> Result<Captured, Failure> {
    if message.words_deleted_at.is_some() { Err(Failure::NotFound) } else { Ok(message) }
}

/// The message as a mail; nothing when it was written for something else.
fn file(message: &Captured) -> Option<Vec<u8>> {
    channel::mime(&message.parcel(), FROM, None).ok()
}
