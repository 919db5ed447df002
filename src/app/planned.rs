//! Planned rounds: rows say which are due, whoever takes one carries it through, and a failure is tried again.

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::{App, AppError};
use crate::catalog;
use crate::clock::local_date;
use crate::db::{DbError, Held};
use crate::dispatch;
use crate::pass::{self, Audience, Due, PassError, RollUpDay, RolledUp, Round, What};

impl App {
    /// Frees the planned rounds that a dead process was at, when this one holds the database alone.
    ///
    /// # Errors
    /// The engine's.
    pub async fn recover_planned(&self) -> Result<(), DbError> {
        if self.held.as_ref().is_some_and(Held::alone) {
            let now = self.db.lease_clock(&self.clock).await?;
            let freed = pass::take_back_due(&self.db, now).await?;
            if freed > 0 {
                tracing::warn!(rounds = freed, "an earlier process ended in the middle of a round; it is done again");
            }
        }
        Ok(())
    }

    /// Carries through every planned round that is due, until there is none or `stop` is cancelled. A round that fails
    /// waits for its next try; one that is too old is given up, and the admins are told.
    ///
    /// # Errors
    /// When the database fails under the planning itself. A round that was taken is done again when its lease ends.
    pub async fn planned_rounds(&self, stop: &CancellationToken) -> Result<(), AppError> {
        dispatch::switches(&self.db).await?.allow_writing()?;
        let calendar = catalog::calendar(&self.db).await?;
        pass::plan(&self.db, &self.config.schedules, &calendar, self.clock.now()).await?;
        let now = self.db.lease_clock(&self.clock).await?;
        let (settings, schedules) = (self.config.pass_settings(), &self.config.schedules);
        for run in pass::give_up(&self.db, &settings, schedules, now).await? {
            tracing::warn!(schedule = %run.schedule, planned = %run.planned_at, reason = run.reason.as_deref().unwrap_or("missed"),
                "a run is more than six hours late and is left out; `{}` makes up for it", run.what.command(local_date(run.planned_at)));
            self.wake.notify_waiters();
        }
        while !stop.is_cancelled() {
            let asked = Instant::now();
            let now = self.db.lease_clock(&self.clock).await?;
            let Some(due) = pass::take_due(&self.db, now, now + self.config.round_lease).await? else { return Ok(()) };
            match self.under_lease(&due, asked, Box::pin(self.carry_out(&due))).await {
                Ok(()) => {
                    pass::finish_due(&self.db, &due).await?;
                }
                Err(error) if error.is_taken_over() => {
                    // Whoever has it carries it through; when nobody has it yet, it is taken like that of a dead process.
                    tracing::warn!(schedule = %due.schedule, planned = %due.planned_at, "{error}");
                }
                Err(error) => self.put_off(&due, &error).await?,
            }
        }
        Ok(())
    }

    /// What the schedule of `due` starts.
    async fn carry_out(&self, due: &Due) -> Result<(), AppError> {
        let day = local_date(due.planned_at);
        let audience = match self.what(&due.schedule) {
            What::Round => {
                self.intakes().look_twice().await;
                report(due, &self.decide_under(Some(due), day, false, &|_| {}).await?);
                return Ok(());
            }
            What::Digest => Audience::Superiors,
            What::Leaders => Audience::Leaders,
            What::AdminNote => Audience::Admins,
        };
        if audience != Audience::Admins {
            // Before a round that is late, a digest would speak of the week before.
            let open = pass::open_runs(&self.db, due.planned_at).await?;
            if let Some(round) = open.into_iter().find(|schedule| self.what(schedule) == What::Round) {
                return Err(PassError::RoundIsOpen(round).into());
            }
        }
        report_roll_up(due, &self.roll_up_under(Some(due), audience, RollUpDay::Planned(day), false).await?);
        Ok(())
    }

    /// A schedule that stands no more in the configuration started rounds.
    fn what(&self, schedule: &str) -> What {
        let known = self.config.schedules.iter().find(|known| known.name == schedule);
        known.map_or(What::Round, |known| known.what)
    }

    async fn put_off(&self, due: &Due, error: &AppError) -> Result<(), AppError> {
        let reason = with_causes(error, ": ");
        let now = self.db.lease_clock(&self.clock).await?;
        let again = pass::postpone(&self.db, due, &reason, now).await?;
        tracing::error!(schedule = %due.schedule, planned = %due.planned_at, error = %reason,
            again = again.map(|again| again.to_string()).as_deref().unwrap_or("by another replica"),
            "the round could not be carried through; it is tried again");
        Ok(())
    }
}

fn report(due: &Due, round: &Round) {
    let (as_of, run, remind, queued) = (round.as_of, &round.run_id, round.remind, round.queued);
    tracing::info!(schedule = %due.schedule, %as_of, run, remind, queued, "round finished");
    if let Some(held) = &round.held {
        tracing::warn!(schedule = %due.schedule, reason = %held_in_words(held), "the round is held");
    }
}

fn report_roll_up(due: &Due, rolled: &RolledUp) {
    let (as_of, messages, queued) = (rolled.as_of, rolled.messages.len(), rolled.queued);
    tracing::info!(schedule = %due.schedule, %as_of, messages, queued, "roll-ups written");
    for alarm in &rolled.alarms {
        tracing::warn!(schedule = %due.schedule, "{alarm}");
    }
    if let Some((reason, why)) = &rolled.held {
        tracing::warn!(schedule = %due.schedule, reason = reason.word(), "the roll-ups are held: {why}");
    }
}

fn held_in_words(held: &pass::Held) -> String {
    match held {
        pass::Held::Doubts(doubts) => doubts.iter().map(|doubt| doubt.message.as_str()).collect::<Vec<_>>().join("; "),
        pass::Held::Person(reason, why) => format!("{}: {why}", reason.word()),
    }
}

/// The error and what caused it, none repeated, with `between` before each cause.
pub fn with_causes(error: &dyn std::error::Error, between: &str) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let next = error.to_string();
        if !text.contains(&next) {
            text.push_str(between);
            text.push_str(&next);
        }
        cause = error.source();
    }
    text
}
