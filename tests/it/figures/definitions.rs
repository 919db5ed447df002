//! One indicator, several definitions: versions, windows, and targets that name the one they apply to.

use std::path::Path;

use chrono::NaiveDate;
use dondoc::catalog::{Catalog, Comparator, Definition, IndicatorKind, Kind, Measure, Pack, Scope, UnitId, Window};
use dondoc::evaluation::{self, Evaluation, Reach, Standing, Why};
use dondoc::observation::{self, Observations};
use dondoc::source::{Encoding, Place, Settings};

use super::{asked, fetched, fixture, indicator, target, unit};

const FIGURES: &str = "period,unit_code,service_code,received,received_online,paid_on_portal,\
                       paid_on_provincial_portal,fee_transactions,services_online,services_online_with_dossiers\n\
                       2022-09,07201,1.001,100,90,10,20,100,1,1\n\
                       2022-10,07201,1.001,100,20,10,30,100,1,0\n\
                       2022-10,07201,1.002,50,10,,,,1,1\n\
                       2022-09,07318,1.001,40,40,5,0,20,1,1\n";

fn october() -> NaiveDate {
    NaiveDate::from_ymd_opt(2022, 10, 31).expect("a date")
}

fn read(catalog: &Catalog) -> Observations {
    let file = tempfile::Builder::new().suffix(".csv").tempfile().unwrap();
    std::fs::write(file.path(), FIGURES).unwrap();
    let mut settings = fixture("good.csv");
    settings.place =
        Place::Csv { path: file.path().to_owned(), delimiter: b',', encoding: Encoding::Utf8, max_rows: None };
    let names = FIGURES.lines().next().unwrap().split(',').skip(3);
    settings.columns.measures = names.map(|name| (name.to_owned(), name.to_owned())).collect();
    let observations = observation::read(catalog, &fetched(&[Settings { ..settings }]).unwrap(), &asked()).unwrap();
    assert_eq!(observations.refusals, vec![]);
    observations
}

/// Online filing over the year (`letter`) and by the month (`month`); payment on one portal and on both (`both`).
fn pack() -> Pack {
    let filing = indicator("online_filing", IndicatorKind::Flow, "received_online", "received");
    let payment = indicator("payment", IndicatorKind::Flow, "paid_on_portal", "fee_transactions");
    let version = |version: &str| Definition { version: version.to_owned(), ..Definition::default() };
    let by_month = Definition { window: Window::Month, ..version("month") };
    let both = Definition { also: vec![Measure::new("paid_on_provincial_portal")], ..version("both") };
    Pack {
        units: vec![
            unit("24", "Tỉnh Bắc Giang", Kind::Province),
            unit("07201", "Xã Hiệp Hòa", Kind::Commune),
            unit("07318", "Xã Phúc Sơn", Kind::Commune),
        ],
        indicators: vec![
            dondoc::catalog::Indicator { definition: version("letter"), ..filing.clone() },
            dondoc::catalog::Indicator { definition: by_month, ..filing },
            dondoc::catalog::Indicator { definition: version("portal"), ..payment.clone() },
            dondoc::catalog::Indicator { definition: both, ..payment },
            indicator("active", IndicatorKind::Coverage, "services_online_with_dossiers", "services_online"),
        ],
        ..Pack::default()
    }
}

fn judged(pack: &Pack) -> (Vec<Evaluation>, Vec<Evaluation>) {
    let catalog = Catalog::of(pack, october(), october());
    let observations = read(&catalog);
    let all = evaluation::evaluate(&catalog, &observations, october());
    (all, evaluation::total(&catalog, &observations, october()))
}

fn of<'e>(evaluations: &'e [Evaluation], unit: &str, indicator: &str) -> &'e Evaluation {
    let found = evaluations.iter().find(|e| e.unit.as_str() == unit && e.indicator.id.as_str() == indicator);
    found.expect("an evaluation")
}

fn rate(evaluation: &Evaluation) -> Option<(u64, u64)> {
    evaluation.rate.map(|rate| (rate.numerator(), rate.denominator()))
}

fn with_target(indicator: &str, version: &str, scope: Scope) -> Pack {
    let mut pack = pack();
    let mut target = target(indicator, Comparator::AtLeast, 50);
    version.clone_into(&mut target.version);
    target.scope = scope;
    pack.targets.push(target);
    pack
}

#[test]
fn a_target_chooses_the_definition_and_each_indicator_is_judged_once() {
    for (version, expected) in [("letter", (120, 250)), ("month", (30, 150))] {
        let (units, total) = judged(&with_target("online_filing", version, Scope::All));
        assert_eq!(units.len(), 6, "three indicators, two units");
        let evaluation = of(&units, "07201", "online_filing");
        assert_eq!(
            (evaluation.indicator.versioned(), rate(evaluation)),
            (format!("online_filing@{version}"), Some(expected))
        );
        assert_eq!(of(&total, "24", "online_filing").indicator.definition.version, version);
    }
    let (units, _) = judged(&pack());
    assert_eq!(
        of(&units, "07201", "online_filing").indicator.definition.version,
        "letter",
        "without a target, the first"
    );
}

