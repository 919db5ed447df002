//! A message as its recipient sees it: a mail, bubbles of a phone, a card of Zalo.

use std::collections::BTreeMap;

use super::catalogue::Tongue;
use super::outbox_words::Way;
use crate::message::{self, Message};

/// A message, made ready to be looked at.
#[derive(Debug)]
pub(super) struct Look {
    pub(super) subject: String,
    pub(super) text: String,
    pub(super) has_html: bool,
    /// The SMS line, as it is sent; empty when there is none.
    pub(super) sms: String,
    pub(super) characters: usize,
    pub(super) segments: usize,
    /// The parameters of Zalo's template; [`Tongue::parameter`] says what they are called.
    pub(super) rows: Vec<(String, String)>,
    /// Which of them was sent: `mail`, `sms`, `zalo`.
    pub(super) sent_as: &'static str,
}

impl Look {
    /// `accented`: whether the channel sends SMS with diacritics.
    pub(super) fn of(message: Message, way: Way, accented: bool) -> Self {
        let sms = if accented && !message.sms_accented.is_empty() { message.sms_accented } else { message.sms };
        Self {
            subject: message.subject,
            text: message.text,
            has_html: !message.html.is_empty(),
            characters: sms.chars().count(),
            segments: message::segments(&sms),
            sms,
            rows: rows(message.zalo),
            sent_as: match way {
                Way::Sms => "sms",
                Way::Zalo => "zalo",
                Way::Mail | Way::Other => "mail",
            },
        }
    }
}

/// The parameters in the order of a card: `row_1`, … Those that staff added come last.
fn rows(mut parameters: BTreeMap<String, String>) -> Vec<(String, String)> {
    const ORDER: [&str; 10] = ["unit", "step", "as_of", "count", "row_1", "row_2", "row_3", "row_4", "contact", "link"];
    let known = ORDER.into_iter().filter_map(|key| parameters.remove_entry(key));
    let mut rows: Vec<_> = known.collect();
    rows.extend(parameters);
    rows
}

impl Tongue {
    /// What office staff call a parameter; one that staff added by its own name.
    pub(super) fn parameter(self, key: &str) -> String {
        let known = match key {
            "unit" => "look.unit",
            "step" => "look.step",
            "as_of" => "look.as_of",
            "count" => "look.count",
            "contact" => "look.contact",
            "link" => "look.link",
            _ => {
                let number = key.strip_prefix("row_").filter(|number| ["1", "2", "3", "4"].contains(number));
                return number.map_or_else(|| key.to_owned(), |number| self.with("look.row", number));
            }
        };
        self.say(known).to_owned()
    }
}
