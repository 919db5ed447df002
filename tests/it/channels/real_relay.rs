//! Mail through a real Postfix: what it makes of our dialogue, and that the bytes arrive.

use dondoc::channel::{Class, Kind, Parcel, mime};

use crate::support::parcels::{open, parcel};
use crate::support::relay::RealRelay;
use crate::support::smtp_sink::header;

const FROM: &str = "Sở TT&TT <dondoc@province.example>";

/// A parcel with an id that no other test uses, so that its mail is found among all.
fn unique(test: u128, address: &str) -> Parcel {
    parcel((test << 64) + u128::from(std::process::id()), address)
}

#[tokio::test]
async fn a_mail_over_starttls_with_a_login_arrives_byte_for_byte() {
    let relay = RealRelay::find();
    let channel = open(Kind::Email(relay.email("bounces0"))).await;
    for (number, lines) in [(1, "Kính gửi.\n.\n..\n.a\n\nTrân trọng.\n"), (2, ""), (3, ".\n")] {
        let mut parcel = unique(number, "ubnd.songmai@xa.example");
        lines.clone_into(&mut parcel.content.text);
        let receipt = channel.send(&parcel).await.unwrap();
        assert!(receipt.answer.starts_with("250 "), "{}", receipt.answer);
        let arrived = relay.arrival("heads", &parcel.message_id).await;
        let sent = mime(&parcel, FROM, None).unwrap();
        assert!(arrived.ends_with(&sent), "{}\n{}", String::from_utf8_lossy(&arrived), String::from_utf8_lossy(&sent));
        let sender = header(&arrived, "Return-Path");
        assert!(sender.starts_with(&format!("<bounces0+{}.", parcel.id.simple())), "{sender}");
    }
    assert!(channel.probe().await.unwrap().contains("login accepted"));
    channel.close().await;
}

#[tokio::test]
async fn an_address_that_is_not_ascii_goes_where_smtputf8_is_offered() {
    let relay = RealRelay::find();
    let channel = open(Kind::Email(relay.email("bounces0"))).await;
    let parcel = unique(11, "ubnd.xã@xa.example");
    channel.send(&parcel).await.unwrap();
    let arrived = relay.arrival("heads", &parcel.message_id).await;
    assert_eq!(header(&arrived, "To"), "ubnd.xã@xa.example");
}

#[tokio::test]
async fn an_unknown_recipient_a_large_message_and_a_wrong_password_are_told_apart() {
    let relay = RealRelay::find();
    let channel = open(Kind::Email(relay.email("bounces0"))).await;
    let unknown = channel.send(&unique(21, "khongco@strict.example")).await.unwrap_err();
    assert_eq!((unknown.class, unknown.code), (Class::Recipient, Some(550)), "{unknown}");
    assert!(unknown.reason.contains("5.1.1 <k***@strict.example>"), "{unknown}");
    let mut large = unique(22, "ubnd@xa.example");
    large.content.text = "ữ".repeat(1 << 20);
    let large = channel.send(&large).await.unwrap_err();
    assert_eq!((large.class, large.code), (Class::Permanent, None), "{large}");
    assert!(large.reason.contains("the relay takes 2000000"), "{large}");
    channel.send(&unique(23, "ubnd@xa.example")).await.unwrap();

    let mut settings = relay.email("bounces0");
    settings.routes[0].password = Some("sai".into());
    let refused = open(Kind::Email(settings)).await.send(&unique(24, "ubnd@xa.example")).await.unwrap_err();
    assert_eq!((refused.class, refused.code), (Class::ChannelBroken, Some(535)), "{refused}");
    let mut settings = relay.email("bounces0");
    settings.routes[0].user = None;
    settings.routes[0].password = None;
    let stranger = open(Kind::Email(settings)).await.send(&unique(25, "ubnd@xa.example")).await.unwrap_err();
    assert_ne!(stranger.class, Class::Permanent, "{stranger}");
}
