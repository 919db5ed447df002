//! The pool's places, and the manager that opens connections for them.

use std::io::ErrorKind;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use deadpool::managed::{self, Metrics, RecycleError, RecycleResult};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::extension::ClientId;
use secrecy::ExposeSecret as _;
use tokio::sync::watch;
use tokio::time::Instant;

use super::closed;
use crate::channel::mail_settings::{Relay, Route, Security};
use crate::channel::smtp::{Connection, Ended, Envelope, NotReady};
use crate::channel::tls::Tls;
use crate::channel::wire::Wire;
use crate::channel::{Class, Receipt, SendError};

/// Mails over one connection before it is replaced; many relays end it themselves at some such number.
const MAILS_PER_CONNECTION: u32 = 1_000;
const OLDEST_CONNECTION: Duration = Duration::from_mins(10);
/// After so long without a mail the relay is asked whether it is still there.
const IDLE: Duration = Duration::from_secs(30);
/// How long a refused login is not tried again, whoever asks: relays lock accounts out.
const LOGIN_REST: Duration = Duration::from_secs(30);
pub(super) const GOODBYE: Duration = Duration::from_secs(2);

/// One of the pool's places. A place whose connection was lost stays until the pool replaces it.
pub(super) struct Slot {
    pub(super) connection: Option<Connection>,
    pub(super) mails: u32,
    opened: Instant,
    used: Instant,
}

impl Slot {
    pub(super) async fn deliver(&mut self, envelope: Envelope<'_>, mail: &str) -> (Result<Receipt, SendError>, bool) {
        let Some(connection) = self.connection.take() else {
            return (Err(SendError::new(Class::Transient, None, "the connection was lost")), true);
        };
        let Ended { result, connection, hung_up } = connection.deliver(envelope, mail).await;
        self.connection = connection;
        self.mails += 1;
        self.used = Instant::now();
        (result, hung_up)
    }
}

/// Opens connections for the pool and keeps a refused login from being tried by every mail.
pub(super) struct Relayed {
    relay: Relay,
    tls: Option<Tls>,
    hello: ClientId,
    pub(super) login: Option<Credentials>,
    limit: Duration,
    /// Whether the last connection came about; until one did, only one is tried at a time.
    proven: AtomicBool,
    gate: tokio::sync::Mutex<()>,
    failures: AtomicU64,
    pub(super) refused: Mutex<Option<(Instant, SendError)>>,
    announce: watch::Sender<Option<SendError>>,
}

impl Relayed {
    pub(super) fn new(
        settings: &Route,
        limit: Duration,
        announce: watch::Sender<Option<SendError>>,
    ) -> Result<Self, String> {
        let security = settings.relay.security;
        let login = match (&settings.user, &settings.password) {
            (Some(_), Some(_)) if security == Security::Plain => {
                return Err("a password is set, but smtp:// would send it in clear".to_owned());
            }
            (Some(user), Some(password)) => Some(Credentials::new(user.clone(), password.expose_secret().to_owned())),
            (None, None) => None,
            _ => return Err("`user` and `password` belong together; one is missing".to_owned()),
        };
        let tls = match security {
            Security::Plain => None,
            Security::StartTls | Security::Tls => Some(Tls::new(&settings.relay.host, settings.ca_file.as_deref())?),
        };
        Ok(Self {
            relay: settings.relay.clone(),
            tls,
            hello: hello(),
            login,
            limit,
            proven: AtomicBool::new(false),
            gate: tokio::sync::Mutex::new(()),
            failures: AtomicU64::new(0),
            refused: Mutex::new(None),
            announce,
        })
    }

    pub(super) fn at(&self) -> String {
        format!("{}:{}", self.relay.host, self.relay.port)
    }

    /// Every step within the limit, and all of them within twice the limit.
    pub(super) async fn connect(&self) -> Result<Connection, NotReady> {
        let at = self.at();
        let connecting = async {
            let opened = Wire::open(&self.relay, self.tls.as_ref(), &self.hello.to_string(), self.limit).await;
            let wire = opened.map_err(|error| {
                let class = match error.kind() {
                    ErrorKind::ResourceBusy => Class::Transient,
                    _ => Class::ChannelBroken,
                };
                NotReady { error: SendError::new(class, None, &format!("{at}: {error}")), login_refused: false }
            })?;
            Connection::greet(wire, &self.hello, self.login.as_ref(), self.limit).await
        };
        let late = |_| NotReady {
            error: SendError::broken(&format!("{at}: the relay takes too long to become ready")),
            login_refused: false,
        };
        tokio::time::timeout(self.limit * 2, connecting).await.map_err(late)?
    }

    fn refused_lately(&self) -> Option<SendError> {
        let refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        refused.as_ref().filter(|(at, _)| at.elapsed() < LOGIN_REST).map(|(_, error)| error.clone())
    }

    fn note(&self, not_ready: NotReady) -> SendError {
        let NotReady { error, login_refused } = not_ready;
        if login_refused {
            let mut refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
            *refused = Some((Instant::now(), error.clone()));
        }
        if error.class == Class::ChannelBroken {
            self.proven.store(false, Ordering::SeqCst);
            self.failures.fetch_add(1, Ordering::SeqCst);
            self.announce.send_replace(Some(error.clone()));
        }
        error
    }
}

impl managed::Manager for Relayed {
    type Type = Slot;
    type Error = SendError;

    async fn create(&self) -> Result<Slot, SendError> {
        let failures = self.failures.load(Ordering::SeqCst);
        let _alone = if self.proven.load(Ordering::SeqCst) { None } else { Some(self.gate.lock().await) };
        if let Some(error) = self.refused_lately() {
            return Err(error);
        }
        if self.failures.load(Ordering::SeqCst) != failures {
            return Err(self.announce.borrow().clone().unwrap_or_else(closed));
        }
        // Boxed, as it is rare and large, and every send would carry it.
        let connection = Box::pin(self.connect()).await.map_err(|not_ready| self.note(not_ready))?;
        self.proven.store(true, Ordering::SeqCst);
        let now = Instant::now();
        Ok(Slot { connection: Some(connection), mails: 0, opened: now, used: now })
    }

    async fn recycle(&self, slot: &mut Slot, _: &Metrics) -> RecycleResult<SendError> {
        let Some(connection) = &mut slot.connection else {
            return Err(RecycleError::message("lost"));
        };
        if slot.mails >= MAILS_PER_CONNECTION || slot.opened.elapsed() > OLDEST_CONNECTION {
            if let Some(connection) = slot.connection.take() {
                connection.quit(GOODBYE).await;
            }
            return Err(RecycleError::message("worn out"));
        }
        if slot.used.elapsed() > IDLE && !connection.alive().await {
            return Err(RecycleError::message("gone"));
        }
        Ok(())
    }
}

/// The name for EHLO: the machine's, when it is one that may stand there.
pub(in crate::channel) fn hello() -> ClientId {
    match ClientId::default() {
        ClientId::Domain(name)
            if !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'.' || b == b'-') =>
        {
            ClientId::Domain(name)
        }
        _ => ClientId::Ipv4(std::net::Ipv4Addr::LOCALHOST),
    }
}
