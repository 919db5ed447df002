//! Beside the figures that were accepted last (P25): rows, units, sums and single units, each with its limit.

use super::{DAY, accepted, alerts, held, project, quality, reminders, run, says};
use crate::support::project::{Project, code, figures};

const NEXT: &str = "2022-11-07";

/// Without the rows of these units.
fn without(project: &Project, units: &[usize]) {
    let gone = |line: &&str| !units.iter().any(|number| line.contains(&code(*number)));
    let text = project.read("figures.csv");
    project.write("figures.csv", &text.lines().filter(gone).flat_map(|line| [line, "\n"]).collect::<String>());
}

#[test]
fn rows_that_are_missing_are_noticed_although_every_unit_is_there() {
    let project = project(10);
    accepted(&project, DAY);
    let text = project.read("figures.csv");
    let kept: Vec<&str> = text.lines().filter(|line| !line.contains("1.000002")).collect();
    project.write("figures.csv", &(kept.join("\n") + "\n"));
    held(&project, NEXT, &["compared with the figures up to 2022-10-31", "10 rows instead of 20"]);
    assert!(!alerts(&project)[0].contains("have no figures any more"));
}

#[test]
fn a_limit_is_let_through_and_one_row_more_is_not() {
    for (percent, missing, code) in [(10, 2, 0), (10, 3, 4), (15, 3, 0), (100, 19, 0)] {
        let project = project(10);
        let off = "max_units_fall_percent = 100\nmax_total_fall_percent = 100\nmax_unit_fall_percent = 100";
        quality(&project, &format!("max_rows_fall_percent = {percent}\n{off}"));
        accepted(&project, DAY);
        let text = project.read("figures.csv");
        let kept: Vec<&str> = text.lines().take(21 - missing).collect();
        project.write("figures.csv", &(kept.join("\n") + "\n"));
        let done = run(&project, NEXT);
        assert_eq!(done.code, code, "{missing} of 20 rows at {percent} %: {}", done.err);
    }
}

#[test]
fn units_that_lost_their_figures_are_named_and_many_of_them_hold_the_round() {
    let project = project(60);
    accepted(&project, DAY);
    without(&project, &[7]);
    let done = accepted(&project, "2022-11-01");
    let named = "1 unit(s) had figures up to 2022-10-31 and have none now; they are not reminded: Xã Số 7 (X000007)";
    says(&done, &[named, "remedy: export their figures too"]);
    assert!(alerts(&project).iter().any(|alert| alert.contains("Xã Số 7 (X000007)")));

    without(&project, &[8, 9]);
    let said = ["2 of 59 units have no figures any more: Xã Số 8 (X000008), Xã Số 9 (X000009)", "valid_to"];
    held(&project, NEXT, &said);
}

#[test]
fn a_unit_that_no_longer_exists_is_not_missed() {
    let project = project(10);
    accepted(&project, DAY);
    let units =
        project.read("pack/units.csv").replace("X000009,Xã Số 9,xa,24,,,", "X000009,Xã Số 9,xa,24,,2022-10-31,");
    project.write("pack/units.csv", &units);
    let imported = project.run(&["catalog", "import", "pack", "--yes"]);
    assert_eq!(imported.code, 0, "{}", imported.err);
    without(&project, &[9]);
    quality(&project, "max_rows_fall_percent = 20");
    let done = accepted(&project, NEXT);
    assert!(!done.err.contains("Xã Số 9"), "{}", done.err);
}

#[test]
fn a_few_impossible_units_are_not_judged_and_keep_nobody_else_waiting() {
    let project = project(60);
    accepted(&project, DAY);
    project.edit("figures.csv", "2022-10,X000003,1.000001,100,20,", "2022-10,X000003,1.000001,9000,20,");
    let done = accepted(&project, NEXT);
    says(
        &done,
        &["1 of 60 units have figures that cannot be true: Xã Số 3 (X000003): `received` 200 before, 9100 now"],
    );
    assert_eq!(reminders(&project), 60 + 59, "the others hear again after five working days");
    let report = project.run(&["report", "--as-of", NEXT, "--format", "json"]).json();
    assert_eq!(report["units"][3]["indicators"]["online_filing"]["standing"], "incomplete");

    says(&accepted(&project, "2022-11-08"), &["Xã Số 3 (X000003)"]);
    project.write("figures.csv", &figures(60, 40));
    accepted(&project, "2022-11-09");
    assert_eq!(reminders(&project), 60 + 60, "with true figures it hears too");
}

#[test]
fn results_that_were_digitised_late_are_no_jump() {
    let project = project(10);
    accepted(&project, DAY);
    let text = project.read("figures.csv").replace(",95,2,", ",95,95,");
    project.write("figures.csv", &text);
    let done = accepted(&project, NEXT);
    assert!(!done.err.contains("cannot be true"), "{}", done.err);
}

#[test]
fn a_new_year_begins_at_zero() {
    let project = project(10);
    accepted(&project, DAY);
    let january = figures(10, 4).replace("2022-10", "2023-01").replace(",100,", ",50,");
    project.write("figures.csv", &january);
    let done = run(&project, "2023-01-31");
    assert_eq!(done.code, 0, "{}", done.err);
}

#[test]
fn figures_that_wait_for_a_second_person_are_no_measure_until_approved() {
    let project = project(10);
    project.edit("config.toml", "approval = \"never\"", "approval = \"first_and_changes\"");
    assert_eq!(run(&project, DAY).code, 8);
    project.write("figures.csv", &figures(5, 40));
    assert_eq!(run(&project, DAY).code, 8, "nothing was accepted yet");
    project.write("figures.csv", &figures(10, 40));
    assert_eq!(run(&project, DAY).code, 8);
    assert_eq!(project.run(&["approve", "--yes"]).code, 0);
    project.write("figures.csv", &figures(5, 40));
    held(&project, DAY, &["10 rows instead of 20"]);
}
