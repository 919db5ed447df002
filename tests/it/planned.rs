//! Planned rounds with the clock moved by hand: what cannot be carried through is tried again, and given up aloud.

use std::time::Duration;

use chrono::{DateTime, Utc};
use dondoc::app::{App, Role};
use dondoc::catalog::Calendar;
use dondoc::clock::Clock;
use dondoc::config;
use dondoc::db::{Db, Durability, Sql};
use dondoc::outbox::{self, Filter};
use tokio_util::sync::CancellationToken;

use crate::support::project::{Plan, Project};

const STATE: Sql = Sql::portable("SELECT state FROM schedule_run");
pub const HEADS: u64 = 20;

/// Monday, 31 October 2022, when the weekly round is planned.
fn monday() -> DateTime<Utc> {
    "2022-10-31T07:30:00+07:00".parse().unwrap()
}

async fn before_the_round() -> (Project, App) {
    before_the_round_on("sqlite:dondoc.db".to_owned()).await
}

/// A project, and the program in it an hour before the weekly round, the schedule seen.
pub async fn before_the_round_on(database: String) -> (Project, App) {
    let extra = "[alerts]\nto = [\"quantri@tinh.example\"]\n".to_owned();
    let project = Project::new(&Plan { database, extra, ..Plan::default() });
    let app = program_in(&project, Clock::at(monday() - Duration::from_hours(1))).await;
    wake(&app).await;
    (project, app)
}

/// The program in a project.
pub async fn program_in(project: &Project, clock: Clock) -> App {
    let (config, _) = config::load(Some(&project.path("config.toml")), &[]).expect("a good configuration");
    let mut app = App::open(config, clock, Role::Worker, Durability::ThrowAway).await.expect("it opens");
    app.program = env!("CARGO_BIN_EXE_dondoc").into();
    app
}

pub async fn wake(app: &App) {
    app.planned_rounds(&CancellationToken::new()).await.expect("the planning works");
}

pub async fn state(db: &Db) -> String {
    dondoc::read!(db, STATE, |sql, pool| sqlx::query_scalar(sql).fetch_one(pool).await.unwrap())
}

pub async fn queued(app: &App) -> u64 {
    outbox::tally(&app.db, None).await.unwrap().of(outbox::State::Ready)
}

async fn alter(db: &Db, change: &'static str) {
    let mut work = db.begin().await.unwrap();
    dondoc::on!(&mut work, Sql::portable(change), |sql, conn| {
        sqlx::query(sql).execute(conn).await.unwrap().rows_affected()
    });
    work.commit().await.unwrap();
}

/// The round of Monday fails at 07:30; `mend` is called; the next try at 07:35 carries it through.
async fn is_made_up_for(app: &App, mend: impl AsyncFnOnce()) {
    app.clock.advance(Duration::from_hours(1));
    wake(app).await;
    assert_eq!((state(&app.db).await.as_str(), queued(app).await), ("due", 0));
    mend().await;
    app.clock.advance(Duration::from_secs(5 * 60 - 1));
    wake(app).await;
    assert_eq!(state(&app.db).await, "due", "not before its time");
    app.clock.advance(Duration::from_secs(1));
    wake(app).await;
    assert_eq!((state(&app.db).await.as_str(), queued(app).await), ("done", HEADS));
    app.clock.advance(Duration::from_hours(8));
    wake(app).await;
    assert_eq!((state(&app.db).await.as_str(), queued(app).await), ("done", HEADS), "and nobody is alarmed");
}

#[tokio::test]
async fn a_round_whose_source_is_out_of_reach_is_carried_through_when_it_is_back() {
    let (project, app) = before_the_round().await;
    let figures = project.read("figures.csv");
    std::fs::remove_file(project.path("figures.csv")).unwrap();
    is_made_up_for(&app, async || project.write("figures.csv", &figures)).await;
}

#[tokio::test]
async fn a_round_whose_database_fails_is_carried_through_when_it_works_again() {
    let (_project, app) = before_the_round().await;
    alter(&app.db, "ALTER TABLE reminder_case RENAME TO out_of_order").await;
    let mend = async || alter(&app.db, "ALTER TABLE out_of_order RENAME TO reminder_case").await;
    is_made_up_for(&app, mend).await;
}

