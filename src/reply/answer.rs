//! What a head may answer, and which answers are taken. Pure.

use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

use crate::catalog::{Calendar, DayOff};
use crate::db::DbError;
use crate::message::one_line;

/// A cause has at most so many characters.
pub const LONGEST_CAUSE: usize = 500;

/// Which of the four answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The letter was received.
    Received,
    /// It will be done by a date.
    Promised,
    /// The figure is wrong.
    Disputed,
    /// It is not the recipient's duty.
    NotMine,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Received, Self::Promised, Self::Disputed, Self::NotMine];

    /// Its name in rows, forms and outputs.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::Promised => "promised",
            Self::Disputed => "disputed",
            Self::NotMine => "not_mine",
        }
    }

    /// Whether somebody has to look into it.
    pub const fn is_task(self) -> bool {
        matches!(self, Self::Disputed | Self::NotMine)
    }

    pub(super) fn from_word(word: &str) -> Result<Self, DbError> {
        let known = Self::ALL.into_iter().find(|kind| kind.word() == word);
        known.ok_or_else(|| DbError::Impossible { table: "reply", column: "kind", value: word.to_owned() })
    }
}

/// An answer as it was kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// One for all cases that were answered together.
    pub id: Uuid,
    /// Which of the four.
    pub kind: Kind,
    /// The promised date.
    pub by: Option<NaiveDate>,
    /// Of a dispute: the last day on which nobody is reminded.
    pub until: Option<NaiveDate>,
    /// The cause, in the head's words; may be empty.
    pub cause: String,
    /// When.
    pub at: DateTime<Utc>,
}

impl Answer {
    /// Whether `said` says nothing new.
    pub(super) fn says(&self, said: &Said) -> bool {
        self.kind == said.kind && self.by == said.by && self.cause == said.cause
    }
}

/// An answer before it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// Which of the four.
    pub kind: Kind,
    /// The promised date; of promises alone.
    pub by: Option<NaiveDate>,
    /// The cause: one plain line.
    pub cause: String,
}

/// Why an answer is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// No figure was chosen.
    NoFigure,
    /// A promise without a date that can be read.
    NoDate,
    /// A promise for today or earlier.
    NotAhead,
    /// A promise for a day off.
    DayOff(NaiveDate, DayOff),
    /// A promise for later than this day.
    TooLate(NaiveDate),
    /// A promise or a dispute without a cause.
    NoCause,
    /// A cause that is too long.
    LongCause,
    /// One more answer than a case takes.
    TooMany,
}

impl Said {
    /// The answer of a form, when it can be taken on `today`: a promise names a working day ahead, at most `at_most`
    /// working days; promises and disputes say why.
    ///
    /// # Errors
    /// The first thing that is wrong, to be told to who wrote it.
    pub fn of(
        kind: Kind,
        (by, cause): (&str, &str),
        calendar: &Calendar,
        (today, at_most): (NaiveDate, u32),
    ) -> Result<Self, Refusal> {
        let by = if kind == Kind::Promised { Some(promised(by, calendar, today, at_most)?) } else { None };
        let cause = if kind == Kind::Received { String::new() } else { one_line(cause) };
        if cause.is_empty() && matches!(kind, Kind::Promised | Kind::Disputed) {
            return Err(Refusal::NoCause);
        }
        if cause.chars().count() > LONGEST_CAUSE {
            return Err(Refusal::LongCause);
        }
        Ok(Self { kind, by, cause })
    }
}

fn promised(text: &str, calendar: &Calendar, today: NaiveDate, at_most: u32) -> Result<NaiveDate, Refusal> {
    let text = text.trim();
    let read = |format| NaiveDate::parse_from_str(text, format).ok();
    // Browsers send ISO dates; one without a field for dates sends what was typed.
    let by = read("%Y-%m-%d").or_else(|| read("%d/%m/%Y")).ok_or(Refusal::NoDate)?;
    let latest = calendar.working_days_after(today, at_most);
    if by <= today {
        return Err(Refusal::NotAhead);
    }
    if by > latest {
        return Err(Refusal::TooLate(latest));
    }
    calendar.day_off(by).map_or(Ok(by), |off| Err(Refusal::DayOff(by, off)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_promise_names_a_working_day_ahead_and_not_too_far() {
        let calendar = Calendar::default();
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let thursday = day("2026-11-26");
        let promise =
            |by: &str| Said::of(Kind::Promised, (by, "thiếu máy quét"), &calendar, (thursday, 20)).map(|said| said.by);
        assert_eq!(promise("2026-11-27"), Ok(Some(day("2026-11-27"))));
        assert_eq!(promise(" 27/11/2026 "), Ok(Some(day("2026-11-27"))));
        assert_eq!(promise("2026-12-24"), Ok(Some(day("2026-12-24"))), "the twentieth working day");
        assert_eq!(promise("2026-12-25"), Err(Refusal::TooLate(day("2026-12-24"))));
        for past in ["2026-11-26", "2026-11-25", "2022-01-03"] {
            assert_eq!(promise(past), Err(Refusal::NotAhead), "{past}");
        }
        assert!(matches!(promise("2026-11-28"), Err(Refusal::DayOff(..))), "a Saturday");
        for none in ["", "mai", "2026-13-01", "31/02/2026"] {
            assert_eq!(promise(none), Err(Refusal::NoDate), "{none}");
        }
    }

    #[test]
    fn promises_and_disputes_say_why_in_one_plain_line() {
        let said = |kind, cause: &str| {
            let today = NaiveDate::from_ymd_opt(2026, 11, 26).unwrap();
            Said::of(kind, ("2026-11-27", cause), &Calendar::default(), (today, 20)).map(|said| said.cause)
        };
        assert_eq!(said(Kind::Disputed, " đã\r\nsố hóa\u{202e} đủ\0 "), Ok("đã số hóa đủ".to_owned()));
        assert_eq!(said(Kind::Disputed, " \n"), Err(Refusal::NoCause));
        assert_eq!(said(Kind::Promised, ""), Err(Refusal::NoCause));
        assert_eq!(said(Kind::NotMine, ""), Ok(String::new()));
        assert_eq!(said(Kind::Received, "không cần"), Ok(String::new()));
        assert_eq!(said(Kind::NotMine, &"ạ".repeat(500)), Ok("ạ".repeat(500)));
        assert_eq!(said(Kind::NotMine, &"ạ".repeat(501)), Err(Refusal::LongCause));
    }
}
