//! How fast a statistics CSV is pulled, matched, aggregated and judged: the whole process, beside the same aggregation
//! by polars and DuckDB where Python has them (`pip install polars duckdb`).
//!
//! ```text
//! cargo bench --bench figures -- [--units 5000] [--services 200] [--months 10] [--times 3]
//! ```
//!
//! The defaults make 10 million rows. `dondoc preview` is measured: it reads and judges everything and writes one
//! letter. Ratios within one run are what counts: machines are noisy.

#![expect(unreachable_pub, reason = "support shared with the tests")]
#![expect(clippy::print_stdout, reason = "a measuring program prints its figures")]

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

#[expect(dead_code, reason = "the tests use more of it")]
#[path = "../tests/it/support/project.rs"]
mod project;
#[path = "../tests/it/support/secrets.rs"]
mod secrets;

use project::{Plan, Project, code};

struct Run {
    seconds: f64,
    /// Memory of its own at its highest, file cache not counted, MiB.
    own_mib: f64,
    said: String,
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let number = |name: &str, default: usize| {
        let at = arguments.iter().position(|argument| argument == name);
        at.and_then(|at| arguments.get(at + 1)?.parse().ok()).unwrap_or(default)
    };
    let (units, services, months) = (number("--units", 5_000), number("--services", 200), number("--months", 10));
    let project = Project::new(&Plan { units, ..Plan::default() });
    generate(&project.path("figures.csv"), units, services, months).expect("a written table");
    let bytes = std::fs::metadata(project.path("figures.csv")).expect("the table").len();
    println!("{} rows, {} MB", units * services * months, bytes / 1_000_000);
    assert_eq!(project.run(&["migrate"]).code, 0);
    let file = project.path("figures.csv").display().to_string();
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/figures_peers.py");
    let peer = |name: &str| {
        let mut command = Command::new("python3");
        command.args([script, name, &file]);
        command
    };
    let mut dondoc = Vec::new();
    let mut peers = vec![("polars", Vec::new()), ("duckdb", Vec::new())];
    for _ in 0..number("--times", 3) {
        dondoc.push(run(project.command(&["preview", &code(0), "--as-of", "2022-10-31", "--part", "sms"])));
        for (name, runs) in &mut peers {
            runs.push(run(peer(name)));
        }
    }
    println!("{:>10} {:>9} {:>12} {:>9}", "", "seconds", "own MiB", "ratio");
    let ours = median(&dondoc, |run| run.seconds);
    let row = |name: &str, runs: &[Option<Run>]| match (median(runs, |run| run.seconds), ours) {
        (Some(seconds), Some(ours)) => {
            let own = median(runs, |run| run.own_mib).unwrap_or(0.0);
            println!("{name:>10} {seconds:>9.2} {own:>12.1} {:>9.2}", ours / seconds);
        }
        _ => println!("{name:>10} not here"),
    };
    row("dondoc", &dondoc);
    for (name, runs) in &peers {
        row(name, runs);
    }
    let totals = project.run(&["pull", "--as-of", "2022-10-31", "--format", "json"]).json();
    for (name, runs) in &peers {
        if let Some(run) = runs.iter().flatten().next() {
            let counts: Vec<&str> = run.said.split_whitespace().take(7).collect();
            let measures = [
                "received",
                "received_online",
                "results_due",
                "results_electronic",
                "fee_transactions",
                "paid_on_portal",
                "paid_cashless_other",
            ];
            let here = measures
                .map(|measure| totals.pointer(&format!("/snapshots/0/totals/{measure}")).expect("a total").to_string());
            assert_eq!(counts, here, "{name} counts the same");
        }
    }
}

/// Sorted by unit, service and month, with small counts that hold together, the same on every machine.
fn generate(path: &Path, units: usize, services: usize, months: usize) -> std::io::Result<()> {
    let mut out = BufWriter::with_capacity(1 << 20, File::create(path)?);
    writeln!(
        out,
        "period,unit_code,service_code,received,received_online,results_due,results_electronic,fee_transactions,\
         paid_on_portal,paid_cashless_other,services_online,services_online_with_dossiers"
    )?;
    let mut dice: u64 = 12_345;
    for unit in 0..units {
        let code = code(unit);
        for service in 0..services {
            for month in 1..=months {
                dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                let part = |bits: u32, of: u64| (dice >> bits) % 101 * of / 100;
                let received = (dice >> 40) % 97;
                let (online, due, fees) = (part(8, received), received * 9 / 10, received * 7 / 10);
                let (electronic, portal) = (part(16, due) / 10, part(24, fees) / 2);
                writeln!(
                    out,
                    "2022-{month:02},{code},1.{service:06},{received},{online},{due},{electronic},{fees},{portal},{},1,{}",
                    (fees - portal) / 2,
                    u8::from(online > 0)
                )?;
            }
        }
    }
    out.flush()
}

/// `None` when the command cannot do it here.
fn run(mut command: Command) -> Option<Run> {
    let started = Instant::now();
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().ok()?;
    let mut own_mib: f64 = 0.0;
    while child.try_wait().ok()?.is_none() {
        let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:"));
        let own = line.and_then(|line| line.split_whitespace().next()?.parse::<f64>().ok());
        own_mib = own_mib.max(own.unwrap_or(0.0) / 1024.0);
        std::thread::sleep(Duration::from_millis(2));
    }
    let seconds = started.elapsed().as_secs_f64();
    let output = child.wait_with_output().ok()?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    output.status.success().then_some(Run { seconds, own_mib, said })
}

fn median(runs: &[Option<Run>], figure: impl Fn(&Run) -> f64) -> Option<f64> {
    let mut figures: Vec<f64> = runs.iter().flatten().map(figure).collect();
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied()
}
