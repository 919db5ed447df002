//! A provider that the configuration describes.

use super::super::exchange::{Exchange, Exchanger, Statuses, Words};
use super::super::{Receipt, SendError};
use super::Sms;
use crate::clock::Clock;

#[derive(Debug)]
pub(super) struct Templated {
    exchanger: Exchanger,
    clock: Clock,
}

impl Templated {
    pub(super) fn open(exchange: &Exchange, settings: &Sms, clock: &Clock) -> Result<Self, String> {
        let exchanger = Exchanger::open(exchange, settings.timeout, settings.allow_private, clock)?;
        Ok(Self { exchanger, clock: clock.clone() })
    }

    pub(super) async fn send(&self, words: Words<'_>) -> Result<Receipt, SendError> {
        let answer = self.exchanger.call(words, &words.parcel.id.to_string(), None).await?;
        // Never a server that is asked again because it broke: what it had taken before, nobody knows.
        let statuses = Statuses { idempotent: false, by_message: false };
        self.exchanger.rule().judge(&answer, statuses, self.clock.now())
    }

    pub(super) async fn probe(&self) -> Result<String, SendError> {
        self.exchanger.probe().await
    }
}
