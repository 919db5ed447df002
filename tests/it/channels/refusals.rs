//! Refusals: who is to blame, and that the others do not suffer.

use std::sync::Arc;
use std::time::Duration;

use dondoc::channel::{Class, Kind};

use crate::support::away::Away;
use crate::support::parcels::{email, open, parcel};
use crate::support::smtp_sink::{Fault, SmtpScript, SmtpSink, What};

async fn sink_with(what: What, script: SmtpScript) -> SmtpSink {
    let faults = [("bad@x.example".to_owned(), Fault { what, times: usize::MAX })].into();
    SmtpSink::start(SmtpScript { faults, ..script }).await
}

#[tokio::test]
async fn one_refused_recipient_does_not_harm_the_others_on_the_same_connection() {
    for pipelining in [false, true] {
        for data_regardless in [false, true] {
            let script = SmtpScript { pipelining, data_regardless, ..SmtpScript::default() };
            let sink = sink_with(What::RefuseRecipient(550), script).await;
            let mut settings = email(&sink);
            settings.routes[0].max_connections = 1;
            let channel = open(Kind::Email(Box::new(settings))).await;
            channel.send(&parcel(1, "a@x.example")).await.unwrap();
            let refusal = channel.send(&parcel(2, "bad@x.example")).await.unwrap_err();
            assert_eq!((refusal.class, refusal.code), (Class::Recipient, Some(550)));
            assert_eq!(refusal.reason, "550 5.1.1 <b***@x.example>: refused");
            channel.send(&parcel(3, "c@x.example")).await.unwrap();
            assert_eq!(sink.accepted(), 2);
            assert_eq!((sink.connections(), sink.resets()), (1, 1));
        }
    }
}

#[tokio::test]
async fn the_code_of_a_refusal_decides_its_class() {
    for pipelining in [false, true] {
        for (what, class) in [
            (What::RefuseRecipient(553), Class::Recipient),
            (What::RefuseRecipient(450), Class::Transient),
            (What::RefuseRecipient(452), Class::Transient),
            (What::RefuseRecipient(530), Class::ChannelBroken),
            (What::RefuseBody(554), Class::Permanent),
            (What::RefuseBody(451), Class::Transient),
        ] {
            let sink = sink_with(what, SmtpScript { pipelining, ..SmtpScript::default() }).await;
            let channel = open(Kind::Email(Box::new(email(&sink)))).await;
            let refusal = channel.send(&parcel(1, "bad@x.example")).await.unwrap_err();
            assert_eq!(refusal.class, class, "{what:?}: {refusal}");
            channel.send(&parcel(2, "a@x.example")).await.unwrap();
            assert_eq!(sink.connections(), 1, "{what:?}");
        }
    }
}

#[tokio::test]
async fn a_refused_sender_is_the_channels_fault_and_leaves_the_connection_usable() {
    for pipelining in [false, true] {
        for data_regardless in [false, true] {
            let script = SmtpScript { pipelining, data_regardless, mail_code: Some(553), ..SmtpScript::default() };
            let sink = SmtpSink::start(script).await;
            let channel = open(Kind::Email(Box::new(email(&sink)))).await;
            for number in 0..3 {
                let refusal = channel.send(&parcel(number, "a@x.example")).await.unwrap_err();
                assert_eq!((refusal.class, refusal.code), (Class::ChannelBroken, Some(553)));
            }
            assert_eq!((sink.connections(), sink.accepted()), (1, 0));
        }
    }
}

#[tokio::test]
async fn a_421_is_for_later_and_ends_the_connection() {
    let sink = sink_with(What::RefuseRecipient(421), SmtpScript::default()).await;
    let channel = open(Kind::Email(Box::new(email(&sink)))).await;
    let refusal = channel.send(&parcel(1, "bad@x.example")).await.unwrap_err();
    assert_eq!((refusal.class, refusal.code), (Class::Transient, Some(421)));
    channel.send(&parcel(2, "a@x.example")).await.unwrap();
    assert_eq!(sink.connections(), 2);
}

#[tokio::test]
async fn a_relay_that_is_not_there_is_a_channel_out_of_order() {
    let sink = SmtpSink::start(SmtpScript::default()).await;
    let (settings, addr) = (email(&sink), sink.addr);
    drop(sink);
    let _nobody = Away::instead_of(addr).await;
    let channel = open(Kind::Email(Box::new(settings))).await;
    let error = channel.send(&parcel(1, "a@x.example")).await.unwrap_err();
    assert_eq!(error.class, Class::ChannelBroken, "{error}");
    assert_eq!(channel.probe().await.unwrap_err().class, Class::ChannelBroken);
}

#[tokio::test]
async fn a_relay_that_never_speaks_is_a_channel_out_of_order_for_all_who_wait() {
    let sink = SmtpSink::start(SmtpScript { mute: true, ..SmtpScript::default() }).await;
    let mut settings = email(&sink);
    settings.timeout = Duration::from_millis(200);
    let channel = Arc::new(open(Kind::Email(Box::new(settings))).await);
    let started = tokio::time::Instant::now();
    let sends: Vec<_> = (0..20)
        .map(|number| {
            let channel = Arc::clone(&channel);
            tokio::spawn(async move { channel.send(&parcel(number, "a@x.example")).await })
        })
        .collect();
    for send in sends {
        assert_eq!(send.await.unwrap().unwrap_err().class, Class::ChannelBroken);
    }
    assert!(started.elapsed() < Duration::from_secs(2), "all fail together, not one after the other");
}

#[tokio::test]
async fn a_relay_that_is_busy_at_the_greeting_is_for_later() {
    let greeting = Some("421 4.3.2 too many connections".to_owned());
    let sink = SmtpSink::start(SmtpScript { greeting, ..SmtpScript::default() }).await;
    let channel = open(Kind::Email(Box::new(email(&sink)))).await;
    assert_eq!(channel.send(&parcel(1, "a@x.example")).await.unwrap_err().class, Class::Transient);
    let greeting = Some("554 5.7.1 no service for you".to_owned());
    let sink = SmtpSink::start(SmtpScript { greeting, ..SmtpScript::default() }).await;
    let channel = open(Kind::Email(Box::new(email(&sink)))).await;
    assert_eq!(channel.send(&parcel(1, "a@x.example")).await.unwrap_err().class, Class::ChannelBroken);
}

#[tokio::test]
async fn a_greeting_without_end_does_not_fill_the_memory() {
    let greeting = Some("2".repeat(4 << 20));
    let sink = SmtpSink::start(SmtpScript { greeting, ..SmtpScript::default() }).await;
    let channel = open(Kind::Email(Box::new(email(&sink)))).await;
    let error = channel.send(&parcel(1, "a@x.example")).await.unwrap_err();
    assert_eq!(error.class, Class::ChannelBroken);
    assert!(error.reason.contains("too long"), "{error}");
}

#[tokio::test]
async fn an_answer_in_a_legacy_character_set_is_still_an_answer() {
    let greeting = Some("220 m\u{e1}y ch\u{1ee7}\u{ff}".to_owned());
    let sink = SmtpSink::start(SmtpScript { greeting, ..SmtpScript::default() }).await;
    let channel = open(Kind::Email(Box::new(email(&sink)))).await;
    channel.send(&parcel(1, "a@x.example")).await.unwrap();
}
