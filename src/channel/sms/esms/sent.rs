//! How eSMS calls a message that it took when its answer was lost: looked for among what it sent, by number and words.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use secrecy::ExposeSecret as _;
use serde_json::json;

use super::super::super::SendError;
use super::super::Phone;
use super::follow::REMEMBERED;
use super::reply::text;
use super::{CARE, EsmsChannel, stored, understood};
use crate::clock::{ZONE, from_millis};
use crate::db::DbError;
use crate::message::Message;
use crate::outbox::{self, Unreferenced};

/// Messages of one page; eSMS gives no more.
const PAGE: usize = 500;
/// Pages of one round.
const PAGES: usize = 20;
/// Messages that are looked for in one round.
const AT_ONCE: i64 = 200;
/// eSMS' clock and ours may differ by as much.
const SLACK: TimeDelta = TimeDelta::minutes(30);

/// Number and words of a message.
type Words = (String, String);

impl EsmsChannel {
    pub(super) async fn learn(&self, now: DateTime<Utc>) -> Result<(), SendError> {
        let since = now - REMEMBERED;
        let lost = outbox::unreferenced(&self.db, &self.name, since, AT_ONCE).await.map_err(|error| stored(&error))?;
        let lost: Vec<Unreferenced> =
            lost.into_iter().filter(|message| self.hints.may_look(&message.id, now)).collect();
        let Some(first) = lost.iter().map(|message| message.begun_at).min() else { return Ok(()) };
        let sent = self.sent(from_millis(first) - SLACK, now + SLACK).await?;
        for message in &lost {
            let Some(references) = self.words_of(message).and_then(|words| sent.get(&words)) else { continue };
            self.bind(message, references).await.map_err(|error| stored(&error))?;
        }
        Ok(())
    }

    /// Binds the one name that no other message of ours bears.
    async fn bind(&self, message: &Unreferenced, references: &[String]) -> Result<(), DbError> {
        let mut free = Vec::new();
        for reference in references {
            if outbox::by_reference(&self.db, &self.name, reference).await?.is_none() {
                free.push(reference);
            }
        }
        let [reference] = free.as_slice() else { return Ok(()) };
        self.learnt(&message.id, reference).await
    }

    pub(super) async fn learnt(&self, id: &str, reference: &str) -> Result<(), DbError> {
        let mut work = self.db.begin().await?;
        outbox::learn_reference(&mut work, &self.name, id, reference).await?;
        work.commit().await?;
        self.follow.soon(id);
        Ok(())
    }

    fn words_of(&self, message: &Unreferenced) -> Option<Words> {
        let content: Message = serde_json::from_str(&message.content).ok()?;
        let phone = Phone::mobile(&message.address)?.national();
        Some((phone, folded(self.sms.words(&content))))
    }

    /// What eSMS sent for us between two instants: number and words, and how it calls them.
    async fn sent(&self, from: DateTime<Utc>, to: DateTime<Utc>) -> Result<HashMap<Words, Vec<String>>, SendError> {
        let local = |at: DateTime<Utc>| at.with_timezone(&ZONE).format("%Y-%m-%d %H:%M:%S").to_string();
        let (key, secret) = (self.settings.api_key.expose_secret(), self.settings.secret_key.expose_secret());
        let mut sent: HashMap<Words, Vec<String>> = HashMap::new();
        for page in 1..=PAGES {
            let asked = json!({"ApiKey": key, "SecretKey": secret, "SmsType": CARE, "From": local(from), "To": local(to),
                "Page": page, "PageSize": PAGE});
            let reply = understood(&self.post("GetSmsSentData_V2", &asked).await?)?;
            let rows = reply.list("SentData");
            for row in &rows {
                let (Some(phone), Some(content), Some(reference)) =
                    (text(row, "Phone"), text(row, "Content"), text(row, "ReferenceId"))
                else {
                    continue;
                };
                let Some(phone) = Phone::mobile(&phone) else { continue };
                let references = sent.entry((phone.national(), folded(&content))).or_default();
                if !references.contains(&reference) {
                    references.push(reference);
                }
            }
            if rows.len() < PAGE {
                break;
            }
        }
        Ok(sent)
    }
}

/// Spaces are not told apart: what a network keeps of them differs.
fn folded(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
