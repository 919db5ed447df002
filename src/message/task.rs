//! The worker's side of rendering: renders and may die. Every template engine can be made to spin, to swallow memory or
//! to abort, so clerks' templates never run in the daemon itself.

use std::collections::HashMap;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};

use serde::{Deserialize, Serialize};

use super::engine::{Engine, Shell};
use super::job::{Job, RenderFailure, Rendered, Setup};
use crate::worker::{Task, Work};

/// Rendering, as workers do it.
pub const TASK: Task = Task { name: "render", begin };

/// Trying texts that somebody is writing, as workers do it: every question brings its own templates.
pub const TRYOUT: Task = Task { name: "tryout", begin: begin_tryout };

/// Templates, and what to make of them.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct TryoutQuestion {
    pub(super) setup: Setup,
    pub(super) jobs: Vec<Job>,
}

fn begin_tryout(setup: &[u8]) -> io::Result<Work> {
    if !setup.is_empty() {
        return Err(io::Error::other("a tryout is told everything with its questions"));
    }
    Ok(Box::new(|question| {
        let TryoutQuestion { setup, jobs } = serde_json::from_slice(question)?;
        let mut bench = Bench { shell: Shell::compile(&setup.templates), setup, engines: HashMap::new() };
        let answers: Vec<Rendered> = jobs.iter().map(|job| bench.render_or_say_why(job)).collect();
        Ok(serde_json::to_vec(&answers)?)
    }))
}

fn begin(setup: &[u8]) -> io::Result<Work> {
    let setup: Setup = serde_json::from_slice(setup)?;
    let mut bench = Bench { shell: Shell::compile(&setup.templates), setup, engines: HashMap::new() };
    Ok(Box::new(move |question| {
        let jobs: Vec<Job> = serde_json::from_slice(question)?;
        let answers: Vec<Rendered> = jobs.iter().map(|job| bench.render_or_say_why(job)).collect();
        Ok(serde_json::to_vec(&answers)?)
    }))
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
        let engine =
            self.engines.entry(job.template.clone()).or_insert_with(|| Engine::compile(&self.setup, &job.template));
        engine.as_ref().map_err(Clone::clone)?.render(shell, &job.words)
    }
}
