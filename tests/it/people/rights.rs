//! Who may do what: every route with every role and every method, against a table of its own.

use std::collections::BTreeSet;

use axum::body::Body;
use axum::http::{Method, StatusCode};
use dondoc::people::{self, By, Role};
use dondoc::web::{Access, ROUTES, Verb};

use super::Desk;
use crate::support::databases::sqlite;
use crate::support::mailbox::{capture, parcel, sample_catalog};
use crate::support::reader::{Answer, Reader};

/// Whom a route is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum For {
    /// Anybody, signed in or not.
    Anybody,
    /// Signed-in people of these roles.
    People(&'static [Role]),
    /// Programs with a token of these roles.
    Programs(&'static [Role]),
}

const EVERYBODY: For = For::People(&Role::ALL);
const EDITORS: For = For::People(&[Role::Editor, Role::Admin]);
const APPROVERS: For = For::People(&[Role::Approver, Role::Admin]);
const ADMINS: For = For::People(&[Role::Admin]);
const PROGRAMS: For = For::Programs(&Role::ALL);
const MANAGING: For = For::Programs(&[Role::Admin]);
const EDITING: For = For::Programs(&[Role::Editor, Role::Admin]);
const APPROVING: For = For::Programs(&[Role::Approver, Role::Admin]);

/// Written a second time on purpose: a right that is given by mistake in the program is missing here.
const EXPECTED: &[(&str, &str, For)] = &[
    ("GET", "/", EVERYBODY),
    ("GET", "/ban-do.xlsx", EVERYBODY),
    ("GET", "/ban-do.csv", EVERYBODY),
    ("GET", "/ban-do/in", EVERYBODY),
    ("GET", "/sau-khi-nhac", EVERYBODY),
    ("GET", "/tien-do-gui", EVERYBODY),
    ("GET", "/man-hinh", EVERYBODY),
    ("GET", "/don-vi/{code}", EVERYBODY),
    ("GET", "/tra-loi", EVERYBODY),
    ("POST", "/tra-loi", EDITORS),
    ("GET", "/tim", EVERYBODY),
    ("GET", "/tro-giup", EVERYBODY),
    ("GET", "/danh-ba", EVERYBODY),
    ("GET", "/danh-ba/mau.xlsx", EVERYBODY),
    ("POST", "/danh-ba/tep", EDITORS),
    ("GET", "/danh-ba/don-vi/{code}", EVERYBODY),
    ("POST", "/danh-ba/don-vi/{code}", EDITORS),
    ("GET", "/danh-ba/nhap", EDITORS),
    ("POST", "/danh-ba/nhap", EDITORS),
    ("GET", "/danh-ba/nhap/{id}", EDITORS),
    ("POST", "/danh-ba/nhap/{id}/cot", EDITORS),
    ("POST", "/danh-ba/nhap/{id}/o", EDITORS),
    ("POST", "/danh-ba/nhap/{id}/ghi", EDITORS),
    ("POST", "/danh-ba/nhap/{id}/hoan-tac", EDITORS),
    ("POST", "/danh-ba/nhap/{id}/bo", EDITORS),
    ("GET", "/danh-ba/nhap/{id}/danh-dau.xlsx", EDITORS),
    ("GET", "/danh-ba/sap-nhap", EDITORS),
    ("POST", "/danh-ba/sap-nhap", EDITORS),
    ("POST", "/danh-ba/sap-nhap/{id}/hoan-tac", EDITORS),
    ("GET", "/doi-chieu", EVERYBODY),
    ("POST", "/doi-chieu", EDITORS),
    ("POST", "/doi-chieu/bo", EDITORS),
    ("GET", "/hop-thu-thu", EVERYBODY),
    ("GET", "/hop-thu-thu/{id}", EVERYBODY),
    ("GET", "/hop-thu-thu/{id}/html", EVERYBODY),
    ("GET", "/hop-thu-thu/{id}/eml", EVERYBODY),
    ("GET", "/mau-tin", EVERYBODY),
    ("GET", "/mau-tin/{name}", EVERYBODY),
    ("POST", "/mau-tin/{name}", EDITORS),
    ("POST", "/mau-tin/{name}/tu-luu", EDITORS),
    ("GET", "/mau-tin/{name}/kiem-tra", EVERYBODY),
    ("POST", "/mau-tin/{name}/kiem-tra", EDITORS),
    ("GET", "/mau-tin/{name}/ap-dung", EDITORS),
    ("POST", "/mau-tin/{name}/ap-dung", EDITORS),
    ("POST", "/mau-tin/{name}/bo", EDITORS),
    ("POST", "/mau-tin/{name}/lay-lai", EDITORS),
    ("GET", "/mau-tin/{name}/lich-su", EVERYBODY),
    ("GET", "/hop-thu-di", EVERYBODY),
    ("POST", "/hop-thu-di/viec", APPROVERS),
    ("POST", "/hop-thu-di/hoan-tac", APPROVERS),
    ("GET", "/hop-thu-di/{id}", EVERYBODY),
    ("GET", "/hop-thu-di/{id}/html", EVERYBODY),
    ("POST", "/hop-thu-di/{id}/eml", APPROVERS),
    ("POST", "/hop-thu-di/{id}/json", APPROVERS),
    ("POST", "/hop-thu-di/{id}/ket-qua", APPROVERS),
    ("GET", "/duyet", EVERYBODY),
    ("POST", "/duyet", APPROVERS),
    ("GET", "/dot-giu", EVERYBODY),
    ("POST", "/dot-giu", APPROVERS),
    ("GET", "/tam-dung", APPROVERS),
    ("POST", "/tam-dung", APPROVERS),
    ("GET", "/lich-gui", EVERYBODY),
    ("GET", "/chi-tieu", EVERYBODY),
    ("POST", "/chi-tieu", EDITORS),
    ("POST", "/chi-tieu/{id}/ket-thuc", EDITORS),
    ("POST", "/chi-tieu/{id}/hoan-tac", EDITORS),
    ("GET", "/cai-dat", EVERYBODY),
    ("POST", "/cai-dat/kenh", APPROVERS),
    ("GET", "/dang-nhap", For::Anybody),
    ("POST", "/dang-nhap", For::Anybody),
    ("GET", "/dang-nhap/oidc", For::Anybody),
    ("GET", "/dang-nhap/oidc/xong", For::Anybody),
    ("POST", "/dang-xuat", EVERYBODY),
    ("POST", "/ngon-ngu", For::Anybody),
    ("GET", "/thiet-lap", For::Anybody),
    ("POST", "/thiet-lap", For::Anybody),
    ("GET", "/tai-khoan", EVERYBODY),
    ("POST", "/tai-khoan/mat-khau", EVERYBODY),
    ("POST", "/tai-khoan/phien", EVERYBODY),
    ("GET", "/tai-khoan/buoc-hai", EVERYBODY),
    ("POST", "/tai-khoan/buoc-hai", EVERYBODY),
    ("POST", "/tai-khoan/buoc-hai/tat", EVERYBODY),
    ("GET", "/nguoi-dung", ADMINS),
    ("POST", "/nguoi-dung", ADMINS),
    ("GET", "/nguoi-dung/{id}", ADMINS),
    ("POST", "/nguoi-dung/{id}", ADMINS),
    ("POST", "/nguoi-dung/{id}/khoa", ADMINS),
    ("POST", "/nguoi-dung/{id}/mo-khoa", ADMINS),
    ("POST", "/nguoi-dung/{id}/mat-khau", ADMINS),
    ("POST", "/nguoi-dung/{id}/buoc-hai/tat", ADMINS),
    ("POST", "/nguoi-dung/{id}/dang-nhap-mot-lan/bo", ADMINS),
    ("GET", "/bat-dau", ADMINS),
    ("GET", "/bat-dau/{step}", ADMINS),
    ("POST", "/bat-dau/{step}", ADMINS),
    ("GET", "/nhat-ky", ADMINS),
    ("POST", "/nhat-ky/tep", ADMINS),
    ("GET", "/ma-truy-cap", ADMINS),
    ("POST", "/ma-truy-cap", ADMINS),
    ("POST", "/ma-truy-cap/{id}/thu-hoi", ADMINS),
    ("GET", "/api/v1/openapi.json", For::Anybody),
    ("GET", "/api/v1/me", PROGRAMS),
    ("GET", "/api/v1/health", PROGRAMS),
    ("GET", "/api/v1/province", PROGRAMS),
    ("GET", "/api/v1/units", PROGRAMS),
    ("GET", "/api/v1/units/{code}", PROGRAMS),
    ("GET", "/api/v1/rounds", PROGRAMS),
    ("GET", "/api/v1/rounds/{id}", PROGRAMS),
    ("POST", "/api/v1/rounds/{id}/release", APPROVING),
    ("GET", "/api/v1/feed", PROGRAMS),
    ("GET", "/api/v1/outbox", PROGRAMS),
    ("GET", "/api/v1/outbox/{id}", PROGRAMS),
    ("POST", "/api/v1/outbox/{id}/retry", APPROVING),
    ("POST", "/api/v1/outbox/{id}/hold", APPROVING),
    ("POST", "/api/v1/outbox/{id}/let_go", APPROVING),
    ("POST", "/api/v1/outbox/{id}/cancel", APPROVING),
    ("POST", "/api/v1/outbox/{id}/resolve", APPROVING),
    ("GET", "/api/v1/deeds", APPROVING),
    ("POST", "/api/v1/deeds", APPROVING),
    ("POST", "/api/v1/deeds/{id}/undo", APPROVING),
    ("GET", "/api/v1/approval", PROGRAMS),
    ("POST", "/api/v1/approval", APPROVING),
    ("POST", "/api/v1/approval/refuse", APPROVING),
    ("POST", "/api/v1/pause", APPROVING),
    ("POST", "/api/v1/resume", APPROVING),
    ("POST", "/api/v1/channels/{name}/test", APPROVING),
    ("GET", "/api/v1/templates", PROGRAMS),
    ("GET", "/api/v1/templates/{name}", PROGRAMS),
    ("POST", "/api/v1/templates/{name}/draft", EDITING),
    ("POST", "/api/v1/templates/{name}/check", EDITING),
    ("POST", "/api/v1/templates/{name}/publish", EDITING),
    ("POST", "/api/v1/templates/{name}/restore", EDITING),
    ("POST", "/api/v1/templates/{name}/discard", EDITING),
    ("POST", "/api/v1/templates/{name}/preview", EDITING),
    ("POST", "/api/v1/templates/{name}/test", EDITING),
    ("GET", "/api/v1/contacts", EDITING),
    ("POST", "/api/v1/contacts/appoint", EDITING),
    ("POST", "/api/v1/contacts/end", EDITING),
    ("GET", "/api/v1/contacts/imports", EDITING),
    ("POST", "/api/v1/contacts/imports", EDITING),
    ("GET", "/api/v1/contacts/imports/{id}", EDITING),
    ("POST", "/api/v1/contacts/imports/{id}/columns", EDITING),
    ("POST", "/api/v1/contacts/imports/{id}/cells", EDITING),
    ("POST", "/api/v1/contacts/imports/{id}/write", EDITING),
    ("POST", "/api/v1/contacts/imports/{id}/undo", EDITING),
    ("POST", "/api/v1/contacts/imports/{id}/discard", EDITING),
    ("GET", "/api/v1/indicators", PROGRAMS),
    ("GET", "/api/v1/targets", PROGRAMS),
    ("POST", "/api/v1/targets", EDITING),
    ("POST", "/api/v1/targets/{id}/end", EDITING),
    ("POST", "/api/v1/targets/{id}/take_back", EDITING),
    ("GET", "/api/v1/reforms", PROGRAMS),
    ("POST", "/api/v1/reforms", EDITING),
    ("POST", "/api/v1/reforms/{id}/undo", EDITING),
    ("GET", "/api/v1/schedule", PROGRAMS),
    ("GET", "/api/v1/answers", PROGRAMS),
    ("POST", "/api/v1/answers/{id}/close", EDITING),
    ("POST", "/api/v1/answers/{id}/reopen", EDITING),
    ("GET", "/api/v1/unresolved", PROGRAMS),
    ("POST", "/api/v1/unresolved/resolve", EDITING),
    ("POST", "/api/v1/unresolved/unresolve", EDITING),
    ("GET", "/api/v1/audit", MANAGING),
    ("GET", "/healthz", For::Anybody),
    ("GET", "/readyz", For::Anybody),
    ("GET", "/metrics", For::Anybody),
    ("GET", "/schedule.ics", For::Anybody),
    ("GET", "/static/dondoc.css", For::Anybody),
    ("GET", "/static/dondoc.svg", For::Anybody),
    ("GET", "/static/be-vietnam-pro/5.3.0/{file}", For::Anybody),
    ("GET", "/static/dondoc.js", For::Anybody),
    ("GET", "/static/htmx.js", For::Anybody),
    ("ANY", "/r", For::Anybody),
    ("ANY", "/r/{*token}", For::Anybody),
    ("ANY", "/callback/{channel}", For::Anybody),
];

/// Spelt otherwise, and the same as one of the table.
const ALIKE: [(&str, &str); 2] = [("/r/", "/r"), ("/callback/{channel}/{*rest}", "/callback/{channel}")];

const METHODS: [Method; 7] =
    [Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::PATCH, Method::DELETE, Method::OPTIONS];

fn word(verb: Verb) -> &'static str {
    match verb {
        Verb::Get => "GET",
        Verb::Post => "POST",
        Verb::Any => "ANY",
    }
}

