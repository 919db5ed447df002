//! Contacts that a clerk brings as a sheet: which column is which, what is wrong in which cell, and what the rows would
//! change. Pure: the cells come from whoever reads workbooks.
//!
//! Start reading at [`Reading::of`].

mod addresses;
mod guess;
mod legacy;
mod numbers;
mod plan;
mod read;
mod row;
mod seats;
mod sentences;
mod values;
mod workbook;

pub use guess::{Field, Layout, Memory, columns_of};
pub use numbers::{is_landline, modern_mobile};
pub use plan::{Change, ChangeKind, Plan, plan};
pub use read::{Finding, Reading};
pub use row::{Holder, WrongField};
pub use workbook::{Exported, SheetError, exported, marked, present, template};

use serde::{Deserialize, Serialize};

use super::unit::Unit;

/// Which units somebody may change.
pub type Inside<'i> = &'i (dyn Fn(&Unit) -> bool + Sync);

/// A sheet of a workbook, or a CSV file: rows that hold anything, in order.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Sheet {
    /// The sheet's name; empty for a CSV file.
    pub name: String,
    /// Its rows.
    pub rows: Vec<SheetRow>,
}

/// A row with its cells in order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SheetRow {
    /// As Excel counts: from 1.
    pub number: u32,
    /// Those that hold anything.
    pub cells: Vec<SheetCell>,
}

/// A cell as it stands in the file.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct SheetCell {
    /// 0 for A.
    pub column: u32,
    /// What it shows, untouched; dates as ISO text.
    pub text: String,
    /// What kind of value it is.
    #[serde(default, skip_serializing_if = "CellKind::is_text")]
    pub kind: CellKind,
    /// The merged rectangle that it lies in (`A5:A7`), unless it stands alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub merged: Option<String>,
}

/// What kind of value a cell holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum CellKind {
    /// Text.
    #[default]
    Text,
    /// A number, whatever its format shows.
    Number,
    /// A date.
    Date,
    /// A formula; its text is what it showed when the file was saved.
    Formula,
    /// An error of the spreadsheet: `#N/A`.
    Error,
}

impl CellKind {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
    const fn is_text(&self) -> bool {
        matches!(self, Self::Text)
    }
}

/// Rows that a sheet of contacts may have.
pub const MOST_ROWS: usize = 20_000;
/// Columns that it may have.
pub const MOST_COLUMNS: u32 = 64;

impl Sheet {
    /// The row with this number.
    pub fn row(&self, number: u32) -> Option<&SheetRow> {
        let at = self.rows.binary_search_by_key(&number, |row| row.number).ok()?;
        self.rows.get(at)
    }

    /// Writes `text` into a cell, as if the clerk had typed it there; an empty one is taken out.
    pub fn write(&mut self, number: u32, column: u32, text: &str) {
        let Ok(at) = self.rows.binary_search_by_key(&number, |row| row.number) else { return };
        let Some(row) = self.rows.get_mut(at) else { return };
        row.cells.retain(|cell| cell.column != column);
        if !text.trim().is_empty() {
            let at = row.cells.partition_point(|cell| cell.column < column);
            row.cells.insert(at, SheetCell { column, text: text.to_owned(), ..SheetCell::default() });
        }
    }

    /// Takes out a row.
    pub fn leave_out(&mut self, number: u32) {
        self.rows.retain(|row| row.number != number);
    }
}

impl SheetRow {
    /// The cell in this column.
    pub fn cell(&self, column: u32) -> Option<&SheetCell> {
        let at = self.cells.binary_search_by_key(&column, |cell| cell.column).ok()?;
        self.cells.get(at)
    }
}

/// `C` for 2.
pub fn column_letters(column: u32) -> String {
    let (mut letters, mut left) = (Vec::new(), u64::from(column) + 1);
    while left > 0 {
        left -= 1;
        letters.push(char::from(b'A' + u8::try_from(left % 26).unwrap_or(0)));
        left /= 26;
    }
    letters.iter().rev().collect()
}
