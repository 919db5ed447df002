//! Sheets of contacts that somebody brought, which wait until they are confirmed, and what was decided about headings.

use std::time::Duration;

use chrono::{DateTime, Utc};
use sha2::{Digest as _, Sha256};
use sqlx::FromRow;
use uuid::Uuid;

use super::confirm::ImportError;
use super::kept::{KeptLayout, as_json, from_json};
use crate::catalog::contact_sheet::{Field, Layout, Memory, Sheet};
use crate::catalog::store::impossible;
use crate::clock::from_millis;
use crate::db::{Db, DbError, Sql, Work};
use crate::{on, read};

/// How long a sheet waits, and how long it can be taken back once it is written.
pub const KEPT_FOR: Duration = Duration::from_hours(24);

const BRING: Sql = Sql::portable(
    "INSERT INTO contact_import (id, state, file_name, sheet, layout, whole, brought_at, brought_by, edits) \
     VALUES ($1, 'waiting', $2, $3, $4, $5, $6, $7, '') ON CONFLICT (id) DO NOTHING",
);
const SAVE: Sql =
    Sql::portable("UPDATE contact_import SET sheet = $2, layout = $3, whole = $4 WHERE id = $1 AND state = 'waiting'");
const DISCARD: Sql = Sql::portable("DELETE FROM contact_import WHERE id = $1 AND state = 'waiting'");
macro_rules! waiting {
    ($lock:literal) => {
        concat!(
            "SELECT id, file_name, sheet, layout, whole, brought_at, brought_by FROM contact_import \
             WHERE id = $1 AND state = 'waiting'",
            $lock
        )
    };
}

const WAITING: Sql = Sql::portable(waiting!(""));
/// Nobody else mends it, writes it or gives it up until the unit of work ends.
const KEEP_STILL: Sql = Sql { sqlite: waiting!(""), postgres: waiting!(" FOR UPDATE") };
const LIST: Sql = Sql::portable(
    "SELECT id, state, file_name, brought_at, brought_by, written_at, written_by, undone_at, added, changed, ended \
     FROM contact_import ORDER BY brought_at DESC, id LIMIT $1",
);
const MEMORY: Sql = Sql::portable("SELECT heading, field FROM contact_heading");
const REMEMBER: Sql = Sql::portable(
    "INSERT INTO contact_heading (heading, field) VALUES ($1, $2) ON CONFLICT (heading) DO UPDATE SET field = $2",
);

/// Every statement of this file.
pub(super) const STATEMENTS: &[Sql] = &[BRING, SAVE, DISCARD, WAITING, KEEP_STILL, LIST, MEMORY, REMEMBER];

/// How far a sheet has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImportState {
    /// Nothing of it is in the directory.
    Waiting,
    /// It was written.
    Written,
    /// It was written and taken back.
    Undone,
}

impl ImportState {
    /// As it is stored.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Written => "written",
            Self::Undone => "undone",
        }
    }

    fn stored(word: &str) -> Result<Self, DbError> {
        let known = [Self::Waiting, Self::Written, Self::Undone].into_iter().find(|state| state.word() == word);
        known.ok_or_else(|| impossible("contact_import", "state", word))
    }
}

/// A sheet that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// Its id.
    pub id: String,
    /// The file that it came in.
    pub file_name: String,
    /// Its cells, with what was mended since.
    pub sheet: Sheet,
    /// Which column is which.
    pub layout: Layout,
    /// Whether it is the whole directory: offices that it does not name end.
    pub whole: bool,
    /// When it came.
    pub brought_at: DateTime<Utc>,
    /// Who brought it, as the audit log names him.
    pub brought_by: String,
}

/// How many offices were added, changed and ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sums {
    /// Added.
    pub added: usize,
    /// Changed.
    pub changed: usize,
    /// Ended.
    pub ended: usize,
}

/// A sheet as a line of a list.
#[derive(Debug, Clone)]
pub struct Import {
    /// Its id.
    pub id: String,
    /// How far it has come.
    pub state: ImportState,
    /// The file that it came in.
    pub file_name: String,
    /// When it came.
    pub brought_at: DateTime<Utc>,
    /// Who brought it, as the audit log names him.
    pub brought_by: String,
    /// When it was written, and by whom.
    pub written: Option<(DateTime<Utc>, String)>,
    /// When it was taken back.
    pub undone_at: Option<DateTime<Utc>>,
    /// What it changed.
    pub sums: Sums,
}

impl Import {
    /// Until when it can be taken back; `None`: it cannot.
    pub fn undoable_until(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let (written, _) = self.written.as_ref().filter(|_| self.state == ImportState::Written)?;
        Some(*written + KEPT_FOR).filter(|until| *until >= now)
    }
}

#[derive(FromRow)]
struct WaitingRow {
    id: String,
    file_name: String,
    sheet: String,
    layout: String,
    whole: bool,
    brought_at: i64,
    brought_by: String,
}

#[derive(FromRow)]
struct ImportRow {
    id: String,
    state: String,
    file_name: String,
    brought_at: i64,
    brought_by: String,
    written_at: Option<i64>,
    written_by: Option<String>,
    undone_at: Option<i64>,
    added: i64,
    changed: i64,
    ended: i64,
}

