//! Contacts from a file, as the pages take them: a file is brought, waits with what its rows would change, is mended, and is
//! written in one go; within a day that can be taken back. Whoever brought a file sees it; others only with a token for the
//! whole province.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::asked::{Asked, Named, Nothing, Sent};
use super::description::{Refused, Unfit};
use super::template_deeds::Empty;
use super::wrong::{Trouble, Wrong};
use crate::api::{ImportLine, ImportSums, ImportTold};
use crate::app::directory::{self, WriteError};
use crate::catalog::contact_sheet::{Field, Inside};
use crate::catalog::directory::{
    Directory, DirectoryError, Import, ImportError, ImportState, Waiting, imports, memory, waiting,
};
use crate::web::Site;
use crate::web::contacts_import::inside;
use crate::web::session::Visitor;

/// Imports that are listed.
const LISTED: i64 = 20;
/// Cells that are mended at once, at most.
const MOST_CELLS: usize = 1_000;

/// The imports.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ImportList {
    /// The newest first.
    imports: Vec<ImportLine>,
}

/// The files that were brought last: what waits, what was written, what was taken back.
#[utoipa::path(get, path = "/api/v1/contacts/imports", tag = "catalog", security(("token" = [])),
    responses((status = 200, body = ImportList), Refused))]
pub(in crate::web) async fn list(
    State(site): State<Site>,
    visitor: Visitor,
    headers: HeaderMap,
    Asked(Nothing {}): Asked<Nothing>,
) -> Response {
    let told = async {
        let whole = visitor.units(&site).await?.is_none();
        let (own, now) = (visitor.by().actor, site.clock.now());
        let seen = imports(&site.db, LISTED).await?.into_iter().filter(|import| whole || import.brought_by == own);
        Ok(ImportList { imports: seen.map(|import| ImportLine::of(&import, now)).collect() })
    };
    site.tell(&headers, told.await)
}

/// A file of contacts.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::web) struct Brought {
    /// How the file is called.
    #[schema(max_length = 120)]
    file_name: String,
    /// Its bytes in base64: an Excel or CSV file of 8 MB at most.
    #[schema(format = Byte)]
    content: String,
}

/// Brings a file. Nothing of it is in the directory before it is written; a file that nobody writes is forgotten after a day.
#[utoipa::path(post, path = "/api/v1/contacts/imports", tag = "catalog", request_body = Brought,
    security(("token" = [])), responses((status = 200, body = ImportTold), Refused, Unfit))]
pub(in crate::web) async fn bring(State(site): State<Site>, visitor: Visitor, Sent(sent): Sent<Brought>) -> Response {
    let done = async {
        let bytes = STANDARD.decode(sent.content.trim()).map_err(|error| {
            let hint = "encode the bytes of the file as base64 (RFC 4648, with padding)";
            Wrong::content("api.not_base64", hint).because(&error.to_string()).at("content")
        })?;
        let app = site.app()?;
        let known = memory(&site.db).await?;
        let (sheet, layout) = directory::read_sheet(&app.program, &bytes, &known).await.map_err(|error| {
            let hint = "send a list of contacts as .xlsx, .xls, .ods or .csv";
            Wrong::content("api.no_sheet", hint).because(&error.to_string()).at("content")
        })?;
        let by = visitor.by();
        let id = directory::bring(&site.db, &sent.file_name, (&sheet, &layout), &by, site.clock.now()).await?;
        told(&site, &visitor, &own(&site, &visitor, &id).await?).await
    };
    site.done(done.await)
}

/// A file that waits: its columns, the cells that are wrong, and what its good rows would change. Addresses of the directory
/// are masked; what is said about a cell repeats what stands in the file.
#[utoipa::path(get, path = "/api/v1/contacts/imports/{id}", tag = "catalog", security(("token" = [])),
    params(("id" = String, Path, description = "Id of the import")),
    responses((status = 200, body = ImportTold), Refused))]
