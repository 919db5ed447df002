//! Snapshots and judgements as rows of both engines.

use dondoc::catalog::UnitId;
use dondoc::db::Sql;
use dondoc::evaluation::{self, Standing, Why};
use dondoc::observation::{self, Observations};

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

async fn every_statement_is_understood(fresh: Fresh) {
    fresh.db.prepare(observation::STATEMENTS).await.expect("prepared");
    fresh.db.prepare(evaluation::STATEMENTS).await.expect("prepared");
}

crate::support::databases::conformance!(
    judgements_are_read_back_as_they_were_recorded,
    the_same_bytes_can_serve_two_rounds,
    more_units_than_one_page_are_all_read_back,
    every_statement_is_understood,
);
