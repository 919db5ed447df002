//! One POST per message, of the program's own JSON or as the configuration writes it; signed as Standard Webhooks says
//! when a secret is set.

use serde::Serialize;

use super::exchange::{self, Exchanger, Rule, Statuses, Words};
use super::settings::Webhook;
use super::signature::Key;
use super::{Parcel, Receipt, SendError};
use crate::clock::{Clock, ZONE};
use crate::http::{Http, Request};

/// Bytes of an answer that are read.
const ANSWER: usize = 64 * 1024;
/// A peer may refuse one message's address, and knows a second copy by its key.
const STATUSES: Statuses = Statuses { idempotent: true, by_message: true };

/// The channel.
#[derive(Debug)]
pub(super) struct WebhookChannel {
    http: Http,
    settings: Webhook,
    exchanger: Option<Exchanger>,
    key: Option<Key>,
    clock: Clock,
}

#[derive(Serialize)]
struct Payload<'a> {
    id: &'a str,
    r#type: &'static str,
    unit_code: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<&'a str>,
    subject: &'a str,
    text: &'a str,
    sms: &'a str,
    date: String,
}

impl WebhookChannel {
    pub(super) fn open(settings: &Webhook, clock: &Clock) -> Result<Self, String> {
        let key = settings.secret.as_ref().map(Key::new).transpose()?;
        let open = |exchange| Exchanger::open(exchange, settings.timeout, settings.allow_private, clock);
        let exchanger = settings.exchange.as_deref().map(open).transpose()?;
        if exchanger.is_none() {
            Http::check(&settings.url, settings.allow_private).map_err(|error| error.to_string())?;
        }
        let http = exchange::client(settings.timeout)?;
        Ok(Self { http, settings: settings.clone(), exchanger, key, clock: clock.clone() })
    }

    pub(super) const fn concurrency(&self) -> usize {
        self.settings.max_connections
    }

    pub(super) async fn send(&self, parcel: &Parcel) -> Result<Receipt, SendError> {
        let id = parcel.id.to_string();
        if let Some(exchanger) = &self.exchanger {
            let words = Words { parcel, phone: None, text: &parcel.content.text, unicode: true };
            let answer = exchanger.call(words, &id, self.key.as_ref()).await?;
            let statuses = Statuses { idempotent: exchanger.idempotent(), ..STATUSES };
            return exchanger.rule().judge(&answer, statuses, self.clock.now());
        }
        let body = self.payload(parcel, &id).map_err(|error| SendError::unfit(&error.to_string()))?;
        let stamp = self.key.as_ref().map(|key| key.stamp(&id, &self.clock, &body));
        let mut headers = vec![("content-type", "application/json"), ("idempotency-key", id.as_str())];
        headers.extend(stamp.iter().flat_map(|stamp| stamp.headers(&id)));
        let request = Request {
            url: &self.settings.url,
            body: Some(body),
            headers: &headers,
            timeout: self.settings.timeout,
            max_bytes: ANSWER,
            allow_private: self.settings.allow_private,
        };
        let answer = self.http.send(request).await.map_err(exchange::unanswered)?;
        Rule::default().judge(&answer, STATUSES, self.clock.now())
    }

    pub(super) async fn probe(&self) -> Result<String, SendError> {
        if let Some(exchanger) = &self.exchanger {
            return exchanger.probe().await;
        }
        let reached = Http::reach(&self.settings.url, self.settings.timeout, self.settings.allow_private).await;
        reached.map(|at| format!("{at} accepts connections")).map_err(|error| SendError::broken(&error.to_string()))
    }

    fn payload(&self, parcel: &Parcel, id: &str) -> Result<Vec<u8>, serde_json::Error> {
        let content = &parcel.content;
        serde_json::to_vec(&Payload {
            id,
            r#type: "reminder",
            unit_code: &parcel.unit_code,
            address: (parcel.address != self.settings.url).then_some(parcel.address.as_str()),
            subject: &content.subject,
            text: &content.text,
            sms: &content.sms,
            date: parcel.date.with_timezone(&ZONE).to_rfc3339(),
        })
    }
}
