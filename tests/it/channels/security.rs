//! Protected connections, logins, and that nothing weaker is fallen back to.

use std::path::Path;
use std::sync::Arc;

use dondoc::channel::{Channel, Class, Email, Kind, Security, Settings};
use dondoc::clock::Clock;

use crate::support::databases;
use crate::support::parcels::{email, open, parcel};
use crate::support::smtp_sink::{SinkSecurity, SmtpScript, SmtpSink};

async fn sink(security: SinkSecurity, login: bool) -> SmtpSink {
    let login = login.then(|| ("dondoc".to_owned(), "đúng mật khẩu".to_owned()));
    SmtpSink::start(SmtpScript { security, login, pipelining: true, ..SmtpScript::default() }).await
}

fn protected(sink: &SmtpSink, security: Security, folder: &Path) -> Email {
    let ca_file = folder.join("ca.pem");
    std::fs::write(&ca_file, &sink.certificate).expect("a file");
    let mut settings = email(sink);
    settings.routes[0].relay.security = security;
    "localhost".clone_into(&mut settings.routes[0].relay.host);
    settings.routes[0].ca_file = Some(ca_file);
    settings
}

fn with_login(mut settings: Email, password: &str) -> Email {
    settings.routes[0].user = Some("dondoc".to_owned());
    settings.routes[0].password = Some(password.to_owned().into());
    settings
}

#[tokio::test]
async fn mail_and_login_go_over_tls_that_the_ca_file_vouches_for() {
    let folder = tempfile::tempdir().unwrap();
    for (theirs, ours) in [(SinkSecurity::StartTls, Security::StartTls), (SinkSecurity::Tls, Security::Tls)] {
        let sink = sink(theirs, true).await;
        let channel =
            open(Kind::Email(Box::new(with_login(protected(&sink, ours, folder.path()), "đúng mật khẩu")))).await;
        for number in 0..3 {
            channel.send(&parcel(number, "a@x.example")).await.unwrap();
        }
        assert_eq!((sink.accepted(), sink.connections(), sink.logins()), (3, 1, 1));
        assert!(channel.probe().await.unwrap().contains("login accepted"));
        channel.close().await;
        assert_eq!(sink.goodbyes(), 2);
    }
}

#[tokio::test]
async fn a_certificate_that_nobody_vouches_for_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    for (theirs, ours) in [(SinkSecurity::StartTls, Security::StartTls), (SinkSecurity::Tls, Security::Tls)] {
        let sink = sink(theirs, true).await;
        let other = self::sink(theirs, true).await;
        let mut settings = protected(&other, ours, folder.path());
        settings.routes[0].relay.port = sink.addr.port();
        let channel = open(Kind::Email(Box::new(with_login(settings, "đúng mật khẩu")))).await;
        let error = channel.send(&parcel(1, "a@x.example")).await.unwrap_err();
        assert_eq!(error.class, Class::ChannelBroken);
        assert!(error.reason.contains("certificate"), "{error}");
        assert_eq!((sink.accepted(), sink.logins()), (0, 0));
    }
}

#[tokio::test]
async fn a_certificate_for_another_host_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let sink = sink(SinkSecurity::Tls, false).await;
    let mut settings = protected(&sink, Security::Tls, folder.path());
    "127.0.0.2".clone_into(&mut settings.routes[0].relay.host);
    let channel = open(Kind::Email(Box::new(settings))).await;
    assert_eq!(channel.send(&parcel(1, "a@x.example")).await.unwrap_err().class, Class::ChannelBroken);
    assert_eq!(sink.accepted(), 0);
}

#[tokio::test]
async fn a_relay_without_starttls_gets_neither_mail_nor_password() {
    let folder = tempfile::tempdir().unwrap();
    let sink = sink(SinkSecurity::Clear, true).await;
    let settings = with_login(protected(&sink, Security::StartTls, folder.path()), "đúng mật khẩu");
    let channel = open(Kind::Email(Box::new(settings))).await;
    let error = channel.send(&parcel(1, "a@x.example")).await.unwrap_err();
    assert_eq!(error.class, Class::ChannelBroken);
    assert!(error.reason.contains("STARTTLS"), "{error}");
    assert_eq!((sink.accepted(), sink.logins()), (0, 0));
}

#[tokio::test]
async fn words_in_clear_behind_starttls_end_the_connection() {
    let folder = tempfile::tempdir().unwrap();
    let sink = sink(SinkSecurity::InjectedStartTls, false).await;
    let channel = open(Kind::Email(Box::new(protected(&sink, Security::StartTls, folder.path())))).await;
    let error = channel.send(&parcel(1, "a@x.example")).await.unwrap_err();
    assert_eq!(error.class, Class::ChannelBroken);
    assert!(error.reason.contains("in clear after STARTTLS"), "{error}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_password_breaks_the_channel_after_one_login_however_many_wait() {
    let folder = tempfile::tempdir().unwrap();
    let sink = sink(SinkSecurity::Tls, true).await;
    let settings = with_login(protected(&sink, Security::Tls, folder.path()), "sai");
    let channel = Arc::new(open(Kind::Email(Box::new(settings))).await);
    let sends: Vec<_> = (0..50)
        .map(|number| {
            let channel = Arc::clone(&channel);
            tokio::spawn(async move { channel.send(&parcel(number, "a@x.example")).await })
        })
        .collect();
    for send in sends {
        let error = send.await.unwrap().unwrap_err();
        assert_eq!(error.class, Class::ChannelBroken, "{error}");
        assert!(!error.reason.contains("sai"), "{error}");
    }
    for number in 50..60 {
        let error = channel.send(&parcel(number, "a@x.example")).await.unwrap_err();
        assert_eq!((error.class, error.code), (Class::ChannelBroken, Some(535)));
    }
    assert_eq!((sink.logins(), sink.accepted()), (1, 0));
}

#[tokio::test]
async fn settings_that_cannot_work_are_refused_with_channel_and_remedy() {
    let fresh = databases::sqlite().await;
    let sink = sink(SinkSecurity::Clear, false).await;
    let folder = tempfile::tempdir().unwrap();
    let clear_password = with_login(email(&sink), "đúng mật khẩu");
    let mut no_authority = protected(&sink, Security::Tls, folder.path());
    no_authority.routes[0].ca_file = Some(folder.path().join("missing.pem"));
    let mut broken_from = email(&sink);
    broken_from.from = "Sở\nBcc: a@x.example <b@x.example>".to_owned();
    let mut half_login = email(&sink);
    half_login.routes[0].user = Some("dondoc".to_owned());
    for settings in [clear_password, no_authority, broken_from, half_login] {
        let settings = Settings {
            name: "mail".to_owned(),
            kind: Kind::Email(Box::new(settings)),
            pace: dondoc::channel::Pace::default(),
        };
        let error = Channel::open(&settings, &fresh.db, &Clock::System).unwrap_err().to_string();
        assert!(error.starts_with("channel `mail`: "), "{error}");
        assert!(!error.contains("mật khẩu"), "{error}");
    }
    assert_eq!(sink.connections(), 0);
}
