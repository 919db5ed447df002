//! What strangers try with forms, addresses and frames.

use axum::http::{Method, StatusCode};
use dondoc::people::{self, Role};

use super::{Desk, PASSWORD, typed};
use crate::support::databases::sqlite;
use crate::support::reader::brings_script;

const FORM: &str = "application/x-www-form-urlencoded";

async fn is_enabled(desk: &Desk, id: &str) -> bool {
    people::by_id(&desk.db, id).await.unwrap().unwrap().disabled_at.is_none()
}

#[tokio::test]
async fn a_form_of_another_site_changes_nothing() {
    let desk = Desk::new(sqlite().await);
    let admin = desk.account("quan.tri", Role::Admin).await;
    let victim = desk.account("an.nguyen", Role::Viewer).await;
    let mut reader = desk.signed_in(&admin).await;
    let (mark, others) = (reader.mark().await, desk.signed_in(&admin).await.mark().await);
    assert_ne!(mark, others, "each session has its own");
    let path = format!("/nguoi-dung/{victim}/khoa");
    let body = format!("mark={mark}");
    for wrong in [String::new(), "mark=".to_owned(), format!("mark={others}"), format!("mark={}", &mark[1..])] {
        let answer = reader.ask(Method::POST, &path, Some(FORM), wrong.clone().into()).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{wrong}");
        assert!(answer.body.contains("Chưa có gì thay đổi"), "{}", answer.body);
    }
    for (name, value) in [
        ("origin", "https://evil.example"),
        ("origin", "null"),
        ("origin", "http://dondoc.tinh.example"),
        ("origin", "https://dondoc.tinh.example.evil.example"),
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        ("sec-fetch-site", "none"),
    ] {
        let mut foreign = reader.clone().with(name, value);
        let answer = foreign.ask(Method::POST, &path, Some(FORM), body.clone().into()).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{name}: {value}");
        // At the door there is no session whose mark could be asked for.
        let answer = foreign.send("/dang-nhap", &typed("an.nguyen", PASSWORD)).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{name}: {value}");
    }
    for kind in [None, Some("text/plain"), Some("application/json"), Some("multipart/form-data; boundary=x")] {
        let answer = reader.ask(Method::POST, &path, kind, body.clone().into()).await;
        assert_eq!(answer.status, StatusCode::UNSUPPORTED_MEDIA_TYPE, "{kind:?}");
    }
    for method in [Method::GET, Method::HEAD, Method::PUT, Method::DELETE, Method::PATCH] {
        let answer = reader.ask(method.clone(), &format!("{path}?{body}"), Some(FORM), body.clone().into()).await;
        assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED, "{method}");
    }
    assert!(is_enabled(&desk, &victim).await);
    for (name, value) in [("origin", "https://dondoc.tinh.example"), ("sec-fetch-site", "same-origin")] {
        let mut own = reader.clone().with(name, value);
        let answer = own.ask(Method::POST, &path, Some(FORM), format!("{body}&role=admin&x=1").into()).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{name}");
    }
    assert!(!is_enabled(&desk, &victim).await);
    let victim = people::by_id(&desk.db, &victim).await.unwrap().unwrap();
    assert_eq!(victim.role, Role::Viewer, "a field that the page does not have is not looked at");
}

#[tokio::test]
async fn signing_in_leads_to_pages_of_ours_and_nowhere_else() {
    let desk = Desk::new(sqlite().await);
    desk.account("an.nguyen", Role::Viewer).await;
    let outside = [
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "javascript:alert(1)",
        "/x\r\nSet-Cookie: a=b",
        "/x\r\n\r\n<script>alert(1)</script>",
        "evil.example",
    ];
    for next in outside {
        let mut reader = desk.stranger();
        let mut fields = typed("an.nguyen", PASSWORD).to_vec();
        fields.push(("tiep", next));
        let entered = reader.send("/dang-nhap", &fields).await;
        assert_eq!(entered.leads_to(), "/", "{next:?}");
        assert!(
            !entered.headers.contains_key("set-cookie") || entered.cookies().iter().all(|one| !one.starts_with("a="))
        );
        let chosen = reader.send("/ngon-ngu", &[("tongue", "en"), ("tiep", next)]).await;
        assert_eq!(chosen.leads_to(), "/", "{next:?}");
    }
    for query in
        ["tiep=https%3A%2F%2Fevil.example", "tiep=%2F%2Fevil.example", "tiep=/x%0d%0aSet-Cookie:a=b", "tiep=%ff"]
    {
        let page = desk.stranger().get(&format!("/dang-nhap?{query}")).await;
        assert_eq!(page.status, StatusCode::OK, "{query}");
        assert!(!page.body.contains("evil") && page.field("tiep").is_empty(), "{query}: {}", page.body);
    }
    let page = desk.stranger().get("/dang-nhap?xong=%3Cscript%3E&tiep=%22%3E%3Cscript%3E").await;
    assert!(!brings_script(&page.body), "{}", page.body);
}

