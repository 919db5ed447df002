//! Where files are handed in: copies them, and puts them where they belong once they were judged.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use chrono::{DateTime, TimeDelta, Utc};
use sha2::{Digest as _, Sha256};

use super::folder::{CURRENT, Current, DONE, FAILED, TAKING, WHY, current, prune, stamp, stamped, sync};
use super::offer::{Offer, Part};
use super::watch::Waiting;
use super::{Dropped, Reason, words};
use crate::words::Tongue;

/// A round that began with a file goes on reading it for so long after it got a successor.
const LINGER: TimeDelta = TimeDelta::minutes(10);
/// A copy or an upload that is older belongs to a process that died.
const ABANDONED: TimeDelta = TimeDelta::hours(1);

/// Makes the names of copies distinct within this process.
static NUMBER: AtomicU64 = AtomicU64::new(0);

/// The folders of one source.
#[derive(Debug, Clone)]
pub struct Desk {
    source: String,
    dropped: Dropped,
}

/// Held by whoever takes files in, over all processes; given back on drop.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

impl Desk {
    /// The desk of the source called `source`, its folders made where they are missing.
    ///
    /// # Errors
    /// When they cannot be made, or one of them is a link or a file.
    pub fn open(source: &str, dropped: &Dropped) -> io::Result<Self> {
        fs::create_dir_all(&dropped.folder)?;
        for below in [TAKING, CURRENT, DONE, FAILED] {
            let folder = dropped.folder.join(below);
            if let Err(error) = fs::create_dir(&folder)
                && error.kind() != io::ErrorKind::AlreadyExists
            {
                return Err(at(&folder, &error));
            }
            if !fs::symlink_metadata(&folder)?.is_dir() {
                return Err(at(&folder, &io::Error::other("it must be a folder, and no link to one")));
            }
        }
        Ok(Self { source: source.to_owned(), dropped: dropped.clone() })
    }

    /// What the source says of its files.
    pub const fn dropped(&self) -> &Dropped {
        &self.dropped
    }

