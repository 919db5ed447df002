//! The real binary as a daemon: it delivers, stops in order, shares with others what may be shared.

use std::collections::HashSet;
use std::fmt::Write as _;
use std::time::{Duration, Instant};

use chrono::Datelike as _;
use dondoc::clock::{Clock, local_date};
use dondoc::db::Db;

use crate::support::daemon::{Daemon, until};
use crate::support::databases::postgres_url;
use crate::support::project::{Done, Plan, Project, figures};
use crate::support::smtp_sink::{Fault, SmtpScript, SmtpSink, What};

/// A relay that takes its time for every one of `units` heads.
async fn slow_relay(units: usize, wait: Duration) -> SmtpSink {
    let slow = Fault { what: What::Slow(wait), times: usize::MAX };
    let faults = (0..units).map(|number| (format!("ubnd@xa{number}.example"), slow)).collect();
    SmtpSink::start(SmtpScript { faults, ..SmtpScript::default() }).await
}

/// Messages of October 2022 wait in the outbox; nothing was sent yet.
fn with_messages_waiting(plan: &Plan) -> Project {
    let project = Project::new(plan);
    succeed(&project, &["pause"]);
    let round = project.run(&["run", "--as-of", "2022-10-31", "--format", "json"]).json();
    assert_eq!(round["messages"]["queued"], plan.units, "{round}");
    succeed(&project, &["resume"]);
    project
}

/// Figures and targets of this month, and a schedule that fires every other second.
pub fn planned_for_now(plan: &Plan) -> Project {
    let project = Project::new(plan);
    let today = local_date(Clock::System.now());
    project.write("figures.csv", &figures(plan.units, 40).replace("2022-10", &today.format("%Y-%m").to_string()));
    let targets = project.read("pack/targets.toml").replace("2022-01-01", &format!("{}-01-01", today.year()));
    project.write("pack/targets.toml", &targets.replace("2022-12-31", &format!("{}-12-31", today.year())));
    project.edit("config.toml", "0 30 7 * * Mon", "*/2 * * * * *");
    project
}

fn succeed(project: &Project, arguments: &[&str]) -> Done {
    let done = project.run(arguments);
    assert_eq!(done.code, 0, "{arguments:?}: {}", done.err);
    done
}

fn states(project: &Project) -> Vec<String> {
    let entries = succeed(project, &["outbox", "list", "--format", "json"]).json();
    let state = |entry: &serde_json::Value| entry["state"].as_str().expect("a state").to_owned();
    entries.as_array().expect("a list").iter().map(state).collect()
}

fn count(project: &Project, state: &str) -> usize {
    states(project).iter().filter(|have| *have == state).count()
}

fn arrived(sink: &SmtpSink, count: usize) {
    until(|| sink.accepted() >= count, || format!("{} of {count} arrived", sink.accepted()));
}

/// Every one of `units` heads got exactly one mail.
fn each_once(sink: &SmtpSink, units: usize) {
    let received = sink.received();
    let heads: HashSet<&String> = received.iter().flat_map(|mail| &mail.to).collect();
    assert_eq!((heads.len(), received.len()), (units, units));
}

fn stops_in_order(daemon: Daemon) {
    let (status, took) = daemon.stop();
    assert_eq!(status.code(), Some(0));
    assert!(took < Duration::from_secs(10), "{took:?}");
}

