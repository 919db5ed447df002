//! Sheets as they are written for the reader of rows.

use super::super::answer::{Failure, Findings};
use super::super::convert::Converted;
use super::super::counted::{self, Counted, counted};
use super::super::grid::{Grid, Value};
use super::super::place::{COLUMNS, ROWS, Spot};
use crate::source::NumberFormat;

/// A cell's text as sums see it (an error where it is no count), and as it is written for the reader of rows.
pub(in crate::source) fn counted_in_a_sheet(text: &str, numbers: NumberFormat) -> (Result<Option<u64>, ()>, String) {
    let value = Value::Text(text.into());
    let mut written = String::new();
    counted::write(&value, &mut written);
    let summed = match counted(Some(&value), numbers) {
        Counted::Missing => Ok(None),
        Counted::Count(count) => Ok(Some(count)),
        Counted::NoCount => Err(()),
    };
    (summed, written)
}

/// The answer about a sheet that reaches to `last` (row and column) tells places in it, and its text has a line per row.
pub(super) fn holds(converted: &Converted, last: (u32, u32)) {
    match converted {
        Err(Failure { spot, reason, remedy, .. }) => {
            assert!(!reason.is_empty() && !remedy.is_empty(), "refused without a word");
            assert!(spot.is_none_or(|spot| within(spot, last)), "no such place: {spot:?}");
        }
        Ok((findings, text)) => {
            for doubt in &findings.doubts {
                assert!(within(doubt.spot, last), "no such place: {doubt:?}");
            }
            lines(findings, text, last.0);
        }
    }
}

fn within(spot: Spot, last: (u32, u32)) -> bool {
    match spot {
        Spot::Cell(row, column) => row <= last.0 && column <= last.1,
        Spot::Row(row) => row <= last.0,
    }
}

/// Every line is empty or has all cells, and reads back as one row.
fn lines(findings: &Findings, text: &str, last: u32) {
    let cells = findings.width + findings.added.len();
    assert!(text.ends_with('\n') && !text.contains('\r'));
    assert!(text.matches('\n').count() <= usize::try_from(last).map_or(0, |last| last + 1), "a line below the sheet");
    for line in text.lines().filter(|line| !line.is_empty()) {
        let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(line.as_bytes());
        let mut records = reader.records();
        let read = records.next().and_then(Result::ok).map(|record| record.len());
        // A single empty cell is an empty line.
        assert_eq!(read, Some(cells), "{line:?}");
        assert!(records.next().is_none(), "a row on several lines");
    }
}

/// The last row and column of a grid, within the limits that its reader keeps; merged cells are part of it.
pub(super) fn last(grid: &Grid<'_>) -> (u32, u32) {
    let row = grid.rows().next_back().map_or(0, |(row, _)| row);
    assert!(row < ROWS && grid.width() <= COLUMNS, "beyond the limits");
    let merges = grid.merges().iter();
    let lowest = merges.map(|merge| merge.bottom).max().unwrap_or(0);
    (row.max(lowest), grid.width().saturating_sub(1))
}
