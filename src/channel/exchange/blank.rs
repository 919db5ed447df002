//! What blanks stand for.

use std::borrow::Cow;
use std::fmt;

use secrecy::{ExposeSecret as _, SecretString};

use super::super::Parcel;
use super::super::sms::Phone;
use crate::clock::ZONE;

/// What a blank stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Blank {
    /// Something of the message; its place in the list of names.
    Data(Data),
    /// The token of the login.
    Token,
    /// Seconds since 1970.
    Now,
    /// When a signed token ends, in seconds since 1970.
    Expires,
    /// One of `[channel.secrets]`.
    Secret(String),
    /// One of `[channel.values]`.
    Value(String),
}

/// What a message fills.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Data {
    /// The entry's id, the same on every try.
    Id,
    /// The same without hyphens.
    IdHex,
    /// `0900000123`.
    Phone,
    /// `84900000123`.
    Phone84,
    /// The words: of an SMS its line, otherwise the plain text.
    Text,
    /// `1` when the words need two bytes per character, else `0`.
    Unicode,
    /// The subject.
    Subject,
    /// The line for phones.
    Sms,
    /// Official code of the first unit.
    UnitCode,
    /// When it became ready.
    Date,
    /// Where the recipient can answer.
    Link,
}

const DATA: [(&str, Data); 11] = [
    ("id", Data::Id),
    ("id_hex", Data::IdHex),
    ("phone", Data::Phone),
    ("phone_84", Data::Phone84),
    ("text", Data::Text),
    ("unicode", Data::Unicode),
    ("subject", Data::Subject),
    ("sms", Data::Sms),
    ("unit_code", Data::UnitCode),
    ("date", Data::Date),
    ("link", Data::Link),
];

impl Blank {
    pub(super) fn named(name: &str) -> Option<Self> {
        let own = |rest: &str| (!rest.is_empty()).then(|| rest.to_owned());
        if let Some(rest) = name.strip_prefix("secret.") {
            return own(rest).map(Self::Secret);
        }
        if let Some(rest) = name.strip_prefix("value.") {
            return own(rest).map(Self::Value);
        }
        match name {
            "token" => Some(Self::Token),
            "now" => Some(Self::Now),
            "expires" => Some(Self::Expires),
            _ => DATA.iter().find(|(known, _)| *known == name).map(|(_, data)| Self::Data(*data)),
        }
    }

    /// Whether messages differ in it.
    pub const fn is_data(&self) -> bool {
        matches!(self, Self::Data(_))
    }

    /// All names, for people.
    pub fn names() -> String {
        let data: Vec<&str> = DATA.iter().map(|(name, _)| *name).collect();
        format!("{}, token, secret.NAME, value.NAME", data.join(", "))
    }
}

impl fmt::Display for Blank {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Data(data) => f.write_str(DATA.iter().find(|(_, known)| known == data).map_or("", |(name, _)| name)),
            Self::Token => f.write_str("token"),
            Self::Now => f.write_str("now"),
            Self::Expires => f.write_str("expires"),
            Self::Secret(name) => write!(f, "secret.{name}"),
            Self::Value(name) => write!(f, "value.{name}"),
        }
    }
}

/// What blanks are filled with.
#[derive(Clone, Copy, Default)]
pub(in crate::channel) struct Facts<'a> {
    pub(in crate::channel) message: Option<Words<'a>>,
    pub(super) token: Option<&'a str>,
    pub(super) secrets: &'a [(String, SecretString)],
    pub(super) values: &'a [(String, String)],
    pub(super) now: i64,
    pub(super) expires: i64,
}

/// What of a message is sent, and to which number.
#[derive(Clone, Copy)]
pub(in crate::channel) struct Words<'a> {
    pub(in crate::channel) parcel: &'a Parcel,
    pub(in crate::channel) phone: Option<&'a Phone>,
    pub(in crate::channel) text: &'a str,
    pub(in crate::channel) unicode: bool,
}

impl<'a> Facts<'a> {
    /// What a blank stands for; nothing where there is none.
    pub(super) fn value(&self, blank: &Blank) -> Cow<'a, str> {
        match blank {
            Blank::Data(data) => self.message.map_or(Cow::Borrowed(""), |words| words.value(*data)),
            Blank::Token => Cow::Borrowed(self.token.unwrap_or_default()),
            Blank::Now => Cow::Owned(self.now.to_string()),
            Blank::Expires => Cow::Owned(self.expires.to_string()),
            Blank::Secret(name) => {
                let found = self.secrets.iter().find(|(known, _)| known == name);
                Cow::Borrowed(found.map_or("", |(_, secret)| secret.expose_secret()))
            }
            Blank::Value(name) => {
                let found = self.values.iter().find(|(known, _)| known == name);
                Cow::Borrowed(found.map_or("", |(_, value)| value.as_str()))
            }
        }
    }
}

impl<'a> Words<'a> {
    fn value(&self, data: Data) -> Cow<'a, str> {
        let parcel = self.parcel;
        match data {
            Data::Id => Cow::Owned(parcel.id.to_string()),
            Data::IdHex => Cow::Owned(parcel.id.simple().to_string()),
            Data::Phone => Cow::Owned(self.phone.map(Phone::national).unwrap_or_default()),
            Data::Phone84 => Cow::Owned(self.phone.map(Phone::international).unwrap_or_default()),
            Data::Text => Cow::Borrowed(self.text),
            Data::Unicode => Cow::Borrowed(if self.unicode { "1" } else { "0" }),
            Data::Subject => Cow::Borrowed(&parcel.content.subject),
            Data::Sms => Cow::Borrowed(&parcel.content.sms),
            Data::UnitCode => Cow::Borrowed(&parcel.unit_code),
            Data::Date => Cow::Owned(parcel.date.with_timezone(&ZONE).to_rfc3339()),
            Data::Link => Cow::Borrowed(&parcel.content.link),
        }
    }
}
