//! What a person may do to many messages at once: retry and cancel by filters, tried dry first, and the fate of one.

use super::{DAY, UNITS, each, entries, heads, ledger, plan, reached, round, says, word};
use crate::support::project::{Done, Plan, Project, code};
use crate::support::smtp_sink::{Fault, SmtpScript, SmtpSink, What};

fn outbox(project: &Project, arguments: &[&str]) -> Done {
    project.run(&[&["outbox"], arguments].concat())
}

fn done(project: &Project, arguments: &[&str], parts: &[&str]) {
    let done = outbox(project, arguments);
    assert_eq!(done.code, 0, "{arguments:?}: {}", done.err);
    says(&done, parts);
}

fn refused(project: &Project, arguments: &[&str], parts: &[&str]) {
    let before = ledger(project);
    let done = outbox(project, arguments);
    assert_eq!(done.code, 2, "{arguments:?}: {}", done.err);
    says(&done, parts);
    assert_eq!(ledger(project), before, "{arguments:?} changed something");
}

fn id_of(project: &Project, unit: usize) -> String {
    let entry = entries(project).into_iter().find(|entry| entry["unit_code"] == code(unit).as_str());
    word(&entry.expect("an entry")["id"])
}

const TRIAL: &[&str] = &["retry", "--state", "held", "--reason", "trial"];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_trial_mode_held_is_offered_in_bulk_and_goes_to_where_each_head_is_reached_now() {
    let sink = SmtpSink::start(SmtpScript::default()).await;
    let project = Project::new(&plan().mail(sink.addr, 1));
    project.edit("config.toml", "trial = false", "trial = true");
    assert_eq!(round(&project).code, 8, "it waits for a person");
    assert_eq!(ledger(&project), each(0..UNITS, "held (trial)"));
    refused(&project, TRIAL, &["nothing changed", "trial mode is on", "[safety] allow"]);

    project.edit("config.toml", "trial = true", "trial = false");
    project.edit("pack/contacts.csv", "ubnd@xa1.example", "vanphong@xa1.example");
    assert_eq!(project.run(&["catalog", "import", "pack", "--yes"]).code, 0);
    done(&project, &[TRIAL, &["--dry-run"]].concat(), &["3 entries would be offered again"]);
    assert_eq!(ledger(&project), each(0..UNITS, "held (trial)"), "a dry run changes nothing");
    done(&project, &[TRIAL, &["--channel", "no-such"]].concat(), &["0 entries offered again"]);
    assert_eq!(ledger(&project), each(0..UNITS, "held (trial)"), "no entry goes through that channel");

    let by = [TRIAL, &["--by", "Tổ CNTT"]].concat();
    done(&project, &by, &["1 to an address that changed", "3 entries offered again"]);
    let shown = outbox(&project, &["show", &id_of(&project, 1)]);
    says(&shown, &["offered again by Tổ CNTT; goes to v***@xa1.example now, not to u***@xa1.example"]);
    assert_eq!(round(&project).code, 0);
    let expected = ["ubnd@xa0.example", "ubnd@xa2.example", "vanphong@xa1.example"];
    assert_eq!(reached(&sink), expected);
    assert_eq!(ledger(&project), each(0..UNITS, "sent"));
    refused(&project, &["retry", &id_of(&project, 0)], &["it is sent"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn filters_choose_what_is_taken_back_and_what_is_offered_again() {
    let refuse = Fault { what: What::RefuseRecipient(550), times: 1 };
    let faults = [("ubnd@xa0.example".to_owned(), refuse)].into();
    let sink = SmtpSink::start(SmtpScript { faults, ..SmtpScript::default() }).await;
    let project = Project::new(&Plan { units: 4, ..plan() }.mail(sink.addr, 1));
    assert_eq!(project.run(&["pause"]).code, 0);
    assert_eq!(round(&project).code, 0);
    assert_eq!(ledger(&project), each(0..4, "ready"));

    refused(&project, &["cancel"], &["which entries?", "remedy"]);
    refused(&project, &["retry", "--state", "ready"], &["nothing changed", "it is ready"]);
    refused(&project, &["cancel", "--state", "redy"], &["remedy"]);
    let unit = code(3);
    let cancel = ["cancel", "--unit", &unit, "--why", "sai người nhận", "--by", "Hoa"];
    done(&project, &[&cancel[..], &["--dry-run"]].concat(), &["1 entry would be cancelled"]);
    assert_eq!(ledger(&project), each(0..4, "ready"), "a dry run changes nothing");
    done(&project, &cancel, &["1 entry cancelled"]);
    says(&outbox(&project, &["show", &id_of(&project, 3)]), &["cancelled by Hoa: sai người nhận"]);

    assert_eq!(project.run(&["resume"]).code, 0);
    round(&project);
    assert_eq!(reached(&sink), heads([1, 2]), "neither the refused one nor the cancelled one");
    done(&project, &["retry", "--channel", "mail"], &["1 entry offered again; 3 left out"]);
    assert_eq!(round(&project).code, 0);
    assert_eq!(reached(&sink), heads([0, 1, 2]));
    refused(&project, &["cancel", "--run", "no-such-round", &code(0)], &["cannot be used with"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_uncertain_fate_is_said_by_a_person_for_one_message_and_never_by_a_filter() {
    let stub = crate::support::http_stub::HttpStub::start([crate::support::http_stub::HttpAnswer::Silent]).await;
    let channels = format!(
        "[[channel]]\nname = \"hook\"\nkind = \"webhook\"\nurl = \"{}\"\nallow_private = true\nidempotent = false\n\
         body = '{{\"text\": \"{{{{ text }}}}\"}}'\ntimeout = \"1 second\"\n",
        stub.url("/hook")
    );
    let project = Project::new(&Plan { units: 1, channels, ..plan() });
    round(&project);
    assert_eq!(ledger(&project), each([0], "uncertain"));
    let id = id_of(&project, 0);
    let what = "its fate is uncertain: `dondoc outbox resolve` decides";
    refused(&project, &["retry", "--state", "uncertain"], &[what]);
    refused(&project, &["resolve", "no-such-id", "sent", "--by", "Hoa", "--note", "a"], &["nothing changed"]);
    let not_sent = ["resolve", &id, "not-sent", "--by", "Hoa", "--note", "đã hỏi nhà cung cấp"];
    done(&project, &not_sent, &["will be offered again"]);
    says(&outbox(&project, &["show", &id]), &["resolved as not sent by Hoa: đã hỏi nhà cung cấp"]);
    refused(&project, &not_sent, &["its fate is not uncertain"]);
    assert_eq!(project.run(&["run", "--as-of", DAY]).code, 0);
    assert_eq!((ledger(&project), stub.requests().len()), (each([0], "sent"), 2));
}
