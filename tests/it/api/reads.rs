//! What programs read.

use dondoc::people::Role;
use serde_json::{Value, json};

use super::{Office, refusal};
use crate::support::reader::Reader;

#[tokio::test]
async fn the_figures_are_those_that_the_command_prints() {
    let office = Office::new().await;
    let mut program = office.program(Role::Viewer, None).await;
    let told = office.project.run(&["report", "--as-of", "2022-10-31", "--format", "json"]).json();
    let province = program.read("/api/v1/province").await;
    assert_eq!((&province["as_of"], &province["part"]), (&"2022-10-31".into(), &false.into()));
    assert_eq!(province["total"], told["total"]);
    let online = &province["total"]["online_filing"];
    assert_eq!(
        (&online["numerator"], &online["denominator"], &online["rate"]),
        (&216.into(), &400.into(), &"54.00".into())
    );
    assert_eq!(province["change"]["online_filing"], "+7.50", "from 186 to 216 of 400");
    assert_eq!(province["compared_with"], "2022-10-24");
    assert_eq!(province["units_below"]["online_filing"], 3);
    assert_eq!((&province["units"]["assessed"], &province["units"]["below"]), (&4.into(), &3.into()));

    let units = program.read("/api/v1/units").await;
    let listed = units["units"].as_array().unwrap();
    let printed = told["units"].as_array().unwrap();
    assert_eq!((units["count"].as_u64(), listed.len()), (Some(4), 4));
    for (one, other) in listed.iter().zip(printed) {
        assert_eq!((&one["code"], &one["indicators"]), (&other["code"], &other["indicators"]));
    }
    let unit = program.read("/api/v1/units/X000002").await;
    assert_eq!(unit["indicators"], printed[2]["indicators"]);
    let services = office.project.run(&["report", "--unit", "X000002", "--format", "json"]).json();
    assert_eq!(unit["services"], services["services"]);
    let cases = office.project.run(&["case", "list", "--format", "json"]).json();
    let own = cases.as_array().unwrap().iter().filter(|case| case["unit_code"] == "X000002");
    assert_eq!(unit["cases"], own.cloned().collect::<Value>());
    assert_eq!(unit["decisions"][0]["as_of"], "2022-10-31");
    let listed = office.project.run(&["outbox", "list", "--unit", "X000002", "--format", "json"]).json();
    assert_eq!(unit["messages"].as_array().unwrap().len(), listed.as_array().unwrap().len());
    let text = unit.to_string();
    assert!(!text.contains('@') && !text.contains("0900"), "nobody's address: {text}");
}

#[tokio::test]
async fn lists_come_in_pages_and_can_be_narrowed() {
    let office = Office::new().await;
    let mut program = office.program(Role::Editor, None).await;
    let codes = async |program: &mut super::Program, query: &str| -> (Value, Vec<String>) {
        let told = program.read(&format!("/api/v1/units?{query}")).await;
        let codes = told["units"].as_array().unwrap().iter().map(|unit| unit["code"].as_str().unwrap().to_owned());
        (json!([told["count"], told["page"], told["pages"]]), codes.collect())
    };
    assert_eq!(codes(&mut program, "per_page=3").await.0, json!([4, 1, 2]));
    assert_eq!(codes(&mut program, "per_page=3&page=2").await, (json!([4, 2, 2]), vec!["X000003".to_owned()]));
    assert_eq!(codes(&mut program, "per_page=3&page=9").await.1, Vec::<String>::new());
    assert_eq!(codes(&mut program, "kind=so").await.0, json!([0, 1, 1]));
    assert_eq!(codes(&mut program, "kind=xa&below=true").await.0, json!([3, 1, 1]));
    let earlier = program.read("/api/v1/province?as_of=2022-10-24").await;
    assert_eq!((&earlier["as_of"], &earlier["compared_with"]), (&"2022-10-24".into(), &Value::Null));
    for (path, named) in [
        ("/api/v1/units?kind=lang", "kind"),
        ("/api/v1/units?page=0", "page"),
        ("/api/v1/units?page=mot", "page"),
        ("/api/v1/units?per_page=1001", "per_page"),
        ("/api/v1/units?below=co", "below"),
        ("/api/v1/units?as_of=31/10/2022", "as_of"),
        ("/api/v1/units?mau=do", "mau"),
        ("/api/v1/outbox?state=gone", "state"),
        ("/api/v1/schedule?count=0", "count"),
        ("/api/v1/feed?format=xml", "format"),
        ("/api/v1/contacts?on=2022-2-3", "on"),
    ] {
        let answer = program.get(path).await;
        assert_eq!(refusal(&answer), (400, "bad_request".to_owned(), named.to_owned()), "{path}: {}", answer.body);
    }
    let missing = program.get("/api/v1/province?as_of=2022-10-25").await;
    assert_eq!(refusal(&missing), (404, "not_found".to_owned(), "as_of".to_owned()));
}

