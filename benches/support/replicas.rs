//! Several `serve` on one PostgreSQL: how fast they empty one outbox together, and what a message takes on the disk.

use std::process::Stdio;
use std::time::{Duration, Instant};

use super::smtp_sink::{SmtpScript, SmtpSink};
use super::{Engine, cpu, float, ready, relay, stop};

/// `count` replicas deliver `units` messages that lie ready, to a relay that takes a `moment` for each.
pub(crate) async fn measure(count: usize, units: usize, moment: Duration) {
    let script = SmtpScript { pipelining: true, keeps: Some(0), moment, ..SmtpScript::default() };
    let sink = SmtpSink::start(script).await;
    let project = ready(Engine::Postgres, &relay(sink.addr), units).await;
    let server = Server::connect().await;
    let (wal, waiting) = (server.wal().await, server.bytes().await);
    let started = Instant::now();
    let serve = || project.command(&["serve"]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the binary");
    let mut replicas: Vec<_> = (0..count).map(|_| serve()).collect();
    let (mut tenth, mut most) = (None, None);
    while sink.accepted() < units {
        let all_there = replicas.iter_mut().all(|child| child.try_wait().expect("a child").is_none());
        assert!(all_there, "a replica ended by itself");
        assert!(started.elapsed() < Duration::from_mins(15), "{} of {units} after 15 minutes", sink.accepted());
        if tenth.is_none() && sink.accepted() >= units / 10 {
            tenth = Some(started.elapsed());
        }
        if most.is_none() && sink.accepted() >= units * 9 / 10 {
            most = Some(started.elapsed());
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    let took = started.elapsed();
    let middle = most.unwrap_or(took).saturating_sub(tenth.unwrap_or_default());
    let used: f64 = replicas.iter().map(|child| cpu(child.id())).sum();
    replicas.iter_mut().for_each(stop);
    let each = |bytes: i64| float(usize::try_from(bytes).unwrap_or(0)) / float(units);
    println!(
        "replicas   {count}  {:>8.0}/s   eight tenths in the middle {:>6.0}/s   {:>4.0} µs CPU each   {} accepted   bytes \
         each: {:.0} waiting, {:.0} sent (outbox {:.0}, words {:.0}, attempts {:.0}), {:.0} WAL",
        float(units) / took.as_secs_f64(),
        float(units * 8 / 10) / middle.as_secs_f64(),
        used * 1e6 / float(units),
        sink.accepted(),
        each(waiting),
        each(server.bytes().await),
        each(server.bytes_of("outbox").await),
        each(server.bytes_of("outbox_content").await),
        each(server.bytes_of("attempt").await),
        each(server.wal().await - wal),
    );
}

/// The server that was measured on, asked for its sizes.
struct Server(sqlx::PgPool);

impl Server {
    async fn connect() -> Self {
        #[expect(clippy::disallowed_methods, reason = "the measuring program is told where the server is")]
        let server = std::env::var("DONDOC_TEST_POSTGRES").expect("DONDOC_TEST_POSTGRES names a server");
        Self(sqlx::PgPool::connect(&server).await.expect("the server"))
    }

    /// Bytes of the three tables of messages, with their indexes.
    async fn bytes(&self) -> i64 {
        self.bytes_of("outbox").await + self.bytes_of("outbox_content").await + self.bytes_of("attempt").await
    }

    async fn bytes_of(&self, table: &str) -> i64 {
        let size = "SELECT pg_total_relation_size(to_regclass($1))";
        sqlx::query_scalar(size).bind(format!("bench.{table}")).fetch_one(&self.0).await.expect("a size")
    }

    /// Bytes that were ever written to the log of the whole server.
    async fn wal(&self) -> i64 {
        let written = "SELECT (pg_current_wal_lsn() - '0/0')::bigint";
        sqlx::query_scalar(written).fetch_one(&self.0).await.expect("a position")
    }
}
