//! The bytes of a mail.

use base64::Engine as _;
use dondoc::channel::{Class, Dkim, Email, Kind, Parcel, mime};

use crate::support::mail;
use crate::support::parcels::{SUBJECT, open, parcel, route};
use crate::support::relay::RealRelay;
use crate::support::smtp_sink::{SmtpScript, SmtpSink, header};

const FROM: &str = "Sở TT&TT <dondoc@tinh.example>";
const TO: &str = "songmai@bacgiang.example";

#[test]
fn two_renders_of_a_parcel_are_the_same_bytes() {
    let first = mime(&parcel(1, TO), FROM, None).unwrap();
    assert_eq!(first, mime(&parcel(1, TO), FROM, None).unwrap());
    assert_ne!(first, mime(&parcel(2, TO), FROM, None).unwrap());
}

#[test]
fn the_headers_are_those_a_reminder_needs() {
    let raw = mime(&parcel(1, TO), FROM, Some("Đầu mối <daumoi@tinh.example>")).unwrap();
    assert_eq!(header(&raw, "From"), "=?utf-8?b?U+G7nyBUVCZUVA==?= <dondoc@tinh.example>");
    assert_eq!(header(&raw, "Reply-To"), "=?utf-8?b?xJDhuqd1IG3hu5Fp?= <daumoi@tinh.example>");
    assert_eq!(header(&raw, "To"), TO);
    assert_eq!(header(&raw, "Date"), "Mon, 31 Oct 2022 08:30:00 +0700");
    assert_eq!(header(&raw, "Message-ID"), "<10000000-0000-0000-0000-000000000001@tinh.example>");
    assert_eq!(header(&raw, "Auto-Submitted"), "auto-generated");
    assert_eq!(header(&raw, "Content-Language"), "vi");
    assert_eq!(header(&raw, "MIME-Version"), "1.0");
}

#[test]
fn a_long_vietnamese_subject_is_folded_and_reads_back() {
    let raw = mime(&parcel(1, TO), FROM, None).unwrap();
    assert_eq!(mail::subject(&raw), SUBJECT);
    for subject in ["Reminder", "=?utf-8?b?DQo=?=", "a", "Nhắc", &"ữ".repeat(400), &"x".repeat(3_000)] {
        let mut parcel = parcel(1, TO);
        subject.clone_into(&mut parcel.content.subject);
        let raw = mime(&parcel, FROM, None).unwrap();
        assert_eq!(mail::subject(&raw), subject);
    }
}

#[test]
fn both_bodies_read_back_as_they_were_written() {
    let parcel = parcel(1, TO);
    let raw = mime(&parcel, FROM, None).unwrap();
    assert_eq!(mail::body(&raw, "plain"), parcel.content.text.replace('\n', "\r\n"));
    assert_eq!(mail::body(&raw, "html"), parcel.content.html.replace('\n', "\r\n"));
}

#[test]
fn the_wire_carries_ascii_short_lines_and_no_bare_line_end() {
    let mut parcel = parcel(1, TO);
    parcel.content.text = format!("bare\rreturn\r.\rand\nfeed\r\n{}\0 \t \n", "dài".repeat(2_000));
    parcel.content.html = format!("<p>{}</p> \n. \n", "long and plain ".repeat(400));
    let raw = mime(&parcel, FROM, None).unwrap();
    assert!(raw.is_ascii());
    let text = String::from_utf8(raw).unwrap();
    assert!(text.split("\r\n").all(|line| line.len() <= 78 && !line.contains(['\r', '\n', '\0'])), "{text}");
}

#[test]
fn control_characters_in_what_becomes_a_header_are_refused_before_anything_is_built() {
    let mut subject = parcel(1, TO);
    subject.content.subject = "Nhắc\r\nBcc: b@x.example".to_owned();
    let mut id = parcel(1, TO);
    id.message_id = "<a@x.example>\r\nBcc: <b@x.example>".to_owned();
    for parcel in [subject, id, parcel(1, "a@x.example>\r\nRCPT TO:<b@x.example"), parcel(1, "a@x.example\n")] {
        let refusal = mime(&parcel, FROM, None).unwrap_err();
        assert_eq!(refusal.class, Class::Permanent, "{refusal}");
        assert!(!refusal.reason.contains("b@x.example"), "{refusal}");
    }
    let refusal = mime(&parcel(1, TO), "Sở\r\nBcc: b@x.example <a@x.example>", None).unwrap_err();
    assert_eq!(refusal.class, Class::Permanent);
}

fn settings() -> Email {
    Email {
        routes: Vec::new(),
        from: FROM.to_owned(),
        reply_to: None,
        timeout: std::time::Duration::from_secs(10),
        return_path: None,
        bounces: None,
        dkim: None,
        list_unsubscribe: None,
    }
}

#[tokio::test]
async fn mails_of_one_kind_to_one_recipient_refer_to_the_same_thread_within_a_year() {
    let thread = |change: &dyn Fn(&mut Parcel)| {
        let mut parcel = parcel(1, TO);
        change(&mut parcel);
        let raw = mime(&parcel, FROM, None).unwrap();
        assert_eq!(header(&raw, "References"), header(&raw, "In-Reply-To"));
        header(&raw, "References")
    };
    let first = thread(&|_| {});
    assert!(first.starts_with("<thread.") && first.ends_with("@tinh.example>"), "{first}");
    assert_eq!(thread(&|parcel| parcel.date += chrono::TimeDelta::days(30)), first);
    assert_ne!(thread(&|parcel| parcel.date += chrono::TimeDelta::days(90)), first);
    assert_ne!(thread(&|parcel| parcel.kind = "digest".to_owned()), first);
    assert_ne!(thread(&|parcel| parcel.recipient = "H02.22/head".to_owned()), first);
    assert_eq!(thread(&|parcel| parcel.recipient = String::new()), "", "nobody knows whom it is for");
}

