//! The schedule keeps its promises on both engines: each planned run once, by one owner, late rather than lost.

use std::time::Duration;

use chrono::{DateTime, Utc};
use dondoc::channel::{Kind, Settings as ChannelSettings};
use dondoc::clock::ZONE;
use dondoc::db::{Db, Sql};
use dondoc::decision::Rules;
use dondoc::outbox::{self, Filter};
use dondoc::pass::{self, Due, Quality, Safety, Schedule, Settings};

use crate::support::databases::{Fresh, conformance};

conformance!(
    a_schedule_seen_for_the_first_time_owes_nothing,
    a_run_missed_by_less_than_six_hours_is_caught_up_with_once,
    a_run_missed_by_more_is_left_out_and_the_admins_are_told_once,
    of_several_missed_runs_only_the_newest_is_done,
    a_line_that_fires_every_second_is_caught_up_with_at_its_end,
    of_eight_planners_exactly_one_owns_a_run,
    a_run_whose_owner_died_is_taken_over_after_its_lease,
    a_process_alone_takes_back_what_a_dead_one_was_at,
    a_changed_line_starts_anew,
    a_run_that_fails_waits_longer_each_time_and_is_given_up_after_six_hours,
    a_run_whose_owner_died_long_ago_is_given_up_and_not_begun_again,
    a_run_that_is_done_covers_the_older_ones_that_waited,
    what_fails_every_hour_is_told_once_a_day,
);

const RUNS: Sql = Sql::portable("SELECT schedule, planned_at, state FROM schedule_run ORDER BY schedule, planned_at");
const LEASE: Duration = Duration::from_mins(30);

fn at(text: &str) -> DateTime<Utc> {
    format!("{text}+07:00").parse().unwrap()
}

/// Monday, 31 October 2022, when the weekly round is planned.
fn monday() -> DateTime<Utc> {
    at("2022-10-31T07:30:00")
}

fn schedule(name: &str, cron: &str) -> Schedule {
    Schedule { name: name.to_owned(), cron: cron.to_owned(), time_zone: ZONE }
}

fn weekly() -> [Schedule; 1] {
    [schedule("weekly", "0 30 7 * * Mon")]
}

fn hourly() -> [Schedule; 1] {
    [schedule("hourly", "0 0 * * * *")]
}

fn settings() -> Settings {
    Settings {
        reconcile: Vec::new(),
        sources: Vec::new(),
        channels: vec![ChannelSettings { name: "mailbox".to_owned(), kind: Kind::Capture }],
        rules: Rules { repeat_after_working_days: 5, quiet_hours: None },
        safety: Safety::default(),
        quality: Quality::default(),
        valid_for: Duration::from_hours(48),
        admins: vec!["quantri@tinh.example".to_owned(), "cntt@tinh.example".to_owned()],
    }
}

/// What a planner does each time it is woken: plan, give up, take.
async fn wake(db: &Db, schedules: &[Schedule], now: DateTime<Utc>) -> Option<Due> {
    pass::plan(db, schedules, now).await.unwrap();
    pass::give_up(db, &settings(), now).await.unwrap();
    pass::take_due(db, now, now + LEASE).await.unwrap()
}

/// Name of the schedule, civil time and state of every run.
async fn runs(db: &Db) -> Vec<String> {
    let rows: Vec<(String, i64, String)> =
        dondoc::read!(db, RUNS, |sql, pool| sqlx::query_as(sql).fetch_all(pool).await.unwrap());
    let line = |(schedule, planned, state): (String, i64, String)| {
        let planned = dondoc::clock::from_millis(planned).with_timezone(&ZONE).format("%dT%H:%M");
        format!("{schedule} {planned} {state}")
    };
    rows.into_iter().map(line).collect()
}

/// Key and words of every message to the admins.
async fn alerts(db: &Db) -> Vec<(String, String)> {
    let mut alerts = Vec::new();
    for entry in outbox::list(db, &Filter::default()).await.unwrap() {
        let (_, content, _) = outbox::show(db, &entry.id).await.unwrap().unwrap();
        alerts.push((entry.dedup_key, content));
    }
    alerts
}

async fn a_schedule_seen_for_the_first_time_owes_nothing(fresh: Fresh) {
    assert_eq!(wake(&fresh.db, &weekly(), monday() + Duration::from_mins(1)).await, None);
    assert!(runs(&fresh.db).await.is_empty());
    assert!(pass::next_times(&weekly()[0], monday(), 2)[0] == monday() + Duration::from_hours(7 * 24));
}

