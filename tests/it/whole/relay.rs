//! A relay that is away, that refuses the login, or that refuses a recipient.

use std::collections::HashMap;
use std::os::unix::fs::PermissionsExt as _;

use super::{UNITS, each, entries, heads, ledger, plan, reached, round, says};
use crate::support::away::Away;
use crate::support::project::{Done, Plan, Project, code};
use crate::support::smtp_sink::{Fault, SinkSecurity, SmtpScript, SmtpSink, What};

fn attempts(project: &Project) -> Vec<u64> {
    entries(project).iter().map(|entry| entry["attempts"].as_u64().expect("a number")).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_the_relay_is_away_messages_stay_ready_and_the_next_run_delivers_them() {
    let nobody = Away::reserve();
    let away = nobody.addr;
    let project = Project::new(&plan().mail(away, 1));
    for _ in 0..2 {
        let done = round(&project);
        assert_eq!(done.code, 6, "{}", done.err);
        let reason = format!("channel `mail` is out of order: {away}: Connection refused");
        says(&done, &[&reason, "nothing is lost", "remedy: check [[channel]] `mail`"]);
        assert_eq!(ledger(&project), each(0..UNITS, "ready"));
        assert_eq!(attempts(&project), [0; UNITS], "no attempt was burnt");
    }
    let sink = SmtpSink::start(SmtpScript::default()).await;
    project.edit("config.toml", &away.to_string(), &sink.addr.to_string());
    for _ in 0..2 {
        let done = round(&project);
        assert_eq!(done.code, 0, "{}", done.err);
        assert_eq!(reached(&sink), heads(0..UNITS));
    }
    assert_eq!(ledger(&project), each(0..UNITS, "sent"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refused_login_burns_no_attempt_and_the_right_password_delivers_everything() {
    let login = Some(("dondoc".to_owned(), "right".to_owned()));
    let sink = SmtpSink::start(SmtpScript { security: SinkSecurity::Tls, login, ..SmtpScript::default() }).await;
    let channels = format!(
        "[[channel]]\nname = \"mail\"\nkind = \"email\"\nrelay = \"smtps://localhost:{}\"\nuser = \"dondoc\"\n\
         password_file = \"password\"\n\
         from = \"dondoc@tinh.example\"\nca_file = \"relay.pem\"\nmax_connections = 1\n",
        sink.addr.port()
    );
    let project = Project::new(&Plan { channels, ..plan() });
    project.write("relay.pem", &sink.certificate);
    let with = |password: &str| -> Done {
        project.write("password", password);
        std::fs::set_permissions(project.path("password"), std::fs::Permissions::from_mode(0o600)).unwrap();
        round(&project)
    };
    let done = with("hunter2");
    assert_eq!(done.code, 6, "{}", done.err);
    says(&done, &["channel `mail` is out of order", "535", "remedy: check [[channel]] `mail`"]);
    assert!(!done.err.contains("hunter2"), "{}", done.err);
    assert_eq!(sink.logins(), 1, "one login is tried, not one per message");
    assert_eq!((ledger(&project), attempts(&project)), (each(0..UNITS, "ready"), vec![0; UNITS]));

    let done = with("right");
    assert_eq!(done.code, 0, "{}", done.err);
    assert_eq!(reached(&sink), heads(0..UNITS));
    assert_eq!(ledger(&project), each(0..UNITS, "sent"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refused_recipient_is_named_and_holds_up_nobody_else() {
    let refused = Fault { what: What::RefuseRecipient(550), times: 1 };
    let faults = HashMap::from([("ubnd@xa1.example".to_owned(), refused)]);
    let sink = SmtpSink::start(SmtpScript { faults, ..SmtpScript::default() }).await;
    let project = Project::new(&plan().mail(sink.addr, 1));
    let done = round(&project);
    assert_eq!(done.code, 5, "{}", done.err);
    says(&done, &["not taken: unit X000001", "550", "remedy: "]);
    assert_eq!(reached(&sink), heads([0, 2]));
    let mut expected = each([0, 2], "sent");
    expected.insert(code(1), vec!["failed".to_owned()]);
    assert_eq!(ledger(&project), expected);

    assert_eq!(round(&project).code, 0, "a later run has no failure of its own");
    assert_eq!(reached(&sink), heads([0, 2]), "a failed message is not offered again by itself");
    let failed = entries(&project).into_iter().find(|entry| entry["state"] == "failed").expect("a failed entry");
    assert_eq!(project.run(&["outbox", "retry", failed["id"].as_str().unwrap()]).code, 0);
    assert_eq!(round(&project).code, 0);
    assert_eq!(reached(&sink), heads(0..UNITS));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_channel_is_tried_step_by_step_and_mail_goes_only_to_those_who_expect_it() {
    let sink = SmtpSink::start(SmtpScript::default()).await;
    let extra = "[alerts]\nto = [\"admin@tinh.example\"]\n".to_owned();
    let project = Project::new(&Plan { extra, ..plan().mail(sink.addr, 1) });
    let done = project.run(&["channel", "test", "mail"]);
    assert_eq!(done.code, 0, "{}\n{}", done.out, done.err);
    says(&done, &["S: 220 sink.example", "C: RSET", "works"]);
    assert!(sink.received().is_empty());
    let stranger = project.run(&["channel", "test", "mail", "--to", "ai.do@xa.example"]);
    assert_eq!(stranger.code, 8, "{}", stranger.err);
    assert!(!stranger.err.contains("ai.do@"), "{}", stranger.err);
    let done = project.run(&["channel", "test", "mail", "--to", "admin@tinh.example"]);
    assert_eq!(done.code, 0, "{}\n{}", done.out, done.err);
    let sent = sink.received().pop().expect("a mail");
    assert_eq!(sent.to, ["admin@tinh.example"]);
    assert!(crate::support::mail::subject(&sent.raw).starts_with("[THỬ] "));
    assert_eq!(project.run(&["channel", "test", "khong-co"]).code, 2);
    let addr = sink.addr;
    drop(sink);
    let _nobody = Away::instead_of(addr).await;
    let away = project.run(&["channel", "test", "mail"]);
    assert_eq!(away.code, 6, "{}", away.out);
    says(&away, &["failed: Connect", "→ "]);
}
