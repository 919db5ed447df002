//! The letter behind a link: whom it was for, what it was about, what was answered so far.

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::FromRow;
use uuid::Uuid;

use super::answer::{Answer, Kind};
use super::keys::Keys;
use super::revoke::is_revoked_by;
use super::token::mark_of;
use crate::catalog::{self, Catalog, IndicatorId, Recipient};
use crate::clock::{from_millis, local_date};
use crate::db::{Db, DbError, Sql};
use crate::decision::{self, CaseFile};
use crate::read;

pub(super) const NEWEST: Sql = Sql::portable(
    "SELECT answer_id, kind, by_date, hold_until, cause, answered_at FROM reply WHERE case_id = $1 \
     ORDER BY answered_at DESC LIMIT 1",
);

/// The answer that holds: that a letter was received takes back nothing that was said before.
const HOLDING: Sql = Sql::portable(
    "SELECT answer_id, kind, by_date, hold_until, cause, answered_at FROM reply WHERE case_id = $1 \
     ORDER BY CASE WHEN kind = 'received' THEN 1 ELSE 0 END, answered_at DESC LIMIT 1",
);

/// Every statement of this file.
pub(super) const STATEMENTS: &[Sql] = &[NEWEST, HOLDING];

/// A letter whose link is good.
#[derive(Debug)]
pub struct Letter {
    /// The catalog as of the letter, with the recipients of today.
    pub catalog: Catalog,
    /// Whom it was for, and who is still written to.
    pub recipient: Recipient,
    /// As-of date of the round that wrote it.
    pub as_of: NaiveDate,
    /// The last day of the link.
    pub expires: NaiveDate,
    /// The cases it was about, in the order of the recipient's units and of the catalog's indicators; never empty.
    pub cases: Vec<LetterCase>,
}

/// A case of a letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LetterCase {
    /// The case as it stands now.
    pub file: CaseFile,
    /// The answer that holds.
    pub answer: Option<Answer>,
}

#[derive(Debug, FromRow)]
pub(super) struct AnswerRow {
    pub(super) answer_id: String,
    kind: String,
    by_date: Option<String>,
    hold_until: Option<String>,
    cause: String,
    answered_at: i64,
}

impl TryFrom<AnswerRow> for Answer {
    type Error = DbError;

    fn try_from(row: AnswerRow) -> Result<Self, DbError> {
        Ok(Self {
            id: id("answer_id", &row.answer_id)?,
            kind: Kind::from_word(&row.kind)?,
            by: row.by_date.map(|text| date("by_date", &text)).transpose()?,
            until: row.hold_until.map(|text| date("hold_until", &text)).transpose()?,
            cause: row.cause,
            at: from_millis(row.answered_at),
        })
    }
}

pub(super) fn date(column: &'static str, text: &str) -> Result<NaiveDate, DbError> {
    text.parse().map_err(|_| DbError::Impossible { table: "reply", column, value: text.to_owned() })
}

pub(super) fn id(column: &'static str, text: &str) -> Result<Uuid, DbError> {
    text.parse().map_err(|_| DbError::Impossible { table: "reply", column, value: text.to_owned() })
}

/// The letter that the link `text` belongs to. `None` for every link that is not good now: forged, ended, revoked, to
/// somebody who is no longer written to, about cases that are not his any more. Only the MAC is checked without reading.
///
/// # Errors
/// The engine's, or an impossible row.
pub async fn open(db: &Db, keys: &Keys, text: &str, now: DateTime<Utc>) -> Result<Option<Letter>, DbError> {
    let today = local_date(now);
    let Some(token) = keys.open(text, today) else { return Ok(None) };
    let catalog = Catalog::of(&catalog::load(db).await?, token.as_of, today);
    let recipient = catalog.recipients.iter().find(|recipient| mark_of(recipient) == token.recipient).cloned();
    let Some(recipient) = recipient else { return Ok(None) };
    if is_revoked_by(db, &recipient.id, token.series).await? {
        return Ok(None);
    }
    let mut cases = Vec::new();
    for unit in &recipient.units {
        let files = decision::cases(db, Some(unit), true).await?;
        for file in files.into_iter().filter(|file| token.names(file.case.id)) {
            let answer = holding(db, file.case.id).await?;
            cases.push(LetterCase { file, answer });
        }
    }
    if cases.is_empty() {
        return Ok(None);
    }
    let place = |id: &IndicatorId| catalog.indicators.iter().position(|known| known.id == *id);
    for of_unit in cases.chunk_by_mut(|one, next| one.file.unit == next.file.unit) {
        of_unit.sort_by_key(|case: &LetterCase| place(&case.file.indicator));
    }
    Ok(Some(Letter { catalog, recipient, as_of: token.as_of, expires: token.expires, cases }))
}

async fn holding(db: &Db, case: Uuid) -> Result<Option<Answer>, DbError> {
    let row: Option<AnswerRow> =
        read!(db, HOLDING, |sql, pool| sqlx::query_as(sql).bind(case.to_string()).fetch_optional(pool).await?);
    row.map(Answer::try_from).transpose()
}
