//! Judgements over small catalogs.

use chrono::NaiveDate;
use proptest::prelude::*;

use super::*;
use crate::catalog::{
    BasisPoints, Catalog, Comparator, Definition, Demand, IndicatorId, IndicatorKind, Kind, LegalBasis, Measure, Pack,
    Scope, TargetId, Unit, Validity,
};
use crate::observation::{Month, Observations};

pub(super) const MEASURES: [&str; 5] = ["received", "received_online", "cashless_other", "services", "services_used"];

pub(super) fn day(month: u32) -> NaiveDate {
    Month::of(NaiveDate::from_ymd_opt(2022, month, 1).unwrap()).last_day()
}

pub(super) fn month(number: u32) -> Month {
    Month::of(day(number))
}

pub(super) fn unit(code: &str, kind: Kind) -> Unit {
    Unit {
        id: UnitId::new(code),
        code: code.into(),
        name: format!("Xã {code}"),
        kind,
        parent: None,
        aliases: Vec::new(),
        valid: Validity::default(),
    }
}

pub(super) fn indicator(id: &str, kind: IndicatorKind, numerator: &str, denominator: &str) -> Indicator {
    Indicator {
        id: IndicatorId::new(id),
        definition: Definition::default(),
        name: id.into(),
        short_name: id.into(),
        kind,
        numerator: Measure::new(numerator),
        denominator: Measure::new(denominator),
        minimum_volume: 10,
        counted: "hồ sơ".into(),
        remind_instruction: false,
        causes: Vec::new(),
    }
}

pub(super) fn target(indicator: &str, percent: u32) -> Target {
    Target {
        id: TargetId::new(indicator),
        indicator: IndicatorId::new(indicator),
        version: String::new(),
        name: indicator.into(),
        demand: Demand::Target,
        scope: Scope::All,
        comparator: Comparator::AtLeast,
        value: BasisPoints(percent * 100),
        from_month: 1,
        pro_rated: false,
        valid: Validity::default(),
        basis: LegalBasis { number: "1/KH".into(), date: Some(day(1)), issuer: "UBND".into() },
    }
}

/// Two communes under a province; online filing 50 %, active services 85 % from March.
pub(super) fn pack() -> Pack {
    let mut active = indicator("active", IndicatorKind::Coverage, "services_used", "services");
    active.minimum_volume = 1;
    let mut active_target = target("active", 85);
    active_target.from_month = 3;
    Pack {
        units: vec![unit("24", Kind::Province), unit("A", Kind::Commune), unit("B", Kind::Commune)],
        indicators: vec![indicator("online", IndicatorKind::Flow, "received_online", "received"), active],
        targets: vec![target("online", 50), active_target],
        ..Pack::default()
    }
}

pub(super) fn catalog(pack: &Pack) -> Catalog {
    Catalog::of(pack, day(10), day(10))
}

pub(super) type Row<'a> = (&'a str, &'a str, Month, &'a [Option<u64>]);

