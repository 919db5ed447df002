//! Rows of a pack's CSV files with their places. Columns go by their header, in any order.
//!
//! UTF-8 with or without a byte order mark, LF or CRLF. The column of a place is the character at which the cell
//! begins in its line, its opening quotation mark included.

use std::collections::HashMap;

use csv::StringRecord;

use super::finding::{Findings, nearest, one_of};
use super::pack::Problem;
use super::read_text::{clean, date, date_hint, refused_character};
use super::unit::Validity;

/// A CSV file's rows, and what is wrong with them.
#[derive(Debug)]
pub(super) struct Table<'a> {
    findings: Findings<'a>,
    columns: HashMap<&'static str, usize>,
    width: usize,
    rows: Vec<Row>,
}

#[derive(Debug)]
struct Row {
    /// Byte offset of the row's first cell.
    start: usize,
    cells: StringRecord,
}

impl<'a> Table<'a> {
    /// The rows of `text`; none when the header lacks a `required` column.
    pub(super) fn read(file: &'a str, text: &'a str, required: &[&'static str], optional: &[&'static str]) -> Self {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut findings = Findings::new(file, text);
        let mut rows = read_rows(text, &mut findings);
        let header = if rows.is_empty() { Row { start: 0, cells: StringRecord::new() } } else { rows.remove(0) };
        let columns = read_header(&header, required, optional, &mut findings);
        if required.iter().any(|column| !columns.contains_key(column)) {
            rows.clear();
        }
        Self { findings, columns, width: header.cells.len(), rows }
    }

    /// How many rows there are below the header, blank ones included.
    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    /// The `index`-th row, unless it is blank.
    pub(super) fn row(&mut self, index: usize) -> Option<Cells<'_, 'a>> {
        let row = self.rows.get(index)?;
        if row.cells.iter().all(|cell| cell.trim().is_empty()) {
            return None;
        }
        Some(Cells { row, columns: &self.columns, width: self.width, findings: &mut self.findings, sound: true })
    }

    /// Adds a problem at a column of the `index`-th row.
    pub(super) fn wrong(&mut self, index: usize, column: &str, message: impl Into<String>, hint: impl Into<String>) {
        if let Some(mut cells) = self.row(index) {
            cells.wrong(column, message, hint);
        }
    }

    /// Gives the problem that was added last its code.
    pub(super) fn call_last(&mut self, code: &'static str) {
        self.findings.call_last(code);
    }

    /// 1-based line of the `index`-th row.
    pub(super) fn line(&self, index: usize) -> u64 {
        self.rows.get(index).map_or(0, |row| self.findings.line(row.start))
    }

    /// All that was found.
    pub(super) fn into_problems(self) -> Vec<Problem> {
        self.findings.into_problems()
    }
}

fn read_rows(text: &str, findings: &mut Findings<'_>) -> Vec<Row> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
    let mut rows = Vec::new();
    loop {
        let mut cells = StringRecord::new();
        match reader.read_record(&mut cells) {
            Ok(true) => {}
            Ok(false) => return rows,
            Err(error) => {
                findings.add(0, format!("not a CSV file: {error}"), "export the table again as CSV in UTF-8");
                return rows;
            }
        }
        let at = cells.position().and_then(|position| usize::try_from(position.byte()).ok()).unwrap_or_default();
        let blank = text.get(at..).map_or(0, |rest| rest.len() - rest.trim_start_matches(['\r', '\n']).len());
        rows.push(Row { start: at + blank, cells });
    }
}

