//! Requests as they come in.

#![expect(clippy::indexing_slicing, reason = "a test peer: what cannot be is a failed test")]

use std::io;

use tokio::io::AsyncReadExt as _;
use tokio::net::TcpStream;

/// One request.
pub(super) struct Request {
    pub(super) post: bool,
    /// The last step of the path.
    pub(super) method: String,
    pub(super) query: String,
    pub(super) body: Vec<u8>,
}

pub(super) async fn read(socket: &mut TcpStream, input: &mut Vec<u8>) -> io::Result<Option<Request>> {
    let head_end = loop {
        if let Some(at) = input.windows(4).position(|four| four == b"\r\n\r\n") {
            break at;
        }
        if socket.read_buf(input).await? == 0 {
            return Ok(None);
        }
    };
    let head = String::from_utf8_lossy(&input[..head_end]).into_owned();
    input.drain(..head_end + 4);
    let mut lines = head.lines();
    let mut first = lines.next().unwrap_or_default().split(' ');
    let (verb, target) = (first.next().unwrap_or_default(), first.next().unwrap_or_default());
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let length = |line: &str| line.to_lowercase().strip_prefix("content-length:").map(|text| text.trim().to_owned());
    let length: usize = lines.find_map(length).map_or(0, |text| text.parse().expect("a length"));
    while input.len() < length {
        if socket.read_buf(input).await? == 0 {
            return Ok(None);
        }
    }
    let method = path.trim_end_matches('/').rsplit('/').next().unwrap_or_default().to_owned();
    let body = input.drain(..length).collect();
    Ok(Some(Request { post: verb == "POST", method, query: query.to_owned(), body }))
}
