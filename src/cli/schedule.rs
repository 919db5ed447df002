//! `dondoc schedule`: the next rounds as dates, and the working calendar behind them.

use chrono::{DateTime, Datelike as _, Days, Months, NaiveDate, NaiveTime, TimeZone as _, Utc};
use clap::{Subcommand, ValueEnum};
use serde_json::json;

use super::exit::{Code, Failure};
use super::output::{self, Format, Table};
use crate::api::{RunLine, runs};
use crate::app::{App, today};
use crate::catalog::{self, Calendar};
use crate::clock::ZONE;
use crate::pass::{self, Schedule};
use crate::words::Tongue;

/// What can be asked of schedules.
#[derive(Debug, Subcommand)]
pub enum ScheduleCommand {
    /// List the next runs with their dates, and why one is moved
    #[command(
        after_help = "Examples:\n  dondoc schedule list --count 24\n  dondoc schedule list --format ics > lich-don-doc.ics"
    )]
    List {
        /// Runs of each schedule, 1 to 366
        #[arg(long, default_value_t = 12, value_parser = clap::value_parser!(u16).range(1..=366))]
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
            list(&schedules, (&calendar, after), usize::from(count), format)?;
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

fn list(
    schedules: &[Schedule],
    (calendar, after): (&Calendar, DateTime<Utc>),
    count: usize,
    format: Format,
) -> Result<(), Failure> {
    for schedule in schedules.iter().filter(|schedule| schedule.upcoming(calendar, after, 1).is_empty()) {
        output::note(format!("schedule `{}` never fires again: {schedule}", schedule.name));
    }
    let runs = runs(schedules, calendar, after, count);
    let json = json!(runs);
    let mut table = Table::new(vec!["schedule", "date", "weekday", "time", "time_zone", "meant_for", "why"]);
    table.rows = runs.into_iter().map(RunLine::cells).collect();
    table.print(format, Some(json))
}

fn year_table(calendar: &Calendar, year: i32, format: Format) -> Result<(), Failure> {
    let mut table = Table::new(vec!["date", "weekday", "works", "what", "origin"]);
    table.rows.extend(calendar.special_days(year).into_iter().map(|(date, day)| {
        let works = if calendar.is_working_day(date) { "yes" } else { "no" };
        let weekday = date.format("%a").to_string();
        vec![date.to_string(), weekday, works.to_owned(), day.name(Tongue::English), day.origin.word().to_owned()]
    }));
    let quarters = [1, 2, 3, 4].map(|number| Quarter::of(calendar, year, number));
    let whole = json!({
        "year": year,
        "announced": calendar.announced(year),
        "source": calendar.source(year),
        "lunar_new_year": catalog::lunar_new_year(year).map(|date| date.to_string()),
        "working_days": Quarter::days_of(&quarters),
        "quarters": quarters.iter().map(Quarter::json).collect::<Vec<_>>(),
        "days": table.objects(),
    });
    table.print(format, Some(whole))?;
    if format == Format::Table {
        let decided = match (calendar.announced(year), calendar.source(year)) {
            (true, Some(source)) => format!("announced: {source}"),
            (true, None) => "announced".to_owned(),
            (false, _) => "not announced: Tết, 2 September and exchanged days are reckoned".to_owned(),
        };
        output::note(format!("{year}, {decided}"));
        let brief: Vec<String> = quarters.iter().map(Quarter::brief).collect();
        output::note(format!("working days: {}; {}", Quarter::days_of(&quarters), brief.join(", ")));
    }
    Ok(())
}

/// Working days of a quarter.
#[derive(Debug)]
struct Quarter {
    number: u32,
    days: usize,
    last: NaiveDate,
}

impl Quarter {
    fn of(calendar: &Calendar, year: i32, number: u32) -> Self {
        let first = NaiveDate::from_ymd_opt(year, number * 3 - 2, 1).unwrap_or_default();
        let end = first + Months::new(3);
        let days = first.iter_days().take_while(|date| *date < end).filter(|date| calendar.is_working_day(*date));
        Self { number, days: days.count(), last: calendar.working_day_until(end - Days::new(1)) }
    }

    fn days_of(quarters: &[Self]) -> usize {
        quarters.iter().map(|quarter| quarter.days).sum()
    }

    fn json(&self) -> serde_json::Value {
        let last = self.last.to_string();
        json!({ "quarter": self.number, "working_days": self.days, "last_working_day": last })
    }

    fn brief(&self) -> String {
        format!("Q{} {} (to {})", self.number, self.days, self.last.format("%d/%m"))
    }
}
