//! The worker's side of sheets that are no figures: every cell as it stands, with what keeps it from being read plainly.
//! What the cells mean is up to whoever asked.

use std::collections::{BTreeMap, HashSet};
use std::io::{self, Cursor};
use std::panic::{AssertUnwindSafe, catch_unwind};

use calamine::{Reader as _, Xlsx};

use super::answer::Failure;
use super::grid::{Grid, Value};
use super::place::cell_name;
use super::{archive, html, sniff, workbook};
use crate::catalog::contact_sheet::{CellKind, MOST_COLUMNS, MOST_ROWS, Sheet, SheetCell, SheetRow};
use crate::worker::{Task, Work};

/// Reading single cells, as workers do it.
pub(in crate::source) const TASK: Task = Task { name: "cells", begin };

/// Sheets of one workbook that are looked at.
const MOST_SHEETS: usize = 12;
/// Cells that merged ones may be filled into.
const MOST_FILLED: usize = 200_000;
/// What a spreadsheet shows where it cannot reckon.
const ERRORS: [&str; 8] = ["#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!", "#GETTING_DATA"];

/// What a worker answers.
pub(super) type Answer = Result<Vec<Sheet>, Failure>;

#[expect(clippy::unnecessary_wraps, reason = "every task may fail to begin")]
fn begin(_: &[u8]) -> io::Result<Work> {
    Ok(Box::new(|file| {
        let read = catch_unwind(AssertUnwindSafe(|| read(file)));
        let answer: Answer =
            read.unwrap_or_else(|_| Err(Failure::new("the reader failed on this file", archive::COPY)));
        Ok(serde_json::to_vec(&answer)?)
    }))
}

/// The sheets in `file`.
pub(super) fn read(file: &[u8]) -> Answer {
    let mut sheets = Vec::new();
    let mut look = |name: &str, grid: &Grid<'_>| -> Result<(), Failure> {
        if sheets.len() < MOST_SHEETS && !grid.is_empty() {
            sheets.push(sheet_of(name, grid)?);
        }
        Ok(())
    };
    match sniff::format(file) {
        Ok(sniff::Format::Html) => {
            let text = sniff::text(file)
                .ok_or_else(|| Failure::new("the file is a web page, but not UTF-8", archive::COPY))?;
            let grid = html::grid(&text).map_err(|far| Failure::new(far.what, archive::COPY).at(far.spot))?;
            look("", &grid)?;
        }
        Ok(sniff::Format::Xls) => workbook::xls(file, None, look)?,
        Ok(sniff::Format::Zip) => {
            let archive = archive::unpack(file)?;
            match archive.kind {
                archive::Kind::Xlsx => workbook::xlsx(&archive, None, look)?,
                archive::Kind::Ods => workbook::ods(&archive, None, look)?,
            }
            if archive.kind == archive::Kind::Xlsx {
                mark_formulas(&archive, &mut sheets);
            }
        }
        Err(_) if is_text(file) => sheets.push(delimited(&decoded(file))?),
        Err((reason, remedy)) => return Err(Failure::new(reason, remedy)),
    }
    if sheets.is_empty() {
        return Err(Failure::new("no sheet that can be seen holds anything", "export the list again"));
    }
    Ok(sheets)
}

fn sheet_of(name: &str, grid: &Grid<'_>) -> Result<Sheet, Failure> {
    let mut rows: BTreeMap<u32, BTreeMap<u32, SheetCell>> = BTreeMap::new();
    for (row, cells) in grid.rows() {
        for cell in cells.iter().filter(|cell| cell.column < MOST_COLUMNS) {
            rows.entry(row).or_default().insert(cell.column, one(cell.column, &cell.value));
        }
    }
    let mut filled = 0;
    for merge in grid.merges() {
        let Some(value) = grid.at(merge.top, merge.left) else { continue };
        let place = format!("{}:{}", cell_name(merge.top, merge.left), cell_name(merge.bottom, merge.right));
        for row in grid.rows_from(merge.top).take_while(|row| *row <= merge.bottom) {
            for column in merge.left..=merge.right.min(MOST_COLUMNS - 1) {
                if (row, column) == (merge.top, merge.left) || filled >= MOST_FILLED {
                    continue;
                }
                filled += 1;
                let cell = SheetCell { merged: Some(place.clone()), ..one(column, value) };
                rows.entry(row).or_default().entry(column).or_insert(cell);
            }
        }
    }
    if rows.len() > MOST_ROWS {
        return Err(too_long().on(name));
    }
    let row = |(number, cells): (u32, BTreeMap<u32, SheetCell>)| SheetRow {
        number: number.saturating_add(1),
        cells: cells.into_values().collect(),
    };
    Ok(Sheet { name: name.to_owned(), rows: rows.into_iter().map(row).collect() })
}

fn too_long() -> Failure {
    Failure::new(format!("the sheet has more than {MOST_ROWS} rows"), "delete what stands below the list")
}

