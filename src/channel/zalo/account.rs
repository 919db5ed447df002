//! Keeps the pair of tokens of one app: whoever asks for a new one holds the row, has said so durably before, and stores the
//! new pair before anything uses it.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use secrecy::SecretString;

use super::call::Caller;
use super::oauth::{self, Given};
use super::settings::Zalo;
use super::store::{self, NewPair, TokenRow};
use super::token::{CONSENT, NotNow, TRIES, opened, sealed, trouble, unstored};
use crate::channel::{Class, SendError};
use crate::clock::{Clock, from_millis};
use crate::db::{Db, DbError};

/// A new pair is asked for when the old one is so old: a lost one then still leaves hours of sending.
const FRESH_FOR: TimeDelta = TimeDelta::hours(20);
/// After a refusal, and after a host that could not be reached.
const PAUSES: [TimeDelta; 2] = [TimeDelta::hours(1), TimeDelta::minutes(1)];
/// How often the storing of a new pair is tried before it is lost, a second and more apart.
const STORE_TRIES: u32 = 30;

/// A pair in use.
#[derive(Debug, Clone)]
pub(super) struct Pair {
    pub(super) version: i64,
    pub(super) access: SecretString,
    pub(super) obtained_at: DateTime<Utc>,
    pub(super) expires_at: DateTime<Utc>,
}

impl Pair {
    /// Whether it is not old yet; one that lasts shorter than usual grows old after four fifths of that.
    fn is_fresh(&self, now: DateTime<Utc>) -> bool {
        now < self.obtained_at + FRESH_FOR.min((self.expires_at - self.obtained_at) * 4 / 5)
    }
}

/// Keeps the pair of one app.
#[derive(Debug, Clone)]
pub(super) struct Account(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    db: Db,
    clock: Clock,
    caller: Arc<Caller>,
    settings: Zalo,
    cached: Mutex<Option<Pair>>,
    /// Held while this process refreshes.
    refreshing: tokio::sync::Mutex<()>,
}

impl Account {
    pub(super) fn of(settings: &Zalo, db: &Db, clock: &Clock, caller: Arc<Caller>) -> Self {
        let (db, clock, settings) = (db.clone(), clock.clone(), settings.clone());
        Self(Arc::new(Inner {
            db,
            clock,
            caller,
            settings,
            cached: Mutex::default(),
            refreshing: tokio::sync::Mutex::default(),
        }))
    }

    /// An access token that should be good. One that grows old is replaced; where that fails the old one serves.
    pub(super) async fn access(&self) -> Result<Pair, SendError> {
        let now = self.0.now().await?;
        if let Some(pair) = self.0.cached().filter(|pair| pair.is_fresh(now)) {
            return Ok(pair);
        }
        let (_, pair) = self.0.load().await?;
        if pair.is_fresh(now) {
            return Ok(pair);
        }
        match self.refresh(pair.version, false).await {
            Ok(pair) => Ok(pair),
            Err(_) if now < pair.expires_at => Ok(pair),
            Err(error) => Err(error),
        }
    }

    /// Another pair than `refused`, whose access token Zalo did not accept.
    pub(super) async fn another(&self, refused: &Pair) -> Result<Pair, SendError> {
        let (_, pair) = self.0.load().await?;
        if pair.version > refused.version { Ok(pair) } else { self.refresh(pair.version, true).await }
    }

    /// Refreshes in time. What is wrong with the pair comes as an error, also while it still serves.
    pub(super) async fn keep_fresh(&self) -> Result<(), SendError> {
        self.access().await?;
        let now = self.0.now().await?;
        let Some(row) = store::token(&self.0.db, &self.0.settings.app_id).await.map_err(unstored)? else {
            return Ok(());
        };
        match trouble(&row, now) {
            Some(trouble) => Err(SendError::broken(&trouble)),
            None => Ok(()),
        }
    }

    /// Waits until a refresh that this process is at has ended.
    pub(super) async fn settle(&self) {
        drop(self.0.refreshing.lock().await);
    }

    /// In a task of its own: whoever asked may be dropped, the answer must not be.
    async fn refresh(&self, version: i64, refused: bool) -> Result<Pair, SendError> {
        let inner = Arc::clone(&self.0);
        let task = tokio::spawn(async move {
            let _one = inner.refreshing.lock().await;
            inner.refresh(version, refused).await
        });
        task.await.unwrap_or_else(|error| Err(SendError::broken(&format!("the refresh ended: {error}"))))
    }
}

impl Inner {
    async fn now(&self) -> Result<DateTime<Utc>, SendError> {
        self.db.lease_clock(&self.clock).await.map_err(unstored)
    }