/// Keeps a sheet until it is confirmed. Returns its id.
///
/// # Errors
/// The engine's.
pub async fn bring(
    work: &mut Work,
    file_name: &str,
    (sheet, layout, whole): (&Sheet, &Layout, bool),
    by: &str,
    now: DateTime<Utc>,
) -> Result<String, DbError> {
    let (sheet, layout) = (as_json(sheet)?, as_json(&KeptLayout::of(layout))?);
    let file_name: String = file_name.chars().filter(|c| !c.is_control()).take(120).collect();
    let seed = Sha256::digest(format!("{by}\0{}\0{file_name}\0{sheet}", now.timestamp_millis()));
    let id = Uuid::new_v5(&Uuid::NAMESPACE_OID, &seed).simple().to_string();
    on!(work, BRING, |sql, conn| {
        let query = sqlx::query(sql).bind(&id).bind(&file_name).bind(&sheet).bind(&layout).bind(whole);
        query.bind(now.timestamp_millis()).bind(by).execute(conn).await?.rows_affected()
    });
    Ok(id)
}

/// Keeps what was mended, or another layout.
///
/// # Errors
/// [`ImportError::NotThere`] when it does not wait any more, or the engine's.
pub async fn save(work: &mut Work, waiting: &Waiting) -> Result<(), ImportError> {
    let (sheet, layout) = (as_json(&waiting.sheet)?, as_json(&KeptLayout::of(&waiting.layout))?);
    let changed = on!(work, SAVE, |sql, conn| {
        let query = sqlx::query(sql).bind(&waiting.id).bind(&sheet).bind(&layout).bind(waiting.whole);
        query.execute(conn).await.map_err(DbError::from)?.rows_affected()
    });
    if changed == 1 { Ok(()) } else { Err(ImportError::NotThere) }
}

/// Gives a waiting sheet up.
///
/// # Errors
/// The engine's.
pub async fn discard(work: &mut Work, id: &str) -> Result<(), DbError> {
    on!(work, DISCARD, |sql, conn| sqlx::query(sql).bind(id).execute(conn).await?.rows_affected());
    Ok(())
}

/// The sheet that waits under this id.
///
/// # Errors
/// The engine's, or an impossible row.
pub async fn waiting(db: &Db, id: &str) -> Result<Option<Waiting>, DbError> {
    let row: Option<WaitingRow> =
        read!(db, WAITING, |sql, pool| sqlx::query_as(sql).bind(id).fetch_optional(pool).await?);
    row.map(Waiting::try_from).transpose()
}

/// The same inside of a unit of work, which keeps it from everybody else.
///
/// # Errors
/// The engine's, or an impossible row.
pub async fn waiting_still(work: &mut Work, id: &str) -> Result<Option<Waiting>, DbError> {
    let row: Option<WaitingRow> =
        on!(work, KEEP_STILL, |sql, conn| sqlx::query_as(sql).bind(id).fetch_optional(conn).await?);
    row.map(Waiting::try_from).transpose()
}

impl TryFrom<WaitingRow> for Waiting {
    type Error = DbError;

    fn try_from(row: WaitingRow) -> Result<Self, DbError> {
        let layout: KeptLayout = from_json("layout", &row.layout)?;
        Ok(Self {
            id: row.id,
            file_name: row.file_name,
            sheet: from_json("sheet", &row.sheet)?,
            layout: layout.into(),
            whole: row.whole,
            brought_at: from_millis(row.brought_at),
            brought_by: row.brought_by,
        })
    }
}

/// The newest imports.
///
/// # Errors
/// The engine's, or an impossible row.
pub async fn imports(db: &Db, at_most: i64) -> Result<Vec<Import>, DbError> {
    let rows: Vec<ImportRow> = read!(db, LIST, |sql, pool| sqlx::query_as(sql).bind(at_most).fetch_all(pool).await?);
    let count = |number: i64| usize::try_from(number).unwrap_or(0);
    let import = |row: ImportRow| {
        Ok(Import {
            state: ImportState::stored(&row.state)?,
            id: row.id,
            file_name: row.file_name,
            brought_at: from_millis(row.brought_at),
            brought_by: row.brought_by,
            written: row.written_at.map(|at| (from_millis(at), row.written_by.unwrap_or_default())),
            undone_at: row.undone_at.map(from_millis),
            sums: Sums { added: count(row.added), changed: count(row.changed), ended: count(row.ended) },
        })
    };
    rows.into_iter().map(import).collect()
}

/// What was decided about headings.
///
/// # Errors
/// The engine's.
pub async fn memory(db: &Db) -> Result<Memory, DbError> {
    let rows: Vec<(String, String)> = read!(db, MEMORY, |sql, pool| sqlx::query_as(sql).fetch_all(pool).await?);
    Ok(rows.into_iter().map(|(heading, field)| (heading, Field::of(&field))).collect())
}

/// Remembers what was decided about headings.
///
/// # Errors
/// The engine's.
pub async fn remember(work: &mut Work, memory: &Memory) -> Result<(), DbError> {
    for (heading, field) in memory {
        let field = field.map_or("", Field::word);
        on!(&mut *work, REMEMBER, |sql, conn| sqlx::query(sql)
            .bind(heading)
            .bind(field)
            .execute(conn)
            .await?
            .rows_affected());
    }
    Ok(())
}
