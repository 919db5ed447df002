//! A message as its recipient sees it: a mail, bubbles of a phone, a card of Zalo.

use std::collections::BTreeMap;

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
    /// The parameters of Zalo's template, named as office staff read them.
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

/// The parameters in the order of a card, each with its name for people.
fn rows(mut parameters: BTreeMap<String, String>) -> Vec<(String, String)> {
    const NAMES: [(&str, &str); 10] = [
        ("unit", "Đơn vị"),
        ("step", "Lần nhắc"),
        ("as_of", "Số liệu đến"),
        ("count", "Chưa đạt"),
        ("row_1", "Chỉ tiêu 1"),
        ("row_2", "Chỉ tiêu 2"),
        ("row_3", "Chỉ tiêu 3"),
        ("row_4", "Chỉ tiêu 4"),
        ("contact", "Đầu mối"),
        ("link", "Liên kết"),
    ];
    let known = NAMES.into_iter().filter_map(|(key, name)| Some((name.to_owned(), parameters.remove(key)?)));
    let mut rows: Vec<_> = known.collect();
    rows.extend(parameters);
    rows
}
