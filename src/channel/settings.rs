//! The `[[channel]]` tables of the configuration, as this room needs them.

use std::path::PathBuf;
use std::time::Duration;

use secrecy::SecretString;

use super::exchange::Exchange;
use super::mail_settings::{Email, Route};
use super::sms::{Phone, Provider, Sms};
use super::zalo::Zalo;
use super::zalo_bot::ZaloBot;
use crate::catalog::Recipient;
use crate::message::{Length, Message};
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
    /// Mail through relays.
    Email(Box<Email>),
    /// The built-in mailbox; nothing leaves the machine.
    Capture,
    /// Files in a folder: `.eml` for mail, `.json` for a recipient without a mail address.
    File {
        /// The folder, made when missing.
        folder: PathBuf,
    },
    /// One POST per message.
    Webhook(Webhook),
    /// Text messages.
    Sms(Box<Sms>),
    /// An official account of Zalo.
    Zalo(Box<Zalo>),
    /// A bot of Zalo, for those who bound themselves to it.
    ZaloBot(ZaloBot),
}

/// A webhook.
#[derive(Debug, Clone)]
pub struct Webhook {
    /// Where the POST goes, as the configuration writes it: without secrets that stand in files.
    pub url: String,
    /// What is posted instead of the program's own JSON.
    pub exchange: Option<Box<Exchange>>,
    /// Requests at once, at most.
    pub max_connections: usize,
    /// Key of the Standard Webhooks signature (`whsec_…` or plain).
    pub secret: Option<SecretString>,
    /// Time for the whole exchange.
    pub timeout: Duration,
    /// Whether a private or loopback address may be posted to.
    pub allow_private: bool,
    /// Whether what it posts ends on somebody's phone.
    pub mobile: bool,
}

impl Webhook {
    /// The program's own JSON to `url`, unsigned, with the usual limits.
    pub const fn to(url: String) -> Self {
        Self {
            url,
            exchange: None,
            max_connections: 16,
            secret: None,
            timeout: Duration::from_secs(30),
            allow_private: false,
            mobile: false,
        }
    }
}