#[tokio::test]
async fn only_roll_ups_can_be_declined_and_only_where_an_address_is_given() {
    let sink = SmtpSink::start(SmtpScript::default()).await;
    for (address, kind, expected) in [
        (Some("dondoc@tinh.example"), "digest", "<mailto:dondoc@tinh.example>"),
        (Some("dondoc@tinh.example"), "admin_note", "<mailto:dondoc@tinh.example>"),
        (Some("dondoc@tinh.example"), "reminder", ""),
        (Some("dondoc@tinh.example"), "correction", ""),
        (Some("dondoc@tinh.example"), "alert", ""),
        (None, "digest", ""),
    ] {
        let list_unsubscribe = address.map(str::to_owned);
        let channel =
            open(Kind::Email(Box::new(Email { routes: vec![route(&sink)], list_unsubscribe, ..settings() }))).await;
        let mut parcel = parcel(1, TO);
        parcel.kind = kind.to_owned();
        channel.send(&parcel).await.unwrap();
        assert_eq!(header(&sink.received().pop().unwrap().raw, "List-Unsubscribe"), expected, "{kind}");
    }
}

#[tokio::test]
async fn a_signature_is_the_same_on_every_try_and_changes_nothing_else() {
    let sink = SmtpSink::start(SmtpScript::default()).await;
    let ed25519 = rcgen::KeyPair::generate_for(&rcgen::PKCS_ED25519).unwrap().serialize_pem();
    for (key, algorithm) in [(ed25519, "ed25519"), (RealRelay::find().rsa_key(), "rsa")] {
        let dkim = Some(Dkim { domain: "tinh.example".to_owned(), selector: "s1".to_owned(), key: key.into() });
        let channel = open(Kind::Email(Box::new(Email { routes: vec![route(&sink)], dkim, ..settings() }))).await;
        for _ in 0..2 {
            channel.send(&parcel(1, TO)).await.unwrap();
        }
        let mut received = sink.received();
        let (second, first) = (received.pop().unwrap().raw, received.pop().unwrap().raw);
        assert_eq!(first, second);
        let signature = header(&first, "DKIM-Signature");
        assert!(
            signature.starts_with(&format!("v=1; a={algorithm}-sha256; c=relaxed/relaxed; d=tinh.example; s=s1; t="))
        );
        assert!(first.ends_with(&mime(&parcel(1, TO), FROM, None).unwrap()));
        assert!(first.is_ascii() && String::from_utf8(first.clone()).unwrap().lines().all(|line| line.len() <= 78));
    }
}

/// Says whether each letter's signature holds for the key that its file names, by a program that is none of ours.
const VERIFIER: &str = r#"
import sys, dkim
mail, record = open(sys.argv[1], "rb").read(), open(sys.argv[2], "rb").read()
asked = []
def txt(name, timeout=5):
    asked.append(name)
    return record
print(dkim.verify(mail, dnsfunc=txt), asked[0].decode())
"#;

#[tokio::test]
async fn another_program_finds_both_kinds_of_signature_right_and_wrong_as_soon_as_a_letter_is_changed() {
    let sink = SmtpSink::start(SmtpScript::default()).await;
    let ed25519 = rcgen::KeyPair::generate_for(&rcgen::PKCS_ED25519).unwrap();
    let rsa = RealRelay::find().rsa_key();
    let of_rsa = rcgen::KeyPair::from_pem(&rsa).unwrap().public_key_pem();
    let of_rsa: String = of_rsa.lines().filter(|line| !line.starts_with("-----")).collect();
    let base64 = |bytes: &[u8]| base64::engine::general_purpose::STANDARD.encode(bytes);
    let records = [
        (ed25519.serialize_pem(), format!("v=DKIM1; k=ed25519; p={}", base64(ed25519.public_key_raw()))),
        (rsa, format!("v=DKIM1; k=rsa; p={of_rsa}")),
    ];
    let folder = tempfile::tempdir().unwrap();
    let (mail, record) = (folder.path().join("mail"), folder.path().join("record"));
    let verified = || {
        // The system's own: Debian puts the verifier there and nowhere else.
        let mut program = std::process::Command::new("/usr/bin/python3");
        let said = program.args(["-c", VERIFIER]).arg(&mail).arg(&record).output().unwrap();
        assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
        String::from_utf8(said.stdout).unwrap().trim().to_owned()
    };
    for (key, public) in records {
        let dkim = Some(Dkim { domain: "tinh.example".to_owned(), selector: "s1".to_owned(), key: key.into() });
        let channel = open(Kind::Email(Box::new(Email { routes: vec![route(&sink)], dkim, ..settings() }))).await;
        channel.send(&parcel(1, TO)).await.unwrap();
        let raw = sink.received().pop().unwrap().raw;
        std::fs::write(&record, &public).unwrap();
        std::fs::write(&mail, &raw).unwrap();
        assert_eq!(verified(), "True s1._domainkey.tinh.example.", "{public}");
        let mut changed = raw.clone();
        changed.extend_from_slice(b"one more line\r\n");
        std::fs::write(&mail, &changed).unwrap();
        assert!(verified().starts_with("False"), "a letter that somebody added to: {public}");
    }
}
