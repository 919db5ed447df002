//! What is claimed and on its way through a channel: as many at once as the channel carries; the others wait for their
//! turn, and are called back when sending has to stop.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use tokio::sync::Semaphore;
use tokio::task::{JoinError, JoinSet};
use tokio_util::sync::CancellationToken;

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

#[derive(Debug)]
pub(super) struct Flight {
    channel: Arc<Channel>,
    clock: Clock,
    turns: Arc<Semaphore>,
    halt: CancellationToken,
    tasks: JoinSet<(Claimed, Landing)>,
}

impl Flight {
    pub(super) fn through(channel: &Arc<Channel>, clock: &Clock) -> Self {
        Self {
            channel: Arc::clone(channel),
            clock: clock.clone(),
            turns: Arc::new(Semaphore::new(channel.concurrency())),
            halt: CancellationToken::new(),
            tasks: JoinSet::new(),
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

    pub(super) fn launch(&mut self, claimed: Claimed) {
        let (channel, clock) = (Arc::clone(&self.channel), self.clock.clone());
        let (turns, halt) = (Arc::clone(&self.turns), self.halt.clone());
        self.tasks.spawn(async move {
            let turn = tokio::select! {
                biased;
                () = halt.cancelled() => None,
                turn = turns.acquire_owned() => turn.ok(),
            };
            let started = clock.now();
            let night = channel.settings().is_mobile() && !MobileHours::are_open(started);
            if turn.is_none() || night || started.timestamp_millis() >= claimed.valid_until {
                return (claimed, Landing::NotBegun(started));
            }
            let result = match parcel(&claimed, started) {
                Ok(parcel) => channel.send(&parcel).await,
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
        self.tasks.join_next().await
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