fn one(column: u32, value: &Value<'_>) -> SheetCell {
    let (text, kind) = match value {
        Value::Text(text) if ERRORS.contains(&text.as_ref()) => (text.to_string(), CellKind::Error),
        Value::Text(text) => (text.to_string(), CellKind::Text),
        Value::Number(_) => (value.shown(), CellKind::Number),
        Value::Date(_) => (value.shown(), CellKind::Date),
    };
    SheetCell { column, text, kind, merged: None }
}

/// What stands in a cell as a formula is said; one that was never reckoned shows nothing and is put in.
fn mark_formulas(archive: &archive::Archive, sheets: &mut [Sheet]) {
    let Ok(mut book) = Xlsx::new(Cursor::new(archive.bytes.as_slice())) else { return };
    for sheet in sheets {
        let Ok(formulas) = book.worksheet_formula(&sheet.name) else { continue };
        let (top, left) = formulas.start().unwrap_or_default();
        let mut places = HashSet::new();
        for (row, column, formula) in formulas.used_cells() {
            let (row, column) = (u32::try_from(row).unwrap_or(0), u32::try_from(column).unwrap_or(0));
            if !formula.is_empty() && left + column < MOST_COLUMNS {
                places.insert((top + row + 1, left + column));
            }
        }
        for row in &mut sheet.rows {
            for cell in row.cells.iter_mut().filter(|cell| places.remove(&(row.number, cell.column))) {
                if cell.kind != CellKind::Error {
                    cell.kind = CellKind::Formula;
                }
            }
            let unseen: Vec<u32> =
                places.iter().filter(|(number, _)| *number == row.number).map(|(_, column)| *column).collect();
            for column in unseen {
                let at = row.cells.partition_point(|cell| cell.column < column);
                let cell = SheetCell { column, kind: CellKind::Formula, ..SheetCell::default() };
                row.cells.insert(at, cell);
            }
        }
    }
}

/// Whether the bytes may be a text with delimiters.
fn is_text(file: &[u8]) -> bool {
    let wide = matches!(file, [0xff, 0xfe, ..] | [0xfe, 0xff, ..]);
    let start = file.get(..file.len().min(4_096)).unwrap_or_default();
    !file.is_empty()
        && (wide || !start.contains(&0))
        && !start.starts_with(b"%PDF")
        && !start.starts_with(&[0x1f, 0x8b])
}

/// Unicode where it is one; else byte by byte as Windows shows it, so that old fonts are seen for what they are.
fn decoded(file: &[u8]) -> String {
    let text =
        sniff::text(file).unwrap_or_else(|| encoding_rs::WINDOWS_1252.decode_without_bom_handling(file).0.into());
    text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text)
}

fn delimited(text: &str) -> Result<Sheet, Failure> {
    let start: String = text.lines().take(5).collect();
    let delimiter = [b',', b';', b'\t'].into_iter().max_by_key(|delimiter| {
        let seen = start.bytes().filter(|byte| byte == delimiter).count();
        (seen, *delimiter == b',')
    });
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter.unwrap_or(b','))
        .from_reader(text.as_bytes());
    let mut rows: Vec<SheetRow> = Vec::new();
    for (number, record) in (1_u32..).zip(reader.records()) {
        let record =
            record.map_err(|error| Failure::new(format!("the text is no CSV: {error}"), "save it as .xlsx"))?;
        // A spreadsheet counts records, a quoted line break included.
        let cell = |(column, text): (u32, &str)| SheetCell { column, text: text.to_owned(), ..SheetCell::default() };
        let cells: Vec<SheetCell> =
            (0..MOST_COLUMNS).zip(record.iter()).filter(|(_, text)| !text.trim().is_empty()).map(cell).collect();
        if !cells.is_empty() {
            rows.push(SheetRow { number, cells });
        }
        if rows.len() > MOST_ROWS {
            return Err(too_long());
        }
    }
    Ok(Sheet { name: String::new(), rows })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_taken_by_its_delimiter_and_whatever_its_bytes_are() {
        for text in ["Đơn vị;Email\nXã A;a@xa.example\n", "\u{feff}Đơn vị\tEmail\r\nXã A\ta@xa.example\r\n"] {
            let sheet = read(text.as_bytes()).unwrap().remove(0);
            let cells: Vec<&str> = sheet.rows[1].cells.iter().map(|cell| cell.text.as_str()).collect();
            assert_eq!((sheet.rows[1].number, cells), (2, vec!["Xã A", "a@xa.example"]));
        }
        let old = read(b"\xa7\xacn v\xde,Email\nX\xb7 A,a@xa.example\n").unwrap().remove(0);
        assert_eq!(old.rows[1].cells[0].text, "X· A", "told apart later, cell by cell");
        for (bytes, reason) in [(&b"%PDF-1.7 x"[..], "PDF"), (b"", "empty"), (b"\x00\x01\x02", "no workbook")] {
            assert!(read(bytes).unwrap_err().reason.contains(reason), "{reason}");
        }
    }
}
