//! A table that is read row by row and never lies in memory whole.

use csv::StringRecord;

use super::columns::{Places, places};
use super::fetch::{Content, Fetched};
use super::hashing::HashedFile;
use super::row::{Row, trimmed};
use super::text::Text;
use super::{FetchError, Place};

/// An open table: its header is read, its rows are not yet.
#[derive(Debug)]
pub struct Table {
    source: String,
    origin: String,
    header: Vec<String>,
    places: Places,
    reader: csv::Reader<HashedFile>,
    pub(super) record: StringRecord,
    rows: u64,
    max_rows: Option<u64>,
    /// Names the places of what is no file of lines.
    pub(super) text: Option<Text>,
}

/// Opens what was fetched and finds its mapped columns; see [`Fetched::open`].
pub(super) fn open(fetched: &Fetched) -> Result<Table, FetchError> {
    let (settings, origin) = (fetched.settings(), fetched.origin());
    let (delimiter, max_rows) = match &settings.place {
        Place::Csv { delimiter, max_rows, .. } => (*delimiter, *max_rows),
        _ => (b',', None),
    };
    let (file, text) = match &fetched.content {
        Content::File(path) => (HashedFile::open(path), None),
        Content::Text(text) => (Ok(HashedFile::text(text)), Some(text.clone())),
    };
    let file = file.map_err(|source| cannot_read(&settings.name, origin, source))?;
    // Only `\n` ends a row, so that the reader's count of lines is the file's; a `\r` before it is trimmed.
    let reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .terminator(csv::Terminator::Any(b'\n'))
        .buffer_capacity(1 << 16)
        .from_reader(file);
    let mut table = Table {
        source: settings.name.clone(),
        origin: origin.to_owned(),
        header: Vec::new(),
        places: Places::default(),
        reader,
        record: StringRecord::new(),
        rows: 0,
        max_rows,
        text,
    };
    let found = table.advance();
    table.refuse_other_formats()?;
    if !found? {
        return Err(table.unreadable(
            1,
            "the file is empty".to_owned(),
            "export it again; a table has at least its header".to_owned(),
        ));
    }
    table.header = table.record.iter().map(|cell| trimmed(cell).to_owned()).collect();
    table.places = places(&table, settings, delimiter)?;
    Ok(table)
}

impl Table {
    /// The source's name.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The file, as configured.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// The header's cells, trimmed.
    pub fn header(&self) -> &[String] {
        &self.header
    }

    /// Where the mapped columns stand.
    pub const fn places(&self) -> &Places {
        &self.places
    }

    /// `figures.csv:3`, or `bieu06.xlsx, sheet "Sheet1", row 3`.
    pub fn row_place(&self, line: u64) -> String {
        match self.text.as_ref().and_then(|text| text.row(line)) {
            Some(row) => format!("{}, {row}", self.origin),
            None => format!("{}:{line}", self.origin),
        }
    }

    /// Whether a sheet holds unit codes as numbers, so that leading zeros may be lost.
    pub fn has_numeric_codes(&self) -> bool {
        self.text.as_ref().is_some_and(Text::has_numeric_codes)
    }

    /// Whether rows about the same period, unit and service add up, because they were made of dossiers that stand in
    /// one of them each.
    pub fn adds_up(&self) -> bool {
        self.text.as_ref().is_some_and(|text| text.counted().is_some())
    }

    /// Rows of the original that stand on no line: of other periods, and equal to an earlier one.
    pub fn beside(&self) -> (u64, u64) {
        let counted = self.text.as_ref().and_then(Text::counted);
        counted.map_or((0, 0), |counted| (counted.skipped, counted.repeated))
    }