pub(in crate::web) async fn show(
    State(site): State<Site>,
    visitor: Visitor,
    headers: HeaderMap,
    Named(id): Named,
    Asked(Nothing {}): Asked<Nothing>,
) -> Response {
    let told = async { told(&site, &visitor, &own(&site, &visitor, &id).await?).await };
    site.tell(&headers, told.await)
}

/// The file that waits under this id, if the token may see it.
async fn own(site: &Site, visitor: &Visitor, id: &str) -> Result<Waiting, Trouble> {
    let missing = || Wrong::missing("`/api/v1/contacts/imports` lists the ids; a file waits for a day");
    let found = waiting(&site.db, id).await?.ok_or_else(missing)?;
    let seen = visitor.units(site).await?.is_none() || found.brought_by == visitor.by().actor;
    if seen { Ok(found) } else { Err(missing().into()) }
}

async fn told(site: &Site, visitor: &Visitor, waiting: &Waiting) -> Result<ImportTold, Trouble> {
    let codes = visitor.units(site).await?;
    let directory = Directory::load(&site.db).await?;
    let sheet = (&waiting.sheet, &waiting.layout);
    let looked = directory::look(&directory, sheet, &inside(codes.as_ref()), waiting.whole, site.clock.now());
    Ok(ImportTold::of(&directory, waiting, &looked))
}

/// How a file is read.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::web) struct Columns {
    /// What which column holds, by its letter: `{"B": "unit_name", "E": "email"}`. Columns that are not named are not read.
    /// What is said about a heading is remembered for the next file. Without it the columns stay as they are.
    columns: Option<std::collections::BTreeMap<String, String>>,
    /// Whether the file is the whole directory: offices that it does not name end.
    whole: Option<bool>,
}

/// Says what the columns of a file hold, and whether it is the whole directory. Sent again it changes nothing.
#[utoipa::path(post, path = "/api/v1/contacts/imports/{id}/columns", tag = "catalog", request_body = Columns,
    params(("id" = String, Path, description = "Id of the import")),
    security(("token" = [])), responses((status = 200, body = ImportTold), Refused, Unfit))]
pub(in crate::web) async fn columns(
    State(site): State<Site>,
    visitor: Visitor,
    Named(id): Named,
    Sent(sent): Sent<Columns>,
) -> Response {
    let done = async {
        let mut waiting = own(&site, &visitor, &id).await?;
        waiting.whole = sent.whole.unwrap_or(waiting.whole);
        if let Some(columns) = &sent.columns {
            waiting.layout.fields.clear();
            for (letters, word) in columns {
                let (column, field) = (number(letters), Field::of(word));
                let (Some(column), Some(field)) = (column, field) else {
                    let known = Field::ALL.map(Field::word).join(", ");
                    let hint = format!("a letter of the sheet and one of {known}");
                    return Err(Wrong::content_of(("api.no_column", &[letters, word]), &hint).at("columns").into());
                };
                let known = waiting.layout.headings.contains_key(&column);
                if !known || waiting.layout.fields.values().any(|one| *one == field) {
                    let hint = "each field once, in a column that the sheet has";
                    return Err(Wrong::content_of(("api.no_column", &[letters, word]), hint).at("columns").into());
                }
                waiting.layout.fields.insert(column, field);
            }
        }
        kept(&site, &visitor, &waiting, sent.columns.is_some()).await
    };
    site.done(done.await)
}

/// The number of a column, 0 for A.
fn number(letters: &str) -> Option<u32> {
    let reckon = |sum: u32, letter: char| {
        let digit = u32::from(letter).checked_sub(u32::from('A')).filter(|digit| *digit < 26)?;
        sum.checked_mul(26)?.checked_add(digit + 1)
    };
    letters.chars().try_fold(0, reckon)?.checked_sub(1)
}

/// What is mended in a file.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::web) struct Cells {
    /// What stands in which cell from now on: `{"E14": "vanphong@tinh.example"}`.
    #[serde(default)]
    cells: std::collections::BTreeMap<String, String>,
    /// Rows that are left out, as the sheet counts them.
    #[serde(default)]
    leave_out: Vec<u32>,
}

