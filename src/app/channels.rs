//! Trying a channel: for mail every step of the dialogue with each relay, for others what their probe says.

use super::{App, Unlisted};
use crate::channel::{self, Channel, Kind, Rehearsal};
use crate::db::DbError;
use crate::people::{self, By, Deed, Event};

/// What a try found.
#[derive(Debug)]
pub enum Tried {
    /// The dialogue with each relay of a mail channel.
    Relays(Vec<Rehearsal>),
    /// It works, and what its peer said.
    Works(String),
    /// It does not, and why.
    Broken(String),
}

impl Tried {
    /// Whether nothing was wrong.
    pub fn works(&self) -> bool {
        match self {
            Self::Relays(rehearsals) => rehearsals.iter().all(|one| one.failed.is_none()),
            Self::Works(_) => true,
            Self::Broken(_) => false,
        }
    }
}

/// Why a channel is not tried.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TrialError {
    /// There is no such channel.
    #[error("no channel is called `{name}`\n  remedy: one of {}", known.join(", "))]
    Unknown {
        /// What was asked for.
        name: String,
        /// Those that there are.
        known: Vec<String>,
    },
    /// Only mail is sent to somebody.
    #[error("--to is for channels of kind `email`\n  remedy: leave it out")]
    NotMail,
    /// Nobody who expects it.
    #[error("{0}\n  remedy: put it into [safety] allow or [alerts] to first")]
    Address(#[from] Unlisted),
    /// Its settings cannot work.
    #[error("{0}\n  remedy: `dondoc check` shows what is wrong with the channel")]
    Settings(String),
}

impl App {
    /// Writes down that a channel was tried, and whether it worked.
    ///
    /// # Errors
    /// The engine's.
    pub async fn note_trial(&self, name: &str, works: bool, by: &By) -> Result<(), DbError> {
        let detail = if works { "works" } else { "broken" }.to_owned();
        let event = Event { by, deed: Deed::ChannelTested, subject: format!("channel/{name}"), detail };
        people::conclude(self.db.begin().await?, &event, self.clock.now()).await.map(|_| ())
    }

    /// Tries the channel called `name`; with `to` a mail marked as a test goes there, which must be an address of `[safety]
    /// allow` or `[alerts] to`, with a code to type where there is one.
    ///
    /// # Errors
    /// When nothing can be tried.
    pub async fn try_channel(&self, name: &str, to: Option<(&str, Option<&str>)>) -> Result<Tried, TrialError> {
        let Some(settings) = self.config.channels.iter().find(|channel| channel.name == name) else {
            let known = self.config.channels.iter().map(|channel| channel.name.clone()).collect();
            return Err(TrialError::Unknown { name: name.to_owned(), known });
        };
        match (&settings.kind, to) {
            (Kind::Email(email), to) => {
                let parcel = to.map(|(to, code)| self.test_mail(settings, to, code)).transpose()?;
                let rehearsed = channel::rehearse(email, parcel.as_ref()).await;
                rehearsed.map(Tried::Relays).map_err(|error| TrialError::Settings(error.to_string()))
            }
            (_, Some(_)) => Err(TrialError::NotMail),
            (_, None) => {
                let channel = Channel::open(settings, &self.db, &self.clock);
                let channel = channel.map_err(|error| TrialError::Settings(error.to_string()))?;
                Ok(match channel.probe().await {
                    Ok(said) => Tried::Works(said),
                    Err(error) => Tried::Broken(error.to_string()),
                })
            }
        }
    }
}
