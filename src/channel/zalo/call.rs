//! Calls to Zalo and what their answers say. HTTP 200 says nothing: the envelope does.

use chrono::{DateTime, Days, NaiveTime, TimeZone as _, Utc};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;
use std::time::Duration;

use super::codes::{Host, Meaning, meaning, remedy};
use super::settings::Zalo;
use crate::channel::{Class, SendError};
use crate::clock::ZONE;
use crate::http::{Answer, End, Http, HttpError, Request};

/// Bytes of an answer that are read.
const ANSWER: usize = 256 * 1024;
const CONNECT: Duration = Duration::from_secs(10);
/// How long to wait when Zalo says that the calls are too many.
const RATE_WAIT: Duration = Duration::from_mins(1);

/// Speaks to the three hosts of Zalo.
#[derive(Debug)]
pub(super) struct Caller {
    http: Http,
    timeout: Duration,
    allow_private: bool,
}

/// What the envelope of an answer says.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Said {
    /// It was done; with `data`.
    Done(Value),
    /// It was refused.
    Refused(Refusal),
}

/// An error of the envelope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) host: Host,
    pub(super) code: i32,
    /// Zalo's words, one line.
    pub(super) words: String,
}

impl Caller {
    /// Makes it ready for the hosts in `settings`, without a word to the network.
    pub(super) fn open(settings: &Zalo) -> Result<Self, String> {
        for url in [&settings.oauth_url, &settings.oa_url, &settings.template_url] {
            Http::check(url, settings.allow_private).map_err(|error| error.to_string())?;
        }
        // Less than the whole, so that a host that cannot be reached is told from an answer that is late.
        let http = Http::new(CONNECT.min(settings.timeout / 2)).map_err(|error| error.to_string())?;
        Ok(Self { http, timeout: settings.timeout, allow_private: settings.allow_private })
    }

    /// One request to `url`, with `body` a POST of JSON.
    pub(super) async fn call(
        &self,
        host: Host,
        url: &str,
        token: &SecretString,
        body: Option<Vec<u8>>,
    ) -> Result<Said, SendError> {
        let headers = [("access_token", token.expose_secret()), ("content-type", "application/json")];
        let answer = self.send(url, &headers, body).await?;
        understood(host, &answer, token)
    }

    /// One request as it is.
    pub(super) async fn send(
        &self,
        url: &str,
        headers: &[(&str, &str)],
        body: Option<Vec<u8>>,
    ) -> Result<Answer, SendError> {
        let request =
            Request { url, body, headers, timeout: self.timeout, max_bytes: ANSWER, allow_private: self.allow_private };
        match self.http.send(request).await {
            Ok(answer) => Ok(answer),
            Err(HttpError::Unanswered(reason)) => Err(SendError::new(Class::Unknown, None, &reason)),
            Err(other) => Err(SendError::broken(&other.to_string())),
        }
    }
}

/// The envelope of an answer. What is not one leaves the outcome open, unless HTTP itself says that nothing was taken.
fn understood(host: Host, answer: &Answer, token: &SecretString) -> Result<Said, SendError> {
    let unknown = |what: &str| Err(SendError::new(Class::Unknown, Some(answer.status.into()), what));
    if answer.status == 408 || answer.status >= 500 {
        return unknown(&format!("HTTP {} after the request was written", answer.status));
    }
    let envelope = (answer.end == End::Whole).then(|| serde_json::from_slice::<Value>(&answer.body).ok()).flatten();
    let code = envelope.as_ref().and_then(|envelope| {
        let error = envelope.get("error")?;
        error.as_i64().or_else(|| error.as_str()?.trim().parse().ok())
    });
    match (envelope, code.map(i32::try_from)) {
        (Some(mut envelope), Some(Ok(0))) if answer.status == 200 => {
            Ok(Said::Done(envelope.get_mut("data").map(Value::take).unwrap_or_default()))
        }
        (Some(envelope), Some(Ok(code))) if code != 0 => {
            let words = envelope.get("message").and_then(Value::as_str).unwrap_or_default();
            let words = crate::channel::answer::one_line(&words.replace(token.expose_secret(), "…"));
            Ok(Said::Refused(Refusal { host, code, words }))
        }
        _ if answer.status == 429 => Err(SendError::new(Class::Throttled(RATE_WAIT), Some(429), "HTTP 429")),
        _ if (300..500).contains(&answer.status) => {
            let words = format!("HTTP {}, and not from Zalo: check the addresses and the way there", answer.status);
            Err(SendError::new(Class::ChannelBroken, Some(answer.status.into()), &words))
        }
        _ => unknown("the answer is not one of Zalo's"),
    }
}

