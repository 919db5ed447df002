//! Three replicas on one PostgreSQL: one is killed every second, the database goes away and comes back, rounds are
//! planned all the while. Every head gets the message, and every planned round is carried through once.

use std::collections::HashMap;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use crate::daemon::planned_for_now;
use crate::support::cluster::Cluster;
use crate::support::project::{Plan, Project};
use crate::support::secrets::hold_nothing_private;
use crate::support::smtp_sink::{Fault, SmtpScript, SmtpSink, What};

const REPLICAS: usize = 3;
const CONNECTIONS: usize = 6;
/// Claimed but unsettled entries at any instant, at most: six per connection.
const IN_FLIGHT: usize = CONNECTIONS * 6;

/// How long the trouble lasts.
struct Form {
    seconds: usize,
    units: usize,
    /// At which second the database goes away for one, and how it is stopped.
    outages: &'static [(usize, &'static str)],
}

const SHORT: Form = Form { seconds: 8, units: 400, outages: &[(4, "immediate")] };
const LONG: Form = Form { seconds: 60, units: 3_000, outages: &[(20, "immediate"), (40, "fast")] };

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_replicas_killed_every_second_over_restarts_of_the_database_lose_nothing_and_do_each_round_once() {
    #[expect(clippy::disallowed_methods, reason = "the long form is asked for by scripts/test --soak")]
    let soak = std::env::var("DONDOC_SOAK").is_ok();
    let form = if soak { LONG } else { SHORT };
    let slow = Fault { what: What::Slow(Duration::from_millis(60)), times: usize::MAX };
    let faults = (0..form.units).map(|number| (format!("ubnd@xa{number}.example"), slow)).collect();
    let sink = SmtpSink::start(SmtpScript { pipelining: true, faults, ..SmtpScript::default() }).await;
    let cluster = Cluster::start();
    let extra = "[delivery]\nlease = \"11 seconds\"\nround_lease = \"5 seconds\"\n".to_owned();
    let plan = Plan { units: form.units, database: cluster.url(), extra, ..Plan::default() };
    let project = planned_for_now(&plan.mail(sink.addr, CONNECTIONS));
    project.edit("config.toml", "timeout = \"10 seconds\"", "timeout = \"1 second\"");

    let mut crew = Crew::start(&project);
    planned(&cluster, &crew).await;
    let in_trouble = form.trouble(&mut crew, &cluster, &sink);
    crew.stop();
    let pool = sqlx::PgPool::connect(&cluster.url()).await.expect("it is back");
    let open = count(&pool, "SELECT count(*) FROM schedule_run WHERE state IN ('running', 'due')").await;
    crew.fill();
    settled(&pool, &crew).await;
    crew.stop();
    judge(&sink, &pool, &form, &crew, (in_trouble, open)).await;
}

impl Form {
    /// Kills, restarts and outages. Returns how many mails arrived meanwhile.
    fn trouble(&self, crew: &mut Crew, cluster: &Cluster, sink: &SmtpSink) -> usize {
        let began = Instant::now();
        for second in 1..=self.seconds {
            let next = began + Duration::from_secs(second.try_into().expect("few"));
            std::thread::sleep(next.saturating_duration_since(Instant::now()));
            if self.outages.iter().any(|(at, _)| at + 1 == second) {
                cluster.start_again();
            }
            if let Some((_, mode)) = self.outages.iter().find(|(at, _)| *at == second) {
                cluster.stop(mode);
            }
            crew.kill(second % REPLICAS);
            crew.fill();
        }
        sink.accepted()
    }
}

/// The replicas, and where each process wrote what it said.
struct Crew<'a> {
    project: &'a Project,
    replicas: [Option<Child>; REPLICAS],
    begun: usize,
    killed: usize,
    ended: usize,
}

impl<'a> Crew<'a> {
    fn start(project: &'a Project) -> Self {
        let mut crew = Self { project, replicas: [const { None }; REPLICAS], begun: 0, killed: 0, ended: 0 };
        crew.fill();
        crew
    }

    /// Starts those that are not there. One that finds no database at its start ends by itself.
    fn fill(&mut self) {
        for place in &mut self.replicas {
            if place.as_mut().is_some_and(|child| child.try_wait().expect("a child of ours").is_some()) {
                self.ended += 1;
                *place = None;
            }
            if place.is_none() {
                let log = std::fs::File::create(self.project.path(&format!("log-{}", self.begun))).expect("a log");
                let mut command = self.project.command(&["serve"]);
                *place = Some(command.stdout(Stdio::null()).stderr(log).spawn().expect("the binary starts"));
                self.begun += 1;
            }
        }
    }

    fn kill(&mut self, place: usize) {
        if let Some(mut child) = self.replicas[place].take() {
            child.kill().expect("a kill");
            child.wait().expect("its end");
            self.killed += 1;
        }
    }

    /// Asks all of them to stop, and waits.
    fn stop(&mut self) {
        for mut child in self.replicas.iter_mut().filter_map(Option::take) {
            let kill = format!("kill -TERM {}", child.id());
            let asked = std::process::Command::new("sh").args(["-c", &kill]).status().expect("a shell");
            let status = child.wait().expect("its end");
            // One that was born this instant does not listen to signals yet, and one without a database is gone.
            assert!(asked.success() || !status.success(), "{}", self.said());
        }
    }