    /// Takes the desk for this caller; `None` while another has it.
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub fn lock(&self) -> io::Result<Option<Lock>> {
        let path = self.folder(TAKING).join("lock");
        let file = OpenOptions::new().create(true).truncate(false).write(true).open(&path);
        let file = file.map_err(|error| at(&path, &error))?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Lock { _file: file })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(at(&path, &error)),
        }
    }

    /// An empty copy, to be filled with what is received.
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub fn part(&self) -> io::Result<Part> {
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let path = self.folder(TAKING).join(format!("{}-{number}.part", std::process::id()));
        match Part::create(path.clone(), self.dropped.max_bytes) {
            // Process ids come again: this one's predecessor died, on this machine or in another container.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                let path = path.with_extension(format!("{}.part", fs::metadata(&self.dropped.folder)?.mtime_nsec()));
                Part::create(path, self.dropped.max_bytes)
            }
            other => other,
        }
    }

    /// Copies `waiting`; `None` when it changed meanwhile. Blocks on the disk.
    ///
    /// # Errors
    /// When it cannot be read, or the copy not be written.
    pub fn copy(&self, waiting: &Waiting) -> io::Result<Option<Offer>> {
        Offer::copy(waiting, self.part()?)
    }

    /// Why `waiting` is refused without being read.
    pub fn unfit(&self, waiting: &Waiting) -> Option<Reason> {
        if !waiting.is_file {
            return Some(Reason {
                code: "not_a_file",
                place: waiting.name.clone(),
                message: "it is a link or a device, not a file".to_owned(),
                remedy: "put the file itself into the folder".to_owned(),
            });
        }
        (waiting.state.length() > self.dropped.max_bytes).then(|| self.too_large(&waiting.name))
    }

    /// The reason for what is larger than may be.
    pub fn too_large(&self, name: &str) -> Reason {
        Reason {
            code: "too_large",
            place: name.to_owned(),
            message: format!("the file is larger than {} MB", self.dropped.max_bytes >> 20),
            remedy: "export fewer months or columns, or raise `max_megabytes` of the source".to_owned(),
        }
    }

    /// Whether the bytes of `offer` are those that are in force. Blocks on the disk.
    ///
    /// # Errors
    /// When the file in force cannot be read.
    pub fn has(&self, offer: &Offer) -> io::Result<bool> {
        match current(&self.dropped.folder)? {
            Some(current) => Ok(sha256_of(&current.path)? == offer.sha256()),
            None => Ok(false),
        }
    }

    /// Puts `offer` in force. Blocks on the disk.
    ///
    /// # Errors
    /// When the disk fails; then the former file is in force, or the new one, and a further try meets either.
    pub fn take(&self, _lock: &Lock, offer: Offer, now: DateTime<Utc>) -> io::Result<Current> {
        let before = current(&self.dropped.folder)?.map(|current| current.taken_at);
        let folder = self.folder(CURRENT);
        let path = folder.join(stamp(&offer.name, now, before));
        let original = offer.into_place(&path)?;
        sync(&folder)?;
        remove(original.as_ref())?;
        current(&self.dropped.folder)?.filter(|current| current.path == path).ok_or_else(|| {
            at(&path, &io::Error::other("it is not the last one by name; look for files from the future beside it"))
        })
    }

    /// Does away with an offer whose bytes are in force already.
    ///
    /// # Errors
    /// When what was brought cannot be removed.
    pub fn drop_same(&self, _lock: &Lock, mut offer: Offer) -> io::Result<()> {
        remove(offer.original.take().as_ref())
    }

    /// Keeps `offer` as refused, and beside it the reasons. Returns where these stand. Blocks on the disk.
    ///
    /// # Errors
    /// When the disk fails; then what was brought is still where it was.
    pub fn refuse(&self, _lock: &Lock, offer: Offer, reasons: &[Reason], now: DateTime<Utc>) -> io::Result<PathBuf> {
        let (path, why) = self.write_why(&offer.name, reasons, now)?;
        let original = offer.into_place(&path)?;
        sync(&self.folder(FAILED))?;
        remove(original.as_ref())?;
        Ok(why)
    }

    /// The same for what is not even read; `None` when something else lies there by now.
    ///
    /// # Errors
    /// When the disk fails; then it is still where it was.
    pub fn refuse_unread(
        &self,
        _lock: &Lock,
        waiting: &Waiting,
        reasons: &[Reason],
        now: DateTime<Utc>,
    ) -> io::Result<Option<PathBuf>> {
        if !waiting.is_still_there() {
            return Ok(None);
        }
        let (path, why) = self.write_why(&waiting.name, reasons, now)?;
        fs::rename(&waiting.path, &path)?;
        sync(&self.folder(FAILED))?;
        Ok(Some(why))
    }

    fn write_why(&self, name: &str, reasons: &[Reason], now: DateTime<Utc>) -> io::Result<(PathBuf, PathBuf)> {
        let folder = self.folder(FAILED);
        let before = stamped(&folder)?.pop().map(|file| file.taken_at);
        let stamp = stamp(name, now, before);
        let why = folder.join(format!("{stamp}{WHY}"));
        let half = folder.join(format!(".{stamp}{WHY}"));
        fs::write(&half, words::why(Tongue::Vietnamese, (&self.source, name), reasons, now))?;
        File::open(&half)?.sync_all()?;
        fs::rename(&half, &why)?;
        Ok((folder.join(stamp), why))
    }

    /// Moves predecessors of the file in force to `done/`, and removes what nobody needs any more.
    ///
    /// # Errors
    /// When the disk fails; the next call goes on.
    pub fn tidy(&self, _lock: &Lock, now: DateTime<Utc>) -> io::Result<()> {
        let mut files = stamped(&self.folder(CURRENT))?;
        let newest = files.pop();
        if newest.is_some_and(|newest| now - newest.taken_at >= LINGER) {
            for former in files {
                if let Some(name) = former.path.file_name() {
                    fs::rename(&former.path, self.folder(DONE).join(name))?;
                }
            }
        }
        prune(&self.folder(DONE), self.dropped.keep)?;
        prune(&self.folder(FAILED), self.dropped.keep)?;
        for entry in fs::read_dir(self.folder(TAKING))? {
            let entry = entry?;
            let modified = DateTime::from_timestamp(entry.metadata()?.mtime(), 0).unwrap_or(now);
            if entry.file_name().to_string_lossy().ends_with(".part") && now - modified > ABANDONED {
                fs::remove_file(entry.path())?;
            }
        }
        Ok(())
    }

    fn folder(&self, below: &str) -> PathBuf {
        self.dropped.folder.join(below)
    }
}

/// Removes what was copied, unless it was written to since: then it is another file, and its turn comes.
fn remove(original: Option<&Waiting>) -> io::Result<()> {
    match original.filter(|original| original.is_still_there()) {
        Some(original) => fs::remove_file(&original.path),
        None => Ok(()),
    }
}

fn sha256_of(path: &Path) -> io::Result<String> {
    let (mut file, mut hash) = (File::open(path)?, Sha256::new());
    let mut block = vec![0; 256 << 10];
    loop {
        let read = file.read(&mut block)?;
        if read == 0 {
            return Ok(hex::encode(hash.finalize()));
        }
        hash.update(block.get(..read).unwrap_or_default());
    }
}

fn at(path: &Path, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("`{}`: {error}", path.display()))
}
