//! What an approver sees before saying yes: whom the batch reaches that the one before did not, whom it leaves out, and
//! whose figures moved. Reads only.

use std::collections::HashSet;

use chrono::{Datelike as _, NaiveDate};
use sqlx::FromRow;

use super::{approval, writer};
use crate::db::{Db, DbError, Sql};
use crate::report::{Move, moves};
use crate::{evaluation, read};

/// Who gets a message that waits, and whether it is a digest (or a correction).
const HELD: Sql = Sql::portable(
    "SELECT recipient_id, unit_code, address, CASE WHEN dedup_key LIKE 'digest/%' OR dedup_key LIKE 'correction/%' THEN 1 ELSE 0 END AS digest FROM outbox \
     WHERE leads AND state = 'held' AND hold_reason IN ('approval', 'guard') ORDER BY unit_code, recipient_id, id",
);

/// The newest batch of digests, or of a round's messages, that was let through: sent, on its way, or tried in vain.
const LAST: Sql = Sql::portable(
    "SELECT outbox.run_id FROM outbox WHERE CASE WHEN dedup_key LIKE 'digest/%' OR dedup_key LIKE 'correction/%' THEN 1 ELSE 0 END = $1 \
     AND dedup_key NOT LIKE 'alert/%' AND dedup_key NOT LIKE 'admin_note/%' \
     AND leads AND state <> 'held' AND state <> 'cancelled' AND (state <> 'expired' OR attempts > 0) \
     AND NOT EXISTS (SELECT 1 FROM approval WHERE approval.run_id = outbox.run_id AND approval.approved_at IS NULL) \
     ORDER BY outbox.created_at DESC, outbox.run_id LIMIT 1",
);

/// Who got a message of that batch, or of another one that the same word let go.
const REACHED: Sql = Sql::portable(
    "SELECT recipient_id, unit_code, address, CASE WHEN dedup_key LIKE 'digest/%' OR dedup_key LIKE 'correction/%' THEN 1 ELSE 0 END AS digest FROM outbox \
     WHERE CASE WHEN dedup_key LIKE 'digest/%' OR dedup_key LIKE 'correction/%' THEN 1 ELSE 0 END = $1 \
     AND dedup_key NOT LIKE 'alert/%' AND dedup_key NOT LIKE 'admin_note/%' \
     AND leads AND state <> 'held' AND state <> 'cancelled' AND (state <> 'expired' OR attempts > 0) \
     AND (run_id = $2 OR run_id IN (SELECT other.run_id FROM approval AS mine \
     JOIN approval AS other ON other.approved_at = mine.approved_at WHERE mine.run_id = $2)) \
     ORDER BY unit_code, recipient_id, id",
);

/// The newest round that asks, and the last day of its figures.
const ASKING: Sql = Sql::portable(
    "SELECT run.id, coalesce(run.figures_until, run.as_of) FROM approval JOIN run ON run.id = approval.run_id \
     WHERE approval.approved_at IS NULL AND approval.refused_at IS NULL ORDER BY approval.asked_at DESC, run.id LIMIT 1",
);

/// The newest round with figures from $2 to $3 that was let through: nobody is asked about it any more.
const LET_THROUGH: Sql = Sql::portable(
    "SELECT run.id, coalesce(run.figures_until, run.as_of) AS until FROM run \
     LEFT JOIN approval ON approval.run_id = run.id WHERE run.state = 'done' AND run.id <> $1 \
     AND (approval.run_id IS NULL OR approval.approved_at IS NOT NULL) \
     AND coalesce(run.figures_until, run.as_of) BETWEEN $2 AND $3 ORDER BY until DESC, run.started_at DESC, run.id LIMIT 1",
);

/// Which rounds the messages that wait are of: a round that nobody let go is still there when the next one asks.
const ROUNDS: Sql = Sql::portable(
    "SELECT run.id, coalesce(run.figures_until, run.as_of) AS until, count(*) FROM outbox JOIN run ON run.id = outbox.run_id \
     WHERE outbox.leads AND outbox.state = 'held' AND outbox.hold_reason IN ('approval', 'guard') \
     GROUP BY run.id, run.figures_until, run.as_of ORDER BY until, run.id",
);

/// Every statement of this file.
pub(super) const STATEMENTS: &[Sql] = &[ROUNDS, HELD, LAST, REACHED, ASKING, LET_THROUGH];

/// A batch beside the one before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Review {
    /// Who composed it.
    pub composed_by: Vec<String>,
    /// Messages that wait.
    pub messages: usize,
    /// The rounds that they are of, by the last day of their figures; digests and corrections are of none.
    pub rounds: Vec<Share>,
    /// People and offices that they are for.
    pub recipients: usize,
    /// Whether there is a batch before; without one everybody is new.
    pub is_first: bool,
    /// Those whom the batch before did not reach, or reached elsewhere; by code of their unit.
    pub new: Vec<Addressee>,
    /// Those whom only the batch before reached.
    pub dropped: Vec<Addressee>,
    /// Figures beside those of the last round that was let through; `None` for digests, and without an earlier round of the
    /// year.
    pub moved: Option<Moved>,
}

