//! Sentences of the rooms, which speak English, in the language of who reads: the catalogue's section `problem` has them in
//! both, and a sentence that fits one of its English texts is told as the other language tells it.

use std::fmt::Display;

use super::file::WORDS;
use super::{Tongue, filled};

/// The section whose English texts are what the rooms say.
pub(crate) const SECTION: &str = "problem.";

/// A sentence as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// The sentence.
    pub text: String,
    /// Whether it stands in English on a page that is not.
    pub is_english: bool,
}

impl<T: Into<String>> From<T> for Told {
    fn from(text: T) -> Self {
        Self { text: text.into(), is_english: false }
    }
}

impl Tongue {
    /// What a room says in English, in this language where the catalogue knows the sentence; else as it is.
    pub fn retold(self, english: &str) -> Told {
        if self == Self::English {
            return english.into();
        }
        match self.known(english) {
            Some(text) => text.into(),
            None => Told { text: english.to_owned(), is_english: true },
        }
    }

    fn known(self, english: &str) -> Option<String> {
        let texts = WORDS.iter().filter(|(key, _)| key.starts_with(SECTION));
        let fitting = texts.filter_map(|(key, [_, said])| {
            let (values, letters) = values(said, english)?;
            Some((letters, key, values))
        });
        // The text that leaves least to its values says most.
        if let Some((_, key, values)) = fitting.max_by(|one, other| (one.0, one.1).cmp(&(other.0, other.1))) {
            let values: Vec<&dyn Display> = values.iter().map::<&dyn Display, _>(|value| value).collect();
            return Some(filled(self.say(key), &values));
        }
        let (field, rest) = english.split_once(": ")?;
        let plain = |letter: u8| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == b'_';
        if field.is_empty() || !field.bytes().all(plain) {
            return None;
        }
        Some(format!("{field}: {}", self.known(rest)?))
    }
}

/// What stands in `text` where `pattern` has `{1}`, `{2}` …, in the order of the numbers, and how many letters of it the
/// pattern says itself; nothing where it does not fit.
fn values<'t>(pattern: &str, text: &'t str) -> Option<(Vec<&'t str>, usize)> {
    let (first, places) = pieces(pattern);
    let mut rest = text.strip_prefix(first)?;
    let mut letters = first.len();
    let mut found: Vec<(usize, &str)> = Vec::new();
    let mut places = places.into_iter().peekable();
    if places.peek().is_none() {
        return rest.is_empty().then_some((Vec::new(), letters));
    }
    while let Some((number, after)) = places.next() {
        let (value, left) = if places.peek().is_none() {
            (rest.strip_suffix(after)?, "")
        } else {
            rest.split_once(after).filter(|_| !after.is_empty())?
        };
        if value.is_empty() {
            return None;
        }
        found.push((number, value));
        (rest, letters) = (left, letters + after.len());
    }
    found.sort_by_key(|(number, _)| *number);
    Some((found.into_iter().map(|(_, value)| value).collect(), letters))
}

/// A pattern taken apart: what stands before its first place, and each place with what stands behind it.
fn pieces(pattern: &str) -> (&str, Vec<(usize, &str)>) {
    let mut places = Vec::new();
    let mut from = 0;
    let (mut first, mut open) = (pattern, None);
    for (at, _) in pattern.match_indices('{') {
        let Some((number, _)) = pattern.get(at + 1..).and_then(|rest| rest.split_once('}')) else { continue };
        let Ok(place) = number.parse::<usize>() else { continue };
        let before = pattern.get(from..at).unwrap_or_default();
        match open.replace(place) {
            None => first = before,
            Some(earlier) => places.push((earlier, before)),
        }
        from = at + number.len() + 2;
    }
    if let Some(last) = open {
        places.push((last, pattern.get(from..).unwrap_or_default()));
    }
    (first, places)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_is_taken_apart_by_the_text_that_it_fits() {
        assert_eq!(values("the id `{2}` of {1}", "the id `a` of x y"), Some((vec!["x y", "a"], 13)));
        assert_eq!(values("plain", "plain"), Some((vec![], 5)));
        for (pattern, text) in [("plain", "plain text"), ("a {1}", "a "), ("`{1}` is empty", "`a` is full")] {
            assert_eq!(values(pattern, text), None, "{pattern}");
        }
    }

    #[test]
    fn what_is_known_is_told_in_vietnamese_and_the_rest_stays_as_it_is() {
        let told = |english: &str| Tongue::Vietnamese.retold(english);
        assert_eq!(told("unknown column `colour`"), "không có cột `colour`".into());
        assert_eq!(told("unknown kind `soo`"), "kind: không có giá trị `soo`".into());
        assert_eq!(
            told("parent_code: no unit has the code `99`"),
            "parent_code: không có đơn vị nào mang mã `99`".into()
        );
        assert_eq!(told("write 2022-10-31"), "ghi 2022-10-31".into());
        let strange = "something that nobody foresaw";
        assert_eq!(told(strange), Told { text: strange.to_owned(), is_english: true });
        assert_eq!(Tongue::English.retold(strange), strange.into());
    }
}
