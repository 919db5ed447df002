//! Signing in: with a password, with a second factor, and out again.

use std::time::Duration;

use axum::http::StatusCode;
use dondoc::people::{self, Refusal, Role, Wanted};
use secrecy::SecretString;

use super::{Desk, PASSWORD, typed};
use crate::support::databases::{Fresh, conformance, sqlite};
use crate::support::reader::Reader;

conformance!(
    whoever_is_known_signs_in_and_nobody_else,
    a_second_factor_is_asked_for_once_it_is_on,
    a_code_is_good_once_and_a_recovery_code_too,
    a_password_that_was_given_must_be_changed_first,
    accounts_keep_their_rules,
);

async fn whoever_is_known_signs_in_and_nobody_else(fresh: Fresh) {
    let desk = Desk::new(fresh);
    desk.account("an.nguyen", Role::Viewer).await;
    let mut reader = desk.stranger();
    assert_eq!(reader.get("/").await.leads_to(), "/dang-nhap");
    let door = reader.get("/hop-thu-thu?q=song+mai").await;
    assert_eq!(door.leads_to(), "/dang-nhap?tiep=%2Fhop-thu-thu%3Fq%3Dsong%2Bmai");
    let page = reader.get("/dang-nhap?tiep=%2Fhop-thu-thu%3Fq%3Dsong%2Bmai").await;
    assert_eq!(page.status, StatusCode::OK);
    assert_eq!(page.field("tiep").replace("&#38;", "&"), "/hop-thu-thu?q=song+mai");

    let unknown = reader.send("/dang-nhap", &typed("ai.do", PASSWORD)).await;
    let wrong = reader.send("/dang-nhap", &typed("an.nguyen", "mật khẩu khác hẳn")).await;
    assert_eq!((unknown.status, wrong.status), (StatusCode::UNPROCESSABLE_ENTITY, StatusCode::UNPROCESSABLE_ENTITY));
    assert_eq!(unknown.body.replace("ai.do", "?"), wrong.body.replace("an.nguyen", "?"), "nobody learns which it was");
    assert_eq!(desk.hasher.checks(), 2, "an unknown name costs as much as a known one");
    assert!(wrong.cookies().is_empty());

    let mut fields = typed(" AN.Nguyen ", PASSWORD).to_vec();
    fields.push(("tiep", "/hop-thu-thu?q=song+mai"));
    let entered = reader.send("/dang-nhap", &fields).await;
    assert_eq!(entered.leads_to(), "/hop-thu-thu?q=song+mai");
    let page = reader.get("/hop-thu-thu").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.body.contains("Người dùng an.nguyen") && page.body.contains("Đăng xuất"), "{}", page.body);

    assert_eq!(reader.get("/dang-nhap?tiep=%2Fnhat-ky").await.leads_to(), "/nhat-ky", "he is signed in already");

    let left = reader.post("/dang-xuat", &[]).await;
    assert_eq!(left.leads_to(), "/dang-nhap?xong=signed_out");
    assert!(!reader.cookies.contains_key("__Host-dondoc"));
    assert_eq!(reader.get("/hop-thu-thu").await.status, StatusCode::SEE_OTHER);
    let deeds: Vec<String> = log(&desk).await;
    assert_eq!(deeds, ["account_added", "sign_in_refused", "signed_in", "signed_out"]);
}

/// The deeds so far, oldest first.
async fn log(desk: &Desk) -> Vec<String> {
    let mut entries = people::list(&desk.db, &Wanted::default()).await.unwrap();
    entries.reverse();
    entries.into_iter().map(|entry| entry.deed).collect()
}

/// The six digits of a secret's step.
fn code(secret: &SecretString, at: i64) -> String {
    let fits = |code: &String| people::factor_step(secret, code, at, 0) == Some(at.div_euclid(30));
    (0..1_000_000).map(|code| format!("{code:06}")).find(fits).unwrap()
}

