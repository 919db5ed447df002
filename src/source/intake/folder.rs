//! The folders below the one that files are put into, and the names of the files in them.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use chrono::{DateTime, NaiveDateTime, TimeDelta, TimeZone as _, Utc};
use unicode_normalization::UnicodeNormalization as _;

use crate::clock::ZONE;

pub(super) const TAKING: &str = ".taking";
pub(super) const CURRENT: &str = "current";
pub(super) const DONE: &str = "done";
pub(super) const FAILED: &str = "failed";
/// What `failed/` says of a file stands beside it.
pub(super) const WHY: &str = ".txt";

/// Bytes of a name that are kept, so that with all that is added it is no longer than a file system's 255.
const NAME: usize = 160;
/// `20221031-073000123`.
const STAMP: usize = 18;

/// A file that was taken in, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Current {
    /// Where it lies.
    pub path: PathBuf,
    /// When it was taken in.
    pub taken_at: DateTime<Utc>,
}

/// The file in force: the last one by name.
pub(super) fn current(folder: &Path) -> io::Result<Option<Current>> {
    Ok(stamped(&folder.join(CURRENT))?.pop())
}

/// What says why the last refused file was refused.
pub(super) fn last_failed(folder: &Path) -> Option<PathBuf> {
    let files = stamped(&folder.join(FAILED)).ok()?;
    files.into_iter().map(|file| file.path).rfind(|path| path.to_string_lossy().ends_with(WHY))
}

/// The regular files of `folder` that this program named, by name and so by time; none when there is no such folder.
pub(super) fn stamped(folder: &Path) -> io::Result<Vec<Current>> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        other => other?,
    };
    let mut files = Vec::new();
    for entry in entries {
        let entry = entry?;
        let named = entry.file_name().to_str().and_then(stamp_of);
        if let Some(taken_at) = named.filter(|_| entry.file_type().is_ok_and(|kind| kind.is_file())) {
            files.push(Current { path: entry.path(), taken_at });
        }
    }
    files.sort_by(|one, other| one.path.file_name().cmp(&other.path.file_name()));
    Ok(files)
}

/// A name for a file that people call `name`, later than `after`: `20221031-073000123-figures.csv`.
pub(super) fn stamp(name: &str, now: DateTime<Utc>, after: Option<DateTime<Utc>>) -> String {
    let at = after.map_or(now, |after| now.max(after + TimeDelta::milliseconds(1)));
    format!("{}-{}", at.with_timezone(&ZONE).format("%Y%m%d-%H%M%S%3f"), plain(name))
}

fn stamp_of(name: &str) -> Option<DateTime<Utc>> {
    let (stamp, rest) = (name.get(..STAMP)?, name.get(STAMP..)?);
    let (seconds, millis) = stamp.split_at_checked(STAMP - 3)?;
    let at = NaiveDateTime::parse_from_str(seconds, "%Y%m%d-%H%M%S").ok()?;
    let at = at.checked_add_signed(TimeDelta::milliseconds(millis.parse::<u16>().ok()?.into()))?;
    rest.starts_with('-').then(|| ZONE.from_local_datetime(&at).earliest())?.map(|at| at.to_utc())
}

/// A name that is only a name: letters, digits, `.`, `-` and `_`, not too long, its end kept.
fn plain(name: &str) -> String {
    let letters = |letter: char| if letter.is_alphanumeric() || ".-_".contains(letter) { letter } else { '_' };
    let name: String = name.nfc().map(letters).collect();
    let too_long = |at: &usize| name.len() - at > NAME;
    let from = name.char_indices().map(|(at, _)| at).find(|at| !too_long(at)).unwrap_or(0);
    let kept = name.get(from..).unwrap_or_default().trim_start_matches('.');
    if kept.is_empty() { "figures".to_owned() } else { kept.to_owned() }
}

/// Makes what was renamed in `folder` outlast a power cut.
pub(super) fn sync(folder: &Path) -> io::Result<()> {
    fs::File::open(folder)?.sync_all()
}

/// Removes the oldest files of `folder` beyond the newest `keep`; what says why goes with its file.
pub(super) fn prune(folder: &Path, keep: usize) -> io::Result<()> {
    let files = stamped(folder)?;
    let is_why = |file: &&Current| file.path.to_string_lossy().ends_with(WHY);
    let (why, files): (Vec<_>, Vec<_>) = files.iter().partition(is_why);
    for list in [why, files] {
        for file in list.iter().take(list.len().saturating_sub(keep)) {
            fs::remove_file(&file.path)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn noon() -> DateTime<Utc> {
        DateTime::from_timestamp_millis(1_667_176_200_123).expect("an instant")
    }

    #[test]
    fn names_say_when_and_are_only_names() {
        for (name, expected) in [
            ("figures.csv", "20221031-073000123-figures.csv"),
            ("Biểu 06 (tháng 10).xlsx", "20221031-073000123-Biểu_06__tháng_10_.xlsx"),
            ("../../etc/passwd", "20221031-073000123-_.._etc_passwd"),
            ("a\0\u{202e}b\n.csv", "20221031-073000123-a__b_.csv"),
            ("..", "20221031-073000123-figures"),
        ] {
            assert_eq!(stamp(name, noon(), None), expected);
        }
    }

    #[test]
    fn a_clock_that_was_set_back_does_not_bring_back_an_older_file() {
        let first = stamp("z.csv", noon(), None);
        let second = stamp("a.csv", noon() - TimeDelta::hours(1), stamp_of(&first));
        assert!(second > first, "{second}");
    }

    proptest! {
        #[test]
        fn a_stamp_is_read_back_whatever_the_name(name in "(\\PC|[\u{20000}-\u{2a000}]){0,90}", millis in 0..4_102_444_800_000_i64) {
            let at = DateTime::from_timestamp_millis(millis).expect("an instant");
            let stamped = stamp(&name, at, None);
            prop_assert_eq!(stamp_of(&stamped), Some(at));
            prop_assert!(!stamped.contains(['/', '\0', '\n']) && stamped.len() < 240);
        }
    }
}
