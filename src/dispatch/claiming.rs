//! What a lane may claim: how much its window, its rate and its share over all replicas leave, and whether its channel is
//! in order at all.

use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};

use super::lane::{Lane, Limits, Report};
use super::pace::{self, Pace};
use super::share::Share;
use super::switches::{self, Switches};
use super::{Settings, switches::switches as read_switches};
use crate::channel::{Channel, Rate};
use crate::db::{Db, DbError, Work};
use crate::outbox::{self, Claim, Claimed, Trust};

/// How old what holds for every replica may be when a busy lane claims; a pause takes effect as much later.
const BETWEEN_READINGS: Duration = Duration::from_millis(50);
/// Claimed but unsettled entries per concurrent send: enough to bridge one commit.
const WINDOW_PER_SEND: usize = 8;
/// The same where the database is a server, whose commits take longer.
const WINDOW_PER_SEND_SHARED: usize = 20;

/// Whether the channel is in order, as the last answers showed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum News {
    Broke,
    Works,
}

/// What a lane knows of its limits.
#[derive(Debug)]
pub(super) struct Claims {
    switches: Switches,
    read_at: Option<Instant>,
    /// Sends at once.
    most: usize,
    window_per_send: usize,
    rate: Option<Rate>,
    /// Where the rate stands, as seen last; with SQLite nobody else moves it.
    pace: Pace,
    paced_until: Option<Instant>,
    /// On PostgreSQL: what this replica may use.
    share: Option<Share>,
    /// Until when we let the channel rest because we found it out of order ourselves.
    rests_until: Option<Instant>,
    /// The end of the rest in the database, when we were the last to move it.
    own_rest: Option<i64>,
    /// What was learned of the channel since the last unit of work.
    news: Option<News>,
    /// Nothing was claimed yet: a rest that a process before this one began may be cut short by one try.
    fresh: bool,
    /// Whether the last claim filled what was asked for, so that more may wait.
    filled: bool,
}

impl Claims {
    pub(super) fn through(channel: &Channel, db: &Db, settings: &Settings) -> Self {
        let most = channel.concurrency();
        let on_server = matches!(db, Db::Postgres(_));
        let shared = on_server && channel.settings().is_real();
        Self {
            window_per_send: if on_server { WINDOW_PER_SEND_SHARED } else { WINDOW_PER_SEND },
            switches: Switches::default(),
            read_at: None,
            most,
            rate: channel.settings().pace.rate,
            pace: Pace::default(),
            paced_until: None,
            share: shared.then(|| Share::of(most, settings.lease)),
            rests_until: None,
            own_rest: None,
            news: None,
            fresh: true,
            filled: true,
        }
    }

    /// # Errors
    /// [`DbError::Outdated`] when this program is too old to write.
    pub(super) const fn refuse_outdated(&self) -> Result<(), DbError> {
        self.switches.allow_writing()
    }

    /// A message was taken: whatever was wrong is over.
    pub(super) fn works(&mut self, report: &mut Report) {
        report.broken = None;
        self.rests_until = None;
        self.news = Some(News::Works);
    }

    pub(super) fn broke(&mut self, rest: Duration) {
        self.rests_until = Some(Instant::now() + rest);
        self.news = Some(News::Broke);
    }

    /// How long until the rate allows the next message; long when it does now, or there is none.
    pub(super) fn wait(&self) -> Duration {
        let wait = self.paced_until.map(|until| until.saturating_duration_since(Instant::now()));
        wait.filter(|wait| !wait.is_zero()).unwrap_or(Duration::MAX)
    }

    /// The same, short when nothing is to be waited for.
    pub(super) fn wait_when_drained(&self) -> Duration {
        let paced = self.paced_until.map(|until| until.saturating_duration_since(Instant::now())).unwrap_or_default();
        let shared = if self.share.as_ref().is_some_and(|share| share.holds() == 0) { 50 } else { 0 };
        paced.max(Duration::from_millis(shared))
    }
}

impl Lane {
    /// A stop, a pause and the night of a mobile channel also call back what was claimed and has not begun.
    pub(super) async fn may_claim(&mut self, limits: &Limits) -> Result<bool, DbError> {
        if self.claims.read_at.is_none_or(|at| at.elapsed() >= BETWEEN_READINGS) {
            self.claims.switches = read_switches(&self.db).await?;
            self.claims.read_at = Some(Instant::now());
        }
        let outdated = self.claims.refuse_outdated().is_err();
        if limits.stop.is_cancelled() || outdated || self.is_night() || self.claims.switches.paused {
            self.flight.halt();
            return Ok(false);
        }
        if self.is_resting() || !self.flight.is_open() {
            return Ok(false);
        }
        self.renew_share().await?;
        Ok(true)
    }

    /// A channel out of order rests; afterwards one message tries it before the others follow.
    fn is_resting(&self) -> bool {
        self.claims.rests_until.is_some_and(|until| Instant::now() < until)
    }

    /// Whether the channel was found out of order and nobody knows yet that it works.
    fn is_doubtful(&self) -> bool {
        self.claims.rests_until.is_some() || (self.rest_of_all().is_some() && self.claims.news != Some(News::Works))
    }

    fn rest_of_all(&self) -> Option<i64> {
        self.claims.switches.rests.get(self.channel.name()).copied()
    }

