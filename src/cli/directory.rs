//! `dondoc catalog contacts …`: a sheet of contacts in, taken back, and the list out.

use std::io::Read as _;
use std::path::Path;

use serde_json::json;

use super::approve::confirmed;
use super::arguments_catalog::Contacts;
use super::exit::{Code, Failure};
use super::output::{self, Format, Table};
use super::people::by;
use crate::app::directory::{self, Looked, WriteError};
use crate::app::{App, today};
use crate::catalog::contact_sheet::{self, Change, ChangeKind, Field, Layout, Sheet};
use crate::catalog::directory::{Directory, ImportError, OfficeEdit, Waiting, imports, memory};
use crate::clock::ZONE;
use crate::words::Tongue;

/// A file is read so far; whoever parses it refuses less.
const LONGEST: u64 = 16 << 20;
/// Imports that are listed.
const LISTED: i64 = 50;

/// What is asked of an import.
#[expect(clippy::struct_excessive_bools, reason = "the switches of the command")]
struct Asked<'a> {
    file: &'a Path,
    dry_run: bool,
    yes: bool,
    whole: bool,
    mend: bool,
    columns: &'a [String],
    marked: Option<&'a Path>,
}

pub(super) async fn contacts(app: &App, asked: Contacts) -> Result<Code, Failure> {
    match asked {
        Contacts::Import { file, dry_run, yes, whole, mend, column, marked } => {
            let marked = marked.as_deref();
            import(app, &Asked { file: &file, dry_run, yes, whole, mend, columns: &column, marked }).await
        }
        Contacts::Undo { id } => undo(app, id).await,
        Contacts::Imports { format } => list(app, format).await,
        Contacts::Export { file } => export(app, &file).await,
        Contacts::Template { file } => {
            let bytes = contact_sheet::template(app.clock.now()).map_err(|error| no_workbook(&error))?;
            write(&file, &bytes)?;
            output::line(format!("an empty sheet is written to {}", file.display()))?;
            Ok(Code::Done)
        }
    }
}

async fn import(app: &App, asked: &Asked<'_>) -> Result<Code, Failure> {
    let bytes = read(asked.file)?;
    let known = memory(&app.db).await?;
    let (mut sheet, mut layout) = directory::read_sheet(&app.program, &bytes, &known)
        .await
        .map_err(|error| Failure::new(Code::Invalid, format!("{}: {error}", asked.file.display())))?;
    lay_out(&mut layout, asked.columns)?;
    if let Some(lacks) = layout.lacks() {
        let headings: Vec<&str> = layout.headings.values().map(String::as_str).collect();
        let hint = format!("name columns with --column \"HEADING=FIELD\"; headings: {}", headings.join(", "));
        return Err(Failure::new(
            Code::Invalid,
            format!("{} Nothing was imported\n  remedy: {hint}", lacks.say(Tongue::English)),
        ));
    }
    let (now, present) = (app.clock.now(), Directory::load(&app.db).await?);
    let look = |sheet: &Sheet| directory::look(&present, (sheet, &layout), &|_| true, asked.whole, now);
    let mut looked = look(&sheet);
    if asked.mend {
        mend(&mut sheet, &looked);
        looked = look(&sheet);
    }
    if let Some(marked) = asked.marked {
        let bytes = contact_sheet::marked(&sheet, (&layout, &looked.reading), Tongue::Vietnamese, now)
            .map_err(|error| no_workbook(&error))?;
        write(marked, &bytes)?;
    }
    told(&layout, &looked)?;
    let wrong = looked.reading.wrong();
    if wrong > 0 {
        let remedy = "mend the cells above (--mend takes what is suggested, --marked FILE writes them into the sheet)";
        return Err(Failure::new(
            Code::Invalid,
            format!("{wrong} cell(s) are wrong; nothing was imported\n  remedy: {remedy}"),
        ));
    }
    let sums = directory::sums(&looked.plan);
    if asked.dry_run || looked.plan.changes.is_empty() {
        return Ok(Code::Done);
    }
    if !asked.yes && !confirmed("Write these changes?") {
        return Err(Failure::new(Code::NotApproved, "not written; the directory is as it was"));
    }
    let name = asked.file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let (by, whole) = (by(), asked.whole);
    let id = directory::bring(&app.db, &name, (&sheet, &layout), &by, now).await?;
    let all = |held: &mut Waiting| -> Result<(), ImportError> {
        held.whole = whole;
        Ok(())
    };
    let held = directory::mend(&app.db, &id, !asked.columns.is_empty(), all).await;
    let held = held.map_err(|error| failure(error.into()))?;
    if let Err(error) = directory::write_import(&app.db, &held, (&|_| true, Some(sums)), &by, now).await {
        directory::discard(&app.db, &id).await?;
        return Err(failure(error));
    }
    output::line(format!("written; within 24 hours: dondoc catalog contacts undo {id}"))?;
    Ok(Code::Done)
}

/// Lays what was said of columns over what was guessed.
fn lay_out(layout: &mut Layout, columns: &[String]) -> Result<(), Failure> {
    for column in columns {
        let said = column.rsplit_once('=').and_then(|(heading, field)| {
            let folded = crate::catalog::fold(heading);
            let (at, _) = layout.headings.iter().find(|(_, known)| crate::catalog::fold(known) == folded)?;
            let field = if field == "-" { None } else { Some(Field::of(field)?) };
            Some((*at, field))
        });
        let Some((at, field)) = said else {
            let fields: Vec<&str> = Field::ALL.into_iter().map(Field::word).collect();
            let remedy = format!("write HEADING=FIELD with a heading of the sheet; fields: {}, -", fields.join(", "));
            return Err(Failure::usage(format!("`{column}` names no column\n  remedy: {remedy}")));
        };
        layout.fields.retain(|_, known| Some(*known) != field);
        match field {
            Some(field) => layout.fields.insert(at, field),
            None => layout.fields.remove(&at),
        };
    }
    Ok(())
}

