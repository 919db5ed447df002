//! Units that merge, and targets that end, as programs record it.

use dondoc::people::{self, Role, Wanted};
use serde_json::{Value, json};

use super::{Office, target};

fn merger() -> Value {
    json!({
        "kind": "merge", "from": "2022-12-01", "basis": "Nghị quyết số 12/NQ-HĐND", "units": ["X000001", "X000002"],
        "into": [{"code": "X000099", "name": "Xã Hợp Nhất"}],
    })
}

#[tokio::test]
async fn a_merger_is_looked_at_written_as_it_was_looked_at_and_taken_back() {
    let office = Office::new().await;
    let mut program = office.program(Role::Editor, None).await;
    let mut body = merger();
    body["dry_run"] = json!(true);
    let looked = program.does("/api/v1/reforms", &body).await;
    assert_eq!((&looked["changed"], &looked["id"]), (&json!(false), &Value::Null));
    assert_eq!(looked["ends"][1], json!({"code": "X000002", "name": "Xã Số 2", "kind": "xa"}), "{looked}");
    assert_eq!(looked["begins"], json!([{"code": "X000099", "name": "Xã Hợp Nhất", "kind": "xa"}]));
    assert_eq!((&looked["offices_end"], &looked["headless"]), (&json!(2), &json!(["X000099"])), "{looked}");
    assert_eq!(program.read("/api/v1/reforms").await, json!({"reforms": []}), "nothing was written");

    let mut other = merger();
    other["seen"] = json!("0123");
    assert_eq!(program.refused("/api/v1/reforms", &other).await.0, 409, "it is not what was looked at");
    let mut body = merger();
    body["seen"] = looked["seen"].clone();
    let written = program.does("/api/v1/reforms", &body).await;
    assert_eq!((&written["changed"], &written["ends"]), (&json!(true), &looked["ends"]));
    let known = program.read("/api/v1/reforms").await["reforms"][0].clone();
    assert_eq!(
        (&known["id"], &known["state"], &known["from"]),
        (&written["id"], &json!("written"), &json!("2022-12-01"))
    );
    assert_eq!(known["units"], "Xã Số 1 (X000001) + Xã Số 2 (X000002) → Xã Hợp Nhất (X000099)");
    assert_eq!(program.refused("/api/v1/reforms", &merger()).await.0, 409, "it is recorded already");

    let undo = format!("/api/v1/reforms/{}/undo", known["id"].as_str().unwrap());
    assert_eq!(program.does(&undo, &json!({})).await, json!({"changed": true}));
    assert_eq!(program.read("/api/v1/reforms").await["reforms"][0]["state"], "undone");
    assert_eq!(program.refused(&undo, &json!({})).await.0, 404, "once");
    let wanted = Wanted { who: format!("token/{}", program.id), ..Wanted::default() };
    let deeds = people::list(&office.app.db, &wanted).await.unwrap();
    let deeds: Vec<&str> =
        deeds.iter().filter(|entry| entry.actor == wanted.who).map(|one| one.deed.as_str()).collect();
    assert_eq!(deeds, ["units_reform_undone", "units_reformed"]);
}

#[tokio::test]
async fn what_is_wrong_with_a_reform_is_told_by_the_name_of_its_field() {
    let office = Office::new().await;
    let mut program = office.program(Role::Editor, None).await;
    let many: Vec<String> = (0..31).map(|number| format!("X{number:06}")).collect();
    for (field, value, status, place) in [
        ("units", json!(["X000001", "Y2"]), 422, "units[1]"),
        ("units", json!([]), 422, "units[0]"),
        ("units", json!(many), 422, "units"),
        ("units", json!(["X000001"]), 422, ""),
        ("from", json!("1/12/2022"), 400, "from"),
        ("basis", json!(" "), 422, "basis"),
        ("into", json!([{"code": "X000099"}]), 422, "into[0].name"),
        ("into", json!([{"existing": "Y3"}]), 422, "into[0].existing"),
        ("into", json!([{"code": "X000099", "name": "Xã Hợp Nhất", "parent": "Y4"}]), 422, "into[0].parent"),
        ("into", json!([{"code": "X000003", "name": "Xã Hợp Nhất"}]), 409, ""),
    ] {
        let mut body = merger();
        body[field] = value.clone();
        let refused = program.refused("/api/v1/reforms", &body).await;
        assert_eq!((refused.0, refused.2.as_str()), (status, place), "{field} {value}");
    }
}

#[tokio::test]
async fn a_target_ends_early_once_and_is_taken_back_only_where_it_was_added_here() {
    let office = Office::new().await;
    let mut program = office.program(Role::Editor, None).await;
    let added = program.does("/api/v1/targets", &target("2031-01-01")).await;
    let path = format!("/api/v1/targets/{}", added["id"].as_str().unwrap());
    let end = json!({"last": "2031-06-30"});
    assert_eq!(program.does(&format!("{path}/end"), &end).await, json!({"changed": true, "id": added["id"]}));
    assert_eq!(program.does(&format!("{path}/end"), &end).await["changed"], false, "it ends then already");
    let later = program.refused(&format!("{path}/end"), &json!({"last": "2031-07-01"})).await;
    assert_eq!((later.0, later.2.as_str()), (422, "last"));
    let listed = program.read("/api/v1/targets?on=2031-07-01").await.to_string();
    assert!(!listed.contains(added["id"].as_str().unwrap()), "{listed}");
    assert_eq!(program.does(&format!("{path}/take_back"), &json!({})).await["changed"], true);
    assert_eq!(program.refused(&format!("{path}/take_back"), &json!({})).await.0, 404);
    let packed = program.read("/api/v1/targets?on=2022-10-31").await["targets"][0]["id"].clone();
    let packed = format!("/api/v1/targets/{}/take_back", packed.as_str().unwrap());
    assert_eq!(program.refused(&packed, &json!({})).await.0, 409, "it came with the pack");
    assert_eq!(program.refused("/api/v1/targets/x/end", &end).await.0, 404);
}
