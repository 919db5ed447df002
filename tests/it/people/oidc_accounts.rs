//! Whom the single sign-on vouches for is not yet let in: accounts, roles, the audit log, what the log says.

use std::io::Write;
use std::sync::{Arc, Mutex};

use dondoc::people::{self, By, Refusal, Role, Wanted};
use serde_json::json;

use super::Desk;
use super::oidc::{is_in, is_refused, newest, through};
use crate::support::databases::{Fresh, conformance, sqlite};
use crate::support::provider::Provider;
use crate::support::secrets::hold_nothing_private;

conformance!(
    who_has_no_account_or_a_disabled_one_is_told_and_written_down,
    roles_come_from_the_provider_where_it_gives_them
);

async fn who_has_no_account_or_a_disabled_one_is_told_and_written_down(fresh: Fresh) {
    let provider = Provider::start().await;
    let desk = Desk::vouched_by(fresh, provider.settings());
    let mut reader = desk.stranger();
    is_refused(&through(&mut reader, &provider).await, "chưa có tài khoản mang tên đăng nhập này");
    assert_eq!(newest(&desk).await, ("sign_in_refused".to_owned(), String::new(), "oidc: unknown".to_owned()));

    let id = desk.account("an.nguyen", Role::Viewer).await;
    people::disable(&desk.db, &id, &By::command("test"), desk.now()).await.unwrap();
    is_refused(&through(&mut reader, &provider).await, "Tài khoản này đang bị khóa");
    let subject = people::subject(&id);
    assert_eq!(newest(&desk).await, ("sign_in_refused".to_owned(), subject, "oidc: disabled".to_owned()));
    assert!(!is_in(&mut reader).await);

    // Letters that fold to another's name are not that name.
    desk.account("kiem.tra", Role::Admin).await;
    for looks_alike in ["\u{212a}iem.tra", "kıem.tra", "kiem.trа"] {
        provider.says("preferred_username", json!(looks_alike));
        let mut reader = desk.stranger();
        is_refused(&through(&mut reader, &provider).await, "Tên đăng nhập gồm 2 đến 60 chữ thường");
        assert!(!is_in(&mut reader).await, "{looks_alike}");
    }
    provider.says("preferred_username", json!("KIEM.TRA"));
    desk.clock.advance(std::time::Duration::from_mins(1));
    let mut reader = desk.stranger();
    through(&mut reader, &provider).await;
    assert!(is_in(&mut reader).await, "large letters are the same name, as at the door");
    assert!(matches!(people::verify(&desk.db, None).await.unwrap(), people::Verdict::Whole(_)));
}

async fn roles_come_from_the_provider_where_it_gives_them(fresh: Fresh) {
    let provider = Provider::start().await;
    let desk = Desk::vouched_by(fresh, provider.giving_roles());
    let role = |login: &'static str| {
        let db = desk.db.clone();
        async move { people::by_login(&db, login).await.unwrap().map(|account| (account.role, account.scope)) }
    };
    let mut reader = desk.stranger();
    is_refused(&through(&mut reader, &provider).await, "chưa giao vai trò nào");
    assert_eq!(newest(&desk).await.2, "oidc: no_role");
    assert_eq!(role("an.nguyen").await, None);

    provider.says("realm_access", json!({"roles": ["khac", "dvc-xem", "dvc-quan-tri"]}));
    through(&mut reader, &provider).await;
    assert!(is_in(&mut reader).await);
    assert_eq!(role("an.nguyen").await, Some((Role::Admin, None)), "an account is made");
    assert_eq!(people::by_login(&desk.db, "an.nguyen").await.unwrap().unwrap().name, "Văn thư");
    let entries = people::list(&desk.db, &Wanted::default()).await.unwrap();
    let made = entries.iter().find(|entry| entry.deed == "account_added").unwrap();
    assert_eq!((made.actor.as_str(), made.detail.as_str()), ("oidc", "role=admin scope=*"));

    provider.says("realm_access", json!({"roles": ["dvc-xem"]}));
    is_refused(&through(&mut desk.stranger(), &provider).await, "Đây là quản trị viên cuối cùng");
    assert_eq!(role("an.nguyen").await, Some((Role::Admin, None)), "somebody must be able to manage the others");

    let scoped = desk.account_within("xa.mot", Role::Viewer, Some("07201")).await;
    let mut elsewhere = desk.signed_in(&scoped).await;
    provider.says("preferred_username", json!("xa.mot"));
    provider.says("realm_access", json!({"roles": ["dvc-sua"]}));
    let mut reader = desk.stranger();
    through(&mut reader, &provider).await;
    assert_eq!(role("xa.mot").await, Some((Role::Editor, Some("07201".to_owned()))), "the scope stays");
    assert!(is_in(&mut reader).await && !is_in(&mut elsewhere).await, "another role ends what was open");
}

#[tokio::test]
async fn whoever_comes_in_vain_is_slowed_and_does_not_fill_the_audit_log() {
    let provider = Provider::start().await;
    let desk = Desk::vouched_by(sqlite().await, provider.settings());
    for number in 0..20 {
        let words = if number < 5 { "chưa có tài khoản" } else { "Đã thử quá nhiều lần" };
        is_refused(&through(&mut desk.stranger(), &provider).await, words);
    }
    assert_eq!(people::list(&desk.db, &Wanted::default()).await.unwrap().len(), 5);
}

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn the_log_holds_no_code_no_token_and_no_secret() {
    let log = Log::default();
    let into = log.clone();
    let lines = tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_writer(move || into.clone());
    let _kept = tracing::subscriber::set_default(lines.finish());
    let provider = Provider::start().await;
    let desk = Desk::vouched_by(sqlite().await, provider.settings());
    through(&mut desk.stranger(), &provider).await;
    desk.account("an.nguyen", Role::Viewer).await;
    let mut reader = desk.stranger();
    through(&mut reader, &provider).await;
    assert!(is_in(&mut reader).await);
    provider.says("aud", json!("another"));
    through(&mut desk.stranger(), &provider).await;
    provider.breaks();
    through(&mut desk.stranger(), &provider).await;
    let said = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(said.contains("the single sign-on proved nobody: Invalid audience"), "{said}");
    assert!(said.contains("the single sign-on cannot be used: "), "{said}");
    hold_nothing_private(&said);
    assert!(!said.contains(&reader.cookies["__Host-dondoc"]), "{said}");
    assert!(!format!("{:?}", dondoc::oidc::Provider::new(provider.settings())).contains("OIDC-SECRET"));
}

#[test]
fn every_refusal_says_what_to_do() {
    for refusal in [Refusal::Unknown, Refusal::Disabled, Refusal::NoRole] {
        assert!(refusal.to_string().contains("remedy:"), "{refusal}");
    }
}
