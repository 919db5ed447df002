//! A mail relay on loopback that records what it takes and misbehaves as it is told.
//!
//! Stands on tokio alone, so that crash tests and measurements use it too.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test peer: what cannot be is a failed test")]

use std::collections::HashMap;
use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

/// How the sink behaves.
#[derive(Debug, Clone, Default)]
pub(crate) struct SmtpScript {
    /// Whether EHLO offers PIPELINING.
    pub(crate) pipelining: bool,
    pub(crate) security: SinkSecurity,
    /// The one login that is accepted; without one AUTH is not offered.
    pub(crate) login: Option<(String, String)>,
    /// What happens to mail for a recipient.
    pub(crate) faults: HashMap<String, Fault>,
    /// The answer to `MAIL`, when not 250.
    pub(crate) mail_code: Option<u16>,
    /// Whether `DATA` is answered 354 even when no recipient was accepted.
    pub(crate) data_regardless: bool,
    /// The connection is closed with 421 at the next `MAIL` after so many mails.
    pub(crate) mails_per_connection: Option<usize>,
    /// The greeting, when not 220.
    pub(crate) greeting: Option<String>,
    /// Nothing is ever answered.
    pub(crate) mute: bool,
}

/// Whether and how the sink speaks TLS, under a certificate of its own for `localhost` and `127.0.0.1`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum SinkSecurity {
    #[default]
    Clear,
    StartTls,
    /// STARTTLS is consented to with a further answer in clear behind it, as an intruder would.
    InjectedStartTls,
    Tls,
}

/// What happens to mail for one recipient, and how often before it is taken normally.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fault {
    pub(crate) what: What,
    pub(crate) times: usize,
}

/// The misbehaviour.
#[derive(Debug, Clone, Copy)]
pub(crate) enum What {
    /// `RCPT` is answered with this code.
    RefuseRecipient(u16),
    /// The body is read and answered with this code.
    RefuseBody(u16),
    /// The body is read and recorded, and the connection closed without an answer.
    DropAfterBody,
    /// The connection is closed while the body is on its way.
    DropWithinBody,
    /// The body is read and recorded, and never answered.
    SilentAfterBody,
    /// The body is read, recorded and answered after a while.
    Slow(Duration),
}

/// One mail that arrived whole.
#[derive(Debug, Clone)]
pub(crate) struct Received {
    pub(crate) from: String,
    pub(crate) to: Vec<String>,
    /// As it was before dot-stuffing.
    pub(crate) raw: Vec<u8>,
    pub(crate) message_id: String,
    /// Which connection brought it, from 0.
    pub(crate) connection: usize,
    /// Whether the sink answered 250.
    pub(crate) accepted: bool,
}

/// A running sink; dropping it stops it.
#[derive(Debug)]
pub(crate) struct SmtpSink {
    pub(crate) addr: SocketAddr,
    /// PEM of the certificate it shows.
    pub(crate) certificate: String,
    shared: Arc<Shared>,
    listener: tokio::task::JoinHandle<()>,
}

#[derive(Debug)]
struct Shared {
    script: SmtpScript,
    faults: Mutex<HashMap<String, usize>>,
    received: Mutex<Vec<Received>>,
    open: AtomicUsize,
    peak: AtomicUsize,
    connections: AtomicUsize,
    logins: AtomicUsize,
    resets: AtomicUsize,
    goodbyes: AtomicUsize,
    accepted: AtomicUsize,
}

impl SmtpSink {
    /// Listens on a free port of 127.0.0.1.
    pub(crate) async fn start(script: SmtpScript) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let addr = listener.local_addr().expect("a bound address");
        let (acceptor, certificate) = own_certificate();
        let shared = Arc::new(Shared {
            script,
            faults: Mutex::default(),
            received: Mutex::default(),
            open: AtomicUsize::new(0),
            peak: AtomicUsize::new(0),
            connections: AtomicUsize::new(0),
            logins: AtomicUsize::new(0),
            resets: AtomicUsize::new(0),
            goodbyes: AtomicUsize::new(0),
            accepted: AtomicUsize::new(0),
        });
        let listener = tokio::spawn(listen(listener, acceptor, Arc::clone(&shared)));
        Self { addr, certificate, shared, listener }
    }

    /// Every mail that arrived whole, in order of arrival.
    pub(crate) fn received(&self) -> Vec<Received> {
        self.shared.received.lock().unwrap().clone()
    }

    /// How many mails were answered 250.
    pub(crate) fn accepted(&self) -> usize {
        self.shared.accepted.load(Ordering::SeqCst)
    }

    /// The most connections that were open at once.
    pub(crate) fn peak(&self) -> usize {
        self.shared.peak.load(Ordering::SeqCst)
    }

    /// How many connections there were.
    pub(crate) fn connections(&self) -> usize {
        self.shared.connections.load(Ordering::SeqCst)
    }

    /// How many logins were tried.
    pub(crate) fn logins(&self) -> usize {
        self.shared.logins.load(Ordering::SeqCst)
    }

    /// How many `RSET` there were.
    pub(crate) fn resets(&self) -> usize {
        self.shared.resets.load(Ordering::SeqCst)
    }

    /// How many `QUIT` there were.
    pub(crate) fn goodbyes(&self) -> usize {
        self.shared.goodbyes.load(Ordering::SeqCst)
    }
}