/// Mends cells of a file that waits, and leaves rows out. Sent again it changes nothing.
#[utoipa::path(post, path = "/api/v1/contacts/imports/{id}/cells", tag = "catalog", request_body = Cells,
    params(("id" = String, Path, description = "Id of the import")),
    security(("token" = [])), responses((status = 200, body = ImportTold), Refused, Unfit))]
pub(in crate::web) async fn cells(
    State(site): State<Site>,
    visitor: Visitor,
    Named(id): Named,
    Sent(sent): Sent<Cells>,
) -> Response {
    let done = async {
        let mut waiting = own(&site, &visitor, &id).await?;
        if sent.cells.len() > MOST_CELLS {
            let said = ("api.too_many", &[&MOST_CELLS as &dyn std::fmt::Display][..]);
            return Err(Wrong::content_of(said, "send several requests").at("cells").into());
        }
        for (cell, text) in &sent.cells {
            let Some((row, column)) = place(cell).filter(|(row, _)| waiting.sheet.row(*row).is_some()) else {
                return Err(Wrong::content_of(("api.no_cell", &[cell]), "name a cell of a row, as in E14").at("cells").into());
            };
            waiting.sheet.write(row, column, text);
        }
        for row in &sent.leave_out {
            waiting.sheet.leave_out(*row);
        }
        kept(&site, &visitor, &waiting, false).await
    };
    site.done(done.await)
}

/// Row and column of `E14`.
fn place(cell: &str) -> Option<(u32, u32)> {
    let at = cell.find(|letter: char| letter.is_ascii_digit())?;
    let (letters, row) = cell.split_at_checked(at)?;
    Some((row.parse().ok()?, number(letters)?))
}

async fn kept(site: &Site, visitor: &Visitor, waiting: &Waiting, decided: bool) -> Result<ImportTold, Trouble> {
    directory::save(&site.db, waiting, decided).await?;
    told(site, visitor, waiting).await
}

/// Writes a file that waits, if it would change just that: the `sums` of the file as it was looked at. Sent again it is
/// written already (`changed` is false).
#[utoipa::path(post, path = "/api/v1/contacts/imports/{id}/write", tag = "catalog", request_body = ImportSums,
    params(("id" = String, Path, description = "Id of the import")),
    security(("token" = [])), responses((status = 200, body = Written), Refused, Unfit))]
pub(in crate::web) async fn write(
    State(site): State<Site>,
    visitor: Visitor,
    Named(id): Named,
    Sent(sent): Sent<ImportSums>,
) -> Response {
    let done = async {
        if let Ok(known) = listed(&site, &visitor, &id).await
            && known.state == ImportState::Written
        {
            return Ok(Written { changed: false, sums: known.sums.into(), import: ImportLine::of(&known, site.clock.now()) });
        }
        let waiting = own(&site, &visitor, &id).await?;
        let (codes, by) = (visitor.units(&site).await?, visitor.by());
        let may = inside(codes.as_ref());
        let asked: (Inside<'_>, _) = (&may, Some(sent.into()));
        let sums = directory::write_import(&site.db, &waiting, asked, &by, site.clock.now()).await?;
        let known = listed(&site, &visitor, &id).await?;
        Ok(Written { changed: true, sums: sums.into(), import: ImportLine::of(&known, site.clock.now()) })
    };
    site.done(done.await)
}

/// What was written, or taken back.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Written {
    /// Whether anything was done: false when it was so already.
    changed: bool,
    /// Offices that were added, changed and ended.
    sums: ImportSums,
    /// The import as it is now.
    import: ImportLine,
}

/// Takes a written file back, within a day and unless its offices were changed since. Sent again it was taken back already
/// (`changed` is false).
#[utoipa::path(post, path = "/api/v1/contacts/imports/{id}/undo", tag = "catalog", request_body = Empty,
    params(("id" = String, Path, description = "Id of the import")),
    security(("token" = [])), responses((status = 200, body = Written), Refused, Unfit))]