fn mend(sheet: &mut Sheet, looked: &Looked) {
    for finding in looked.reading.findings.iter().filter(|finding| finding.wrong) {
        if let Some(fix) = &finding.fix {
            sheet.write(finding.row, finding.column, fix);
        }
    }
}

/// Columns, findings and changes; of addresses nothing is said.
fn told(layout: &Layout, looked: &Looked) -> Result<(), Failure> {
    let column = |(at, field): (&u32, &Field)| format!("{}={}", contact_sheet::column_letters(*at), field.word());
    output::note(format!("columns: {}", layout.fields.iter().map(column).collect::<Vec<_>>().join(" ")));
    for finding in &looked.reading.findings {
        let fix = finding.fix.as_ref().filter(|_| finding.wrong).map(|_| " [--mend]").unwrap_or_default();
        let sort = if finding.wrong { "error" } else { "note" };
        output::note(format!("{sort}: {}: {}{fix}", finding.cell(), finding.told(Tongue::English, false)));
    }
    for change in &looked.plan.changes {
        output::line(line(change))?;
    }
    let count = |kind| looked.plan.count(kind);
    output::line(format!(
        "{} added, {} changed, {} ended, {} unchanged",
        count(ChangeKind::Added),
        count(ChangeKind::Changed),
        count(ChangeKind::Ended),
        looked.plan.same
    ))
}

fn line(change: &Change) -> String {
    let sign = match change.kind {
        ChangeKind::Added => '+',
        ChangeKind::Changed => '~',
        ChangeKind::Ended => '-',
    };
    let row = change.row.map(|row| format!(" (row {row})")).unwrap_or_default();
    let what = match change.kind {
        ChangeKind::Changed => {
            format!(": {}", OfficeEdit::differing(change.before.as_ref(), change.after.as_ref()).join(", "))
        }
        ChangeKind::Added | ChangeKind::Ended => String::new(),
    };
    format!("{sign} {} {}{what}{row}", change.edit.unit, change.edit.office.word())
}

async fn undo(app: &App, id: Option<String>) -> Result<Code, Failure> {
    let now = app.clock.now();
    let newest = imports(&app.db, LISTED).await?.into_iter().find(|import| import.undoable_until(now).is_some());
    let Some(id) = id.or(newest.map(|import| import.id)) else {
        return Err(Failure::usage(
            "no import can be taken back: none was written within 24 hours\n  remedy: correct the contacts one by one",
        ));
    };
    let offices = directory::take_back(&app.db, &id, &by(), now).await.map_err(|error| failure(error.into()))?;
    output::line(format!("taken back: {offices} office(s) are as they were before import {id}"))?;
    Ok(Code::Done)
}

async fn list(app: &App, format: Format) -> Result<Code, Failure> {
    let now = app.clock.now();
    let mut table = Table::new(vec!["id", "brought", "by", "file", "state", "added", "changed", "ended", "undo_until"]);
    let mut json = Vec::new();
    for import in imports(&app.db, LISTED).await? {
        let time = |at: chrono::DateTime<chrono::Utc>| at.with_timezone(&ZONE).format("%Y-%m-%d %H:%M").to_string();
        let until = import.undoable_until(now).map(time).unwrap_or_default();
        let sums = import.sums;
        json.push(json!({
            "id": import.id, "brought": time(import.brought_at), "by": import.brought_by, "file": import.file_name,
            "state": import.state.word(), "added": sums.added, "changed": sums.changed, "ended": sums.ended,
            "undo_until": until,
        }));
        table.rows.push(vec![
            import.id,
            time(import.brought_at),
            import.brought_by,
            import.file_name,
            import.state.word().to_owned(),
            sums.added.to_string(),
            sums.changed.to_string(),
            sums.ended.to_string(),
            until,
        ]);
    }
    table.print(format, Some(json.into()))?;
    Ok(Code::Done)
}

async fn export(app: &App, file: &Path) -> Result<Code, Failure> {
    let (now, present) = (app.clock.now(), Directory::load(&app.db).await?);
    let rows = present.listed(today(now), &|_| true);
    let bytes = contact_sheet::present(&rows, now).map_err(|error| no_workbook(&error))?;
    write(file, &bytes)?;
    directory::note_export(&app.db, rows.len(), &by(), now).await?;
    output::line(format!("{} contacts written to {}", rows.len(), file.display()))?;
    Ok(Code::Done)
}

fn read(file: &Path) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    let done = std::fs::File::open(file).and_then(|open| open.take(LONGEST).read_to_end(&mut bytes));
    done.map_err(|error| Failure::usage(format!("cannot read `{}`: {error}\n  remedy: name a file", file.display())))?;
    Ok(bytes)
}

fn write(file: &Path, bytes: &[u8]) -> Result<(), Failure> {
    std::fs::write(file, bytes).map_err(|error| {
        let remedy = "name a file in a folder that may be written";
        Failure::new(Code::Unexpected, format!("cannot write `{}`: {error}\n  remedy: {remedy}", file.display()))
    })
}

fn no_workbook(error: &contact_sheet::SheetError) -> Failure {
    Failure::new(Code::Unexpected, error.to_string())
}

fn failure(error: WriteError) -> Failure {
    match error {
        WriteError::Import(ImportError::Directory(crate::catalog::directory::DirectoryError::Db(error))) => {
            error.into()
        }
        other => Failure::usage(other.to_string()),
    }
}
