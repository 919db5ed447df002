//! The parent's side of rendering: worker processes, their deadlines and what happens when one dies.

use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::task::{JoinHandle, JoinSet};

use super::job::{Job, RenderFailure, Rendered, Setup};
use super::task::TASK;
use super::template::Templates;
use crate::worker::{self, COMMAND, Worker};

/// A template that killed so many workers by one job each is not tried again.
const STRIKES: u32 = 3;

/// A worker that has answered so many batches makes room for a fresh one, before its processor time runs out.
const BATCHES_PER_WORKER: u32 = 128;

/// What rendering may cost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Wall time of a batch, whatever its size; [`Limits::per_job`] comes on top for each job.
    pub batch: Duration,
    /// Further wall time for each job of a batch.
    pub per_job: Duration,
    /// Address space of a worker, bytes.
    pub memory: u64,
    /// Processor time over a worker's life, seconds: a backstop behind the wall time.
    pub cpu_seconds: u64,
    /// Bytes that each part of a message may hold.
    pub output: usize,
    /// Workers at once.
    pub workers: usize,
    /// Jobs in one batch.
    pub jobs: usize,
    /// Whether the SMS line is also kept with its diacritics, for a channel that sends it so.
    pub accented: bool,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            batch: Duration::from_secs(2),
            per_job: Duration::from_millis(20),
            memory: 256 * 1024 * 1024,
            cpu_seconds: 120,
            output: 256 * 1024,
            workers: std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
            jobs: 32,
            accented: false,
        }
    }
}

/// Why no worker can be had at all.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RenderError {
    /// The program does not start or does not answer as a worker.
    #[error("cannot start the render worker `{} {COMMAND}`", program.display())]
    NoWorker {
        /// The program.
        program: PathBuf,
        /// The cause.
        source: io::Error,
    },
}

/// Renders messages in worker processes; cheap to clone, all clones share the workers.
#[derive(Debug, Clone)]
pub struct Renderer {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    program: PathBuf,
    /// What every new worker is told first.
    setup: Vec<u8>,
    limits: Limits,
    /// The first worker, while it starts.
    first: Mutex<Option<JoinHandle<io::Result<Worker>>>>,
    idle: Mutex<Vec<Worker>>,
    permits: Semaphore,
    strikes: Mutex<HashMap<String, u32>>,
    templates: Templates,
}

impl Renderer {
    /// Starts a worker of `program` and waits until it answers; further workers start when they are needed.
    ///
    /// # Errors
    /// [`RenderError`] when the program does not start or does not answer.
    pub async fn start(program: &Path, templates: &Templates, limits: Limits) -> Result<Self, RenderError> {
        let renderer = Self::begin(program, templates, limits)?;
        renderer.ready().await?;
        Ok(renderer)
    }

    /// Like [`Renderer::start`], without waiting: the worker starts while figures are fetched. [`Renderer::ready`]
    /// says whether it came up.
    ///
    /// # Errors
    /// [`RenderError`] when the worker cannot be told its templates.
    pub fn begin(program: &Path, templates: &Templates, limits: Limits) -> Result<Self, RenderError> {
        let setup = Setup { templates: templates.clone(), output: limits.output, accented: limits.accented };
        let setup = serde_json::to_vec(&setup)
            .map_err(|error| RenderError::NoWorker { program: program.to_owned(), source: error.into() })?;
        let shared = Arc::new(Shared {
            program: program.to_owned(),
            setup,
            first: Mutex::new(None),
            idle: Mutex::new(Vec::new()),
            permits: Semaphore::new(limits.workers.max(1)),
            strikes: Mutex::new(HashMap::new()),
            templates: templates.clone(),
            limits,
        });
        let starting = Arc::clone(&shared);
        let first = tokio::spawn(async move { starting.new_worker().await });
        *shared.first.lock().unwrap_or_else(PoisonError::into_inner) = Some(first);
        Ok(Self { shared })
    }

    /// Waits for the worker that [`Renderer::begin`] started.
    ///
    /// # Errors
    /// [`RenderError`] when the program does not start or does not answer.
    pub async fn ready(&self) -> Result<(), RenderError> {
        let Some(first) = self.shared.first.lock().unwrap_or_else(PoisonError::into_inner).take() else {
            return Ok(());
        };
        match first.await.unwrap_or_else(|error| Err(io::Error::other(error))) {
            Ok(worker) => self.shared.put_back(worker),
            Err(source) => return Err(RenderError::NoWorker { program: self.shared.program.clone(), source }),
        }
        Ok(())
    }

    /// The templates that are rendered.
    pub fn templates(&self) -> &Templates {
        &self.shared.templates
    }

