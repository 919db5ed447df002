//! Mail: the words in an envelope of their own, through the first relay that works; and what comes back.

use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::bounces::{Bounces, ReturnPath};
use super::mail_settings::Email;
use super::mime::{Letterhead, mail_hash, render};
use super::route::Route;
use super::smtp::Envelope;
use super::{Class, Parcel, Receipt, SendError};
use crate::clock::Clock;
use crate::db::Db;

/// How long a relay that was out of order is asked after the others.
const RELAY_REST: Duration = Duration::from_mins(1);

/// The channel.
pub(super) struct EmailChannel {
    routes: Vec<Resting>,
    letterhead: Letterhead,
    return_path: Option<ReturnPath>,
    bounces: Option<Bounces>,
}

impl Email {
    /// What of these settings cannot work, as far as that can be told without the network: a reason for people.
    pub fn fault(&self) -> Option<String> {
        let fault = || {
            Letterhead::of(self)?;
            for route in &self.routes {
                Route::open(route, self.timeout)?;
            }
            self.return_path.as_ref().map(|path| ReturnPath::new(&path.address, &path.key)).transpose()?;
            Ok::<_, String>(())
        };
        fault().err()
    }
}

/// A relay, and until when the others go before it.
struct Resting {
    route: Route,
    until: Mutex<Option<Instant>>,
}

impl EmailChannel {
    /// Checks everything that can be checked without the network; the error is a reason for people.
    pub(super) fn open(name: &str, settings: &Email, db: &Db, clock: &Clock) -> Result<Self, String> {
        let letterhead = Letterhead::of(settings)?;
        let open = |route| Ok(Resting { route: Route::open(route, settings.timeout)?, until: Mutex::new(None) });
        let routes = settings.routes.iter().map(open).collect::<Result<Vec<_>, String>>()?;
        if routes.is_empty() {
            return Err("no relay is named".to_owned());
        }
        let path = settings.return_path.as_ref();
        let return_path = path.map(|path| ReturnPath::new(&path.address, &path.key)).transpose()?;
        let bounces = match (&settings.bounces, &return_path) {
            (None, _) => None,
            (Some(_), None) => return Err("bounces are read, but no `return_path` says which are ours".to_owned()),
            (Some(place), Some(path)) => Some(Bounces::open(name, place, path.clone(), settings.timeout, (db, clock))?),
        };
        Ok(Self { routes, letterhead, return_path, bounces })
    }

    pub(super) fn concurrency(&self) -> usize {
        self.routes.iter().map(|resting| resting.route.max_connections()).max().unwrap_or(1)
    }

    pub(super) async fn send(&self, parcel: &Parcel) -> Result<Receipt, SendError> {
        let mail = render(parcel, &self.letterhead)?;
        let sender = self.return_path.as_ref().map(|path| path.of(parcel.id));
        let from = sender.as_deref().unwrap_or(&self.letterhead.address);
        let envelope = Envelope { from, to: &parcel.address };
        let (ready, resting): (Vec<_>, Vec<_>) = self.routes.iter().partition(|resting| !resting.rests());
        let mut all_away: Option<SendError> = None;
        for relay in ready.into_iter().chain(resting) {
            match relay.route.send(envelope, &mail).await {
                Ok(receipt) => return Ok(Receipt { sent_hash: Some(mail_hash(mail.as_bytes())), ..receipt }),
                Err(not_taken) if !not_taken.elsewhere => return Err(not_taken.error),
                Err(not_taken) => {
                    if self.routes.len() > 1 {
                        relay.rest(&not_taken.error);
                    }
                    all_away = Some(joined(all_away, not_taken.error));
                }
            }
        }
        Err(all_away.unwrap_or_else(|| SendError::broken("no relay is named")))
    }

    pub(super) async fn probe(&self) -> Result<String, SendError> {
        let mut found = Vec::new();
        let mut away: Option<SendError> = None;
        for relay in &self.routes {
            match relay.route.probe().await {
                Ok(text) => found.push(text),
                Err(error) => away = Some(joined(away, error)),
            }
        }
        match away {
            Some(error) => Err(error),
            None => Ok(found.join("; ")),
        }
    }

    /// Reads what came back.
    pub(super) async fn tend(&self) -> Result<(), SendError> {
        match &self.bounces {
            Some(bounces) => bounces.read().await,
            None => Ok(()),
        }
    }

    pub(super) async fn close(&self) {
        futures_util::future::join_all(self.routes.iter().map(|relay| relay.route.close())).await;
    }
}

impl Resting {
    fn rests(&self) -> bool {
        let until = self.until.lock().unwrap_or_else(PoisonError::into_inner);
        until.is_some_and(|until| Instant::now() < until)
    }

    fn rest(&self, error: &SendError) {
        let mut until = self.until.lock().unwrap_or_else(PoisonError::into_inner);
        if until.is_none_or(|until| Instant::now() >= until) {
            let relay = self.route.name();
            tracing::warn!(relay, reason = %error.reason, "a relay is out of order; the others go before it for a while");
        }
        *until = Some(Instant::now() + RELAY_REST);
    }
}

/// One error of all relays: out of order when one of them is, so that nobody's attempt is burnt.
fn joined(all: Option<SendError>, error: SendError) -> SendError {
    let Some(all) = all else { return error };
    let class = if all.class == Class::ChannelBroken { all.class } else { error.class };
    SendError::new(class, all.code.or(error.code), &format!("{}; {}", all.reason, error.reason))
}

impl fmt::Debug for EmailChannel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EmailChannel").field("relays", &self.routes.len()).finish_non_exhaustive()
    }
}
