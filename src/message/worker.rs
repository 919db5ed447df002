//! The worker process: renders and may die. Every template engine can be made to spin, to swallow memory or to abort,
//! so clerks' templates never run in the daemon itself.
//!
//! It limits itself, has no environment, opens no file and no connection, and speaks only through its pipes.

use std::collections::HashMap;
use std::io::{self, BufReader, BufWriter};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;

use rlimit::Resource;

use super::engine::{Engine, Shell};
use super::frame::{self, Job, RenderFailure, Rendered, Setup};

/// The first argument that makes the program a worker.
pub const COMMAND: &str = "render-worker";

/// Answers frames until the parent closes. Called before any runtime starts.
pub fn serve() -> ExitCode {
    match answer() {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

fn answer() -> io::Result<()> {
    let mut from = BufReader::new(io::stdin().lock());
    let mut to = BufWriter::new(io::stdout().lock());
    let Some(first) = frame::read(&mut from)? else { return Ok(()) };
    let setup: Setup = serde_json::from_slice(&first)?;
    drop(first);
    Resource::AS.set(setup.memory, setup.memory)?;
    Resource::CPU.set(setup.cpu_seconds, setup.cpu_seconds)?;
    Resource::CORE.set(0, 0)?;
    frame::write(&mut to, &true)?;
    let mut bench = Bench { shell: Shell::compile(&setup.templates), setup, engines: HashMap::new() };
    while let Some(bytes) = frame::read(&mut from)? {
        let jobs: Vec<Job> = serde_json::from_slice(&bytes)?;
        drop(bytes);
        let answers: Vec<Rendered> = jobs.iter().map(|job| bench.render_or_say_why(job)).collect();
        frame::write(&mut to, &answers)?;
    }
    Ok(())
}

/// Compiles each template once, when the first job needs it: a template that kills the worker by being read must not
/// take the others' messages with it.
struct Bench {
    setup: Setup,
    shell: Result<Shell, RenderFailure>,
    engines: HashMap<String, Result<Engine, RenderFailure>>,
}

impl Bench {
    fn render_or_say_why(&mut self, job: &Job) -> Rendered {
        catch_unwind(AssertUnwindSafe(|| self.render(job)))
            .unwrap_or_else(|_| Err(RenderFailure::whole(&job.template, "the template engine failed on it")))
    }

    fn render(&mut self, job: &Job) -> Rendered {
        let shell = self.shell.as_ref().map_err(Clone::clone)?;
        let engine = self
            .engines
            .entry(job.template.clone())
            .or_insert_with(|| Engine::compile(&self.setup.templates, &job.template, self.setup.output));
        engine.as_ref().map_err(Clone::clone)?.render(shell, &job.context)
    }
}
