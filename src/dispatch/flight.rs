//! What is claimed and on its way through a channel: as many at once as the channel carries; the others wait for their
//! turn, and are called back when sending has to stop.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use tokio::task::{JoinError, JoinSet};
use tokio_util::sync::CancellationToken;

use super::turns::Turns;
use crate::channel::{Channel, Class, MobileHours, Parcel, Receipt, SendError};
use crate::clock::{Clock, from_millis};
use crate::outbox::Claimed;

/// From when to when an attempt took.
pub(super) type Span = (DateTime<Utc>, DateTime<Utc>);

/// How a claimed entry comes back.
#[derive(Debug)]
pub(super) enum Landing {
    /// It was attempted.
    Ended(Span, Result<Receipt, SendError>),
    /// Its turn did not come, or came too late: not a byte of it left.
    NotBegun(DateTime<Utc>),
}

/// Until when a send under a lease may be begun. Half of the lease is left for the send itself. The monotonic clock is the
/// judge; the wall clock is asked too, for a machine that was put to sleep.
#[derive(Debug, Clone, Copy)]
pub(super) struct Good {
    until: Instant,
    until_by_wall: DateTime<Utc>,
}

impl Good {
    /// Of a lease that is asked for now.
    pub(super) fn of(lease: Duration, clock: &Clock) -> Self {
        Self { until: Instant::now() + lease / 2, until_by_wall: clock.now() + lease / 2 }
    }

    fn is_over(self, now: DateTime<Utc>) -> bool {
        Instant::now() >= self.until || now >= self.until_by_wall
    }
}

#[derive(Debug)]
pub(super) struct Flight {
    channel: Arc<Channel>,
    clock: Clock,
    turns: Arc<Turns>,
    halt: CancellationToken,
    tasks: JoinSet<(Claimed, Landing)>,
    /// Claimed entries by host.
    hosts: HashMap<String, usize>,
    /// Hosts that did not answer in time, and how long they are let alone.
    resting: HashMap<String, Instant>,
}

impl Flight {
    pub(super) fn through(channel: &Arc<Channel>, clock: &Clock) -> Self {
        Self {
            channel: Arc::clone(channel),
            clock: clock.clone(),
            turns: Turns::new(channel.concurrency()),
            halt: CancellationToken::new(),
            tasks: JoinSet::new(),
            hosts: HashMap::new(),
            resting: HashMap::new(),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.tasks.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.tasks.is_empty()
    }

    /// Calls back what has not begun; what has is let finish.
    pub(super) fn halt(&self) {
        self.halt.cancel();
    }

    pub(super) fn is_halted(&self) -> bool {
        self.halt.is_cancelled()
    }

    /// Whether more may be launched: after a halt only when everything is back.
    pub(super) fn is_open(&mut self) -> bool {
        if self.is_halted() && self.is_empty() {
            self.halt = CancellationToken::new();
        }
        !self.is_halted()
    }

    /// Sends that have begun and not ended.
    pub(super) fn begun(&self) -> usize {
        self.turns.taken()
    }

    /// How many sends there may be at once from now on.
    pub(super) fn set_most(&self, most: usize) {
        self.turns.set_most(most);
    }

    pub(super) fn launch(&mut self, claimed: Claimed, good: Good) {
        *self.hosts.entry(claimed.host.clone()).or_default() += 1;
        let (channel, clock) = (Arc::clone(&self.channel), self.clock.clone());
        let (waiting, halt) = (self.turns.queue(&claimed.host), self.halt.clone());
        self.tasks.spawn(async move {
            let turn = tokio::select! {
                biased;
                () = halt.cancelled() => None,
                turn = waiting => turn.ok(),
            };
            let started = clock.now();
            let night = channel.settings().is_mobile() && !MobileHours::are_open(started);
            if turn.is_none() || night || good.is_over(started) || started.timestamp_millis() >= claimed.valid_until {
                return (claimed, Landing::NotBegun(started));
            }
            let result = match parcel(&claimed, started) {
                // Boxed: the many that wait for their turn need not carry what only a send needs.
                Ok(parcel) => Box::pin(channel.send(&parcel)).await,
                Err(error) => Err(error),
            };
            // Before the turn is given on: nobody else shall run into a channel that is out of order.
            if result.as_ref().is_err_and(|error| error.class == Class::ChannelBroken) {
                halt.cancel();
            }
            (claimed, Landing::Ended((started, clock.now()), result))
        });
    }

    pub(super) async fn next(&mut self) -> Option<Result<(Claimed, Landing), JoinError>> {
        let next = self.tasks.join_next().await;
        match &next {
            Some(Ok((claimed, _))) => self.count_down(&claimed.host),
            // A panic does not say whose it was; with nothing on its way nobody is counted.
            Some(Err(_)) | None if self.tasks.is_empty() => self.hosts.clear(),
            _ => {}
        }
        next
    }

    fn count_down(&mut self, host: &str) {
        if let Some(count) = self.hosts.get_mut(host) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                self.hosts.remove(host);
            }
        }
    }

    /// Lets a host alone for a while; what waits for it is called back.
    pub(super) fn rest(&mut self, host: &str, rest: Duration) {
        if self.hosts.keys().any(|other| other != host) || self.turns.is_held_back(host) {
            self.resting.insert(host.to_owned(), Instant::now() + rest);
            self.turns.shed(host, 0);
        }
    }

    /// Hosts that get nothing more for now, in a window of `window` claimed entries: those that rest, and those that have
    /// their share of it without being known as quick. Of these, what is too much is called back.
    pub(super) fn beside(&mut self, window: usize) -> Vec<String> {
        let now = Instant::now();
        self.resting.retain(|_, until| now < *until);
        let mut beside: Vec<String> = self.resting.keys().cloned().collect();
        let share = (window / 8).max(2);
        for (host, count) in &self.hosts {
            if *count >= share && self.turns.is_held_back(host) && !self.resting.contains_key(host) {
                if *count > share {
                    self.turns.shed(host, share / 2);
                }
                beside.push(host.clone());
            }
        }
        beside
    }
}

fn parcel(claimed: &Claimed, now: DateTime<Utc>) -> Result<Parcel, SendError> {
    let unreadable = |what: &str| SendError {
        class: Class::Permanent,
        code: None,
        reason: format!("the stored {what} cannot be read; it was changed outside this program"),
    };
    Ok(Parcel {
        id: claimed.id.parse().map_err(|_| unreadable("id"))?,
        message_id: claimed.message_id.clone(),
        address: claimed.address.clone(),
        unit_code: claimed.unit_code.clone(),
        recipient: claimed.recipient_id.clone(),
        kind: claimed.kind().to_owned(),
        content: serde_json::from_str(&claimed.content).map_err(|_| unreadable("content"))?,
        date: claimed.ready_at.map_or(now, from_millis),
    })
}
