//! Layouts of reports that ship with the program: files of `presets/`, laid below a source's own keys.

use std::sync::LazyLock;

use super::tree::{self, Entry};

const FILES: [(&str, &str); 5] = [
    ("bieu-06", include_str!("../../presets/bieu-06.toml")),
    ("dvctt-766", include_str!("../../presets/dvctt-766.toml")),
    ("so-hoa", include_str!("../../presets/so-hoa.toml")),
    ("thanh-toan", include_str!("../../presets/thanh-toan.toml")),
    ("thu-phi", include_str!("../../presets/thu-phi.toml")),
];

static PRESETS: LazyLock<Vec<(&str, Vec<Entry>)>> =
    LazyLock::new(|| FILES.iter().map(|(name, text)| (*name, tree::preset(name, text))).collect());

/// Names of the presets, each with its keys.
pub(super) fn all() -> Vec<(&'static str, &'static [Entry])> {
    PRESETS.iter().map(|(name, entries)| (*name, entries.as_slice())).collect()
}
