//! A bot of Zalo: for heads who bound themselves to it with a code. Free text, no templates, no approval by Zalo.

mod settings;
mod store;

pub use settings::{Chats, ZaloBot};
pub(super) use store::STATEMENTS;

use std::time::Duration;

use chrono::{DateTime, Utc};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};

use super::answer::one_line;
use super::settings::{Kind, Settings};
use super::zalo::{LONGEST_TEXT, shortened};
use super::{Callback, CallbackError, Class, Parcel, Receipt, SendError};
use crate::clock::Clock;
use crate::db::{Db, DbError};
use crate::http::{Answer, End, Http, HttpError, Request};
use crate::people::{self, By, Deed, Event};

const ANSWER: usize = 256 * 1024;
const CONNECT: Duration = Duration::from_secs(10);
const RATE_WAIT: Duration = Duration::from_mins(1);
/// Letters of a code: fifty bits.
const CODE: usize = 10;
/// What is asked for in one round; each answer holds one message.
const UPDATES: usize = 50;

/// The channel.
#[derive(Debug)]
pub struct ZaloBotChannel {
    name: String,
    settings: ZaloBot,
    http: Http,
    db: Db,
    clock: Clock,
}

/// A code by which the holder of `office` binds a chat to it on `channel`, and until when it is good.
///
/// # Errors
/// The engine's, or none where there is no randomness.
pub async fn bind(
    db: &Db,
    channel: &str,
    office: &str,
    by: &By,
    now: DateTime<Utc>,
) -> Result<Option<(String, DateTime<Utc>)>, DbError> {
    let Some(code) = crate::seal::code(CODE) else { return Ok(None) };
    let mut work = db.begin().await?;
    let until = store::offer(&mut work, channel, office, &code, now).await?;
    let (subject, detail) = (format!("recipient/{office}"), format!("channel={channel}"));
    people::conclude(work, &Event { by, deed: Deed::ChatOffered, subject, detail }, now).await?;
    Ok(Some((code, until)))
}

/// Reads which offices are bound, so that a channel of these settings knows where it reaches whom.
///
/// # Errors
/// The engine's.
pub async fn bound(db: &Db, settings: &Settings) -> Result<(), DbError> {
    if let Kind::ZaloBot(bot) = &settings.kind {
        bot.chats.replace(store::chats(db, &settings.name).await?);
    }
    Ok(())
}

impl ZaloBotChannel {
    pub(super) fn open(name: &str, settings: &ZaloBot, db: &Db, clock: &Clock) -> Result<Self, String> {
        Http::check(&settings.url, settings.allow_private).map_err(|error| error.to_string())?;
        let token = settings.token.expose_secret();
        if !token.chars().all(|c| c.is_ascii_alphanumeric() || ":-_.".contains(c)) {
            return Err("the token holds a character that no token has".to_owned());
        }
        let http = Http::new(CONNECT.min(settings.timeout / 2)).map_err(|error| error.to_string())?;
        let (db, clock, settings) = (db.clone(), clock.clone(), settings.clone());
        Ok(Self { name: name.to_owned(), settings, http, db, clock })
    }

    pub(super) async fn send(&self, parcel: &Parcel) -> Result<Receipt, SendError> {
        let text = shortened(&parcel.content.text, LONGEST_TEXT);
        let result = self.call("sendMessage", &json!({ "chat_id": parcel.address, "text": text })).await?;
        let reference = result.get("message_id").and_then(Value::as_str).map(ToOwned::to_owned);
        let said = format!("taken as {}", reference.as_deref().unwrap_or("(no id)"));
        Ok(Receipt { answer: one_line(&said), reference, sent_hash: None })
    }

    pub(super) async fn probe(&self) -> Result<String, SendError> {
        let me = self.call("getMe", &json!({})).await?;
        let name = me.get("account_name").or_else(|| me.get("display_name")).and_then(Value::as_str);
        Ok(one_line(&format!("the bot {} answers", name.unwrap_or_default())))
    }

    /// Asks for what the bot was written, unless Zalo calls by itself.
    pub(super) async fn tend(&self) -> Result<(), SendError> {
        if self.settings.webhook_secret.is_none() {
            for _ in 0..UPDATES {
                // The shortest wait: what comes later comes with the next round.
                let update = match self.call("getUpdates", &json!({ "timeout": "1" })).await {
                    Ok(update) => update,
                    // 408: there is nothing.
                    Err(error) if error.code == Some(408) => break,
                    Err(error) => return Err(error),
                };
                let updates = update.as_array().cloned().unwrap_or_else(|| vec![update]);
                if !updates.iter().any(|update| update.get("message").is_some()) {
                    break;
                }
                for update in &updates {
                    self.read(update).await.map_err(unstored)?;
                }
            }
        }
        let chats = store::chats(&self.db, &self.name).await.map_err(unstored)?;
        self.settings.chats.replace(chats);
        Ok(())
    }

