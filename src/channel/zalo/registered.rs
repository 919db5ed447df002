//! What Zalo registered for the template that carries a message, for those who write the message. Zalo is not asked.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::limits::{Slot, limits, slots};
use super::settings::Zalo;
use super::store;
use crate::clock::from_millis;
use crate::db::{Db, DbError};

/// Zalo's template for a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registered {
    /// Its id; `None` when the configuration names none for such messages.
    pub template_id: Option<String>,
    /// When Zalo last told of it; `None` when it did not: then no limit is known.
    pub read_at: Option<DateTime<Utc>>,
    /// Its parameters, beside what the message fills them with.
    pub slots: Vec<Slot>,
}

/// What was last read of the template that carries messages of `ours`, beside the `parameters` of one. `None` for a channel
/// that carries free text.
///
/// # Errors
/// The engine's.
pub async fn registered(
    db: &Db,
    settings: &Zalo,
    ours: &str,
    parameters: &BTreeMap<String, String>,
) -> Result<Option<Registered>, DbError> {
    if settings.is_free_text() {
        return Ok(None);
    }
    let template_id = settings.template_for(ours).map(ToOwned::to_owned);
    let reading = match &template_id {
        Some(id) => store::reading(db, &settings.app_id, &format!("template/{id}")).await?,
        None => None,
    };
    let told = reading.and_then(|(at, content)| {
        let limits = limits(&serde_json::from_str::<Value>(&content).ok()?);
        (!limits.is_empty()).then(|| (from_millis(at), limits))
    });
    let known = told.as_ref().map(|(_, limits)| limits.as_slice());
    Ok(Some(Registered {
        slots: slots(settings, known, parameters),
        read_at: told.as_ref().map(|(at, _)| *at),
        template_id,
    }))
}
