//! Round after round: nobody hears twice of the same, the repeat comes in its own words, recovery ends it.

use super::{DAY, UNITS, each, entries, heads, ledger, plan, reached, round, says};
use crate::support::project::{Project, code, figures};
use crate::support::smtp_sink::{SmtpScript, SmtpSink};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_run_reminds_nobody_twice() {
    let sink = SmtpSink::start(SmtpScript::default()).await;
    let project = Project::new(&plan().mail(sink.addr, 2));
    for reminded in [UNITS, 0, 0] {
        let done = project.run(&["run", "--as-of", DAY, "--format", "json"]);
        assert_eq!((done.code, done.json()["decisions"]["remind"].as_u64()), (0, u64::try_from(reminded).ok()));
    }
    assert_eq!(reached(&sink), heads(0..UNITS));
    assert_eq!(ledger(&project), each(0..UNITS, "sent"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dry_run_shows_who_would_be_written_to_and_stores_and_sends_nothing() {
    let sink = SmtpSink::start(SmtpScript::default()).await;
    let project = Project::new(&plan().mail(sink.addr, 1));
    let done = project.run(&["run", "--dry-run", "--as-of", DAY]);
    assert_eq!(done.code, 0, "{}", done.err);
    says(&done, &["3 would be written; dry run: nothing stored, nothing sent", "X000002", "u***@xa2.example"]);
    assert_eq!((sink.connections(), entries(&project).len()), (0, 0));
    assert_eq!(project.run(&["case", "list", "--format", "json"]).json(), serde_json::json!([]));
    assert_eq!(project.run(&["report"]).code, 2, "no round was stored");
    assert_eq!(round(&project).code, 0);
    assert_eq!(reached(&sink), heads(0..UNITS), "the dry run took nobody's turn");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_five_working_days_the_second_reminder_comes_in_the_words_of_a_repeat() {
    let sink = SmtpSink::start(SmtpScript::default()).await;
    let project = Project::new(&plan().mail(sink.addr, 1));
    for (day, mails) in
        [("2022-10-31", UNITS), ("2022-11-04", UNITS), ("2022-11-07", 2 * UNITS), ("2022-11-08", 2 * UNITS)]
    {
        let done = project.run(&["run", "--as-of", day]);
        assert_eq!((done.code, reached(&sink).len()), (0, mails), "{day}: {}", done.err);
    }
    let shown = |entry: &serde_json::Value| project.run(&["outbox", "show", entry["id"].as_str().unwrap()]).out;
    let about: Vec<String> =
        entries(&project).iter().filter(|entry| entry["unit_code"] == code(1)).map(shown).collect();
    let [first, second] = about.as_slice() else { panic!("two messages, not {}", about.len()) };
    assert!(first.contains("thông báo kết quả dịch vụ công") && !first.contains("nhắc lần"), "{first}");
    assert!(
        second.contains("nhắc lần 2") && second.contains("Sau thư ngày") && second.contains("nhắc lại kết quả"),
        "{second}"
    );
    let cases = project.run(&["case", "list", "--format", "json"]).json();
    assert!(cases.as_array().unwrap().iter().all(|case| case["reminders"] == 2), "{cases}");
}

#[test]
fn recovery_closes_the_case_and_a_new_miss_begins_at_the_first_step() {
    let project = Project::new(&plan());
    let text = figures(UNITS, 40);
    assert_eq!(round(&project).code, 0);
    let good =
        "2022-10,X000001,1.000001,100,80,95,95,80,50,20,1,1\n2022-10,X000001,1.000002,100,80,95,95,60,50,5,1,1\n";
    let others: String = text.lines().filter(|line| !line.contains("X000001")).flat_map(|line| [line, "\n"]).collect();
    project.write("figures.csv", &format!("{others}{good}"));
    let done = project.run(&["run", "--as-of", "2022-11-01"]);
    assert_eq!(done.code, 0, "{}", done.err);
    says(&done, &["recovered 1"]);
    let open = project.run(&["case", "list", "--format", "json"]).json();
    assert!(open.as_array().unwrap().iter().all(|case| case["unit_code"] != code(1)), "{open}");
    let all = project.run(&["case", "list", "--all", "--format", "json"]).json();
    let closed = all.as_array().unwrap().iter().filter(|case| case["unit_code"] == code(1));
    assert_eq!(closed.map(|case| case["closed"].clone()).collect::<Vec<_>>(), ["2022-11-01"; 4]);
    assert_eq!(ledger(&project), each(0..UNITS, "sent"), "nobody is written to about it");

    let more = "2022-11,X000001,1.000001,200,0,0,0,0,0,0,1,0\n";
    project.write("figures.csv", &format!("{others}{good}{more}"));
    assert_eq!(project.run(&["run", "--as-of", "2022-11-02"]).code, 0);
    let about: Vec<_> = entries(&project).into_iter().filter(|entry| entry["unit_code"] == code(1)).collect();
    assert_eq!(about.len(), 2);
    let second = project.run(&["outbox", "show", about[1]["id"].as_str().unwrap()]).out;
    assert!(!second.contains("nhắc lần"), "a new case: {second}");
}
