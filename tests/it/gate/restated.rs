//! Who was reminded on figures that were corrected later: what was said, what is true now.

use super::{DAY, accepted, project, reminders, run, says, units_of};
use crate::support::project::{Project, code, figures};

fn restated(project: &Project) -> serde_json::Value {
    project.run(&["restated", "--format", "json"]).json()
}

/// The figures with other counts for unit 1.
pub(super) fn corrected(first: &str, second: &str) -> String {
    let others = figures(3, 40);
    let others = others.lines().filter(|line| !line.contains(&code(1))).flat_map(|line| [line, "\n"]);
    let code = code(1);
    format!("{}2022-10,{code},1.000001,{first}\n2022-10,{code},1.000002,{second}\n", others.collect::<String>())
}

#[test]
fn a_unit_that_was_on_target_after_all_is_listed_with_what_was_said_and_what_is_true() {
    let project = project(3);
    accepted(&project, DAY);
    let none = project.run(&["restated"]);
    says(&none, &["nobody was reminded on figures that were corrected since", "dondoc run --as-of DATE"]);
    project.write("figures.csv", &corrected("100,80,95,95,80,50,20,1,1", "100,80,95,95,60,50,5,1,1"));
    accepted(&project, "2022-11-01");
    assert_eq!(restated(&project), serde_json::json!([]), "another day's figures prove nothing");

    let done = run(&project, DAY);
    assert_eq!((done.code, reminders(&project)), (0, 3), "a day that is past reminds nobody: {}", done.err);
    let list = restated(&project);
    assert_eq!(units_of(&list), [code(1)].into());
    let filing =
        list.as_array().unwrap().iter().find(|row| row["indicator"] == "online_filing").expect("the indicator");
    assert_eq!(
        filing["said"],
        serde_json::json!({"numerator": 40, "denominator": 200, "standing": "below", "missing": 60})
    );
    let now = serde_json::json!({"numerator": 160, "denominator": 200, "standing": "met", "missing": null});
    assert_eq!((&filing["now"], &filing["change"], &filing["as_of"]), (&now, &"not_below".into(), &DAY.into()));
    let table = project.run(&["restated", "--as-of", DAY]);
    says(&table, &["Xã Số 1", "40/200 (20,00 %)", "160/200 (80,00 %)", "not_below"]);
    assert_eq!(project.run(&["restated", "--as-of", "2022-11-01", "--format", "json"]).json(), serde_json::json!([]));
}

#[test]
fn a_number_that_moved_materially_is_listed_and_one_that_hardly_moved_is_not() {
    let project = project(3);
    accepted(&project, DAY);
    project.write("figures.csv", &corrected("100,25,90,1,80,3,20,1,1", "100,20,95,2,60,1,5,1,0"));
    accepted(&project, DAY);
    assert_eq!(units_of(&restated(&project)), [].into(), "60 missing or 55: less than a tenth");
    let closer = project.run(&["restated", "--percent", "5", "--format", "json"]).json();
    assert_eq!(closer[0]["change"], "other_number", "{closer}");
    project.write("figures.csv", &corrected("100,45,90,1,80,3,20,1,1", "100,20,95,2,60,1,5,1,0"));
    accepted(&project, DAY);
    let list = restated(&project);
    assert_eq!((&list[0]["said"]["missing"], &list[0]["now"]["missing"]), (&60.into(), &35.into()));
}

#[test]
fn what_was_written_and_never_left_was_not_said() {
    let project = project(3);
    assert_eq!(project.run(&["pause"]).code, 0);
    accepted(&project, DAY);
    for entry in super::entries(&project) {
        assert_eq!(project.run(&["outbox", "cancel", entry["id"].as_str().unwrap()]).code, 0);
    }
    project.write("figures.csv", &corrected("100,80,95,95,80,50,20,1,1", "100,80,95,95,60,50,5,1,1"));
    accepted(&project, DAY);
    assert_eq!(restated(&project), serde_json::json!([]));
}
