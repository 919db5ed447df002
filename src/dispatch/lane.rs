//! One channel's lane: the loop that keeps its connections busy and the outbox true.

use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use tokio_util::sync::CancellationToken;

use super::flight::{Flight, Landing, Span};
use super::{Settings, policy};
use crate::channel::{Channel, Class, MobileHours, Receipt, SendError};
use crate::clock::Clock;
use crate::db::{Db, DbError};
use crate::outbox::{self, Claim, Claimed, Outcome, Settlement, State, Trust};

/// How long settled answers wait for company before they are committed.
const GROUP_FOR: Duration = Duration::from_millis(10);
/// Claimed but unsettled entries per concurrent send: enough to bridge one commit.
const WINDOW_PER_SEND: usize = 6;

/// When a lane may stop.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Stop when nothing is due any more within this time; `None` goes on for ever (`serve`).
    pub drain_within: Option<Duration>,
    /// Stop claiming at once; what has begun is finished and settled, what has not is handed back.
    pub stop: CancellationToken,
    /// The writer upstream is still adding entries while this is not cancelled: an empty queue is no end yet.
    pub upstream_done: CancellationToken,
    /// Wakes the lane when entries were added.
    pub wake: std::sync::Arc<tokio::sync::Notify>,
}

/// What a lane did.
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// Accepted by the peer.
    pub sent: u64,
    /// Given up.
    pub failed: u64,
    /// Fate unknown and not to be repeated.
    pub uncertain: u64,
    /// Why the channel is out of order, if it is.
    pub broken: Option<String>,
    /// The most recent refusals, for people: unit code and reason.
    pub refusals: Vec<(String, String)>,
}

/// A channel and what is on its way through it.
#[derive(Debug)]
pub struct Lane<'a> {
    db: &'a Db,
    clock: &'a Clock,
    channel: std::sync::Arc<Channel>,
    settings: &'a Settings,
    worker: String,
    flight: Flight,
    ended: Vec<Settlement>,
    rests_until: Option<Instant>,
    report: Report,
}

impl<'a> Lane<'a> {
    /// A lane for `channel`; `worker` names this process in the leases.
    pub fn new(
        db: &'a Db,
        clock: &'a Clock,
        channel: std::sync::Arc<Channel>,
        settings: &'a Settings,
        worker: &str,
    ) -> Self {
        Self {
            db,
            clock,
            flight: Flight::through(&channel, clock),
            channel,
            settings,
            worker: worker.to_owned(),
            ended: Vec::new(),
            rests_until: None,
            report: Report::default(),
        }
    }

    /// Works until the limits say stop. What was claimed is settled before it returns.
    ///
    /// # Errors
    /// The database's. Entries that could not be settled stay claimed until their lease ends: nothing is lost.
    pub async fn run(mut self, limits: &Limits) -> Result<Report, DbError> {
        loop {
            let upstream_was_done = limits.upstream_done.is_cancelled();
            let claimed = self.commit(limits).await?;
            if self.flight.is_empty() {
                if limits.stop.is_cancelled() || (self.report.broken.is_some() && limits.drain_within.is_some()) {
                    break;
                }
                if claimed == 0 && !self.wait_for_work(limits, upstream_was_done).await? {
                    break;
                }
                continue;
            }
            self.gather(limits).await;
        }
        Ok(self.report)
    }

    /// One unit of work: settles what ended and claims what is due. Returns how many were claimed.
    async fn commit(&mut self, limits: &Limits) -> Result<usize, DbError> {
        let may_claim = self.may_claim(limits).await?;
        let free = self.window().saturating_sub(self.flight.len());
        if self.ended.is_empty() && (!may_claim || free == 0) {
            return Ok(0);
        }
        let now = self.db.lease_clock(self.clock).await?;
        let mut work = self.db.begin().await?;
        let moved = outbox::settle(&mut work, &self.worker, &self.ended).await?;
        if moved < u64::try_from(self.ended.len()).unwrap_or(u64::MAX) {
            tracing::warn!(worker = %self.worker, "some leases ran out before they were settled; another worker owns them");
        }
        let claimed = if may_claim { self.claim(&mut work, free, now).await? } else { Vec::new() };
        work.commit().await?;
        self.ended.clear();
        let count = claimed.len();
        for entry in claimed {
            self.flight.launch(entry);
        }
        Ok(count)
    }

    /// A stop, a pause and the night of a mobile channel also call back what was claimed and has not begun.
    async fn may_claim(&mut self, limits: &Limits) -> Result<bool, DbError> {
        if limits.stop.is_cancelled() || self.is_night() || super::paused(self.db).await? {
            self.flight.halt();
            return Ok(false);
        }
        Ok(!self.is_resting() && self.flight.is_open())
    }

    async fn claim(
        &self,
        work: &mut crate::db::Work,
        free: usize,
        now: DateTime<Utc>,
    ) -> Result<Vec<Claimed>, DbError> {
        let name = self.channel.name();
        let ask =
            |limit| Claim { channel: name, worker: &self.worker, limit, now, lease_until: now + self.settings.lease };
        let claimed = outbox::claim(work, ask(free), Trust::Usual).await?;
        if claimed.is_empty() && self.flight.is_empty() {
            return outbox::claim(work, ask(1), Trust::Suspect).await;
        }
        Ok(claimed)
    }

