//! Rounds that the quality gate held: what it found, and the word of a person who says that the figures are right.

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::response::Response;

use super::catalogue::Tongue;
use super::form::Form;
use super::outbox_deeds::{Told, reason, told};
use super::page::{Failure, Frame, Place, again, on_to, page};
use super::session::Visitor;
use super::{Site, words};
use crate::pass::{self, Decider, HeldRound, Let, Recorded};
use crate::people::Action;

/// Rounds that are looked at.
const LISTED: i64 = 50;

/// A doubt of the gate.
#[derive(Debug)]
struct Doubt {
    source: String,
    /// What was found, and what mends it.
    words: &'static str,
    remedy: &'static str,
    code: String,
    /// With figures and places, as the log says it.
    detail: String,
}

/// A round that was held.
#[derive(Debug)]
struct Round {
    id: String,
    as_of: String,
    time: String,
    machine_time: String,
    doubts: Vec<Doubt>,
    has_figures: bool,
    /// When, by whom and why it was let through.
    release: Option<(String, String, String)>,
}

#[derive(Template)]
#[template(path = "held.html")]
struct HeldPage {
    frame: Frame,
    told: Option<Told>,
    /// Those that nobody let through, and no later round was done.
    waiting: Vec<Round>,
    /// The others.
    earlier: Vec<Round>,
    may: bool,
    /// The round whose form was not taken, what was typed into it, and what is wrong.
    tried: String,
    note: String,
    wrong: Option<&'static str>,
}

/// How many rounds wait for a word.
pub(super) async fn waiting(site: &Site) -> Result<usize, Failure> {
    let done = pass::done_rounds(&site.db).await?.iter().map(|round| round.started_at).max();
    let held = pass::held_rounds(&site.db, None, LISTED).await?;
    Ok(held.iter().filter(|round| waits(round, done)).count())
}

/// Whether nobody let it through, and no later round was done.
fn waits(round: &HeldRound, done: Option<chrono::DateTime<chrono::Utc>>) -> bool {
    round.release.is_none() && done.is_none_or(|done| round.started_at > done)
}

pub(super) async fn show(State(site): State<Site>, visitor: Visitor, RawQuery(query): RawQuery) -> Response {
    let answer = async {
        let told = told(visitor.tongue, query.as_deref());
        page(&shown(&site, &visitor, told, (String::new(), String::new(), None)).await?)
    };
    site.answer(answer.await)
}

/// Rounds are about everybody, so only those look who see everything.
async fn shown(
    site: &Site,
    visitor: &Visitor,
    told: Option<Told>,
    (tried, note, wrong): (String, String, Option<&'static str>),
) -> Result<HeldPage, Failure> {
    if !visitor.sees_all() {
        return Err(Failure::NotFound);
    }
    let t = visitor.tongue;
    let done = pass::done_rounds(&site.db).await?.iter().map(|round| round.started_at).max();
    let held = pass::held_rounds(&site.db, None, LISTED).await?;
    let (waiting, earlier): (Vec<_>, Vec<_>) = held.into_iter().partition(|round| waits(round, done));
    Ok(HeldPage {
        frame: Frame::told(site, visitor, Place::Outbox, "held.title"),
        told,
        waiting: waiting.into_iter().map(|held| round(t, held)).collect(),
        earlier: earlier.into_iter().map(|held| round(t, held)).collect(),
        may: visitor.may(Action::Approve),
        tried,
        note,
        wrong,
    })
}

fn round(t: Tongue, held: HeldRound) -> Round {
    Round {
        id: held.run_id,
        as_of: words::local_date(&held.as_of.to_string()),
        time: words::local_time(held.started_at),
        machine_time: words::machine_time(held.started_at),
        doubts: held.doubts.into_iter().map(|found| doubt(t, found)).collect(),
        has_figures: held.has_figures,
        release: held.release.map(|release| (words::local_time(release.at), release.by, release.note)),
    }
}

/// What a doubt of this name says, and what mends it: keys of the catalogue.
pub(super) fn doubt_words(code: &str) -> [&'static str; 2] {
    match code {
        "refused_rows" => ["held.doubt_refused_rows", "held.mend_refused_rows"],
        "stale" => ["held.doubt_stale", "held.mend_stale"],
        "empty" => ["held.doubt_empty", "held.mend_empty"],
        "conflicting_rows" => ["held.doubt_conflicting_rows", "held.mend_conflicting_rows"],
        "unreadable" => ["held.doubt_unreadable", "held.mend_unreadable"],
        "rows_fell" => ["held.doubt_rows_fell", "held.mend_rows_fell"],
        "units_vanished" => ["held.doubt_units_vanished", "held.mend_units_vanished"],
        "total_fell" => ["held.doubt_total_fell", "held.mend_total_fell"],
        "total_jumped" => ["held.doubt_total_jumped", "held.mend_total_jumped"],
        "units_implausible" => ["held.doubt_units_implausible", "held.mend_units_implausible"],
        "total_differs" => ["held.doubt_total_differs", "held.mend_total_differs"],
        "ratio_differs" => ["held.doubt_ratio_differs", "held.mend_ratio_differs"],
        _ => ["held.doubt_other", "held.mend_other"],
    }
}

fn doubt(t: Tongue, found: Recorded) -> Doubt {
    let [words, remedy] = doubt_words(&found.code);
    let detail = format!("{} → {}", found.message, found.remedy);
    Doubt { source: found.source, words: t.say(words), remedy: t.say(remedy), code: found.code, detail }
}

/// Lets one through, as `dondoc release` does.
pub(super) async fn release(State(site): State<Site>, visitor: Visitor, form: Form) -> Response {
    let answer = released(&site, &visitor, &form).await;
    site.answer(answer)
}

async fn released(site: &Site, visitor: &Visitor, form: &Form) -> Result<Response, Failure> {
    if !visitor.sees_all() {
        return Err(Failure::NotFound);
    }
    let (t, id, note) = (visitor.tongue, form.text("dot"), reason(form, "ghi-chu"));
    let wrong = if note.is_empty() {
        "held.note_missing"
    } else {
        let (person, by) = (visitor.person()?, visitor.by());
        let decider = Decider { name: &person.login, also: &person.name, by: &by };
        match pass::release(&site.db, id, &note, decider, site.clock.now()).await? {
            Let::Through => return Ok(on_to("/dot-giu?xong=cho-qua")),
            Let::Before => "held.before",
            Let::NoFigures => "held.no_figures",
            Let::Unknown => return Err(Failure::NotFound),
        }
    };
    again(&shown(site, visitor, None, (id.to_owned(), note, Some(t.say(wrong)))).await?)
}
