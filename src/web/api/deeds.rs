//! What is done to messages at once, and taken back: as the page of the outbox does it to those that are ticked.

use std::collections::HashSet;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::asked::{Asked, Named, Nothing, Sent};
use super::description::{Refused, Unfit};
use super::outbox_deeds::{mender, sentence};
use super::template_deeds::Empty;
use super::wrong::{Trouble, Wrong};
use crate::api::time;
use crate::app::{Mended, Wish};
use crate::outbox::{self, Entry, Filter, Undoable, Undone};
use crate::web::Site;
use crate::web::session::Visitor;

/// Messages that are named at once, at most.
const MOST: usize = 1_000;
/// Seconds for which a deed can be undone, at most.
const LONGEST: u32 = 600;

/// A deed that can be undone.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct DeedTold {
    /// Its id.
    id: String,
    /// Until when it can be undone; what it lets go does not leave before.
    #[schema(format = DateTime)]
    undo_until: String,
}

impl DeedTold {
    /// Of a deed done at `now`; nothing where no time was asked for.
    pub(super) fn of(id: &str, grace: TimeDelta, now: DateTime<Utc>) -> Option<Self> {
        (!grace.is_zero()).then(|| Self { id: id.to_owned(), undo_until: time(now + grace) })
    }
}

/// For how long a deed can be undone.
pub(super) fn grace(seconds: Option<u32>) -> Result<TimeDelta, Wrong> {
    match seconds.unwrap_or(0) {
        seconds @ 0..=LONGEST => Ok(TimeDelta::seconds(seconds.into())),
        _ => Err(Wrong::content_of(("api.undo_within", &[&LONGEST]), "ask for less").at("undo_within")),
    }
}

/// A deed as it is listed.
#[derive(Debug, Serialize, ToSchema)]
struct DeedLine {
    /// Its id.
    id: String,
    /// `retry`, `let_go`, `hold`, `cancel`, or `refuse` of a whole batch.
    what: String,
    /// Who did it.
    by: String,
    /// When.
    #[schema(format = DateTime)]
    at: String,
    /// Until when it can be undone.
    #[schema(format = DateTime)]
    undo_until: String,
    /// Messages that it was done to.
    messages: usize,
}

/// What can be undone.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Undoables {
    /// The newest first.
    deeds: Vec<DeedLine>,
}

/// What was done to messages and can still be undone, of units that the token sees.
#[utoipa::path(get, path = "/api/v1/deeds", tag = "messages", security(("token" = [])),
    responses((status = 200, body = Undoables), Refused))]
pub(in crate::web) async fn list(
    State(site): State<Site>,
    visitor: Visitor,
    headers: HeaderMap,
    Asked(Nothing {}): Asked<Nothing>,
) -> Response {
    let told = async {
        let deeds = undoable(&site, &visitor).await?.into_iter().map(|deed| DeedLine {
            messages: deed.units.len(),
            id: deed.id,
            what: deed.what,
            by: deed.done_by,
            at: time(deed.done_at),
            undo_until: time(deed.undo_until),
        });
        Ok(Undoables { deeds: deeds.collect() })
    };
    site.tell(&headers, told.await)
}

async fn undoable(site: &Site, visitor: &Visitor) -> Result<Vec<Undoable>, Trouble> {
    let units = visitor.units(site).await?;
    let mut deeds = outbox::undoable(&site.db, site.clock.now()).await?;
    deeds.retain(|deed| units.as_ref().is_none_or(|codes| deed.units.iter().all(|unit| codes.contains(unit))));
    Ok(deeds)
}

/// What is done to several messages.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::web) struct Bulk {
    /// What is done.
    what: WishWord,
    /// Ids of the messages.
    #[schema(min_items = 1, max_items = 1_000)]
    ids: Vec<String>,
    /// Why; needed where messages are held or taken back, and stands in the ledger.
    #[serde(default)]
    #[schema(max_length = 500)]
    why: String,
    /// For how many seconds it can be undone; nothing that it lets go leaves before. 0 when it is left out.
    #[schema(minimum = 0, maximum = 600)]
    undo_within: Option<u32>,
}

/// What is done to messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum WishWord {
    /// They are offered again.
    Retry,
    /// They are held no more.
    LetGo,
    /// They are held until a person lets them go.
    Hold,
    /// They are taken back.
    Cancel,
}

/// What was done to several messages.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Several {
    /// Messages that it was done to.
    done: usize,
    /// Those that something else happened to in the meantime.
    too_late: usize,
    /// Those that it cannot be done to, or that the token does not see.
    not_done: Vec<NotDone>,
    /// The deed, where it can be undone.
    deed: Option<DeedTold>,
}

