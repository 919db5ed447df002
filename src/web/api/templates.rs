//! The templates of messages, to look at.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::asked::{Asked, Named, Nothing};
use super::description::Refused;
use super::wrong::{Trouble, Wrong};
use crate::api::{self, RevisionLine, TemplateLine, TemplateText, time};
use crate::app::App;
use crate::message::Templates;
use crate::message::revisions::{self, TemplateDraft};
use crate::web::Site;

/// The templates.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct TemplateList {
    /// By name.
    templates: Vec<TemplateLine>,
}

/// Every template: which text is in force, who published it, whether somebody has a draft.
#[utoipa::path(get, path = "/api/v1/templates", tag = "templates", security(("token" = [])),
    responses((status = 200, body = TemplateList), Refused))]
pub(in crate::web) async fn list(
    State(site): State<Site>,
    headers: HeaderMap,
    Asked(Nothing {}): Asked<Nothing>,
) -> Response {
    let told = async {
        let app = site.app()?;
        let (originals, live) = (app.originals().await?, app.templates().await?);
        let (newest, drafts) = (revisions::newest(&site.db).await?, revisions::drafts(&site.db).await?);
        Ok(TemplateList { templates: api::templates((&originals, &live), &newest, &drafts) })
    };
    site.tell(&headers, told.await)
}

/// Which text.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(in crate::web) struct WhichText {
    /// The text of this revision, 0 for the original; without it: the one in force.
    #[param(minimum = 0)]
    revision: Option<i64>,
}

/// A template.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct TemplateTold {
    /// The text that was asked for; null when none is in force.
    text: Option<TemplateText>,
    /// The draft in hand.
    draft: Option<DraftTold>,
    /// What was in force, newest first.
    history: Vec<RevisionLine>,
}

/// A draft.
#[derive(Debug, Serialize, ToSchema)]
struct DraftTold {
    /// Its number.
    draft: i64,
    /// Who saved it.
    by: String,
    /// When.
    #[schema(format = DateTime)]
    at: String,
    /// Why; may be empty.
    note: String,
    /// The revision that was in force then; 0 for the original.
    based_on: i64,
    /// The text.
    text: TemplateText,
}

impl From<TemplateDraft> for DraftTold {
    fn from(draft: TemplateDraft) -> Self {
        Self {
            draft: draft.number,
            text: TemplateText::of(&draft.name, &draft.source),
            by: draft.by,
            at: time(draft.at),
            note: draft.note,
            based_on: draft.based_on,
        }
    }
}

/// One template: its text, the draft in hand, and what was in force before.
#[utoipa::path(get, path = "/api/v1/templates/{name}", tag = "templates", security(("token" = [])),
    params(("name" = String, Path, description = "File name, with or without `.md`"), WhichText),
    responses((status = 200, body = TemplateTold), Refused))]
pub(in crate::web) async fn show(
    State(site): State<Site>,
    headers: HeaderMap,
    Named(name): Named,
    Asked(asked): Asked<WhichText>,
) -> Response {
    let told = async {
        let app = site.app()?;
        let (originals, live) = (app.originals().await?, app.templates().await?);
        let name = known(&live, &name)?;
        let text = match asked.revision {
            Some(number) => Some(text_of(app, &name, number).await?),
            None => live.source(&name).map(ToOwned::to_owned),
        };
        Ok(TemplateTold {
            text: text.map(|source| TemplateText::of(&name, &source)),
            draft: revisions::draft(&app.db, &name).await?.map(DraftTold::from),
            history: api::history(&originals, &revisions::history(&app.db, &name).await?),
        })
    };
    site.tell(&headers, told.await)
}

/// The file name of a template that messages are made of.
pub(super) fn known(templates: &Templates, name: &str) -> Result<String, Wrong> {
    templates.file_name(name).ok_or_else(|| Wrong::missing("`/api/v1/templates` lists the names"))
}

/// The text of revision `number`; of the original for 0.
pub(super) async fn text_of(app: &App, name: &str, number: i64) -> Result<String, Trouble> {
    let missing = || Wrong::missing("`/api/v1/templates/{name}` lists the revisions").at("revision");
    let found = if number == 0 {
        app.originals().await?.source(name).map(ToOwned::to_owned)
    } else {
        revisions::revision(&app.db, name, number).await?.map(|revision| revision.source)
    };
    Ok(found.ok_or_else(missing)?)
}
