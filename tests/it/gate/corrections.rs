//! Heads hear it once when a letter that left spoke of figures that were restated since.

use serde_json::Value;

use super::restated::corrected;
use super::{DAY, accepted, entries, project, run, says};
use crate::support::project::{Done, Project, code, figures};

/// On target at last.
const MET: (&str, &str) = ("100,80,95,95,80,50,20,1,1", "100,80,95,95,60,50,5,1,1");
/// 35 are missing instead of 60.
const FEWER: (&str, &str) = ("100,45,90,1,80,3,20,1,1", "100,20,95,2,60,1,5,1,0");
/// 90 are missing.
const MORE: (&str, &str) = ("100,5,90,1,80,3,20,1,1", "100,5,95,2,60,1,5,1,0");

/// Judges the day again by other figures; what the gate doubts a person lets through.
fn restate(project: &Project, figures: &str) {
    project.write("figures.csv", figures);
    let done = project.run(&["run", "--as-of", DAY, "--format", "json"]);
    if done.code == 4 {
        let round = done.json()["run_id"].as_str().expect("an id").to_owned();
        let released = project.run(&["release", &round, "--note", "đã đối chiếu", "--by", "Phòng CNTT"]);
        assert_eq!(released.code, 0, "{}", released.err);
        let again = run(project, DAY);
        assert!([0, 8].contains(&again.code), "{}", again.err);
    }
}

fn of((first, second): (&str, &str)) -> String {
    corrected(first, second)
}

fn send(project: &Project) -> Done {
    project.run(&["restated", "--send", "--yes"])
}

fn corrections(project: &Project) -> Vec<Value> {
    let is_one = |entry: &Value| entry["dedup_key"].as_str().is_some_and(|key| key.starts_with("correction/"));
    entries(project).into_iter().filter(is_one).collect()
}

fn states(project: &Project) -> Vec<String> {
    corrections(project).iter().map(|entry| entry["state"].as_str().expect("a state").to_owned()).collect()
}

/// The words of a correction, with the days on which letters were sent left out.
fn text(project: &Project, at: usize) -> String {
    let shown = project.run(&["outbox", "show", corrections(project)[at]["id"].as_str().expect("an id")]).out;
    let words = shown.split_once("\n}\n\n").expect("the words").1;
    let words = words.split("\nattempt ").next().expect("a text").trim_end();
    let (_, date) = words.split_once("thư ngày ").expect("a date");
    let date: String = date.chars().take("31/10/2022".len()).collect();
    words.replace(&date, "DD/MM/YYYY")
}

#[test]
fn a_head_who_should_not_have_been_reminded_gets_one_correction_and_a_second_time_adds_nothing() {
    let project = project(3);
    accepted(&project, DAY);
    let nothing = send(&project);
    assert_eq!((nothing.code, states(&project).len()), (0, 0), "{}", nothing.err);
    says(&nothing, &["no letter that left has to be corrected"]);
    restate(&project, &of(MET));
    let unasked = project.run(&["restated", "--send"]);
    assert_eq!((unasked.code, states(&project).len()), (8, 0), "{}", unasked.err);
    says(&unasked, &["no terminal to ask on; give --yes", "nothing was written", "UBND xã Số 1"]);
    assert_eq!(project.run(&["restated", "--dry-run"]).code, 0);
    assert!(states(&project).is_empty(), "the list stores nothing");

    let sent = send(&project);
    assert_eq!(sent.code, 0, "{}", sent.err);
    says(&sent, &["1 new of 1; 1 sent"]);
    let entry = corrections(&project).remove(0);
    assert_eq!((&entry["unit_code"], &entry["state"]), (&code(1).into(), &"sent".into()));
    insta::assert_snapshot!("on_target_after_all", text(&project, 0));
    for again in 0..2 {
        let done = send(&project);
        assert_eq!((done.code, states(&project)), (0, vec!["sent".to_owned()]), "{again}: {}", done.err);
        accepted(&project, DAY);
    }
}

