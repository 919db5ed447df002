//! What parent and worker say to each other.

use chrono::{Datelike as _, NaiveDate};
use serde::{Deserialize, Serialize};

use super::Reading;
use super::dossier::Window;

/// What the worker needs to know before it sees a file.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Setup {
    reading: Reading,
    /// Days since the year 1.
    until: i32,
    today: i32,
}

impl Setup {
    pub(super) fn new(reading: Reading, window: Window) -> Self {
        let Window { until, today } = window;
        Self { reading, until: until.num_days_from_ce(), today: today.num_days_from_ce() }
    }

    pub(super) fn open(self) -> (Reading, Window) {
        let day = |days| NaiveDate::from_num_days_from_ce_opt(days).unwrap_or(NaiveDate::MIN);
        (self.reading, Window { until: day(self.until), today: day(self.today) })
    }
}

/// Why a file gives no figures.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Failure {
    /// `row 1`, where it is known.
    pub(super) at: Option<String>,
    pub(super) reason: String,
    pub(super) remedy: String,
}

impl Failure {
    pub(super) fn new(reason: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { at: None, reason: reason.into(), remedy: remedy.into() }
    }

    pub(super) fn at(self, place: String) -> Self {
        Self { at: Some(place), ..self }
    }
}

/// A dossier that was refused, by its place; what stood there is not told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Broken {
    /// 1-based line of the file, or number of the item.
    pub line: u64,
    /// 1-based column.
    pub column: usize,
    /// The place in a file without columns: `item 7, NgayTiepNhan`.
    pub at: Option<String>,
    /// The mapped header or name; empty when it is the row as such.
    pub header: String,
    /// What is wrong.
    pub reason: String,
    /// What to do.
    pub remedy: String,
    /// How many dossiers this stands for.
    pub dossiers: u64,
}

/// What a line of the text was added up from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::source) struct LineOf {
    /// Where its first dossier stands.
    pub(in crate::source) first: u64,
    /// How many belong to it.
    pub(in crate::source) dossiers: u32,
}

/// What was counted, beside the text itself: first the lines of dossiers that count, then those that are refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::source) struct Counted {
    /// What the places count: `row`, `item`, `line`.
    pub(in crate::source) word: String,
    pub(in crate::source) lines: Vec<LineOf>,
    pub(in crate::source) broken: Vec<Broken>,
    /// Dossiers of other years and of later than the last day that counts.
    pub(in crate::source) skipped: u64,
    /// Dossiers that stand there once more.
    pub(in crate::source) repeated: u64,
}

impl Counted {
    /// The line of the text, counted from the header's.
    fn number(line: u64) -> Option<usize> {
        usize::try_from(line).ok()?.checked_sub(2)
    }

    /// What the 1-based `line` of the text is, for people.
    pub(in crate::source) fn called(&self, line: u64) -> Option<String> {
        let number = Self::number(line)?;
        let word = &self.word;
        if let Some(line) = self.lines.get(number) {
            let LineOf { first, dossiers } = line;
            return Some(match dossiers {
                0 | 1 => format!("{word} {first}"),
                _ => format!("{dossiers} dossiers from {word} {first} on"),
            });
        }
        self.broken(line).map(|broken| format!("{word} {}", broken.line))
    }

    /// The refusal on this line of the text.
    pub(in crate::source) fn broken(&self, line: u64) -> Option<&Broken> {
        self.broken.get(Self::number(line)?.checked_sub(self.lines.len())?)
    }

    /// How many dossiers this line of the text stands for.
    pub(in crate::source) fn dossiers(&self, line: u64) -> u64 {
        match Self::number(line).and_then(|number| self.lines.get(number)) {
            Some(line) => line.dossiers.into(),
            None => self.broken(line).map_or(0, |broken| broken.dossiers),
        }
    }
}

/// An answer: the head as JSON behind its length, then the CSV.
pub(super) fn pack(answer: &Result<(Counted, String), Failure>) -> std::io::Result<Vec<u8>> {
    let (head, text) = match answer {
        Ok((counted, text)) => (serde_json::to_vec(&Ok::<_, Failure>(counted))?, text.as_str()),
        Err(failure) => (serde_json::to_vec(&Err::<Counted, _>(failure))?, ""),
    };
    let length = u32::try_from(head.len()).map_err(std::io::Error::other)?;
    Ok([&length.to_be_bytes(), head.as_slice(), text.as_bytes()].concat())
}

/// The answer in `bytes`; `None` when no worker said that.
pub(super) fn unpack(mut bytes: Vec<u8>) -> Option<Result<(Counted, String), Failure>> {
    let (length, rest) = bytes.split_first_chunk::<4>()?;
    let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
    let head: Result<Counted, Failure> = serde_json::from_slice(rest.get(..length)?).ok()?;
    bytes.drain(..4 + length);
    let text = String::from_utf8(bytes).ok()?;
    Some(head.map(|counted| (counted, text)))
}
