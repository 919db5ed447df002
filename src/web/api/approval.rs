//! The batch that waits for a second person, and the pause of all sending.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::asked::{Asked, Nothing, Sent};
use super::deeds::grace;
use super::description::{Refused, Unfit};
use super::outbox_deeds::{mender, sentence};
use super::wrong::{Trouble, Wrong, whole};
use crate::api::{self, time};
use crate::app::today;
use crate::catalog::{self, Catalog};
use crate::clock::from_millis;
use crate::dispatch;
use crate::pass::{self, Approved, Decider};
use crate::people::By;
use crate::web::Site;
use crate::web::session::Visitor;

/// The batch that waits.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Waiting {
    /// Messages in it; 0 when nothing waits.
    messages: usize,
    /// What is to be seen before saying yes; null when nothing waits.
    batch: Option<api::Batch>,
}

/// The batch that waits for a second person, beside the one before. Its `hash` is what an approval names.
#[utoipa::path(get, path = "/api/v1/approval", tag = "messages", security(("token" = [])),
    responses((status = 200, body = Waiting), Refused))]
pub(in crate::web) async fn show(
    State(site): State<Site>,
    visitor: Visitor,
    headers: HeaderMap,
    Asked(Nothing {}): Asked<Nothing>,
) -> Response {
    let told = async {
        whole(&visitor)?;
        waiting(&site).await
    };
    site.tell(&headers, told.await)
}

async fn waiting(site: &Site) -> Result<Waiting, Trouble> {
    let Some(asked) = pass::asked(&site.db).await? else { return Ok(Waiting { messages: 0, batch: None }) };
    let percent = site.app()?.config.safety.approval_shows_moves_over_percent;
    let review = pass::review(&site.db, percent).await?;
    let now = today(site.clock.now());
    let as_of = asked.as_of.parse().unwrap_or(now);
    let catalog = Catalog::of(&catalog::load(&site.db).await?, as_of, now);
    let batch = api::batch(&asked, &review, &catalog, percent);
    Ok(Waiting { messages: batch.messages, batch: Some(batch) })
}

/// Lets the batch go.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::web) struct Approval {
    /// The `hash` of the batch that you looked at: of every address and word in it.
    hash: String,
}

/// What was let go.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct LetGo {
    /// Messages that leave now, or when it is their hour.
    released: u64,
}

/// Lets the batch go, if it still is the one that was looked at. Sent again it finds another batch or none, and does
/// nothing (409).
#[utoipa::path(post, path = "/api/v1/approval", tag = "messages", request_body = Approval, security(("token" = [])),
    responses((status = 200, body = LetGo), Refused, Unfit))]
pub(in crate::web) async fn approve(
    State(site): State<Site>,
    visitor: Visitor,
    Sent(sent): Sent<Approval>,
) -> Response {
    let done = async {
        whole(&visitor)?;
        let (app, by) = (site.app()?, visitor.by());
        let decider = decider(&visitor, &by);
        match app.approve(&sent.hash, decider, TimeDelta::zero()).await? {
            Approved::Released(released) => {
                app.wake.notify_waiters();
                Ok(LetGo { released })
            }
            Approved::Composer(composer) => {
                let hint = "somebody else approves it ([safety] approver_differs)";
                Err(Wrong::conflict_of(("api.composer", &[&composer]), hint).into())
            }
            Approved::Changed => Err(other_batch()),
        }
    };
    site.done(done.await)
}

/// Refuses the batch.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::web) struct Refusing {
    /// The `hash` of the batch that you looked at.
    hash: String,
    /// Why; it stands in the ledger.
    #[schema(
        min_length = 1,
        max_length = 500,
        pattern = r"^[^\x00-\x1F\x7F-\x9F]*[^\s\x00-\x1F\x7F-\x9F][^\x00-\x1F\x7F-\x9F]*$"
    )]
    why: String,
    /// For how many seconds it can be undone. 0 when it is left out.
    #[schema(minimum = 0, maximum = 600)]
    undo_within: Option<u32>,
}

/// What was taken back.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct TakenBack {
    /// Messages that are not sent.
    taken_back: u64,
    /// Until when `/api/v1/deeds` lists it, to be undone; null where no time was asked for.
    #[schema(format = DateTime)]
    undo_until: Option<String>,
}

