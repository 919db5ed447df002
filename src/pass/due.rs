//! A planned run from due to done: taken under a lease, tried again while it is young, given up when it is old.
//!
//! ```text
//! due ──take──► running ──finish──► done
//!  ▲               │
//!  └──postpone─────┘      due, or running without an owner, for six hours ──► failed, or skipped if never tried
//! ```

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::Row as _;

use super::{Alert, Schedule, Settings, What, record};
use crate::clock::{ZONE, from_millis, local_date};
use crate::db::{Db, DbError, Sql};
use crate::{on, read};

/// A run planned longer ago than this is no longer begun: its reminders would speak of another day.
const GRACE: TimeDelta = TimeDelta::hours(6);
/// Minutes before the second, third … try; the last one again and again.
const WAITS: [i64; 4] = [5, 15, 30, 60];

/// One run at a time, whichever replica is at it: two rounds at once would both decide on the same heads. What was chosen is
/// looked at again as it is taken: its owner may end it, or put it off, at that moment.
const TAKE: Sql = Sql::portable(
    "WITH next AS (SELECT schedule, planned_at FROM schedule_run WHERE planned_at > $3 \
     AND ((state = 'due' AND due_at <= $1) OR (state = 'running' AND lease_until <= $1)) \
     AND NOT EXISTS (SELECT 1 FROM schedule_run WHERE state = 'running' AND lease_until > $1) \
     ORDER BY planned_at DESC LIMIT 1) UPDATE schedule_run SET state = 'running', epoch = epoch + 1, lease_until = $2 \
     WHERE (schedule, planned_at) = (SELECT schedule, planned_at FROM next) \
     AND ((state = 'due' AND due_at <= $1) OR (state = 'running' AND lease_until <= $1)) \
     RETURNING schedule, planned_at, epoch",
);

const FINISH: Sql = Sql::portable(
    "UPDATE schedule_run SET state = 'done', lease_until = NULL \
     WHERE schedule = $1 AND planned_at = $2 AND epoch = $3 AND state = 'running'",
);

/// What waited for another try when a newer run of the same schedule was done.
const COVER: Sql = Sql::portable(
    "UPDATE schedule_run SET state = 'skipped' WHERE schedule = $1 AND planned_at < $2 AND state = 'due'",
);

const POSTPONE: Sql = Sql::portable(
    "UPDATE schedule_run SET state = 'due', lease_until = NULL, due_at = $4, last_error = $5 \
     WHERE schedule = $1 AND planned_at = $2 AND epoch = $3 AND state = 'running'",
);

const GIVE_UP: Sql = Sql::portable(
    "UPDATE schedule_run SET state = CASE WHEN epoch > 0 THEN 'failed' ELSE 'skipped' END, lease_until = NULL \
     WHERE planned_at <= $2 AND (state = 'due' OR (state = 'running' AND lease_until <= $1)) \
     RETURNING schedule, planned_at, state, last_error",
);

const TAKE_BACK: Sql =
    Sql::portable("UPDATE schedule_run SET lease_until = $1 WHERE state = 'running' AND lease_until > $1");

const OPEN: Sql = Sql::portable(
    "SELECT DISTINCT schedule FROM schedule_run WHERE state IN ('due', 'running') AND planned_at <= $1 ORDER BY schedule",
);

/// Every statement of this file.
pub(super) const STATEMENTS: &[Sql] = &[TAKE, FINISH, COVER, POSTPONE, GIVE_UP, TAKE_BACK, OPEN];

/// A planned run that is ours until its lease ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    /// Name of the schedule.
    pub schedule: String,
    /// For when it was planned.
    pub planned_at: DateTime<Utc>,
    /// How often it was taken: no two owners of a run have the same.
    pub(super) epoch: i64,
}