pub(super) fn judge(pack: &Pack, rows: &[Row<'_>], as_of: NaiveDate) -> Vec<Evaluation> {
    let catalog = catalog(pack);
    evaluate(&catalog, &Observations::of_rows(&catalog, &MEASURES, rows), as_of)
}

pub(super) fn below(evaluation: &Evaluation) -> &Shortfall {
    match &evaluation.standing {
        Standing::Below(shortfall) => shortfall,
        other => panic!("{} is {other:?}", evaluation.unit),
    }
}

#[test]
fn evaluations_of_a_unit_stand_together_in_the_catalogs_order() {
    let evaluations = judge(&pack(), &[], day(10));
    let order: Vec<_> = evaluations.iter().map(|e| (e.unit.as_str(), e.indicator.id.as_str())).collect();
    assert_eq!(order, [("A", "online"), ("A", "active"), ("B", "online"), ("B", "active")]);
    assert!(evaluations.iter().all(|e| e.standing == Standing::NotAssessed(Why::NoData)));
}

#[test]
fn what_cannot_be_judged_fairly_is_never_below() {
    let none: &[Option<u64>] = &[None, None, None, None, None];
    for (counts, why) in [
        (none, Why::NotReported),
        (&[Some(20), None], Why::NotReported),
        (&[Some(0), Some(0)], Why::NothingToMeasure),
        (&[Some(9), Some(0)], Why::TooFew),
    ] {
        let evaluations = judge(&pack(), &[("A", "s1", month(10), counts)], day(10));
        assert_eq!(evaluations[0].standing, Standing::NotAssessed(why), "{counts:?}");
    }
    let mut without = pack();
    without.targets.clear();
    let counts: &[Option<u64>] = &[Some(20), Some(0), None, Some(1), Some(0)];
    let evaluations = judge(&without, &[("A", "s1", month(2), counts)], day(10));
    assert_eq!(evaluations[0].standing, Standing::NotAssessed(Why::NoTarget));
    let evaluations = judge(&pack(), &[("A", "s1", month(2), counts)], day(2));
    assert_eq!(evaluations[1].standing, Standing::NotAssessed(Why::NotYet));
    assert!(evaluations[1].target.is_some(), "the target that will be judged is named");
    let evaluations = judge(&pack(), &[("A", "s1", month(2), counts)], day(3));
    assert_eq!(below(&evaluations[1]).missing, 1);
}

#[test]
fn a_rate_exactly_at_the_target_is_met_and_one_dossier_less_is_below() {
    let at: &[Option<u64>] = &[Some(640), Some(320)];
    let under: &[Option<u64>] = &[Some(640), Some(319)];
    let evaluations = judge(&pack(), &[("A", "s1", month(10), at), ("B", "s1", month(10), under)], day(10));
    assert_eq!(evaluations[0].standing, Standing::Met);
    assert_eq!(below(&evaluations[2]).missing, 1);
    let mut more_than = pack();
    more_than.targets[0].comparator = Comparator::MoreThan;
    let evaluations = judge(&more_than, &[("A", "s1", month(10), at)], day(10));
    assert_eq!(below(&evaluations[0]).missing, 1);
}

#[test]
fn a_flow_says_what_is_missing_the_pace_and_whether_the_year_can_be_saved() {
    let counts: Vec<[Option<u64>; 2]> = (1..=10).map(|m| [Some(64), Some(if m > 7 { 30 } else { 10 })]).collect();
    let rows: Vec<Row<'_>> = (1..).zip(&counts).map(|(m, counts)| ("A", "s1", month(m), &counts[..])).collect();
    let evaluations = judge(&pack(), &rows, day(10));
    let shortfall = below(&evaluations[0]);
    assert_eq!(evaluations[0].rate, Rate::new(160, 640));
    assert_eq!(shortfall.missing, 160);
    assert_eq!(shortfall.reach, Reach::OutOfReach { best: Rate::new(288, 768).unwrap() });
    assert_eq!(shortfall.pace, vec![Rate::new(30, 64).unwrap(); 3]);
    let evaluations = judge(&pack(), &rows[..6], day(6));
    assert_eq!(below(&evaluations[0]).reach, Reach::AtRate { needed: 324, expected: 384 });
}

#[test]
fn the_pace_skips_months_without_dossiers() {
    let rows: [Row<'_>; 5] = [
        ("A", "s1", month(5), &[Some(10), Some(1)]),
        ("A", "s1", month(6), &[Some(10), Some(2)]),
        ("A", "s1", month(7), &[Some(0), Some(0)]),
        ("A", "s1", month(8), &[Some(10), Some(3)]),
        ("A", "s1", month(9), &[Some(10), Some(4)]),
    ];
    let pace: Vec<u64> = below(&judge(&pack(), &rows, day(10))[0]).pace.iter().map(|rate| rate.numerator()).collect();
    assert_eq!(pace, [2, 3, 4]);
}

#[test]
fn the_heaviest_services_are_named_and_equal_ones_by_code() {
    let rows: [Row<'_>; 6] = [
        ("A", "s5", month(9), &[Some(30), Some(0)]),
        ("A", "s4", month(9), &[Some(10), Some(0)]),
        ("A", "s3", month(9), &[Some(10), Some(10)]),
        ("A", "s2", month(9), &[Some(10), Some(0)]),
        ("A", "s1", month(9), &[Some(10), Some(1)]),
        ("B", "s9", month(9), &[Some(90), Some(0)]),
    ];
    let evaluations = judge(&pack(), &rows, day(10));
    let levers: Vec<_> = below(&evaluations[0]).levers.iter().map(|l| (l.service.to_string(), l.missing)).collect();
    assert_eq!(levers, [("s5".to_owned(), 30), ("s2".to_owned(), 10), ("s4".to_owned(), 10)]);
}

#[test]
fn coverage_counts_a_service_once_whatever_the_months_say() {
    let on: &[Option<u64>] = &[None, None, None, Some(1), Some(1)];
    let idle: &[Option<u64>] = &[None, None, None, Some(1), Some(0)];
    let off: &[Option<u64>] = &[None, None, None, Some(0), Some(0)];
    let rows: [Row<'_>; 7] = [
        ("A", "s1", month(1), idle),
        ("A", "s1", month(2), on),
        ("A", "s1", month(3), idle),
        ("A", "s3", month(1), idle),
        ("A", "s2", month(1), idle),
        ("A", "s2", month(2), idle),
        ("A", "s4", month(2), off),
    ];
    let evaluation = &judge(&pack(), &rows, day(10))[1];
    assert_eq!((evaluation.rate.unwrap().numerator(), evaluation.rate.unwrap().denominator()), (1, 3));
    let shortfall = below(evaluation);
    assert_eq!((shortfall.missing, shortfall.reach, shortfall.pace.len()), (2, Reach::Now, 0));
    let levers: Vec<_> = shortfall.levers.iter().map(|l| (l.service.to_string(), l.missing)).collect();
    assert_eq!(levers, [("s2".to_owned(), 1), ("s3".to_owned(), 1)]);
}

#[test]
fn the_province_is_the_sum_of_its_units_not_their_average() {
    let rows: [Row<'_>; 3] = [
        ("A", "s1", month(10), &[Some(900), Some(450)]),
        ("B", "s1", month(10), &[Some(100), Some(0)]),
        ("B", "s2", month(10), &[None, None, None, Some(1), Some(1)]),
    ];
    let catalog = catalog(&pack());
    let totals = total(&catalog, &Observations::of_rows(&catalog, &MEASURES, &rows), day(10));
    assert_eq!(totals.iter().map(|e| e.unit.as_str()).collect::<Vec<_>>(), ["24", "24"]);
    assert_eq!(totals[0].rate.map(|rate| (rate.numerator(), rate.denominator())), Some((450, 1_000)));
    assert_eq!(below(&totals[0]).missing, 50);
    assert_eq!(totals[1].standing, Standing::Met);
}

#[test]
fn half_a_rate_does_not_shift_the_provinces_sum() {
    let rows: [Row<'_>; 2] =
        [("A", "s1", month(10), &[Some(100), Some(50)]), ("B", "s1", month(10), &[Some(900), None])];
    let catalog = catalog(&pack());
    let totals = total(&catalog, &Observations::of_rows(&catalog, &MEASURES, &rows), day(10));
    assert_eq!(totals[0].rate.map(|rate| (rate.numerator(), rate.denominator())), Some((50, 100)));
}

proptest! {
    #[test]
    fn the_provinces_counts_are_the_sums_of_its_units_counts(
        counts in prop::collection::vec((0..2_usize, 0..4_usize, 1..=10_u32, 0..5_000_u64, 0..=100_u64), 0..60),
    ) {
        let cells: Vec<[Option<u64>; 2]> =
            counts.iter().map(|(.., all, percent)| [Some(*all), Some(all * percent / 100)]).collect();
        let rows: Vec<Row<'_>> = counts
            .iter()
            .zip(&cells)
            .map(|((unit, service, m, ..), cells)| {
                (["A", "B"][*unit], ["s1", "s2", "s3", "s4"][*service], month(*m), &cells[..])
            })
            .collect();
        let catalog = catalog(&pack());
        let observations = Observations::of_rows(&catalog, &MEASURES, &rows);
        let evaluations = evaluate(&catalog, &observations, day(10));
        let sum = |count: fn(Rate) -> u64| {
            let online = evaluations.iter().filter(|e| e.indicator.id.as_str() == "online");
            online.filter_map(|e| e.rate).map(count).sum::<u64>()
        };
        let expected = Rate::new(sum(Rate::numerator), sum(Rate::denominator));
        let said = total(&catalog, &observations, day(10))[0].rate;
        prop_assert_eq!(
            said.map(|rate| (rate.numerator(), rate.denominator())),
            expected.map(|rate| (rate.numerator(), rate.denominator()))
        );
        let whole: u64 = counts.iter().map(|(.., all, _)| all).sum();
        prop_assert_eq!(expected.map_or(0, Rate::denominator), whole);
        for evaluation in &evaluations {
            if let (Standing::Below(_), Some(rate), Some(target)) =
                (&evaluation.standing, evaluation.rate, &evaluation.target)
            {
                prop_assert!(rate.rounded_beside(target.value, target.comparator) < u64::from(target.value.0));
            }
        }
    }
}
