//! Reads now and then what Zalo says of the app: its quota, its quality, its account, its templates.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::ZaloChannel;
use super::call::Said;
use super::codes::Host;
use super::limits::{Limit, limits};
use super::status::Ill;
use super::{status, store};
use crate::channel::SendError;
use crate::db::DbError;
use crate::http::encoded;

/// How often one replica reads for all.
const EVERY: TimeDelta = TimeDelta::minutes(30);

/// Reads everything when it is time, and tells what a person should mend.
pub(super) async fn watch(channel: &ZaloChannel) -> Result<(), SendError> {
    let now = channel.db.lease_clock(&channel.clock).await.map_err(unstored)?;
    let mut work = channel.db.begin().await.map_err(unstored)?;
    let mine = store::take_turn(&mut work, &channel.settings.app_id, "turn/readings", (now, EVERY)).await;
    work.commit().await.map_err(unstored)?;
    keep_told_quota(channel, now).await?;
    if mine.map_err(unstored)? {
        read_all(channel, now).await?;
    }
    let standing = status::standing(channel).await.map_err(unstored)?;
    match told(&standing.ills) {
        Some(ills) => Err(SendError::broken(&ills)),
        None => Ok(()),
    }
}

/// Every ill, so that one which lasts hides no other.
fn told(ills: &[Ill]) -> Option<String> {
    let (first, others) = ills.split_first()?;
    let whats: Vec<&str> = ills.iter().map(|ill| ill.what.as_str()).collect();
    let further = if others.is_empty() { "" } else { "; of the others: see `dondoc zalo status`" };
    Some(format!("{}; remedy: {}{further}", whats.join("; and "), first.remedy))
}

/// What the answers to messages said of the quota since the last time: newer than what was read.
async fn keep_told_quota(channel: &ZaloChannel, now: DateTime<Utc>) -> Result<(), SendError> {
    let told = channel.told_quota.lock().unwrap_or_else(PoisonError::into_inner).take();
    let Some((daily, left)) = told else { return Ok(()) };
    let content = json!({ "dailyQuota": daily, "remainingQuota": left }).to_string();
    let mut work = channel.db.begin().await.map_err(unstored)?;
    store::keep(&mut work, &channel.settings.app_id, "quota", &content, now).await.map_err(unstored)?;
    work.commit().await.map_err(unstored)
}

#[expect(clippy::needless_pass_by_value, reason = "an error is handed over")]
pub(super) fn unstored(error: DbError) -> SendError {
    SendError::broken(&format!("what Zalo says of the app cannot be read or stored: {error}"))
}

/// Reads quota, quality, account and every template, and keeps the answers.
pub(super) async fn read_all(channel: &ZaloChannel, now: DateTime<Utc>) -> Result<(), SendError> {
    let mut wanted = vec![
        ("quota".to_owned(), Host::Template, "/message/quota".to_owned()),
        ("quality".to_owned(), Host::Template, "/quality".to_owned()),
        ("account".to_owned(), Host::Account, "/v2.0/oa/getoa".to_owned()),
    ];
    let template = |id: &str| (format!("template/{id}"), Host::Template, template_path(id));
    wanted.extend(channel.settings.template_ids().into_iter().map(template));
    for (about, host, path) in wanted {
        read_one(channel, &about, (host, &path), now).await?;
    }
    channel.limits.lock().unwrap_or_else(PoisonError::into_inner).clear();
    Ok(())
}

fn template_path(id: &str) -> String {
    format!("/template/info/v2?template_id={}", encoded(id))
}

/// Asks one thing and keeps the answer, a refusal too.
async fn read_one(
    channel: &ZaloChannel,
    about: &str,
    (host, path): (Host, &str),
    now: DateTime<Utc>,
) -> Result<Value, SendError> {
    let content = match channel.read(host, path).await? {
        Said::Done(data) => data,
        Said::Refused(refusal) => json!({ "refused": refusal.code, "words": refusal.words }),
    };
    let mut work = channel.db.begin().await.map_err(unstored)?;
    let kept = store::keep(&mut work, &channel.settings.app_id, about, &content.to_string(), now).await;
    kept.map_err(unstored)?;
    work.commit().await.map_err(unstored)?;
    Ok(content)
}

impl ZaloChannel {
    /// What was registered for a template: as it was last read, else asked now. Nothing where Zalo does not tell; then it
    /// judges the message itself.
    pub(super) async fn limits(&self, template_id: &str) -> Option<Arc<Vec<Limit>>> {
        let known = |limits: &HashMap<String, Option<Arc<Vec<Limit>>>>| limits.get(template_id).cloned();
        if let Some(limits) = known(&self.limits.lock().unwrap_or_else(PoisonError::into_inner)) {
            return limits;
        }
        let about = format!("template/{template_id}");
        let stored = store::reading(&self.db, &self.settings.app_id, &about).await.ok().flatten();
        let stored = stored.and_then(|(_, content)| serde_json::from_str::<Value>(&content).ok());
        let info = if let Some(info) = stored.filter(|info| info.get("refused").is_none()) {
            Some(info)
        } else {
            let asked = read_one(self, &about, (Host::Template, &template_path(template_id)), self.clock.now()).await;
            asked.inspect_err(|error| tracing::debug!(reason = %error.reason, "a template could not be read")).ok()
        };
        let found = info.as_ref().map(limits).filter(|limits| !limits.is_empty()).map(Arc::new);
        self.limits.lock().unwrap_or_else(PoisonError::into_inner).insert(template_id.to_owned(), found.clone());
        found
    }
}
