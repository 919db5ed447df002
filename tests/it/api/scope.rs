//! A token of a unit sees that unit, and nothing of the others.

use axum::http::StatusCode;
use dondoc::people::Role;
use dondoc::web::{ROUTES, Verb};
use serde_json::json;

use super::{Office, refusal};

const OWN: &str = "X000002";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_of_a_unit_is_told_of_no_other() {
    let office = Office::new().await;
    let mut all = office.program(Role::Admin, None).await;
    let mut own = office.program(Role::Admin, Some(OWN)).await;
    assert_eq!(own.read("/api/v1/me").await["unit_code"], OWN);
    for route in ROUTES.iter().filter(|route| route.path.starts_with("/api/v1/") && route.verb == Verb::Get) {
        if route.path.contains('{') || route.path.ends_with("openapi.json") {
            continue;
        }
        let answer = own.get(route.path).await;
        assert!(matches!(answer.status, StatusCode::OK | StatusCode::FORBIDDEN), "{}: {}", route.path, answer.body);
        for other in ["X000000", "X000001", "X000003"] {
            assert!(!answer.body.contains(other), "{} tells of {other}: {}", route.path, answer.body);
        }
    }
    let province = own.read("/api/v1/province").await;
    assert_eq!((&province["part"], &province["total"]["online_filing"]["numerator"]), (&true.into(), &42.into()));
    assert_eq!(own.read("/api/v1/feed").await["rows"].as_array().unwrap().len() % 2, 0, "the total and itself");
    let round = own.read("/api/v1/rounds").await["rounds"][0].clone();
    assert_eq!(round["units"], json!(null), "what it found in the whole province is not its business");
    let told = own.read(&format!("/api/v1/rounds/{}", round["run_id"].as_str().unwrap())).await;
    assert_eq!(told["total"]["online_filing"]["numerator"], 42);

    for other in ["X000000", "X000001", "X000003"] {
        assert_eq!(refusal(&own.get(&format!("/api/v1/units/{other}")).await).0, 404, "{other}");
    }
    for message in all.read("/api/v1/outbox").await["messages"].as_array().unwrap() {
        let path = format!("/api/v1/outbox/{}", message["id"].as_str().unwrap());
        let expected = if message["unit_code"] == OWN { 200 } else { 404 };
        assert_eq!(own.get(&path).await.status.as_u16(), expected, "{message}");
        if expected == 404 {
            for (deed, body) in [
                ("retry", json!({})),
                ("cancel", json!({"why": "thử"})),
                ("hold", json!({"why": "thử"})),
                ("let_go", json!({})),
                ("resolve", json!({"fate": "sent", "note": "thử"})),
            ] {
                assert_eq!(own.refused(&format!("{path}/{deed}"), &body).await.0, 404, "{deed} {message}");
            }
        }
    }
}

#[tokio::test]
async fn what_concerns_the_whole_province_needs_a_token_for_it() {
    let office = Office::asking("").await;
    let mut own = office.program(Role::Admin, Some(OWN)).await;
    let template = "/api/v1/templates/commune_first";
    for (path, body) in [
        ("/api/v1/approval".to_owned(), json!({"hash": "x"})),
        ("/api/v1/rounds/x/release".to_owned(), json!({"note": "thử"})),
        ("/api/v1/approval/refuse".to_owned(), json!({"hash": "x", "why": "thử"})),
        ("/api/v1/channels/mailbox/test".to_owned(), json!({})),
        ("/api/v1/targets".to_owned(), super::target("2031-01-01")),
        ("/api/v1/targets/x/end".to_owned(), json!({"last": "2031-06-30"})),
        ("/api/v1/targets/x/take_back".to_owned(), json!({})),
        ("/api/v1/reforms".to_owned(), super::beginning("X000099")),
        ("/api/v1/reforms/x/undo".to_owned(), json!({})),
        (format!("{template}/preview"), json!({})),
        (format!("{template}/test"), json!({})),
        ("/api/v1/pause".to_owned(), json!({"why": "thử"})),
        ("/api/v1/resume".to_owned(), json!({"why": "thử"})),
        (format!("{template}/draft"), json!({"source": "x"})),
        (format!("{template}/publish"), json!({"draft": 1, "note": "x"})),
        (format!("{template}/restore"), json!({"revision": 0, "note": "x"})),
        (format!("{template}/discard"), json!({"draft": 1})),
        ("/api/v1/unresolved/resolve".to_owned(), json!({"name": "x", "code": OWN})),
        ("/api/v1/unresolved/unresolve".to_owned(), json!({"name": "x"})),
    ] {
        assert_eq!(own.refused(&path, &body).await.1, "whole_province", "{path}");
    }
    for path in ["/api/v1/approval", "/api/v1/unresolved", "/api/v1/reforms", "/api/v1/audit"] {
        assert_eq!(refusal(&own.get(path).await).1, "whole_province", "{path}");
    }
}
