//! Sessions: what opens the pages, and what ends it.

use std::time::Duration;

use axum::http::StatusCode;
use dondoc::people::{self, By, Role, Terms};
use secrecy::SecretString;

use super::{Desk, PASSWORD, typed};
use crate::support::databases::{Fresh, conformance, sqlite};
use crate::support::reader::Reader;

conformance!(
    a_session_ends_when_it_is_idle_and_when_it_is_old,
    what_somebody_may_or_proves_himself_with_ends_his_sessions_when_it_changes,
    a_session_is_new_at_the_door_whatever_the_browser_brought,
    other_sessions_can_be_ended_and_those_of_others_cannot,
);

async fn is_in(reader: &mut Reader) -> bool {
    reader.get("/hop-thu-thu").await.status == StatusCode::OK
}

async fn a_session_ends_when_it_is_idle_and_when_it_is_old(fresh: Fresh) {
    let desk = Desk::new(fresh);
    let id = desk.account("an.nguyen", Role::Viewer).await;
    let mut idle = desk.signed_in(&id).await;
    let mut busy = desk.signed_in(&id).await;
    for _ in 0..35 {
        assert!(is_in(&mut busy).await);
        desk.clock.advance(Duration::from_mins(20));
    }
    assert!(!is_in(&mut idle).await, "nobody used it for half an hour");
    assert!(is_in(&mut busy).await);
    desk.clock.advance(Duration::from_mins(20));
    assert!(!is_in(&mut busy).await, "twelve hours are enough");
    let mut nearly = desk.signed_in(&id).await;
    desk.clock.advance(people::IDLE.saturating_sub(Duration::from_secs(1)));
    assert!(is_in(&mut nearly).await);
}

