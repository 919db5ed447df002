//! A file or text that is hashed while it is read, so that a snapshot can name exactly the bytes its figures come from.

use std::fs::File;
use std::io::{self, Cursor, Read};
use std::path::Path;
use std::sync::Arc;
use std::time::SystemTime;

use sha2::{Digest as _, Sha256};

use super::text::Text;

/// How many bytes may pass without a complete row. More is an unclosed quotation mark or no table at all; without a
/// limit it would be read into memory whole.
const ROW_LIMIT: u64 = 4 << 20;

/// A file, its hash so far, and what its bytes look like.
#[derive(Debug)]
pub(super) struct HashedFile {
    input: Input,
    hasher: Sha256,
    as_opened: (u64, Option<SystemTime>),
    bytes: u64,
    last: Option<u8>,
    start: Vec<u8>,
    since_row: u64,
}

#[derive(Debug)]
enum Input {
    File(File),
    /// Text, with the hash of what it was made of.
    Text(Cursor<Arc<[u8]>>, Arc<str>),
}

impl HashedFile {
    /// Opens the file at `path`.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        let as_opened = state_of(&file)?;
        Ok(Self::of(Input::File(file), as_opened))
    }

    /// Reads `text` as if it were a file.
    pub(super) fn text(text: &Text) -> Self {
        Self::of(Input::Text(Cursor::new(Arc::clone(&text.csv)), Arc::clone(&text.sha256)), (0, None))
    }

    fn of(input: Input, as_opened: (u64, Option<SystemTime>)) -> Self {
        Self { input, hasher: Sha256::new(), as_opened, bytes: 0, last: None, start: Vec::new(), since_row: 0 }
    }

    /// How many bytes were read so far.
    pub(super) const fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The last byte that was read.
    pub(super) const fn last(&self) -> Option<u8> {
        self.last
    }

    /// The first bytes of the file, at most eight.
    pub(super) fn start(&self) -> &[u8] {
        &self.start
    }

    /// Says that a row was complete.
    pub(super) const fn row_complete(&mut self) {
        self.since_row = 0;
    }

    /// Whether reading stopped because no row came to an end.
    pub(super) const fn overrun(&self) -> bool {
        self.since_row > ROW_LIMIT
    }

    /// Reads what is left and gives the SHA-256 of all bytes, or of what the text was made of, hexadecimal.
    pub(super) fn finish(mut self) -> io::Result<String> {
        let mut rest = vec![0; 128 << 10];
        while self.read(&mut rest)? > 0 {
            self.since_row = 0;
        }
        let file = match self.input {
            Input::File(file) => file,
            Input::Text(_, sha256) => return Ok(sha256.to_string()),
        };
        let now = state_of(&file)?;
        if file.metadata()?.is_file() && (now != self.as_opened || now.0 != self.bytes) {
            return Err(io::Error::other("the file changed while it was read"));
        }
        Ok(hex::encode(self.hasher.finalize()))
    }
}

impl Read for HashedFile {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.overrun() {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "no row came to an end"));
        }
        let count = match &mut self.input {
            Input::File(file) => file.read(buffer)?,
            Input::Text(text, _) => text.read(buffer)?,
        };
        let read = buffer.get(..count).unwrap_or_default();
        self.hasher.update(read);
        self.last = read.last().copied().or(self.last);
        self.start.extend(read.iter().take(8_usize.saturating_sub(self.start.len())));
        let count_read = u64::try_from(count).unwrap_or(u64::MAX);
        self.bytes += count_read;
        self.since_row += count_read;
        Ok(count)
    }
}

/// Length and time of the last change.
fn state_of(file: &File) -> io::Result<(u64, Option<SystemTime>)> {
    let metadata = file.metadata()?;
    Ok((metadata.len(), metadata.modified().ok()))
}

/// SHA-256 of `bytes`, hexadecimal.
pub(super) fn sha256(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}
