//! A mail relay on loopback that records what it takes and misbehaves as it is told.
//!
//! Stands on tokio alone, so that crash tests and measurements use it too.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test peer: what cannot be is a failed test")]

mod session;

use std::collections::HashMap;
use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;

use session::Session;

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
    /// How many of the mails that arrive are kept; all, when not said.
    pub(crate) keeps: Option<usize>,
    /// How long the answer to every body takes.
    pub(crate) moment: Duration,
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
    held: watch::Sender<bool>,
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
            held: watch::Sender::new(false),
        });
        let listener = tokio::spawn(listen(listener, acceptor, Arc::clone(&shared)));
        Self { addr, certificate, shared, listener }
    }

    /// Answers no body any more, or, with `false`, those that wait and all that come.
    pub(crate) fn hold(&self, held: bool) {
        self.shared.held.send_replace(held);
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

/// A certificate for `localhost` and `127.0.0.1`, and its PEM.
pub(crate) fn own_certificate() -> (TlsAcceptor, String) {
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

/// The value of a header, unfolded.
pub(crate) fn header(raw: &[u8], name: &str) -> String {
    let text = String::from_utf8_lossy(raw);
    let head = text.split("\r\n\r\n").next().unwrap_or_default().replace("\r\n ", " ");
    let wanted = format!("{}:", name.to_ascii_lowercase());
    let line = head.lines().find(|line| line.to_ascii_lowercase().starts_with(&wanted));
    line.map_or("", |line| line[wanted.len()..].trim()).to_owned()
}
