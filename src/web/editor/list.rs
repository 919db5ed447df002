//! The templates in words: what is in force, who has a draft, whether a file was changed.

use askama::Template;
use axum::extract::State;
use axum::response::Response;

use super::words::{self, Kind};
use crate::message::Templates;
use crate::message::revisions::{self, Revision, TemplateDraft};
use crate::people::Action;
use crate::web::catalogue::Tongue;
use crate::web::page::{Failure, Frame, Place, page};
use crate::web::session::Visitor;
use crate::web::{Site, words as said};

/// A template.
#[derive(Debug)]
struct Line {
    slug: String,
    title: String,
    whom: &'static str,
    /// What is in force.
    live: String,
    /// Whose draft there is, and since when.
    draft: Option<String>,
    /// What became of its file.
    file: Option<&'static str>,
}

#[derive(Template)]
#[template(path = "editor_list.html")]
struct ListPage {
    frame: Frame,
    groups: Vec<(&'static str, Vec<Line>)>,
    may_edit: bool,
}

pub(in crate::web) async fn list(State(site): State<Site>, visitor: Visitor) -> Response {
    let shown = shown(&site, &visitor).await;
    site.answer(shown)
}

async fn shown(site: &Site, visitor: &Visitor) -> Result<Response, Failure> {
    let (app, t) = (site.app()?, visitor.tongue);
    let (originals, live) = (app.originals().await?, app.templates().await?);
    let (newest, drafts) = (revisions::newest(&site.db).await?, revisions::drafts(&site.db).await?);
    let mut names: Vec<&str> = live.names().chain(drafts.iter().map(|draft| draft.name.as_str())).collect();
    names.sort_unstable();
    names.dedup();
    names.sort_by_key(|name| words::place(name));
    let told = |name: &&str| {
        let revision = newest.iter().find(|revision| revision.name == **name);
        let draft = drafts.iter().find(|draft| draft.name == **name);
        Line {
            slug: words::slug(name).to_owned(),
            title: words::title(t, name),
            whom: words::whom(t, name),
            live: in_force(t, &originals, name, revision),
            draft: draft.map(|draft| t.with2("letters.draft_saved", &draft.by, said::local_time(draft.at))),
            file: file(&originals, name, revision, draft, app.file_changed(name)).map(|key| t.say(key)),
        }
    };
    let of = |kind: Kind| names.iter().filter(|name| words::kind(name) == kind).map(told).collect();
    page(&ListPage {
        frame: Frame::told(site, visitor, Place::Templates, "nav.templates"),
        groups: Kind::ALL.into_iter().map(|kind| (kind.title(t), of(kind))).collect(),
        may_edit: visitor.may(Action::Edit),
    })
}

fn in_force(t: Tongue, originals: &Templates, name: &str, revision: Option<&Revision>) -> String {
    match revision {
        Some(revision) => t.with3("letters.revision", revision.number, &revision.by, said::local_time(revision.at)),
        None if originals.source(name) == Templates::built_in().source(name) => t.say("letters.shipped").to_owned(),
        None => t.say("letters.of_file").to_owned(),
    }
}

/// Key of what became of its file.
fn file(
    originals: &Templates,
    name: &str,
    revision: Option<&Revision>,
    draft: Option<&TemplateDraft>,
    changed: bool,
) -> Option<&'static str> {
    let now = originals.source(name).map(revisions::hash).unwrap_or_default();
    if changed {
        return Some("letters.file_changed");
    }
    match (draft, revision) {
        (Some(draft), _) if draft.original_hash != now => Some("letters.changed_since_draft"),
        (None, Some(revision)) if revision.original_hash != now => Some("letters.changed_since_live"),
        _ => None,
    }
}
