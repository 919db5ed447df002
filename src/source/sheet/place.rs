//! Places in a sheet, as people call them, and how far a sheet may reach.

use std::fmt::{self, Write as _};

use serde::{Deserialize, Serialize};

/// More cells than this in one sheet are refused.
pub(super) const CELLS: usize = 2_000_000;
/// A sheet that reaches further to the right is refused: no report is that wide, a stray cell is.
pub(super) const COLUMNS: u32 = 512;
/// A sheet that reaches further down is refused.
pub(super) const ROWS: u32 = 500_000;

/// Why cells make no grid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct TooLarge {
    pub(super) what: String,
    /// The cell that goes beyond the limit.
    pub(super) spot: Spot,
}

/// A place in a sheet, 0-based; shown as people know it and as numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Spot {
    /// Row and column.
    Cell(u32, u32),
    /// A whole row.
    Row(u32),
}

impl fmt::Display for Spot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Cell(row, column) => {
                write!(f, "cell {} ({}:{})", cell_name(row, column), u64::from(row) + 1, u64::from(column) + 1)
            }
            Self::Row(row) => write!(f, "row {}", u64::from(row) + 1),
        }
    }
}

/// Refuses a cell beyond the limits, before anything is kept for it.
pub(super) fn within_limits(row: u32, column: u32, cells: usize) -> Result<(), TooLarge> {
    let what = if column >= COLUMNS {
        format!("the sheet reaches beyond {COLUMNS} columns")
    } else if row >= ROWS {
        format!("the sheet reaches beyond {ROWS} rows")
    } else if cells >= CELLS {
        format!("the sheet has more than {CELLS} cells")
    } else {
        return Ok(());
    };
    Err(TooLarge { what, spot: Spot::Cell(row, column) })
}

/// `C` for 2.
pub(super) fn column_name(column: u32) -> String {
    let mut letters = Vec::new();
    let mut left = u64::from(column) + 1;
    while left > 0 {
        left -= 1;
        letters.push(b'A' + u8::try_from(left % 26).unwrap_or(0));
        left /= 26;
    }
    letters.iter().rev().map(|letter| char::from(*letter)).collect()
}

/// `C7` for row 6 and column 2.
pub(super) fn cell_name(row: u32, column: u32) -> String {
    let mut name = column_name(column);
    let _ = write!(name, "{}", u64::from(row) + 1);
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_called_as_people_call_them() {
        for (row, column, name) in
            [(0, 0, "A1"), (6, 2, "C7"), (9, 25, "Z10"), (0, 26, "AA1"), (1_048_575, 16_383, "XFD1048576")]
        {
            assert_eq!(cell_name(row, column), name);
        }
    }

    #[test]
    fn stray_cells_are_refused_by_name() {
        assert!(within_limits(99_999, 11, 1_199_999).is_ok());
        assert_eq!(
            within_limits(1_048_575, 16_383, 0).unwrap_err().spot.to_string(),
            "cell XFD1048576 (1048576:16384)"
        );
        assert_eq!(within_limits(ROWS, 0, 0).unwrap_err().spot.to_string(), "cell A500001 (500001:1)");
        assert!(within_limits(0, 0, CELLS).is_err());
    }
}
