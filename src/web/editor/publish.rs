//! The page before a text is put in force, and the deeds: publish, restore, discard.

use askama::Template;
use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse as _, Response};

use super::check::{self, Standing};
use super::checks::Outcome;
use super::show::barred;
use super::subject::{Subject, Which};
use super::{changes, words};
use crate::app::NotInForce;
use crate::message::revisions::{self, Checked, Mark, Publication, Refused};
use crate::web::Site;
use crate::web::coming::{self, Coming};
use crate::web::form::Form;
use crate::web::page::{Failure, Frame, Place, on_to};
use crate::web::session::Visitor;

/// Characters of a note.
const NOTE: usize = 200;

#[expect(clippy::struct_excessive_bools, reason = "the page asks for each by its name")]
#[derive(Template)]
#[template(path = "editor_publish.html")]
struct ConfirmPage {
    frame: Frame,
    slug: String,
    title: String,
    /// What is put in force, as words and as addresses say it.
    what: String,
    word: String,
    restores: bool,
    draft: i64,
    note: String,
    wrong: Option<String>,
    /// Whether it says what is in force already.
    same: bool,
    /// Where this page is.
    here: String,
    state: Standing,
    pieces: Vec<changes::Piece>,
    /// The schedules that write with it; nothing when a command does.
    schedules: Option<Vec<Coming>>,
    waits: bool,
    newer: bool,
}

pub(in crate::web) async fn confirm(
    State(site): State<Site>,
    visitor: Visitor,
    Path(slug): Path<String>,
    query: RawQuery,
) -> Response {
    let which = check::asked(&query);
    let answer = async {
        let subject = Subject::of(site.app()?, &slug).await?;
        page(&site, &visitor, &subject, &which, (StatusCode::OK, None, "")).await
    };
    site.answer(answer.await)
}

async fn page(
    site: &Site,
    visitor: &Visitor,
    subject: &Subject,
    which: &Which,
    (status, wrong, note): (StatusCode, Option<&'static str>, &str),
) -> Result<Response, Failure> {
    let app = site.app()?;
    if barred(visitor) {
        return Err(Failure::NotFound);
    }
    publishable(which)?;
    let source = subject.text(site, which).await?;
    let key = check::key(site, subject, &source).await?;
    let kind = words::written_by(&subject.name);
    let schedules = match kind {
        Some(kind) => Some(coming::of_kind(visitor.tongue, site, kind).await?),
        None => None,
    };
    let t = visitor.tongue;
    let title = words::title(t, &subject.name);
    let heading = if *which == Which::Draft { "publishing.title_publish" } else { "publishing.title_restore" };
    let draft = subject.draft.as_ref().filter(|_| *which == Which::Draft);
    let page = ConfirmPage {
        frame: Frame::seen(site, visitor, Place::Templates, t.with(heading, &title)),
        slug: words::slug(&subject.name).to_owned(),
        title,
        what: which.said(t),
        word: which.word(),
        restores: *which != Which::Draft,
        draft: draft.map_or(0, |draft| draft.number),
        note: if note.is_empty() { draft.map(|draft| draft.note.clone()).unwrap_or_default() } else { note.to_owned() },
        wrong: wrong.map(|key| t.say(key).to_owned()),
        here: format!("/mau-tin/{}/ap-dung?so={}", words::slug(&subject.name), which.word()),
        same: source == subject.in_force(),
        state: check::standing(site.checks.find(&key).as_deref(), t),
        pieces: changes::changes(subject.in_force(), &source),
        schedules,
        waits: app.asks_for_a_second_person(&subject.with(&source)).await?,
        newer: draft.is_some_and(|draft| draft.based_on != subject.base().revision),
    };
    Ok((status, Html(page.render()?)).into_response())
}

/// Puts the draft, or an older text, in force.
pub(in crate::web) async fn publish(
    State(site): State<Site>,
    visitor: Visitor,
    Path(slug): Path<String>,
    form: Form,
) -> Response {
    let answer = async {
        // Before the texts that the check is looked up by.
        let over = revisions::published(&site.db).await?;
        let subject = Subject::of(site.app()?, &slug).await?;
        let which = Which::of(form.text("so")).unwrap_or(Which::Draft);
        put_in_force(&site, &visitor, (&subject, over), &which, &form).await
    };
    site.answer(answer.await)
}

/// A draft that was saved once comes into force by being taken back first.
fn publishable(which: &Which) -> Result<(), Failure> {
    if matches!(which, Which::Saved(_)) { Err(Failure::NotFound) } else { Ok(()) }
}

async fn put_in_force(
    site: &Site,
    visitor: &Visitor,
    (subject, over): (&Subject, i64),
    which: &Which,
    form: &Form,
) -> Result<Response, Failure> {
    if barred(visitor) {
        return Err(Failure::NotFound);
    }
    publishable(which)?;
    let again = |wrong: &'static str| (StatusCode::UNPROCESSABLE_ENTITY, Some(wrong), form.text("ghi-chu"));
    let slug = words::slug(&subject.name);
    let draft = subject.draft.as_ref().filter(|_| *which == Which::Draft);
    // What was confirmed is this very draft.
    let confirmed = form.text("nhap").parse().ok();
    if *which == Which::Draft && draft.map(|draft| draft.number) != confirmed {
        return Ok(on_to(&format!("/mau-tin/{slug}?xong=khac")));
    }
    let source = subject.text(site, which).await?;
    let Some(known) = checked(site, subject, &source).await? else {
        return page(site, visitor, subject, which, again("publishing.check_first")).await;
    };
    let note: String = form.text("ghi-chu").trim().chars().take(NOTE).collect();
    let original_hash = draft.map_or_else(|| subject.original_hash(), |draft| draft.original_hash.clone());
    let new = Publication {
        name: &subject.name,
        source: &source,
        by: &visitor.person()?.name,
        note: &note,
        original_hash: &original_hash,
        draft: draft.map(|draft| draft.number),
        restores: if let Which::Revision(number) = which { Some(*number) } else { None },
        over: Some(over),
    };
    let wrong = match site.app()?.put_in_force(new, &visitor.by(), Some(known), &|_, _| {}).await {
        Ok(_) => {
            let done = if *which == Which::Draft { "ap-dung" } else { "khoi-phuc" };
            return Ok(on_to(&format!("/mau-tin/{slug}?xong={done}")));
        }
        Err(NotInForce::App(error)) => return Err(error.into()),
        Err(NotInForce::Refused(Refused::Db(error))) => return Err(error.into()),
        Err(NotInForce::Same) => "publishing.is_in_force",
        Err(NotInForce::Unfit(_)) => "publishing.unfit",
        Err(NotInForce::Refused(Refused::TooLong(_))) => "publishing.too_long",
        Err(NotInForce::Refused(Refused::Unchecked { .. })) => "publishing.check_first",
        Err(NotInForce::Refused(_) | NotInForce::Unsigned) => "publishing.gone",
    };
    let subject = Subject::of(site.app()?, slug).await?;
    page(site, visitor, &subject, which, again(wrong)).await
}

/// What the check of `source` found, when it has been made over the texts and figures of now.
async fn checked(site: &Site, subject: &Subject, source: &str) -> Result<Option<Checked>, Failure> {
    let key = check::key(site, subject, source).await?;
    let check = site.checks.find(&key);
    Ok(check.and_then(|check| match check.outcome() {
        Some(Outcome::Found(checked)) => Some(checked.as_ref().clone()),
        Some(Outcome::Failed) | None => None,
    }))
}
