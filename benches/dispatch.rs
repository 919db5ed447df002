//! How fast messages that lie ready leave: `serve` from its start until the last one of 10,000 is taken by a sink on
//! loopback. What wrote them is not measured; `delivery` measures the whole of `run`.
//!
//! ```text
//! cargo bench --bench dispatch -- [--times N] [--units N] [mail] [webhook] [faults] [postgres]
//! cargo bench --bench dispatch -- replicas [--units 100000] [--moment MS]
//! ```
//!
//! `replicas`: one, two and three `serve` on one PostgreSQL; the relay may take a moment for each mail.
//!
//! Lines of one run are to be compared, taken in turns; machines are noisy. Postfix's `smtp-source`, where it is
//! installed, sends mails of the same size over as many connections into the same sink: it stores nothing.

#![expect(unreachable_pub, reason = "support shared with the tests")]
#![expect(clippy::print_stdout, reason = "a measuring program prints its figures")]

use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

#[path = "support/http_sink.rs"]
mod http_sink;
#[path = "support/process.rs"]
mod process;
#[expect(dead_code, reason = "the tests use more of it")]
#[path = "../tests/it/support/project.rs"]
mod project;
#[path = "support/replicas.rs"]
mod replicas;
#[path = "../tests/it/support/secrets.rs"]
mod secrets;
#[expect(dead_code, reason = "the tests use more of it")]
#[path = "../tests/it/support/smtp_sink/mod.rs"]
mod smtp_sink;

use http_sink::HttpSink;
use process::{cpu, fresh_schema, peak};
use project::{Plan, Project};
use smtp_sink::{Fault, SmtpScript, SmtpSink, What};

const CONNECTIONS: usize = 16;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let number = |name: &str| {
        let at = arguments.iter().position(|argument| argument == name)?;
        arguments.get(at + 1)?.parse::<usize>().ok()
    };
    let (times, units) = (number("--times").unwrap_or(3), number("--units").unwrap_or(10_000));
    let asked = |name: &str| arguments.iter().any(|argument| argument == name);
    let all = !["mail", "webhook", "faults"].into_iter().any(asked);
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
    if asked("replicas") {
        let moment = Duration::from_millis(number("--moment").unwrap_or(0).try_into().expect("milliseconds"));
        for count in 1..=3 {
            runtime.block_on(replicas::measure(count, number("--units").unwrap_or(100_000), moment));
        }
        return;
    }
    for engine in if asked("postgres") { [Engine::Postgres].as_slice() } else { &[Engine::Sqlite, Engine::Postgres] } {
        for _ in 0..times {
            if all || asked("mail") {
                let bytes = runtime.block_on(mail(*engine, units));
                smtp_source(&runtime, units, bytes);
            }
            if all || asked("webhook") {
                runtime.block_on(webhook(*engine, units));
            }
            if all || asked("faults") {
                for slow in [false, true] {
                    runtime.block_on(faults(*engine, units, slow));
                }
            }
        }
    }
}

#[derive(Debug, Clone, Copy)]
enum Engine {
    Sqlite,
    Postgres,
}

/// Ten thousand mails; how many bytes one has.
async fn mail(engine: Engine, units: usize) -> usize {
    let sink = SmtpSink::start(SmtpScript { pipelining: true, ..SmtpScript::default() }).await;
    let project = ready(engine, &relay(sink.addr), units).await;
    deliver("mail", engine, &project, units, || sink.accepted());
    let received = sink.received();
    received.iter().map(|mail| mail.raw.len()).sum::<usize>() / received.len().max(1)
}

fn smtp_source(runtime: &tokio::runtime::Runtime, mails: usize, bytes: usize) {
    let script = SmtpScript { pipelining: true, ..SmtpScript::default() };
    let sink = runtime.block_on(SmtpSink::start(script));
    let started = Instant::now();
    let sent = Command::new("smtp-source")
        .args(["-d", "-s", &CONNECTIONS.to_string(), "-m", &mails.to_string(), "-l", &bytes.to_string()])
        .arg(sink.addr.to_string())
        .status();
    if sent.is_ok_and(|status| status.success()) {
        let rate = float(mails) / started.elapsed().as_secs_f64();
        println!("{:<10} {:>9} {rate:>8.0}/s   {bytes} bytes each", "postfix", "source");
    }
}

