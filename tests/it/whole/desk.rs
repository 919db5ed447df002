//! The desk: what a source calls a unit that nobody knows is listed, a person says whom it means, and the next round
//! matches it.

use serde_json::Value;

use super::{DAY, each, ledger, plan, round, says, word};
use crate::support::project::{Plan, Project, code, figures};

const MANY: usize = 3;

/// Three communes whose figures come under names; the second is called otherwise than in the catalog.
fn project() -> Project {
    let project = Project::new(&Plan { units: MANY, ..plan() });
    let columns = "[source.columns]\nunit_code = \"\"\nunit_name = \"unit_code\"\n";
    project.edit("config.toml", "[[schedule]]", &format!("{columns}[[schedule]]"));
    project.edit("config.toml", "[policy]", "[quality]\nmax_refused_percent = 50\n[policy]");
    let named =
        (0..MANY).fold(figures(MANY, 40), |text, number| text.replace(&code(number), &format!("Xã Số {number}")));
    project.write("figures.csv", &named.replace("Xã Số 1", "\"UBND X. Số Một, huyện Mẫu\""));
    project
}

fn unresolved(project: &Project) -> Vec<Value> {
    project.run(&["catalog", "unresolved", "--format", "json"]).json().as_array().expect("a list").clone()
}

#[test]
fn a_name_nobody_knows_is_listed_once_with_candidates_and_matched_after_a_person_has_said_whom_it_means() {
    let project = project();
    assert_eq!(round(&project).code, 0, "two of six rows are tolerated here");
    let open = unresolved(&project);
    assert_eq!(open.len(), 1, "{open:?}");
    assert_eq!((word(&open[0]["name"]).as_str(), &open[0]["rows"]), ("UBND X. Số Một, huyện Mẫu", &Value::from(2)));
    assert!(word(&open[0]["first"]).ends_with("figures.csv:4"), "{open:?}");
    assert_eq!((word(&open[0]["why"]).as_str(), word(&open[0]["source"]).as_str()), ("unknown", "province"));
    assert_eq!(ledger(&project), each([0, 2], "sent"), "a candidate is only shown, never used");

    let resolved = project.run(&["catalog", "resolve", "UBND X. Số Một, huyện Mẫu", &code(1), "--by", "Phòng CNTT"]);
    assert_eq!(resolved.code, 0, "{}", resolved.err);
    says(&resolved, &["means Xã Số 1 (X000001)"]);
    assert_eq!(unresolved(&project), Vec::<Value>::new(), "decided at once, without waiting for the next round");
    assert_eq!(round(&project).code, 0);
    assert_eq!(ledger(&project), each(0..MANY, "sent"));

    let undone = project.run(&["catalog", "unresolve", "ubnd x. số một, huyện mẫu"]);
    assert_eq!(undone.code, 0, "{}", undone.err);
    let report = round(&project);
    says(&report, &["no unit is called `UBND X. Số Một, huyện Mẫu`", "1 spelling(s) of units in 2 row(s)"]);
    assert_eq!(unresolved(&project).len(), 1);
    let again = project.run(&["catalog", "unresolve", "UBND X. Số Một, huyện Mẫu"]);
    assert_eq!(again.code, 2);
    says(&again, &["was not resolved here", "remedy: see `dondoc catalog unresolved`"]);
}

#[test]
fn an_alias_travels_with_the_export_byte_for_byte() {
    let project = project();
    assert_eq!(project.run(&["catalog", "resolve", "UBND \"Một\", huyện", &code(1)]).code, 0);
    assert_eq!(project.run(&["catalog", "export", "out"]).code, 0);
    let units = project.read("out/units.csv");
    assert!(units.contains("X000001,Xã Số 1,xa,24,,,\"UBND \"\"Một\"\", huyện\"\n"), "{units}");
    assert_eq!(project.run(&["catalog", "import", "out", "--yes"]).out.trim(), "nothing changes");
    assert_eq!(project.run(&["catalog", "export", "again"]).code, 0);
    assert_eq!(project.read("again/units.csv"), units);
}

#[test]
fn an_alias_that_would_make_two_units_alike_or_is_no_name_is_refused_and_changes_nothing() {
    let project = project();
    let refused = |name: &str, code: &str, said: &[&str]| {
        let done = project.run(&["catalog", "resolve", name, code]);
        assert_eq!(done.code, 2, "{name}: {}", done.out);
        says(&done, said);
    };
    refused("Xã Số 2", &code(1), &["`Xã Số 2` would make two units alike", "also means unit `X000002`", "remedy:"]);
    refused("xã  số 1", &code(1), &["already means Xã Số 1 (X000001)"]);
    refused("x000002", &code(1), &["would make two units alike: it is the code of Xã Số 2"]);
    refused("Xã; Số", &code(1), &["`;` parts two aliases", "remedy:"]);
    refused("Xã\u{200b} Lạ", &code(1), &["invisible or control character", "remedy:"]);
    refused("Xã Lạ", "Y1", &["no unit has the code `Y1`", "remedy:"]);
    assert_eq!(project.run(&["catalog", "resolve", "Xã Lạ", &code(1)]).code, 0);
    refused("Xã Lạ", &code(2), &["would make two units alike"]);
    assert_eq!(project.run(&["catalog", "export", "out"]).code, 0);
    assert_eq!(
        project.read("out/units.csv"),
        project.read("pack/units.csv").replace("Số 1,xa,24,,,", "Số 1,xa,24,,,Xã Lạ")
    );
}

#[test]
fn the_desk_prints_for_people_and_for_a_spreadsheet() {
    let project = project();
    project.write("figures.csv", &project.read("figures.csv").replace("Xã Số 2", "Xa So 2"));
    assert_eq!(round(&project).code, 4, "four of six rows are too many");
    let table = project.run(&["catalog", "unresolved"]);
    says(&table, &["X000002 Xã Số 2", "decide: dondoc catalog resolve"]);
    let csv = project.run(&["catalog", "unresolved", "--format", "csv"]).out;
    assert!(csv.starts_with("source,code,name,why,rows,first,candidates\n"), "{csv}");
    assert_eq!(csv.lines().count(), 3, "a held round keeps its list too: {csv}");
    assert_eq!(project.run(&["run", "--as-of", DAY, "--dry-run"]).code, 4);
}
