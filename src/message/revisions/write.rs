//! Saving, publishing, restoring and discarding. Whoever does it stands in the audit log.

use chrono::{DateTime, Utc};
use sqlx::Row as _;

use super::Base;
use crate::db::{Db, DbError, Sql, Work};
use crate::message::template::{SOURCE_LIMIT, unify};
use crate::people::{self, By, Deed, Event};
use crate::{on, read};

const LAST_DRAFT: Sql = Sql::portable("SELECT coalesce(max(number), 0) FROM template_draft WHERE name = $1");

/// Nothing is ever deleted, so that the same number is the same texts in force.
const COUNT: Sql = Sql::portable("SELECT count(*) FROM template_revision");

const LAST_REVISION: Sql = Sql::portable("SELECT coalesce(max(number), 0) FROM template_revision WHERE name = $1");

/// The draft in hand: the last save, unless it was published or discarded.
const OPEN_DRAFT: Sql = Sql::portable(
    "SELECT number, source, page, automatic FROM template_draft WHERE name = $1 AND closed_at IS NULL \
     AND number = (SELECT max(other.number) FROM template_draft AS other WHERE other.name = $1)",
);

const REPLACE: Sql = Sql::portable("DELETE FROM template_draft WHERE name = $1 AND number = $2 AND closed_at IS NULL");

const SAVE: Sql = Sql::portable(
    "INSERT INTO template_draft (name, number, source, saved_at, saved_by, note, based_on, original_hash, automatic, page) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
);

const PUBLISH: Sql = Sql::portable(
    "INSERT INTO template_revision (name, number, source, published_at, published_by, note, original_hash, draft, restores) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
);

const CLOSE: Sql = Sql::portable(
    "UPDATE template_draft SET closed_at = $3, fate = $4 WHERE name = $1 AND number = $2 AND closed_at IS NULL",
);

/// Every statement of this file.
pub(super) const STATEMENTS: &[Sql] = &[LAST_DRAFT, COUNT, LAST_REVISION, OPEN_DRAFT, REPLACE, SAVE, PUBLISH, CLOSE];

/// Why something was not done.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Refused {
    /// The database's.
    #[error(transparent)]
    Db(#[from] DbError),
    /// The draft was published or discarded by somebody else in the meantime, or never was.
    #[error("draft {number} of `{name}` was published or discarded in the meantime")]
    NoDraft {
        /// The template.
        name: String,
        /// The draft.
        number: i64,
    },
    /// Somebody else saved, published or discarded after the writer had begun; nothing was saved.
    #[error("somebody else saved or published `{name}` in the meantime")]
    Overtaken {
        /// The template.
        name: String,
    },
    /// Another text came into force since it was checked, and it was not checked with that; nothing was published.
    #[error("another text came into force since `{name}` was checked")]
    Unchecked {
        /// The template.
        name: String,
    },
    /// The text is longer than templates may be.
    #[error("the text has {0} bytes; a template may have {SOURCE_LIMIT}")]
    TooLong(usize),
}

/// A text to save.
#[derive(Debug, Clone, Copy)]
pub struct NewDraft<'a> {
    /// File name of the template.
    pub name: &'a str,
    /// Its text.
    pub source: &'a str,
    /// Who saves it.
    pub by: &'a str,
    /// Why; may be empty.
    pub note: &'a str,
    /// [`hash`](super::hash) of the original that it is made over; empty when there is none.
    pub original_hash: &'a str,
    /// What the writer had before him; nothing is saved when that is no longer so. `None`: whatever is there.
    pub over: Option<Base>,
    /// Whether it is saved by itself while somebody writes. The next save from the same page takes its place, so that hours
    /// of writing leave one draft and not hundreds.
    pub automatic: bool,
    /// The opened page that it is written on, by a name that no other has; empty: none.
    pub page: &'a str,
}

/// A text to put in force.
#[derive(Debug, Clone, Copy)]
pub struct Publication<'a> {
    /// File name of the template.
    pub name: &'a str,
    /// Its text, which passed the check.
    pub source: &'a str,
    /// Who publishes it.
    pub by: &'a str,
    /// Why; may be empty.
    pub note: &'a str,
    /// [`hash`](super::hash) of the original that it is made over; empty when there is none.
    pub original_hash: &'a str,
    /// The draft that it is; none of a restored one.
    pub draft: Option<i64>,
    /// The revision whose text it has again; 0 for the original's.
    pub restores: Option<i64>,
    /// How many revisions there were, of all templates, when the texts were read that it was checked with; `None`: nobody
    /// says.
    pub over: Option<i64>,
}

/// A draft in hand.
#[derive(sqlx::FromRow)]
struct OpenDraft {
    number: i64,
    source: String,
    page: String,
    automatic: bool,
}

