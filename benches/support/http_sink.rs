//! An HTTP/1.1 server on loopback that reads requests, answers 200 and keeps the count only.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// A running sink; dropping it stops it.
#[derive(Debug)]
pub(crate) struct HttpSink {
    pub(crate) addr: SocketAddr,
    answered: Arc<AtomicUsize>,
    listener: tokio::task::JoinHandle<()>,
}

impl HttpSink {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let addr = listener.local_addr().expect("a bound address");
        let answered = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&answered);
        let listener = tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                let count = Arc::clone(&count);
                tokio::spawn(async move { attend(socket, &count).await });
            }
        });
        Self { addr, answered, listener }
    }

    /// How many requests were answered.
    pub(crate) fn answered(&self) -> usize {
        self.answered.load(Ordering::SeqCst)
    }
}

impl Drop for HttpSink {
    fn drop(&mut self) {
        self.listener.abort();
    }
}

/// Answers until the peer leaves.
async fn attend(mut socket: TcpStream, answered: &AtomicUsize) -> Option<()> {
    socket.set_nodelay(true).ok()?;
    let mut input = Vec::with_capacity(32 * 1024);
    loop {
        let end = loop {
            if let Some(at) = input.windows(4).position(|four| four == b"\r\n\r\n") {
                break at + 4;
            }
            if socket.read_buf(&mut input).await.ok()? == 0 {
                return None;
            }
        };
        let head = std::str::from_utf8(input.get(..end)?).ok()?;
        let length = head.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok())?
        });
        let whole = end + length.unwrap_or(0);
        while input.len() < whole {
            if socket.read_buf(&mut input).await.ok()? == 0 {
                return None;
            }
        }
        input.drain(..whole);
        socket.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok").await.ok()?;
        answered.fetch_add(1, Ordering::SeqCst);
    }
}
