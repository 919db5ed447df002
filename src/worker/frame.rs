//! What parent and worker say to each other: bytes behind their length, four of them, big-endian.

use std::io::{self, Read, Write};

/// A longer frame is a fault of the peer.
const LIMIT: usize = 256 * 1024 * 1024;

/// The four bytes before a frame of `length` bytes.
///
/// # Errors
/// When it is too long.
pub(super) fn head(length: usize) -> io::Result<[u8; 4]> {
    let length = u32::try_from(length).ok().filter(|_| length <= LIMIT);
    Ok(length.ok_or_else(|| io::Error::other("frame too long"))?.to_be_bytes())
}

/// The length that a frame's first four bytes announce.
///
/// # Errors
/// When it is more than a peer in order would send.
pub(super) fn length(head: [u8; 4]) -> io::Result<usize> {
    let length = usize::try_from(u32::from_be_bytes(head)).unwrap_or(usize::MAX);
    if length > LIMIT { Err(io::Error::other("frame too long")) } else { Ok(length) }
}

/// The next frame's bytes; `None` when the peer has closed.
pub(super) fn read(from: &mut impl Read) -> io::Result<Option<Vec<u8>>> {
    let mut head = [0; 4];
    match from.read_exact(&mut head) {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        other => other?,
    }
    let mut bytes = vec![0; length(head)?];
    from.read_exact(&mut bytes)?;
    Ok(Some(bytes))
}

/// Writes one frame.
pub(super) fn write(to: &mut impl Write, bytes: &[u8]) -> io::Result<()> {
    to.write_all(&head(bytes.len())?)?;
    to.write_all(bytes)?;
    to.flush()
}
