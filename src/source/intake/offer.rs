//! A copy of what was brought, that nobody else writes to.

use std::fs::{self, File};
use std::io::{self, Read as _, Write};
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use super::Dropped;
use super::watch::{State, Waiting};
use crate::source::{Place, Settings};

/// A file that is being received; removed on drop unless it becomes an [`Offer`].
#[derive(Debug)]
pub struct Part {
    pub(super) path: PathBuf,
    file: File,
    hash: Sha256,
    length: u64,
    max_bytes: u64,
    kept: bool,
}

/// A whole copy, ready to be judged; removed on drop unless it was taken or kept as refused.
#[derive(Debug)]
pub struct Offer {
    pub(super) path: PathBuf,
    /// What people call it.
    pub(super) name: String,
    sha256: String,
    /// What it was copied from.
    pub(super) original: Option<Waiting>,
}

impl Part {
    pub(super) fn create(path: PathBuf, max_bytes: u64) -> io::Result<Self> {
        use std::os::unix::fs::OpenOptionsExt as _;
        // Readable to others like any report; written by this program alone.
        let file = fs::OpenOptions::new().write(true).create_new(true).mode(0o640).open(&path)?;
        Ok(Self { path, file, hash: Sha256::new(), length: 0, max_bytes, kept: false })
    }

    /// Adds what was received. `false` when the file is larger than the source's may be.
    ///
    /// # Errors
    /// When the disk takes no more.
    pub fn add(&mut self, bytes: &[u8]) -> io::Result<bool> {
        self.length = self.length.saturating_add(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
        if self.length > self.max_bytes {
            return Ok(false);
        }
        self.hash.update(bytes);
        self.file.write_all(bytes)?;
        Ok(true)
    }

    /// Where it lies until it is finished.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// How many bytes were received.
    pub const fn length(&self) -> u64 {
        self.length
    }

    /// Nothing more comes: what is there outlasts a power cut, and is an offer that people call `name`.
    ///
    /// # Errors
    /// When the disk fails.
    pub fn finish(mut self, name: &str) -> io::Result<Offer> {
        self.file.sync_all()?;
        self.kept = true;
        let sha256 = hex::encode(std::mem::take(&mut self.hash).finalize());
        Ok(Offer { path: self.path.clone(), name: name.to_owned(), sha256, original: None })
    }
}

impl Write for Part {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.add(bytes)? {
            Ok(bytes.len())
        } else {
            Err(io::Error::other("the rows fill more than the file may have"))
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        if !self.kept {
            let _ = fs::remove_file(&self.path);
        }
    }
}

impl Offer {
    /// Copies `waiting` into `part`; `None` when it is no longer what was looked at: written to, or another in its place.
    pub(super) fn copy(waiting: &Waiting, mut part: Part) -> io::Result<Option<Self>> {
        let mut file = File::open(&waiting.path)?;
        let unchanged = |file: &File| Ok::<_, io::Error>(State::of(&file.metadata()?) == waiting.state);
        if !unchanged(&file)? {
            return Ok(None);
        }
        let mut block = vec![0; 256 << 10];
        loop {
            let read = file.read(&mut block)?;
            if read == 0 {
                break;
            }
            if !part.add(block.get(..read).unwrap_or_default())? {
                return Ok(None);
            }
        }
        if !unchanged(&file)? {
            return Ok(None);
        }
        let mut offer = part.finish(&waiting.name)?;
        offer.original = Some(waiting.clone());
        Ok(Some(offer))
    }

    /// SHA-256 of its bytes, hexadecimal.
    pub fn sha256(&self) -> &str {
        &self.sha256
    }

    /// What people call it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// `settings` with this file instead of the one in force; unchanged when they are of no source that files are brought to.
    pub fn settings(&self, settings: &Settings) -> Settings {
        let place = match &settings.place {
            Place::Dropped(dropped) => Dropped::at(dropped, &self.path),
            other => other.clone(),
        };
        Settings { place, ..settings.clone() }
    }

    /// `text` with the name that people know instead of the copy's.
    pub fn told(&self, text: &str) -> String {
        text.replace(&self.path.display().to_string(), &self.name)
    }

    /// Renames it to `path`: now it is there whole, or not at all.
    pub(super) fn into_place(mut self, path: &Path) -> io::Result<Option<Waiting>> {
        fs::rename(&self.path, path)?;
        // Nothing is left to remove; a file that comes to have this name is not ours.
        self.path = PathBuf::new();
        Ok(self.original.take())
    }
}

impl Drop for Offer {
    fn drop(&mut self) {
        if !self.path.as_os_str().is_empty() {
            let _ = fs::remove_file(&self.path);
        }
    }
}
