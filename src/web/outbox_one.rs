//! One message of the outbox: exactly what was sent, where it stands and why, every attempt, what was said of it later.

use askama::Template;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, RawQuery, State};
use axum::http::header;
use axum::response::{Html, IntoResponse as _, Response};
use serde_json::json;

use super::catalogue::Tongue;
use super::form::Form;
use super::look::Look;
use super::mail::POLICY;
use super::outbox::{Line, Writer};
use super::outbox_deeds::{Told, Undo, mender, reason, told, undoable};
use super::outbox_words::{self, Way};
use super::page::{Failure, Frame, Place, again, on_to, page};
use super::session::Visitor;
use super::veil::{veiled, without_link};
use super::{Site, words};
use crate::app::Wish;
use crate::channel::{Kind, Parcel, mail_as_sent};
use crate::clock::from_millis;
use crate::message::{Message, revisions};
use crate::outbox::{self, Attempt, Entry, Fate, Resolved, State as At};
use crate::pass;
use crate::people::{self, Action, Deed, Event};

type Id = Result<Path<String>, PathRejection>;

/// The entry, its words (JSON) and its attempts, if there is one that `visitor` may see.
async fn found(site: &Site, visitor: &Visitor, id: Id) -> Result<(Entry, String, Vec<Attempt>), Failure> {
    let Path(id) = id.map_err(|_| Failure::NotFound)?;
    let found = outbox::show(&site.db, &id).await?.ok_or(Failure::NotFound)?;
    let units = visitor.units(site).await?;
    if units.is_none_or(|units| units.contains(&found.0.unit_code)) { Ok(found) } else { Err(Failure::NotFound) }
}

/// The words; whoever only looks gets none that he could use.
fn words_for(visitor: &Visitor, content: &str) -> Option<Message> {
    let message: Message = serde_json::from_str(content).ok()?;
    Some(if visitor.may(Action::Approve) { message } else { without_link(&message) })
}

/// An attempt, or a deed of a person.
#[derive(Debug)]
struct Try {
    time: String,
    machine_time: String,
    what: &'static str,
    code: String,
    answer: String,
}

/// Something that was said of it later.
#[derive(Debug)]
struct Heard {
    time: String,
    machine_time: String,
    what: &'static str,
    by: String,
    detail: String,
}

