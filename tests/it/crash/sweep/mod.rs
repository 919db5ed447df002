//! Not at random: the process is killed at its first write, at its second, at its third … until it ends by itself. Half of
//! the kills tear the write in two.
//!
//! The short form leaves out most of the writes, evenly; `scripts/test --soak` leaves out none.

mod ground;
mod peers;
mod refresh;

use std::collections::HashMap;
use std::io::Write as _;
use std::process::Command;

use futures_util::StreamExt as _;

use self::ground::{Engine, Ground, UNITS};
use self::peers::{Arrival, Hook, Mail, Peer, Repeat, Text, Zalo};
use crate::support::preload::{in_the_morning, plug_pulled_at, writes_counted_in};
use crate::support::project::{Done, Project};

/// Processes that are swept at once; they mostly wait for the disk and for leases.
const AT_ONCE: usize = 4;
/// Kills of the short form, about, for each channel and engine.
const SHORT: usize = 25;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mail_survives_a_kill_at_every_write_on_sqlite() {
    sweep(Engine::Sqlite, Mail::start).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mail_survives_a_kill_at_every_write_on_postgresql() {
    sweep(Engine::Postgres, Mail::start).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_webhook_survives_a_kill_at_every_write_on_sqlite() {
    sweep(Engine::Sqlite, Hook::start).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_webhook_survives_a_kill_at_every_write_on_postgresql() {
    sweep(Engine::Postgres, Hook::start).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_text_message_survives_a_kill_at_every_write_on_sqlite() {
    sweep(Engine::Sqlite, Text::start).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_text_message_survives_a_kill_at_every_write_on_postgresql() {
    sweep(Engine::Postgres, Text::start).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_of_zalo_survives_a_kill_at_every_write_on_sqlite() {
    sweep(Engine::Sqlite, Zalo::start).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_of_zalo_survives_a_kill_at_every_write_on_postgresql() {
    sweep(Engine::Postgres, Zalo::start).await;
}

fn run(project: &Project) -> Command {
    morning(project, &["run", "--as-of", "2022-10-31", "--format", "json"])
}

fn morning(project: &Project, arguments: &[&str]) -> Command {
    let mut command = project.command(arguments);
    in_the_morning(&mut command);
    command
}

async fn done(command: Command) -> std::process::Output {
    tokio::process::Command::from(command).output().await.expect("the binary starts")
}

async fn sweep<P: Peer, F: Future<Output = P>>(engine: Engine, start: fn() -> F) {
    let ground = Ground::lay(engine).await;
    let writes = count(&ground, start).await;
    at_every_write(writes, |nth, torn| survive(&ground, start, nth, torn)).await;
    ground.clear().await;
}

/// Has `one` killed at every write, or at some of them; it tells whether the kill hit.
async fn at_every_write<F: Future<Output = bool>>(writes: usize, one: impl Fn(usize, bool) -> F) {
    #[expect(clippy::disallowed_methods, reason = "the long form is asked for by scripts/test --soak")]
    let soak = std::env::var("DONDOC_SOAK").is_ok();
    let step = if soak { 1 } else { (writes / SHORT).max(1) };
    // Beyond the count: what is written depends a little on how packets meet.
    let kills = (1..=writes + 20).step_by(step).flat_map(|nth| {
        let torn = if soak { vec![false, true] } else { vec![nth / step % 2 == 1] };
        torn.into_iter().map(move |torn| (nth, torn))
    });
    let survived = futures_util::stream::iter(kills).map(|(nth, torn)| one(nth, torn));
    let hit: Vec<bool> = survived.buffer_unordered(AT_ONCE).collect().await;
    let (hits, misses) = (hit.iter().filter(|hit| **hit).count(), hit.iter().filter(|hit| !**hit).count());
    if soak {
        let name = std::thread::current().name().unwrap_or_default().to_owned();
        writeln!(std::io::stderr(), "{name}: {writes} writes, {} kills, {hits} hit", hit.len()).expect("a terminal");
    }
    assert!(hits * 10 >= hit.len() * 7, "{writes} writes, but only {hits} of {} kills hit", hit.len());
    assert!(!soak || misses > 0, "the last kill still hit: there are more writes than were counted");
}

/// How often an undisturbed run writes.
async fn count<P: Peer, F: Future<Output = P>>(ground: &Ground, start: fn() -> F) -> usize {
    let peer = start().await;
    let installation = ground.installation(&peer).await;
    let writes = written(&installation.project).await;
    judge(&peer, &installation.project, "undisturbed");
    assert_eq!(peer.arrivals().len(), UNITS, "undisturbed, nothing comes twice");
    installation.forget().await;
    writes
}

/// Runs undisturbed and counts.
async fn written(project: &Project) -> usize {
    let mut command = run(project);
    writes_counted_in(&mut command, &project.path("writes"));
    let done = Done::of(done(command).await);
    assert_eq!(done.code, 0, "{}", done.err);
    project.read("writes").trim().parse().expect("a number")
}

/// Runs until it is killed at its `nth` write, or to a good end. Whether the kill hit.
async fn killed(project: &Project, nth: usize, torn: bool) -> bool {
    let mut command = run(project);
    plug_pulled_at(&mut command, nth, torn);
    let killed = done(command).await;
    let hit = killed.status.code().is_none();
    let said = String::from_utf8_lossy(&killed.stderr).into_owned();
    assert!(hit || killed.status.success(), "{}: {said}", place(nth, torn));
    hit
}

fn place(nth: usize, torn: bool) -> String {
    format!("killed at write {nth}{}", if torn { ", torn" } else { "" })
}

/// Kills one run at its `nth` write and lets another finish. Whether the kill hit.
async fn survive<P: Peer, F: Future<Output = P>>(ground: &Ground, start: fn() -> F, nth: usize, torn: bool) -> bool {
    let peer = start().await;
    let installation = ground.installation(&peer).await;
    let project = &installation.project;
    let hit = killed(project, nth, torn).await;
    let place = place(nth, torn);
    let last = Done::of(done(run(project)).await);
    if P::REPEAT == Repeat::Never && last.code == 5 {
        a_person_decides(&peer, project, &place).await;
    } else {
        assert_eq!(last.code, 0, "{place}: {}", last.err);
    }
    judge(&peer, project, &place);
    installation.forget().await;
    hit
}

/// Nobody may repeat what may have left: it waits for a person, who finds out and says so.
async fn a_person_decides<P: Peer>(peer: &P, project: &Project, place: &str) {
    let arrived: Vec<String> = peer.arrivals().into_iter().map(|arrival| arrival.unit).collect();
    let mut uncertain = 0;
    for entry in ledger(project) {
        let did_arrive = arrived.iter().any(|unit| is_of(unit, &entry));
        if entry["state"] == "sent" {
            assert!(did_arrive, "{place}: {entry} never arrived");
            continue;
        }
        assert_eq!(entry["state"], "uncertain", "{place}: {entry}");
        uncertain += 1;
        let fate = if did_arrive { "sent" } else { "not-sent" };
        let id = entry["id"].as_str().expect("an id");
        let asked = ["outbox", "resolve", id, fate, "--by", "Phòng CNTT", "--note", "asked the recipient"];
        let resolved = Done::of(done(morning(project, &asked)).await);
        assert_eq!(resolved.code, 0, "{place}: {}", resolved.err);
    }
    assert!(uncertain > 0, "{place}: a run says that deliveries failed, and none did");
    let last = Done::of(done(run(project)).await);
    assert_eq!(last.code, 0, "{place}: {}", last.err);
}

/// Whether the address or number that something arrived at is that of the entry's unit: both end in its number.
fn is_of(address: &str, entry: &serde_json::Value) -> bool {
    let unit = entry["unit_code"].as_str().expect("a unit");
    address.ends_with(unit.get(4..).expect("a code of seven characters"))
}

fn ledger(project: &Project) -> Vec<serde_json::Value> {
    project.run(&["outbox", "list", "--format", "json"]).json().as_array().expect("a list").clone()
}

fn judge<P: Peer>(peer: &P, project: &Project, place: &str) {
    let mut units: HashMap<String, Vec<Arrival>> = HashMap::new();
    for arrival in peer.arrivals() {
        units.entry(arrival.unit.clone()).or_default().push(arrival);
    }
    assert_eq!(units.len(), UNITS, "{place}: every unit got its message, and nobody else: {:?}", units.keys());
    for (unit, copies) in &units {
        assert!(copies.iter().all(|copy| copy == &copies[0]), "{place}: copies for {unit} differ: {copies:?}");
        match P::REPEAT {
            Repeat::Once | Repeat::Never => assert_eq!(copies.len(), 1, "{place}: {unit} got copies"),
            Repeat::Same => assert!(copies.len() <= 2, "{place}: {unit} got {} copies of one kill", copies.len()),
        }
    }
    let entries = ledger(project);
    assert_eq!(entries.len(), UNITS, "{place}");
    assert!(entries.iter().all(|entry| entry["state"] == "sent"), "{place}: every entry is settled: {entries:?}");
}
