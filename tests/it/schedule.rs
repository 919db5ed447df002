//! The schedule keeps its promises on both engines: each planned run once, by one owner, late rather than lost.

use std::time::Duration;

use chrono::{DateTime, Utc};
use dondoc::catalog::{Calendar, CalendarYear};
use dondoc::channel::{Kind, Settings as ChannelSettings};
use dondoc::clock::ZONE;
use dondoc::db::{Db, Sql};
use dondoc::decision::Rules;
use dondoc::outbox::{self, Filter};
use dondoc::pass::{self, DigestSettings, Due, OnDayOff, Quality, Safety, Schedule, Settings, What, When};

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
    while_somebody_is_at_a_run_nobody_begins_another_one,
    what_fails_every_hour_is_told_once_a_day,
    runs_that_move_together_are_one_run,
    a_schedule_that_begins_on_a_holiday_owes_the_run_that_was_moved,
    a_calendar_that_changes_neither_loses_nor_doubles_a_run,
    a_run_that_a_changed_calendar_puts_into_the_past_is_told_of,
    of_eight_planners_exactly_one_owns_a_run_that_was_moved,
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
    let when = When::Cron(cron.to_owned());
    Schedule { name: name.to_owned(), what: What::Round, when, on_day_off: OnDayOff::Stay, time_zone: ZONE }
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
        channels: vec![ChannelSettings {
            name: "mailbox".to_owned(),
            kind: Kind::Capture,
            pace: dondoc::channel::Pace::default(),
        }],
        rules: Rules::default(),
        safety: Safety::default(),
        quality: Quality::default(),
        valid_for: Duration::from_hours(48),
        fallback: Vec::new(),
        admins: vec!["quantri@tinh.example".to_owned(), "cntt@tinh.example".to_owned()],
        links: None,
        digest: DigestSettings::default(),
    }
}