impl Refusal {
    /// What follows for the message.
    pub(super) fn error(&self, now: DateTime<Utc>) -> SendError {
        let said = format!("{}: {}", self.code, self.words);
        let (class, words) = match meaning(self.host, self.code) {
            Some(Meaning::Token | Meaning::Human) => {
                (Class::ChannelBroken, format!("{said}; remedy: {}", remedy(self.code)))
            }
            Some(Meaning::Rate) => (Class::Throttled(RATE_WAIT), said),
            Some(Meaning::Transient | Meaning::OnceMore) => (Class::Transient, said),
            Some(Meaning::Night) => (Class::Throttled(until(now, 7)), said),
            Some(Meaning::Quota) => (Class::Throttled(until(now, 0)), said),
            Some(Meaning::Recipient) => (Class::Recipient, said),
            Some(Meaning::Payload) => (Class::Permanent, said),
            None => (Class::Unknown, format!("{said}; this code is not documented, a person must judge")),
        };
        SendError::new(class, Some(self.code), &words)
    }

    pub(super) fn meaning(&self) -> Option<Meaning> {
        meaning(self.host, self.code)
    }
}

/// The time from `now` to the next full `hour` of Vietnam's clock.
fn until(now: DateTime<Utc>, hour: u32) -> Duration {
    let local = now.with_timezone(&ZONE);
    let on = |day: chrono::NaiveDate| {
        let at = day.and_time(NaiveTime::from_hms_opt(hour, 0, 0).unwrap_or_default());
        ZONE.from_local_datetime(&at).earliest()
    };
    let today = on(local.date_naive()).filter(|at| *at > local);
    let next = today.or_else(|| on(local.date_naive() + Days::new(1)));
    next.and_then(|next| (next - local).to_std().ok()).unwrap_or(Duration::from_hours(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_opens_at_seven_and_the_quota_at_midnight() {
        let at = |text: &str| format!("2026-11-{text}+07:00").parse::<DateTime<Utc>>().unwrap();
        for (now, hour, minutes) in [
            ("26T22:30:00", 7, 8 * 60 + 30),
            ("26T06:59:00", 7, 1),
            ("26T07:00:00", 7, 24 * 60),
            ("26T23:59:00", 0, 1),
            ("26T00:00:00", 0, 24 * 60),
        ] {
            assert_eq!(until(at(now), hour), Duration::from_mins(minutes), "{now}");
        }
    }

    #[test]
    fn a_refusal_is_classified_with_its_words() {
        let now = "2026-11-26T10:00:00+07:00".parse().unwrap();
        let class = |host, code| Refusal { host, code, words: "x".to_owned() }.error(now).class;
        for (code, wanted) in [
            (-124, Class::ChannelBroken),
            (-115, Class::ChannelBroken),
            (-32, Class::Throttled(RATE_WAIT)),
            (-211, Class::Transient),
            (-200, Class::Transient),
            (-133, Class::Throttled(Duration::from_hours(21))),
            (-144, Class::Throttled(Duration::from_hours(14))),
            (-114, Class::Recipient),
            (-1122, Class::Permanent),
            (-99_999, Class::Unknown),
        ] {
            assert_eq!(class(Host::Template, code), wanted, "{code}");
        }
        assert_eq!((class(Host::Template, -100), class(Host::Account, -100)), (Class::Transient, Class::Permanent));
    }
}
