//! One row of a table, cell by cell.

use super::{Broken, Table};

/// One row, with its place.
#[derive(Debug, Clone, Copy)]
pub struct Row<'a> {
    table: &'a Table,
}

impl<'a> Row<'a> {
    /// The row that `table` has just read.
    pub(super) const fn of(table: &'a Table) -> Self {
        Self { table }
    }

    /// The 1-based physical line that the row begins on.
    pub fn line(self) -> u64 {
        self.table.line()
    }

    /// The cell at the 0-based `column`, without spaces around it; `None` where the row is too short.
    pub fn cell(self, column: usize) -> Option<&'a str> {
        self.table.record.get(column).map(trimmed)
    }

    /// The cell in the 0-based `column`, as an original without lines calls it.
    pub fn place(self, column: usize) -> Option<String> {
        self.table.text.as_ref()?.place(self.line(), column)
    }

    /// How many rows of the original it stands for: of a table one, of dossiers as many as were added up.
    pub fn weight(self) -> u64 {
        self.table.text.as_ref().map_or(1, |text| text.weight(self.line()))
    }

    /// The refusal it stands for, when it is no row of figures but a dossier that could not be counted.
    pub fn broken(self) -> Option<&'a Broken> {
        let text = self.table.text.as_ref().filter(|text| text.counted().is_some())?;
        text.broken(self.line())
    }

    /// How many cells the row has.
    pub fn width(self) -> usize {
        self.table.record.len()
    }

    /// The table it stands in.
    pub const fn table(self) -> &'a Table {
        self.table
    }
}

/// The cell without spaces, non-breaking ones and byte-order marks included, around it.
pub(super) fn trimmed(cell: &str) -> &str {
    match cell.as_bytes() {
        [] => cell,
        [only] if only.is_ascii_graphic() => cell,
        [first, .., last] if first.is_ascii_graphic() && last.is_ascii_graphic() => cell,
        _ => cell.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}'),
    }
}
