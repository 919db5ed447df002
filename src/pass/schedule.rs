//! When a round falls due. The alarm clock only wakes us; rows decide.
//!
//! One row per (schedule, planned instant), so that each planned run happens once, with any number of replicas.
//! Several missed while down become one, the newest; whether it is still worth running is for `due.rs` to say.
//!
//! How far a schedule is planned is remembered by the key of its last run and not by its instant: a calendar that is
//! changed may move a run into the past (then it is late, and `due.rs` runs it or tells of it), but never out of sight.

use chrono::{DateTime, SubsecRound as _, Utc};

use super::{Schedule, When};
use crate::catalog::Calendar;
use crate::clock::from_millis;
use crate::db::{Db, DbError, Sql, Work};
use crate::{on, read};

/// Missed occurrences written down per planning: a line that fires every second must not fill the table after a long
/// rest.
const MOST_AT_ONCE: usize = 1_000;

const KNOWN: Sql = Sql::portable("SELECT line, planned_until FROM schedule WHERE name = $1");

const INTRODUCE: Sql =
    Sql::portable("INSERT INTO schedule (name, line, planned_until) VALUES ($1, $2, $3) ON CONFLICT (name) DO NOTHING");

const RESTART: Sql = Sql::portable("UPDATE schedule SET line = $2, planned_until = $3 WHERE name = $1 AND line = $4");

const ADVANCE: Sql = Sql::portable("UPDATE schedule SET planned_until = $3 WHERE name = $1 AND planned_until = $2");

const ADD: Sql = Sql::portable(
    "INSERT INTO schedule_run (schedule, planned_at, state, due_at) VALUES ($1, $2, $3, $2) \
     ON CONFLICT (schedule, planned_at) DO NOTHING",
);

/// Every statement of this file.
pub(super) const STATEMENTS: &[Sql] = &[KNOWN, INTRODUCE, RESTART, ADVANCE, ADD];

/// The runs of a plain cron line in (`after`, `until`]: the newest, and the first of those before it. The newest is
/// looked for from the end: from the beginning, a line that fires often would be given up on before its end is reached.
fn fired(schedule: &Schedule, calendar: &Calendar, after: DateTime<Utc>, until: DateTime<Utc>) -> Vec<DateTime<Utc>> {
    let ours = schedule.occurrences(calendar, after).map(|run| run.at).take_while(|at| *at <= until);
    let mut runs: Vec<_> = ours.take(MOST_AT_ONCE).collect();
    let (Some(first), When::Cron(line)) = (runs.first(), &schedule.when) else { return Vec::new() };
    let local = until.with_timezone(&schedule.time_zone).trunc_subsecs(0);
    let newest = Schedule::pattern(line).and_then(|cron| cron.find_previous_occurrence(&local, true));
    let newest = newest.map_or(*first, |newest| newest.with_timezone(&Utc).max(*first));
    runs.retain(|at| *at < newest);
    runs.push(newest);
    runs
}

/// What fell due up to `to` for a schedule that is planned up to the key `from`: the instants in order, and up to which
/// key it is planned with them.
fn fallen_due(
    schedule: &Schedule,
    calendar: &Calendar,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
) -> (Vec<DateTime<Utc>>, DateTime<Utc>) {
    if schedule.is_plain_cron() {
        return (fired(schedule, calendar, from, to), to);
    }
    let runs: Vec<_> = schedule.occurrences(calendar, from).take_while(|run| run.at <= to).collect();
    let until = runs.last().map_or(from, |run| run.key);
    let mut instants: Vec<_> = runs.into_iter().map(|run| run.at).collect();
    instants.dedup();
    (instants, until)
}

/// Writes down what fell due up to `now`. A schedule seen for the first time, or with another line, starts at `now`.
///
/// # Errors
/// The engine's.
pub async fn plan(db: &Db, schedules: &[Schedule], calendar: &Calendar, now: DateTime<Utc>) -> Result<(), DbError> {
    for schedule in schedules {
        let line = schedule.to_string();
        let known: Option<(String, i64)> =
            read!(db, KNOWN, |sql, pool| sqlx::query_as(sql).bind(&schedule.name).fetch_optional(pool).await?);
        match known {
            None => introduce(db, schedule, &line, schedule.begins_at(calendar, now)).await?,
            Some((old, _)) if old != line => {
                restart(db, schedule, (&old, &line), schedule.begins_at(calendar, now)).await?;
            }
            Some((_, until)) => {
                let from = from_millis(until);
                let (instants, until) = fallen_due(schedule, calendar, from, now);
                write_down(db, &schedule.name, instants, (from, until)).await?;
            }
        }
    }
    Ok(())
}

/// The newest is due, the others are covered by it.
async fn write_down(
    db: &Db,
    name: &str,
    instants: Vec<DateTime<Utc>>,
    (from, until): (DateTime<Utc>, DateTime<Utc>),
) -> Result<(), DbError> {
    let Some((newest, missed)) = instants.split_last() else { return Ok(()) };
    let mut work = db.begin().await?;
    if !advance(&mut work, name, from, until).await? {
        return work.rollback().await;
    }
    for older in missed {
        add(&mut work, name, *older, "skipped").await?;
    }
    add(&mut work, name, *newest, "due").await?;
    work.commit().await
}

async fn introduce(db: &Db, schedule: &Schedule, line: &str, begins_at: DateTime<Utc>) -> Result<(), DbError> {
    let mut work = db.begin().await?;
    on!(&mut work, INTRODUCE, |sql, conn| {
        let query = sqlx::query(sql).bind(&schedule.name).bind(line).bind(begins_at.timestamp_millis());
        query.execute(conn).await?.rows_affected()
    });
    work.commit().await
}

/// Only from the line that was read: of several replicas with the new line one sets the start.
async fn restart(
    db: &Db,
    schedule: &Schedule,
    (old, line): (&str, &str),
    begins_at: DateTime<Utc>,
) -> Result<(), DbError> {
    let mut work = db.begin().await?;
    let moved = on!(&mut work, RESTART, |sql, conn| {
        let query = sqlx::query(sql).bind(&schedule.name).bind(line).bind(begins_at.timestamp_millis());
        query.bind(old).execute(conn).await?.rows_affected()
    });
    work.commit().await?;
    if moved == 1 {
        tracing::warn!(schedule = %schedule.name, was = old, now = line, "the schedule's line changed; it starts anew");
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