/// Takes the whole batch back, if it still is the one that was looked at. Sent again it finds another batch or none, and
/// does nothing (409).
#[utoipa::path(post, path = "/api/v1/approval/refuse", tag = "messages", request_body = Refusing,
    security(("token" = [])), responses((status = 200, body = TakenBack), Refused, Unfit))]
pub(in crate::web) async fn refuse(State(site): State<Site>, visitor: Visitor, Sent(sent): Sent<Refusing>) -> Response {
    let done = async {
        whole(&visitor)?;
        let (why, grace) = (sentence("why", &sent.why)?, grace(sent.undo_within)?);
        let (app, by) = (site.app()?, visitor.by());
        match app.refuse(&sent.hash, &why, decider(&visitor, &by), grace).await? {
            Some(taken_back) => {
                let undo_until = (!grace.is_zero()).then(|| time(site.clock.now() + grace));
                Ok(TakenBack { taken_back, undo_until })
            }
            None => Err(other_batch()),
        }
    };
    site.done(done.await)
}

pub(super) fn decider<'a>(visitor: &'a Visitor, by: &'a By) -> Decider<'a> {
    Decider { name: mender(visitor, by, TimeDelta::zero()).name, also: "", by }
}

/// No batch with that hash waits.
fn other_batch() -> Trouble {
    Wrong::conflict("api.other_batch", "look at `GET /api/v1/approval` again").at("hash").into()
}

/// Why sending is stopped or goes on.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::web) struct Why {
    /// Why; every page shows it while sending is paused.
    #[schema(
        min_length = 1,
        max_length = 500,
        pattern = r"^[^\x00-\x1F\x7F-\x9F]*[^\s\x00-\x1F\x7F-\x9F][^\x00-\x1F\x7F-\x9F]*$"
    )]
    why: String,
}

/// Whether sending is paused.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Switched {
    /// Whether anything was done: false when it was so already.
    changed: bool,
    /// Whether sending is paused on every replica.
    paused: bool,
    /// The pause.
    pause: Option<PauseTold>,
}

/// A pause of all sending.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct PauseTold {
    /// Since when.
    #[schema(format = DateTime)]
    since: String,
    /// Who said so.
    by: String,
    /// Why; may be empty.
    why: String,
}

/// The pause, while there is one.
pub(super) async fn pause_now(site: &Site) -> Result<Option<PauseTold>, Trouble> {
    let pause = dispatch::pause(&site.db).await?;
    Ok(pause.map(|pause| PauseTold { since: time(from_millis(pause.since)), by: pause.by, why: pause.why }))
}

/// Stops all sending, on every replica, within seconds.
#[utoipa::path(post, path = "/api/v1/pause", tag = "messages", request_body = Why, security(("token" = [])),
    responses((status = 200, body = Switched), Refused, Unfit))]
pub(in crate::web) async fn pause(State(site): State<Site>, visitor: Visitor, Sent(sent): Sent<Why>) -> Response {
    let done = switch(&site, &visitor, true, &sent.why).await;
    site.done(done)
}

/// Lets sending go on.
#[utoipa::path(post, path = "/api/v1/resume", tag = "messages", request_body = Why, security(("token" = [])),
    responses((status = 200, body = Switched), Refused, Unfit))]
pub(in crate::web) async fn resume(State(site): State<Site>, visitor: Visitor, Sent(sent): Sent<Why>) -> Response {
    let done = switch(&site, &visitor, false, &sent.why).await;
    site.done(done)
}

async fn switch(site: &Site, visitor: &Visitor, pause: bool, why: &str) -> Result<Switched, Trouble> {
    whole(visitor)?;
    let why = sentence("why", why)?;
    let (app, by) = (site.app()?, visitor.by());
    let changed = dispatch::paused(&site.db).await? != pause;
    if changed {
        app.pause(pause, &why, mender(visitor, &by, TimeDelta::zero())).await?;
        app.wake.notify_waiters();
    }
    Ok(Switched { changed, paused: pause, pause: pause_now(site).await? })
}
