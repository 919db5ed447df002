//! The templates in words: what is in force, who has a draft, whether a file was changed.

use askama::Template;
use axum::extract::State;
use axum::response::Response;

use super::words::{self, Kind};
use crate::message::Templates;
use crate::message::revisions::{self, Revision, TemplateDraft};
use crate::people::Action;
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
    let app = site.app()?;
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
            title: words::title(name),
            whom: words::about(name).map_or("Khối do đơn vị tự thêm", |about| about.whom),
            live: in_force(&originals, name, revision),
            draft: draft.map(in_words),
            file: file(&originals, name, revision, draft, app.file_changed(name)),
        }
    };
    let of = |kind: Kind| names.iter().filter(|name| words::kind(name) == kind).map(told).collect();
    page(&ListPage {
        frame: Frame::seen(site, visitor, Place::Templates, "Mẫu tin"),
        groups: Kind::ALL.into_iter().map(|kind| (kind.title(), of(kind))).collect(),
        may_edit: visitor.may(Action::Edit),
    })
}

fn in_force(originals: &Templates, name: &str, revision: Option<&Revision>) -> String {
    match revision {
        Some(revision) => {
            format!("Bản v{}, {} áp dụng lúc {}", revision.number, revision.by, said::local_time(revision.at))
        }
        None if originals.source(name) == Templates::built_in().source(name) => "Bản gốc kèm phần mềm".to_owned(),
        None => "Bản gốc từ tệp trên máy chủ".to_owned(),
    }
}

fn in_words(draft: &TemplateDraft) -> String {
    format!("{} lưu lúc {}", draft.by, said::local_time(draft.at))
}

fn file(
    originals: &Templates,
    name: &str,
    revision: Option<&Revision>,
    draft: Option<&TemplateDraft>,
    changed: bool,
) -> Option<&'static str> {
    let now = originals.source(name).map(revisions::hash).unwrap_or_default();
    if changed {
        return Some("Tệp trên máy chủ đã đổi sau khi chương trình khởi động");
    }
    match (draft, revision) {
        (Some(draft), _) if draft.original_hash != now => Some("Bản gốc đã đổi sau khi có bản nháp"),
        (None, Some(revision)) if revision.original_hash != now => Some("Bản gốc đã đổi sau bản đang áp dụng"),
        _ => None,
    }
}