    async fn renew_share(&mut self) -> Result<(), DbError> {
        let idle = self.flight.is_empty() && !self.claims.filled;
        let (wants, in_use) = (if idle { 0 } else { self.claims.most }, self.flight.begun());
        let Some(share) = &mut self.claims.share else { return Ok(()) };
        // Whoever is idle gives back, and takes again when there is something to send.
        let wants = if wants == 0 && share.holds() == 0 { self.claims.most } else { wants };
        if share.is_due(wants) {
            let due = outbox::next_due(&self.db, self.channel.name()).await?;
            let now = self.db.lease_clock(&self.clock).await?;
            let wants = if due.is_some_and(|due| due <= now) || !self.flight.is_empty() { wants } else { 0 };
            share.renew(&self.db, (self.channel.name(), &self.worker), (wants, in_use), now).await?;
        }
        self.flight.set_most(share.holds());
        Ok(())
    }

    fn sends(&self) -> usize {
        self.claims.share.as_ref().map_or(self.claims.most, Share::holds)
    }

    pub(super) fn window(&self) -> usize {
        match () {
            () if self.is_doubtful() => 1,
            // What is claimed under a rate is begun at once.
            () if self.claims.rate.is_some() => self.sends(),
            () => self.in_time(self.sends() * self.claims.window_per_send),
        }
    }

    /// Of a channel that leaves a gap between its messages no more than what leaves within the first half of a lease.
    fn in_time(&self, window: usize) -> usize {
        let most = (self.settings.lease / 2).as_millis().checked_div(self.channel.settings().gap().as_millis());
        most.map_or(window, |most| window.min(usize::try_from(most).unwrap_or(window).max(1)))
    }

    /// How many more may be claimed.
    pub(super) fn free(&self) -> usize {
        let paced = self.claims.paced_until.is_some_and(|until| Instant::now() < until);
        if paced { 0 } else { self.window().saturating_sub(self.flight.len()) }
    }

    /// Claims what is due, as far as the channel's rate over all replicas allows.
    pub(super) async fn claim(
        &mut self,
        work: &mut Work,
        free: usize,
        now: DateTime<Utc>,
    ) -> Result<Vec<Claimed>, DbError> {
        if !self.may_try(work, now).await? {
            return Ok(Vec::new());
        }
        self.claims.fresh = false;
        let Some(rate) = self.claims.rate else { return self.claim_up_to(work, free, now).await };
        let shared = matches!(work, Work::Postgres(_));
        let pace = if shared { pace::take(work, self.channel.name(), now).await? } else { self.claims.pace };
        let claimed = match pace.allows(rate, now).min(free) {
            0 => Vec::new(),
            allowed => self.claim_up_to(work, allowed, now).await?,
        };
        self.claims.pace = pace.after(rate, now, claimed.len());
        if shared {
            pace::store(work, self.channel.name(), self.claims.pace).await?;
        }
        let wait = self.claims.pace.wait(rate, now);
        self.claims.paced_until = (!wait.is_zero()).then(|| Instant::now() + wait);
        Ok(claimed)
    }

    async fn claim_up_to(
        &mut self,
        work: &mut Work,
        limit: usize,
        now: DateTime<Utc>,
    ) -> Result<Vec<Claimed>, DbError> {
        let beside = self.flight.beside(self.window());
        let (channel, lease_until) = (self.channel.name(), now + self.settings.lease);
        let ask = |limit| Claim { channel, worker: &self.worker, limit, now, lease_until, beside: &beside };
        let claimed = outbox::claim(work, ask(limit), Trust::Usual).await?;
        self.claims.filled = claimed.len() == limit;
        if claimed.is_empty() && self.flight.is_empty() {
            return outbox::claim(work, ask(1), Trust::Suspect).await;
        }
        Ok(claimed)
    }

    /// Whether the channel may be used. One that rests for all replicas is tried by one of them when the rest is over, or
    /// by a process that has just started, once.
    async fn may_try(&mut self, work: &mut Work, now: DateTime<Utc>) -> Result<bool, DbError> {
        if self.claims.news == Some(News::Works) {
            return Ok(true);
        }
        let Some(seen) = self.rest_of_all() else {
            self.claims.rests_until = None;
            self.report.broken = None;
            return Ok(true);
        };
        // Our own rest ends by the monotonic clock; one that another replica moved on ends when the database says so.
        let ours = self.claims.rests_until.is_some() && self.claims.own_rest == Some(seen);
        let over = self.claims.fresh || ours || now.timestamp_millis() >= seen;
        let again = now + self.settings.channel_rest;
        if !over || !self.flight.is_empty() || !switches::probe(work, self.channel.name(), seen, again).await? {
            return Ok(false);
        }
        self.claims.own_rest = Some(again.timestamp_millis());
        Ok(true)
    }

    /// Tells the other replicas whether the channel is in order, in the unit of work that settles what showed it.
    pub(super) async fn keep_rest(&mut self, work: &mut Work, now: DateTime<Utc>) -> Result<(), DbError> {
        let news = self.claims.news.take();
        if news == Some(News::Broke) {
            let reason = self.report.broken.clone().unwrap_or_default();
            let until = now + self.settings.channel_rest;
            switches::rest(work, self.channel.name(), (now, until), &reason).await?;
            self.claims.own_rest = Some(until.timestamp_millis());
            // Known from here on, so that what follows in this unit of work does not take it for mended.
            self.claims.switches.rests.insert(self.channel.name().to_owned(), until.timestamp_millis());
        } else if news == Some(News::Works) && self.rest_of_all().is_some() {
            switches::mended(work, self.channel.name()).await?;
            self.claims.switches.rests.remove(self.channel.name());
            tracing::info!(channel = self.channel.name(), "the channel works again");
        }
        Ok(())
    }
}
