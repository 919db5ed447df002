//! The rows of an answer as they come, within its limits.

use serde_json::Value;

use super::super::http_json::shown;
use super::super::text::{Text, TextWriter};
use super::{Failed, Sql};

/// Characters of one row, and of all rows together, at most.
pub(super) const ROW: usize = 1 << 20;
const ALL_ROWS: usize = 64 << 20;

/// The rows so far.
pub(super) struct Answer<'a> {
    sql: &'a Sql,
    pub(super) names: Vec<String>,
    writer: TextWriter,
    length: usize,
}

impl<'a> Answer<'a> {
    /// Begins with the columns.
    pub(super) fn new<C: sqlx::Column>(sql: &'a Sql, columns: &[C]) -> Result<Self, Failed> {
        let names: Vec<String> = columns.iter().map(|column| column.name().to_owned()).collect();
        let columns = names.iter().map(|name| format!(", column `{name}`").into()).collect();
        let writer = TextWriter::new(&names, columns).map_err(|error| unwritable(&error))?;
        Ok(Self { sql, names, writer, length: 0 })
    }

    /// Adds a row.
    pub(super) fn take(&mut self, cells: &[Value]) -> Result<(), Failed> {
        if self.writer.rows() >= self.sql.max_rows {
            let reason = format!("the query gives more than {} rows", self.sql.max_rows);
            return Err(Failed::Unreadable(reason, "let it add up more, or raise `max_rows` of the source"));
        }
        let cells: Vec<String> = cells.iter().map(shown).collect();
        let length = cells.iter().map(String::len).sum::<usize>();
        self.length += length;
        if length > ROW || self.length > ALL_ROWS {
            return Err(self.too_long());
        }
        for cell in &cells {
            self.writer.hash(cell.as_bytes());
            self.writer.hash(b"\x1f");
        }
        let row = format!("row {}", self.writer.rows() + 1);
        self.writer.row(row, &cells).map_err(|error| unwritable(&error))
    }

    /// What to say about a row that is too long, or that makes the whole too long.
    pub(super) fn too_long(&self) -> Failed {
        let row = self.writer.rows() + 1;
        let reason = format!("at row {row} the answer is too long: at most 1 MiB a row and 64 MiB in all");
        Failed::Unreadable(reason, "select only the columns that [source.columns] names")
    }

    /// The whole text.
    pub(super) fn finish(self) -> Result<Text, Failed> {
        self.writer.finish().map_err(|error| unwritable(&error))
    }
}

fn unwritable(error: &csv::Error) -> Failed {
    Failed::Unreadable(error.to_string(), "look at what the query gives")
}