/// A message that nothing was done to.
#[derive(Debug, Serialize, ToSchema)]
struct NotDone {
    /// Its id, as it was sent.
    id: String,
    /// Why not.
    why: String,
}

/// Does the same to several messages, in one unit of work. Those that it cannot be done to are named and left as they are;
/// sent again it finds them done.
#[utoipa::path(post, path = "/api/v1/deeds", tag = "messages", request_body = Bulk, security(("token" = [])),
    responses((status = 200, body = Several), Refused, Unfit))]
pub(in crate::web) async fn bulk(State(site): State<Site>, visitor: Visitor, Sent(sent): Sent<Bulk>) -> Response {
    let done = async {
        let grace = grace(sent.undo_within)?;
        let needs_why = matches!(sent.what, WishWord::Hold | WishWord::Cancel);
        let why = if needs_why || !sent.why.is_empty() { sentence("why", &sent.why)? } else { String::new() };
        let wish = match sent.what {
            WishWord::Retry => Wish::Retry,
            WishWord::LetGo => Wish::LetGo,
            WishWord::Hold => Wish::Hold(&why),
            WishWord::Cancel => Wish::Cancel(&why),
        };
        let (able, not_done) = sorted(&site, &visitor, &sent.ids, wish).await?;
        if able.is_empty() {
            return Ok(Several { done: 0, too_late: 0, not_done, deed: None });
        }
        let (app, by) = (site.app()?, visitor.by());
        let Mended { id, done, .. } = app.mend(&able, wish, mender(&visitor, &by, grace)).await?;
        app.wake.notify_waiters();
        let deed = DeedTold::of(&id, grace, site.clock.now());
        Ok(Several { done, too_late: able.len() - done, not_done, deed })
    };
    site.done(done.await)
}

/// Those that it can be done to, and the others.
async fn sorted(
    site: &Site,
    visitor: &Visitor,
    ids: &[String],
    wish: Wish<'_>,
) -> Result<(Vec<Entry>, Vec<NotDone>), Trouble> {
    if !(1..=MOST).contains(&ids.len()) {
        return Err(Wrong::content_of(("api.too_many", &[&MOST]), "send several requests").at("ids").into());
    }
    let (app, units) = (site.app()?, visitor.units(site).await?);
    let (mut able, mut not_done, mut named) = (Vec::new(), Vec::new(), HashSet::new());
    for id in ids.iter().filter(|id| named.insert(id.as_str())) {
        let filter = Filter { id: Some(id.clone()), limit: 1, ..Filter::default() };
        let found = outbox::list(&site.db, &filter).await?.into_iter().next();
        let seen = found.filter(|entry| units.as_ref().is_none_or(|codes| codes.contains(&entry.unit_code)));
        match seen.map(|entry| (app.bar(&entry, wish, false), entry)) {
            Some((None, entry)) => able.push(entry),
            Some((Some(bar), _)) => not_done.push(NotDone { id: id.clone(), why: bar.to_string() }),
            None => not_done.push(NotDone { id: id.clone(), why: "there is no such message".to_owned() }),
        }
    }
    Ok((able, not_done))
}

/// What was undone.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Back {
    /// Messages that stand as before.
    back: u64,
    /// Those that something happened to since, which stay as they are.
    too_late: u64,
}

/// Undoes a deed, as far as nothing happened to its messages since. Sent again, or too late, there is nothing to undo (409).
#[utoipa::path(post, path = "/api/v1/deeds/{id}/undo", tag = "messages", security(("token" = [])),
    params(("id" = String, Path, description = "Id of the deed")), request_body = Empty,
    responses((status = 200, body = Back), Refused, Unfit))]
pub(in crate::web) async fn undo(
    State(site): State<Site>,
    visitor: Visitor,
    Named(id): Named,
    Sent(Empty {}): Sent<Empty>,
) -> Response {
    let done = async {
        let over = || Wrong::conflict("api.undo_over", "`GET /api/v1/deeds` lists what can be undone");
        if undoable(&site, &visitor).await?.iter().all(|deed| deed.id != id) {
            return Err(over().into());
        }
        let by = visitor.by();
        match site.app()?.undo(&id, mender(&visitor, &by, TimeDelta::zero())).await? {
            Undone::Back { entries, too_late } => Ok(Back { back: entries, too_late }),
            Undone::Over => Err(over().into()),
        }
    };
    site.done(done.await)
}
