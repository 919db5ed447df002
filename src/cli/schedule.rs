//! `dondoc schedule`: the next rounds as dates, and the working calendar behind them.

use chrono::{DateTime, Datelike as _, NaiveDate, NaiveTime, TimeZone as _, Utc};
use clap::{Subcommand, ValueEnum};
use serde_json::json;

use super::exit::{Code, Failure};
use super::output::{self, Format, Table};
use crate::app::{App, today};
use crate::catalog::{self, Calendar};
use crate::clock::ZONE;
use crate::pass::{self, PlannedRun, Schedule};

/// What can be asked of schedules.
#[derive(Debug, Subcommand)]
pub enum ScheduleCommand {
    /// List the next runs with their dates, and why one is moved
    #[command(
        after_help = "Examples:\n  dondoc schedule list --count 24\n  dondoc schedule list --format ics > lich-don-doc.ics"
    )]
    List {
        /// Runs of each schedule, 1 to 1000
        #[arg(long, default_value_t = 12, value_parser = clap::value_parser!(u16).range(1..=1_000))]
        count: u16,
        /// Runs from this date on [default: now]
        #[arg(long, value_name = "DATE")]
        from: Option<NaiveDate>,
        /// How to print
        #[arg(long, value_enum, default_value = "table")]
        format: ListFormat,
    },
    /// Show the days of a year that are not what their weekday says, and where each comes from
    #[command(after_help = "Example: dondoc schedule calendar --year 2027")]
    Calendar {
        /// The year [default: this one]
        #[arg(long, value_parser = clap::value_parser!(i32).range(2000..=2100))]
        year: Option<i32>,
        /// How to print
        #[arg(long, value_enum, default_value = "table")]
        format: Format,
    },
}

/// How the list of runs is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ListFormat {
    /// Columns for people.
    Table,
    /// One JSON value.
    Json,
    /// Comma-separated values with a header.
    Csv,
    /// An iCalendar object; the next 24 runs of each schedule.
    Ics,
}

pub(super) async fn schedule(app: App, asked: ScheduleCommand) -> Result<Code, Failure> {
    let calendar = catalog::calendar(&app.db).await?;
    let (now, schedules) = (app.clock.now(), app.config.schedules.clone());
    let origin = app.config.server.public_url.clone();
    app.close().await;
    match asked {
        ScheduleCommand::List { count, from, format } => {
            let after = from.map_or(now, just_before);
            if schedules.is_empty() {
                output::note("no [[schedule]]: rounds are started by `dondoc run`");
            }
            let format = match format {
                ListFormat::Table => Format::Table,
                ListFormat::Json => Format::Json,
                ListFormat::Csv => Format::Csv,
                ListFormat::Ics => {
                    output::whole(&pass::icalendar(&schedules, &calendar, &origin, after))?;
                    return Ok(Code::Done);
                }
            };
            list(&schedules, &calendar, after, usize::from(count)).print(format, None)?;
        }
        ScheduleCommand::Calendar { year, format } => {
            let year = year.unwrap_or_else(|| today(now).year());
            year_table(&calendar, year, format)?;
        }
    }
    for year in calendar.unannounced(today(now)) {
        output::note(format!(
            "warning: the days off of {year} are reckoned, not announced\n  remedy: add the year's announcement to calendar.toml and import it"
        ));
    }
    Ok(Code::Done)
}

/// So that a run at midnight of `date` is on the list.
fn just_before(date: NaiveDate) -> DateTime<Utc> {
    let midnight = ZONE.from_local_datetime(&date.and_time(NaiveTime::MIN)).earliest();
    midnight.map_or(DateTime::UNIX_EPOCH, |midnight| midnight.with_timezone(&Utc)) - chrono::TimeDelta::milliseconds(1)
}