fn known_as(path: &'static str) -> &'static str {
    ALIKE.iter().find(|(other, _)| *other == path).map_or(path, |(_, known)| known)
}

#[test]
fn every_route_stands_in_the_table_and_nothing_is_routed_beside_it() {
    let there: BTreeSet<(&str, &str)> = ROUTES.iter().map(|route| (word(route.verb), known_as(route.path))).collect();
    let expected: BTreeSet<(&str, &str)> = EXPECTED.iter().map(|(verb, path, _)| (*verb, *path)).collect();
    assert_eq!(there, expected);
    for route in ROUTES {
        let open = matches!(route.access, Access::Public | Access::Open | Access::Door);
        let row = EXPECTED.iter().find(|row| (row.0, row.1) == (word(route.verb), known_as(route.path))).unwrap();
        assert_eq!(open, row.2 == For::Anybody, "{route:?}");
        assert!(!(route.access == Access::Public && route.verb == Verb::Post), "a form is read by the gate: {route:?}");
    }
    // The router is built of the table; figures that are pushed have a door of their own.
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/web");
    let mut files: Vec<_> = folder.read_dir().unwrap().map(|file| file.unwrap().path()).collect();
    while let Some(path) = files.pop() {
        if path.is_dir() {
            files.extend(path.read_dir().unwrap().map(|file| file.unwrap().path()));
            continue;
        }
        let routes = std::fs::read_to_string(&path).unwrap().matches(".route(").count();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        assert_eq!(routes, usize::from(matches!(name.as_str(), "routes.rs" | "push.rs")), "{name}");
    }
}

/// How a request ended.
#[derive(Debug, PartialEq, Eq)]
enum End {
    /// The page answered, whatever it said.
    Answered,
    /// Sent to the door.
    Door,
    /// It is not for his role.
    NotGiven,
    /// A token is asked for.
    NoToken,
    /// There is no such method.
    NoMethod,
}

fn end(answer: &Answer) -> End {
    match answer.status {
        StatusCode::METHOD_NOT_ALLOWED => End::NoMethod,
        StatusCode::FORBIDDEN => End::NotGiven,
        StatusCode::UNAUTHORIZED => End::NoToken,
        StatusCode::SEE_OTHER if answer.header("location") == "/dang-nhap" => End::Door,
        StatusCode::SEE_OTHER if answer.header("location").starts_with("/dang-nhap?tiep=") => End::Door,
        status if status.is_server_error() => panic!("{status}: {}", answer.body),
        _ => End::Answered,
    }
}

/// Whether the table knows the method at this path.
fn answers(path: &str, method: &Method) -> bool {
    let same = |verb: &str| match verb {
        "GET" => matches!(*method, Method::GET | Method::HEAD),
        "POST" => *method == Method::POST,
        _ => true,
    };
    EXPECTED.iter().any(|(verb, known, _)| *known == path && same(verb))
}

/// Whom `method` is for at this path.
fn meant_for(path: &str, method: &Method) -> For {
    let verb = if *method == Method::POST { "POST" } else { "GET" };
    EXPECTED.iter().find(|row| row.1 == path && (row.0 == verb || row.0 == "ANY")).unwrap().2
}

async fn call(reader: &mut Reader, method: &Method, path: &str, mark: Option<&str>) -> Answer {
    let kind = (*method == Method::POST).then_some("application/x-www-form-urlencoded");
    let body = mark.filter(|_| *method == Method::POST).map_or_else(Body::empty, |mark| format!("mark={mark}").into());
    reader.ask(method.clone(), path, kind, body).await
}

/// Everybody who could ask.
enum Asker {
    Nobody,
    Person(Role),
    Program(Role),
}

fn end_for(whom: For, asker: &Asker) -> End {
    match (whom, asker) {
        (For::Anybody, _) => End::Answered,
        (For::People(roles), Asker::Person(role)) | (For::Programs(roles), Asker::Program(role)) => {
            if roles.contains(role) { End::Answered } else { End::NotGiven }
        }
        (For::People(_), Asker::Nobody | Asker::Program(_)) => End::Door,
        (For::Programs(_), Asker::Nobody | Asker::Person(_)) => End::NoToken,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_route_answers_a_role_or_a_method_that_it_should_not() {
    let desk = Desk::new(sqlite().await);
    let mut accounts = Vec::new();
    for role in Role::ALL {
        accounts.push((role, desk.account(&format!("vai.{}", role.word()), role).await));
    }
    let mut tokens = Vec::new();
    for role in Role::ALL {
        let made = people::add_token(&desk.db, ("thử", role, None), &By::command("test"), desk.now()).await.unwrap();
        tokens.push((role, made.1));
    }
    let askers = || {
        let roles = Role::ALL.into_iter();
        std::iter::once(Asker::Nobody).chain(roles.clone().map(Asker::Person)).chain(roles.map(Asker::Program))
    };
    let mut asked = 0;
    let paths: BTreeSet<&str> = EXPECTED.iter().map(|row| row.1).collect();
    for path in paths {
        let address = path
            .replace("{id}", "khong-co")
            .replace("{code}", "khong-co")
            .replace("{channel}", "x")
            .replace("{name}", "commune_first")
            .replace("{*token}", "x");
        for (method, asker) in METHODS.iter().flat_map(|method| askers().map(move |asker| (method, asker))) {
            let (mut reader, mark) = match asker {
                Asker::Nobody => (desk.stranger(), None),
                Asker::Person(role) => {
                    let id = &accounts.iter().find(|(own, _)| *own == role).unwrap().1;
                    let mut reader = desk.signed_in(id).await;
                    let mark = if *method == Method::POST { Some(reader.mark().await) } else { None };
                    (reader, mark)
                }
                Asker::Program(role) => {
                    let token = &tokens.iter().find(|(own, _)| *own == role).unwrap().1;
                    (desk.stranger().with("authorization", &format!("Bearer {token}")), None)
                }
            };
            let ended = end(&call(&mut reader, method, &address, mark.as_deref()).await);
            let expected = if answers(path, method) { end_for(meant_for(path, method), &asker) } else { End::NoMethod };
            let who = match asker {
                Asker::Nobody => "nobody".to_owned(),
                Asker::Person(role) => format!("a person who may {}", role.word()),
                Asker::Program(role) => format!("a program that may {}", role.word()),
            };
            // Calls of providers and links judge by themselves, and say no in their own ways.
            if !address.starts_with("/callback") {
                assert_eq!(ended, expected, "{method} {address} by {who}");
            }
            asked += 1;
        }
    }
    assert!(asked > 1_500, "{asked}");
}

#[tokio::test]
async fn whoever_may_not_learns_whom_to_ask() {
    let desk = Desk::new(sqlite().await);
    desk.account("quan.tri", Role::Admin).await;
    let id = desk.account("an.nguyen", Role::Editor).await;
    let mut reader = desk.signed_in(&id).await;
    let page = reader.get("/nguoi-dung").await;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
    for expected in ["Việc này chưa được giao cho bạn", "Cần vai trò “Quản trị”", "Người dùng quan.tri"]
    {
        assert!(page.body.contains(expected), "{expected}: {}", page.body);
    }
    assert!(page.body.contains("href=\"/nguoi-dung\""), "nothing is hidden");
}

#[tokio::test]
async fn a_person_of_some_units_sees_their_messages_and_no_others() {
    let fresh = sqlite().await;
    sample_catalog(&fresh.db).await;
    let own = parcel("07201", "a@xa.example", "Thư của đơn vị mình");
    let other = parcel("SCT", "b@sct.example", "Thư của đơn vị khác");
    capture(&fresh.db, &[own.clone(), other.clone()]).await;
    let desk = Desk::new(fresh);
    let unit = dondoc::catalog::unit_by_code(&desk.db, "07201").await.unwrap().unwrap();
    let id = desk.account_within("xa.an", Role::Viewer, Some(&unit)).await;
    let mut reader = desk.signed_in(&id).await;
    for path in ["/hop-thu-thu", "/hop-thu-thu?q=thu", &format!("/hop-thu-thu/{}", own.id)] {
        let page = reader.get(path).await;
        assert_eq!(page.status, StatusCode::OK, "{path}");
        assert!(
            page.body.contains("Thư của đơn vị mình") && !page.body.contains("đơn vị khác"),
            "{path}: {}",
            page.body
        );
    }
    for tail in ["", "/html", "/eml"] {
        let page = reader.get(&format!("/hop-thu-thu/{}{tail}", other.id)).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{tail}: what he may not see is not there for him");
    }
    let province = dondoc::catalog::unit_by_code(&desk.db, "24").await.unwrap().unwrap();
    let id = desk.account_within("tinh.an", Role::Viewer, Some(&province)).await;
    let page = desk.signed_in(&id).await.get("/hop-thu-thu").await;
    assert!(
        page.body.contains("đơn vị mình") && page.body.contains("đơn vị khác"),
        "all below the unit: {}",
        page.body
    );
}

#[tokio::test]
async fn a_token_is_shown_once_and_ends_when_it_is_revoked() {
    let desk = Desk::new(sqlite().await);
    let id = desk.account("quan.tri", Role::Admin).await;
    let mut admin = desk.signed_in(&id).await;
    let made = admin.post("/ma-truy-cap", &[("name", "Trung tâm <điều hành>"), ("role", "view")]).await;
    assert_eq!(made.status, StatusCode::OK);
    let token = made.body.split("<code>dondoc_").nth(1).unwrap().split('<').next().unwrap();
    let token = format!("dondoc_{token}");
    let list = admin.get("/ma-truy-cap").await.body;
    assert!(!list.contains(&token) && list.contains("Trung tâm &#60;điều hành&#62;"), "{list}");

    let mut program = desk.stranger().with("authorization", &format!("bearer {token}"));
    let me = program.get("/api/v1/me").await;
    assert_eq!((me.status, me.header("content-type")), (StatusCode::OK, "application/json"));
    let me: serde_json::Value = serde_json::from_str(&me.body).unwrap();
    assert_eq!((&me["name"], &me["role"]), (&"Trung tâm <điều hành>".into(), &"view".into()));

    let id = me["token"].as_str().unwrap();
    assert_eq!(admin.post(&format!("/ma-truy-cap/{id}/thu-hoi"), &[]).await.leads_to(), "/ma-truy-cap?xong=revoked");
    let gone = program.get("/api/v1/me").await;
    assert_eq!((gone.status, gone.header("www-authenticate")), (StatusCode::UNAUTHORIZED, "Bearer"));
    let again = admin.post(&format!("/ma-truy-cap/{id}/thu-hoi"), &[]).await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
}
