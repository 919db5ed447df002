//! Guessing passwords: slow for whoever guesses, not for the owner.

use std::time::Duration;

use axum::http::StatusCode;
use dondoc::people::Role;
use futures_util::future::join_all;

use super::{Desk, PASSWORD, typed};
use crate::support::databases::{Fresh, conformance};
use crate::support::reader::Reader;

conformance!(
    a_thousand_guesses_are_ten_checks_a_minute_and_the_owner_gets_in,
    one_address_guesses_ten_names_a_minute,
    a_name_that_nobody_has_is_slowed_like_any_other,
);

const GUESSERS: u8 = 10;

/// Two hundred guesses at once, from ten addresses, at two replicas. Returns how many of them were looked at.
async fn a_minute_of_guesses(desk: &Desk, login: &str) -> u64 {
    let before = desk.hasher.checks();
    let guesses = (0..200_u8).map(|number| {
        let replica = if number % 3 == 0 { &desk.replica } else { &desk.router };
        let mut reader = Reader::at(replica, &format!("198.51.100.{}", number % GUESSERS));
        async move { reader.send("/dang-nhap", &typed(login, &format!("đoán lần thứ {number}"))).await }
    });
    for answer in join_all(guesses).await {
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(answer.cookies().is_empty());
    }
    desk.hasher.checks() - before
}

async fn a_thousand_guesses_are_ten_checks_a_minute_and_the_owner_gets_in(fresh: Fresh) {
    let desk = Desk::new(fresh);
    desk.account("an.nguyen", Role::Viewer).await;
    let mut known = desk.stranger();
    assert_eq!(known.send("/dang-nhap", &typed("an.nguyen", PASSWORD)).await.leads_to(), "/");
    assert!(known.cookies.contains_key("__Host-dondoc-browser"));
    for minute in 0..5 {
        let checked = a_minute_of_guesses(&desk, "an.nguyen").await;
        assert!((1..=10).contains(&checked), "minute {minute}: {checked} checks");
        // In the very minute of the guesses: from the browser that he always uses.
        let entered = known.send("/dang-nhap", &typed("an.nguyen", PASSWORD)).await;
        assert_eq!(entered.leads_to(), "/", "minute {minute}");
        // From a new address, as soon as the guessers have been seen to fail.
        if minute > 0 {
            let mut elsewhere = Reader::at(&desk.router, &format!("192.0.2.{minute}"));
            let entered = elsewhere.send("/dang-nhap", &typed("an.nguyen", PASSWORD)).await;
            assert_eq!(entered.leads_to(), "/", "minute {minute}, from elsewhere");
        }
        desk.clock.advance(Duration::from_secs(61));
    }
    // A mark that was made up is no mark.
    let mut forged = Reader::at(&desk.router, "198.51.100.1");
    forged.cookies.insert("__Host-dondoc-browser".to_owned(), format!("{}.{}", "A".repeat(20), "0".repeat(64)));
    a_minute_of_guesses(&desk, "an.nguyen").await;
    let refused = forged.send("/dang-nhap", &typed("an.nguyen", PASSWORD)).await;
    assert!(refused.body.contains("Đã thử quá nhiều lần"), "{}", refused.body);
}

async fn one_address_guesses_ten_names_a_minute(fresh: Fresh) {
    let desk = Desk::new(fresh);
    desk.account("an.nguyen", Role::Viewer).await;
    let guesses = (0..40).map(|number| {
        let mut reader = Reader::at(&desk.router, "198.51.100.1");
        async move { reader.send("/dang-nhap", &typed(&format!("ten.{number}"), PASSWORD)).await }
    });
    let answers = join_all(guesses).await;
    assert_eq!(desk.hasher.checks(), 10);
    let slowed = answers.iter().filter(|answer| answer.body.contains("Đã thử quá nhiều lần")).count();
    assert_eq!(slowed, 30);
    // A proxy that is trusted says whom it speaks for; nobody else is believed.
    let mut liar = Reader::at(&desk.router, "198.51.100.1").with("x-forwarded-for", "192.0.2.77");
    assert!(liar.send("/dang-nhap", &typed("ten.khac", PASSWORD)).await.body.contains("Đã thử quá nhiều lần"));
    let mut proxied = Reader::at(&desk.router, "10.0.0.1").with("x-forwarded-for", "198.51.100.99, 192.0.2.78");
    assert_eq!(proxied.send("/dang-nhap", &typed("an.nguyen", PASSWORD)).await.leads_to(), "/");
    assert!(proxied.get("/tai-khoan").await.body.contains("từ 192.0.2.78"));
}

async fn a_name_that_nobody_has_is_slowed_like_any_other(fresh: Fresh) {
    let desk = Desk::new(fresh);
    desk.account("an.nguyen", Role::Viewer).await;
    let known = a_minute_of_guesses(&desk, "an.nguyen").await;
    let unknown = a_minute_of_guesses(&desk, "khong.co").await;
    assert!((1..=10).contains(&known) && known == unknown, "{known} {unknown}");
}
