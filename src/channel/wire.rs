//! The socket under a mail dialogue: no delay, TLS as configured, and an account of what the kernel has taken.

use std::fmt;
use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use lettre::transport::smtp::client::AsyncTokioStream;
use tokio::io::{
    AsyncBufReadExt as _, AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, BufReader, ReadBuf,
};
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;

use super::mail_settings::{Relay, Security};
use super::tls::Tls;

/// Bytes of answer to one command, at most; a peer that says more is cut off.
const LONGEST_ANSWER: usize = 128 * 1024;

/// A connected stream that lettre speaks over.
pub(super) struct Wire {
    stream: Stream,
    /// Served before the peer's own bytes: after STARTTLS no second greeting comes, but lettre reads one.
    greeting: &'static [u8],
    /// Bytes read since the last write.
    heard: usize,
    handed: Handed,
}

/// Counts how often everything written so far was handed to the kernel.
#[derive(Debug, Clone, Default)]
pub(super) struct Handed(Arc<AtomicU64>);

impl Handed {
    /// Moves exactly when a write has left this process entirely.
    pub(super) fn count(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

enum Stream {
    Clear(TcpStream),
    Sealed(Box<TlsStream<TcpStream>>),
}

impl Wire {
    /// Connects, and protects the connection before anything is said; every step within `limit`.
    pub(super) async fn open(
        relay: &Relay,
        tls: Option<&Tls>,
        hello: &str,
        limit: Duration,
    ) -> io::Result<(Self, Handed)> {
        let socket = connect(relay, limit).await?;
        let (stream, greeting): (Stream, &'static [u8]) = match (relay.security, tls) {
            (Security::Plain, _) => (Stream::Clear(socket), b""),
            (Security::Tls, Some(tls)) => (Stream::Sealed(Box::new(within(limit, tls.connect(socket)).await?)), b""),
            (Security::StartTls, Some(tls)) => {
                let socket = within(limit, ask_for_tls(socket, hello)).await?;
                (Stream::Sealed(Box::new(within(limit, tls.connect(socket)).await?)), b"220 protected\r\n")
            }
            (_, None) => return Err(io::Error::other("no TLS was set up for this relay")),
        };
        let handed = Handed::default();
        Ok((Self { stream, greeting, heard: 0, handed: handed.clone() }, handed))
    }
}

/// Runs one step within its time.
async fn within<T>(limit: Duration, step: impl Future<Output = io::Result<T>>) -> io::Result<T> {
    let late = || io::Error::new(ErrorKind::TimedOut, "no answer in time");
    tokio::time::timeout(limit, step).await.map_err(|_| late())?
}

/// The first of the host's addresses that answers.
async fn connect(relay: &Relay, limit: Duration) -> io::Result<TcpStream> {
    let addresses = within(limit, tokio::net::lookup_host((relay.host.as_str(), relay.port))).await?;
    let mut last = io::Error::new(ErrorKind::NotFound, "the host has no address");
    for address in addresses.take(4) {
        match within(limit, TcpStream::connect(address)).await {
            Ok(socket) => {
                socket.set_nodelay(true)?;
                return Ok(socket);
            }
            Err(error) => last = error,
        }
    }
    Err(last)
}

/// Greeting, EHLO, STARTTLS in clear. What the peer said before the protection counts for nothing afterwards, and a
/// peer that has more to say in clear after its consent is an intruder's.
async fn ask_for_tls(socket: TcpStream, hello: &str) -> io::Result<TcpStream> {
    let mut peer = BufReader::new(socket);
    expect(&mut peer, "220").await?;
    peer.write_all(format!("EHLO {hello}\r\n").as_bytes()).await?;
    let offers = expect(&mut peer, "250").await?;
    if !offers.lines().any(|line| line.get(4..).is_some_and(|offer| offer.trim().eq_ignore_ascii_case("STARTTLS"))) {
        return Err(io::Error::other("the relay does not offer STARTTLS; nothing is sent in clear"));
    }
    peer.write_all(b"STARTTLS\r\n").await?;
    expect(&mut peer, "220").await?;
    if !peer.buffer().is_empty() {
        return Err(io::Error::other("somebody speaks in clear after STARTTLS; the connection is not trusted"));
    }
    Ok(peer.into_inner())
}

/// Reads one answer of one or more lines and wants it to begin with `code`.
async fn expect(peer: &mut BufReader<TcpStream>, code: &str) -> io::Result<String> {
    let mut answer = Vec::new();
    loop {
        let start = answer.len();
        let mut line = (&mut *peer).take(1_000);
        if line.read_until(b'\n', &mut answer).await? == 0 {
            return Err(io::Error::new(ErrorKind::UnexpectedEof, "the relay closed the connection"));
        }
        let more = answer.get(start + 3) == Some(&b'-');
        if !answer.ends_with(b"\n") || answer.len() > LONGEST_ANSWER {
            return Err(io::Error::other("the relay's answer is too long"));
        }
        if !more {
            break;
        }
    }
    let answer = String::from_utf8_lossy(&answer).into_owned();
    if answer.starts_with(code) {
        return Ok(answer);
    }
    // 4xx is a relay that is busy, not one that cannot be used.
    let kind = if answer.starts_with('4') { ErrorKind::ResourceBusy } else { ErrorKind::Other };
    Err(io::Error::new(kind, format!("the relay answered: {answer}")))
}

impl AsyncTokioStream for Wire {
    fn peer_addr(&self) -> io::Result<SocketAddr> {
        match &self.stream {
            Stream::Clear(socket) => socket.peer_addr(),
            Stream::Sealed(sealed) => sealed.get_ref().0.peer_addr(),
        }
    }
}

impl fmt::Debug for Wire {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Wire").field("sealed", &matches!(self.stream, Stream::Sealed(_))).finish_non_exhaustive()
    }
}

impl AsyncRead for Wire {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let wire = &mut *self;
        if !wire.greeting.is_empty() {
            let (now, later) = wire.greeting.split_at(into.remaining().min(wire.greeting.len()));
            into.put_slice(now);
            wire.greeting = later;
            return Poll::Ready(Ok(()));
        }
        let before = into.filled().len();
        ready!(match &mut wire.stream {
            Stream::Clear(socket) => Pin::new(socket).poll_read(cx, into),
            Stream::Sealed(sealed) => Pin::new(sealed).poll_read(cx, into),
        })?;
        let fresh = into.filled_mut().get_mut(before..).unwrap_or_default();
        // An answer in a legacy character set must not look like a broken line.
        for byte in fresh.iter_mut().filter(|byte| !byte.is_ascii()) {
            *byte = b'?';
        }
        wire.heard += fresh.len();
        if wire.heard > LONGEST_ANSWER {
            return Poll::Ready(Err(io::Error::other("the relay's answer is too long")));
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Wire {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.heard = 0;
        match &mut self.stream {
            Stream::Clear(socket) => Pin::new(socket).poll_write(cx, bytes),
            Stream::Sealed(sealed) => Pin::new(sealed).poll_write(cx, bytes),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(match &mut self.stream {
            Stream::Clear(socket) => Pin::new(socket).poll_flush(cx),
            Stream::Sealed(sealed) => Pin::new(sealed).poll_flush(cx),
        })?;
        self.handed.0.fetch_add(1, Ordering::Relaxed);
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.stream {
            Stream::Clear(socket) => Pin::new(socket).poll_shutdown(cx),
            Stream::Sealed(sealed) => Pin::new(sealed).poll_shutdown(cx),
        }
    }
}
