//! The first page: how the outbox stands, what the last round found, where to look next.

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse as _, Redirect, Response};

use super::page::{Failure, Frame, Place, page};
use super::session::Visitor;
use super::{Mode, Site, words};
use crate::clock::from_millis;
use crate::db::{Db, DbError, Sql};
use crate::outbox::{self, State as Entry};
use crate::{channel, dispatch, read};

pub(super) const LAST_ROUND: Sql = Sql::portable(
    "SELECT as_of, started_at, finished_at, state, assessed, below, not_assessed FROM run \
     ORDER BY started_at DESC, id LIMIT 1",
);

/// The newest round.
#[derive(Debug, sqlx::FromRow)]
pub(super) struct LastRound {
    as_of: String,
    started_at: i64,
    /// When it ended, in milliseconds.
    pub(super) finished_at: Option<i64>,
    /// `running`, `held` or `done`.
    pub(super) state: String,
    /// Units judged against a target.
    pub(super) assessed: i64,
    /// Of these below one.
    pub(super) below: i64,
    /// Units without a judgement.
    pub(super) not_assessed: i64,
}

impl LastRound {
    pub(super) async fn load(db: &Db) -> Result<Option<Self>, DbError> {
        Ok(read!(db, LAST_ROUND, |sql, pool| sqlx::query_as(sql).fetch_optional(pool).await?))
    }
}

/// The newest round in words.
#[derive(Debug)]
struct Round {
    as_of: String,
    started: String,
    state: &'static str,
    assessed: String,
    below: String,
    not_assessed: String,
}

impl Round {
    fn of(round: &LastRound) -> Self {
        let number = |count: i64| words::grouped(u64::try_from(count).unwrap_or(0));
        Self {
            as_of: words::local_date(&round.as_of),
            started: words::local_time(from_millis(round.started_at)),
            state: match round.state.as_str() {
                "running" => "đang chạy",
                "held" => "tạm giữ, chờ người có trách nhiệm xem xét",
                _ => "đã xong",
            },
            assessed: number(round.assessed),
            below: number(round.below),
            not_assessed: number(round.not_assessed),
        }
    }
}

/// One state of the outbox.
#[derive(Debug)]
struct Standing {
    name: &'static str,
    hint: &'static str,
    count: String,
    /// Whether a person has to look.
    urgent: bool,
}

#[derive(Template)]
#[template(path = "overview.html")]
struct OverviewPage {
    frame: Frame,
    paused: bool,
    total: String,
    standings: Vec<Standing>,
    /// Whether something waits for a person's word.
    held: bool,
    captured: Option<String>,
    round: Option<Round>,
}

pub(super) async fn overview(State(site): State<Site>, visitor: Visitor) -> Response {
    if site.mode == Mode::Demo {
        return Redirect::to("/hop-thu-thu").into_response();
    }
    let shown = show(&site, &visitor).await;
    site.answer(shown)
}

async fn show(site: &Site, visitor: &Visitor) -> Result<Response, Failure> {
    let tally = outbox::tally(&site.db, None).await?;
    let standings = Entry::ALL.into_iter().filter(|state| tally.of(*state) > 0).map(|state| {
        let (name, hint) = words::state(state);
        let urgent = matches!(state, Entry::Held | Entry::Uncertain | Entry::Failed | Entry::Quarantined);
        Standing { name, hint, count: words::grouped(tally.of(state)), urgent }
    });
    let captured = u64::try_from(channel::captured_count(&site.db).await?).unwrap_or(0);
    page(&OverviewPage {
        frame: Frame::seen(site, visitor, Place::Overview, "Tổng quan"),
        paused: dispatch::paused(&site.db).await?,
        total: words::grouped(tally.all()),
        standings: standings.collect(),
        held: tally.of(Entry::Held) > 0,
        captured: (captured > 0).then(|| words::grouped(captured)),
        round: LastRound::load(&site.db).await?.as_ref().map(Round::of),
    })
}
