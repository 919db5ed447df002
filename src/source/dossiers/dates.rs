//! How a source writes days. The way is a setting; nothing is guessed per cell.

use chrono::{DateTime, FixedOffset, NaiveDate, Timelike as _};
use serde::{Deserialize, Serialize};

/// Vietnam's clock, seconds east of UTC; it knows no summer time.
const HERE: i32 = 7 * 3_600;

/// How dates are written; a time may follow in each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum DateFormat {
    /// `31/10/2022`, `31/10/2022 08:15`, `31/10/2022 08:15:30`.
    DayFirst,
    /// `2022-10-31`, `2022-10-31 08:15`, `2022-10-31T08:15:30Z`, which is read by Vietnam's clock.
    Iso,
    /// `20221031`, `202210310815`, `20221031081530`.
    Compact,
}

/// A day, and the second of it where a time was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Moment {
    pub(super) day: NaiveDate,
    pub(super) second: Option<u32>,
}

impl DateFormat {
    /// An example for people.
    pub(super) const fn example(self) -> &'static str {
        match self {
            Self::DayFirst => "31/10/2022 08:15",
            Self::Iso => "2022-10-31T08:15:00",
            Self::Compact => "20221031081500",
        }
    }

    /// Reads a date.
    pub(super) fn read(self, text: &str) -> Option<Moment> {
        match self {
            Self::DayFirst => {
                let (date, time) = text.split_once(' ').map_or((text, None), |(date, time)| (date, Some(time)));
                let mut parts = date.split('/');
                let (day, month, year) = (parts.next()?, parts.next()?, parts.next()?);
                let fits = parts.next().is_none() && year.len() == 4 && day.len() <= 2 && month.len() <= 2;
                fits.then(|| moment([year, month, day], time.map(str::trim))).flatten()
            }
            Self::Iso => {
                let day = [text.get(..4)?, text.get(5..7)?, text.get(8..10)?];
                if text.get(4..5) != Some("-") || text.get(7..8) != Some("-") {
                    return None;
                }
                match text.get(10..)? {
                    "" => moment(day, None),
                    time => {
                        let time = time.strip_prefix(['T', ' '])?;
                        if time.contains(['Z', '+', '-']) { by_our_clock(text) } else { moment(day, Some(time)) }
                    }
                }
            }
            Self::Compact => {
                if ![8, 12, 14].contains(&text.len()) || !text.bytes().all(|byte| byte.is_ascii_digit()) {
                    return None;
                }
                let day = [text.get(..4)?, text.get(4..6)?, text.get(6..8)?];
                let time = text.get(8..).filter(|time| !time.is_empty());
                let colons = time.map(|time| {
                    let pairs: Vec<&str> = [0, 2, 4].iter().filter_map(|at| time.get(*at..at + 2)).collect();
                    pairs.join(":")
                });
                moment(day, colons.as_deref())
            }
        }
    }
}

/// The instant that an ISO text with its offset says, by the clock of the offices.
fn by_our_clock(text: &str) -> Option<Moment> {
    let here = FixedOffset::east_opt(HERE)?;
    let instant = DateTime::parse_from_rfc3339(&text.replacen(' ', "T", 1)).ok()?.with_timezone(&here).naive_local();
    Some(Moment { day: instant.date(), second: Some(instant.num_seconds_from_midnight()) })
}

fn moment([year, month, day]: [&str; 3], time: Option<&str>) -> Option<Moment> {
    let day = NaiveDate::from_ymd_opt(i32::try_from(number(year)?).ok()?, number(month)?, number(day)?)?;
    let second = match time {
        None => None,
        Some(time) => Some(seconds(time)?),
    };
    Some(Moment { day, second })
}

/// `08:15`, `08:15:30`, `08:15:30.123`.
fn seconds(time: &str) -> Option<u32> {
    let (time, fraction) = time.split_once('.').unwrap_or((time, "0"));
    number(fraction.get(..fraction.len().min(9))?)?;
    let mut parts = time.split(':');
    let (hour, minute, second) = (parts.next()?, parts.next()?, parts.next().unwrap_or("0"));
    let (hour, minute, second) = (number(hour)?, number(minute)?, number(second)?);
    (parts.next().is_none() && hour < 24 && minute < 60 && second < 60).then_some(hour * 3_600 + minute * 60 + second)
}

fn number(digits: &str) -> Option<u32> {
    if digits.bytes().all(|byte| byte.is_ascii_digit()) { digits.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(format: DateFormat, text: &str) -> Option<(String, Option<u32>)> {
        format.read(text).map(|moment| (moment.day.to_string(), moment.second))
    }

    #[test]
    fn dates_are_read_as_the_setting_says_and_no_other_way() {
        let october = |second| Some(("2022-10-31".to_owned(), second));
        let quarter_past_eight = Some(8 * 3_600 + 15 * 60);
        for (format, good) in [
            (DateFormat::DayFirst, ["31/10/2022", "31/10/2022 08:15", "31/10/2022  8:15:00"]),
            (DateFormat::Iso, ["2022-10-31", "2022-10-31T08:15:00.250", "2022-10-31T01:15:00Z"]),
            (DateFormat::Compact, ["20221031", "202210310815", "20221031081500"]),
        ] {
            let [day, one, other] = good.map(|text| read(format, text));
            assert_eq!((day, one, other), (october(None), october(quarter_past_eight), october(quarter_past_eight)));
            for others in [DateFormat::DayFirst, DateFormat::Iso, DateFormat::Compact] {
                assert!(others == format || good.iter().all(|text| others.read(text).is_none()));
            }
        }
    }

    #[test]
    fn an_instant_falls_on_the_day_that_it_was_in_vietnam() {
        assert_eq!(read(DateFormat::Iso, "2022-10-31T20:00:00Z").unwrap().0, "2022-11-01");
        assert_eq!(read(DateFormat::Iso, "2022-11-01T00:30:00+07:00").unwrap().0, "2022-11-01");
    }

    #[test]
    fn what_is_no_day_is_not_read() {
        for text in [
            "",
            "31/10/22",
            "31/13/2022",
            "32/10/2022",
            "31/10/2022 25:00",
            "31/10/2022 8h15",
            "1/2/3/2022",
            "+1/10/2022",
        ] {
            assert_eq!(DateFormat::DayFirst.read(text), None, "{text}");
        }
        for text in ["2022-10", "2022/10/31", "2022-10-31 ", "2022-10-31T", "2022-02-30", "2022-10-31Tx", "2022-1é-31"]
        {
            assert_eq!(DateFormat::Iso.read(text), None, "{text}");
        }
        for text in ["2022103", "20221331", "20221031251500", "2022-10-31", "202210310815001"] {
            assert_eq!(DateFormat::Compact.read(text), None, "{text}");
        }
    }
}