    /// Takes in at least one answer, and those that follow within a moment; returns without any when it is time to look
    /// whether sending may go on.
    async fn gather(&mut self, limits: &Limits) {
        let enough = self.window() / 2;
        let mut next = tokio::select! {
            next = self.flight.next() => next,
            () = limits.stop.cancelled(), if !self.flight.is_halted() => return,
            () = tokio::time::sleep(self.settings.poll) => return,
        };
        let until = tokio::time::Instant::now() + GROUP_FOR;
        while let Some(joined) = next {
            match joined {
                Ok((claimed, Landing::Ended(span, result))) => self.take_in(&claimed, span, &result),
                Ok((claimed, Landing::NotBegun(at))) => self.ended.push(policy::handed_back(&claimed, at)),
                Err(panic) => {
                    tracing::error!(%panic, "a send panicked; its entry is offered again when its lease ends");
                }
            }
            if self.ended.len() >= enough {
                return;
            }
            next = match tokio::time::timeout_at(until, self.flight.next()).await {
                Ok(next) => next,
                Err(_) => return,
            };
        }
    }

    fn take_in(&mut self, claimed: &Claimed, span: Span, result: &Result<Receipt, SendError>) {
        let settlement = policy::settlement(claimed, result, span, self.settings);
        match (settlement.next, result) {
            (State::Sent, _) => {
                self.report.sent += 1;
                self.report.broken = None;
            }
            (_, Err(error)) => self.note(claimed, &settlement, error),
            (_, Ok(_)) => {}
        }
        self.ended.push(settlement);
    }

    fn note(&mut self, claimed: &Claimed, settlement: &Settlement, error: &SendError) {
        if settlement.outcome == Outcome::ChannelBroken {
            if self.report.broken.is_none() {
                tracing::error!(channel = self.channel.name(), reason = %error.reason, "the channel is out of order");
            }
            self.report.broken = Some(error.reason.clone());
            self.rests_until = Some(Instant::now() + self.settings.channel_rest);
            return;
        }
        tracing::warn!(entry.id = %claimed.id, unit.code = %claimed.unit_code, attempt = claimed.attempts,
            next = settlement.next.word(), reason = %error.reason, "a message was not taken");
        match settlement.next {
            State::Failed => self.report.failed += 1,
            State::Uncertain => self.report.uncertain += 1,
            _ => {}
        }
        if self.report.refusals.len() < 20 && error.class != Class::Transient {
            self.report.refusals.push((claimed.unit_code.clone(), error.reason.clone()));
        }
    }

    /// Sleeps until something may be due. `false`: nothing will be within the limits, the lane is done.
    async fn wait_for_work(&mut self, limits: &Limits, upstream_was_done: bool) -> Result<bool, DbError> {
        let mut pause = self.settings.poll;
        if let Some(patience) = limits.drain_within.filter(|_| upstream_was_done) {
            let now = self.db.lease_clock(self.clock).await?;
            let next = outbox::next_due(self.db, self.channel.name()).await?;
            let Some(wait) = next.map(|due| (due - now).to_std().unwrap_or(Duration::ZERO)) else { return Ok(false) };
            if wait > patience || self.is_night() || super::paused(self.db).await? {
                return Ok(false);
            }
            pause = pause.min(wait + Duration::from_millis(1));
        }
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = limits.wake.notified() => {}
            () = limits.stop.cancelled() => {}
            () = limits.upstream_done.cancelled(), if !upstream_was_done => {}
        }
        self.recover().await?;
        Ok(true)
    }

    async fn recover(&self) -> Result<(), DbError> {
        let now = self.db.lease_clock(self.clock).await?;
        let mut work = self.db.begin().await?;
        let found = outbox::recover(&mut work, now, now).await?;
        if found.lost > 0 {
            tracing::warn!(entries = found.lost, "took back entries whose worker ended");
        }
        work.commit().await
    }

    /// Whether no phone may ring now; what waits goes out in the morning.
    fn is_night(&self) -> bool {
        self.channel.settings().is_mobile() && !MobileHours::are_open(self.clock.now())
    }

    fn window(&self) -> usize {
        if self.rests_until.is_some() {
            return 1;
        }
        let window = self.channel.concurrency() * WINDOW_PER_SEND;
        // Of a channel with a pace no more than what leaves within half a lease.
        let in_time = (self.settings.lease / 2).as_millis().checked_div(self.channel.settings().gap().as_millis());
        in_time.map_or(window, |most| window.min(usize::try_from(most).unwrap_or(window)).max(1))
    }

    /// A channel out of order rests; afterwards one message tries it before the others follow.
    fn is_resting(&mut self) -> bool {
        if self.report.broken.is_none() {
            self.rests_until = None;
        }
        self.rests_until.is_some_and(|until| Instant::now() < until)
    }
}
