//! What a target demands, in whole dossiers. All of it exact: counts are 64 bits, products 128.

use std::cmp::Ordering;

use chrono::{Datelike as _, NaiveDate};

use super::{Rate, Reach};
use crate::catalog::{BasisPoints, Comparator, IndicatorKind};

/// Whether `rate` reaches `value`: equality passes [`Comparator::AtLeast`] and does not pass
/// [`Comparator::MoreThan`].
pub fn passes(rate: Rate, value: BasisPoints, comparator: Comparator) -> bool {
    match comparator {
        Comparator::AtLeast => rate.compare(value) != Ordering::Less,
        Comparator::MoreThan => rate.compare(value) == Ordering::Greater,
    }
}

/// How many of the `denominator` dossiers must comply beyond the `numerator` that do: `⌈value × denominator⌉ −
/// numerator` for [`Comparator::AtLeast`], one more than `⌊value × denominator⌋ − numerator` for
/// [`Comparator::MoreThan`]; 0 when the target is reached. More than 100 % of the dossiers cannot comply, so a
/// target of "more than 100 %" misses more than there are.
pub fn missing(numerator: u64, denominator: u64, value: BasisPoints, comparator: Comparator) -> u64 {
    enough(denominator, value, comparator).saturating_sub(numerator)
}

/// The fewest complying dossiers of `denominator` that reach `value`.
fn enough(denominator: u64, value: BasisPoints, comparator: Comparator) -> u64 {
    let scaled = u128::from(value.0) * u128::from(denominator);
    let whole = u128::from(BasisPoints::WHOLE);
    let enough = match comparator {
        Comparator::AtLeast => scaled.div_ceil(whole),
        Comparator::MoreThan => scaled / whole + 1,
    };
    u64::try_from(enough).unwrap_or(u64::MAX)
}

/// How many dossiers are still to be expected this year: the average of the `months_seen`, which together had
/// `denominator`, times the whole months after that of `as_of`, rounded down. The rest of the current month is not
/// counted.
pub fn expected_by_end(denominator: u64, months_seen: u64, as_of: NaiveDate) -> u64 {
    let to_come = u128::from(12_u32.saturating_sub(as_of.month()));
    let expected = to_come * u128::from(denominator) / u128::from(months_seen.max(1));
    u64::try_from(expected).unwrap_or(u64::MAX)
}

