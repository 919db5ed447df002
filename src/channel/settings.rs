//! The `[[channel]]` tables of the configuration, as this room needs them.

use std::path::PathBuf;
use std::time::Duration;

use secrecy::SecretString;

use super::mail_settings::{Email, Route};
use crate::catalog::Recipient;
use crate::outbox::Resend;

use super::zalo::Zalo;
use super::zalo_bot::ZaloBot;

/// One `[[channel]]`.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Its name in the outbox.
    pub name: String,
    /// What it is.
    pub kind: Kind,
}

/// The kinds of channel there are.
#[derive(Debug, Clone)]
pub enum Kind {
    /// Mail through relays.
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
    /// An official account of Zalo.
    Zalo(Zalo),
    /// A bot of Zalo, for those who bound themselves to it.
    ZaloBot(ZaloBot),
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
            Kind::Zalo(_) => "zalo",
            Kind::ZaloBot(_) => "zalo_bot",
        }
    }

    /// Where this channel reaches `recipient`, if it can.
    pub fn address_for(&self, recipient: &Recipient) -> Option<String> {
        match &self.kind {
            Kind::Email(_) => recipient.email.clone(),
            Kind::Capture | Kind::File { .. } => recipient.email.clone().or_else(|| recipient.phone.clone()),
            Kind::Webhook(webhook) => Some(webhook.url.clone()),
            Kind::Zalo(zalo) => zalo.address_for(recipient),
            Kind::ZaloBot(bot) => bot.address_for(recipient),
        }
    }

    /// The least time between two messages that the channel keeps to; zero for none.
    pub fn gap(&self) -> Duration {
        match &self.kind {
            Kind::Email(email) => email.routes.iter().map(Route::gap).max().unwrap_or(Duration::ZERO),
            Kind::Capture | Kind::File { .. } | Kind::Webhook(_) | Kind::Zalo(_) | Kind::ZaloBot(_) => Duration::ZERO,
        }
    }

    /// Whether messages leave the machine, so that trial mode holds them.
    pub const fn is_real(&self) -> bool {
        matches!(self.kind, Kind::Email(_) | Kind::Webhook(_) | Kind::Zalo(_) | Kind::ZaloBot(_))
    }

    /// Whether messages make somebody's phone ring, so that none may leave outside [`MobileHours`](super::MobileHours).
    /// Every kind answers here.
    pub const fn is_mobile(&self) -> bool {
        match &self.kind {
            Kind::Webhook(webhook) => webhook.mobile,
            Kind::Zalo(_) | Kind::ZaloBot(_) => true,
            Kind::Email(_) | Kind::Capture | Kind::File { .. } => false,
        }
    }

    /// Whether a message whose fate is unknown may be offered again. Every kind answers here.
    pub const fn resend(&self) -> Resend {
        match self.kind {
            Kind::Email(_) | Kind::Webhook(_) | Kind::Capture | Kind::File { .. } => Resend::Always,
            Kind::Zalo(_) | Kind::ZaloBot(_) => Resend::Never,
        }
    }

    /// The domain of the `Message-ID`: the sender's, or one that stays on this machine.
    pub fn message_id_domain(&self) -> &str {
        let Kind::Email(email) = &self.kind else { return "dondoc.invalid" };
        email.from.rsplit_once('@').map_or("dondoc.invalid", |(_, domain)| domain.trim_end_matches('>').trim())
    }
}
