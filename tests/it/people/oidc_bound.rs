//! An account belongs to whom the single sign-on vouched for first; claims that only its user info tells; signing out there.

use axum::http::StatusCode;
use dondoc::people::{self, Role};
use serde_json::json;

use super::oidc::{is_in, is_refused, newest, through};
use super::{Desk, PASSWORD, typed};
use crate::support::databases::{Fresh, conformance, sqlite};
use crate::support::provider::{Provider, fields};

conformance!(
    an_account_belongs_to_whom_the_provider_vouched_for_first,
    whoever_is_called_otherwise_by_now_comes_in_as_before
);

async fn an_account_belongs_to_whom_the_provider_vouched_for_first(fresh: Fresh) {
    let provider = Provider::start().await;
    let desk = Desk::vouched_by(fresh, provider.settings());
    let id = desk.account("an.nguyen", Role::Viewer).await;
    let admin = desk.account("quan.tri", Role::Admin).await;
    let subject = people::subject(&id);
    provider.says("sub", json!("first"));
    let mut reader = desk.stranger();
    through(&mut reader, &provider).await;
    assert_eq!(newest(&desk).await, ("signed_in".to_owned(), subject.clone(), "oidc: bound".to_owned()));
    through(&mut reader, &provider).await;
    assert_eq!(newest(&desk).await.2, "oidc", "once");
    let issuer = provider.settings().issuer;
    assert_eq!(people::by_id(&desk.db, &id).await.unwrap().unwrap().bound_to.as_ref(), Some(&issuer));

    // Somebody else who calls himself so.
    provider.says("sub", json!("second"));
    let mut other = desk.stranger();
    is_refused(&through(&mut other, &provider).await, "đã gắn với người khác của hệ thống đăng nhập một lần");
    assert!(!is_in(&mut other).await && is_in(&mut reader).await);
    assert_eq!(newest(&desk).await, ("sign_in_refused".to_owned(), subject.clone(), "oidc: bound".to_owned()));

    // The account changes hands.
    let mut manager = desk.signed_in(&admin).await;
    let path = format!("/nguoi-dung/{id}");
    let page = manager.get(&path).await;
    assert!(page.body.contains("Gỡ liên kết") && page.body.contains(&issuer), "{}", page.body);
    let done = manager.post(&format!("{path}/dang-nhap-mot-lan/bo"), &[]).await;
    assert_eq!(done.leads_to(), format!("{path}?xong=unbound"));
    assert_eq!(newest(&desk).await, ("account_unbound".to_owned(), subject.clone(), String::new()));
    assert!(!is_in(&mut reader).await, "his sessions ended");
    assert!(!manager.get(&path).await.body.contains("Gỡ liên kết"));
    through(&mut other, &provider).await;
    assert!(is_in(&mut other).await);
    provider.says("sub", json!("first"));
    is_refused(&through(&mut reader, &provider).await, "đã gắn với người khác");
}

async fn whoever_is_called_otherwise_by_now_comes_in_as_before(fresh: Fresh) {
    let provider = Provider::start().await;
    let desk = Desk::vouched_by(fresh, provider.settings());
    let id = desk.account("an.nguyen", Role::Viewer).await;
    desk.account("quan.tri", Role::Admin).await;
    provider.says("sub", json!("first"));
    through(&mut desk.stranger(), &provider).await;
    for called in ["quan.tri", "nguyễn.an"] {
        provider.says("preferred_username", json!(called));
        let mut reader = desk.stranger();
        through(&mut reader, &provider).await;
        assert!(is_in(&mut reader).await, "{called}");
        assert_eq!(newest(&desk).await, ("signed_in".to_owned(), people::subject(&id), "oidc".to_owned()), "{called}");
        let page = reader.get("/nguoi-dung").await;
        assert_eq!(page.status, StatusCode::FORBIDDEN, "the account's role, not that of the name");
    }
}

#[tokio::test]
async fn a_claim_that_the_token_lacks_is_asked_of_the_user_info_of_the_same_person() {
    let provider = Provider::start().await;
    provider.says("preferred_username", json!(null));
    provider.says("sub", json!("first"));
    provider
        .tells(json!({"preferred_username": "an.nguyen", "realm_access": {"roles": ["dvc-sua"]}, "aud": "another"}));
    let desk = Desk::vouched_by(sqlite().await, provider.giving_roles());
    let mut reader = desk.stranger();
    through(&mut reader, &provider).await;
    assert!(is_in(&mut reader).await);
    let account = people::by_login(&desk.db, "an.nguyen").await.unwrap().unwrap();
    assert_eq!(account.role, Role::Editor);

    // What the token says stands.
    provider.says("realm_access", json!({"roles": ["dvc-xem"]}));
    through(&mut desk.stranger(), &provider).await;
    assert_eq!(people::by_id(&desk.db, &account.id).await.unwrap().unwrap().role, Role::Viewer);

    provider.tells(json!({"preferred_username": "quan.tri", "sub": "another"}));
    let answer = through(&mut desk.stranger(), &provider).await;
    is_refused(&answer, "không xác nhận danh tính");
}

#[tokio::test]
async fn who_came_by_the_provider_is_signed_out_there_too() {
    let provider = Provider::start().await;
    provider.ends_sessions();
    let desk = Desk::vouched_by(sqlite().await, provider.settings());
    let id = desk.account("an.nguyen", Role::Viewer).await;
    let mut reader = desk.stranger();
    through(&mut reader, &provider).await;
    let out = reader.post("/dang-xuat", &[]).await;
    assert_eq!(out.status, StatusCode::OK, "{}", out.body);
    let link = out.body.split("<a class=\"button\" href=\"").nth(1).unwrap().split('"').next().unwrap();
    let link = link.replace("&#38;", "&").replace("&amp;", "&");
    let (endpoint, query) = link.split_once('?').unwrap();
    assert_eq!(endpoint, format!("{}/logout", provider.settings().issuer));
    let asked = fields(query);
    assert_eq!(asked["client_id"], "dondoc");
    assert_eq!(asked["post_logout_redirect_uri"], "https://dondoc.tinh.example/dang-nhap");
    assert_eq!(asked.len(), 2, "nothing of the person");
    assert!(out.body.contains("http-equiv=\"refresh\""), "{}", out.body);
    assert!(!is_in(&mut reader).await);
    assert_eq!(newest(&desk).await, ("signed_out".to_owned(), people::subject(&id), String::new()));

    // Whoever typed a password has no session there, and one that announces no end is not gone to.
    let mut typing = desk.stranger();
    typing.send("/dang-nhap", &typed("an.nguyen", PASSWORD)).await;
    assert_eq!(typing.post("/dang-xuat", &[]).await.leads_to(), "/dang-nhap?xong=signed_out");
    let silent = Provider::start().await;
    let desk = Desk::vouched_by(sqlite().await, silent.settings());
    desk.account("an.nguyen", Role::Viewer).await;
    let mut reader = desk.stranger();
    through(&mut reader, &silent).await;
    assert_eq!(reader.post("/dang-xuat", &[]).await.leads_to(), "/dang-nhap?xong=signed_out");
}
