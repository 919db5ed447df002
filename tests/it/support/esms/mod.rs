//! A twin of eSMS on loopback, written from its published contract and from nothing of ours: it takes messages, knows a
//! `RequestId` for 24 hours, answers questions, calls back when asked, and misbehaves as scripted.

#![expect(clippy::unwrap_used, reason = "a test peer: what cannot be is a failed test")]

mod methods;
mod wire;

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

pub(crate) const API_KEY: &str = "ESMS-KEY-0123456789";
pub(crate) const SECRET_KEY: &str = "ESMS-SECRET-0123456789";
pub(crate) const BRANDNAME: &str = "SO TTTT";

/// What the twin does with a message to one number, once.
#[derive(Debug, Clone)]
pub(crate) enum Fault {
    /// Refuses it with this code.
    Code(i32),
    /// The same, with the code as a number instead of a text.
    CodeAsNumber(i32),
    /// Takes it and resets the connection.
    AnswerLost,
    /// Takes it; a proxy answers with a page.
    Page,
    /// Does not take it; something answers with this status and body.
    Other(u16, &'static str),
    /// Takes it after a while.
    Slow(Duration),
}

/// A message that was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Taken {
    pub(crate) request_id: String,
    pub(crate) sms_id: String,
    pub(crate) phone: String,
    pub(crate) content: String,
    pub(crate) unicode: bool,
    pub(crate) sandbox: bool,
    pub(crate) callback: Option<String>,
    /// `SendStatus` and `SendSuccess`, as a question hears them.
    pub(crate) status: (u8, u8),
}

/// A running twin; dropping it stops it.
#[derive(Debug)]
pub(crate) struct EsmsTwin {
    pub(crate) addr: SocketAddr,
    shared: Arc<Shared>,
    listener: tokio::task::JoinHandle<()>,
}

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    taken: Vec<Taken>,
    /// Numbers and contents that were taken under two ids: somebody gets the same words twice.
    taken_twice: Vec<String>,
    /// `RequestId`s that came again and were answered with 124.
    repeated: Vec<String>,
    faults: HashMap<String, Vec<Fault>>,
    balance: i64,
    /// Method and `RefId` of every question.
    asked: Vec<String>,
}

impl EsmsTwin {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let addr = listener.local_addr().expect("a bound address");
        let state = State { balance: 10_000_000, ..State::default() };
        let shared = Arc::new(Shared { state: Mutex::new(state) });
        let for_sessions = Arc::clone(&shared);
        let listener = tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                tokio::spawn(session(socket, Arc::clone(&for_sessions)));
            }
        });
        Self { addr, shared, listener }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/MainService.svc/json", self.addr)
    }

    /// The next messages to `phone` meet these faults, in this order.
    pub(crate) fn fault(&self, phone: &str, faults: impl IntoIterator<Item = Fault>) {
        self.state(|state| state.faults.insert(phone.to_owned(), faults.into_iter().collect()));
    }

    pub(crate) fn set_balance(&self, dong: i64) {
        self.state(|state| state.balance = dong);
    }

    /// What a question about every message hears from now on.
    pub(crate) fn set_status(&self, send_status: u8, send_success: u8) {
        self.state(|state| state.taken.iter_mut().for_each(|taken| taken.status = (send_status, send_success)));
    }

    pub(crate) fn taken(&self) -> Vec<Taken> {
        self.state(|state| state.taken.clone())
    }

    pub(crate) fn taken_twice(&self) -> Vec<String> {
        self.state(|state| state.taken_twice.clone())
    }

    pub(crate) fn repeated(&self) -> Vec<String> {
        self.state(|state| state.repeated.clone())
    }

    pub(crate) fn asked(&self) -> Vec<String> {
        self.state(|state| state.asked.clone())
    }

    /// Path and query of the call that eSMS makes about a message.
    pub(crate) fn callback(taken: &Taken) -> String {
        let (status, success) = taken.status;
        format!(
            "SMSID={}&SendFailed={}&SendStatus={status}&SendSuccess={success}&TotalPrice=0.0000&TotalReceiver=1&\
             TotalSent=1&RequestId={}&TypeId=2&telcoid=1&phonenumber={}&switchsmsid=",
            taken.sms_id,
            1 - success.min(1),
            taken.request_id,
            taken.phone
        )
    }

    fn state<T>(&self, look: impl FnOnce(&mut State) -> T) -> T {
        look(&mut self.shared.state.lock().unwrap())
    }
}

impl Drop for EsmsTwin {
    fn drop(&mut self) {
        self.listener.abort();
    }
}

/// What is answered to one request.
enum Answer {
    Body(u16, String),
    Reset,
    After(Duration, String),
}

async fn session(mut socket: TcpStream, shared: Arc<Shared>) -> std::io::Result<()> {
    socket.set_nodelay(true)?;
    let mut input = Vec::new();
    while let Some(request) = wire::read(&mut socket, &mut input).await? {
        let answer = methods::answer(&mut shared.state.lock().unwrap(), &request);
        let (status, body) = match answer {
            Answer::Body(status, body) => (status, body),
            Answer::Reset => return socket.set_zero_linger(),
            Answer::After(wait, body) => {
                tokio::time::sleep(wait).await;
                (200, body)
            }
        };
        let head =
            format!("HTTP/1.1 {status} x\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n", body.len());
        socket.write_all(format!("{head}{body}").as_bytes()).await?;
    }
    let _ = socket.read(&mut [0]).await;
    Ok(())
}
