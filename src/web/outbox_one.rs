//! One message of the outbox: exactly what was sent, where it stands and why, every attempt, what was said of it later.

use askama::Template;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, RawQuery, State};
use axum::http::header;
use axum::response::{Html, IntoResponse as _, Response};

use super::catalogue::Tongue;
use super::form::Form;
use super::look::Look;
use super::mail::POLICY;
use super::outbox::{Line, Writer};
use super::outbox_deeds::{Told, Undo, mender, reason, told, undoable};
use super::outbox_files::mail;
use super::outbox_words;
use super::page::{Failure, Frame, Place, again, on_to, page};
use super::session::Visitor;
use super::veil::{veiled, without_link};
use super::{Site, editor, words};
use crate::app::Wish;
use crate::clock::from_millis;
use crate::message::{Message, revisions};
use crate::outbox::{self, Attempt, Entry, Fate, Resolved, State as At};
use crate::pass;
use crate::people::Action;

pub(super) type Id = Result<Path<String>, PathRejection>;

/// The entry, its words (JSON) and its attempts, if there is one that `visitor` may see.
pub(super) async fn found(site: &Site, visitor: &Visitor, id: Id) -> Result<(Entry, String, Vec<Attempt>), Failure> {
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
    /// The key of what is said of the mail that can be downloaded, where there is one; and the hash of what was taken.
    mail: Option<(&'static str, Option<String>)>,
    /// Whether he may do something to it, and gets everything in full.
    may: bool,
    /// What can be done: word and key of its name.
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
        let told = told(visitor.tongue, query.as_deref());
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
    let t = visitor.tongue;
    let writer = Writer::load(site, t).await?;
    let known = outbox::known_of(&site.db, &[&entry.id]).await?;
    let terms = outbox::terms(&site.db, &entry.id).await?.ok_or(Failure::NotFound)?;
    let line = writer.line(&entry, &known);
    let message = words_for(visitor, &content);
    let mail = mail(site, (&entry, &content, &attempts), &terms);
    let rounds = pass::done_rounds(&site.db).await?;
    let round = rounds.iter().find(|round| round.run_id == terms.run_id);
    let figures = round.map(|round| t.with("outbox.figures_until", words::local_date(&round.until.to_string())));
    let way = writer.way(&entry);
    let units = visitor.units(site).await?;
    let others = outbox::others(&site.db, &entry.id).await?.into_iter();
    let receipts = outbox::receipts(&site.db, &entry.id).await?.into_iter();
    let hidden = |text: &str| if may { text.to_owned() } else { veiled(text) };
    Ok(OnePage {
        frame: Frame::seen(site, visitor, Place::Outbox, format!("{} – {}", line.kind, line.who)),
        told,
        undo: undoable(site, visitor, units.as_ref()).await?,
        hint: words::state(t, entry.state).1,
        address: if may { entry.address.clone() } else { words::masked(&entry.address) },
        created: words::local_time(entry.created_at),
        due: (entry.state == At::Ready).then(|| words::local_time(entry.due_at)),
        valid_until: words::local_time(from_millis(terms.valid_until)),
        attempts: entry.attempts,
        template: match &message {
            Some(message) => template_words(t, site, &message.template).await?,
            None => String::new(),
        },
        figures,
        message_id: entry.message_id.clone(),
        html_path: format!("/hop-thu-di/{}/html", entry.id),
        look: message.map(|message| Look::of(message, way, accented(site, &entry))),
        deleted: entry.words_deleted_at.map(words::local_time),
        mail: mail.filter(|_| may).map(|mail| (mail.made.key(), mail.taken)),
        may,
        verbs: verbs(site, &entry, may),
        uncertain: may && entry.state == At::Uncertain,
        note,
        wrong,
        tries: attempts.iter().rev().map(|attempt| tried(t, attempt, &hidden)).collect(),
        heard: receipts.map(|said| heard(t, &said, &hidden)).collect(),
        others: others.map(|(id, channel, state)| (id, channel, words::state(t, state).0)).collect(),
        line,
    })
}

fn tried(t: Tongue, attempt: &Attempt, hidden: &impl Fn(&str) -> String) -> Try {
    let at = from_millis(attempt.ended_at);
    Try {
        time: words::local_time(at),
        machine_time: words::machine_time(at),
        what: outbox_words::outcome(t, &attempt.outcome),
        code: attempt.code.map(|code| code.to_string()).unwrap_or_default(),
        answer: hidden(&attempt.answer),
    }
}

fn heard(t: Tongue, said: &outbox::Said, hidden: &impl Fn(&str) -> String) -> Heard {
    Heard {
        time: words::local_time(said.at),
        machine_time: words::machine_time(said.at),
        what: outbox_words::fact(t, said.fact),
        by: said.said_by.clone(),
        detail: hidden(&said.detail),
    }
}

/// Whether the channel of an entry sends the accented form of its SMS line.
fn accented(site: &Site, entry: &Entry) -> bool {
    let channels = site.app().map(|app| app.config.channels.as_slice()).unwrap_or_default();
    channels.iter().any(|channel| channel.name == entry.channel && channel.is_accented())
}

/// What the template is called, and which revision of it these words came from.
async fn template_words(t: Tongue, site: &Site, template: &str) -> Result<String, Failure> {
    let (name, hash) = template.split_once('@').unwrap_or((template, ""));
    if name == "built-in" {
        return Ok(t.say("outbox.template_built_in").to_owned());
    }
    let Ok(app) = site.app() else { return Ok(name.to_owned()) };
    let originals = app.originals().await?;
    let Some(file) = originals.file_name(name) else { return Ok(name.to_owned()) };
    let name = editor::title(t, &file);
    let is_it = |source: &str| !hash.is_empty() && revisions::hash(source).starts_with(hash);
    let history = revisions::history(&site.db, &file).await?;
    Ok(match history.iter().find(|revision| is_it(&revision.source)) {
        Some(revision) => t.with2("outbox.template_revision", name, revision.number),
        None if originals.source(&file).is_some_and(is_it) => t.with("outbox.template_original", name),
        None => t.with2("outbox.template_before", name, hash),
    })
}

/// What he can do to it, looked at alone.
fn verbs(site: &Site, entry: &Entry, may: bool) -> Vec<(&'static str, &'static str)> {
    let Ok(app) = site.app() else { return Vec::new() };
    let all = [
        ("gui-lai", "outbox.retry", Wish::Retry),
        ("cho-gui", "outbox.let_go", Wish::LetGo),
        ("giu-lai", "outbox.hold", Wish::Hold("")),
        ("huy", "outbox.cancel", Wish::Cancel("")),
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
            (None, _) => Some(visitor.tongue.say("outbox.result_missing")),
            (_, true) => Some(visitor.tongue.say("outbox.how_missing")),
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
