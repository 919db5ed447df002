//! Changing the directory (danh bạ), as pages and commands do it: one unit of work each, with its entry in the audit log.

use std::path::Path;

use chrono::{DateTime, Utc};

use super::today;
use crate::catalog::contact_sheet::{ChangeKind, Holder, Inside, Layout, Memory, Plan, Reading, Sheet, plan};
use crate::catalog::directory::{self, Directory, DirectoryError, ImportError, OfficeEdit, Sums, Waiting};
use crate::catalog::{self, Office, UnitId};
use crate::db::{Db, DbError, Work};
use crate::people::{self, By, Deed, Event};
use crate::source::{self, NoSheet};

/// A sheet read and compared with the directory.
#[derive(Debug)]
pub struct Looked {
    /// What its rows say, and what is wrong with them.
    pub reading: Reading,
    /// What its good rows would change.
    pub plan: Plan,
}

/// Reads `sheet` and compares it with the directory as it is. `whole` ends offices that the sheet does not name.
pub fn look(
    directory: &Directory,
    (sheet, layout): (&Sheet, &Layout),
    inside: Inside<'_>,
    whole: bool,
    now: DateTime<Utc>,
) -> Looked {
    let day = today(now);
    let reading = Reading::of(sheet, layout, (&directory.catalog(day), &directory.contacts), day, inside);
    let plan = plan(directory, &reading.holders, day, whole.then_some(inside));
    Looked { reading, plan }
}

/// The sheet of contacts in the bytes of a file, and its layout: of several sheets the one with the most known headings.
///
/// # Errors
/// [`NoSheet`].
pub async fn read_sheet(program: &Path, bytes: &[u8], memory: &Memory) -> Result<(Sheet, Layout), NoSheet> {
    let sheets = source::contact_sheets(program, bytes).await?;
    let guessed = sheets.into_iter().map(|sheet| {
        let layout = Layout::guess(&sheet, memory);
        (sheet, layout)
    });
    let best = guessed.reduce(|best, next| if next.1.fields.len() > best.1.fields.len() { next } else { best });
    best.ok_or(NoSheet::TooMuch)
}

/// Keeps a sheet until it is confirmed, and forgets those that nobody confirmed for a day. Returns its id.
///
/// # Errors
/// The engine's.
pub async fn bring(
    db: &Db,
    file_name: &str,
    (sheet, layout): (&Sheet, &Layout),
    by: &By,
    now: DateTime<Utc>,
) -> Result<String, DbError> {
    let mut work = db.begin().await?;
    directory::forget_old(&mut work, now).await?;
    let id = directory::bring(&mut work, file_name, (sheet, layout, false), &by.actor, now).await?;
    work.commit().await?;
    Ok(id)
}

/// Mends a waiting sheet as it is by then, whatever another has mended in it meanwhile; with `decided`, what was decided about
/// its headings is remembered. Returns it.
///
/// # Errors
/// What `mended` says, or [`ImportError`]; then nothing is changed.
pub async fn mend<E: From<ImportError>>(
    db: &Db,
    id: &str,
    decided: bool,
    mended: impl FnOnce(&mut Waiting) -> Result<(), E>,
) -> Result<Waiting, E> {
    let mut work = db.begin().await.map_err(ImportError::from)?;
    let saved = async {
        let waiting = directory::waiting_still(&mut work, id).await.map_err(ImportError::from)?;
        let mut waiting = waiting.ok_or(ImportError::NotThere)?;
        mended(&mut waiting)?;
        directory::save(&mut work, &waiting).await?;
        if decided {
            directory::remember(&mut work, &waiting.layout.memory()).await.map_err(ImportError::from)?;
        }
        Ok(waiting)
    };
    match saved.await {
        Ok(waiting) => {
            work.commit().await.map_err(ImportError::from)?;
            Ok(waiting)
        }
        Err(error) => {
            work.rollback().await.map_err(ImportError::from)?;
            Err(error)
        }
    }
}

/// Gives a waiting sheet up.
///
/// # Errors
/// The engine's.
pub async fn discard(db: &Db, id: &str) -> Result<(), DbError> {
    let mut work = db.begin().await?;
    directory::discard(&mut work, id).await?;
    work.commit().await
}

