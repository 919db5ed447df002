//! What the next decision has to know: promises and disputes about open cases.

use std::collections::HashMap;

use sqlx::FromRow;
use uuid::Uuid;

use super::answer::Kind;
use super::letter::{date, id};
use crate::catalog::{IndicatorId, UnitId};
use crate::clock::{from_millis, local_date};
use crate::db::{Db, DbError, Sql};
use crate::decision::{Case, History, Word};
use crate::read;

/// Oldest first. That a letter was received says nothing about a promise that was made.
const WORDS: Sql = Sql::portable(
    "SELECT reply.case_id, reply.kind, reply.by_date, reply.hold_until, reply.answered_at, reply_task.closed_at \
     FROM reply JOIN reminder_case ON reminder_case.id = reply.case_id \
     LEFT JOIN reply_task ON reply_task.answer_id = reply.answer_id \
     WHERE reminder_case.closed_on IS NULL AND reply.kind <> 'received' ORDER BY reply.answered_at",
);

/// Every statement of this file.
pub(super) const STATEMENTS: &[Sql] = &[WORDS];

#[derive(FromRow)]
struct Row {
    case_id: String,
    kind: String,
    by_date: Option<String>,
    hold_until: Option<String>,
    answered_at: i64,
    closed_at: Option<i64>,
}

/// What holds of the open cases: of each the newest answer, when it is a promise, or a dispute that staff did not close.
/// Whoever changes a promise into a dispute has made no promise any more.
///
/// # Errors
/// The engine's, or an impossible row.
pub async fn words(db: &Db, history: &History) -> Result<HashMap<(UnitId, IndicatorId), Vec<Word>>, DbError> {
    let rows: Vec<Row> = read!(db, WORDS, |sql, pool| sqlx::query_as(sql).fetch_all(pool).await?);
    let mut newest: HashMap<Uuid, Option<Word>> = HashMap::with_capacity(rows.len());
    for row in rows {
        newest.insert(id("case_id", &row.case_id)?, word(&row)?);
    }
    let of_case = |case: &Case| newest.get(&case.id).copied().flatten();
    let words = history.open.iter().filter_map(|(key, case)| Some((key.clone(), vec![of_case(case)?])));
    Ok(words.collect())
}

fn word(row: &Row) -> Result<Option<Word>, DbError> {
    let on = local_date(from_millis(row.answered_at));
    Ok(match (Kind::from_word(&row.kind)?, &row.by_date, &row.hold_until) {
        (Kind::Promised, Some(by), _) => Some(Word::Promised { on, by: date("by_date", by)? }),
        (Kind::Disputed, _, Some(until)) if row.closed_at.is_none() => {
            Some(Word::Disputed { on, until: date("hold_until", until)? })
        }
        _ => None,
    })
}
