//! What goes over the wire, and what each answer means.

use dondoc::channel::{Class, ZaloWay};
use unicode_normalization::UnicodeNormalization as _;

use super::{PHONE, PHONE_84, Scene, USER, letter};
use crate::support::zalo::Fault;

#[tokio::test]
async fn a_reminder_goes_by_phone_with_its_parameters_and_the_id_of_its_entry() {
    let scene = Scene::new().await;
    let receipt = scene.send(1, PHONE).await.unwrap();
    assert_eq!(receipt.reference.as_deref(), Some("msg1"));
    assert_eq!(receipt.answer, "taken as msg1, 499 left today");
    let taken = scene.twin.state().taken.clone();
    assert_eq!((taken[0].path.as_str(), taken[0].to.as_str()), ("/message/template", PHONE_84));
    assert_eq!(taken[0].tracking_id, letter(1, PHONE).id.to_string());
    assert_eq!(taken[0].data["row_1"], "Nộp trực tuyến: 41,20% / 50%, thiếu 1");
    assert_eq!(taken[0].data.as_object().unwrap().len(), 9);
    assert!(!taken[0].development);
}

#[tokio::test]
async fn every_way_reaches_its_recipient() {
    let scene = Scene::new().await;
    for (way, address, path, to) in [
        (ZaloWay::UserIdOrPhone, USER, "/v3.0/oa/message/template", USER),
        (ZaloWay::Phone, "+84 900 000 123", "/message/template", PHONE_84),
        (ZaloWay::UserId, USER, "/v3.0/oa/message/template", USER),
        (ZaloWay::CustomerService, USER, "/v3.0/oa/message/cs", USER),
        (ZaloWay::Group("g1".to_owned()), "g1", "/v3.0/oa/group/message", "g1"),
    ] {
        let mut settings = scene.settings();
        settings.way = way;
        let receipt = scene.open(settings).send(&letter(1, address)).await.unwrap();
        let last = scene.twin.state().taken.last().unwrap().clone();
        assert_eq!((last.path.as_str(), last.to.as_str()), (path, to));
        assert_eq!(receipt.reference, Some(last.id));
    }
    let mut settings = scene.settings();
    settings.way = ZaloWay::HashedPhone;
    scene.open(settings).send(&letter(1, "0987 654 321")).await.unwrap();
    let last = scene.twin.state().taken.last().unwrap().clone();
    assert_eq!(last.to, "116ce31ae9170769b075a11dedca1198f41d30318334919fb90917e9c617b438");
}

#[tokio::test]
async fn free_text_is_sent_only_where_zalo_allows_it_and_else_no_call_is_burnt() {
    let scene = Scene::new().await;
    let mut settings = scene.settings();
    settings.way = ZaloWay::CustomerService;
    let channel = scene.open(settings);
    let days = |days: i64| (super::noon() - chrono::TimeDelta::days(days)).timestamp_millis().to_string();
    let told = |days_ago: i64, remain: u32| serde_json::json!({ "last_interaction": days(days_ago), "cs_reply": { "remain": remain, "total": 8 } });
    for (number, (window, outcome)) in (1..).zip([
        (Ok(told(1, 8)), None),
        (Ok(told(6, 1)), None),
        (Ok(told(1, 0)), Some(Class::Recipient)),
        (Ok(told(8, 8)), Some(Class::Recipient)),
        (Err(-230), Some(Class::Recipient)),
        (Err(-213), Some(Class::Recipient)),
        (Err(-32), Some(Class::Throttled(std::time::Duration::from_mins(1)))),
        (Err(-224), Some(Class::ChannelBroken)),
        // Zalo does not tell; the message itself is judged.
        (Err(-106), None),
        (Err(-99_999), None),
    ]) {
        let calls = scene.twin.state().text_calls;
        scene.twin.state().windows.insert(USER.to_owned(), window.clone());
        let sent = channel.send(&letter(number, USER)).await;
        assert_eq!(sent.as_ref().err().map(|error| error.class), outcome, "{window:?} {sent:?}");
        assert_eq!(scene.twin.state().text_calls - calls, u32::from(outcome.is_none()), "{window:?}");
    }
    assert_eq!(scene.twin.state().taken.len(), 4);
    // A group has no window, and is not asked about.
    let mut settings = scene.settings();
    settings.way = ZaloWay::Group("g1".to_owned());
    scene.twin.state().windows.insert("g1".to_owned(), Err(-230));
    scene.open(settings).send(&letter(90, "g1")).await.unwrap();
}

