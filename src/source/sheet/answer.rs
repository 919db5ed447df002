//! What parent and worker say to each other.

use serde::{Deserialize, Serialize};

use super::Layout;
use super::place::{Spot, cell_name, column_name};
use crate::source::Columns;

/// What the worker needs to know before it sees a file.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Setup {
    pub(super) columns: Columns,
    pub(super) layout: Layout,
    pub(super) sheet: Option<String>,
}

/// Why a file gives no table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Failure {
    pub(super) sheet: Option<String>,
    pub(super) spot: Option<Spot>,
    pub(super) reason: String,
    pub(super) remedy: String,
}

impl Failure {
    pub(super) fn new(reason: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { sheet: None, spot: None, reason: reason.into(), remedy: remedy.into() }
    }

    pub(super) fn encrypted() -> Self {
        Self::new("the workbook is protected by a password", "save it without a password")
    }

    /// On this sheet.
    pub(super) fn on(self, sheet: &str) -> Self {
        Self { sheet: Some(sheet.to_owned()), ..self }
    }

    /// At this place.
    pub(super) fn at(self, spot: Spot) -> Self {
        Self { spot: Some(spot), ..self }
    }
}

/// What was read of a sheet beside its rows.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Findings {
    /// The sheet's name; a web page has none.
    pub(super) sheet: Option<String>,
    /// Columns of the sheet itself; what stands behind them was added.
    pub(super) width: usize,
    /// What the added columns are, for people.
    pub(super) added: Vec<String>,
    /// Whether the sheet holds unit codes as numbers, which have no leading zeros.
    pub(super) numeric_codes: bool,
    /// Printed figures that do not agree with the rows: code and sentence.
    pub(super) doubts: Vec<Differs>,
}

/// Printed figures of one kind that do not agree with the rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Differs {
    pub(super) ratio: bool,
    /// The first of them.
    pub(super) spot: Spot,
    pub(super) what: String,
    pub(super) cells: u64,
}

impl Findings {
    /// How people call a cell of the table: `cell C7`, or what an added column is.
    pub(super) fn cell(&self, line: u64, column: usize) -> String {
        if let Some(added) = column.checked_sub(self.width).and_then(|at| self.added.get(at)) {
            return format!("row {line}, {added}");
        }
        let row = u32::try_from(line.saturating_sub(1)).unwrap_or(u32::MAX);
        format!("cell {}", cell_name(row, u32::try_from(column).unwrap_or(u32::MAX)))
    }
}

/// What an added sum is, for people.
pub(super) fn sum_of(columns: &[u32]) -> String {
    match columns {
        [one] => format!("column {}", column_name(*one)),
        _ => format!(
            "sum of columns {}",
            columns.iter().map(|column| column_name(*column)).collect::<Vec<_>>().join(", ")
        ),
    }
}

/// An answer: the head as JSON behind its length, then the CSV.
pub(super) fn pack(answer: &Result<(Findings, String), Failure>) -> std::io::Result<Vec<u8>> {
    let (head, text) = match answer {
        Ok((findings, text)) => (serde_json::to_vec(&Ok::<_, Failure>(findings))?, text.as_str()),
        Err(failure) => (serde_json::to_vec(&Err::<Findings, _>(failure))?, ""),
    };
    let length = u32::try_from(head.len()).map_err(std::io::Error::other)?;
    Ok([&length.to_be_bytes(), head.as_slice(), text.as_bytes()].concat())
}

/// The answer in `bytes`; `None` when no worker said that.
pub(super) fn unpack(mut bytes: Vec<u8>) -> Option<Result<(Findings, String), Failure>> {
    let (length, rest) = bytes.split_first_chunk::<4>()?;
    let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
    let head: Result<Findings, Failure> = serde_json::from_slice(rest.get(..length)?).ok()?;
    bytes.drain(..4 + length);
    let text = String::from_utf8(bytes).ok()?;
    Some(head.map(|findings| (findings, text)))
}
