//! The first administrator: by a code from the machine, once.

use std::time::Duration;

use axum::http::StatusCode;
use dondoc::people::{self, By, PeopleError, Refusal, Role};

use super::{Desk, PASSWORD};
use crate::support::databases::{Fresh, conformance, sqlite};
use crate::support::reader::Reader;

conformance!(
    the_first_administrator_comes_with_a_code_and_the_page_is_gone_then,
    a_code_is_good_once_for_half_an_hour_and_only_the_newest,
    two_who_come_at_once_make_one_administrator,
);

async fn code(desk: &Desk) -> String {
    people::setup_code(&desk.db, &By::command("test"), desk.now()).await.unwrap().0
}

fn form<'a>(code: &'a str, login: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![("code", code), ("login", login), ("name", "Quản trị"), ("password", PASSWORD), ("again", PASSWORD)]
}

async fn the_first_administrator_comes_with_a_code_and_the_page_is_gone_then(fresh: Fresh) {
    let desk = Desk::known_as(fresh, "http://127.0.0.1:8080");
    // At the machine itself the pages are shown, and say how to begin; from elsewhere they are not.
    let mut here = Reader::at(&desk.router, "127.0.0.1");
    let page = here.get("/hop-thu-thu").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.body.contains("CHƯA CÓ TÀI KHOẢN") && page.body.contains("dondoc setup-code"), "{}", page.body);
    assert_eq!(here.get("/nguoi-dung").await.leads_to(), "/thiet-lap");
    let mut away = Reader::at(&desk.router, "203.0.113.7");
    for mut reader in [
        away.clone(),
        here.clone().with("x-forwarded-for", "203.0.113.7"),
        here.clone().with("forwarded", "for=203.0.113.7"),
        here.clone().with("host", "dondoc.evil.example"),
    ] {
        let page = reader.get("/hop-thu-thu").await;
        assert_eq!(page.status, StatusCode::FORBIDDEN);
        assert!(page.body.contains("Hệ thống chưa được thiết lập"), "{}", page.body);
    }

    let code = code(&desk).await;
    assert_eq!(away.get("/thiet-lap").await.status, StatusCode::OK);
    for wrong in ["AAAA-AAAA-AAAA-AAAA", ""] {
        let answer = away.send("/thiet-lap", &form(wrong, "quan.tri")).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(answer.body.contains("Mã thiết lập không đúng"), "{}", answer.body);
    }
    let mut fields = form(&code, "quan.tri");
    fields[4].1 = "khác";
    assert!(away.send("/thiet-lap", &fields).await.body.contains("không giống nhau"));
    let typed = code.to_lowercase().replace('-', "");
    let made = away.send("/thiet-lap", &form(&typed, "quan.tri")).await;
    assert_eq!(made.leads_to(), "/nguoi-dung?xong=set_up");
    let page = away.get("/nguoi-dung?xong=set_up").await;
    assert!(page.body.contains("Đã tạo quản trị viên"), "{}", page.body);

    assert_eq!(away.get("/thiet-lap").await.status, StatusCode::NOT_FOUND);
    assert_eq!(away.send("/thiet-lap", &form(&code, "thu.hai")).await.status, StatusCode::NOT_FOUND);
    assert_eq!(here.get("/hop-thu-thu").await.leads_to(), "/dang-nhap?tiep=%2Fhop-thu-thu", "here too, from now on");
    let over = people::setup_code(&desk.db, &By::command("test"), desk.now()).await;
    assert!(matches!(over, Err(PeopleError::Refused(Refusal::SetupOver))), "{over:?}");
}

async fn a_code_is_good_once_for_half_an_hour_and_only_the_newest(fresh: Fresh) {
    let desk = Desk::new(fresh);
    desk.account("xem.thoi", Role::Viewer).await;
    let mut reader = desk.stranger();
    let first = code(&desk).await;
    let second = code(&desk).await;
    let old = reader.send("/thiet-lap", &form(&first, "quan.tri")).await;
    assert_eq!(old.status, StatusCode::UNPROCESSABLE_ENTITY, "the newest one alone");
    desk.clock.advance(people::CODE_LASTS);
    let late = reader.send("/thiet-lap", &form(&second, "quan.tri")).await;
    assert_eq!(late.status, StatusCode::UNPROCESSABLE_ENTITY, "half an hour is over");
    let third = code(&desk).await;
    desk.clock.advance(people::CODE_LASTS.saturating_sub(Duration::from_secs(1)));
    assert_eq!(reader.send("/thiet-lap", &form(&third, "quan.tri")).await.status, StatusCode::SEE_OTHER);
}

async fn two_who_come_at_once_make_one_administrator(fresh: Fresh) {
    let desk = Desk::new(fresh);
    let code = code(&desk).await;
    let (mut one, mut other) = (desk.stranger(), Reader::at(&desk.router, "192.0.2.1"));
    let (fields, others) = (form(&code, "nguoi.mot"), form(&code, "nguoi.hai"));
    let (first, second) = tokio::join!(one.send("/thiet-lap", &fields), other.send("/thiet-lap", &others));
    let made = [first.status, second.status].iter().filter(|status| **status == StatusCode::SEE_OTHER).count();
    assert_eq!(made, 1, "{first:?} {second:?}");
    assert_eq!(people::admins(&desk.db).await.unwrap(), 1);
}

#[tokio::test]
async fn a_code_cannot_be_guessed_quickly() {
    let desk = Desk::new(sqlite().await);
    code(&desk).await;
    let mut slowed = 0;
    for _ in 0..20 {
        let answer = desk.stranger().send("/thiet-lap", &form("AAAA-AAAA-AAAA-AAAA", "quan.tri")).await;
        slowed += usize::from(answer.body.contains("Đã thử quá nhiều lần"));
    }
    assert!(slowed >= 10, "{slowed}");
}
