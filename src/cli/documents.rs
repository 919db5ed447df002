//! `dondoc completions` and `dondoc man`, made from the same definitions as the help.

use clap::CommandFactory as _;

use super::arguments::Arguments;
use super::exit::{Code, Failure};

pub(super) fn completions(shell: clap_complete::Shell) -> Result<Code, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "dondoc", &mut script);
    write(&script)
}

pub(super) fn man() -> Result<Code, Failure> {
    let mut page = Vec::new();
    clap_mangen::Man::new(Arguments::command()).render(&mut page)?;
    write(&page)
}

fn write(bytes: &[u8]) -> Result<Code, Failure> {
    std::io::Write::write_all(&mut std::io::stdout().lock(), bytes)?;
    Ok(Code::Done)
}
