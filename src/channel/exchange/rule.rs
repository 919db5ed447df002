//! What an answer means: a rule for success, and a table of the provider's own codes.

use std::time::Duration;

use chrono::{DateTime, Utc};

use super::super::answer::{one_line, without_numbers};
use super::super::{Class, Receipt, SendError};
use super::place::{Place, Said};
use crate::http::{Answer, End};

/// How a provider's answers are read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rule {
    /// What stands where when a message was taken; `*` for anything. Without any, the status alone says it.
    pub success: Vec<(Place, String)>,
    /// Where the code of a refusal stands.
    pub code: Option<Place>,
    /// Where its words stand.
    pub said: Option<Place>,
    /// Where the provider's name of the message stands.
    pub reference: Option<Place>,
    /// What codes mean.
    pub errors: Vec<(String, Meaning)>,
}

/// What a code means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meaning {
    /// It was taken, now or before.
    Sent,
    /// The message is at fault.
    Permanent,
    /// The number is at fault.
    Recipient,
    /// Later.
    Transient,
    /// More slowly.
    Throttled,
    /// Account, login, address or network is at fault, no message.
    Broken,
    /// Nobody can tell.
    Unknown,
}

impl Meaning {
    /// Their words in the configuration.
    pub const WORDS: [(&'static str, Self); 7] = [
        ("sent", Self::Sent),
        ("permanent", Self::Permanent),
        ("recipient", Self::Recipient),
        ("transient", Self::Transient),
        ("throttled", Self::Throttled),
        ("broken", Self::Broken),
        ("unknown", Self::Unknown),
    ];

    /// What follows from it; nothing from [`Meaning::Sent`].
    pub(in crate::channel) const fn class(self) -> Option<Class> {
        Some(match self {
            Self::Sent => return None,
            Self::Permanent => Class::Permanent,
            Self::Recipient => Class::Recipient,
            Self::Transient => Class::Transient,
            Self::Throttled => Class::Throttled(SLOWER),
            Self::Broken => Class::ChannelBroken,
            Self::Unknown => Class::Unknown,
        })
    }
}

/// How long a provider that wants fewer messages a second is left alone.
const SLOWER: Duration = Duration::from_secs(5);

/// What status codes mean where the body says nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::channel) struct Statuses {
    /// A second copy does no harm, so that a broken server is asked again.
    pub(in crate::channel) idempotent: bool,
    /// An address that is not there is a message's fault: addresses differ from message to message.
    pub(in crate::channel) by_message: bool,
}

impl Rule {
    /// What became of the message that `answer` answers.
    pub(in crate::channel) fn judge(
        &self,
        answer: &Answer,
        statuses: Statuses,
        now: DateTime<Utc>,
    ) -> Result<Receipt, SendError> {
        let said = Said::read(&answer.body);
        let at = |place: &Option<Place>| place.as_ref().and_then(|place| place.find(&said));
        let whole = answer.end == End::Whole;
        let wanted = |(place, text): &(Place, String)| place.find(&said).is_some_and(|is| text == "*" || is == *text);
        let taken = (200..300).contains(&answer.status)
            && (self.success.is_empty() || (whole && self.success.iter().all(wanted)));
        let code = at(&self.code);
        let words = words(answer, code.as_deref(), at(&self.said).as_deref());
        if taken {
            let reference = at(&self.reference).map(|reference| one_line(&reference)).filter(|text| !text.is_empty());
            return Ok(Receipt { answer: words, reference, sent_hash: None });
        }
        let known = code.as_deref().and_then(|code| self.errors.iter().find(|(known, _)| known == code));
        let class = match known.filter(|_| whole).map(|(_, meaning)| meaning.class()) {
            Some(None) => return Ok(Receipt { answer: words, ..Receipt::default() }),
            Some(Some(class)) => class,
            None => by_status(answer, statuses, now),
        };
        let number = code.and_then(|code| code.parse().ok());
        let shown = number.or((!(200..300).contains(&answer.status)).then_some(answer.status.into()));
        Err(SendError::new(class, shown, &words))
    }
}

/// One line for people: the provider's own words where they are found, else the start of its answer.
fn words(answer: &Answer, code: Option<&str>, said: Option<&str>) -> String {
    let start = String::from_utf8_lossy(answer.body.get(..600).unwrap_or(&answer.body));
    let words = match (code, said) {
        (None, None) => format!("{} {start}", answer.status),
        (code, said) => format!("{} {} {}", answer.status, code.unwrap_or_default(), said.unwrap_or_default()),
    };
    one_line(&without_numbers(&words))
}

fn by_status(answer: &Answer, statuses: Statuses, now: DateTime<Utc>) -> Class {
    let later =
        || answer.header("retry-after").and_then(|value| wait(value, now)).map_or(Class::Transient, Class::Throttled);
    match answer.status {
        408 | 425 | 429 => later(),
        500.. if statuses.idempotent => later(),
        // A redirect is not followed: like a refused key it is for the administrator to mend, and no message's fault.
        300..=399 | 401 | 403 => Class::ChannelBroken,
        404 | 405 | 410 if !statuses.by_message => Class::ChannelBroken,
        400..=499 => Class::Permanent,
        _ => Class::Unknown,
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_is_read_as_seconds_and_as_a_date() {
        let now = DateTime::parse_from_rfc3339("2022-10-31T00:00:00Z").unwrap().to_utc();
        assert_eq!(wait("120", now), Some(Duration::from_mins(2)));
        assert_eq!(wait("Mon, 31 Oct 2022 00:01:30 GMT", now), Some(Duration::from_secs(90)));
        assert_eq!(wait("Mon, 31 Oct 2021 00:00:00 GMT", now), None);
        assert_eq!(wait("Sun, 30 Oct 2022 00:00:00 GMT", now), Some(Duration::ZERO));
        assert_eq!(wait("soon", now), None);
    }
}
