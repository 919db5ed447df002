//! Who may push, and how often.

use std::time::Duration;

use dondoc::app::Admission;

use super::{Office, TOKEN};

async fn admitted(office: &Office, name: &str, token: Option<&str>) -> &'static str {
    match office.intakes.admit(name, token).await {
        Admission::Granted(_) => "granted",
        Admission::NoSuchSource => "no such source",
        Admission::Refused(_) => "refused",
    }
}

#[tokio::test]
async fn a_token_is_good_for_its_source_and_tells_nothing_of_others() {
    let office = Office::open().await;
    for (name, token, expected) in [
        ("province", Some(TOKEN), "granted"),
        ("elsewhere", Some(TOKEN), "no such source"),
        ("province", Some("SRC-TOKEN-of-the-province-2"), "refused"),
        ("elsewhere", Some("SRC-TOKEN-of-the-province-2"), "refused"),
        ("province", Some(""), "refused"),
        ("province", None, "refused"),
    ] {
        assert_eq!(admitted(&office, name, token).await, expected, "{name} {token:?}");
    }
}

#[tokio::test]
async fn many_wrong_tokens_are_answered_slower_while_the_right_one_is_not_locked_out() {
    let office = Office::open().await;
    let mut waits = Vec::new();
    for _ in 0..40 {
        let Admission::Refused(wait) = office.intakes.admit("province", Some("guess")).await else { panic!("granted") };
        waits.push(wait.as_secs());
    }
    assert!(waits.is_sorted() && waits[..5] == [0; 5] && waits[5] == 1 && waits[39] == 5, "{waits:?}");
    assert_eq!(admitted(&office, "province", Some(TOKEN)).await, "granted");
    office.wait(61);
    let Admission::Refused(wait) = office.intakes.admit("province", None).await else { panic!("granted") };
    assert_eq!(wait, Duration::ZERO);
}

#[tokio::test]
async fn uploads_come_one_every_few_seconds_after_a_first_rush() {
    let office = Office::open().await;
    let Admission::Granted(source) = office.intakes.admit("province", Some(TOKEN)).await else { panic!("refused") };
    for _ in 0..20 {
        assert!(office.intakes.room(source).await.is_some());
    }
    assert!(office.intakes.room(source).await.is_none());
    office.wait(6);
    assert!(office.intakes.room(source).await.is_some());
    assert!(office.intakes.room(source).await.is_none());
    office.wait(3600);
    let (_one, _two) = (office.intakes.room(source).await.unwrap(), office.intakes.room(source).await.unwrap());
    assert!(office.intakes.room(source).await.is_none(), "two at once");
}