fn read_header(
    header: &Row,
    required: &[&'static str],
    optional: &[&'static str],
    findings: &mut Findings<'_>,
) -> HashMap<&'static str, usize> {
    let known: Vec<&'static str> = required.iter().chain(optional).copied().collect();
    let mut columns = HashMap::new();
    for (index, cell) in header.cells.iter().enumerate() {
        let at = cell_offset(findings.text(), header.start, index);
        let Some(name) = known.iter().find(|name| **name == cell.trim()) else {
            findings.add(at, format!("unknown column `{}`", cell.trim()), one_of(cell, &known));
            continue;
        };
        if columns.insert(*name, index).is_some() {
            findings.add(at, format!("the column `{name}` stands here twice"), "keep one of the two");
        }
    }
    let separator = if header.cells.iter().any(|cell| cell.contains([';', '\t'])) {
        " and separate the cells by commas, not by semicolons or tabs"
    } else {
        ""
    };
    for name in required.iter().filter(|name| !columns.contains_key(*name)) {
        let misspelt = header.cells.iter().find(|cell| nearest(cell, std::iter::once(*name)).is_some());
        let hint = match misspelt {
            Some(cell) => format!("name the column `{}` so", cell.trim()),
            None => format!("the first line must name the columns {}{separator}", required.join(",")),
        };
        findings.add(header.start, format!("the column `{name}` is missing in the header"), hint);
    }
    columns
}

/// Where the `index`-th cell of the row that begins at `start` begins.
fn cell_offset(text: &str, start: usize, index: usize) -> usize {
    let row = text.get(start..).unwrap_or_default();
    if index == 0 {
        return start;
    }
    let (mut quoted, mut seen) = (false, 0);
    for (at, byte) in row.bytes().enumerate() {
        match byte {
            b'"' => quoted = !quoted,
            b'\n' if !quoted => break,
            b',' if !quoted => {
                seen += 1;
                if seen == index {
                    return start + at + 1;
                }
            }
            _ => {}
        }
    }
    start
}

/// One row being read: every cell that is not as it should be becomes a problem.
#[derive(Debug)]
pub(super) struct Cells<'r, 'a> {
    row: &'r Row,
    columns: &'r HashMap<&'static str, usize>,
    width: usize,
    findings: &'r mut Findings<'a>,
    sound: bool,
}

impl Cells<'_, '_> {
    /// Adds a problem at a column.
    pub(super) fn wrong(&mut self, column: &str, message: impl Into<String>, hint: impl Into<String>) {
        let index = self.columns.get(column).copied().unwrap_or_default();
        let at = cell_offset(self.findings.text(), self.row.start, index);
        self.findings.add(at, message, hint);
        self.sound = false;
    }

    /// Gives the problem that was added last its code.
    pub(super) fn call_last(&mut self, code: &'static str) {
        self.findings.call_last(code);
    }

    /// Whether the row has as many cells as the header; a problem when not.
    pub(super) fn is_whole(&mut self) -> bool {
        let (has, wants) = (self.row.cells.len(), self.width);
        if has != wants {
            let hint = "give every column its cell; put a cell that contains a comma into quotation marks";
            self.wrong("", format!("the row has {has} cells, the header {wants}"), hint);
        }
        has == wants
    }

    /// The cell as it stands, for places where a broken row is still a row.
    pub(super) fn raw(&self, column: &str) -> &str {
        self.columns.get(column).and_then(|index| self.row.cells.get(*index)).unwrap_or_default()
    }

    /// The cell's text, empty when there is none.
    pub(super) fn text(&mut self, column: &str) -> String {
        match clean(self.raw(column)) {
            Ok(text) => text,
            Err(refused) => {
                let (message, hint) = refused_character(refused);
                self.wrong(column, format!("{column}: {message}"), hint);
                self.call_last("text");
                String::new()
            }
        }
    }

    /// The cell's text, if any.
    pub(super) fn optional(&mut self, column: &str) -> Option<String> {
        Some(self.text(column)).filter(|text| !text.is_empty())
    }

    /// The cell's text; a problem when it is empty.
    pub(super) fn required(&mut self, column: &str) -> String {
        let text = self.text(column);
        if text.trim().is_empty() && self.raw(column).trim().is_empty() {
            self.wrong(column, format!("`{column}` is empty"), format!("write the {column} of this row"));
        }
        text
    }

    /// The cell's word, one of `words`.
    pub(super) fn word<T: Copy>(&mut self, column: &str, words: &[(&'static str, T)]) -> Option<T> {
        let text = self.text(column);
        let found = words.iter().find(|(word, _)| *word == text).map(|(_, value)| *value);
        if found.is_none() {
            let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
            self.wrong(column, format!("unknown {column} `{text}`"), one_of(&text, &known));
        }
        found
    }

    /// A date; `None` when the cell is empty, or wrong and then a problem.
    pub(super) fn date(&mut self, column: &str) -> Option<chrono::NaiveDate> {
        let text = self.optional(column)?;
        let date = date(&text);
        if date.is_none() {
            self.wrong(column, format!("{column}: `{text}` is not a date"), date_hint(&text));
        }
        date
    }

    /// `valid_from` and `valid_to`; `None` when they cannot be relied on.
    pub(super) fn validity(&mut self) -> Option<Validity> {
        let before = std::mem::replace(&mut self.sound, true);
        let valid = Validity { from: self.date("valid_from"), to: self.date("valid_to") };
        if let (Some(from), Some(to)) = (valid.from, valid.to)
            && from > to
        {
            let hint = "let the row end on or after the day on which it begins";
            self.wrong("valid_to", format!("the row ends ({to}) before it begins ({from})"), hint);
        }
        let relied_on = self.sound;
        self.sound &= before;
        relied_on.then_some(valid)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_go_by_their_header_and_carriage_returns_and_the_mark_are_tolerated() {
        let text = "\u{feff}name,code\r\n\"Sở A, B\",SAB\r\n\r\n,\r\nX,Y\r\n";
        let mut table = Table::read("t.csv", text, &["code", "name"], &[]);
        assert_eq!(table.len(), 3);
        assert_eq!(table.row(0).unwrap().required("name"), "Sở A, B");
        assert_eq!(table.row(0).unwrap().required("code"), "SAB");
        assert!(table.row(1).is_none(), "a blank row");
        table.wrong(0, "code", "m", "h");
        table.wrong(2, "code", "m", "h");
        let places: Vec<_> = table.into_problems().iter().map(|problem| (problem.line, problem.column)).collect();
        assert_eq!(places, [(2, 11), (5, 3)]);
    }

    #[test]
    fn a_header_says_what_it_lacks_and_what_is_misspelt() {
        let problems = Table::read("t.csv", "cod,name,name\nA,B,C\n", &["code", "name"], &[]).into_problems();
        let said: Vec<_> = problems.iter().map(|p| (p.column, p.message.as_str(), p.hint.as_str())).collect();
        assert_eq!(said[0], (1, "unknown column `cod`", "did you mean `code`? Known: code, name"));
        assert_eq!(said[1], (10, "the column `name` stands here twice", "keep one of the two"));
        assert_eq!(said[2].1, "the column `code` is missing in the header");
        let problems = Table::read("t.csv", "code;name\nA;B\n", &["code", "name"], &[]).into_problems();
        assert!(problems.iter().any(|problem| problem.hint.contains("by commas")), "{problems:?}");
    }

    #[test]
    fn an_empty_file_lacks_its_header() {
        let problems = Table::read("t.csv", "", &["code"], &[]).into_problems();
        assert_eq!(problems[0].message, "the column `code` is missing in the header");
    }
}
