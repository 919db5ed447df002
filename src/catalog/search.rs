//! How people search: without diacritics, in any order of words. One rule for all pages.

use super::matching::{fold, without_diacritics};

/// What somebody typed into a box for searching.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Search(Vec<String>);

impl Search {
    /// The words of `typed`.
    pub fn of(typed: &str) -> Self {
        Self(plain(typed).split_whitespace().map(ToOwned::to_owned).collect())
    }

    /// Whether nothing was typed; that finds everything.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether every word occurs in `text`.
    pub fn finds(&self, text: &str) -> bool {
        let text = plain(text);
        self.0.iter().all(|word| text.contains(word.as_str()))
    }

    /// Whether `text` is what was typed, and nothing more.
    pub fn is(&self, text: &str) -> bool {
        !self.is_empty() && plain(text).split_whitespace().eq(self.0.iter().map(String::as_str))
    }
}

/// As texts are compared for it: one way of composing and placing marks, then no marks, small letters.
fn plain(text: &str) -> String {
    without_diacritics(&fold(text)).to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_has_to_occur_with_or_without_its_marks() {
        for typed in ["song mai", "Mai SONG", "xã song", "phường Song Mai", "  ", "07201", "mai-song"] {
            let found = Search::of(typed).finds("07201 Xã Song Mai");
            assert_eq!(found, !matches!(typed, "phường Song Mai" | "mai-song"), "{typed}");
        }
        assert!(Search::of("hoà").finds("Xã Hiệp Hòa") && Search::of("dong").finds("Xã Đồng Kỳ"));
        assert!(Search::of("đo\u{302}\u{300}ng").finds("Xã Đông Sơn"), "marks that are typed do not exclude either");
    }

    #[test]
    fn a_whole_name_is_known_as_such() {
        assert!(Search::of("xa song  mai").is("Xã Song Mai"));
        assert!(!Search::of("song mai").is("Xã Song Mai"));
        assert!(!Search::of("").is("") && Search::of("").is_empty());
    }
}
