//! Several processes and lanes on one database: limits that hold over all of them, slow hosts that hold up nobody, and
//! programs that are frozen or too old and change nothing.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use dondoc::channel::{Channel, Kind, Pace, Rate, Settings as ChannelSettings, Webhook};
use dondoc::clock::Clock;
use dondoc::db::Db;
use dondoc::dispatch::{self, Lane, Limits, Settings};
use dondoc::outbox::{self, Filter, NewEntry, Resend, State, Times};
use tokio_util::sync::CancellationToken;

use crate::support::daemon::{Daemon, until};
use crate::support::databases::{self, postgres_url};
use crate::support::http_stub::{HttpAnswer, HttpStub};
use crate::support::parcels::{email, parcel};
use crate::support::project::{Plan, Project};
use crate::support::smtp_sink::{Fault, SmtpScript, SmtpSink, What};

fn entry(address: &str) -> NewEntry {
    NewEntry {
        dedup_key: format!("reminder/{address}/out/1"),
        unit_code: address.to_owned(),
        recipient_id: format!("{address}/head"),
        channel: "out".to_owned(),
        address: address.to_owned(),
        domain: "tinh.example".to_owned(),
        content: serde_json::to_string(&parcel(0, "").content).unwrap(),
        resend: Resend::Always,
        hold: None,
        turn: None,
    }
}

pub(crate) async fn put(db: &Db, addresses: impl IntoIterator<Item = String>) {
    let now = Clock::System.now();
    let times = Times { now, due_at: now - Duration::from_secs(5), valid_until: now + Duration::from_hours(48) };
    let entries: Vec<_> = addresses.into_iter().map(|address| entry(&address)).collect();
    let mut work = db.begin().await.unwrap();
    outbox::enqueue(&mut work, "run-1", &entries, times).await.unwrap();
    work.commit().await.unwrap();
}