impl Drop for SmtpSink {
    fn drop(&mut self) {
        self.listener.abort();
    }
}

fn own_certificate() -> (TlsAcceptor, String) {
    let names = vec!["localhost".to_owned(), "127.0.0.1".to_owned()];
    let made = rcgen::generate_simple_self_signed(names).expect("a certificate");
    let key = rustls::pki_types::PrivateKeyDer::try_from(made.signing_key.serialize_der()).expect("its key");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("protocol versions")
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .expect("a certificate with its key");
    (TlsAcceptor::from(Arc::new(config)), made.cert.pem())
}

async fn listen(listener: TcpListener, acceptor: TlsAcceptor, shared: Arc<Shared>) {
    let mut sessions = tokio::task::JoinSet::new();
    while let Ok((socket, _)) = listener.accept().await {
        while sessions.try_join_next().is_some() {}
        let (acceptor, shared) = (acceptor.clone(), Arc::clone(&shared));
        let open = shared.open.fetch_add(1, Ordering::SeqCst) + 1;
        shared.peak.fetch_max(open, Ordering::SeqCst);
        sessions.spawn(async move {
            let number = shared.connections.fetch_add(1, Ordering::SeqCst);
            drop(attend(socket, acceptor, &shared, number).await);
            shared.open.fetch_sub(1, Ordering::SeqCst);
        });
    }
}

async fn attend(socket: TcpStream, acceptor: TlsAcceptor, shared: &Shared, number: usize) -> io::Result<()> {
    socket.set_nodelay(true)?;
    if shared.script.security == SinkSecurity::Tls {
        let sealed = acceptor.accept(socket).await?;
        Session::new(sealed, shared, number, true).run(true).await?;
        return Ok(());
    }
    if let Some(socket) = Session::new(socket, shared, number, false).run(true).await? {
        let sealed = acceptor.accept(socket).await?;
        Session::new(sealed, shared, number, true).run(false).await?;
    }
    Ok(())
}

/// What to do after a command.
enum Next {
    GoOn,
    Body,
    StartTls,
    Close,
}

struct Session<'a, S> {
    stream: S,
    shared: &'a Shared,
    number: usize,
    sealed: bool,
    input: Vec<u8>,
    output: Vec<u8>,
    from: String,
    to: Vec<String>,
    mails: usize,
}

impl<'a, S: AsyncRead + AsyncWrite + Unpin> Session<'a, S> {
    fn new(stream: S, shared: &'a Shared, number: usize, sealed: bool) -> Self {
        Self {
            stream,
            shared,
            number,
            sealed,
            input: Vec::with_capacity(16 * 1024),
            output: Vec::new(),
            from: String::new(),
            to: Vec::new(),
            mails: 0,
        }
    }

    /// Talks until the peer goes, or until TLS is to begin: then the stream is given back.
    async fn run(mut self, greet: bool) -> io::Result<Option<S>> {
        if self.shared.script.mute {
            while self.fill().await? {
                self.input.clear();
            }
            return Ok(None);
        }
        if greet {
            let greeting = self.shared.script.greeting.clone();
            self.say(&greeting.unwrap_or_else(|| "220 sink.example ESMTP".to_owned()));
        }
        loop {
            let Some(line) = self.line().await? else { return Ok(None) };
            match self.command(&line).await? {
                Next::GoOn => {}
                Next::Body => {
                    if !self.body().await? {
                        return Ok(None);
                    }
                }
                Next::StartTls => {
                    self.flush().await?;
                    return Ok(Some(self.stream));
                }
                Next::Close => {
                    self.flush().await?;
                    return Ok(None);
                }
            }
        }
    }