    /// The next row that has any text in it, or `None` after the last one.
    ///
    /// # Errors
    /// When reading fails, the row is not UTF-8, or there are more rows than there may be.
    pub fn next_row(&mut self) -> Result<Option<Row<'_>>, FetchError> {
        if !self.advance()? {
            return Ok(None);
        }
        self.rows += 1;
        match self.max_rows {
            Some(most) if self.rows > most => Err(self.unreadable(
                self.line(),
                format!("the file has more than {most} rows"),
                "export the current year only, or raise `max_rows` of the source".to_owned(),
            )),
            _ => Ok(Some(Row::of(self))),
        }
    }

    /// Reads what is left and gives the SHA-256 of the whole file, hexadecimal.
    ///
    /// # Errors
    /// [`FetchError::Unreachable`] when reading fails or the file changed meanwhile: half of two tables is none.
    pub fn finish(self) -> Result<String, FetchError> {
        let Self { source: name, origin, reader, .. } = self;
        reader.into_inner().finish().map_err(|source| cannot_read(&name, &origin, source))
    }

    fn advance(&mut self) -> Result<bool, FetchError> {
        loop {
            match self.reader.read_record(&mut self.record) {
                Ok(true) => self.reader.get_mut().row_complete(),
                Ok(false) => return Ok(false),
                Err(error) => return Err(self.broken(error)),
            }
            if self.record.iter().any(|cell| !trimmed(cell).is_empty()) {
                return Ok(true);
            }
        }
    }

    /// The physical line that the current row ends on, while the reader stands behind it.
    fn last_line(&self) -> u64 {
        let position = self.reader.position();
        let file = self.reader.get_ref();
        let unterminated = position.byte() == file.bytes() && file.last() != Some(b'\n');
        position.line().saturating_sub(u64::from(!unterminated)).max(1)
    }

    pub(super) fn line(&self) -> u64 {
        let inside = self.record.as_slice().bytes().filter(|byte| *byte == b'\n').count();
        self.last_line().saturating_sub(u64::try_from(inside).unwrap_or(0)).max(1)
    }

    fn broken(&self, error: csv::Error) -> FetchError {
        let line = self.last_line();
        if self.reader.get_ref().overrun() {
            let reason = format!("no row comes to an end within 4 MiB after line {}", self.record_start());
            return self.unreadable(
                self.record_start(),
                reason,
                "close the quotation mark that stands open".to_owned(),
            );
        }
        match error.into_kind() {
            csv::ErrorKind::Io(source) => cannot_read(&self.source, &self.origin, source),
            csv::ErrorKind::Utf8 { err, .. } => FetchError::Unreadable {
                name: self.source.clone(),
                place: format!("{}:{line}:{}", self.origin, err.field() + 1),
                reason: "this cell is not UTF-8".to_owned(),
                remedy: "save the file as UTF-8 (in Excel: \"CSV UTF-8\")".to_owned(),
            },
            other => self.unreadable(line, format!("{other:?}"), "export the file again".to_owned()),
        }
    }

    fn record_start(&self) -> u64 {
        self.record.position().map_or(1, csv::Position::line)
    }

    fn refuse_other_formats(&self) -> Result<(), FetchError> {
        match other_format(self.reader.get_ref().start()) {
            Some((what, remedy)) => Err(self.unreadable(1, what.to_owned(), remedy.to_owned())),
            None => Ok(()),
        }
    }

    pub(super) fn unreadable(&self, line: u64, reason: String, remedy: String) -> FetchError {
        FetchError::Unreadable { name: self.source.clone(), place: self.row_place(line), reason, remedy }
    }

    /// Whether the header is the file's first line, before a row was read.
    pub(super) fn header_is_first_line(&self) -> bool {
        self.line() == 1 && self.last_line() == 1
    }

    pub(super) fn header_line(&self) -> u64 {
        self.line()
    }
}

/// What a file that begins so is instead of text in UTF-8, and what to do.
pub(super) fn other_format(start: &[u8]) -> Option<(&'static str, &'static str)> {
    const SAVE: &str = "save the file as UTF-8 (in Excel: \"CSV UTF-8\")";
    match start {
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] | [_, 0, ..] | [0, _, ..] => Some(("the file is UTF-16, not UTF-8", SAVE)),
        [b'P', b'K', 3, 4, ..] => Some(("the file is an Excel workbook, not CSV", SAVE)),
        [0xd0, 0xcf, 0x11, 0xe0, ..] => Some(("the file is an old Excel workbook, not CSV", SAVE)),
        [0x1f, 0x8b, ..] => Some(("the file is compressed", "unpack it")),
        _ => None,
    }
}

