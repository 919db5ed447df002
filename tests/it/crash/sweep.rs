//! Not at random: the process is killed at its first write, at its second, at its third … until it ends by itself. Half of
//! the kills tear the write in two.
//!
//! The short form leaves out most of the writes, evenly; `scripts/test --soak` leaves out none.

use std::collections::HashMap;
use std::fmt::Debug;
use std::process::Command;
use std::sync::atomic::{AtomicU64, Ordering};

use futures_util::StreamExt as _;

use crate::support::databases::server_url;
use crate::support::http_stub::HttpStub;
use crate::support::preload::{in_the_morning, plug_pulled_at, writes_counted_in};
use crate::support::project::{Done, Plan, Project};
use crate::support::smtp_sink::{SmtpScript, SmtpSink};

const UNITS: usize = 3;
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

/// One message as it came in.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Arrival {
    unit: String,
    key: String,
    bytes: Vec<u8>,
}

/// What may be true of one unit's message after a kill and a new start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Repeat {
    /// It may come twice: the same bytes under the same key.
    Same,
}

/// The other side of a channel.
trait Peer: Debug {
    const REPEAT: Repeat;
    /// The `[[channel]]` that leads to it.
    fn channel(&self, project: &Project) -> String;
    fn arrivals(&self) -> Vec<Arrival>;
}

#[derive(Debug)]
struct Mail(SmtpSink);

impl Mail {
    async fn start() -> Self {
        Self(SmtpSink::start(SmtpScript { pipelining: true, ..SmtpScript::default() }).await)
    }
}

impl Peer for Mail {
    const REPEAT: Repeat = Repeat::Same;

    fn channel(&self, _: &Project) -> String {
        Plan::default().mail(self.0.addr, 2).channels
    }

    fn arrivals(&self) -> Vec<Arrival> {
        let mails = self.0.received().into_iter();
        mails.map(|mail| Arrival { unit: mail.to[0].clone(), key: mail.message_id, bytes: mail.raw }).collect()
    }
}

#[derive(Debug)]
struct Hook(HttpStub);

impl Hook {
    async fn start() -> Self {
        Self(HttpStub::start([]).await)
    }
}

impl Peer for Hook {
    const REPEAT: Repeat = Repeat::Same;

    fn channel(&self, _: &Project) -> String {
        let url = self.0.url("/hook");
        format!("[[channel]]\nname = \"hook\"\nkind = \"webhook\"\nurl = \"{url}\"\nallow_private = true\n")
    }

    fn arrivals(&self) -> Vec<Arrival> {
        let arrival = |request: crate::support::http_stub::HttpRequest| {
            let body: serde_json::Value = serde_json::from_slice(&request.body).expect("JSON");
            Arrival {
                unit: body["unit_code"].as_str().expect("a unit").to_owned(),
                key: request.header("idempotency-key").to_owned(),
                bytes: request.body,
            }
        };
        self.0.requests().into_iter().map(arrival).collect()
    }
}

#[derive(Debug, Clone, Copy)]
enum Engine {
    Sqlite,
    Postgres,
}

/// What every process of a sweep starts from: a database with the catalog in it and no round yet.
struct Ground {
    engine: Engine,
    project: Project,
    database: String,
}

impl Ground {
    async fn lay(engine: Engine) -> Self {
        let database = format!("ground_{}_{}", std::process::id(), next());
        let url = match engine {
            Engine::Sqlite => "sqlite:dondoc.db".to_owned(),
            Engine::Postgres => {
                statement(&format!("CREATE DATABASE {database}")).await;
                server_url(&database)
            }
        };
        let project = Project::new(&Plan { units: UNITS, database: url, ..Plan::default() });
        let seeded = project.run(&["resume"]);
        assert_eq!(seeded.code, 0, "{}", seeded.err);
        Self { engine, project, database }
    }

    /// An installation of its own on this ground, whose messages go to `peer`.
    async fn installation<P: Peer>(&self, peer: &P) -> (Project, Option<String>) {
        let extra = "[delivery]\nlease = \"1 second\"\nrun_waits = \"20 seconds\"\nretry_after = [\"1 second\", \"1 second\"]\n";
        let mut plan = Plan { units: UNITS, extra: extra.to_owned(), ..Plan::default() };
        let mut copy = None;
        if let Engine::Postgres = self.engine {
            let database = format!("{}_{}", self.database, next());
            statement(&format!("CREATE DATABASE {database} TEMPLATE {}", self.database)).await;
            plan.database = server_url(&database);
            copy = Some(database);
        }
        let project = Project::new(&plan);
        project.edit("config.toml", &Plan::default().channels, &peer.channel(&project));
        if let Engine::Sqlite = self.engine {
            std::fs::copy(self.project.path("dondoc.db"), project.path("dondoc.db")).expect("a copy of the ground");
        }
        (project, copy)
    }

