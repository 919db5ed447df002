//! The lease on a planned run: renewed while its owner works, and looked at in every unit of work that stores something of
//! the run. Whoever lost it stores nothing more.
//!
//! The epoch names the owner: it rises whenever the run is taken. Whether a lease has ended is for the database's clock to
//! say.

use chrono::{DateTime, Utc};

use super::Due;
use crate::clock::Clock;
use crate::db::{Db, DbError, Sql, Work};
use crate::on;

/// Changes nothing but takes the row, so that nobody takes the run over before the unit of work ends.
const GUARD: Sql = Sql::portable(
    "UPDATE schedule_run SET epoch = epoch \
     WHERE schedule = $1 AND planned_at = $2 AND epoch = $3 AND state = 'running' RETURNING lease_until",
);

/// A lease that ended stays ended, also when nobody took the run over yet.
const RENEW: Sql = Sql::portable(
    "UPDATE schedule_run SET lease_until = $4 \
     WHERE schedule = $1 AND planned_at = $2 AND epoch = $3 AND state = 'running' AND lease_until > $5",
);

/// Every statement of this file.
pub(super) const STATEMENTS: &[Sql] = &[GUARD, RENEW];

/// Lets only the owner of a planned run store something of it.
#[derive(Debug, Clone, Copy)]
pub struct Fence<'a> {
    /// The run.
    pub due: &'a Due,
    /// The clock of its lease: the database's, unless a test holds it.
    pub clock: &'a Clock,
}

impl Fence<'_> {
    /// Whether the run is still ours; until `work` ends nobody else can take it. The row is taken first and the clock read
    /// then: whoever waits for the row, or is frozen before, is told the truth.
    pub(super) async fn is_ours(self, work: &mut Work) -> Result<bool, DbError> {
        let due = self.due;
        let lease_until: Option<i64> = on!(&mut *work, GUARD, |sql, conn| {
            let query = sqlx::query_scalar(sql).bind(&due.schedule).bind(due.planned_at.timestamp_millis());
            query.bind(due.epoch).fetch_optional(conn).await?
        });
        let Some(lease_until) = lease_until else { return Ok(false) };
        Ok(work.lease_clock(self.clock).await?.timestamp_millis() < lease_until)
    }
}

/// Makes the lease on `due` end at `lease_until`; `false` when it has ended at `now`, or the run is another's.
///
/// # Errors
/// The engine's; then nothing may be assumed.
pub async fn renew_due(db: &Db, due: &Due, now: DateTime<Utc>, lease_until: DateTime<Utc>) -> Result<bool, DbError> {
    let mut work = db.begin().await?;
    let renewed = on!(&mut work, RENEW, |sql, conn| {
        let query = sqlx::query(sql).bind(&due.schedule).bind(due.planned_at.timestamp_millis()).bind(due.epoch);
        let query = query.bind(lease_until.timestamp_millis()).bind(now.timestamp_millis());
        query.execute(conn).await?.rows_affected()
    });
    work.commit().await?;
    Ok(renewed == 1)
}
