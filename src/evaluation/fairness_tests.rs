//! Causes, and the rules that keep judgements fair, each in a sentence.

use super::tests::{MEASURES, Row, below, day, judge, month, pack, target};
use super::*;
use crate::catalog::{BasisPoints, Cause, Comparator, Condition, Measure, Pack, WhatIf};

fn cause(id: &str, when: Option<&str>) -> Cause {
    Cause {
        id: id.into(),
        when: when.map(|text| Condition::new(text, &MEASURES).expect("a condition")),
        text: id.into(),
        action: id.into(),
        role: "Bộ phận một cửa".into(),
        what_if: None,
    }
}

fn with_causes(causes: Vec<Cause>) -> Pack {
    let mut pack = pack();
    pack.indicators[0].causes = causes;
    pack
}

fn judged(pack: &Pack, counts: &[Option<u64>]) -> Vec<Evaluation> {
    judge(pack, &[("A", "s1", month(10), counts)], day(10))
}

#[test]
fn the_first_cause_whose_condition_holds_is_taken() {
    let mut with = with_causes(vec![
        cause("zero", Some("services > 0 && cashless_other > 0")),
        cause("outside", Some("cashless_other * 10 >= received * 3")),
        cause("other", None),
    ]);
    for (cashless, expected) in [(Some(30), 1), (Some(29), 2), (None, 2)] {
        let evaluations = judged(&with, &[Some(100), Some(1), cashless, Some(0), Some(0)]);
        assert_eq!(below(&evaluations[0]).cause, Some(expected), "{cashless:?}");
    }
    with.indicators[0].causes.pop();
    let evaluations = judged(&with, &[Some(100), Some(1)]);
    assert_eq!(below(&evaluations[0]).cause, None, "the cause may be unknown");
}

#[test]
fn a_missing_count_is_not_zero_in_a_condition() {
    let with = with_causes(vec![cause("none", Some("cashless_other == 0")), cause("any", Some("received > 0"))]);
    assert_eq!(below(&judged(&with, &[Some(100), Some(1), None])[0]).cause, Some(1));
    assert_eq!(below(&judged(&with, &[Some(100), Some(1), Some(0)])[0]).cause, Some(0));
}

#[test]
fn payment_outside_the_portal_says_what_the_rate_would_be_had_it_counted() {
    let mut outside = cause("outside", Some("cashless_other * 5 >= received"));
    outside.what_if = Some(WhatIf { count: vec![Measure::new("cashless_other")], name: "mã QR".into() });
    let with = with_causes(vec![outside, cause("other", None)]);
    let of = |cashless| below(&judged(&with, &[Some(100), Some(5), Some(cashless)])[0]).what_if;
    let shown = of(36).map(|rate| (rate.numerator(), rate.denominator()));
    assert_eq!(shown, Some((41, 100)));
    assert_eq!(of(19), None, "another cause applies");
    assert_eq!(of(96), None, "together they are more than there is");
}

