//! Packs with mistakes, and heads whom nothing reaches.

use std::net::SocketAddr;

use super::{DAY, UNITS, each, entries, heads, ledger, plan, reached, round, says, word};
use crate::support::project::{Plan, Project, figures};
use crate::support::smtp_sink::{SmtpScript, SmtpSink};

const HEAD: &str = "ubnd@xa1.example,0900 000 001,";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_head_without_an_address_for_any_channel_is_named_and_the_others_get_theirs() {
    for (what, left) in [("no address at all", ",,"), ("a phone number, and mail alone", ",0900 000 001,")] {
        let sink = SmtpSink::start(SmtpScript::default()).await;
        let project = Project::new(&plan().mail(sink.addr, 1));
        let contacts = project.read("pack/contacts.csv");
        project.edit("pack/contacts.csv", HEAD, left);
        let done = round(&project);
        assert_eq!(done.code, 0, "{what}: {}", done.err);
        says(&done, &["Xã Số 1 (X000001)", "remedy: add a head with an address", "contacts.csv"]);
        says(&project.run(&["check"]), &["Xã Số 1 (X000001)", "contacts.csv"]);
        assert_eq!(reached(&sink), heads([0, 2]), "{what}");
        let cases = project.run(&["case", "list", "--format", "json"]).json();
        let reminded = cases.as_array().expect("a list").iter().filter(|case| case["unit_code"] == "X000001").count();
        assert_eq!(reminded, 0, "{what}: nobody was reminded, so no case may say so");

        project.write("pack/contacts.csv", &contacts);
        assert_eq!(project.run(&["catalog", "import", "pack", "--yes"]).code, 0);
        for _ in 0..2 {
            assert_eq!(round(&project).code, 0);
            assert_eq!(reached(&sink), heads(0..UNITS), "{what}: once each");
        }
    }
}

#[test]
fn the_admins_hear_of_a_head_whom_nothing_reaches_with_the_remedy() {
    let alerts = "[alerts]\nto = [\"admin@tinh.example\"]\n".to_owned();
    let project = Project::new(&Plan { extra: alerts, ..plan() });
    project.edit("pack/contacts.csv", HEAD, ",,");
    assert_eq!(round(&project).code, 0);
    let to_admin =
        entries(&project).into_iter().find(|entry| entry["unit_code"] == "").expect("a message to the admin");
    let shown = project.run(&["outbox", "show", &word(&to_admin["id"])]);
    says(&shown, &["cần kiểm tra", "Xã Số 1 (X000001)", "remedy: add a head"]);
}

#[test]
fn every_mistake_of_a_seed_pack_is_told_at_once_by_run_and_by_check() {
    let project = Project::new(&plan());
    project.edit("pack/units.csv", "Xã Số 1,xa,24", "Xã Số 1,xax,24");
    project.edit("pack/contacts.csv", "ubnd@xa1.example", "ubnd.xa1.example");
    let targets = project.read("pack/targets.toml");
    std::fs::remove_file(project.path("pack/targets.toml")).unwrap();
    let said = [
        "pack/units.csv:4:17: ",
        "unknown kind `xax`",
        "remedy: did you mean `xa`?",
        "pack/contacts.csv:3:37: ",
        "`ubnd.xa1.example` is not an e-mail address",
        "remedy: write one plain address",
        "targets.toml:1:1: ",
        "remedy: add targets.toml to the folder",
    ];
    for command in [&["check"][..], &["run", "--as-of", DAY], &["check"]] {
        let done = project.run(command);
        assert_eq!(done.code, 3, "{command:?}: {}", done.err);
        says(&done, &said);
        assert!(!done.out.contains("make the database reachable"), "{command:?}: {}", done.out);
    }
    let problems = project.run(&["check", "--format", "json"]).json();
    let lines =
        problems["problems"].as_array().expect("a list").iter().filter(|problem| problem["severity"] == "error");
    assert_eq!(lines.map(|problem| problem["where"]["line"].as_u64()).collect::<Vec<_>>(), [Some(4), Some(3), Some(1)]);

    project.edit("pack/units.csv", "xax", "xa");
    project.edit("pack/contacts.csv", "ubnd.xa1.example", "ubnd@xa1.example");
    project.write("pack/targets.toml", &targets);
    assert_eq!(round(&project).code, 0);
    assert_eq!(ledger(&project), each(0..UNITS, "sent"));
}

#[test]
fn a_seed_pack_that_is_not_there_is_told_with_its_place() {
    let project = Project::new(&plan());
    std::fs::rename(project.path("pack"), project.path("elsewhere")).unwrap();
    for command in [&["run", "--as-of", DAY][..], &["check"]] {
        let done = project.run(command);
        assert_eq!(done.code, 3, "{}", done.err);
        says(&done, &[&project.path("pack").display().to_string(), "remedy: "]);
    }
    says(&project.run(&["check"]), &["config.toml:4:8: warning: ", "does not exist", "remedy: correct the path"]);
    std::fs::rename(project.path("elsewhere"), project.path("pack")).unwrap();
    assert_eq!(round(&project).code, 0);
    assert_eq!(ledger(&project), each(0..UNITS, "sent"));
}

#[test]
fn heads_who_share_an_address_get_one_message_over_all_their_units() {
    let nowhere: SocketAddr = "127.0.0.1:9".parse().unwrap();
    let project = Project::new(&plan().mail(nowhere, 1));
    project.edit("pack/contacts.csv", "ubnd@xa1.example", "UBND@xa0.example");
    project.write("figures.csv", &figures(UNITS, 40));
    assert_eq!(round(&project).code, 6);
    assert_eq!(ledger(&project), each([0, 2], "ready"));
}
