//! What a template said before, beside what is in force.

use askama::Template;
use axum::extract::{Path, RawQuery, State};
use axum::response::Response;

use super::changes::{self, changes};
use super::subject::{Subject, Which};
use super::{pairs, words};
use crate::message::revisions::{self, Mark, Revision};
use crate::people::Action;
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
}

#[derive(Template)]
#[template(path = "editor_versions.html")]
struct VersionsPage {
    frame: Frame,
    slug: String,
    lines: Vec<Line>,
    has_draft: bool,
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
    let history = revisions::history(&site.db, &subject.name).await?;
    let beside = match &chosen {
        Some(which) => {
            let source = subject.text(site, which).await?;
            Some(Beside {
                word: which.word(),
                name: which.vietnamese(),
                pieces: between(&subject, which, &source),
                source,
                is_draft: *which == Which::Draft,
            })
        }
        None => None,
    };
    let newest = subject.base().revision;
    let title = words::title(&subject.name);
    page(&VersionsPage {
        frame: Frame::seen(site, visitor, Place::Templates, format!("Các bản của mẫu: {title}")),
        slug: words::slug(&subject.name).to_owned(),
        lines: history.iter().map(|one| line(one, newest, chosen.as_ref())).collect(),
        has_draft: subject.draft.is_some(),
        has_original: subject.originals.source(&subject.name).is_some(),
        live: Which::Revision(newest).vietnamese(),
        beside,
        may_edit: visitor.may(Action::Edit) && super::show::barred(visitor).is_none(),
    })
}

/// A draft comes after the text in force, everything else before it.
fn between(subject: &Subject, which: &Which, source: &str) -> Vec<changes::Piece> {
    match which {
        Which::Draft => changes(subject.in_force(), source),
        Which::Revision(_) => changes(source, subject.in_force()),
    }
}

fn line(revision: &Revision, newest: i64, chosen: Option<&Which>) -> Line {
    let which = Which::Revision(revision.number);
    Line {
        word: which.word(),
        when: said::local_time(revision.at),
        machine_time: said::machine_time(revision.at),
        by: revision.by.clone(),
        note: revision.note.clone(),
        of: revision
            .restores
            .map_or_else(String::new, |number| format!("khôi phục từ {}", Which::Revision(number).vietnamese())),
        in_force: revision.number == newest,
        chosen: chosen == Some(&which),
    }
}
