//! CSV text made of something that is none: a reply, or rows of a database. Line n + 1 is row n of the original.

use std::borrow::Cow;
use std::sync::Arc;

use sha2::{Digest as _, Sha256};

use super::Discrepancy;
use super::dossiers::{Broken, Counted};
use super::sheet::Sheet;

/// Longest text of a cell that is kept: names and numbers are shorter, and what is cut matches nothing.
const CELL: usize = 1_000;

/// The text, and what its rows and columns are called in the original.
#[derive(Debug, Clone)]
pub(super) struct Text {
    /// Header and rows, one on each physical line.
    pub(super) csv: Arc<[u8]>,
    /// SHA-256 of the original's bytes, hexadecimal.
    pub(super) sha256: Arc<str>,
    rows: Arc<[Box<str>]>,
    columns: Arc<[Box<str>]>,
    /// The sheet it was, whose rows are its lines.
    sheet: Option<Arc<Sheet>>,
    /// The dossiers it was added up from.
    counted: Option<Arc<Counted>>,
}

impl Text {
    /// A text that has the original's own lines.
    pub(super) fn of_lines(text: &str, original: &[u8]) -> Self {
        let sha256 = hex::encode(Sha256::digest(original));
        Self::alone(text.as_bytes().into(), sha256.into())
    }

    fn alone(csv: Arc<[u8]>, sha256: Arc<str>) -> Self {
        Self { csv, sha256, rows: [].into(), columns: [].into(), sheet: None, counted: None }
    }

    /// What dossiers were added up to, with the hash of the file that they stand in.
    pub(super) fn of_dossiers(text: &str, sha256: &str, counted: Counted) -> Self {
        Self { counted: Some(Arc::new(counted)), ..Self::alone(text.as_bytes().into(), sha256.into()) }
    }

    /// A sheet.
    pub(super) fn of_sheet(sheet: Sheet) -> Self {
        let (csv, sha256) = (sheet.text.as_bytes().into(), sheet.sha256.as_str().into());
        Self { sheet: Some(Arc::new(sheet)), ..Self::alone(csv, sha256) }
    }

    /// The cell in the 1-based `line` and 0-based `column`, as the original calls it; `None` in the header.
    pub(super) fn place(&self, line: u64, column: usize) -> Option<String> {
        if let Some(sheet) = &self.sheet {
            return Some(format!("{} ({line}:{})", sheet.cell(line, column), column + 1));
        }
        let row = self.row(line)?;
        Some(format!("{row}{}", self.columns.get(column).map_or("", |name| name)))
    }

    /// The row on the 1-based `line`, as the original calls it; `None` for the header.
    pub(super) fn row(&self, line: u64) -> Option<Cow<'_, str>> {
        if self.sheet.is_some() {
            return Some(format!("row {line}").into());
        }
        if let Some(counted) = &self.counted {
            return counted.called(line).map(Cow::Owned);
        }
        self.rows.get(usize::try_from(line).ok()?.checked_sub(2)?).map(|row| Cow::Borrowed(&**row))
    }

    /// Figures that the original prints beside its rows and that do not agree with them.
    pub(super) fn discrepancies(&self) -> Vec<Discrepancy> {
        self.sheet.iter().flat_map(|sheet| sheet.discrepancies()).collect()
    }

    /// The dossier that was refused and stands on this line.
    pub(super) fn broken(&self, line: u64) -> Option<&Broken> {
        self.counted.as_ref()?.broken(line)
    }

    /// How many rows of the original the line stands for.
    pub(super) fn weight(&self, line: u64) -> u64 {
        self.counted.as_ref().map_or(1, |counted| counted.dossiers(line))
    }

    /// What dossiers were added up to, if it is that.
    pub(super) fn counted(&self) -> Option<&Counted> {
        self.counted.as_deref()
    }

    /// Whether a sheet holds unit codes as numbers.
    pub(super) fn has_numeric_codes(&self) -> bool {
        self.sheet.as_ref().is_some_and(|sheet| sheet.has_numeric_codes())
    }
}

/// Writes a [`Text`].
#[derive(Debug)]
pub(super) struct TextWriter {
    csv: csv::Writer<Vec<u8>>,
    hasher: Sha256,
    rows: Vec<Box<str>>,
    columns: Vec<Box<str>>,
}

impl TextWriter {
    /// Begins with the header; `columns` is what each column adds to the name of its row.
    pub(super) fn new(header: &[String], columns: Vec<Box<str>>) -> Result<Self, csv::Error> {
        let mut csv = csv::Writer::from_writer(Vec::new());
        csv.write_record(header)?;
        Ok(Self { csv, hasher: Sha256::new(), rows: Vec::new(), columns })
    }

    /// Takes in bytes of the original, for the hash.
    pub(super) fn hash(&mut self, original: &[u8]) {
        self.hasher.update(original);
    }

    /// Adds the row that the original calls `name`.
    pub(super) fn row(&mut self, name: String, cells: &[String]) -> Result<(), csv::Error> {
        self.rows.push(name.into_boxed_str());
        self.csv.write_record(cells.iter().map(|cell| on_one_line(cell)))
    }

    /// How many rows there are.
    pub(super) fn rows(&self) -> usize {
        self.rows.len()
    }

    /// Ends the text.
    pub(super) fn finish(self) -> Result<Text, csv::Error> {
        let csv = self.csv.into_inner().map_err(csv::IntoInnerError::into_error)?;
        let sha256 = hex::encode(self.hasher.finalize());
        Ok(Text {
            csv: csv.into(),
            sha256: sha256.into(),
            rows: self.rows.into(),
            columns: self.columns.into(),
            sheet: None,
            counted: None,
        })
    }
}

/// The cell on one physical line, not longer than a cell may be.
fn on_one_line(cell: &str) -> String {
    let cut = cell.char_indices().nth(CELL).map_or(cell, |(end, _)| cell.get(..end).unwrap_or_default());
    cut.replace(['\n', '\r'], " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_keeps_its_line_whatever_its_cells_hold_and_is_called_as_in_the_original() {
        let mut writer = TextWriter::new(&["a".into(), "b".into()], vec!["".into(), ".b".into()]).unwrap();
        writer.row("item 1".into(), &["x\r\ny, \"z\"".into(), "é".repeat(5_000)]).unwrap();
        writer.row("item 2".into(), &["2".into(), "3".into()]).unwrap();
        writer.hash(b"abc");
        let text = writer.finish().unwrap();
        assert_eq!(text.csv.split(|byte| *byte == b'\n').count(), 4);
        assert_eq!(text.place(3, 1).as_deref(), Some("item 2.b"));
        assert_eq!((text.place(1, 0), text.place(4, 0)), (None, None));
        assert!(text.sha256.starts_with("ba7816bf"));
        assert!(text.csv.len() < 3_000);
    }
}
