//! Zalo as an office uses it, through the binary, at ten in the morning.

use dondoc::clock::Clock;

use super::{DAY, UNITS, entries, says};
use crate::support::daemon::Daemon;
use crate::support::esms::{API_KEY, BRANDNAME, EsmsTwin, SECRET_KEY};
use crate::support::preload::in_the_morning;
use crate::support::project::{Done, Plan, Project};
use crate::support::smtp_sink::{SmtpScript, SmtpSink};
use crate::support::zalo::{Fault, ZaloTwin};
use crate::zalo::event;

fn morning(project: &Project, arguments: &[&str]) -> Done {
    let mut command = project.command(arguments);
    in_the_morning(&mut command);
    Done::of(command.output().expect("the binary starts"))
}

fn seeded(twin: &ZaloTwin, plan: &Plan) -> Project {
    let project = Project::new(plan);
    let mut command = project.command(&["zalo", "seed"]);
    in_the_morning(&mut command);
    let done = Project::fed(command, &twin.pair());
    assert_eq!(done.code, 0, "{}", done.err);
    project
}

/// State and channel of every entry that is not standing by, by unit.
fn ways(project: &Project) -> Vec<(String, String, String)> {
    let word = |value: &serde_json::Value| value.as_str().expect("a text").to_owned();
    let mut ways: Vec<_> = entries(project)
        .iter()
        .filter(|entry| entry["leads"] == true)
        .map(|entry| (word(&entry["unit_code"]), word(&entry["channel"]), word(&entry["state"])))
        .collect();
    ways.sort();
    ways
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_answer_waits_for_a_person_until_zalo_calls() {
    let twin = ZaloTwin::start().await;
    let project = seeded(&twin, &Plan { units: UNITS, channels: twin.channel(""), ..Plan::default() });
    twin.state().fail("84900000001", Fault::LostAfterTaking);
    for _ in 0..2 {
        let done = morning(&project, &["run", "--as-of", DAY]);
        assert_eq!(done.code, 5, "{}{}", done.out, done.err);
        says(&done, &["1 message(s) may have left or not", "dondoc outbox resolve ID"]);
    }
    assert_eq!(twin.state().taken.len(), UNITS);
    assert!(twin.state().sent_twice().is_empty());
    assert_eq!(morning(&project, &["zalo", "status"]).code, 0);
    let entries = entries(&project);
    let uncertain = entries.iter().find(|entry| entry["state"] == "uncertain").expect("an entry");
    let id = uncertain["id"].as_str().expect("an id");
    let shown = project.run(&["outbox", "show", id]);
    says(&shown, &["parameters for a template of Zalo", "row_1", "UBND xã Số 1"]);
    let daemon = Daemon::serve(&project);
    let (body, mac) = event("user_received_message", id, Clock::System.now());
    let head = |mac: &str| {
        format!("POST /callback/zalo HTTP/1.1\r\nContent-Length: {}\r\nX-ZEvent-Signature: {mac}", body.len())
    };
    for _ in 0..20 {
        assert!(daemon.send(&head("mac=00"), &body).0.contains("401"));
    }
    assert!(daemon.send(&head(&mac), &body).0.contains("200"));
    assert!(ways(&project).iter().all(|(_, _, state)| state == "sent"));
    daemon.until_it_says("a call counts for nothing");
    let warnings = daemon.said().matches("a call counts for nothing").count();
    assert!(warnings < 20, "who forges calls fills the log\n{}", daemon.said());
    assert!(daemon.stop().0.success());
    assert_eq!(morning(&project, &["run", "--as-of", DAY]).code, 0);
    assert_eq!(twin.state().taken.len(), UNITS);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_has_no_zalo_gets_a_text_message_or_else_a_mail_in_the_same_run() {
    let (zalo, esms) = (ZaloTwin::start().await, EsmsTwin::start().await);
    let sink = SmtpSink::start(SmtpScript { pipelining: true, ..SmtpScript::default() }).await;
    let sms = format!(
        "[[channel]]\nname = \"sms\"\nkind = \"sms\"\nprovider = \"esms\"\nurl = \"{}\"\nallow_private = true\n\
         api_key = \"{API_KEY}\"\nsecret_key = \"{SECRET_KEY}\"\nbrandname = \"{BRANDNAME}\"\n",
        esms.url()
    );
    let mail = Plan::default().mail(sink.addr, 2).channels;
    let extra = "[delivery]\nfallback = [\"zalo\", \"sms\", \"mail\"]\n".to_owned();
    let channels = zalo.channel(&format!("{sms}{mail}"));
    let project = seeded(&zalo, &Plan { units: UNITS, channels, extra, ..Plan::default() });
    for phone in ["84900000001", "84900000002"] {
        zalo.state().fail(phone, Fault::Code(-118));
    }
    esms.fault("0900000002", [crate::support::esms::Fault::Code(99)]);
    for _ in 0..2 {
        let done = morning(&project, &["run", "--as-of", DAY]);
        let ways = ways(&project);
        let ways: Vec<_> = ways.iter().map(|(_, channel, state)| (channel.as_str(), state.as_str())).collect();
        assert_eq!(ways, [("zalo", "sent"), ("sms", "sent"), ("mail", "sent")], "{}{}", done.out, done.err);
        assert_eq!((zalo.state().taken.len(), esms.taken().len(), sink.received().len()), (1, 1, 1));
    }
}

#[test]
fn the_parameters_for_zalo_are_shown_before_anything_is_sent() {
    let project = Project::new(&Plan { units: UNITS, ..Plan::default() });
    let shown = project.run(&["preview", "X000001", "--as-of", DAY, "--part", "zalo"]);
    assert_eq!(shown.code, 0, "{}", shown.err);
    says(&shown, &["unit     UBND xã Số 1", "as_of    31/10/2022", "row_1 "]);
}
