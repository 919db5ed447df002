//! An HTTP/1.1 server on loopback that records requests and answers as scripted.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test peer: what cannot be is a failed test")]

use std::collections::VecDeque;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

/// The pause between two bytes of a peer that drips.
const DRIP: Duration = Duration::from_millis(50);

/// One scripted answer.
#[derive(Debug, Clone)]
pub(crate) enum HttpAnswer {
    /// Status, headers and body.
    Status(u16, Vec<(String, String)>, Vec<u8>),
    /// The request is read and the connection reset.
    Reset,
    /// The request is read and never answered.
    Silent,
    /// The headers come, the body never ends.
    EndlessBody(u16),
    /// These bytes, and the end of the connection.
    Raw(Vec<u8>),
    /// The headers come, then a byte now and then, for ever.
    DrippingBody,
    /// A byte of a header now and then, for ever.
    DrippingHeader,
}

impl HttpAnswer {
    pub(crate) fn status(code: u16) -> Self {
        Self::Status(code, Vec::new(), b"as scripted".to_vec())
    }

    pub(crate) fn with_header(code: u16, name: &str, value: &str) -> Self {
        Self::Status(code, vec![(name.to_owned(), value.to_owned())], Vec::new())
    }

    pub(crate) fn json(body: impl Into<String>) -> Self {
        Self::Status(200, vec![("Content-Type".to_owned(), "application/json".to_owned())], body.into().into_bytes())
    }

    pub(crate) fn gzip(body: Vec<u8>) -> Self {
        Self::Status(200, vec![("Content-Encoding".to_owned(), "gzip".to_owned())], body)
    }
}

/// One recorded request.
#[derive(Debug, Clone)]
pub(crate) struct HttpRequest {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl HttpRequest {
    /// A header's value; empty when it is missing.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(have, _)| have.eq_ignore_ascii_case(name)).map_or("", |(_, value)| value)
    }
}

/// A running stub; dropping it stops it.
#[derive(Debug)]
pub(crate) struct HttpStub {
    pub(crate) addr: SocketAddr,
    shared: Arc<Shared>,
    listener: tokio::task::JoinHandle<()>,
}

#[derive(Debug, Default)]
struct Shared {
    answers: Mutex<VecDeque<HttpAnswer>>,
    requests: Mutex<Vec<HttpRequest>>,
}

impl HttpStub {
    /// Gives the answers in order, then 200 for ever.
    pub(crate) async fn start(answers: impl IntoIterator<Item = HttpAnswer>) -> Self {
        Self::start_with(answers, None).await
    }

    /// The same under TLS, with a certificate of its own; gives its PEM.
    pub(crate) async fn start_tls(answers: impl IntoIterator<Item = HttpAnswer>) -> (Self, String) {
        let (acceptor, certificate) = super::smtp_sink::own_certificate();
        (Self::start_with(answers, Some(acceptor)).await, certificate)
    }

    async fn start_with(answers: impl IntoIterator<Item = HttpAnswer>, tls: Option<TlsAcceptor>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let addr = listener.local_addr().expect("a bound address");
        let shared = Arc::new(Shared { answers: Mutex::new(answers.into_iter().collect()), ..Shared::default() });
        let listener = tokio::spawn(listen(listener, tls, Arc::clone(&shared)));
        Self { addr, shared, listener }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.addr)
    }

    pub(crate) fn requests(&self) -> Vec<HttpRequest> {
        self.shared.requests.lock().unwrap().clone()
    }
}

impl Drop for HttpStub {
    fn drop(&mut self) {
        self.listener.abort();
    }
}

async fn listen(listener: TcpListener, tls: Option<TlsAcceptor>, shared: Arc<Shared>) {
    let mut sessions = tokio::task::JoinSet::new();
    while let Ok((socket, _)) = listener.accept().await {
        while sessions.try_join_next().is_some() {}
        let (shared, tls) = (Arc::clone(&shared), tls.clone());
        sessions.spawn(async move { drop(session(socket, tls, &shared).await) });
    }
}

async fn session(mut socket: TcpStream, tls: Option<TlsAcceptor>, shared: &Shared) -> io::Result<()> {
    socket.set_nodelay(true)?;
    match tls {
        Some(tls) => attend(&mut tls.accept(socket).await?, shared).await.map(drop),
        None if attend(&mut socket, shared).await? => socket.set_zero_linger(),
        None => Ok(()),
    }
}

/// Answers until the peer leaves; whether the connection is to be reset.
async fn attend(socket: &mut (impl AsyncRead + AsyncWrite + Unpin), shared: &Shared) -> io::Result<bool> {
    let mut input = Vec::with_capacity(8 * 1024);
    while let Some(request) = read(socket, &mut input).await? {
        shared.requests.lock().unwrap().push(request);
        let answer = shared.answers.lock().unwrap().pop_front().unwrap_or_else(|| HttpAnswer::status(200));
        match answer {
            HttpAnswer::Status(code, headers, body) => {
                let mut head = format!("HTTP/1.1 {code} scripted\r\ncontent-length: {}\r\n", body.len());
                for (name, value) in headers {
                    head.extend([name.as_str(), ": ", value.as_str(), "\r\n"]);
                }
                head.push_str("\r\n");
                socket.write_all(&[head.as_bytes(), &body].concat()).await?;
            }
            HttpAnswer::Reset => return Ok(true),
            HttpAnswer::Raw(bytes) => {
                socket.write_all(&bytes).await?;
                socket.shutdown().await?;
                return Ok(false);
            }
            HttpAnswer::DrippingBody => {
                socket.write_all(b"HTTP/1.1 200 scripted\r\ncontent-length: 1000000\r\n\r\n").await?;
                drip(socket, b' ').await?;
            }
            HttpAnswer::DrippingHeader => {
                socket.write_all(b"HTTP/1.1 200 scripted\r\nx-slow: ").await?;
                drip(socket, b'a').await?;
            }
            HttpAnswer::Silent => {
                while socket.read_buf(&mut input).await? > 0 {}
                return Ok(false);
            }
            HttpAnswer::EndlessBody(code) => {
                socket.write_all(format!("HTTP/1.1 {code} scripted\r\n\r\n").as_bytes()).await?;
                while socket.write_all(&[b'x'; 4096]).await.is_ok() {}
                return Ok(false);
            }
        }
    }
    Ok(false)
}

async fn drip(socket: &mut (impl AsyncWrite + Unpin), byte: u8) -> io::Result<()> {
    loop {
        socket.write_all(&[byte]).await?;
        socket.flush().await?;
        tokio::time::sleep(DRIP).await;
    }
}

pub(super) async fn read(
    socket: &mut (impl AsyncRead + Unpin),
    input: &mut Vec<u8>,
) -> io::Result<Option<HttpRequest>> {
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
    let mut first = lines.next().unwrap_or_default().split(' ').map(str::to_owned);
    let (method, path) = (first.next().unwrap_or_default(), first.next().unwrap_or_default());
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned()))
        .collect();
    let mut request = HttpRequest { method, path, headers, body: Vec::new() };
    let length: usize = request.header("content-length").parse().unwrap_or(0);
    while input.len() < length {
        if socket.read_buf(input).await? == 0 {
            return Ok(None);
        }
    }
    request.body = input.drain(..length).collect();
    Ok(Some(request))
}