/// Saves a draft beside the ones before. Returns its number; that of the draft in hand when it says the same.
///
/// # Errors
/// [`Refused::Overtaken`], [`Refused::TooLong`], or the engine's; then nothing is saved.
pub async fn save_draft(db: &Db, new: NewDraft<'_>, by: &By, now: DateTime<Utc>) -> Result<i64, Refused> {
    let source = fitting(new.source)?;
    let mut work = db.begin().await?;
    let number = locked(&mut work, LAST_DRAFT, new.name).await? + 1;
    let based_on = last(&mut work, LAST_REVISION, new.name).await?;
    let open: Option<OpenDraft> = on!(&mut work, OPEN_DRAFT, |sql, conn| sqlx::query_as(sql)
        .bind(new.name)
        .fetch_optional(conn)
        .await
        .map_err(DbError::from)?);
    let found = Base { draft: open.as_ref().map_or(0, |open| open.number), revision: based_on };
    let own = |open: &&OpenDraft| open.automatic && !new.page.is_empty() && open.page == new.page;
    let known = |over: Base| Base { draft: open.as_ref().filter(own).map_or(over.draft, |open| open.number), ..over };
    if new.over.is_some_and(|over| known(over) != found) {
        return Err(Refused::Overtaken { name: new.name.to_owned() });
    }
    if let Some(same) = open.as_ref().filter(|open| open.source == source && (new.automatic || !open.automatic)) {
        return Ok(same.number);
    }
    let own = open.as_ref().filter(own);
    if let Some(before) = own {
        on!(&mut work, REPLACE, |sql, conn| {
            let query = sqlx::query(sql).bind(new.name).bind(before.number);
            query.execute(conn).await.map_err(DbError::from)?.rows_affected()
        });
    }
    on!(&mut work, SAVE, |sql, conn| {
        let query = sqlx::query(sql).bind(new.name).bind(number).bind(&source).bind(now.timestamp_millis());
        let query = query.bind(new.by).bind(new.note).bind(based_on).bind(new.original_hash);
        let query = query.bind(new.automatic).bind(new.page);
        query.execute(conn).await.map_err(DbError::from)?.rows_affected()
    });
    // What is saved by itself is told of once, when it begins.
    if new.automatic && own.is_some() {
        work.commit().await?;
    } else {
        let (deed, detail) = (Deed::TemplateDrafted, format!("draft {number}"));
        people::conclude(work, &Event { by, deed, subject: subject(new.name), detail }, now).await?;
    }
    Ok(number)
}

/// Puts a text in force as the next revision: the next round writes with it. Returns its number.
///
/// # Errors
/// [`Refused::NoDraft`] when its draft is gone, [`Refused::Unchecked`] when another text came into force that it was not
/// checked with, [`Refused::TooLong`], or the engine's; then nothing is published.
pub async fn publish(db: &Db, new: Publication<'_>, by: &By, now: DateTime<Utc>) -> Result<i64, Refused> {
    let source = fitting(new.source)?;
    let mut work = db.begin().await?;
    // Two texts that fit what is in force need not fit each other.
    work.lock("template_revision").await?;
    let count: i64 =
        on!(&mut work, COUNT, |sql, conn| sqlx::query_scalar(sql).fetch_one(conn).await.map_err(DbError::from)?);
    if new.over.is_some_and(|over| over != count) {
        return Err(Refused::Unchecked { name: new.name.to_owned() });
    }
    let number = locked(&mut work, LAST_REVISION, new.name).await? + 1;
    if let Some(draft) = new.draft {
        close(&mut work, (new.name, draft), "published", now).await?;
    }
    on!(&mut work, PUBLISH, |sql, conn| {
        let query = sqlx::query(sql).bind(new.name).bind(number).bind(&source).bind(now.timestamp_millis());
        let query = query.bind(new.by).bind(new.note).bind(new.original_hash).bind(new.draft).bind(new.restores);
        query.execute(conn).await.map_err(DbError::from)?.rows_affected()
    });
    let (deed, detail) = match (new.restores, new.draft) {
        (Some(0), _) => (Deed::TemplateRestored, format!("revision {number} restores the original")),
        (Some(restores), _) => (Deed::TemplateRestored, format!("revision {number} restores {restores}")),
        (None, Some(draft)) => (Deed::TemplatePublished, format!("revision {number} of draft {draft}")),
        (None, None) => (Deed::TemplatePublished, format!("revision {number}")),
    };
    people::conclude(work, &Event { by, deed, subject: subject(new.name), detail }, now).await?;
    Ok(number)
}

/// Takes draft `number` of the template `name` out of hand; its text stays stored.
///
/// # Errors
/// [`Refused::NoDraft`] when it is gone, or the engine's.
pub async fn discard(db: &Db, (name, number): (&str, i64), by: &By, now: DateTime<Utc>) -> Result<(), Refused> {
    let mut work = db.begin().await?;
    locked(&mut work, LAST_DRAFT, name).await?;
    close(&mut work, (name, number), "discarded", now).await?;
    let (deed, detail) = (Deed::TemplateDiscarded, format!("draft {number}"));
    people::conclude(work, &Event { by, deed, subject: subject(name), detail }, now).await?;
    Ok(())
}

/// How many revisions there are, of all templates: what [`Publication::over`] is compared with.
///
/// # Errors
/// The engine's.
pub async fn published(db: &Db) -> Result<i64, DbError> {
    Ok(read!(db, COUNT, |sql, pool| sqlx::query_scalar(sql).fetch_one(pool).await?))
}

fn subject(name: &str) -> String {
    format!("template/{name}")
}

fn fitting(source: &str) -> Result<String, Refused> {
    let source = unify(source);
    if source.len() > SOURCE_LIMIT { Err(Refused::TooLong(source.len())) } else { Ok(source) }
}

/// Who writes a template waits for whoever else does, so that numbers follow each other.
async fn locked(work: &mut Work, statement: Sql, name: &str) -> Result<i64, DbError> {
    work.lock(&subject(name)).await?;
    last(work, statement, name).await
}

async fn last(work: &mut Work, statement: Sql, name: &str) -> Result<i64, DbError> {
    Ok(on!(work, statement, |sql, conn| sqlx::query(sql).bind(name).fetch_one(conn).await?.try_get(0)?))
}

async fn close(work: &mut Work, (name, number): (&str, i64), fate: &str, now: DateTime<Utc>) -> Result<(), Refused> {
    let closed = on!(work, CLOSE, |sql, conn| {
        let query = sqlx::query(sql).bind(name).bind(number).bind(now.timestamp_millis()).bind(fate);
        query.execute(conn).await.map_err(DbError::from)?.rows_affected()
    });
    if closed == 0 { Err(Refused::NoDraft { name: name.to_owned(), number }) } else { Ok(()) }
}
