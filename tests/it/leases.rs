//! The lease on a planned round, on PostgreSQL with the clock moved by hand: a dead owner's round is taken over soon, a
//! living one keeps it, and one that lost it stores nothing.

use std::time::Duration;

use dondoc::app::App;
use dondoc::clock::Clock;
use dondoc::db::{Db, Sql, Work};
use dondoc::outbox::{self, Filter};
use dondoc::pass::{self, Due};
use tokio_util::sync::CancellationToken;

use crate::planned::{HEADS, before_the_round_on, program_in, queued, state, wake};
use crate::support::databases::postgres_url;
use crate::support::project::{Plan, Project};

/// As shipped.
const LEASE: Duration = Duration::from_mins(1);
const MOMENT: Duration = Duration::from_millis(5);

const WRITTEN: Sql = Sql::portable(
    "SELECT (SELECT count(*) FROM run) + (SELECT count(*) FROM snapshot) + (SELECT count(*) FROM decision) \
     + (SELECT count(*) FROM reminder_case) + (SELECT count(*) FROM outbox)",
);
const RUNNING: Sql = Sql::portable("SELECT count(*) FROM schedule_run WHERE state = 'running'");
const TAKEN: Sql = Sql::portable("SELECT max(epoch) FROM schedule_run");
const ENDS: Sql = Sql::portable("SELECT max(lease_until) FROM schedule_run");
/// Nobody reads the units: the round waits before its first step.
const UNITS: Sql = Sql::portable("LOCK TABLE unit IN ACCESS EXCLUSIVE MODE");
/// Nobody reads what was judged: the digest waits before its first step.
const JUDGED: Sql = Sql::portable("LOCK TABLE evaluation IN ACCESS EXCLUSIVE MODE");
/// Nobody writes down what was accepted: the round waits in its last step.
const ACCEPTED: Sql = Sql::portable("LOCK TABLE accepted IN SHARE MODE");

async fn number(db: &Db, question: Sql) -> i64 {
    dondoc::read!(db, question, |sql, pool| sqlx::query_scalar(sql).fetch_one(pool).await.unwrap())
}

async fn locked(db: &Db, lock: Sql) -> Work {
    let mut work = db.begin().await.unwrap();
    dondoc::on!(&mut work, lock, |sql, conn| sqlx::query(sql).execute(conn).await.unwrap().rows_affected());
    work
}

async fn until_running(app: &App) {
    while number(&app.db, RUNNING).await == 0 {
        tokio::time::sleep(MOMENT).await;
    }
}

/// What another replica gets when it asks now.
async fn another_asks(app: &App) -> Option<Due> {
    let now = app.clock.now();
    pass::take_due(&app.db, now, now + LEASE).await.unwrap()
}

