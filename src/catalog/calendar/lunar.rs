//! The Vietnamese lunar year, reckoned at UTC+7: it differs from the Chinese one in some years (2007, 2030).

use std::sync::OnceLock;

use calendrical_calculations::chinese_based::{ChineseBased, ChineseFromFixedResult, chinese_based_date_from_fixed};
use calendrical_calculations::gregorian::fixed_from_gregorian;
use calendrical_calculations::rata_die::RataDie;
use chrono::{Datelike as _, NaiveDate};

use super::KEPT;

/// A day of each year that is reckoned once: the moon is looked up for weeks of days, and every page asks for this year's.
struct Reckoned {
    kept: [OnceLock<Option<NaiveDate>>; KEPT.1],
    reckon: fn(i32) -> Option<NaiveDate>,
}

static NEW_YEARS: Reckoned = Reckoned::by(reckon_new_year);
static HUNG_KINGS: Reckoned = Reckoned::by(reckon_hung_kings);

impl Reckoned {
    const fn by(reckon: fn(i32) -> Option<NaiveDate>) -> Self {
        Self { kept: [const { OnceLock::new() }; KEPT.1], reckon }
    }

    fn of(&self, year: i32) -> Option<NaiveDate> {
        let place = year.checked_sub(KEPT.0).and_then(|at| self.kept.get(usize::try_from(at).ok()?));
        place.map_or_else(|| (self.reckon)(year), |place| *place.get_or_init(|| (self.reckon)(year)))
    }
}

/// The first day of the lunar year that begins in `year`; it falls between 20 January and 21 February.
pub(super) fn new_year(year: i32) -> Option<NaiveDate> {
    NEW_YEARS.of(year)
}

/// The tenth day of the third lunar month, the Hùng Kings' day.
pub(super) fn hung_kings(year: i32) -> Option<NaiveDate> {
    HUNG_KINGS.of(year)
}

fn reckon_new_year(year: i32) -> Option<NaiveDate> {
    first_from(year, (1, 18), |lunar| lunar.month == 1 && lunar.day == 1)
}

fn reckon_hung_kings(year: i32) -> Option<NaiveDate> {
    first_from(year, (3, 20), |lunar| {
        let third = if lunar.leap_month.is_some_and(|leap| leap.get() <= 3) { 4 } else { 3 };
        lunar.month == third && lunar.day == 10
    })
}

fn first_from(year: i32, start: (u32, u32), fits: impl Fn(&ChineseFromFixedResult) -> bool) -> Option<NaiveDate> {
    NaiveDate::from_ymd_opt(year, start.0, start.1)?.iter_days().take(60).find(|date| fits(&lunar(*date)))
}

fn lunar(date: NaiveDate) -> ChineseFromFixedResult {
    chinese_based_date_from_fixed::<Vietnamese>(RataDie::new(i64::from(date.num_days_from_ce())))
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

    /// The same months reckoned at UTC+8, as China does.
    struct Chinese;

    impl ChineseBased for Chinese {
        fn utc_offset(_: RataDie) -> f64 {
            8.0 / 24.0
        }

        const EPOCH: RataDie = Vietnamese::EPOCH;
        const DEBUG_NAME: &'static str = "chinese";
    }

    fn chinese_new_year(year: i32) -> Option<NaiveDate> {
        NaiveDate::from_ymd_opt(year, 1, 18)?.iter_days().take(60).find(|date| {
            let fixed = RataDie::new(i64::from(date.num_days_from_ce()));
            let lunar = chinese_based_date_from_fixed::<Chinese>(fixed);
            lunar.month == 1 && lunar.day == 1
        })
    }

    #[test]
    fn from_2007_to_2030_only_the_first_and_the_last_new_year_differ_from_chinas() {
        let differ: Vec<i32> = (2007..=2030).filter(|year| new_year(*year) != chinese_new_year(*year)).collect();
        assert_eq!(differ, [2007, 2030]);
    }

    #[test]
    fn every_year_to_2100_has_its_new_year_and_its_hung_kings_day() {
        for year in 2000..=2100 {
            let (tet, kings) = (new_year(year).unwrap(), hung_kings(year).unwrap());
            assert!((tet.month() == 1 && tet.day() >= 20) || (tet.month() == 2 && tet.day() <= 21), "{tet}");
            let apart = (kings - tet).num_days();
            assert!((67..=99).contains(&apart), "{year}: {apart} days apart, two months or three and nine days");
        }
    }
}
