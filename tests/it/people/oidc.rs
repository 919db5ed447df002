//! Signing in by the province's single sign-on: whoever it vouches for comes in, and nothing else that comes back does.

use std::time::Duration;

use axum::http::StatusCode;
use dondoc::people::{self, By, Role, Wanted};
use secrecy::SecretString;
use serde_json::{Value, json};

use super::{Desk, PASSWORD, typed};
use crate::support::databases::{Fresh, conformance, sqlite};
use crate::support::mailbox::start;
use crate::support::provider::{Provider, Signed, fields};
use crate::support::reader::{Answer, Reader, brings_script};
use crate::support::relay::RealRelay;

const SESSION: &str = "__Host-dondoc";
const FLOW: &str = "__Host-dondoc-oidc";

conformance!(whoever_the_provider_vouches_for_comes_in, the_session_that_the_browser_had_ends);

/// Goes to `path` as another site's page leads there: of all cookies only those come along that are Lax.
pub(super) async fn led(reader: &mut Reader, path: &str) -> Answer {
    let kept = std::mem::take(&mut reader.cookies);
    reader
        .cookies
        .extend(kept.iter().filter(|(name, _)| *name == FLOW).map(|(name, value)| (name.clone(), value.clone())));
    let answer = reader.get(path).await;
    let given = std::mem::take(&mut reader.cookies);
    reader.cookies = kept;
    reader.cookies.remove(FLOW);
    reader.cookies.extend(given);
    answer
}

/// Where the provider leads back to after the button was pressed.
pub(super) async fn way_back(reader: &mut Reader, provider: &Provider) -> String {
    let address = reader.get("/dang-nhap/oidc").await.leads_to().to_owned();
    provider.lets_through(&address)
}

/// The whole way.
pub(super) async fn through(reader: &mut Reader, provider: &Provider) -> Answer {
    let back = way_back(reader, provider).await;
    led(reader, &back).await
}

/// Nobody came in, and `words` say why.
pub(super) fn is_refused(answer: &Answer, words: &str) {
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", answer.body);
    assert!(answer.body.contains(words), "{words}: {}", answer.body);
    assert!(
        !answer.cookies().iter().any(|cookie| cookie.starts_with(&format!("{SESSION}="))),
        "{:?}",
        answer.cookies()
    );
    assert!(answer.body.contains("href=\"/dang-nhap/oidc"), "he can try again");
}

pub(super) async fn is_in(reader: &mut Reader) -> bool {
    reader.get("/hop-thu-thu").await.status == StatusCode::OK
}

/// The newest entry of the audit log: deed, subject, what else there is to say.
pub(super) async fn newest(desk: &Desk) -> (String, String, String) {
    let wanted = Wanted { limit: 1, ..Wanted::default() };
    let entry = people::list(&desk.db, &wanted).await.unwrap().remove(0);
    (entry.deed, entry.subject, entry.detail)
}