#[test]
fn figures_that_are_restated_again_are_compared_with_the_last_correction() {
    let project = project(3);
    accepted(&project, DAY);
    for (figures, count) in [(FEWER, 1), (FEWER, 1), (MORE, 2), (MORE, 2)] {
        restate(&project, &of(figures));
        assert_eq!((send(&project).code, states(&project).len()), (0, count), "{figures:?}");
    }
    let (first, second) = (text(&project, 0), text(&project, 1));
    assert!(first.contains("Thư đã ghi: thiếu 60 hồ sơ") && first.contains("Số đúng là: thiếu 35 hồ sơ"), "{first}");
    assert!(second.contains("Thư đã ghi: thiếu 35 hồ sơ") && second.contains("Số đúng là: thiếu 90 hồ sơ"), "{second}");
    insta::assert_snapshot!("another_number", first);
}

#[test]
fn a_correction_waits_for_a_second_person_and_is_taken_back_when_the_letter_was_right() {
    let project = project(3);
    accepted(&project, DAY);
    let first = project.read("figures.csv");
    project.edit("config.toml", "approval = \"never\"", "approval = \"always\"");
    restate(&project, &of(FEWER));
    for _ in 0..2 {
        let held = send(&project);
        assert_eq!((held.code, states(&project)), (8, vec!["held".to_owned()]), "{}", held.err);
        says(&held, &["held (approval)", "remedy: look, then `dondoc approve`"]);
    }
    restate(&project, &of(MORE));
    assert_eq!((send(&project).code, states(&project)), (8, ["cancelled", "held"].map(String::from).into()));
    assert!(text(&project, 1).contains("Thư đã ghi: thiếu 60 hồ sơ"), "the first correction never left");
    restate(&project, &first);
    send(&project);
    assert_eq!(states(&project), ["cancelled", "cancelled"], "the letter was right");
    restate(&project, &of(MET));
    assert_eq!(send(&project).code, 8);
    assert_eq!(project.run(&["approve", "--yes"]).code, 0);
    run(&project, DAY);
    assert_eq!(states(&project), ["cancelled", "cancelled", "sent"]);
    send(&project);
    assert_eq!(states(&project).len(), 3);
}

#[test]
fn a_letter_that_was_amended_before_it_left_needs_no_correction() {
    let project = project(3);
    project.edit("config.toml", "approval = \"never\"", "approval = \"always\"");
    assert_eq!(run(&project, DAY).code, 8);
    restate(&project, &of(FEWER));
    assert_eq!((send(&project).code, states(&project).len()), (0, 0), "nothing left yet");
    assert_eq!(project.run(&["approve", "--yes"]).code, 0);
    run(&project, DAY);
    let none = send(&project);
    assert_eq!((none.code, states(&project).len()), (0, 0), "{}{}", none.out, none.err);
    restate(&project, &of(MET));
    send(&project);
    assert_eq!(states(&project), ["held"]);
    assert!(text(&project, 0).contains("Thư đã ghi: thiếu 35 hồ sơ"), "what the amended letter said");
}

#[test]
fn a_correction_waits_out_a_pause_and_says_when_a_unit_has_no_figures_any_more() {
    let project = project(3);
    accepted(&project, DAY);
    let others = figures(3, 40);
    let gone = others.lines().filter(|line| !line.contains(&code(1))).flat_map(|line| [line, "\n"]);
    restate(&project, &gone.collect::<String>());
    assert_eq!(project.run(&["pause"]).code, 0);
    let sent = send(&project);
    says(&sent, &["paused: nothing is sent"]);
    assert_eq!(states(&project), ["ready"], "{}", sent.err);
    assert_eq!((send(&project).code, states(&project).len()), (0, 1));
    assert!(text(&project, 0).contains("chưa có số liệu để đánh giá"), "{}", text(&project, 0));
}
