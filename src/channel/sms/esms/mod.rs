//! eSMS: one request per message, known by its `RequestId`; its fate is asked for afterwards.
//!
//! Both keys travel in bodies and, where it is asked for something, in query strings: neither is ever written to a log.

mod balance;
mod codes;
mod follow;
mod hints;
mod reply;
mod sent;

use secrecy::{ExposeSecret as _, SecretString};
use serde::Serialize;

use self::balance::Asked;
use self::follow::Follow;
use self::hints::Hints;
use self::reply::Reply;
use super::super::answer::{one_line, without_numbers};
use super::super::exchange::{Meaning, Words, client, unanswered};
use super::super::{Callback, CallbackError, Class, Receipt, SendError};
use super::{Esms, Phone, Sms};
use crate::clock::Clock;
use crate::db::{Db, DbError};
use crate::http::{Answer, Http, Request, encoded};

/// Bytes of an answer that are read: 500 sent messages with their texts.
const ANSWER: usize = 1024 * 1024;
/// Messages to customers; advertising is another kind.
const CARE: &str = "2";

/// The channel.
pub(super) struct EsmsChannel {
    name: String,
    http: Http,
    settings: Esms,
    sms: Sms,
    db: Db,
    clock: Clock,
    follow: Follow,
    hints: Hints,
    asked: Asked,
}

impl std::fmt::Debug for EsmsChannel {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EsmsChannel").field("name", &self.name).finish_non_exhaustive()
    }
}

/// One message.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Sending<'a> {
    api_key: &'a str,
    secret_key: &'a str,
    phone: String,
    content: &'a str,
    brandname: &'a str,
    sms_type: &'static str,
    is_unicode: &'static str,
    sandbox: &'static str,
    request_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    callback_url: Option<String>,
}

impl EsmsChannel {
    pub(super) fn open(name: &str, settings: &Esms, sms: &Sms, db: &Db, clock: &Clock) -> Result<Self, String> {
        Http::check(&settings.url, sms.allow_private).map_err(|error| error.to_string())?;
        Ok(Self {
            name: name.to_owned(),
            http: client(sms.timeout)?,
            hints: Hints::open(settings.callback_token.as_ref()),
            settings: settings.clone(),
            sms: sms.clone(),
            db: db.clone(),
            clock: clock.clone(),
            follow: Follow::default(),
            asked: Asked::default(),
        })
    }

    pub(super) async fn send(&self, words: Words<'_>, phone: &Phone) -> Result<Receipt, SendError> {
        let flag = |on: bool| if on { "1" } else { "0" };
        let (settings, token) = (&self.settings, self.settings.callback_token.as_ref());
        let first = token.and_then(|token| token.expose_secret().split_whitespace().next());
        let sending = Sending {
            api_key: settings.api_key.expose_secret(),
            secret_key: settings.secret_key.expose_secret(),
            phone: phone.national(),
            content: words.text,
            brandname: &settings.brandname,
            sms_type: CARE,
            is_unicode: flag(words.unicode),
            sandbox: flag(settings.sandbox),
            request_id: words.parcel.id.to_string(),
            callback_url: settings.callback_url.as_ref().zip(first).map(|(url, token)| format!("{url}/{token}")),
        };
        let answer = self.post("SendMultipleMessage_V4_post_json/", &sending).await?;
        judged(&answer)
    }

    pub(super) async fn probe(&self) -> Result<String, SendError> {
        let balance = self.balance().await?;
        let sandbox = if self.settings.sandbox { "; sandbox: nothing is sent" } else { "" };
        Ok(format!("eSMS lets us in; the balance is {}{sandbox}", balance::dong(balance)))
    }

    /// Asks what became of messages, and whether the balance lasts.
    pub(super) async fn tend(&self) -> Result<(), SendError> {
        let now = self.clock.now();
        self.take_hints(now).await?;
        self.learn(now).await?;
        self.follow(now).await?;
        self.watch_balance(now).await
    }

    pub(super) async fn hear(&self, callback: &Callback<'_>) -> Result<(), CallbackError> {
        self.hints.hear(&self.db, &self.name, callback).await
    }

    async fn post(&self, method: &str, body: &impl Serialize) -> Result<Answer, SendError> {
        let body = serde_json::to_vec(body).map_err(|error| SendError::unfit(&error.to_string()))?;
        let url = format!("{}/{method}", self.settings.url);
        self.exchange(&SecretString::from(url), Some(body)).await
    }

    /// Asks about the message that eSMS calls `reference`.
    async fn ask(&self, method: &str, reference: &str) -> Result<Reply, SendError> {
        let Esms { url, api_key, secret_key, .. } = &self.settings;
        let (key, secret) = (encoded(api_key.expose_secret()), encoded(secret_key.expose_secret()));
        let url = format!("{url}/{method}?RefId={}&ApiKey={key}&SecretKey={secret}", encoded(reference));
        let answer = self.exchange(&SecretString::from(url), None).await?;
        understood(&answer)
    }

    async fn exchange(&self, url: &SecretString, body: Option<Vec<u8>>) -> Result<Answer, SendError> {
        let headers = [("content-type", "application/json"), ("accept", "application/json")];
        let request = Request {
            url: url.expose_secret(),
            headers: headers.get(usize::from(body.is_none())..).unwrap_or_default(),
            body,
            timeout: self.sms.timeout,
            max_bytes: ANSWER,
            allow_private: self.sms.allow_private,
        };
        self.http.send(request).await.map_err(unanswered)
    }
}

/// What became of a message.
fn judged(answer: &Answer) -> Result<Receipt, SendError> {
    let Some(reply) = Reply::of(answer) else { return Err(not_theirs(answer)) };
    let code = reply.code().unwrap_or_default();
    let (meaning, words) = codes::meaning(code);
    let words = said(&reply, code, words);
    match meaning.class() {
        None => Ok(Receipt { answer: words, reference: reply.text("SMSID").filter(|_| code == 100), sent_hash: None }),
        Some(class) => Err(SendError::new(class, Some(code), &words)),
    }
}

/// A reply to a question; whatever says that the account is out of order is an error.
fn understood(answer: &Answer) -> Result<Reply, SendError> {
    let reply = Reply::of(answer).ok_or_else(|| not_theirs(answer))?;
    let code = reply.code().unwrap_or_default();
    match codes::meaning(code) {
        (Meaning::Broken, words) => Err(SendError::new(Class::ChannelBroken, Some(code), &said(&reply, code, words))),
        _ => Ok(reply),
    }
}

fn said(reply: &Reply, code: i32, words: &str) -> String {
    let theirs = reply.text("ErrorMessage").map_or_else(String::new, |text| format!(" ({text})"));
    one_line(&without_numbers(&format!("{code}: {words}{theirs}")))
}

/// An answer that is not eSMS': of a proxy, of a server that broke. What had arrived before, nobody knows.
fn not_theirs(answer: &Answer) -> SendError {
    let class = match answer.status {
        408 | 425 | 429 => Class::Transient,
        300..=399 | 401 | 403 | 404 | 405 | 407 | 410 => Class::ChannelBroken,
        400..=499 => Class::Permanent,
        _ => Class::Unknown,
    };
    let code = (answer.status != 200).then_some(i32::from(answer.status));
    SendError::new(class, code, &format!("{}: the answer is not eSMS' own", answer.status))
}

/// The database is out of order; the channel is not, and nothing was asked.
fn stored(error: &DbError) -> SendError {
    SendError::broken(&format!("the database: {error}"))
}
