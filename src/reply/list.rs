//! Looking at the answers.

use sqlx::FromRow;
use uuid::Uuid;

use super::answer::Answer;
use super::letter::{AnswerRow, date, id};
use super::task::{Closing, Task};
use crate::catalog::{IndicatorId, UnitId};
use crate::clock::from_millis;
use crate::db::{Db, DbError, Sql, Work};
use crate::{on, read};

macro_rules! answers {
    ($where:literal) => {
        concat!(
            "SELECT reply.answer_id, reply.kind, reply.by_date, reply.hold_until, reply.cause, reply.answered_at, \
             reply.unit_id, reply.indicator, reply.recipient_id, reply.as_of, reply_task.opened_at, reply_task.told_at, \
             reply_task.closed_at, reply_task.closed_by, reply_task.note, \
             NOT EXISTS (SELECT 1 FROM reply AS later WHERE later.case_id = reply.case_id \
             AND later.answered_at > reply.answered_at AND (later.kind <> 'received' OR reply.kind = 'received')) AS is_newest \
             FROM reply LEFT JOIN reply_task ON reply_task.answer_id = reply.answer_id WHERE ",
            $where,
            " ORDER BY reply.answered_at, reply.answer_id, reply.unit_id, reply.indicator"
        )
    };
}

const LIST: Sql =
    Sql::portable(answers!("NOT $1 OR (reply_task.opened_at IS NOT NULL AND reply_task.closed_at IS NULL)"));

const ABOUT: Sql = Sql::portable(answers!("reply.unit_id = $1"));

/// Every statement of this file.
pub(super) const STATEMENTS: &[Sql] = &[LIST, ABOUT];

/// An answer with what it was about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answered {
    /// What was said.
    pub answer: Answer,
    /// By whose link.
    pub recipient_id: String,
    /// As-of date of the letter.
    pub as_of: chrono::NaiveDate,
    /// The units and indicators, in order.
    pub about: Vec<(UnitId, IndicatorId)>,
    /// Whether it holds of at least one of them: no later answer took its place.
    pub current: bool,
    /// What it asks of staff.
    pub task: Option<Task>,
}

#[derive(Debug, FromRow)]
struct Row {
    #[sqlx(flatten)]
    answer: AnswerRow,
    unit_id: String,
    indicator: String,
    recipient_id: String,
    as_of: String,
    opened_at: Option<i64>,
    told_at: Option<i64>,
    closed_at: Option<i64>,
    closed_by: Option<String>,
    note: Option<String>,
    is_newest: bool,
}

/// All answers, oldest first, or those alone whose task is open.
///
/// # Errors
/// The engine's, or an impossible row.
pub async fn answered(db: &Db, open_only: bool) -> Result<Vec<Answered>, DbError> {
    let rows: Vec<Row> = read!(db, LIST, |sql, pool| sqlx::query_as(sql).bind(open_only).fetch_all(pool).await?);
    grouped(rows)
}

/// All answers about `unit`, oldest first; of those about other units too, what concerns this one.
///
/// # Errors
/// The engine's, or an impossible row.
pub async fn answered_about(db: &Db, unit: &UnitId) -> Result<Vec<Answered>, DbError> {
    let rows: Vec<Row> = read!(db, ABOUT, |sql, pool| sqlx::query_as(sql).bind(unit.as_str()).fetch_all(pool).await?);
    grouped(rows)
}

/// Those whose task is open, inside a unit of work.
pub(super) async fn in_work(work: &mut Work) -> Result<Vec<Answered>, DbError> {
    let rows: Vec<Row> = on!(work, LIST, |sql, conn| sqlx::query_as(sql).bind(true).fetch_all(conn).await?);
    grouped(rows)
}

fn grouped(rows: Vec<Row>) -> Result<Vec<Answered>, DbError> {
    let mut answered: Vec<Answered> = Vec::new();
    for row in rows {
        let about = (UnitId::new(&row.unit_id), IndicatorId::new(&row.indicator));
        let of: Uuid = id("answer_id", &row.answer.answer_id)?;
        if let Some(last) = answered.last_mut().filter(|last| last.answer.id == of) {
            last.about.push(about);
            last.current |= row.is_newest;
            continue;
        }
        let closing = row.closed_at.map(|at| Closing {
            at: from_millis(at),
            by: row.closed_by.unwrap_or_default(),
            note: row.note.unwrap_or_default(),
        });
        answered.push(Answered {
            answer: row.answer.try_into()?,
            recipient_id: row.recipient_id,
            as_of: date("as_of", &row.as_of)?,
            about: vec![about],
            current: row.is_newest,
            task: row.opened_at.map(|_| Task { told_at: row.told_at.map(from_millis), closing }),
        });
    }
    Ok(answered)
}
