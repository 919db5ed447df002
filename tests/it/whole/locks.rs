//! The four locks before any send: approval, trial mode, pause, guard.

use super::{DAY, UNITS, each, entries, heads, ledger, plan, reached, round, says, word};
use crate::support::project::{Plan, Project, code, figures};
use crate::support::smtp_sink::{SmtpScript, SmtpSink};

fn with_approval() -> Project {
    let project = Project::new(&plan());
    project.edit("config.toml", "approval = \"never\"", "approval = \"first_and_changes\"");
    project
}

#[test]
fn the_first_round_waits_for_a_second_person_whose_word_lets_it_go() {
    let project = with_approval();
    for why in ["it is the first round", "the messages of an earlier round still wait"] {
        let done = round(&project);
        assert_eq!(done.code, 8, "{}", done.err);
        says(&done, &["held (approval)", why, "3 message(s) wait", "remedy: ", "dondoc approve"]);
        assert_eq!(ledger(&project), each(0..UNITS, "held (approval)"));
    }
    let unsure = project.run(&["approve"]);
    assert_eq!(unsure.code, 8, "without a terminal the answer is no");
    says(&unsure, &["give --yes"]);
    assert_eq!(ledger(&project), each(0..UNITS, "held (approval)"));

    let approved = project.run(&["approve", "--by", "Phòng CNTT", "--yes"]);
    assert_eq!(approved.code, 0, "{}", approved.err);
    says(&approved, &["3 message(s) approved by Phòng CNTT"]);
    assert_eq!(ledger(&project), each(0..UNITS, "ready"));
    let sent = project.run(&["run", "--as-of", "2022-10-31"]);
    assert_eq!(sent.code, 0, "{}", sent.err);
    assert!(sent.out.contains("3 of earlier rounds sent"), "{}", sent.out);
    assert_eq!(ledger(&project), each(0..UNITS, "sent"));
    says(&project.run(&["approve", "--yes"]), &["nothing waits for approval"]);
}

#[test]
fn when_all_that_waited_was_taken_back_nobody_is_asked_any_more() {
    let project = with_approval();
    assert_eq!(round(&project).code, 8);
    for entry in entries(&project) {
        assert_eq!(project.run(&["outbox", "cancel", &word(&entry["id"])]).code, 0);
    }
    says(&project.run(&["approve", "--yes"]), &["nothing waits for approval"]);
    let next = project.run(&["run", "--as-of", "2022-11-07"]);
    assert_eq!(next.code, 8, "{}", next.err);
    assert!(!next.err.contains("earlier round"), "the next batch waits for a reason of its own: {}", next.err);
    assert_eq!(project.run(&["approve", "--yes"]).code, 0);
}

#[test]
fn after_a_change_of_targets_a_second_person_is_asked_again() {
    let project = with_approval();
    assert_eq!((round(&project).code, project.run(&["approve", "--yes"]).code, round(&project).code), (8, 0, 0));
    assert_eq!(project.run(&["run", "--as-of", "2022-11-07"]).code, 0, "the same footing is known");
    project.edit("pack/targets.toml", "value = \"50\"", "value = \"60\"");
    assert_eq!(project.run(&["catalog", "import", "pack", "--yes"]).code, 0);
    let done = project.run(&["run", "--as-of", "2022-11-14"]);
    assert_eq!(done.code, 8, "{}", done.err);
    says(&done, &["targets, mapping, templates or sources changed since the last approved round"]);
}

#[test]
fn an_approval_is_void_when_the_batch_changed_since_the_question() {
    for (lock, open, held) in [("approval", "approval = \"never\"", 8), ("guard", "percent = 100", 4)] {
        void_when_changed(lock, open, held);
    }
}

