//! What courses and the panel of quality stand on, read from both engines.

use dondoc::catalog::{self, UnitId};
use dondoc::evaluation;
use dondoc::report::{sums, sums_of};
use dondoc::{observation, pass};

use crate::support::databases::{Fresh, conformance, postgres_url};
use crate::support::mailbox::sample_catalog;
use crate::support::project::{Plan, Project};
use crate::support::rounds;

conformance!(the_judgements_of_a_part_are_those_of_its_units, a_round_without_a_stored_whole_has_none);

async fn the_judgements_of_a_part_are_those_of_its_units(fresh: Fresh) {
    sample_catalog(&fresh.db).await;
    rounds::two_rounds(&fresh.db).await;
    let pack = catalog::load(&fresh.db).await.unwrap();
    let district =
        pack.units.iter().find(|unit| pack.units.iter().any(|below| below.parent.as_ref() == Some(&unit.id)));
    let province = pack.units.iter().find(|unit| unit.parent.is_none()).unwrap();
    let all = evaluation::judged(&fresh.db, "round-1").await.unwrap();
    for root in [district.unwrap(), province] {
        let codes = catalog::codes_within(&fresh.db, root.id.as_str()).await.unwrap();
        let inside = |id: &UnitId| pack.units.iter().any(|unit| unit.id == *id && codes.contains(&unit.code));
        let mut expected = all.clone();
        expected.retain(|judged| inside(&judged.unit_id));
        assert!(!expected.is_empty());
        let found = evaluation::judged_within(&fresh.db, "round-1", &root.id).await.unwrap();
        assert_eq!(found, expected, "{}", root.name);
        assert_eq!(sums_of(&fresh.db, "round-1", Some(&root.id)).await.unwrap(), sums(&expected));
    }
    let nobody = evaluation::judged_within(&fresh.db, "round-1", &UnitId::new("nobody")).await.unwrap();
    assert!(nobody.is_empty());
}

async fn a_round_without_a_stored_whole_has_none(fresh: Fresh) {
    sample_catalog(&fresh.db).await;
    rounds::two_rounds(&fresh.db).await;
    assert!(sums_of(&fresh.db, "round-1", None).await.unwrap().is_empty());
    assert!(observation::pulls(&fresh.db, "round-1").await.unwrap().is_empty());
}

/// A real round stores the whole beside its units, and the units are read without it.
async fn a_round_stores_the_whole(database: Option<String>) {
    let mut plan = Plan { units: 3, ..Plan::default() };
    if let Some(url) = database {
        plan.database = url;
    }
    let project = Project::new(&plan);
    let done = project.run(&["run", "--as-of", "2022-10-31"]);
    assert_eq!(done.code, 0, "{}", done.err);
    let db = dondoc::db::Db::open(&plan.database, project.folder(), dondoc::db::Durability::Full).await.unwrap();
    let (run_id, _) = pass::latest(&db, None).await.unwrap().unwrap();
    let units = evaluation::judged(&db, &run_id).await.unwrap();
    assert!(units.iter().all(|judged| !judged.unit_id.as_str().is_empty()), "{units:?}");
    let whole = sums_of(&db, &run_id, None).await.unwrap();
    let (summed, online) = (sums(&units), |line: &&dondoc::report::SumLine| line.indicator.as_str() == "online_filing");
    let both = [&whole, &summed].map(|lines| lines.iter().find(online).and_then(|line| line.rate).unwrap());
    assert_eq!(both.map(|rate| (rate.numerator(), rate.denominator())), [(120, 600); 2]);
    let pulls = observation::pulls(&db, &run_id).await.unwrap();
    assert_eq!(pulls.len(), 1);
    let pull = &pulls[0];
    assert_eq!((pull.source.as_str(), pull.rows, pull.refused, pull.units), ("province", 6, 0, Some(3)));
    assert_eq!(pull.newest.map(|month| month.to_string()).as_deref(), Some("2022-10"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_round_stores_the_whole_on_sqlite() {
    a_round_stores_the_whole(None).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_round_stores_the_whole_on_postgres() {
    a_round_stores_the_whole(Some(postgres_url().await)).await;
}
