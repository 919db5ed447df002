//! Where the file of a `[[source]]` of kind `csv` or `sheet` is: at a path, or brought to a folder.

use std::path::PathBuf;

use super::section::Section;
use super::value;
use crate::source::intake::{ReadAs, Tokens};
use crate::source::{Dropped, Place};

/// What a source says of its file.
pub(super) enum At {
    /// It lies there.
    Path(PathBuf),
    /// It is brought.
    Drop(Brought),
}

/// Where it is brought, and how.
pub(super) struct Brought {
    folder: PathBuf,
    max_bytes: u64,
    keep: usize,
    tokens: Tokens,
}

impl Brought {
    /// The whole place, for files that are read like that.
    pub(super) fn place(self, read_as: ReadAs) -> Place {
        let Self { folder, max_bytes, keep, tokens } = self;
        Place::Dropped(Box::new(Dropped { folder, read_as, max_bytes, keep, tokens }))
    }
}

/// `path`, of which `example` is one, or `drop`.
pub(super) fn file(section: &Section<'_>, example: &str) -> Option<At> {
    let folder = section.optional("drop", value::filled);
    if !section.has("drop") {
        let path = section.required("path", example, value::filled);
        if section.has("push") {
            let _ = section.section("push");
            let hint = "add: drop = \"var/drop/province\"";
            section.report_key("push", "missing_key", "needs the folder `drop` to put files into", hint);
        }
        return path.map(|path| At::Path(section.reading.path(&path)));
    }
    section.optional("path", value::any);
    if section.has("path") {
        section.report_key("drop", "bad_value", "and `path` are both given", "keep one of the two");
    }
    let max_bytes = section.number("max_megabytes", 64, 1..=64) << 20;
    let keep = usize::try_from(section.number("keep_files", 100, 1..=10_000)).unwrap_or(1);
    let push = section.section("push");
    let tokens = push.secret("token", "token_file").map(|text| Tokens::of(&text)).unwrap_or_default();
    push.finish();
    Some(At::Drop(Brought { folder: section.reading.path(&folder?), max_bytes, keep, tokens }))
}
