//! The quality gate, fed with every kind of bad figures through the real binary: no reminder leaves, and what is said.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use serde_json::Value;

use crate::support::project::{Done, Plan, Project, code, figures};

mod before;
mod corrections;
mod episodes;
mod guard;
mod held;
mod missing;
mod names;
mod numbers;
mod provisional;
mod released;
mod restated;
mod same;
mod stored;
mod sums;

/// The day of the first round of each test.
const DAY: &str = "2022-10-31";

/// So many communes, and an admin who is told.
fn project(units: usize) -> Project {
    let extra = "[alerts]\nto = [\"admin@tinh.example\"]\n".to_owned();
    Project::new(&Plan { units, extra, ..Plan::default() })
}

/// Sets keys of `[quality]`.
fn quality(project: &Project, keys: &str) {
    project.edit("config.toml", "[policy]", &format!("[quality]\n{keys}\n[policy]"));
}

fn run(project: &Project, day: &str) -> Done {
    project.run(&["run", "--as-of", day])
}

/// Every one of `parts` stands in what was said.
fn says(done: &Done, parts: &[&str]) {
    for part in parts {
        assert!(done.err.contains(part) || done.out.contains(part), "`{part}` is not said\n{}\n{}", done.out, done.err);
    }
}

fn entries(project: &Project) -> Vec<Value> {
    project.run(&["outbox", "list", "--format", "json"]).json().as_array().expect("a list").clone()
}

/// Messages to heads.
fn reminders(project: &Project) -> usize {
    entries(project).iter().filter(|entry| entry["unit_code"] != "").count()
}

/// The texts of the messages to the admin, oldest first.
fn alerts(project: &Project) -> Vec<String> {
    let about: Vec<Value> = entries(project).into_iter().filter(|entry| entry["unit_code"] == "").collect();
    about.iter().map(|entry| project.run(&["outbox", "show", entry["id"].as_str().expect("an id")]).out).collect()
}

/// A round that must be held: exit 4, these words, nobody reminded. Returns its id.
fn held(project: &Project, day: &str, said: &[&str]) -> String {
    let before = reminders(project);
    let done = project.run(&["run", "--as-of", day, "--format", "json"]);
    assert_eq!(done.code, 4, "{}{}", done.out, done.err);
    says(&done, said);
    says(&done, &["nobody was reminded", "remedy: "]);
    assert_eq!(reminders(project), before, "no reminder leaves");
    let round = done.json();
    assert_eq!((&round["held"]["reason"], &round["messages"]["queued"]), (&Value::from("quality_gate"), &0.into()));
    round["run_id"].as_str().expect("an id").to_owned()
}

/// A round that must be let through.
fn accepted(project: &Project, day: &str) -> Done {
    let done = run(project, day);
    assert_eq!(done.code, 0, "{}", done.err);
    done
}

/// Two services of a unit in October, far above every target.
fn on_target(number: usize) -> String {
    let code = code(number);
    format!("2022-10,{code},1.000001,100,80,95,95,80,50,20,1,1\n2022-10,{code},1.000002,100,80,95,95,60,50,5,1,1\n")
}

/// So many units on target, but for those in `below`, which got many dossiers at the counter in `month`.
fn mixed(units: usize, below: &[(&str, std::ops::Range<usize>)]) -> String {
    let mut text = figures(0, 0);
    for number in 0..units {
        text.push_str(&on_target(number));
        for (month, _) in below.iter().filter(|(_, range)| range.contains(&number)) {
            let _ = writeln!(text, "{month},{},1.000003,300,0,0,0,0,0,0,1,0", code(number));
        }
    }
    text
}

/// The columns `unit_code` of a list in JSON.
fn units_of(list: &Value) -> BTreeSet<String> {
    let code = |row: &Value| row["unit_code"].as_str().expect("a code").to_owned();
    list.as_array().expect("a list").iter().map(code).collect()
}
