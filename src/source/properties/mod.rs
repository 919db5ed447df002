//! What must hold for whatever files, replies and queries come in; see `crate::fuzzing`.

mod statement;

use serde_json::Number;

pub(crate) use self::statement::statement;
use super::{NumberFormat, http_json, row, sheet};

/// Headers over whatever grid.
pub(crate) fn header(bytes: &[u8]) {
    sheet::properties::header(bytes);
}

/// Web pages that are called workbooks.
pub(crate) fn html_table(bytes: &[u8]) {
    sheet::properties::html_table(bytes);
}

/// Replies under whatever paths; gives the numbers among the cells, and how each is written.
pub(crate) fn json_mapping(bytes: &[u8]) -> Vec<(Number, String)> {
    http_json::properties::json_mapping(bytes)
}

/// Texts with holes.
pub(crate) fn template(bytes: &[u8]) {
    http_json::properties::template(bytes);
}

/// A cell's text as the sums of a sheet see it (an error where it is no count), and as it is written for the reader of rows.
pub(crate) fn counted_in_a_sheet(text: &str, numbers: NumberFormat) -> (Result<Option<u64>, ()>, String) {
    sheet::properties::counted_in_a_sheet(text, numbers)
}

/// The cell as rows give it.
pub(crate) fn trimmed(cell: &str) -> &str {
    row::trimmed(cell)
}
