//! What lies in the folder, and since when it no longer changes.

use std::collections::HashMap;
use std::ffi::OsString;
use std::fs::{self, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use chrono::{DateTime, TimeDelta, Utc};

/// A file that did not change between two looks so far apart is whole.
const SETTLED: TimeDelta = TimeDelta::seconds(2);
/// After trouble that is not the file's, it is left alone so long.
const REST: TimeDelta = TimeDelta::minutes(1);
/// Ends of names that programs give to files which they are still writing.
const UNFINISHED: [&str; 6] = [".part", ".tmp", "~", ".crdownload", ".partial", ".filepart"];

/// Remembers what was seen in one folder.
#[derive(Debug, Default)]
pub struct Watch {
    seen: HashMap<OsString, Seen>,
    rests_until: Option<DateTime<Utc>>,
}

#[derive(Debug, Clone, Copy)]
struct Seen {
    state: State,
    since: DateTime<Utc>,
}

/// What changes when a file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct State {
    file: (u64, u64),
    length: u64,
    modified: (i64, i64),
}

/// A file that can be taken in, or something else that never can.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// Where it lies.
    pub path: PathBuf,
    pub(super) name: String,
    pub(super) state: State,
    pub(super) is_file: bool,
}

/// What one look found.
#[derive(Debug, Default)]
pub struct Looked {
    /// Whole files, the oldest first.
    pub whole: Vec<Waiting>,
    /// Names of files that may still be written to.
    pub growing: Vec<String>,
}

impl State {
    pub(super) fn of(metadata: &Metadata) -> Self {
        Self {
            file: (metadata.dev(), metadata.ino()),
            length: metadata.len(),
            modified: (metadata.mtime(), metadata.mtime_nsec()),
        }
    }

    pub(super) const fn length(self) -> u64 {
        self.length
    }
}

impl Waiting {
    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether what lies there is still what was looked at.
    pub(super) fn is_still_there(&self) -> bool {
        fs::symlink_metadata(&self.path).is_ok_and(|metadata| State::of(&metadata) == self.state)
    }
}

impl Watch {
    /// Looks at what lies in `folder` at `now`. A file is whole when it was the same at an earlier look.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn look(&mut self, folder: &Path, now: DateTime<Utc>) -> io::Result<Looked> {
        let (mut looked, mut seen) = (Looked::default(), HashMap::new());
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let (path, name) = (entry.path(), entry.file_name());
            let shown = name.to_string_lossy().into_owned();
            // What was just taken away by somebody else is no trouble.
            let Ok(metadata) = fs::symlink_metadata(&path) else { continue };
            if metadata.is_dir() || shown.starts_with('.') || is_unfinished(&shown) {
                continue;
            }
            let state = State::of(&metadata);
            let earlier = self.seen.get(&name).filter(|earlier| earlier.state == state);
            let since = earlier.map_or(now, |earlier| earlier.since.min(now + REST));
            seen.insert(name, Seen { state, since });
            if now - since < SETTLED {
                looked.growing.push(shown);
            } else {
                looked.whole.push(Waiting { path, name: shown, state, is_file: metadata.is_file() });
            }
        }
        self.seen = seen;
        looked.whole.sort_by(|one, other| (one.state.modified, &one.name).cmp(&(other.state.modified, &other.name)));
        looked.growing.sort();
        Ok(looked)
    }

    /// Whether the folder itself is left alone at `now`, after trouble with it.
    pub fn rests(&self, now: DateTime<Utc>) -> bool {
        self.rests_until.is_some_and(|until| now < until)
    }

    /// Leaves the folder alone for a while.
    pub fn rest(&mut self, now: DateTime<Utc>) {
        self.rests_until = Some(now + REST);
    }

    /// Leaves `waiting` alone for a while.
    pub fn rest_from(&mut self, waiting: &Waiting, now: DateTime<Utc>) {
        if let Some(name) = waiting.path.file_name() {
            self.seen.insert(name.to_owned(), Seen { state: waiting.state, since: now + REST });
        }
    }
}

fn is_unfinished(name: &str) -> bool {
    let name = name.to_lowercase();
    UNFINISHED.iter().any(|end| name.ends_with(end))
}
