//! Text messages to mobile phones, through eSMS or any provider that takes one HTTP request per message.

mod esms;
mod phone;
mod templated;

pub use phone::Phone;

use std::time::Duration;

use secrecy::SecretString;

use self::esms::EsmsChannel;
use self::templated::Templated;
use super::exchange::{Exchange, Words};
use super::{Callback, CallbackError, Class, Parcel, Receipt, SendError};
use crate::clock::Clock;
use crate::db::Db;
use crate::message::{Length, Message};
use crate::outbox::Resend;

/// Text messages.
#[derive(Debug, Clone)]
pub struct Sms {
    /// Who carries them.
    pub provider: Provider,
    /// Whether they keep their diacritics, which makes them more than twice as long for the network.
    pub diacritics: bool,
    /// What one piece of a message costs, in đồng; 0 when it is not known.
    pub price_per_segment: u64,
    /// Requests at once, at most.
    pub max_connections: usize,
    /// Time for one whole exchange.
    pub timeout: Duration,
    /// Whether the provider's address may be a private one.
    pub allow_private: bool,
}

/// Who carries text messages.
#[derive(Debug, Clone)]
pub enum Provider {
    /// eSMS.
    Esms(Esms),
    /// A provider that the configuration describes.
    Http(Box<Exchange>),
}

/// An account at eSMS.
#[derive(Debug, Clone)]
pub struct Esms {
    /// Where its methods are, without a slash at the end.
    pub url: String,
    /// `ApiKey`.
    pub api_key: SecretString,
    /// `SecretKey`.
    pub secret_key: SecretString,
    /// The name that phones show, registered with every network.
    pub brandname: String,
    /// Whether messages are only checked, not sent.
    pub sandbox: bool,
    /// What must stand in the address of its calls; no calls are heard without.
    pub callback_token: Option<SecretString>,
    /// Where it calls us, without the token; set when the pages are reached over HTTPS.
    pub callback_url: Option<String>,
    /// The balance below which a person is told, in đồng.
    pub low_balance: u64,
}

/// The provider knows a message by its `RequestId` for 24 hours; four of them are for clocks and slow answers.
const ESMS_KNOWS_FOR: Duration = Duration::from_hours(20);

impl Sms {
    /// Whether a message whose fate is unknown may be offered again.
    pub fn resend(&self) -> Resend {
        match &self.provider {
            Provider::Esms(_) => Resend::Within(ESMS_KNOWS_FOR),
            Provider::Http(exchange) if exchange.idempotent => Resend::Within(ESMS_KNOWS_FOR),
            Provider::Http(_) => Resend::Never,
        }
    }

    /// The words that go to the phone.
    pub fn words<'m>(&self, message: &'m Message) -> &'m str {
        if self.diacritics && !message.sms_accented.is_empty() { &message.sms_accented } else { &message.sms }
    }

    /// How long a message is for the network.
    pub fn length(&self, message: &Message) -> Length {
        Length::of(self.words(message))
    }
}

/// The channel.
#[derive(Debug)]
pub(super) struct SmsChannel {
    settings: Sms,
    way: Way,
}

#[derive(Debug)]
enum Way {
    Esms(Box<EsmsChannel>),
    Templated(Box<Templated>),
}

impl SmsChannel {
    /// Checks everything that can be checked without the network; the error is a reason for people.
    pub(super) fn open(name: &str, settings: &Sms, db: &Db, clock: &Clock) -> Result<Self, String> {
        let way = match &settings.provider {
            Provider::Esms(esms) => Way::Esms(Box::new(EsmsChannel::open(name, esms, settings, db, clock)?)),
            Provider::Http(exchange) => Way::Templated(Box::new(Templated::open(exchange, settings, clock)?)),
        };
        Ok(Self { settings: settings.clone(), way })
    }

    pub(super) const fn concurrency(&self) -> usize {
        self.settings.max_connections
    }

    pub(super) async fn send(&self, parcel: &Parcel) -> Result<Receipt, SendError> {
        let unreachable = || SendError::new(Class::Recipient, None, "the number is no mobile number of Vietnam");
        let phone = Phone::mobile(&parcel.address).ok_or_else(unreachable)?;
        let text = self.settings.words(&parcel.content);
        if text.is_empty() {
            return Err(SendError::unfit("the message has no line for phones"));
        }
        let words = Words { parcel, phone: Some(&phone), text, unicode: Length::of(text).unicode };
        match &self.way {
            Way::Esms(esms) => esms.send(words, &phone).await,
            Way::Templated(templated) => templated.send(words).await,
        }
    }

    pub(super) async fn probe(&self) -> Result<String, SendError> {
        match &self.way {
            Way::Esms(esms) => esms.probe().await,
            Way::Templated(templated) => templated.probe().await,
        }
    }

    pub(super) async fn tend(&self) -> Result<(), SendError> {
        match &self.way {
            Way::Esms(esms) => esms.tend().await,
            Way::Templated(_) => Ok(()),
        }
    }

    pub(super) async fn hear(&self, callback: &Callback<'_>) -> Result<(), CallbackError> {
        match &self.way {
            Way::Esms(esms) => esms.hear(callback).await,
            Way::Templated(_) => Err(CallbackError::NotHere),
        }
    }
}