/// Takes the newest run that is due, or whose owner died, and that is not too old, unless somebody is at one now.
///
/// # Errors
/// The engine's.
pub async fn take_due(db: &Db, now: DateTime<Utc>, lease_until: DateTime<Utc>) -> Result<Option<Due>, DbError> {
    let mut work = db.begin().await?;
    // Two who ask at once would not see each other's.
    work.lock("schedule_run").await?;
    let taken = on!(&mut work, TAKE, |sql, conn| {
        let query = sqlx::query(sql).bind(now.timestamp_millis()).bind(lease_until.timestamp_millis());
        match query.bind((now - GRACE).timestamp_millis()).fetch_optional(conn).await? {
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

/// Schedules with a run planned up to `until` that is neither done nor given up.
///
/// # Errors
/// The engine's.
pub async fn open_runs(db: &Db, until: DateTime<Utc>) -> Result<Vec<String>, DbError> {
    let rows: Vec<(String,)> =
        read!(db, OPEN, |sql, pool| sqlx::query_as(sql).bind(until.timestamp_millis()).fetch_all(pool).await?);
    Ok(rows.into_iter().map(|(schedule,)| schedule).collect())
}

/// Closes a run, and with it the older ones of its schedule that still waited: it did their work too. `false` when its
/// lease was lost meanwhile.
///
/// # Errors
/// The engine's.
pub async fn finish_due(db: &Db, due: &Due) -> Result<bool, DbError> {
    let mut work = db.begin().await?;
    let closed = on!(&mut work, FINISH, |sql, conn| {
        let query = sqlx::query(sql).bind(&due.schedule).bind(due.planned_at.timestamp_millis()).bind(due.epoch);
        query.execute(conn).await?.rows_affected()
    });
    if closed == 1 {
        on!(&mut work, COVER, |sql, conn| {
            let query = sqlx::query(sql).bind(&due.schedule).bind(due.planned_at.timestamp_millis());
            query.execute(conn).await?.rows_affected()
        });
    }
    work.commit().await?;
    Ok(closed == 1)
}

/// Puts a run that could not be carried through back in the queue. Returns when it is due again; `None` when its lease
/// was lost meanwhile.
///
/// # Errors
/// The engine's; then the run is taken over when its lease ends.
pub async fn postpone(db: &Db, due: &Due, reason: &str, now: DateTime<Utc>) -> Result<Option<DateTime<Utc>>, DbError> {
    let again = now + wait_after(due.epoch);
    let mut work = db.begin().await?;
    let moved = on!(&mut work, POSTPONE, |sql, conn| {
        let query = sqlx::query(sql).bind(&due.schedule).bind(due.planned_at.timestamp_millis()).bind(due.epoch);
        query.bind(again.timestamp_millis()).bind(reason).execute(conn).await?.rows_affected()
    });
    work.commit().await?;
    Ok((moved == 1).then_some(again))
}

fn wait_after(tries: i64) -> TimeDelta {
    let nth = usize::try_from(tries - 1).unwrap_or(0).min(WAITS.len() - 1);
    TimeDelta::minutes(WAITS.get(nth).copied().unwrap_or(60))
}

/// A planned run that will not be carried through any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GivenUp {
    /// Name of the schedule.
    pub schedule: String,
    /// What it starts.
    pub what: What,
    /// For when it was planned.
    pub planned_at: DateTime<Utc>,
    /// Whether it was tried; otherwise the program was not there.
    pub tried: bool,
    /// What went wrong the last time, if that is known.
    pub reason: Option<String>,
}

/// Gives up the runs that are too old, and tells the admins in the same unit of work, so that each is told of once.
///
/// # Errors
/// The engine's.
pub async fn give_up(
    db: &Db,
    settings: &Settings,
    schedules: &[Schedule],
    now: DateTime<Utc>,
) -> Result<Vec<GivenUp>, DbError> {
    let what = |name: &str| schedules.iter().find(|known| known.name == name).map_or(What::Round, |known| known.what);
    let mut work = db.begin().await?;
    let rows: Vec<(String, i64, String, Option<String>)> = on!(&mut work, GIVE_UP, |sql, conn| {
        let query = sqlx::query_as(sql).bind(now.timestamp_millis());
        query.bind((now - GRACE).timestamp_millis()).fetch_all(conn).await?
    });
    let given_up = rows.into_iter().map(|(schedule, planned_at, state, reason)| GivenUp {
        what: what(&schedule),
        schedule,
        planned_at: from_millis(planned_at),
        tried: state == "failed",
        reason,
    });
    let given_up: Vec<GivenUp> = given_up.collect();
    for run in &given_up {
        let alert = run.alert();
        alert.tell(&mut work, settings, &record::run_id(alert.as_of, run.planned_at), now).await?;
    }
    work.commit().await?;
    Ok(given_up)
}

impl GivenUp {
    /// Names the day and not the hour: a schedule that fires every hour tells of one trouble once a day.
    fn alert(&self) -> Alert {
        let as_of = local_date(self.planned_at);
        let (schedule, day) = (&self.schedule, self.planned_at.with_timezone(&ZONE).format("%d/%m/%Y"));
        let name = self.what.vietnamese();
        let (occasion, what, why) = if self.tried {
            let reason = self.reason.as_deref().unwrap_or("chương trình bị dừng giữa chừng");
            ("round_failed", format!("{name} của lịch `{schedule}` ngày {day} không thực hiện được."), reason)
        } else {
            ("round_missed", format!("{name} của lịch `{schedule}` ngày {day} đã bị lỡ."), "chương trình không chạy")
        };
        Alert {
            occasion,
            episode: None,
            as_of,
            subject: format!("{name} ngày {day} không được gửi: cần kiểm tra"),
            lines: vec![
                what,
                format!("Nguyên nhân: {why}"),
                "Đã quá 6 giờ nên hệ thống không tự thử lại nữa.".to_owned(),
                format!("→ Khắc phục rồi chạy: {} (với SQLite: dừng dịch vụ trước)", self.what.command(as_of)),
            ],
        }
    }
}

/// Frees the runs of dead processes before their leases end. Only for a process that holds its database alone.
///
/// # Errors
/// The engine's.
pub async fn take_back_due(db: &Db, now: DateTime<Utc>) -> Result<u64, DbError> {
    let mut work = db.begin().await?;
    let freed = on!(&mut work, TAKE_BACK, |sql, conn| {
        sqlx::query(sql).bind(now.timestamp_millis()).execute(conn).await?.rows_affected()
    });
    work.commit().await?;
    Ok(freed)
}
