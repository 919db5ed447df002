//! A file that is hashed while it is read, so that a snapshot can name exactly the bytes its figures come from.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;
use std::time::SystemTime;

use sha2::{Digest as _, Sha256};

use super::sheet::Sheet;

/// How many bytes may pass without a complete row. More is an unclosed quotation mark or no table at all; without a
/// limit it would be read into memory whole.
const ROW_LIMIT: u64 = 4 << 20;

/// A file, its hash so far, and what its bytes look like.
#[derive(Debug)]
pub(super) struct HashedFile {
    file: File,
    hasher: Sha256,
    as_opened: (u64, Option<SystemTime>),
    bytes: u64,
    last: Option<u8>,
    start: Vec<u8>,
    since_row: u64,
}

impl HashedFile {
    /// Opens the file at `path`.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        let as_opened = state_of(&file)?;
        Ok(Self { file, hasher: Sha256::new(), as_opened, bytes: 0, last: None, start: Vec::new(), since_row: 0 })
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

    /// Reads what is left and gives the SHA-256 of all bytes, hexadecimal.
    pub(super) fn finish(mut self) -> io::Result<String> {
        let mut rest = [0; 8192];
        while self.read(&mut rest)? > 0 {
            self.since_row = 0;
        }
        let now = state_of(&self.file)?;
        if self.file.metadata()?.is_file() && (now != self.as_opened || now.0 != self.bytes) {
            return Err(io::Error::other("the file changed while it was read"));
        }
        Ok(hexadecimal(&self.hasher.finalize()))
    }
}

impl Read for HashedFile {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.overrun() {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "no row came to an end"));
        }
        let count = self.file.read(buffer)?;
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

/// What a table is read from.
#[derive(Debug)]
pub(super) enum Bytes {
    /// A file, hashed on the way.
    File(HashedFile),
    /// A sheet's rows; the hash is that of the workbook. The position counts the bytes read.
    Sheet(Arc<Sheet>, usize),
}

impl Read for Bytes {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::File(file) => file.read(buffer),
            Self::Sheet(sheet, at) => {
                let count = sheet.text.as_bytes().get(*at..).unwrap_or_default().read(buffer)?;
                *at += count;
                Ok(count)
            }
        }
    }
}

impl Bytes {
    /// How many bytes were read so far.
    pub(super) fn count(&self) -> u64 {
        match self {
            Self::File(file) => file.bytes(),
            Self::Sheet(_, at) => u64::try_from(*at).unwrap_or(u64::MAX),
        }
    }

    /// The last byte that was read.
    pub(super) fn last(&self) -> Option<u8> {
        match self {
            Self::File(file) => file.last(),
            Self::Sheet(sheet, at) => sheet.text.as_bytes().get(..*at).and_then(<[u8]>::last).copied(),
        }
    }

    /// The file; a sheet was looked at by its worker already.
    pub(super) const fn file(&self) -> Option<&HashedFile> {
        match self {
            Self::File(file) => Some(file),
            Self::Sheet(..) => None,
        }
    }

    /// Says that a row was complete.
    pub(super) const fn row_complete(&mut self) {
        if let Self::File(file) = self {
            file.row_complete();
        }
    }

    /// Reads what is left and gives the SHA-256 of all bytes, hexadecimal.
    pub(super) fn finish(self) -> io::Result<String> {
        match self {
            Self::File(file) => file.finish(),
            Self::Sheet(sheet, _) => Ok(sheet.sha256.clone()),
        }
    }
}

/// The SHA-256 of `bytes`, hexadecimal.
pub(super) fn sha256(bytes: &[u8]) -> String {
    hexadecimal(&Sha256::digest(bytes))
}

/// Length and time of the last change.
fn state_of(file: &File) -> io::Result<(u64, Option<SystemTime>)> {
    let metadata = file.metadata()?;
    Ok((metadata.len(), metadata.modified().ok()))
}

fn hexadecimal(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
