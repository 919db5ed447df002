//! How fast `serve` answers for a large province: the overview and the page of a unit, and what programs are told of units;
//! alone, and with many readers while a round is being delivered. The first request of each page is told apart: nothing of
//! it is in memory yet.
//!
//! ```text
//! cargo bench --bench pages -- [--units 10000] [--times 20] [--readers 50]
//! ```
//!
//! Two rounds lie behind the pages, and a message to every unit waits until delivery is let go. Times are those of a whole
//! request over a new connection on loopback.

#![expect(unreachable_pub, reason = "support shared with the tests")]
#![expect(clippy::print_stdout, reason = "a measuring program prints its figures")]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

#[expect(dead_code, reason = "the tests use more of it")]
#[path = "../tests/it/support/project.rs"]
mod project;
#[path = "../tests/it/support/secrets.rs"]
mod secrets;

use project::{Plan, Project, code};

/// How long the messages may take beside the readers.
const PATIENCE: Duration = Duration::from_mins(10);

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let number = |name: &str, default: usize| {
        let at = arguments.iter().position(|argument| argument == name);
        at.and_then(|at| arguments.get(at + 1)?.parse().ok()).unwrap_or(default)
    };
    let (units, times, readers) = (number("--units", 10_000), number("--times", 20), number("--readers", 50));
    let project = Project::new(&Plan { units, ..Plan::default() });
    for arguments in [&["pause"][..], &["run", "--as-of", "2022-10-31"], &["run", "--as-of", "2022-11-07"]] {
        let done = project.run(arguments);
        assert_eq!(done.code, 0, "{}", done.err);
    }
    let token = project.run(&["token", "add", "bench", "--role", "view"]);
    assert_eq!(token.code, 0, "{}", token.err);
    let token = token.out.trim().to_owned();
    let (mut child, address) = serve(&project);
    let [unit, told] = ["/don-vi", "/api/v1/units"].map(|path| format!("{path}/{}", code(units / 2)));
    let pages = ["/", "/?xep=ten", "/?chua-dat=1&trang=7", &unit, "/api/v1/units", &told].map(|page| (page, &*token));
    for page in pages {
        say(page.0, "the first one", &mut [get(&address, page)]);
        let mut took: Vec<Duration> = (0..times).map(|_| get(&address, page)).collect();
        say(page.0, "alone", &mut took);
    }
    let released = project.run(&["resume"]);
    assert_eq!(released.code, 0, "{}", released.err);
    let over = AtomicBool::new(false);
    let mut busy: Vec<(usize, Duration)> = std::thread::scope(|scope| {
        let readers: Vec<_> = (0..readers)
            .map(|reader| {
                let (over, pages, address) = (&over, &pages, &address);
                scope.spawn(move || {
                    let mut took = Vec::new();
                    for page in (reader..).map(|at| at % pages.len()) {
                        if over.load(Ordering::Relaxed) {
                            break;
                        }
                        took.push((page, get(address, *pages.get(page).expect("a page"))));
                    }
                    took
                })
            })
            .collect();
        let began = Instant::now();
        let mut left = waiting(&project);
        while left > 0 && began.elapsed() < PATIENCE {
            left = waiting(&project);
        }
        let took = began.elapsed().as_secs_f64();
        // The readers end only when they are told, so nothing may fail before it.
        over.store(true, Ordering::Relaxed);
        println!("all messages but {left} delivered in {took:.1} s beside {} readers", readers.len());
        readers.into_iter().flat_map(|reader| reader.join().expect("every answer was 200")).collect()
    });
    busy.sort_unstable();
    for (at, (page, _)) in pages.into_iter().enumerate() {
        let mut took: Vec<Duration> = busy.iter().filter(|(of, _)| *of == at).map(|(_, took)| *took).collect();
        say(page, "beside the others", &mut took);
    }
    let _ = Command::new("kill").args(["-TERM", &child.id().to_string()]).status();
    let _ = child.wait();
}

/// `serve`, and the address that it says it listens on.
fn serve(project: &Project) -> (Child, String) {
    let mut command = project.command(&["serve"]);
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("the binary");
    let mut lines = BufReader::new(child.stderr.take().expect("its log")).lines().map_while(Result::ok);
    let ready = lines.find_map(|line| Some(line.split_once("ready listen=")?.1.split_whitespace().next()?.to_owned()));
    std::thread::spawn(move || lines.for_each(drop));
    (child, ready.expect("it becomes ready"))
}

/// How long one page takes; anything but 200 ends the measurement.
fn get(address: &str, (page, token): (&str, &str)) -> Duration {
    let began = Instant::now();
    let mut socket = TcpStream::connect(address).expect("it listens");
    let known = if page.starts_with("/api/") { format!("Authorization: Bearer {token}\r\n") } else { String::new() };
    write!(socket, "GET {page} HTTP/1.1\r\nHost: {address}\r\n{known}Connection: close\r\n\r\n").expect("a request");
    let mut answer = Vec::new();
    socket.read_to_end(&mut answer).expect("an answer");
    let head = String::from_utf8_lossy(answer.get(..12).unwrap_or_default()).into_owned();
    assert_eq!(head, "HTTP/1.1 200", "{page}");
    began.elapsed()
}

/// Messages that are not sent yet.
fn waiting(project: &Project) -> usize {
    let listed = project.run(&["outbox", "list", "--state", "ready", "--format", "json"]);
    serde_json::from_str::<Vec<serde_json::Value>>(&listed.out).expect("a list").len()
}

fn say(page: &str, how: &str, took: &mut [Duration]) {
    took.sort_unstable();
    let of = |at: usize| took.get(at).map_or(0.0, Duration::as_secs_f64) * 1_000.0;
    let (count, last) = (took.len(), took.len().saturating_sub(1));
    println!(
        "{page:<24} {how:<18} {count:>6} requests   median {:>6.1} ms   worst {:>6.1} ms",
        of(count / 2),
        of(last)
    );
}
