//! Several relays behind one channel: the next one is asked while the first is out of order, and never after it may have
//! taken the mail.

use std::time::{Duration, Instant};

use dondoc::channel::{Channel, Class, Email, Kind};

use crate::support::parcels::{email, open, parcel, route};
use crate::support::smtp_sink::{Fault, SmtpScript, SmtpSink, What};

async fn sink(script: SmtpScript) -> SmtpSink {
    SmtpSink::start(script).await
}

fn both(first: &SmtpSink, second: &SmtpSink) -> Email {
    let mut settings = email(first);
    settings.routes.push(route(second));
    settings
}

async fn channel(settings: Email) -> Channel {
    open(Kind::Email(settings)).await
}

fn at_a(what: What) -> SmtpScript {
    let faults = [("a@x.example".to_owned(), Fault { what, times: usize::MAX })].into();
    SmtpScript { faults, ..SmtpScript::default() }
}

#[tokio::test]
async fn the_first_relay_carries_everything_while_it_works() {
    let (first, second) = (sink(SmtpScript::default()).await, sink(SmtpScript::default()).await);
    let channel = channel(both(&first, &second)).await;
    for number in 0..5 {
        channel.send(&parcel(number, "a@x.example")).await.unwrap();
    }
    assert_eq!((first.accepted(), second.accepted(), second.connections()), (5, 0, 0));
}

#[tokio::test]
async fn the_second_relay_steps_in_for_one_that_is_away_refuses_the_login_or_is_busy() {
    let login = Some(("somebody".to_owned(), "else".to_owned()));
    let busy = Some("421 4.3.2 too many connections".to_owned());
    for script in [
        SmtpScript { greeting: busy, ..SmtpScript::default() },
        SmtpScript { greeting: Some("554 5.7.1 no service for you".to_owned()), ..SmtpScript::default() },
        SmtpScript { mail_code: Some(530), ..SmtpScript::default() },
        SmtpScript { login, mail_code: Some(553), ..SmtpScript::default() },
        SmtpScript { mails_per_connection: Some(0), ..SmtpScript::default() },
    ] {
        let (first, second) = (sink(script.clone()).await, sink(SmtpScript::default()).await);
        let channel = channel(both(&first, &second)).await;
        for number in 0..3 {
            channel.send(&parcel(number, "a@x.example")).await.unwrap();
        }
        assert_eq!((first.accepted(), second.accepted()), (0, 3), "{script:?}");
        assert_eq!(first.connections(), 1, "the first one rests: {script:?}");
    }
}

#[tokio::test]
async fn a_refused_recipient_or_message_is_not_offered_to_another_relay() {
    for (what, class) in [
        (What::RefuseRecipient(550), Class::Recipient),
        (What::RefuseBody(554), Class::Permanent),
        (What::RefuseRecipient(451), Class::Transient),
    ] {
        let (first, second) = (sink(at_a(what)).await, sink(SmtpScript::default()).await);
        let channel = channel(both(&first, &second)).await;
        assert_eq!(channel.send(&parcel(1, "a@x.example")).await.unwrap_err().class, class);
        assert_eq!(second.connections(), 0, "{what:?}");
    }
}

#[tokio::test]
async fn after_an_unknown_outcome_no_other_relay_gets_the_mail_by_itself() {
    let (first, second) = (sink(at_a(What::DropAfterBody)).await, sink(SmtpScript::default()).await);
    let channel = channel(both(&first, &second)).await;
    assert_eq!(channel.send(&parcel(1, "a@x.example")).await.unwrap_err().class, Class::Unknown);
    assert_eq!(second.connections(), 0);
}

#[tokio::test]
async fn with_all_relays_away_the_channel_is_out_of_order_and_names_them() {
    let settings = both(&sink(SmtpScript::default()).await, &sink(SmtpScript::default()).await);
    tokio::task::yield_now().await;
    let ports: Vec<u16> = settings.routes.iter().map(|route| route.relay.port).collect();
    let channel = channel(settings).await;
    for _ in 0..2 {
        let error = channel.send(&parcel(1, "a@x.example")).await.unwrap_err();
        assert_eq!(error.class, Class::ChannelBroken);
        assert!(ports.iter().all(|port| error.reason.contains(&port.to_string())), "{error}");
    }
    assert_eq!(channel.probe().await.unwrap_err().class, Class::ChannelBroken);
}

#[tokio::test]
async fn a_relay_with_a_pace_gets_mails_no_faster() {
    let sink = sink(SmtpScript::default()).await;
    let mut settings = email(&sink);
    settings.routes[0].per_second = 20;
    assert_eq!(settings.routes[0].gap(), Duration::from_millis(50));
    settings.routes[0].per_minute = 600;
    assert_eq!(settings.routes[0].gap(), Duration::from_millis(100), "the slower one holds");
    let channel = std::sync::Arc::new(channel(settings).await);
    let began = Instant::now();
    let sends: Vec<_> = (0..5)
        .map(|number| {
            let channel = std::sync::Arc::clone(&channel);
            tokio::spawn(async move { channel.send(&parcel(number, "a@x.example")).await })
        })
        .collect();
    for send in sends {
        send.await.unwrap().unwrap();
    }
    assert!(began.elapsed() >= Duration::from_millis(400), "{:?}", began.elapsed());
}
