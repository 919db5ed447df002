//! The rounds.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::approval::decider;
use super::asked::{Asked, Leaf, Named, Nothing, Sent};
use super::description::{Refused, Unfit};
use super::outbox_deeds::sentence;
use super::wrong::{Trouble, Wrong, whole};
use crate::api::{Figure, Figures, HeldLine, RoundLine};
use crate::app::today;
use crate::catalog::{self, Catalog};
use crate::outbox;
use crate::pass::{self, Let};
use crate::report;
use crate::web::Site;
use crate::web::recent::Recent;
use crate::web::session::Visitor;

/// Which page.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(in crate::web) struct Paging {
    /// From 1.
    #[param(minimum = 1, maximum = 1_000_000)]
    pub(super) page: Option<u32>,
    /// 100 when it is left out.
    #[param(minimum = 1, maximum = 1_000)]
    pub(super) per_page: Option<u32>,
}

/// A page of rounds.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RoundPage {
    /// Rounds on all pages.
    count: u64,
    /// This page.
    page: u32,
    /// Of so many.
    pages: u64,
    /// Newest first.
    rounds: Vec<RoundLine>,
}

/// The rounds that ran, newest first.
#[utoipa::path(get, path = "/api/v1/rounds", tag = "figures", params(Paging), security(("token" = [])),
    responses((status = 200, body = RoundPage), Refused))]
pub(in crate::web) async fn list(
    State(site): State<Site>,
    visitor: Visitor,
    headers: HeaderMap,
    Asked(asked): Asked<Paging>,
) -> Response {
    let told = async {
        let leaf = Leaf::of(asked.page, asked.per_page)?;
        let offset = i64::try_from(leaf.offset()).unwrap_or(i64::MAX);
        let (rounds, count) = pass::ran(&site.db, (i64::from(leaf.size), offset)).await?;
        let whole = visitor.units(&site).await?.is_none();
        let rounds = rounds.iter().map(|ran| RoundLine::of(ran, whole)).collect();
        Ok(RoundPage { count, page: leaf.page, pages: leaf.pages(count), rounds })
    };
    site.tell(&headers, told.await)
}

/// A round.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RoundTold {
    /// The round.
    round: RoundLine,
    /// The sums over the units that the token sees, by indicator; empty while it has not ended.
    #[schema(value_type = HashMap<String, Figure>)]
    total: Figures,
    /// Why it was held, and a person's word on it; null for a token that is confined to a unit.
    held: Option<HeldLine>,
    /// Its messages by state; null for a token that is confined to a unit.
    #[schema(value_type = Option<HashMap<String, u64>>)]
    messages: Option<std::collections::BTreeMap<&'static str, u64>>,
}

/// One round: its sums, its doubts, its messages.
#[utoipa::path(get, path = "/api/v1/rounds/{id}", tag = "figures", security(("token" = [])),
    params(("id" = String, Path, description = "The round's `run_id`")),
    responses((status = 200, body = RoundTold), Refused))]
pub(in crate::web) async fn show(
    State(site): State<Site>,
    visitor: Visitor,
    headers: HeaderMap,
    Named(id): Named,
    Asked(Nothing {}): Asked<Nothing>,
) -> Response {
    let told = told(&site, &visitor, &id).await;
    site.tell(&headers, told)
}

/// Says that the figures of a held round are right.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::web) struct Word {
    /// Why; it stands beside the round and in the audit log.
    #[schema(
        min_length = 1,
        max_length = 500,
        pattern = r"^[^\x00-\x1F\x7F-\x9F]*[^\s\x00-\x1F\x7F-\x9F][^\x00-\x1F\x7F-\x9F]*$"
    )]
    note: String,
}

/// A held round with the word on it.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct LetThrough {
    /// Whether anything was done: false when it was let through before; the first word stands.
    changed: bool,
    /// The round.
    held: HeldLine,
}

/// Lets the figures of a round through that the quality gate held: the next round takes the same figures; others are judged
/// anew. Sent again it is let through already (`changed` is false). One without figures is not let through (409).
#[utoipa::path(post, path = "/api/v1/rounds/{id}/release", tag = "figures", request_body = Word,
    params(("id" = String, Path, description = "The round's `run_id`")), security(("token" = [])),
    responses((status = 200, body = LetThrough), Refused, Unfit))]
pub(in crate::web) async fn release(
    State(site): State<Site>,
    visitor: Visitor,
    Named(id): Named,
    Sent(sent): Sent<Word>,
) -> Response {
    let done = async {
        whole(&visitor)?;
        let (note, by) = (sentence("note", &sent.note)?, visitor.by());
        let missing = || Wrong::missing("`/api/v1/rounds` lists the ids; only a held round is let through");
        let changed = match pass::release(&site.db, &id, &note, decider(&visitor, &by), site.clock.now()).await? {
            Let::Through => true,
            Let::Before => false,
            Let::NoFigures => {
                return Err(Wrong::conflict("api.no_figures", "mend the source; `dondoc run` tries again").into());
            }
            Let::Unknown => return Err(missing().into()),
        };
        let held = pass::held_rounds(&site.db, Some(&id), 1).await?;
        Ok(LetThrough { changed, held: held.first().map(HeldLine::from).ok_or_else(missing)? })
    };
    site.done(done.await)
}

async fn told(site: &Site, visitor: &Visitor, id: &str) -> Result<RoundTold, Trouble> {
    let missing = || Wrong::missing("`/api/v1/rounds` lists the ids");
    let ran = pass::ran_as(&site.db, id).await?.ok_or_else(missing)?;
    let units = visitor.units(site).await?;
    let whole = units.is_none();
    let now = today(site.clock.now());
    let as_of = ran.as_of.parse().unwrap_or(now);
    let mut total = Vec::new();
    if ran.state == "done" {
        let judged = Recent::judged(&site.recent, &site.db, id).await?;
        let catalog = Catalog::of(&catalog::measures(&site.db).await?, as_of, now);
        let listed = catalog::present(&site.db, as_of).await?;
        let own: std::collections::HashSet<_> = listed
            .iter()
            .filter(|unit| units.as_ref().is_some_and(|codes| codes.contains(&unit.code)))
            .map(|unit| &unit.id)
            .collect();
        let rows = report::rows(&judged, &[], |unit| whole || own.contains(unit));
        total = report::totals(&catalog, &rows, as_of, !whole).into_iter().map(|total| total.line).collect();
    }
    let held = if whole { pass::held_rounds(&site.db, Some(id), 1).await?.first().map(HeldLine::from) } else { None };
    let messages = if whole { Some(by_state(&outbox::tally(&site.db, Some(id)).await?)) } else { None };
    Ok(RoundTold { round: RoundLine::of(&ran, whole), total: Figures::of(&total), held, messages })
}

/// Messages by state.
pub(super) fn by_state(tally: &outbox::Tally) -> std::collections::BTreeMap<&'static str, u64> {
    outbox::State::ALL.into_iter().map(|state| (state.word(), tally.of(state))).collect()
}