fn cannot_read(name: &str, origin: &str, source: std::io::Error) -> FetchError {
    FetchError::Unreachable { name: name.to_owned(), place: origin.to_owned(), source }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;
    use std::path::Path;

    use chrono::NaiveDate;
    use proptest::prelude::*;

    use super::*;
    use crate::source::{Columns, Encoding, NumberFormat, Settings, Tools, fetch_all};

    fn settings(path: &Path) -> Settings {
        Settings {
            name: "test".into(),
            place: Place::Csv { path: path.to_owned(), delimiter: b',', encoding: Encoding::Utf8, max_rows: None },
            columns: Columns {
                period: "period".into(),
                unit_code: "unit".into(),
                unit_name: String::new(),
                service_code: String::new(),
                measures: Vec::new(),
                numbers: NumberFormat::Plain,
            },
            fresh_for_days: 45,
        }
    }

    fn opened(path: &Path) -> Result<Table, FetchError> {
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        let fetched = runtime.block_on(fetch_all(
            &[settings(path)],
            NaiveDate::MAX,
            &Tools { program: "dondoc".into(), today: NaiveDate::MAX },
        ))?;
        fetched.first().expect("one source").open()
    }

    /// All rows with their lines, read from a file of these bytes.
    fn rows(bytes: &[u8]) -> Result<Vec<(u64, String)>, FetchError> {
        let file = tempfile::NamedTempFile::new().expect("a temporary file");
        std::fs::write(file.path(), bytes).expect("a written file");
        let mut table = opened(file.path())?;
        let mut rows = Vec::new();
        while let Some(row) = table.next_row()? {
            rows.push((row.line(), row.cell(0).unwrap_or_default().to_owned()));
        }
        table.finish()?;
        Ok(rows)
    }

    #[test]
    fn a_file_that_changes_while_it_is_read_is_not_a_table() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "period,unit\n2022-10,A\n").unwrap();
        let table = opened(file.path()).unwrap();
        std::fs::write(file.path(), "period,unit\n2022-10,A\n2022-10,B\n").unwrap();
        let error = table.finish().unwrap_err();
        assert!(matches!(&error, FetchError::Unreachable { source, .. } if source.to_string().contains("changed")));
    }

    #[test]
    fn spaces_of_every_kind_around_a_cell_go() {
        for (cell, expected) in
            [(" a ", "a"), ("\u{a0}12\u{a0}", "12"), ("\u{feff}x\r", "x"), ("\t", ""), ("a b", "a b")]
        {
            assert_eq!(trimmed(cell), expected);
        }
    }

    proptest! {
        #[test]
        fn a_row_knows_the_physical_line_it_begins_on(
            lines in prop::collection::vec((0..3_usize, 0..3_usize, any::<bool>()), 1..30),
            ended in any::<bool>(),
        ) {
            let (mut text, mut line, mut expected) = ("period,unit\n".to_owned(), 2, Vec::new());
            for (number, (blank, inside, carriage)) in lines.iter().enumerate() {
                let end = if *carriage { "\r\n" } else { "\n" };
                text.push_str(&end.repeat(*blank));
                line += u64::try_from(*blank).expect("a small number");
                expected.push((line, format!("{number}")));
                let _ = write!(text, "{number},\"A{}\"{end}", "\nB".repeat(*inside));
                line += 1 + u64::try_from(*inside).expect("a small number");
            }
            let text = if ended { text.as_str() } else { text.trim_end() };
            prop_assert_eq!(rows(text.as_bytes()).expect("a table"), expected);
        }

        #[test]
        fn no_bytes_break_the_reader(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = rows(&bytes);
            let _ = rows(&[b"period,unit\n", bytes.as_slice()].concat());
        }
    }
}
