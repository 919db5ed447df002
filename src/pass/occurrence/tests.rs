//! Dates that people would write into a calendar, and what must hold for every schedule, calendar and instant.

use proptest::prelude::*;

use super::*;
use crate::catalog::CalendarYear;
use crate::clock::ZONE;
use crate::pass::What;

fn at(text: &str) -> DateTime<Utc> {
    format!("{text}+07:00").parse().unwrap()
}

fn time(text: &str) -> NaiveTime {
    text.parse().unwrap()
}

fn in_words(day: &str, on_day_off: OnDayOff) -> Schedule {
    let when = When::Day(day.parse().unwrap(), time("07:30:00"));
    Schedule { name: "plan".to_owned(), what: What::Round, when, on_day_off, time_zone: ZONE }
}

fn cron(line: &str, on_day_off: OnDayOff) -> Schedule {
    Schedule {
        name: "plan".to_owned(),
        what: What::Round,
        when: When::Cron(line.to_owned()),
        on_day_off,
        time_zone: ZONE,
    }
}

/// The next runs as people read them.
fn dates(schedule: &Schedule, now: &str, count: usize) -> String {
    let calendar = Calendar::default();
    let lines = schedule.upcoming(&calendar, at(now), count).into_iter().map(|planned| {
        let local = planned.run.at.with_timezone(&schedule.time_zone);
        format!("{} {}", local.format("%a %Y-%m-%d %H:%M"), planned.english()).trim_end().to_owned()
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn every_phrase_gives_the_dates_that_people_expect() {
    let phrases = [
        "3rd working day of the month",
        "last working day of the month",
        "last working day of the quarter",
        "2nd last working day of the quarter",
        "25th of the month",
        "31st of the month",
        "1st day of the quarter",
        "last day of the year",
        "1st working day of the year",
        "first working day of the week",
        "last working day of the week",
        "every working day",
    ];
    let mut said = Vec::new();
    for phrase in phrases {
        for (word, on_day_off) in [("next", OnDayOff::Next), ("previous", OnDayOff::Previous)] {
            let schedule = in_words(phrase, on_day_off);
            said.push(format!("{phrase}, {word}\n{}\n\n", dates(&schedule, "2025-12-31T12:00:00", 13)));
        }
    }
    insta::assert_snapshot!(said.concat());
}

#[test]
fn a_cron_line_moves_over_tet_and_runs_that_fall_together_are_one() {
    let weekly = cron("0 30 7 * * Mon", OnDayOff::Next);
    let daily = cron("0 30 7 * * *", OnDayOff::Previous);
    let staying = cron("0 30 7 * * Mon", OnDayOff::Stay);
    let said = [
        dates(&weekly, "2026-02-09T08:00:00", 3),
        dates(&daily, "2026-02-12T08:00:00", 3),
        dates(&staying, "2026-02-09T08:00:00", 3),
        dates(&weekly, "2026-08-24T08:00:00", 3),
        dates(&cron("0 0 8 22 8 *", OnDayOff::Next), "2026-08-01T00:00:00", 1),
    ];
    insta::assert_snapshot!(said.join("\n\n"));
}

#[test]
fn a_schedule_that_never_fires_has_no_runs() {
    let never = cron("0 0 8 30 2 *", OnDayOff::Next);
    assert_eq!(never.next_after(&Calendar::default(), at("2026-01-01T00:00:00")), None);
}

/// Berlin leaps from 02:00 to 03:00 on 29 March 2026 and shows 02:00 to 03:00 twice on 25 October 2026.
#[test]
fn a_time_that_is_leapt_over_comes_right_after_and_one_that_is_shown_twice_comes_once() {
    let berlin = |schedule: Schedule| Schedule { time_zone: chrono_tz::Europe::Berlin, ..schedule };
    let calendar = Calendar::default();
    let utc = |schedule: &Schedule, now: &str| -> Vec<String> {
        let runs = schedule.upcoming(&calendar, now.parse().unwrap(), 3);
        runs.iter().map(|planned| planned.run.at.format("%d.%m. %H:%MZ").to_string()).collect()
    };
    let half_past_two = When::Day("last day of the month".parse().unwrap(), time("02:30:00"));
    let in_words = berlin(Schedule { when: half_past_two, ..in_words("last day of the month", OnDayOff::Stay) });
    assert_eq!(utc(&in_words, "2026-02-10T00:00:00Z"), ["28.02. 01:30Z", "31.03. 00:30Z", "30.04. 00:30Z"]);
    let sunday = berlin(cron("0 30 2 * * Sun", OnDayOff::Stay));
    assert_eq!(utc(&sunday, "2026-03-20T00:00:00Z"), ["22.03. 01:30Z", "29.03. 01:00Z", "05.04. 00:30Z"]);
    assert_eq!(utc(&sunday, "2026-10-20T00:00:00Z"), ["25.10. 00:30Z", "01.11. 01:30Z", "08.11. 01:30Z"]);
    let local = |text: &str| instant(chrono_tz::Europe::Berlin, text.parse().unwrap()).to_rfc3339();
    assert_eq!(local("2026-03-29T02:30:15"), "2026-03-29T01:00:00+00:00", "the first instant after the leap");
    assert_eq!(local("2026-10-25T02:30:00"), "2026-10-25T00:30:00+00:00", "the first of the two");
    let apia = instant(chrono_tz::Pacific::Apia, "2011-12-30T12:00:00".parse().unwrap());
    assert_eq!(apia.to_rfc3339(), "2011-12-30T10:00:00+00:00", "a day that the clock never showed");
}

fn schedules() -> impl Strategy<Value = Schedule> {
    let days = prop_oneof![
        (1_u32..=23).prop_map(|n| format!("{n} working day of the month")),
        (1_u32..=31).prop_map(|n| format!("{n} of the month")),
        (1_u32..=66).prop_map(|n| format!("{n} last working day of the quarter")),
        (1_u32..=5).prop_map(|n| format!("{n} working day of the week")),
        (1_u32..=7).prop_map(|n| format!("{n} last day of the week")),
        Just("every working day".to_owned()),
        Just("1st day of the year".to_owned()),
    ];
    let crons = prop_oneof![
        Just("0 30 7 * * *".to_owned()),
        (1_u32..=7).prop_map(|n| format!("0 0 8 * * {n}")),
        (1_u32..=28).prop_map(|n| format!("0 15 22 {n} * *")),
    ];
    let moves = prop_oneof![Just(OnDayOff::Stay), Just(OnDayOff::Next), Just(OnDayOff::Previous)];
    let zones = prop_oneof![Just(ZONE), Just(chrono_tz::Europe::Berlin), Just(chrono_tz::America::New_York)];
    let when = prop_oneof![
        (days, 0_u32..24, 0_u32..60).prop_map(|(day, hour, minute)| {
            When::Day(day.parse().unwrap(), NaiveTime::from_hms_opt(hour, minute, 0).unwrap())
        }),
        crons.prop_map(When::Cron),
    ];
    (when, moves, zones).prop_map(|(when, on_day_off, time_zone)| Schedule {
        name: "any".to_owned(),
        what: What::Round,
        when,
        on_day_off,
        time_zone,
    })
}

fn calendars() -> impl Strategy<Value = Calendar> {
    proptest::collection::vec(0_u64..365, 0..40).prop_map(|days| {
        let first = NaiveDate::from_ymd_opt(2027, 1, 1).unwrap();
        let days_off = days.into_iter().map(|day| first + Days::new(day)).collect();
        Calendar::of(&[CalendarYear { year: 2027, days_off, ..CalendarYear::default() }])
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn the_next_run_comes_after_now_and_no_two_runs_share_an_instant(
        schedule in schedules(), calendar in calendars(), day in 0_i64..400, second in 0_i64..86_400,
    ) {
        let now = at("2026-12-01T00:00:00") + TimeDelta::days(day) + TimeDelta::seconds(second);
        let upcoming = schedule.upcoming(&calendar, now, 12);
        prop_assert_eq!(upcoming.len(), 12);
        let mut last = now;
        for planned in upcoming {
            prop_assert!(planned.run.at > last);
            last = planned.run.at;
            let local = planned.run.at.with_timezone(&schedule.time_zone).date_naive();
            prop_assert!(schedule.on_day_off == OnDayOff::Stay || calendar.is_working_day(local));
        }
    }

    #[test]
    fn moving_keeps_every_run_and_their_order(schedule in schedules(), calendar in calendars()) {
        let after = at("2026-12-01T00:00:00");
        let staying = Schedule { on_day_off: OnDayOff::Stay, ..schedule.clone() };
        let moved: Vec<_> = schedule.occurrences(&calendar, after).take(30).collect();
        let meant: Vec<_> = staying.occurrences(&calendar, after).take(30).collect();
        let keys = |runs: &[Occurrence]| runs.iter().map(|run| (run.key, run.day)).collect::<Vec<_>>();
        prop_assert_eq!(keys(&moved), keys(&meant));
        prop_assert!(moved.is_sorted_by(|one, other| one.key < other.key && one.at <= other.at));
        let listed = schedule.upcoming(&calendar, after, 60);
        for run in moved.iter().filter(|run| run.at > after) {
            let told = listed.iter().any(|planned| planned.run.day == run.day || planned.with.contains(&run.day));
            prop_assert!(told, "{:?}", run);
        }
    }

    #[test]
    fn what_is_planned_step_by_step_is_what_is_listed(schedule in schedules(), calendar in calendars()) {
        let begin = at("2026-12-20T12:00:00");
        let listed: Vec<_> = schedule.upcoming(&calendar, begin, 8).iter().map(|planned| planned.run.at).collect();
        let after = schedule.begins_at(&calendar, begin);
        let mut planned: Vec<_> = schedule.occurrences(&calendar, after).take(60).map(|run| run.at).collect();
        planned.dedup();
        planned.truncate(8);
        prop_assert_eq!(listed, planned);
    }
}
