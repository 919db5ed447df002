//! What the program says to people, in Vietnamese and English, from one file: `templates/words.toml`.
//!
//! Pages, sheets that go back to clerks, what is said about a relay: whoever speaks names a key and is told in which language.
//! The messages that are sent speak from their templates, and the command line writes its English beside its code.

mod file;
mod number;
mod retold;
mod sentence;

use std::fmt::Display;

#[cfg(test)]
pub(crate) use file::{FILE, ONE, Sections, WORDS};
#[cfg(test)]
pub(crate) use retold::SECTION as RETOLD;

pub use number::{Number, grouped};
pub use retold::Told;
pub use sentence::Sentence;

/// A language in which the program speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tongue {
    /// As clerks read it.
    Vietnamese,
    /// As the command line speaks.
    English,
}

impl Tongue {
    /// All of them, in this order wherever texts stand beside each other.
    pub const ALL: [Self; 2] = [Self::Vietnamese, Self::English];

    /// As the language is called in HTML and in the cookie.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Vietnamese => "vi",
            Self::English => "en",
        }
    }

    /// The language that `word` names.
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|tongue| tongue.word() == word)
    }

    /// The other ones: the word and the name that each has in itself.
    pub fn others(self) -> impl Iterator<Item = (&'static str, &'static str)> {
        let name = |tongue: Self| if tongue == Self::Vietnamese { "Tiếng Việt" } else { "English" };
        Self::ALL.into_iter().filter(move |tongue| *tongue != self).map(move |tongue| (tongue.word(), name(tongue)))
    }

    /// The text of `key`.
    pub fn say(self, key: &str) -> &'static str {
        let Some([vietnamese, english]) = file::WORDS.get(key) else {
            tracing::error!(key, "a text is missing in words.toml");
            return "?";
        };
        match self {
            Self::Vietnamese => vietnamese,
            Self::English => english,
        }
    }

    /// The text of `key` with `value` in place of `{}`.
    pub fn with(self, key: &str, value: impl Display) -> String {
        self.say(key).replace("{}", &value.to_string())
    }

    /// The text of `key` with two values in place of `{1}` and `{2}`, which each language puts where it needs them.
    pub fn with2(self, key: &str, one: impl Display, two: impl Display) -> String {
        filled(self.say(key), &[&one, &two])
    }

    /// The same with three values.
    pub fn with3(self, key: &str, one: impl Display, two: impl Display, three: impl Display) -> String {
        filled(self.say(key), &[&one, &two, &three])
    }

    /// The same with as many as there are.
    pub fn with_all(self, key: &str, values: &[&dyn Display]) -> String {
        filled(self.say(key), values)
    }

    /// The text of `key` about a number of things, the number in place of `{}`. English has a text of its own for one
    /// (`one` beside `en` in the file); Vietnamese needs none.
    pub fn count(self, key: &str, number: impl Number) -> String {
        let number = number.value();
        let of_one = if self == Self::English && number == 1 { file::ONE.get(key).map(String::as_str) } else { None };
        of_one.unwrap_or_else(|| self.say(key)).replace("{}", &grouped(number))
    }
}

/// `text` with the values in place of `{1}`, `{2}` …; what stands in a value is left alone.
pub(crate) fn filled(text: &str, values: &[&dyn Display]) -> String {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_stand_where_each_language_puts_them() {
        assert_eq!(filled("{2} before {1}, {9} and {}", &[&"one", &"<{1}>"]), "<{1}> before one, {9} and {}");
    }
}
