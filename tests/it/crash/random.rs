//! The plug is pulled at random instants, fifty times and more: every head still gets the message, under one
//! `Message-ID`, in the same bytes; only what was in flight may come twice.

use std::collections::HashMap;
use std::time::Duration;

use crate::support::databases::postgres_url;
use crate::support::project::{Plan, Project, code};
use crate::support::smtp_sink::{Fault, SmtpScript, SmtpSink, What};

const UNITS: usize = 800;
const CONNECTIONS: usize = 4;
/// Claimed but unsettled entries at any instant, at most: six per connection.
const IN_FLIGHT: usize = CONNECTIONS * 6;

fn kills() -> usize {
    #[expect(clippy::disallowed_methods, reason = "the long form is asked for by scripts/test --soak")]
    let soak = std::env::var("DONDOC_SOAK").is_ok();
    if soak { 300 } else { 50 }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_fifty_times_on_sqlite_nothing_is_lost_and_only_what_was_in_flight_comes_twice() {
    survive("sqlite:dondoc.db".to_owned(), 1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_fifty_times_on_postgresql_nothing_is_lost_and_only_what_was_in_flight_comes_twice() {
    survive(postgres_url().await, 2).await;
}

async fn survive(database: String, seed: u64) {
    let slow = Fault { what: What::Slow(Duration::from_millis(40)), times: usize::MAX };
    let faults = (0..UNITS).map(|number| (format!("ubnd@xa{number}.example"), slow)).collect();
    let sink = SmtpSink::start(SmtpScript { pipelining: true, faults, ..SmtpScript::default() }).await;
    let extra = "[delivery]\nlease = \"3 seconds\"\nrun_waits = \"20 seconds\"\n".to_owned();
    let project = Project::new(&Plan { units: UNITS, database, extra, ..Plan::default() }.mail(sink.addr, CONNECTIONS));

    let mut dice = Dice(seed);
    let mut killed = 0;
    while killed < kills() {
        let mut child = tokio::process::Command::from(run(&project)).spawn().expect("the binary starts");
        if !live(&mut child, &sink, &mut dice).await {
            break;
        }
        child.kill().await.expect("a kill");
        killed += 1;
    }
    let last = tokio::process::Command::from(run(&project)).output().await.expect("the last run");
    let said = String::from_utf8_lossy(&last.stderr).into_owned();
    assert!(killed >= 50, "only {killed} kills before everything was sent: make the sink slower\n{said}");
    assert_eq!(last.status.code(), Some(0), "{said}");
    offer_again(&project).await;
    judge(&project, &sink, killed);
}

/// On a slow machine one message may be in flight at three kills: it is quarantined until a person offers it again.
async fn offer_again(project: &Project) {
    let quarantined = project.run(&["outbox", "list", "--state", "quarantined", "--format", "json"]).json();
    if quarantined.as_array().expect("a list").is_empty() {
        return;
    }
    let offered = project.run(&["outbox", "retry", "--state", "quarantined"]);
    assert_eq!(offered.code, 0, "{}", offered.err);
    let sent = tokio::process::Command::from(run(project)).output().await.expect("one more run");
    assert_eq!(sent.status.code(), Some(0), "{}", String::from_utf8_lossy(&sent.stderr));
}

/// Lets `child` live for a while: every other time for some milliseconds from its birth, otherwise until some further
/// messages arrived. `false` when it ended by itself.
async fn live(child: &mut tokio::process::Child, sink: &SmtpSink, dice: &mut Dice) -> bool {
    let started = tokio::time::Instant::now();
    let enough = sink.received().len() + 1 + dice.below(10);
    let by_time = dice.below(2) == 0;
    let patience = Duration::from_millis(if by_time { dice.below(600) } else { 8_000 }.try_into().expect("small"));
    let moment = Duration::from_millis(dice.below(60).try_into().expect("small"));
    loop {
        if child.try_wait().expect("a child of ours").is_some() {
            return false;
        }
        let arrived = !by_time && sink.received().len() >= enough;
        if arrived || started.elapsed() >= patience {
            tokio::time::sleep(moment).await;
            return true;
        }
        tokio::time::sleep(Duration::from_millis(3)).await;
    }
}

/// A small generator, so that a failing run can be repeated.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).expect("31 bits") % limit
    }
}

fn run(project: &Project) -> std::process::Command {
    let mut command = project.command(&["run", "--as-of", "2022-10-31", "--format", "json"]);
    command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
    command
}

fn judge(project: &Project, sink: &SmtpSink, killed: usize) {
    let mut mails: HashMap<String, Vec<(String, Vec<u8>)>> = HashMap::new();
    for mail in sink.received() {
        assert_eq!(mail.to.len(), 1, "one recipient per envelope");
        mails.entry(mail.to[0].clone()).or_default().push((mail.message_id, mail.raw));
    }
    for number in 0..UNITS {
        let address = format!("ubnd@xa{number}.example");
        let copies = mails.get(&address).unwrap_or_else(|| panic!("{address} ({}) got nothing", code(number)));
        assert!(copies.iter().all(|copy| copy == &copies[0]), "{address}: copies differ in Message-ID or bytes");
    }
    assert_eq!(mails.len(), UNITS, "nobody else got anything");
    let copies: usize = mails.values().map(|copies| copies.len() - 1).sum();
    assert!(copies > 0, "no kill hit a message in flight: the test shows nothing");
    assert!(copies <= killed * IN_FLIGHT, "{copies} copies after {killed} kills");

    let entries = project.run(&["outbox", "list", "--format", "json"]).json();
    let entries = entries.as_array().expect("a list");
    assert_eq!(entries.len(), UNITS);
    let unsettled: Vec<_> = entries.iter().filter(|entry| entry["state"] != "sent").collect();
    assert!(unsettled.is_empty(), "every entry is settled: {unsettled:?}");
}
