//! The words of the pages, in Vietnamese and English, from one file: `templates/pages/words.toml`.

mod retold;

use std::collections::HashMap;
use std::fmt::Display;
use std::sync::LazyLock;

use askama::filters::{Html, HtmlSafeOutput, escape};
use axum::http::HeaderValue;

use super::words;
use crate::people::{Deed, Role};

pub(super) use retold::Told;

const FILE: &str = include_str!("../../../templates/pages/words.toml");

/// Sections of keys, each with the text per language.
type Sections = HashMap<String, HashMap<String, HashMap<String, String>>>;

/// `section.key`, in both languages. A file that cannot be read leaves the keys themselves; a test reads it.
static WORDS: LazyLock<HashMap<String, [String; 2]>> = LazyLock::new(|| {
    let both = |mut texts: HashMap<String, String>| {
        Some(Tongue::ALL.map(|tongue| texts.remove(tongue.word()).unwrap_or_default()))
    };
    each(both)
});

/// What English says of one thing, of the keys where it says something else than of several.
static ONE: LazyLock<HashMap<String, String>> = LazyLock::new(|| each(|mut texts| texts.remove("one")));

/// What `of` takes from each entry of the file.
fn each<T>(of: impl Fn(HashMap<String, String>) -> Option<T>) -> HashMap<String, T> {
    let sections: Sections = toml::from_str(FILE).unwrap_or_default();
    let keys = sections
        .into_iter()
        .flat_map(|(section, keys)| keys.into_iter().map(move |(key, texts)| (format!("{section}.{key}"), texts)));
    keys.filter_map(|(key, texts)| Some((key, of(texts)?))).collect()
}

/// A language of the pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tongue {
    Vietnamese,
    English,
}

impl Tongue {
    pub(super) const ALL: [Self; 2] = [Self::Vietnamese, Self::English];

    /// As the language is called in HTML and in the cookie.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Vietnamese => "vi",
            Self::English => "en",
        }
    }

    pub(super) fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|tongue| tongue.word() == word)
    }

    /// What somebody chose. Else Vietnamese, unless his browser asks for another of our languages and not for Vietnamese
    /// at all: many offices have an English system and read Vietnamese.
    pub(super) fn of(chosen: Option<&str>, accepted: Option<&HeaderValue>) -> Self {
        let accepted = accepted.and_then(|list| list.to_str().ok()).unwrap_or_default().to_ascii_lowercase();
        let asked: Vec<Self> = accepted.split([',', ';', '-']).filter_map(|word| Self::named(word.trim())).collect();
        let first = asked.first().copied().filter(|_| !asked.contains(&Self::Vietnamese));
        chosen.and_then(Self::named).or(first).unwrap_or(Self::Vietnamese)
    }

    /// The text of `key`.
    pub(super) fn say(self, key: &str) -> &'static str {
        let Some([vietnamese, english]) = WORDS.get(key) else {
            tracing::error!(key, "a text of the pages is missing");
            return "?";
        };
        match self {
            Self::Vietnamese => vietnamese,
            Self::English => english,
        }
    }

    /// The text of `key` with `value` in place of `{}`.
    pub(super) fn with(self, key: &str, value: impl Display) -> String {
        self.say(key).replace("{}", &value.to_string())
    }

    /// The text of `key` with two values in place of `{1}` and `{2}`, which each language puts where it needs them.
    pub(super) fn with2(self, key: &str, one: impl Display, two: impl Display) -> String {
        filled(self.say(key), &[&one, &two])
    }

    /// The same with three values.
    pub(super) fn with3(self, key: &str, one: impl Display, two: impl Display, three: impl Display) -> String {
        filled(self.say(key), &[&one, &two, &three])
    }

    /// The same with as many as there are.
    pub(super) fn with_all(self, key: &str, values: &[&dyn Display]) -> String {
        filled(self.say(key), values)
    }

    /// The text of `key` with the marks of HTML that stand in the file (`<code>`, `<strong>`, `<a href="…">`).
    pub(super) fn rich(self, key: &str) -> HtmlSafeOutput<String> {
        HtmlSafeOutput(self.say(key).to_owned())
    }

    /// The same with `value` in place of `{1}`; it stays text, whatever stands in it.
    pub(super) fn rich_with(self, key: &str, value: impl Display) -> HtmlSafeOutput<String> {
        HtmlSafeOutput(filled(self.say(key), &[&plain(value)]))
    }

    /// The same with two values.
    pub(super) fn rich_with2(self, key: &str, one: impl Display, two: impl Display) -> HtmlSafeOutput<String> {
        HtmlSafeOutput(filled(self.say(key), &[&plain(one), &plain(two)]))
    }

    /// The text of `key` about a number of things, the number in place of `{}`. English has a text of its own for one
    /// (`one` beside `en` in the file); Vietnamese needs none.
    pub(super) fn count(self, key: &str, number: impl Number) -> String {
        let number = number.value();
        let of_one = if self == Self::English && number == 1 { ONE.get(key).map(String::as_str) } else { None };
        of_one.unwrap_or_else(|| self.say(key)).replace("{}", &words::grouped(number))
    }

    /// The other ones, by their own names.
    pub(super) fn others(self) -> impl Iterator<Item = (&'static str, &'static str)> {
        let name = |tongue: Self| if tongue == Self::Vietnamese { "Tiếng Việt" } else { "English" };
        Self::ALL.into_iter().filter(move |tongue| *tongue != self).map(move |tongue| (tongue.word(), name(tongue)))
    }
}

/// `value` as HTML shows it: no mark.
fn plain(value: impl Display) -> String {
    let Ok(safe) = escape(value, Html);
    safe.to_string()
}

/// A number of things, as pages hold it.
pub(super) trait Number {
    fn value(&self) -> u64;
}

impl Number for u64 {
    fn value(&self) -> u64 {
        *self
    }
}

impl Number for usize {
    fn value(&self) -> u64 {
        u64::try_from(*self).unwrap_or(u64::MAX)
    }
}

impl Number for u32 {
    fn value(&self) -> u64 {
        u64::from(*self)
    }
}

/// Pages hand over what they borrow.
impl<T: Number + ?Sized> Number for &T {
    fn value(&self) -> u64 {
        (**self).value()
    }
}

/// `text` with the values in place of `{1}`, `{2}` …; what stands in a value is left alone.
fn filled(text: &str, values: &[&dyn Display]) -> String {
    let mut whole = String::with_capacity(text.len() + 32);
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        whole.push_str(before);
        let place = after.split_once('}').and_then(|(place, rest)| Some((place.parse::<usize>().ok()?, rest)));
        let found = place.and_then(|(place, rest)| Some((values.get(place.checked_sub(1)?)?, rest)));
        if let Some((value, after)) = found {
            whole.push_str(&value.to_string());
            rest = after;
        } else {
            whole.push('{');
            rest = after;
        }
    }
    whole.push_str(rest);
    whole
}

/// What a role is called.
pub(super) const fn role_key(role: Role) -> &'static str {
    match role {
        Role::Viewer => "role.view",
        Role::Editor => "role.edit",
        Role::Approver => "role.approve",
        Role::Admin => "role.admin",
    }
}

/// What a deed is called; one of a newer program by its own word.
pub(super) fn deed(tongue: Tongue, word: &str) -> String {
    let known = Deed::ALL.iter().any(|deed| deed.word() == word);
    if known { tongue.say(&format!("deed.{word}")).to_owned() } else { word.to_owned() }
}

#[cfg(test)]
mod tests;
