//! What programs read: the keys of every JSON answer, and the exit codes.

use std::collections::BTreeSet;
use std::process::Stdio;

use dondoc::db::Db;
use serde_json::Value;

use super::{DAY, UNITS, plan, round};
use crate::support::project::{Done, Project};

fn keys(value: &Value) -> BTreeSet<&str> {
    value.as_object().expect("an object").keys().map(String::as_str).collect()
}

/// At least the contract's keys; everything may be added to.
fn has(value: &Value, wanted: &[&str]) {
    let there = keys(value);
    assert!(wanted.iter().all(|key| there.contains(key)), "{wanted:?} of {there:?}");
}

fn only(value: &Value, wanted: &[&str]) {
    assert_eq!(keys(value), wanted.iter().copied().collect());
}

#[test]
fn json_answers_have_the_keys_that_programs_outside_rely_on() {
    let project = Project::new(&plan());
    let run = project.run(&["run", "--as-of", DAY, "--format", "json"]).json();
    has(&run, &["run_id", "as_of", "snapshots", "units", "decisions", "messages"]);
    only(&run["units"], &["assessed", "below", "not_assessed"]);
    only(&run["decisions"], &["remind", "hold"]);
    has(&run["messages"], &["queued", "sent", "failed", "uncertain"]);
    assert_eq!(run["as_of"], DAY);
    assert_eq!(run["snapshots"].as_array().map(Vec::len), Some(1));
    for (part, key, count) in [
        ("units", "assessed", UNITS),
        ("units", "below", UNITS),
        ("decisions", "remind", UNITS),
        ("messages", "sent", UNITS),
    ] {
        assert_eq!(run[part][key], count, "{part}.{key}");
    }

    let report = project.run(&["report", "--as-of", DAY, "--format", "json"]).json();
    only(&report, &["as_of", "total", "units"]);
    let indicators = ["active_services", "e_result", "online_filing", "portal_payment"];
    only(&report["total"], &indicators);
    only(&report["units"][0], &["code", "name", "indicators"]);
    only(&report["units"][0]["indicators"], &indicators);
    let filed = &report["units"][0]["indicators"]["online_filing"];
    has(filed, &["numerator", "denominator", "rate", "target", "standing", "missing"]);
    assert_eq!(filed["definition"], "letter2022");
    let values = ["numerator", "denominator", "rate", "target", "standing", "missing"].map(|key| filed[key].clone());
    assert_eq!(Value::from(values.to_vec()), serde_json::json!([40, 200, "20.00", "50.00", "below", 60]));

    let outbox = project.run(&["outbox", "list", "--format", "json"]).json();
    let promised = ["id", "dedup_key", "unit_code", "recipient", "channel", "state", "attempts", "message_id"];
    has(&outbox[0], &promised);
    has(&outbox[0], &["created_at", "settled_at"]);

    project.edit("config.toml", "trial = false", "trial = \"no\"");
    let check = project.run(&["check", "--format", "json"]).json();
    only(&check, &["problems"]);
    only(&check["problems"][0], &["severity", "code", "message", "hint", "where"]);
    only(&check["problems"][0]["where"], &["file", "line", "column"]);
}

#[test]
fn a_held_round_answers_with_the_same_keys() {
    let project = Project::new(&plan());
    project.write("figures.csv", "");
    let done = project.run(&["run", "--as-of", DAY, "--format", "json"]);
    assert_eq!(done.code, 4);
    let run = done.json();
    has(&run, &["run_id", "as_of", "snapshots", "units", "decisions", "messages"]);
    assert_eq!(run["held"]["reason"], "quality_gate");
    assert!(run["held"]["why"][0].as_str().is_some_and(|why| why.contains("figures.csv:1: the file is empty")));
}

