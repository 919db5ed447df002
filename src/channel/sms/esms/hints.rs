//! Calls of eSMS. They are not signed: they prove nothing, and only have a message asked about sooner.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use secrecy::SecretString;
use uuid::Uuid;

use super::super::super::{Callback, CallbackError, SendError};
use super::super::Phone;
use super::reply::text;
use super::{EsmsChannel, stored};
use crate::db::{Db, DbError};
use crate::outbox::{self, State};
use crate::source::intake::Tokens;

/// Calls that wait to be followed, at most; further ones are told of by the next questions all the same.
const KEPT: usize = 1_000;
/// Letters of a message's name, at most.
const LONGEST: usize = 64;
/// How long a message that was looked for and not found is left alone.
const LOOK_AGAIN: TimeDelta = TimeDelta::minutes(15);

/// A call: it speaks of this entry, which eSMS calls so.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Hint {
    id: String,
    reference: String,
}

#[derive(Debug)]
pub(super) struct Hints {
    tokens: Tokens,
    kept: Mutex<Vec<Hint>>,
    looked: Mutex<HashMap<String, DateTime<Utc>>>,
}

impl Hints {
    pub(super) fn open(token: Option<&SecretString>) -> Self {
        let tokens = token.map(Tokens::of).unwrap_or_default();
        Self { tokens, kept: Mutex::default(), looked: Mutex::default() }
    }

    pub(super) async fn hear(&self, db: &Db, name: &str, callback: &Callback<'_>) -> Result<(), CallbackError> {
        if self.tokens.is_empty() {
            return Err(CallbackError::NotHere);
        }
        if !self.tokens.admit(callback.rest) {
            return Err(CallbackError::NotGenuine("its address does not end with the channel's token".to_owned()));
        }
        let reference = query(callback.query, "SMSID").filter(|text| text.len() <= LONGEST && !text.is_empty());
        let Some(reference) = reference else { return Ok(()) };
        let request = query(callback.query, "RequestId").unwrap_or_default();
        let found = entry(db, name, &reference, &request).await;
        let Some(id) = found.map_err(|error| CallbackError::NotStored(error.to_string()))? else { return Ok(()) };
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let hint = Hint { id, reference };
        if kept.len() < KEPT && !kept.contains(&hint) {
            kept.push(hint);
        }
        Ok(())
    }

    fn take(&self) -> Vec<Hint> {
        std::mem::take(&mut *self.kept.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Whether it is time to look for a message, which is then noted as done.
    pub(super) fn may_look(&self, id: &str, now: DateTime<Utc>) -> bool {
        let mut looked = self.looked.lock().unwrap_or_else(PoisonError::into_inner);
        looked.retain(|_, at| now - *at < LOOK_AGAIN);
        if looked.contains_key(id) {
            return false;
        }
        looked.insert(id.to_owned(), now);
        true
    }
}

impl EsmsChannel {
    /// Follows the calls that came: a name that we do not know yet is believed only when eSMS says that it went to the
    /// same number.
    pub(super) async fn take_hints(&self, now: DateTime<Utc>) -> Result<(), SendError> {
        for hint in self.hints.take() {
            let shown = outbox::show(&self.db, &hint.id).await.map_err(|error| stored(&error))?;
            let Some((entry, _, _)) = shown else { continue };
            let known =
                outbox::by_reference(&self.db, &self.name, &hint.reference).await.map_err(|error| stored(&error))?;
            match known {
                Some(id) if id == hint.id => self.follow.soon(&hint.id),
                Some(_) => {}
                None if self.went_to(&hint.reference, &entry.address).await? => {
                    self.learnt(&hint.id, &hint.reference).await.map_err(|error| stored(&error))?;
                }
                None => tracing::warn!(channel = %self.name, at = %now, "a call names a message that went elsewhere"),
            }
        }
        Ok(())
    }

    async fn went_to(&self, reference: &str, address: &str) -> Result<bool, SendError> {
        let reply = self.ask("GetSmsReceiverStatus_get", reference).await?;
        let receivers = reply.list("ReceiverList");
        let phones: Vec<_> = receivers.iter().filter_map(|row| Phone::mobile(&text(row, "Phone")?)).collect();
        Ok(Phone::mobile(address).is_some_and(|phone| phones == [phone]))
    }
}

/// The entry that a call speaks of: by the name that we know, or by our own id.
async fn entry(db: &Db, name: &str, reference: &str, request: &str) -> Result<Option<String>, DbError> {
    if let Some(id) = outbox::by_reference(db, name, reference).await? {
        return Ok(Some(id));
    }
    let Ok(id) = request.parse::<Uuid>() else { return Ok(None) };
    let shown = outbox::show(db, &id.to_string()).await?;
    let ours = shown.filter(|(entry, _, _)| entry.channel == name && entry.state == State::Sent);
    Ok(ours.map(|(entry, _, _)| entry.id))
}

/// A value of a query; names of messages need no decoding, and whatever does is none.
fn query(query: &str, key: &str) -> Option<String> {
    let pair = |pair: &str| pair.split_once('=').filter(|(name, _)| *name == key).map(|(_, value)| value.to_owned());
    let value = query.split('&').find_map(pair)?;
    value.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_').then_some(value)
}