async fn what_somebody_may_or_proves_himself_with_ends_his_sessions_when_it_changes(fresh: Fresh) {
    let desk = Desk::new(fresh);
    desk.account("quan.tri", Role::Admin).await;
    let id = desk.account("an.nguyen", Role::Viewer).await;
    let (by, now) = (By::command("test"), desk.now());

    let mut reader = desk.signed_in(&id).await;
    let same = Terms { name: "Tên khác", role: Role::Viewer, scope: None };
    people::change(&desk.db, &id, same, &by, now).await.unwrap();
    assert!(is_in(&mut reader).await, "another name changes nothing");
    people::change(&desk.db, &id, Terms { role: Role::Editor, ..same }, &by, now).await.unwrap();
    assert!(!is_in(&mut reader).await, "another role");

    let mut reader = desk.signed_in(&id).await;
    people::disable(&desk.db, &id, &by, now).await.unwrap();
    assert!(!is_in(&mut reader).await, "disabled");
    assert_eq!(
        desk.stranger().send("/dang-nhap", &typed("an.nguyen", PASSWORD)).await.status,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    // Even one that was opened beside it is of no use.
    let mut beside = desk.signed_in(&id).await;
    assert!(!is_in(&mut beside).await);
    people::enable(&desk.db, &id, &by, now).await.unwrap();

    let (mut here, mut there) = (desk.signed_in(&id).await, desk.signed_in(&id).await);
    let before = here.cookies["__Host-dondoc"].clone();
    let words = "một mật khẩu hoàn toàn mới";
    let change = [("now", PASSWORD), ("password", words), ("again", words)];
    assert_eq!(here.post("/tai-khoan/mat-khau", &change).await.leads_to(), "/tai-khoan?xong=password_changed");
    assert_ne!(here.cookies["__Host-dondoc"], before, "a session of its own for the new password");
    assert!(is_in(&mut here).await && !is_in(&mut there).await);
    here.cookies.insert("__Host-dondoc".to_owned(), before);
    assert!(!is_in(&mut here).await, "the old one is dead on the server");

    let mut reader = desk.signed_in(&id).await;
    let given = SecretString::from("mật khẩu tạm thời 1");
    people::give_password(&desk.db, &desk.hasher, (&id, &given), &by, now).await.unwrap();
    assert!(!is_in(&mut reader).await, "another person gave him a password");
}

async fn a_session_is_new_at_the_door_whatever_the_browser_brought(fresh: Fresh) {
    let desk = Desk::new(fresh);
    let id = desk.account("an.nguyen", Role::Viewer).await;
    let mut planted = desk.stranger();
    planted.cookies.insert("__Host-dondoc".to_owned(), "A".repeat(32));
    assert_eq!(planted.send("/dang-nhap", &typed("an.nguyen", PASSWORD)).await.leads_to(), "/");
    assert_ne!(planted.cookies["__Host-dondoc"], "A".repeat(32));

    // One that was somebody's ends when another signs in over it.
    let mut shared = desk.signed_in(&id).await;
    let mut thief = shared.clone();
    assert!(is_in(&mut thief).await);
    assert_eq!(shared.send("/dang-nhap", &typed("an.nguyen", PASSWORD)).await.leads_to(), "/");
    assert!(is_in(&mut shared).await && !is_in(&mut thief).await);

    for forged in ["", "x", &"A".repeat(32), &"A".repeat(4_000), "' OR 1=1 --", "%00"] {
        let mut forger = desk.stranger();
        forger.cookies.insert("__Host-dondoc".to_owned(), forged.to_owned());
        assert!(!is_in(&mut forger).await, "{forged:?}");
    }
    // A name without the prefix, which a neighbouring host could set, is not looked at.
    let mut renamed = desk.stranger();
    renamed.cookies.insert("dondoc-plain".to_owned(), shared.cookies["__Host-dondoc"].clone());
    assert!(!is_in(&mut renamed).await);
}

async fn other_sessions_can_be_ended_and_those_of_others_cannot(fresh: Fresh) {
    let desk = Desk::new(fresh);
    let (an, binh) = (desk.account("an.nguyen", Role::Viewer).await, desk.account("binh.le", Role::Viewer).await);
    let id_of = |sessions: Vec<people::Session>| sessions.into_iter().map(|one| one.id_hash).collect::<Vec<_>>();
    let mut there = desk.signed_in(&an).await;
    let there_is = id_of(people::sessions(&desk.db, &an, desk.now()).await.unwrap());
    let (mut here, mut third) = (desk.signed_in(&an).await, desk.signed_in(&an).await);
    let mut foreign = desk.signed_in(&binh).await;
    let theirs = id_of(people::sessions(&desk.db, &binh, desk.now()).await.unwrap());
    here.post("/tai-khoan/phien", &[("session", &theirs[0])]).await;
    assert!(is_in(&mut foreign).await, "somebody else's session is not his to end");
    let page = there.get("/tai-khoan").await;
    assert!(page.body.contains("phiên này") && page.body.contains("Kết thúc mọi phiên khác"));
    assert!(is_in(&mut there).await);
    let ended = here.post("/tai-khoan/phien", &[("session", &there_is[0])]).await;
    assert_eq!(ended.leads_to(), "/tai-khoan?xong=sessions_ended");
    assert!(!is_in(&mut there).await && is_in(&mut third).await);
    here.post("/tai-khoan/phien", &[]).await;
    assert!(is_in(&mut here).await && !is_in(&mut third).await);
}

#[tokio::test]
async fn the_cookie_is_bound_to_this_host_and_script_never_sees_it() {
    let desk = Desk::new(sqlite().await);
    desk.account("an.nguyen", Role::Viewer).await;
    let entered = desk.stranger().send("/dang-nhap", &typed("an.nguyen", PASSWORD)).await;
    let cookies = entered.cookies();
    assert_eq!(cookies.len(), 2);
    for cookie in &cookies {
        assert!(cookie.starts_with("__Host-dondoc"), "{cookie}");
        for attribute in ["Path=/", "HttpOnly", "Secure", "SameSite=Strict"] {
            assert!(cookie.split("; ").any(|part| part == attribute), "{attribute}: {cookie}");
        }
        assert!(!cookie.contains("Domain"), "{cookie}");
    }
    assert!(!cookies[0].contains("Max-Age"), "it ends with the browser: {}", cookies[0]);
    let secret = cookies[0].split_once('=').unwrap().1.split(';').next().unwrap();
    assert_eq!(secret.len(), 32, "160 bits");
    assert_eq!(entered.header("cache-control"), "no-store");

    // Without TLS a browser would refuse those; the pages are for this machine then.
    let plain = Desk::known_as(sqlite().await, "http://127.0.0.1:8080");
    plain.account("an.nguyen", Role::Viewer).await;
    let mut reader = Reader::at(&plain.router, "127.0.0.1");
    let entered = reader.send("/dang-nhap", &typed("an.nguyen", PASSWORD)).await;
    for cookie in entered.cookies() {
        assert!(cookie.starts_with("dondoc-plain") && !cookie.contains("Secure"), "{cookie}");
        assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"), "{cookie}");
    }
    assert!(is_in(&mut reader).await);
}

#[tokio::test]
async fn the_database_holds_nothing_that_opens_a_session() {
    let desk = Desk::new(sqlite().await);
    let id = desk.account("an.nguyen", Role::Viewer).await;
    let reader = desk.signed_in(&id).await;
    let stored = people::sessions(&desk.db, &id, desk.now()).await.unwrap();
    let secret = &reader.cookies["__Host-dondoc"];
    assert!(!stored[0].id_hash.contains(secret.as_str()));
    let mut copied = desk.stranger();
    copied.cookies.insert("__Host-dondoc".to_owned(), stored[0].id_hash.clone());
    assert!(!is_in(&mut copied).await);
}
