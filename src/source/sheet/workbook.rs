//! Workbooks, as calamine reads them, into grids.

use std::borrow::Cow;
use std::io::Cursor;

use calamine::{
    Data, DataRef, Dimensions, ExcelDateTime, Ods, Reader, SheetType, SheetVisible, Xls, XlsError, Xlsx, XlsxError,
};
use chrono::{Days, NaiveDate};

use super::archive::Archive;
use super::grid::{Cell, Grid, Merge, Value};
use super::place::{TooLarge, within_limits};
use super::{Failure, archive};

/// Names of the sheets that people see, or the one that is `wanted`.
fn chosen(sheets: &[calamine::Sheet], wanted: Option<&str>) -> Result<Vec<String>, Failure> {
    let tables = || sheets.iter().filter(|sheet| matches!(sheet.typ, SheetType::WorkSheet));
    let Some(wanted) = wanted else {
        return Ok(tables()
            .filter(|sheet| sheet.visible == SheetVisible::Visible)
            .map(|sheet| sheet.name.clone())
            .collect());
    };
    if let Some(sheet) = tables().find(|sheet| sheet.name == wanted) {
        return Ok(vec![sheet.name.clone()]);
    }
    let names: Vec<String> = tables().map(|sheet| format!("\"{}\"", sheet.name)).collect();
    let reason = format!("there is no sheet \"{wanted}\"; there are {}", names.join(", "));
    Err(Failure::new(reason, "correct `sheet` of this [[source]]"))
}

/// Gives `look` every sheet in turn.
pub(super) fn xlsx(
    archive: &Archive,
    wanted: Option<&str>,
    mut look: impl FnMut(&str, &Grid<'_>) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let mut book = Xlsx::new(Cursor::new(archive.bytes.as_slice())).map_err(|error| xlsx_failure(&error))?;
    for name in chosen(book.sheets_metadata(), wanted)? {
        let merges = if archive.merges {
            book.merge_cells_by_sheet_name(&name).map_err(|error| xlsx_failure(&error).on(&name))?
        } else {
            Vec::new()
        };
        let mut reader = match book.worksheet_cells_reader(&name) {
            Ok(reader) => reader,
            Err(XlsxError::NotAWorksheet(_)) => continue,
            Err(error) => return Err(xlsx_failure(&error).on(&name)),
        };
        let mut cells = Vec::new();
        while let Some(cell) = reader.next_cell().map_err(|error| xlsx_failure(&error).on(&name))? {
            let (row, column) = cell.get_position();
            if let Some(value) = value_of(cell.get_value()) {
                within_limits(row, column, cells.len()).map_err(|far| too_large(&far).on(&name))?;
                cells.push(Cell { row, column, value });
            }
        }
        look(&name, &Grid::new(cells, merged(merges)))?;
    }
    Ok(())
}

/// Gives `look` every sheet in turn.
pub(super) fn xls(
    bytes: &[u8],
    wanted: Option<&str>,
    mut look: impl FnMut(&str, &Grid<'_>) -> Result<(), Failure>,
) -> Result<(), Failure> {
    if is_encrypted(bytes) {
        return Err(Failure::encrypted());
    }
    let mut book = Xls::new(Cursor::new(bytes)).map_err(|error| match error {
        XlsError::Password => Failure::encrypted(),
        error => unreadable(&error),
    })?;
    for name in chosen(book.sheets_metadata(), wanted)? {
        let range = book.worksheet_range(&name).map_err(|error| unreadable(&error).on(&name))?;
        let merges = book.merge_cells_by_sheet_name(&name).unwrap_or_default();
        look(&name, &grid_of(&range, merged(merges)).map_err(|far| too_large(&far).on(&name))?)?;
    }
    Ok(())
}

/// Gives `look` every sheet in turn.
pub(super) fn ods(
    archive: &Archive,
    wanted: Option<&str>,
    mut look: impl FnMut(&str, &Grid<'_>) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let mut book = Ods::new(Cursor::new(archive.bytes.as_slice())).map_err(|error| match error {
        calamine::OdsError::Password => Failure::encrypted(),
        error => unreadable(&error),
    })?;
    for name in chosen(book.sheets_metadata(), wanted)? {
        let range = book.worksheet_range(&name).map_err(|error| unreadable(&error).on(&name))?;
        look(&name, &grid_of(&range, Vec::new()).map_err(|far| too_large(&far).on(&name))?)?;
    }
    Ok(())
}

/// An old container around a new workbook: that is how Excel encrypts.
fn is_encrypted(bytes: &[u8]) -> bool {
    let name: Vec<u8> = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect();
    bytes.windows(name.len()).any(|window| window == name)
}

fn grid_of(range: &calamine::Range<Data>, merges: Vec<Merge>) -> Result<Grid<'_>, TooLarge> {
    let (top, left) = range.start().unwrap_or_default();
    let mut cells = Vec::new();
    for (row, column, data) in range.used_cells() {
        let row = top.saturating_add(u32::try_from(row).unwrap_or(u32::MAX));
        let column = left.saturating_add(u32::try_from(column).unwrap_or(u32::MAX));
        if let Some(value) = of_data(data) {
            within_limits(row, column, cells.len())?;
            cells.push(Cell { row, column, value });
        }
    }
    Ok(Grid::new(cells, merges))
}

