//! One channel's lane: the loop that keeps its connections busy and the outbox true.

use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use tokio_util::sync::CancellationToken;

use super::claiming::Claims;
use super::flight::{Flight, Good, Landing, Span};
use super::{Hours, Settings, jitter, policy};
use crate::channel::{Channel, Class, MobileHours, Receipt, SendError};
use crate::clock::Clock;
use crate::db::{Db, DbError, Work};
use crate::outbox::{self, Claimed, Outcome, Settlement, State};

/// How long settled answers wait for company before they are committed.
const GROUP_FOR: Duration = Duration::from_millis(10);
/// A send that failed after so long tells of a host that does not answer.
const NO_ANSWER: Duration = Duration::from_secs(5);
/// How often a lane that is never idle looks after what others left behind.
const BETWEEN_LOOKS: Duration = Duration::from_secs(5);
/// Waits after failures of the database, at most; each is shortened at random, so that replicas do not come back at once.
const AFTER_FAILURE: Duration = Duration::from_secs(5);

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
    /// Given to the recipient's next channel.
    pub passed_on: u64,
    /// Why the channel is out of order, if it is.
    pub broken: Option<String>,
    /// The most recent refusals, for people: unit code and reason.
    pub refusals: Vec<(String, String)>,
}

impl Report {
    /// What two turns of a lane did together.
    pub fn add(&mut self, later: Self) {
        self.sent += later.sent;
        self.failed += later.failed;
        self.uncertain += later.uncertain;
        self.passed_on += later.passed_on;
        self.broken = later.broken;
        self.refusals.extend(later.refusals);
    }
}

/// A channel and what is on its way through it.
#[derive(Debug)]
pub struct Lane {
    pub(super) db: Db,
    pub(super) clock: Clock,
    pub(super) channel: std::sync::Arc<Channel>,
    pub(super) settings: Settings,
    pub(super) worker: String,
    pub(super) hours: Hours,
    pub(super) flight: Flight,
    pub(super) claims: Claims,
    pub(super) report: Report,
    ended: Vec<Settlement>,
    looked: Instant,
}

impl Lane {
    /// A lane for `channel`; `worker` names this process in the leases.
    pub fn new(db: &Db, clock: &Clock, channel: std::sync::Arc<Channel>, settings: &Settings, worker: &str) -> Self {
        Self {
            db: db.clone(),
            clock: clock.clone(),
            flight: Flight::through(&channel, clock),
            claims: Claims::through(&channel, db, settings),
            channel,
            settings: settings.clone(),
            worker: worker.to_owned(),
            hours: Hours::always(),
            ended: Vec::new(),
            looked: Instant::now(),
            report: Report::default(),
        }
    }

    /// The same, offering nothing again outside `hours`.
    #[must_use]
    pub fn within(self, hours: Hours) -> Self {
        Self { hours, ..self }
    }

    /// Works until the limits say stop. What was claimed is settled before it returns; a database that fails meanwhile is
    /// waited for, unless the lane is to end by itself.
    ///
    /// # Errors
    /// The database's. Entries that could not be settled stay claimed until their lease ends: nothing is lost.
    pub async fn run(mut self, limits: &Limits) -> Result<Report, DbError> {
        let mut failures = 0;
        loop {
            match Box::pin(self.turn(limits)).await {
                Ok(true) => failures = 0,
                Ok(false) => return Ok(self.report),
                Err(error) if self.gives_up(&error, limits, failures) => return Err(error),
                Err(error) => {
                    failures += 1;
                    tracing::error!(channel = self.channel.name(), %error, "the database failed; what was sent is settled when it is back");
                    tokio::select! {
                        () = tokio::time::sleep(jitter(AFTER_FAILURE, &self.worker, failures)) => {}
                        () = limits.stop.cancelled(), if failures == 1 => {}
                    }
                }
            }
        }
    }

    /// A lane that is to end, that has nothing to settle or that is too old does not wait for a database to come back.
    fn gives_up(&self, error: &DbError, limits: &Limits, failures: u32) -> bool {
        let idle = self.ended.is_empty() && self.flight.is_empty();
        let ends = limits.drain_within.is_some() || limits.stop.is_cancelled();
        matches!(error, DbError::Outdated { .. }) || (ends && (idle || failures >= 3))
    }

    /// One turn of the loop; `false` when the lane is done.
    async fn turn(&mut self, limits: &Limits) -> Result<bool, DbError> {
        let upstream_was_done = limits.upstream_done.is_cancelled();
        if self.looked.elapsed() >= BETWEEN_LOOKS {
            self.look().await?;
        }
        let claimed = self.commit(limits).await?;
        if !self.flight.is_empty() {
            self.gather(limits).await;
            return Ok(true);
        }
        self.claims.refuse_outdated()?;
        if limits.stop.is_cancelled() || (self.report.broken.is_some() && limits.drain_within.is_some()) {
            return Ok(false);
        }
        Ok(claimed > 0 || self.wait_for_work(limits, upstream_was_done).await?)
    }

