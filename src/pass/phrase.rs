//! Days in words: `3rd working day of the month`, `last working day of the quarter`, `25th of the month`.

use std::fmt;
use std::str::FromStr;

use chrono::{Datelike as _, Days, Months, NaiveDate};

use crate::catalog::Calendar;

/// A day in words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DayPhrase {
    /// `every working day`
    EveryWorkingDay,
    /// `3rd working day of the month`
    Of {
        /// Which one.
        place: Place,
        /// Whether only working days count.
        working: bool,
        /// Of what.
        span: Span,
    },
}

/// Which day of a span.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// The n-th from its beginning, from 1; the last one where there are fewer.
    Nth(u32),
    /// The n-th from its end, from 1; the first one where there are fewer.
    FromEnd(u32),
}

/// A stretch of days that comes again and again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Span {
    /// From Monday to Sunday.
    Week,
    /// A calendar month.
    Month,
    /// Three months, the first from January.
    Quarter,
    /// A calendar year.
    Year,
}

/// Why a text is no day in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PhraseError {
    /// What is wrong.
    pub what: String,
    /// What to write.
    pub hint: String,
}

const EXAMPLE: &str = "\"3rd working day of the month\", \"last working day of the quarter\", \"25th of the month\" or \
                       \"every working day\"";
/// What may follow which one it is.
const KNOWN: [&str; 7] = ["working", "day", "of", "week", "month", "quarter", "year"];
const ORDINALS: [&str; 10] =
    ["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"];
const SPANS: [(&str, Span); 4] =
    [("week", Span::Week), ("month", Span::Month), ("quarter", Span::Quarter), ("year", Span::Year)];

impl FromStr for DayPhrase {
    type Err = PhraseError;

    fn from_str(text: &str) -> Result<Self, PhraseError> {
        let folded = text.to_lowercase();
        let words: Vec<&str> = folded.split_whitespace().filter(|word| !matches!(*word, "the" | "each")).collect();
        let words = words.as_slice();
        if words.is_empty() {
            return Err(PhraseError { what: "is empty".to_owned(), hint: format!("write {EXAMPLE}") });
        }
        if let ["every", rest @ ..] = words {
            return match rest {
                ["working", "day"] => Ok(Self::EveryWorkingDay),
                _ => Err(misread(text, rest, &["working", "day"], "write \"every working day\"")),
            };
        }
        let (place, rest) = place(text, words)?;
        let (working, rest) = match rest {
            ["working", rest @ ..] => (true, rest),
            rest => (false, rest),
        };
        let rest = match rest {
            ["day", rest @ ..] => rest,
            rest if !working => rest,
            rest => return Err(misread(text, rest, &KNOWN, &format!("write {EXAMPLE}"))),
        };
        let ["of", span] = rest else {
            return Err(misread(text, rest, &KNOWN, &format!("write {EXAMPLE}")));
        };
        let Some((_, span)) = SPANS.iter().find(|(word, _)| word == span) else {
            let known = SPANS.map(|(word, _)| word);
            return Err(misread(text, &[*span], &known, "end with week, month, quarter or year"));
        };
        let phrase = Self::Of { place, working, span: *span };
        phrase.within_bounds(text).map(|()| phrase)
    }
}

