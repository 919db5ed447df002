//! The calendar of sending: the next runs in words, a month as a table, quiet hours, how reminders grow firmer.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::response::Response;
use chrono::{Datelike as _, Days, Months, NaiveDate, TimeZone as _, Utc, Weekday};

use super::catalogue::Tongue;
use super::coming::{self, Coming, day_name};
use super::page::{Failure, Frame, Place, page};
use super::policy_words::{self, Names, Rule};
use super::session::Visitor;
use super::{Site, words};
use crate::app::today;
use crate::catalog::{self, Calendar, DayOff, IndicatorId};
use crate::clock::ZONE;
use crate::pass::Schedule;

/// Runs that are told.
const RUNS: usize = 12;
/// More runs than a month has, of a schedule that runs every hour.
const IN_A_MONTH: usize = 800;
/// Days off that are told.
const DAYS: usize = 16;

/// As the month is drawn.
const WEEK: [Weekday; 7] =
    [Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri, Weekday::Sat, Weekday::Sun];

/// A schedule in words.
#[derive(Debug)]
struct Told {
    name: String,
    what: &'static str,
    when: String,
    on_day_off: &'static str,
    never: bool,
}

/// A day of the month.
#[derive(Debug)]
struct Cell {
    day: String,
    /// The weekday and the date, for narrow screens.
    name: String,
    /// What happens on it, in words.
    said: Vec<String>,
    /// `send`, `off`, `work` or nothing.
    tone: &'static str,
    /// Of another month.
    outside: bool,
}

/// A day that is not what its weekday says.
#[derive(Debug)]
struct Special {
    date: String,
    said: String,
}