/// Works so many lanes of a channel side by side until `enough` says so.
async fn work(db: &Db, lanes: usize, (kind, pace): (Kind, Pace), enough: impl AsyncFn() -> bool) {
    let settings = Settings { poll: Duration::from_millis(20), ..Settings::default() };
    let channel = ChannelSettings { name: "out".to_owned(), kind, pace };
    let limits = Limits {
        drain_within: None,
        stop: CancellationToken::new(),
        upstream_done: CancellationToken::new(),
        wake: Arc::default(),
    };
    let looking = async {
        let deadline = Instant::now() + Duration::from_secs(30);
        while !enough().await {
            assert!(Instant::now() < deadline, "it takes too long");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        limits.stop.cancel();
    };
    let lanes = (0..lanes).map(|number| {
        let channel = Arc::new(Channel::open(&channel, db, &Clock::System).unwrap());
        let worker = format!("w{number}");
        let (settings, limits) = (&settings, &limits);
        async move { Box::pin(Lane::new(db, &Clock::System, channel, settings, &worker).run(limits)).await.unwrap() }
    });
    tokio::join!(futures_util::future::join_all(lanes), looking);
}

/// Mail over so many connections.
pub(crate) fn mail(sink: &SmtpSink, max_connections: usize) -> Kind {
    let mut settings = email(sink);
    settings.routes[0].max_connections = max_connections;
    Kind::Email(Box::new(settings))
}

async fn sent(db: &Db) -> u64 {
    outbox::tally(db, None).await.unwrap().of(State::Sent)
}

/// How long the mails of nine domains take, beside a tenth that is like them or a tarpit.
async fn nine_domains(tarpit: bool) -> Duration {
    let addresses: Vec<String> = (0..400).map(|number| format!("u{number}@xa{}.example", number % 10)).collect();
    let wait = |slow: bool| Duration::from_millis(if slow { 20_000 } else { 20 });
    let fault = |address: &String| {
        let slow = tarpit && address.ends_with("xa0.example");
        (address.clone(), Fault { what: What::Slow(wait(slow)), times: usize::MAX })
    };
    let faults: HashMap<_, _> = addresses.iter().map(fault).collect();
    let sink = SmtpSink::start(SmtpScript { faults: faults.into_iter().collect(), ..SmtpScript::default() }).await;
    let fresh = databases::sqlite().await;
    put(&fresh.db, addresses).await;
    let mail = mail(&sink, 10);
    let others = || sink.received().iter().filter(|mail| !mail.to[0].ends_with("@xa0.example")).count();
    let began = Instant::now();
    let mut took = Duration::ZERO;
    let mut limits = Limits {
        drain_within: None,
        stop: CancellationToken::new(),
        upstream_done: CancellationToken::new(),
        wake: Arc::default(),
    };
    limits.stop = CancellationToken::new();
    let settings = Settings { poll: Duration::from_millis(20), ..Settings::default() };
    let channel = ChannelSettings { name: "out".to_owned(), kind: mail, pace: Pace::default() };
    let channel = Arc::new(Channel::open(&channel, &fresh.db, &Clock::System).unwrap());
    let lane = Lane::new(&fresh.db, &Clock::System, channel, &settings, "w");
    let looking = async {
        while others() < 360 {
            assert!(began.elapsed() < Duration::from_secs(30), "{} of 360 of the others arrived", others());
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        took = began.elapsed();
    };
    // What the tarpit still holds is not waited for.
    tokio::select! {
        report = Box::pin(lane.run(&limits)) => panic!("the lane ended: {report:?}"),
        () = looking => {}
    }
    took
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_tarpit_among_ten_domains_costs_the_others_a_fifth_at_most() {
    // The others have their own nine tenths of the work to do, with nine of ten turns. Both are measured side by side in time;
    // what else the machine did meanwhile is measured away by another comparison.
    let mut seen = Vec::new();
    while seen.len() < 6 {
        let (usual, beside) = (nine_domains(false).await, nine_domains(true).await);
        if beside * 10 <= usual * 12 {
            return;
        }
        seen.push((usual, beside));
    }
    panic!("without and beside a tarpit: {seen:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn replicas_that_write_the_same_message_at_the_same_moment_write_it_once() {
    let fresh = databases::postgres().await;
    for round in 0..40 {
        let same = || put(&fresh.db, [format!("r{round}@x.example")]);
        futures_util::future::join_all((0..6).map(|_| same())).await;
    }
    assert_eq!(outbox::list(&fresh.db, &Filter::default()).await.unwrap().len(), 40);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_replicas_together_keep_to_the_rate_of_a_channel() {
    let fresh = databases::postgres().await;
    let stub = HttpStub::start(Vec::<HttpAnswer>::new()).await;
    put(&fresh.db, (0..30).map(|number| format!("u{number}@x.example"))).await;
    let timeout = Duration::from_secs(5);
    let hook = Kind::Webhook(Webhook { timeout, allow_private: true, ..Webhook::to(stub.url("/hook")) });
    let rate = Some(Rate { count: 10, per: Duration::from_secs(1) });
    let began = Instant::now();
    work(&fresh.db, 3, (hook, Pace { rate, falls_back_after: None }), async || sent(&fresh.db).await == 30).await;
    assert_eq!(stub.requests().len(), 30, "each once");
    assert!(began.elapsed() > Duration::from_millis(2_700), "thirty at ten a second: {:?}", began.elapsed());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_replicas_together_keep_to_the_connections_of_a_channel() {
    let slow = Fault { what: What::Slow(Duration::from_millis(50)), times: usize::MAX };
    let addresses: Vec<String> = (0..60).map(|number| format!("u{number}@x.example")).collect();
    let faults = addresses.iter().map(|address| (address.clone(), slow)).collect();
    let sink = SmtpSink::start(SmtpScript { faults, ..SmtpScript::default() }).await;
    let fresh = databases::postgres().await;
    put(&fresh.db, addresses).await;
    let mail = mail(&sink, 4);
    let began = Instant::now();
    work(&fresh.db, 3, (mail, Pace::default()), async || sent(&fresh.db).await == 60).await;
    assert_eq!(sink.received().len(), 60, "each once");
    assert!(began.elapsed() > Duration::from_millis(60 / 4 * 50 * 9 / 10), "four at once: {:?}", began.elapsed());
}

/// Messages of October 2022 wait in the outbox; nothing was sent yet.
fn with_messages_waiting(plan: &Plan) -> Project {
    let project = Project::new(plan);
    assert_eq!(project.run(&["pause"]).code, 0);
    assert_eq!(project.run(&["run", "--as-of", "2022-10-31"]).code, 0);
    assert_eq!(project.run(&["resume"]).code, 0);
    project
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_program_that_is_too_old_for_the_database_stops_by_itself_and_says_so() {
    let plan = Plan { units: 2, database: postgres_url().await, ..Plan::default() };
    let project = with_messages_waiting(&plan);
    let daemon = Daemon::serve(&project);
    let db = Db::open(&plan.database, project.folder(), dondoc::db::Durability::Full).await.unwrap();
    let newer = dispatch::WRITER + 1;
    let mut work = db.begin().await.unwrap();
    let dondoc::db::Work::Postgres(transaction) = &mut work else { panic!("a server") };
    let raise = "UPDATE switch SET value = $1 WHERE name = 'writer'";
    let raised = sqlx::query(raise).bind(newer.to_string()).execute(&mut **transaction).await.unwrap();
    assert_eq!(raised.rows_affected(), 1);
    work.commit().await.unwrap();
    let (code, said) = daemon.ended();
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("needs a program that writes version") && said.contains("remedy"), "{said}");
    let refused = project.run(&["serve"]);
    assert!(refused.code == 1 && refused.err.contains("start the newer program"), "{}", refused.err);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_replica_that_was_frozen_longer_than_its_leases_begins_nothing_when_it_wakes() {
    let units = 40;
    let slow = Fault { what: What::Slow(Duration::from_millis(300)), times: usize::MAX };
    let faults = (0..units).map(|number| (format!("ubnd@xa{number}.example"), slow)).collect();
    let sink = SmtpSink::start(SmtpScript { faults, ..SmtpScript::default() }).await;
    let extra = "[delivery]\nlease = \"3 seconds\"\n".to_owned();
    let plan = Plan { units, database: postgres_url().await, extra, ..Plan::default() }.mail(sink.addr, 2);
    let project = with_messages_waiting(&plan);
    project.edit("config.toml", "timeout = \"10 seconds\"", "timeout = \"1 second\"");
    project.edit("config.toml", "lease = \"3 seconds\"", "lease = \"11 seconds\"");
    let frozen = Daemon::serve(&project);
    until(|| sink.accepted() >= 2, || "nothing arrives".to_owned());
    frozen.signal("STOP");
    let begun = sink.accepted();
    let other = Daemon::serve(&project);
    until_long(|| sink.accepted() >= units - begun, || other.said());
    frozen.signal("CONT");
    until_long(
        || {
            let entries = project.run(&["outbox", "list", "--format", "json"]).json();
            entries.as_array().expect("a list").iter().all(|entry| entry["state"] == "sent")
        },
        || other.said(),
    );
    let mut copies: HashMap<String, Vec<Vec<u8>>> = HashMap::new();
    for mail in sink.received() {
        copies.entry(mail.to[0].clone()).or_default().push(mail.raw);
    }
    assert_eq!(copies.len(), units, "everybody got it");
    let twice: usize = copies.values().map(|copies| copies.len() - 1).sum();
    assert!(twice <= 2, "only what was on its way may come twice: {twice}");
    assert!(copies.values().all(|copies| copies.iter().all(|copy| *copy == copies[0])), "in the same bytes");
}

/// Longer than PostgreSQL leaves a unit of work to a process that was frozen in the middle of it, which holds up the other.
fn until_long(mut holds: impl FnMut() -> bool, otherwise: impl Fn() -> String) {
    let deadline = Instant::now() + Duration::from_mins(3);
    while !holds() {
        assert!(Instant::now() < deadline, "{}", otherwise());
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// As far as that can be said without starting it: what it sets are keys that the program knows.
#[test]
fn the_compose_file_starts_this_program_with_keys_that_it_knows() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let compose = std::fs::read_to_string(root.join("compose.yaml")).unwrap();
    let project = Project::new(&Plan::default());
    project.write("database-url", "sqlite:dondoc.db");
    let mut check = project.command(&["check"]);
    let mut set = 0;
    for line in compose.lines().map(str::trim).filter(|line| line.starts_with("DONDOC__")) {
        let (name, value) = line.split_once(": ").expect("a name and a value");
        let value = value.trim_matches('"').replace("/run/secrets/database-url", "database-url");
        check.env(name, value);
        set += 1;
    }
    let checked = check.output().unwrap();
    assert!(set >= 2 && checked.status.success(), "{}", String::from_utf8_lossy(&checked.stderr));
    assert!(compose.contains("command: [\"serve\"]") && !compose.contains('\t'), "{compose}");
    let docker = std::fs::read_to_string(root.join("Dockerfile")).unwrap();
    assert!(docker.contains("ENTRYPOINT [\"/usr/local/bin/dondoc\"]"), "{docker}");
}
