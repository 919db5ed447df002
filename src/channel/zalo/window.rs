//! Whether a user may be written to in free text: only within days after he wrote to the account, and only so often. It is
//! asked before each such message, so that one that may not go burns no call that sends.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::ZaloChannel;
use super::call::{Refusal, Said};
use super::codes::{Host, Meaning};
use super::receipts::number;
use crate::channel::{Class, SendError};
use crate::clock::from_millis;

/// Zalo takes free text for so long after the user's last word.
const OPEN_FOR: TimeDelta = TimeDelta::days(7);

/// The method is not there, or not registered for the app: free text may still be.
const NOT_OFFERED: [i32; 2] = [-106, -212];

/// Makes sure that free text to `user_id` is allowed now. Where Zalo does not tell, the message itself is judged.
pub(super) async fn open(channel: &ZaloChannel, user_id: &str) -> Result<(), SendError> {
    let url = format!("{}/v3.0/oa/quota/message", channel.settings.oa_url);
    let body = json!({ "user_id": user_id }).to_string().into_bytes();
    let now = channel.clock.now();
    let said = channel.call(Host::Account, &url, Some(&body)).await.map_err(unsent)?;
    match said {
        Said::Done(data) => judged(&data, now).map_err(|why| SendError::new(Class::Recipient, None, &why)),
        Said::Refused(refusal) if is_silent(&refusal) => {
            tracing::debug!(channel = %channel.name, code = refusal.code, "Zalo does not tell whether free text is allowed");
            Ok(())
        }
        Said::Refused(refusal) => Err(refusal.error(now)),
    }
}

/// Whether a refusal is about the question and not about the message that is to follow.
fn is_silent(refusal: &Refusal) -> bool {
    NOT_OFFERED.contains(&refusal.code) || matches!(refusal.meaning(), None | Some(Meaning::Payload))
}

/// Nothing was sent yet, so no outcome is unknown: the channel is out of order.
fn unsent(error: SendError) -> SendError {
    if error.class == Class::Unknown {
        return SendError::broken(&format!("whether free text is allowed cannot be asked: {}", error.reason));
    }
    error
}

/// Why free text is not allowed by what Zalo tells.
fn judged(data: &Value, now: DateTime<Utc>) -> Result<(), String> {
    let reply = data.get("cs_reply");
    if reply.and_then(|reply| number(reply.get("remain")?)) == Some(0) {
        return Err("Zalo allows no further free text to this user until he writes to the account".to_owned());
    }
    let last = data.get("last_interaction").and_then(number).map(from_millis);
    if last.is_some_and(|last| now - last > OPEN_FOR) {
        return Err("the user has not written to the account for seven days; Zalo takes no free text to him".to_owned());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn free_text_is_allowed_for_seven_days_and_as_often_as_zalo_says() {
        let now: DateTime<Utc> = "2026-11-26T10:00:00+07:00".parse().unwrap();
        let days = |days: i64| (now - TimeDelta::days(days)).timestamp_millis();
        let over = days(7) - 1;
        for (data, allowed) in [
            (json!({ "last_interaction": days(1).to_string(), "cs_reply": { "remain": 8, "total": 8 } }), true),
            (json!({ "last_interaction": days(7), "cs_reply": { "remain": "1", "total": "8" } }), true),
            (json!({ "last_interaction": over, "cs_reply": { "remain": 8, "total": 8 } }), false),
            (json!({ "last_interaction": over.to_string() }), false),
            (json!({ "last_interaction": days(1), "cs_reply": { "remain": 0, "total": 8 } }), false),
            (json!({ "cs_reply": { "remain": "0" } }), false),
            // As often as one likes, or nothing that is understood: the message itself is judged.
            (json!({ "last_interaction": days(1), "cs_reply": { "remain": -1 } }), true),
            (json!({ "last_interaction": "yesterday", "cs_reply": null }), true),
            (json!({}), true),
            (Value::Null, true),
        ] {
            assert_eq!(judged(&data, now).is_ok(), allowed, "{data}");
        }
    }

    #[test]
    fn only_what_is_about_the_question_itself_lets_the_message_go() {
        for (code, silent) in
            [(-106, true), (-212, true), (-201, true), (-99_999, true), (-230, false), (-213, false), (-216, false)]
        {
            let refusal = Refusal { host: Host::Account, code, words: String::new() };
            assert_eq!(is_silent(&refusal), silent, "{code}");
        }
    }
}
