//! The mass-mail guard: so many units do not fall below target in one week; more likely the figures are wrong.

use std::collections::HashSet;
use std::fmt;

use super::{CaseMove, Decision, History};
use crate::catalog::UnitId;

/// Fewer units than this beyond the largest batch are no mass mail, however small the batches were.
const FEW: u64 = 10;

/// What a round may do at most without a second person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Guard {
    /// Share of the judged units that may fall below with one round; 100 switches the whole guard off.
    pub newly_below_percent: u64,
    /// Units that may fall below, in percent of the largest of the last batches.
    pub batch_percent: u64,
    /// Units reminded in the largest of the last batches, if there was one.
    pub largest_batch: Option<u64>,
}

/// Too many units newly below.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alarm {
    /// Units that had no open case before this round and have one now.
    pub newly_below: u64,
    /// Units judged.
    pub judged: u64,
    /// Which limit was passed.
    pub limit: Limit,
}

/// A limit of the guard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// A share of the judged units, in percent.
    Share(u64),
    /// A share of the largest of the last batches, in percent of so many units.
    Batch(u64, u64),
}

impl Guard {
    /// Whether too many units fall below with this round.
    pub fn trips(&self, decisions: &[Decision], history: &History) -> Option<Alarm> {
        if self.newly_below_percent >= 100 {
            return None;
        }
        let reminded = history.open.iter().filter(|(_, case)| case.reminders > 0);
        let before: HashSet<&UnitId> = reminded.map(|((unit, _), _)| unit).collect();
        let first = |decision: &&Decision| {
            matches!(decision.case, CaseMove::Open | CaseMove::Remind) && decision.reminders_before == 0
        };
        let opened = decisions.iter().filter(first).map(|decision| &decision.unit);
        let newly_below = count(&opened.filter(|unit| !before.contains(unit)).collect());
        let judged = count(&decisions.iter().map(|decision| &decision.unit).collect());
        let alarm = |limit| Some(Alarm { newly_below, judged, limit });
        if newly_below * 100 > judged * self.newly_below_percent {
            return alarm(Limit::Share(self.newly_below_percent));
        }
        let largest = self.largest_batch?;
        let many = newly_below * 100 > largest.saturating_mul(self.batch_percent) && newly_below >= largest + FEW;
        if many { alarm(Limit::Batch(self.batch_percent, largest)) } else { None }
    }
}

impl fmt::Display for Alarm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {} judged units fall below target with this round, ", self.newly_below, self.judged)?;
        match self.limit {
            Limit::Share(percent) => write!(f, "more than {percent} % ([safety] max_newly_below_percent)"),
            Limit::Batch(percent, largest) => write!(
                f,
                "more than {percent} % of the {largest} reminded in the largest of the last batches ([safety] max_batch_percent)"
            ),
        }
    }
}

fn count(units: &HashSet<&UnitId>) -> u64 {
    u64::try_from(units.len()).unwrap_or(u64::MAX)
}
