//! The closed set of channels behind one face.

use super::capture::CaptureChannel;
use super::email::EmailChannel;
use super::file::FileChannel;
use super::settings::{Kind, Settings};
use super::sms::SmsChannel;
use super::webhook::WebhookChannel;
use super::{Callback, CallbackError, Parcel, Receipt, SendError};
use crate::clock::Clock;
use crate::db::Db;

/// An open channel: hands parcels over, several at once.
#[derive(Debug)]
pub struct Channel {
    settings: Settings,
    way: Way,
}

#[derive(Debug)]
enum Way {
    Email(Box<EmailChannel>),
    Capture(CaptureChannel),
    File(FileChannel),
    Webhook(Box<WebhookChannel>),
    Sms(Box<SmsChannel>),
}

/// A channel whose settings cannot work.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("channel `{name}`: {reason}; {remedy}")]
pub struct ChannelError {
    /// The channel's name.
    pub name: String,
    /// What is wrong.
    pub reason: String,
    /// What to do.
    pub remedy: &'static str,
}

impl Channel {
    /// Makes a channel ready, without a word to the network.
    ///
    /// # Errors
    /// [`ChannelError`] when the settings cannot work: a password in clear, an unusable `from`, `ca_file` or `url`, a
    /// folder that cannot be made.
    pub fn open(settings: &Settings, db: &Db, clock: &Clock) -> Result<Self, ChannelError> {
        let fault =
            |remedy: &'static str| move |reason: String| ChannelError { name: settings.name.clone(), reason, remedy };
        let way = match &settings.kind {
            Kind::Email(email) => EmailChannel::open(&settings.name, email, db, clock)
                .map(|channel| Way::Email(Box::new(channel)))
                .map_err(fault(
                    "set `relay` to smtp+starttls:// or smtps:// for a login, and check `from` and the files that are named",
                ))?,
            Kind::Capture => Way::Capture(CaptureChannel::open(db, clock)),
            Kind::File { folder } => FileChannel::open(folder)
                .map(Way::File)
                .map_err(fault("name a `folder` that this program may write"))?,
            Kind::Webhook(webhook) => {
                WebhookChannel::open(webhook, clock).map(|channel| Way::Webhook(Box::new(channel))).map_err(fault(
                    "check `url` and `secret`; an address on a private network needs `allow_private = true`",
                ))?
            }
            Kind::Sms(sms) => SmsChannel::open(&settings.name, sms, db, clock)
                .map(|channel| Way::Sms(Box::new(channel)))
                .map_err(fault("check `url`, [channel.secrets] and [channel.values]"))?,
        };
        Ok(Self { settings: settings.clone(), way })
    }

    /// Its name in the configuration and in the outbox.
    pub fn name(&self) -> &str {
        &self.settings.name
    }

    /// What it was opened with.
    pub const fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Sends worth having in flight at once.
    pub fn concurrency(&self) -> usize {
        match &self.way {
            Way::Email(email) => email.concurrency(),
            Way::Capture(_) | Way::File(_) => 4,
            Way::Webhook(webhook) => webhook.concurrency(),
            Way::Sms(sms) => sms.concurrency(),
        }
    }

    /// Hands one parcel over. May be dropped at any time; the fate of the parcel is then unknown.
    ///
    /// # Errors
    /// [`SendError`], whose class says whether to try again.
    pub async fn send(&self, parcel: &Parcel) -> Result<Receipt, SendError> {
        match &self.way {
            Way::Email(email) => email.send(parcel).await,
            Way::Capture(capture) => capture.send(parcel).await,
            Way::File(file) => file.send(parcel).await,
            Way::Webhook(webhook) => webhook.send(parcel).await,
            Way::Sms(sms) => sms.send(parcel).await,
        }
    }

    /// Finds out whether the channel works, without sending: for mail it connects, protects, logs in and says goodbye.
    /// The text says what was found.
    ///
    /// # Errors
    /// What [`Channel::send`] would fail with.
    pub async fn probe(&self) -> Result<String, SendError> {
        match &self.way {
            Way::Email(email) => email.probe().await,
            Way::Capture(capture) => capture.probe().await,
            Way::File(file) => file.probe().await,
            Way::Webhook(webhook) => webhook.probe().await,
            Way::Sms(sms) => sms.probe().await,
        }
    }

    /// What a channel has to do beside sending: ask what became of messages, read what came back, keep its key fresh.
    /// `serve` calls this about once a minute, on every replica; it may be dropped at any time.
    ///
    /// # Errors
    /// [`SendError`]: something is out of order that a person should know of.
    pub async fn tend(&self) -> Result<(), SendError> {
        match &self.way {
            Way::Email(email) => email.tend().await,
            Way::Sms(sms) => sms.tend().await,
            Way::Capture(_) | Way::File(_) | Way::Webhook(_) => Ok(()),
        }
    }

    /// Takes in what a provider tells by calling us.
    ///
    /// # Errors
    /// [`CallbackError`], which says whether the call was genuine.
    pub async fn hear(&self, callback: &Callback<'_>) -> Result<(), CallbackError> {
        match &self.way {
            Way::Sms(sms) => sms.hear(callback).await,
            Way::Email(_) | Way::Capture(_) | Way::File(_) | Way::Webhook(_) => Err(CallbackError::NotHere),
        }
    }

    /// Takes leave of the peer within two seconds. Sends in flight are not waited for; later ones fail.
    pub async fn close(&self) {
        if let Way::Email(email) = &self.way {
            email.close().await;
        }
    }
}
