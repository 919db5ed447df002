//! Missing is not zero (P22).

use super::{DAY, accepted, held, project, reminders};
use crate::support::project::{Project, code, figures};

fn standing(project: &Project, unit: usize, indicator: &str) -> String {
    let report = project.run(&["report", "--as-of", DAY, "--format", "json"]).json();
    let mut units = report["units"].as_array().expect("a list").iter();
    let unit = units.find(|row| row["code"] == code(unit).as_str()).expect("the unit");
    unit["indicators"][indicator]["standing"].as_str().expect("a word").to_owned()
}

/// The rows of unit 1 with these counts instead.
fn with(project: &Project, counts: &str) {
    let others: Vec<String> =
        figures(3, 40).lines().filter(|line| !line.contains(&code(1))).map(str::to_owned).collect();
    let row = if counts.is_empty() { String::new() } else { format!("2022-10,{},1.000001,{counts}\n", code(1)) };
    project.write("figures.csv", &format!("{}\n{row}", others.join("\n")));
}

#[test]
fn without_data_with_empty_cells_or_with_nothing_to_measure_nobody_is_below() {
    for (what, counts, expected) in [
        ("no row", "", "no_data"),
        ("empty cells", ",,,,,,,,", "no_data"),
        ("a dash and n/a", "-,n/a,-,N/A,-,-,-,-,-", "no_data"),
        ("0 of 0", "0,0,0,0,0,0,0,0,0", "nothing_to_measure"),
        ("3 of 9, too few", "9,3,9,3,9,3,0,0,0", "too_few"),
    ] {
        let project = project(3);
        with(&project, counts);
        accepted(&project, DAY);
        let found = standing(&project, 1, "online_filing");
        assert!(found == expected || (expected == "no_data" && found == "not_reported"), "{what}: {found}");
        assert_eq!(reminders(&project), 2, "{what}");
    }
}

#[test]
fn zero_of_many_is_below() {
    let project = project(3);
    with(&project, "100,0,100,0,100,0,0,1,0");
    accepted(&project, DAY);
    assert_eq!((standing(&project, 1, "online_filing").as_str(), reminders(&project)), ("below", 3));
}

#[test]
fn conflicting_duplicates_hold_and_equal_ones_count_once() {
    let project = project(3);
    let row = "2022-10,X000001,1.000001,100,20,90,1,80,3,20,1,1\n";
    assert!(project.read("figures.csv").contains(row));
    project.write("figures.csv", &(figures(3, 40) + &row.replace(",100,20,", ",100,21,")));
    held(&project, DAY, &["rows about the same period, unit and service differ", "figures.csv:4 and", "figures.csv:8"]);
    project.write("figures.csv", &(figures(3, 40) + row + row));
    accepted(&project, DAY);
    let report = project.run(&["report", "--as-of", DAY, "--format", "json"]).json();
    assert_eq!(report["units"][1]["indicators"]["online_filing"]["denominator"], 200);
}