#[tokio::test]
async fn a_round_that_never_succeeds_is_given_up_after_six_hours_and_the_admins_are_told_once() {
    let (project, app) = before_the_round().await;
    std::fs::remove_file(project.path("figures.csv")).unwrap();
    app.clock.advance(Duration::from_hours(1));
    for _ in 0..8 * 4 {
        wake(&app).await;
        app.clock.advance(Duration::from_mins(15));
    }
    assert_eq!(state(&app.db).await, "failed");
    let entries = outbox::list(&app.db, &Filter::default()).await.unwrap();
    assert_eq!(entries.len(), 1, "{entries:?}");
    assert_eq!(entries[0].address, "quantri@tinh.example");
    let (_, content, _) = outbox::show(&app.db, &entries[0].id).await.unwrap().unwrap();
    assert!(content.contains("source `province`: cannot read") && content.contains("figures.csv"), "{content}");
}

#[tokio::test]
async fn a_round_that_a_dead_process_was_at_is_done_again_at_the_next_start() {
    let (_project, app) = before_the_round().await;
    app.clock.advance(Duration::from_hours(1));
    let now = app.clock.now();
    dondoc::pass::plan(&app.db, &app.config.schedules, &Calendar::default(), now).await.unwrap();
    let taken = dondoc::pass::take_due(&app.db, now, now + Duration::from_mins(30)).await.unwrap();
    assert!(taken.is_some());
    wake(&app).await;
    assert_eq!(state(&app.db).await, "running", "somebody may still be at it");
    app.recover_planned().await.unwrap();
    wake(&app).await;
    assert_eq!((state(&app.db).await.as_str(), queued(&app).await), ("done", HEADS));
}

const DUE: Sql = Sql::portable("SELECT DISTINCT due_at FROM outbox");
const ABOUT_CALENDAR: Sql =
    Sql::portable("SELECT dedup_key FROM outbox WHERE dedup_key LIKE 'alert/calendar%' ORDER BY dedup_key");

async fn open(project: &Project, now: &str) -> App {
    program_in(project, Clock::at(now.parse().unwrap())).await
}

#[tokio::test]
async fn what_a_late_round_writes_to_phones_is_due_in_the_morning() {
    let gateway = "[[channel]]\nname = \"gateway\"\nkind = \"webhook\"\nurl = \"https://sms.tinh.example/\"\n";
    for (mobile, due) in [("true", "2022-11-01T07:00:00+07:00"), ("false", "2022-10-31T22:10:00+07:00")] {
        let project =
            Project::new(&Plan { channels: format!("{gateway}mobile = {mobile}\n"), units: 3, ..Plan::default() });
        let app = open(&project, "2022-10-31T22:10:00+07:00").await;
        app.decide(dondoc::clock::local_date(app.clock.now()), false, &|_| {}).await.expect("a round");
        let dues: Vec<i64> =
            dondoc::read!(&app.db, DUE, |sql, pool| sqlx::query_scalar(sql).fetch_all(pool).await.unwrap());
        let due: DateTime<Utc> = due.parse().unwrap();
        assert_eq!(dues, [due.timestamp_millis()], "mobile = {mobile}");
    }
}

#[tokio::test]
async fn the_admins_are_told_once_that_the_next_year_is_not_announced() {
    let plan = Plan { units: 3, extra: "[alerts]\nto = [\"quantri@tinh.example\"]\n".to_owned(), ..Plan::default() };
    let project = Project::new(&plan);
    let rows = project.read("figures.csv").replace("2022-10", "2026-11");
    project.write("figures.csv", &rows);
    let app = open(&project, "2026-11-30T08:00:00+07:00").await;
    let mut told = Vec::new();
    for _ in 0..4 {
        app.decide(dondoc::clock::local_date(app.clock.now()), false, &|_| {}).await.expect("a round");
        let keys: Vec<String> =
            dondoc::read!(&app.db, ABOUT_CALENDAR, |sql, pool| sqlx::query_scalar(sql).fetch_all(pool).await.unwrap());
        told.push(keys.len());
        app.clock.advance(Duration::from_hours(24));
    }
    assert_eq!(told, [0, 1, 1, 1], "from 1 December, once");
}
