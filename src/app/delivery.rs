//! The lanes of all channels, and what is done beside sending.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::{App, AppError, today};
use crate::channel::Channel;
use crate::dispatch::{Lane, Limits, Report};
use crate::pass;

/// How often channels do what they have to do beside sending.
pub(super) const BETWEEN_TENDINGS: Duration = Duration::from_mins(1);

impl App {
    /// Works the lanes of all `channels` until the limits say stop.
    ///
    /// # Errors
    /// The database's.
    pub async fn deliver(&self, channels: &[Arc<Channel>], limits: &Limits) -> Result<Vec<(String, Report)>, AppError> {
        self.recover().await?;
        let mut reports = self.work_lanes(channels, limits).await?;
        // What one channel could not bring another one takes over; its lane may have ended before.
        for _ in 1..channels.len() {
            let passed_on: u64 = reports.iter_mut().map(|(_, report)| std::mem::take(&mut report.passed_on)).sum();
            if passed_on == 0 || limits.stop.is_cancelled() {
                break;
            }
            for ((_, report), (_, later)) in reports.iter_mut().zip(self.work_lanes(channels, limits).await?) {
                report.add(later);
            }
        }
        Ok(reports)
    }

    async fn work_lanes(&self, channels: &[Arc<Channel>], limits: &Limits) -> Result<Vec<(String, Report)>, AppError> {
        let hours = &self.hours().await?;
        // Tasks: what waits outside of the runtime has to be woken, thread by thread, for every message that leaves.
        let mut lanes = JoinSet::new();
        for (at, channel) in channels.iter().enumerate() {
            let lane = Lane::new(&self.db, &self.clock, Arc::clone(channel), &self.config.delivery, &self.worker);
            let (lane, limits) = (lane.within(hours.clone()), limits.clone());
            lanes.spawn(async move { lane.run(&limits).await.map(|report| (at, report)) });
        }
        let mut reports: Vec<_> =
            channels.iter().map(|channel| (channel.name().to_owned(), Report::default())).collect();
        while let Some(lane) = lanes.join_next().await {
            // Nobody aborts one of them: what is left is a panic, and it goes on its way.
            let (at, report) = lane.unwrap_or_else(|ended| std::panic::resume_unwind(ended.into_panic()))?;
            if let Some((_, place)) = reports.get_mut(at) {
                *place = report;
            }
        }
        Ok(reports)
    }

    /// Has every channel do once what it has to do beside sending.
    pub(super) async fn tend_once(&self, channels: &[Arc<Channel>]) {
        join_all(channels.iter().map(|channel| self.tended(channel, String::new()))).await;
    }

    /// Has every channel do what it has to do beside sending, again and again until `stop` is cancelled.
    pub async fn tend(&self, channels: &[Arc<Channel>], stop: &CancellationToken) {
        let tending = channels.iter().map(|channel| async move {
            let mut known = String::new();
            loop {
                known = self.tended(channel, known).await;
                tokio::time::sleep(BETWEEN_TENDINGS).await;
            }
        });
        let telling = async {
            loop {
                if let Err(error) = self.tell_of_trouble().await {
                    tracing::warn!(%error, "the admins could not be told of what is wrong in delivery");
                }
                tokio::time::sleep(BETWEEN_TENDINGS).await;
            }
        };
        Box::pin(stop.run_until_cancelled(async {
            tokio::join!(join_all(tending), telling, self.follow_calendar(), self.purge_nightly(stop))
        }))
        .await;
    }

    /// Has one channel do it; tells of what is wrong unless it is what was `known`, and returns what that is.
    async fn tended(&self, channel: &Channel, known: String) -> String {
        let reason = channel.tend().await.err().map(|error| error.reason).unwrap_or_default();
        let trouble = without_counts(&reason);
        if trouble != known && !reason.is_empty() {
            tracing::error!(channel = channel.name(), %reason, "the channel needs attention");
            self.tell_of(channel.name(), &reason).await;
        }
        trouble
    }

    /// Tells the admins what a channel needs: each thing once a day.
    async fn tell_of(&self, channel: &str, reason: &str) {
        let alert = pass::Alert {
            occasion: "channel_attention",
            episode: Some(format!("{channel}: {}", without_counts(reason))),
            as_of: today(self.clock.now()),
            subject: format!("Kênh gửi {channel}: cần xử lý"),
            lines: vec![format!("Kênh gửi {channel} của hệ thống đôn đốc cần được xử lý:"), reason.to_owned()],
        };
        let told = pass::tell(&self.db, &self.config.pass_settings(), &[alert], self.clock.now()).await;
        match told {
            Ok(()) => self.wake.notify_waiters(),
            Err(error) => tracing::error!(%error, "the admins could not be told"),
        }
    }
}

/// The same trouble in the same words, whatever the counts in them: `12 messages wait` and `11 messages wait` are told of
/// once.
fn without_counts(reason: &str) -> String {
    let mut words = String::with_capacity(reason.len());
    for c in reason.chars() {
        match c {
            '0'..='9' if words.ends_with('#') => {}
            '0'..='9' => words.push('#'),
            other => words.push(other),
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_that_move_make_no_new_trouble() {
        assert_eq!(without_counts("9 messages may be sent"), without_counts("120 messages may be sent"));
        assert_eq!(without_counts("4 wait, 3 left"), "# wait, # left");
        assert_ne!(without_counts("9 messages may be sent"), without_counts("9 messages wait"));
    }
}