async fn whoever_the_provider_vouches_for_comes_in(fresh: Fresh) {
    let provider = Provider::start().await;
    let desk = Desk::vouched_by(fresh, provider.settings());
    let id = desk.account("an.nguyen", Role::Viewer).await;
    let mut reader = desk.stranger();

    let door = reader.get("/dang-nhap?tiep=%2Fhop-thu-thu%3Fq%3Dsong%2Bmai").await;
    let button = "href=\"/dang-nhap/oidc?tiep=%2Fhop-thu-thu%3Fq%3Dsong%2Bmai\"";
    assert!(door.body.contains(button) && door.body.contains("Đăng nhập một lần"), "{}", door.body);
    assert!(door.body.contains("name=\"password\""), "passwords are taken as well");

    let begun = reader.get("/dang-nhap/oidc?tiep=%2Fhop-thu-thu%3Fq%3Dsong%2Bmai").await;
    let address = begun.leads_to().to_owned();
    let asked = fields(address.split_once('?').unwrap().1);
    assert_eq!(asked["redirect_uri"], "https://dondoc.tinh.example/dang-nhap/oidc/xong");
    let [kept] = begun.cookies().try_into().unwrap();
    assert!(kept.starts_with(&format!("{FLOW}=")), "{kept}");
    for attribute in ["Path=/", "HttpOnly", "Secure", "SameSite=Lax", "Max-Age=600"] {
        assert!(kept.contains(attribute), "{attribute}: {kept}");
    }
    for secret in [&asked["state"], &asked["nonce"]] {
        assert!(!kept.contains(secret.as_str()), "what the browser keeps is sealed");
    }

    let back = provider.lets_through(&address);
    let entered = led(&mut reader, &back).await;
    assert_eq!(entered.status, StatusCode::OK, "{}", entered.body);
    assert!(
        entered.body.contains("http-equiv=\"refresh\" content=\"0; url=/hop-thu-thu?q=song+mai\""),
        "{}",
        entered.body
    );
    assert!(!brings_script(&entered.body));
    let given = entered.cookies();
    let session = given.iter().find(|cookie| cookie.starts_with(&format!("{SESSION}="))).unwrap();
    for attribute in ["HttpOnly", "Secure", "SameSite=Strict"] {
        assert!(session.contains(attribute), "{attribute}: {session}");
    }
    assert!(
        given.iter().any(|cookie| cookie.starts_with(&format!("{FLOW}=;")) && cookie.contains("Max-Age=0")),
        "{given:?}"
    );
    let page = reader.get("/hop-thu-thu").await;
    assert!(page.body.contains("Người dùng an.nguyen"), "{}", page.body);
    let subject = people::subject(&id);
    assert_eq!(newest(&desk).await, ("signed_in".to_owned(), subject, "oidc: bound".to_owned()));
    assert_eq!(desk.hasher.checks(), 0, "no password is looked at");

    let again = desk.stranger().send("/dang-nhap", &typed("an.nguyen", PASSWORD)).await;
    assert_eq!(again.leads_to(), "/", "the password is good for the same account");
}

async fn the_session_that_the_browser_had_ends(fresh: Fresh) {
    let provider = Provider::start().await;
    let desk = Desk::vouched_by(fresh, provider.settings());
    let id = desk.account("an.nguyen", Role::Viewer).await;
    let mut reader = desk.signed_in(&id).await;
    let mut thief = reader.clone();
    assert!(is_in(&mut thief).await);
    through(&mut reader, &provider).await;
    assert!(is_in(&mut reader).await && !is_in(&mut thief).await);
    assert_ne!(reader.cookies[SESSION], thief.cookies[SESSION]);
}

#[tokio::test]
async fn a_password_that_was_given_need_not_be_changed_by_whom_the_provider_vouches_for() {
    let provider = Provider::start().await;
    let desk = Desk::vouched_by(sqlite().await, provider.settings());
    let id = desk.account("an.nguyen", Role::Viewer).await;
    let given = SecretString::from(PASSWORD);
    people::give_password(&desk.db, &desk.hasher, (&id, &given), &By::command("test"), desk.now()).await.unwrap();
    let mut reader = desk.stranger();
    through(&mut reader, &provider).await;
    assert!(is_in(&mut reader).await);
    let mut other = desk.stranger();
    assert_eq!(other.send("/dang-nhap", &typed("an.nguyen", PASSWORD)).await.leads_to(), "/");
    assert!(!is_in(&mut other).await, "by the password it must");
}

