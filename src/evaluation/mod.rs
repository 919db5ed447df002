//! Judges figures against targets, exactly: integers and ratios of integers, never floats.
//!
//! observation → **evaluation** → decision → …

mod arithmetic;
mod evaluate;
mod explain;
#[cfg(test)]
mod fairness_tests;
mod rate;
mod restated;
mod store;
#[cfg(test)]
mod tests;
mod threshold;

pub use arithmetic::{expected_by_end, missing, passes, reach_by_end, trend, turns_on_one};
pub use evaluate::{evaluate, evaluate_all, total};
pub use rate::Rate;
pub use restated::{Change, Restated, restated};
pub use store::{Judged, STATEMENTS, judged, judged_of, judged_whole, judged_within, record, record_whole};
pub use threshold::Threshold;

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
    /// What the target demands on the as-of date.
    pub demanded: Option<Threshold>,
    /// How the last months lie to the whole, where the figure is judged.
    pub trend: Option<Trend>,
    /// Whether one dossier more or less would turn the judgement.
    pub turns_on_one: bool,
    /// The judgement.
    pub standing: Standing,
}

impl Evaluation {
    /// By how much the target is missed, when it is.
    pub const fn shortfall(&self) -> Option<&Shortfall> {
        match &self.standing {
            Standing::Below(shortfall) => Some(shortfall),
            Standing::Met | Standing::NotAssessed(_) => None,
        }
    }
}

/// How the rate of the last months lies to the cumulative one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trend {
    /// The last months are better than the whole.
    Rising,
    /// They are worse.
    Falling,
    /// They are exactly like it.
    Flat,
}

impl Trend {
    /// Every trend.
    pub const ALL: [Self; 3] = [Self::Rising, Self::Falling, Self::Flat];

    /// Its name in stored rows and outputs.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Rising => "rising",
            Self::Falling => "falling",
            Self::Flat => "flat",
        }
    }
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
    /// Index into the indicator's causes of the first rule that applies; `None`: the cause is not known.
    pub cause: Option<usize>,
    /// What the rate would be, had the counts of the cause's `what_if` counted; absent where one of them is missing or
    /// together they are more than there is.
    pub what_if: Option<Rate>,
    /// The services that weigh most, heaviest first, at most three.
    pub levers: Vec<Lever>,
}

impl Shortfall {
    /// The target that takes the place of one that is out of reach, in hundredths of a percent: the best rate possible,
    /// rounded down.
    pub fn interim_target(&self) -> Option<u64> {
        match self.reach {
            Reach::OutOfReach { best } => Some(best.floor()),
            Reach::Now | Reach::AtRate { .. } => None,
        }
    }
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
        /// The best rate possible: the interim target that takes the place of the lost one, rounded down
        /// ([`Rate::floor`]).
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
