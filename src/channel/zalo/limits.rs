//! What Zalo registered for a template, and whether a message keeps to it.

use std::collections::BTreeMap;

use serde_json::{Map, Value};
use unicode_normalization::UnicodeNormalization as _;

use super::settings::Zalo;

/// A parameter as it was registered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Limit {
    name: String,
    required: bool,
    kind: String,
    longest: Option<usize>,
    shortest: Option<usize>,
    may_be_empty: bool,
}

/// Something in a message that Zalo would refuse.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Misfit {
    /// Zalo's name of the parameter.
    pub parameter: String,
    /// Ours.
    pub ours: String,
    /// What is wrong.
    pub what: String,
}

/// Why Zalo would refuse a parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// The message has none of this name.
    Missing,
    /// It is empty.
    Empty,
    /// It has so many characters; Zalo takes the second number.
    Long(usize, usize),
    /// It has so many characters; Zalo wants the second number.
    Short(usize, usize),
    /// The text is not of this kind.
    Kind(String, String),
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Missing => f.write_str(
                "the message has no parameter of this name; add it to [zalo] of the template, or map it in \
                 [channel.parameters]",
            ),
            Self::Empty => f.write_str("it is empty"),
            Self::Long(length, longest) => write!(f, "{length} characters; Zalo takes {longest}"),
            Self::Short(length, shortest) => write!(f, "{length} characters; Zalo wants at least {shortest}"),
            Self::Kind(text, kind) => write!(f, "`{text}` is no {kind}"),
        }
    }
}

/// A parameter of Zalo's beside what a message fills it with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slot {
    /// Zalo's name of it.
    pub name: String,
    /// Ours.
    pub ours: String,
    /// What is put there, composed as it is sent; empty when there is nothing.
    pub value: String,
    /// Characters that Zalo takes, where that is known.
    pub longest: Option<usize>,
    /// Why Zalo would refuse it.
    pub refusal: Option<Refusal>,
}

/// What a message fills the registered parameters with; without limits those of `[channel.parameters]`, else all of ours.
pub(super) fn slots(settings: &Zalo, limits: Option<&[Limit]>, ours: &BTreeMap<String, String>) -> Vec<Slot> {
    let slot = |limit: Limit| {
        let our_name = settings.parameters.get(&limit.name).unwrap_or(&limit.name).clone();
        let text = ours.get(&our_name);
        Slot {
            value: text.map(|text| text.nfc().collect()).unwrap_or_default(),
            refusal: limit.check(text).err(),
            longest: limit.longest,
            name: limit.name,
            ours: our_name,
        }
    };
    registered(settings, limits, ours).into_iter().map(slot).collect()
}

fn registered(settings: &Zalo, limits: Option<&[Limit]>, ours: &BTreeMap<String, String>) -> Vec<Limit> {
    match limits {
        Some(limits) => limits.to_vec(),
        None if settings.parameters.is_empty() => ours.keys().map(|name| Limit::unknown(name)).collect(),
        None => settings.parameters.keys().map(|name| Limit::unknown(name)).collect(),
    }
}

/// The parameters in Zalo's answer about a template.
pub(super) fn limits(info: &Value) -> Vec<Limit> {
    let number = |parameter: &Value, key: &str| {
        let value = parameter.get(key)?;
        let number = value.as_u64().or_else(|| value.as_str()?.parse().ok())?;
        usize::try_from(number).ok()
    };
    let limit = |parameter: &Value| {
        Some(Limit {
            name: parameter.get("name")?.as_str()?.to_owned(),
            required: parameter.get("require").and_then(Value::as_bool).unwrap_or(true),
            kind: parameter.get("type").and_then(Value::as_str).unwrap_or_default().to_owned(),
            longest: number(parameter, "maxLength").filter(|longest| *longest > 0),
            shortest: number(parameter, "minLength"),
            may_be_empty: parameter.get("acceptNull").and_then(Value::as_bool).unwrap_or(false),
        })
    };
    info.get("listParams").and_then(Value::as_array).into_iter().flatten().filter_map(limit).collect()
}

/// Exactly the parameters that were registered, or every misfit. Without limits: those of `[channel.parameters]`, else
/// all of ours by our names.
pub(super) fn filled(
    settings: &Zalo,
    limits: Option<&[Limit]>,
    ours: &BTreeMap<String, String>,
) -> Result<Map<String, Value>, Vec<Misfit>> {
    let named = |name: &str| settings.parameters.get(name).map_or_else(|| name.to_owned(), Clone::clone);
    let mut data = Map::new();
    let mut misfits = Vec::new();
    for limit in registered(settings, limits, ours) {
        let our_name = named(&limit.name);
        match limit.check(ours.get(&our_name)) {
            Ok(Some(text)) => {
                data.insert(limit.name, Value::String(text));
            }
            Ok(None) => {}
            Err(why) => misfits.push(Misfit { parameter: limit.name, ours: our_name, what: why.to_string() }),
        }
    }
    if misfits.is_empty() { Ok(data) } else { Err(misfits) }
}

impl std::fmt::Display for Limit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let kind = if self.kind.is_empty() { "" } else { " " };
        write!(f, "{}{kind}{}", self.name, self.kind)?;
        if let Some(longest) = self.longest {
            write!(f, " ≤ {longest}")?;
        }
        write!(f, "{}", if self.required { "" } else { ", optional" })
    }
}

impl Limit {
    fn unknown(name: &str) -> Self {
        let name = name.to_owned();
        Self { name, required: true, kind: String::new(), longest: None, shortest: None, may_be_empty: true }
    }

    /// The text as it is sent: composed, because Zalo counts the same letters longer when they are not. `None`: it may be
    /// left out.
    fn check(&self, text: Option<&String>) -> Result<Option<String>, Refusal> {
        let Some(text) = text else {
            return if self.required { Err(Refusal::Missing) } else { Ok(None) };
        };
        let text: String = text.nfc().collect();
        let length = text.chars().count();
        if length == 0 {
            return if self.may_be_empty || !self.required { Ok(Some(text)) } else { Err(Refusal::Empty) };
        }
        if let Some(longest) = self.longest.filter(|longest| length > *longest) {
            return Err(Refusal::Long(length, longest));
        }
        if let Some(shortest) = self.shortest.filter(|shortest| length < *shortest) {
            return Err(Refusal::Short(length, shortest));
        }
        if !self.fits_kind(&text) {
            return Err(Refusal::Kind(text, self.kind.clone()));
        }
        Ok(Some(text))
    }

    fn fits_kind(&self, text: &str) -> bool {
        match self.kind.as_str() {
            "NUMBER" => text.chars().all(|c| c.is_ascii_digit()),
            "DATE" => text.split_whitespace().any(|word| {
                let parts: Vec<&str> = word.split('/').collect();
                matches!(parts.as_slice(), [day, month, year] if [day, month, year].iter().all(|part| part.parse::<u16>().is_ok()))
            }),
            _ => true,
        }
    }
}
