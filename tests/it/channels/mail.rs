//! Mail through the relay: speed of the dialogue, bounds of the pool, the same bytes on every try.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use dondoc::channel::{Channel, Class, Kind, mail_hash, mime};

use crate::support::mail;
use crate::support::parcels::{email, open, parcel};
use crate::support::smtp_sink::{Fault, SmtpScript, SmtpSink, What};

/// Sends parcels 0..`count` at once, parcel N to `uN@x.example`.
async fn send_all(channel: Channel, count: u128) -> Vec<Result<dondoc::channel::Receipt, dondoc::channel::SendError>> {
    let channel = Arc::new(channel);
    let sends: Vec<_> = (0..count)
        .map(|number| {
            let channel = Arc::clone(&channel);
            tokio::spawn(async move { channel.send(&parcel(number, &format!("u{number}@x.example"))).await })
        })
        .collect();
    let mut results = Vec::new();
    for send in sends {
        results.push(send.await.expect("no panic"));
    }
    channel.close().await;
    results
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sixty_four_sends_at_once_never_open_more_connections_than_allowed() {
    for pipelining in [false, true] {
        let sink = SmtpSink::start(SmtpScript { pipelining, ..SmtpScript::default() }).await;
        let results = send_all(open(Kind::Email(Box::new(email(&sink)))).await, 64).await;
        assert!(results.iter().all(Result::is_ok), "{results:?}");
        assert_eq!(sink.accepted(), 64);
        assert!(sink.peak() <= 4, "{}", sink.peak());
        assert_eq!(sink.goodbyes(), sink.connections(), "every connection was taken leave of");
        let ids: HashSet<String> = sink.received().into_iter().map(|mail| mail.message_id).collect();
        assert_eq!(ids.len(), 64);
    }
}

#[tokio::test]
async fn what_arrives_is_what_was_written_with_one_recipient_in_the_envelope() {
    for pipelining in [false, true] {
        let sink = SmtpSink::start(SmtpScript { pipelining, ..SmtpScript::default() }).await;
        let channel = open(Kind::Email(Box::new(email(&sink)))).await;
        let parcel = parcel(7, "songmai@bacgiang.example");
        let receipt = channel.send(&parcel).await.unwrap();
        assert_eq!(receipt.answer, "250 2.0.0 queued");
        let received = sink.received();
        assert_eq!(receipt.sent_hash, Some(mail_hash(&received[0].raw)), "what was handed over is known by its hash");
        assert!(received[0].accepted && received[0].connection == 0);
        assert_eq!(received[0].from, "dondoc@tinh.example");
        assert_eq!(received[0].to, ["songmai@bacgiang.example"]);
        assert_eq!(received[0].raw, mime(&parcel, "Sở TT&TT <dondoc@tinh.example>", None).unwrap());
        assert_eq!(mail::body(&received[0].raw, "plain"), parcel.content.text.replace('\n', "\r\n"));
    }
}

#[tokio::test]
async fn a_body_of_lone_dots_survives() {
    let sink = SmtpSink::start(SmtpScript::default()).await;
    let channel = open(Kind::Email(Box::new(email(&sink)))).await;
    let mut parcel = parcel(1, "a@x.example");
    parcel.content.text = ".\n..\n.\r\n...a\nMAIL FROM:<b@x.example>\n.\n".to_owned();
    channel.send(&parcel).await.unwrap();
    let received = sink.received();
    assert_eq!(received.len(), 1);
    assert_eq!(mail::body(&received[0].raw, "plain"), ".\r\n..\r\n.\r\n...a\r\nMAIL FROM:<b@x.example>\r\n.\r\n");
}

#[tokio::test]
async fn an_answer_lost_after_the_body_is_unknown_and_the_next_try_brings_the_same_bytes() {
    for what in [What::DropAfterBody, What::SilentAfterBody] {
        let faults = [("a@x.example".to_owned(), Fault { what, times: 1 })].into();
        let sink = SmtpSink::start(SmtpScript { faults, ..SmtpScript::default() }).await;
        let mut settings = email(&sink);
        // Long enough for all that is answered, also on a busy machine.
        settings.timeout = Duration::from_secs(1);
        let channel = open(Kind::Email(Box::new(settings))).await;
        let parcel = parcel(1, "a@x.example");
        assert_eq!(channel.send(&parcel).await.unwrap_err().class, Class::Unknown);
        open(Kind::Email(Box::new(email(&sink)))).await.send(&parcel).await.unwrap();
        let received = sink.received();
        assert_eq!(received.len(), 2);
        assert_eq!(received[0].raw, received[1].raw);
        assert_eq!(received[0].message_id, received[1].message_id);
        assert_eq!(sink.accepted(), 1);
    }
}

#[tokio::test]
async fn a_connection_cut_before_the_whole_body_was_written_is_a_plain_retry() {
    let faults = [("a@x.example".to_owned(), Fault { what: What::DropWithinBody, times: 1 })].into();
    let sink = SmtpSink::start(SmtpScript { faults, ..SmtpScript::default() }).await;
    let channel = open(Kind::Email(Box::new(email(&sink)))).await;
    let mut parcel = parcel(1, "a@x.example");
    // More than both sockets' buffers hold, so that the kernel cannot have taken it all.
    parcel.content.text = "ữ".repeat(8 << 20);
    let error = channel.send(&parcel).await.unwrap_err();
    assert_eq!(error.class, Class::Transient, "{error}");
    assert!(sink.received().is_empty());
}

#[tokio::test]
async fn a_relay_that_ends_connections_after_some_mails_costs_no_attempt() {
    for pipelining in [false, true] {
        let script = SmtpScript { pipelining, mails_per_connection: Some(3), ..SmtpScript::default() };
        let sink = SmtpSink::start(script).await;
        let channel = open(Kind::Email(Box::new(email(&sink)))).await;
        for number in 0..10 {
            channel.send(&parcel(number, "a@x.example")).await.unwrap();
        }
        assert_eq!(sink.accepted(), 10);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slow_answer_holds_up_only_its_own_connection() {
    let wait = Duration::from_millis(600);
    let faults = [("u0@x.example".to_owned(), Fault { what: What::Slow(wait), times: 1 })].into();
    let sink = SmtpSink::start(SmtpScript { faults, pipelining: true, ..SmtpScript::default() }).await;
    let results = send_all(open(Kind::Email(Box::new(email(&sink)))).await, 40).await;
    assert!(results.iter().all(Result::is_ok), "{results:?}");
    let received = sink.received();
    let slow = received.iter().find(|mail| mail.to == ["u0@x.example"]).expect("it arrived").connection;
    assert!(received.iter().filter(|mail| mail.connection == slow).count() < 20, "the others went elsewhere");
}

#[tokio::test]
async fn a_421_in_answer_to_the_body_is_for_later_and_not_unknown() {
    let faults = [("a@x.example".to_owned(), Fault { what: What::RefuseBody(421), times: 1 })].into();
    let sink = SmtpSink::start(SmtpScript { faults, ..SmtpScript::default() }).await;
    let channel = open(Kind::Email(Box::new(email(&sink)))).await;
    let refusal = channel.send(&parcel(1, "a@x.example")).await.unwrap_err();
    assert_eq!((refusal.class, refusal.code), (Class::Transient, Some(421)));
    channel.send(&parcel(1, "a@x.example")).await.unwrap();
    assert_eq!(sink.connections(), 2);
}

#[tokio::test]
async fn a_send_that_is_dropped_half_way_leaves_no_half_dialogue_behind() {
    let faults = [("slow@x.example".to_owned(), Fault { what: What::SilentAfterBody, times: 1 })].into();
    let sink = SmtpSink::start(SmtpScript { faults, ..SmtpScript::default() }).await;
    let mut settings = email(&sink);
    settings.routes[0].max_connections = 1;
    let channel = open(Kind::Email(Box::new(settings))).await;
    let slow = parcel(1, "slow@x.example");
    let dropped = tokio::time::timeout(Duration::from_millis(200), channel.send(&slow)).await;
    assert!(dropped.is_err(), "{dropped:?}");
    channel.send(&parcel(2, "b@x.example")).await.unwrap();
    assert_eq!(sink.accepted(), 1);
}
