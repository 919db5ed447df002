//! The spans of time that a round asks about.

use chrono::{Datelike as _, Days, Months, NaiveDate};

use super::settings::Per;

/// First and last day of every request's time, in order, from January to `as_of`.
pub(super) fn windows(per: Per, ended_months: bool, as_of: NaiveDate) -> Vec<(NaiveDate, NaiveDate)> {
    let limit = if ended_months { last_ended(as_of) } else { as_of };
    let january = NaiveDate::from_ymd_opt(as_of.year(), 1, 1).unwrap_or(as_of);
    let mut windows = Vec::new();
    let mut from = january;
    while from <= limit && from.year() == as_of.year() {
        let next = from + Months::new(per.months());
        windows.push((from, (next - Days::new(1)).min(limit)));
        from = next;
    }
    windows
}

/// `date` if it ends a month, else the last day of the month before.
fn last_ended(date: NaiveDate) -> NaiveDate {
    let tomorrow = date + Days::new(1);
    if tomorrow.day() == 1 { date } else { date - Days::new(u64::from(date.day())) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(per: Per, ended: bool, as_of: &str) -> Vec<String> {
        let windows = windows(per, ended, as_of.parse().unwrap());
        windows.iter().map(|(from, to)| format!("{}–{}", from.format("%m-%d"), to.format("%m-%d"))).collect()
    }

    #[test]
    fn a_round_asks_from_january_to_its_day() {
        assert_eq!(shown(Per::Month, false, "2024-03-10"), ["01-01–01-31", "02-01–02-29", "03-01–03-10"]);
        assert_eq!(shown(Per::Month, true, "2024-03-10"), ["01-01–01-31", "02-01–02-29"]);
        assert_eq!(shown(Per::Month, true, "2024-03-31").len(), 3);
        assert_eq!(shown(Per::Quarter, false, "2024-05-10"), ["01-01–03-31", "04-01–05-10"]);
        assert_eq!(shown(Per::Quarter, true, "2024-05-10"), ["01-01–03-31", "04-01–04-30"]);
        assert_eq!(shown(Per::Year, false, "2024-05-10"), ["01-01–05-10"]);
        assert_eq!(shown(Per::Year, true, "2024-01-10"), Vec::<String>::new());
        assert_eq!(shown(Per::Month, false, "2024-12-31").len(), 12);
    }
}
