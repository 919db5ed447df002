//! The calendar of sending: the next runs in words, a month as a table, quiet hours, how reminders grow firmer.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::response::Response;
use chrono::{Datelike as _, Days, Months, NaiveDate, TimeZone as _, Utc};

use super::coming::{self, Coming, day_name};
use super::page::{Failure, Frame, Place, page};
use super::policy_words;
use super::session::Visitor;
use super::{Site, words};
use crate::app::today;
use crate::catalog::{self, Calendar, Day, DayOff};
use crate::clock::ZONE;
use crate::pass::Schedule;

/// Runs that are told.
const RUNS: usize = 12;
/// More runs than a month has, of a schedule that runs every hour.
const IN_A_MONTH: usize = 800;
/// Days off that are told.
const DAYS: usize = 16;

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
    policy: Vec<String>,
    ladder: Vec<String>,
    month: String,
    before: String,
    after: String,
    weeks: Vec<Vec<Cell>>,
    specials: Vec<Special>,
    /// Years whose days off are reckoned, not announced.
    unannounced: Vec<i32>,
}

pub(super) async fn show(State(site): State<Site>, visitor: Visitor, RawQuery(query): RawQuery) -> Response {
    let shown = shown(&site, &visitor, query.as_deref()).await;
    site.answer(shown)
}

async fn shown(site: &Site, visitor: &Visitor, query: Option<&str>) -> Result<Response, Failure> {
    let calendar = catalog::calendar(&site.db).await?;
    let day = today(site.clock.now());
    let wanted = query.unwrap_or_default().split('&').find_map(|pair| pair.strip_prefix("thang="));
    let wanted = wanted.and_then(|month| format!("{month}-01").parse::<NaiveDate>().ok());
    let first = wanted.filter(|month| (2000..=2100).contains(&month.year())).unwrap_or(day).with_day(1).unwrap_or(day);
    let month = |first: Option<NaiveDate>| {
        first.map(|first| format!("/lich-gui?thang={}#thang", first.format("%Y-%m"))).unwrap_or_default()
    };
    let (policy, ladder) = match site.app() {
        Ok(app) => (policy_words::rules(&app.config), policy_words::ladder(&app.config.rules.policy.base)),
        Err(_) => (Vec::new(), Vec::new()),
    };
    page(&CalendarPage {
        frame: Frame::seen(site, visitor, Place::Calendar, "Lịch gửi"),
        schedules: site.schedules.iter().map(|schedule| told(schedule, &calendar, site.clock.now())).collect(),
        coming: coming::first(site, RUNS).await?,
        policy,
        ladder,
        month: first.format("tháng %m/%Y").to_string(),
        before: month(first.checked_sub_months(Months::new(1))),
        after: month(first.checked_add_months(Months::new(1))),
        weeks: weeks(&site.schedules, &calendar, first),
        specials: specials(&calendar, day),
        unannounced: calendar.unannounced(day),
    })
}

fn told(schedule: &Schedule, calendar: &Calendar, now: chrono::DateTime<Utc>) -> Told {
    Told {
        name: schedule.name.clone(),
        what: schedule.what.vietnamese(),
        when: policy_words::when(schedule),
        on_day_off: policy_words::on_day_off(schedule.on_day_off),
        never: schedule.upcoming(calendar, now, 1).is_empty(),
    }
}

/// What each day of the weeks around a month brings.
fn weeks(schedules: &[Schedule], calendar: &Calendar, first: NaiveDate) -> Vec<Vec<Cell>> {
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
            let moved = if planned.run.day == date {
                String::new()
            } else {
                format!(", dời từ {}", planned.run.day.format("%d/%m"))
            };
            runs.entry(date).or_default().push(format!("{} lúc {}{moved}", schedule.name, local.format("%H:%M")));
        }
    }
    let days: Vec<NaiveDate> =
        start.iter_days().take_while(|date| *date < end || date.weekday() != chrono::Weekday::Mon).collect();
    let cell = |date: &NaiveDate| cell(*date, calendar, runs.get(date).map(Vec::as_slice).unwrap_or_default(), first);
    days.chunks(7).map(|week| week.iter().map(cell).collect()).collect()
}

fn cell(date: NaiveDate, calendar: &Calendar, runs: &[String], first: NaiveDate) -> Cell {
    let mut said = Vec::new();
    let off = calendar.day_off(date);
    match off {
        Some(DayOff::Weekend) => said.push("nghỉ cuối tuần".to_owned()),
        Some(DayOff::Special(day)) => said.push(format!("nghỉ: {}", day.vietnamese())),
        None => said.extend(calendar.special(date).map(Day::vietnamese)),
    }
    let works = !said.is_empty() && off.is_none();
    said.extend(runs.iter().map(|run| format!("gửi: {run}")));
    let tone = match (runs.is_empty(), off) {
        (false, _) => "send",
        (true, Some(_)) => "off",
        (true, None) if works => "work",
        (true, None) => "",
    };
    Cell {
        day: date.format("%d/%m").to_string(),
        name: format!("{} {}", day_name(date.weekday()), date.format("%d/%m")),
        said,
        tone,
        outside: date.month() != first.month(),
    }
}

/// The next days off and made up, but for weekends.
fn specials(calendar: &Calendar, day: NaiveDate) -> Vec<Special> {
    let years = [day.year(), day.year() + 1];
    let all = years.into_iter().flat_map(|year| calendar.special_days(year));
    let next = all.filter(|(date, _)| *date >= day).take(DAYS);
    next.map(|(date, special)| Special {
        date: format!("{}, {}", day_name(date.weekday()), words::local_date(&date.to_string())),
        said: special.vietnamese(),
    })
    .collect()
}
