//! A dialogue that is written down: every step named, nothing secret in it, a remedy where it ends early.

use std::time::Duration;

use dondoc::channel::{Cause, Email, Rehearsal, Security, Stage, rehearse};
use dondoc::words::Tongue::Vietnamese;

use crate::support::away::Away;
use crate::support::parcels::{email, parcel};
use crate::support::relay::{PASSWORD, RealRelay};
use crate::support::smtp_sink::{Fault, SinkSecurity, SmtpScript, SmtpSink, What};

async fn first(settings: &Email) -> Rehearsal {
    rehearse(settings, None).await.unwrap().remove(0)
}

#[tokio::test]
async fn a_relay_that_works_is_left_before_any_mail_and_the_password_is_not_written_down() {
    let relay = RealRelay::find();
    let rehearsal = first(&relay.email("bounces0")).await;
    assert_eq!((rehearsal.failed, rehearsal.remedy(Vietnamese)), (None, None), "{:#?}", rehearsal.transcript);
    let said = rehearsal.transcript.join("\n");
    for part in [
        "S: 220 relay.province.example",
        "C: STARTTLS",
        "-- protected by TLS",
        "C: AUTH PLAIN ***",
        "S: 235",
        "C: RSET",
        "C: QUIT",
    ] {
        assert!(said.contains(part), "{part}\n{said}");
    }
    for secret in ["AGRvbmRvYwBkb25kb2M=", &format!(" {PASSWORD}\n"), "MAIL FROM"] {
        assert!(!said.contains(secret), "{said}");
    }
}

#[tokio::test]
async fn with_a_mail_it_goes_all_the_way() {
    let relay = RealRelay::find();
    let mut mail = parcel((31 << 64) + u128::from(std::process::id()), "ubnd.thu@xa.example");
    mail.content.text = ".\n..\n".to_owned();
    let rehearsal = rehearse(&relay.email("bounces0"), Some(&mail)).await.unwrap().remove(0);
    assert_eq!(rehearsal.failed, None, "{:#?}", rehearsal.transcript);
    let arrived = relay.arrival("heads", &mail.message_id).await;
    assert!(arrived.ends_with(&dondoc::channel::mime(&mail, "Sở TT&TT <dondoc@province.example>", None).unwrap()));
    mail.address = "khongco@strict.example".to_owned();
    let refused = rehearse(&relay.email("bounces0"), Some(&mail)).await.unwrap().remove(0);
    assert_eq!(refused.failed, Some((Stage::Recipient, Cause::Said(550))), "{:#?}", refused.transcript);
    assert!(!refused.transcript.join("\n").contains("khongco@"), "addresses are masked");
}

#[tokio::test]
async fn it_ends_at_the_step_that_fails_with_a_remedy_for_it() {
    let relay = RealRelay::find();
    let real = relay.email("bounces0");
    let change = |change: &dyn Fn(&mut Email)| {
        let mut settings = real.clone();
        settings.timeout = Duration::from_secs(5);
        change(&mut settings);
        settings
    };
    let nobody = Away::reserve();
    let closed = nobody.addr.port();
    for (settings, failed, remedy) in [
        (
            change(&|email| "khongco.invalid".clone_into(&mut email.routes[0].relay.host)),
            (Stage::Name, Cause::Broken),
            "DNS",
        ),
        (change(&|email| email.routes[0].relay.port = closed), (Stage::Connect, Cause::Broken), "cổng"),
        (change(&|email| email.routes[0].ca_file = None), (Stage::Tls, Cause::Certificate), "ca_file"),
        (
            change(&|email| email.routes[0].password = Some("sai".into())),
            (Stage::Login, Cause::Said(535)),
            "password_file",
        ),
        (
            change(&|email| email.routes[0].relay.security = Security::Plain),
            (Stage::Login, Cause::NotOffered),
            "an toàn",
        ),
    ] {
        let rehearsal = first(&settings).await;
        assert_eq!(rehearsal.failed, Some(failed), "{:#?}", rehearsal.transcript);
        assert!(rehearsal.remedy(Vietnamese).unwrap().contains(remedy), "{rehearsal:#?}");
        assert!(!rehearsal.transcript.join("\n").contains("sai"), "{rehearsal:#?}");
    }
}

#[tokio::test]
async fn what_a_relay_does_not_offer_or_refuses_is_named() {
    let greeting = |text: &str| SmtpScript { greeting: Some(text.to_owned()), ..SmtpScript::default() };
    let refused = Fault { what: What::RefuseRecipient(450), times: 9 };
    let body = Fault { what: What::RefuseBody(554), times: 9 };
    let faults = [("later@x.example".to_owned(), refused), ("spam@x.example".to_owned(), body)];
    for (script, to, failed) in [
        (greeting("554 5.7.1 no service for you"), "a@x.example", (Stage::Greeting, Cause::Said(554))),
        (greeting("421 4.3.2 busy"), "a@x.example", (Stage::Greeting, Cause::Said(421))),
        (SmtpScript { mute: true, ..SmtpScript::default() }, "a@x.example", (Stage::Greeting, Cause::Late)),
        (
            SmtpScript { mail_code: Some(553), ..SmtpScript::default() },
            "a@x.example",
            (Stage::Sender, Cause::Said(553)),
        ),
        (
            SmtpScript { faults: faults.clone().into(), ..SmtpScript::default() },
            "later@x.example",
            (Stage::Recipient, Cause::Said(450)),
        ),
        (
            SmtpScript { faults: faults.into(), ..SmtpScript::default() },
            "spam@x.example",
            (Stage::Data, Cause::Said(554)),
        ),
    ] {
        let sink = SmtpSink::start(script).await;
        let mut settings = email(&sink);
        settings.timeout = Duration::from_secs(2);
        let rehearsal = rehearse(&settings, Some(&parcel(1, to))).await.unwrap().remove(0);
        assert_eq!(rehearsal.failed, Some(failed), "{:#?}", rehearsal.transcript);
        assert!(rehearsal.remedy(Vietnamese).is_some());
    }
    let sink = SmtpSink::start(SmtpScript { security: SinkSecurity::Clear, ..SmtpScript::default() }).await;
    let mut settings = email(&sink);
    settings.routes[0].relay.security = Security::StartTls;
    assert_eq!(first(&settings).await.failed, Some((Stage::StartTls, Cause::NotOffered)));
}