async fn webhook(engine: Engine, units: usize) {
    let sink = HttpSink::start().await;
    let url = format!("http://{}/hook", sink.addr);
    let channel = format!("[[channel]]\nname = \"hook\"\nkind = \"webhook\"\nurl = \"{url}\"\nallow_private = true\n");
    let project = ready(engine, &channel, units).await;
    deliver("webhook", engine, &project, units, || sink.answered());
}

/// One in ten is refused with 451, dropped after the body or answered ten times as late, once; beside it, for comparison, none is.
/// The relay takes a moment for each mail, as one over a network does.
async fn faults(engine: Engine, units: usize, faulty: bool) {
    let moment = Fault { what: What::Slow(Duration::from_millis(5)), times: usize::MAX };
    let fault = |number: usize| match number % 30 {
        0 => Fault { what: What::RefuseRecipient(451), times: 1 },
        10 => Fault { what: What::DropAfterBody, times: 1 },
        20 => Fault { what: What::Slow(Duration::from_millis(50)), times: 1 },
        _ => moment,
    };
    let of = |number: usize| if faulty { fault(number) } else { moment };
    let scripted = (0..units).map(|number| (format!("ubnd@xa{number}.example"), of(number))).collect();
    let sink = SmtpSink::start(SmtpScript { pipelining: true, faults: scripted, ..SmtpScript::default() }).await;
    let project = ready(engine, &relay(sink.addr), units).await;
    deliver(if faulty { "faults" } else { "faultless" }, engine, &project, units, || sink.accepted());
}

fn relay(address: SocketAddr) -> String {
    Plan::default().mail(address, CONNECTIONS).channels
}

/// An installation in whose outbox a message for every unit lies ready.
async fn ready(engine: Engine, channel: &str, units: usize) -> Project {
    let database = match engine {
        Engine::Sqlite => "sqlite:dondoc.db".to_owned(),
        Engine::Postgres => fresh_schema().await,
    };
    let extra =
        "[delivery]\nretry_after = [\"1 second\", \"1 second\", \"5 seconds\"]\npoll = \"1 second\"\n".to_owned();
    let project = Project::new(&Plan { units, database, channels: channel.to_owned(), extra });
    for arguments in [&["pause"][..], &["run", "--as-of", "2022-10-31"], &["resume"]] {
        let done = project.run(arguments);
        assert_eq!(done.code, 0, "{}", done.err);
    }
    project
}

fn deliver(what: &str, engine: Engine, project: &Project, units: usize, taken: impl Fn() -> usize) {
    let started = Instant::now();
    let mut command = project.command(&["serve"]);
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the binary");
    let mut most = None;
    while taken() < units {
        assert!(child.try_wait().expect("a child").is_none(), "`serve` ended by itself");
        assert!(started.elapsed() < Duration::from_mins(5), "{} of {units} after five minutes", taken());
        if most.is_none() && taken() >= units * 9 / 10 {
            most = Some(started.elapsed());
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    let took = started.elapsed();
    let per_second = |count: usize, took: Duration| float(count) / took.as_secs_f64();
    println!(
        "{what:<10} {:>9} {:>8.0}/s   the first nine tenths {:>6.0}/s   {:>4.0} µs CPU each   {:>5.1} MiB",
        format!("{engine:?}"),
        per_second(units, took),
        per_second(units * 9 / 10, most.unwrap_or(took)),
        cpu(child.id()) * 1e6 / float(units),
        peak(child.id()),
    );
    stop(&mut child);
}

fn stop(child: &mut Child) {
    let _ = Command::new("kill").args(["-TERM", &child.id().to_string()]).status();
    let _ = child.wait();
}

fn float(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}
