//! A file of contacts that waits is mended: what its columns hold, what stands in its cells.

use std::collections::BTreeMap;

use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;
use utoipa::ToSchema;

use super::asked::{Named, Sent};
use super::description::{Refused, Unfit};
use super::imports::{own, told};
use super::wrong::{Trouble, Wrong};
use crate::api::ImportTold;
use crate::app::directory;
use crate::catalog::contact_sheet::Field;
use crate::catalog::directory::Waiting;
use crate::web::Site;
use crate::web::session::Visitor;

/// Cells that are mended at once, at most.
const MOST_CELLS: usize = 1_000;

/// How a file is read.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::web) struct Columns {
    /// What which column holds, by its letter: `{"B": "unit_name", "E": "email"}`. Columns that are not named are not read.
    /// What is said about a heading is remembered for the next file. Without it the columns stay as they are.
    columns: Option<BTreeMap<String, String>>,
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
        own(&site, &visitor, &id).await?;
        let decided = sent.columns.is_some();
        let waiting = directory::mend(&site.db, &id, decided, |waiting| read_so(waiting, &sent)).await?;
        told(&site, &visitor, &waiting).await
    };
    site.done(done.await)
}

fn read_so(waiting: &mut Waiting, sent: &Columns) -> Result<(), Trouble> {
    waiting.whole = sent.whole.unwrap_or(waiting.whole);
    let Some(columns) = &sent.columns else { return Ok(()) };
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
    Ok(())
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
    cells: BTreeMap<String, String>,
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
        own(&site, &visitor, &id).await?;
        let waiting = directory::mend(&site.db, &id, false, |waiting| write_so(waiting, &sent)).await?;
        told(&site, &visitor, &waiting).await
    };
    site.done(done.await)
}

fn write_so(waiting: &mut Waiting, sent: &Cells) -> Result<(), Trouble> {
    if sent.cells.len() > MOST_CELLS {
        return Err(Wrong::content_of(("api.too_many", &[&MOST_CELLS]), "send several requests").at("cells").into());
    }
    for (cell, text) in &sent.cells {
        let Some((row, column)) = place(cell).filter(|(row, _)| waiting.sheet.row(*row).is_some()) else {
            let hint = "name a cell of a row, as in E14";
            return Err(Wrong::content_of(("api.no_cell", &[cell]), hint).at("cells").into());
        };
        waiting.sheet.write(row, column, text);
    }
    for row in &sent.leave_out {
        waiting.sheet.leave_out(*row);
    }
    Ok(())
}

/// Row and column of `E14`.
fn place(cell: &str) -> Option<(u32, u32)> {
    let at = cell.find(|letter: char| letter.is_ascii_digit())?;
    let (letters, row) = cell.split_at_checked(at)?;
    Some((row.parse().ok()?, number(letters)?))
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
