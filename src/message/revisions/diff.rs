//! What differs between two texts, word by word.

use similar::{ChangeTag, TextDiff};

/// What became of a piece of text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// It stands in both.
    Same,
    /// Only the old text has it.
    Removed,
    /// Only the new text has it.
    Added,
}

impl Mark {
    /// Its name in outputs.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Same => "same",
            Self::Removed => "removed",
            Self::Added => "added",
        }
    }
}

/// Words that stand together and share a fate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// What became of it.
    pub mark: Mark,
    /// The words, with the blanks and line ends between them.
    pub text: String,
}

/// The pieces of `old` and `new` in order: without those added it is `old`, without those removed `new`.
pub fn word_diff(old: &str, new: &str) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = Vec::new();
    for change in TextDiff::from_words(old, new).iter_all_changes() {
        let mark = match change.tag() {
            ChangeTag::Equal => Mark::Same,
            ChangeTag::Delete => Mark::Removed,
            ChangeTag::Insert => Mark::Added,
        };
        match pieces.last_mut().filter(|last| last.mark == mark) {
            Some(last) => last.text.push_str(change.value()),
            None => pieces.push(Piece { mark, text: change.value().to_owned() }),
        }
    }
    pieces
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn without(pieces: &[Piece], mark: Mark) -> String {
        pieces.iter().filter(|piece| piece.mark != mark).map(|piece| piece.text.as_str()).collect()
    }

    #[test]
    fn one_changed_word_is_one_removed_and_one_added() {
        let pieces = word_diff("Kính gửi: Đồng chí\nTrân trọng", "Kính gửi: Ông\nTrân trọng");
        let marks: Vec<(Mark, &str)> = pieces.iter().map(|piece| (piece.mark, piece.text.as_str())).collect();
        assert_eq!(marks.first(), Some(&(Mark::Same, "Kính gửi: ")));
        assert!(marks.contains(&(Mark::Added, "Ông")), "{marks:?}");
        assert_eq!(marks.last(), Some(&(Mark::Same, "\nTrân trọng")));
    }

    proptest! {
        #[test]
        fn both_texts_can_be_read_from_the_pieces(old in "[aăâ \\n{}]{0,40}", new in "[aăâ \\n{}]{0,40}") {
            let pieces = word_diff(&old, &new);
            prop_assert_eq!(without(&pieces, Mark::Added), old);
            prop_assert_eq!(without(&pieces, Mark::Removed), new);
        }
    }
}
