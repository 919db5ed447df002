//! Turns a table into typed counts with unit, service, month and measure, and records what it refused.
//!
//! source → **observation** → evaluation → …

mod by_service;
mod figures;
mod gate;
mod notes;
mod number;
mod period;
mod read;
mod reconcile;
mod rows;
mod snapshot;
mod strangers;
mod sums;

pub use by_service::{ServiceFigures, by_service, record_by_service};
pub use figures::{Counts, Observations, UnitFigures};
pub use notes::{notes, unattributed};
pub use period::Month;
pub use read::read;
pub use reconcile::{Difference, Reconcile, difference_alarms};
pub use snapshot::{Snapshot, record};
pub use strangers::{Stranger, Stray, record_unresolved, unresolved};

use std::fmt;

use chrono::{DateTime, NaiveDate, Utc};

use crate::db::Sql;

/// The statements of this room.
pub const STATEMENTS: &[Sql] = {
    let [clear, insert, read] = strangers::STATEMENTS;
    let [keep, take] = by_service::STATEMENTS;
    &[snapshot::INSERT, clear, insert, read, keep, take]
};

/// What a round asks of its sources.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// The day the figures are judged for; later rows are not looked at.
    pub as_of: NaiveDate,
    /// When the round pulled them.
    pub pulled_at: DateTime<Utc>,
    /// More refused rows of one source than this share are a doubt.
    pub max_refused_percent: u64,
    /// Which sources are compared with each other.
    pub reconcile: Vec<Reconcile>,
}

/// A service's (administrative procedure's) code in its source; empty when the source does not split by service.
pub type ServiceCode = std::sync::Arc<str>;

/// A row that was not taken, with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// File or address.
    pub origin: String,
    /// 1-based line in the file.
    pub line: u64,
    /// 1-based column.
    pub column: usize,
    /// Header of that column.
    pub header: String,
    /// What stood there.
    pub value: String,
    /// What is wrong with it.
    pub reason: String,
    /// What to do.
    pub remedy: String,
}

impl Refusal {
    /// `figures.csv:3:5`: file, line and column.
    pub fn place(&self) -> String {
        format!("{}:{}:{}", self.origin, self.line, self.column)
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { header, value, reason, remedy, .. } = self;
        write!(f, "{}: `{header}` is `{value}`: {reason}\n  remedy: {remedy}", self.place())
    }
}

/// A reason of the quality gate to hold a whole round.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Doubt {
    /// Stable name for programs: `refused_rows`, `stale`, `empty`, `conflicting_rows`.
    pub code: &'static str,
    /// The sentence for people, with figures.
    pub message: String,
    /// What to do.
    pub remedy: String,
}

impl fmt::Display for Doubt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\n  remedy: {}", self.message, self.remedy)
    }
}
