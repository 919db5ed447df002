//! What parent and worker say to each other: frames of JSON behind their length, four bytes, big-endian.

use std::io::{self, Read, Write};

use serde::{Deserialize, Serialize};

use super::Message;
use super::context::Context;
use super::template::Templates;

/// A longer frame is a fault of the peer.
pub(super) const FRAME_LIMIT: usize = 96 * 1024 * 1024;

/// The first frame: what the worker needs to know before any job.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Setup {
    pub(super) templates: Templates,
    /// Address space of the worker, bytes.
    pub(super) memory: u64,
    /// Processor time over the worker's life, seconds.
    pub(super) cpu_seconds: u64,
    /// Each part of a message may hold so many bytes.
    pub(super) output: usize,
}

/// One message to render. Every further frame is a list of these; the answer is a list of the same length.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Job {
    /// File name of the template.
    pub(super) template: String,
    pub(super) context: Context,
}

/// What became of a job.
pub(super) type Rendered = Result<Message, RenderFailure>;

/// Why a template gave no message, with its place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RenderFailure {
    /// File in which it failed: the template or a part of it.
    pub template: String,
    /// 1-based line in that file; 0 when there is no single place.
    pub line: usize,
    /// 1-based column; 0 when there is no single place.
    pub column: usize,
    /// What is wrong, in the engine's words.
    pub message: String,
}

impl RenderFailure {
    /// A failure of the whole template.
    pub(super) fn whole(template: &str, message: impl Into<String>) -> Self {
        Self { template: template.to_owned(), line: 0, column: 0, message: message.into() }
    }
}

impl std::fmt::Display for RenderFailure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.line {
            0 => write!(f, "template `{}`: {}", self.template, self.message),
            line => write!(f, "template `{}`, line {line}, column {}: {}", self.template, self.column, self.message),
        }
    }
}

/// A value as the bytes of its frame, length in front.
///
/// # Errors
/// When it cannot be written as JSON or is too long.
pub(super) fn encode(value: &impl Serialize) -> io::Result<Vec<u8>> {
    let mut frame = vec![0; 4];
    serde_json::to_writer(&mut frame, value)?;
    let length = frame.len() - 4;
    let length = u32::try_from(length).ok().filter(|_| length <= FRAME_LIMIT);
    let length = length.ok_or_else(|| io::Error::other("frame too long"))?;
    for (byte, digit) in frame.iter_mut().zip(length.to_be_bytes()) {
        *byte = digit;
    }
    Ok(frame)
}

/// The length that a frame's first four bytes announce.
///
/// # Errors
/// When it is more than a peer in order would send.
pub(super) fn length(head: [u8; 4]) -> io::Result<usize> {
    let length = usize::try_from(u32::from_be_bytes(head)).unwrap_or(usize::MAX);
    if length > FRAME_LIMIT { Err(io::Error::other("frame too long")) } else { Ok(length) }
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
pub(super) fn write(to: &mut impl Write, value: &impl Serialize) -> io::Result<()> {
    to.write_all(&encode(value)?)?;
    to.flush()
}
