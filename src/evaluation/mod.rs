//! Judges figures against targets, exactly: integers and ratios of integers, never floats.
//!
//! observation → **evaluation** → decision → …

mod arithmetic;
mod evaluate;
mod rate;
mod restated;
mod store;
#[cfg(test)]
mod tests;

pub use arithmetic::{expected_by_end, missing, passes, reach_by_end};
pub use evaluate::{evaluate, total};
pub use rate::Rate;
pub use restated::{Change, Restated, restated};
pub use store::{Judged, STATEMENTS, judged, judged_of, record};

use std::sync::Arc;

use crate::catalog::{Indicator, Target, UnitId};
use crate::observation::ServiceCode;

/// The judgement of one unit on one indicator.
#[derive(Debug, Clone)]
pub struct Evaluation {
    /// Whose figure.
    pub unit: UnitId,
    /// Which indicator.
    pub indicator: Arc<Indicator>,
    /// The figure, when there is one.
    pub rate: Option<Rate>,
    /// The target it was judged by, when one holds.
    pub target: Option<Arc<Target>>,
    /// The judgement.
    pub standing: Standing,
}

/// Where a unit stands on an indicator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// The target is reached.
    Met,
    /// The target is missed.
    Below(Shortfall),
    /// No judgement is possible or fair; never a reminder.
    NotAssessed(Why),
}

impl Standing {
    /// Its name in stored rows and outputs: `met`, `below`, or the reason why not assessed.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Met => "met",
            Self::Below(_) => "below",
            Self::NotAssessed(why) => why.word(),
        }
    }
}

/// Why a unit was not assessed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Why {
    /// A row of the unit was refused, so that its figures are not whole.
    Incomplete,
    /// The source had no row for the unit.
    NoData,
    /// Two sources say too different things of it.
    SourcesDiffer,
    /// The source left the needed cells empty.
    NotReported,
    /// Nothing to measure: the denominator is 0 (no fee-bearing dossier, no online service).
    NothingToMeasure,
    /// Too few dossiers to be fair.
    TooFew,
    /// No target holds on the as-of date.
    NoTarget,
    /// The target is judged only later in the year.
    NotYet,
}

impl Why {
    /// Every reason.
    pub const ALL: [Self; 8] = [
        Self::Incomplete,
        Self::NoData,
        Self::SourcesDiffer,
        Self::NotReported,
        Self::NothingToMeasure,
        Self::TooFew,
        Self::NoTarget,
        Self::NotYet,
    ];

    /// Its name in stored rows and outputs.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Incomplete => "incomplete",
            Self::NoData => "no_data",
            Self::SourcesDiffer => "sources_differ",
            Self::NotReported => "not_reported",
            Self::NothingToMeasure => "nothing_to_measure",
            Self::TooFew => "too_few",
            Self::NoTarget => "no_target",
            Self::NotYet => "not_yet",
        }
    }
}

/// By how much a target is missed and what can be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shortfall {
    /// Further dossiers needed today: `⌈target × total⌉ − done`.
    pub missing: u64,
    /// Whether the target can still be reached by the end of the year.
    pub reach: Reach,
    /// Rates of the last months, oldest first, at most three; empty for coverage.
    pub pace: Vec<Rate>,
    /// Index into the indicator's causes of the first rule that applies.
    pub cause: Option<usize>,
    /// The services that weigh most, heaviest first, at most three.
    pub levers: Vec<Lever>,
}

/// Whether and how a target can still be reached by 31 December.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Old dossiers can be repaired: the missing ones now. Also of a month that is judged alone.
    Now,
    /// Of `expected` further dossiers (estimated from the year so far) `needed` must comply; `needed ≤ expected`.
    AtRate {
        /// Compliant dossiers needed from now on.
        needed: u64,
        /// Dossiers still expected this year.
        expected: u64,
    },
    /// Even if every expected dossier complied, the year's target would be missed.
    OutOfReach {
        /// The best rate possible.
        best: Rate,
    },
}

/// A service and how much of the gap it makes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lever {
    /// The service.
    pub service: ServiceCode,
    /// Its dossiers that did not comply (coverage: 1, a service without dossiers).
    pub missing: u64,
}
