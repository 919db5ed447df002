//! Reads `sender.toml` and `calendar.toml`.

use std::collections::HashMap;

use chrono::Datelike as _;

use super::calendar::CalendarYear;
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
        let days_off = days_of(fields, "days_off", year);
        let make_up_days = days_of(fields, "make_up_days", year);
        Some(CalendarYear { year: year?, days_off, make_up_days })
    });
    (years, findings.into_problems())
}

fn days_of<'r>(fields: &mut Fields<'r, '_>, key: &'r str, year: Option<i32>) -> Vec<chrono::NaiveDate> {
    let days = fields.dates(key).unwrap_or_default();
    for (at, day) in days.iter().filter(|(_, day)| year.is_some_and(|year| day.year() != year)) {
        fields.wrong_at(*at, format!("{key}: {day} is a day of another year"), "list it under its own year");
    }
    days.into_iter().map(|(_, day)| day).collect()
}
