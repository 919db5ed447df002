//! A large file in parts that several threads read at once: whole lines, found without parsing.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::Path;

/// Bytes read at once.
const BLOCK: usize = 256 << 10;
/// A line that is longer is not looked for: such a file is read as a whole.
const LONGEST_LINE: u64 = 1 << 20;

/// Some lines of a file, in order.
#[derive(Debug)]
pub struct Part {
    file: File,
    at: u64,
    to: u64,
    buffer: Vec<u8>,
    /// How many bytes of the buffer were read, and how many of these were handed out as whole lines.
    filled: usize,
    told: usize,
}

/// Cuts the file behind its first line into `count` parts of about the same size; `None` when it has less than
/// `least` bytes or a line without end.
///
/// # Errors
/// When the file cannot be read.
pub(super) fn cut(path: &Path, count: u64, least: u64) -> io::Result<Option<Vec<Part>>> {
    let file = File::open(path)?;
    let metadata = file.metadata()?;
    let length = metadata.len();
    if !metadata.is_file() || length < least.max(1) {
        return Ok(None);
    }
    let Some(first) = after_line(&file, 0)? else { return Ok(None) };
    let mut cuts = vec![first];
    for number in 1..count {
        let Some(cut) = after_line(&file, first + (length - first) / count * number)? else { return Ok(None) };
        cuts.push(cut);
    }
    cuts.push(length);
    let parts = cuts.windows(2).map(|ends| match ends {
        [at, to] => Ok(Part { file: file.try_clone()?, at: *at, to: *to, buffer: Vec::new(), filled: 0, told: 0 }),
        _ => Err(io::Error::other("two ends make a part")),
    });
    parts.collect::<io::Result<_>>().map(Some)
}

/// Where the line ends that `at` lies in.
fn after_line(file: &File, at: u64) -> io::Result<Option<u64>> {
    let mut block = vec![0; 4 << 10];
    let mut from = at;
    while from - at <= LONGEST_LINE {
        let read = file.read_at(&mut block, from)?;
        if read == 0 {
            return Ok(None);
        }
        if let Some(end) = block.iter().take(read).position(|byte| *byte == b'\n') {
            return Ok(Some(from + wide(end) + 1));
        }
        from += wide(read);
    }
    Ok(None)
}

impl Part {
    /// The next whole lines; each ends with `\n`, the file's last one too. `None` after the last of them.
    ///
    /// # Errors
    /// When reading fails or a line is longer than any table's.
    pub fn next_lines(&mut self) -> io::Result<Option<&[u8]>> {
        self.buffer.copy_within(self.told..self.filled, 0);
        self.filled -= self.told;
        self.told = 0;
        while self.at < self.to {
            if self.buffer.len() < self.filled + BLOCK {
                self.buffer.resize(self.filled + BLOCK, 0);
            }
            let wanted = usize::try_from(self.to - self.at).unwrap_or(usize::MAX).min(BLOCK);
            let free = self.buffer.get_mut(self.filled..self.filled + wanted).unwrap_or_default();
            let read = self.file.read_at(free, self.at)?;
            if read == 0 {
                return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the file became shorter"));
            }
            self.at += wide(read);
            self.filled += read;
            let known = self.buffer.get(..self.filled).unwrap_or_default();
            if let Some(end) = known.iter().rposition(|byte| *byte == b'\n') {
                self.told = end + 1;
                return Ok(self.buffer.get(..self.told));
            }
            if wide(self.filled) > LONGEST_LINE {
                return Err(io::Error::new(io::ErrorKind::InvalidData, "a line without end"));
            }
        }
        if self.filled == 0 {
            return Ok(None);
        }
        self.buffer.truncate(self.filled);
        self.buffer.push(b'\n');
        self.told = self.filled;
        Ok(Some(self.buffer.as_slice()))
    }
}

fn wide(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Cuts a file of `text` and puts its lines together again, with a `\n` behind the last one.
    fn joined(text: &str, count: u64) -> Option<String> {
        let file = tempfile::NamedTempFile::new().expect("a temporary file");
        std::fs::write(file.path(), text).expect("a written file");
        let mut read = Vec::new();
        for mut part in cut(file.path(), count, 0).expect("a readable file")? {
            while let Some(lines) = part.next_lines().expect("lines") {
                assert!(lines.ends_with(b"\n"));
                read.extend_from_slice(lines);
            }
        }
        Some(String::from_utf8(read).expect("text"))
    }

    proptest! {
        #[test]
        fn the_parts_together_are_the_file_behind_its_first_line(
            lines in prop::collection::vec("[a-z,]{0,40}", 1..200),
            count in 1..7_u64,
            ended in any::<bool>(),
        ) {
            let text = format!("header\n{}{}", lines.join("\n"), if ended { "\n" } else { "" });
            let mut expected = text["header\n".len()..].to_owned();
            if !expected.is_empty() && !expected.ends_with('\n') {
                expected.push('\n');
            }
            let read = joined(&text, count).unwrap_or_default();
            if !read.is_empty() || expected.is_empty() {
                prop_assert_eq!(read, expected);
            }
        }

        #[test]
        fn parts_that_are_read_in_many_blocks_are_whole_too(
            lengths in prop::collection::vec(prop_oneof![0..50_usize, 200_000..600_000_usize], 1..8),
            count in 1..4_u64,
        ) {
            let lines: Vec<String> = lengths.iter().map(|length| "x".repeat(*length)).collect();
            let text = format!("header\n{}\n", lines.join("\n"));
            let read = joined(&text, count).unwrap_or_default();
            prop_assert!(read.is_empty() || text["header\n".len()..] == read);
        }
    }
}
