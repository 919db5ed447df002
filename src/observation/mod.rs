//! Turns a table into typed counts with unit, service, month and measure, and records what it refused.
//!
//! source → **observation** → evaluation → …

// mod number;
mod period;
// mod read;
mod snapshot;

pub use period::Month;
// pub use read::read;
pub use snapshot::Snapshot; // STATEMENTS, record

use std::collections::HashMap;

use crate::catalog::{Measure, UnitId};

/// All that one round knows of the figures.
#[derive(Debug, Clone, Default)]
pub struct Observations {
    /// Order of the counts in every [`Counts`].
    pub measures: Vec<Measure>,
    /// Figures of each unit that had at least one accepted row.
    pub units: HashMap<UnitId, UnitFigures>,
    /// One per source read.
    pub snapshots: Vec<Snapshot>,
    /// Cells and rows that were not taken; at most [`Observations::REFUSALS_KEPT`], the rest only counted.
    pub refusals: Vec<Refusal>,
    /// Reasons for which the round must not remind anybody, each a sentence with place and remedy.
    pub doubts: Vec<Doubt>,
}

impl Observations {
    /// How many refusals are kept word for word.
    pub const REFUSALS_KEPT: usize = 1_000;
}

/// One count per measure, in the order of [`Observations::measures`]. `None` is "not reported", never zero.
pub type Counts = Box<[Option<u64>]>;

/// What a unit reported from 1 January of the round's year to its as-of date.
#[derive(Debug, Clone, Default)]
pub struct UnitFigures {
    /// Per service over the whole period; coverage measures hold 0 or 1 per service (any month counts).
    pub services: Vec<(ServiceCode, Counts)>,
    /// Per month, summed over services, oldest first. Coverage measures are meaningless here.
    pub months: Vec<(Month, Counts)>,
    /// Over the whole period and all services; coverage measures count distinct services.
    pub totals: Counts,
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

/// A reason of the quality gate to hold a whole round.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Doubt {
    /// Stable name for programs: `refused_rows`, `stale`, `empty`, `conflicting_rows`, `missing_column`.
    pub code: &'static str,
    /// The sentence for people, with figures.
    pub message: String,
    /// What to do.
    pub remedy: String,
}