fn merged(merges: Vec<Dimensions>) -> Vec<Merge> {
    let merge = |of: Dimensions| Merge { top: of.start.0, left: of.start.1, bottom: of.end.0, right: of.end.1 };
    merges.into_iter().map(merge).collect()
}

fn value_of<'a>(data: &DataRef<'a>) -> Option<Value<'a>> {
    let value = match data {
        DataRef::Empty => return None,
        DataRef::Int(number) => owned(number),
        DataRef::Float(number) => Value::Number(*number),
        DataRef::SharedString(shared) => Value::Text(Cow::Borrowed(shared)),
        DataRef::String(own) | DataRef::DurationIso(own) => owned(own),
        DataRef::Bool(flag) => truth(*flag),
        DataRef::DateTime(instant) => of_instant(*instant),
        DataRef::DateTimeIso(iso) => of_iso(iso),
        DataRef::Error(error) => owned(error),
    };
    (!value.is_blank()).then_some(value)
}

fn of_data(data: &Data) -> Option<Value<'_>> {
    let value = match data {
        Data::Empty => return None,
        Data::Int(number) => owned(number),
        Data::Float(number) => Value::Number(*number),
        Data::String(text) | Data::DurationIso(text) => Value::Text(Cow::Borrowed(text)),
        Data::Bool(flag) => truth(*flag),
        Data::DateTime(instant) => of_instant(*instant),
        Data::DateTimeIso(iso) => of_iso(iso),
        Data::Error(error) => owned(error),
    };
    (!value.is_blank()).then_some(value)
}

fn owned(shown: &impl ToString) -> Value<'static> {
    Value::Text(Cow::Owned(shown.to_string()))
}

const fn truth(flag: bool) -> Value<'static> {
    Value::Text(Cow::Borrowed(if flag { "TRUE" } else { "FALSE" }))
}

fn of_iso(iso: &str) -> Value<'static> {
    iso.get(..10).and_then(|day| day.parse().ok()).map_or_else(|| owned(&iso), Value::Date)
}

fn of_instant(instant: ExcelDateTime) -> Value<'static> {
    date(instant).map_or(Value::Number(instant.as_f64()), Value::Date)
}

fn date(instant: ExcelDateTime) -> Option<NaiveDate> {
    if !instant.is_datetime() || instant.as_f64() < 1.0 {
        return None;
    }
    let (year, month, day, ..) = instant.to_ymd_hms_milli();
    NaiveDate::from_ymd_opt(year.into(), month.into(), day.into())
}

/// The day that a number means where a date is wanted; from 1954 to 2119, so that no count passes for one.
pub(super) fn serial(number: f64) -> Option<NaiveDate> {
    let days = super::grid::whole(number.floor()).filter(|days| (20_000..80_000).contains(days))?;
    NaiveDate::from_ymd_opt(1899, 12, 30)?.checked_add_days(Days::new(u64::try_from(days).ok()?))
}

fn too_large(far: &TooLarge) -> Failure {
    let remedy = "delete what stands outside the table, or copy the table into a new workbook";
    Failure::new(far.what.clone(), remedy).at(far.spot)
}

fn xlsx_failure(error: &XlsxError) -> Failure {
    match error {
        XlsxError::Password => Failure::encrypted(),
        error => unreadable(error),
    }
}

fn unreadable(error: &dyn std::error::Error) -> Failure {
    Failure::new(format!("the workbook cannot be read: {error}"), archive::COPY)
}
