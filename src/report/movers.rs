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
    /// Its ranks among units of its kind; absent where the kind is not known or too few dossiers make it unranked.
    pub among: Option<Among>,
}

/// Where a unit stands among those of its kind that were judged both times with enough dossiers. Equal rates share a rank.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Among {
    /// From 1, by the rates of the round before.
    pub before: usize,
    /// From 1, by the rates now.
    pub now: usize,
    /// How many are ranked.
    pub of: usize,
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
    /// Those of them that moved furthest, either way; they have no rank that means anything.
    pub small_movers: Vec<Mover>,
}

/// The `shown` units of `rows` at either end, on each of `indicators`. Only what was judged both times by one definition is
/// compared. Units of one `kind` are ranked among each other.
pub fn movers<'i, K: Copy + Eq>(
    rows: &[GlanceRow<'_>],
    indicators: impl IntoIterator<Item = &'i IndicatorId>,
    shown: usize,
    kind: impl Fn(&UnitId) -> Option<K>,
) -> Vec<Movers> {
    let kinds: Vec<Option<K>> = rows.iter().map(|row| kind(row.unit)).collect();
    let of = |indicator| of_indicator((rows, &kinds), indicator, shown);
    indicators.into_iter().map(of).collect()
}

/// A unit that was judged both times.
struct Both<'r, K> {
    unit: &'r UnitId,
    kind: Option<K>,
    rates: [Rate; 2],
    change: Change,
}

fn of_indicator<K: Copy + Eq>(
    (rows, kinds): (&[GlanceRow<'_>], &[Option<K>]),
    indicator: &IndicatorId,
    shown: usize,
) -> Movers {
    let (mut ranked, mut small) = (Vec::new(), Vec::new());
    for (row, kind) in rows.iter().zip(kinds) {
        let Some((before, now)) = row.both(indicator) else { continue };
        let Some(change) = Change::between(before, now) else { continue };
        let both = Both { unit: row.unit, kind: *kind, rates: [before, now], change };
        let few = before.denominator().min(now.denominator()) < SMALLEST;
        if few { small.push(both) } else { ranked.push(both) }
    }
    let moved = |sign: i64| ranked.iter().filter(move |both| both.change.rounded().signum() == sign);
    let all = |end: Furthest<'_, '_, K>| End {
        movers: end.first.into_iter().map(|(rank, both)| mover(rank, both, among(both, &ranked))).collect(),
        further: end.further,
    };
    let (risen, fallen) = (all(furthest(moved(1), shown)), all(furthest(moved(-1), shown)));
    let unranked = furthest(small.iter().filter(|both| both.change.rounded() != 0), shown).first;
    Movers {
        indicator: indicator.clone(),
        risen,
        fallen,
        small: small.len(),
        small_movers: unranked.into_iter().map(|(_, both)| mover(0, both, None)).collect(),
    }
}

fn mover<K>(rank: usize, both: &Both<'_, K>, among: Option<Among>) -> Mover {
    let [before, now] = both.rates;
    Mover { unit: both.unit.clone(), rank, before, now, change: both.change, among }
}

/// The ranks of `own` among those of its kind in `ranked`, counted by who is ahead: the few that are shown need no sorting.
fn among<K: Copy + Eq>(own: &Both<'_, K>, ranked: &[Both<'_, K>]) -> Option<Among> {
    let kind = own.kind?;
    let mut found = Among { before: 1, now: 1, of: 0 };
    let [before, now] = own.rates;
    for other in ranked.iter().filter(|other| other.kind == Some(kind)) {
        let [other_before, other_now] = other.rates;
        found.of += 1;
        found.before += usize::from(other_before > before);
        found.now += usize::from(other_now > now);
    }
    Some(found)
}

/// Who moved furthest, with ranks, and how many more moved as far as the last of them.
struct Furthest<'m, 'r, K> {
    first: Vec<(usize, &'m Both<'r, K>)>,
    further: usize,
}

/// The rounded sizes come in the order of the exact ones, so they tell cheaply who cannot be among the first.
fn furthest<'m, 'r, K>(moved: impl Iterator<Item = &'m Both<'r, K>>, shown: usize) -> Furthest<'m, 'r, K> {
    let size = |both: &Both<'_, K>| both.change.rounded().unsigned_abs();
    let mut moved: Vec<(u64, &Both<'_, K>)> = moved.map(|both| (size(both), both)).collect();
    if let Some(last) = shown.checked_sub(1).filter(|last| *last < moved.len()) {
        let (_, (limit, _), _) = moved.select_nth_unstable_by_key(last, |(rounded, _)| Reverse(*rounded));
        let limit = *limit;
        moved.retain(|(rounded, _)| *rounded >= limit);
    }
    moved.sort_by(|(_, one), (_, other)| {
        other.change.size().cmp(&one.change.size()).then_with(|| one.unit.cmp(other.unit))
    });
    let mut rank = 0;
    let mut last: Option<Change> = None;
    let mut first = Vec::with_capacity(moved.len());
    for (place, (_, both)) in (1..).zip(moved) {
        if last != Some(both.change) {
            rank = place;
        }
        first.push((rank, both));
        last = Some(both.change);
    }
    let rest = first.split_off(shown.min(first.len()));
    let tied = first.last().map(|(_, last)| last.change);
    Furthest { further: rest.iter().filter(|(_, other)| Some(other.change) == tied).count(), first }
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
        movers(&rows, [&IndicatorId::new("a")], shown, |_| Some(())).remove(0)
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
    fn a_unit_has_a_rank_among_its_kind_and_equal_rates_share_one() {
        // Units 1, 2, 4 and 5 are of one kind, 3 and 6 of another; 5 has too few dossiers.
        let counts = [(10, 30), (20, 30), (5, 95), (20, 25), (1, 19), (40, 39)];
        let of = |pick: fn(&(u64, u64)) -> u64| {
            let all = |unit: u64| if unit == 5 { 19 } else { 100 };
            (1..).zip(&counts).map(|(unit, both)| judged(&unit.to_string(), (pick(both), all(unit)))).collect()
        };
        let (before, now): (Vec<_>, Vec<_>) = (of(|both| both.0), of(|both| both.1));
        let rows = rows(&now, &before, |_| true);
        let kind = |unit: &UnitId| Some(matches!(unit.as_str(), "3" | "6"));
        let found = movers(&rows, [&IndicatorId::new("a")], 9, kind).remove(0);
        let among: Vec<_> =
            found.risen.movers.iter().map(|mover| (mover.unit.as_str(), mover.among.unwrap())).collect();
        let place = |before, now, of| Among { before, now, of };
        let expected = [("3", place(2, 1, 2)), ("1", place(3, 1, 3)), ("2", place(1, 1, 3)), ("4", place(1, 3, 3))];
        assert_eq!(among, expected);
        assert_eq!(found.fallen.movers[0].among, Some(place(1, 2, 2)));
        let small = &found.small_movers;
        assert_eq!((found.small, small[0].unit.as_str(), small[0].rank, small[0].among), (1, "5", 0, None));
        let none = movers(&rows, [&IndicatorId::new("a")], 9, |_| None::<()>).remove(0);
        assert!(none.risen.movers.iter().all(|mover| mover.among.is_none()), "no kind, no rank");
    }

    #[test]
    fn falls_are_ranked_by_their_size() {
        let moved = found(&[((50, 100), (40, 100)), ((50, 100), (20, 100)), ((50, 100), (60, 100))], 1);
        assert_eq!(ranks(&moved.fallen), [("2", 1, "-30.00".to_owned())]);
    }
}