    async fn clear(self) {
        if let Engine::Postgres = self.engine {
            statement(&format!("DROP DATABASE {} WITH (FORCE)", self.database)).await;
        }
    }
}

fn next() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

async fn statement(text: &str) {
    // One at a time: a template must not be in use while it is copied.
    static ALONE: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());
    let _alone = ALONE.lock().await;
    let pool = sqlx::PgPool::connect(&server_url("postgres")).await.expect("the test server answers");
    sqlx::query(sqlx::AssertSqlSafe(text.to_owned())).execute(&pool).await.expect(text);
    pool.close().await;
}

fn run(project: &Project) -> Command {
    let mut command = project.command(&["run", "--as-of", "2022-10-31", "--format", "json"]);
    in_the_morning(&mut command);
    command
}

async fn done(command: Command) -> std::process::Output {
    tokio::process::Command::from(command).output().await.expect("the binary starts")
}

async fn sweep<P: Peer, F: Future<Output = P>>(engine: Engine, start: fn() -> F) {
    let ground = Ground::lay(engine).await;
    let writes = count(&ground, start).await;
    #[expect(clippy::disallowed_methods, reason = "the long form is asked for by scripts/test --soak")]
    let soak = std::env::var("DONDOC_SOAK").is_ok();
    let step = if soak { 1 } else { (writes / SHORT).max(1) };
    // Beyond the count: what is written depends a little on how packets meet.
    let kills = (1..=writes + 20).step_by(step).flat_map(|nth| {
        let torn = if soak { vec![false, true] } else { vec![nth / step % 2 == 1] };
        torn.into_iter().map(move |torn| (nth, torn))
    });
    let survived = futures_util::stream::iter(kills).map(|(nth, torn)| survive(&ground, start, nth, torn));
    let hit: Vec<bool> = survived.buffer_unordered(AT_ONCE).collect().await;
    let (hits, misses) = (hit.iter().filter(|hit| **hit).count(), hit.iter().filter(|hit| !**hit).count());
    assert!(hits * 10 >= hit.len() * 7, "{writes} writes, but only {hits} of {} kills hit", hit.len());
    assert!(!soak || misses > 0, "the last kill still hit: there are more writes than were counted");
    ground.clear().await;
}

/// How often an undisturbed run writes.
async fn count<P: Peer, F: Future<Output = P>>(ground: &Ground, start: fn() -> F) -> usize {
    let peer = start().await;
    let (project, copy) = ground.installation(&peer).await;
    let counted = project.path("writes");
    let mut command = run(&project);
    writes_counted_in(&mut command, &counted);
    let done = Done::of(done(command).await);
    assert_eq!(done.code, 0, "{}", done.err);
    judge(&peer, &project, "undisturbed");
    assert_eq!(peer.arrivals().len(), UNITS, "undisturbed, nothing comes twice");
    forget(copy).await;
    project.read("writes").trim().parse().expect("a number")
}

/// Kills one run at its `nth` write and lets another finish. Whether the kill hit.
async fn survive<P: Peer, F: Future<Output = P>>(ground: &Ground, start: fn() -> F, nth: usize, torn: bool) -> bool {
    let peer = start().await;
    let (project, copy) = ground.installation(&peer).await;
    let mut command = run(&project);
    plug_pulled_at(&mut command, nth, torn);
    let killed = done(command).await;
    let hit = killed.status.code().is_none();
    let place = format!("killed at write {nth}{}", if torn { ", torn" } else { "" });
    assert!(hit || killed.status.success(), "{place}: {}", String::from_utf8_lossy(&killed.stderr));
    let last = Done::of(done(run(&project)).await);
    assert_eq!(last.code, 0, "{place}: {}", last.err);
    judge(&peer, &project, &place);
    forget(copy).await;
    hit
}

async fn forget(copy: Option<String>) {
    if let Some(database) = copy {
        statement(&format!("DROP DATABASE {database} WITH (FORCE)")).await;
    }
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
            Repeat::Same => assert!(copies.len() <= 2, "{place}: {unit} got {} copies of one kill", copies.len()),
        }
    }
    let entries = project.run(&["outbox", "list", "--format", "json"]).json();
    let entries = entries.as_array().expect("a list");
    assert_eq!(entries.len(), UNITS, "{place}");
    assert!(entries.iter().all(|entry| entry["state"] == "sent"), "{place}: every entry is settled: {entries:?}");
}
