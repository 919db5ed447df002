//! Working days in Vietnam: weekends, public holidays by solar and lunar calendar, and each year's decreed swaps.
//!
//! Holidays: Labour Code 2019, article 112; 24 November since 2026. The lunar year is reckoned at UTC+7, where it
//! differs from the Chinese one in some years (2007, 2030).

use std::collections::{BTreeMap, BTreeSet};

use calendrical_calculations::chinese_based::{ChineseBased, ChineseFromFixedResult, chinese_based_date_from_fixed};
use calendrical_calculations::gregorian::fixed_from_gregorian;
use calendrical_calculations::rata_die::RataDie;
use chrono::{Datelike as _, Days, NaiveDate, Weekday};

/// What is announced for one year: the days off beside the reckoned holidays, and the weekends worked instead.
///
/// The day beside 2 September is announced each year; only without an announcement is 3 September taken for it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CalendarYear {
    /// The year.
    pub year: i32,
    /// Further days off.
    pub days_off: Vec<NaiveDate>,
    /// Saturdays and Sundays worked instead.
    pub make_up_days: Vec<NaiveDate>,
}

/// Tells working days from others.
#[derive(Debug, Clone, Default)]
pub struct Calendar {
    years: BTreeMap<i32, CalendarYear>,
}

impl Calendar {
    /// The calendar with these announcements.
    pub fn of(years: &[CalendarYear]) -> Self {
        Self { years: years.iter().map(|year| (year.year, year.clone())).collect() }
    }

    /// Whether offices work on `date`.
    pub fn is_working_day(&self, date: NaiveDate) -> bool {
        let announced = |days: fn(&CalendarYear) -> &Vec<NaiveDate>| {
            self.years.get(&date.year()).is_some_and(|year| days(year).contains(&date))
        };
        if announced(|year| &year.make_up_days) {
            return true;
        }
        let holidays = public_holidays(date.year(), self.announced(date.year()));
        !is_weekend(date) && !announced(|year| &year.days_off) && !holidays.contains(&date)
    }

    /// `date` itself or the first working day after it.
    pub fn working_day_from(&self, date: NaiveDate) -> NaiveDate {
        let mut day = date;
        while !self.is_working_day(day) && day < NaiveDate::MAX {
            day = day + Days::new(1);
        }
        day
    }

    /// The `count`-th working day after `date`.
    pub fn working_days_after(&self, date: NaiveDate, count: u32) -> NaiveDate {
        let mut day = date;
        for _ in 0..count {
            day = self.working_day_from(day + Days::new(1));
        }
        day
    }

    /// Whether the yearly announcement for `year` is known; without it Tết and 2 September are reckoned.
    pub fn announced(&self, year: i32) -> bool {
        self.years.contains_key(&year)
    }
}

fn is_weekend(date: NaiveDate) -> bool {
    matches!(date.weekday(), Weekday::Sat | Weekday::Sun)
}

/// The year's reckoned public holidays, with the working days given instead of those that fall on a weekend.
fn public_holidays(year: i32, announced: bool) -> BTreeSet<NaiveDate> {
    let solar = [(1, 1), (4, 30), (5, 1), (9, 2)];
    let mut holidays: BTreeSet<_> = solar.iter().filter_map(|(m, d)| NaiveDate::from_ymd_opt(year, *m, *d)).collect();
    if !announced {
        holidays.extend(NaiveDate::from_ymd_opt(year, 9, 3));
    }
    if year >= 2026 {
        holidays.extend(NaiveDate::from_ymd_opt(year, 11, 24));
    }
    let first_months = NaiveDate::from_ymd_opt(year, 1, 15).into_iter().flat_map(|day| day.iter_days().take(120));
    holidays.extend(first_months.filter(|date| is_lunar_holiday(*date)));
    let mut given_instead = BTreeSet::new();
    for holiday in holidays.iter().filter(|date| is_weekend(**date)) {
        let free = |day: &NaiveDate| !is_weekend(*day) && !holidays.contains(day) && !given_instead.contains(day);
        if let Some(day) = holiday.iter_days().find(free) {
            given_instead.insert(day);
        }
    }
    holidays.extend(given_instead);
    holidays
}

