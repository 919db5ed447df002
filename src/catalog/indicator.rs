//! Indicators as definitions: which counts make the rate, and which causes explain a low one.

use std::fmt;
use std::sync::Arc;

/// Name of an indicator: `online_filing`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct IndicatorId(Arc<str>);

impl IndicatorId {
    /// The indicator spelt `id`.
    pub fn new(id: &str) -> Self {
        Self(id.into())
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for IndicatorId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Name of a count that a source delivers: `received_online`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Measure(Arc<str>);

impl Measure {
    /// The measure spelt `name`.
    pub fn new(name: &str) -> Self {
        Self(name.into())
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// How a rate behaves over the year; arithmetic and advice differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum IndicatorKind {
    /// Past dossiers cannot be repaired; only coming ones move the rate.
    Flow,
    /// Old dossiers can still be repaired (results can be digitised later).
    Backlog,
    /// Counts distinct services over the year; months cannot be added.
    Coverage,
}

impl IndicatorKind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Flow, Self::Backlog, Self::Coverage];

    /// The word a pack's `kind` key uses.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Flow => "flow",
            Self::Backlog => "backlog",
            Self::Coverage => "coverage",
        }
    }
}

/// What is measured and how a shortfall is explained.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Indicator {
    /// Its name in files, reports and reminder keys.
    pub id: IndicatorId,
    /// Vietnamese name as the targets say it.
    pub name: String,
    /// Short Vietnamese name for narrow places, lower case: `thanh toán`.
    pub short_name: String,
    /// How it behaves over the year.
    pub kind: IndicatorKind,
    /// The count on top.
    pub numerator: Measure,
    /// The count below.
    pub denominator: Measure,
    /// Below this denominator a unit is not assessed.
    pub minimum_volume: u64,
    /// What is counted, for "thiếu 106 …": `hồ sơ`, `giao dịch`, `dịch vụ`.
    pub counted: String,
    /// Whether a unit below a mere instruction (100 %) is reminded as if it were a target.
    pub remind_instruction: bool,
    /// Rule table, first match wins; a cause without condition always matches.
    pub causes: Vec<Cause>,
}

/// Why a figure is low and what has to be done about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cause {
    /// Its name in reports.
    pub id: String,
    /// When it applies; always, when absent.
    pub when: Option<Condition>,
    /// One sentence: the cause.
    pub text: String,
    /// One sentence in the imperative: the required action.
    pub action: String,
}

/// `measure` makes at least `at_least_percent` % of `of`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    /// The count on top.
    pub measure: Measure,
    /// The count below.
    pub of: Measure,
    /// Whole percent.
    pub at_least_percent: u64,
}