/// When the newest run was planned that was done, in seconds since 1970.
fn last_done(daemon: &Daemon) -> f64 {
    let (_, metrics) = daemon.get("/metrics");
    let sample = "dondoc_schedule_last_run_timestamp_seconds{schedule=\"weekly\",result=\"done\"} ";
    let line = metrics.lines().find_map(|line| line.strip_prefix(sample));
    line.map_or(0.0, |seconds| seconds.parse().expect("seconds"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn serve_carries_a_planned_round_through_delivers_it_and_answers_meanwhile() {
    let sink = SmtpSink::start(SmtpScript::default()).await;
    let project = planned_for_now(&Plan { units: 10, ..Plan::default() }.mail(sink.addr, 2));
    let daemon = Daemon::serve(&project);
    assert_eq!(daemon.get("/healthz"), ("HTTP/1.1 200 OK".to_owned(), "ok".to_owned()));
    let (status, ready) = daemon.get("/readyz");
    assert!(status.contains("200") && ready.contains("\"ready\":true"), "{status} {ready}");
    arrived(&sink, 10);
    until(|| last_done(&daemon) > 0.0, || daemon.said());
    until(|| count(&project, "sent") == 10, || daemon.said());
    let (_, metrics) = daemon.get("/metrics");
    assert!(metrics.contains("dondoc_outbox_messages{state=\"sent\"} 10\n"), "{metrics}");
    stops_in_order(daemon);
    each_once(&sink, 10);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_daemons_on_one_postgresql_reach_each_head_exactly_once() {
    let sink = slow_relay(30, Duration::from_millis(20)).await;
    let plan = Plan { units: 30, database: postgres_url().await, ..Plan::default() };
    let project = planned_for_now(&plan.mail(sink.addr, 2));
    let (one, other) = (Daemon::serve(&project), Daemon::serve(&project));
    arrived(&sink, 30);
    until(|| last_done(&one) > 0.0, || "the first round does not end".to_owned());
    let first = last_done(&one);
    until(|| last_done(&other) >= first + 4.0, || "no further rounds".to_owned());
    until(|| count(&project, "sent") == 30, || one.said());
    stops_in_order(one);
    stops_in_order(other);
    each_once(&sink, 30);
    assert_eq!(states(&project).len(), 30, "further rounds had nothing to add");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_daemon_that_is_told_to_stop_settles_what_is_in_flight_and_the_next_one_sends_the_rest() {
    let sink = slow_relay(24, Duration::from_millis(200)).await;
    let project = with_messages_waiting(&Plan { units: 24, ..Plan::default() }.mail(sink.addr, 2));
    let daemon = Daemon::serve(&project);
    arrived(&sink, 3);
    stops_in_order(daemon);
    let settled = count(&project, "sent");
    assert_eq!((settled, sink.received().len()), (sink.accepted(), settled), "what arrived is known to have");
    assert!(settled < 24, "it stopped in the middle");
    assert_eq!(count(&project, "ready"), 24 - settled, "the rest waits, and nothing is left claimed");
    let daemon = Daemon::serve(&project);
    arrived(&sink, 24);
    stops_in_order(daemon);
    each_once(&sink, 24);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pause_stops_a_working_daemon_within_five_seconds_and_a_resume_goes_on() {
    let sink = slow_relay(24, Duration::from_millis(200)).await;
    let project = with_messages_waiting(&Plan { units: 24, ..Plan::default() }.mail(sink.addr, 1));
    let daemon = Daemon::serve(&project);
    arrived(&sink, 2);
    // However long the command takes to start.
    sink.hold(true);
    succeed(&project, &["pause", "--by", "trực ban"]);
    sink.hold(false);
    let paused = Instant::now();
    until(|| count(&project, "sending") == 0, || states(&project).join(" "));
    assert!(paused.elapsed() < Duration::from_secs(5), "{:?}", paused.elapsed());
    let sent = sink.received().len();
    assert!(sent < 24, "it paused in the middle");
    while paused.elapsed() < Duration::from_secs(5) {
        assert_eq!(sink.received().len(), sent, "nothing leaves during a pause");
        std::thread::sleep(Duration::from_millis(50));
    }
    succeed(&project, &["resume"]);
    arrived(&sink, 24);
    stops_in_order(daemon);
    each_once(&sink, 24);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pause_stops_both_daemons_on_one_postgresql_within_five_seconds() {
    let sink = slow_relay(40, Duration::from_millis(200)).await;
    let plan = Plan { units: 40, database: postgres_url().await, ..Plan::default() };
    let project = with_messages_waiting(&plan.mail(sink.addr, 1));
    let daemons = [Daemon::serve(&project), Daemon::serve(&project)];
    arrived(&sink, 4);
    sink.hold(true);
    succeed(&project, &["pause", "--by", "trực ban"]);
    sink.hold(false);
    let paused = Instant::now();
    until(|| count(&project, "sending") == 0, || states(&project).join(" "));
    assert!(paused.elapsed() < Duration::from_secs(5), "{:?}", paused.elapsed());
    let sent = sink.received().len();
    assert!(sent < 40, "they paused in the middle");
    while paused.elapsed() < Duration::from_secs(5) {
        assert_eq!(sink.received().len(), sent, "nothing leaves from either during a pause");
        std::thread::sleep(Duration::from_millis(50));
    }
    succeed(&project, &["resume"]);
    arrived(&sink, 40);
    daemons.into_iter().for_each(stops_in_order);
    each_once(&sink, 40);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn beside_a_daemon_a_second_one_is_refused_while_looking_and_short_writes_work() {
    let project = with_messages_waiting(&Plan { units: 3, ..Plan::default() });
    let daemon = Daemon::serve(&project);
    until(|| count(&project, "sent") == 3, || daemon.said());
    for refused in [&["serve"][..], &["run", "--as-of", "2022-10-31"]] {
        let done = project.run(refused);
        assert_eq!(done.code, 7, "{refused:?}: {}", done.err);
        assert!(done.err.contains("remedy"), "{}", done.err);
    }
    let report = succeed(&project, &["report", "--as-of", "2022-10-31", "--format", "json"]).json();
    assert_eq!(report["units"].as_array().map(Vec::len), Some(3), "{report}");
    for works in [&["check"][..], &["pause"], &["resume"], &["case", "list"]] {
        succeed(&project, works);
    }
    assert_eq!(states(&project), ["sent", "sent", "sent"]);
    stops_in_order(daemon);
}

#[test]
fn whoever_is_refused_has_not_touched_the_database() {
    let project = Project::new(&Plan::default());
    let held = Db::hold("sqlite:dondoc.db", project.folder()).expect("nobody else");
    for refused in [&["serve"][..], &["run"]] {
        assert_eq!(project.run(refused).code, 7);
        assert!(!project.path("dondoc.db").exists(), "{refused:?} made a database");
    }
    drop(held);
}

#[test]
fn without_a_schedule_serve_says_so_stays_and_outlives_a_hang_up() {
    let project = Project::new(&Plan::default());
    let config = project.read("config.toml");
    let (head, rest) = config.split_once("[[schedule]]").expect("a schedule");
    let (_, channels) = rest.split_once("[[channel]]").expect("a channel");
    let mut without = head.to_owned();
    write!(without, "[[channel]]{channels}").expect("a text");
    project.write("config.toml", &without);
    let daemon = Daemon::serve(&project);
    daemon.until_it_says("no round begins by itself");
    daemon.signal("HUP");
    daemon.until_it_says("SIGHUP changes nothing");
    assert!(daemon.get("/healthz").0.contains("200"));
    stops_in_order(daemon);
}
