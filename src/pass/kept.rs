//! What the retention leaves alone, however old it is: what still guards against a second message.

use std::collections::HashMap;

use chrono::{DateTime, Days, NaiveDate, NaiveTime, Utc};

use crate::catalog::{self, Catalog};
use crate::db::{Db, DbError};
use crate::outbox::Kept;
use crate::{decision, reply};

/// The rows of recipients who answer for an open case, or stand above one who does, from the day on which it opened: a
/// deduplication key is made of recipient, channel, cases and steps, so that no other row can be met by what is written
/// about the case. And what an open task about a bounced address speaks of.
///
/// # Errors
/// The engine's.
pub async fn kept(db: &Db, today: NaiveDate) -> Result<Kept, DbError> {
    let catalog = Catalog::of(&catalog::load(db).await?, today, today);
    let mut since: HashMap<String, DateTime<Utc>> = HashMap::new();
    for file in decision::cases(db, None, false).await? {
        let opened = file.case.opened_on.checked_sub_days(Days::new(1)).unwrap_or(file.case.opened_on);
        let opened = opened.and_time(NaiveTime::MIN).and_utc();
        let mut at = Some(&file.unit);
        while let Some(unit) = at {
            if let Some(recipient) = catalog.recipient_of(unit) {
                let known = since.entry(recipient.id.clone()).or_insert(opened);
                *known = opened.min(*known);
            }
            at = catalog.unit(unit).and_then(|unit| unit.parent.as_ref());
        }
    }
    let bounced = reply::bounced(db, true).await?;
    Ok(Kept { since, ids: bounced.into_iter().map(|bounced| bounced.id).collect() })
}