    /// One answer per job, in their order.
    pub(super) async fn render(&self, jobs: Vec<Job>) -> Vec<Rendered> {
        let mut batches = JoinSet::new();
        let mut rest = jobs.into_iter();
        for number in 0_usize.. {
            let batch: Vec<Job> = rest.by_ref().take(self.shared.limits.jobs.max(1)).collect();
            if batch.is_empty() {
                break;
            }
            let shared = Arc::clone(&self.shared);
            batches.spawn(async move { (number, shared.batch(batch).await) });
        }
        let mut answers = batches.join_all().await;
        answers.sort_by_key(|(number, _)| *number);
        answers.into_iter().flat_map(|(_, answers)| answers).collect()
    }
}

impl Shared {
    /// Renders one batch in one worker; when that dies or stalls, each job alone, so that only the guilty one fails.
    async fn batch(&self, jobs: Vec<Job>) -> Vec<Rendered> {
        let _permit = self.permits.acquire().await;
        let mut answers: Vec<Option<Rendered>> = jobs.iter().map(|job| self.struck(&job.template).map(Err)).collect();
        let open: Vec<Job> =
            jobs.into_iter().zip(&answers).filter(|(_, done)| done.is_none()).map(|(job, _)| job).collect();
        let rendered = match self.try_batch(&open).await {
            Ok(rendered) => rendered,
            Err(_) => self.one_by_one(open).await,
        };
        for (place, answer) in answers.iter_mut().filter(|answer| answer.is_none()).zip(rendered) {
            *place = Some(answer);
        }
        answers.into_iter().flatten().collect()
    }

    async fn one_by_one(&self, jobs: Vec<Job>) -> Vec<Rendered> {
        let mut answers = Vec::with_capacity(jobs.len());
        for job in jobs {
            let template = job.template.clone();
            answers.push(match self.struck(&template) {
                Some(failure) => Err(failure),
                None => self.alone(&template, job).await,
            });
        }
        answers
    }

    /// One job by itself: if the worker does not survive it, the job is to blame.
    async fn alone(&self, template: &str, job: Job) -> Rendered {
        match self.try_batch(&[job]).await {
            Ok(answers) => answers
                .into_iter()
                .next()
                .unwrap_or_else(|| Err(RenderFailure::whole(template, "the worker gave no answer"))),
            Err(error) => {
                *self.strikes().entry(template.to_owned()).or_default() += 1;
                Err(RenderFailure::whole(
                    template,
                    match error.kind() {
                        io::ErrorKind::TimedOut => format!("it took longer than {:?}", self.limits.batch),
                        _ => format!("it ended the worker by its use of memory, stack or processor time ({error})"),
                    },
                ))
            }
        }
    }

    /// One exchange with an idle or a new worker. A worker that fails it is killed.
    async fn try_batch(&self, jobs: &[Job]) -> io::Result<Vec<Rendered>> {
        if jobs.is_empty() {
            return Ok(Vec::new());
        }
        let request = serde_json::to_vec(jobs)?;
        let mut worker = match self.idle_worker() {
            Some(worker) => worker,
            None => self.new_worker().await?,
        };
        let count = u32::try_from(jobs.len()).unwrap_or(u32::MAX);
        let deadline = self.limits.batch + self.limits.per_job * count;
        let answer = tokio::time::timeout(deadline, worker.ask(&request)).await;
        let answers = match answer {
            Ok(Ok(bytes)) => serde_json::from_slice::<Vec<Rendered>>(&bytes).map_err(io::Error::from),
            Ok(Err(error)) => Err(error),
            Err(_) => Err(io::ErrorKind::TimedOut.into()),
        };
        match answers {
            Ok(answers) if answers.len() == jobs.len() => {
                self.put_back(worker);
                Ok(answers)
            }
            other => {
                worker.end().await;
                Err(other.err().unwrap_or_else(|| io::Error::other("the worker answered another question")))
            }
        }
    }

    async fn new_worker(&self) -> io::Result<Worker> {
        let limits = worker::Limits { memory: self.limits.memory, cpu_seconds: self.limits.cpu_seconds };
        Worker::start(&self.program, TASK.name, limits, &self.setup, self.limits.batch).await
    }

    fn put_back(&self, worker: Worker) {
        if worker.answered() < BATCHES_PER_WORKER {
            self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(worker);
        }
    }

    /// A worker that waits and still lives.
    fn idle_worker(&self) -> Option<Worker> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        while let Some(mut worker) = idle.pop() {
            if worker.is_alive() {
                return Some(worker);
            }
        }
        None
    }

    /// The failure of a template that is not tried again.
    fn struck(&self, template: &str) -> Option<RenderFailure> {
        let struck = self.strikes().get(template).is_some_and(|strikes| *strikes >= STRIKES);
        struck.then(|| RenderFailure::whole(template, format!("it ended {STRIKES} workers and is not tried again")))
    }

    fn strikes(&self) -> std::sync::MutexGuard<'_, HashMap<String, u32>> {
        self.strikes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
