//! What a template said before, beside what is in force.

use askama::Template;
use axum::extract::{Path, RawQuery, State};
use axum::response::Response;

use super::changes::{self, changes};
use super::subject::{Subject, Which};
use super::{pairs, words};
use crate::message::revisions::{self, Fate, Mark, Revision, SavedDraft};
use crate::people::Action;
use crate::web::catalogue::Tongue;
use crate::web::page::{Failure, Frame, Place, page};
use crate::web::session::Visitor;
use crate::web::{Site, words as said};

/// A revision.
#[derive(Debug)]
struct Line {
    word: String,
    when: String,
    machine_time: String,
    by: String,
    note: String,
    /// What it is made of.
    of: String,
    in_force: bool,
    chosen: bool,
}

/// A text beside the one in force.
#[derive(Debug)]
struct Beside {
    word: String,
    name: String,
    pieces: Vec<changes::Piece>,
    source: String,
    is_draft: bool,
    /// Number of a saved draft that can be taken back.
    saved: Option<i64>,
}

/// A saved draft.
#[derive(Debug)]
struct Saved {
    number: i64,
    word: String,
    when: String,
    machine_time: String,
    by: String,
    note: String,
    /// What became of it, and whether it was saved by itself.
    fate: &'static str,
    automatic: bool,
    chosen: bool,
}

/// Saved drafts that are listed.
const LISTED: u32 = 50;

#[derive(Template)]
#[template(path = "editor_versions.html")]
struct VersionsPage {
    frame: Frame,
    slug: String,
    lines: Vec<Line>,
    saved: Vec<Saved>,
    /// How many saved drafts are listed, if there are more.
    shortened: Option<u32>,
    has_original: bool,
    live: String,
    beside: Option<Beside>,
    may_edit: bool,
}

pub(in crate::web) async fn versions(
    State(site): State<Site>,
    visitor: Visitor,
    Path(slug): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    let answer = async {
        let query = pairs(query.as_deref());
        let chosen = query.iter().find(|(key, _)| key == "so").and_then(|(_, word)| Which::of(word));
        shown(&site, &visitor, &slug, chosen).await
    };
    site.answer(answer.await)
}

async fn shown(site: &Site, visitor: &Visitor, slug: &str, chosen: Option<Which>) -> Result<Response, Failure> {
    let subject = Subject::of(site.app()?, slug).await?;
    let t = visitor.tongue;
    let history = revisions::history(&site.db, &subject.name).await?;
    let mut saved = revisions::saves(&site.db, &subject.name, LISTED + 1).await?;
    let shortened = (saved.len() > usize::try_from(LISTED).unwrap_or(usize::MAX)).then_some(LISTED);
    saved.truncate(usize::try_from(LISTED).unwrap_or(usize::MAX));
    let beside = match &chosen {
        Some(which) => {
            let source = subject.text(site, which).await?;
            Some(Beside {
                word: which.word(),
                name: which.said(t),
                pieces: between(&subject, which, &source),
                source,
                is_draft: which.is_draft(),
                saved: if let Which::Saved(number) = which { Some(*number) } else { None },
            })
        }
        None => None,
    };
    let newest = subject.base().revision;
    page(&VersionsPage {
        frame: Frame::seen(site, visitor, Place::Templates, t.with("versions.title", words::title(t, &subject.name))),
        slug: words::slug(&subject.name).to_owned(),
        lines: history.iter().map(|one| line(t, one, newest, chosen.as_ref())).collect(),
        saved: saved.into_iter().map(|one| save(t, one, chosen.as_ref())).collect(),
        shortened,
        has_original: subject.originals.source(&subject.name).is_some(),
        live: Which::Revision(newest).said(t),
        beside,
        may_edit: visitor.may(Action::Edit) && !super::show::barred(visitor),
    })
}

/// A draft comes after the text in force, everything else before it.
fn between(subject: &Subject, which: &Which, source: &str) -> Vec<changes::Piece> {
    match which {
        Which::Draft | Which::Saved(_) => changes(subject.in_force(), source),
        Which::Revision(_) => changes(source, subject.in_force()),
    }
}

fn line(t: Tongue, revision: &Revision, newest: i64, chosen: Option<&Which>) -> Line {
    let which = Which::Revision(revision.number);
    Line {
        word: which.word(),
        when: said::local_time(revision.at),
        machine_time: said::machine_time(revision.at),
        by: revision.by.clone(),
        note: revision.note.clone(),
        of: revision
            .restores
            .map_or_else(String::new, |number| t.with("versions.restores", Which::Revision(number).said(t))),
        in_force: revision.number == newest,
        chosen: chosen == Some(&which),
    }
}

fn save(t: Tongue, saved: SavedDraft, chosen: Option<&Which>) -> Saved {
    let SavedDraft { draft, fate } = saved;
    let which = if fate == Fate::InHand { Which::Draft } else { Which::Saved(draft.number) };
    Saved {
        number: draft.number,
        word: which.word(),
        when: said::local_time(draft.at),
        machine_time: said::machine_time(draft.at),
        by: draft.by,
        note: draft.note,
        fate: t.say(match fate {
            Fate::InHand => "versions.draft_open",
            Fate::Replaced => "versions.draft_replaced",
            Fate::Published => "versions.draft_published",
            Fate::Discarded => "versions.draft_discarded",
        }),
        automatic: draft.automatic,
        chosen: chosen == Some(&which),
    }
}
