//! A running `dondoc serve`: started, looked at from outside, sent signals, ended.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use super::project::Project;
use super::secrets::hold_nothing_private;

/// How long anything may take on a busy machine.
const PATIENCE: Duration = Duration::from_mins(1);

/// The process and what it said so far; killed on drop.
#[derive(Debug)]
pub struct Daemon {
    child: Child,
    address: String,
    log: Arc<Mutex<String>>,
}

impl Daemon {
    /// Starts it and waits until it says that it is ready.
    pub fn serve(project: &Project) -> Self {
        let mut command = project.command(&["serve"]);
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("the binary starts");
        let lines = BufReader::new(child.stderr.take().expect("its standard error")).lines();
        let log = Arc::new(Mutex::new(String::new()));
        let kept = Arc::clone(&log);
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                *kept.lock().expect("nobody panicked") += &(line + "\n");
            }
        });
        let mut daemon = Self { child, address: String::new(), log };
        daemon.until_it_says("ready listen=");
        let said = daemon.said();
        let address = said.split_once("ready listen=").and_then(|(_, rest)| rest.split_whitespace().next());
        address.expect("an address").clone_into(&mut daemon.address);
        daemon
    }

    /// Everything it wrote to standard error.
    pub fn said(&self) -> String {
        self.log.lock().expect("nobody panicked").clone()
    }

    /// Waits for words in its log.
    pub fn until_it_says(&self, words: &str) {
        until(|| self.said().contains(words), || format!("{words:?} is not in:\n{}", self.said()));
    }

    /// The address of a page.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Status line and body of a page.
    pub fn get(&self, path: &str) -> (String, String) {
        let mut socket = TcpStream::connect(&self.address).expect("it listens");
        socket.set_read_timeout(Some(PATIENCE)).expect("a time limit");
        write!(socket, "GET {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", self.address)
            .expect("a request");
        let mut answer = String::new();
        socket.read_to_string(&mut answer).expect("an answer");
        let (head, body) = answer.split_once("\r\n\r\n").expect("a head and a body");
        (head.lines().next().unwrap_or_default().to_owned(), body.to_owned())
    }

    /// Status line and body of the answer to `head`, a request line with headers, and `body`. The peer may stop reading.
    pub fn send(&self, head: &str, body: &[u8]) -> (String, String) {
        let mut socket = TcpStream::connect(&self.address).expect("it listens");
        socket.set_read_timeout(Some(PATIENCE)).expect("a time limit");
        let head = format!("{head}\r\nHost: {}\r\nConnection: close\r\n\r\n", self.address);
        socket.write_all(head.as_bytes()).expect("a request");
        let _ = socket.write_all(body);
        let mut answer = Vec::new();
        socket.read_to_end(&mut answer).expect("an answer");
        let answer = String::from_utf8(answer).expect("a text");
        let (head, body) = answer.split_once("\r\n\r\n").expect("a head and a body");
        (head.lines().next().unwrap_or_default().to_owned(), body.to_owned())
    }

    /// What everybody on the machine sees of it and of its workers in the process list.
    fn listed(&self) -> String {
        let of = |pid: &str| std::fs::read_to_string(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        let pid = self.child.id();
        let threads = std::fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten().filter_map(Result::ok);
        let children = threads.filter_map(|thread| std::fs::read_to_string(thread.path().join("children")).ok());
        let workers: String = children.flat_map(|list| list.split_whitespace().map(of).collect::<Vec<_>>()).collect();
        of(&pid.to_string()).replace('\0', " ") + &workers.replace('\0', " ")
    }

    /// Sends it a signal: `TERM`, `HUP`.
    pub fn signal(&self, name: &str) {
        let listed = self.listed();
        assert!(listed.contains("serve"), "not in the process list: {listed:?}");
        hold_nothing_private(&listed);
        let kill = format!("kill -{name} {}", self.child.id());
        assert!(Command::new("sh").args(["-c", &kill]).status().expect("a shell").success(), "{kill}");
    }

    /// Waits until it ends by itself. Returns its exit code and what it said.
    pub fn ended(mut self) -> (Option<i32>, String) {
        let mut ended = None;
        until(
            || {
                ended = self.child.try_wait().expect("a child of ours");
                ended.is_some()
            },
            || "it does not end".to_owned(),
        );
        std::thread::sleep(Duration::from_millis(50)); // its last words are on their way
        (ended.and_then(|status| status.code()), self.said())
    }

    /// Asks it to stop, and waits. Returns how it ended and how long that took.
    pub fn stop(mut self) -> (ExitStatus, Duration) {
        let asked = Instant::now();
        self.signal("TERM");
        let mut ended = None;
        until(
            || {
                ended = self.child.try_wait().expect("a child of ours");
                ended.is_some()
            },
            || "it does not stop".to_owned(),
        );
        (ended.expect("an exit status"), asked.elapsed())
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if !std::thread::panicking() {
            hold_nothing_private(&self.said());
        }
    }
}

/// Waits until `holds`; `otherwise` says what did not.
pub fn until(mut holds: impl FnMut() -> bool, otherwise: impl Fn() -> String) {
    let deadline = Instant::now() + PATIENCE;
    while !holds() {
        assert!(Instant::now() < deadline, "{}", otherwise());
        std::thread::sleep(Duration::from_millis(10));
    }
}
