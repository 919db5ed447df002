//! Roll-ups and corrections on their way into the outbox.

use chrono::{DateTime, Utc};

use super::super::{Pass, approval, times};
use super::corrections::CORRECTION;
use super::{DIGEST, RolledUp};
use crate::catalog::Calendar;
use crate::db::{Db, DbError};
use crate::message::Message;
use crate::outbox::{self, EntryId, HoldReason, NewEntry};
use crate::people::Deed;

/// What is written together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Digests and sheets.
    Digest,
    /// Notes; they pass every lock.
    Note,
    Correction,
}

impl Kind {
    /// In front of the keys of those that may wait for a second person, and of the names of batches.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Digest | Self::Note => DIGEST,
            Self::Correction => CORRECTION,
        }
    }
}

/// What is known of a batch before its letters have words.
pub(super) struct Batch<'a> {
    pub(super) kind: Kind,
    /// Entries that are taken back with it.
    pub(super) stale: &'a [String],
    pub(super) now: DateTime<Utc>,
}

/// One unit of work: new messages, those that wait written anew, stale ones taken back, and the question to the second
/// person. Whether any of these messages waits for one.
pub(super) async fn store(
    pass: &Pass<'_>,
    rolled: &mut RolledUp,
    (batch, hold): (&Batch<'_>, Option<HoldReason>),
    (entries, calendar): (&[(NewEntry, Message)], &Calendar),
) -> Result<bool, DbError> {
    const OVERTAKEN: &str = "the figures were corrected again before it left";
    let now = batch.now;
    let waiting = outbox::waiting(pass.db, batch.kind.word()).await?;
    let known = known(pass.db, entries).await?;
    let new: Vec<&NewEntry> = entries.iter().map(|(entry, _)| entry).filter(|new| !known.contains(&id(new))).collect();
    let is_mobile = |entry: &NewEntry| {
        pass.settings.channels.iter().any(|channel| channel.name == entry.channel && channel.is_mobile())
    };
    let mut work = pass.begin().await?;
    outbox::keep_still(&mut work).await?;
    for stale in batch.stale {
        rolled.taken_back += u64::from(outbox::cancel(&mut work, stale, OVERTAKEN, now).await?);
    }
    for mobile in [false, true] {
        let due = times(pass.settings, calendar, now, mobile);
        let of_kind = new.iter().filter(|entry| is_mobile(entry) == mobile);
        let of_kind: Vec<NewEntry> = of_kind.map(|entry| (*entry).clone()).collect();
        rolled.queued += outbox::enqueue(&mut work, &rolled.run_id, &of_kind, due).await?;
    }
    let mut waited = false;
    for (entry, message) in entries {
        let Some(waits) = waiting.iter().find(|waits| waits.id == id(entry)) else { continue };
        waited = true;
        let frozen = serde_json::from_str::<Message>(&waits.content);
        if !frozen.is_ok_and(|frozen| message.says_the_same_as(&frozen)) {
            rolled.rewritten += u64::from(outbox::rewrite(&mut work, waits, &entry.content).await?);
        }
    }
    let trial = new.iter().filter(|entry| entry.is_held_by_trial()).count();
    rolled.trial = u64::try_from(trial).unwrap_or(u64::MAX);
    let asks = rolled.queued > rolled.trial || rolled.rewritten > 0;
    if let Some(reason) = hold.filter(|_| asks || rolled.taken_back > 0) {
        approval::ask(&mut work, (&rolled.run_id, pass.by), reason, now).await?;
    }
    let deed = if batch.kind == Kind::Correction { Deed::CorrectionsWritten } else { Deed::RollUpWritten };
    let detail = format!("messages={} rewritten={} taken_back={}", rolled.queued, rolled.rewritten, rolled.taken_back);
    pass.conclude(work, (deed, format!("run/{}", rolled.run_id), detail), now).await?;
    Ok(asks || waited)
}

/// Which of `entries` were written before.
async fn known(db: &Db, entries: &[(NewEntry, Message)]) -> Result<Vec<String>, DbError> {
    let mut known = Vec::new();
    for (entry, _) in entries {
        let filter = outbox::Filter { id: Some(id(entry)), limit: 1, ..outbox::Filter::default() };
        known.extend(outbox::list(db, &filter).await?.into_iter().map(|entry| entry.id));
    }
    Ok(known)
}

fn id(entry: &NewEntry) -> String {
    EntryId::of(&entry.dedup_key).0.to_string()
}
