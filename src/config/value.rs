//! What the texts of the configuration mean: words, lengths of time, hours, cron lines.

use std::time::Duration;

use chrono::NaiveTime;
use chrono_tz::Tz;

use super::reading::nearest;
use crate::decision::QuietHours;
use crate::observation::Identity;
use crate::pass::{DayPhrase, OnDayOff, PhraseError};

/// Why a text is not what its key wants.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Wrong {
    /// What is wrong, with the text where it may be shown.
    pub(super) what: String,
    /// What to write.
    pub(super) hint: String,
}

pub(super) fn wrong<T>(what: impl Into<String>, hint: impl Into<String>) -> Result<T, Wrong> {
    Err(Wrong { what: what.into(), hint: hint.into() })
}

/// Any text but the empty one.
pub(super) fn filled(text: &str) -> Result<String, Wrong> {
    if text.trim().is_empty() { wrong("is empty", "write a value, or remove the key") } else { Ok(text.to_owned()) }
}

/// Any text.
#[expect(clippy::unnecessary_wraps, reason = "it stands where other readings can fail")]
pub(super) fn any(text: &str) -> Result<String, Wrong> {
    Ok(text.to_owned())
}

/// A name that file names, metrics and environment variables can carry.
pub(super) fn name(text: &str) -> Result<String, Wrong> {
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if !text.is_empty() && text.len() <= 40 && text.chars().all(fits) && !text.contains("__") {
        return Ok(text.to_owned());
    }
    wrong(
        format!("{text:?} cannot be a name"),
        "use 1 to 40 letters a–z, digits, `-` and single `_`, for example \"province\"",
    )
}

