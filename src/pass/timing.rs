//! The `[[schedule]]` tables of the configuration: when a round is due, and what a day off does to it.

use std::fmt;

use chrono::{NaiveDate, NaiveTime};
use chrono_tz::Tz;
use croner::Cron;
use croner::errors::CronError;
use croner::parser::{CronParser, Seconds, Year};

use super::DayPhrase;

/// One `[[schedule]]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schedule {
    /// Its name, part of the key of every planned run.
    pub name: String,
    /// What is done then.
    pub what: What,
    /// When it is due.
    pub when: When,
    /// What becomes of a run on a day off. There is no word for leaving it out.
    pub on_day_off: OnDayOff,
    /// The wall clock it speaks of.
    pub time_zone: Tz,
}

/// What a schedule starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// A round: figures are fetched, heads reminded.
    Round,
    /// The superiors' digests.
    Digest,
    /// The leaders' sheets.
    Leaders,
    /// The admins' note.
    AdminNote,
}

impl What {
    /// Every one with its word in the configuration.
    pub const WORDS: [(&'static str, Self); 4] =
        [("round", Self::Round), ("digest", Self::Digest), ("leaders", Self::Leaders), ("admin_note", Self::AdminNote)];

    /// How people call it: `Đợt đôn đốc`.
    pub const fn vietnamese(self) -> &'static str {
        match self {
            Self::Round => "Đợt đôn đốc",
            Self::Digest => "Báo cáo tổng hợp cho cấp trên",
            Self::Leaders => "Báo cáo cho lãnh đạo",
            Self::AdminNote => "Thư cho quản trị",
        }
    }

    /// What does it by hand.
    pub fn command(self, as_of: NaiveDate) -> String {
        match self {
            Self::Round => format!("dondoc run --as-of {as_of}"),
            Self::Digest => "dondoc digest".to_owned(),
            Self::Leaders => "dondoc digest --to leaders".to_owned(),
            Self::AdminNote => "dondoc digest --to admins".to_owned(),
        }
    }
}

/// When a schedule is due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum When {
    /// Cron line with seconds: `0 30 7 * * Mon`.
    Cron(String),
    /// A day in words, and the time of day.
    Day(DayPhrase, NaiveTime),
}

/// What becomes of a run on a day off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnDayOff {
    /// It takes place all the same.
    Stay,
    /// It moves to the next working day.
    Next,
    /// It moves to the last working day before.
    Previous,
}

impl OnDayOff {
    /// Every one with its word in the configuration.
    pub const WORDS: [(&'static str, Self); 3] =
        [("next working day", Self::Next), ("previous working day", Self::Previous), ("never", Self::Stay)];

    fn word(self) -> &'static str {
        Self::WORDS.iter().find(|(_, other)| *other == self).map_or("", |(word, _)| word)
    }
}

impl Schedule {
    /// The meaning of a cron line: six fields with seconds; a day must fit both day fields.
    ///
    /// # Errors
    /// When `line` is not such a line.
    pub fn pattern(line: &str) -> Result<Cron, CronError> {
        let parser = CronParser::builder().seconds(Seconds::Required).year(Year::Disallowed).dom_and_dow(true);
        parser.build().parse(line)
    }

    /// The time of day of a cron line that fires at most once a day.
    pub fn time_of_day(line: &str) -> Option<NaiveTime> {
        let mut fields = line.split_whitespace().map(|field| field.parse::<u32>().ok());
        let (second, minute, hour) = (fields.next()??, fields.next()??, fields.next()??);
        NaiveTime::from_hms_opt(hour, minute, second)
    }

    /// Whether every run is at the instant that a cron line says, whatever day that is.
    pub(super) const fn is_plain_cron(&self) -> bool {
        matches!((&self.when, self.on_day_off), (When::Cron(_), OnDayOff::Stay))
    }
}

/// What the schedule says, on one line; another line is another schedule.
impl fmt::Display for Schedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.when {
            When::Cron(line) => f.write_str(line)?,
            When::Day(day, time) => write!(f, "{day} at {}", time.format("%H:%M"))?,
        }
        match self.on_day_off {
            OnDayOff::Stay => Ok(()),
            moves => write!(f, ", on a day off the {}", moves.word()),
        }
    }
}
