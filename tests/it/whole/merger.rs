//! 1 July 2025 in the whole program: a round before and a round after it.

use serde_json::Value;

use super::{entries, says, word};
use crate::support::project::{Plan, Project};

fn project() -> Project {
    let columns = "[source.columns]\nunit_name = \"unit_name\"\n[source.columns.measures]\nreceived = \"received\"\n\
                   received_online = \"received_online\"\nservices_online = \"services_online\"\n\
                   services_online_with_dossiers = \"services_online_with_dossiers\"\n";
    let project = Project::new(&Plan { units: 0, ..Plan::default() });
    project.edit("config.toml", "[[schedule]]", &format!("{columns}[[schedule]]"));
    std::fs::remove_dir_all(project.path("pack")).unwrap();
    let fixture = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/fixtures/merger");
    for file in std::fs::read_dir(fixture.join("pack")).unwrap().flatten() {
        let name = file.file_name().to_string_lossy().into_owned();
        project.write(&format!("pack/{name}"), &std::fs::read_to_string(file.path()).unwrap());
    }
    project.write("figures.csv", &std::fs::read_to_string(fixture.join("after.csv")).unwrap());
    project
}

fn cases(project: &Project) -> Vec<[String; 5]> {
    let cases = project.run(&["case", "list", "--all", "--format", "json"]).json();
    let field = |case: &Value, key: &str| match &case[key] {
        Value::Null => String::new(),
        Value::Number(number) => number.to_string(),
        other => word(other),
    };
    let cases = cases.as_array().expect("a list").iter();
    cases.map(|case| ["unit", "reminders", "closed", "because", "came_from"].map(|key| field(case, key))).collect()
}

fn addresses(project: &Project) -> Vec<String> {
    entries(project).iter().map(|entry| word(&entry["recipient"])).collect()
}

#[test]
fn open_cases_go_to_who_took_over_and_a_dissolved_unit_is_never_written_to() {
    let project = project();
    let before = project.run(&["run", "--as-of", "2025-06-30"]);
    assert_eq!(before.code, 0, "{}", before.err);
    says(&before, &["no channel reaches their head: Huyện Yên Thế (215)"]);
    let open = |unit: &str| [unit, "1", "", "", ""].map(str::to_owned);
    assert_eq!(cases(&project), [open("Phường Hoàng Văn Thụ"), open("Phường Trần Phú"), open("Xã Ví Dụ Cũ")]);
    let first = addresses(&project);
    assert_eq!(first.len(), 2, "one letter to each head of today: {first:?}");

    let after = project.run(&["run", "--as-of", "2025-07-31"]);
    assert_eq!(after.code, 0, "{}", after.err);
    says(
        &after,
        &[
            "note: counts of 6 unit(s) that are no more were added",
            "note: of active_services only what the units report themselves is counted",
            "open cases of units that are no more: 2 went to the unit that took over, 1 ended",
            "figures of units that are no more count for nobody: 215 (divided, 1 rows",
        ],
    );
    let mut now = cases(&project);
    now.sort();
    let merged = now.iter().find(|case| case[3] == "merged").expect("one of two cases of one heir ends");
    assert!(merged[0] == "Phường Hoàng Văn Thụ" || merged[0] == "Phường Trần Phú", "{merged:?}");
    assert_eq!(merged[2], "2025-07-31");
    let moved = now.iter().find(|case| case[0] == "Phường Bắc Giang").expect("the other one moves");
    assert_eq!((moved[1].as_str(), moved[2].as_str()), ("2", ""), "reminded of again, under the same case");
    assert!(moved[4] != merged[0] && moved[4].starts_with("Phường"), "{moved:?}");
    assert!(now.contains(&["Xã Yên Thế", "1", "2025-07-31", "", "Xã Ví Dụ Cũ"].map(str::to_owned)), "{now:?}");
    assert!(now.contains(&open("Xã Ví Dụ Mới")), "{now:?}");
    let letters = addresses(&project);
    assert_eq!(letters.len(), 4, "{letters:?}");
    assert!(!letters.iter().any(|address| address.contains("bacgiang.example")), "{letters:?}");

    let again = project.run(&["run", "--as-of", "2025-07-31"]);
    assert_eq!((again.code, addresses(&project).len(), cases(&project).len()), (0, 4, 4));
}

#[test]
fn a_divided_unit_is_on_the_desk_until_one_heir_is_named() {
    let project = project();
    assert_eq!(project.run(&["run", "--as-of", "2025-07-31"]).code, 0);
    let open = project.run(&["catalog", "unresolved", "--format", "json"]).json();
    assert_eq!(open[0]["why"], "divided");
    assert_eq!(open[0]["candidates"][0]["name"], "Xã Yên Thế");
    assert_eq!(open[0]["candidates"][1]["name"], "Xã Ví Dụ Mới");
    let report = |project: &Project| {
        let report = project.run(&["report", "--as-of", "2025-07-31", "--format", "json"]).json();
        report["total"]["online_filing"]["denominator"].clone()
    };
    assert_eq!(report(&project), 960);
    project.edit("pack/succession.csv", "215,bn-07291,2025-07-01,split\n", "");
    assert_eq!(project.run(&["catalog", "import", "pack", "--yes"]).code, 0);
    assert_eq!(project.run(&["catalog", "unresolved", "--format", "json"]).json(), serde_json::json!([]));
    assert_eq!(project.run(&["run", "--as-of", "2025-07-31"]).code, 0);
    assert_eq!(report(&project), 1_460);
}
