//! Files that others bring: put into a folder, or pushed over the network. For networks that allow no call from here.
//!
//! ```text
//! folder/               what is put here is looked at; a whole file is copied, judged, and then removed from here
//! folder/.taking/       copies that are being judged, uploads under way, the lock
//! folder/current/       the source's file: the last one by name
//! folder/done/          its predecessors
//! folder/failed/        what was refused, each with a `.txt` that says why
//! ```
//!
//! What is judged is a copy that belongs to this program, so nobody changes it between the judgement and the round. One
//! rename puts it into `current/`: before it the source has its former file, after it the new one. Whatever a crash leaves
//! half done is met again by the next look, as a file whose bytes are known.

mod desk;
mod folder;
mod offer;
mod rows;
mod tokens;
mod watch;
mod words;

pub use desk::{Desk, Lock};
pub use folder::Current;
pub use offer::{Offer, Part};
pub use tokens::Tokens;
pub use watch::{Looked, Waiting, Watch};

use std::io;
use std::path::{Path, PathBuf};

use super::{Encoding, FetchError, Layout, Place, Settings};

/// A source whose file is brought.
#[derive(Debug, Clone)]
pub struct Dropped {
    /// Where files are put; everything else lies in folders below it.
    pub folder: PathBuf,
    /// How a file is read.
    pub read_as: ReadAs,
    /// A larger file is refused.
    pub max_bytes: u64,
    /// How many files `done/` and `failed/` keep, each; the oldest go first.
    pub keep: usize,
    /// Who may push; without any token nobody may.
    pub tokens: Tokens,
}

/// How a file that is brought is read: like the [`Place`] of the same name.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "the fields are those of `Place`")]
pub enum ReadAs {
    /// As CSV.
    Csv { delimiter: u8, encoding: Encoding, max_rows: Option<u64> },
    /// As a sheet of a workbook.
    Sheet { sheet: Option<String>, layout: Layout },
}

impl Dropped {
    /// The file in force; `None` before the first one was taken in.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn current(&self) -> io::Result<Option<Current>> {
        folder::current(&self.folder)
    }

    /// A file of this kind at `path`.
    pub(super) fn at(&self, path: &Path) -> Place {
        let path = path.to_owned();
        match &self.read_as {
            ReadAs::Csv { delimiter, encoding, max_rows } => {
                Place::Csv { path, delimiter: *delimiter, encoding: *encoding, max_rows: *max_rows }
            }
            ReadAs::Sheet { sheet, layout } => Place::Sheet { path, sheet: sheet.clone(), layout: layout.clone() },
        }
    }

    /// `settings`, which are of this source, with the file that is in force now.
    ///
    /// # Errors
    /// [`FetchError::Unreachable`] when there is none yet.
    pub(super) fn in_force(&self, settings: &Settings) -> Result<Settings, FetchError> {
        let unreachable = |source| FetchError::Unreachable {
            name: settings.name.clone(),
            place: self.folder.display().to_string(),
            source,
        };
        match self.current() {
            Ok(Some(current)) => Ok(Settings { place: self.at(&current.path), ..settings.clone() }),
            Ok(None) => Err(unreachable(io::Error::other(self.nothing_yet()))),
            Err(error) => Err(unreachable(error)),
        }
    }

    fn nothing_yet(&self) -> String {
        let refused = match folder::last_failed(&self.folder) {
            Some(why) => format!("; the last one was refused, {} says why", why.display()),
            None => String::new(),
        };
        let push = if self.tokens.is_empty() { "" } else { ", or push one" };
        format!("no file was taken in yet{refused}: put one into this folder{push}")
    }
}

/// Why a file is not taken in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    /// Stable name for programs: `unreadable`, `refused_rows`, `empty`, `conflicting_rows`, `row`, `too_large`,
    /// `too_many_rows`, `not_a_file`.
    pub code: &'static str,
    /// File and, where known, line and column; empty when it is about the whole file.
    pub place: String,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub remedy: String,
}
