//! Text messages as an office uses them, through the binary.

use dondoc::channel::MobileHours;
use dondoc::clock::Clock;

use super::{DAY, entries, round, says};
use crate::sms::project;
use crate::support::daemon::Daemon;
use crate::support::esms::{EsmsTwin, Fault};
use crate::support::project::Done;

/// Nothing that was said holds a key, the token of the calls, or a whole number.
fn nothing_secret(what: &str, said: &str) {
    for secret in ["ESMS-KEY", "ESMS-SECRET", "token-of-the-callback", "900000001", "900000002", "900 000 00"] {
        assert!(!said.contains(secret), "{secret} in {what}:\n{said}");
    }
}

/// Whether phones may ring now; nothing when the hour turned while `work` was done.
fn by_day(work: impl FnOnce()) -> Option<bool> {
    let before = MobileHours::are_open(Clock::System.now());
    work();
    (MobileHours::are_open(Clock::System.now()) == before).then_some(before)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_sends_everybody_one_message_and_says_no_secret() {
    let twin = EsmsTwin::start().await;
    twin.fault("0900000001", [Fault::AnswerLost]);
    twin.fault("0900000002", [Fault::Code(99)]);
    let project = project(&twin, "");
    let mut said: Vec<(String, Done)> = Vec::new();
    let day = by_day(|| {
        let run = project.command(&["run", "--as-of", DAY]).env("RUST_LOG", "trace").output().expect("it runs");
        said.push(("run".to_owned(), Done::of(run)));
        said.push(("run again".to_owned(), round(&project)));
    });
    let states: Vec<String> =
        entries(&project).iter().map(|entry| entry["state"].as_str().unwrap().to_owned()).collect();
    let count = |state: &str| states.iter().filter(|known| *known == state).count();
    match day {
        Some(true) => {
            assert_eq!((count("sent"), count("failed"), twin.taken().len()), (3, 1, 3), "{states:?} {}", said[0].1.err);
            assert_eq!((twin.repeated().len(), twin.taken_twice()), (1, Vec::new()));
        }
        Some(false) => assert_eq!((count("ready"), twin.taken().len()), (4, 0)),
        None => {}
    }
    let id = entries(&project)[0]["id"].as_str().unwrap().to_owned();
    for arguments in
        [&["outbox", "list"][..], &["outbox", "list", "--format", "json"], &["outbox", "show", &id], &["check"]]
    {
        said.push((arguments.join(" "), project.run(arguments)));
    }
    let daemon = Daemon::serve(&project);
    for (path, status) in
        [("/callback/sms/wrong?SMSID=1", "401"), ("/callback/sms/token-of-the-callback-0123456789?SMSID=1", "200")]
    {
        assert!(daemon.get(path).0.contains(status), "{path}");
    }
    nothing_secret("metrics", &daemon.get("/metrics").1);
    nothing_secret("serve", &daemon.said());
    for (what, done) in &said {
        nothing_secret(what, &done.out);
        nothing_secret(what, &done.err);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dry_run_and_a_preview_say_what_messages_cost() {
    let twin = EsmsTwin::start().await;
    let plain = project(&twin, "");
    let dry = plain.run(&["run", "--dry-run", "--as-of", DAY]);
    says(&dry, &["sms        4 of them, 8 segments, about 6.320 đồng"]);
    let preview = plain.run(&["preview", "X000000", "--as-of", DAY, "--part", "sms"]);
    assert!(preview.err.contains("2 segment(s) without diacritics"), "{}{}", preview.out, preview.err);
    assert!(preview.err.contains("1.580 đồng"), "{}", preview.err);
    let accented = project(&twin, "diacritics = true");
    let json = accented.run(&["run", "--dry-run", "--as-of", DAY, "--format", "json"]).json();
    assert_eq!(json["sms"], serde_json::json!({"segments": 12, "price": 12 * 790}));
    assert!(twin.taken().is_empty());
}