#[tokio::test]
async fn what_another_browser_began_or_was_used_or_is_old_lets_nobody_in() {
    let provider = Provider::start().await;
    let desk = Desk::vouched_by(sqlite().await, provider.settings());
    desk.account("an.nguyen", Role::Viewer).await;
    let lost = "đã dùng, đã quá 10 phút hoặc bắt đầu từ trình duyệt khác";

    // A link with somebody else's code, for a browser that began nothing, and for one that began something else.
    let mut attacker = desk.stranger();
    let planted = way_back(&mut attacker, &provider).await;
    is_refused(&led(&mut desk.stranger(), &planted).await, lost);
    let mut victim = desk.stranger();
    way_back(&mut victim, &provider).await;
    is_refused(&led(&mut victim, &planted).await, lost);

    // A state that is wrong, missing, or there twice.
    for twist in ["state=", "x=", "state=x&state="] {
        let mut reader = desk.stranger();
        let back = way_back(&mut reader, &provider).await;
        let answer = led(&mut reader, &back.replacen("state=", twist, 1).replace("state=&", "state=x&")).await;
        if twist != "state=" {
            is_refused(&answer, lost);
        }
    }
    let mut reader = desk.stranger();
    let back = way_back(&mut reader, &provider).await;
    let (before, state) = back.split_once("state=").unwrap();
    is_refused(&led(&mut reader, &format!("{before}state=A{}", &state[1..])).await, lost);

    // The same once more: the browser has nothing any more, and with a copy of it the provider does not take the code.
    let mut reader = desk.stranger();
    let back = way_back(&mut reader, &provider).await;
    let mut copy = reader.clone();
    led(&mut reader, &back).await;
    assert!(is_in(&mut reader).await);
    is_refused(&led(&mut reader, &back).await, lost);
    is_refused(&led(&mut copy, &back).await, "không xác nhận danh tính");

    // Ten minutes later.
    let mut reader = desk.stranger();
    let back = way_back(&mut reader, &provider).await;
    desk.clock.advance(Duration::from_mins(10));
    is_refused(&led(&mut reader, &back).await, lost);

    // The provider says no, and a page of somebody else's cannot put its words on ours.
    let mut reader = desk.stranger();
    let back = way_back(&mut reader, &provider).await;
    let state = &fields(back.split_once('?').unwrap().1)["state"];
    let denied = format!("/dang-nhap/oidc/xong?error=access_denied&error_description=%3Cb%3ESEE&state={state}");
    let answer = led(&mut reader, &denied).await;
    is_refused(&answer, "không xác nhận danh tính");
    assert!(!answer.body.contains("SEE"));

    // Another provider answers.
    let mut reader = desk.stranger();
    let back = way_back(&mut reader, &provider).await;
    let (before, _) = back.split_once("&iss=").unwrap();
    is_refused(
        &led(&mut reader, &format!("{before}&iss=https%3A%2F%2Fevil.example")).await,
        "không xác nhận danh tính",
    );
}

#[tokio::test]
async fn a_token_that_does_not_prove_who_it_is_for_whom_and_until_when_lets_nobody_in() {
    let provider = Provider::start().await;
    let desk = Desk::vouched_by(sqlite().await, provider.settings());
    desk.account("an.nguyen", Role::Viewer).await;
    let at = start().timestamp();
    let twists: [(&str, &str, Value); 14] = [
        ("another browser's", "nonce", json!("A".repeat(32))),
        ("no nonce", "nonce", Value::Null),
        ("over", "exp", json!(at - 61)),
        ("without an end", "exp", Value::Null),
        ("from the future", "iat", json!(at + 120)),
        ("for another", "aud", json!("another")),
        ("for another too", "aud", json!(["dondoc", "another"])),
        ("for nobody", "aud", Value::Null),
        ("made for another", "azp", json!("another")),
        ("by another", "iss", json!("https://evil.example")),
        ("by nobody", "iss", Value::Null),
        ("without a login name", "preferred_username", Value::Null),
        ("with an empty one", "preferred_username", json!(" ")),
        ("with one that is no text", "preferred_username", json!(["an.nguyen"])),
    ];
    for (what, claim, value) in twists {
        provider.says_only(&json!({"preferred_username": "an.nguyen"}));
        provider.says(claim, value);
        let mut reader = desk.stranger();
        let answer = through(&mut reader, &provider).await;
        assert!(!is_in(&mut reader).await, "{what}");
        is_refused(&answer, "không xác nhận danh tính");
    }
    provider.says_only(&json!({"preferred_username": "an.nguyen"}));
    for signed in [Signed::ByAnother, Signed::WithSecret, Signed::NotAtAll] {
        provider.signs(signed);
        let mut reader = desk.stranger();
        is_refused(&through(&mut reader, &provider).await, "không xác nhận danh tính");
        assert!(!is_in(&mut reader).await, "{signed:?}");
    }
    provider.signs(Signed::Well);
    provider.says("exp", json!(at - 30));
    let mut reader = desk.stranger();
    through(&mut reader, &provider).await;
    assert!(is_in(&mut reader).await, "two clocks may differ by a minute");
    assert_eq!(newest(&desk).await.0, "signed_in");
}