fn list(schedules: &[Schedule], calendar: &Calendar, after: DateTime<Utc>, count: usize) -> Table {
    let mut runs: Vec<(&Schedule, PlannedRun)> = Vec::new();
    for schedule in schedules {
        let upcoming = schedule.upcoming(calendar, after, count);
        if upcoming.is_empty() {
            output::note(format!("schedule `{}` never fires again: {schedule}", schedule.name));
        }
        runs.extend(upcoming.into_iter().map(|planned| (schedule, planned)));
    }
    runs.sort_by_key(|(_, planned)| planned.run.at);
    let mut table = Table::new(vec!["schedule", "date", "weekday", "time", "time_zone", "meant_for", "why"]);
    table.rows.extend(runs.iter().map(|(schedule, planned)| {
        let local = planned.run.at.with_timezone(&schedule.time_zone);
        let mut why = planned.english();
        if !calendar.announced(local.year()) {
            let reckoned = format!("the calendar of {} is not announced", local.year());
            why = if why.is_empty() { reckoned } else { format!("{why}; {reckoned}") };
        }
        vec![
            schedule.name.clone(),
            local.format("%Y-%m-%d").to_string(),
            local.format("%a").to_string(),
            local.format("%H:%M:%S").to_string(),
            schedule.time_zone.name().to_owned(),
            planned.run.day.to_string(),
            why,
        ]
    }));
    table
}

fn year_table(calendar: &Calendar, year: i32, format: Format) -> Result<(), Failure> {
    let mut table = Table::new(vec!["date", "weekday", "works", "what", "origin"]);
    table.rows.extend(calendar.special_days(year).into_iter().map(|(date, day)| {
        let works = if calendar.is_working_day(date) { "yes" } else { "no" };
        let weekday = date.format("%a").to_string();
        vec![date.to_string(), weekday, works.to_owned(), day.english(), day.origin.word().to_owned()]
    }));
    let working: Vec<NaiveDate> = days_of(year).filter(|date| calendar.is_working_day(*date)).collect();
    let quarters: Vec<(u32, usize, Option<NaiveDate>)> = (1..=4)
        .map(|quarter| {
            let own = || working.iter().filter(|date| date.month0() / 3 + 1 == quarter);
            (quarter, own().count(), own().last().copied())
        })
        .collect();
    let decided = match (calendar.announced(year), calendar.source(year)) {
        (true, Some(source)) => format!("announced: {source}"),
        (true, None) => "announced".to_owned(),
        (false, _) => "not announced: Tết, 2 September and exchanged days are reckoned".to_owned(),
    };
    let whole = json!({
        "year": year,
        "announced": calendar.announced(year),
        "source": calendar.source(year),
        "lunar_new_year": catalog::lunar_new_year(year),
        "working_days": working.len(),
        "quarters": quarters.iter().map(|(quarter, days, last)| {
            json!({ "quarter": quarter, "working_days": days, "last_working_day": last })
        }).collect::<Vec<_>>(),
        "days": table.rows.iter().map(|row| {
            let pairs = table.header.iter().zip(row).map(|(key, cell)| ((*key).to_owned(), cell.clone().into()));
            serde_json::Value::Object(pairs.collect())
        }).collect::<Vec<_>>(),
    });
    table.print(format, Some(whole))?;
    if format == Format::Table {
        let brief = |(quarter, days, last): &(u32, usize, Option<NaiveDate>)| {
            let last = last.map(|last| last.format("%d/%m").to_string()).unwrap_or_default();
            format!("Q{quarter} {days} (to {last})")
        };
        output::note(format!("{year}, {decided}"));
        let quarters: Vec<String> = quarters.iter().map(brief).collect();
        output::note(format!("working days: {}; {}", working.len(), quarters.join(", ")));
    }
    Ok(())
}

fn days_of(year: i32) -> impl Iterator<Item = NaiveDate> {
    let first = NaiveDate::from_ymd_opt(year, 1, 1);
    first.into_iter().flat_map(NaiveDate::iter_days).take_while(move |date| date.year() == year)
}
