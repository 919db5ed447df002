//! The first page, for leaders and staff: what needs doing, what comes next, where the province stands, how the outbox does.
//! Whoever sees a part of the province sees the figures of that part.

use askama::Template;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::response::{IntoResponse as _, Redirect, Response};

use super::attention::{Matter, matters};
use super::catalogue::Tongue;
use super::coming::{self, Coming};
use super::heat_figures::{Figures, periods};
use super::heat_map::{self, HeatMap, heat_map};
use super::heat_wanted::{Asked, Wanted};
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
use crate::outbox::{self, State as Entry};
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
    fn of(round: &LastRound, part: bool) -> Self {
        let number = |count: i64| words::grouped(u64::try_from(count).unwrap_or(0));
        Self {
            as_of: words::local_date(&round.as_of),
            started: words::local_time(from_millis(round.started_at)),
            state: match round.state.as_str() {
                "running" => "đang chạy",
                "held" => "tạm giữ, chờ người có trách nhiệm xem xét",
                _ => "đã xong",
            },
            standing: (!part).then(|| [round.assessed, round.below, round.not_assessed].map(number)),
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
    /// Whether the visitor sees a part of the province.
    part: bool,
    matters: Vec<Matter>,
    coming: Vec<Coming>,
    /// The batch that waits for a second person: messages and date.
    waiting: Option<(String, String)>,
    /// Pages that the visitor may open.
    approval: Option<&'static str>,
    calendar: Option<&'static str>,
    outbox: Option<&'static str>,
    quality: Option<Quality>,
    province: Option<Province>,
    heat: Option<HeatMap>,
    progress: Vec<Progress>,
    reminding: Option<Reminding>,
    legend: Vec<(&'static str, &'static str, &'static str)>,
    total: String,
    standings: Vec<Standing>,
    /// Whether something waits for a person's word.
    held: bool,
    /// How many messages the mailbox has; empty: some, or none of the visitor's.
    captured: Option<String>,
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
    let units = visitor.units(site).await?;
    let tally = match &units {
        Some(codes) => outbox::tally_of(&site.db, codes).await?,
        None => outbox::tally(&site.db, None).await?,
    };
    let standings = Entry::ALL.into_iter().filter(|state| tally.of(*state) > 0).map(|state| {
        let (name, hint) = words::state(Tongue::Vietnamese, state);
        let urgent = matches!(state, Entry::Held | Entry::Uncertain | Entry::Failed | Entry::Quarantined);
        Standing { name, hint, count: words::grouped(tally.of(state)), urgent }
    });
    let captured = u64::try_from(channel::captured_count(&site.db).await?).unwrap_or(0);
    let listed = catalog::present(&site.db, today(site.clock.now())).await?;
    let rounds = pass::done_rounds(&site.db).await?;
    let periods = periods(rounds.clone());
    let (part, last) = (units.is_some(), LastRound::load(&site.db).await?);
    let figures = Figures::load(site, &units, &periods, wanted).await?;
    let shown = match &figures {
        Some(figures) => Some(Shown::of(site, visitor, figures, (&periods, wanted)).await?),
        None => None,
    };
    let reminding = figures.as_ref().and_then(|figures| reminding::known(site, visitor, &rounds, &figures.catalog));
    let Shown { quality, province, heat, progress } = shown.unwrap_or_default();
    page(&OverviewPage {
        frame: Frame::seen(site, visitor, Place::Overview, "Tổng quan"),
        part,
        matters: matters(site, visitor, (&units, &listed), &tally).await?,
        coming: coming::coming(site).await?,
        waiting: if part { None } else { coming::waiting(site).await? },
        approval: links::open_to(visitor, links::APPROVAL),
        calendar: links::open_to(visitor, links::CALENDAR),
        outbox: links::open_to(visitor, links::OUTBOX),
        quality,
        province,
        heat,
        progress,
        reminding,
        legend: heat_map::legend(Tongue::Vietnamese),
        total: words::grouped(tally.all()),
        standings: standings.collect(),
        held: tally.of(Entry::Held) > 0,
        captured: (captured > 0).then(|| if part { String::new() } else { words::grouped(captured) }),
        round: last.map(|round| Round::of(&round, part)),
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
        let known = figures.known();
        let rows = figures.rows(&known);
        // What is said of the sources is said of the newest figures.
        let newest = periods.last().is_some_and(|last| last.run_id == figures.round.run_id);
        let quality =
            if figures.part || !newest { None } else { quality(site, visitor, figures, (&rows, &known)).await? };
        Ok(Self {
            quality,
            province: Some(province(site, figures, &rows, (periods, visitor.scope())).await?),
            heat: Some(heat_map(figures, (&rows, &known), periods, wanted)),
            progress: progress(figures, &rows, &known),
        })
    }
}