    /// One unit of work: settles what ended and claims what is due. Returns how many were claimed.
    async fn commit(&mut self, limits: &Limits) -> Result<usize, DbError> {
        let may_claim = self.may_claim(limits).await?;
        let free = if may_claim { self.free() } else { 0 };
        if self.ended.is_empty() && free == 0 {
            return Ok(0);
        }
        let good = Good::of(self.settings.lease, &self.clock);
        let now = self.db.lease_clock(&self.clock).await?;
        let mut work = self.db.begin().await?;
        let moved = outbox::settle(&mut work, &self.worker, &self.ended).await?;
        if moved < u64::try_from(self.ended.len()).unwrap_or(u64::MAX) {
            tracing::warn!(worker = %self.worker, "some leases ran out before they were settled; another worker owns them");
        }
        let passed_on = self.pass_on(&mut work, now).await?;
        self.keep_rest(&mut work, now).await?;
        let claimed = if free > 0 { self.claim(&mut work, free, now).await? } else { Vec::new() };
        work.commit().await?;
        self.ended.clear();
        if passed_on > 0 {
            self.report.passed_on += passed_on;
            limits.wake.notify_waiters();
        }
        let count = claimed.len();
        for entry in claimed {
            self.flight.launch(entry, good);
        }
        Ok(count)
    }

    /// Moves the chains of what ended: one that did not get through calls the recipient's next channel, and behind one that
    /// was sent nobody stands by any more, when nothing can be heard of it later.
    async fn pass_on(&self, work: &mut Work, now: DateTime<Utc>) -> Result<u64, DbError> {
        let chains = |sent: bool| {
            let of = self.ended.iter().filter(move |ended| (ended.next == State::Sent) == sent);
            of.filter_map(|ended| ended.chain_id.clone()).collect::<Vec<_>>()
        };
        if !self.channel.settings().is_heard_of() {
            outbox::reached(work, &chains(true), now).await?;
        }
        outbox::advance(work, &chains(false), self.hours.moment(now)).await
    }

    /// Takes in at least one answer, and those that follow within a moment; returns without any when it is time to look
    /// whether sending may go on.
    async fn gather(&mut self, limits: &Limits) {
        let enough = (self.window() / 2).max(1);
        let mut next = tokio::select! {
            next = self.flight.next() => next,
            () = limits.stop.cancelled(), if !self.flight.is_halted() => return,
            () = tokio::time::sleep(self.settings.poll.min(self.claims.wait())) => return,
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
        let settlement = policy::settlement(claimed, result, span, (&self.settings, &self.hours));
        match (settlement.next, result) {
            (State::Sent, _) => {
                self.report.sent += 1;
                self.claims.works(&mut self.report);
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
            self.claims.broke(self.settings.channel_rest);
            return;
        }
        let took = (settlement.ended_at - settlement.started_at).to_std().unwrap_or_default();
        if took >= NO_ANSWER && matches!(error.class, Class::Transient | Class::Unknown) {
            self.flight.rest(&claimed.host, self.settings.channel_rest);
        }
        tracing::warn!(entry.id = %claimed.id, unit.code = %claimed.unit_code, attempt = claimed.attempts,
            next = settlement.next.word(), reason = %error.reason, "a message was not taken");
        match settlement.next {
            State::Failed | State::Expired => self.report.failed += 1,
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
            let now = self.db.lease_clock(&self.clock).await?;
            let next = outbox::next_due(&self.db, self.channel.name()).await?;
            let Some(wait) = next.map(|due| (due - now).to_std().unwrap_or(Duration::ZERO)) else { return Ok(false) };
            if wait > patience || self.is_night() || super::paused(&self.db).await? {
                return Ok(false);
            }
            pause = pause.min(wait.max(self.claims.wait_when_drained()) + Duration::from_millis(1));
        } else {
            pause = pause.min(self.claims.wait());
        }
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = limits.wake.notified() => {}
            () = limits.stop.cancelled() => {}
            () = limits.upstream_done.cancelled(), if !upstream_was_done => {}
        }
        self.look().await?;
        Ok(true)
    }

    /// Takes back what dead workers left, lets expire what is late, and moves the chains.
    async fn look(&mut self) -> Result<(), DbError> {
        self.looked = Instant::now();
        if self.claims.refuse_outdated().is_err() {
            return Ok(());
        }
        let now = self.db.lease_clock(&self.clock).await?;
        let mut work = self.db.begin().await?;
        let found = outbox::recover(&mut work, self.hours.moment(now), now).await?;
        work.commit().await?;
        if found.lost > 0 {
            tracing::warn!(entries = found.lost, "took back entries whose worker ended");
        }
        if found.quarantined > 0 {
            tracing::error!(entries = found.quarantined, "entries that ended their worker three times are quarantined");
        }
        self.report.passed_on += found.called;
        Ok(())
    }

    /// Whether no phone may ring now; what waits goes out in the morning.
    pub(super) fn is_night(&self) -> bool {
        self.channel.settings().is_mobile() && !MobileHours::are_open(self.clock.now())
    }
}
