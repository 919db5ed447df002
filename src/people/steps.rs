//! The steps of the first set-up, and what people said of them. Whether a step is done is mostly seen from what the other
//! rooms stored; here stands what only a person can say.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::audit::{By, Event, conclude};
use super::deed::Deed;
use super::error::PeopleError;
use crate::clock::from_millis;
use crate::db::{Db, DbError, Sql, Work};
use crate::{on, read};

const SAID: Sql = Sql::portable("SELECT step, word, detail, at FROM setup_step ORDER BY step");

const MARK: Sql = Sql::portable(
    "INSERT INTO setup_step (step, word, detail, at) VALUES ($1, $2, $3, $4) \
     ON CONFLICT (step) DO UPDATE SET word = excluded.word, detail = excluded.detail, at = excluded.at",
);

/// Every statement of this file.
pub(super) const STATEMENTS: &[Sql] = &[SAID, MARK];

/// A step from an empty program to the first real message on the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// The first administrator.
    Account,
    /// Who speaks in the messages.
    Sender,
    /// Units and their heads.
    Units,
    /// Targets in force.
    Targets,
    /// Where figures come from.
    Source,
    /// By which way messages go out.
    Channel,
    /// A message is seen as its recipient will see it.
    Letter,
    /// When rounds are due, and whom trial mode lets through.
    Schedule,
}

impl Step {
    /// In the order that they are taken.
    pub const ALL: [Self; 8] = [
        Self::Account,
        Self::Sender,
        Self::Units,
        Self::Targets,
        Self::Source,
        Self::Channel,
        Self::Letter,
        Self::Schedule,
    ];

    /// As it is stored.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Account => "account",
            Self::Sender => "sender",
            Self::Units => "units",
            Self::Targets => "targets",
            Self::Source => "source",
            Self::Channel => "channel",
            Self::Letter => "letter",
            Self::Schedule => "schedule",
        }
    }

    /// The step that is stored as `word`.
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|step| step.word() == word)
    }
}

/// What somebody said of a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// Whether it is done; otherwise it was left for later.
    pub done: bool,
    /// What else there is to say: the channel that was tried, the message that was looked at.
    pub detail: String,
    /// When.
    pub at: DateTime<Utc>,
}

/// What was said of the steps so far.
///
/// # Errors
/// The engine's.
pub async fn said(db: &Db) -> Result<BTreeMap<Step, Said>, DbError> {
    let rows: Vec<(String, String, String, i64)> =
        read!(db, SAID, |sql, pool| sqlx::query_as(sql).fetch_all(pool).await?);
    let said = |(word, done, detail, at): (String, String, String, i64)| {
        Some((Step::of(&word)?, Said { done: done == "done", detail, at: from_millis(at) }))
    };
    Ok(rows.into_iter().filter_map(said).collect())
}

/// Writes down that `step` is done, or left for later, and ends the unit of work that did it.
///
/// # Errors
/// The engine's.
pub async fn mark(
    mut work: Work,
    (step, done, detail): (Step, bool, &str),
    by: &By,
    now: DateTime<Utc>,
) -> Result<(), PeopleError> {
    let (said, at) = (if done { "done" } else { "later" }, now.timestamp_millis());
    on!(&mut work, MARK, |sql, conn| {
        let query = sqlx::query(sql).bind(step.word()).bind(said).bind(detail).bind(at);
        query.execute(conn).await?.rows_affected()
    });
    let detail = if detail.is_empty() { said.to_owned() } else { format!("{said}: {detail}") };
    let event = Event { by, deed: Deed::SetupStep, subject: format!("step/{}", step.word()), detail };
    conclude(work, &event, now).await?;
    Ok(())
}