/// Switches the second factor on as a person does. Returns the secret and the codes on paper.
async fn switch_on(desk: &Desk, reader: &mut Reader) -> (SecretString, Vec<String>) {
    let page = reader.get("/tai-khoan/buoc-hai").await;
    assert_eq!(page.status, StatusCode::OK);
    let mut shown = page.body.split("<code>").skip(1).map(|rest| rest.split('<').next().unwrap().to_owned());
    let secret = SecretString::from(shown.next().unwrap().replace(' ', ""));
    let codes: Vec<String> = shown.collect();
    let (offer, code) = (page.field("offer"), code(&secret, desk.now().timestamp()));
    let fields = [("offer", offer.as_str()), ("code", &code), ("now", "sai")];
    assert_eq!(reader.post("/tai-khoan/buoc-hai", &fields).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    let fields = [("offer", offer.as_str()), ("code", "000000"), ("now", PASSWORD)];
    assert_eq!(reader.post("/tai-khoan/buoc-hai", &fields).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    let fields = [("offer", offer.as_str()), ("code", &code), ("now", PASSWORD)];
    assert_eq!(reader.post("/tai-khoan/buoc-hai", &fields).await.leads_to(), "/tai-khoan?xong=factor_on");
    (secret, codes)
}

async fn a_second_factor_is_asked_for_once_it_is_on(fresh: Fresh) {
    let desk = Desk::new(fresh);
    let id = desk.account("an.nguyen", Role::Viewer).await;
    let mut own = desk.signed_in(&id).await;
    let (secret, codes) = switch_on(&desk, &mut own).await;
    assert_eq!(codes.len(), 8);
    assert!(own.get("/tai-khoan").await.body.contains("Còn 8 mã khôi phục"));

    desk.clock.advance(Duration::from_secs(90));
    let mut reader = desk.stranger();
    let without = reader.send("/dang-nhap", &typed("an.nguyen", PASSWORD)).await;
    assert_eq!(without.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(without.body.contains("Tên đăng nhập, mật khẩu hoặc mã xác thực không đúng"));
    let code = code(&secret, desk.now().timestamp());
    let [login, password] = typed("an.nguyen", PASSWORD);
    assert_eq!(reader.send("/dang-nhap", &[login, password, ("code", &code)]).await.leads_to(), "/");

    // A copy of the database gives nothing away.
    let stored = people::by_login(&desk.db, "an.nguyen").await.unwrap().unwrap();
    assert!(!format!("{stored:?}").contains("argon2"), "secrets are never printed");

    let off = own.post("/tai-khoan/buoc-hai/tat", &[("now", PASSWORD)]).await;
    assert_eq!(off.leads_to(), "/tai-khoan?xong=factor_off");
    assert_eq!(desk.stranger().send("/dang-nhap", &typed("an.nguyen", PASSWORD)).await.leads_to(), "/");
}

async fn a_code_is_good_once_and_a_recovery_code_too(fresh: Fresh) {
    let desk = Desk::new(fresh);
    let id = desk.account("an.nguyen", Role::Viewer).await;
    let mut own = desk.signed_in(&id).await;
    let (secret, codes) = switch_on(&desk, &mut own).await;
    desk.clock.advance(Duration::from_mins(2));
    let first = code(&secret, desk.now().timestamp());
    let [login, password] = typed("an.nguyen", PASSWORD);
    assert_eq!(desk.stranger().send("/dang-nhap", &[login, password, ("code", &first)]).await.leads_to(), "/");
    let again = desk.stranger().send("/dang-nhap", &[login, password, ("code", &first)]).await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY, "a code that was seen over a shoulder is of no use");

    let paper = codes[2].to_lowercase();
    assert_eq!(desk.stranger().send("/dang-nhap", &[login, password, ("code", &paper)]).await.leads_to(), "/");
    let again = desk.stranger().send("/dang-nhap", &[login, password, ("code", &paper)]).await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(own.get("/tai-khoan").await.body.contains("Còn 7 mã khôi phục"));
}

async fn a_password_that_was_given_must_be_changed_first(fresh: Fresh) {
    let desk = Desk::new(fresh);
    let admin = desk.account("quan.tri", Role::Admin).await;
    let mut admin = desk.signed_in(&admin).await;
    let fields = [
        ("name", "Văn thư"),
        ("login", "van.thu"),
        ("role", "view"),
        ("scope", ""),
        ("password", "mật khẩu tạm thời 1"),
    ];
    assert_eq!(admin.post("/nguoi-dung", &fields).await.leads_to(), "/nguoi-dung?xong=added");

    let mut reader = desk.stranger();
    assert_eq!(reader.send("/dang-nhap", &typed("van.thu", "mật khẩu tạm thời 1")).await.leads_to(), "/");
    assert_eq!(reader.get("/hop-thu-thu").await.leads_to(), "/tai-khoan", "nothing else before that");
    assert!(reader.get("/tai-khoan").await.body.contains("Mật khẩu này do người khác đặt"));
    let change =
        [("now", "mật khẩu tạm thời 1"), ("password", "một câu chỉ mình biết"), ("again", "một câu chỉ mình biết")];
    let changed = reader.post("/tai-khoan/mat-khau", &change).await;
    assert_eq!(changed.leads_to(), "/tai-khoan?xong=password_changed");
    assert_eq!(reader.get("/hop-thu-thu").await.status, StatusCode::OK);
}

async fn accounts_keep_their_rules(fresh: Fresh) {
    let desk = Desk::new(fresh);
    let admin = desk.account("quan.tri", Role::Admin).await;
    let mut reader = desk.signed_in(&admin).await;
    assert!(reader.get("/nguoi-dung").await.body.contains("Nên có ít nhất hai quản trị viên"));
    let good = [("name", "Văn thư"), ("login", "van.thu"), ("role", "view"), ("password", PASSWORD)];
    for (field, value, refusal) in [
        ("login", "Văn Thư", Refusal::LoginForm),
        ("login", "quan.tri", Refusal::LoginTaken),
        ("login", "x", Refusal::LoginForm),
        ("name", " ", Refusal::NameForm),
        ("name", "a\nb", Refusal::NameForm),
        ("password", "ngắn", Refusal::PasswordWeak),
        ("password", "van.thu van.thu", Refusal::PasswordWeak),
        ("scope", "99999", Refusal::NoUnit),
    ] {
        let mut fields = good.to_vec();
        fields.retain(|(name, _)| *name != field);
        fields.push((field, value));
        let answer = reader.post("/nguoi-dung", &fields).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{field}={value}");
        assert!(answer.body.contains("Chưa thực hiện được."), "{refusal:?}: {}", answer.body);
        assert!(!answer.body.contains(PASSWORD), "a password is never shown again");
    }
    // Nobody could let anybody in any more.
    for path in [format!("/nguoi-dung/{admin}/khoa"), format!("/nguoi-dung/{admin}")] {
        let answer = reader.post(&path, &[("name", "Quản trị"), ("role", "view")]).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{path}");
        assert!(answer.body.contains("quản trị viên cuối cùng"), "{}", answer.body);
    }
    desk.account("thu.hai", Role::Admin).await;
    assert!(!reader.get("/nguoi-dung").await.body.contains("Nên có ít nhất hai quản trị viên"));
    let gone = reader.post(&format!("/nguoi-dung/{admin}/khoa"), &[]).await;
    assert_eq!(gone.leads_to(), format!("/nguoi-dung/{admin}?xong=disabled"));
    assert_eq!(reader.get("/nguoi-dung").await.leads_to(), "/dang-nhap?tiep=%2Fnguoi-dung", "he shut himself out");
}

#[tokio::test]
async fn a_demonstration_asks_nobody_who_he_is() {
    use dondoc::web::{self, Mode, Site};
    let fresh = sqlite().await;
    let desk = Desk::new(sqlite().await);
    let pages = web::router(Site::new(fresh.db.clone(), desk.clock.clone(), Mode::Demo));
    let mut reader = Reader::new(&pages);
    assert_eq!(reader.get("/hop-thu-thu").await.status, StatusCode::OK);
    for path in ["/dang-nhap", "/thiet-lap", "/nguoi-dung", "/nhat-ky", "/tai-khoan", "/ma-truy-cap"] {
        assert_eq!(reader.get(path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
}
