//! Working days in Vietnam: weekends, public holidays by solar and lunar calendar, and each year's decisions.
//!
//! ```text
//! law + lunar year (UTC+7) ──► a year's special days ◄── decided.toml ◄── a pack's calendar.toml, which goes before it
//! ```

mod lunar;
mod year;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, LazyLock, OnceLock};

use chrono::{Datelike as _, Days, NaiveDate};

use self::year::{Decided, SpecialDays, is_weekend};
use super::read_senders::read_calendar;
use crate::words::Tongue;

/// What is decided for one year: which days are Tết and National Day, which working days are exchanged.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CalendarYear {
    /// The year.
    pub year: i32,
    /// Who decided it, by number and date of the document; empty when that is not told.
    pub source: String,
    /// The days of Tết; empty leaves what is built in or reckoned.
    pub tet: Vec<NaiveDate>,
    /// 2 September and the day beside it; empty leaves what is built in or reckoned.
    pub national_day: Vec<NaiveDate>,
    /// Further days off.
    pub days_off: Vec<NaiveDate>,
    /// Saturdays and Sundays worked instead.
    pub make_up_days: Vec<NaiveDate>,
}

/// A public holiday.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Holiday {
    /// 1 January.
    NewYear,
    /// The lunar new year.
    Tet,
    /// The tenth day of the third lunar month.
    HungKings,
    /// 30 April.
    Reunification,
    /// 1 May.
    Labour,
    /// 2 September and the day beside it.
    National,
    /// 24 November.
    Culture,
}

/// Why a day is not what its weekday says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Off: a public holiday.
    Holiday(Holiday),
    /// Off: given for a holiday on a weekend.
    InLieu(Holiday),
    /// Off: exchanged for a weekend that is worked.
    Exchanged,
    /// Worked, though a weekend.
    MakeUp,
}

/// Where a day off or a day worked comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    /// The law names the day.
    Law,
    /// That year's decision names it.
    Decision,
    /// Reckoned as in earlier years; the decision may differ.
    Reckoned,
}

/// A day that is not what its weekday says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Day {
    /// Why.
    pub kind: Kind,
    /// Who says so.
    pub origin: Origin,
}

/// A day on which offices do not work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DayOff {
    /// A Saturday or Sunday.
    Weekend,
    /// Another day.
    Special(Day),
}

/// The first and last year whose days are kept once they were worked out.
const KEPT: (i32, usize) = (2000, 101);
/// The decision about the next year is usually out by then: 1 December.
const TOLD_FROM_MONTH: u32 = 12;

/// What is decided about the years so far.
static BUILT_IN: LazyLock<BTreeMap<i32, CalendarYear>> = LazyLock::new(|| {
    let (years, _) = read_calendar("decided.toml", include_str!("decided.toml"));
    years.into_iter().map(|year| (year.year, year)).collect()
});

/// Tells working days from others. Cheap to clone.
#[derive(Clone)]
pub struct Calendar {
    years: Arc<BTreeMap<i32, CalendarYear>>,
    kept: Arc<Vec<OnceLock<SpecialDays>>>,
}

impl fmt::Debug for Calendar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Calendar").field("years", &self.years).finish_non_exhaustive()
    }
}

impl Default for Calendar {
    fn default() -> Self {
        Self::of(&[])
    }
}

impl Calendar {
    /// The calendar with these years of a pack over the built-in ones.
    pub fn of(years: &[CalendarYear]) -> Self {
        let years = years.iter().map(|year| (year.year, year.clone())).collect();
        Self { years: Arc::new(years), kept: Arc::new((0..KEPT.1).map(|_| OnceLock::new()).collect()) }
    }

    /// Whether offices work on `date`.
    pub fn is_working_day(&self, date: NaiveDate) -> bool {
        self.day_off(date).is_none()
    }

    /// Why offices do not work on `date`; `None` when they do.
    pub fn day_off(&self, date: NaiveDate) -> Option<DayOff> {
        match self.special(date) {
            Some(Day { kind: Kind::MakeUp, .. }) => None,
            Some(day) => Some(DayOff::Special(day)),
            None => is_weekend(date).then_some(DayOff::Weekend),
        }
    }