async fn a_run_missed_by_less_than_six_hours_is_caught_up_with_once(fresh: Fresh) {
    wake(&fresh.db, &weekly(), monday() - Duration::from_hours(1)).await;
    let now = monday() + Duration::from_hours(6) - Duration::from_millis(1);
    let due = wake(&fresh.db, &weekly(), now).await.expect("a run");
    assert_eq!((due.schedule.as_str(), due.planned_at), ("weekly", monday()));
    assert_eq!(wake(&fresh.db, &weekly(), now).await, None, "it has an owner");
    assert!(pass::finish_due(&fresh.db, &due).await.unwrap());
    assert_eq!(wake(&fresh.db, &weekly(), now + Duration::from_hours(1)).await, None, "it is done");
    assert_eq!(runs(&fresh.db).await, ["weekly 31T07:30 done"]);
    assert!(alerts(&fresh.db).await.is_empty());
}

async fn a_run_missed_by_more_is_left_out_and_the_admins_are_told_once(fresh: Fresh) {
    wake(&fresh.db, &weekly(), monday() - Duration::from_hours(1)).await;
    let now = monday() + Duration::from_hours(6);
    pass::plan(&fresh.db, &weekly(), now).await.unwrap();
    let left_out = pass::give_up(&fresh.db, &settings(), now).await.unwrap();
    assert_eq!((left_out.len(), left_out[0].planned_at, left_out[0].tried), (1, monday(), false));
    for later in 0..3 {
        assert_eq!(wake(&fresh.db, &weekly(), now + Duration::from_secs(15 * later)).await, None);
    }
    assert_eq!(runs(&fresh.db).await, ["weekly 31T07:30 skipped"]);
    let alerts = alerts(&fresh.db).await;
    assert_eq!(alerts.len(), 2, "one for each of the two admins: {alerts:?}");
    assert!(alerts.iter().all(|(key, _)| key.starts_with("alert/round_missed/2022-10-31/")), "{alerts:?}");
    assert!(alerts[0].1.contains("dondoc run --as-of 2022-10-31"), "{alerts:?}");
}

async fn of_several_missed_runs_only_the_newest_is_done(fresh: Fresh) {
    wake(&fresh.db, &hourly(), at("2022-10-31T05:30:00")).await;
    let now = at("2022-10-31T08:10:00");
    let due = wake(&fresh.db, &hourly(), now).await.expect("a run");
    assert_eq!(due.planned_at, at("2022-10-31T08:00:00"));
    pass::finish_due(&fresh.db, &due).await.unwrap();
    assert_eq!(wake(&fresh.db, &hourly(), now).await, None);
    assert_eq!(runs(&fresh.db).await, ["hourly 31T06:00 skipped", "hourly 31T07:00 skipped", "hourly 31T08:00 done"]);
}

async fn a_line_that_fires_every_second_is_caught_up_with_at_its_end(fresh: Fresh) {
    let every_second = [schedule("often", "* * * * * *")];
    wake(&fresh.db, &every_second, at("2022-10-24T00:00:00")).await;
    let now = monday() + Duration::from_millis(400);
    let due = wake(&fresh.db, &every_second, now).await.expect("a run");
    assert_eq!(due.planned_at, monday(), "the newest, to the second");
    assert!(runs(&fresh.db).await.len() <= 1_001, "a week of seconds does not fill the table");
    assert_eq!(wake(&fresh.db, &every_second, now).await, None);
}

async fn of_eight_planners_exactly_one_owns_a_run(fresh: Fresh) {
    wake(&fresh.db, &weekly(), monday() - Duration::from_hours(1)).await;
    let planners = (0..8).map(|_| {
        let (db, runtime) = (fresh.db.clone(), tokio::runtime::Handle::current());
        tokio::task::spawn_blocking(move || {
            let mut mine = Vec::new();
            for _ in 0..5 {
                mine.extend(runtime.block_on(wake(&db, &weekly(), monday())));
            }
            mine
        })
    });
    let mut owned = Vec::new();
    for planner in planners.collect::<Vec<_>>() {
        owned.extend(planner.await.unwrap());
    }
    assert_eq!(owned.len(), 1, "{owned:?}");
    assert_eq!(runs(&fresh.db).await, ["weekly 31T07:30 running"]);
}

async fn a_run_whose_owner_died_is_taken_over_after_its_lease(fresh: Fresh) {
    wake(&fresh.db, &weekly(), monday() - Duration::from_hours(1)).await;
    let dead = wake(&fresh.db, &weekly(), monday()).await.expect("a run");
    assert_eq!(wake(&fresh.db, &weekly(), monday() + LEASE - Duration::from_millis(1)).await, None);
    let heir = wake(&fresh.db, &weekly(), monday() + LEASE).await.expect("the same run");
    assert_eq!(heir.planned_at, dead.planned_at);
    assert!(!pass::finish_due(&fresh.db, &dead).await.unwrap(), "an owner that only slept has lost it");
    let again = pass::postpone(&fresh.db, &dead, "too late", monday() + LEASE).await.unwrap();
    assert_eq!(again, None);
    assert_eq!(runs(&fresh.db).await, ["weekly 31T07:30 running"]);
    assert!(pass::finish_due(&fresh.db, &heir).await.unwrap());
}

