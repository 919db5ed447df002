//! The composition root: a configuration in, a working program out. The only folder that knows everybody.

mod delivery;
mod intake;
mod parts;
mod planned;
mod roll_up;
mod trouble;

pub use intake::{Admission, Found, Intakes, Receiving};
pub use planned::with_causes;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, NaiveDate, Utc};
use futures_util::future::join_all;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::catalog::{self, Pack};
use crate::channel::Channel;
use crate::clock::Clock;
use crate::config::Config;
use crate::db::{Db, DbError, Durability, Held};
use crate::dispatch::{Limits, Report};
use crate::message::{Limits as RenderLimits, Renderer, Templates};
use crate::pass::{self, PassError, Round};
use crate::source::Tools;
use crate::worker::Task;
use crate::{decision, dispatch, evaluation, message, observation, outbox, people, reply, source};

/// What this program does in processes that may die.
pub const TASKS: [Task; 3] = {
    let [sheet, dossiers] = source::TASKS;
    [message::TASK, sheet, dossiers]
};

/// Everything that is open while the program works.
#[derive(Debug)]
pub struct App {
    /// What was configured.
    pub config: Config,
    /// The time.
    pub clock: Clock,
    /// The database.
    pub db: Db,
    /// The message templates in force.
    pub templates: Templates,
    /// Present when this process alone may run rounds and send.
    pub held: Option<Held>,
    /// Names this process in leases.
    pub worker: String,
    /// Who starts rounds and digests here: `serve`, unless a person does.
    pub by: String,
    /// The program whose `render-worker` writes messages: this one.
    pub program: PathBuf,
    /// Woken when entries were added to the outbox.
    pub wake: Arc<Notify>,
}

/// Why the program cannot work.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AppError {
    /// The database's.
    #[error(transparent)]
    Db(#[from] DbError),
    /// The pack named in `[catalog] seed` cannot be read.
    #[error("the pack `{folder}` cannot be imported")]
    Seed {
        /// The folder.
        folder: String,
        /// Every problem in it.
        source: catalog::PackError,
    },
    /// The templates cannot be read.
    #[error(transparent)]
    Templates(#[from] message::TemplateError),
    /// The render worker cannot be started.
    #[error(transparent)]
    Renderer(#[from] message::RenderError),
    /// A channel is set up in a way that cannot work.
    #[error(transparent)]
    Channel(#[from] crate::channel::ChannelError),
    /// A round could not be carried through.
    #[error(transparent)]
    Pass(#[from] PassError),
    /// The operating system refused something.
    #[error("{what}")]
    System {
        /// What was tried.
        what: String,
        /// The cause.
        source: std::io::Error,
    },
}

/// What a process may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Run rounds and send: one process at a time on SQLite. It prepares every statement first.
    Worker,
    /// Look, or write shortly.
    Visitor,
}

impl App {
    /// Opens everything: takes the file for this process if it is to work, brings the schema up to date, imports the
    /// seed pack into an empty catalog.
    ///
    /// # Errors
    /// [`AppError`], among them [`DbError::HeldByAnother`].
    pub async fn open(config: Config, clock: Clock, role: Role, durability: Durability) -> Result<Self, AppError> {
        let held = match role {
            Role::Worker => Some(Db::hold(config.database_url(), &config.folder)?),
            Role::Visitor => None,
        };
        let db = Db::open(config.database_url(), &config.folder, durability).await?;
        if role == Role::Worker {
            prepare(&db).await?;
        }
        let worker = format!("{}-{}", std::process::id(), clock.now().timestamp_millis());
        if role == Role::Worker {
            dispatch::enter(&db, &worker, clock.now()).await?;
        }
        seed(&config, &db).await?;
        for channel in &config.channels {
            crate::channel::bound(&db, channel).await?;
        }
        let templates = templates(&config, &db).await?;
        let program = std::env::current_exe().map_err(|source| AppError::System {
            what: "this program's own file cannot be found".to_owned(),
            source,
        })?;
        Ok(Self {
            config,
            clock,
            db,
            templates,
            held,
            worker,
            by: "serve".to_owned(),
            program,
            wake: Arc::new(Notify::new()),
        })
    }

    /// The same, with what it composes in the name of `by`.
    #[must_use]
    pub fn started_by(self, by: String) -> Self {
        Self { by, ..self }
    }

    /// Has the engine understand every statement of every room, as a [`Role::Worker`] does at its start.
    ///
    /// # Errors
    /// The engine's complaint about the first one that it does not.
    pub async fn prepare(&self) -> Result<(), DbError> {
        prepare(&self.db).await
    }

    /// What fetching needs.
    pub fn tools(&self) -> Tools {
        Tools { program: self.program.clone(), today: today(self.clock.now()) }
    }

    /// A renderer with the templates in force, whose worker is on its way.
    ///
    /// # Errors
    /// When the templates cannot be handed over.
    pub fn renderer(&self) -> Result<Renderer, AppError> {
        let accented = self.config.channels.iter().any(crate::channel::Settings::is_accented);
        let limits = RenderLimits { accented, ..RenderLimits::default() };
        Ok(Renderer::begin(&self.program, &self.templates, limits)?)
    }

    /// Takes back what a dead process left in flight.
    ///
    /// # Errors
    /// The engine's.
    pub async fn recover(&self) -> Result<(), AppError> {
        let now = self.db.lease_clock(&self.clock).await?;
        let alone = self.held.as_ref().is_some_and(Held::alone);
        let leases_before = if alone { now + self.config.delivery.lease * 2 } else { now };
        let hours = self.hours().await?;
        let mut work = self.db.begin().await?;
        let found = outbox::recover(&mut work, hours.moment(now), leases_before).await?;
        work.commit().await?;
        if found.lost > 0 {
            tracing::warn!(
                entries = found.lost,
                "an earlier process ended with messages in flight; those that may come twice are offered again"
            );
        }
        Ok(())
    }

    /// One round, from the sources to the outbox. `progress` hears how many messages were queued so far.
    ///
    /// # Errors
    /// [`AppError`]; what was queued before stays queued.
    pub async fn decide(
        &self,
        as_of: NaiveDate,
        dry_run: bool,
        progress: &(dyn Fn(u64) + Send + Sync),
    ) -> Result<Round, AppError> {
        self.decide_under(None, as_of, dry_run, progress).await
    }

    /// The same; a planned run stores nothing any more once another replica took it over.
    ///
    /// # Errors
    /// [`AppError`], [`DbError::TakenOver`] among them.
    pub(super) async fn decide_under(
        &self,
        due: Option<&pass::Due>,
        as_of: NaiveDate,
        dry_run: bool,
        progress: &(dyn Fn(u64) + Send + Sync),
    ) -> Result<Round, AppError> {
        let parts = self.parts()?;
        let pass = pass::Pass { fence: due, ..self.pass(&parts, dry_run) };
        let written = |queued: u64| {
            self.wake.notify_waiters();
            progress(queued);
        };
        Ok(Box::pin(pass::run(&pass, as_of, self.clock.now(), &written)).await?)
    }

    /// One round and its delivery, side by side: the first messages are on their way while the last are written.
    ///
    /// # Errors
    /// [`AppError`]; what was queued before stays queued.
    pub async fn round(&self, asked: &Asked<'_>) -> Result<(Round, Vec<(String, Report)>), AppError> {
        if asked.dry_run {
            return Ok((self.decide(asked.as_of, true, asked.progress).await?, Vec::new()));
        }
        let upstream_done = CancellationToken::new();
        let limits = Limits {
            drain_within: Some(self.config.delivery.run_waits),
            stop: asked.stop.clone(),
            upstream_done: upstream_done.clone(),
            wake: Arc::clone(&self.wake),
        };
        let round = async {
            let round = self.decide(asked.as_of, false, asked.progress).await;
            upstream_done.cancel();
            self.wake.notify_waiters();
            round
        };
        let channels = self.open_channels()?;
        // What came back since the last round is known to this one, also where no `serve` is at work.
        self.tend_once(&channels).await;
        let (round, reports) = tokio::join!(round, self.deliver(&channels, &limits));
        close_channels(&channels).await;
        Ok((round?, reports?))
    }

    /// Makes every channel ready, without a word to the network.
    ///
    /// # Errors
    /// A channel whose settings cannot work.
    pub fn open_channels(&self) -> Result<Vec<Arc<Channel>>, AppError> {
        let open = |settings| Channel::open(settings, &self.db, &self.clock).map(Arc::new);
        Ok(self.config.channels.iter().map(open).collect::<Result<_, _>>()?)
    }

    /// Closes the database in order.
    pub async fn close(self) {
        self.db.close().await;
    }
}

/// Takes leave of every channel's peer.
pub async fn close_channels(channels: &[Arc<Channel>]) {
    join_all(channels.iter().map(|channel| channel.close())).await;
}

/// What a round is asked for.
pub struct Asked<'a> {
    /// Judge and decide as of this date.
    pub as_of: NaiveDate,
    /// Store and send nothing.
    pub dry_run: bool,
    /// Stop sending when cancelled.
    pub stop: CancellationToken,
    /// Called with the number of messages queued so far.
    pub progress: &'a (dyn Fn(u64) + Send + Sync),
}

impl std::fmt::Debug for Asked<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Asked").field("as_of", &self.as_of).field("dry_run", &self.dry_run).finish_non_exhaustive()
    }
}

