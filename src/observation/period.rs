//! Months, as statistics are kept.

use std::fmt;
use std::str::FromStr;

use chrono::{Datelike as _, Days, Months, NaiveDate};

/// A calendar month.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Month {
    year: i32,
    month: u32,
}

/// A period as a source writes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Written {
    /// `2022-10`.
    Month(Month),
    /// `2022-10-31`.
    Day(NaiveDate),
}

impl Written {
    /// Reads a month or a date.
    pub(super) fn read(text: &str) -> Option<Self> {
        let number = |digits: &str| {
            if digits.bytes().all(|byte| byte.is_ascii_digit()) { digits.parse::<u32>().ok() } else { None }
        };
        let (year, month) = (text.get(..4)?, text.get(5..7)?);
        if text.get(4..5) != Some("-") {
            return None;
        }
        let (year, month) = (i32::try_from(number(year)?).ok()?, number(month)?);
        match text.get(7..)? {
            "" => Month::new(year, month).map(Self::Month),
            day if day.len() == 3 && day.starts_with('-') => {
                NaiveDate::from_ymd_opt(year, month, number(day.get(1..)?)?).map(Self::Day)
            }
            _ => None,
        }
    }

    /// The month it lies in.
    pub(super) fn month(self) -> Month {
        match self {
            Self::Month(month) => month,
            Self::Day(day) => Month::of(day),
        }
    }

    /// Its last day.
    pub(super) fn last_day(self) -> NaiveDate {
        match self {
            Self::Month(month) => month.last_day(),
            Self::Day(day) => day,
        }
    }

    /// Its first day.
    pub(super) fn first_day(self) -> NaiveDate {
        match self {
            Self::Month(month) => month.first_day(),
            Self::Day(day) => day,
        }
    }
}

impl Month {
    /// The month with this number from 1 to 12.
    pub(super) fn new(year: i32, number: u32) -> Option<Self> {
        (1..=12).contains(&number).then_some(Self { year, month: number })
    }

    /// The month that `date` lies in.
    pub fn of(date: NaiveDate) -> Self {
        Self { year: date.year(), month: date.month() }
    }

    /// Calendar year.
    pub const fn year(self) -> i32 {
        self.year
    }

    /// 1 to 12.
    pub const fn number(self) -> u32 {
        self.month
    }

    /// Its first day.
    pub fn first_day(self) -> NaiveDate {
        NaiveDate::from_ymd_opt(self.year, self.month, 1).unwrap_or(NaiveDate::MAX)
    }

    /// Its last day.
    pub fn last_day(self) -> NaiveDate {
        let next = self.first_day().checked_add_months(Months::new(1));
        next.map_or(NaiveDate::MAX, |next| next - Days::new(1))
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.year, self.month)
    }
}

impl FromStr for Month {
    type Err = ();

    /// Reads `2022-10`.
    fn from_str(text: &str) -> Result<Self, ()> {
        match Written::read(text) {
            Some(Written::Month(month)) => Ok(month),
            Some(Written::Day(_)) | None => Err(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_period_is_a_month_or_a_date_and_nothing_else() {
        let october = Month::new(2022, 10).unwrap();
        assert_eq!(Written::read("2022-10"), Some(Written::Month(october)));
        let day = NaiveDate::from_ymd_opt(2022, 10, 31).unwrap();
        assert_eq!(Written::read("2022-10-31"), Some(Written::Day(day)));
        assert_eq!(Written::read("2022-10-31").unwrap().month(), october);
        for text in [
            "",
            "2022",
            "2022-13",
            "2022-00",
            "2022-1",
            "10/2022",
            "31/10/2022",
            "2022-10-32",
            "2022-02-30",
            "2022-10-",
            "+202-10",
            "2022-+1",
            "tháng 10",
            "2022-10-3",
            "2022-10-311",
            "202é-10",
            "2022- 1",
        ] {
            assert_eq!(Written::read(text), None, "{text}");
            assert_eq!(text.parse::<Month>(), Err(()), "{text}");
        }
    }
}
