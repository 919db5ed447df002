//! What strangers try, tried at every address of the table: also at those that are added tomorrow.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::body::{Body, Bytes};
use axum::http::{Method, StatusCode};
use dondoc::people::{self, By, Role};
use dondoc::web::{Access, ROUTES, Route, Verb};

use super::Desk;
use crate::support::databases::sqlite;
use crate::support::reader::{Answer, Reader, brings_script};

const FORM: &str = "application/x-www-form-urlencoded";

/// The address of a route with `value` for each of its parameters.
fn address(route: &Route, value: &str) -> String {
    let part = |part: &str| if part.starts_with('{') { value.to_owned() } else { part.to_owned() };
    route.path.split('/').map(part).collect::<Vec<_>>().join("/")
}

/// Programs send no forms and no cookies; what they send is tried with a token.
fn is_of_programs(route: &Route) -> bool {
    matches!(route.access, Access::Token(_))
}

fn taking_forms() -> impl Iterator<Item = &'static Route> {
    ROUTES.iter().filter(|route| route.verb == Verb::Post && !is_of_programs(route))
}

/// Whether a page shows what it should be silent about, or the program broke over it.
fn gives_way(answer: &Answer) -> Option<String> {
    if answer.status.is_server_error() {
        return Some(answer.status.to_string());
    }
    let to = answer.header("location");
    if !to.is_empty() && (!to.starts_with('/') || to.starts_with("//") || to.contains("evil")) {
        return Some(format!("leads to {to}"));
    }
    if answer.headers.contains_key("x-evil") || answer.cookies().iter().any(|one| one.contains("evil")) {
        return Some("a header was put in".to_owned());
    }
    let shown = ["<img src=x", "root:x:", "[package]", "57911647"].into_iter().find(|part| answer.body.contains(part));
    let html = answer.header("content-type").starts_with("text/html");
    shown
        .map(|part| format!("shows {part}"))
        .or_else(|| (html && brings_script(&answer.body)).then(|| "a script".to_owned()))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_address_takes_a_form_that_no_page_of_ours_sent() {
    let desk = Desk::new(sqlite().await);
    let id = desk.account("quan.tri", Role::Admin).await;
    let mut admin = desk.signed_in(&id).await;
    let (mark, others) = (admin.mark().await, desk.signed_in(&id).await.mark().await);
    let mut tried = 0;
    for route in taking_forms() {
        let path = address(route, "khong-co");
        if matches!(route.access, Access::Person(_)) {
            for wrong in [String::new(), "mark=".to_owned(), format!("mark={others}"), format!("mark={}", &mark[1..])] {
                let answer = admin.ask(Method::POST, &path, Some(FORM), wrong.clone().into()).await;
                assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path}: {wrong}");
                tried += 1;
            }
        }
        for (name, value) in [
            ("origin", "https://evil.example"),
            ("origin", "null"),
            ("sec-fetch-site", "cross-site"),
            ("sec-fetch-site", "same-site"),
        ] {
            let mut foreign = admin.clone().with(name, value);
            let answer = foreign.ask(Method::POST, &path, Some(FORM), format!("mark={mark}").into()).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path}: {name}: {value}");
            tried += 1;
        }
        for kind in [None, Some("text/plain"), Some("application/json")] {
            let answer = admin.ask(Method::POST, &path, kind, format!("mark={mark}").into()).await;
            assert_eq!(answer.status, StatusCode::UNSUPPORTED_MEDIA_TYPE, "{path}: {kind:?}");
            tried += 1;
        }
    }
    assert!(tried > 100, "{tried}");
}