/// `3rd`, `third`, `last`, `2nd last`.
fn place<'w>(text: &str, words: &'w [&'w str]) -> Result<(Place, &'w [&'w str]), PhraseError> {
    let (first, rest) = words.split_first().unwrap_or((&"", &[]));
    if *first == "last" {
        return Ok((Place::FromEnd(1), rest));
    }
    let digits = first.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let ending = first.get(digits.len()..).unwrap_or_default();
    let number = match digits.parse::<u32>() {
        Ok(number) if matches!(ending, "" | "st" | "nd" | "rd" | "th") => Some(number),
        _ => ORDINALS.iter().position(|word| word == first).and_then(|at| u32::try_from(at + 1).ok()),
    };
    let Some(number) = number else {
        let known: Vec<&str> = ORDINALS.iter().copied().chain(["last", "every"]).collect();
        let hint = format!("begin with 1st, 2nd, 3rd … or last: {EXAMPLE}");
        return Err(misread(text, &[*first], &known, &hint));
    };
    match rest {
        ["last", rest @ ..] => Ok((Place::FromEnd(number), rest)),
        rest => Ok((Place::Nth(number), rest)),
    }
}

/// Names the first word that is not understood, and the known one nearest to it.
fn misread(text: &str, rest: &[&str], known: &[&str], hint: &str) -> PhraseError {
    let strange = rest.iter().find(|word| !known.contains(*word));
    let Some(word) = strange else {
        return PhraseError { what: format!("{text:?} is no day in words: it is not complete"), hint: hint.to_owned() };
    };
    let rated = known.iter().map(|known| (strsim::normalized_damerau_levenshtein(word, known), *known));
    let near = rated.filter(|(likeness, _)| *likeness >= 0.6).max_by(|one, other| one.0.total_cmp(&other.0));
    let meant = near.map_or(String::new(), |(_, near)| format!("did you mean {near:?}? "));
    PhraseError {
        what: format!("{text:?} is no day in words: {word:?} is not understood"),
        hint: format!("{meant}{hint}"),
    }
}

impl DayPhrase {
    /// Counts that some span can have; in a shorter one its last (or first) day stands in.
    fn within_bounds(self, text: &str) -> Result<(), PhraseError> {
        let Self::Of { place: Place::Nth(number) | Place::FromEnd(number), working, span } = self else {
            return Ok(());
        };
        let most = match (span, working) {
            (Span::Week, false) => 7,
            (Span::Week, true) => 5,
            (Span::Month, false) => 31,
            (Span::Month, true) => 23,
            (Span::Quarter, false) => 92,
            (Span::Quarter, true) => 66,
            (Span::Year, false) => 366,
            (Span::Year, true) => 262,
        };
        if (1..=most).contains(&number) {
            return Ok(());
        }
        let day = if working { "working day" } else { "day" };
        Err(PhraseError {
            what: format!("{text:?}: no {} has a {day} with that number", span.word()),
            hint: format!("choose 1 to {most}, or \"last {day} of the {}\"", span.word()),
        })
    }

    /// The day in the span that begins on `start`, and whether it stands in for one that the span does not have. A span
    /// without any working day has the first one after it.
    pub(super) fn day_in(self, start: NaiveDate, calendar: &Calendar) -> (NaiveDate, bool) {
        let Self::Of { place, working, span } = self else { return (start, false) };
        let end = span.after(start);
        let days: Vec<NaiveDate> = start
            .iter_days()
            .take_while(|day| *day < end)
            .filter(|day| !working || calendar.is_working_day(*day))
            .collect();
        let (nth, substitute) = match place {
            Place::Nth(number) => (days.get(index(number)), days.last()),
            Place::FromEnd(number) => (days.iter().nth_back(index(number)), days.first()),
        };
        match (nth, substitute) {
            (Some(day), _) => (*day, false),
            (None, Some(day)) => (*day, true),
            (None, None) => (calendar.working_day_from(end), true),
        }
    }

    /// The first day of the span that holds `date`.
    pub(super) fn start_of(self, date: NaiveDate) -> NaiveDate {
        let Self::Of { span, .. } = self else { return date };
        let month = match span {
            Span::Week => return date - Days::new(date.weekday().num_days_from_monday().into()),
            Span::Month => date.month(),
            Span::Quarter => date.month0() / 3 * 3 + 1,
            Span::Year => 1,
        };
        NaiveDate::from_ymd_opt(date.year(), month, 1).unwrap_or(date)
    }

    /// The first day of the span after the one that begins on `start`.
    pub(super) fn next_start(self, start: NaiveDate) -> NaiveDate {
        match self {
            Self::EveryWorkingDay => start + Days::new(1),
            Self::Of { span, .. } => span.after(start),
        }
    }
}

fn index(number: u32) -> usize {
    usize::try_from(number.saturating_sub(1)).unwrap_or(usize::MAX)
}

impl Span {
    fn after(self, start: NaiveDate) -> NaiveDate {
        match self {
            Self::Week => start + Days::new(7),
            Self::Month => start + Months::new(1),
            Self::Quarter => start + Months::new(3),
            Self::Year => start + Months::new(12),
        }
    }

    fn word(self) -> &'static str {
        SPANS.iter().find(|(_, span)| *span == self).map_or("", |(word, _)| word)
    }
}

impl fmt::Display for DayPhrase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self::Of { place, working, span } = self else { return f.write_str("every working day") };
        match place {
            Place::Nth(number) => f.write_str(&ordinal(*number))?,
            Place::FromEnd(1) => f.write_str("last")?,
            Place::FromEnd(number) => write!(f, "{} last", ordinal(*number))?,
        }
        write!(f, "{} day of the {}", if *working { " working" } else { "" }, span.word())
    }
}

fn ordinal(number: u32) -> String {
    let ending = match (number % 10, number % 100) {
        (_, 11..=13) => "th",
        (1, _) => "st",
        (2, _) => "nd",
        (3, _) => "rd",
        _ => "th",
    };
    format!("{number}{ending}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_phrase_is_read_and_said_again() {
        for (text, said) in [
            ("3rd working day of the month", "3rd working day of the month"),
            ("third working day of each month", "3rd working day of the month"),
            ("Last Working Day of the Quarter", "last working day of the quarter"),
            ("25th of the month", "25th day of the month"),
            ("25 of the month", "25th day of the month"),
            ("last day of the year", "last day of the year"),
            ("2nd last working day of the week", "2nd last working day of the week"),
            ("first day of month", "1st day of the month"),
            ("12th working day of the quarter", "12th working day of the quarter"),
            ("every working day", "every working day"),
        ] {
            let phrase: DayPhrase = text.parse().unwrap();
            assert_eq!(phrase.to_string(), said);
            assert_eq!(said.parse(), Ok(phrase), "{said}");
        }
    }

    #[test]
    fn what_is_no_day_is_answered_with_the_word_and_a_suggestion() {
        let told = |text: &str| {
            let error = text.parse::<DayPhrase>().unwrap_err();
            format!("{} | {}", error.what, error.hint)
        };
        let texts = [
            "",
            "3rd workin day of the month",
            "tird working day of the month",
            "3rd working of the month",
            "3rd working day of the moth",
            "3rd working day",
            "0th of the month",
            "32nd of the month",
            "24th working day of the month",
            "every day",
            "25th of the month at 7:30",
            "3xx of the month",
        ];
        insta::assert_snapshot!(texts.map(told).join("\n"));
    }
}
