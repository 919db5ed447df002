//! A person lets a held round through: the same bytes, with a note; anything else is judged anew.

use super::{DAY, accepted, held, project, quality, reminders, run, says};
use crate::support::project::figures;

const NEXT: &str = "2022-11-07";

#[test]
fn a_release_lets_the_same_bytes_through_and_is_recorded_with_who_when_and_why() {
    let project = project(10);
    accepted(&project, DAY);
    project.write("figures.csv", &figures(10, 0));
    let run_id = held(&project, NEXT, &["total_fell", "dondoc release "]);
    for arguments in [&["release", &run_id][..], &["release", &run_id, "--note", " ", "--by", "A"]] {
        let done = project.run(arguments);
        assert_eq!(done.code, 2, "{}", done.err);
        says(&done, &["why and by whom", "remedy: add --note"]);
    }
    assert_eq!(run(&project, NEXT).code, 4, "nothing was released");

    let released = |note: &str| {
        let done = project.run(&["release", &run_id, "--note", note, "--by", "Phòng CNTT", "--format", "json"]);
        assert_eq!(done.code, 0, "{}", done.err);
        done.json()[0]["release"].clone()
    };
    let release = released("đã đối chiếu");
    assert_eq!((&release["note"], &release["by"]), (&"đã đối chiếu".into(), &"Phòng CNTT".into()));
    assert!(release["at"].as_str().is_some_and(|at| at.ends_with("+07:00")), "{release}");
    assert_eq!(released("another word"), release, "the first word stands");
    let table = project.run(&["release"]);
    says(&table, &["run_id", &run_id, "total_fell", "Phòng CNTT", "đã đối chiếu"]);

    let done = accepted(&project, NEXT);
    says(&done, &["let through: total_fell", "released by Phòng CNTT: đã đối chiếu"]);
    assert_eq!(reminders(&project), 20);
    accepted(&project, NEXT);
    assert_eq!(reminders(&project), 20, "nobody twice");
}

#[test]
fn other_bytes_and_other_doubts_are_judged_anew() {
    let project = project(10);
    accepted(&project, DAY);
    project.write("figures.csv", &figures(10, 0));
    let run_id = held(&project, NEXT, &["total_fell"]);
    assert_eq!(project.run(&["release", &run_id, "--note", "đúng", "--by", "A"]).code, 0);
    project.write("figures.csv", &(figures(10, 0) + "\n"));
    held(&project, NEXT, &["total_fell"]);
    project.write("figures.csv", &figures(10, 0));
    held(&project, "2022-12-31", &["stale"]);
    accepted(&project, NEXT);
}

#[test]
fn released_units_are_judged_by_the_figures_that_seemed_impossible() {
    let project = project(10);
    accepted(&project, DAY);
    project.edit("figures.csv", "2022-10,X000003,1.000001,100,20,", "2022-10,X000003,1.000001,3000,20,");
    quality(&project, "max_total_jump_percent = 1000000");
    let run_id = held(&project, NEXT, &["units_implausible", "Xã Số 3"]);
    assert_eq!(project.run(&["release", &run_id, "--note", "sáp nhập", "--by", "A"]).code, 0);
    accepted(&project, NEXT);
    let report = project.run(&["report", "--as-of", NEXT, "--format", "json"]).json();
    assert_eq!(report["units"][3]["indicators"]["online_filing"]["denominator"], 3100);
    accepted(&project, "2022-11-08");
}

#[test]
fn what_has_no_figures_cannot_be_released() {
    let project = project(3);
    project.edit("figures.csv", "received_online", "online");
    let run_id = held(&project, DAY, &["unreadable"]);
    let done = project.run(&["release", &run_id, "--note", "x", "--by", "A"]);
    assert_eq!(done.code, 2, "{}", done.err);
    says(&done, &["it has no figures to release", "remedy: mend the source"]);
    let done = project.run(&["release", "nothing", "--note", "x", "--by", "A"]);
    assert_eq!(done.code, 2, "{}", done.err);
    says(&done, &["held no round `nothing`", "remedy: "]);
    says(&project.run(&["release", "--help"]), &["Examples:", "--note"]);
}