/// Whether a missed `value` can still be reached by 31 December with `expected` further dossiers. Only a flow looks
/// ahead: of a backlog the old dossiers can be repaired now, of a coverage the idle services used now.
pub fn reach_by_end(
    kind: IndicatorKind,
    rate: Rate,
    value: BasisPoints,
    comparator: Comparator,
    expected: u64,
) -> Reach {
    if kind != IndicatorKind::Flow {
        return Reach::Now;
    }
    let (done, all) = (rate.numerator(), rate.denominator().saturating_add(expected));
    let needed = missing(done, all, value, comparator);
    match Rate::new(done.saturating_add(expected), all) {
        Some(best) if needed > expected => Reach::OutOfReach { best },
        _ => Reach::AtRate { needed, expected },
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn comparator() -> impl Strategy<Value = Comparator> {
        prop_oneof![Just(Comparator::AtLeast), Just(Comparator::MoreThan)]
    }

    fn rate() -> impl Strategy<Value = Rate> {
        (1..=u64::MAX / 4)
            .prop_flat_map(|whole| (0..=whole, Just(whole)))
            .prop_map(|(part, whole)| Rate::new(part, whole).expect("a denominator above 0"))
    }

    /// Rates of small counts, where equality with a target is common.
    fn small_rate() -> impl Strategy<Value = Rate> {
        (1..=400_u64)
            .prop_flat_map(|whole| (0..=whole, Just(whole)))
            .prop_map(|(part, whole)| Rate::new(part, whole).expect("a denominator above 0"))
    }

    fn value() -> impl Strategy<Value = BasisPoints> {
        (0..=BasisPoints::WHOLE).prop_map(BasisPoints)
    }

    #[test]
    fn the_letters_examples_come_out_to_the_dossier() {
        let half = BasisPoints(5_000);
        assert_eq!(missing(214, 640, half, Comparator::AtLeast), 106);
        assert_eq!(missing(320, 640, half, Comparator::AtLeast), 0);
        assert_eq!(missing(320, 640, half, Comparator::MoreThan), 1);
        assert_eq!(missing(1, 3, half, Comparator::AtLeast), 1);
        assert_eq!(missing(0, 3, BasisPoints(3_333), Comparator::AtLeast), 1);
        assert_eq!(missing(0, 1, BasisPoints(1), Comparator::AtLeast), 1);
        assert_eq!(missing(5, 5, BasisPoints(10_000), Comparator::MoreThan), 1);
    }

    #[test]
    fn a_year_that_can_no_longer_be_saved_says_its_best_rate() {
        let october = NaiveDate::from_ymd_opt(2022, 10, 31).unwrap();
        let expected = expected_by_end(640, 10, october);
        assert_eq!(expected, 128);
        let rate = Rate::new(214, 640).unwrap();
        let reach = reach_by_end(IndicatorKind::Flow, rate, BasisPoints(5_000), Comparator::AtLeast, expected);
        assert_eq!(reach, Reach::OutOfReach { best: Rate::new(342, 768).unwrap() });
        let june = NaiveDate::from_ymd_opt(2022, 6, 30).unwrap();
        let expected = expected_by_end(640, 6, june);
        let reach = reach_by_end(IndicatorKind::Flow, rate, BasisPoints(5_000), Comparator::AtLeast, expected);
        assert_eq!(reach, Reach::AtRate { needed: 426, expected: 640 });
        for kind in [IndicatorKind::Backlog, IndicatorKind::Coverage] {
            assert_eq!(reach_by_end(kind, rate, BasisPoints(5_000), Comparator::AtLeast, 0), Reach::Now);
        }
    }

    #[test]
    fn in_december_nothing_more_is_expected() {
        let december = NaiveDate::from_ymd_opt(2022, 12, 1).unwrap();
        assert_eq!(expected_by_end(700, 12, december), 0);
        let rate = Rate::new(1, 700).unwrap();
        let reach = reach_by_end(IndicatorKind::Flow, rate, BasisPoints(5_000), Comparator::AtLeast, 0);
        assert_eq!(reach, Reach::OutOfReach { best: rate });
    }

    proptest! {
        #[test]
        fn a_rate_equal_to_the_target_passes_at_least_and_fails_more_than(
            points in 0..=BasisPoints::WHOLE, factor in 1..=1_000_000_u64,
        ) {
            let whole = u64::from(BasisPoints::WHOLE) * factor;
            let rate = Rate::new(u64::from(points) * factor, whole).expect("a denominator above 0");
            prop_assert!(passes(rate, BasisPoints(points), Comparator::AtLeast));
            prop_assert!(!passes(rate, BasisPoints(points), Comparator::MoreThan));
        }

        #[test]
        fn the_missing_dossiers_reach_the_target_and_one_fewer_does_not(
            rate in prop_oneof![rate(), small_rate()], value in value(), comparator in comparator(),
        ) {
            let (done, all) = (rate.numerator(), rate.denominator());
            let missing = missing(done, all, value, comparator);
            let with = |more: u64| Rate::new(done + more, all).expect("a denominator above 0");
            prop_assert!(passes(with(missing), value, comparator));
            prop_assert_eq!(missing == 0, passes(rate, value, comparator));
            if missing > 0 {
                prop_assert!(!passes(with(missing - 1), value, comparator));
            }
        }

        #[test]
        fn a_missed_rate_never_prints_as_reached_nor_a_reached_one_as_missed(
            rate in prop_oneof![rate(), small_rate()], value in value(), comparator in comparator(),
        ) {
            let (shown, limit) = (rate.rounded_beside(value, comparator), u64::from(value.0));
            match (passes(rate, value, comparator), comparator) {
                (true, Comparator::AtLeast) => prop_assert!(shown >= limit),
                (true, Comparator::MoreThan) => prop_assert!(shown > limit),
                (false, Comparator::AtLeast) => prop_assert!(shown < limit),
                (false, Comparator::MoreThan) => prop_assert!(shown <= limit),
            }
        }

        #[test]
        fn a_target_is_in_reach_exactly_if_full_compliance_from_now_on_reaches_it(
            rate in small_rate(), value in value(), comparator in comparator(), expected in 0..=400_u64,
        ) {
            let best = Rate::new(rate.numerator() + expected, rate.denominator() + expected)
                .expect("a denominator above 0");
            match reach_by_end(IndicatorKind::Flow, rate, value, comparator, expected) {
                Reach::AtRate { needed, expected: among } => {
                    prop_assert_eq!(among, expected);
                    prop_assert!(needed <= expected);
                    prop_assert!(passes(best, value, comparator));
                    let then = Rate::new(rate.numerator() + needed, rate.denominator() + expected);
                    prop_assert!(passes(then.expect("a denominator above 0"), value, comparator));
                }
                Reach::OutOfReach { best: said } => {
                    prop_assert_eq!(said, best);
                    prop_assert!(!passes(best, value, comparator));
                }
                Reach::Now => prop_assert!(false, "a flow looks ahead"),
            }
        }

        #[test]
        fn the_largest_counts_overflow_nothing(done in 0..=u64::MAX, all in 1..=u64::MAX, value in value()) {
            let rate = Rate::new(done, all).expect("a denominator above 0");
            let _ = missing(done, all, value, Comparator::MoreThan);
            let _ = reach_by_end(IndicatorKind::Flow, rate, value, Comparator::AtLeast, u64::MAX);
            let _ = rate.rounded_beside(value, Comparator::AtLeast);
        }
    }
}
