//! Rounds: which ran, as of when, and what they found.

use serde::Serialize;
use utoipa::ToSchema;

use super::time;
use crate::pass::{HeldRound, Ran, Recorded, Release};

/// A round.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct RoundLine {
    /// Its id.
    pub run_id: String,
    /// As of when it judged.
    #[schema(format = Date)]
    pub as_of: String,
    /// The last day of its figures.
    #[schema(format = Date)]
    pub figures_until: Option<String>,
    /// `running`, `held` or `done`.
    pub state: String,
    /// When it began.
    #[schema(format = DateTime)]
    pub started_at: String,
    /// When it ended.
    #[schema(format = DateTime)]
    pub finished_at: Option<String>,
    /// What it found in the whole province; null for a token that is confined to a unit.
    pub units: Option<Counted>,
}

/// How many units were judged how.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct Counted {
    /// Judged on at least one indicator.
    pub assessed: u64,
    /// Below at least one target.
    pub below: u64,
    /// Judged on none.
    pub not_assessed: u64,
    /// Reminded.
    pub reminded: u64,
}

impl RoundLine {
    /// Of a round; its counts are told to whoever sees the whole province.
    pub fn of(ran: &Ran, whole: bool) -> Self {
        let counted = Counted {
            assessed: ran.counts.assessed,
            below: ran.counts.below,
            not_assessed: ran.counts.not_assessed,
            reminded: ran.reminded,
        };
        Self {
            run_id: ran.run_id.clone(),
            as_of: ran.as_of.clone(),
            figures_until: ran.until.clone(),
            state: ran.state.clone(),
            started_at: time(ran.started_at),
            finished_at: ran.finished_at.map(time),
            units: whole.then_some(counted),
        }
    }
}

/// A round that the quality gate held.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct HeldLine {
    /// Its id.
    pub run_id: String,
    /// As of when it would have judged.
    #[schema(format = Date)]
    pub as_of: String,
    /// When it ran.
    #[schema(format = DateTime)]
    pub started_at: String,
    /// Why it was held.
    pub doubts: Vec<DoubtLine>,
    /// A person's word on it.
    pub release: Option<ReleaseLine>,
}

/// Why figures are doubted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct DoubtLine {
    /// Its stable name.
    pub code: String,
    /// The source; empty for several together.
    pub source: String,
    /// The sentence for people.
    pub message: String,
    /// What to do.
    pub hint: String,
}

/// Who let the figures of a held round through, when and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ReleaseLine {
    /// Who.
    pub by: String,
    /// When.
    #[schema(format = DateTime)]
    pub at: String,
    /// Why.
    pub note: String,
}

impl From<&Recorded> for DoubtLine {
    fn from(doubt: &Recorded) -> Self {
        let Recorded { source, code, message, remedy } = doubt.clone();
        Self { code, source, message, hint: remedy }
    }
}

impl From<&Release> for ReleaseLine {
    fn from(release: &Release) -> Self {
        Self { by: release.by.clone(), at: time(release.at), note: release.note.clone() }
    }
}

impl From<&HeldRound> for HeldLine {
    fn from(round: &HeldRound) -> Self {
        Self {
            run_id: round.run_id.clone(),
            as_of: round.as_of.to_string(),
            started_at: time(round.started_at),
            doubts: round.doubts.iter().map(DoubtLine::from).collect(),
            release: round.release.as_ref().map(ReleaseLine::from),
        }
    }
}
