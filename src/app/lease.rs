//! The lease on a planned round, renewed by a task of its own while this process works at it.

use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until, timeout_at};

use super::{App, AppError};
use crate::clock::Clock;
use crate::db::{Db, DbError};
use crate::pass::{self, Due, PassError};

impl App {
    /// Works at `due`, which was asked for at `asked`, while its lease is renewed. When the lease is lost, `work` is dropped
    /// where it stands; what it had begun to store is taken back.
    ///
    /// # Errors
    /// What `work` says; [`DbError::TakenOver`] when the lease was lost.
    pub(super) async fn under_lease(
        &self,
        due: &Due,
        asked: Instant,
        work: impl Future<Output = Result<(), AppError>>,
    ) -> Result<(), AppError> {
        let lease =
            Lease { db: self.db.clone(), clock: self.clock.clone(), due: due.clone(), lasts: self.config.round_lease };
        // Aborted when it is dropped. A task, so that a round that reckons for long does not keep it waiting.
        let mut renewing = JoinSet::new();
        renewing.spawn(lease.keep(asked));
        tokio::select! {
            done = work => done,
            _ = renewing.join_next() => Err(DbError::TakenOver.into()),
        }
    }
}

impl AppError {
    /// Whether a planned run was stopped because it is another's.
    pub(super) const fn is_taken_over(&self) -> bool {
        matches!(self, Self::Db(DbError::TakenOver) | Self::Pass(PassError::Db(DbError::TakenOver)))
    }
}

struct Lease {
    db: Db,
    clock: Clock,
    due: Due,
    lasts: Duration,
}

impl Lease {
    /// Renews the lease in every third of it, until it is lost: because another has the run, or because the database could
    /// not be reached until its end. The end is reckoned from before the database was asked, so that it is not late.
    async fn keep(self, asked: Instant) {
        let (mut ends, mut next) = (asked + self.lasts, asked + self.lasts / 3);
        loop {
            sleep_until(next.min(ends)).await;
            let asked = Instant::now();
            match timeout_at(ends, self.renew()).await {
                Ok(Ok(true)) => (ends, next) = (asked + self.lasts, asked + self.lasts / 3),
                Ok(Ok(false)) | Err(_) => return,
                Ok(Err(error)) => {
                    tracing::warn!(schedule = %self.due.schedule, %error, "the lease on a round could not be renewed yet");
                    next = Instant::now() + self.lasts / 12;
                }
            }
        }
    }

    async fn renew(&self) -> Result<bool, DbError> {
        let now = self.db.lease_clock(&self.clock).await?;
        pass::renew_due(&self.db, &self.due, now, now + self.lasts).await
    }
}