#[test]
fn each_exit_code_has_its_one_meaning() {
    let table: &[(&str, &str, &str, &[&str], i32)] = &[
        ("done", "", "", &["run", "--as-of", DAY], 0),
        ("done, with nothing to do", "", "", &["approve"], 0),
        ("an unknown command", "", "", &["remind"], 2),
        ("an unknown option", "", "", &["run", "--now"], 2),
        ("a date to come", "", "", &["run", "--as-of", "2999-12-31"], 2),
        ("an unknown state", "", "", &["outbox", "list", "--state", "lost"], 2),
        ("an unknown entry", "", "", &["outbox", "retry", "0"], 2),
        ("invalid", "trial = false", "trial = 0", &["run", "--as-of", DAY], 3),
        ("an unknown engine", "sqlite:dondoc.db", "mysql://db/dondoc", &["run", "--as-of", DAY], 3),
        ("held by the gate", "path = \"figures.csv\"", "path = \"pack/units.csv\"", &["run", "--as-of", DAY], 4),
        ("held by the guard", "percent = 100", "percent = 20", &["run", "--as-of", DAY], 4),
        (
            "pull sees what the gate sees",
            "path = \"figures.csv\"",
            "path = \"pack/units.csv\"",
            &["pull", "--as-of", DAY],
            4,
        ),
        ("no source", "path = \"figures.csv\"", "path = \"none.csv\"", &["run", "--as-of", DAY], 6),
        ("no database", "sqlite:dondoc.db", "postgres://dondoc@127.0.0.1:9/dondoc", &["report"], 6),
        ("not approved", "approval = \"never\"", "approval = \"always\"", &["run", "--as-of", DAY], 8),
    ];
    for (what, from, to, arguments, expected) in table {
        let project = Project::new(&plan());
        if !from.is_empty() {
            project.edit("config.toml", from, to);
        }
        let done = project.run(arguments);
        assert_eq!(done.code, *expected, "{what}: {}{}", done.out, done.err);
        assert!(*expected == 0 || !done.err.is_empty(), "{what}: says nothing");
    }
}

#[test]
fn a_second_instance_is_refused_until_the_first_ends() {
    let project = Project::new(&plan());
    let held = Db::hold("sqlite:dondoc.db", project.folder()).expect("the lock");
    let done = round(&project);
    assert_eq!(done.code, 7, "{}", done.err);
    assert!(done.err.contains("remedy: stop it first"), "{}", done.err);
    assert_eq!(project.run(&["outbox", "list"]).code, 0, "looking is allowed");
    drop(held);
    assert_eq!(round(&project).code, 0);
}

#[test]
fn an_answer_that_cannot_be_written_is_an_unexpected_error_and_not_a_panic() {
    let project = Project::new(&plan());
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let mut command = project.command(&["template", "list"]);
    let done = Done::of(command.stdout(full).stderr(Stdio::piped()).output().unwrap());
    assert_eq!(done.code, 1, "{}", done.err);
    assert!(done.err.contains("cannot write the output"), "{}", done.err);
}

#[test]
fn log_lines_in_a_file_hold_no_colours() {
    let project = Project::new(&plan().mail("127.0.0.1:9".parse().unwrap(), 1));
    let done = round(&project);
    assert!(done.err.contains("the channel is out of order") && !done.err.contains('\u{1b}'), "{}", done.err);
}

#[test]
fn a_units_report_names_the_services_that_weigh_most() {
    let project = Project::new(&plan());
    assert_eq!(project.run(&["run", "--as-of", DAY]).code, 0);
    let unit = project.run(&["report", "--unit", "X000001", "--format", "json"]).json();
    assert_eq!(unit["units"].as_array().map(Vec::len), Some(1));
    assert_eq!(unit["units"][0]["indicators"]["online_filing"]["denominator"], 200);
    let services = unit["services"].as_array().expect("a list");
    let results: Vec<_> = services.iter().filter(|line| line["indicator"] == "e_result").collect();
    let line = |service: &str, top: u64, below: u64| {
        serde_json::json!({"indicator": "e_result", "service": service, "numerator": top, "denominator": below,
            "missing": below - top})
    };
    assert_eq!(results, [&line("1.000002", 2, 95), &line("1.000001", 1, 90)], "what misses most stands first");
    let table = project.run(&["report", "--unit", "X000001"]).out;
    assert!(table.contains("e_result         1.000002  2          95           93"), "{table}");
    let csv = project.run(&["report", "--unit", "X000001", "--format", "csv"]).out;
    assert_eq!(csv.lines().next(), Some("indicator,service,numerator,denominator,missing"));
    let unknown = project.run(&["report", "--unit", "Y1"]);
    assert_eq!(unknown.code, 2);
    assert!(unknown.err.contains("no unit has the code `Y1`") && unknown.err.contains("remedy:"), "{}", unknown.err);
}

#[test]
fn a_reader_that_leaves_early_is_no_failure() {
    let project = Project::new(&plan());
    assert_eq!(round(&project).code, 0);
    for arguments in [&["template", "list"][..], &["report", "--format", "csv"], &["outbox", "list"]] {
        let mut command = project.command(arguments);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the binary starts");
        drop(child.stdout.take());
        let done = Done::of(child.wait_with_output().expect("an end"));
        assert_eq!((done.code, done.err.contains("cannot write")), (0, false), "{arguments:?}: {}", done.err);
    }
}