#[derive(Template)]
#[template(path = "calendar.html")]
struct CalendarPage {
    frame: Frame,
    schedules: Vec<Told>,
    coming: Vec<Coming>,
    policy: Policy,
    month: String,
    before: String,
    after: String,
    weeks: Vec<Vec<Cell>>,
    specials: Vec<Special>,
    /// Years whose days off are reckoned, not announced.
    unannounced: Option<String>,
    /// The days of the week.
    days: [&'static str; 7],
}

pub(super) async fn show(State(site): State<Site>, visitor: Visitor, RawQuery(query): RawQuery) -> Response {
    let shown = shown(&site, &visitor, query.as_deref()).await;
    site.answer(shown)
}

async fn shown(site: &Site, visitor: &Visitor, query: Option<&str>) -> Result<Response, Failure> {
    let (t, calendar) = (visitor.tongue, catalog::calendar(&site.db).await?);
    let day = today(site.clock.now());
    let wanted = query.unwrap_or_default().split('&').find_map(|pair| pair.strip_prefix("thang="));
    let wanted = wanted.and_then(|month| format!("{month}-01").parse::<NaiveDate>().ok());
    let first = wanted.filter(|month| (2000..=2100).contains(&month.year())).unwrap_or(day).with_day(1).unwrap_or(day);
    let month = |first: Option<NaiveDate>| {
        first.map(|first| format!("/lich-gui?thang={}#thang", first.format("%Y-%m"))).unwrap_or_default()
    };
    let unannounced: Vec<String> = calendar.unannounced(day).iter().map(ToString::to_string).collect();
    page(&CalendarPage {
        frame: Frame::told(site, visitor, Place::Calendar, "calendar.title"),
        schedules: site.schedules.iter().map(|schedule| told(t, schedule, &calendar, site.clock.now())).collect(),
        coming: coming::first(t, site, RUNS).await?,
        policy: policy(t, site, day).await?,
        month: first.format("%m/%Y").to_string(),
        before: month(first.checked_sub_months(Months::new(1))),
        after: month(first.checked_add_months(Months::new(1))),
        weeks: weeks(t, &site.schedules, &calendar, first),
        specials: specials(t, &calendar, day),
        unannounced: (!unannounced.is_empty()).then(|| unannounced.join(", ")),
        days: WEEK.map(|day| day_name(t, day)),
    })
}

/// The rules of sending as sentences.
#[derive(Debug, Default)]
struct Policy {
    general: Vec<String>,
    ladder: Vec<String>,
    rules: Vec<Rule>,
}

/// Without an installation there are none to tell.
async fn policy(t: Tongue, site: &Site, day: NaiveDate) -> Result<Policy, Failure> {
    let Ok(app) = site.app() else { return Ok(Policy::default()) };
    let own = &app.config.rules.policy;
    let (units, indicators) = (catalog::present(&site.db, day).await?, catalog::measures(&site.db).await?.indicators);
    let unit = |code: &str| units.iter().find(|unit| unit.code == code).map_or(code, |unit| &unit.name).to_owned();
    let indicator = |id: &IndicatorId| {
        indicators.iter().find(|one| one.id == *id).map_or_else(|| id.to_string(), |one| one.short_name.clone())
    };
    Ok(Policy {
        general: policy_words::general(t, &app.config),
        ladder: policy_words::steps_of(t, &own.base.ladder),
        rules: policy_words::rules(t, &own.rules, &Names { unit: &unit, indicator: &indicator }),
    })
}

fn told(t: Tongue, schedule: &Schedule, calendar: &Calendar, now: chrono::DateTime<Utc>) -> Told {
    Told {
        name: schedule.name.clone(),
        what: coming::what_name(t, schedule.what),
        when: policy_words::when(t, schedule),
        on_day_off: policy_words::on_day_off(t, schedule.on_day_off),
        never: schedule.upcoming(calendar, now, 1).is_empty(),
    }
}

/// What each day of the weeks around a month brings.
fn weeks(t: Tongue, schedules: &[Schedule], calendar: &Calendar, first: NaiveDate) -> Vec<Vec<Cell>> {
    let start = first - Days::new(u64::from(first.weekday().num_days_from_monday()));
    let end = first + Months::new(1);
    let mut runs: BTreeMap<NaiveDate, Vec<String>> = BTreeMap::new();
    let midnight = ZONE.from_local_datetime(&start.and_time(chrono::NaiveTime::MIN)).earliest();
    let before =
        midnight.map_or(chrono::DateTime::UNIX_EPOCH, |at| at.with_timezone(&Utc)) - chrono::TimeDelta::milliseconds(1);
    for schedule in schedules {
        for planned in schedule.upcoming(calendar, before, IN_A_MONTH) {
            let local = planned.run.at.with_timezone(&schedule.time_zone);
            let date = local.date_naive();
            if date >= end + Days::new(7) {
                break;
            }
            let (name, at) = (&schedule.name, local.format("%H:%M"));
            let said = if planned.run.day == date {
                t.with2("calendar.sends", name, at)
            } else {
                t.with3("calendar.sends_moved", name, at, planned.run.day.format("%d/%m"))
            };
            runs.entry(date).or_default().push(said);
        }
    }
    let days: Vec<NaiveDate> =
        start.iter_days().take_while(|date| *date < end || date.weekday() != Weekday::Mon).collect();
    let cell =
        |date: &NaiveDate| cell(t, *date, calendar, runs.get(date).map(Vec::as_slice).unwrap_or_default(), first);
    days.chunks(7).map(|week| week.iter().map(cell).collect()).collect()
}

fn cell(t: Tongue, date: NaiveDate, calendar: &Calendar, runs: &[String], first: NaiveDate) -> Cell {
    let mut said = Vec::new();
    let off = calendar.day_off(date);
    match off {
        Some(DayOff::Weekend) => said.push(t.say("calendar.weekend").to_owned()),
        Some(DayOff::Special(day)) => said.push(t.with("calendar.day_off", day.name(t))),
        None => said.extend(calendar.special(date).map(|day| day.name(t))),
    }
    let works = !said.is_empty() && off.is_none();
    said.extend(runs.iter().cloned());
    let tone = match (runs.is_empty(), off) {
        (false, _) => "send",
        (true, Some(_)) => "off",
        (true, None) if works => "work",
        (true, None) => "",
    };
    Cell {
        day: date.format("%d/%m").to_string(),
        name: format!("{} {}", day_name(t, date.weekday()), date.format("%d/%m")),
        said,
        tone,
        outside: date.month() != first.month(),
    }
}

/// The next days off and made up, but for weekends.
fn specials(t: Tongue, calendar: &Calendar, day: NaiveDate) -> Vec<Special> {
    let years = [day.year(), day.year() + 1];
    let all = years.into_iter().flat_map(|year| calendar.special_days(year));
    let next = all.filter(|(date, _)| *date >= day).take(DAYS);
    next.map(|(date, special)| Special {
        date: format!("{}, {}", day_name(t, date.weekday()), words::local_date(&date.to_string())),
        said: special.name(t),
    })
    .collect()
}
