//! What commands print: tables for people, JSON and CSV for programs. Data to standard output, the rest to standard
//! error.

use std::io::{IsTerminal as _, Write as _};

use clap::ValueEnum;

use super::exit::Failure;
use crate::report::harmless;

/// How a reading command prints.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Columns for people.
    Table,
    /// One JSON value.
    Json,
    /// Comma-separated values with a header.
    Csv,
}

/// Rows with a header, printable in every format.
#[derive(Debug, Clone, Default)]
pub(super) struct Table {
    /// Column names, also the keys in JSON.
    pub header: Vec<&'static str>,
    /// Cells.
    pub rows: Vec<Vec<String>>,
}

/// Writes one line to standard output.
///
/// # Errors
/// When it cannot be written, for example to a full disk.
pub(super) fn line(text: impl AsRef<str>) -> Result<(), Failure> {
    heard(writeln!(std::io::stdout().lock(), "{}", text.as_ref()))
}

/// A reader that has seen enough and left (`… | head`) is no failure.
fn heard(written: std::io::Result<()>) -> Result<(), Failure> {
    match written {
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        other => Ok(other?),
    }
}

/// Writes a text that has its own line ends to standard output.
///
/// # Errors
/// When it cannot be written.
pub(super) fn whole(text: &str) -> Result<(), Failure> {
    heard(write!(std::io::stdout().lock(), "{text}"))
}

/// Writes one line to standard error; a closed one is no reason to stop.
pub(super) fn note(text: impl AsRef<str>) {
    let _ = writeln!(std::io::stderr().lock(), "{}", text.as_ref());
}

/// Whether people watch standard error, so that progress may be drawn.
pub(super) fn watched() -> bool {
    std::io::stderr().is_terminal()
}

/// Prints a JSON value on standard output, indented.
///
/// # Errors
/// When it cannot be written.
pub(super) fn json(value: &serde_json::Value) -> Result<(), Failure> {
    line(format!("{value:#}"))
}

impl Table {
    /// A table with these columns and no rows yet.
    pub(super) const fn new(header: Vec<&'static str>) -> Self {
        Self { header, rows: Vec::new() }
    }

    /// The rows as columns of equal width, two spaces apart.
    pub(super) fn text(&self) -> String {
        let width = |column: usize| {
            let cells = self.rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count());
            cells.chain(self.header.get(column).map(|name| name.chars().count())).max().unwrap_or(0)
        };
        let widths: Vec<usize> = (0..self.header.len()).map(width).collect();
        let render = |cells: Vec<&str>| {
            let padded = cells.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}"));
            padded.collect::<Vec<_>>().join("  ").trim_end().to_owned()
        };
        let header = render(self.header.clone());
        let rows = self.rows.iter().map(|row| render(row.iter().map(String::as_str).collect()));
        std::iter::once(header).chain(rows).collect::<Vec<_>>().join("\n")
    }

    /// Prints the table in `format`; `json` is what JSON readers get instead of plain rows, when given.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(super) fn print(&self, format: Format, json: Option<serde_json::Value>) -> Result<(), Failure> {
        match format {
            Format::Table => line(self.text()),
            Format::Json => self::json(&json.unwrap_or_else(|| self.objects())),
            Format::Csv => self.csv(),
        }
    }

    /// The rows as JSON objects.
    pub(super) fn objects(&self) -> serde_json::Value {
        let object = |row: &Vec<String>| {
            let pairs = self.header.iter().zip(row).map(|(key, cell)| ((*key).to_owned(), cell.clone().into()));
            serde_json::Value::Object(pairs.collect())
        };
        self.rows.iter().map(object).collect()
    }

    /// RFC 4180; a cell that a spreadsheet would take for a formula is quoted with `'`.
    fn csv(&self) -> Result<(), Failure> {
        let mut writer = csv::Writer::from_writer(std::io::stdout().lock());
        let written = writer.write_record(&self.header).and_then(|()| {
            self.rows.iter().try_for_each(|row| writer.write_record(row.iter().map(|cell| harmless(cell))))
        });
        heard(written.map_err(std::io::Error::from).and_then(|()| writer.flush()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell_and_lines_have_no_trailing_space() {
        let mut table = Table::new(vec!["code", "name"]);
        table.rows.push(vec!["07201".to_owned(), "Phường Thọ Xương".to_owned()]);
        table.rows.push(vec!["SCT".to_owned(), "Sở Công Thương".to_owned()]);
        assert_eq!(table.text(), "code   name\n07201  Phường Thọ Xương\nSCT    Sở Công Thương");
    }
}
