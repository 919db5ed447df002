//! Snapshots and judgements as rows of both engines.

use dondoc::catalog::{Measure, UnitId};
use dondoc::db::Sql;
use dondoc::evaluation::{self, Standing, Why};
use dondoc::observation::{self, Observations, Stray};

use super::{as_of, catalog, read};
use crate::support::databases::Fresh;

const SNAPSHOTS: Sql = Sql::portable("SELECT run_id, rows_read, totals FROM snapshot ORDER BY run_id");

async fn judgements_are_read_back_as_they_were_recorded(fresh: Fresh) {
    let observations = read("good.csv");
    let catalog = catalog();
    let evaluations = evaluation::evaluate(&catalog, &observations, as_of());
    let total = evaluation::total(&catalog, &observations, as_of());
    for _ in 0..2 {
        let mut work = fresh.db.begin().await.expect("a unit of work");
        observation::record(&mut work, "run-1", &observations.snapshots).await.expect("recorded");
        evaluation::record(&mut work, "run-1", &evaluations).await.expect("recorded");
        evaluation::record(&mut work, "run-1", &total).await.expect("recorded");
        work.commit().await.expect("a commit");
    }
    let judged = evaluation::judged(&fresh.db, "run-1").await.expect("judgements");
    assert_eq!(judged.len(), evaluations.len() + total.len());
    assert!(judged.chunk_by(|one, other| one.unit_id == other.unit_id).all(|unit| unit.len() == 2));
    for evaluation in evaluations.iter().chain(&total) {
        let stored = judged
            .iter()
            .find(|judged| judged.unit_id == evaluation.unit && judged.indicator == evaluation.indicator.id);
        let stored = stored.expect("every evaluation is stored");
        assert_eq!(stored.numerator, evaluation.rate.map(evaluation::Rate::numerator));
        assert_eq!(stored.denominator, evaluation.rate.map(evaluation::Rate::denominator));
        let target = evaluation.target.as_ref().expect("a target");
        assert_eq!((stored.target, stored.comparator), (Some(target.value), target.comparator));
        assert_eq!(stored.standing, evaluation.standing.word());
        let missing = match &evaluation.standing {
            Standing::Below(shortfall) => Some(shortfall.missing),
            Standing::Met | Standing::NotAssessed(_) => None,
        };
        assert_eq!(stored.missing, missing);
        let said = (stored.demanded, stored.trend, stored.turns_on_one);
        assert_eq!(said, (evaluation.demanded, evaluation.trend, evaluation.turns_on_one));
        let lost = evaluation.shortfall().and_then(evaluation::Shortfall::interim_target);
        assert_eq!(stored.interim_target, lost);
    }
    let words: Vec<&str> = judged.iter().filter(|j| j.unit_id == UnitId::new("07318")).map(|j| j.standing).collect();
    assert_eq!(words, [Why::NoData.word(), Why::NoData.word()]);
    assert!(evaluation::judged(&fresh.db, "run-2").await.expect("judgements").is_empty());
}

async fn the_same_bytes_can_serve_two_rounds(fresh: Fresh) {
    let observations = read("good.csv");
    let mut work = fresh.db.begin().await.expect("a unit of work");
    observation::record(&mut work, "run-1", &observations.snapshots).await.expect("recorded");
    observation::record(&mut work, "run-2", &observations.snapshots).await.expect("recorded");
    work.commit().await.expect("a commit");
    let rows: Vec<(String, i64, String)> = dondoc::read!(&fresh.db, SNAPSHOTS, |sql, pool| {
        sqlx::query_as(sql).fetch_all(pool).await.expect("snapshots")
    });
    let totals =
        r#"{"received":200,"received_online":120,"services_online":4,"services_online_with_dossiers":3}"#.to_owned();
    assert_eq!(rows, [("run-1".to_owned(), 6, totals.clone()), ("run-2".to_owned(), 6, totals)]);
}

async fn more_units_than_one_page_are_all_read_back(fresh: Fresh) {
    let catalog = catalog();
    let one = evaluation::evaluate(&catalog, &Observations::default(), as_of()).remove(0);
    let of = |number: u32| evaluation::Evaluation { unit: UnitId::new(&format!("U{number}")), ..one.clone() };
    let evaluations: Vec<_> = (0..2_345).map(of).collect();
    let mut work = fresh.db.begin().await.expect("a unit of work");
    evaluation::record(&mut work, "run-1", &evaluations).await.expect("recorded");
    work.commit().await.expect("a commit");
    let judged = evaluation::judged(&fresh.db, "run-1").await.expect("judgements");
    let units: std::collections::HashSet<_> = judged.iter().map(|judged| judged.unit_id.clone()).collect();
    assert_eq!((judged.len(), units.len()), (2_345, 2_345));
}

