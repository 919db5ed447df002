//! The `dondoc` program.

use std::process::ExitCode;

use dondoc::message::worker;

fn main() -> ExitCode {
    // Before any runtime: a worker is one thread with little memory.
    if std::env::args_os().nth(1).is_some_and(|argument| argument == worker::COMMAND) {
        return worker::serve();
    }
    ExitCode::SUCCESS
}
