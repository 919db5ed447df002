//! What heads answered and which addresses give messages back; what staff made of it.
//!
//! Closing wants a task that is open, opening again one that is closed: who sends the same request again is told so (409).

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::asked::{Asked, Leaf, Named, Sent};
use super::description::{Refused, Unfit};
use super::outbox_deeds::sentence;
use super::wrong::{Trouble, Wrong};
use crate::api::AnswerLine;
use crate::catalog;
use crate::reply::{self, TaskError};
use crate::web::Site;
use crate::web::session::Visitor;

/// Which answers.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(in crate::web) struct WhichAnswers {
    /// Only those that wait for somebody.
    open: Option<bool>,
    /// From 1.
    #[param(minimum = 1, maximum = 1_000_000)]
    page: Option<u32>,
    /// 100 when it is left out.
    #[param(minimum = 1, maximum = 1_000)]
    per_page: Option<u32>,
}

/// A page of answers.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct AnswerPage {
    /// Answers that fit, on all pages.
    count: usize,
    /// This page.
    page: u32,
    /// Of so many.
    pages: u64,
    /// The newest first.
    answers: Vec<AnswerLine>,
}

/// Says what was done about an answer.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::web) struct AnswerClosing {
    /// What was found, or done.
    #[schema(
        min_length = 1,
        max_length = 500,
        pattern = r"^[^\x00-\x1F\x7F-\x9F]*[^\s\x00-\x1F\x7F-\x9F][^\x00-\x1F\x7F-\x9F]*$"
    )]
    note: String,
}

/// Takes that back.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::web) struct AnswerReopening {}

/// What became of the task.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct AnswerMended {
    /// As it is now.
    answer: AnswerLine,
}

/// What heads answered by the link in their letters, and addresses that give messages back.
#[utoipa::path(get, path = "/api/v1/answers", tag = "messages", params(WhichAnswers), security(("token" = [])),
    responses((status = 200, body = AnswerPage), Refused))]
pub(in crate::web) async fn list(
    State(site): State<Site>,
    visitor: Visitor,
    headers: HeaderMap,
    Asked(asked): Asked<WhichAnswers>,
) -> Response {
    let told = async {
        let leaf = Leaf::of(asked.page, asked.per_page)?;
        let answers = seen(&site, &visitor, asked.open.unwrap_or(false)).await?;
        let count = answers.len();
        let pages = leaf.pages(u64::try_from(count).unwrap_or(u64::MAX));
        Ok(AnswerPage { count, page: leaf.page, pages, answers: leaf.cut(answers) })
    };
    site.tell(&headers, told.await)
}

/// Closes a dispute, a wrong recipient, or a bounced address: the figure is reminded of, the address written to again.
#[utoipa::path(post, path = "/api/v1/answers/{id}/close", tag = "messages", params(("id" = String, Path)),
    request_body = AnswerClosing, security(("token" = [])), responses((status = 200, body = AnswerMended), Refused, Unfit))]
pub(in crate::web) async fn close(
    State(site): State<Site>,
    visitor: Visitor,
    Named(id): Named,
    Sent(sent): Sent<AnswerClosing>,
) -> Response {
    let done = async {
        let note = sentence("note", &sent.note)?;
        own(&site, &visitor, &id).await?;
        let (name, by) = (visitor.token().map_or("", |token| token.name.as_str()), visitor.by());
        reply::close(&site.db, &id, (name, &by), &note, site.clock.now()).await.map_err(refused)?;
        Ok(AnswerMended { answer: own(&site, &visitor, &id).await? })
    };
    site.done(done.await)
}

/// Takes back that something was closed.
#[utoipa::path(post, path = "/api/v1/answers/{id}/reopen", tag = "messages", params(("id" = String, Path)),
    request_body = AnswerReopening, security(("token" = [])), responses((status = 200, body = AnswerMended), Refused, Unfit))]
pub(in crate::web) async fn reopen(
    State(site): State<Site>,
    visitor: Visitor,
    Named(id): Named,
    Sent(AnswerReopening {}): Sent<AnswerReopening>,
) -> Response {
    let done = async {
        own(&site, &visitor, &id).await?;
        reply::reopen(&site.db, &id, &visitor.by(), site.clock.now()).await.map_err(refused)?;
        Ok(AnswerMended { answer: own(&site, &visitor, &id).await? })
    };
    site.done(done.await)
}

/// Those about a unit that the token sees, the newest first.
async fn seen(site: &Site, visitor: &Visitor, open: bool) -> Result<Vec<AnswerLine>, Trouble> {
    let units = visitor.units(site).await?;
    let pack = catalog::load(&site.db).await?;
    let answered = reply::answered(&site.db, open).await?;
    let bounced = reply::bounced(&site.db, open).await?;
    let lines = answered.iter().map(|one| AnswerLine::answered(one, &pack));
    let lines = lines.chain(bounced.iter().map(|one| AnswerLine::bounced(one, &pack)));
    let mut lines: Vec<AnswerLine> = match units {
        Some(codes) => lines.filter(|line| line.about.iter().any(|one| codes.contains(&one.unit_code))).collect(),
        None => lines.collect(),
    };
    lines.sort_by(|one, next| next.answered_at.cmp(&one.answered_at).then_with(|| one.id.cmp(&next.id)));
    Ok(lines)
}

/// The one with this id, where all of it is within the token's scope.
async fn own(site: &Site, visitor: &Visitor, id: &str) -> Result<AnswerLine, Trouble> {
    let missing = || Trouble::from(Wrong::missing("`/api/v1/answers` lists them"));
    let one = seen(site, visitor, false).await?.into_iter().find(|one| one.id == id).ok_or_else(missing)?;
    let units = visitor.units(site).await?;
    let whole = units.is_none_or(|codes| one.about.iter().all(|about| codes.contains(&about.unit_code)));
    if whole { Ok(one) } else { Err(missing()) }
}

fn refused(error: TaskError) -> Trouble {
    match error {
        TaskError::Db(error) => Trouble::Broken(error.to_string()),
        error => Wrong::conflict("api.answer_state", "look at its task").told(&error.to_string()).into(),
    }
}
