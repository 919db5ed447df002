//! Whether the money lasts for what waits.

use std::sync::Mutex;
use std::sync::PoisonError;

use chrono::{DateTime, TimeDelta, Utc};
use secrecy::ExposeSecret as _;
use serde_json::json;

use super::super::super::SendError;
use super::{EsmsChannel, stored, understood};
use crate::message::format;
use crate::outbox;

/// How often it is asked for.
const EVERY: TimeDelta = TimeDelta::minutes(10);
/// Pieces of a message that waits: as many as the line of a reminder may have.
const SEGMENTS: u64 = 2;

/// When the balance was asked for last.
#[derive(Debug, Default)]
pub(super) struct Asked(Mutex<Option<DateTime<Utc>>>);

impl Asked {
    /// Whether it is time to ask, which is then noted as done.
    fn is_due(&self, now: DateTime<Utc>) -> bool {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let due = last.is_none_or(|last| now - last >= EVERY);
        if due {
            *last = Some(now);
        }
        due
    }
}

impl EsmsChannel {
    /// What is left, in đồng.
    pub(super) async fn balance(&self) -> Result<i64, SendError> {
        let (key, secret) = (self.settings.api_key.expose_secret(), self.settings.secret_key.expose_secret());
        let answer = self.post("GetBalance_json", &json!({"ApiKey": key, "SecretKey": secret})).await?;
        let reply = understood(&answer)?;
        reply.number("Balance").ok_or_else(|| SendError::broken("eSMS does not say what is left on the account"))
    }

    /// # Errors
    /// The balance is low, or does not pay for what waits.
    pub(super) async fn watch_balance(&self, now: DateTime<Utc>) -> Result<(), SendError> {
        if !self.asked.is_due(now) {
            return Ok(());
        }
        let balance = self.balance().await?;
        let waiting = outbox::queued(&self.db, &self.name).await.map_err(|error| stored(&error))?;
        let left = u64::try_from(balance).unwrap_or(0);
        let cost = waiting.saturating_mul(SEGMENTS).saturating_mul(self.sms.price_per_segment);
        if left < cost {
            let (left, cost) = (dong(balance), format::count(cost));
            let words =
                format!("the balance is {left}; {waiting} messages wait, which may cost {cost} đồng: top it up");
            return Err(SendError::broken(&words));
        }
        if left < self.settings.low_balance {
            let words = format!("the balance is {}, less than `low_balance`: top it up", dong(balance));
            return Err(SendError::broken(&words));
        }
        Ok(())
    }
}

/// `1.234.000 đồng`.
pub(super) fn dong(amount: i64) -> String {
    let minus = if amount < 0 { "-" } else { "" };
    format!("{minus}{} đồng", format::count(amount.unsigned_abs()))
}