async fn program() -> (Project, App) {
    let (project, app) = before_the_round_on(postgres_url().await).await;
    assert_eq!(app.config.round_lease, LEASE);
    app.clock.advance(Duration::from_hours(1));
    (project, app)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_round_whose_owner_died_is_taken_over_after_a_minute_and_each_head_gets_one_message() {
    let (project, heir) = program().await;
    let dead = program_in(&project, heir.clock.clone()).await;
    let lock = locked(&heir.db, ACCEPTED).await;
    let has_written = async {
        while queued(&heir).await < HEADS {
            tokio::time::sleep(MOMENT).await;
        }
    };
    tokio::select! {
        () = wake(&dead) => panic!("it waits in its last step"),
        () = has_written => {}
    }
    lock.rollback().await.unwrap();
    dead.close().await;
    heir.clock.advance(LEASE.saturating_sub(Duration::from_millis(1)));
    wake(&heir).await;
    assert_eq!((state(&heir.db).await.as_str(), number(&heir.db, TAKEN).await), ("running", 1), "it may be alive");
    heir.clock.advance(Duration::from_millis(1));
    wake(&heir).await;
    assert_eq!((state(&heir.db).await.as_str(), number(&heir.db, TAKEN).await), ("done", 2));
    let entries = outbox::list(&heir.db, &Filter::default()).await.unwrap();
    let mut heads: Vec<String> = entries.into_iter().map(|entry| entry.address).collect();
    heads.sort();
    heads.dedup();
    assert_eq!((heads.len(), queued(&heir).await), (usize::try_from(HEADS).unwrap(), HEADS), "one for each, no more");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_round_that_takes_longer_than_its_lease_keeps_it_by_renewal() {
    let (_project, mut app) = program().await;
    app.config.round_lease = Duration::from_secs(4);
    let lock = locked(&app.db, UNITS).await;
    let watching = async {
        until_running(&app).await;
        for _ in 0..2 {
            app.clock.advance(app.config.round_lease.saturating_sub(Duration::from_millis(1)));
            let renewed = (app.clock.now() + app.config.round_lease).timestamp_millis();
            while number(&app.db, ENDS).await < renewed {
                tokio::time::sleep(MOMENT).await;
            }
            assert_eq!(another_asks(&app).await, None);
        }
        lock.rollback().await.unwrap();
    };
    tokio::join!(wake(&app), watching);
    assert_eq!((state(&app.db).await.as_str(), queued(&app).await), ("done", HEADS));
    assert_eq!(number(&app.db, TAKEN).await, 1, "nobody else had it");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_round_that_another_replica_took_over_meanwhile_writes_nothing_at_all() {
    let (_project, app) = program().await;
    let lock = locked(&app.db, UNITS).await;
    let taken_over = async {
        until_running(&app).await;
        app.clock.advance(LEASE);
        assert!(another_asks(&app).await.is_some(), "its lease ended while it waited for the units");
        lock.rollback().await.unwrap();
    };
    tokio::join!(wake(&app), taken_over);
    let seen = (state(&app.db).await, number(&app.db, WRITTEN).await);
    assert_eq!(seen, ("running".to_owned(), 0), "the run is the other one's");
    app.clock.advance(LEASE);
    wake(&app).await;
    assert_eq!(
        (state(&app.db).await.as_str(), queued(&app).await),
        ("done", HEADS),
        "and is done again when that dies"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_owner_that_slept_past_its_lease_writes_nothing_even_if_nobody_took_the_round() {
    let (_project, app) = program().await;
    let lock = locked(&app.db, UNITS).await;
    let stop = CancellationToken::new();
    let asleep = async {
        until_running(&app).await;
        app.clock.advance(LEASE);
        stop.cancel();
        lock.rollback().await.unwrap();
    };
    let (done, ()) = tokio::join!(app.planned_rounds(&stop), asleep);
    done.expect("the planning works");
    assert_eq!((state(&app.db).await.as_str(), number(&app.db, WRITTEN).await), ("running", 0));
    wake(&app).await;
    assert_eq!((state(&app.db).await.as_str(), queued(&app).await), ("done", HEADS), "it is done again at once");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_round_whose_lease_cannot_be_renewed_stops_where_it_stands() {
    let (_project, mut app) = program().await;
    app.config.round_lease = Duration::from_millis(600);
    let lock = locked(&app.db, UNITS).await;
    let stop = CancellationToken::new();
    let losing = async {
        until_running(&app).await;
        app.clock.advance(app.config.round_lease);
        assert!(another_asks(&app).await.is_some());
        stop.cancel();
    };
    let (done, ()) = tokio::join!(app.planned_rounds(&stop), losing);
    done.expect("it does not wait for the units any more");
    assert_eq!((state(&app.db).await.as_str(), number(&app.db, RUNNING).await), ("running", 1));
    lock.rollback().await.unwrap();
    assert_eq!(number(&app.db, WRITTEN).await, 0);
}

const SHEETS: Sql = Sql::portable("SELECT count(*) FROM outbox WHERE dedup_key LIKE 'digest/%'");

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_digest_that_another_replica_took_over_meanwhile_writes_nothing_at_all() {
    let extra = "[digest]\nleaders = [\"lanhdao@tinh.example\"]\n\
                 [[schedule]]\nname = \"sheet\"\nwhat = \"leaders\"\ncron = \"0 0 8 * * Mon\"\n";
    let plan = Plan { units: 3, database: postgres_url().await, extra: extra.to_owned(), ..Plan::default() };
    let project = Project::new(&plan);
    let app = program_in(&project, Clock::at("2022-10-31T07:00:00+07:00".parse().unwrap())).await;
    wake(&app).await;
    app.clock.advance(Duration::from_mins(30));
    wake(&app).await;
    assert_eq!(queued(&app).await, 3, "the round is done");
    app.clock.advance(Duration::from_mins(30));
    let lock = locked(&app.db, JUDGED).await;
    let taken_over = async {
        until_running(&app).await;
        app.clock.advance(LEASE);
        assert!(another_asks(&app).await.is_some(), "its lease ended while it waited for the figures");
        lock.rollback().await.unwrap();
    };
    tokio::join!(wake(&app), taken_over);
    assert_eq!(
        (number(&app.db, RUNNING).await, number(&app.db, SHEETS).await),
        (1, 0),
        "the digest is the other one's"
    );
    app.clock.advance(LEASE);
    wake(&app).await;
    assert_eq!(
        (number(&app.db, RUNNING).await, number(&app.db, SHEETS).await),
        (0, 1),
        "done again when that dies, once"
    );
}
