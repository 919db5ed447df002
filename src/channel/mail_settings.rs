//! The `[[channel]]` tables of kind `email`.

use std::path::PathBuf;
use std::time::Duration;

use secrecy::SecretString;

/// Mail.
#[derive(Debug, Clone)]
pub struct Email {
    /// The relays, in the order in which they are asked; at least one.
    pub routes: Vec<Route>,
    /// `From`, as `Name <address>`.
    pub from: String,
    /// `Reply-To`, as `Name <address>`.
    pub reply_to: Option<String>,
    /// Time for one reply of a relay; the reply to the message body gets four times as long.
    pub timeout: Duration,
    /// Where bounces go; none: to `from`.
    pub return_path: Option<ReturnPath>,
    /// Where bounces are read.
    pub bounces: Option<Mailbox>,
    /// What mails are signed with.
    pub dkim: Option<Dkim>,
    /// Where roll-ups can be declined by mail (`List-Unsubscribe`).
    pub list_unsubscribe: Option<String>,
}

impl Email {
    /// How long one mail can take on an open connection: the envelope, then four times as long for the body; and before
    /// that each relay but the last may keep it waiting while it connects and refuses.
    pub fn longest_send(&self) -> Duration {
        let before = u32::try_from(self.routes.len().saturating_sub(1)).unwrap_or(u32::MAX);
        self.timeout.saturating_mul(before.saturating_mul(3).saturating_add(1 + 4))
    }
}

/// A relay with its login and limits.
#[derive(Debug, Clone)]
pub struct Route {
    /// Where it listens and how it is spoken to.
    pub relay: Relay,
    /// Login name.
    pub user: Option<String>,
    /// Login password.
    pub password: Option<SecretString>,
    /// Connections at once, at most.
    pub max_connections: usize,
    /// Mails a second, at most; 0 is any number.
    pub per_second: u32,
    /// Mails a minute, at most; 0 is any number.
    pub per_minute: u32,
    /// A PEM file with further trusted certificate authorities.
    pub ca_file: Option<PathBuf>,
}

impl Route {
    /// The least time between the beginnings of two mails.
    pub fn gap(&self) -> Duration {
        let apart = |every: Duration, count: u32| every.checked_div(count).unwrap_or(Duration::ZERO);
        apart(Duration::from_secs(1), self.per_second).max(apart(Duration::from_mins(1), self.per_minute))
    }
}

/// The address that bounces go to, of which every message gets one of its own.
#[derive(Debug, Clone)]
pub struct ReturnPath {
    /// `bounces@province.example`.
    pub address: String,
    /// What the messages' own addresses are sealed with.
    pub key: SecretString,
}

/// A mailbox that bounces come to.
#[derive(Debug, Clone)]
pub enum Mailbox {
    /// A folder in the Maildir layout.
    Maildir(PathBuf),
    /// A folder of an IMAP server.
    Imap(ImapServer),
}

/// A folder of an IMAP server, over TLS.
#[derive(Debug, Clone)]
pub struct ImapServer {
    /// Host name.
    pub host: String,
    /// Port.
    pub port: u16,
    /// The folder.
    pub folder: String,
    /// Login name.
    pub user: String,
    /// Login password.
    pub password: SecretString,
    /// A PEM file with further trusted certificate authorities.
    pub ca_file: Option<PathBuf>,
}

/// What mails are signed with.
#[derive(Debug, Clone)]
pub struct Dkim {
    /// The domain that signs.
    pub domain: String,
    /// Which of its keys.
    pub selector: String,
    /// PEM (PKCS#8) of the RSA or Ed25519 key.
    pub key: SecretString,
}

/// Host, port and transport of a relay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Relay {
    /// Host name or address.
    pub host: String,
    /// Port.
    pub port: u16,
    /// How the connection is protected.
    pub security: Security,
}

/// How a connection to a relay is protected. There is no fallback to a weaker one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Security {
    /// `smtp://`: in clear; for a relay on this machine or a closed network. Refuses to send a password.
    Plain,
    /// `smtp+starttls://`: upgraded before anything is said.
    StartTls,
    /// `smtps://`: protected from the first byte.
    Tls,
}
