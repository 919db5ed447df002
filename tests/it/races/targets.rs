//! What a round judges by is not taken back under it: either it notices before it stores anything, or it is known to judge.

use std::sync::atomic::{AtomicBool, Ordering};

use dondoc::app::{App, AppError, TargetError, take_target_back};
use dondoc::catalog::{self, Target, TargetId, Validity};
use dondoc::clock::Clock;
use dondoc::db::{Sql, Work};
use dondoc::outbox;
use dondoc::pass::{PassError, Round};
use dondoc::people::By;

use crate::planned::program_in;
use crate::support::databases::postgres_url;
use crate::support::mailbox::start;
use crate::support::meeting::{say, until_waited_for};
use crate::support::project::{Plan, Project};

async fn installed(url: &str) -> (Project, App) {
    let project = Project::new(&Plan { units: 3, database: url.to_owned(), ..Plan::default() });
    let app = program_in(&project, Clock::at(start())).await;
    (project, app)
}

/// Takes every target out of the catalog.
async fn demand_nothing(work: &mut Work) {
    let mut pack = catalog::load_in(work).await.unwrap();
    pack.targets.clear();
    catalog::import(work, &pack).await.unwrap();
}

async fn round(app: &App) -> Result<Round, AppError> {
    app.decide("2022-10-31".parse().unwrap(), false, &|_| {}).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_round_whose_targets_are_taken_away_while_it_judges_stores_nothing() {
    for url in ["sqlite:dondoc.db", &postgres_url().await] {
        let (_project, app) = installed(url).await;
        let mut change = app.db.begin().await.unwrap();
        catalog::keep_still(&mut change).await.unwrap();
        demand_nothing(&mut change).await;
        let ended = AtomicBool::new(false);
        let judging = async {
            let judged = round(&app).await;
            ended.store(true, Ordering::SeqCst);
            judged
        };
        let changing = async {
            until_waited_for(&app.db, &mut change, 1, || ended.load(Ordering::SeqCst)).await;
            change.commit().await.unwrap();
        };
        let (judged, ()) = tokio::join!(judging, changing);
        match judged {
            Err(AppError::Pass(PassError::CatalogChanged)) => {}
            // With SQLite it may have begun after the change.
            Ok(round) => assert_eq!(round.remind, 0, "nothing is demanded of anybody"),
            Err(error) => panic!("{error}"),
        }
        assert!(outbox::list(&app.db, &outbox::Filter::default()).await.unwrap().is_empty(), "nobody is reminded");
        let again = round(&app).await.unwrap();
        assert_eq!(again.remind, 0);
        app.close().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_target_by_which_a_round_is_judging_is_not_taken_back() {
    const ROUND: Sql = Sql::portable(
        "INSERT INTO run (id, as_of, started_at, state, fingerprint, figures_until) \
         VALUES ('r', '2023-01-31', 1667200000000, 'running', '', '2023-01-31')",
    );
    for url in ["sqlite:dondoc.db", &postgres_url().await] {
        let (_project, app) = installed(url).await;
        let by = By::command("an");
        let known = catalog::load(&app.db).await.unwrap().targets.remove(0);
        let next_year = Validity { from: "2023-01-01".parse().ok(), to: "2023-12-31".parse().ok() };
        let target = Target { id: TargetId::new("next_year"), valid: next_year, ..known };
        app.add_target(target, &by).await.unwrap();
        let mut work = app.db.begin().await.unwrap();
        say(&mut work, ROUND).await;
        work.commit().await.unwrap();
        let refused = take_target_back(&app.db, "next_year", &by, start()).await;
        assert!(matches!(refused, Err(TargetError::Judged(_))), "{refused:?}");
        app.close().await;
    }
}
