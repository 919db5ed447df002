//! What must hold for whatever bytes come in: the targets of `scripts/fuzz`, and of the tests, which try them on the
//! seeds in `fuzz/corpus`. No part of the program; compiled for these two alone.
//!
//! A target panics where a property does not hold. The properties stand in the rooms that they are about.

use crate::{observation, source};

/// A target, and the folder of its seeds.
pub type Target = (&'static str, fn(&[u8]));

/// All targets.
pub const TARGETS: [Target; 7] = [
    ("number", number),
    ("header", header),
    ("html_table", html_table),
    ("csv", csv),
    ("json_mapping", json_mapping),
    ("template", template),
    ("statement", statement),
];

/// Counts and periods: what is read prints back, and a sheet counts a cell as its rows do.
pub fn number(bytes: &[u8]) {
    observation::properties::number(bytes);
}

/// Headers of several rows: every name that an error lists means its column, and every place told is in the sheet.
pub fn header(bytes: &[u8]) {
    source::properties::header(bytes);
}

/// Web pages that are called workbooks: no more cells than tags, no more work than the page is long.
pub fn html_table(bytes: &[u8]) {
    source::properties::html_table(bytes);
}

/// Tables: several threads and another encoding give the same figures, and every refusal can be found.
pub fn csv(bytes: &[u8]) {
    observation::properties::csv(bytes);
}

/// Replies: every place told leads to its row, and a number with a fraction is never a count.
pub fn json_mapping(bytes: &[u8]) {
    for (number, cell) in source::properties::json_mapping(bytes) {
        observation::properties::number_of_a_reply(&number, &cell);
    }
}

/// Texts with holes: each is filled, and nothing else is touched.
pub fn template(bytes: &[u8]) {
    source::properties::template(bytes);
}

/// Queries: what is taken is one reading statement for every database.
pub fn statement(bytes: &[u8]) {
    source::properties::statement(bytes);
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::{Path, PathBuf};

    use super::TARGETS;

    /// Seeds are samples, not an archive.
    const BYTES: usize = 64 << 10;

    fn listed(folder: &Path) -> Vec<PathBuf> {
        let entries = std::fs::read_dir(folder).expect("a folder");
        let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
        paths.sort();
        paths
    }

    #[test]
    fn what_is_fuzzed_holds_for_every_seed() {
        let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus");
        let folders: BTreeSet<PathBuf> = listed(&corpus).into_iter().collect();
        let expected: BTreeSet<PathBuf> = TARGETS.iter().map(|(name, _)| corpus.join(name)).collect();
        assert_eq!(folders, expected, "every target has a folder of seeds, and every folder a target");
        let mut total = 0;
        for (name, target) in TARGETS {
            for seed in listed(&corpus.join(name)) {
                let bytes = std::fs::read(&seed).expect("a seed");
                total += bytes.len();
                let held = std::panic::catch_unwind(|| target(&bytes));
                assert!(held.is_ok(), "{} breaks a property", seed.display());
            }
        }
        assert!(total <= BYTES, "{total} bytes of seeds");
    }
}
