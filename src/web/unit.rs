//! One unit: its figures beside their targets, their course, what happened, and who hears of it next.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use chrono::NaiveDate;

use super::catalogue::Tongue;
use super::coming::{self, Coming};
use super::heat_figures::periods;
use super::page::{Failure, Frame, Place, page};
use super::session::Visitor;
use super::unit_chart::{Chart, Period, chart};
use super::unit_figures::{Figure, figures};
use super::unit_next::{month, repeats};
use super::unit_people::{Lineage, People, lineage, people};
use super::unit_story::{Story, story};
use super::{Site, figure_words, links, words};
use crate::app::today;
use crate::catalog::{self, Catalog, IndicatorKind, Pack, Unit, UnitId};
use crate::pass::{self, DoneRound};
use crate::report::{self, ServiceLine, UnitStandings};

/// Periods of the drawing.
const PERIODS: usize = 12;

/// Services without a dossier that are named.
const IDLE: usize = 60;

/// Services that are offered and had no dossier.
#[derive(Debug)]
struct Idle {
    count: String,
    codes: Vec<String>,
    further: Option<String>,
}

#[derive(Template)]
#[template(path = "unit.html")]
struct UnitPage {
    frame: Frame,
    code: String,
    kind: &'static str,
    /// From when to when it exists, where that is bounded.
    exists: Option<String>,
    /// Code and name of the unit above it, when the visitor may see that.
    above: Option<(String, String)>,
    as_of: Option<String>,
    figures: Vec<Figure>,
    charts: Vec<Chart>,
    story: Story,
    idle: Option<Idle>,
    lineage: Lineage,
    people: People,
    /// Where contacts, words and targets are mended, for whoever may.
    contacts: Option<&'static str>,
    templates: Option<&'static str>,
    targets: Option<&'static str>,
    /// Per open case, when it may be said again.
    repeats: Vec<String>,
    /// Whether the unit is no more.
    ended: bool,
    next: Option<Coming>,
}

pub(super) async fn show(State(site): State<Site>, visitor: Visitor, Path(code): Path<String>) -> Response {
    let shown = shown(&site, &visitor, &code).await;
    site.answer(shown)
}

async fn shown(site: &Site, visitor: &Visitor, code: &str) -> Result<Response, Failure> {
    let t = visitor.tongue;
    let units = visitor.units(site).await?;
    let seen = |code: &str| units.as_ref().is_none_or(|codes| codes.contains(code));
    if !seen(code) {
        return Err(Failure::NotFound);
    }
    let (rounds, now) = (pass::done_rounds(&site.db).await?, today(site.clock.now()));
    let recent = periods(rounds.clone());
    let as_of = recent.last().map_or(now, |round| round.as_of);
    let Some((id, pack)) = catalog::around(&site.db, code, as_of).await? else { return Err(Failure::NotFound) };
    let Some(unit) = row_on(&pack, &id, as_of) else { return Err(Failure::NotFound) };
    let catalog = Catalog::of(&pack, as_of, now);
    let (last, course) = course(site, &catalog, &recent, &id).await?;
    let services = match recent.last() {
        Some(round) => report::services(&site.db, &catalog, &round.run_id, &id).await?,
        None => Vec::new(),
    };
    let before = course.iter().rev().nth(1).map(|period| period.lines.as_slice()).unwrap_or_default();
    let mut figures = figures(t, (&catalog, unit), (&last, before), &services);
    let mut months = month((t, site), &catalog, &id, (&rounds, &last)).await?;
    for (figure, line) in figures.iter_mut().zip(&last) {
        figure.month = months.remove(&line.indicator);
    }
    let story = story((t, site), &catalog, (&id, &unit.code), &rounds).await?;
    let nothing = std::collections::HashSet::new();
    let charts = last.iter().zip(&figures).filter_map(|(line, figure)| {
        let reminded = story.reminded.get(&line.indicator).unwrap_or(&nothing);
        chart(t, (&line.indicator, &figure.name), &course, reminded)
    });
    let above = unit.parent.as_ref().and_then(|parent| row_on(&pack, parent, as_of));
    let next = coming::next_round(visitor.tongue, site).await?;
    page(&UnitPage {
        frame: Frame::seen(site, visitor, Place::Overview, unit.name.clone()),
        kind: figure_words::kind(t, unit.kind),
        exists: exists(t, unit),
        above: above.filter(|above| seen(&above.code)).map(|above| (above.code.clone(), above.name.clone())),
        as_of: recent.last().map(|round| words::local_date(&round.as_of.to_string())),
        charts: charts.collect(),
        figures,
        story,
        idle: idle(&catalog, &services),
        lineage: lineage((t, site), &pack, (&id, &unit.name), seen).await?,
        people: people(site, visitor, (&pack, &catalog), (&id, now)).await?,
        contacts: links::open_to(visitor, links::CONTACTS),
        templates: site.app().ok().and_then(|_| links::open_to(visitor, links::TEMPLATES)),
        targets: site.app().ok().and_then(|_| links::open_to(visitor, links::TARGETS)),
        repeats: repeats((t, site), &catalog, (unit, &id)).await?,
        ended: row_on(&pack, &id, now).is_none_or(|unit| !unit.valid.covers(now)),
        next,
        code: unit.code.clone(),
    })
}

/// The unit as it stands on `day`; one that does not, as it stood last.
fn row_on<'p>(pack: &'p Pack, id: &UnitId, day: NaiveDate) -> Option<&'p Unit> {
    let mut own = pack.units.iter().filter(|unit| unit.id == *id);
    own.clone().find(|unit| unit.valid.covers(day)).or_else(|| own.next_back())
}

/// The unit's lines in the newest round, and those of the last periods, oldest first.
async fn course(
    site: &Site,
    catalog: &Catalog,
    recent: &[DoneRound],
    id: &UnitId,
) -> Result<(Vec<report::Line>, Vec<Period>), Failure> {
    let mut course = Vec::new();
    for round in recent.iter().skip(recent.len().saturating_sub(PERIODS)) {
        let UnitStandings { lines, .. } = report::of_unit(&site.db, catalog, &round.run_id, id).await?;
        course.push(Period { as_of: round.as_of, body: catalog.body_on(id, round.as_of), lines });
    }
    Ok((course.last().map(|period| period.lines.clone()).unwrap_or_default(), course))
}

fn exists(t: Tongue, unit: &Unit) -> Option<String> {
    let day = |date: NaiveDate| words::local_date(&date.to_string());
    match (unit.valid.from, unit.valid.to) {
        (None, None) => None,
        (Some(from), None) => Some(t.with("unit.exists_from", day(from))),
        (None, Some(to)) => Some(t.with("unit.exists_to", day(to))),
        (Some(from), Some(to)) => Some(t.with2("unit.exists_between", day(from), day(to))),
    }
}

/// Of the indicators that count services: those that nobody used.
fn idle(catalog: &Catalog, services: &[ServiceLine]) -> Option<Idle> {
    let coverage: Vec<_> =
        catalog.indicators.iter().filter(|one| one.kind == IndicatorKind::Coverage).map(|one| &one.id).collect();
    let unused =
        |line: &&ServiceLine| line.numerator == 0 && !line.service.is_empty() && coverage.contains(&&line.indicator);
    let mut codes: Vec<String> = services.iter().filter(unused).map(|line| line.service.clone()).collect();
    codes.sort_unstable();
    codes.dedup();
    let further = codes.len().checked_sub(IDLE).filter(|further| *further > 0).map(words::count);
    let count = words::count(codes.len());
    codes.truncate(IDLE);
    (!codes.is_empty()).then_some(Idle { count, codes, further })
}
