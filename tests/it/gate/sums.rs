//! Sums that must agree, in a row and across sources: rules as data.

use super::{DAY, accepted, held, project, quality, reminders, run, says};
use crate::support::project::Project;

const MEASURES: &str = "[source.columns.measures]\nreceived = \"received\"\nreceived_online = \"received_online\"\n\
                        received_offline = \"results_due\"\ncarried_over = \"results_electronic\"\n[[schedule]]";

/// One unit's October: received, online, at the counter, carried over.
fn october(project: &Project, cells: &str) {
    let header = "period,unit_code,service_code,received,received_online,results_due,results_electronic\n";
    project.write("figures.csv", &format!("{header}2022-10,X000000,1.000001,{cells}\n"));
}

#[test]
fn received_is_what_came_online_at_the_counter_and_from_before() {
    let project = project(1);
    project.edit("config.toml", "[[schedule]]", MEASURES);
    october(&project, "100,20,70,9");
    held(
        &project,
        DAY,
        &[
            "figures.csv:2:4 (received): `100`: `received = received_online + received_offline + carried_over` does not \
             hold: 20 + 70 + 9 make 99",
            "remedy: correct the cells, or the rule in [quality] identities",
        ],
    );
    october(&project, "100,20,,9");
    accepted(&project, DAY);
    october(&project, "100,20,70,10");
    accepted(&project, DAY);
    assert_eq!(reminders(&project), 1);
}

#[test]
fn a_province_adds_rules_of_its_own() {
    for (rule, holds) in [
        ("results_due >= results_electronic + paid_on_portal", true),
        ("results_due >= results_electronic + fee_transactions", true),
        ("results_due = results_electronic + fee_transactions", false),
        ("fee_transactions <= paid_on_portal", false),
        ("fee_transactions <= paid_on_portal + not_mapped", true),
    ] {
        let project = project(3);
        quality(&project, &format!("identities = [\"{rule}\"]"));
        let done = run(&project, DAY);
        assert_eq!(done.code, if holds { 0 } else { 4 }, "{rule}: {}", done.err);
        if !holds {
            says(&done, &[&format!("`{rule}` does not hold")]);
        }
    }
}

#[test]
fn a_rule_that_cannot_be_read_is_told_with_its_place() {
    let project = project(3);
    quality(&project, "identities = [\"received = online +\", \"received\"]");
    let done = run(&project, DAY);
    assert_eq!(done.code, 3, "{}", done.err);
    says(&done, &["config.toml:12:", "`quality.identities`: \"\" is no measure", "has no `=`, `>=` or `<=`"]);
}

#[test]
fn sums_that_two_sources_give_must_agree_too() {
    let project = project(60);
    let first = "[source.columns.measures]\nreceived = \"received\"\nresults_due = \"results_due\"\n\
                 results_electronic = \"results_electronic\"\n";
    let second = "[[source]]\nname = \"portal\"\nkind = \"csv\"\npath = \"portal.csv\"\n[source.columns.measures]\n\
                  received_online = \"received_online\"\n[[schedule]]";
    project.edit("config.toml", "[[schedule]]", &format!("{first}{second}"));
    let text = project.read("figures.csv");
    let row = "2022-10,X000003,1.000001,100,20,";
    project.write("portal.csv", &text.replace(row, "2022-10,X000003,1.000001,100,200,"));
    let done = accepted(&project, DAY);
    let said = "1 of 60 units have figures that cannot be true: Xã Số 3 (X000003): `received >= received_online` does not \
                hold: 200 and 220; they are not judged";
    says(&done, &[said]);
    assert_eq!(reminders(&project), 59);
    project.write("portal.csv", &text.replace(",100,20,", ",100,200,"));
    held(&project, DAY, &["units_implausible", "60 of 60 units"]);
}