async fn a_units_counts_come_back_service_by_service(fresh: Fresh) {
    let observations = read("good.csv");
    let units = ["07201", "07318"].map(UnitId::new);
    for _ in 0..2 {
        let mut work = fresh.db.begin().await.expect("a unit of work");
        observation::record_by_service(&mut work, "run-1", &observations, &units).await.expect("recorded");
        work.commit().await.expect("a commit");
    }
    let stored = observation::by_service(&fresh.db, "run-1", &units[0]).await.expect("figures").expect("a row");
    let sums = |parts: &[&str]| {
        let parts: Vec<Measure> = parts.iter().map(|part| Measure::new(part)).collect();
        let sums = stored.sums(&parts.iter().collect::<Vec<_>>()).map(|(code, sum)| (code.to_owned(), sum));
        sums.collect::<Vec<_>>()
    };
    let of = |first, second| vec![("1.001".to_owned(), first), ("1.002".to_owned(), second)];
    assert_eq!(sums(&["received"]), of(Some(100), None), "not reported is not zero");
    assert_eq!(sums(&["received", "received_online"]), of(Some(130), None));
    assert_eq!(sums(&["services_online"]), of(Some(1), Some(1)));
    assert_eq!(sums(&["paid_in_gold"]), of(None, None));
    assert_eq!(observation::by_service(&fresh.db, "run-1", &units[1]).await.expect("figures"), None, "it had no row");
    assert_eq!(observation::by_service(&fresh.db, "run-2", &units[0]).await.expect("figures"), None);
}

async fn counts_per_service_go_after_24_months_unless_they_are_the_accepted_ones(fresh: Fresh) {
    let mut observations = read("good.csv");
    let unit = [UnitId::new("07201")];
    let at = |days: u64| super::asked().pulled_at + chrono::Days::new(days);
    let mut work = fresh.db.begin().await.expect("a unit of work");
    for (days, run) in ["0", "1", "2", "3", "4", "5"].into_iter().enumerate() {
        observations.snapshots[0].pulled_at = at(u64::try_from(days).unwrap());
        observation::record(&mut work, run, &observations.snapshots).await.expect("recorded");
        observation::record_by_service(&mut work, run, &observations, &unit).await.expect("recorded");
    }
    observation::accept(&mut work, "1", &observations, &[], (as_of(), false)).await.expect("accepted");
    work.commit().await.expect("a commit");
    let kept = async |now| {
        let mut work = fresh.db.begin().await.expect("a unit of work");
        let gone = observation::forget_by_service(&mut work, now).await.expect("forgotten");
        work.commit().await.expect("a commit");
        let mut kept = String::new();
        for run in ["0", "1", "2", "3", "4", "5"] {
            let stored = observation::by_service(&fresh.db, run, &unit[0]).await.expect("figures");
            kept.push_str(if stored.is_some() { run } else { "-" });
        }
        (gone, kept)
    };
    let in_two_years = |days| at(days).checked_add_months(chrono::Months::new(24)).unwrap();
    assert_eq!(kept(in_two_years(0)).await, (0, "012345".to_owned()));
    assert_eq!(kept(in_two_years(1)).await, (1, "-12345".to_owned()));
    assert_eq!(kept(in_two_years(900)).await, (3, "-1---5".to_owned()), "three rounds at once");
    assert_eq!(kept(in_two_years(900)).await, (1, "-1----".to_owned()));
    assert_eq!(kept(in_two_years(900)).await, (0, "-1----".to_owned()), "what was accepted last stays");
}

async fn what_a_round_could_not_match_replaces_what_the_one_before_could_not(fresh: Fresh) {
    let mut settings = super::fixture("contradiction.csv");
    settings.columns.unit_name = "unit_name".into();
    settings.columns.measures.truncate(2);
    let observations = super::read_all(&[settings]).expect("a readable table");
    let met = observations.strangers().to_vec();
    assert_eq!(met.iter().map(|stranger| stranger.why).collect::<Vec<_>>(), [Stray::Contradiction, Stray::Ambiguous]);
    let now = super::asked().pulled_at;
    for strangers in [&met[..], &met[..1]] {
        let mut work = fresh.db.begin().await.expect("a unit of work");
        observation::record_unresolved(&mut work, strangers, now).await.expect("recorded");
        work.commit().await.expect("a commit");
        assert_eq!(observation::unresolved(&fresh.db).await.expect("rows").len(), strangers.len());
    }
    assert_eq!(observation::unresolved(&fresh.db).await.expect("rows"), met[..1]);
}

async fn every_statement_is_understood(fresh: Fresh) {
    fresh.db.prepare(observation::STATEMENTS).await.expect("prepared");
    fresh.db.prepare(evaluation::STATEMENTS).await.expect("prepared");
}

crate::support::databases::conformance!(
    judgements_are_read_back_as_they_were_recorded,
    the_same_bytes_can_serve_two_rounds,
    more_units_than_one_page_are_all_read_back,
    a_units_counts_come_back_service_by_service,
    counts_per_service_go_after_24_months_unless_they_are_the_accepted_ones,
    what_a_round_could_not_match_replaces_what_the_one_before_could_not,
    every_statement_is_understood,
);