#[test]
fn a_month_is_judged_by_its_own_dossiers_and_who_has_none_is_not_judged() {
    let (units, total) = judged(&with_target("online_filing", "month", Scope::All));
    let Standing::Below(shortfall) = &of(&units, "07201", "online_filing").standing else { panic!("20 % of October") };
    assert_eq!((shortfall.missing, shortfall.reach, shortfall.levers.len()), (45, Reach::Now, 0));
    assert_eq!(shortfall.pace.len(), 2, "the months before are still told");
    let silent = of(&units, "07318", "online_filing");
    assert_eq!(silent.standing, Standing::NotAssessed(Why::NoData), "nothing in October");
    assert_eq!(rate(of(&total, "24", "online_filing")), Some((30, 150)), "and nothing of it in the sum");
    let (units, _) = judged(&with_target("online_filing", "letter", Scope::All));
    assert_eq!(rate(of(&units, "07318", "online_filing")), Some((40, 40)), "over the year it is");
}

#[test]
fn further_counts_are_added_on_top() {
    let (units, total) = judged(&with_target("payment", "both", Scope::All));
    assert_eq!(rate(of(&units, "07201", "payment")), Some((70, 200)));
    assert_eq!(rate(of(&total, "24", "payment")), Some((75, 220)));
    let (units, _) = judged(&with_target("payment", "portal", Scope::All));
    assert_eq!(rate(of(&units, "07201", "payment")), Some((20, 200)));
}

#[test]
fn coverage_stays_distinct_over_the_year_whatever_the_others_count() {
    let (units, total) = judged(&with_target("online_filing", "month", Scope::All));
    assert_eq!(rate(of(&units, "07201", "active")), Some((2, 2)), "a service of September and one of October");
    assert_eq!(rate(of(&total, "24", "active")), Some((3, 3)));
}

#[test]
fn a_narrower_target_may_name_another_definition_and_the_whole_is_of_one() {
    let mut pack = with_target("online_filing", "letter", Scope::All);
    let mut narrow = pack.targets[0].clone();
    narrow.version = "month".to_owned();
    narrow.scope = Scope::Unit(UnitId::new("07201"));
    pack.targets.push(narrow);
    let (units, total) = judged(&pack);
    assert_eq!(rate(of(&units, "07201", "online_filing")), Some((30, 150)));
    assert_eq!(rate(of(&units, "07318", "online_filing")), Some((40, 40)));
    assert_eq!(rate(of(&total, "24", "online_filing")), Some((160, 290)), "all by the definition of the whole");
}

#[test]
fn the_sample_holds_the_targets_of_2023_by_level_with_strict_comparators() {
    let pack = Pack::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("samples/bac-giang-2022")).unwrap();
    let on = |date: &str| {
        let date: NaiveDate = date.parse().unwrap();
        Catalog::of(&pack, date, date)
    };
    let of = |catalog: &Catalog, unit: &str, indicator: &str| {
        let unit = catalog.unit(&UnitId::new(unit)).expect("a unit");
        let target = catalog.target_for(unit, &dondoc::catalog::IndicatorId::new(indicator)).expect("a target");
        let sign = target.comparator.word();
        (format!("{sign} {}", target.value), target.version.clone(), target.basis.number.clone())
    };
    let (old, new) = (on("2022-10-31"), on("2023-10-31"));
    assert_eq!(of(&old, "07201", "online_filing").0, ">= 50");
    let plan = "Kế hoạch số 6649/KH-UBND".to_owned();
    for (unit, value) in [("SCT", ">= 70"), ("213", ">= 60"), ("07201", ">= 55")] {
        assert_eq!(of(&new, unit, "e_result"), (value.to_owned(), "plan2023".to_owned(), plan.clone()), "{unit}");
    }
    for (indicator, value) in [("online_filing", "> 60"), ("portal_payment", "> 40"), ("active_services", "> 90")] {
        assert_eq!(of(&new, "07201", indicator), (value.to_owned(), "letter2022".to_owned(), plan.clone()));
    }
    let ids = |catalog: &Catalog| catalog.indicators.iter().map(|i| i.versioned()).collect::<Vec<_>>();
    let letter =
        ["e_result", "online_filing", "portal_payment", "active_services"].map(|id| format!("{id}@letter2022"));
    assert_eq!(ids(&old), letter);
    assert_eq!(ids(&new)[0], "e_result@plan2023");
    assert!(new.target_for_all(&dondoc::catalog::IndicatorId::new("e_result")).is_none(), "no level is the whole");
    let forced: Vec<String> = new.definitions.iter().map(|definition| definition.versioned()).collect();
    assert!(!forced.contains(&"portal_payment@qd766".to_owned()), "no target names it");
}
