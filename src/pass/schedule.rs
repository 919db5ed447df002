//! When a round falls due. The alarm clock only wakes us; rows decide.
//!
//! One row per (schedule, planned instant), so that each planned run happens once, with any number of replicas.
//! Several missed while down become one, the newest; whether it is still worth running is for `due.rs` to say.

use chrono::{DateTime, SubsecRound as _, Utc};

use super::Schedule;
use crate::clock::from_millis;
use crate::db::{Db, DbError, Sql, Work};
use crate::{on, read};

/// Missed occurrences written down per planning: a line that fires every second must not fill the table after a long
/// rest.
const MOST_AT_ONCE: usize = 1_000;

const KNOWN: Sql = Sql::portable("SELECT cron, planned_until FROM schedule WHERE name = $1");

const INTRODUCE: Sql =
    Sql::portable("INSERT INTO schedule (name, cron, planned_until) VALUES ($1, $2, $3) ON CONFLICT (name) DO NOTHING");

const RESTART: Sql = Sql::portable("UPDATE schedule SET cron = $2, planned_until = $3 WHERE name = $1 AND cron = $4");

const ADVANCE: Sql = Sql::portable("UPDATE schedule SET planned_until = $3 WHERE name = $1 AND planned_until = $2");

const ADD: Sql = Sql::portable(
    "INSERT INTO schedule_run (schedule, planned_at, state, due_at) VALUES ($1, $2, $3, $2) \
     ON CONFLICT (schedule, planned_at) DO NOTHING",
);

/// Every statement of this file.
pub(super) const STATEMENTS: &[Sql] = &[KNOWN, INTRODUCE, RESTART, ADVANCE, ADD];

/// The next `count` instants at which `schedule` fires after `after`; fewer when it stops firing, none when its line
/// cannot be read.
pub fn next_times(schedule: &Schedule, after: DateTime<Utc>, count: usize) -> Vec<DateTime<Utc>> {
    let Ok(cron) = Schedule::pattern(&schedule.cron) else { return Vec::new() };
    let after = after.with_timezone(&schedule.time_zone);
    cron.iter_after(after).take(count).map(|time| time.with_timezone(&Utc)).collect()
}

/// The last instant in (`after`, `until`] at which `schedule` fires. Looked for from the end: from the beginning, a
/// line that fires often would be given up on before its end is reached.
fn newest(schedule: &Schedule, after: DateTime<Utc>, until: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let first = schedule.next_after(after)?;
    if first > until {
        return None;
    }
    let cron = Schedule::pattern(&schedule.cron).ok()?;
    let until = until.with_timezone(&schedule.time_zone).trunc_subsecs(0);
    let newest = cron.find_previous_occurrence(&until, true).ok()?.with_timezone(&Utc);
    Some(newest.max(first))
}

/// Writes down what fell due up to `now`. A schedule seen for the first time, or with another line, starts at `now`.
///
/// # Errors
/// The engine's.
pub async fn plan(db: &Db, schedules: &[Schedule], now: DateTime<Utc>) -> Result<(), DbError> {
    for schedule in schedules {
        let known: Option<(String, i64)> =
            read!(db, KNOWN, |sql, pool| sqlx::query_as(sql).bind(&schedule.name).fetch_optional(pool).await?);
        match known {
            None => introduce(db, schedule, now).await?,
            Some((line, _)) if line != schedule.cron => restart(db, schedule, &line, now).await?,
            Some((_, until)) => write_down(db, schedule, from_millis(until), now).await?,
        }
    }
    Ok(())
}

async fn write_down(db: &Db, schedule: &Schedule, from: DateTime<Utc>, to: DateTime<Utc>) -> Result<(), DbError> {
    let Some(newest) = newest(schedule, from, to) else { return Ok(()) };
    let mut work = db.begin().await?;
    if !advance(&mut work, &schedule.name, from, to).await? {
        return work.rollback().await;
    }
    let mut missed = next_times(schedule, from, MOST_AT_ONCE);
    missed.retain(|time| *time < newest);
    for older in missed {
        add(&mut work, &schedule.name, older, "skipped").await?;
    }
    add(&mut work, &schedule.name, newest, "due").await?;
    work.commit().await
}

async fn introduce(db: &Db, schedule: &Schedule, now: DateTime<Utc>) -> Result<(), DbError> {
    let mut work = db.begin().await?;
    on!(&mut work, INTRODUCE, |sql, conn| {
        let query = sqlx::query(sql).bind(&schedule.name).bind(&schedule.cron).bind(now.timestamp_millis());
        query.execute(conn).await?.rows_affected()
    });
    work.commit().await
}

/// Only from the line that was read: of several replicas with the new line one sets the start.
async fn restart(db: &Db, schedule: &Schedule, old: &str, now: DateTime<Utc>) -> Result<(), DbError> {
    let mut work = db.begin().await?;
    let moved = on!(&mut work, RESTART, |sql, conn| {
        let query = sqlx::query(sql).bind(&schedule.name).bind(&schedule.cron).bind(now.timestamp_millis());
        query.bind(old).execute(conn).await?.rows_affected()
    });
    work.commit().await?;
    if moved == 1 {
        tracing::warn!(schedule = %schedule.name, was = old, now = %schedule.cron, "the schedule's line changed; it starts anew");
    }
    Ok(())
}

/// Moves the schedule on; `false` when another replica was faster and owns these occurrences.
async fn advance(work: &mut Work, name: &str, from: DateTime<Utc>, to: DateTime<Utc>) -> Result<bool, DbError> {
    Ok(on!(work, ADVANCE, |sql, conn| {
        let query = sqlx::query(sql).bind(name).bind(from.timestamp_millis()).bind(to.timestamp_millis());
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