#[tokio::test]
async fn a_window_that_cannot_be_asked_about_leaves_no_message_in_doubt() {
    let scene = Scene::new().await;
    let mut settings = scene.settings();
    settings.way = ZaloWay::CustomerService;
    let channel = scene.open(settings);
    scene.twin.state().is_hidden = true;
    assert_eq!(channel.send(&letter(1, USER)).await.unwrap_err().class, Class::ChannelBroken);
    scene.twin.state().is_hidden = false;
    channel.send(&letter(1, USER)).await.unwrap();
    assert_eq!(scene.twin.state().taken.len(), 1);
}

#[tokio::test]
async fn development_reaches_phones_only_and_says_so_to_zalo() {
    let scene = Scene::new().await;
    let mut settings = scene.settings();
    settings.development = true;
    let channel = scene.open(settings);
    channel.send(&letter(1, PHONE)).await.unwrap();
    assert!(scene.twin.state().taken[0].development);
    assert_eq!(channel.send(&letter(2, USER)).await.unwrap_err().class, Class::Recipient);
}

#[tokio::test]
async fn each_code_has_its_class_and_is_told() {
    let scene = Scene::new().await;
    for (code, class) in [
        (-32, Class::Throttled(std::time::Duration::from_mins(1))),
        (-100, Class::Transient),
        (-144, Class::Throttled(std::time::Duration::from_hours(14))),
        (-133, Class::Throttled(std::time::Duration::from_hours(21))),
        (-115, Class::ChannelBroken),
        (-131, Class::ChannelBroken),
        (-114, Class::Recipient),
        (-1122, Class::Permanent),
        (-99_999, Class::Unknown),
    ] {
        scene.twin.state().fail(PHONE_84, Fault::Code(code));
        let error = scene.send(1, PHONE).await.unwrap_err();
        assert_eq!((error.class, error.code), (class, Some(code)), "{error}");
    }
    scene.twin.state().fail(USER, Fault::Code(-100));
    assert_eq!(scene.send(1, USER).await.unwrap_err().class, Class::Permanent, "the other host");
    assert!(scene.twin.state().taken.is_empty());
}

#[tokio::test]
async fn what_is_not_clear_is_tried_twice_and_no_more() {
    let scene = Scene::new().await;
    let channel = scene.channel();
    for class in [Class::Transient, Class::Recipient] {
        scene.twin.state().fail(PHONE_84, Fault::Code(-200));
        assert_eq!(channel.send(&letter(1, PHONE)).await.unwrap_err().class, class);
    }
}

#[tokio::test]
async fn an_outcome_that_nobody_knows_is_unknown() {
    for fault in [Fault::LostAfterTaking, Fault::Html, Fault::Http500, Fault::Silent] {
        let scene = Scene::new().await;
        scene.twin.state().fail(PHONE_84, fault);
        assert_eq!(scene.send(1, PHONE).await.unwrap_err().class, Class::Unknown, "{fault:?}");
        assert_eq!(scene.twin.state().taken.len(), 1, "{fault:?}");
    }
}

#[tokio::test]
async fn after_an_unknown_outcome_no_message_is_risked_until_zalo_answers() {
    let scene = Scene::new().await;
    let channel = scene.channel();
    scene.twin.state().fail(PHONE_84, Fault::Html);
    assert_eq!(channel.send(&letter(1, PHONE)).await.unwrap_err().class, Class::Unknown);
    scene.twin.state().is_hidden = true;
    for number in 2..5 {
        assert_eq!(channel.send(&letter(number, PHONE)).await.unwrap_err().class, Class::ChannelBroken);
    }
    scene.twin.state().is_hidden = false;
    channel.send(&letter(2, PHONE)).await.unwrap();
    assert_eq!(scene.twin.state().taken.len(), 2);
}

#[tokio::test]
async fn a_host_that_is_away_breaks_the_channel_and_takes_nothing() {
    let scene = Scene::new().await;
    let mut settings = scene.settings();
    settings.template_url = "http://127.0.0.1:9".to_owned();
    let error = scene.open(settings).send(&letter(1, PHONE)).await.unwrap_err();
    assert_eq!(error.class, Class::ChannelBroken, "{error}");
}

