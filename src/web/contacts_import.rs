//! Contacts from a file: upload, columns, errors in the sheet, preview, one write, undo within a day. What waits is kept
//! in the database, so that every step is a page of its own.

use std::collections::HashSet;

use askama::Template;
use axum::extract::{Path, RawQuery, State};
use axum::response::Response;

use super::catalogue::Tongue;
use super::contact_words::{no_sheet, office_name};
use super::contacts_preview::{Preview, preview};
use super::form::Form;
use super::page::{Failure, Frame, Place, again, done_words, on_to, page};
use super::session::{Visitor, Who};
use super::{Site, words};
use crate::app::directory::{self, Looked, WriteError};
use crate::catalog::contact_sheet::{Field, Inside};
use crate::catalog::directory::{
    Directory, DirectoryError, Import, ImportError, ImportState, Sums, Waiting, imports, memory, waiting,
};
use crate::catalog::{Office, Unit, UnitId};
use crate::people;

/// Imports that are listed.
const LISTED: i64 = 20;

#[derive(Template)]
#[template(path = "contacts_import.html")]
struct UploadPage {
    frame: Frame,
    done: Option<&'static str>,
    wrong: Option<String>,
    imports: Vec<Line>,
}

/// An import as a line of the list.
struct Line {
    id: String,
    file_name: String,
    when: String,
    by: String,
    state: &'static str,
    waits: bool,
    sums: Option<String>,
    /// Until when it can be taken back.
    undo_until: Option<String>,
}

#[derive(Template)]
#[template(path = "contacts_import_one.html")]
struct ImportPage {
    frame: Frame,
    done: Option<&'static str>,
    wrong: Option<String>,
    id: String,
    /// Where the sheet with its errors marked is.
    marked: String,
    file_name: String,
    sheet_name: String,
    whole: bool,
    preview: Preview,
}

/// What a page shows after something was not done.
type Said = Option<String>;

/// Which units a visitor with these codes may change.
pub(super) fn inside(codes: Option<&HashSet<String>>) -> impl Fn(&Unit) -> bool {
    move |unit| codes.is_none_or(|codes| codes.contains(&unit.code))
}

/// Whether somebody may see what another one brought: whoever sees all may, others see their own.
async fn sees(site: &Site, visitor: &Visitor, brought_by: &str) -> Result<bool, Failure> {
    Ok(visitor.units(site).await?.is_none() || visitor.by().actor == brought_by)
}

/// The sheet that waits under this id, if it is for this visitor.
pub(super) async fn own(site: &Site, visitor: &Visitor, id: &str) -> Result<Waiting, Failure> {
    let waiting = waiting(&site.db, id).await?.ok_or(Failure::NotFound)?;
    if sees(site, visitor, &waiting.brought_by).await? { Ok(waiting) } else { Err(Failure::NotFound) }
}

/// The sheet, read and compared with the directory as it is.
pub(super) async fn looked(site: &Site, visitor: &Visitor, waiting: &Waiting) -> Result<Looked, Failure> {
    let codes = visitor.units(site).await?;
    let directory = Directory::load(&site.db).await?;
    let sheet = (&waiting.sheet, &waiting.layout);
    Ok(directory::look(&directory, sheet, &inside(codes.as_ref()), waiting.whole, site.clock.now()))
}

pub(super) async fn upload_page(State(site): State<Site>, visitor: Visitor, RawQuery(query): RawQuery) -> Response {
    let answer = async {
        let done = done_words(visitor.tongue, query.as_deref());
        page(&listed(&site, &visitor, None, done).await?)
    };
    site.answer(answer.await)
}

async fn listed(
    site: &Site,
    visitor: &Visitor,
    wrong: Said,
    done: Option<&'static str>,
) -> Result<UploadPage, Failure> {
    let mut lines = Vec::new();
    for import in imports(&site.db, LISTED).await? {
        if sees(site, visitor, &import.brought_by).await? {
            lines.push(line(site, visitor.tongue, import).await?);
        }
    }
    let frame = Frame::told(site, visitor, Place::Contacts, "sheet.title");
    Ok(UploadPage { frame, done, wrong, imports: lines })
}