    fn cached(&self) -> Option<Pair> {
        self.cached.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The stored pair, opened, and remembered.
    async fn load(&self) -> Result<(TokenRow, Pair), SendError> {
        let app_id = &self.settings.app_id;
        let row = store::token(&self.db, app_id).await.map_err(unstored)?;
        let row = row.ok_or_else(|| SendError::broken(&format!("there is no token yet; remedy: {CONSENT}")))?;
        let (access, _) = opened(&self.settings, &row)?;
        let (obtained_at, expires_at) = (from_millis(row.obtained_at), from_millis(row.expires_at));
        let pair = Pair { version: row.version, access, obtained_at, expires_at };
        *self.cached.lock().unwrap_or_else(PoisonError::into_inner) = Some(pair.clone());
        Ok((row, pair))
    }

    async fn refresh(&self, version: i64, refused: bool) -> Result<Pair, SendError> {
        let (row, pair) = self.load().await?;
        if row.version > version {
            return Ok(pair);
        }
        let now = self.now().await?;
        row.may_refresh(now, refused).map_err(|why| match why {
            NotNow::Wait => SendError::new(Class::ChannelBroken, None, &{
                let fault = row.fault.as_deref().unwrap_or("another process asks for a new token");
                format!("no good token now: {fault}")
            }),
            NotNow::UseOld | NotNow::Lost => SendError::broken(&trouble(&row, now).unwrap_or_default()),
        })?;
        let (_, refresh) = opened(&self.settings, &row)?;
        let lease_until = now + TimeDelta::from_std(self.settings.timeout * 2).unwrap_or_default();
        let mut work = self.db.begin().await.map_err(unstored)?;
        let begun = store::begin(&mut work, &self.settings.app_id, &row, now, lease_until).await.map_err(unstored)?;
        work.commit().await.map_err(unstored)?;
        if !begun {
            return Err(SendError::broken("another process asks for a new token"));
        }
        let tries = row.tries + 1;
        match oauth::refresh(&self.caller, &self.settings, &refresh).await {
            Ok(given) => self.keep(&row, &given, now).await,
            Err(oauth::Failure::NotAsked(why)) => self.not_taken(&row, now + PAUSES[1], why).await,
            Err(oauth::Failure::Refused(why)) if tries < TRIES => self.not_taken(&row, now + PAUSES[0], why).await,
            Err(oauth::Failure::Refused(why) | oauth::Failure::Lost(why)) => self.lost(&row, now, why).await,
        }
    }

    /// Stores the new pair before anything uses it, as stubbornly as the lease allows: there is no other copy of it.
    async fn keep(&self, row: &TokenRow, given: &Given, now: DateTime<Utc>) -> Result<Pair, SendError> {
        let pair = sealed(&self.settings, row.version + 1, given, now)?;
        for tried in 1..=STORE_TRIES {
            match self.try_keep(row.version, &pair).await {
                Ok(stored) => {
                    if stored {
                        tracing::info!(app.id = %self.settings.app_id, until = %pair.expires_at, "a new token of Zalo is stored");
                    }
                    return self.load().await.map(|(_, pair)| pair);
                }
                Err(error) => {
                    tracing::error!(%error, tried, "a new token of Zalo could not be stored; it is tried again");
                    tokio::time::sleep(Duration::from_secs(1)).await;
                }
            }
        }
        Err(SendError::broken(&format!("a new token could not be stored and is lost; remedy: {CONSENT}")))
    }

    async fn try_keep(&self, version: i64, pair: &NewPair) -> Result<bool, DbError> {
        let mut work = self.db.begin().await?;
        let stored = store::store(&mut work, &self.settings.app_id, version, pair).await?;
        work.commit().await?;
        Ok(stored)
    }

    async fn not_taken(&self, row: &TokenRow, again_at: DateTime<Utc>, why: String) -> Result<Pair, SendError> {
        let mut work = self.db.begin().await.map_err(unstored)?;
        let app_id = &self.settings.app_id;
        store::not_taken(&mut work, app_id, row.version, again_at, &why).await.map_err(unstored)?;
        work.commit().await.map_err(unstored)?;
        tracing::error!(app.id = %app_id, reason = %why, "Zalo gave no new token");
        Err(SendError::broken(&format!("no new token: {why}; remedy: if it goes on, {CONSENT}")))
    }

    async fn lost(&self, row: &TokenRow, now: DateTime<Utc>, why: String) -> Result<Pair, SendError> {
        let mut work = self.db.begin().await.map_err(unstored)?;
        store::lost(&mut work, &self.settings.app_id, row.version, &why).await.map_err(unstored)?;
        work.commit().await.map_err(unstored)?;
        let lost = TokenRow {
            begun_at: Some(now.timestamp_millis()),
            tries: row.tries + 1,
            lease_until: None,
            fault: Some(why),
            ..row.clone()
        };
        let trouble = trouble(&lost, now).unwrap_or_default();
        tracing::error!(app.id = %self.settings.app_id, "{trouble}");
        Err(SendError::broken(&trouble))
    }
}
