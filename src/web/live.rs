//! How the outbox stands, in numbers. While messages are under way the numbers on the page are asked for again; a script of
//! ours does it, seldom when nothing moves and never when nobody looks. Without scripts the page is as good as when it came.

use askama::Template;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;

use super::catalogue::Tongue;
use super::mailbox::Units;
use super::overview::LastRound;
use super::page::{Failure, Frame, Place, page};
use super::session::Visitor;
use super::{Site, links, words};
use crate::db::DbError;
use crate::outbox::{self, State as Entry, Tally};
use crate::pass::DoneRound;

/// One state of the outbox.
#[derive(Debug)]
pub(super) struct Standing {
    pub(super) name: &'static str,
    pub(super) hint: &'static str,
    pub(super) count: String,
    /// Whether a person has to look.
    pub(super) urgent: bool,
}

/// A round on its way out.
#[derive(Debug)]
pub(super) struct Leaving {
    /// Messages of it that have left or ended, and all of them.
    pub(super) done: u64,
    pub(super) all: u64,
    pub(super) said: String,
}

/// The numbers.
#[derive(Debug)]
pub(super) struct Delivery {
    pub(super) total: u64,
    pub(super) standings: Vec<Standing>,
    /// Whether something waits for a person's word.
    pub(super) held: bool,
    /// Whether the numbers will be others soon.
    pub(super) moves: bool,
    pub(super) leaving: Option<Leaving>,
    pub(super) outbox: Option<&'static str>,
}

/// What is counted: all that `units` hold.
pub(super) async fn tally(site: &Site, units: &Units) -> Result<Tally, DbError> {
    match units {
        Some(codes) => outbox::tally_of(&site.db, codes).await,
        None => outbox::tally(&site.db, None).await,
    }
}

impl Delivery {
    /// Of `tally`; `round` is the last one, and `rounds` are the finished ones. Whoever sees a part is not told how far a round
    /// is that he sees a part of.
    pub(super) async fn of(
        site: &Site,
        visitor: &Visitor,
        tally: &Tally,
        (round, rounds): (Option<&LastRound>, &[DoneRound]),
    ) -> Result<Self, Failure> {
        let t = visitor.tongue;
        let under_way = |tally: &Tally| tally.of(Entry::Ready) + tally.of(Entry::Sending);
        let moves =
            visitor.pause.is_none() && (under_way(tally) > 0 || round.is_some_and(|round| round.state == "running"));
        let newest = rounds.iter().max_by_key(|round| round.started_at).filter(|_| moves && visitor.sees_all());
        let leaving = match newest {
            Some(newest) => {
                let own = outbox::tally(&site.db, Some(&newest.run_id)).await?;
                let (left, all) = (under_way(&own), own.all() - own.of(Entry::Standby));
                let said = t.with2("overview.leaving", words::grouped(all - left), words::grouped(all));
                (left > 0).then_some(Leaving { done: all - left, all, said })
            }
            None => None,
        };
        Ok(Self {
            total: tally.all(),
            standings: standings(t, tally),
            held: tally.of(Entry::Held) > 0,
            moves,
            leaving,
            outbox: links::open_to(visitor, links::OUTBOX),
        })
    }
}

fn standings(t: Tongue, tally: &Tally) -> Vec<Standing> {
    let there = Entry::ALL.into_iter().filter(|state| tally.of(*state) > 0);
    let one = |state| {
        let (name, hint) = words::state(t, state);
        let urgent = matches!(state, Entry::Held | Entry::Uncertain | Entry::Failed | Entry::Quarantined);
        Standing { name, hint, count: words::grouped(tally.of(state)), urgent }
    };
    there.map(one).collect()
}

#[derive(Template)]
#[template(path = "delivery.html")]
struct DeliveryBlock {
    t: Tongue,
    delivery: Delivery,
}

#[derive(Template)]
#[template(path = "live.html")]
struct LivePage {
    frame: Frame,
    delivery: Delivery,
}

pub(super) async fn show(State(site): State<Site>, visitor: Visitor, headers: HeaderMap) -> Response {
    let shown = shown(&site, &visitor, headers.contains_key("hx-request")).await;
    site.answer(shown)
}

async fn shown(site: &Site, visitor: &Visitor, block: bool) -> Result<Response, Failure> {
    let units = visitor.units(site).await?;
    let (tally, round, rounds) =
        tokio::try_join!(tally(site, &units), LastRound::load(&site.db), crate::pass::done_rounds(&site.db))?;
    let delivery = Delivery::of(site, visitor, &tally, (round.as_ref(), &rounds)).await?;
    if block {
        return page(&DeliveryBlock { t: visitor.tongue, delivery });
    }
    page(&LivePage { frame: Frame::told(site, visitor, Place::Outbox, "overview.delivery"), delivery })
}
