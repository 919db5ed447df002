//! A round, and its delivery beside it.

use std::sync::Arc;

use chrono::NaiveDate;
use tokio_util::sync::CancellationToken;

use super::{App, AppError, close_channels};
use crate::dispatch::{Limits, Report};
use crate::pass::{self, Round};

impl App {
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
        let parts = self.parts().await?;
        let fence = due.map(|due| pass::Fence { due, clock: &self.clock });
        let pass = pass::Pass { fence, ..self.pass(&parts, dry_run) };
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
