//! The days of one year that are not what their weekday says, worked out from law, decisions and the lunar year.

use std::collections::BTreeMap;

use chrono::{Datelike as _, Days, NaiveDate, Weekday};

use super::lunar;
use super::{CalendarYear, Day, Holiday, Kind, Origin};

pub(super) type SpecialDays = BTreeMap<NaiveDate, Day>;

/// What is decided about a year: the pack's word, behind it the built-in one.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Decided<'a> {
    pub(super) pack: Option<&'a CalendarYear>,
    pub(super) built_in: Option<&'a CalendarYear>,
}

impl<'a> Decided<'a> {
    /// The days that the first of the two names, if one does.
    fn first(self, days: impl Fn(&'a CalendarYear) -> &'a [NaiveDate]) -> Option<&'a [NaiveDate]> {
        [self.pack, self.built_in].into_iter().flatten().map(days).find(|days| !days.is_empty())
    }

    fn exchanged(self) -> Option<&'a CalendarYear> {
        self.pack.or(self.built_in)
    }
}

/// Labour Code 1994 (article 73), 2012 (115), 2019 (112): the Hùng Kings' day since 2007, a fifth day of Tết since 2013,
/// a second National Day since 2021; 24 November since 2026 (Resolution 80-NQ/TW).
pub(super) fn special_days(year: i32, decided: Decided<'_>) -> SpecialDays {
    let mut holidays: Vec<(NaiveDate, Holiday, Origin)> = Vec::new();
    let mut fixed = |month, day, holiday| {
        holidays.extend(NaiveDate::from_ymd_opt(year, month, day).map(|date| (date, holiday, Origin::Law)));
    };
    fixed(1, 1, Holiday::NewYear);
    fixed(4, 30, Holiday::Reunification);
    fixed(5, 1, Holiday::Labour);
    if year >= 2026 {
        fixed(11, 24, Holiday::Culture);
    }
    if year >= 2007 {
        holidays.extend(lunar::hung_kings(year).map(|date| (date, Holiday::HungKings, Origin::Law)));
    }
    holidays.extend(national_days(year, decided));
    let tet = decided.first(|year| &year.tet);
    match tet {
        Some(days) => holidays.extend(days.iter().map(|date| (*date, Holiday::Tet, Origin::Decision))),
        None => holidays.extend(reckoned_tet(year).map(|date| (date, Holiday::Tet, Origin::Reckoned))),
    }
    holidays.sort_unstable();
    let mut days: SpecialDays =
        holidays.iter().map(|(date, holiday, origin)| (*date, Day::new(Kind::Holiday(*holiday), *origin))).collect();
    // Since 2014 the decisions gave the day before Tết for a Saturday in it, so that its days stay together.
    let given_before = tet.is_none() && year >= 2014;
    for (date, holiday, origin) in holidays.iter().filter(|(date, ..)| is_weekend(*date)) {
        let before = *holiday == Holiday::Tet && given_before && date.weekday() == Weekday::Sat;
        let free = |day: &NaiveDate| !is_weekend(*day) && !days.contains_key(day);
        let given = if before { date.iter_days().rev().find(free) } else { date.iter_days().find(free) };
        if let Some(given) = given {
            days.insert(given, Day::new(Kind::InLieu(*holiday), *origin));
        }
    }
    exchange(&mut days, decided.exchanged());
    days
}

/// Working days that were exchanged for weekends; what is a holiday already keeps its name.
fn exchange(days: &mut SpecialDays, exchanged: Option<&CalendarYear>) {
    for date in exchanged.iter().flat_map(|year| &year.days_off).filter(|date| !is_weekend(**date)) {
        days.entry(*date).or_insert(Day::new(Kind::Exchanged, Origin::Decision));
    }
    for date in exchanged.iter().flat_map(|year| &year.make_up_days) {
        days.insert(*date, Day::new(Kind::MakeUp, Origin::Decision));
    }
}

/// 2 September and, since 2021, the day before or after it: as decided; as a pack lists it among its days off; else the
/// one that leaves no single working day beside the weekend.
fn national_days(year: i32, decided: Decided<'_>) -> Vec<(NaiveDate, Holiday, Origin)> {
    let day = |date, origin| (date, Holiday::National, origin);
    let Some(second) = NaiveDate::from_ymd_opt(year, 9, 2) else { return Vec::new() };
    let mut days = vec![day(second, Origin::Law)];
    if year < 2021 {
        return days;
    }
    if let Some(named) = decided.first(|year| &year.national_day) {
        days.extend(named.iter().filter(|date| **date != second).map(|date| day(*date, Origin::Decision)));
        return days;
    }
    let listed = |date: &NaiveDate| decided.pack.is_some_and(|pack| pack.days_off.contains(date));
    let (before, after) = (second - Days::new(1), second + Days::new(1));
    if !listed(&before) && !listed(&after) {
        let later = matches!(second.weekday(), Weekday::Mon | Weekday::Thu | Weekday::Sun);
        days.push(day(if later { after } else { before }, Origin::Reckoned));
    }
    days
}

/// The last day of the old lunar year and the first three (since 2013 four) of the new one.
fn reckoned_tet(year: i32) -> impl Iterator<Item = NaiveDate> {
    let count = if year >= 2013 { 5 } else { 4 };
    let eve = lunar::new_year(year).map(|first| first - Days::new(1));
    eve.into_iter().flat_map(move |eve| eve.iter_days().take(count))
}

pub(super) fn is_weekend(date: NaiveDate) -> bool {
    matches!(date.weekday(), Weekday::Sat | Weekday::Sun)
}
