//! Names of units in the figures that lead to no unit.

use serde::Serialize;
use utoipa::ToSchema;

use crate::app::names::Open;
use crate::catalog::Candidate;
use crate::observation::Stranger;

/// What a source calls a unit that the catalog does not know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct StrangerLine {
    /// Name of the source.
    pub source: String,
    /// The code as written, maybe empty.
    pub code: String,
    /// The name as written, maybe empty.
    pub name: String,
    /// `unknown`, `ambiguous`, `contradiction`, `divided` or `dissolved`.
    pub why: &'static str,
    /// Rows about it.
    pub rows: u64,
    /// Place of the first one.
    pub first: String,
    /// The newest day on which the directory was asked for it.
    #[schema(format = Date)]
    pub period_end: String,
    /// Units that may be meant; only alike, and never used.
    pub candidates: Vec<CandidateLine>,
}

/// A unit that may be meant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CandidateLine {
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
}

impl From<Candidate> for CandidateLine {
    fn from(candidate: Candidate) -> Self {
        Self { code: candidate.code, name: candidate.name }
    }
}

impl From<Open> for StrangerLine {
    fn from(Open { stranger, candidates }: Open) -> Self {
        let Stranger { source, code, name, why, rows, first, asked_on } = stranger;
        let candidates = candidates.into_iter().map(CandidateLine::from).collect();
        Self { source, code, name, why: why.word(), rows, first, period_end: asked_on.to_string(), candidates }
    }
}
