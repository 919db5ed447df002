//! A PostgreSQL cluster of a test's own, in a temporary folder, that may be stopped as the test likes.

use std::net::TcpListener;
use std::os::unix::fs::MetadataExt as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// A running cluster; stopped and removed on drop.
#[derive(Debug)]
pub struct Cluster {
    folder: tempfile::TempDir,
    programs: PathBuf,
    port: u16,
}

impl Cluster {
    /// Makes one with an empty database `dondoc`, and starts it.
    pub fn start() -> Self {
        // A short path: a socket's name has 107 characters at most.
        let folder = tempfile::Builder::new().prefix("dd").tempdir_in("/tmp").expect("a temporary folder");
        if is_root() {
            let given = Command::new("chown").arg("postgres").arg(folder.path()).status().expect("chown");
            assert!(given.success(), "there is no user `postgres`");
        }
        let mut cluster = Self { folder, programs: programs(), port: 0 };
        let data = cluster.path("data");
        cluster.must("initdb", &["-D", &data, "-A", "trust", "-U", "dondoc", "-E", "UTF8", "--locale=C.UTF-8"]);
        let started = (0..20).any(|_| {
            cluster.port = free_port();
            let socket = cluster.folder.path().display();
            let options =
                format!("-p {} -k {socket} -c listen_addresses=127.0.0.1 -c max_connections=100", cluster.port);
            cluster.pg_ctl(&["-o", &options, "start"])
        });
        assert!(started, "PostgreSQL does not start: {}", cluster.log());
        let port = cluster.port.to_string();
        cluster.must("createdb", &["-h", "127.0.0.1", "-p", &port, "-U", "dondoc", "dondoc"]);
        cluster
    }

    /// Where clients find it.
    pub fn url(&self) -> String {
        format!("postgres://dondoc@127.0.0.1:{}/dondoc", self.port)
    }

    /// Ends every connection and loses nothing that was committed: `fast` in order, `immediate` as a loss of power does.
    pub fn stop(&self, mode: &str) {
        assert!(self.pg_ctl(&["-m", mode, "stop"]), "{}", self.log());
    }

    /// Starts it again, on the same port.
    pub fn start_again(&self) {
        let socket = self.folder.path().display();
        let options = format!("-p {} -k {socket} -c listen_addresses=127.0.0.1 -c max_connections=100", self.port);
        assert!(self.pg_ctl(&["-o", &options, "start"]), "{}", self.log());
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).display().to_string()
    }

    fn pg_ctl(&self, arguments: &[&str]) -> bool {
        let (data, log) = (self.path("data"), self.path("log"));
        self.program("pg_ctl", &[&["-D", &data, "-l", &log, "-w"], arguments].concat())
            .status()
            .expect("pg_ctl")
            .success()
    }

    fn must(&self, name: &str, arguments: &[&str]) {
        assert!(self.program(name, arguments).status().expect(name).success(), "{name} failed: {}", self.log());
    }

    /// PostgreSQL refuses to run as root.
    fn program(&self, name: &str, arguments: &[&str]) -> Command {
        let program = self.programs.join(name);
        let mut command = if is_root() {
            let mut command = Command::new("runuser");
            command.args(["-u", "postgres", "--"]).arg(program);
            command
        } else {
            Command::new(program)
        };
        command.args(arguments).current_dir("/").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        self.pg_ctl(&["-m", "immediate", "stop"]);
    }
}

fn is_root() -> bool {
    std::fs::metadata("/proc/self").expect("Linux").uid() == 0
}

/// One that the kernel gives nobody by itself: the cluster comes back to it after it was away, and in between a client that
/// calls it again and again may be given the very port that it calls.
fn free_port() -> u16 {
    let given = std::fs::read_to_string("/proc/sys/net/ipv4/ip_local_port_range").unwrap_or_default();
    let lowest: u16 = given.split_whitespace().next().and_then(|port| port.parse().ok()).unwrap_or(32_768);
    let from = u16::try_from(std::process::id() % 4_000).expect("small");
    let mut below = (1..lowest.saturating_sub(10_000)).map(|step| lowest - 1 - (from + step) % (lowest - 10_000));
    let free = below.find(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok());
    free.expect("a free port")
}

/// The folder of PostgreSQL's own programs, newest version first; Debian keeps them out of PATH.
fn programs() -> PathBuf {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().filter_map(Result::ok);
    let folders = versions.map(|version| version.path().join("bin")).filter(|bin| bin.join("initdb").exists());
    let number = |bin: &PathBuf| -> u32 {
        let version = bin.parent().and_then(|version| version.file_name()).and_then(|name| name.to_str());
        version.and_then(|version| version.parse().ok()).unwrap_or(0)
    };
    folders.max_by_key(number).unwrap_or_else(|| {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let found = std::env::split_paths(&path).find(|folder| folder.join("initdb").exists());
        found.expect("PostgreSQL's own programs; run scripts/test, which installs them")
    })
}
