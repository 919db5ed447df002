//! The description says all that there is, and nothing else; and what the addresses answer is as it says.

use std::collections::BTreeSet;

use axum::http::Method;
use dondoc::people::Role;
use dondoc::web::{Access, ROUTES, Verb};
use serde_json::{Value, json};

use super::schema::problems;
use super::{Office, Program, beginning, parsed, sheet, target};
use crate::support::reader::{Answer, Reader};

const PUSH: &str = "/api/v1/sources/{name}/figures";

async fn document(office: &Office) -> Value {
    parsed(&Reader::new(&office.router).get("/api/v1/openapi.json").await)
}

fn operations(document: &Value) -> impl Iterator<Item = (String, String, &Value)> {
    document["paths"].as_object().unwrap().iter().flat_map(|(path, item)| {
        let methods = item.as_object().unwrap().iter();
        methods.map(move |(method, operation)| (method.to_uppercase(), path.clone(), operation))
    })
}

#[tokio::test]
async fn the_description_has_every_address_of_the_api_and_no_other() {
    let office = Office::new().await;
    let document = document(&office).await;
    let described: BTreeSet<(String, String)> = operations(&document).map(|(method, path, _)| (method, path)).collect();
    let routed = ROUTES.iter().filter(|route| route.path.starts_with("/api/v1/"));
    let routed: BTreeSet<(String, String)> = routed
        .map(|route| (if route.verb == Verb::Post { "POST" } else { "GET" }.to_owned(), route.path.to_owned()))
        .collect();
    // Figures that are pushed have a door of their own.
    let door = ("POST".to_owned(), PUSH.to_owned());
    let both: BTreeSet<_> = routed.iter().cloned().chain([door]).collect();
    assert_eq!(described, both);
    let pushed = &document["paths"][PUSH]["post"];
    assert_eq!(pushed["security"], json!([{"source": []}]));
    assert!(pushed["requestBody"]["content"]["text/csv"].is_object(), "{pushed}");
    for status in ["200", "201", "401", "422"] {
        assert!(pushed["responses"][status]["content"]["application/json"]["schema"].is_object(), "{status}: {pushed}");
    }
    for (method, path, operation) in operations(&document).filter(|(_, path, _)| path != PUSH) {
        let route = ROUTES.iter().find(|route| route.path == path && (route.verb == Verb::Post) == (method == "POST"));
        let guarded = route.unwrap().access != Access::Public;
        assert_eq!(operation["security"] == json!([{"token": []}]), guarded, "{method} {path}");
        assert!(operation["summary"].is_string() || operation["description"].is_string(), "{method} {path}");
        let named = path.matches('{').count();
        let parameters = operation["parameters"].as_array().map_or(&[][..], Vec::as_slice);
        let in_path = parameters.iter().filter(|one| one["in"] == "path").count();
        assert_eq!(in_path, named, "{method} {path}");
        assert_eq!(operation["requestBody"].is_object(), method == "POST", "{method} {path}");
        let responses = operation["responses"].as_object().unwrap();
        assert!(responses.values().all(|one| one["description"].is_string()), "{method} {path}");
        assert_eq!(responses.contains_key("304"), method == "GET", "{method} {path}");
    }
    // Two types of one name would describe each other's addresses.
    let mut names = BTreeSet::new();
    for folder in ["src/api", "src/web/api"] {
        for file in std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(folder).read_dir().unwrap() {
            let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
            for piece in text.split("ToSchema)]").skip(1) {
                let line = piece.lines().find(|line| line.contains("struct ") || line.contains("enum ")).unwrap();
                let name =
                    line.split_whitespace().skip_while(|word| !matches!(*word, "struct" | "enum")).nth(1).unwrap();
                assert!(names.insert(name.to_owned()), "{name} is described twice");
            }
        }
    }
    // What a field says of itself beside its type would otherwise be two types at once.
    let whole = document.to_string();
    assert!(!whole.contains("\"allOf\""), "{whole}");
    let mut ids: Vec<&Value> = operations(&document).map(|(.., operation)| &operation["operationId"]).collect();
    ids.sort_by_key(ToString::to_string);
    ids.dedup();
    assert_eq!(ids.len(), both.len(), "each has a name of its own: {ids:?}");
    assert_eq!(document["components"]["securitySchemes"]["token"]["scheme"], "bearer");
}

