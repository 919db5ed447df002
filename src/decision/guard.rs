//! The mass-mail guard: so many units do not fall below target in one week; more likely the figures are wrong.

use std::collections::HashSet;

use super::{CaseMove, Decision, History};
use crate::catalog::UnitId;

/// Too many units newly below.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alarm {
    /// Units that had no open case before this round and have one now.
    pub newly_below: u64,
    /// Units judged.
    pub judged: u64,
    /// What the configuration allows, in percent.
    pub limit_percent: u64,
}

/// Whether more than `limit_percent` % of the judged units fall below with this round; 100 switches the guard off.
pub fn too_many_newly_below(decisions: &[Decision], history: &History, limit_percent: u64) -> Option<Alarm> {
    if limit_percent >= 100 {
        return None;
    }
    let before: HashSet<&UnitId> = history.open.keys().map(|(unit, _)| unit).collect();
    let opened = decisions.iter().filter(|decision| decision.case == CaseMove::Open).map(|decision| &decision.unit);
    let newly_below = count(&opened.filter(|unit| !before.contains(unit)).collect());
    let judged = count(&decisions.iter().map(|decision| &decision.unit).collect());
    let alarm = newly_below * 100 > judged * limit_percent;
    alarm.then_some(Alarm { newly_below, judged, limit_percent })
}

fn count(units: &HashSet<&UnitId>) -> u64 {
    u64::try_from(units.len()).unwrap_or(u64::MAX)
}