#[test]
fn procedures_without_a_fee_never_count_against_payment() {
    let rows: [Row<'_>; 2] =
        [("A", "free", month(9), &[None, None]), ("A", "with_fee", month(9), &[Some(20), Some(10)])];
    let evaluations = judge(&pack(), &rows, day(10));
    assert_eq!(evaluations[0].standing, Standing::Met, "only what bears a fee is in the denominator");
    let rows: [Row<'_>; 1] = [("A", "free", month(9), &[Some(0), Some(0)])];
    assert_eq!(judge(&pack(), &rows, day(10))[0].standing, Standing::NotAssessed(Why::NothingToMeasure));
}

#[test]
fn a_target_from_july_on_is_not_judged_in_june() {
    let mut pack = pack();
    pack.targets[0].from_month = 7;
    let row = |m: u32| ("A", "s1", month(m), &[Some(100), Some(1)][..]);
    let june = judge(&pack, &[row(6)], day(6));
    assert_eq!(june[0].standing, Standing::NotAssessed(Why::NotYet));
    assert_eq!((june[0].trend, june[0].turns_on_one), (None, false));
    assert_eq!(below(&judge(&pack, &[row(6), row(7)], day(7))[0]).missing, 98);
}

#[test]
fn a_pro_rated_coverage_demands_a_twelfth_of_the_year_for_every_month() {
    let mut pack = pack();
    pack.indicators[1].minimum_volume = 1;
    pack.targets[1] = crate::catalog::Target { pro_rated: true, ..target("active", 85) };
    let services = |used: usize| -> Vec<Row<'static>> {
        const CODES: [&str; 12] = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l"];
        let on: &[Option<u64>] = &[None, None, None, Some(1), Some(1)];
        let idle: &[Option<u64>] = &[None, None, None, Some(1), Some(0)];
        CODES.iter().enumerate().map(|(at, code)| ("A", *code, month(1), if at < used { on } else { idle })).collect()
    };
    // 85 % × 6/12 = 42.5 % of 12 services: 5.1.
    let june = judge(&pack, &services(5), day(6));
    let shortfall = below(&june[1]);
    assert_eq!((shortfall.missing, june[1].demanded.map(Threshold::rounded)), (1, Some(4_250)));
    assert!(june[1].turns_on_one);
    assert_eq!(judge(&pack, &services(6), day(6))[1].standing, Standing::Met);
    // In December all of it: 10.2.
    let december = judge(&pack, &services(6), day(12));
    assert_eq!(below(&december[1]).missing, 5);
    assert_eq!(december[1].demanded, Some(BasisPoints(8_500).into()));
}

#[test]
fn a_pro_rated_target_is_met_at_its_exact_share_and_not_at_the_rounded_one() {
    let mut pack = pack();
    pack.targets[0] = crate::catalog::Target { pro_rated: true, ..target("online", 85) };
    // 85 % × 10/12 = 70.8333… %: 17 of 24 are exactly that, 7083 of 10000 only when rounded.
    assert_eq!(judged(&pack, &[Some(24), Some(17)])[0].standing, Standing::Met);
    let rounded = judged(&pack, &[Some(10_000), Some(7_083)]);
    assert_eq!(below(&rounded[0]).missing, 1);
    let demanded = rounded[0].demanded.unwrap();
    assert_eq!(rounded[0].rate.unwrap().rounded_beside(demanded, Comparator::AtLeast), 7_082, "never shown as reached");
}

#[test]
fn a_figure_that_one_dossier_would_turn_is_flagged() {
    for (done, all, turns) in [(5, 10, true), (6, 10, false), (4, 10, true), (3, 10, false), (320, 640, true)] {
        let evaluations = judged(&pack(), &[Some(all), Some(done)]);
        assert_eq!(evaluations[0].turns_on_one, turns, "{done}/{all}");
    }
    assert!(!judged(&pack(), &[Some(9), Some(4)])[0].turns_on_one, "too few to be judged at all");
}

#[test]
fn an_unreachable_target_says_the_best_that_is_still_possible() {
    let rows: Vec<Row<'_>> = (1..=10).map(|m| ("A", "s1", month(m), &[Some(30), Some(1)][..])).collect();
    let evaluations = judge(&pack(), &rows, day(10));
    // 10 of 300 so far, 60 to come: 70/360 = 19.444… %.
    assert_eq!(below(&evaluations[0]).interim_target(), Some(1_944));
    let early: Vec<Row<'_>> = rows.iter().take(2).copied().collect();
    assert_eq!(below(&judge(&pack(), &early, day(2))[0]).interim_target(), None, "February can still be saved");
}

#[test]
fn the_pace_beside_the_level_rises_falls_or_stays() {
    let year = |last: u64| -> Vec<[Option<u64>; 2]> {
        (1..=10).map(|m| [Some(60), Some(if m > 7 { last } else { 20 })]).collect()
    };
    for (last, expected) in [(21, Trend::Rising), (19, Trend::Falling), (20, Trend::Flat), (55, Trend::Rising)] {
        let counts = year(last);
        let rows: Vec<Row<'_>> = (1..).zip(&counts).map(|(m, counts)| ("A", "s1", month(m), &counts[..])).collect();
        assert_eq!(judge(&pack(), &rows, day(10))[0].trend, Some(expected), "{last}");
        assert_eq!(judge(&pack(), &rows[..3], day(3))[0].trend, None, "three months are the whole year so far");
    }
}

#[test]
fn a_pro_rated_target_prints_what_is_demanded_by_now() {
    let demanded = |month| Threshold::twelfths(BasisPoints(8_500), month).to_string();
    assert_eq!([1, 6, 10, 12].map(demanded), ["7.08", "42.5", "70.83", "85"]);
}
