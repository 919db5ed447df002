//! A second source that says otherwise: the admins hear of it, the unit does not.

use super::{DAY, UNITS, each, ledger, plan, round, says};
use crate::support::project::{Plan, Project, code};

#[test]
fn a_unit_that_two_sources_disagree_about_is_held_on_that_indicator_and_the_admins_are_told() {
    let extra = "[[source]]\nname = \"portal\"\nkind = \"csv\"\npath = \"portal.csv\"\n[source.columns]\n\
                 service_code = \"\"\n[source.columns.measures]\nreceived = \"received\"\n[[reconcile]]\n\
                 sources = [\"province\", \"portal\"]\nmeasure = \"received\"\n[alerts]\nto = [\"admin@tinh.example\"]\n";
    let project = Project::new(&Plan { extra: extra.to_owned(), ..plan() });
    project.edit("pack/indicators.toml", "remind_instruction = true", "remind_instruction = false");
    let portal =
        |second: u32| format!("period,unit_code,received\n2022-10,{},200\n2022-10,{},{second}\n", code(0), code(1));
    project.write("portal.csv", &portal(215));
    let pulled = project.run(&["pull", "--as-of", DAY, "--format", "json"]);
    assert_eq!(pulled.code, 0, "{}", pulled.err);
    let difference = &pulled.json()["differences"][0];
    assert_eq!((&difference["measure"], &difference["unit"]), (&"received".into(), &code(1).into()));
    assert_eq!(difference["counts"], serde_json::json!([200, 215]));

    let done = round(&project);
    assert_eq!(done.code, 0, "{}", done.err);
    says(
        &done,
        &["sources `province` and `portal` differ in `received` by more than 5 %: Xã Số 1 (X000001) 200 against 215"],
    );
    let report = project.run(&["report", "--as-of", DAY, "--format", "json"]).json();
    assert_eq!(report["units"][1]["indicators"]["online_filing"]["standing"], "sources_differ");
    assert_eq!(report["units"][1]["indicators"]["portal_payment"]["standing"], "below", "that indicator only");
    says(&project.run(&["case", "show", &code(1)]), &["online_filing sources_differ"]);
    let mut expected = each(0..UNITS, "sent");
    expected.insert(String::new(), vec!["sent".to_owned()]);
    assert_eq!(ledger(&project), expected, "one message to the admin");

    project.write("portal.csv", &portal(200));
    assert_eq!(round(&project).code, 0);
    let report = project.run(&["report", "--as-of", DAY, "--format", "json"]).json();
    assert_eq!(report["units"][1]["indicators"]["online_filing"]["standing"], "below");
}

#[test]
fn a_comparison_of_what_is_not_there_is_told_at_its_place() {
    let extra = "[[reconcile]]\nsources = [\"province\", \"portal\"]\nmeasure = \"recieved\"\n";
    let project = Project::new(&Plan { extra: extra.to_owned(), ..plan() });
    let checked = project.run(&["check"]);
    assert_eq!(checked.code, 3, "{}", checked.out);
    says(&checked, &["no [[source]] is called \"portal\"", "source \"province\" does not map `recieved`", "remedy:"]);
    project.edit("config.toml", "sources = [\"province\", \"portal\"]", "sources = [\"province\", \"province\"]");
    says(&project.run(&["check"]), &["must name two different sources", "the first one is judged by"]);
}