/// A body without an end, and how many bytes of it were taken.
fn endless() -> (Body, Arc<AtomicUsize>) {
    let taken = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&taken);
    let piece = move || {
        count.fetch_add(16 * 1024, Ordering::Relaxed);
        Ok::<_, std::io::Error>(Bytes::from_static(&[b'x'; 16 * 1024]))
    };
    (Body::from_stream(futures_util::stream::repeat_with(piece)), taken)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_address_reads_a_body_without_end() {
    let desk = Desk::new(sqlite().await);
    let id = desk.account("quan.tri", Role::Admin).await;
    let mut admin = desk.signed_in(&id).await;
    let new = ("thử", Role::Admin, None);
    let made = people::add_token(&desk.db, new, &By::command("test"), desk.now()).await.unwrap();
    let mut program = desk.stranger().with("authorization", &format!("Bearer {}", made.1));
    for route in ROUTES.iter().filter(|route| route.verb != Verb::Get) {
        let path = address(route, "khong-co");
        let (body, taken) = endless();
        let answer = admin.ask(Method::POST, &path, Some(FORM), body).await;
        assert!(answer.status.is_client_error(), "{path}: {}", answer.status);
        let taken = taken.load(Ordering::Relaxed);
        assert!(taken <= 32 * 1024 * 1024, "{path}: {taken} bytes");
        if is_of_programs(route) {
            assert_eq!(
                (answer.status, taken),
                (StatusCode::UNAUTHORIZED, 0),
                "{path}: nothing is read without a token"
            );
            let (body, read) = endless();
            let answer = program.ask(Method::POST, &path, Some("application/json"), body).await;
            assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE, "{path}");
            let most = if path.ends_with("/imports") { 16 } else { 1 };
            assert!(read.load(Ordering::Relaxed) <= most * 1024 * 1024, "{path}");
        } else if route.verb == Verb::Post {
            assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE, "{path}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_address_can_be_framed_by_others_or_runs_what_is_not_ours() {
    let desk = Desk::new(sqlite().await);
    let id = desk.account("quan.tri", Role::Admin).await;
    for route in ROUTES {
        let path = address(route, "khong-co");
        for mut reader in [desk.stranger(), desk.signed_in(&id).await] {
            for method in [Method::GET, Method::POST, Method::PUT] {
                let answer = reader.ask(method.clone(), &path, Some(FORM), Body::empty()).await;
                let policy = answer.header("content-security-policy");
                let framed =
                    ["frame-ancestors 'none'", "frame-ancestors 'self'"].iter().any(|part| policy.contains(part));
                assert!(framed && policy.contains("default-src 'none'"), "{method} {path}: {policy}");
                assert!(!policy.contains("unsafe-eval") && !policy.contains("http"), "{method} {path}: {policy}");
                assert_eq!(answer.header("x-content-type-options"), "nosniff", "{method} {path}");
                assert!(!answer.header("referrer-policy").is_empty(), "{method} {path}");
                let kept = answer.header("cache-control");
                assert!(
                    !kept.is_empty()
                        && (kept == "no-store"
                            || !kept.contains("public")
                            || path.starts_with("/static/")
                            || path == "/schedule.ics"),
                    "{method} {path}: {kept}"
                );
            }
        }
    }
}

/// Names of fields and parameters that pages know, today or tomorrow; what is not known is not looked at.
const FIELDS: [&str; 20] = [
    "q", "tiep", "xong", "trang", "loai", "ky", "xep", "ai", "viec", "tu", "den", "truoc", "name", "login", "role",
    "scope", "tongue", "code", "ma", "ten",
];

/// Typed everywhere: markup, templates of several kinds, other places, ends of lines, no text at all.
const TYPED: [&str; 9] = [
    "%22%3E%3Cscript%3Ealert(1)%3C/script%3E%3Cimg%20src=x%20onerror=alert(1)%3E",
    "%7B%7B%207313%20*%207919%20%7D%7D%24%7B7313*7919%7D%3C%25=7313*7919%25%3E",
    "https://evil.example/",
    "//evil.example/",
    "/%5Cevil.example",
    "x%0d%0aX-Evil:%201%0d%0aSet-Cookie:%20evil=1",
    "..%2F..%2F..%2Fetc%2Fpasswd",
    "%00%ff%C3%28",
    "'%20OR%20'1'='1'%20--",
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_that_is_typed_into_an_address_comes_back_as_anything_but_text() {
    let desk = Desk::new(sqlite().await);
    let id = desk.account("quan.tri", Role::Admin).await;
    let mut admin = desk.signed_in(&id).await;
    for route in ROUTES.iter().filter(|route| route.verb != Verb::Post) {
        for typed in TYPED {
            let query = FIELDS.map(|field| format!("{field}={typed}")).join("&");
            let mut paths = vec![format!("{}?{query}", address(route, "khong-co"))];
            if route.path.contains('{') {
                paths.push(address(route, &typed.replace('/', "%2F")));
            }
            for path in paths {
                let Ok(_) = path.parse::<axum::http::Uri>() else { continue };
                let answer = admin.get(&path).await;
                assert_eq!(gives_way(&answer), None, "{path}");
                if route.path.contains('{') && !path.contains('?') && !route.path.starts_with("/callback") {
                    assert!(
                        answer.status.is_client_error() || answer.status.is_redirection(),
                        "{path}: {}",
                        answer.status
                    );
                }
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_that_is_typed_into_a_form_leads_elsewhere_or_comes_back_as_anything_but_text() {
    let desk = Desk::new(sqlite().await);
    let id = desk.account("quan.tri", Role::Admin).await;
    let mut session: Option<(Reader, String)> = None;
    for route in taking_forms() {
        for typed in TYPED {
            let (mut admin, mark) = if let Some(kept) = session.take() {
                kept
            } else {
                let mut admin = desk.signed_in(&id).await;
                let mark = admin.mark().await;
                (admin, mark)
            };
            let fields = FIELDS.map(|field| format!("{field}={typed}")).join("&");
            let body = format!("mark={mark}&{fields}");
            let answer = admin.ask(Method::POST, &address(route, "khong-co"), Some(FORM), body.into()).await;
            assert_eq!(gives_way(&answer), None, "{}: {typed}", route.path);
            // Signing out ends the session, and so may others.
            let lives = admin.get("/tai-khoan").await.status == StatusCode::OK;
            session = lives.then_some((admin, mark));
        }
    }
}