    fn say(&mut self, line: &str) {
        self.output.extend_from_slice(line.as_bytes());
        self.output.extend_from_slice(b"\r\n");
    }

    async fn flush(&mut self) -> io::Result<()> {
        if !self.output.is_empty() {
            self.stream.write_all(&self.output).await?;
            self.stream.flush().await?;
            self.output.clear();
        }
        Ok(())
    }

    /// Reads more; false at the end.
    async fn fill(&mut self) -> io::Result<bool> {
        self.flush().await?;
        Ok(self.stream.read_buf(&mut self.input).await? > 0)
    }

    async fn line(&mut self) -> io::Result<Option<String>> {
        loop {
            if let Some(end) = self.input.windows(2).position(|two| two == b"\r\n") {
                let line = String::from_utf8_lossy(&self.input[..end]).into_owned();
                self.input.drain(..end + 2);
                return Ok(Some(line));
            }
            if !self.fill().await? {
                return Ok(None);
            }
        }
    }

    async fn command(&mut self, line: &str) -> io::Result<Next> {
        let verb = line.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
        match verb.as_str() {
            "EHLO" | "HELO" => self.offers(),
            "STARTTLS" => return Ok(self.start_tls()),
            "AUTH" => self.login(line).await?,
            "MAIL" => return Ok(self.mail(line)),
            "RCPT" => self.recipient(line),
            "DATA" if self.to.is_empty() && !self.shared.script.data_regardless => {
                self.say("554 5.5.1 no valid recipients");
            }
            "DATA" => {
                self.say("354 go ahead");
                return Ok(Next::Body);
            }
            "RSET" => {
                self.shared.resets.fetch_add(1, Ordering::SeqCst);
                self.from.clear();
                self.to.clear();
                self.say("250 2.0.0 reset");
            }
            "NOOP" => self.say("250 2.0.0 ok"),
            "QUIT" => {
                self.shared.goodbyes.fetch_add(1, Ordering::SeqCst);
                self.say("221 2.0.0 bye");
                return Ok(Next::Close);
            }
            _ => self.say("500 5.5.2 what?"),
        }
        Ok(Next::GoOn)
    }

    fn offers(&mut self) {
        let script = &self.shared.script;
        let mut lines = vec!["sink.example"];
        if script.pipelining {
            lines.push("PIPELINING");
        }
        let upgrade = matches!(script.security, SinkSecurity::StartTls | SinkSecurity::InjectedStartTls);
        if upgrade && !self.sealed {
            lines.push("STARTTLS");
        }
        if script.login.is_some() {
            lines.push("AUTH PLAIN LOGIN");
        }
        lines.push("8BITMIME");
        for line in &lines[..lines.len() - 1] {
            self.say(&format!("250-{line}"));
        }
        self.say(&format!("250 {}", lines[lines.len() - 1]));
    }

    fn start_tls(&mut self) -> Next {
        self.say("220 2.0.0 ready");
        if self.shared.script.security == SinkSecurity::InjectedStartTls {
            self.say("250-sink.example\r\n250 PIPELINING");
        }
        Next::StartTls
    }

    async fn login(&mut self, line: &str) -> io::Result<()> {
        self.shared.logins.fetch_add(1, Ordering::SeqCst);
        let mut words = line.split(' ').skip(1);
        let mechanism = words.next().unwrap_or_default().to_ascii_uppercase();
        let given = if mechanism == "PLAIN" {
            let secret = match words.next() {
                Some(secret) => secret.to_owned(),
                None => self.challenge("").await?,
            };
            let decoded = decoded(&secret);
            let mut parts = decoded.split('\0').skip(1).map(str::to_owned);
            (parts.next().unwrap_or_default(), parts.next().unwrap_or_default())
        } else {
            let user = self.challenge("VXNlcm5hbWU6").await?;
            let password = self.challenge("UGFzc3dvcmQ6").await?;
            (decoded(&user), decoded(&password))
        };
        let right = self.shared.script.login.as_ref() == Some(&given);
        self.say(if right { "235 2.7.0 welcome" } else { "535 5.7.8 authentication failed" });
        Ok(())
    }

    async fn challenge(&mut self, words: &str) -> io::Result<String> {
        self.say(&format!("334 {words}"));
        Ok(self.line().await?.unwrap_or_default())
    }

    fn mail(&mut self, line: &str) -> Next {
        if self.shared.script.mails_per_connection.is_some_and(|most| self.mails >= most) {
            self.say("421 4.7.0 too many mails on this connection");
            return Next::Close;
        }
        match self.shared.script.mail_code {
            None => {
                self.from = path(line);
                self.to.clear();
                self.say("250 2.1.0 ok");
            }
            Some(code) => self.say(&format!("{code} 5.1.0 not from you")),
        }
        Next::GoOn
    }