#[tokio::test]
async fn what_zalo_would_refuse_is_refused_without_a_call() {
    let scene = Scene::new().await;
    let channel = scene.channel();
    let mut parcel = letter(1, PHONE);
    parcel.content.zalo.insert("unit".to_owned(), "Sở Nông nghiệp và Phát triển nông thôn".to_owned());
    parcel.content.zalo.remove("contact");
    let error = channel.send(&parcel).await.unwrap_err();
    assert_eq!(error.class, Class::Permanent);
    assert!(error.reason.contains("`unit`: 38 characters; Zalo takes 30"), "{error}");
    assert!(error.reason.contains("`contact`: the message has no parameter"), "{error}");
    // The same letters take more characters when they are not composed; they are composed before they are counted.
    let mut parcel = letter(1, PHONE);
    parcel.content.zalo.insert("unit".to_owned(), "Sở Nông nghiệp và PTNT".nfd().collect());
    channel.send(&parcel).await.unwrap();
    assert_eq!(scene.twin.state().taken[0].data["unit"], "Sở Nông nghiệp và PTNT");
}

#[tokio::test]
async fn a_message_without_parameters_or_template_goes_another_way() {
    let scene = Scene::new().await;
    let calls = scene.twin.state().calls;
    let mut parcel = letter(1, PHONE);
    parcel.content.zalo.clear();
    let mut thanks = letter(2, PHONE);
    thanks.content.template = "thanks@0123abcd".to_owned();
    for parcel in [parcel, thanks, letter(3, "0240 385 432")] {
        assert_eq!(scene.channel().send(&parcel).await.unwrap_err().class, Class::Recipient);
    }
    let state = scene.twin.state();
    assert!(state.taken.is_empty() && state.calls <= calls + 1);
}

#[tokio::test]
async fn zalos_names_are_mapped_to_ours_and_kinds_have_templates_of_their_own() {
    let scene = Scene::new().await;
    let info = serde_json::json!({ "status": "ENABLE", "listParams": [
        { "name": "ten_don_vi", "require": true, "type": "STRING", "maxLength": 30 },
        { "name": "ngay", "require": true, "type": "DATE", "maxLength": 20 },
        { "name": "ghi_chu", "require": false, "type": "STRING", "maxLength": 30 } ] });
    let mut settings = scene.settings();
    {
        let mut state = scene.twin.state();
        state.templates.insert("300002".to_owned(), info);
        let unmapped = state.templates.get_mut("300002").unwrap();
        unmapped["listParams"].as_array_mut().unwrap().truncate(2);
    }
    settings.templates.insert("formal".to_owned(), "300002".to_owned());
    settings.parameters =
        [("ten_don_vi", "unit"), ("ngay", "as_of")].map(|(zalo, our)| (zalo.to_owned(), our.to_owned())).into();
    let mut parcel = letter(1, PHONE);
    parcel.content.template = "commune_formal@0123abcd".to_owned();
    scene.open(settings).send(&parcel).await.unwrap();
    let taken = scene.twin.state().taken[0].clone();
    assert_eq!(taken.template_id, "300002");
    assert_eq!(taken.data, serde_json::json!({ "ten_don_vi": "UBND xã Song Mai", "ngay": "31/10/2022" }));
}

#[tokio::test]
async fn an_error_that_is_written_as_a_text_means_the_same() {
    let scene = Scene::new().await;
    scene.twin.state().fail(PHONE_84, Fault::CodeAsText(-124));
    scene.send(1, PHONE).await.unwrap();
    assert_eq!(scene.twin.spent(), (1, 0));
    assert_eq!(scene.twin.state().taken.len(), 1);
    scene.twin.state().fail(PHONE_84, Fault::CodeAsText(-118));
    assert_eq!(scene.send(2, PHONE).await.unwrap_err().class, Class::Recipient);
}

#[tokio::test]
async fn an_endless_answer_is_not_read_and_the_outcome_unknown() {
    let scene = Scene::new().await;
    scene.twin.state().fail(PHONE_84, Fault::Huge);
    assert_eq!(scene.send(1, PHONE).await.unwrap_err().class, Class::Unknown);
}
