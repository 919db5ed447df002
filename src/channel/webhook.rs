//! One JSON POST per message, signed as Standard Webhooks says when a secret is set.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};
use hmac::{Hmac, KeyInit as _, Mac as _};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Serialize;
use sha2::Sha256;

use super::settings::Webhook;
use super::{Class, Parcel, Receipt, SendError};
use crate::clock::{Clock, ZONE};
use crate::http::{Answer, Http, HttpError, Request};

/// Bytes of an answer that are read.
const ANSWER: usize = 64 * 1024;
const CONNECT: Duration = Duration::from_secs(10);

/// The channel.
#[derive(Debug)]
pub(super) struct WebhookChannel {
    http: Http,
    settings: Webhook,
    key: Option<Key>,
    clock: Clock,
}

#[derive(Serialize)]
struct Payload<'a> {
    id: String,
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
        // Less than the whole, so that a host that does not answer at all is told from an answer that is late.
        let http = Http::new(CONNECT.min(settings.timeout / 2)).map_err(|error| error.to_string())?;
        Http::check(&settings.url, settings.allow_private).map_err(|error| error.to_string())?;
        Ok(Self { http, settings: settings.clone(), key, clock: clock.clone() })
    }

    pub(super) async fn send(&self, parcel: &Parcel) -> Result<Receipt, SendError> {
        let body = self.payload(parcel).map_err(|error| SendError::unfit(&error.to_string()))?;
        let id = parcel.id.to_string();
        // The instant of the attempt, as receivers refuse old ones; body and id are the same on every try.
        let timestamp = self.clock.now().timestamp().to_string();
        let signature = self.key.as_ref().map(|key| key.sign(&id, &timestamp, &body));
        let mut headers = vec![("content-type", "application/json"), ("idempotency-key", id.as_str())];
        if let Some(signature) = &signature {
            headers.extend([("webhook-id", id.as_str()), ("webhook-timestamp", &timestamp)]);
            headers.push(("webhook-signature", signature));
        }
        let request = Request {
            url: &self.settings.url,
            body: Some(body),
            headers: &headers,
            timeout: self.settings.timeout,
            max_bytes: ANSWER,
            allow_private: self.settings.allow_private,
        };
        match self.http.send(request).await {
            Ok(answer) => judged(&answer, self.clock.now()),
            Err(HttpError::Unanswered(reason)) => Err(SendError::new(Class::Unknown, None, &reason)),
            Err(other) => Err(SendError::broken(&other.to_string())),
        }
    }

    pub(super) async fn probe(&self) -> Result<String, SendError> {
        let reached = Http::reach(&self.settings.url, self.settings.timeout, self.settings.allow_private).await;
        reached.map(|at| format!("{at} accepts connections")).map_err(|error| SendError::broken(&error.to_string()))
    }

    fn payload(&self, parcel: &Parcel) -> Result<Vec<u8>, serde_json::Error> {
        let content = &parcel.content;
        serde_json::to_vec(&Payload {
            id: parcel.id.to_string(),
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

fn judged(answer: &Answer, now: DateTime<Utc>) -> Result<Receipt, SendError> {
    let said = String::from_utf8_lossy(answer.body.get(..600).unwrap_or(&answer.body));
    let words = format!("{} {said}", answer.status);
    let class = match answer.status {
        200..300 => return Ok(Receipt { answer: super::answer::one_line(&words), reference: None }),
        408 | 425 | 429 | 500.. => {
            answer.header("retry-after").and_then(|value| wait(value, now)).map_or(Class::Transient, Class::Throttled)
        }
        // A redirect is not followed: like a refused key it is for the administrator to mend, and no message's fault.
        300..=399 | 401 | 403 => Class::ChannelBroken,
        _ => Class::Permanent,
    };
    Err(SendError::new(class, Some(answer.status.into()), &words))
}

/// `Retry-After`: seconds, or a date.
fn wait(value: &str, now: DateTime<Utc>) -> Option<Duration> {
    let value = value.trim();
    if let Ok(seconds) = value.parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    let at = DateTime::parse_from_rfc2822(value).ok()?;
    Some((at.to_utc() - now).to_std().unwrap_or_default())
}

/// The key of the signature, ready to use.
struct Key(Hmac<Sha256>);

impl Key {
    fn new(secret: &SecretString) -> Result<Self, String> {
        let secret = secret.expose_secret();
        let bytes = match secret.strip_prefix("whsec_") {
            Some(encoded) => STANDARD.decode(encoded).map_err(|_| "`secret`: what follows whsec_ is not base64")?,
            None => secret.as_bytes().to_vec(),
        };
        if bytes.is_empty() {
            return Err("`secret` is empty".to_owned());
        }
        Hmac::new_from_slice(&bytes).map(Self).map_err(|error| error.to_string())
    }

    fn sign(&self, id: &str, timestamp: &str, body: &[u8]) -> String {
        let mut mac = self.0.clone();
        for piece in [id.as_bytes(), b".", timestamp.as_bytes(), b".", body] {
            mac.update(piece);
        }
        format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
    }
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Key(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signature_is_the_one_of_the_standards_example() {
        let key = Key::new(&"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".to_owned().into()).unwrap();
        assert_eq!(
            key.sign("msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", b"{\"test\": 2432232314}"),
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
        );
    }

    #[test]
    fn retry_after_is_read_as_seconds_and_as_a_date() {
        let now = DateTime::parse_from_rfc3339("2022-10-31T00:00:00Z").unwrap().to_utc();
        assert_eq!(wait("120", now), Some(Duration::from_mins(2)));
        assert_eq!(wait("Mon, 31 Oct 2022 00:01:30 GMT", now), Some(Duration::from_secs(90)));
        assert_eq!(wait("Mon, 31 Oct 2021 00:00:00 GMT", now), None);
        assert_eq!(wait("Sun, 30 Oct 2022 00:00:00 GMT", now), Some(Duration::ZERO));
        assert_eq!(wait("soon", now), None);
    }

    #[test]
    fn a_secret_is_never_printed() {
        let key = Key::new(&"very-secret".to_owned().into()).unwrap();
        assert_eq!(format!("{key:?}"), "Key(…)");
    }
}