    fn recipient(&mut self, line: &str) {
        let to = path(line);
        if self.from.is_empty() {
            self.say("503 5.5.1 MAIL first");
        } else if let Some(What::RefuseRecipient(code)) =
            self.fault(&to, |what| matches!(what, What::RefuseRecipient(_)))
        {
            self.say(&format!("{code} 5.1.1 <{to}>: refused"));
        } else {
            self.to.push(to);
            self.say("250 2.1.5 ok");
        }
    }

    /// The fault to apply to `to` now, if it is of the wanted kind; counted down.
    fn fault(&self, to: &str, wanted: impl Fn(What) -> bool) -> Option<What> {
        let fault = self.shared.script.faults.get(to).filter(|fault| wanted(fault.what))?;
        let mut used = self.shared.faults.lock().unwrap();
        let used = used.entry(to.to_owned()).or_default();
        (*used < fault.times).then(|| {
            *used += 1;
            fault.what
        })
    }

    /// Reads a body and does with it what is to be done; false when the connection ends.
    async fn body(&mut self) -> io::Result<bool> {
        let recipient = self.to.first().cloned().unwrap_or_default();
        let fault = self.fault(&recipient, |what| !matches!(what, What::RefuseRecipient(_)));
        if let Some(What::DropWithinBody) = fault {
            self.fill().await?;
            return Ok(false);
        }
        let mut searched = 0_usize;
        let end = loop {
            if self.input.starts_with(b".\r\n") {
                break 0;
            }
            let from = searched.saturating_sub(4);
            if let Some(at) = self.input[from..].windows(5).position(|five| five == b"\r\n.\r\n") {
                break from + at + 2;
            }
            searched = self.input.len();
            if !self.fill().await? {
                return Ok(false);
            }
        };
        let stuffed: Vec<u8> = self.input.drain(..end + 3).take(end).collect();
        self.mails += 1;
        let code = match fault {
            Some(What::RefuseBody(code)) => Some(code),
            _ if recipient.is_empty() => Some(554),
            _ => None,
        };
        self.record(&stuffed, code.is_none() && !matches!(fault, Some(What::DropAfterBody | What::SilentAfterBody)));
        match fault {
            Some(What::DropAfterBody) => return Ok(false),
            Some(What::SilentAfterBody) => {
                while self.fill().await? {}
                return Ok(false);
            }
            Some(What::Slow(wait)) => tokio::time::sleep(wait).await,
            _ => {}
        }
        match code {
            Some(code) => self.say(&format!("{code} 5.7.1 not this mail")),
            None => self.say("250 2.0.0 queued"),
        }
        Ok(true)
    }

    fn record(&mut self, stuffed: &[u8], accepted: bool) {
        let raw = unstuffed(stuffed);
        let message_id = header(&raw, "Message-ID");
        let (from, to) = (std::mem::take(&mut self.from), std::mem::take(&mut self.to));
        let received = Received { from, to, raw, message_id, connection: self.number, accepted };
        self.shared.received.lock().unwrap().push(received);
        if accepted {
            self.shared.accepted.fetch_add(1, Ordering::SeqCst);
        }
    }
}

fn decoded(text: &str) -> String {
    String::from_utf8(STANDARD.decode(text).unwrap_or_default()).unwrap_or_default()
}

/// What stands between `<` and `>`.
fn path(line: &str) -> String {
    let inner = line.split_once('<').map_or("", |(_, rest)| rest);
    inner.split_once('>').map_or("", |(path, _)| path).to_owned()
}

fn unstuffed(stuffed: &[u8]) -> Vec<u8> {
    let mut raw = Vec::with_capacity(stuffed.len());
    let mut at_start = true;
    for &byte in stuffed {
        if !(at_start && byte == b'.') {
            raw.push(byte);
        }
        at_start = byte == b'\n';
    }
    raw
}

/// The value of a header, unfolded.
pub(crate) fn header(raw: &[u8], name: &str) -> String {
    let text = String::from_utf8_lossy(raw);
    let head = text.split("\r\n\r\n").next().unwrap_or_default().replace("\r\n ", " ");
    let wanted = format!("{}:", name.to_ascii_lowercase());
    let line = head.lines().find(|line| line.to_ascii_lowercase().starts_with(&wanted));
    line.map_or("", |line| line[wanted.len()..].trim()).to_owned()
}
