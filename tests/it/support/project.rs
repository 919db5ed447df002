//! An installation in a temporary folder: pack, figures, configuration; and the binary run in it.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use super::secrets::{hold_no_secret, hold_nothing_private};

/// A folder with everything `dondoc` needs, removed on drop.
#[derive(Debug)]
pub struct Project {
    folder: tempfile::TempDir,
}

/// What differs between installations.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Communes, all of them below every target.
    pub units: usize,
    /// `[database] url`.
    pub database: String,
    /// The `[[channel]]` tables.
    pub channels: String,
    /// Further configuration, below everything else.
    pub extra: String,
}

impl Default for Plan {
    fn default() -> Self {
        Self {
            units: 20,
            database: "sqlite:dondoc.db".to_owned(),
            channels: "[[channel]]\nname = \"mailbox\"\nkind = \"capture\"\n".to_owned(),
            extra: String::new(),
        }
    }
}

impl Plan {
    /// Mail to a relay on this machine.
    pub fn mail(mut self, relay: std::net::SocketAddr, connections: usize) -> Self {
        self.channels = format!(
            "[[channel]]\nname = \"mail\"\nkind = \"email\"\nrelay = \"smtp://{relay}\"\n\
             from = \"Sở TT&TT <dondoc@tinh.example>\"\nmax_connections = {connections}\ntimeout = \"10 seconds\"\n"
        );
        self
    }
}

impl Project {
    /// Writes the installation.
    pub fn new(plan: &Plan) -> Self {
        let project = Self { folder: tempfile::tempdir().expect("a temporary folder") };
        project.write("config.toml", &config(plan));
        for (name, text) in pack(plan.units) {
            project.write(&format!("pack/{name}"), &text);
        }
        project.write("figures.csv", &figures(plan.units, 40));
        project
    }

    /// A path in the folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Writes a file, folders included.
    pub fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        std::fs::write(path, text).expect("a file");
    }

    /// The file's text.
    pub fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).expect("a readable file")
    }

    /// Replaces `from`, which must be there, by `to` in a file.
    pub fn edit(&self, name: &str, from: &str, to: &str) {
        let text = self.read(name);
        assert!(text.contains(from), "`{from}` is not in {name}");
        self.write(name, &text.replacen(from, to, 1));
    }

    /// Runs a command that reads `text` from its standard input.
    pub fn fed(mut command: Command, text: &str) -> Done {
        let pipes = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = pipes.spawn().expect("the binary starts");
        child.stdin.take().expect("its input").write_all(text.as_bytes()).expect("it reads");
        Done::of(child.wait_with_output().expect("it ends"))
    }

    /// The binary with these arguments, in the folder, not yet started.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_dondoc"));
        command.current_dir(self.folder.path()).args(arguments).env_remove("RUST_LOG");
        command
    }

    /// Runs the binary to its end.
    pub fn run(&self, arguments: &[&str]) -> Done {
        Done::of(self.command(arguments).output().expect("the binary starts"))
    }
}

/// How a command ended.
#[derive(Debug)]
pub struct Done {
    /// Exit code.
    pub code: i32,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

impl Done {
    /// From what the operating system reports. Nothing private may have been said, whatever was run.
    pub fn of(output: Output) -> Self {
        let done = Self {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8(output.stdout).expect("UTF-8"),
            err: String::from_utf8(output.stderr).expect("UTF-8"),
        };
        hold_no_secret(&done.out);
        hold_nothing_private(&done.err);
        done
    }

    /// Standard output as JSON.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.out)
            .unwrap_or_else(|error| panic!("{error}\nstdout: {}\nstderr: {}", self.out, self.err))
    }
}

fn config(plan: &Plan) -> String {
    format!(
        r#"[database]
url = "{}"
[catalog]
seed = "pack"
[server]
listen = "127.0.0.1:0"
[safety]
trial = false
approval = "never"
max_newly_below_percent = 100
[policy]
quiet_hours = ""
[[source]]
name = "province"
kind = "csv"
path = "figures.csv"
[[schedule]]
name = "weekly"
cron = "0 30 7 * * Mon"
{}
{}"#,
        plan.database, plan.channels, plan.extra
    )
}

/// The code of the `number`-th commune.
pub fn code(number: usize) -> String {
    format!("X{number:06}")
}

fn pack(units: usize) -> Vec<(&'static str, String)> {
    let mut rows = "code,name,kind,parent_code,valid_from,valid_to,aliases\n24,Tỉnh Mẫu,tinh,,,,\n".to_owned();
    let mut contacts = "unit_code,office,person,title,email,phone,zalo_user_id,valid_from,valid_to\n".to_owned();
    for number in 0..units {
        let code = code(number);
        let _ = writeln!(rows, "{code},Xã Số {number},xa,24,,,");
        let _ = writeln!(
            contacts,
            "{code},head,,Chủ tịch UBND xã Số {number},ubnd@xa{number}.example,0900 000 {:03},,,",
            number % 1_000
        );
    }
    contacts.push_str("24,focal_point,,Trung tâm CNTT&TT,cntt@tinh.example,0900 000 999,,,\n");
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("samples/bac-giang-2022");
    let copy = |name: &'static str| (name, std::fs::read_to_string(sample.join(name)).expect("the sample"));
    vec![
        ("units.csv", rows),
        ("contacts.csv", contacts),
        copy("indicators.toml"),
        copy("targets.toml"),
        copy("sender.toml"),
        copy("calendar.toml"),
    ]
}

/// Two services in October 2022, `online` of 200 dossiers filed online; below every target when `online` < 100.
pub fn figures(units: usize, online: u32) -> String {
    let mut rows =
        "period,unit_code,service_code,received,received_online,results_due,results_electronic,fee_transactions,\
                    paid_on_portal,paid_cashless_other,services_online,services_online_with_dossiers\n"
            .to_owned();
    for number in 0..units {
        let code = code(number);
        let (first, second) = (online / 2, online - online / 2);
        let _ = writeln!(rows, "2022-10,{code},1.000001,100,{first},90,{},80,3,20,1,1", number % 7);
        let _ = writeln!(rows, "2022-10,{code},1.000002,100,{second},95,2,60,1,5,1,0");
    }
    rows
}