fn void_when_changed(lock: &str, open: &str, held: i32) {
    let project = Project::new(&plan());
    let closed = if lock == "guard" { "percent = 20" } else { "approval = \"first_and_changes\"" };
    project.edit("config.toml", open, closed);
    assert_eq!(round(&project).code, held, "{lock}");
    let first = word(&entries(&project)[0]["id"]);
    assert_eq!(project.run(&["outbox", "cancel", &first]).code, 0);
    let refused = project.run(&["approve", "--yes"]);
    assert_eq!(refused.code, 8, "{}", refused.err);
    says(
        &refused,
        &["the batch changed since it was asked about; nothing was let go", "remedy: run `dondoc run` again"],
    );

    assert_eq!(round(&project).code, held, "{lock}: the question is put anew");
    assert_eq!(project.run(&["approve", "--yes"]).code, 0);
    assert_eq!(round(&project).code, 0);
    let mut expected = each(1..UNITS, "sent");
    expected.insert("X000000".to_owned(), vec!["cancelled".to_owned()]);
    assert_eq!(ledger(&project), expected);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_trial_mode_only_allowed_addresses_get_mail() {
    let sink = SmtpSink::start(SmtpScript::default()).await;
    let project = Project::new(&plan().mail(sink.addr, 1));
    project.edit("config.toml", "trial = false", "trial = true\nallow = [\"ubnd@xa1.example\"]");
    let done = round(&project);
    assert_eq!(done.code, 8, "{}", done.err);
    says(&done, &["trial mode: 2 message(s) are kept back", "[safety] allow", "remedy: set [safety] trial = false"]);
    assert_eq!(reached(&sink), heads([1]));

    project.edit("config.toml", "trial = true", "trial = false");
    for entry in entries(&project).iter().filter(|entry| entry["state"] == "held") {
        assert_eq!(entry["hold_reason"], "trial");
        assert_eq!(project.run(&["outbox", "retry", &word(&entry["id"])]).code, 0);
    }
    assert_eq!(round(&project).code, 0);
    assert_eq!(reached(&sink), heads(0..UNITS), "once each");
}

#[test]
fn nothing_is_sent_while_paused_and_everything_after_resume() {
    let project = Project::new(&plan());
    assert_eq!(project.run(&["pause", "--by", "Phòng CNTT"]).code, 0);
    let done = round(&project);
    assert_eq!(done.code, 0, "{}", done.err);
    says(&done, &["3 waiting", "paused: nothing is sent", "remedy: `dondoc resume`"]);
    assert_eq!(ledger(&project), each(0..UNITS, "ready"));
    assert_eq!(project.run(&["resume"]).code, 0);
    let done = round(&project);
    assert!(!done.err.contains("paused"), "{}", done.err);
    assert_eq!(ledger(&project), each(0..UNITS, "sent"));
}

#[test]
fn too_many_units_newly_below_hold_the_round_until_a_person_says_yes() {
    let project = Project::new(&Plan { units: 10, ..plan() });
    project.edit("config.toml", "max_newly_below_percent = 100", "max_newly_below_percent = 20");
    let all = figures(10, 40);
    for why in ["10 of 10 judged units fall below target", "the messages of an earlier round still wait"] {
        let done = round(&project);
        assert_eq!(done.code, 4, "a second run does not open the lock: {}", done.err);
        says(&done, &["held (guard)", why, "10 message(s) wait", "remedy: ", "dondoc approve"]);
        assert_eq!(ledger(&project), each(0..10, "held (guard)"));
    }
    assert_eq!(project.run(&["approve", "--yes"]).code, 0);
    assert_eq!(round(&project).code, 0);
    assert_eq!(ledger(&project), each(0..10, "sent"));
    project.write("figures.csv", &all);
    assert_eq!(project.run(&["run", "--as-of", DAY]).code, 0, "nobody is newly below");
}

#[test]
fn a_file_that_was_exported_again_with_the_same_figures_voids_no_approval() {
    let project = with_approval();
    assert_eq!(round(&project).code, 8);
    let show = |project: &Project| project.run(&["outbox", "show", &word(&entries(project)[0]["id"])]).out;
    let before = show(&project);
    let rows = std::fs::read_to_string(project.path("figures.csv")).unwrap();
    project.write("figures.csv", &format!("{rows}\n"));
    let again = round(&project);
    assert_eq!(again.code, 8, "{}", again.err);
    assert!(!again.err.contains("written anew"), "{}", again.err);
    assert_eq!(show(&project), before);
    assert_eq!(project.run(&["approve", "--yes"]).code, 0);
    assert_eq!(round(&project).code, 0);
    assert_eq!(ledger(&project), each(0..UNITS, "sent"));
}

#[test]
fn figures_mended_before_the_approval_mend_the_messages_that_wait() {
    let project = Project::new(&Plan { units: 10, ..plan() });
    project.edit("config.toml", "max_newly_below_percent = 100", "max_newly_below_percent = 20");
    assert_eq!(round(&project).code, 4);
    let on_target = |number: usize| {
        let good = "100,80,95,95,60,50,5,1,1";
        format!("2022-10,{0},1.000001,{good}\n2022-10,{0},1.000002,{good}\n", code(number))
    };
    let mended = figures(10, 44);
    let wrong = mended.lines().filter(|line| !line.contains(&code(1))).flat_map(|line| [line, "\n"]);
    project.write("figures.csv", &format!("{}{}", wrong.collect::<String>(), on_target(1)));

    assert_eq!(project.run(&["approve"]).code, 8, "nobody approves the wrong figures");
    let done = round(&project);
    assert_eq!(done.code, 4, "{}", done.err);
    says(&done, &["9 waiting message(s) were written anew and 1 taken back", "9 message(s) wait", "dondoc approve"]);
    assert_eq!(project.run(&["approve", "--yes"]).code, 0);
    assert_eq!(round(&project).code, 0);
    let mut expected = each((0..10).filter(|number| *number != 1), "sent");
    expected.insert(code(1), vec!["cancelled".to_owned()]);
    assert_eq!(ledger(&project), expected);
    for entry in entries(&project).iter().filter(|entry| entry["state"] == "sent") {
        says(&project.run(&["outbox", "show", &word(&entry["id"])]), &["44/200"]);
    }
}