pub(in crate::web) async fn undo(
    State(site): State<Site>,
    visitor: Visitor,
    Named(id): Named,
    Sent(Empty {}): Sent<Empty>,
) -> Response {
    let done = async {
        let known = listed(&site, &visitor, &id).await?;
        let changed = known.state != ImportState::Undone;
        if changed {
            directory::take_back(&site.db, &id, &visitor.by(), site.clock.now()).await?;
        }
        let known = listed(&site, &visitor, &id).await?;
        Ok(Written { changed, sums: known.sums.into(), import: ImportLine::of(&known, site.clock.now()) })
    };
    site.done(done.await)
}

/// The import with this id, if the token may see it.
async fn listed(site: &Site, visitor: &Visitor, id: &str) -> Result<Import, Trouble> {
    let found = imports(&site.db, i64::MAX).await?.into_iter().find(|import| import.id == id);
    let whole = visitor.units(site).await?.is_none();
    let found = found.filter(|import| whole || import.brought_by == visitor.by().actor);
    Ok(found.ok_or_else(|| Wrong::missing("`/api/v1/contacts/imports` lists the ids"))?)
}

/// What was given up.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct GivenUp {
    /// Id of the import.
    id: String,
}

/// Gives a file up that waits. Sent again there is none (404).
#[utoipa::path(post, path = "/api/v1/contacts/imports/{id}/discard", tag = "catalog", request_body = Empty,
    params(("id" = String, Path, description = "Id of the import")),
    security(("token" = [])), responses((status = 200, body = GivenUp), Refused, Unfit))]
pub(in crate::web) async fn discard(
    State(site): State<Site>,
    visitor: Visitor,
    Named(id): Named,
    Sent(Empty {}): Sent<Empty>,
) -> Response {
    let done = async {
        let waiting = own(&site, &visitor, &id).await?;
        directory::discard(&site.db, &waiting.id).await?;
        Ok(GivenUp { id: waiting.id })
    };
    site.done(done.await)
}

/// What an error of the directory says, and its remedy.
pub(super) fn parted(told: &str) -> (&str, &str) {
    told.split_once("\n  remedy: ").unwrap_or((told, "look at it again"))
}

impl From<ImportError> for Trouble {
    fn from(error: ImportError) -> Self {
        let told = error.to_string();
        let (message, hint) = parted(&told);
        match error {
            ImportError::Directory(error) => error.into(),
            ImportError::NotThere => Wrong::conflict("api.import_gone", hint).told(message).into(),
            ImportError::TooLate => Wrong::conflict("api.import_late", hint).told(message).into(),
        }
    }
}

impl From<DirectoryError> for Trouble {
    fn from(error: DirectoryError) -> Self {
        let told = error.to_string();
        let (message, hint) = parted(&told);
        match error {
            DirectoryError::Db(error) => error.into(),
            DirectoryError::Changed(_) => Wrong::conflict("api.contacts_changed", hint).told(message).into(),
            _ => Wrong::content("api.contacts_unfit", hint).told(message).into(),
        }
    }
}

impl From<WriteError> for Trouble {
    fn from(error: WriteError) -> Self {
        let told = error.to_string();
        let (message, hint) = parted(&told);
        match error {
            WriteError::Import(error) => error.into(),
            WriteError::Wrong(cells) => Wrong::content_of(("api.cells_wrong", &[&cells]), hint).told(message).into(),
            WriteError::Otherwise(sums) => {
                let now = format!(
                    "{message}; now it would add {}, change {} and end {}",
                    sums.added, sums.changed, sums.ended
                );
                Wrong::conflict("api.import_otherwise", hint).told(&now).into()
            }
            WriteError::Nothing => Wrong::conflict("api.import_nothing", "there is nothing to do").told(message).into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_called_as_the_sheet_calls_it() {
        for (cell, at) in [
            ("A1", Some((1, 0))),
            ("E14", Some((14, 4))),
            ("AA3", Some((3, 26))),
            ("14", None),
            ("E", None),
            ("e14", None),
            ("ZZZZZZZZ1", None),
            ("E1x", None),
        ] {
            assert_eq!(place(cell), at, "{cell}");
        }
    }
}
