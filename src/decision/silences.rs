//! The ledger of silences: said once, ended early at most once, never deleted.

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::FromRow;
use uuid::Uuid;

use super::Silence;
use crate::catalog::{IndicatorId, UnitId};
use crate::clock::local_date;
use crate::db::{Db, DbError, Sql, Work};
use crate::people::{self, By, Deed, Event};
use crate::{on, read};

pub(super) const ALL: Sql = Sql::portable(
    "SELECT id, unit_id, subtree, indicator, first_day, last_day, author, reason, ended_on FROM silence ORDER BY first_day, id",
);

pub(super) const PUT: Sql = Sql::portable(
    "INSERT INTO silence (id, unit_id, subtree, indicator, first_day, last_day, author, reason, said_at) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (id) DO NOTHING",
);

pub(super) const END: Sql =
    Sql::portable("UPDATE silence SET ended_on = $2, ended_by = $3 WHERE id = $1 AND ended_on IS NULL");

/// Decisions in which a silence hid something; what it hid is counted from their text.
pub(super) const HIDDEN: Sql = Sql::portable(
    "SELECT decision.indicators FROM decision JOIN run ON run.id = decision.run_id \
     WHERE decision.indicators LIKE $1 AND run.state = 'done' AND run.as_of >= $2",
);

#[derive(FromRow)]
struct Row {
    id: String,
    unit_id: Option<String>,
    subtree: bool,
    indicator: Option<String>,
    first_day: String,
    last_day: String,
    author: String,
    reason: String,
    ended_on: Option<String>,
}

fn impossible(column: &'static str, value: &str) -> DbError {
    DbError::Impossible { table: "silence", column, value: value.to_owned() }
}

impl TryFrom<Row> for Silence {
    type Error = DbError;

    fn try_from(row: Row) -> Result<Self, DbError> {
        let day = |column, text: &str| text.parse::<NaiveDate>().map_err(|_| impossible(column, text));
        Ok(Self {
            id: row.id.parse().map_err(|_| impossible("id", &row.id))?,
            unit: row.unit_id.as_deref().map(UnitId::new),
            subtree: row.subtree,
            indicator: row.indicator.as_deref().map(IndicatorId::new),
            from: day("first_day", &row.first_day)?,
            until: day("last_day", &row.last_day)?,
            author: row.author,
            reason: row.reason,
            ended_on: row.ended_on.map(|text| day("ended_on", &text)).transpose()?,
        })
    }
}

/// The id of a silence that is said at `said_at`: the same said twice at once is one.
pub fn silence_id(
    unit: Option<&UnitId>,
    indicator: Option<&IndicatorId>,
    until: NaiveDate,
    said_at: DateTime<Utc>,
) -> Uuid {
    const SILENCES: Uuid = Uuid::from_u128(0x6f0c_9a52_3c1d_5e8b_8d2e_d0d0_c000_0006);
    let (unit, indicator) = (unit.map_or("", UnitId::as_str), indicator.map_or("", IndicatorId::as_str));
    Uuid::new_v5(&SILENCES, format!("{unit}/{indicator}/{until}/{}", said_at.timestamp()).as_bytes())
}

/// Every silence that was ever said, oldest first.
///
/// # Errors
/// The engine's, or an impossible row.
pub async fn silences(db: &Db) -> Result<Vec<Silence>, DbError> {
    let rows: Vec<Row> = read!(db, ALL, |sql, pool| sqlx::query_as(sql).fetch_all(pool).await?);
    rows.into_iter().map(Silence::try_from).collect()
}

/// Stores a silence, as the last thing of `work`. Storing it again changes nothing but the audit log.
///
/// # Errors
/// The engine's.
pub async fn say_silence(mut work: Work, silence: &Silence, by: &By, said_at: DateTime<Utc>) -> Result<(), DbError> {
    on!(&mut work, PUT, |sql, conn| {
        sqlx::query(sql)
            .bind(silence.id.to_string())
            .bind(silence.unit.as_ref().map(UnitId::as_str))
            .bind(silence.subtree)
            .bind(silence.indicator.as_ref().map(IndicatorId::as_str))
            .bind(silence.from.to_string())
            .bind(silence.until.to_string())
            .bind(&silence.author)
            .bind(&silence.reason)
            .bind(said_at.timestamp_millis())
            .execute(conn)
            .await?
            .rows_affected()
    });
    let (unit, indicator) = (silence.unit.as_ref(), silence.indicator.as_ref());
    let detail = format!(
        "unit={}{} indicator={} {}..{}: {}",
        unit.map_or("all", UnitId::as_str),
        if silence.subtree { " and below" } else { "" },
        indicator.map_or("all", IndicatorId::as_str),
        silence.from,
        silence.until,
        silence.reason
    );
    let event = Event { by, deed: Deed::SilenceSaid, subject: format!("silence/{}", silence.id), detail };
    people::conclude(work, &event, said_at).await.map(|_| ())
}

/// Ends a silence on the day of `now`, as the last thing of `work`; `false` when there is none that is not ended.
///
/// # Errors
/// The engine's.
pub async fn end_silence(
    mut work: Work,
    id: Uuid,
    (name, by): (&str, &By),
    now: DateTime<Utc>,
) -> Result<bool, DbError> {
    let day = local_date(now).to_string();
    let ended = on!(&mut work, END, |sql, conn| {
        sqlx::query(sql).bind(id.to_string()).bind(&day).bind(name).execute(conn).await?.rows_affected()
    });
    if ended == 0 {
        work.rollback().await?;
        return Ok(false);
    }
    let event = Event { by, deed: Deed::SilenceEnded, subject: format!("silence/{id}"), detail: String::new() };
    people::conclude(work, &event, now).await?;
    Ok(true)
}

/// How many reminders of single indicators a silence hid so far.
///
/// # Errors
/// The engine's.
pub async fn hidden_by(db: &Db, silence: &Silence) -> Result<u64, DbError> {
    let id = silence.id.to_string();
    let (like, from) = (format!("%{id}%"), silence.from.to_string());
    let texts: Vec<(String,)> =
        read!(db, HIDDEN, |sql, pool| sqlx::query_as(sql).bind(like).bind(from).fetch_all(pool).await?);
    let count = texts.iter().map(|(text,)| text.matches(id.as_str()).count()).sum::<usize>();
    Ok(u64::try_from(count).unwrap_or(u64::MAX))
}
