//! Names of units in the figures that lead to no unit.

use serde::Serialize;
use utoipa::ToSchema;

use crate::catalog::{Candidate, Catalog, Heir};
use crate::observation::{Stranger, Stray};

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

/// Those of `met` that the catalog still does not know on the day it was asked.
pub fn strangers(catalog: &Catalog, met: Vec<Stranger>) -> Vec<StrangerLine> {
    met.into_iter().filter_map(|stranger| StrangerLine::of(catalog, stranger)).collect()
}

impl StrangerLine {
    fn of(catalog: &Catalog, stranger: Stranger) -> Option<Self> {
        let (code, name, day) = (stranger.code.as_str(), stranger.name.as_str(), stranger.asked_on);
        let found = catalog.find_on(code, name, day);
        let heirs = match found.map(|id| catalog.heir(id)) {
            Ok(Heir::Itself | Heir::One(_)) => return None,
            Ok(Heir::Several(heirs)) => heirs,
            Ok(Heir::Nobody) => Vec::new(),
            Err(_) => {
                let candidates = catalog.candidates(code, name, day);
                return Some(Self::with(stranger, candidates));
            }
        };
        let why = if heirs.is_empty() { Stray::Dissolved } else { Stray::Divided };
        let present = catalog.as_of();
        let units = heirs.iter().filter_map(|id| catalog.unit(id));
        let candidates = units.map(|unit| catalog.candidate(unit, present)).collect();
        Some(Self::with(Stranger { why, ..stranger }, candidates))
    }

    fn with(stranger: Stranger, candidates: Vec<Candidate>) -> Self {
        let Stranger { source, code, name, why, rows, first, asked_on } = stranger;
        let candidates = candidates.into_iter().map(CandidateLine::from).collect();
        Self { source, code, name, why: why.word(), rows, first, period_end: asked_on.to_string(), candidates }
    }
}