/// Writes what the good rows of a waiting sheet change. `expected` is what the preview said: when the directory changed
/// since, nothing is written. Nothing is written either while a cell is wrong.
///
/// # Errors
/// [`ImportError`].
pub async fn write_import(
    db: &Db,
    waiting: &Waiting,
    (inside, expected): (Inside<'_>, Option<Sums>),
    by: &By,
    now: DateTime<Utc>,
) -> Result<Sums, WriteError> {
    let directory = Directory::load(db).await?;
    let looked = look(&directory, (&waiting.sheet, &waiting.layout), inside, waiting.whole, now);
    let wrong = looked.reading.wrong();
    if wrong > 0 || waiting.layout.lacks().is_some() {
        return Err(WriteError::Wrong(wrong));
    }
    let sums = sums(&looked.plan);
    if expected.is_some_and(|expected| expected != sums) {
        return Err(WriteError::Otherwise(sums));
    }
    let edits: Vec<OfficeEdit> = looked.plan.changes.into_iter().map(|change| change.edit).collect();
    if edits.is_empty() {
        return Err(WriteError::Nothing);
    }
    let mut work = db.begin().await?;
    catalog::keep_still(&mut work).await?;
    // Mended since it was read: what is written is what the preview said.
    if directory::waiting_still(&mut work, &waiting.id).await?.is_some_and(|now| now != *waiting) {
        work.rollback().await?;
        return Err(WriteError::Otherwise(sums));
    }
    match directory::written(&mut work, &waiting.id, (&edits, sums), &by.actor, now).await {
        Ok(()) => {
            let Sums { added, changed, ended } = sums;
            let detail = format!("added={added} changed={changed} ended={ended}");
            conclude(work, by, Deed::ContactsImported, (format!("import/{}", waiting.id), detail), now).await?;
            Ok(sums)
        }
        Err(error) => {
            work.rollback().await?;
            Err(error.into())
        }
    }
}

/// Why a sheet was not written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WriteError {
    /// So many cells are wrong.
    #[error("{0} cell(s) are wrong; nothing was written\n  remedy: mend them, or leave their rows out")]
    Wrong(usize),
    /// The directory was changed since the preview: now it would change this.
    #[error("the directory was changed since the preview; nothing was written\n  remedy: look at the preview again")]
    Otherwise(Sums),
    /// The directory says all of it already.
    #[error("the directory says all of it already; nothing was written")]
    Nothing,
    /// The import's.
    #[error(transparent)]
    Import(#[from] ImportError),
}

impl From<DbError> for WriteError {
    fn from(error: DbError) -> Self {
        Self::Import(error.into())
    }
}

/// How many offices a plan changes.
pub fn sums(plan: &Plan) -> Sums {
    Sums {
        added: plan.count(ChangeKind::Added),
        changed: plan.count(ChangeKind::Changed),
        ended: plan.count(ChangeKind::Ended),
    }
}

/// Takes an import back. Returns how many offices are as they were before.
///
/// # Errors
/// [`ImportError`].
pub async fn take_back(db: &Db, id: &str, by: &By, now: DateTime<Utc>) -> Result<usize, ImportError> {
    let mut work = db.begin().await?;
    match directory::take_back(&mut work, id, &by.actor, now).await {
        Ok(offices) => {
            let told = (format!("import/{id}"), format!("offices={offices}"));
            conclude(work, by, Deed::ContactsImportUndone, told, now).await?;
            Ok(offices)
        }
        Err(error) => {
            work.rollback().await?;
            Err(error)
        }
    }
}

/// What a form does to an office.
#[derive(Debug, Clone)]
pub enum Wish {
    /// Somebody holds it from a day on: `holder.from`, else today.
    Appoint(Holder),
    /// Whoever holds it today holds it up to this day.
    End(chrono::NaiveDate),
}

/// Changes one office. Returns whether anything changed.
///
/// # Errors
/// [`DirectoryError`].
pub async fn change_office(
    db: &Db,
    (unit, code, office): (&UnitId, &str, Office),
    wish: &Wish,
    by: &By,
    now: DateTime<Utc>,
) -> Result<bool, DirectoryError> {
    let day = today(now);
    let history = Directory::load(db).await?.history(unit, office);
    let held = history.iter().find(|contact| contact.valid.covers(day)).cloned();
    let edit = match wish {
        Wish::Appoint(holder) => OfficeEdit::appoint(history, holder, day),
        Wish::End(last) => OfficeEdit::end(history, day, *last),
    };
    if edit.changes_nothing() {
        return Ok(false);
    }
    let deed = match (wish, &held) {
        (Wish::End(_), _) => Deed::ContactEnded,
        (Wish::Appoint(_), None) => Deed::ContactAdded,
        (Wish::Appoint(_), Some(_)) => Deed::ContactChanged,
    };
    let then = match wish {
        Wish::Appoint(holder) => holder.from.map_or(day, |from| from.max(day)),
        Wish::End(_) => day,
    };
    let after = edit.after.iter().find(|contact| contact.valid.covers(then)).or(edit.after.last());
    let detail = OfficeEdit::differing(held.as_ref(), after).join(" ");
    let mut work = db.begin().await?;
    match directory::store_edits(&mut work, std::slice::from_ref(&edit)).await {
        Ok(()) => {
            conclude(work, by, deed, (format!("contact/{code}/{}", office.word()), detail), now).await?;
            Ok(true)
        }
        Err(error) => {
            work.rollback().await?;
            Err(error)
        }
    }
}

/// Writes down that the list was taken out as a file.
///
/// # Errors
/// The engine's.
pub async fn note_export(db: &Db, contacts: usize, by: &By, now: DateTime<Utc>) -> Result<(), DbError> {
    let told = (String::new(), format!("contacts={contacts}"));
    conclude(db.begin().await?, by, Deed::ContactsExported, told, now).await
}

async fn conclude(
    work: Work,
    by: &By,
    deed: Deed,
    (subject, detail): (String, String),
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    people::conclude(work, &Event { by, deed, subject, detail }, now).await.map(|_| ())
}
