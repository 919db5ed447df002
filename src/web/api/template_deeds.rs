//! What an editor does to a template: saves a draft, checks it, puts it or an older text in force, drops it.
//!
//! A draft that says what the last one says is that one; a text that is in force is not put in force again; a draft is
//! published under its number and once. So each of these can be sent again.

use axum::extract::State;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::asked::{Named, Sent};
use super::description::{Refused, Unfit};
use super::outbox_deeds::sentence;
use super::templates::{known, text_of};
use super::wrong::{Trouble, Wrong, whole};
use crate::api::CheckedTemplate;
use crate::app::{App, NotInForce};
use crate::message::revisions::{self, Base, NewDraft, Publication, TemplateDraft};
use crate::web::Site;
use crate::web::session::Visitor;

/// A text to save.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::web) struct Draft {
    /// The whole text; 64 KB at most.
    source: String,
    /// Why; it stands in the history.
    #[serde(default)]
    #[schema(max_length = 500)]
    note: String,
    /// What it was written over. Nothing is saved when somebody else saved or published in the meantime (409). Without it
    /// the draft takes the place of whatever is there.
    over: Option<Over>,
}

/// What a text was written over.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Over {
    /// Number of the draft in hand; 0 when there was none.
    draft: i64,
    /// Number of the revision in force; 0 for the original.
    revision: i64,
}

/// What was saved.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Saved {
    /// File name of the template.
    template: String,
    /// Number of the draft; nothing is sent with it yet.
    draft: i64,
}

/// Nothing to say.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::web) struct Empty {}

/// Which draft is put in force.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::web) struct Publish {
    /// Number of the draft that you looked at.
    draft: i64,
    /// Why; it stands in the history.
    #[schema(
        min_length = 1,
        max_length = 500,
        pattern = r"^[^\x00-\x1F\x7F-\x9F]*[^\s\x00-\x1F\x7F-\x9F][^\x00-\x1F\x7F-\x9F]*$"
    )]
    note: String,
}

/// Which text is put in force again.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::web) struct Restore {
    /// Number of the revision; 0 for the original.
    #[schema(minimum = 0)]
    revision: i64,
    /// Why; it stands in the history.
    #[schema(
        min_length = 1,
        max_length = 500,
        pattern = r"^[^\x00-\x1F\x7F-\x9F]*[^\s\x00-\x1F\x7F-\x9F][^\x00-\x1F\x7F-\x9F]*$"
    )]
    note: String,
}

/// Which draft is dropped.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::web) struct Discard {
    /// Number of the draft that you looked at.
    draft: i64,
}

/// A text in force.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Published {
    /// Whether anything was done: false when the text was in force already.
    changed: bool,
    /// The revision in force; 0 for the original.
    revision: i64,
    /// Whether the next round waits for a second person because of it.
    waits_for_approval: bool,
    /// What the check found; null when nothing was done.
    checked: Option<CheckedTemplate>,
}

/// A template that somebody is about to change.
pub(super) async fn subject(site: &Site, visitor: &Visitor, name: &str) -> Result<String, Trouble> {
    whole(visitor)?;
    Ok(known(&site.app()?.templates().await?, name)?)
}

async fn original_hash(app: &App, name: &str) -> Result<String, Trouble> {
    Ok(app.originals().await?.source(name).map(revisions::hash).unwrap_or_default())
}

fn signed(visitor: &Visitor) -> &str {
    visitor.token().map_or("", |token| token.name.as_str())
}

/// Saves a draft. Nothing is sent with it before it is published.
#[utoipa::path(post, path = "/api/v1/templates/{name}/draft", tag = "templates", security(("token" = [])),
    params(("name" = String, Path, description = "File name, with or without `.md`")), request_body = Draft,
    responses((status = 200, body = Saved), Refused, Unfit))]
pub(in crate::web) async fn draft(
    State(site): State<Site>,
    visitor: Visitor,
    Named(name): Named,
    Sent(sent): Sent<Draft>,
) -> Response {
    let done = async {
        let name = subject(&site, &visitor, &name).await?;
        let note = if sent.note.is_empty() { String::new() } else { sentence("note", &sent.note)? };
        let app = site.app()?;
        let new = NewDraft {
            name: &name,
            source: &sent.source,
            by: signed(&visitor),
            note: &note,
            original_hash: &original_hash(app, &name).await?,
            over: sent.over.map(|Over { draft, revision }| Base { draft, revision }),
            automatic: false,
            page: "",
        };
        let number = revisions::save_draft(&app.db, new, &visitor.by(), app.clock.now()).await?;
        Ok(Saved { template: name, draft: number })
    };
    site.done(done.await)
}

/// Checks the draft, or the text in force where there is none: with the samples and with every unit of the newest round.
/// Changes nothing.
#[utoipa::path(post, path = "/api/v1/templates/{name}/check", tag = "templates", security(("token" = [])),
    params(("name" = String, Path, description = "File name, with or without `.md`")), request_body = Empty,
    responses((status = 200, body = CheckedTemplate), Refused, Unfit))]
pub(in crate::web) async fn check(
    State(site): State<Site>,
    visitor: Visitor,
    Named(name): Named,
    Sent(Empty {}): Sent<Empty>,
) -> Response {
    let done = async {
        let name = subject(&site, &visitor, &name).await?;
        let app = site.app()?;
        let draft = revisions::draft(&app.db, &name).await?;
        let what =
            draft.as_ref().map_or_else(|| "the text in force".to_owned(), |draft| format!("draft {}", draft.number));
        let live = app.templates().await?;
        let source = draft.map(|draft| draft.source).or_else(|| live.source(&name).map(ToOwned::to_owned));
        let source = source.ok_or_else(|| Wrong::conflict("api.no_text", "save a draft first"))?;
        let checked = app.check_template((&name, &source), &|_, _| ()).await?;
        Ok(CheckedTemplate::of(&name, &what, &checked))
    };
    site.done(done.await)
}

