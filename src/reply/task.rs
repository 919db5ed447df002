//! What answers ask of staff: a dispute wants its figure looked into, "not mine" the contact mended. The admins are told
//! of each once; whoever did it closes it with a note.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::bounce;
use super::list::{self, Answered};
use crate::db::{Db, DbError, Sql, Work};
use crate::on;
use crate::people::{self, By, Deed, Event};

const BEGIN: Sql =
    Sql::portable("INSERT INTO reply_task (answer_id, opened_at) VALUES ($1, $2) ON CONFLICT (answer_id) DO NOTHING");

const CLOSE: Sql = Sql::portable(
    "UPDATE reply_task SET closed_at = $2, closed_by = $3, note = $4 WHERE answer_id = $1 AND closed_at IS NULL",
);

const REOPEN: Sql = Sql::portable(
    "UPDATE reply_task SET closed_at = NULL, closed_by = NULL, note = NULL WHERE answer_id = $1 AND closed_at IS NOT NULL",
);

const TOLD: Sql = Sql::portable("UPDATE reply_task SET told_at = $2 WHERE answer_id = $1 AND told_at IS NULL");

/// Every statement of this file.
pub(super) const STATEMENTS: &[Sql] = &[BEGIN, CLOSE, REOPEN, TOLD];

/// The task of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Task {
    /// When the admins were told of it.
    pub told_at: Option<DateTime<Utc>>,
    /// How it ended, if it did.
    pub closing: Option<Closing>,
}

/// How a task ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closing {
    /// When.
    pub at: DateTime<Utc>,
    /// By whom.
    pub by: String,
    /// What was found, or done.
    pub note: String,
}

/// Why a task cannot be closed, or opened again.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TaskError {
    /// The database's.
    #[error(transparent)]
    Db(#[from] DbError),
    /// No answer and no address with this id wants anything done, or it is closed already.
    #[error("no open task has the id `{0}`")]
    NotOpen(String),
    /// No task with this id is closed, or the address is open under a later message.
    #[error("no closed task has the id `{0}`")]
    NotClosed(String),
}

pub(super) async fn begin(work: &mut Work, answer: Uuid, now: DateTime<Utc>) -> Result<(), DbError> {
    on!(work, BEGIN, |sql, conn| {
        let query = sqlx::query(sql).bind(answer.to_string()).bind(now.timestamp_millis());
        query.execute(conn).await?.rows_affected()
    });
    Ok(())
}

/// Closes the task of the answer `id`, or of the address that gave back the message `id`. A disputed figure is reminded of
/// again from then on, an address written to again. Who it is stands in the list by his name, in the audit log as its `By`.
///
/// # Errors
/// [`TaskError`].
pub async fn close(
    db: &Db,
    id: &str,
    (name, by): (&str, &By),
    note: &str,
    now: DateTime<Utc>,
) -> Result<(), TaskError> {
    let mut work = db.begin().await?;
    let closed = on!(&mut work, CLOSE, |sql, conn| {
        let query = sqlx::query(sql).bind(id).bind(now.timestamp_millis()).bind(name).bind(note);
        query.execute(conn).await.map_err(DbError::from)?.rows_affected()
    });
    if closed == 0 && !bounce::close(&mut work, id, (name, note), now).await? {
        return Err(TaskError::NotOpen(id.to_owned()));
    }
    let event = Event { by, deed: Deed::ReplyClosed, subject: format!("reply/{id}"), detail: note.to_owned() };
    people::conclude(work, &event, now).await?;
    Ok(())
}

/// Takes back that the task `id` was closed: a dispute holds again until its last day, an address is not written to. What was
/// noted stays in the audit log.
///
/// # Errors
/// [`TaskError`].
pub async fn reopen(db: &Db, id: &str, by: &By, now: DateTime<Utc>) -> Result<(), TaskError> {
    let mut work = db.begin().await?;
    let opened = on!(&mut work, REOPEN, |sql, conn| {
        sqlx::query(sql).bind(id).execute(conn).await.map_err(DbError::from)?.rows_affected()
    });
    if opened == 0 && !bounce::reopen(&mut work, id).await? {
        return Err(TaskError::NotClosed(id.to_owned()));
    }
    let event = Event { by, deed: Deed::ReplyReopened, subject: format!("reply/{id}"), detail: String::new() };
    people::conclude(work, &event, now).await?;
    Ok(())
}

/// Answers with an open task that the admins were not told of, oldest first.
///
/// # Errors
/// The engine's, or an impossible row.
pub async fn untold(work: &mut Work) -> Result<Vec<Answered>, DbError> {
    let mut answered = list::in_work(work).await?;
    answered.retain(|one| one.task.as_ref().is_some_and(|task| task.told_at.is_none() && task.closing.is_none()));
    Ok(answered)
}

/// Remembers that the admins were told of these answers.
///
/// # Errors
/// The engine's.
pub async fn told(work: &mut Work, answers: &[Uuid], now: DateTime<Utc>) -> Result<(), DbError> {
    for answer in answers {
        on!(&mut *work, TOLD, |sql, conn| {
            let query = sqlx::query(sql).bind(answer.to_string()).bind(now.timestamp_millis());
            query.execute(conn).await?.rows_affected()
        });
    }
    Ok(())
}
