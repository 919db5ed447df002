//! The pages in words: languages, and what comes after a form.

use axum::http::StatusCode;
use dondoc::people::Role;

use super::Desk;
use crate::support::databases::sqlite;

#[tokio::test]
async fn the_pages_speak_the_language_that_somebody_chose() {
    let desk = Desk::new(sqlite().await);
    let id = desk.account("quan.tri", Role::Admin).await;
    let mut reader = desk.signed_in(&id).await;
    let page = reader.get("/nguoi-dung").await.body;
    assert!(page.contains("<html lang=\"vi\">") && page.contains("Thêm người dùng"), "{page}");
    let mut english = reader.clone().with("accept-language", "en-GB,en;q=0.9");
    let page = english.get("/nguoi-dung").await.body;
    assert!(page.contains("<html lang=\"en\">") && page.contains("Add a person"), "{page}");
    let chosen = reader.post("/ngon-ngu", &[("tongue", "en"), ("tiep", "/tai-khoan")]).await;
    assert_eq!(chosen.leads_to(), "/tai-khoan");
    assert!(reader.get("/tai-khoan").await.body.contains("Two-step sign-in"));
    assert!(reader.get("/hop-thu-thu").await.body.contains("<html lang=\"en\">"));
    reader.post("/ngon-ngu", &[("tongue", "xx"), ("tiep", "/tai-khoan")]).await;
    assert!(reader.get("/tai-khoan").await.body.contains("Two-step sign-in"), "what is no language changes nothing");
}

#[tokio::test]
async fn a_form_leads_on_to_a_page_that_says_what_was_done() {
    let desk = Desk::new(sqlite().await);
    let admin = desk.account("quan.tri", Role::Admin).await;
    let id = desk.account("an.nguyen", Role::Viewer).await;
    let mut reader = desk.signed_in(&admin).await;
    let person = format!("/nguoi-dung/{id}");
    for (path, fields, said) in [
        ("", vec![("name", "Tên mới"), ("role", "edit")], "Đã lưu."),
        ("/khoa", vec![], "Đã khóa tài khoản."),
        ("/mo-khoa", vec![], "Đã mở khóa tài khoản."),
        ("/mat-khau", vec![("password", "mật khẩu tạm thời 2")], "Đã cấp mật khẩu mới."),
    ] {
        let done = reader.post(&format!("{person}{path}"), &fields).await;
        let next = done.leads_to().to_owned();
        let page = reader.get(&next).await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(page.body.contains(said) && page.body.contains("Tên mới"), "{path}: {}", page.body);
    }
    assert!(reader.get(&person).await.body.contains("<option value=\"edit\" selected>"));
    let missing = reader.post("/nguoi-dung/khong-co/khoa", &[]).await;
    assert_eq!(missing.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn without_a_key_the_page_says_why_there_is_no_second_factor() {
    use dondoc::web::{self, Mode, Site};
    let desk = Desk::new(sqlite().await);
    let id = desk.account("an.nguyen", Role::Viewer).await;
    let mut reader = desk.signed_in(&id).await;
    let site = Site::new(desk.db.clone(), desk.clock.clone(), Mode::Daemon);
    let site = site.with_schedules(&[], "https://dondoc.tinh.example").with_people(&dondoc::seal::Keys::default(), &[]);
    let mut keyless = crate::support::reader::Reader::new(&web::router(site));
    keyless.cookies = std::mem::take(&mut reader.cookies);
    let page = keyless.get("/tai-khoan/buoc-hai").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.body.contains("[secrets] key_file") && !page.body.contains("otpauth:"), "{}", page.body);
}
