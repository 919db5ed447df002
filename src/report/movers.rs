//! Who rose and who fell most on an indicator since the round before.

use std::cmp::Reverse;

use super::{Change, GlanceRow};
use crate::catalog::{IndicatorId, UnitId};
use crate::evaluation::Rate;

/// With a smaller denominator in either round a unit is not ranked: one dossier would move it by many points.
pub const SMALLEST: u64 = 20;

/// A unit and how far it moved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mover {
    /// Which.
    pub unit: UnitId,
    /// From 1; units that moved equally share a rank, and the ranks after them are left out.
    pub rank: usize,
    /// Where it stood.
    pub before: Rate,
    /// Where it stands.
    pub now: Rate,
    /// From one to the other.
    pub change: Change,
}

/// The ends of one ranking.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct End {
    /// The furthest first, ties by id.
    pub movers: Vec<Mover>,
    /// How many more moved exactly as far as the last of them.
    pub further: usize,
}

/// One indicator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Movers {
    /// Which.
    pub indicator: IndicatorId,
    /// Those whose rate rose.
    pub risen: End,
    /// Those whose rate fell.
    pub fallen: End,
    /// Units with too few dossiers to be ranked.
    pub small: usize,
}

/// The `shown` units of `rows` at either end, on each of `indicators`. Only what was judged both times by one definition is
/// compared.
pub fn movers<'i>(
    rows: &[GlanceRow<'_>],
    indicators: impl IntoIterator<Item = &'i IndicatorId>,
    shown: usize,
) -> Vec<Movers> {
    indicators.into_iter().map(|indicator| of_indicator(rows, indicator, shown)).collect()
}

fn of_indicator(rows: &[GlanceRow<'_>], indicator: &IndicatorId, shown: usize) -> Movers {
    let mut small = 0;
    let mut moved: Vec<(i64, Mover)> = Vec::new();
    for row in rows {
        let Some((before, now)) = row.both(indicator) else { continue };
        if before.denominator().min(now.denominator()) < SMALLEST {
            small += 1;
            continue;
        }
        let Some(change) = Change::between(before, now) else { continue };
        moved.push((change.rounded(), Mover { unit: row.unit.clone(), rank: 0, before, now, change }));
    }
    let (risen, fallen): (Vec<_>, Vec<_>) =
        moved.into_iter().filter(|(rounded, _)| *rounded != 0).partition(|(rounded, _)| *rounded > 0);
    Movers { indicator: indicator.clone(), risen: end(risen, shown), fallen: end(fallen, shown), small }
}

/// The rounded sizes come in the order of the exact ones, so they tell cheaply who cannot be among the first.
fn end(mut moved: Vec<(i64, Mover)>, shown: usize) -> End {
    if let Some(last) = shown.checked_sub(1).filter(|last| *last < moved.len()) {
        let (_, (limit, _), _) = moved.select_nth_unstable_by_key(last, |(rounded, _)| Reverse(rounded.unsigned_abs()));
        let limit = limit.unsigned_abs();
        moved.retain(|(rounded, _)| rounded.unsigned_abs() >= limit);
    }
    let mut movers: Vec<Mover> = moved.into_iter().map(|(_, mover)| mover).collect();
    movers.sort_by(|one, other| other.change.size().cmp(&one.change.size()).then_with(|| one.unit.cmp(&other.unit)));
    let mut rank = 0;
    let mut last: Option<Change> = None;
    for (place, mover) in movers.iter_mut().enumerate() {
        if last != Some(mover.change) {
            rank = place + 1;
        }
        mover.rank = rank;
        last = Some(mover.change);
    }
    let rest = movers.split_off(shown.min(movers.len()));
    let tied = movers.last().map(|last| last.change);
    End { further: rest.iter().filter(|other| Some(other.change) == tied).count(), movers }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evaluation::Judged;
    use crate::report::rows;

    fn judged(unit: &str, rate: (u64, u64)) -> Judged {
        crate::report::moves::tests::judged(unit, "a", rate)
    }

    /// Numerator and denominator.
    type Counts = (u64, u64);

    /// Counts before and now of units `1`, `2`, `3` …
    fn found(counts: &[(Counts, Counts)], shown: usize) -> Movers {
        let of = |pick: fn(&(Counts, Counts)) -> Counts| {
            (1..).zip(counts).map(|(unit, both)| judged(&unit.to_string(), pick(both))).collect::<Vec<_>>()
        };
        let (before, now) = (of(|both| both.0), of(|both| both.1));
        let rows = rows(&now, &before, |_| true);
        movers(&rows, [&IndicatorId::new("a")], shown).remove(0)
    }

    fn ranks(end: &End) -> Vec<(&str, usize, String)> {
        end.movers.iter().map(|mover| (mover.unit.as_str(), mover.rank, mover.change.decimal('.'))).collect()
    }

    #[test]
    fn equal_moves_share_a_rank_and_the_next_one_is_left_out() {
        let moved =
            found(&[((10, 100), (20, 100)), ((10, 100), (15, 100)), ((1, 20), (3, 20)), ((50, 100), (50, 100))], 5);
        let expected = [("1", 1, "+10.00"), ("3", 1, "+10.00"), ("2", 3, "+5.00")];
        assert_eq!(ranks(&moved.risen), expected.map(|(unit, rank, points)| (unit, rank, points.to_owned())));
        assert!(moved.fallen.movers.is_empty(), "who did not move is at neither end");
    }

    #[test]
    fn few_dossiers_are_not_ranked_whichever_round_has_them() {
        let moved = found(&[((1, 19), (19, 19)), ((1, 19), (20, 40)), ((1, 40), (19, 19)), ((1, 20), (2, 20))], 5);
        assert_eq!((moved.small, ranks(&moved.risen).len()), (3, 1));
    }

    #[test]
    fn those_tied_with_the_last_one_shown_are_counted() {
        let mut counts = vec![((10, 100), (90, 100))];
        counts.extend([((10, 100), (30, 100)); 5]);
        counts.push(((10, 100), (11, 100)));
        let moved = found(&counts, 3);
        assert_eq!((moved.risen.movers.len(), moved.risen.further), (3, 3));
        // Closer than a hundredth of a point, and still told apart.
        let close = found(&[((0, 1_000_000), (100_001, 1_000_000)), ((0, 1_000_000), (100_002, 1_000_000))], 1);
        assert_eq!((close.risen.movers[0].unit.as_str(), close.risen.further), ("2", 0));
    }

    #[test]
    fn falls_are_ranked_by_their_size() {
        let moved = found(&[((50, 100), (40, 100)), ((50, 100), (20, 100)), ((50, 100), (60, 100))], 1);
        assert_eq!(ranks(&moved.fallen), [("2", 1, "-30.00".to_owned())]);
    }
}
