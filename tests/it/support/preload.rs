//! What is loaded before libc into a process under test: it dies at its n-th write, or lives at another time of day.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use chrono::{DateTime, NaiveTime, TimeDelta, Utc};
use dondoc::clock::{Clock, ZONE};

/// The library, built by the C compiler that the program itself needs, once per run of the tests.
fn library() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| {
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/support/preload/preload.c");
        let library = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("preload-{}.so", std::process::id()));
        let mut command = Command::new("cc");
        command.args(["-O2", "-Wall", "-Werror", "-shared", "-fPIC", "-o"]).arg(&library).arg(source).arg("-ldl");
        let compiled = command.output().expect("a C compiler");
        assert!(compiled.status.success(), "{}", String::from_utf8_lossy(&compiled.stderr));
        library
    })
}

/// Kills the process at its `nth` write into a file or a socket: before a byte of it, or in the middle when `torn`.
pub fn plug_pulled_at(command: &mut Command, nth: usize, torn: bool) {
    command.env("LD_PRELOAD", library()).env("PLUG_AT", nth.to_string());
    if torn {
        command.env("PLUG_TORN", "1");
    }
}

/// Has the process store in `file` how often it wrote, when it ends by itself.
pub fn writes_counted_in(command: &mut Command, file: &Path) {
    command.env("LD_PRELOAD", library()).env("PLUG_COUNT", file);
}

/// Lets the process live at ten in the morning of Vietnam, today or yesterday: phones may ring then, whenever the tests
/// are run. Its clock goes back and never forward, so that nothing lies in the future of a database server's clock.
pub fn in_the_morning(command: &mut Command) {
    command.env("LD_PRELOAD", library()).env("CLOCK_BACK", since_ten(Clock::System.now()).num_seconds().to_string());
}

fn since_ten(now: DateTime<Utc>) -> TimeDelta {
    let local = now.with_timezone(&ZONE).time();
    let since = local - NaiveTime::from_hms_opt(10, 0, 0).expect("a time of day");
    if since < TimeDelta::zero() { since + TimeDelta::days(1) } else { since }
}