/// What one round has in a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Share {
    /// The round.
    pub run_id: String,
    /// Last day of its figures, ISO.
    pub until: String,
    /// Its messages that wait.
    pub messages: u64,
}

/// Somebody a message is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Addressee {
    /// The office: `07201/head`.
    pub recipient_id: String,
    /// Official code of the first unit that it is about; empty when it is about the whole province.
    pub unit_code: String,
    /// Masked address.
    pub address: String,
    /// Reached by the batch before under another address.
    pub at_another_address: bool,
}

/// Units whose figures moved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moved {
    /// Last day of the figures that these are compared with.
    pub since: NaiveDate,
    /// The largest moves first.
    pub moves: Vec<Move>,
}

#[derive(FromRow)]
struct Row {
    recipient_id: String,
    unit_code: String,
    address: String,
    digest: i32,
}

/// What the batch that waits now is like. `over_percent` of what it was must a rate move to be told of.
///
/// # Errors
/// The engine's, or an impossible row.
pub async fn review(db: &Db, over_percent: u64) -> Result<Review, DbError> {
    let held: Vec<Row> = read!(db, HELD, |sql, pool| sqlx::query_as(sql).fetch_all(pool).await?);
    let mut before: Vec<Row> = Vec::new();
    for digest in [0, 1] {
        if held.iter().any(|row| row.digest == digest) {
            before.extend(reached(db, digest).await?);
        }
    }
    let now: HashSet<&str> = held.iter().map(|row| row.recipient_id.as_str()).collect();
    let known: HashSet<&str> = before.iter().map(|row| row.recipient_id.as_str()).collect();
    let places: HashSet<(&str, &str)> = before.iter().map(Row::place).collect();
    let new = held.iter().filter(|row| !places.contains(&row.place()));
    let dropped = before.iter().filter(|row| !now.contains(row.recipient_id.as_str()));
    Ok(Review {
        composed_by: approval::composers(db).await?,
        messages: held.len(),
        rounds: rounds(db).await?,
        recipients: now.len(),
        is_first: before.is_empty(),
        new: once(new, |row| known.contains(row.recipient_id.as_str())),
        dropped: once(dropped, |_| false),
        moved: if held.iter().any(|row| row.digest == 0) { moved(db, over_percent).await? } else { None },
    })
}

async fn rounds(db: &Db) -> Result<Vec<Share>, DbError> {
    let rows: Vec<(String, String, i64)> = read!(db, ROUNDS, |sql, pool| sqlx::query_as(sql).fetch_all(pool).await?);
    let share = |(run_id, until, messages)| Share { run_id, until, messages: u64::try_from(messages).unwrap_or(0) };
    Ok(rows.into_iter().map(share).collect())
}

impl Row {
    fn place(&self) -> (&str, &str) {
        (&self.recipient_id, &self.address)
    }
}

/// Each recipient once, in the order of `rows`.
fn once<'r>(rows: impl Iterator<Item = &'r Row>, elsewhere: impl Fn(&Row) -> bool) -> Vec<Addressee> {
    let mut seen = HashSet::new();
    let rows = rows.filter(|row| seen.insert(row.recipient_id.as_str()));
    rows.map(|row| Addressee {
        recipient_id: row.recipient_id.clone(),
        unit_code: row.unit_code.clone(),
        address: writer::mask(&row.address),
        at_another_address: elsewhere(row),
    })
    .collect()
}

async fn reached(db: &Db, digest: i32) -> Result<Vec<Row>, DbError> {
    let last: Option<(String,)> =
        read!(db, LAST, |sql, pool| sqlx::query_as(sql).bind(digest).fetch_optional(pool).await?);
    let Some((run_id,)) = last else { return Ok(Vec::new()) };
    Ok(read!(db, REACHED, |sql, pool| sqlx::query_as(sql).bind(digest).bind(&run_id).fetch_all(pool).await?))
}

async fn moved(db: &Db, over_percent: u64) -> Result<Option<Moved>, DbError> {
    let asking: Option<(String, String)> =
        read!(db, ASKING, |sql, pool| sqlx::query_as(sql).fetch_optional(pool).await?);
    let Some((run_id, until)) = asking else { return Ok(None) };
    let until = day(&until)?;
    // Sums since 1 January begin anew with the year.
    let from = NaiveDate::from_ymd_opt(until.year(), 1, 1).unwrap_or(until);
    let earlier: Option<(String, String)> = read!(db, LET_THROUGH, |sql, pool| {
        let query = sqlx::query_as(sql).bind(&run_id).bind(from.to_string()).bind(until.to_string());
        query.fetch_optional(pool).await?
    });
    let Some((earlier, since)) = earlier else { return Ok(None) };
    let (before, now) = (evaluation::judged(db, &earlier).await?, evaluation::judged(db, &run_id).await?);
    Ok(Some(Moved { since: day(&since)?, moves: moves(&before, &now, over_percent) }))
}

fn day(text: &str) -> Result<NaiveDate, DbError> {
    text.parse().map_err(|_| DbError::Impossible { table: "run", column: "figures_until", value: text.to_owned() })
}