/// What a planner does each time it is woken: plan, give up, take.
async fn wake(db: &Db, schedules: &[Schedule], now: DateTime<Utc>) -> Option<Due> {
    pass::plan(db, schedules, &Calendar::default(), now).await.unwrap();
    pass::give_up(db, &settings(), &[], now).await.unwrap();
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
    let next = weekly()[0].next_after(&Calendar::default(), monday());
    assert_eq!(next, Some(monday() + Duration::from_hours(7 * 24)));
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
    pass::plan(&fresh.db, &weekly(), &Calendar::default(), now).await.unwrap();
    let left_out = pass::give_up(&fresh.db, &settings(), &[], now).await.unwrap();
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

async fn while_somebody_is_at_a_run_nobody_begins_another_one(fresh: Fresh) {
    wake(&fresh.db, &hourly(), at("2022-10-31T05:30:00")).await;
    let first = wake(&fresh.db, &hourly(), at("2022-10-31T06:00:00")).await.expect("a run");
    let now = at("2022-10-31T06:00:00") + LEASE - Duration::from_millis(1);
    let newer = at("2022-10-31T07:00:00");
    pass::plan(&fresh.db, &hourly(), &Calendar::default(), newer).await.unwrap();
    assert_eq!(pass::take_due(&fresh.db, now, now + LEASE).await.unwrap(), None, "its owner is at it");
    let (one, other) =
        tokio::join!(pass::take_due(&fresh.db, newer, newer + LEASE), pass::take_due(&fresh.db, newer, newer + LEASE));
    let taken: Vec<Due> = [one.unwrap(), other.unwrap()].into_iter().flatten().collect();
    assert_eq!(taken.len(), 1, "two ask at once: {taken:?}");
    assert_eq!(taken[0].planned_at, newer, "the newest goes first");
    assert!(pass::finish_due(&fresh.db, &taken[0]).await.unwrap());
    assert!(pass::finish_due(&fresh.db, &first).await.unwrap(), "nobody took it from its owner");
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

fn daily(on_day_off: OnDayOff) -> [Schedule; 1] {
    [Schedule { on_day_off, ..schedule("daily", "0 30 7 * * *") }]
}

/// The third working day of a month; in November 2026 that is Wednesday, the 4th.
fn third() -> [Schedule; 1] {
    let when = When::Day("3rd working day of the month".parse().unwrap(), "07:30:00".parse().unwrap());
    [Schedule { when, on_day_off: OnDayOff::Next, ..schedule("third", "") }]
}

/// November 2026 with these days off.
fn with_days_off(days: &[&str]) -> Calendar {
    let days_off = days.iter().map(|day| day.parse().unwrap()).collect();
    Calendar::of(&[CalendarYear { year: 2026, days_off, ..CalendarYear::default() }])
}

async fn wake_by(calendar: &Calendar, db: &Db, schedules: &[Schedule], now: &str) -> Option<Due> {
    pass::plan(db, schedules, calendar, at(now)).await.unwrap();
    pass::give_up(db, &settings(), &[], at(now)).await.unwrap();
    pass::take_due(db, at(now), at(now) + LEASE).await.unwrap()
}

async fn done_by(calendar: &Calendar, db: &Db, schedules: &[Schedule], now: &str) -> Option<DateTime<Utc>> {
    let due = wake_by(calendar, db, schedules, now).await?;
    assert!(pass::finish_due(db, &due).await.unwrap());
    Some(due.planned_at)
}

async fn runs_that_move_together_are_one_run(fresh: Fresh) {
    let (calendar, daily) = (Calendar::default(), daily(OnDayOff::Next));
    wake_by(&calendar, &fresh.db, &daily, "2026-02-13T06:00:00").await;
    assert_eq!(done_by(&calendar, &fresh.db, &daily, "2026-02-13T07:30:00").await, Some(at("2026-02-13T07:30:00")));
    for day in 14..=22 {
        let now = format!("2026-02-{day}T12:00:00");
        assert_eq!(wake_by(&calendar, &fresh.db, &daily, &now).await, None, "Tết");
    }
    assert_eq!(done_by(&calendar, &fresh.db, &daily, "2026-02-23T07:30:00").await, Some(at("2026-02-23T07:30:00")));
    assert_eq!(wake_by(&calendar, &fresh.db, &daily, "2026-02-23T09:00:00").await, None);
    assert_eq!(runs(&fresh.db).await, ["daily 13T07:30 done", "daily 23T07:30 done"]);
}

async fn a_schedule_that_begins_on_a_holiday_owes_the_run_that_was_moved(fresh: Fresh) {
    let (calendar, monthly) = (Calendar::default(), daily(OnDayOff::Next));
    assert_eq!(wake_by(&calendar, &fresh.db, &monthly, "2026-11-24T12:00:00").await, None);
    assert_eq!(monthly[0].next_after(&calendar, at("2026-11-24T12:00:00")), Some(at("2026-11-25T07:30:00")));
    assert_eq!(done_by(&calendar, &fresh.db, &monthly, "2026-11-25T07:31:00").await, Some(at("2026-11-25T07:30:00")));
    let earlier = daily(OnDayOff::Previous);
    assert_eq!(wake_by(&calendar, &fresh.db, &earlier, "2026-11-28T12:00:00").await, None, "Friday's run is past");
    assert_eq!(wake_by(&calendar, &fresh.db, &earlier, "2026-11-29T12:00:00").await, None);
    assert_eq!(done_by(&calendar, &fresh.db, &earlier, "2026-11-30T08:00:00").await, Some(at("2026-11-30T07:30:00")));
}

async fn a_calendar_that_changes_neither_loses_nor_doubles_a_run(fresh: Fresh) {
    let (usual, third) = (Calendar::default(), third());
    wake_by(&usual, &fresh.db, &third, "2026-11-01T00:00:00").await;
    let later = with_days_off(&["2026-11-03"]);
    assert_eq!(done_by(&usual, &fresh.db, &third, "2026-11-04T07:30:00").await, Some(at("2026-11-04T07:30:00")));
    for day in 4..=30 {
        let now = format!("2026-11-{day:02}T12:00:00");
        assert_eq!(wake_by(&later, &fresh.db, &third, &now).await, None, "November had its run");
    }
    // December's would be on Thursday, the 3rd; days off announced meanwhile put it off, taken back they bring it on.
    let december = with_days_off(&["2026-12-01"]);
    assert_eq!(wake_by(&december, &fresh.db, &third, "2026-12-03T09:00:00").await, None);
    assert_eq!(done_by(&usual, &fresh.db, &third, "2026-12-03T10:00:00").await, Some(at("2026-12-03T07:30:00")));
    assert_eq!(wake_by(&december, &fresh.db, &third, "2026-12-04T10:00:00").await, None);
    assert_eq!(runs(&fresh.db).await, ["third 04T07:30 done", "third 03T07:30 done"]);
    assert!(alerts(&fresh.db).await.is_empty());
}

async fn a_run_that_a_changed_calendar_puts_into_the_past_is_told_of(fresh: Fresh) {
    let monday = [Schedule { on_day_off: OnDayOff::Previous, ..schedule("weekly", "0 30 7 * * Mon") }];
    wake_by(&Calendar::default(), &fresh.db, &monday, "2026-11-26T12:00:00").await;
    // On Sunday Monday becomes a day off: its run would have been on Friday.
    let changed = with_days_off(&["2026-11-30"]);
    assert_eq!(wake_by(&changed, &fresh.db, &monday, "2026-11-29T12:00:00").await, None);
    assert_eq!(runs(&fresh.db).await, ["weekly 27T07:30 skipped"]);
    assert_eq!(alerts(&fresh.db).await.len(), 2, "one for each of the two admins");
}

async fn of_eight_planners_exactly_one_owns_a_run_that_was_moved(fresh: Fresh) {
    wake_by(&Calendar::default(), &fresh.db, &third(), "2026-11-01T00:00:00").await;
    let planners = (0..8).map(|_| {
        let (db, runtime) = (fresh.db.clone(), tokio::runtime::Handle::current());
        tokio::task::spawn_blocking(move || {
            runtime.block_on(wake_by(&Calendar::default(), &db, &third(), "2026-11-04T07:30:00"))
        })
    });
    let mut owned = Vec::new();
    for planner in planners.collect::<Vec<_>>() {
        owned.extend(planner.await.unwrap());
    }
    assert_eq!(owned.len(), 1, "{owned:?}");
}
