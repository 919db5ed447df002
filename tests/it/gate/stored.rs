//! Accepted figures and held rounds as rows of both engines.

use dondoc::db::{Db, Sql};
use dondoc::observation::{self, Accepted, Observations};

use super::{DAY, accepted, held, says};
use crate::support::databases::{Fresh, postgres_url};
use crate::support::project::{Plan, Project, figures};

const ROWS: Sql = Sql::portable("SELECT as_of, waiting, run_id, units FROM accepted ORDER BY as_of, waiting");

/// An empty round's acceptance as of `day`; only which row it leaves matters here.
async fn accept(db: &Db, run_id: &str, day: &str, waiting: bool) {
    let mut observations = crate::figures::read("good.csv");
    observations.warnings.clear();
    accept_these(db, run_id, &observations, &[], (day, waiting)).await;
}

async fn accept_these(
    db: &Db,
    run_id: &str,
    observations: &Observations,
    before: &[Accepted],
    (day, waiting): (&str, bool),
) {
    let mut work = db.begin().await.expect("a unit of work");
    let until = (day.parse().expect("a date"), waiting);
    observation::accept(&mut work, run_id, observations, before, until).await.expect("accepted");
    work.commit().await.expect("a commit");
}

async fn rows(db: &Db) -> Vec<(String, bool, String, i64)> {
    dondoc::read!(db, ROWS, |sql, pool| sqlx::query_as(sql).fetch_all(pool).await.expect("rows"))
}

async fn last(db: &Db, until: &str) -> Option<String> {
    let found = observation::accepted(db, ["province"], until.parse().expect("a date")).await.expect("read");
    found.first().map(|last| format!("{} {}", last.run_id, last.as_of))
}

async fn the_newest_figures_of_the_year_up_to_a_day_are_compared_with(fresh: Fresh) {
    let db = &fresh.db;
    assert_eq!(last(db, "2022-10-31").await, None);
    accept(db, "a", "2022-10-31", false).await;
    accept(db, "b", "2022-11-30", false).await;
    accept(db, "c", "2022-11-30", false).await;
    assert_eq!(last(db, "2022-12-31").await.as_deref(), Some("c 2022-11-30"), "one row per day, the last one's");
    assert_eq!(last(db, "2022-11-29").await.as_deref(), Some("a 2022-10-31"));
    assert_eq!(last(db, "2022-10-30").await, None);
    assert_eq!(last(db, "2023-01-31").await, None, "another year");
    accept(db, "d", "2024-01-31", false).await;
    assert_eq!(rows(db).await.len(), 1, "what is more than a year old is let go");
}

async fn what_waits_for_a_person_counts_from_their_word_on(fresh: Fresh) {
    let db = &fresh.db;
    accept(db, "a", DAY, false).await;
    accept(db, "b", DAY, true).await;
    assert_eq!(last(db, DAY).await.as_deref(), Some("a 2022-10-31"));
    let mut work = db.begin().await.expect("a unit of work");
    observation::confirm(&mut work).await.expect("confirmed");
    work.commit().await.expect("a commit");
    assert_eq!(rows(db).await, [(DAY.to_owned(), false, "b".to_owned(), 2)]);

    accept(db, "c", DAY, true).await;
    accept(db, "d", "2022-11-30", false).await;
    let runs: Vec<String> = rows(db).await.into_iter().map(|(_, _, run, _)| run).collect();
    assert_eq!(runs, ["b", "d"], "a round that needs nobody makes the question idle");
}

crate::support::databases::conformance!(
    the_newest_figures_of_the_year_up_to_a_day_are_compared_with,
    what_waits_for_a_person_counts_from_their_word_on,
);

#[test]
fn on_a_server_too_a_round_is_held_released_and_corrected() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let database = runtime.block_on(postgres_url());
    let project = Project::new(&Plan { units: 10, database, ..Plan::default() });
    accepted(&project, DAY);
    project.write("figures.csv", &figures(10, 0));
    let run_id = held(&project, DAY, &["total_fell"]);
    held(&project, DAY, &["total_fell"]);
    assert_eq!(project.run(&["release", &run_id, "--note", "đúng", "--by", "A"]).code, 0);
    accepted(&project, DAY);
    says(&project.run(&["release"]), &[&run_id, "đúng"]);
    let list = project.run(&["restated", "--format", "json"]).json();
    assert_eq!(super::units_of(&list).len(), 10, "{list}");
}
