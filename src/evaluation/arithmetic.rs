//! What a target demands, in whole dossiers. All of it exact: counts are 64 bits, products 128.

use std::cmp::Ordering;

use chrono::{Datelike as _, NaiveDate};

use super::{Rate, Reach, Threshold, Trend};
use crate::catalog::{Comparator, IndicatorKind};

/// Whether `rate` reaches `value`: equality passes [`Comparator::AtLeast`] and does not pass
/// [`Comparator::MoreThan`].
pub fn passes(rate: Rate, value: impl Into<Threshold>, comparator: Comparator) -> bool {
    match comparator {
        Comparator::AtLeast => rate.compare(value) != Ordering::Less,
        Comparator::MoreThan => rate.compare(value) == Ordering::Greater,
    }
}

/// How many of the `denominator` dossiers must comply beyond the `numerator` that do: `⌈value × denominator⌉ −
/// numerator` for [`Comparator::AtLeast`], one more than `⌊value × denominator⌋ − numerator` for
/// [`Comparator::MoreThan`]; 0 when the target is reached. More than 100 % of the dossiers cannot comply, so a
/// target of "more than 100 %" misses more than there are.
pub fn missing(numerator: u64, denominator: u64, value: impl Into<Threshold>, comparator: Comparator) -> u64 {
    enough(denominator, value.into(), comparator).saturating_sub(numerator)
}

/// The fewest complying dossiers of `denominator` that reach `value`.
fn enough(denominator: u64, value: Threshold, comparator: Comparator) -> u64 {
    let scaled = value.parts() * u128::from(denominator);
    let whole = Threshold::whole();
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
    value: impl Into<Threshold>,
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

/// Whether one dossier decides: of a reached target one complying dossier less misses it, of a missed one one more
/// reaches it. Such a figure says little, and a correction can turn it.
pub fn turns_on_one(rate: Rate, value: impl Into<Threshold>, comparator: Comparator) -> bool {
    let value = value.into();
    let (done, all) = (rate.numerator(), rate.denominator());
    if !passes(rate, value, comparator) {
        return missing(done, all, value, comparator) == 1 && done < all;
    }
    let less = done.checked_sub(1).and_then(|less| Rate::new(less, all));
    less.is_some_and(|less| !passes(less, value, comparator))
}

/// How the rate of the last months together lies to the cumulative one; `None` where they are the whole of it, so that
/// there is nothing to compare.
pub fn trend(last_months: &[Rate], cumulative: Rate) -> Option<Trend> {
    let sum = |count: fn(Rate) -> u64| last_months.iter().fold(0_u64, |sum, rate| sum.saturating_add(count(*rate)));
    let recent = Rate::new(sum(Rate::numerator), sum(Rate::denominator))?;
    if recent.denominator() >= cumulative.denominator() {
        return None;
    }
    Some(match recent.cmp(&cumulative) {
        Ordering::Less => Trend::Falling,
        Ordering::Equal => Trend::Flat,
        Ordering::Greater => Trend::Rising,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::catalog::BasisPoints;

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
        fn a_pro_rated_target_is_met_exactly_from_its_twelfths_on(
            rate in prop_oneof![rate(), small_rate()], value in value(), months in 1..=12_u32, comparator in comparator(),
        ) {
            let threshold = Threshold::twelfths(value, months);
            let left = u128::from(rate.numerator()) * 120_000;
            let right = u128::from(value.0) * u128::from(months) * u128::from(rate.denominator());
            let met = if comparator == Comparator::AtLeast { left >= right } else { left > right };
            prop_assert_eq!(passes(rate, threshold, comparator), met);
            let (shown, limit) = (rate.rounded_beside(threshold, comparator), threshold.rounded());
            prop_assert_eq!(if comparator == Comparator::AtLeast { shown >= limit } else { shown > limit }, met);
            let more = missing(rate.numerator(), rate.denominator(), threshold, comparator);
            let with = Rate::new(rate.numerator() + more, rate.denominator()).expect("a denominator above 0");
            prop_assert!(passes(with, threshold, comparator));
            prop_assert_eq!(more == 0, met);
        }

        #[test]
        fn a_figure_turns_on_one_dossier_exactly_if_one_more_or_one_less_changes_the_judgement(
            rate in small_rate(), value in value(), comparator in comparator(),
        ) {
            let (done, all) = (rate.numerator(), rate.denominator());
            let judged = |done: u64| passes(Rate::new(done, all).expect("a denominator above 0"), value, comparator);
            let neighbours = [done.checked_sub(1), Some(done + 1).filter(|more| *more <= all)];
            let turns = neighbours.into_iter().flatten().any(|done| judged(done) != judged(rate.numerator()));
            prop_assert_eq!(turns_on_one(rate, value, comparator), turns);
        }

        #[test]
        fn the_trend_is_that_of_the_last_months_against_those_before(
            before in small_rate(), last in prop::collection::vec(small_rate(), 1..=3),
        ) {
            let (done, all) = last.iter().fold((0, 0), |sum, rate| (sum.0 + rate.numerator(), sum.1 + rate.denominator()));
            let recent = Rate::new(done, all).expect("a denominator above 0");
            let cumulative = Rate::new(before.numerator() + done, before.denominator() + all);
            let said = trend(&last, cumulative.expect("a denominator above 0"));
            let expected = match recent.cmp(&before) {
                Ordering::Less => Trend::Falling,
                Ordering::Equal => Trend::Flat,
                Ordering::Greater => Trend::Rising,
            };
            prop_assert_eq!(said, Some(expected));
            prop_assert_eq!(trend(&last, recent), None);
        }

        #[test]
        fn the_interim_target_of_a_lost_year_is_possible_and_a_hundredth_more_is_not(
            rate in small_rate(), expected in 0..=400_u64,
        ) {
            let whole = BasisPoints(BasisPoints::WHOLE);
            let reach = reach_by_end(IndicatorKind::Flow, rate, whole, Comparator::MoreThan, expected);
            let Reach::OutOfReach { best } = reach else { return Err(TestCaseError::fail("more than all is no target")) };
            let floor = u32::try_from(best.floor()).expect("a rate up to 100 %");
            prop_assert!(passes(best, BasisPoints(floor), Comparator::AtLeast));
            prop_assert!(!passes(best, BasisPoints(floor + 1), Comparator::AtLeast));
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
