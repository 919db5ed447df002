//! Stale, partial, unreadable, implausible (P20): nobody is reminded, the round is recorded as held, the admins hear once.

use super::{DAY, accepted, alerts, held, project, reminders};
use crate::support::project::{Project, code, figures};

/// Bad figures for a round on `day`; what is said of them.
struct Bad {
    what: &'static str,
    day: &'static str,
    spoil: fn(&Project),
    doubt: &'static str,
    said: &'static [&'static str],
}

const BAD: &[Bad] = &[
    Bad {
        what: "stale",
        day: "2022-12-31",
        spoil: |_| {},
        doubt: "stale",
        said: &["the newest month is 2022-10, which ended 61 days before 2022-12-31; at most 45 are allowed"],
    },
    Bad {
        what: "partial: the second half is missing",
        day: "2022-11-07",
        spoil: |project| project.write("figures.csv", &figures(5, 40)),
        doubt: "rows_fell",
        said: &["10 rows instead of 20 (50.0 % fewer)", "cut off"],
    },
    Bad {
        what: "partial: a column was zeroed",
        day: "2022-11-07",
        spoil: |project| project.write("figures.csv", &figures(10, 0)),
        doubt: "total_fell",
        said: &["`received_online` since 1 January fell from 400 to 0 (100.0 % less)"],
    },
    Bad {
        what: "unreadable",
        day: "2022-11-07",
        spoil: |project| project.edit("figures.csv", "received_online", "online"),
        doubt: "unreadable",
        said: &["no column `received_online`"],
    },
    Bad {
        what: "empty",
        day: "2022-11-07",
        spoil: |project| project.write("figures.csv", &figures(0, 0)),
        doubt: "empty",
        said: &["has no good row from 1 January to 2022-11-07"],
    },
    Bad {
        what: "implausible: a rate above 100 %",
        day: "2022-11-07",
        spoil: |project| project.write("figures.csv", &figures(10, 204)),
        doubt: "refused_rows",
        said: &["more than `received`, which is 100", "20 of 20 rows were refused (100.00 %"],
    },
    Bad {
        what: "implausible: one unit's count is a hundred times too large",
        day: "2022-11-07",
        spoil: |project| {
            let row = format!("2022-10,{},1.000001,100,20,", code(3));
            project.edit("figures.csv", &row, &row.replace(",100,", ",10000,"));
        },
        doubt: "units_implausible",
        said: &["1 of 10 units have figures that cannot be true: Xã Số 3 (X000003): `received` 200 before, 10100 now"],
    },
    Bad {
        what: "implausible: everything counts three times",
        day: "2022-11-07",
        spoil: |project| {
            let more =
                figures(10, 40).lines().skip(1).map(|line| line.replace("2022-10", "2022-09")).collect::<Vec<_>>();
            let most: Vec<String> = more.iter().map(|line| line.replace("2022-09", "2022-08")).collect();
            let text = format!("{}{}\n{}\n", figures(10, 40), more.join("\n"), most.join("\n"));
            project.write("figures.csv", &text);
        },
        doubt: "total_jumped",
        said: &["`received` since 1 January rose from 2000 to 6000 (200.0 % more)"],
    },
];

#[test]
fn bad_figures_remind_nobody_are_recorded_as_held_and_are_told_once() {
    for Bad { what, day, spoil, doubt, said } in BAD {
        let project = project(10);
        accepted(&project, DAY);
        assert_eq!((reminders(&project), alerts(&project).len()), (10, 0), "{what}");
        spoil(&project);
        for _ in 0..3 {
            let run_id = held(&project, day, said);
            let listed = project.run(&["release", "--format", "json"]).json();
            let round = listed.as_array().unwrap().iter().find(|round| round["run_id"] == run_id.as_str());
            let round = round.unwrap_or_else(|| panic!("{what}: {listed}"));
            let codes: Vec<&str> =
                round["doubts"].as_array().unwrap().iter().map(|doubt| doubt["code"].as_str().unwrap()).collect();
            assert!(codes.contains(doubt), "{what}: {codes:?}");
            assert!(round["doubts"][0]["hint"].as_str().is_some_and(|hint| !hint.is_empty()), "{what}");
        }
        let told = alerts(&project);
        assert_eq!(told.len(), 1, "{what}: {told:?}");
        assert!(told[0].contains("bị tạm giữ") && told[0].contains("Chưa đơn vị nào được nhắc"), "{}", told[0]);
        assert!(said.iter().any(|said| told[0].contains(said)), "{what}: {}", told[0]);
    }
}

#[test]
fn the_first_figures_have_nothing_to_be_compared_with() {
    let project = project(3);
    project.write("figures.csv", &figures(1, 40));
    let done = accepted(&project, DAY);
    assert!(!done.err.contains("accepted last"), "{}", done.err);
    assert_eq!(reminders(&project), 1);
}

#[test]
fn a_dry_run_and_a_pull_see_the_same_doubts_and_store_nothing() {
    let project = project(10);
    accepted(&project, DAY);
    project.write("figures.csv", &figures(5, 40));
    for arguments in [&["run", "--dry-run", "--as-of", "2022-11-07"][..], &["pull", "--as-of", "2022-11-07"]] {
        let done = project.run(arguments);
        assert_eq!(done.code, 4, "{}", done.err);
        super::says(&done, &["rows_fell", "10 rows instead of 20", "units_vanished"]);
    }
    assert_eq!(project.run(&["release", "--format", "json"]).json(), serde_json::json!([]));
    assert_eq!(alerts(&project).len(), 0);
}