async fn line(site: &Site, t: Tongue, import: Import) -> Result<Line, Failure> {
    let by = match import.brought_by.strip_prefix("account/") {
        Some(id) => {
            let account = people::by_id(&site.db, id).await?;
            account.map_or_else(|| t.say("sheet.account_gone").to_owned(), |one| one.name)
        }
        None => t.say("sheet.by_command").to_owned(),
    };
    let when = import.written.as_ref().map_or(import.brought_at, |(at, _)| *at);
    Ok(Line {
        state: t.say(match import.state {
            ImportState::Waiting => "sheet.waiting",
            ImportState::Written => "sheet.written",
            ImportState::Undone => "sheet.undone",
        }),
        waits: import.state == ImportState::Waiting,
        sums: import.written.as_ref().map(|_| sums_words(t, import.sums)),
        undo_until: import.undoable_until(site.clock.now()).map(words::local_time),
        when: words::local_time(when),
        by,
        id: import.id,
        file_name: import.file_name,
    })
}

/// How many were added, changed and ended.
pub(super) fn sums_words(t: Tongue, sums: Sums) -> String {
    t.with3("sheet.sums", sums.added, sums.changed, sums.ended)
}

pub(super) async fn upload(State(site): State<Site>, visitor: Visitor, form: Form) -> Response {
    let answer = async {
        let app = site.app()?;
        let Some(file) = form.file("tep") else {
            let wrong = Some(visitor.tongue.say("sheet.choose_file").to_owned());
            return again(&listed(&site, &visitor, wrong, None).await?);
        };
        let known = memory(&site.db).await?;
        match directory::read_sheet(&app.program, &file.bytes, &known).await {
            Ok((sheet, layout)) => {
                let (by, now) = (visitor.by(), site.clock.now());
                let id = directory::bring(&site.db, &file.name, (&sheet, &layout), &by, now).await?;
                Ok(on_to(&format!("/danh-ba/nhap/{id}")))
            }
            Err(error) => {
                tracing::info!(%error, "a file of contacts could not be read");
                again(&listed(&site, &visitor, Some(no_sheet(visitor.tongue, &error).to_owned()), None).await?)
            }
        }
    };
    site.answer(answer.await)
}

pub(super) async fn show(
    State(site): State<Site>,
    visitor: Visitor,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    let answer = async {
        let waiting = own(&site, &visitor, &id).await?;
        let done = done_words(visitor.tongue, query.as_deref());
        page(&shown(&site, &visitor, &waiting, None, done).await?)
    };
    site.answer(answer.await)
}

async fn shown(
    site: &Site,
    visitor: &Visitor,
    waiting: &Waiting,
    wrong: Said,
    done: Option<&'static str>,
) -> Result<ImportPage, Failure> {
    let looked = looked(site, visitor, waiting).await?;
    Ok(ImportPage {
        frame: Frame::told(site, visitor, Place::Contacts, "sheet.title"),
        done,
        wrong,
        marked: format!("/danh-ba/nhap/{}/danh-dau.xlsx", waiting.id),
        id: waiting.id.clone(),
        file_name: waiting.file_name.clone(),
        sheet_name: waiting.sheet.name.clone(),
        whole: waiting.whole,
        preview: preview(visitor.tongue, &Directory::load(&site.db).await?, waiting, &looked),
    })
}

/// Which column is which, and whether the sheet is the whole directory.
pub(super) async fn columns(
    State(site): State<Site>,
    visitor: Visitor,
    Path(id): Path<String>,
    form: Form,
) -> Response {
    let answer = async {
        own(&site, &visitor, &id).await?;
        let decided = form.text("viec") != "toan-bo";
        let read = |waiting: &mut Waiting| {
            if decided {
                let mut taken = HashSet::new();
                let columns: Vec<u32> = waiting.layout.headings.keys().copied().collect();
                waiting.layout.fields.clear();
                for column in columns {
                    let field = Field::of(form.text(&format!("cot.{column}")));
                    if let Some(field) = field.filter(|field| taken.insert(*field)) {
                        waiting.layout.fields.insert(column, field);
                    }
                }
            } else {
                waiting.whole = !form.text("toan-bo").is_empty();
            }
        };
        kept(&site, &visitor, (&id, decided), read).await
    };
    site.answer(answer.await)
}

/// Cells that were mended on the page, and rows that are left out.
pub(super) async fn mend(State(site): State<Site>, visitor: Visitor, Path(id): Path<String>, form: Form) -> Response {
    let answer = async {
        own(&site, &visitor, &id).await?;
        let write = |waiting: &mut Waiting| {
            for (name, text) in form.beginning("o.") {
                let place =
                    name.split_once('.').and_then(|(row, column)| Some((row.parse().ok()?, column.parse().ok()?)));
                if let Some((row, column)) = place {
                    waiting.sheet.write(row, column, text);
                }
            }
            for row in form.texts("bo").filter_map(|row| row.parse().ok()) {
                waiting.sheet.leave_out(row);
            }
        };
        kept(&site, &visitor, (&id, false), write).await
    };
    site.answer(answer.await)
}

