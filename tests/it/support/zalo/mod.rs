//! A twin of Zalo on loopback: tokens, templates, free text, receipts, and a bot. Written from what Zalo documents, and
//! not from our client; it keeps what it took.

mod answers;
mod state;

pub(crate) use state::{Fault, OnReuse, RefreshFault, Taken};

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard};

use serde_json::Value;
use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpListener, TcpStream};

use super::http_stub::read;
use state::State;

pub(crate) const SECRET: &str = "ZALO-SECRET-0123456789";
pub(crate) const APP: &str = "1234567890";
pub(crate) const ACCOUNT: &str = "9876543210";
pub(crate) const TEMPLATE: &str = "300001";
pub(crate) const BOT: &str = "77:ZALO-BOT-TOKEN";

/// A running twin; dropping it stops it.
#[derive(Debug)]
pub(crate) struct ZaloTwin {
    pub(crate) addr: SocketAddr,
    state: Arc<Mutex<State>>,
    listener: tokio::task::JoinHandle<()>,
}

/// How a request is answered on the wire.
#[derive(Debug)]
enum Reply {
    Json(Value),
    /// Any status and text.
    Http(u16, String),
    /// The connection ends without an answer.
    Lost,
    /// No answer ever.
    Silent,
}

impl ZaloTwin {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let addr = listener.local_addr().expect("a bound address");
        let state = Arc::new(Mutex::new(State::new()));
        let listener = tokio::spawn(listen(listener, Arc::clone(&state)));
        Self { addr, state, listener }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.addr)
    }

    /// What it has seen and how it will behave.
    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("a twin that did not panic")
    }

    /// How often a refresh was asked for, and how often with a token that was spent.
    pub(crate) fn spent(&self) -> (u32, u32) {
        let state = self.state();
        (state.refreshes, state.refresh_reused)
    }

    /// The pair in force, as two lines.
    pub(crate) fn pair(&self) -> String {
        let state = self.state();
        format!("{}\n{}\n", state.access, state.refresh)
    }

    /// The `[[channel]]` that speaks to it.
    pub(crate) fn channel(&self, further: &str) -> String {
        let url = self.url();
        format!(
            "[secrets]\nkey = \"a-key-for-tests-of-more-than-32-characters\"\n[[channel]]\nname = \"zalo\"\nkind = \"zalo\"\napp_id = \"{APP}\"\nsecret_key = \"{SECRET}\"\noa_id = \"{ACCOUNT}\"\n\
             template_id = \"{TEMPLATE}\"\noauth_url = \"{url}\"\noa_url = \"{url}\"\ntemplate_url = \"{url}\"\n\
             allow_private = true\ntimeout = \"3 seconds\"\n{further}"
        )
    }
}

impl Drop for ZaloTwin {
    fn drop(&mut self) {
        self.listener.abort();
    }
}

async fn listen(listener: TcpListener, state: Arc<Mutex<State>>) {
    let mut sessions = tokio::task::JoinSet::new();
    while let Ok((socket, _)) = listener.accept().await {
        while sessions.try_join_next().is_some() {}
        let state = Arc::clone(&state);
        sessions.spawn(async move { drop(attend(socket, &state).await) });
    }
}

async fn attend(mut socket: TcpStream, state: &Mutex<State>) -> io::Result<()> {
    socket.set_nodelay(true)?;
    let mut input = Vec::new();
    while let Some(request) = read(&mut socket, &mut input).await? {
        let reply = answers::answer(&mut state.lock().expect("a twin that did not panic"), &request);
        let (status, body) = match reply {
            Reply::Json(value) => (200, value.to_string()),
            Reply::Http(status, body) => (status, body),
            Reply::Lost => return socket.set_zero_linger(),
            Reply::Silent => {
                use tokio::io::AsyncReadExt as _;
                while socket.read_buf(&mut input).await? > 0 {}
                return Ok(());
            }
        };
        let head = format!("HTTP/1.1 {status} twin\r\ncontent-length: {}\r\n\r\n", body.len());
        socket.write_all(&[head.as_bytes(), body.as_bytes()].concat()).await?;
    }
    Ok(())
}