#[tokio::test]
async fn a_page_is_never_framed_and_a_name_is_never_a_path() {
    let desk = Desk::new(sqlite().await);
    let id = desk.account("quan.tri", Role::Admin).await;
    let mut reader = desk.signed_in(&id).await;
    let own = format!("/nguoi-dung/{id}");
    let pages = [
        "/",
        "/hop-thu-thu",
        "/tai-khoan",
        "/tai-khoan/buoc-hai",
        "/nguoi-dung",
        &own,
        "/nhat-ky",
        "/ma-truy-cap",
        "/dang-nhap",
        "/thiet-lap",
    ];
    for path in pages {
        let answer = reader.get(path).await;
        let policy = answer.header("content-security-policy");
        for part in ["default-src 'none'", "frame-ancestors 'none'", "form-action 'self'", "base-uri 'none'"] {
            assert!(policy.contains(part), "{path}: {policy}");
        }
        assert!(!policy.contains("unsafe"), "{path}: {policy}");
        assert_eq!(answer.header("cache-control"), "no-store", "{path}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert!(matches!(answer.header("referrer-policy"), "same-origin" | "no-referrer"), "{path}");
        assert!(!brings_script(&answer.body) && !answer.body.contains(" style=\""), "{path}");
    }
    for path in [
        "/nguoi-dung/..%2f..%2fetc%2fpasswd",
        "/nguoi-dung/%2e%2e/%2e%2e/etc/passwd",
        "/static/..%2fCargo.toml",
        "/static/../../Cargo.toml",
        "/hop-thu-thu/..%2f..%2fconfig.toml/html",
        "/nguoi-dung/%00",
        "/nguoi-dung/%ff",
        "/ma-truy-cap/..%2fx/thu-hoi",
    ] {
        let answer = reader.get(path).await;
        assert!(answer.status.is_client_error(), "{path}: {}", answer.status);
        assert!(!answer.body.contains("root:") && !answer.body.contains("[package]"), "{path}");
    }
}

#[tokio::test]
async fn what_people_type_never_becomes_a_header_or_markup() {
    let desk = Desk::new(sqlite().await);
    let id = desk.account("quan.tri", Role::Admin).await;
    let mut reader = desk.signed_in(&id).await.with("user-agent", "Mozilla <b>x</b>");
    let name = "<img src=x onerror=alert(1)>";
    let fields = [("name", name), ("login", "an.nguyen"), ("role", "view"), ("password", PASSWORD)];
    assert_eq!(reader.post("/nguoi-dung", &fields).await.leads_to(), "/nguoi-dung?xong=added");
    for path in ["/nguoi-dung", "/nhat-ky?ai=%3Cscript%3E&tu=%22%3E&viec=%3Cscript%3E&truoc=x", "/tai-khoan"] {
        let page = reader.get(path).await;
        assert_eq!(page.status, StatusCode::OK, "{path}");
        assert!(
            !page.body.contains("<img src=x") && !brings_script(&page.body) && !page.body.contains("<b>x"),
            "{path}"
        );
    }
    // A setting in a cookie or a word in the address is looked up, never repeated.
    reader.cookies.insert("dondoc-tongue".to_owned(), "en\"><script>".to_owned());
    let page = reader.get("/nguoi-dung?xong=added%0d%0aX-Evil:%201").await;
    assert!(!page.body.contains("\"><script>") && !page.body.contains("X-Evil"), "{}", page.body);
    assert!(!page.headers.contains_key("x-evil"));
}

#[tokio::test]
async fn a_form_that_is_too_large_is_not_read_to_its_end() {
    let desk = Desk::new(sqlite().await);
    let mut reader = desk.stranger();
    let password = "x".repeat(1 << 20);
    let answer = reader.send("/dang-nhap", &typed("an.nguyen", &password)).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(desk.hasher.checks(), 0);
    // Within the form, but longer than any password: refused as wrong, and never hashed.
    let answer = reader.send("/dang-nhap", &typed("an.nguyen", &"x".repeat(5_000))).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(desk.hasher.checks(), 0);
}