/// The last day of the old lunar year, the first four of the new one, and the Hùng Kings' day (10th of the third).
fn is_lunar_holiday(date: NaiveDate) -> bool {
    let lunar = lunar(date);
    let third = if lunar.leap_month.is_some_and(|leap| leap.get() <= 3) { 4 } else { 3 };
    let tomorrow_is_new_year = lunar.year_bounds.next_new_year.to_i64_date() == rata_die(date) + 1;
    tomorrow_is_new_year || (lunar.month == 1 && lunar.day <= 4) || (lunar.month == third && lunar.day == 10)
}

fn lunar(date: NaiveDate) -> ChineseFromFixedResult {
    chinese_based_date_from_fixed::<Vietnamese>(RataDie::new(rata_die(date)))
}

fn rata_die(date: NaiveDate) -> i64 {
    i64::from(date.num_days_from_ce())
}

struct Vietnamese;

impl ChineseBased for Vietnamese {
    fn utc_offset(fixed: RataDie) -> f64 {
        let hours = if fixed < const { fixed_from_gregorian(1968, 1, 1) } { 8.0 } else { 7.0 };
        hours / 24.0
    }

    const EPOCH: RataDie = fixed_from_gregorian(-2636, 2, 15);
    const DEBUG_NAME: &'static str = "vietnamese";
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn tet_and_the_hung_kings_day_fall_where_vietnam_kept_them() {
        let known = [
            ("2022-02-01", "2022-04-10"),
            ("2023-01-22", "2023-04-29"),
            ("2024-02-10", "2024-04-18"),
            ("2025-01-29", "2025-04-07"),
            ("2026-02-17", "2026-04-26"),
            ("2027-02-06", "2027-04-16"),
            ("2030-02-02", "2030-04-12"),
            ("2031-01-23", "2031-04-01"),
        ];
        for (tet, hung_kings) in known {
            let (first, kings) = (lunar(date(tet)), lunar(date(hung_kings)));
            assert_eq!((first.month, first.day), (1, 1), "{tet}");
            assert!(is_lunar_holiday(date(hung_kings)) && kings.day == 10, "{hung_kings}");
        }
        assert_eq!(lunar(date("2007-02-17")).day, 1, "a day before the Chinese year");
    }

    #[test]
    fn weekends_holidays_and_days_given_instead_are_not_worked() {
        let calendar = Calendar::default();
        for off in ["2022-10-29", "2022-01-31", "2022-02-04", "2022-04-11", "2022-05-02", "2022-05-03", "2026-11-24"] {
            assert!(!calendar.is_working_day(date(off)), "{off}");
        }
        for worked in ["2022-10-31", "2022-02-07", "2022-04-12", "2025-11-24"] {
            assert!(calendar.is_working_day(date(worked)), "{worked}");
        }
    }

    #[test]
    fn an_announced_saturday_is_worked_and_an_announced_day_is_off() {
        let year =
            CalendarYear { year: 2024, days_off: vec![date("2024-04-29")], make_up_days: vec![date("2024-05-04")] };
        let calendar = Calendar::of(&[year]);
        assert!(!calendar.is_working_day(date("2024-04-29")));
        assert!(calendar.is_working_day(date("2024-05-04")));
    }

    #[test]
    fn five_working_days_after_a_monday_is_the_next_monday() {
        let calendar = Calendar::default();
        assert_eq!(calendar.working_days_after(date("2022-10-31"), 5), date("2022-11-07"));
        assert_eq!(calendar.working_days_after(date("2022-01-28"), 1), date("2022-02-07"), "over Tết");
    }
}
