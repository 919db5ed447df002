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

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::catalog::{BasisPoints, Comparator};

    pub(in crate::report) fn judged(unit: &str, indicator: &str, (numerator, denominator): (u64, u64)) -> Judged {
        Judged {
            unit_id: UnitId::new(unit),
            indicator: IndicatorId::new(indicator),
            version: String::new(),
            numerator: Some(numerator),
            denominator: Some(denominator),
            target: Some(BasisPoints(5_000)),
            comparator: Comparator::AtLeast,
            standing: "below",
            missing: None,
            demanded: None,
            trend: None,
            turns_on_one: false,
            cause: None,
            what_if: None,
            interim_target: None,
            at_rate: None,
        }
    }

    fn found(before: &[Judged], now: &[Judged], percent: u64) -> Vec<(String, String)> {
        let moves = moves(before, now, percent);
        moves.into_iter().map(|moved| (moved.unit.to_string(), moved.change.decimal('.'))).collect()
    }

    #[test]
    fn a_rate_moved_when_it_changed_by_more_than_the_share_of_what_it_was() {
        for (before, now, percent, moved) in [
            ((50, 100), (60, 100), 20, false),
            ((50, 100), (61, 100), 20, true),
            ((50, 100), (40, 100), 20, false),
            ((50, 100), (39, 100), 20, true),
            ((50, 100), (500, 1_000), 0, false),
            ((50, 100), (501, 1_000), 0, true),
            ((0, 100), (0, 100), 20, false),
            ((0, 100), (1, 100), 10_000, true),
            ((1, 1 << 52), (1 << 52, 1 << 52), 10_000, true),
        ] {
            let both = [judged("1", "a", before), judged("1", "a", now)];
            assert_eq!(!found(&both[..1], &both[1..], percent).is_empty(), moved, "{before:?} {now:?} {percent}");
        }
    }

    #[test]
    fn each_unit_stands_once_with_its_largest_move_and_the_largest_stand_first() {
        let before = [judged("1", "a", (10, 100)), judged("1", "b", (50, 100)), judged("2", "a", (50, 100))];
        let now = [judged("1", "a", (20, 100)), judged("1", "b", (20, 100)), judged("2", "a", (90, 100))];
        let expected = [("2", "+40.00"), ("1", "-30.00")].map(|(unit, points)| (unit.to_owned(), points.to_owned()));
        assert_eq!(found(&before, &now, 20), expected);
    }

    #[test]
    fn what_was_not_judged_both_times_by_one_definition_did_not_move() {
        let (before, now) = (judged("1", "a", (10, 100)), judged("1", "a", (90, 100)));
        let other = Judged { version: "2".to_owned(), ..before.clone() };
        let without = Judged { standing: "no_data", ..before.clone() };
        for before in [other, without, judged("2", "a", (10, 100))] {
            assert!(found(&[before], std::slice::from_ref(&now), 20).is_empty());
        }
    }
}
