//! Indicators as definitions: which counts make the rate, and which causes explain a low one.

use std::fmt;
use std::sync::Arc;

use super::condition::Condition;

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

/// Which months a rate is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Window {
    /// All months since 1 January.
    #[default]
    Cumulative,
    /// The newest month alone.
    Month,
}

impl Window {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Cumulative, Self::Month];

    /// The word a pack's `window` key uses.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Cumulative => "cumulative",
            Self::Month => "month",
        }
    }
}

/// Which day puts a dossier into a period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Basis {
    /// The day it was received.
    Received,
    /// The day it was resolved.
    Resolved,
}

impl Basis {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Received, Self::Resolved];

    /// The word a pack's `basis` key uses.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::Resolved => "resolved",
        }
    }
}

/// One way to define an indicator: laws and plans count the same thing differently, so each way has its version, and a
/// target names the one it applies to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Definition {
    /// `letter2022`, `qd766`; empty where there is only one.
    pub version: String,
    /// Which months it counts.
    pub window: Window,
    /// Which day counts; documentation, checked against the standard measures.
    pub basis: Option<Basis>,
    /// Further counts that are added on top: payments on the provincial portal beside those on the national one.
    pub also: Vec<Measure>,
    /// Further counts that its causes ask for, beside those every pack knows ([`KNOWN_MEASURES`]).
    pub measures: Vec<Measure>,
}

/// What is measured and how a shortfall is explained.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Indicator {
    /// Its name in files, reports and reminder keys; all definitions of one indicator share it.
    pub id: IndicatorId,
    /// Which definition of it this is.
    pub definition: Definition,
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
    /// Who is responsible for the action: `Bộ phận một cửa`.
    pub role: String,
    /// What would have counted, had it been done the required way.
    pub what_if: Option<WhatIf>,
}

/// Counts that a cause leaves out of the rate: payments by QR code beside those on the portal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WhatIf {
    /// The counts that would have been added on top.
    pub count: Vec<Measure>,
    /// What they are, as it stands behind "Nếu tính cả": `mã QR, chuyển khoản`.
    pub name: String,
}

/// Measures that conditions may ask for without declaring them.
pub const KNOWN_MEASURES: [&str; 15] = [
    "received",
    "received_online",
    "results_due",
    "results_electronic",
    "results_digitised",
    "results_valid",
    "fee_transactions",
    "paid_on_portal",
    "paid_on_provincial_portal",
    "paid_cashless_other",
    "paid_cash",
    "unpaid_or_exempt",
    "not_online",
    "services_online",
    "services_online_with_dossiers",
];

impl Indicator {
    /// Every measure it is made of, its causes included.
    pub fn measures(&self) -> impl Iterator<Item = &Measure> {
        let causes = self.causes.iter();
        let asked = causes.clone().filter_map(|cause| cause.when.as_ref()).flat_map(Condition::measures);
        let added = causes.filter_map(|cause| cause.what_if.as_ref()).flat_map(|what_if| &what_if.count);
        let own = [&self.numerator, &self.denominator].into_iter().chain(&self.definition.also);
        own.chain(asked).chain(added)
    }

    /// Name and version: `online_filing@qd766`; the name alone where there is no version.
    pub fn versioned(&self) -> String {
        versioned(&self.id, &self.definition.version)
    }
}

/// `online_filing@qd766`.
pub(super) fn versioned(id: &IndicatorId, version: &str) -> String {
    if version.is_empty() { id.to_string() } else { format!("{id}@{version}") }
}

impl Measure {
    /// Which day counts for a standard measure; `None` for others and for services.
    pub fn basis(&self) -> Option<Basis> {
        match self.as_str() {
            "received" | "received_online" => Some(Basis::Received),
            "results_due" | "results_electronic" => Some(Basis::Resolved),
            _ => None,
        }
    }
}
