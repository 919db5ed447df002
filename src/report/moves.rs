//! Units whose figures moved so far between two rounds that somebody should look before letters go out.

use std::cmp::Reverse;
use std::collections::HashMap;

use super::Change;
use super::digest::{comparable, rate};
use crate::catalog::{IndicatorId, UnitId};
use crate::evaluation::{Judged, Rate};

/// A unit, with the one of its figures that moved furthest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Move {
    /// Which.
    pub unit: UnitId,
    /// On what.
    pub indicator: IndicatorId,
    /// Where it stood.
    pub before: Rate,
    /// Where it stands.
    pub now: Rate,
    /// From one to the other.
    pub change: Change,
}

/// The units with a rate that changed by more than `percent` of what it was, the largest change in points first. Only what
/// was judged both times by one definition is compared.
pub fn moves(before: &[Judged], now: &[Judged], percent: u64) -> Vec<Move> {
    let earlier: HashMap<(&UnitId, &IndicatorId), &Judged> =
        before.iter().map(|judged| ((&judged.unit_id, &judged.indicator), judged)).collect();
    let moved = now.iter().filter_map(|judged| {
        let earlier =
            earlier.get(&(&judged.unit_id, &judged.indicator)).filter(|earlier| comparable(earlier, judged))?;
        let (before, now) = (rate(earlier)?, rate(judged)?);
        let change = Change::between(before, now).filter(|change| change.exceeds(before, percent))?;
        Some(Move { unit: judged.unit_id.clone(), indicator: judged.indicator.clone(), before, now, change })
    });
    let mut moved: Vec<Move> = moved.collect();
    moved.sort_by(|one, other| one.unit.cmp(&other.unit).then(other.change.size().cmp(&one.change.size())));
    moved.dedup_by(|next, kept| next.unit == kept.unit);
    moved.sort_by_key(|moved| Reverse(moved.change.size()));
    moved
}