async fn kept(
    site: &Site,
    visitor: &Visitor,
    (id, decided): (&str, bool),
    mended: impl FnOnce(&mut Waiting),
) -> Result<Response, Failure> {
    let mended = |waiting: &mut Waiting| -> Result<(), ImportError> {
        mended(waiting);
        Ok(())
    };
    match directory::mend(&site.db, id, decided, mended).await {
        Ok(_) => Ok(on_to(&format!("/danh-ba/nhap/{id}#xem-truoc"))),
        Err(ImportError::Directory(DirectoryError::Db(error))) => Err(error.into()),
        Err(_) => again(&listed(site, visitor, Some(visitor.tongue.say("sheet.gone").to_owned()), None).await?),
    }
}

/// Writes what the preview said.
pub(super) async fn write(State(site): State<Site>, visitor: Visitor, Path(id): Path<String>, form: Form) -> Response {
    let answer = async {
        let waiting = own(&site, &visitor, &id).await?;
        let codes = visitor.units(&site).await?;
        let number = |name| form.text(name).parse().unwrap_or(usize::MAX);
        let expected = Sums { added: number("them"), changed: number("sua"), ended: number("ngung") };
        let (by, now) = (visitor.by(), site.clock.now());
        let may = inside(codes.as_ref());
        let asked: (Inside<'_>, _) = (&may, Some(expected));
        let t = visitor.tongue;
        let wrong = match directory::write_import(&site.db, &waiting, asked, &by, now).await {
            Ok(_) => return Ok(on_to("/danh-ba/nhap?xong=import_written")),
            Err(WriteError::Import(ImportError::Directory(DirectoryError::Db(error)))) => return Err(error.into()),
            Err(WriteError::Wrong(cells)) => t.count("sheet.still_wrong", cells),
            Err(WriteError::Nothing) => t.say("sheet.nothing").to_owned(),
            Err(_) => t.say("sheet.changed_since_preview").to_owned(),
        };
        again(&shown(&site, &visitor, &waiting, Some(wrong), None).await?)
    };
    site.answer(answer.await)
}

/// Takes a written import back.
pub(super) async fn undo(State(site): State<Site>, visitor: Visitor, Path(id): Path<String>) -> Response {
    let answer = async {
        let there = imports(&site.db, i64::MAX).await?.into_iter().find(|import| import.id == id);
        let there = there.ok_or(Failure::NotFound)?;
        if !sees(&site, &visitor, &there.brought_by).await? || matches!(visitor.who, Who::Program(_)) {
            return Err(Failure::NotFound);
        }
        let t = visitor.tongue;
        let wrong = match directory::take_back(&site.db, &id, &visitor.by(), site.clock.now()).await {
            Ok(_) => return Ok(on_to("/danh-ba/nhap?xong=import_undone")),
            Err(ImportError::Directory(DirectoryError::Db(error))) => return Err(error.into()),
            Err(ImportError::TooLate) => t.say("sheet.undo_too_late").to_owned(),
            Err(ImportError::Directory(DirectoryError::Changed(offices))) => {
                changed_since(t, &Directory::load(&site.db).await?, &offices)
            }
            Err(_) => t.say("sheet.undo_gone").to_owned(),
        };
        again(&listed(&site, &visitor, Some(wrong), None).await?)
    };
    site.answer(answer.await)
}

fn changed_since(t: Tongue, directory: &Directory, offices: &[(UnitId, Office)]) -> String {
    let name = |(unit, office): &(UnitId, Office)| {
        let row = directory.units.iter().rev().find(|row| row.id == *unit);
        let unit = row.map_or_else(|| unit.to_string(), |row| row.name.clone());
        format!("{} ({})", unit, office_name(t, *office).to_lowercase())
    };
    let mut named = offices.iter().take(5).map(name).collect::<Vec<_>>().join(", ");
    if offices.len() > 5 {
        named.push_str(", …");
    }
    t.with2("sheet.undo_changed", offices.len(), named)
}

/// Gives a waiting sheet up.
pub(super) async fn discard(State(site): State<Site>, visitor: Visitor, Path(id): Path<String>) -> Response {
    let answer = async {
        let waiting = own(&site, &visitor, &id).await?;
        directory::discard(&site.db, &waiting.id).await?;
        Ok(on_to("/danh-ba/nhap?xong=import_discarded"))
    };
    site.answer(answer.await)
}