    pub(super) async fn hear(&self, callback: &Callback<'_>) -> Result<(), CallbackError> {
        let Some(secret) = self.settings.webhook_secret.as_ref().filter(|_| callback.rest.is_empty()) else {
            return Err(CallbackError::NotHere);
        };
        let token = callback.header("x-bot-api-secret-token").unwrap_or_default();
        if !crate::seal::same(token.as_bytes(), secret.expose_secret().as_bytes()) {
            return Err(CallbackError::NotGenuine("the secret token is not the one that was set".to_owned()));
        }
        let event: Value = serde_json::from_slice(callback.body)
            .map_err(|_| CallbackError::NotGenuine("the body is not JSON".to_owned()))?;
        let update = event.get("result").unwrap_or(&event);
        self.read(update).await.map_err(|error| CallbackError::NotStored(error.to_string()))
    }

    /// A message that is a code binds the office it was made for to the chat that it comes from.
    async fn read(&self, update: &Value) -> Result<(), DbError> {
        let message = update.get("message");
        let text = message.and_then(|message| message.get("text")?.as_str()).unwrap_or_default().trim();
        let chat = message.and_then(|message| message.get("chat")?.get("id"));
        let chat = chat.map(|id| id.as_str().map_or_else(|| id.to_string(), ToOwned::to_owned));
        let Some(chat) = chat.filter(|id| (1..=100).contains(&id.len()) && text.len() <= 40) else { return Ok(()) };
        let mut work = self.db.begin().await?;
        let office = store::redeem(&mut work, &self.name, text, &chat, self.clock.now()).await?;
        work.commit().await?;
        let Some(office) = office else { return Ok(()) };
        tracing::info!(channel = %self.name, %office, "an office is bound to the bot");
        self.settings.chats.replace(store::chats(&self.db, &self.name).await?);
        let words = "Đã kết nối. Từ nay thông báo đôn đốc sẽ được gửi tới đồng chí tại đây.";
        if let Err(error) = self.call("sendMessage", &json!({ "chat_id": chat, "text": words })).await {
            tracing::warn!(channel = %self.name, reason = %error.reason, "the bot could not confirm a binding");
        }
        Ok(())
    }

    /// One method of the bot. The address holds the token, so nothing of it is ever told.
    async fn call(&self, method: &str, body: &Value) -> Result<Value, SendError> {
        let url = format!("{}/bot{}/{method}", self.settings.url, self.settings.token.expose_secret());
        let request = Request {
            url: &url,
            body: Some(body.to_string().into_bytes()),
            headers: &[("content-type", "application/json")],
            timeout: self.settings.timeout,
            max_bytes: ANSWER,
            allow_private: self.settings.allow_private,
        };
        match self.http.send(request).await {
            Ok(answer) => understood(&answer, &self.settings.token),
            Err(HttpError::Unanswered(reason)) => Err(SendError::new(Class::Unknown, None, &reason)),
            Err(other) => Err(SendError::broken(&other.to_string())),
        }
    }
}

#[expect(clippy::needless_pass_by_value, reason = "an error is handed over")]
fn unstored(error: DbError) -> SendError {
    SendError::broken(&format!("bindings cannot be read or stored: {error}"))
}

fn understood(answer: &Answer, token: &SecretString) -> Result<Value, SendError> {
    let unknown = |what: &str| Err(SendError::new(Class::Unknown, Some(answer.status.into()), what));
    let body = (answer.end == End::Whole).then(|| serde_json::from_slice::<Value>(&answer.body).ok()).flatten();
    let Some((mut body, ok)) = body.and_then(|body| body.get("ok").and_then(Value::as_bool).map(|ok| (body, ok)))
    else {
        return unknown("the answer is not one of Zalo's");
    };
    if ok {
        return Ok(body.get_mut("result").map(Value::take).unwrap_or_default());
    }
    let code = body.get("error_code").and_then(Value::as_i64).and_then(|code| i32::try_from(code).ok());
    let words = body.get("description").and_then(Value::as_str).unwrap_or_default();
    let said = format!("{} {}", code.unwrap_or_default(), words.replace(token.expose_secret(), "…"));
    let class = match code {
        Some(400 | 403 | 404) => Class::Recipient,
        Some(401) => Class::ChannelBroken,
        Some(429) => Class::Throttled(RATE_WAIT),
        _ => Class::Unknown,
    };
    Err(SendError::new(class, code, &said))
}