/// Every statement of every room is understood by the engine, or the start stops here.
async fn prepare(db: &Db) -> Result<(), DbError> {
    for room in [
        &[crate::db::CLOCK][..],
        catalog::STATEMENTS,
        observation::STATEMENTS,
        evaluation::STATEMENTS,
        decision::STATEMENTS,
        outbox::STATEMENTS,
        dispatch::STATEMENTS,
    ] {
        db.prepare(room).await?;
    }
    db.prepare(&crate::channel::statements().copied().collect::<Vec<_>>()).await?;
    db.prepare(&reply::statements().copied().collect::<Vec<_>>()).await?;
    db.prepare(&people::statements().copied().collect::<Vec<_>>()).await?;
    db.prepare(&pass::statements().copied().collect::<Vec<_>>()).await
}

async fn seed(config: &Config, db: &Db) -> Result<(), AppError> {
    let Some(folder) = &config.seed else { return Ok(()) };
    if !catalog::is_empty(db).await? {
        return Ok(());
    }
    let pack = Pack::read(folder).map_err(|source| AppError::Seed { folder: folder.display().to_string(), source })?;
    let mut work = db.begin().await?;
    catalog::import(&mut work, &pack).await?;
    work.commit().await?;
    tracing::info!(pack = %folder.display(), units = pack.units.len(), "imported the seed pack into the empty catalog");
    Ok(())
}

/// Built-in templates, overlaid by the folder of the configuration and then by the pack's.
async fn templates(config: &Config, db: &Db) -> Result<Templates, AppError> {
    let mut templates = match &config.templates {
        Some(folder) => Templates::built_in().with_folder(folder)?,
        None => Templates::built_in(),
    };
    for (name, source) in catalog::templates(db).await? {
        templates.overlay(&name, &source);
    }
    Ok(templates)
}

/// How long a graceful stop may take.
pub const STOP_WITHIN: Duration = Duration::from_mins(1);

/// The as-of date of a round that is run now.
pub fn today(now: DateTime<Utc>) -> NaiveDate {
    crate::clock::local_date(now)
}
