//! When a round is due. The alarm clock only wakes us; these rows decide.
//!
//! One row per (schedule, planned instant), so that each planned run happens once, with any number of replicas.
//! Missed while down: less than six hours ago → once at start; older → skipped and said; several → the newest.

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::Row as _;

use super::Schedule;
use crate::clock::from_millis;
use crate::db::{Db, DbError, Sql, Work};
use crate::{on, read};

/// A run missed by less than this is caught up with.
const GRACE: TimeDelta = TimeDelta::hours(6);
/// Occurrences looked at per planning: a line that fires every second must not fill the table after a long rest.
const MOST_AT_ONCE: usize = 1_000;

const KNOWN: Sql = Sql::portable("SELECT cron, planned_until FROM schedule WHERE name = $1");

const INTRODUCE: Sql = Sql::portable(
    "INSERT INTO schedule (name, cron, planned_until) VALUES ($1, $2, $3) \
     ON CONFLICT (name) DO UPDATE SET cron = excluded.cron, planned_until = excluded.planned_until",
);

const ADVANCE: Sql = Sql::portable("UPDATE schedule SET planned_until = $3 WHERE name = $1 AND planned_until = $2");

const ADD: Sql = Sql::portable(
    "INSERT INTO schedule_run (schedule, planned_at, state) VALUES ($1, $2, $3) ON CONFLICT (schedule, planned_at) DO NOTHING",
);

macro_rules! take {
    ($lock:literal) => {
        concat!(
            "WITH next AS MATERIALIZED (SELECT schedule, planned_at FROM schedule_run WHERE state = 'due' \
             OR (state = 'running' AND lease_until <= $1) ORDER BY planned_at LIMIT 1 ",
            $lock,
            ") UPDATE schedule_run SET state = 'running', epoch = epoch + 1, lease_until = $2 \
             WHERE (schedule, planned_at) = (SELECT schedule, planned_at FROM next) RETURNING schedule, planned_at, epoch"
        )
    };
}

const TAKE: Sql = Sql { sqlite: take!(""), postgres: take!("FOR UPDATE SKIP LOCKED") };

const FINISH: Sql = Sql::portable(
    "UPDATE schedule_run SET state = 'done', lease_until = NULL \
     WHERE schedule = $1 AND planned_at = $2 AND epoch = $3 AND state = 'running'",
);

/// Every statement of this file.
pub(super) const STATEMENTS: &[Sql] = &[KNOWN, INTRODUCE, ADVANCE, ADD, TAKE, FINISH];

/// The next `count` instants at which `schedule` fires after `after`; fewer when it stops firing, none when its line
/// cannot be read.
pub fn next_times(schedule: &Schedule, after: DateTime<Utc>, count: usize) -> Vec<DateTime<Utc>> {
    let Ok(cron) = Schedule::pattern(&schedule.cron) else { return Vec::new() };
    let after = after.with_timezone(&schedule.time_zone);
    cron.iter_after(after).take(count).map(|time| time.with_timezone(&Utc)).collect()
}

/// Writes down what fell due up to `now`. A schedule seen for the first time, or with another line, starts at `now`.
/// Returns the planned instants that were too old to catch up with.
///
/// # Errors
/// The engine's.
pub async fn plan(
    db: &Db,
    schedules: &[Schedule],
    now: DateTime<Utc>,
) -> Result<Vec<(String, DateTime<Utc>)>, DbError> {
    let mut skipped = Vec::new();
    for schedule in schedules {
        let known: Option<(String, i64)> =
            read!(db, KNOWN, |sql, pool| sqlx::query_as(sql).bind(&schedule.name).fetch_optional(pool).await?);
        let Some((_, until)) = known.filter(|(cron, _)| *cron == schedule.cron) else {
            introduce(db, schedule, now).await?;
            continue;
        };
        let mut occurrences = next_times(schedule, from_millis(until), MOST_AT_ONCE);
        occurrences.retain(|time| *time <= now);
        if occurrences.is_empty() {
            continue;
        }
        let mut work = db.begin().await?;
        if !advance(&mut work, &schedule.name, until, now).await? {
            work.rollback().await?;
            continue;
        }
        let newest = occurrences.last().copied();
        for time in occurrences {
            let due = Some(time) == newest && now - time < GRACE;
            add(&mut work, &schedule.name, time, if due { "due" } else { "skipped" }).await?;
            if Some(time) == newest && !due {
                skipped.push((schedule.name.clone(), time));
            }
        }
        work.commit().await?;
    }
    Ok(skipped)
}

async fn introduce(db: &Db, schedule: &Schedule, now: DateTime<Utc>) -> Result<(), DbError> {
    let mut work = db.begin().await?;
    on!(&mut work, INTRODUCE, |sql, conn| {
        let query = sqlx::query(sql).bind(&schedule.name).bind(&schedule.cron).bind(now.timestamp_millis());
        query.execute(conn).await?.rows_affected()
    });
    work.commit().await
}

/// Moves the schedule on; `false` when another replica was faster and owns these occurrences.
async fn advance(work: &mut Work, name: &str, from: i64, to: DateTime<Utc>) -> Result<bool, DbError> {
    Ok(on!(work, ADVANCE, |sql, conn| {
        let query = sqlx::query(sql).bind(name).bind(from).bind(to.timestamp_millis());
        query.execute(conn).await?.rows_affected()
    }) == 1)
}

async fn add(work: &mut Work, name: &str, time: DateTime<Utc>, state: &'static str) -> Result<(), DbError> {
    on!(work, ADD, |sql, conn| {
        let query = sqlx::query(sql).bind(name).bind(time.timestamp_millis()).bind(state);
        query.execute(conn).await?.rows_affected()
    });
    Ok(())
}

/// A planned run that is ours until `lease_until`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    /// Name of the schedule.
    pub schedule: String,
    /// For when it was planned.
    pub planned_at: DateTime<Utc>,
    epoch: i64,
}

/// Takes the oldest run that is due, or whose owner died.
///
/// # Errors
/// The engine's.
pub async fn take_due(db: &Db, now: DateTime<Utc>, lease_until: DateTime<Utc>) -> Result<Option<Due>, DbError> {
    let mut work = db.begin().await?;
    let taken = on!(&mut work, TAKE, |sql, conn| {
        let query = sqlx::query(sql).bind(now.timestamp_millis()).bind(lease_until.timestamp_millis());
        match query.fetch_optional(conn).await? {
            Some(row) => Some(Due {
                schedule: row.try_get(0)?,
                planned_at: from_millis(row.try_get(1)?),
                epoch: row.try_get(2)?,
            }),
            None => None,
        }
    });
    work.commit().await?;
    Ok(taken)
}

/// Closes a run. `false` when its lease was lost meanwhile.
///
/// # Errors
/// The engine's.
pub async fn finish_due(db: &Db, due: &Due) -> Result<bool, DbError> {
    let mut work = db.begin().await?;
    let closed = on!(&mut work, FINISH, |sql, conn| {
        let query = sqlx::query(sql).bind(&due.schedule).bind(due.planned_at.timestamp_millis()).bind(due.epoch);
        query.execute(conn).await?.rows_affected()
    });
    work.commit().await?;
    Ok(closed == 1)
}
