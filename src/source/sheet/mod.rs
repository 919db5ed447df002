//! Sheets of workbooks as tables: the parent reads the file and asks a limited worker, which finds the header, leaves
//! out what is no data and answers with CSV whose lines are the sheet's rows.

mod answer;
mod archive;
mod cells;
mod checks;
mod contacts;
mod convert;
mod counted;
mod grid;
mod header;
mod html;
mod legacy;
mod parent;
mod period;
mod place;
mod plan;
#[cfg(any(test, fuzzing))]
pub(in crate::source) mod properties;
mod rows;
mod sniff;
mod task;
mod workbook;

pub(super) use cells::TASK as CELLS;
pub use contacts::{NoSheet, contact_sheets};
pub(super) use parent::{Sheet, read};
pub(super) use task::TASK;

use serde::{Deserialize, Serialize};

use crate::catalog::fold;

use answer::{Failure, Findings};

/// How a report is laid out on its sheet: `[source.layout]`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Layout {
    /// First and last row of the header, 1-based; found by the mapped headers when absent.
    pub header_rows: Option<(u32, u32)>,
    /// Where the period stands.
    pub period: PeriodFrom,
    /// Digits of a unit's code, for sheets that hold codes as numbers and so lose their leading zeros; 0 leaves them.
    pub code_digits: usize,
    /// Names of further rows that only group others.
    pub groups: Vec<String>,
    /// Names of further rows that add up others.
    pub totals: Vec<String>,
    /// Printed ratios that are recomputed.
    pub ratios: Vec<Ratio>,
}

/// Where the period of a sheet's rows stands.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum PeriodFrom {
    /// In a column.
    #[default]
    Column,
    /// In a row above the header: "(Từ ngày … đến ngày …)".
    Title,
    /// Nowhere: it is this one.
    Fixed(String),
}

/// A column with a ratio in percent, of two measures.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ratio {
    /// The column's header.
    pub header: String,
    /// The part.
    pub numerator: String,
    /// The whole.
    pub denominator: String,
}

/// Whether `text` is a period that a setting may give: `2022-10` or `2022-10-31`.
pub fn is_period(text: &str) -> bool {
    period::is_fixed(text)
}
