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
    let registered: Vec<Limit> = match limits {
        Some(limits) => limits.to_vec(),
        None if settings.parameters.is_empty() => ours.keys().map(|name| Limit::unknown(name)).collect(),
        None => settings.parameters.keys().map(|name| Limit::unknown(name)).collect(),
    };
    for limit in registered {
        let our_name = named(&limit.name);
        match limit.check(ours.get(&our_name)) {
            Ok(Some(text)) => {
                data.insert(limit.name, Value::String(text));
            }
            Ok(None) => {}
            Err(what) => misfits.push(Misfit { parameter: limit.name, ours: our_name, what }),
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
    fn check(&self, text: Option<&String>) -> Result<Option<String>, String> {
        let Some(text) = text else {
            let missing = "the message has no parameter of this name; add it to [zalo] of the template, or map it in \
                           [channel.parameters]";
            return if self.required { Err(missing.to_owned()) } else { Ok(None) };
        };
        let text: String = text.nfc().collect();
        let length = text.chars().count();
        if length == 0 {
            return if self.may_be_empty || !self.required { Ok(Some(text)) } else { Err("it is empty".to_owned()) };
        }
        if let Some(longest) = self.longest.filter(|longest| length > *longest) {
            return Err(format!("{length} characters; Zalo takes {longest}"));
        }
        if let Some(shortest) = self.shortest.filter(|shortest| length < *shortest) {
            return Err(format!("{length} characters; Zalo wants at least {shortest}"));
        }
        if !self.fits_kind(&text) {
            return Err(format!("`{text}` is no {}", self.kind));
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
