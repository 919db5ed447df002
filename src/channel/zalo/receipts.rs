//! What became of messages: asked for, and told by Zalo. Facts on entries that are there; nothing is made or sent by it.

use std::sync::PoisonError;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;
use uuid::Uuid;

use super::ZaloChannel;
use super::call::Said;
use super::codes::Host;
use super::signature::Signers;
use super::store;
use crate::channel::{Callback, CallbackError, SendError};
use crate::clock::from_millis;
use crate::db::DbError;
use crate::http::encoded;
use crate::outbox::{self, Awaiting, Fact, Told};

/// A message that has not arrived by then is asked about no more.
const GIVE_UP_AFTER: TimeDelta = TimeDelta::days(3);
/// Messages asked about in one round, and looked through for it.
const AT_ONCE: usize = 60;
const LOOKED_THROUGH: i64 = 5_000;
/// One replica asks for all; a round is skipped rather than doubled.
const TURN: TimeDelta = TimeDelta::seconds(50);
const SHORTEST_WAIT: TimeDelta = TimeDelta::minutes(1);

/// Zalo calls again for about two hours.
const OLDEST_CALL: TimeDelta = TimeDelta::hours(3);
const CLOCKS_DIFFER: TimeDelta = TimeDelta::minutes(10);

/// Asks about messages that were taken, each ever more rarely, and settles what turned out to have been taken.
pub(super) async fn poll(channel: &ZaloChannel) -> Result<(), SendError> {
    let failed = |error: DbError| SendError::broken(&format!("receipts cannot be read or stored: {error}"));
    let now = channel.db.lease_clock(&channel.clock).await.map_err(failed)?;
    let mut work = channel.db.begin().await.map_err(failed)?;
    let about = format!("turn/receipts/{}", channel.name);
    let mine = store::take_turn(&mut work, &channel.settings.app_id, &about, (now, TURN)).await.map_err(failed)?;
    outbox::confirm(&mut work, &channel.name).await.map_err(failed)?;
    work.commit().await.map_err(failed)?;
    if !mine {
        return Ok(());
    }
    let since = now - GIVE_UP_AFTER;
    let awaiting = outbox::awaiting_receipt(&channel.db, &channel.name, since, LOOKED_THROUGH).await.map_err(failed)?;
    for message in due(channel, &awaiting, now) {
        let path = format!("/message/status?message_id={}", encoded(&message.reference));
        let Said::Done(data) = channel.read(Host::Template, &path).await? else { continue };
        let Some(told) = told(channel, &message.id, &data) else { continue };
        note(channel, &told, now).await.map_err(failed)?;
    }
    Ok(())
}

/// Those whose turn it is: a message is asked about again after half the time that it has been under way.
fn due<'a>(channel: &ZaloChannel, awaiting: &'a [Awaiting], now: DateTime<Utc>) -> Vec<&'a Awaiting> {
    let mut asked = channel.asked.lock().unwrap_or_else(PoisonError::into_inner);
    asked.retain(|_, at| *at > now - GIVE_UP_AFTER);
    let is_due = |message: &&Awaiting| {
        let age = now - from_millis(message.settled_at);
        asked.get(&message.id).is_none_or(|at| now - *at >= (age / 2).max(SHORTEST_WAIT))
    };
    let due: Vec<&Awaiting> = awaiting.iter().filter(is_due).take(AT_ONCE).collect();
    asked.extend(due.iter().map(|message| (message.id.clone(), now)));
    due
}

/// `status` 1 is delivered; 0 has not arrived, -1 is not known.
fn told(channel: &ZaloChannel, entry_id: &str, data: &Value) -> Option<Told> {
    if number(data.get("status")?)? != 1 {
        return None;
    }
    let at = data.get("delivery_time").and_then(number).map_or_else(|| channel.clock.now(), from_millis);
    Some(Told {
        entry_id: entry_id.to_owned(),
        fact: Fact::Delivered,
        at,
        said_by: channel.name.clone(),
        detail: "asked for".to_owned(),
    })
}

/// A number, or the text of one: Zalo's ids and times are texts.
pub(super) fn number(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| value.as_str()?.parse().ok())
}

async fn note(channel: &ZaloChannel, told: &Told, now: DateTime<Utc>) -> Result<(), DbError> {
    let mut work = channel.db.begin().await?;
    outbox::note_receipt(&mut work, told, now).await?;
    outbox::confirm(&mut work, &channel.name).await?;
    work.commit().await
}

/// Takes in a call of Zalo. One that is signed and says nothing of ours is answered with yes, or Zalo would repeat it.
pub(super) async fn hear(channel: &ZaloChannel, callback: &Callback<'_>) -> Result<(), CallbackError> {
    if !callback.rest.is_empty() {
        return Err(CallbackError::NotHere);
    }
    let not_genuine = |what: &str| CallbackError::NotGenuine(what.to_owned());
    let event: Value = serde_json::from_slice(callback.body).map_err(|_| not_genuine("the body is not JSON"))?;
    let timestamp = event.get("timestamp").map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned));
    let timestamp = timestamp.ok_or_else(|| not_genuine("there is no timestamp"))?;
    let header = callback.header("x-zevent-signature").unwrap_or_default();
    let signed = Signers::of(&channel.settings).verified(header, callback.body, &timestamp);
    channel.note_signature(signed.map_err(CallbackError::NotGenuine)?);
    let now = channel.clock.now();
    let at = timestamp.parse().map(from_millis).map_err(|_| not_genuine("the timestamp is no number"))?;
    if at < now - OLDEST_CALL || at > now + CLOCKS_DIFFER {
        return Err(not_genuine("the timestamp is too old, or of another clock"));
    }
    let stored = |error: DbError| CallbackError::NotStored(error.to_string());
    let Some(told) = heard(channel, &event, at).await.map_err(stored)? else { return Ok(()) };
    note(channel, &told, now).await.map_err(stored)
}

/// What an event says of a message of ours, if anything.
async fn heard(channel: &ZaloChannel, event: &Value, at: DateTime<Utc>) -> Result<Option<Told>, DbError> {
    let fact = match event.get("event_name").and_then(Value::as_str) {
        Some("user_received_message") => Fact::Delivered,
        Some("user_seen_message") => Fact::Seen,
        other => {
            tracing::debug!(channel = %channel.name, event = other.unwrap_or("none"), "an event that says nothing of a message");
            return Ok(None);
        }
    };
    let Some(message) = event.get("message") else { return Ok(None) };
    let text = |key: &str| message.get(key).and_then(Value::as_str);
    let tracked = text("tracking_id").and_then(|id| Uuid::try_parse(id).ok()).map(|id| id.to_string());
    let entry_id = match (tracked, text("msg_id")) {
        (Some(id), _) => Some(id),
        (None, Some(reference)) => outbox::by_reference(&channel.db, &channel.name, reference).await?,
        (None, None) => None,
    };
    let at = message.get("delivery_time").and_then(number).map_or(at, from_millis);
    Ok(entry_id.map(|entry_id| Told {
        entry_id,
        fact,
        at,
        said_by: channel.name.clone(),
        detail: "told by Zalo".to_owned(),
    }))
}
