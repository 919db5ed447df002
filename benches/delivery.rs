//! How fast a whole `run` delivers: the binary from start to exit into a recording SMTP sink on loopback.
//!
//! ```text
//! cargo bench --bench delivery -- [--postgres] [--times N] UNITS…
//! cargo bench --bench delivery -- --sink        only the sink, for other senders; ends when its input is closed
//! ```
//!
//! Every unit is a commune below all four targets, so every unit is one mail. The catalog is imported and the
//! database made beforehand; the figures are read, judged, decided, written, stored, sent and settled in the measured
//! time. Ratios between two lines of one run are what counts: machines are noisy.

#![expect(unreachable_pub, reason = "support shared with the tests")]
#![expect(clippy::print_stdout, reason = "a measuring program prints its figures")]

use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

#[path = "support/process.rs"]
mod process;
#[expect(dead_code, reason = "the tests use more of it")]
#[path = "../tests/it/support/project.rs"]
mod project;
#[path = "../tests/it/support/secrets.rs"]
mod secrets;
#[expect(dead_code, reason = "the tests use more of it")]
#[path = "../tests/it/support/smtp_sink/mod.rs"]
mod smtp_sink;

use process::{cpu, fresh_schema, peak};
use project::{Plan, Project};
use smtp_sink::{SmtpScript, SmtpSink};

const CONNECTIONS: usize = 16;

struct Figures {
    units: usize,
    seconds: f64,
    peak_mib: f64,
    worker_mib: f64,
    cpu_seconds: f64,
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let postgres = arguments.iter().any(|argument| argument == "--postgres");
    let times = arguments.iter().position(|a| a == "--times").and_then(|at| arguments.get(at + 1)?.parse().ok());
    let mut sizes: Vec<usize> = arguments.iter().filter_map(|argument| argument.parse().ok()).collect();
    if let Some(times) = times.and_then(|times: usize| sizes.iter().position(|size| *size == times)) {
        sizes.remove(times);
    }
    if sizes.is_empty() {
        sizes = vec![300, 1_000, 10_000];
    }
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
    if arguments.iter().any(|argument| argument == "--sink") {
        runtime.block_on(only_sink());
        return;
    }
    println!(
        "{:>8} {:>9} {:>9} {:>10} {:>11} {:>11} {:>10}",
        "units", "seconds", "mails/s", "µs/unit", "CPU µs/unit", "peak MiB", "worker MiB"
    );
    for units in sizes {
        let mut all: Vec<Figures> =
            (0..times.unwrap_or(3)).map(|_| runtime.block_on(measure(units, postgres))).collect();
        all.sort_by(|one, next| one.seconds.total_cmp(&next.seconds));
        print(all.get(all.len() / 2).expect("at least one run"));
    }
}

async fn only_sink() {
    let sink = SmtpSink::start(SmtpScript { pipelining: true, ..SmtpScript::default() }).await;
    println!("{}", sink.addr);
    let _ = tokio::task::spawn_blocking(|| std::io::stdin().read_line(&mut String::new())).await;
    println!("{} mails", sink.accepted());
}

fn print(figures: &Figures) {
    let count = f64::from(u32::try_from(figures.units).expect("few units"));
    println!(
        "{:>8} {:>9.3} {:>9.0} {:>10.1} {:>11.1} {:>11.1} {:>10.1}",
        figures.units,
        figures.seconds,
        count / figures.seconds,
        figures.seconds * 1e6 / count,
        figures.cpu_seconds * 1e6 / count,
        figures.peak_mib,
        figures.worker_mib
    );
}

async fn measure(units: usize, postgres: bool) -> Figures {
    let sink = SmtpSink::start(SmtpScript { pipelining: true, ..SmtpScript::default() }).await;
    let database = if postgres { fresh_schema().await } else { "sqlite:dondoc.db".to_owned() };
    let project = Project::new(&Plan { units, database, ..Plan::default() }.mail(sink.addr, CONNECTIONS));
    let prepared = project.run(&["migrate"]);
    assert_eq!(prepared.code, 0, "{}", prepared.err);
    let mut command = project.command(&["run", "--as-of", "2022-10-31", "--format", "json"]);
    let started = Instant::now();
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the binary");
    let watched = watch(&mut child);
    let seconds = started.elapsed().as_secs_f64();
    let output = child.wait_with_output().expect("its output");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(sink.accepted(), units, "every unit got its mail");
    Figures {
        units,
        seconds,
        peak_mib: watched.peak_mib,
        worker_mib: watched.worker_mib,
        cpu_seconds: watched.cpu_seconds,
    }
}

struct Watched {
    peak_mib: f64,
    worker_mib: f64,
    cpu_seconds: f64,
}

/// Follows the process and its render workers through /proc until it ends.
fn watch(child: &mut Child) -> Watched {
    let pid = child.id();
    let mut watched = Watched { peak_mib: 0.0, worker_mib: 0.0, cpu_seconds: 0.0 };
    while child.try_wait().expect("a child").is_none() {
        watched.peak_mib = watched.peak_mib.max(peak(pid));
        let workers = children(pid);
        watched.worker_mib = watched.worker_mib.max(workers.iter().map(|pid| peak(*pid)).sum());
        let cpu = workers.iter().map(|pid| cpu(*pid)).sum::<f64>() + cpu(pid);
        watched.cpu_seconds = watched.cpu_seconds.max(cpu);
        std::thread::sleep(Duration::from_millis(2));
    }
    watched
}

fn children(pid: u32) -> Vec<u32> {
    let list = std::fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap_or_default();
    let tasks = std::fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten().flatten();
    let lists = tasks.map(|task| std::fs::read_to_string(task.path().join("children")).unwrap_or_default());
    let mut all: Vec<u32> = lists
        .chain([list])
        .flat_map(|list| list.split_whitespace().filter_map(|pid| pid.parse().ok()).collect::<Vec<_>>())
        .collect();
    // Between its birth and its own program a child shows its parent's memory.
    all.retain(|pid| std::fs::read(format!("/proc/{pid}/cmdline")).is_ok_and(|line| line.ends_with(b"worker\0")));
    all.sort_unstable();
    all.dedup();
    all
}
