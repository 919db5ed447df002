//! Figures that a program pushes: what was taken, and why not.

use serde::Serialize;
use utoipa::ToSchema;

use crate::observation::{Doubt, Offered};
use crate::source::intake::Reason;

/// What became of pushed figures that are in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Taken {
    /// `taken`.
    pub result: &'static str,
    /// The source.
    pub source: String,
    /// Of the bytes that were sent.
    pub sha256: String,
    /// Rows in it.
    pub rows: u64,
    /// Those of them that were refused.
    pub refused_rows: usize,
    /// Units with figures.
    pub units: usize,
    /// Months that it speaks of: `2022-10`.
    pub months: Vec<String>,
    /// What would hold a round now.
    pub doubts: Vec<PushDoubt>,
}

/// What was pushed is in force already.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Unchanged {
    /// `unchanged`.
    pub result: &'static str,
    /// The source.
    pub source: String,
    /// Of the bytes that were sent.
    pub sha256: String,
}

/// What was pushed was set aside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct SetAside {
    /// `refused`.
    pub result: &'static str,
    /// The source.
    pub source: String,
    /// Why; at least one reason.
    pub reasons: Vec<PushReason>,
}

/// Why a file was set aside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PushReason {
    /// A stable name: `unreadable`, `refused_rows`, `empty`, `conflicting_rows`, `row`, `too_large`, `too_many_rows` or
    /// `not_a_file`.
    pub code: &'static str,
    /// File and, where known, line and column; empty when it is about the whole file.
    #[serde(rename = "where")]
    pub place: String,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub hint: String,
}

/// What would hold a round.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PushDoubt {
    /// A stable name.
    pub code: &'static str,
    /// The sentence for people.
    pub message: String,
    /// What to do.
    pub hint: String,
}

impl Taken {
    /// Of the bytes with this hash.
    pub fn of(source: &str, sha256: String, offered: &Offered) -> Self {
        Self {
            result: "taken",
            source: source.to_owned(),
            sha256,
            rows: offered.rows,
            refused_rows: offered.refusals.len(),
            units: offered.units,
            months: offered.months.iter().map(ToString::to_string).collect(),
            doubts: offered.doubts.iter().map(PushDoubt::from).collect(),
        }
    }
}

impl From<&Doubt> for PushDoubt {
    fn from(doubt: &Doubt) -> Self {
        Self { code: doubt.code, message: doubt.message.clone(), hint: doubt.remedy.clone() }
    }
}

impl From<&Reason> for PushReason {
    fn from(reason: &Reason) -> Self {
        Self {
            code: reason.code,
            place: reason.place.clone(),
            message: reason.message.clone(),
            hint: reason.remedy.clone(),
        }
    }
}
