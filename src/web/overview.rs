//! The first page, for leaders and staff: what needs doing, what comes next, where the province stands, how the outbox does.
//! Whoever sees a part of the province sees the figures of that part.

use askama::Template;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::response::{IntoResponse as _, Redirect, Response};

use super::attention::{Matter, matters};
use super::catalogue::Tongue;
use super::coming::{self, Coming};
use super::go_live::GoLive;
use super::heat_figures::{Figures, periods};
use super::heat_map::{self, HeatMap, heat_map};
use super::heat_wanted::{Asked, Wanted};
use super::live::{Delivery, tally};
use super::page::{Failure, Frame, Place, page};
use super::progress::{Progress, progress};
use super::province::{Province, province};
use super::quality::{Quality, quality};
use super::reminding::{self, Reminding};
use super::session::Visitor;
use super::{Mode, Site, links, words};
use crate::app::today;
use crate::clock::from_millis;
use crate::db::{Db, DbError, Sql};
use crate::pass::{self, DoneRound};
use crate::{catalog, channel, read};

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
    /// Units judged, below a target, and without a judgement: of the round, or of the units that somebody may see.
    standing: Option<[String; 3]>,
}

impl Round {
    fn of(t: Tongue, round: &LastRound, part: bool) -> Self {
        let number = |count: i64| words::grouped(u64::try_from(count).unwrap_or(0));
        Self {
            as_of: words::local_date(&round.as_of),
            started: words::local_time(from_millis(round.started_at)),
            state: t.say(match round.state.as_str() {
                "running" => "overview.round_running",
                "held" => "overview.round_held",
                _ => "overview.round_done",
            }),
            standing: (!part).then(|| [round.assessed, round.below, round.not_assessed].map(number)),
        }
    }
}

#[derive(Template)]
#[template(path = "overview.html")]
struct OverviewPage {
    frame: Frame,
    /// Whether the visitor sees a part of the province.
    part: bool,
    matters: Vec<Matter>,
    coming: Vec<Coming>,
    /// The batch that waits for a second person: messages and date.
    waiting: Option<(String, String)>,
    /// Pages that the visitor may open.
    approval: Option<&'static str>,
    calendar: Option<&'static str>,
    quality: Option<Quality>,
    province: Option<Province>,
    heat: Option<HeatMap>,
    progress: Vec<Progress>,
    reminding: Option<Reminding>,
    legend: Vec<(&'static str, &'static str, &'static str)>,
    delivery: Delivery,
    go_live: Option<GoLive>,
    /// How many messages the mailbox has; zero: some, or none of the visitor's.
    captured: Option<u64>,
    round: Option<Round>,
}

pub(super) async fn overview(
    State(site): State<Site>,
    visitor: Visitor,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Response {
    if site.mode == Mode::Demo {
        return Redirect::to("/hop-thu-thu").into_response();
    }
    let shown = show(&site, &visitor, &Wanted::of(asked)).await;
    site.answer(shown)
}

async fn show(site: &Site, visitor: &Visitor, wanted: &Wanted) -> Result<Response, Failure> {
    let t = visitor.tongue;
    let units = visitor.units(site).await?;
    let (tally, captured, listed, rounds, last) = tokio::try_join!(
        tally(site, &units),
        channel::captured_count(&site.db),
        catalog::present(&site.db, today(site.clock.now())),
        pass::done_rounds(&site.db),
        LastRound::load(&site.db),
    )?;
    let captured = u64::try_from(captured).unwrap_or(0);
    let periods = periods(rounds.clone());
    let part = units.is_some();
    let (figures, matters, coming, waiting, delivery, go_live) = tokio::try_join!(
        Figures::load(site, &units, &periods, wanted),
        matters(site, visitor, (&units, &listed), &tally),
        coming::coming(visitor.tongue, site),
        async { if part { Ok(None) } else { coming::waiting(site).await } },
        Delivery::of(site, visitor, &tally, (last.as_ref(), &rounds)),
        GoLive::of(site, visitor),
    )?;
    let shown = match &figures {
        Some(figures) => Some(Shown::of(site, visitor, figures, (&periods, wanted)).await?),
        None => None,
    };
    let reminding = figures.as_ref().and_then(|figures| reminding::known(site, visitor, &rounds, &figures.catalog));
    let Shown { quality, province, heat, progress } = shown.unwrap_or_default();
    page(&OverviewPage {
        frame: Frame::told(site, visitor, Place::Overview, "nav.overview"),
        part,
        matters,
        coming,
        waiting,
        approval: links::open_to(visitor, links::APPROVAL),
        calendar: links::open_to(visitor, links::CALENDAR),
        quality,
        province,
        heat,
        progress,
        reminding,
        legend: heat_map::legend(t),
        delivery,
        go_live,
        captured: (captured > 0).then_some(if part { 0 } else { captured }),
        round: last.map(|round| Round::of(t, &round, part)),
    })
}

/// What is shown of a round.
#[derive(Debug, Default)]
struct Shown {
    /// Of the whole alone: doubts and names of a source are nobody's part.
    quality: Option<Quality>,
    province: Option<Province>,
    heat: Option<HeatMap>,
    progress: Vec<Progress>,
}

impl Shown {
    async fn of(
        site: &Site,
        visitor: &Visitor,
        figures: &Figures,
        (periods, wanted): (&[DoneRound], &Wanted),
    ) -> Result<Self, Failure> {
        let t = visitor.tongue;
        let known = figures.known();
        let rows = figures.rows(&known);
        // What is said of the sources is said of the newest figures.
        let newest = periods.last().is_some_and(|last| last.run_id == figures.round.run_id);
        let quality =
            if figures.part || !newest { None } else { quality(site, visitor, figures, (&rows, &known)).await? };
        Ok(Self {
            quality,
            province: Some(province(site, figures, &rows, (periods, visitor)).await?),
            heat: Some(heat_map(t, figures, (&rows, &known), (periods, wanted))),
            progress: progress(t, figures, &rows, &known),
        })
    }
}