impl Settings {
    /// The kind's word in the configuration.
    pub const fn word(&self) -> &'static str {
        match self.kind {
            Kind::Email(_) => "email",
            Kind::Capture => "capture",
            Kind::File { .. } => "file",
            Kind::Webhook(_) => "webhook",
            Kind::Sms(_) => "sms",
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
            Kind::Sms(_) => recipient.phone.as_deref().and_then(Phone::mobile).map(|phone| phone.national()),
            Kind::Zalo(zalo) => zalo.address_for(recipient),
            Kind::ZaloBot(bot) => bot.address_for(recipient),
        }
    }

    /// The least time between two messages that the channel keeps to; zero for none.
    pub fn gap(&self) -> Duration {
        match &self.kind {
            Kind::Email(email) => email.routes.iter().map(Route::gap).max().unwrap_or(Duration::ZERO),
            Kind::Capture | Kind::File { .. } | Kind::Webhook(_) | Kind::Sms(_) | Kind::Zalo(_) | Kind::ZaloBot(_) => {
                Duration::ZERO
            }
        }
    }

    /// Whether messages leave the machine, so that trial mode holds them.
    pub const fn is_real(&self) -> bool {
        !matches!(self.kind, Kind::Capture | Kind::File { .. })
    }

    /// Whether messages make somebody's phone ring, so that none may leave outside [`MobileHours`](super::MobileHours).
    /// Every kind answers here.
    pub const fn is_mobile(&self) -> bool {
        match &self.kind {
            Kind::Webhook(webhook) => webhook.mobile,
            Kind::Sms(_) | Kind::Zalo(_) | Kind::ZaloBot(_) => true,
            Kind::Email(_) | Kind::Capture | Kind::File { .. } => false,
        }
    }

    /// Whether more may be heard of a message that its peer took: that it arrived, or that it did not. Every kind answers
    /// here.
    pub const fn is_heard_of(&self) -> bool {
        match &self.kind {
            Kind::Email(_) | Kind::Sms(_) | Kind::Zalo(_) => true,
            Kind::Webhook(_) | Kind::ZaloBot(_) | Kind::Capture | Kind::File { .. } => false,
        }
    }

    /// Whether a message whose fate is unknown may be offered again. Every kind answers here.
    pub fn resend(&self) -> Resend {
        match &self.kind {
            Kind::Sms(sms) => sms.resend(),
            Kind::Webhook(webhook) if webhook.exchange.as_ref().is_some_and(|exchange| !exchange.idempotent) => {
                Resend::Never
            }
            Kind::Email(_) | Kind::Webhook(_) | Kind::Capture | Kind::File { .. } => Resend::Always,
            Kind::Zalo(_) | Kind::ZaloBot(_) => Resend::Never,
        }
    }

    /// Whether `address` is one of those that trial mode lets through; a phone number may be written in any way.
    pub fn is_allowed(address: &str, allow: &[String]) -> bool {
        let phone = Phone::mobile(address);
        let same = |allowed: &String| allowed == address || (phone.is_some() && Phone::mobile(allowed) == phone);
        allow.iter().any(same)
    }

    /// How long a message is for the network, and what it costs in đồng, where that is counted.
    pub fn charge(&self, message: &Message) -> Option<(Length, Option<u64>)> {
        let Kind::Sms(sms) = &self.kind else { return None };
        let length = sms.length(message);
        let price = u64::try_from(length.segments).unwrap_or(u64::MAX).saturating_mul(sms.price_per_segment);
        Some((length, (price > 0).then_some(price)))
    }

    /// Whether its messages keep the diacritics of their line for phones.
    pub fn is_accented(&self) -> bool {
        matches!(&self.kind, Kind::Sms(sms) if sms.diacritics)
    }

    /// Tells a channel that hears calls how the pages are reached; over HTTPS only.
    pub fn reached_at(&mut self, public_url: &str) {
        if let Kind::Sms(sms) = &mut self.kind
            && let Provider::Esms(esms) = &mut sms.provider
        {
            let heard = esms.callback_token.is_some() && public_url.starts_with("https://");
            esms.callback_url = heard.then(|| format!("{public_url}/callback/{}", self.name));
        }
    }

    /// Whether it can carry a roll-up. A sheet of many units is no text for a phone: there it takes a line or parameters
    /// that were written for it. A correction, which is short, goes wherever the letter went that it corrects.
    pub fn carries_roll_up(&self, message: &Message, is_correction: bool) -> bool {
        match &self.kind {
            Kind::Email(_) | Kind::Capture | Kind::File { .. } | Kind::Webhook(_) => true,
            Kind::Sms(sms) => !sms.words(message).is_empty(),
            Kind::Zalo(zalo) if zalo.is_free_text() => is_correction,
            Kind::Zalo(zalo) => !message.zalo.is_empty() && zalo.template_for(&message.template).is_some(),
            Kind::ZaloBot(_) => is_correction,
        }
    }

    /// Why no roll-up that our template `ours` makes ever goes through it, whatever its words are; `None`: it may.
    pub fn refuses_roll_up(&self, ours: &str) -> Option<String> {
        match &self.kind {
            Kind::Zalo(zalo) if zalo.is_free_text() => Some("free text of Zalo is too short for one".to_owned()),
            Kind::Zalo(zalo) if zalo.template_for(ours).is_none() => {
                Some(format!("[channel.templates] names no template of Zalo for `{ours}`"))
            }
            Kind::ZaloBot(_) => Some("the text of a bot is too short for one".to_owned()),
            Kind::Email(_) | Kind::Capture | Kind::File { .. } | Kind::Webhook(_) | Kind::Sms(_) | Kind::Zalo(_) => {
                None
            }
        }
    }

    /// The domain of the `Message-ID`: the sender's, or one that stays on this machine.
    pub fn message_id_domain(&self) -> &str {
        let Kind::Email(email) = &self.kind else { return "dondoc.invalid" };
        email.from.rsplit_once('@').map_or("dondoc.invalid", |(_, domain)| domain.trim_end_matches('>').trim())
    }
}
