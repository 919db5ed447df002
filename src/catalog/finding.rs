//! Collects what is wrong in one file of a pack, each with line, column and remedy.

use std::collections::HashMap;
use std::hash::Hash;

use super::pack::Problem;
use super::unit::Validity;

/// The problems of one file. Places are byte offsets in its text and become line and column (1-based, in characters).
#[derive(Debug)]
pub(super) struct Findings<'a> {
    file: &'a str,
    text: &'a str,
    line_starts: Vec<usize>,
    problems: Vec<Problem>,
}

impl<'a> Findings<'a> {
    /// None yet, in `text` of `file`.
    pub(super) fn new(file: &'a str, text: &'a str) -> Self {
        let line_starts = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        Self { file, text, line_starts, problems: Vec::new() }
    }

    /// The whole text that places refer to.
    pub(super) const fn text(&self) -> &'a str {
        self.text
    }

    /// Adds one.
    pub(super) fn add(&mut self, at: usize, message: impl Into<String>, hint: impl Into<String>) {
        let (line, column) = self.place(at);
        let file = self.file.to_owned();
        self.problems.push(Problem { file, line, column, code: "", message: message.into(), hint: hint.into() });
    }

    /// Gives the one that was added last its code.
    pub(super) fn call_last(&mut self, code: &'static str) {
        if let Some(last) = self.problems.last_mut() {
            last.code = code;
        }
    }

    /// 1-based line of a place.
    pub(super) fn line(&self, at: usize) -> u64 {
        self.place(at).0
    }

    fn place(&self, at: usize) -> (u64, u64) {
        let line = self.line_starts.partition_point(|start| *start <= at);
        let start = self.line_starts.get(line.saturating_sub(1)).copied().unwrap_or(0);
        let column = self.text.get(start..at).map_or(0, |before| before.chars().count()) + 1;
        (count(line), count(column))
    }

    /// Drops what stands on one of `lines`: what is left of a line that could not be parsed means nothing.
    pub(super) fn forget_lines(&mut self, lines: &[u64]) {
        self.problems.retain(|problem| !lines.contains(&problem.line));
    }

    /// All of them, in the order of finding.
    pub(super) fn into_problems(self) -> Vec<Problem> {
        self.problems
    }
}

fn count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}

/// A remedy for a word that is not one of `known`: the nearest one, and all of them.
pub(super) fn one_of(word: &str, known: &[&str]) -> String {
    let all = known.join(", ");
    match nearest(word, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`? Known: {all}"),
        None => format!("write one of: {all}"),
    }
}

/// The known word that `word` is probably a misspelling of.
pub(super) fn nearest<'k>(word: &str, known: impl Iterator<Item = &'k str>) -> Option<&'k str> {
    const ALIKE: f64 = 0.6;
    let word = word.to_lowercase();
    let rated = known.map(|candidate| (strsim::normalized_damerau_levenshtein(&word, candidate), candidate));
    let (likeness, candidate) = rated.max_by(|one, other| one.0.total_cmp(&other.0))?;
    (likeness >= ALIKE).then_some(candidate)
}

/// Two rows with one key that hold on the same day, by their index among the given rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Overlap {
    /// The row further down.
    pub(super) later: usize,
    /// The row further up.
    pub(super) earlier: usize,
}

/// Overlaps among rows with equal keys, at most one per row. Rows without a validity are left out.
pub(super) fn overlaps<K: Eq + Hash>(rows: impl Iterator<Item = (K, Option<Validity>)>) -> Vec<Overlap> {
    let mut by_key: HashMap<K, Vec<(Validity, usize)>> = HashMap::new();
    for (at, (key, valid)) in rows.enumerate() {
        if let Some(valid) = valid {
            by_key.entry(key).or_default().push((valid, at));
        }
    }
    let mut found = Vec::new();
    for mut rows in by_key.into_values() {
        rows.sort_by_key(|(valid, at)| (valid.from, *at));
        let mut rows = rows.into_iter();
        let Some(mut longest) = rows.next() else { continue };
        for row in rows {
            if row.0.overlaps(longest.0) {
                found.push(Overlap { later: row.1.max(longest.1), earlier: row.1.min(longest.1) });
            }
            if longest.0.to.is_some_and(|end| row.0.to.is_none_or(|to| to > end)) {
                longest = row;
            }
        }
    }
    found.sort_unstable();
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn valid(from: &str, to: &str) -> Validity {
        Validity { from: from.parse().ok(), to: to.parse().ok() }
    }

    #[test]
    fn places_are_lines_and_characters_from_one() {
        let mut findings = Findings::new("units.csv", "mã\nxã,sở\n");
        findings.add("mã\nxã,".len(), "message", "hint");
        let problem = findings.into_problems().remove(0);
        assert_eq!((problem.line, problem.column), (2, 4));
    }

    #[test]
    fn rows_that_hold_on_one_day_overlap_and_rows_that_follow_do_not() {
        let rows = [
            ("a", valid("", "2025-06-30")),
            ("a", valid("2025-07-01", "")),
            ("b", valid("2025-01-01", "2025-12-31")),
            ("b", valid("2025-02-01", "2025-03-01")),
            ("b", valid("2025-12-31", "")),
            ("c", valid("", "")),
            ("unreadable", valid("", "")),
            ("unreadable", valid("", "")),
        ];
        let found = overlaps(rows.into_iter().map(|(key, valid)| (key, (key != "unreadable").then_some(valid))));
        assert_eq!(found, [Overlap { later: 3, earlier: 2 }, Overlap { later: 4, earlier: 2 }]);
    }

    #[test]
    fn a_misspelt_word_finds_its_neighbour() {
        assert_eq!(nearest("Phuongg", ["xa", "phuong"].into_iter()), Some("phuong"));
        assert_eq!(nearest("zzz", ["xa", "phuong"].into_iter()), None);
    }
}
