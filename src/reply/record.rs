//! Keeping an answer: one row per case, none ever changed.

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::Row as _;
use uuid::Uuid;

use super::answer::{Answer, Kind, Refusal, Said};
use super::letter::{AnswerRow, Letter, NEWEST};
use super::task;
use crate::clock::local_date;
use crate::db::{Cell, Db, DbError, Sql, Work, insert_rows};
use crate::decision::CaseFile;
use crate::on;

const KEEP: Sql = Sql::portable(
    "INSERT INTO reply (id, answer_id, case_id, unit_id, indicator, recipient_id, kind, by_date, hold_until, cause, \
     as_of, answered_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) ON CONFLICT (id) DO NOTHING",
);

const COUNT: Sql = Sql::portable("SELECT count(*) FROM reply WHERE case_id = $1");

/// Every statement of this file.
pub(super) const STATEMENTS: &[Sql] = &[KEEP, COUNT];

/// A case takes so many answers: more than anybody's mind is changed, and a leaked link cannot fill the database.
const MOST_ANSWERS: i64 = 100;

/// A case with its newest answer, inside the unit of work.
type Standing<'a> = (&'a CaseFile, Option<Answer>);

/// Keeps what was `said` to `letter` about `chosen` of its cases; others are left out. The same answer once more is the
/// answer that is there. A dispute holds its figures for `dispute_holds` working days.
///
/// # Errors
/// The engine's, or an impossible row; the refusal of one answer too many is no error but comes back.
pub async fn record(
    db: &Db,
    letter: &Letter,
    chosen: &[Uuid],
    said: &Said,
    (now, dispute_holds): (DateTime<Utc>, u32),
) -> Result<Result<(), Refusal>, DbError> {
    let today = local_date(now);
    let holds = said.kind == Kind::Disputed;
    let until = holds.then(|| letter.catalog.calendar.working_days_after(today, dispute_holds));
    let mut work = db.begin().await?;
    // One answer at a time: of two presses at once, the second sees all that the first one kept, or none of it.
    work.lock("reply").await?;
    let mut standing: Vec<Standing<'_>> = Vec::new();
    for case in letter.cases.iter().filter(|case| chosen.contains(&case.file.case.id)) {
        standing.push((&case.file, newest(&mut work, case.file.case.id).await?));
    }
    if standing.iter().all(|(_, answer)| answer.as_ref().is_some_and(|answer| answer.says(said))) {
        return Ok(Ok(()));
    }
    for (file, _) in &standing {
        if count(&mut work, file.case.id).await? >= MOST_ANSWERS {
            return Ok(Err(Refusal::TooMany));
        }
    }
    let id = answer_id(letter, &standing, said);
    // Two answers within one millisecond have an order all the same.
    let last = standing.iter().filter_map(|(_, answer)| answer.as_ref()).map(|answer| answer.at).max();
    let at = last.map_or(now, |last| now.max(last + TimeDelta::milliseconds(1)));
    let row = |file: &CaseFile| -> [Cell<'static>; 12] {
        [
            Uuid::new_v5(&id, file.case.id.as_bytes()).to_string().into(),
            id.to_string().into(),
            file.case.id.to_string().into(),
            file.unit.to_string().into(),
            file.indicator.to_string().into(),
            letter.recipient.id.clone().into(),
            said.kind.word().into(),
            Cell::from(said.by.map(|date| date.to_string())),
            until.map(|date| date.to_string()).into(),
            said.cause.clone().into(),
            letter.as_of.to_string().into(),
            at.into(),
        ]
    };
    let rows: Vec<[Cell<'static>; 12]> = standing.iter().map(|(file, _)| row(file)).collect();
    insert_rows(&mut work, KEEP, rows).await?;
    if said.kind.is_task() {
        task::begin(&mut work, id, at).await?;
    }
    work.commit().await?;
    Ok(Ok(()))
}

async fn newest(work: &mut Work, case: Uuid) -> Result<Option<Answer>, DbError> {
    let row: Option<AnswerRow> =
        on!(work, NEWEST, |sql, conn| sqlx::query_as(sql).bind(case.to_string()).fetch_optional(conn).await?);
    row.map(Answer::try_from).transpose()
}

async fn count(work: &mut Work, case: Uuid) -> Result<i64, DbError> {
    Ok(on!(work, COUNT, |sql, conn| sqlx::query(sql).bind(case.to_string()).fetch_one(conn).await?.try_get(0)?))
}

/// Made of what is said, by whom, about what, and of the answers it follows: two presses of one button make one answer,
/// also at the same time; the same words after others make a new one.
fn answer_id(letter: &Letter, standing: &[Standing<'_>], said: &Said) -> Uuid {
    const ANSWERS: Uuid = Uuid::from_u128(0x6f0c_9a52_3c1d_5e8b_8d2e_d0d0_c000_0012);
    let mut cases: Vec<String> = standing
        .iter()
        .map(|(file, answer)| format!("{}<{:?}", file.case.id, answer.as_ref().map(|answer| answer.id)))
        .collect();
    cases.sort();
    let words = [letter.recipient.id.as_str(), said.kind.word(), said.cause.as_str()];
    Uuid::new_v5(&ANSWERS, format!("{words:?} {:?} {}", said.by, cases.join(" ")).as_bytes())
}
