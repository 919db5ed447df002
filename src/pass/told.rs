//! What the messages of a round really said: a reminder that never left told nobody anything.

use std::collections::BTreeSet;

use crate::catalog::{Catalog, IndicatorId, UnitId};
use crate::db::{Db, DbError};
use crate::decision;
use crate::outbox::{self, Filter, State};

/// Units and indicators that round `run_id` reminded of, less those whose message never left.
///
/// # Errors
/// The engine's, or an impossible row.
pub async fn told(db: &Db, catalog: &Catalog, run_id: &str) -> Result<BTreeSet<(UnitId, IndicatorId)>, DbError> {
    let filter = Filter { run_id: Some(run_id.to_owned()), ..Filter::default() };
    let unsaid = |state: State| {
        matches!(state, State::Held | State::Cancelled | State::Failed | State::Expired | State::Quarantined)
    };
    let entries = outbox::list(db, &filter).await?;
    let reminders = entries.into_iter().filter(|entry| entry.leads && entry.dedup_key.starts_with("reminder/"));
    let silent: BTreeSet<String> = reminders.filter(|entry| unsaid(entry.state)).map(|entry| entry.recipient).collect();
    let reminded = decision::reminded(db, run_id).await?.into_iter();
    let heard =
        reminded.filter(|(unit, _)| catalog.recipient_of(unit).is_none_or(|recipient| !silent.contains(&recipient.id)));
    Ok(heard.collect())
}
