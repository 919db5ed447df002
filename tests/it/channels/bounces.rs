//! Delivery reports from a Maildir and from a real Dovecot: noted once, on the entry whose seal they carry.

use std::path::Path;

use dondoc::channel::{Channel, Email, Kind, Mailbox, Settings};
use dondoc::clock::Clock;
use dondoc::db::Db;
use dondoc::outbox::{self, Fact, NewEntry, Resend, Times};
use uuid::Uuid;

use crate::support::databases;
use crate::support::parcels::parcel;
use crate::support::relay::{RealRelay, until};

const DAY: &str = "2022-10-31T01:30:00Z";

fn clock() -> Clock {
    Clock::at(DAY.parse().unwrap())
}

/// An entry of the outbox to `address`, and its id.
async fn entry(db: &Db, key: &str, address: &str) -> Uuid {
    let entry = NewEntry {
        dedup_key: key.to_owned(),
        unit_code: "07201".to_owned(),
        recipient_id: "07201/head".to_owned(),
        channel: "mail".to_owned(),
        address: address.to_owned(),
        domain: "province.example".to_owned(),
        content: "{}".to_owned(),
        resend: Resend::Always,
        hold: None,
        turn: None,
    };
    let now = DAY.parse().unwrap();
    let times = Times { now, due_at: now, valid_until: now + chrono::TimeDelta::days(2) };
    let mut work = db.begin().await.unwrap();
    outbox::enqueue(&mut work, "run", &[entry], times).await.unwrap();
    work.commit().await.unwrap();
    outbox::EntryId::of(key).0
}

fn open(db: &Db, settings: Email) -> Channel {
    Channel::open(
        &Settings {
            name: "mail".to_owned(),
            kind: Kind::Email(Box::new(settings)),
            pace: dondoc::channel::Pace::default(),
        },
        db,
        &clock(),
    )
    .unwrap()
}

async fn facts(db: &Db, entry: Uuid) -> Vec<(Fact, String)> {
    let said = outbox::receipts(db, &entry.to_string()).await.unwrap();
    said.into_iter().map(|said| (said.fact, said.detail)).collect()
}

/// The sealed sender of `entry`, as a mail of the channel would carry it.
async fn sealed(entry: Uuid) -> String {
    use crate::support::smtp_sink::{SmtpScript, SmtpSink};
    let sink = SmtpSink::start(SmtpScript::default()).await;
    let mut settings = crate::support::parcels::email(&sink);
    settings.return_path = RealRelay::find().email("bounces").return_path;
    let channel = crate::support::parcels::open(Kind::Email(Box::new(settings))).await;
    let mut parcel = parcel(1, "a@x.example");
    parcel.id = entry;
    channel.send(&parcel).await.unwrap();
    sink.received().pop().unwrap().from
}

fn report(to: &str, action: &str, status: &str) -> String {
    format!(
        "Return-Path: <>\nDelivered-To: {to}\nFrom: MAILER-DAEMON@relay.example\nTo: {to}\nMIME-Version: 1.0\n\
         Content-Type: multipart/report; report-type=delivery-status; boundary=\"b\"\n\n\
         --b\nContent-Type: text/plain\n\nI am sorry.\n\n--b\nContent-Type: message/delivery-status\n\n\
         Reporting-MTA: dns; relay.example\n\nFinal-Recipient: rfc822; ubnd@xa.example\nAction: {action}\n\
         Status: {status}\nDiagnostic-Code: smtp; 550 {status} <ubnd@xa.example> no\n\n--b--\n"
    )
}

