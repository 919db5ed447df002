//! The working calendar from 2007 to 2030 beside a table that another program reckoned (python-holidays 0.109, which cites
//! the decisions; exchanged days before 2022 left out, that of 2 January 2026 added from dispatch 12729/VPCP-KGVX).

use chrono::{Datelike as _, NaiveDate, Weekday};
use dondoc::catalog::{Calendar, lunar_new_year};
use dondoc::words::Tongue;

const REFERENCE: &str = include_str!("fixtures/calendar/reference.csv");

fn days_of(year: i32) -> impl Iterator<Item = NaiveDate> {
    NaiveDate::from_ymd_opt(year, 1, 1).unwrap().iter_days().take_while(move |date| date.year() == year)
}

fn brief<'d>(days: impl IntoIterator<Item = &'d NaiveDate>) -> String {
    days.into_iter().map(|day| day.format("%m-%d").to_string()).collect::<Vec<_>>().join(" ")
}

/// One line of the reference, as our calendar has it.
fn line(calendar: &Calendar, year: i32) -> String {
    let kings = calendar.special_days(year).into_iter().find(|(_, day)| day.name(Tongue::English) == "Hùng Kings' Day");
    let weekday = |date: &NaiveDate| !matches!(date.weekday(), Weekday::Sat | Weekday::Sun);
    let off: Vec<_> = days_of(year).filter(|date| weekday(date) && !calendar.is_working_day(*date)).collect();
    let quarter = |number: u32| {
        let own = days_of(year).filter(move |date| date.month0() / 3 == number);
        own.filter(|date| calendar.is_working_day(*date)).collect::<Vec<_>>()
    };
    let quarters: Vec<_> = (0..4).map(quarter).collect();
    let counts: Vec<_> = quarters.iter().map(|days| days.len().to_string()).collect();
    format!(
        "{year},{},{},{},{},{}",
        brief(&lunar_new_year(year)),
        brief(&kings.map(|(date, _)| date)),
        brief(&off),
        counts.join(" "),
        brief(quarters.iter().filter_map(|days| days.last())),
    )
}

#[test]
fn tet_hung_kings_days_in_lieu_and_quarters_are_those_of_the_reference() {
    let calendar = Calendar::default();
    let ours: Vec<String> = (2007..=2030).map(|year| line(&calendar, year)).collect();
    assert_eq!(ours, REFERENCE.lines().skip(1).collect::<Vec<_>>());
}

#[test]
fn exchanged_saturdays_are_worked_and_no_other_weekend_is() {
    let calendar = Calendar::default();
    let weekend = |date: &NaiveDate| matches!(date.weekday(), Weekday::Sat | Weekday::Sun);
    let worked: Vec<_> = (2022..=2030)
        .flat_map(days_of)
        .filter(|date| weekend(date) && calendar.is_working_day(*date))
        .map(|date| date.to_string())
        .collect();
    assert_eq!(worked, ["2024-05-04", "2025-04-26", "2026-01-10", "2026-08-22"]);
}

#[test]
fn a_year_beyond_the_kept_ones_is_reckoned_all_the_same() {
    let calendar = Calendar::default();
    assert!(!calendar.is_working_day(NaiveDate::from_ymd_opt(2140, 9, 2).unwrap()));
    assert!(!calendar.is_working_day(NaiveDate::from_ymd_opt(1999, 1, 1).unwrap()));
}
