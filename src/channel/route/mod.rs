//! One relay behind a bounded pool of connections, at no more than its pace.
//!
//! lettre's own pool bounds only parked connections, does not set `TCP_NODELAY` and times out only the connect.

mod relayed;

pub(super) use relayed::hello;

use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use deadpool::managed::{self, Pool, PoolError};
use tokio::sync::watch;
use tokio::time::Instant;

use relayed::{GOODBYE, Relayed};

use super::mail_settings as settings;
use super::smtp::Envelope;
use super::{Class, Receipt, SendError};

/// A relay that mails are handed to.
pub(super) struct Route {
    pool: Pool<Relayed>,
    pace: Pace,
    max_connections: usize,
    /// The last time the relay was found out of order; tells all who wait for a connection.
    broken: watch::Receiver<Option<SendError>>,
}

/// Why a relay did not take a mail.
#[derive(Debug)]
pub(super) struct NotTaken {
    pub(super) error: SendError,
    /// Whether the relay is to blame and has nothing of the mail, so that another one may be asked at once.
    pub(super) elsewhere: bool,
}

impl Route {
    /// Checks everything that can be checked without the network; the error is a reason for people.
    pub(super) fn open(settings: &settings::Route, limit: Duration) -> Result<Self, String> {
        let (announce, broken) = watch::channel(None);
        let relayed = Relayed::new(settings, limit, announce)?;
        let max_connections = settings.max_connections.max(1);
        let pool = Pool::builder(relayed).max_size(max_connections).build().map_err(|error| error.to_string())?;
        Ok(Self { pool, pace: Pace::of(settings.gap()), max_connections, broken })
    }

    pub(super) const fn max_connections(&self) -> usize {
        self.max_connections
    }

    /// Host and port.
    pub(super) fn name(&self) -> String {
        self.pool.manager().at()
    }

    pub(super) async fn send(&self, envelope: Envelope<'_>, mail: &str) -> Result<Receipt, NotTaken> {
        self.pace.turn().await;
        let away = |error| NotTaken { error, elsewhere: true };
        let mut slot = self.slot().await.map_err(away)?;
        let reused = slot.mails > 0;
        let (mut result, mut hung_up) = slot.deliver(envelope, mail).await;
        if hung_up && reused {
            // The relay had closed a parked connection. Nothing of this mail was said yet, so a new one is fair.
            *slot = managed::Manager::create(self.pool.manager()).await.map_err(away)?;
            (result, hung_up) = slot.deliver(envelope, mail).await;
        }
        result.map_err(|error| NotTaken { elsewhere: hung_up || error.class == Class::ChannelBroken, error })
    }

    /// A connection to use; fails at once with all others that wait when the relay turns out to be out of order.
    async fn slot(&self) -> Result<managed::Object<Relayed>, SendError> {
        let mut broken = self.broken.clone();
        broken.mark_unchanged();
        let news = async {
            match broken.changed().await {
                Ok(()) => broken.borrow().clone().unwrap_or_else(closed),
                Err(_) => closed(),
            }
        };
        tokio::select! {
            biased;
            slot = self.pool.get() => slot.map_err(|error| match error {
                PoolError::Backend(error) => error,
                _ => closed(),
            }),
            error = news => Err(error),
        }
    }

    /// Connects, protects, logs in and says goodbye; the text says what was found.
    pub(super) async fn probe(&self) -> Result<String, SendError> {
        let relayed = self.pool.manager();
        let connection = Box::pin(relayed.connect()).await.map_err(|not_ready| not_ready.error)?;
        connection.quit(GOODBYE).await;
        *relayed.refused.lock().unwrap_or_else(PoisonError::into_inner) = None;
        let login = if relayed.login.is_some() { ", login accepted" } else { "" };
        Ok(format!("{} answers{login}", relayed.at()))
    }

    pub(super) async fn close(&self) {
        let parked = self.pool.retain(|_, _| false).removed;
        self.pool.close();
        let mut goodbyes = tokio::task::JoinSet::new();
        for connection in parked.into_iter().filter_map(|slot| slot.connection) {
            goodbyes.spawn(connection.quit(GOODBYE));
        }
        while goodbyes.join_next().await.is_some() {}
    }
}

impl fmt::Debug for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Route").field("max_connections", &self.max_connections).finish_non_exhaustive()
    }
}

/// Mails begin at least a gap apart.
struct Pace {
    gap: Duration,
    next: Mutex<Instant>,
}

impl Pace {
    fn of(gap: Duration) -> Self {
        Self { gap, next: Mutex::new(Instant::now()) }
    }

    async fn turn(&self) {
        if self.gap.is_zero() {
            return;
        }
        let at = {
            let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
            let at = (*next).max(Instant::now());
            *next = at + self.gap;
            at
        };
        tokio::time::sleep_until(at).await;
    }
}

fn closed() -> SendError {
    SendError::broken("the channel is closed")
}