    /// The last lines of every process.
    fn said(&self) -> String {
        let log = |number| self.project.read(&format!("log-{number}"));
        (0..self.begun).map(log).collect::<Vec<_>>().join("----\n")
    }
}

impl Drop for Crew<'_> {
    fn drop(&mut self) {
        for child in self.replicas.iter_mut().flatten() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

async fn count(pool: &sqlx::PgPool, question: &'static str) -> i64 {
    sqlx::query_scalar(question).fetch_one(pool).await.expect(question)
}

/// Waits until the first round is planned: on a busy machine none of them would come so far between two kills.
async fn planned(cluster: &Cluster, crew: &Crew<'_>) {
    let pool = sqlx::PgPool::connect(&cluster.url()).await.expect("it is there");
    let deadline = Instant::now() + Duration::from_mins(1);
    let planned = "SELECT count(*) FROM schedule_run";
    // Until the first of them made the tables there is nothing to count.
    while sqlx::query_scalar(planned).fetch_one(&pool).await.unwrap_or(0_i64) == 0 {
        assert!(Instant::now() < deadline, "nothing is planned\n{}", crew.said());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    pool.close().await;
}

/// Waits until everything is sent and no round that was planned before now is open.
async fn settled(pool: &sqlx::PgPool, crew: &Crew<'_>) {
    let until = count(pool, "SELECT max(planned_at) FROM schedule_run").await;
    let deadline = Instant::now() + Duration::from_mins(5);
    loop {
        let open = "SELECT count(*) FROM schedule_run WHERE state IN ('due', 'running') AND planned_at <= $1";
        let open: i64 = sqlx::query_scalar(open).bind(until).fetch_one(pool).await.expect("a number");
        let unsent = count(pool, "SELECT count(*) FROM outbox WHERE state <> 'sent'").await;
        if open == 0 && unsent == 0 {
            return;
        }
        assert!(Instant::now() < deadline, "{open} rounds are open, {unsent} messages unsent\n{}", crew.said());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn judge(sink: &SmtpSink, pool: &sqlx::PgPool, form: &Form, crew: &Crew<'_>, seen: (usize, i64)) {
    let mut mails: HashMap<String, Vec<(String, Vec<u8>)>> = HashMap::new();
    for mail in sink.received() {
        assert_eq!(mail.to.len(), 1, "one recipient per envelope");
        mails.entry(mail.to[0].clone()).or_default().push((mail.message_id, mail.raw));
    }
    for number in 0..form.units {
        let address = format!("ubnd@xa{number}.example");
        let copies = mails.get(&address).unwrap_or_else(|| panic!("{address} got nothing"));
        assert!(copies.iter().all(|copy| copy == &copies[0]), "{address}: copies differ in Message-ID or bytes");
    }
    assert_eq!(mails.len(), form.units, "nobody else got anything");
    let copies: usize = mails.values().map(|copies| copies.len() - 1).sum();
    assert!(copies <= crew.killed * IN_FLIGHT, "{copies} copies after {} kills", crew.killed);

    let units = i64::try_from(form.units).expect("few");
    assert_eq!(count(pool, "SELECT count(*) FROM outbox WHERE state = 'sent'").await, units, "one row per head");
    assert_eq!(count(pool, "SELECT count(*) FROM outbox WHERE state <> 'sent'").await, 0);
    let step = "SELECT count(DISTINCT unit_id) FROM reminder_case WHERE reminders = 1 AND closed_on IS NULL";
    assert_eq!(count(pool, step).await, units, "the case of each moved by one step");
    assert_eq!(count(pool, "SELECT count(*) FROM reminder_case WHERE reminders <> 1").await, 0);
    let reminded = "SELECT count(*) FROM decision WHERE outcome = 'remind'";
    assert_eq!(count(pool, reminded).await, units, "one round decided on each");
    // A run that a newer one of its schedule covered, or that was missed while all were down, is left out by design.
    let done = count(pool, "SELECT count(*) FROM schedule_run WHERE state = 'done'").await;
    let retaken = count(pool, "SELECT count(*) FROM schedule_run WHERE epoch > 1").await;
    let covered = count(pool, "SELECT count(*) FROM schedule_run WHERE state = 'skipped'").await;
    assert_eq!(count(pool, "SELECT count(*) FROM schedule_run WHERE state = 'failed'").await, 0);
    let runs = count(pool, "SELECT count(*) FROM run WHERE state = 'done'").await;
    assert!(runs >= done && done >= i64::try_from(form.seconds / 5).expect("few"), "{runs} rounds, {done} planned");
    let figures = format!(
        "{} messages, {} of them in trouble; {} processes, {} killed, {} ended without a database; {copies} copies; planned \
         rounds: {done} done ({retaken} taken again), {covered} covered by a newer one, {} open after the trouble",
        form.units, seen.0, crew.begun, crew.killed, crew.ended, seen.1
    );
    assert!(crew.ended <= form.outages.len() * REPLICAS * 2, "replicas end by themselves: {figures}\n{}", crew.said());
    assert!(seen.0 < form.units, "everything was sent before the trouble ended: the test shows little. {figures}");
    hold_nothing_private(&crew.said());
    #[expect(clippy::print_stderr, reason = "shown with --nocapture")]
    {
        eprintln!("{figures}");
    }
}