#[tokio::test]
async fn a_key_that_is_new_is_looked_for_and_one_that_is_not_published_is_not_believed() {
    let provider = Provider::start().await;
    let desk = Desk::vouched_by(sqlite().await, provider.settings());
    desk.account("an.nguyen", Role::Viewer).await;
    for _ in 0..3 {
        let mut reader = desk.stranger();
        through(&mut reader, &provider).await;
        assert!(is_in(&mut reader).await);
    }
    assert_eq!(provider.asked_for_keys(), 1, "keys are kept");
    provider.rotates("two", false);
    is_refused(&through(&mut desk.stranger(), &provider).await, "không xác nhận danh tính");
    provider.publishes();
    let mut reader = desk.stranger();
    through(&mut reader, &provider).await;
    assert!(is_in(&mut reader).await);
    assert_eq!(provider.asked_for_keys(), 3);
    desk.clock.advance(Duration::from_hours(1));
    through(&mut desk.stranger(), &provider).await;
    assert_eq!(provider.asked_for_keys(), 4, "for an hour");

    provider.takes_rsa("three", &RealRelay::find().rsa_key());
    let mut reader = desk.stranger();
    through(&mut reader, &provider).await;
    assert!(is_in(&mut reader).await, "RSA is as good");
}

#[tokio::test]
async fn a_provider_that_is_down_is_told_of_in_plain_words_and_passwords_still_open() {
    let settings = {
        let provider = Provider::start().await;
        provider.settings()
    };
    let desk = Desk::vouched_by(sqlite().await, settings);
    desk.account("an.nguyen", Role::Viewer).await;
    let mut reader = desk.stranger();
    let answer = reader.get("/dang-nhap/oidc?tiep=%2Fnhat-ky").await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    let words = "Hiện không kết nối được với hệ thống đăng nhập một lần. Đề nghị thử lại sau ít phút";
    assert!(answer.body.contains(words) && answer.body.contains("name=\"password\""), "{}", answer.body);
    assert_eq!(answer.field("tiep"), "/nhat-ky");
    assert_eq!(reader.send("/dang-nhap", &typed("an.nguyen", PASSWORD)).await.leads_to(), "/");

    let provider = Provider::start().await;
    let desk = Desk::vouched_by(sqlite().await, provider.settings());
    let mut reader = desk.stranger();
    let back = way_back(&mut reader, &provider).await;
    provider.breaks();
    let answer = led(&mut reader, &back).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(answer.body.contains(words) && !answer.body.contains("out of order"), "{}", answer.body);
}

#[tokio::test]
async fn the_way_back_leads_to_pages_of_ours_and_nowhere_else() {
    let provider = Provider::start().await;
    let desk = Desk::vouched_by(sqlite().await, provider.settings());
    desk.account("an.nguyen", Role::Viewer).await;
    for outside in ["https%3A%2F%2Fevil.example", "%2F%2Fevil.example", "%2F%5Cevil.example", "javascript%3Aalert(1)"] {
        let mut reader = desk.stranger();
        let begun = reader.get(&format!("/dang-nhap/oidc?tiep={outside}")).await;
        let back = provider.lets_through(begun.leads_to());
        let entered = led(&mut reader, &format!("{back}&tiep={outside}")).await;
        assert!(entered.body.contains("content=\"0; url=/\""), "{outside}: {}", entered.body);
        assert!(!entered.body.contains("evil") && !entered.body.contains("alert"), "{outside}");
    }
}

#[tokio::test]
async fn without_a_single_sign_on_there_is_no_button_and_no_way() {
    let desk = Desk::new(sqlite().await);
    assert!(!desk.stranger().get("/dang-nhap").await.body.contains("oidc"));
    for path in ["/dang-nhap/oidc", "/dang-nhap/oidc/xong?code=x&state=x"] {
        assert_eq!(desk.stranger().get(path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
}

#[tokio::test]
async fn where_passwords_are_not_taken_nobody_comes_in_by_one() {
    let provider = Provider::start().await;
    let button = Some("Đăng nhập bằng tài khoản của tỉnh".to_owned());
    let settings = dondoc::oidc::Settings { password: false, button, ..provider.settings() };
    let desk = Desk::vouched_by(sqlite().await, settings);
    desk.account("an.nguyen", Role::Viewer).await;
    let mut reader = desk.stranger();
    let door = reader.get("/dang-nhap").await;
    assert!(door.body.contains("Đăng nhập bằng tài khoản của tỉnh") && !door.body.contains("name=\"password\""));
    let answer = reader.send("/dang-nhap", &typed("an.nguyen", PASSWORD)).await;
    is_refused(&answer, "Hệ thống này không nhận mật khẩu");
    assert_eq!(desk.hasher.checks(), 0);
    through(&mut reader, &provider).await;
    assert!(is_in(&mut reader).await);
}
