//! When rounds are due, as the binary tells it.

use super::plan;
use crate::support::project::{Plan, Project};

fn project() -> Project {
    let extra = r#"[[schedule]]
name = "monthly"
day = "3rd working day of the month"
time = "07:00"
[[schedule]]
name = "quarterly"
day = "last day of the quarter"
time = "14:30"
move = "previous working day"
"#;
    Project::new(&Plan { extra: extra.to_owned(), ..plan() })
}

#[test]
fn the_list_shows_dates_weekdays_and_why_a_run_is_moved() {
    let done = project().run(&["schedule", "list", "--from", "2027-01-28", "--count", "3"]);
    assert_eq!(done.code, 0, "{}", done.err);
    insta::assert_snapshot!(done.out);
}

#[test]
fn programs_get_the_list_as_json_csv_and_a_calendar() {
    let project = project();
    let asked = |format| project.run(&["schedule", "list", "--from", "2026-11-01", "--count", "2", "--format", format]);
    let json = asked("json").json();
    assert_eq!(json.as_array().map(Vec::len), Some(6));
    assert_eq!(json[0]["date"], "2026-11-02");
    assert!(
        asked("csv")
            .out
            .starts_with("schedule,date,weekday,time,time_zone,meant_for,why\nweekly,2026-11-02,Mon,07:30:00,")
    );
    let feed = asked("ics").out;
    assert!(feed.starts_with("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n") && feed.ends_with("END:VCALENDAR\r\n"));
    assert_eq!(project.run(&["schedule", "list", "--count", "0"]).code, 2);
}

#[test]
fn the_calendar_of_a_year_tells_where_each_day_comes_from() {
    let project = project();
    let known = project.run(&["schedule", "calendar", "--year", "2026"]);
    assert_eq!(known.code, 0, "{}", known.err);
    insta::assert_snapshot!(known.out);
    assert!(known.err.contains("working days: 249; Q1 58 (to 31/03), Q2 62 (to 30/06)"), "{}", known.err);
    let reckoned = project.run(&["schedule", "calendar", "--year", "2027", "--format", "json"]).json();
    assert_eq!((&reckoned["announced"], &reckoned["lunar_new_year"]), (&false.into(), &"2027-02-06".into()));
    assert!(reckoned["days"].as_array().unwrap().iter().any(|day| day["origin"] == "computed"));
}

#[test]
fn a_day_that_is_no_day_is_refused_with_its_place_and_a_suggestion() {
    let project = project();
    let config = std::fs::read_to_string(project.path("config.toml")).unwrap();
    for (good, bad, told) in [
        ("3rd working day of", "3rd workin day of", "did you mean \"working\"?"),
        ("time = \"07:00\"\n", "", "add: time = \"07:30\""),
        ("previous working day", "skip", "is not offered: no round is left out"),
        ("previous working day", "next workday", "did you mean \"next working day\"?"),
        ("day = \"last day", "cron = \"0 0 8 1 * *\"\nday = \"last day", "stands beside `cron`"),
        ("0 30 7 * * Mon\"", "0 */5 7 * * Mon\"\nmove = \"next working day\"", "fires several times a day"),
    ] {
        project.write("config.toml", &config.replacen(good, bad, 1));
        let done = project.run(&["schedule", "list"]);
        assert_eq!(done.code, 3, "{bad}: {}", done.err);
        assert!(done.err.contains(told) && done.err.contains("config.toml:"), "{bad}: {}", done.err);
    }
}