/// The draft in hand, if it is the one that was looked at.
async fn looked_at(app: &App, name: &str, number: i64) -> Result<TemplateDraft, Trouble> {
    let found = revisions::draft(&app.db, name).await?;
    match found {
        Some(draft) if draft.number == number => Ok(draft),
        _ => {
            let hint = "look at `GET /api/v1/templates/{name}` again";
            Err(Wrong::conflict_of(("api.draft_changed", &[&number, &name]), hint).at("draft").into())
        }
    }
}

/// Checks the draft and puts it in force: the next round writes with it. A text that does not pass is not published (422).
#[utoipa::path(post, path = "/api/v1/templates/{name}/publish", tag = "templates", security(("token" = [])),
    params(("name" = String, Path, description = "File name, with or without `.md`")), request_body = Publish,
    responses((status = 200, body = Published), Refused, Unfit))]
pub(in crate::web) async fn publish(
    State(site): State<Site>,
    visitor: Visitor,
    Named(name): Named,
    Sent(sent): Sent<Publish>,
) -> Response {
    let done = async {
        let name = subject(&site, &visitor, &name).await?;
        let note = sentence("note", &sent.note)?;
        let app = site.app()?;
        let draft = looked_at(app, &name, sent.draft).await?;
        let new = Publication {
            name: &name,
            source: &draft.source,
            by: signed(&visitor),
            note: &note,
            original_hash: &draft.original_hash,
            draft: Some(draft.number),
            restores: None,
            over: None,
        };
        put_in_force(app, &visitor, new).await
    };
    site.done(done.await)
}

/// Puts an older text in force again, as a revision of its own. Sent again it changes nothing.
#[utoipa::path(post, path = "/api/v1/templates/{name}/restore", tag = "templates", security(("token" = [])),
    params(("name" = String, Path, description = "File name, with or without `.md`")), request_body = Restore,
    responses((status = 200, body = Published), Refused, Unfit))]
pub(in crate::web) async fn restore(
    State(site): State<Site>,
    visitor: Visitor,
    Named(name): Named,
    Sent(sent): Sent<Restore>,
) -> Response {
    let done = async {
        let name = subject(&site, &visitor, &name).await?;
        let note = sentence("note", &sent.note)?;
        let app = site.app()?;
        let source = text_of(app, &name, sent.revision).await?;
        let new = Publication {
            name: &name,
            source: &source,
            by: signed(&visitor),
            note: &note,
            original_hash: &original_hash(app, &name).await?,
            draft: None,
            restores: Some(sent.revision),
            over: None,
        };
        put_in_force(app, &visitor, new).await
    };
    site.done(done.await)
}

async fn put_in_force(app: &App, visitor: &Visitor, new: Publication<'_>) -> Result<Published, Trouble> {
    let name = new.name;
    match app.put_in_force(new, &visitor.by(), None, &|_, _| ()).await {
        Ok(done) => Ok(Published {
            changed: true,
            revision: done.number,
            waits_for_approval: done.waits,
            checked: Some(CheckedTemplate::of(name, "the text in force", &done.checked)),
        }),
        Err(NotInForce::Same) => {
            let newest = revisions::history(&app.db, name).await?.first().map_or(0, |revision| revision.number);
            Ok(Published { changed: false, revision: newest, waits_for_approval: false, checked: None })
        }
        Err(NotInForce::Unfit(checked)) => {
            let found = CheckedTemplate::of(name, "", &checked);
            let first = found.found.iter().find(|line| !line.known);
            let hint = "`POST /api/v1/templates/{name}/check` tells everything that is wrong";
            let place = first.map_or_else(String::new, |line| format!("{}:{}", line.line, line.column));
            let problem = first.map_or("", |line| line.problem.as_str());
            Err(Wrong::content("api.unfit", hint).because(problem).at(&place).into())
        }
        Err(NotInForce::Unsigned) => Err(Wrong::content("api.nameless", "make another one").into()),
        Err(NotInForce::Refused(refused)) => Err(refused.into()),
        Err(NotInForce::App(error)) => Err(error.into()),
    }
}

/// Drops the draft; its text stays stored.
#[utoipa::path(post, path = "/api/v1/templates/{name}/discard", tag = "templates", security(("token" = [])),
    params(("name" = String, Path, description = "File name, with or without `.md`")), request_body = Discard,
    responses((status = 200, body = Saved), Refused, Unfit))]
pub(in crate::web) async fn discard(
    State(site): State<Site>,
    visitor: Visitor,
    Named(name): Named,
    Sent(sent): Sent<Discard>,
) -> Response {
    let done = async {
        let name = subject(&site, &visitor, &name).await?;
        let app = site.app()?;
        looked_at(app, &name, sent.draft).await?;
        revisions::discard(&app.db, (&name, sent.draft), &visitor.by(), app.clock.now()).await?;
        Ok(Saved { template: name, draft: sent.draft })
    };
    site.done(done.await)
}

impl From<revisions::Refused> for Trouble {
    fn from(refused: revisions::Refused) -> Self {
        let message = refused.to_string();
        let hint = "look at `GET /api/v1/templates/{name}` again";
        match refused {
            revisions::Refused::Db(error) => Self::Broken(error.to_string()),
            revisions::Refused::TooLong(_) => {
                Wrong::content("api.template_long", "shorten it").told(&message).at("source").into()
            }
            _ => Wrong::conflict("api.template_changed", hint).told(&message).into(),
        }
    }
}