/// Whether an answer is as the description of its address says.
fn fits(document: &Value, (method, path): (&str, &str), answer: &Answer) {
    let operation = &document["paths"][path][method.to_lowercase()];
    let told = &operation["responses"][answer.status.as_str()];
    assert!(told.is_object(), "{method} {path} answers {}, which is not described", answer.status);
    let schema = &told["content"]["application/json"]["schema"];
    assert!(schema.is_object(), "{method} {path} {}", answer.status);
    let found = problems(document, schema, &parsed(answer));
    assert!(found.is_empty(), "{method} {path} {}:\n{}\n{}", answer.status, found.join("\n"), answer.body);
}

/// An address with names that are there.
async fn asked(program: &mut Program, path: &str) -> String {
    let id = match path.split('/').nth(3).unwrap() {
        "rounds" => program.read("/api/v1/rounds").await["rounds"][0]["run_id"].as_str().unwrap().to_owned(),
        "outbox" => program.read("/api/v1/outbox").await["messages"][0]["id"].as_str().unwrap().to_owned(),
        "contacts" => brought(program).await,
        _ => String::new(),
    };
    path.replace("{id}", &id).replace("{code}", "X000002").replace("{name}", "commune_first")
}

/// The id of a file of contacts that waits.
async fn brought(program: &mut Program) -> String {
    let told = program.does("/api/v1/contacts/imports", &sheet("Xã Số 1", "van.thu@xa1.example")).await;
    told["id"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_address_answers_as_the_description_says() {
    let office = Office::asking("").await;
    let document = document(&office).await;
    let mut program = office.program(Role::Admin, None).await;
    let mut confined = office.program(Role::Admin, Some("X000002")).await;
    let routes: Vec<_> = ROUTES.iter().filter(|route| route.path.starts_with("/api/v1/")).collect();
    for route in routes.iter().filter(|route| route.verb == Verb::Get) {
        let path = asked(&mut program, route.path).await;
        let answer = program.get(&path).await;
        assert_eq!(answer.status.as_u16(), 200, "{path}: {}", answer.body);
        fits(&document, ("GET", route.path), &answer);
        // What the token of a unit is told, what is not there, and a parameter that nobody knows.
        fits(&document, ("GET", route.path), &confined.get(&path).await);
        if route.path.contains('{') {
            let missing = route.path.replace("{id}", "x").replace("{code}", "x").replace("{name}", "khong-co");
            fits(&document, ("GET", route.path), &program.get(&missing).await);
        }
        if route.access == Access::Public {
            continue;
        }
        let odd = program.get(&format!("{path}?mau=do")).await;
        assert_eq!(odd.status.as_u16(), 400, "{path}");
        fits(&document, ("GET", route.path), &odd);
    }
    for route in routes.iter().filter(|route| route.verb == Verb::Post) {
        let path = asked(&mut program, route.path).await;
        for (body, status) in [("", 400), ("{\"mau\": 1}", 422), ("[]", 422)] {
            let answer = program.send(&path, body.into()).await;
            assert_eq!(answer.status.as_u16(), status, "{path} {body}: {}", answer.body);
            fits(&document, ("POST", route.path), &answer);
        }
        let plain = program.reader.ask(Method::POST, &path, Some("text/plain"), "{}".into()).await;
        fits(&document, ("POST", route.path), &plain);
        let large = if route.path.ends_with("/imports") { 13 * 1024 } else { 600 };
        let large = program.send(&path, " ".repeat(large * 1024).into()).await;
        assert_eq!(large.status.as_u16(), 413, "{path}");
        fits(&document, ("POST", route.path), &large);
    }
    assert_eq!(done(&document, &mut program).await, routes.iter().filter(|route| route.verb == Verb::Post).count());
}

/// The route, the address, the body, and what it answers the first time and again.
type Step = (&'static str, String, Value, [u16; 2]);

/// Each change is made once, and again; returns how many addresses that were.
async fn done(document: &Value, program: &mut Program) -> usize {
    let mut steps = with_messages(program).await;
    steps.extend(with_templates(program).await);
    steps.extend(with_the_catalog(program).await);
    steps.extend(with_targets_and_units(program).await);
    for (path, address, body, statuses) in &steps {
        for status in statuses {
            let answer = program.post(address, body).await;
            assert_eq!(answer.status.as_u16(), *status, "{address}: {}", answer.body);
            fits(document, ("POST", path), &answer);
        }
    }
    steps.len()
}

async fn with_messages(program: &mut Program) -> Vec<Step> {
    let waiting = program.read("/api/v1/approval").await["batch"]["hash"].clone();
    let messages = program.read("/api/v1/outbox?state=held").await["messages"].clone();
    let one = format!("/api/v1/outbox/{}", messages[0]["id"].as_str().unwrap());
    let other = format!("/api/v1/outbox/{}", messages[1]["id"].as_str().unwrap());
    vec![
        ("/api/v1/rounds/{id}/release", "/api/v1/rounds/x/release".to_owned(), json!({"note": "thử"}), [404, 404]),
        ("/api/v1/outbox/{id}/cancel", format!("{one}/cancel"), json!({"why": "thử"}), [200, 200]),
        ("/api/v1/outbox/{id}/retry", format!("{one}/retry"), json!({}), [409, 409]),
        ("/api/v1/outbox/{id}/resolve", format!("{one}/resolve"), json!({"fate": "sent", "note": "x"}), [409, 409]),
        ("/api/v1/outbox/{id}/hold", format!("{other}/hold"), json!({"why": "thử"}), [409, 409]),
        ("/api/v1/outbox/{id}/let_go", format!("{other}/let_go"), json!({}), [409, 409]),
        (
            "/api/v1/deeds",
            "/api/v1/deeds".to_owned(),
            json!({"what": "cancel", "ids": [messages[1]["id"]], "why": "thử", "undo_within": 60}),
            [200, 200],
        ),
        ("/api/v1/deeds/{id}/undo", "/api/v1/deeds/x/undo".to_owned(), json!({}), [409, 409]),
        ("/api/v1/approval", "/api/v1/approval".to_owned(), json!({"hash": waiting}), [409, 409]),
        (
            "/api/v1/approval/refuse",
            "/api/v1/approval/refuse".to_owned(),
            json!({"hash": waiting, "why": "thử"}),
            [409, 409],
        ),
        ("/api/v1/answers/{id}/close", "/api/v1/answers/x/close".to_owned(), json!({"note": "thử"}), [404, 404]),
        ("/api/v1/answers/{id}/reopen", "/api/v1/answers/x/reopen".to_owned(), json!({}), [404, 404]),
        ("/api/v1/channels/{name}/test", "/api/v1/channels/mailbox/test".to_owned(), json!({}), [200, 200]),
        ("/api/v1/pause", "/api/v1/pause".to_owned(), json!({"why": "thử"}), [200, 200]),
        ("/api/v1/resume", "/api/v1/resume".to_owned(), json!({"why": "thử"}), [200, 200]),
    ]
}

async fn with_templates(program: &mut Program) -> Vec<Step> {
    let template = "/api/v1/templates/commune_first";
    let text = program.read(template).await["text"]["source"].as_str().unwrap().replace("Kính gửi", "Kính gửi:");
    let note = json!({"note": "thử", "draft": 1});
    vec![
        ("/api/v1/templates/{name}/draft", format!("{template}/draft"), json!({"source": text}), [200, 200]),
        ("/api/v1/templates/{name}/check", format!("{template}/check"), json!({}), [200, 200]),
        ("/api/v1/templates/{name}/publish", format!("{template}/publish"), note, [200, 409]),
        (
            "/api/v1/templates/{name}/restore",
            format!("{template}/restore"),
            json!({"revision": 0, "note": "thử"}),
            [200, 200],
        ),
        ("/api/v1/templates/{name}/discard", format!("{template}/discard"), json!({"draft": 1}), [409, 409]),
        ("/api/v1/templates/{name}/preview", format!("{template}/preview"), json!({}), [200, 200]),
        ("/api/v1/templates/{name}/test", format!("{template}/test"), json!({"unit_code": "X000002"}), [200, 200]),
    ]
}

async fn with_the_catalog(program: &mut Program) -> Vec<Step> {
    let import = format!("/api/v1/contacts/imports/{}", brought(program).await);
    let sums = program.read(&import).await["sums"].clone();
    let another = program.does("/api/v1/contacts/imports", &sheet("Xã Số 3", "van.thu@xa3.example")).await;
    let given_up = format!("/api/v1/contacts/imports/{}", another["id"].as_str().unwrap());
    vec![
        (
            "/api/v1/contacts/imports",
            "/api/v1/contacts/imports".to_owned(),
            sheet("Xã Số 1", "van.thu@xa1.example"),
            [200, 200],
        ),
        ("/api/v1/contacts/imports/{id}/columns", format!("{import}/columns"), json!({"whole": false}), [200, 200]),
        ("/api/v1/contacts/imports/{id}/cells", format!("{import}/cells"), json!({"cells": {}}), [200, 200]),
        ("/api/v1/contacts/imports/{id}/write", format!("{import}/write"), sums, [200, 200]),
        ("/api/v1/contacts/imports/{id}/undo", format!("{import}/undo"), json!({}), [200, 200]),
        ("/api/v1/contacts/imports/{id}/discard", format!("{given_up}/discard"), json!({}), [200, 404]),
        (
            "/api/v1/contacts/appoint",
            "/api/v1/contacts/appoint".to_owned(),
            json!({"unit_code": "X000002", "office": "deputy", "email": "pho@xa2.example"}),
            [200, 200],
        ),
        (
            "/api/v1/contacts/end",
            "/api/v1/contacts/end".to_owned(),
            json!({"unit_code": "X000002", "office": "deputy", "last": "2099-12-31"}),
            [200, 200],
        ),
        (
            "/api/v1/unresolved/resolve",
            "/api/v1/unresolved/resolve".to_owned(),
            json!({"name": "Xã Nào Đó", "code": "X000002"}),
            [200, 200],
        ),
        (
            "/api/v1/unresolved/unresolve",
            "/api/v1/unresolved/unresolve".to_owned(),
            json!({"name": "Xã Nào Đó"}),
            [200, 409],
        ),
    ]
}

async fn with_targets_and_units(program: &mut Program) -> Vec<Step> {
    let begun = program.does("/api/v1/reforms", &beginning("X000098")).await;
    vec![
        ("/api/v1/targets", "/api/v1/targets".to_owned(), target("2031-01-01"), [200, 200]),
        (
            "/api/v1/targets/{id}/end",
            "/api/v1/targets/online_filing_20310101/end".to_owned(),
            json!({"last": "2031-06-30"}),
            [200, 200],
        ),
        (
            "/api/v1/targets/{id}/take_back",
            "/api/v1/targets/online_filing_20310101/take_back".to_owned(),
            json!({}),
            [200, 404],
        ),
        ("/api/v1/reforms", "/api/v1/reforms".to_owned(), beginning("X000099"), [200, 409]),
        (
            "/api/v1/reforms/{id}/undo",
            format!("/api/v1/reforms/{}/undo", begun["id"].as_str().unwrap()),
            json!({}),
            [200, 404],
        ),
    ]
}
