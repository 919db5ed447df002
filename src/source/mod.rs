//! Fetches raw tables: bytes in, rows with their place out. Nothing here knows what a column means.
//!
//! [`fetch_all`] gets hold of a source's bytes, whatever kind it is of; [`Fetched::open`] reads them as a table, as often as
//! needed.
//!
//! First room of the flow: **source** → observation → …

mod columns;
pub mod dossiers;
mod encoding;
mod fetch;
mod hashing;
mod http_json;
pub mod intake;
mod parts;
pub mod preset;
#[cfg(any(test, fuzzing))]
pub(crate) mod properties;
mod row;
mod sheet;
mod sql;
mod table;
mod text;

pub use columns::Places;
pub use dossiers::{Broken, Dossiers};
pub use encoding::Encoding;
pub use fetch::{Fetched, Tools, fetch_all};
pub use http_json::{Auth, Body, Column, HttpJson, Keep, Limits, Path, Per, Rows, Series, Template};
pub use intake::Dropped;
pub use parts::Part;
pub use row::Row;
pub use sheet::{Layout, NoSheet, PeriodFrom, Ratio, contact_sheets, is_period};
pub use sql::{Engine, Sql, statement};
pub use table::Table;

use std::path::PathBuf;

use crate::worker::Task;

use serde::{Deserialize, Serialize};

/// What limited workers do for this room.
pub const TASKS: [Task; 3] = [sheet::TASK, sheet::CELLS, dossiers::TASK];

/// One `[[source]]` of the configuration.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Its name in reports and errors.
    pub name: String,
    /// Where the bytes come from.
    pub place: Place,
    /// Which column is which.
    pub columns: Columns,
    /// How many days old the newest period may be before the round is held.
    pub fresh_for_days: u32,
}

/// Where a source's bytes come from. A closed set: each kind is a file of this room.
#[derive(Debug, Clone)]
pub enum Place {
    /// A CSV file on this machine.
    Csv {
        /// The file.
        path: PathBuf,
        /// The byte between two cells.
        delimiter: u8,
        /// How its text is written.
        encoding: Encoding,
        /// Rows that it may have; `None` is as many as there are.
        max_rows: Option<u64>,
    },
    /// A sheet of a workbook on this machine: xlsx, xls, ods, or a web page saved as one.
    Sheet {
        /// The file.
        path: PathBuf,
        /// The sheet; the only one with the mapped columns when absent.
        sheet: Option<String>,
        /// How the report is laid out on it.
        layout: Layout,
    },
    /// A system that answers requests with JSON.
    HttpJson(Box<HttpJson>),
    /// A query to a database.
    Sql(Sql),
    /// A file with one row per dossier.
    Dossiers(Box<Dossiers>),
    /// A file that others bring.
    Dropped(Box<Dropped>),
}

/// The mapping of a statistics table. It belongs to the source, number format included; nothing is guessed per cell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Columns {
    /// Header of the column with the month (`2022-10`) or date (`2022-10-31`).
    pub period: String,
    /// Header of the column with the unit's official code; empty when the source has none.
    pub unit_code: String,
    /// Header of the column with the unit's name; empty when the source has none.
    pub unit_name: String,
    /// Header of the column with the service's code; empty when the source does not split by service.
    pub service_code: String,
    /// Measure → header.
    pub measures: Vec<(String, String)>,
    /// How counts are written.
    pub numbers: NumberFormat,
}

/// How a count is written in the source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum NumberFormat {
    /// Digits only: `1234`.
    Plain,
    /// A point between thousands: `1.234`.
    PointThousands,
    /// A comma between thousands: `1,234`.
    CommaThousands,
}

/// Stands behind a cell that holds a number with a fraction, so that `1.234` is never taken for a count in thousands.
pub const FRACTION: &str = " (a number)";

/// Figures that a source prints and that do not agree with its own rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Discrepancy {
    /// Stable name for programs: `total_differs`, `ratio_differs`.
    pub code: &'static str,
    /// The sentence for people, with place and figures.
    pub message: String,
    /// What to do.
    pub remedy: &'static str,
}

/// Why a source gave no table.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FetchError {
    /// The file or host could not be reached; a later try may do.
    #[error("source `{name}`: cannot read `{place}`")]
    Unreachable {
        /// The source.
        name: String,
        /// The file or address.
        place: String,
        /// The cause.
        source: std::io::Error,
    },
    /// The bytes are not a table that can be read.
    #[error("source `{name}`: {place}: {reason}\n  remedy: {remedy}")]
    Unreadable {
        /// The source.
        name: String,
        /// File and, where known, line and column.
        place: String,
        /// What is wrong.
        reason: String,
        /// What to do.
        remedy: String,
    },
}
