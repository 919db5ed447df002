//! When a month's figures are final. Until its closing day a month is provisional: dossiers of it are still entered.

use chrono::{Datelike as _, Days, NaiveDate};

use super::Month;

/// Which figures count on a day, and what is still provisional.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closing {
    /// The last day whose month is closed, or the as-of date when that is earlier or nothing is provisional.
    pub until: NaiveDate,
    /// Months up to the as-of date that are not closed yet, oldest first, each with its closing day.
    pub provisional: Vec<(Month, NaiveDate)>,
}

/// What is closed of the figures up to `as_of` when they are pulled on `today`. A month is final after day `closes_on`
/// of the month that follows it; without such a day every month is final at once.
pub fn closing(as_of: NaiveDate, today: NaiveDate, closes_on: Option<u32>) -> Closing {
    let mut closing = Closing { until: as_of, provisional: Vec::new() };
    let Some(day) = closes_on else { return closing };
    loop {
        let month = Month::of(closing.until);
        let closes = closing_day(month, day);
        if today > closes {
            closing.provisional.reverse();
            return closing;
        }
        closing.provisional.push((month, closes));
        closing.until = month.first_day() - Days::new(1);
    }
}

/// Day `day` of the month after `month`, or its last one when it is shorter.
fn closing_day(month: Month, day: u32) -> NaiveDate {
    let next = Month::of(month.last_day() + Days::new(1));
    next.last_day().with_day(day).unwrap_or_else(|| next.last_day())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn a_month_counts_from_the_day_after_its_closing_day() {
        for (as_of, today, until, provisional) in [
            ("2022-10-31", "2022-10-31", "2022-09-30", vec!["2022-10"]),
            ("2022-10-31", "2022-11-05", "2022-09-30", vec!["2022-10"]),
            ("2022-10-31", "2022-11-06", "2022-10-31", vec![]),
            ("2022-11-06", "2022-11-06", "2022-10-31", vec!["2022-11"]),
            ("2022-11-03", "2022-11-03", "2022-09-30", vec!["2022-10", "2022-11"]),
            ("2023-01-03", "2023-01-03", "2022-11-30", vec!["2022-12", "2023-01"]),
            ("2022-10-15", "2026-01-01", "2022-10-15", vec![]),
        ] {
            let closing = closing(date(as_of), date(today), Some(5));
            let months: Vec<String> = closing.provisional.iter().map(|(month, _)| month.to_string()).collect();
            assert_eq!((closing.until, months), (date(until), provisional.into_iter().map(str::to_owned).collect()));
        }
    }

    #[test]
    fn a_closing_day_that_a_month_lacks_is_its_last_day() {
        let january = closing(date("2022-01-31"), date("2022-02-28"), Some(31));
        assert_eq!(january.provisional.last().unwrap().1, date("2022-02-28"));
        assert_eq!(closing(date("2022-01-31"), date("2022-03-01"), Some(31)).until, date("2022-01-31"));
    }

    #[test]
    fn without_a_closing_day_everything_counts() {
        let all = closing(date("2022-10-31"), date("2022-10-31"), None);
        assert_eq!(all, Closing { until: date("2022-10-31"), provisional: vec![] });
    }
}
