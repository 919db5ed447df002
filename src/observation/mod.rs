//! Turns a table into typed counts with unit, service, month and measure, and records what it refused.
//!
//! source → **observation** → evaluation → …

mod accepted;
mod bulk;
mod bulk_cells;
mod bulk_counts;
mod bulk_rows;
#[cfg(test)]
mod bulk_tests;
mod by_service;
mod closing;
mod compare;
mod examine;
mod figures;
mod gate;
mod identity;
mod keys;
mod notes;
mod number;
mod offered;
mod period;
mod plausible;
#[cfg(any(test, fuzzing))]
pub(crate) mod properties;
mod pulls;
mod read;
mod reconcile;
mod rows;
mod seen;
mod snapshot;
mod strangers;
mod sums;

pub use accepted::{Accepted, accept, accepted, confirm};
pub use by_service::{ServiceFigures, by_service, forget_by_service, record_by_service};
pub use closing::{Closing, closing};
pub use compare::Limits;
pub use examine::{Findings, examine};
pub use figures::{Counts, Observations, UnitFigures};
pub use identity::{Identity, Sign};
pub use notes::{notes, unattributed};
pub use offered::{Offered, newest_day, offered};
pub use period::Month;
pub use pulls::{Pull, pulls};
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
    let [keep, take, forget] = by_service::STATEMENTS;
    &[
        snapshot::INSERT,
        pulls::OF_ROUND,
        accepted::PUT,
        accepted::LAST,
        accepted::TOO_OLD,
        accepted::FORGOTTEN,
        accepted::REPLACED,
        accepted::CONFIRM,
        clear,
        insert,
        read,
        keep,
        take,
        forget,
    ]
};

/// What a round asks of its sources.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// The day of the round: figures must be fresh on it.
    pub as_of: NaiveDate,
    /// The last day whose figures count; later rows are not looked at. Earlier than `as_of` while months are
    /// provisional.
    pub until: NaiveDate,
    /// When the round pulled them.
    pub pulled_at: DateTime<Utc>,
    /// More refused rows of one source than this share are a doubt.
    pub max_refused_percent: u64,
    /// Sums that must agree in every row.
    pub identities: Vec<Identity>,
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
    /// The place as an original without lines calls it: `page 2, item 7, $.data[6].received`.
    pub at: Option<String>,
    /// Header of that column.
    pub header: String,
    /// What stood there.
    pub value: String,
    /// What is wrong with it.
    pub reason: String,
    /// What to do.
    pub remedy: String,
}

/// Stands where a value of a dossier stood.
const NOT_SHOWN: &str = "not shown";

impl Refusal {
    /// Whether it says what stood there: of a dossier nothing is repeated.
    pub fn is_shown(&self) -> bool {
        self.value != NOT_SHOWN
    }

    /// `figures.csv:3:5`: file, line and column; or the address and the place in its reply.
    pub fn place(&self) -> String {
        match &self.at {
            Some(at) => format!("{}, {at}", self.origin),
            None => format!("{}:{}:{}", self.origin, self.line, self.column),
        }
    }

    /// The same without file or address.
    pub(crate) fn place_within(&self) -> String {
        self.at.clone().unwrap_or_else(|| format!("{}:{}", self.line, self.column))
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
    /// Stable name for programs: `refused_rows`, `stale`, `empty`, `conflicting_rows`, `unreadable`, `rows_fell`,
    /// `units_vanished`, `total_fell`, `total_jumped`, `units_implausible`, `total_differs`, `ratio_differs`.
    pub code: &'static str,
    /// The source it is about; empty when it is about several together.
    pub source: String,
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
