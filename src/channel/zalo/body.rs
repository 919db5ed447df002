//! The requests that carry a message.

use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

use super::codes::Host;
use super::settings::{Way, Zalo};
use crate::channel::Phone;
use crate::channel::{Class, Parcel, SendError};

/// Characters of a free text, as Zalo counts them.
pub(in crate::channel) const LONGEST_TEXT: usize = 2000;

/// A phone number has at most 15 digits; a longer number is a user id.
const LONGEST_PHONE: usize = 15;

/// One call that sends a message.
#[derive(Debug)]
pub(super) struct Sending {
    pub(super) host: Host,
    pub(super) url: String,
    pub(super) body: Vec<u8>,
}

/// Whom a template goes to.
#[derive(Debug, PartialEq, Eq)]
enum To {
    /// `84…`.
    Phone(String),
    UserId(String),
}

/// A template with its data, to the parcel's address.
pub(super) fn template(
    settings: &Zalo,
    parcel: &Parcel,
    template_id: &str,
    data: Map<String, Value>,
) -> Result<Sending, SendError> {
    let to = to(&settings.way, &parcel.address).ok_or_else(|| {
        SendError::new(Class::Recipient, None, "the address is no mobile number of Vietnam and no user id")
    })?;
    let mut body = Map::new();
    body.insert("template_id".to_owned(), template_id.into());
    body.insert("template_data".to_owned(), data.into());
    let (host, path) = match to {
        To::UserId(_) if settings.development => {
            let reason = "with `development = true` only phone numbers of the app's own people are written to";
            return Err(SendError::new(Class::Recipient, None, reason));
        }
        To::UserId(user_id) => {
            body.insert("user_id".to_owned(), user_id.into());
            (Host::Account, "/v3.0/oa/message/template")
        }
        To::Phone(phone) => {
            let (key, value, path) = match settings.way {
                Way::HashedPhone => ("hash_phone", hashed(&phone), "/message/template/hashphone"),
                _ => ("phone", phone, "/message/template"),
            };
            body.insert(key.to_owned(), value.into());
            // The same on every try. Zalo repeats it in what it tells of the message.
            body.insert("tracking_id".to_owned(), parcel.id.to_string().into());
            if settings.development {
                body.insert("mode".to_owned(), "development".into());
            }
            (Host::Template, path)
        }
    };
    Ok(sending(settings, host, path, &Value::Object(body)))
}

/// Free text, to a user who wrote to the account or to a group of it.
pub(super) fn text(settings: &Zalo, parcel: &Parcel) -> Sending {
    let text = shortened(&parcel.content.text, LONGEST_TEXT);
    let (path, recipient) = match settings.way {
        Way::Group(_) => ("/v3.0/oa/group/message", json!({ "group_id": parcel.address })),
        _ => ("/v3.0/oa/message/cs", json!({ "user_id": parcel.address })),
    };
    sending(settings, Host::Account, path, &json!({ "recipient": recipient, "message": { "text": text } }))
}

fn sending(settings: &Zalo, host: Host, path: &str, body: &Value) -> Sending {
    let base = match host {
        Host::Account => &settings.oa_url,
        Host::Template => &settings.template_url,
    };
    Sending { host, url: format!("{base}{path}"), body: body.to_string().into_bytes() }
}

fn to(way: &Way, address: &str) -> Option<To> {
    let digits: String = address.chars().filter(char::is_ascii_digit).collect();
    let is_id = match way {
        Way::UserId => true,
        Way::UserIdOrPhone => digits.len() > LONGEST_PHONE,
        _ => false,
    };
    if is_id {
        return (!digits.is_empty() && digits == address.trim()).then_some(To::UserId(digits));
    }
    Phone::mobile(address).map(|phone| To::Phone(phone.international()))
}

fn hashed(phone: &str) -> String {
    hex::encode(Sha256::digest(phone.as_bytes()))
}

/// At most `longest` characters, cut at the end of a line where one is near. A bracket that would call somebody's
/// attention is taken apart.
pub(in crate::channel) fn shortened(text: &str, longest: usize) -> String {
    const REST: &str = "\n… (xem tiếp trong thư điện tử)";
    let text = text.trim().replace("[@", "[ @");
    if text.chars().count() <= longest {
        return text;
    }
    let kept = longest.saturating_sub(REST.chars().count());
    let cut: String = text.chars().take(kept).collect();
    let whole = cut.rfind('\n').filter(|at| at * 2 > cut.len()).and_then(|at| cut.get(..at)).unwrap_or(&cut);
    format!("{}{REST}", whole.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_hashed_as_zalo_wants_it() {
        assert_eq!(hashed("84987654321"), "116ce31ae9170769b075a11dedca1198f41d30318334919fb90917e9c617b438");
    }

    #[test]
    fn a_user_id_is_longer_than_any_phone_number() {
        let id = "2468458835296197922";
        assert_eq!(to(&Way::UserIdOrPhone, id), Some(To::UserId(id.to_owned())));
        assert_eq!(to(&Way::UserIdOrPhone, "0900000123"), Some(To::Phone("84900000123".to_owned())));
        assert_eq!(to(&Way::Phone, id), None);
        assert_eq!(to(&Way::UserId, "x"), None);
    }

    #[test]
    fn a_long_text_is_cut_at_a_line_and_says_so() {
        assert_eq!(shortened(" ngắn [@all] ", 2000), "ngắn [ @all]");
        let long = "một dòng chữ\n".repeat(400);
        let cut = shortened(&long, 2000);
        assert!(cut.chars().count() <= 2000 && cut.ends_with("chữ\n… (xem tiếp trong thư điện tử)"), "{cut}");
        let line = "ữ".repeat(5000);
        assert_eq!(shortened(&line, 2000).chars().count(), 2000);
    }
}
