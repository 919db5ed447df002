//! Reading drafts and revisions.

use sqlx::FromRow;

use super::{Base, Fate, Revision, SavedDraft, TemplateDraft};
use crate::clock::from_millis;
use crate::db::{Db, DbError, Sql};
use crate::message::template::Templates;
use crate::read;

macro_rules! revision {
    ($which:literal) => {
        concat!(
            "SELECT name, number, source, published_at, published_by, note, original_hash, draft, restores \
             FROM template_revision ",
            $which
        )
    };
}

const NEWEST: Sql = Sql::portable(revision!(
    "WHERE number = (SELECT max(other.number) FROM template_revision AS other WHERE other.name = template_revision.name) \
     ORDER BY name"
));

const HISTORY: Sql = Sql::portable(revision!("WHERE name = $1 ORDER BY number DESC"));

const ONE: Sql = Sql::portable(revision!("WHERE name = $1 AND number = $2"));

/// The last save of each template, unless it was published or discarded.
const DRAFTS: Sql = Sql::portable(
    "SELECT name, number, source, saved_at, saved_by, note, automatic, based_on, original_hash FROM template_draft \
     WHERE closed_at IS NULL AND (CAST($1 AS TEXT) IS NULL OR name = $1) \
     AND number = (SELECT max(other.number) FROM template_draft AS other WHERE other.name = template_draft.name) \
     ORDER BY name",
);

/// The last saves of one template, or one of them, whatever became of it.
const SAVES: Sql = Sql::portable(
    "SELECT name, number, source, saved_at, saved_by, note, automatic, based_on, original_hash, fate, \
     (SELECT max(other.number) FROM template_draft AS other WHERE other.name = template_draft.name) AS last \
     FROM template_draft WHERE name = $1 AND (CAST($2 AS BIGINT) IS NULL OR number = $2) ORDER BY number DESC LIMIT $3",
);

/// Every statement of this file.
pub(super) const STATEMENTS: &[Sql] = &[NEWEST, HISTORY, ONE, DRAFTS, SAVES];

#[derive(FromRow)]
struct RevisionRow {
    name: String,
    number: i64,
    source: String,
    published_at: i64,
    published_by: String,
    note: String,
    original_hash: String,
    draft: Option<i64>,
    restores: Option<i64>,
}

impl From<RevisionRow> for Revision {
    fn from(row: RevisionRow) -> Self {
        let RevisionRow { name, number, source, published_at, published_by, note, original_hash, draft, restores } =
            row;
        let (at, by) = (from_millis(published_at), published_by);
        Self { name, number, source, at, by, note, original_hash, draft, restores }
    }
}

#[derive(FromRow)]
struct DraftRow {
    name: String,
    number: i64,
    source: String,
    saved_at: i64,
    saved_by: String,
    note: String,
    automatic: bool,
    based_on: i64,
    original_hash: String,
}

impl From<DraftRow> for TemplateDraft {
    fn from(row: DraftRow) -> Self {
        let DraftRow { name, number, source, saved_at, saved_by, note, automatic, based_on, original_hash } = row;
        let (at, by) = (from_millis(saved_at), saved_by);
        Self { name, number, source, at, by, note, automatic, based_on, original_hash }
    }
}

#[derive(FromRow)]
struct SavedRow {
    #[sqlx(flatten)]
    draft: DraftRow,
    fate: Option<String>,
    last: i64,
}

impl From<SavedRow> for SavedDraft {
    fn from(row: SavedRow) -> Self {
        let fate = match row.fate.as_deref() {
            Some("published") => Fate::Published,
            Some(_) => Fate::Discarded,
            None if row.draft.number == row.last => Fate::InHand,
            None => Fate::Replaced,
        };
        Self { draft: row.draft.into(), fate }
    }
}

/// The revision in force of each template that has one.
///
/// # Errors
/// The engine's.
pub async fn newest(db: &Db) -> Result<Vec<Revision>, DbError> {
    let rows: Vec<RevisionRow> = read!(db, NEWEST, |sql, pool| sqlx::query_as(sql).fetch_all(pool).await?);
    Ok(rows.into_iter().map(Into::into).collect())
}

/// Puts the revisions in force over `templates`, all as of one moment.
///
/// # Errors
/// The engine's.
pub async fn overlay(db: &Db, templates: &mut Templates) -> Result<(), DbError> {
    for revision in newest(db).await? {
        templates.overlay(&revision.name, &revision.source);
    }
    Ok(())
}

/// Every revision of the template `name`, newest first.
///
/// # Errors
/// The engine's.
pub async fn history(db: &Db, name: &str) -> Result<Vec<Revision>, DbError> {
    let rows: Vec<RevisionRow> = read!(db, HISTORY, |sql, pool| sqlx::query_as(sql).bind(name).fetch_all(pool).await?);
    Ok(rows.into_iter().map(Into::into).collect())
}

/// One revision.
///
/// # Errors
/// The engine's.
pub async fn revision(db: &Db, name: &str, number: i64) -> Result<Option<Revision>, DbError> {
    let row: Option<RevisionRow> =
        read!(db, ONE, |sql, pool| sqlx::query_as(sql).bind(name).bind(number).fetch_optional(pool).await?);
    Ok(row.map(Into::into))
}

/// The draft of each template that has one.
///
/// # Errors
/// The engine's.
pub async fn drafts(db: &Db) -> Result<Vec<TemplateDraft>, DbError> {
    let rows: Vec<DraftRow> =
        read!(db, DRAFTS, |sql, pool| sqlx::query_as(sql).bind(None::<&str>).fetch_all(pool).await?);
    Ok(rows.into_iter().map(Into::into).collect())
}

/// The draft of the template `name`: its last save, unless that was published or discarded.
///
/// # Errors
/// The engine's.
pub async fn draft(db: &Db, name: &str) -> Result<Option<TemplateDraft>, DbError> {
    let row: Option<DraftRow> =
        read!(db, DRAFTS, |sql, pool| sqlx::query_as(sql).bind(Some(name)).fetch_optional(pool).await?);
    Ok(row.map(Into::into))
}

/// The last `limit` saves of the template `name`, newest first, whatever became of them.
///
/// # Errors
/// The engine's.
pub async fn saves(db: &Db, name: &str, limit: u32) -> Result<Vec<SavedDraft>, DbError> {
    let rows: Vec<SavedRow> = read!(db, SAVES, |sql, pool| {
        let query = sqlx::query_as(sql).bind(name).bind(None::<i64>);
        query.bind(i64::from(limit)).fetch_all(pool).await?
    });
    Ok(rows.into_iter().map(Into::into).collect())
}

/// One save of the template `name`.
///
/// # Errors
/// The engine's.
pub async fn saved(db: &Db, name: &str, number: i64) -> Result<Option<SavedDraft>, DbError> {
    let row: Option<SavedRow> = read!(db, SAVES, |sql, pool| {
        let query = sqlx::query_as(sql).bind(name).bind(Some(number));
        query.bind(1_i64).fetch_optional(pool).await?
    });
    Ok(row.map(Into::into))
}

/// What somebody who begins to write the template `name` now has before him.
///
/// # Errors
/// The engine's.
pub async fn base(db: &Db, name: &str) -> Result<Base, DbError> {
    let draft = draft(db, name).await?.map_or(0, |draft| draft.number);
    let newest = newest(db).await?.into_iter().find(|revision| revision.name == name);
    Ok(Base { draft, revision: newest.map_or(0, |revision| revision.number) })
}