fn maildir(folder: &Path, mails: &[(&str, &str)]) {
    for part in ["new", "cur", "tmp"] {
        std::fs::create_dir_all(folder.join(part)).unwrap();
    }
    for (name, text) in mails {
        std::fs::write(folder.join("new").join(name), text).unwrap();
    }
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[tokio::test]
async fn reports_in_a_maildir_become_facts_once_and_the_rest_stays_unread() {
    let fresh = databases::sqlite().await;
    let folder = tempfile::tempdir().unwrap();
    let (gone, slow, late) = (
        entry(&fresh.db, "reminder/1", "a@xa.example").await,
        entry(&fresh.db, "reminder/2", "b@xa.example").await,
        entry(&fresh.db, "reminder/3", "c@xa.example").await,
    );
    let bounced = report(&sealed(gone).await, "failed", "5.1.1");
    let forged = report(&sealed(slow).await.replace('.', ".0"), "failed", "5.1.1");
    maildir(
        folder.path(),
        &[
            ("1.gone", &bounced),
            ("2.again", &bounced),
            ("3.slow", &report(&sealed(slow).await, "delayed", "4.4.1")),
            ("4.late", &report(&sealed(late).await, "failed", "4.4.7")),
            ("5.forged", &forged),
            ("6.letter", "To: bounces@province.example\nSubject: Hỏi\n\nXin chào\n"),
            ("7.binary", "\0\u{1}\u{2}"),
            ("8.nobody", &report(&sealed(Uuid::from_u128(7)).await, "failed", "5.1.1")),
        ],
    );
    let mut settings = RealRelay::find().email("bounces");
    settings.bounces = Some(Mailbox::Maildir(folder.path().to_owned()));
    let channel = open(&fresh.db, settings);
    for _ in 0..3 {
        channel.tend().await.unwrap();
        assert_eq!(facts(&fresh.db, gone).await, [(Fact::Bounced, "5.1.1 550 5.1.1 <u***@xa.example> no".to_owned())]);
        assert_eq!(facts(&fresh.db, slow).await.iter().map(|(fact, _)| *fact).collect::<Vec<_>>(), [Fact::Delayed]);
        assert_eq!(facts(&fresh.db, late).await.iter().map(|(fact, _)| *fact).collect::<Vec<_>>(), [Fact::Undelivered]);
        assert_eq!(names(&folder.path().join("new")), ["5.forged", "6.letter", "7.binary"]);
        assert_eq!(names(&folder.path().join("cur")).len(), 5);
    }
}

#[tokio::test]
async fn a_mailbox_that_is_not_there_is_said_and_harms_nothing() {
    let fresh = databases::sqlite().await;
    let relay = RealRelay::find();
    let folder = tempfile::tempdir().unwrap();
    let mut settings = relay.email("bounces");
    settings.bounces = Some(Mailbox::Maildir(folder.path().join("missing")));
    let error = open(&fresh.db, settings).tend().await.unwrap_err();
    assert!(error.reason.contains("bounce mailbox"), "{error}");
    let mut settings = relay.email("bounces");
    let Mailbox::Imap(mut server) = relay.over_imap("bounces9") else { panic!("a server") };
    server.password = "sai mật khẩu".into();
    settings.bounces = Some(Mailbox::Imap(server));
    let error = open(&fresh.db, settings).tend().await.unwrap_err();
    assert!(error.reason.contains("login") && !error.reason.contains("sai"), "{error}");
}

#[tokio::test]
async fn what_a_real_relay_sends_back_is_read_over_imap_and_matched_to_its_entry() {
    let relay = RealRelay::find();
    let fresh = databases::sqlite().await;
    let key = format!("reminder/{}", std::process::id());
    let entry = entry(&fresh.db, &key, "khongco@xa.example").await;
    let mut settings = relay.email("bounces1");
    settings.bounces = Some(relay.over_imap("bounces1"));
    let channel = open(&fresh.db, settings);
    let mut parcel = parcel(1, "khongco@xa.example");
    parcel.id = entry;
    parcel.message_id = format!("<{entry}@province.example>");
    channel.send(&parcel).await.unwrap();
    relay.arrival("bounces1", &parcel.message_id).await;
    for _ in 0..2 {
        channel.tend().await.unwrap();
        let facts = facts(&fresh.db, entry).await;
        assert_eq!(facts.len(), 1, "{facts:?}");
        assert_eq!(facts[0].0, Fact::Bounced);
        assert!(facts[0].1.contains("5.1.1") && facts[0].1.contains("unknown user"), "{facts:?}");
    }
    let seen = |name: &String| name.ends_with('S');
    until("the report to be marked as read", || {
        names(&relay.mailbox("bounces1").join("cur")).iter().any(seen).then_some(())
    })
    .await;
}
