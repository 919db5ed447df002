//! Reads `sender.toml` and `calendar.toml`.

use std::collections::HashMap;

use chrono::{Datelike as _, NaiveDate, Weekday};

use super::calendar::{CalendarYear, lunar_new_year};
use super::contact::Sender;
use super::finding::overlaps;
use super::pack::Problem;
use super::read_toml::{Fields, read_items};

/// The senders of `sender.toml`.
pub(super) fn read_senders(file: &str, text: &str) -> (Vec<Sender>, Vec<Problem>) {
    let (read, mut findings) = read_items(file, text, "sender", |fields| {
        let (name, sms_name, occasion) = (fields.text("name"), fields.text("sms_name"), fields.text("occasion"));
        if sms_name.as_ref().is_some_and(|name| !name.is_ascii()) {
            let hint = "write the name without diacritics, for example So TTTT";
            fields.wrong("sms_name", "an SMS of one piece cannot hold this name", hint);
        }
        let valid = fields.validity();
        let sender = Sender {
            name: name.unwrap_or_default(),
            sms_name: sms_name.unwrap_or_default(),
            occasion: occasion.unwrap_or_default(),
            valid: valid.unwrap_or_default(),
        };
        Some((sender, valid, fields.offset("valid_from")))
    });
    for found in overlaps(read.iter().map(|(_, valid, _)| ((), *valid))) {
        let (Some((_, _, later)), Some((_, _, earlier))) = (read.get(found.later), read.get(found.earlier)) else {
            continue;
        };
        let message = format!("two senders speak on the same day (the other is line {})", findings.line(*earlier));
        findings.add(*later, message, "let the earlier one end the day before the later one begins");
    }
    (read.into_iter().map(|(sender, _, _)| sender).collect(), findings.into_problems())
}

const TET_HINT: &str =
    "list the days that the decision names, those before the new year too; days in lieu follow by law";

/// The years of `calendar.toml`.
pub(super) fn read_calendar(file: &str, text: &str) -> (Vec<CalendarYear>, Vec<Problem>) {
    let mut lines: HashMap<i32, u64> = HashMap::new();
    let (years, findings) = read_items(file, text, "year", |fields| {
        let year = fields.number("year", &(2000..=2100)).and_then(|year| i32::try_from(year).ok());
        let line = fields.line();
        if let Some(other) = year.and_then(|year| lines.insert(year, line)) {
            fields.wrong(
                "year",
                format!("the year stands here twice (the other is line {other})"),
                "keep one of the two",
            );
        }
        let source = fields.optional_text("source").unwrap_or_default();
        let tet_days = fields.optional_dates("tet");
        let first = year.and_then(lunar_new_year).filter(|first| !tet_days.iter().any(|(_, day)| day == first));
        if let Some(first) = first.filter(|_| !tet_days.is_empty()) {
            fields.wrong("tet", format!("tet: the first day of the lunar year, {first}, is not among them"), TET_HINT);
        }
        let national_day = fields.optional_dates("national_day");
        if !national_day.is_empty() && !national_day.iter().any(|(_, day)| (day.month(), day.day()) == (9, 2)) {
            let hint = "list 2 September and the day before or after it";
            fields.wrong("national_day", "national_day: 2 September is not among them", hint);
        }
        let days_off = fields.dates("days_off").unwrap_or_default();
        let make_up_days = fields.dates("make_up_days").unwrap_or_default();
        for (at, day) in make_up_days.iter().filter(|(_, day)| !matches!(day.weekday(), Weekday::Sat | Weekday::Sun)) {
            let hint = "list the Saturdays and Sundays that are worked; days off belong into days_off";
            fields.wrong_at(*at, format!("make_up_days: {day} is no weekend"), hint);
        }
        let mut own = |key, days| days_of(fields, key, year, days);
        Some(CalendarYear {
            year: year?,
            source,
            tet: own("tet", tet_days),
            national_day: own("national_day", national_day),
            days_off: own("days_off", days_off),
            make_up_days: own("make_up_days", make_up_days),
        })
    });
    (years, findings.into_problems())
}

/// The days, those of another year told of.
fn days_of(fields: &mut Fields<'_, '_>, key: &str, year: Option<i32>, days: Vec<(usize, NaiveDate)>) -> Vec<NaiveDate> {
    for (at, day) in days.iter().filter(|(_, day)| year.is_some_and(|year| day.year() != year)) {
        fields.wrong_at(*at, format!("{key}: {day} is a day of another year"), "list it under its own year");
    }
    days.into_iter().map(|(_, day)| day).collect()
}
