//! Tries texts that somebody is writing: a worker is kept waiting for them, so that an answer takes as long as the rendering
//! and not as long as the start of a process.
//!
//! Unlike a [`Renderer`](super::Renderer) it is told all templates with every question, because they change with every
//! key; what kills the worker costs that one answer.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::Semaphore;

use super::job::{Job, RenderFailure, Rendered, Setup};
use super::render::Limits;
use super::task::{TRYOUT, TryoutQuestion};
use super::template::Templates;
use crate::worker::{self, Worker};

/// Workers at once, and kept waiting.
const WORKERS: usize = 2;

/// A worker that has answered so many questions makes room for a fresh one, before its processor time runs out.
const ANSWERS_PER_WORKER: u32 = 128;

/// Where unsaved texts are tried; cheap to clone, all clones share the workers. No worker runs before the first is needed.
#[derive(Debug, Clone)]
pub struct Tryout {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    limits: Limits,
    idle: Mutex<Vec<Worker>>,
    permits: Semaphore,
}

impl Tryout {
    /// A place where a text may cost as much as `limits` say.
    pub fn new(limits: Limits) -> Self {
        let shared = Shared { limits, idle: Mutex::default(), permits: Semaphore::new(WORKERS) };
        Self { shared: Arc::new(shared) }
    }

    /// Has a worker of `program` wait, if none does, so that the first answer is quick too.
    pub fn warm(&self, program: &Path) {
        if self.shared.idle().is_empty() {
            let (shared, program) = (Arc::clone(&self.shared), program.to_owned());
            tokio::spawn(async move { shared.refill(&program).await });
        }
    }

    /// One answer per job, in their order, made of `templates`.
    pub(super) async fn render(&self, program: &Path, templates: &Templates, jobs: Vec<Job>) -> Vec<Rendered> {
        let failed = |why: &io::Error| {
            let message = match why.kind() {
                io::ErrorKind::TimedOut => format!("it took longer than {:?}", self.shared.limits.batch),
                _ => format!("it ended the worker by its use of memory, stack or processor time ({why})"),
            };
            jobs.iter().map(|job| Err(RenderFailure::whole(&job.template, message.clone()))).collect()
        };
        let Ok(_permit) = self.shared.permits.acquire().await else { return failed(&io::ErrorKind::Other.into()) };
        match self.shared.ask(program, templates, &jobs).await {
            Ok(answers) if answers.len() == jobs.len() => answers,
            Ok(_) => failed(&io::Error::other("the worker answered another question")),
            Err(why) => failed(&why),
        }
    }
}

impl Shared {
    /// One exchange. Whatever ends the worker, the next one starts at once beside the answer.
    async fn ask(self: &Arc<Self>, program: &Path, templates: &Templates, jobs: &[Job]) -> io::Result<Vec<Rendered>> {
        let Limits { output, accented, batch, per_job, .. } = self.limits;
        let setup = Setup { templates: templates.clone(), output, accented };
        let question = serde_json::to_vec(&TryoutQuestion { setup, jobs: jobs.to_vec() })?;
        let waiting = self.take();
        let mut worker = match waiting {
            Some(worker) => worker,
            None => self.start(program).await?,
        };
        let within = batch + per_job * u32::try_from(jobs.len()).unwrap_or(u32::MAX);
        let answer = match tokio::time::timeout(within, worker.ask(&question)).await {
            Ok(answer) => answer,
            Err(_) => Err(io::ErrorKind::TimedOut.into()),
        };
        if answer.is_ok() && worker.answered() < ANSWERS_PER_WORKER {
            self.idle().push(worker);
        } else {
            let (shared, program): (_, PathBuf) = (Arc::clone(self), program.to_owned());
            tokio::spawn(async move {
                worker.end().await;
                shared.refill(&program).await;
            });
        }
        Ok(serde_json::from_slice(&answer?)?)
    }

    async fn refill(&self, program: &Path) {
        match self.start(program).await {
            Ok(worker) => {
                let mut idle = self.idle();
                if idle.len() < WORKERS {
                    idle.push(worker);
                }
            }
            Err(error) => {
                tracing::warn!(%error, "no worker is ready to try templates; the next one that is tried waits");
            }
        }
    }

    async fn start(&self, program: &Path) -> io::Result<Worker> {
        let limits = worker::Limits { memory: self.limits.memory, cpu_seconds: self.limits.cpu_seconds };
        Worker::start(program, TRYOUT.name, limits, b"", self.limits.batch).await
    }

    /// A worker that waits and still lives.
    fn take(&self) -> Option<Worker> {
        let mut idle = self.idle();
        while let Some(mut worker) = idle.pop() {
            if worker.is_alive() {
                return Some(worker);
            }
        }
        None
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Worker>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
