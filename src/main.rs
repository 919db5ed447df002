//! The `dondoc` program. Everything is in the library; this starts it.

use std::process::ExitCode;

fn main() -> ExitCode {
    dondoc::cli::main()
}
