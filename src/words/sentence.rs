//! A sentence that is not yet told in a language.

use std::fmt::Display;

use super::{Tongue, filled};

/// A key of the file with the values that stand in it: whoever shows it says in which language.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Sentence {
    key: &'static str,
    values: Vec<Value>,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Value {
    Text(String),
    /// One of these: `07201 or 07204`.
    Choice(Vec<String>),
    /// In the order of [`Tongue::ALL`].
    Each([String; 2]),
}

impl Sentence {
    /// The text of `key`, as it is.
    pub const fn of(key: &'static str) -> Self {
        Self { key, values: Vec::new() }
    }

    /// With another value: the first in place of `{1}`, the next in place of `{2}`.
    #[must_use]
    pub fn and(mut self, value: impl Display) -> Self {
        self.values.push(Value::Text(value.to_string()));
        self
    }

    /// With another value, which is a choice.
    #[must_use]
    pub fn and_one_of(mut self, values: &[String]) -> Self {
        self.values.push(Value::Choice(values.to_vec()));
        self
    }

    /// With another value, which each language words for itself: Vietnamese, English.
    #[must_use]
    pub fn and_in_each(mut self, texts: [String; 2]) -> Self {
        self.values.push(Value::Each(texts));
        self
    }

    /// The sentence in this language.
    pub fn say(&self, t: Tongue) -> String {
        let told: Vec<String> = self.values.iter().map(|value| value.say(t)).collect();
        let values: Vec<&dyn Display> = told.iter().map::<&dyn Display, _>(|value| value).collect();
        filled(t.say(self.key), &values)
    }
}

impl Value {
    fn say(&self, t: Tongue) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Choice(texts) => texts.join(t.say("choice.or")),
            Self::Each([vietnamese, english]) => if t == Tongue::Vietnamese { vietnamese } else { english }.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_is_told_in_the_language_that_is_asked_for() {
        let codes = Sentence::of("cell.several_units_remedy").and_one_of(&["07201".to_owned(), "07204".to_owned()]);
        assert_eq!(codes.say(Tongue::Vietnamese), "Ghi mã đơn vị: 07201 hoặc 07204.");
        assert_eq!(codes.say(Tongue::English), "Write the code of the unit: 07201 or 07204.");
    }
}