/// One of a few words.
pub(super) fn word<T: Copy>(text: &str, words: &[(&'static str, T)]) -> Result<T, Wrong> {
    if let Some((_, value)) = words.iter().find(|(word, _)| *word == text) {
        return Ok(*value);
    }
    let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
    let allowed = format!("allowed: {}", known.iter().map(|word| format!("{word:?}")).collect::<Vec<_>>().join(", "));
    let meant = nearest(text, &known).map_or(String::new(), |near| format!("did you mean {near:?}? "));
    wrong(format!("{text:?} is not allowed"), format!("{meant}{allowed}"))
}

/// `30 seconds`, `5 minutes`, `48 hours`, `2 days`; within the bounds, which are of the same spelling.
pub(super) fn duration(text: &str, shortest: Duration, longest: Duration) -> Result<Duration, Wrong> {
    let example = "write a whole number and a unit: \"30 seconds\", \"5 minutes\", \"48 hours\", \"2 days\"";
    let seconds = split_count(text).and_then(|(count, unit)| {
        let each = match unit {
            "second" | "seconds" => 1,
            "minute" | "minutes" => 60,
            "hour" | "hours" => 3_600,
            "day" | "days" => 86_400,
            _ => return None,
        };
        count.checked_mul(each)
    });
    let Some(seconds) = seconds else { return wrong(format!("{text:?} is not a length of time"), example) };
    let duration = Duration::from_secs(seconds);
    if (shortest..=longest).contains(&duration) {
        return Ok(duration);
    }
    let bounds = format!("choose from {} to {}", spell(shortest), spell(longest));
    wrong(format!("{text:?} is too {}", if duration < shortest { "short" } else { "long" }), bounds)
}

/// A length of time as the configuration writes it.
pub(super) fn spell(duration: Duration) -> String {
    let seconds = duration.as_secs();
    let (count, unit) = match seconds {
        s if s > 0 && s % 86_400 == 0 => (s / 86_400, "day"),
        s if s > 0 && s % 3_600 == 0 => (s / 3_600, "hour"),
        s if s > 0 && s % 60 == 0 => (s / 60, "minute"),
        s => (s, "second"),
    };
    format!("{count} {unit}{}", if count == 1 { "" } else { "s" })
}

/// `45 days`: whole calendar days, at least one.
pub(super) fn days(text: &str) -> Result<u32, Wrong> {
    counted(text, &["day", "days"], "\"45 days\"", 3_660)
}

/// `24 months`, or `0` for ever.
pub(super) fn months(text: &str) -> Result<u32, Wrong> {
    if text.trim() == "0" {
        return Ok(0);
    }
    counted(text, &["month", "months"], "\"24 months\", or \"0\" for ever", 1_200)
}

/// `5`: a day of the month; nothing for none.
pub(super) fn closing_day(text: &str) -> Result<Option<u32>, Wrong> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    match text.trim().parse::<u32>() {
        Ok(day) if (1..=31).contains(&day) => Ok(Some(day)),
        _ => wrong(format!("{text:?} is no day of a month"), "write a day like \"5\", or \"\" for none"),
    }
}

/// `received = received_online + received_offline`.
pub(super) fn identity(text: &str) -> Result<Identity, Wrong> {
    let example = "write it like this: \"received = received_online + received_offline\", or with >= or <=";
    text.parse().map_err(|what| Wrong { what, hint: example.to_owned() })
}

/// `5 working days`, at least one.
pub(super) fn working_days(text: &str) -> Result<u32, Wrong> {
    counted(text, &["working day", "working days"], "\"5 working days\"", 366)
}

fn counted(text: &str, units: &[&str], example: &str, most: u32) -> Result<u32, Wrong> {
    let count = split_count(text).filter(|(_, unit)| units.contains(unit)).map(|(count, _)| count);
    let Some(count) = count else {
        return wrong(
            format!("{text:?} is not a number of {}s", units.first().unwrap_or(&"day")),
            format!("write {example}"),
        );
    };
    match u32::try_from(count) {
        Ok(count) if (1..=most).contains(&count) => Ok(count),
        _ => wrong(format!("{text:?} is out of bounds"), format!("choose 1 to {most}, for example {example}")),
    }
}

fn split_count(text: &str) -> Option<(u64, &str)> {
    let (count, unit) = text.trim().split_once(' ')?;
    Some((count.parse().ok()?, unit.trim()))
}

/// `17:00-07:30`; the empty text is no quiet hours.
pub(super) fn quiet_hours(text: &str) -> Result<Option<QuietHours>, Wrong> {
    if text.is_empty() {
        return Ok(None);
    }
    let time = |text: &str| NaiveTime::parse_from_str(text.trim(), "%H:%M").ok();
    let hours =
        text.split_once(['-', '–']).and_then(|(from, to)| Some(QuietHours { from: time(from)?, to: time(to)? }));
    match hours {
        Some(hours) if hours.from == hours.to => {
            wrong(format!("{text:?} begins when it ends"), "write \"\" to send at any hour, or two different times")
        }
        Some(hours) => Ok(Some(hours)),
        None => wrong(format!("{text:?} is not a span of hours"), "write \"17:00-07:30\", or \"\" to send at any hour"),
    }
}

/// A zone of the IANA data base.
pub(super) fn time_zone(text: &str) -> Result<Tz, Wrong> {
    text.parse().or_else(|_| {
        let names: Vec<&str> = chrono_tz::TZ_VARIANTS.iter().map(|zone| zone.name()).collect();
        let near = nearest(text, &names).unwrap_or("Asia/Ho_Chi_Minh");
        wrong(format!("{text:?} is not a time zone"), format!("did you mean \"{near}\"?"))
    })
}

/// A cron line of six fields.
pub(super) fn cron(text: &str) -> Result<String, Wrong> {
    match crate::pass::Schedule::pattern(text) {
        Ok(_) => Ok(text.to_owned()),
        Err(error) => wrong(
            format!("{text:?} is not a cron line: {error}"),
            "write six fields: second minute hour day month weekday, for example \"0 30 7 * * Mon\"",
        ),
    }
}

/// A day in words.
pub(super) fn day(text: &str) -> Result<DayPhrase, Wrong> {
    text.parse().map_err(|PhraseError { what, hint }| Wrong { what, hint })
}

/// `07:30`, with or without seconds.
pub(super) fn time(text: &str) -> Result<NaiveTime, Wrong> {
    let read = |format| NaiveTime::parse_from_str(text.trim(), format).ok();
    let time = read("%H:%M").or_else(|| read("%H:%M:%S"));
    time.map_or_else(|| wrong(format!("{text:?} is no time of day"), "write hours and minutes: \"07:30\""), Ok)
}

/// Where a run goes whose day is off.
pub(super) fn on_day_off(text: &str) -> Result<OnDayOff, Wrong> {
    if text.contains("skip") {
        let hint = "a round is moved, or runs all the same: \"next working day\", \"previous working day\", \"never\"";
        return wrong(format!("{text:?} is not offered: no round is left out"), hint);
    }
    word(text, &OnDayOff::WORDS)
}

/// The byte between two cells.
pub(super) fn delimiter(text: &str) -> Result<u8, Wrong> {
    match text.as_bytes() {
        [byte] if byte.is_ascii() && !byte.is_ascii_alphanumeric() && !b"\"\n\r".contains(byte) => Ok(*byte),
        _ => {
            wrong(format!("{text:?} cannot separate cells"), "write one character: \",\" or \";\" or \"\\t\" or \"|\"")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_of_time_are_read_within_their_bounds() {
        let bounds = (Duration::from_secs(1), Duration::from_hours(48));
        let read = |text: &str| duration(text, bounds.0, bounds.1);
        assert_eq!(read("30 seconds"), Ok(Duration::from_secs(30)));
        assert_eq!(read("1 minute"), Ok(Duration::from_mins(1)));
        assert_eq!(read("48 hours"), Ok(Duration::from_hours(48)));
        for bad in ["30", "30s", "-1 minutes", "0 seconds", "3 days", "5 working days", "", "99999999999999999999 days"]
        {
            assert!(read(bad).is_err(), "{bad}");
        }
        assert_eq!(read("3 days").unwrap_err().hint, "choose from 1 second to 2 days");
        assert_eq!((working_days("5 working days"), working_days("1 working day")), (Ok(5), Ok(1)));
        assert_eq!(days("45 days"), Ok(45));
        for bad in ["5 days", "0 working days", "5 workingdays", "9999 working days"] {
            assert!(working_days(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn quiet_hours_are_a_span_or_nothing() {
        let time = |hour, minute| NaiveTime::from_hms_opt(hour, minute, 0).unwrap();
        let night = QuietHours { from: time(17, 0), to: time(7, 30) };
        assert_eq!(quiet_hours("17:00-07:30"), Ok(Some(night)));
        assert_eq!(quiet_hours("17:00 – 7:30"), Ok(Some(night)));
        assert_eq!(quiet_hours(""), Ok(None));
        for bad in ["17:00", "25:00-07:30", "17-7", "08:00-08:00", "none"] {
            assert!(quiet_hours(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_wrong_word_is_answered_with_the_allowed_ones() {
        let bad = word("alway", &[("never", 1), ("always", 2)]).unwrap_err();
        assert_eq!(bad.hint, "did you mean \"always\"? allowed: \"never\", \"always\"");
    }
}