#[tokio::test]
async fn messages_are_told_without_addresses_and_without_the_link_of_their_recipient() {
    let office = Office::new().await;
    let mut program = office.program(Role::Viewer, None).await;
    let told = program.read("/api/v1/outbox?state=sent&per_page=2").await;
    let (messages, states) = (told["messages"].as_array().unwrap(), &told["states"]);
    assert_eq!((messages.len(), &told["more"]), (2, &true.into()), "{states}");
    let printed = office.project.run(&["outbox", "list", "--format", "json"]).json();
    for message in messages {
        assert!(printed.as_array().unwrap().contains(message), "{message}");
        let one = program.read(&format!("/api/v1/outbox/{}", message["id"].as_str().unwrap())).await;
        assert_eq!((&one["entry"], one["attempts"].as_array().unwrap().len()), (message, 1));
        assert!(one["subject"].as_str().is_some_and(|subject| !subject.is_empty()));
        assert!(one["entry"]["address"].as_str().unwrap().contains("***"), "{one}");
        assert!(!one.to_string().contains("/r/"), "{one}");
    }
    let unit = program.read("/api/v1/outbox?unit_code=X000003").await;
    assert!(unit["messages"].as_array().unwrap().iter().all(|message| message["unit_code"] == "X000003"));
    assert_eq!(program.read("/api/v1/outbox?channel=post").await["messages"], json!([]));
}

#[tokio::test]
async fn the_catalog_is_told_and_contacts_to_editors_alone() {
    let office = Office::new().await;
    let mut viewer = office.program(Role::Viewer, None).await;
    let indicators = viewer.read("/api/v1/indicators?on=2022-10-31").await;
    let ids: Vec<&str> =
        indicators["indicators"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap()).collect();
    assert!(ids.contains(&"online_filing"), "{ids:?}");
    let targets = viewer.read("/api/v1/targets?on=2022-10-31").await;
    let named =
        |one: &Value| ids.contains(&one["indicator"].as_str().unwrap()) && !one["act"].as_str().unwrap().is_empty();
    assert!(targets["targets"].as_array().unwrap().iter().all(named), "{targets}");
    assert_eq!(viewer.read("/api/v1/targets?on=1990-01-01").await["targets"], json!([]));
    let rounds = viewer.read("/api/v1/rounds?per_page=1").await;
    assert_eq!((&rounds["count"], &rounds["rounds"][0]["as_of"]), (&2.into(), &"2022-10-31".into()));
    assert_eq!(rounds["rounds"][0]["units"]["below"], 3);
    assert_eq!(viewer.read("/api/v1/unresolved").await, json!({"unresolved": []}));
    let templates = viewer.read("/api/v1/templates").await;
    let printed = office.project.run(&["template", "list", "--format", "json"]).json();
    assert_eq!(templates["templates"], printed);

    assert_eq!(refusal(&viewer.get("/api/v1/contacts").await).0, 403);
    let mut editor = office.program(Role::Editor, None).await;
    let contacts = editor.read("/api/v1/contacts?per_page=1").await;
    assert_eq!(contacts["count"].as_u64(), Some(5), "four heads and whom to call: {contacts}");
    assert!(contacts["contacts"][0]["email"].as_str().unwrap().contains("***"), "{contacts}");
}

#[tokio::test]
async fn what_is_not_there_is_said_in_the_shape_of_all_refusals() {
    let office = Office::new().await;
    let mut program = office.program(Role::Viewer, None).await;
    for path in
        ["/api/v1/nothing", "/api/v2/me", "/api/", "/api/v1/units/khong-co", "/api/v1/rounds/x", "/api/v1/outbox/x"]
    {
        assert_eq!(refusal(&program.get(path).await).0, 404, "{path}");
    }
    let put = program.reader.ask(axum::http::Method::PUT, "/api/v1/units", None, axum::body::Body::empty()).await;
    assert_eq!(refusal(&put).1, "method_not_allowed");
    let stranger = Reader::new(&office.router).get("/api/v1/units").await;
    assert_eq!((refusal(&stranger).1.as_str(), stranger.header("www-authenticate")), ("unauthorized", "Bearer"));
    let odd = program.get("/api/v1/units/%ff").await;
    assert_eq!(refusal(&odd).0, 400);
}
