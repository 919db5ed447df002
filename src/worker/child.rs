//! The child's side: limits itself, learns what it is for, answers until the parent closes.

use std::io::{self, BufReader, BufWriter};
use std::process::ExitCode;

use rlimit::Resource;
use serde::{Deserialize, Serialize};

use super::frame;

/// The first argument that makes the program a worker.
pub const COMMAND: &str = "worker";

/// Answers one question.
pub type Work = Box<dyn FnMut(&[u8]) -> io::Result<Vec<u8>>>;

/// Something that workers do.
#[derive(Debug, Clone, Copy)]
pub struct Task {
    /// How the parent calls it.
    pub name: &'static str,
    /// Gets ready with what the parent says first; runs under the limits already.
    pub begin: fn(&[u8]) -> io::Result<Work>,
}

/// The parent's first frame.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Hello {
    pub(super) task: String,
    /// Address space, bytes.
    pub(super) memory: u64,
    /// Processor time over the worker's life, seconds.
    pub(super) cpu_seconds: u64,
}

/// Answers the parent until it closes. Called before any runtime starts.
pub fn serve(tasks: &[Task]) -> ExitCode {
    match answer(tasks) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

fn answer(tasks: &[Task]) -> io::Result<()> {
    let mut from = BufReader::new(io::stdin().lock());
    let mut to = BufWriter::new(io::stdout().lock());
    let Some(first) = frame::read(&mut from)? else { return Ok(()) };
    let hello: Hello = serde_json::from_slice(&first)?;
    Resource::AS.set(hello.memory, hello.memory)?;
    Resource::CPU.set(hello.cpu_seconds, hello.cpu_seconds)?;
    Resource::CORE.set(0, 0)?;
    let task = tasks.iter().find(|task| task.name == hello.task);
    let task = task.ok_or_else(|| io::Error::other("there is no such task"))?;
    let Some(setup) = frame::read(&mut from)? else { return Ok(()) };
    let mut work = (task.begin)(&setup)?;
    drop(setup);
    frame::write(&mut to, b"ready")?;
    while let Some(question) = frame::read(&mut from)? {
        let answer = work(&question)?;
        drop(question);
        frame::write(&mut to, &answer)?;
    }
    Ok(())
}
