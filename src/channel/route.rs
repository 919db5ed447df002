//! One relay behind a bounded pool of connections, at no more than its pace.
//!
//! lettre's own pool bounds only parked connections, does not set `TCP_NODELAY` and times out only the connect.

use std::fmt;
use std::io::ErrorKind;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use deadpool::managed::{self, Metrics, Pool, PoolError, RecycleError, RecycleResult};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::extension::ClientId;
use secrecy::ExposeSecret as _;
use tokio::sync::watch;
use tokio::time::Instant;

use super::mail_settings::{self as settings, Relay, Security};
use super::smtp::{Connection, Ended, Envelope, NotReady};
use super::tls::Tls;
use super::wire::Wire;
use super::{Class, Receipt, SendError};

/// Mails over one connection before it is replaced; many relays end it themselves at some such number.
const MAILS_PER_CONNECTION: u32 = 1_000;
const OLDEST_CONNECTION: Duration = Duration::from_mins(10);
/// After so long without a mail the relay is asked whether it is still there.
const IDLE: Duration = Duration::from_secs(30);
/// How long a refused login is not tried again, whoever asks: relays lock accounts out.
const LOGIN_REST: Duration = Duration::from_secs(30);
const GOODBYE: Duration = Duration::from_secs(2);

/// A relay that mails are handed to.
pub(super) struct Route {
    pool: Pool<Relayed>,
    pace: Pace,
    max_connections: usize,
    /// The last time the relay was found out of order; tells all who wait for a connection.
    broken: watch::Receiver<Option<SendError>>,
}

/// Why a relay did not take a mail.
#[derive(Debug)]
pub(super) struct NotTaken {
    pub(super) error: SendError,
    /// Whether the relay is to blame and has nothing of the mail, so that another one may be asked at once.
    pub(super) elsewhere: bool,
}

impl Route {
    /// Checks everything that can be checked without the network; the error is a reason for people.
    pub(super) fn open(settings: &settings::Route, limit: Duration) -> Result<Self, String> {
        let (announce, broken) = watch::channel(None);
        let relayed = Relayed::new(settings, limit, announce)?;
        let max_connections = settings.max_connections.max(1);
        let pool = Pool::builder(relayed).max_size(max_connections).build().map_err(|error| error.to_string())?;
        Ok(Self { pool, pace: Pace::of(settings.gap()), max_connections, broken })
    }

    pub(super) const fn max_connections(&self) -> usize {
        self.max_connections
    }

    /// Host and port.
    pub(super) fn name(&self) -> String {
        self.pool.manager().at()
    }

    pub(super) async fn send(&self, envelope: Envelope<'_>, mail: &str) -> Result<Receipt, NotTaken> {
        self.pace.turn().await;
        let away = |error| NotTaken { error, elsewhere: true };
        let mut slot = self.slot().await.map_err(away)?;
        let reused = slot.mails > 0;
        let (mut result, mut hung_up) = slot.deliver(envelope, mail).await;
        if hung_up && reused {
            // The relay had closed a parked connection. Nothing of this mail was said yet, so a new one is fair.
            *slot = managed::Manager::create(self.pool.manager()).await.map_err(away)?;
            (result, hung_up) = slot.deliver(envelope, mail).await;
        }
        result.map_err(|error| NotTaken { elsewhere: hung_up || error.class == Class::ChannelBroken, error })
    }

    /// A connection to use; fails at once with all others that wait when the relay turns out to be out of order.
    async fn slot(&self) -> Result<managed::Object<Relayed>, SendError> {
        let mut broken = self.broken.clone();
        broken.mark_unchanged();
        let news = async {
            match broken.changed().await {
                Ok(()) => broken.borrow().clone().unwrap_or_else(closed),
                Err(_) => closed(),
            }
        };
        tokio::select! {
            biased;
            slot = self.pool.get() => slot.map_err(|error| match error {
                PoolError::Backend(error) => error,
                _ => closed(),
            }),
            error = news => Err(error),
        }
    }

    /// Connects, protects, logs in and says goodbye; the text says what was found.
    pub(super) async fn probe(&self) -> Result<String, SendError> {
        let relayed = self.pool.manager();
        let connection = Box::pin(relayed.connect()).await.map_err(|not_ready| not_ready.error)?;
        connection.quit(GOODBYE).await;
        *relayed.refused.lock().unwrap_or_else(PoisonError::into_inner) = None;
        let login = if relayed.login.is_some() { ", login accepted" } else { "" };
        Ok(format!("{} answers{login}", relayed.at()))
    }

    pub(super) async fn close(&self) {
        let parked = self.pool.retain(|_, _| false).removed;
        self.pool.close();
        let mut goodbyes = tokio::task::JoinSet::new();
        for connection in parked.into_iter().filter_map(|slot| slot.connection) {
            goodbyes.spawn(connection.quit(GOODBYE));
        }
        while goodbyes.join_next().await.is_some() {}
    }
}

impl fmt::Debug for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Route").field("max_connections", &self.max_connections).finish_non_exhaustive()
    }
}

/// Mails begin at least a gap apart.
struct Pace {
    gap: Duration,
    next: Mutex<Instant>,
}

impl Pace {
    fn of(gap: Duration) -> Self {
        Self { gap, next: Mutex::new(Instant::now()) }
    }

    async fn turn(&self) {
        if self.gap.is_zero() {
            return;
        }
        let at = {
            let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
            let at = (*next).max(Instant::now());
            *next = at + self.gap;
            at
        };
        tokio::time::sleep_until(at).await;
    }
}

fn closed() -> SendError {
    SendError::broken("the channel is closed")
}

/// One of the pool's places. A place whose connection was lost stays until the pool replaces it.
pub(super) struct Slot {
    connection: Option<Connection>,
    mails: u32,
    opened: Instant,
    used: Instant,
}

impl Slot {
    async fn deliver(&mut self, envelope: Envelope<'_>, mail: &str) -> (Result<Receipt, SendError>, bool) {
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
    login: Option<Credentials>,
    limit: Duration,
    /// Whether the last connection came about; until one did, only one is tried at a time.
    proven: AtomicBool,
    gate: tokio::sync::Mutex<()>,
    failures: AtomicU64,
    refused: Mutex<Option<(Instant, SendError)>>,
    announce: watch::Sender<Option<SendError>>,
}

impl Relayed {
    fn new(
        settings: &settings::Route,
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

    fn at(&self) -> String {
        format!("{}:{}", self.relay.host, self.relay.port)
    }

    /// Every step within the limit, and all of them within twice the limit.
    async fn connect(&self) -> Result<Connection, NotReady> {
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
pub(super) fn hello() -> ClientId {
    match ClientId::default() {
        ClientId::Domain(name)
            if !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'.' || b == b'-') =>
        {
            ClientId::Domain(name)
        }
        _ => ClientId::Ipv4(std::net::Ipv4Addr::LOCALHOST),
    }
}
