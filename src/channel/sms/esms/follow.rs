//! What became of messages that eSMS took: asked at ages of one minute, two, four … up to seven days, which is as long as
//! it remembers them.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};

use super::super::super::SendError;
use super::reply::Reply;
use super::{EsmsChannel, stored};
use crate::clock::from_millis;
use crate::outbox::{self, Awaiting, Fact, Told};

/// eSMS tells of messages this old at most.
pub(super) const REMEMBERED: TimeDelta = TimeDelta::days(7);
/// A message is asked about after this at the earliest.
const FIRST: TimeDelta = TimeDelta::minutes(1);
/// Questions of one round.
const AT_ONCE: usize = 200;
/// Messages that are looked at for one round.
const LOOKED_AT: i64 = 20_000;

/// When each message is asked about next; forgotten by a restart, which then asks once more.
#[derive(Debug, Default)]
pub(super) struct Follow(Mutex<HashMap<String, DateTime<Utc>>>);

/// How a message stands.
#[derive(Debug, PartialEq, Eq)]
enum Standing {
    /// Nothing final is known.
    Open,
    Ended(Fact, String),
}

impl Follow {
    /// Has a message asked about in the next round.
    pub(super) fn soon(&self, id: &str) {
        self.lock().insert(id.to_owned(), DateTime::UNIX_EPOCH);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<String, DateTime<Utc>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Those that are due, the longest due first.
    fn due(&self, mut awaiting: Vec<Awaiting>, now: DateTime<Utc>) -> Vec<Awaiting> {
        let mut next = self.lock();
        let open: HashSet<&String> = awaiting.iter().map(|message| &message.id).collect();
        next.retain(|id, _| open.contains(id));
        let at = |message: &Awaiting| {
            next.get(&message.id).copied().unwrap_or_else(|| from_millis(message.settled_at) + FIRST)
        };
        awaiting.retain(|message| at(message) <= now);
        awaiting.sort_by_key(at);
        awaiting.truncate(AT_ONCE);
        awaiting
    }

    /// The next question comes when the message is twice as old.
    fn later(&self, message: &Awaiting, now: DateTime<Utc>) {
        let age = (now - from_millis(message.settled_at)).max(FIRST);
        self.lock().insert(message.id.clone(), now + age);
    }
}

impl EsmsChannel {
    pub(super) async fn follow(&self, now: DateTime<Utc>) -> Result<(), SendError> {
        let since = now - REMEMBERED;
        let awaiting = outbox::awaiting_receipt(&self.db, &self.name, since, LOOKED_AT).await;
        for message in self.follow.due(awaiting.map_err(|error| stored(&error))?, now) {
            let reply = self.ask("GetSendStatus", &message.reference).await?;
            match standing(&reply) {
                Standing::Open => self.follow.later(&message, now),
                Standing::Ended(fact, detail) => self.note(&message.id, fact, detail, now).await?,
            }
        }
        Ok(())
    }

    async fn note(&self, id: &str, fact: Fact, detail: String, now: DateTime<Utc>) -> Result<(), SendError> {
        let told = Told { entry_id: id.to_owned(), fact, at: now, said_by: self.name.clone(), detail };
        let noting = async {
            let mut work = self.db.begin().await?;
            outbox::note_receipt(&mut work, &told, now).await?;
            work.commit().await
        };
        noting.await.map_err(|error| stored(&error))
    }
}

/// What `GetSendStatus` says. Done with no success is a failure; a message that was turned down never left.
fn standing(reply: &Reply) -> Standing {
    if reply.code() != Some(100) {
        return Standing::Open;
    }
    let number = |key| reply.number(key);
    match (number("SendStatus"), number("SendSuccess")) {
        (Some(5), Some(success)) if success > 0 => Standing::Ended(Fact::Delivered, "eSMS: SendStatus 5".to_owned()),
        (Some(5), Some(_)) => Standing::Ended(Fact::Undelivered, "eSMS: SendStatus 5, SendSuccess 0".to_owned()),
        (Some(4), _) => Standing::Ended(Fact::Undelivered, "eSMS: SendStatus 4, turned down".to_owned()),
        _ => Standing::Open,
    }
}
