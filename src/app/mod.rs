//! The composition root: a configuration in, a working program out. The only folder that knows everybody.

mod batch;
mod channels;
mod delivery;
pub mod directory;
mod editor;
mod hours;
mod intake;
mod lease;
mod look;
mod mend;
pub mod names;
mod open;
mod parts;
mod planned;
mod purge;
pub mod reform;
mod roll_up;
mod round;
pub mod sample;
mod set_up;
pub mod targets;
mod templates;
mod test_mail;
mod trouble;

pub use channels::{TrialError, Tried};
pub use editor::{InForce, NotInForce};
pub use intake::{Admission, Found, Intakes, Receiving};
pub use look::{Look, LookError, first_rows};
pub use mend::{Bar, Mended, Mender, Wish};
pub use open::{Role, statements};
pub use planned::with_causes;
pub use purge::Purged;
pub use round::Asked;
pub use set_up::{SetUp, leaves};
pub use targets::{Foreseen, TargetError, end_target, take_target_back, unjudged_targets};
pub use test_mail::Unlisted;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, NaiveDate, Utc};
use futures_util::future::join_all;
use tokio::sync::Notify;

use crate::channel::Channel;
use crate::clock::Clock;
use crate::config::Config;
use crate::db::{Db, DbError, Held};
use crate::message::{Templates, Tryout};
use crate::pass::PassError;
use crate::people::By;
use crate::source::Tools;
use crate::worker::Task;
use crate::{catalog, message, outbox, source};

/// What this program does in processes that may die.
pub const TASKS: [Task; 5] = {
    let [sheet, cells, dossiers] = source::TASKS;
    [message::TASK, message::TRYOUT, sheet, cells, dossiers]
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
    /// The message templates as shipped, those of the folder over them; see [`App::templates`](Self::templates).
    files: Templates,
    /// Present when this process alone may run rounds and send.
    pub held: Option<Held>,
    /// Names this process in leases.
    pub worker: String,
    /// Who starts rounds and digests here: `serve`, unless a person does.
    pub by: String,
    /// The person who does, as the audit log names him; what the schedule starts stands in its own table.
    hand: Option<By>,
    /// The program whose `render-worker` writes messages: this one.
    pub program: PathBuf,
    /// Woken when entries were added to the outbox.
    pub wake: Arc<Notify>,
    /// Where texts that somebody is writing are tried.
    tryout: Tryout,
    /// The working calendar.
    days: hours::Days,
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

impl App {
    /// The same, with what it composes in the name of `name`; the audit log has it under `by`.
    #[must_use]
    pub fn started_by(self, name: String, by: By) -> Self {
        Self { by: name, hand: Some(by), ..self }
    }

    /// What fetching needs.
    pub fn tools(&self) -> Tools {
        Tools { program: self.program.clone(), today: today(self.clock.now()) }
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

    /// Makes every channel ready, without a word to the network.
    ///
    /// # Errors
    /// A channel whose settings cannot work.
    pub fn open_channels(&self) -> Result<Vec<Arc<Channel>>, AppError> {
        let open = |settings| Channel::open(settings, &self.db, &self.clock).map(Arc::new);
        Ok(self.config.channels.iter().map(open).collect::<Result<_, _>>()?)
    }

    /// Closes the database in order.
    pub async fn close(&self) {
        self.db.close().await;
    }
}

/// Takes leave of every channel's peer.
pub async fn close_channels(channels: &[Arc<Channel>]) {
    join_all(channels.iter().map(|channel| channel.close())).await;
}

/// How long a graceful stop may take.
pub const STOP_WITHIN: Duration = Duration::from_mins(1);

/// The as-of date of a round that is run now.
pub fn today(now: DateTime<Utc>) -> NaiveDate {
    crate::clock::local_date(now)
}
