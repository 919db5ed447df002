//! Two texts in one, word by word: what was taken out and what was put in, each by more than its colour.

use crate::message::revisions::{Mark, word_diff};

/// Lines of an unchanged piece that are shown before and behind a change.
const AROUND: usize = 3;

/// Words that share a fate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Piece {
    pub(super) mark: Mark,
    pub(super) text: String,
}

/// The pieces of `old` and `new`; of what did not change only the lines beside changes, `⋯` for the others. Nothing where
/// nothing changed.
pub(super) fn changes(old: &str, new: &str) -> Vec<Piece> {
    let pieces = word_diff(old, new);
    if pieces.iter().all(|piece| piece.mark == Mark::Same) {
        return Vec::new();
    }
    let last = pieces.len().saturating_sub(1);
    let folded = pieces.into_iter().enumerate().map(|(at, piece)| {
        let text = if piece.mark == Mark::Same { folded(&piece.text, at > 0, at < last) } else { piece.text };
        Piece { mark: piece.mark, text }
    });
    folded.collect()
}

fn folded(text: &str, after: bool, before: bool) -> String {
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let (head, tail) = (if after { AROUND } else { 0 }, if before { AROUND } else { 0 });
    if lines.len() <= head + tail + 1 {
        return text.to_owned();
    }
    let first = lines.iter().take(head);
    let rest = lines.iter().skip(lines.len() - tail);
    first.chain(std::iter::once(&"⋯\n")).chain(rest).copied().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_unchanged_pieces_are_folded_and_changes_never() {
        let text = |word: &str| {
            let lines = |from: usize| (from..from + 20).map(|n| format!("dòng {n}\n")).collect::<Vec<_>>().concat();
            format!("{}{word}\n{}", lines(0), lines(20))
        };
        let pieces = changes(&text("một"), &text("hai"));
        let of = |mark| pieces.iter().filter(|piece| piece.mark == mark).map(|piece| piece.text.as_str()).collect();
        let (removed, added, same): (String, String, String) = (of(Mark::Removed), of(Mark::Added), of(Mark::Same));
        assert_eq!((removed.as_str(), added.as_str()), ("một", "hai"));
        assert!(same.contains("⋯") && same.contains("dòng 19") && !same.contains("dòng 10"), "{same}");
        assert_eq!(changes("như cũ", "như cũ"), []);
    }
}