#[derive(Template)]
#[template(path = "outbox_one.html")]
struct OnePage {
    frame: Frame,
    told: Option<Told>,
    undo: Vec<Undo>,
    line: Line,
    hint: &'static str,
    address: String,
    created: String,
    due: Option<String>,
    valid_until: String,
    attempts: i64,
    template: String,
    figures: Option<String>,
    message_id: String,
    look: Option<Look>,
    html_path: String,
    deleted: Option<String>,
    is_mail: bool,
    /// Whether he may do something to it, and gets everything in full.
    may: bool,
    /// What can be done: word and name.
    verbs: Vec<(&'static str, &'static str)>,
    uncertain: bool,
    note: String,
    wrong: Option<&'static str>,
    tries: Vec<Try>,
    heard: Vec<Heard>,
    others: Vec<(String, String, &'static str)>,
}

pub(super) async fn show(State(site): State<Site>, visitor: Visitor, id: Id, RawQuery(query): RawQuery) -> Response {
    let answer = async {
        let found = found(&site, &visitor, id).await?;
        let told = told(query.as_deref());
        page(&shown(&site, &visitor, found, (told, String::new(), None)).await?)
    };
    site.answer(answer.await)
}

async fn shown(
    site: &Site,
    visitor: &Visitor,
    (entry, content, attempts): (Entry, String, Vec<Attempt>),
    (told, note, wrong): (Option<Told>, String, Option<&'static str>),
) -> Result<OnePage, Failure> {
    let may = visitor.may(Action::Approve);
    let writer = Writer::load(site).await?;
    let known = outbox::known_of(&site.db, &[&entry.id]).await?;
    let terms = outbox::terms(&site.db, &entry.id).await?.ok_or(Failure::NotFound)?;
    let line = writer.line(&entry, &known);
    let message = words_for(visitor, &content);
    let rounds = pass::done_rounds(&site.db).await?;
    let round = rounds.iter().find(|round| round.run_id == terms.run_id);
    let figures = round.map(|round| format!("đến ngày {}", words::local_date(&round.until.to_string())));
    let way = writer.way(&entry);
    let units = visitor.units(site).await?;
    let others = outbox::others(&site.db, &entry.id).await?.into_iter();
    let receipts = outbox::receipts(&site.db, &entry.id).await?.into_iter();
    let hidden = |text: &str| if may { text.to_owned() } else { veiled(text) };
    Ok(OnePage {
        frame: Frame::seen(site, visitor, Place::Outbox, format!("{} – {}", line.kind, line.who)),
        told,
        undo: undoable(site, visitor, units.as_ref()).await?,
        hint: words::state(Tongue::Vietnamese, entry.state).1,
        address: if may { entry.address.clone() } else { words::masked(&entry.address) },
        created: words::local_time(entry.created_at),
        due: (entry.state == At::Ready).then(|| words::local_time(entry.due_at)),
        valid_until: words::local_time(from_millis(terms.valid_until)),
        attempts: entry.attempts,
        template: match &message {
            Some(message) => template_words(site, &message.template).await?,
            None => String::new(),
        },
        figures,
        message_id: entry.message_id.clone(),
        html_path: format!("/hop-thu-di/{}/html", entry.id),
        look: message.map(|message| Look::of(message, way, accented(site, &entry))),
        deleted: entry.words_deleted_at.map(words::local_time),
        is_mail: way == Way::Mail,
        may,
        verbs: verbs(site, &entry, may),
        uncertain: may && entry.state == At::Uncertain,
        note,
        wrong,
        tries: attempts.iter().rev().map(|attempt| tried(attempt, &hidden)).collect(),
        heard: receipts.map(|said| heard(&said, &hidden)).collect(),
        others: others.map(|(id, channel, state)| (id, channel, words::state(Tongue::Vietnamese, state).0)).collect(),
        line,
    })
}

fn tried(attempt: &Attempt, hidden: &impl Fn(&str) -> String) -> Try {
    let at = from_millis(attempt.ended_at);
    Try {
        time: words::local_time(at),
        machine_time: words::machine_time(at),
        what: outbox_words::outcome(&attempt.outcome),
        code: attempt.code.map(|code| code.to_string()).unwrap_or_default(),
        answer: hidden(&attempt.answer),
    }
}

fn heard(said: &outbox::Said, hidden: &impl Fn(&str) -> String) -> Heard {
    Heard {
        time: words::local_time(said.at),
        machine_time: words::machine_time(said.at),
        what: outbox_words::fact(said.fact),
        by: said.said_by.clone(),
        detail: hidden(&said.detail),
    }
}

/// Whether the channel of an entry sends the accented form of its SMS line.
fn accented(site: &Site, entry: &Entry) -> bool {
    let channels = site.app().map(|app| app.config.channels.as_slice()).unwrap_or_default();
    channels.iter().any(|channel| channel.name == entry.channel && channel.is_accented())
}

/// `commune_first`, and which revision of it these words came from.
async fn template_words(site: &Site, template: &str) -> Result<String, Failure> {
    let (name, hash) = template.split_once('@').unwrap_or((template, ""));
    if name == "built-in" {
        return Ok("bản dựng sẵn (mẫu tin bị lỗi)".to_owned());
    }
    let Ok(app) = site.app() else { return Ok(name.to_owned()) };
    let originals = app.originals().await?;
    let Some(file) = originals.file_name(name) else { return Ok(name.to_owned()) };
    let is_it = |source: &str| !hash.is_empty() && revisions::hash(source).starts_with(hash);
    let history = revisions::history(&site.db, &file).await?;
    Ok(match history.iter().find(|revision| is_it(&revision.source)) {
        Some(revision) => format!("{name}, bản {}", revision.number),
        None if originals.source(&file).is_some_and(is_it) => format!("{name}, bản gốc"),
        None => format!("{name}, bản trước đây ({hash})"),
    })
}

/// What he can do to it, looked at alone.
fn verbs(site: &Site, entry: &Entry, may: bool) -> Vec<(&'static str, &'static str)> {
    let Ok(app) = site.app() else { return Vec::new() };
    let all = [
        ("gui-lai", "Gửi lại", Wish::Retry),
        ("cho-gui", "Cho gửi", Wish::LetGo),
        ("giu-lai", "Giữ lại", Wish::Hold("")),
        ("huy", "Hủy", Wish::Cancel("")),
    ];
    let can = |wish: Wish<'_>| match wish {
        // What is held is let go, not sent again.
        Wish::Retry if entry.state == At::Held => false,
        wish => app.bar(entry, wish, false).is_none(),
    };
    all.into_iter().filter(|(.., wish)| may && can(*wish)).map(|(word, name, _)| (word, name)).collect()
}

pub(super) async fn resolve(State(site): State<Site>, visitor: Visitor, id: Id, form: Form) -> Response {
    let answer = async {
        let app = site.app()?;
        let found = found(&site, &visitor, id).await?;
        let note = reason(&form, "ghi-chu");
        let fate = match form.text("ket-qua") {
            "da-den" => Some(Fate::Sent),
            "chua-den" => Some(Fate::NotSent),
            _ => None,
        };
        let wrong = match (fate, note.is_empty()) {
            (None, _) => Some("Cần chọn kết quả."),
            (_, true) => Some("Cần ghi cách đã xác minh."),
            _ => None,
        };
        let (Some(fate), None) = (fate, wrong) else {
            return again(&shown(&site, &visitor, found, (None, note, wrong)).await?);
        };
        let by = visitor.by();
        let resolved = app.resolve(&found.0.id, fate, &note, mender(&visitor, &by)?).await?;
        let said = if resolved == Resolved::Not { "" } else { "?xong=ket-qua" };
        Ok(on_to(&format!("/hop-thu-di/{}{said}", found.0.id)))
    };
    site.answer(answer.await)
}

pub(super) async fn html(State(site): State<Site>, visitor: Visitor, id: Id) -> Response {
    let answer = async {
        let (_, content, _) = found(&site, &visitor, id).await?;
        let message = words_for(&visitor, &content).ok_or(Failure::NotFound)?;
        Ok(([(header::CONTENT_SECURITY_POLICY, POLICY)], Html(message.html)).into_response())
    };
    site.answer(answer.await)
}

/// The mail, byte by byte as its channel sends it. A POST, because taking it out is written into the audit log.
pub(super) async fn eml(State(site): State<Site>, visitor: Visitor, id: Id) -> Response {
    let answer = async {
        let app = site.app()?;
        let (entry, content, _) = found(&site, &visitor, id).await?;
        let channel = app.config.channels.iter().find(|channel| channel.name == entry.channel);
        let Some(Kind::Email(settings)) = channel.map(|channel| &channel.kind) else { return Err(Failure::NotFound) };
        let terms = outbox::terms(&site.db, &entry.id).await?.ok_or(Failure::NotFound)?;
        let parcel = parcel(&entry, &content, terms.ready_at.map_or(entry.due_at, from_millis))?;
        let bytes = mail_as_sent(settings, &parcel).map_err(|_| Failure::NotFound)?;
        taken(&site, &visitor, &entry, "eml").await?;
        Ok(file(&entry, "eml", "message/rfc822", bytes))
    };
    site.answer(answer.await)
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
                   "answer": one.answer})
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