    /// What `date` is, when it is not what its weekday says.
    pub fn special(&self, date: NaiveDate) -> Option<Day> {
        self.with_year(date.year(), |days| days.get(&date).copied())
    }

    /// All days of `year` that are not what their weekday says, and holidays on weekends, in order.
    pub fn special_days(&self, year: i32) -> Vec<(NaiveDate, Day)> {
        self.with_year(year, |days| days.iter().map(|(date, day)| (*date, *day)).collect())
    }

    fn with_year<T>(&self, year: i32, read: impl FnOnce(&SpecialDays) -> T) -> T {
        let work_out =
            || year::special_days(year, Decided { pack: self.years.get(&year), built_in: BUILT_IN.get(&year) });
        match usize::try_from(year - KEPT.0).ok().and_then(|at| self.kept.get(at)) {
            Some(kept) => read(kept.get_or_init(work_out)),
            None => read(&work_out()),
        }
    }

    /// `date` itself or the first working day after it.
    pub fn working_day_from(&self, date: NaiveDate) -> NaiveDate {
        let mut day = date;
        while !self.is_working_day(day) && day < NaiveDate::MAX {
            day = day + Days::new(1);
        }
        day
    }

    /// `date` itself or the last working day before it.
    pub fn working_day_until(&self, date: NaiveDate) -> NaiveDate {
        let mut day = date;
        while !self.is_working_day(day) && day > NaiveDate::MIN {
            day = day - Days::new(1);
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

    /// Whether the decision about `year` is known; without it Tết and 2 September are reckoned.
    pub fn announced(&self, year: i32) -> bool {
        self.years.contains_key(&year) || BUILT_IN.contains_key(&year)
    }

    /// Who decided `year`, when that is known and told.
    pub fn source(&self, year: i32) -> Option<&str> {
        let decided = self.years.get(&year).or_else(|| BUILT_IN.get(&year))?;
        Some(decided.source.as_str()).filter(|source| !source.is_empty())
    }

    /// The years whose decision is missing and should be there on `today`: this one and, from 1 December, the next.
    pub fn unannounced(&self, today: NaiveDate) -> Vec<i32> {
        let next = (today.month() >= TOLD_FROM_MONTH).then(|| today.year() + 1);
        [Some(today.year()), next].into_iter().flatten().filter(|year| !self.announced(*year)).collect()
    }
}

/// The first day of the lunar year that begins in `year`, at UTC+7.
pub fn lunar_new_year(year: i32) -> Option<NaiveDate> {
    lunar::new_year(year)
}

impl Day {
    const fn new(kind: Kind, origin: Origin) -> Self {
        Self { kind, origin }
    }

    /// What it is called.
    pub fn name(self, t: Tongue) -> String {
        match self.kind {
            Kind::Holiday(holiday) => t.say(holiday.key()).to_owned(),
            Kind::InLieu(holiday) => t.with("day_off.in_lieu", t.say(holiday.key())),
            Kind::Exchanged => t.say("day_off.exchanged").to_owned(),
            Kind::MakeUp => t.say("day_off.make_up").to_owned(),
        }
    }
}

impl DayOff {
    /// What it is called.
    pub fn name(self, t: Tongue) -> String {
        match self {
            Self::Weekend => t.say("day_off.weekend").to_owned(),
            Self::Special(day) => day.name(t),
        }
    }
}

impl Holiday {
    const fn key(self) -> &'static str {
        match self {
            Self::NewYear => "day_off.new_year",
            Self::Tet => "day_off.tet",
            Self::HungKings => "day_off.hung_kings",
            Self::Reunification => "day_off.reunification",
            Self::Labour => "day_off.labour",
            Self::National => "day_off.national",
            Self::Culture => "day_off.culture",
        }
    }
}

impl Origin {
    /// The word of programs.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Law => "law",
            Self::Decision => "decision",
            Self::Reckoned => "computed",
        }
    }
}

#[cfg(test)]
mod tests;
