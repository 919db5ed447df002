//! One unit: its figures beside their targets, their course, what happened, and who hears of it next.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use chrono::NaiveDate;

use super::coming::{self, Coming};
use super::heat_map::periods;
use super::page::{Failure, Frame, Place, page};
use super::session::Visitor;
use super::unit_chart::{Chart, Period, chart};
use super::unit_figures::{Figure, figures};
use super::unit_story::{Story, story};
use super::{Site, figure_words, words};
use crate::app::today;
use crate::catalog::{self, Catalog, Pack, Recipient, Unit, UnitId, mask_email, mask_phone};
use crate::pass::{self, DoneRound};
use crate::reply;
use crate::report::{self, UnitStandings};

/// Periods of the drawing.
const PERIODS: usize = 12;

/// Who hears of the unit next.
#[derive(Debug)]
struct Receiver {
    title: String,
    person: Option<String>,
    /// A way and where it leads, masked; `None`: the catalog has no address.
    ways: Vec<(&'static str, Option<String>)>,
    /// Whether messages to one of the addresses come back.
    bounced: bool,
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
    receiver: Option<Receiver>,
    /// Whether the unit is no more.
    ended: bool,
    /// Who gets a copy where the step says so.
    superior: Option<String>,
    next: Option<Coming>,
}

pub(super) async fn show(State(site): State<Site>, visitor: Visitor, Path(code): Path<String>) -> Response {
    let shown = shown(&site, &visitor, &code).await;
    site.answer(shown)
}

async fn shown(site: &Site, visitor: &Visitor, code: &str) -> Result<Response, Failure> {
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
    let figures = figures(&catalog, unit, &last, before, &services);
    let story = story(site, &catalog, (&id, &unit.code), &rounds).await?;
    let nothing = std::collections::HashSet::new();
    let charts = last.iter().zip(&figures).filter_map(|(line, figure)| {
        let reminded = story.reminded.get(&line.indicator).unwrap_or(&nothing);
        chart((&line.indicator, &figure.name), &course, reminded)
    });
    let above = unit.parent.as_ref().and_then(|parent| row_on(&pack, parent, as_of));
    let superior = above.and_then(|above| catalog.recipient_of(&above.id));
    let next = coming::next_round(site).await?;
    page(&UnitPage {
        frame: Frame::seen(site, visitor, Place::Overview, unit.name.clone()),
        kind: figure_words::kind(unit.kind),
        exists: exists(unit),
        above: above.filter(|above| seen(&above.code)).map(|above| (above.code.clone(), above.name.clone())),
        as_of: recent.last().map(|round| words::local_date(&round.as_of.to_string())),
        charts: charts.collect(),
        figures,
        story,
        receiver: receiver(site, catalog.recipient_of(&id)).await?,
        ended: row_on(&pack, &id, now).is_none_or(|unit| !unit.valid.covers(now)),
        superior: superior.map(|superior| superior.title.clone()),
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
        course.push(Period { as_of: round.as_of, lines });
    }
    Ok((course.last().map(|period| period.lines.clone()).unwrap_or_default(), course))
}

fn exists(unit: &Unit) -> Option<String> {
    let day = |date: NaiveDate| words::local_date(&date.to_string());
    match (unit.valid.from, unit.valid.to) {
        (None, None) => None,
        (Some(from), None) => Some(format!("từ ngày {}", day(from))),
        (None, Some(to)) => Some(format!("đến hết ngày {}", day(to))),
        (Some(from), Some(to)) => Some(format!("từ ngày {} đến hết ngày {}", day(from), day(to))),
    }
}

async fn receiver(site: &Site, recipient: Option<&Recipient>) -> Result<Option<Receiver>, Failure> {
    let Some(recipient) = recipient else { return Ok(None) };
    let bounced = reply::bounced(&site.db, true).await?;
    let own = [&recipient.email, &recipient.phone, &recipient.zalo_user_id];
    Ok(Some(Receiver {
        title: recipient.title.clone(),
        person: recipient.person.clone(),
        ways: vec![
            ("Thư điện tử", recipient.email.as_deref().map(mask_email)),
            ("Điện thoại", recipient.phone.as_deref().map(mask_phone)),
            ("Zalo", recipient.zalo_user_id.as_ref().map(|_| "đã có".to_owned())),
        ],
        bounced: bounced.iter().any(|one| own.iter().any(|address| address.as_ref() == Some(&one.address))),
    }))
}
