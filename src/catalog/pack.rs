//! A pack: the whole catalog with all its dated rows, as a folder holds it and as the database holds it.

use std::fmt;

use super::calendar::CalendarYear;
use super::contact::{Contact, Sender};
use super::indicator::Indicator;
use super::target::Target;
use super::unit::{Succession, Unit};

/// Everything a pack says, in the order of its files.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Pack {
    /// `units.csv`.
    pub units: Vec<Unit>,
    /// `succession.csv`, optional.
    pub successions: Vec<Succession>,
    /// `contacts.csv`.
    pub contacts: Vec<Contact>,
    /// `indicators.toml`.
    pub indicators: Vec<Indicator>,
    /// `targets.toml`.
    pub targets: Vec<Target>,
    /// `sender.toml`.
    pub senders: Vec<Sender>,
    /// `calendar.toml`, optional.
    pub calendar: Vec<CalendarYear>,
    /// `templates/*.md`, optional: file name and text.
    pub templates: Vec<(String, String)>,
}

/// Something wrong in a pack or configuration, with its place and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// File name as the user knows it.
    pub file: String,
    /// 1-based line.
    pub line: u64,
    /// 1-based column.
    pub column: u64,
    /// What is wrong, in a word that stays; empty where nobody tells it apart.
    pub code: &'static str,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub hint: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}: {}\n  remedy: {}", self.file, self.line, self.column, self.message, self.hint)
    }
}

/// Why a pack could not be read: every problem at once.
#[derive(Debug, thiserror::Error)]
#[error("{} problem(s) in the pack", problems.len())]
pub struct PackError {
    /// All of them, in file and line order.
    pub problems: Vec<Problem>,
}