async fn a_process_alone_takes_back_what_a_dead_one_was_at(fresh: Fresh) {
    wake(&fresh.db, &weekly(), monday() - Duration::from_hours(1)).await;
    let dead = wake(&fresh.db, &weekly(), monday()).await.expect("a run");
    let now = monday() + Duration::from_mins(1);
    assert_eq!(pass::take_back_due(&fresh.db, now).await.unwrap(), 1);
    let heir = wake(&fresh.db, &weekly(), now).await.expect("the same run, at once");
    assert_eq!(heir.planned_at, dead.planned_at);
    assert!(!pass::finish_due(&fresh.db, &dead).await.unwrap());
}

async fn a_changed_line_starts_anew(fresh: Fresh) {
    wake(&fresh.db, &weekly(), monday() - Duration::from_hours(1)).await;
    let earlier = [schedule("weekly", "0 0 7 * * Mon")];
    let now = monday() - Duration::from_mins(5);
    assert_eq!(wake(&fresh.db, &earlier, now).await, None, "07:00 has passed before the line was there");
    assert_eq!(
        wake(&fresh.db, &earlier, monday() + Duration::from_hours(1)).await,
        None,
        "07:30 is no longer asked for"
    );
    let next = monday() + Duration::from_hours(7 * 24) - Duration::from_mins(30);
    assert_eq!(wake(&fresh.db, &earlier, next).await.expect("a run").planned_at, next);
}

async fn a_run_that_fails_waits_longer_each_time_and_is_given_up_after_six_hours(fresh: Fresh) {
    wake(&fresh.db, &weekly(), monday() - Duration::from_hours(1)).await;
    let mut tries = Vec::new();
    let mut now = monday();
    while now < monday() + Duration::from_hours(8) {
        if let Some(due) = wake(&fresh.db, &weekly(), now).await {
            tries.push((now - monday()).num_minutes());
            pass::postpone(&fresh.db, &due, "source `province`: cannot read `so-lieu.csv`", now).await.unwrap();
        }
        now += Duration::from_mins(1);
    }
    assert_eq!(tries, [0, 5, 20, 50, 110, 170, 230, 290, 350]);
    assert_eq!(runs(&fresh.db).await, ["weekly 31T07:30 failed"]);
    let alerts = alerts(&fresh.db).await;
    assert_eq!(alerts.len(), 2, "one for each of the two admins: {alerts:?}");
    assert!(alerts.iter().all(|(key, _)| key.starts_with("alert/round_failed/2022-10-31/")), "{alerts:?}");
    assert!(alerts[0].1.contains("cannot read `so-lieu.csv`"), "{alerts:?}");
}

async fn a_run_whose_owner_died_long_ago_is_given_up_and_not_begun_again(fresh: Fresh) {
    wake(&fresh.db, &weekly(), monday() - Duration::from_hours(1)).await;
    let slow = wake(&fresh.db, &weekly(), monday() + Duration::from_hours(5)).await.expect("a run");
    let late = monday() + Duration::from_hours(6);
    pass::take_due(&fresh.db, late, late + LEASE).await.unwrap();
    assert_eq!(wake(&fresh.db, &weekly(), monday() + Duration::from_hours(48)).await, None);
    assert_eq!(runs(&fresh.db).await, ["weekly 31T07:30 failed"]);
    assert!(!pass::finish_due(&fresh.db, &slow).await.unwrap());
    assert!(alerts(&fresh.db).await[0].1.contains("dừng giữa chừng"));
}

async fn a_run_that_is_done_covers_the_older_ones_that_waited(fresh: Fresh) {
    wake(&fresh.db, &hourly(), at("2022-10-31T05:30:00")).await;
    let first = wake(&fresh.db, &hourly(), at("2022-10-31T06:00:00")).await.expect("a run");
    pass::postpone(&fresh.db, &first, "no source", at("2022-10-31T06:56:00")).await.unwrap();
    let now = at("2022-10-31T07:01:00");
    let second = wake(&fresh.db, &hourly(), now).await.expect("a run");
    assert_eq!(second.planned_at, at("2022-10-31T07:00:00"), "the newest goes first");
    pass::finish_due(&fresh.db, &second).await.unwrap();
    assert_eq!(wake(&fresh.db, &hourly(), now).await, None);
    assert_eq!(runs(&fresh.db).await, ["hourly 31T06:00 skipped", "hourly 31T07:00 done"]);
}

async fn what_fails_every_hour_is_told_once_a_day(fresh: Fresh) {
    let mut now = at("2022-10-31T00:30:00");
    while now < at("2022-10-31T18:00:00") {
        while let Some(due) = wake(&fresh.db, &hourly(), now).await {
            pass::postpone(&fresh.db, &due, "no source", now).await.unwrap();
        }
        now += Duration::from_mins(10);
    }
    let failed = runs(&fresh.db).await.iter().filter(|run| run.ends_with("failed")).count();
    assert!(failed > 5, "{failed}");
    assert_eq!(alerts(&fresh.db).await.len(), 2, "one for each of the two admins");
}
