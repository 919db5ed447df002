//! The `[[channel]]` tables of the configuration, as this room needs them.

use std::path::PathBuf;
use std::time::Duration;

use secrecy::SecretString;

use crate::catalog::Recipient;
use crate::outbox::Resend;

/// One `[[channel]]`.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Its name in the outbox.
    pub name: String,
    /// What it is.
    pub kind: Kind,
    /// How fast it is used, and how long it is waited for.
    pub pace: Pace,
}

/// How fast a channel is used by all replicas together, and when another one takes over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Pace {
    /// At most so many messages in so long; `None`: as many as it takes.
    pub rate: Option<Rate>,
    /// A message that was not sent by so long after it fell due goes to the recipient's next channel; `None`: only when it
    /// did not get through.
    pub falls_back_after: Option<Duration>,
}

/// So many in so long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// How many.
    pub count: u32,
    /// In how long.
    pub per: Duration,
}

/// The kinds of channel there are.
#[derive(Debug, Clone)]
pub enum Kind {
    /// Mail through a relay.
    Email(Email),
    /// The built-in mailbox; nothing leaves the machine.
    Capture,
    /// Files in a folder: `.eml` for mail, `.json` for a recipient without a mail address.
    File {
        /// The folder, made when missing.
        folder: PathBuf,
    },
    /// One JSON POST per message.
    Webhook(Webhook),
}

/// A mail relay.
#[derive(Debug, Clone)]
pub struct Email {
    /// Where it listens and how it is spoken to.
    pub relay: Relay,
    /// Login name.
    pub user: Option<String>,
    /// Login password.
    pub password: Option<SecretString>,
    /// `From`, as `Name <address>`.
    pub from: String,
    /// `Reply-To`, as `Name <address>`.
    pub reply_to: Option<String>,
    /// Connections at once, at most.
    pub max_connections: usize,
    /// Time for one reply of the relay; the reply to the message body gets four times as long.
    pub timeout: Duration,
    /// A PEM file with further trusted certificate authorities.
    pub ca_file: Option<PathBuf>,
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

/// A webhook.
#[derive(Debug, Clone)]
pub struct Webhook {
    /// Where the POST goes.
    pub url: String,
    /// Key of the Standard Webhooks signature (`whsec_…` or plain).
    pub secret: Option<SecretString>,
    /// Time for the whole exchange.
    pub timeout: Duration,
    /// Whether a private or loopback address may be posted to.
    pub allow_private: bool,
    /// Whether what it posts ends on somebody's phone.
    pub mobile: bool,
}

impl Settings {
    /// The kind's word in the configuration.
    pub const fn word(&self) -> &'static str {
        match self.kind {
            Kind::Email(_) => "email",
            Kind::Capture => "capture",
            Kind::File { .. } => "file",
            Kind::Webhook(_) => "webhook",
        }
    }

    /// Where this channel reaches `recipient`, if it can.
    pub fn address_for(&self, recipient: &Recipient) -> Option<String> {
        match &self.kind {
            Kind::Email(_) => recipient.email.clone(),
            Kind::Capture | Kind::File { .. } => recipient.email.clone().or_else(|| recipient.phone.clone()),
            Kind::Webhook(webhook) => Some(webhook.url.clone()),
        }
    }

    /// Whether messages leave the machine, so that trial mode holds them.
    pub const fn is_real(&self) -> bool {
        matches!(self.kind, Kind::Email(_) | Kind::Webhook(_))
    }

    /// Whether messages make somebody's phone ring, so that none may leave outside [`MobileHours`](super::MobileHours).
    /// Every kind answers here.
    pub const fn is_mobile(&self) -> bool {
        match &self.kind {
            Kind::Webhook(webhook) => webhook.mobile,
            Kind::Email(_) | Kind::Capture | Kind::File { .. } => false,
        }
    }

    /// Whether more may be heard of a message that its peer took: that it arrived, or that it did not. Every kind answers
    /// here.
    pub const fn is_heard_of(&self) -> bool {
        match &self.kind {
            Kind::Email(_) => true,
            Kind::Webhook(_) | Kind::Capture | Kind::File { .. } => false,
        }
    }

    /// Whether a message whose fate is unknown may be offered again. Every kind answers here.
    pub const fn resend(&self) -> Resend {
        match self.kind {
            Kind::Email(_) | Kind::Webhook(_) | Kind::Capture | Kind::File { .. } => Resend::Always,
        }
    }

    /// The domain of the `Message-ID`: the sender's, or one that stays on this machine.
    pub fn message_id_domain(&self) -> &str {
        let Kind::Email(email) = &self.kind else { return "dondoc.invalid" };
        email.from.rsplit_once('@').map_or("dondoc.invalid", |(_, domain)| domain.trim_end_matches('>').trim())
    }
}
