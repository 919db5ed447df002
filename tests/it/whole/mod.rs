//! The binary as an office uses it: what it says of bad input, how it ends, and that nothing is lost or sent twice.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::support::project::{Done, Plan, Project, code};
use crate::support::smtp_sink::SmtpSink;

mod bounces;
mod configuration;
mod contacts;
mod desk;
mod dossiers;
mod figures;
mod locks;
mod mending;
mod merger;
mod outputs;
mod people;
mod policy;
mod reconcile;
mod relay;
mod replies;
mod roll_ups;
mod rounds;
mod schedule;
mod second_person;
mod sms;
mod templates;
mod zalo;

/// Units of an installation here: few, because each test starts the binary several times.
const UNITS: usize = 3;

/// The day that most rounds here are as of.
const DAY: &str = "2022-10-31";

fn plan() -> Plan {
    Plan { units: UNITS, ..Plan::default() }
}

fn round(project: &Project) -> Done {
    project.run(&["run", "--as-of", DAY])
}

/// What each unit has in the outbox, as `state` or `held (reason)`; messages to admins stand under `""`.
fn ledger(project: &Project) -> BTreeMap<String, Vec<String>> {
    let mut ledger: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for entry in entries(project) {
        let state = match entry["hold_reason"].as_str() {
            Some(reason) => format!("held ({reason})"),
            None => word(&entry["state"]),
        };
        ledger.entry(word(&entry["unit_code"])).or_default().push(state);
    }
    ledger
}

fn entries(project: &Project) -> Vec<Value> {
    project.run(&["outbox", "list", "--format", "json"]).json().as_array().expect("a list").clone()
}

fn word(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}

/// One message in `state` for each of the units with these numbers.
fn each(units: impl IntoIterator<Item = usize>, state: &str) -> BTreeMap<String, Vec<String>> {
    units.into_iter().map(|number| (code(number), vec![state.to_owned()])).collect()
}

/// Whom the relay accepted mail for, in order; somebody who got two stands there twice.
fn reached(sink: &SmtpSink) -> Vec<String> {
    let accepted = sink.received().into_iter().filter(|mail| mail.accepted);
    let mut reached: Vec<String> = accepted.flat_map(|mail| mail.to).collect();
    reached.sort();
    reached
}

fn heads(units: impl IntoIterator<Item = usize>) -> Vec<String> {
    units.into_iter().map(|number| format!("ubnd@xa{number}.example")).collect()
}

/// Every one of `parts` stands in what was said.
fn says(done: &Done, parts: &[&str]) {
    for part in parts {
        assert!(done.err.contains(part) || done.out.contains(part), "`{part}` is not said\n{}\n{}", done.out, done.err);
    }
}
