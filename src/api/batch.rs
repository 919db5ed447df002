//! The batch that waits for a second person, beside the one before.

use serde::Serialize;
use utoipa::ToSchema;

use crate::catalog::Catalog;
use crate::evaluation::Rate;
use crate::pass::{Addressee, Asked, Moved, Review};
use crate::report::Move;

/// How many of many are called by name.
const NAMED: usize = 10;

/// A batch that waits. Whoever approves it sends its `hash` back: it stands for every address and word in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Batch {
    /// The round, or what a batch of digests is called.
    pub run_id: String,
    /// As of when.
    pub as_of: String,
    /// `approval` or `guard`.
    pub reason: String,
    /// Of all its addresses and words.
    pub hash: String,
    /// Who composed it.
    pub composed_by: Vec<String>,
    /// Messages that wait.
    pub messages: usize,
    /// People and offices that they are for.
    pub recipients: usize,
    /// Whether there is no batch before it.
    pub is_first: bool,
    /// Whom the batch before did not reach, or reached elsewhere.
    pub new: Addressees,
    /// Whom only the batch before reached.
    pub dropped: Addressees,
    /// Figures that moved since the last round that was let through; null for digests and without an earlier round.
    pub moved: Option<MovedFigures>,
}

/// Some recipients: how many, and the first by name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Addressees {
    /// All.
    pub count: usize,
    /// The first of them.
    pub first: Vec<Expected>,
}

/// Somebody a message is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Expected {
    /// The office: `07201/head`.
    pub recipient: String,
    /// Official code of the first unit that it is about; empty when it is about the whole province.
    pub unit_code: String,
    /// Its name.
    pub unit: String,
    /// How the office is written.
    pub title: String,
    /// Masked.
    pub address: String,
    /// Reached by the batch before under another address.
    pub at_another_address: bool,
}

/// Units whose figures moved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct MovedFigures {
    /// Last day of the figures that these are compared with.
    #[schema(format = Date)]
    pub since: String,
    /// From which change on it is told, in percent of what it was.
    pub over_percent: u64,
    /// All.
    pub count: usize,
    /// The largest moves.
    pub first: Vec<MovedUnit>,
}

/// A unit whose figure moved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct MovedUnit {
    /// Official code.
    pub unit_code: String,
    /// Name.
    pub unit: String,
    /// The indicator.
    pub indicator: String,
    /// `212/640`.
    pub before: String,
    /// `320/640`.
    pub now: String,
    /// Percentage points with a sign.
    #[schema(example = "+16.88")]
    pub points: String,
}

/// What a person sees of the batch `asked` before saying yes.
pub fn batch(asked: &Asked, review: &Review, catalog: &Catalog, over_percent: u64) -> Batch {
    let Review { composed_by, messages, recipients, is_first, new, dropped, moved, .. } = review;
    Batch {
        run_id: asked.run_id.clone(),
        as_of: asked.as_of.clone(),
        reason: asked.reason.clone(),
        hash: asked.hash.clone(),
        composed_by: composed_by.clone(),
        messages: *messages,
        recipients: *recipients,
        is_first: *is_first,
        new: Addressees::of(new, catalog),
        dropped: Addressees::of(dropped, catalog),
        moved: moved.as_ref().map(|moved| MovedFigures::of(moved, catalog, over_percent)),
    }
}

impl Addressees {
    fn of(all: &[Addressee], catalog: &Catalog) -> Self {
        let first = all.iter().take(NAMED).map(|addressee| Expected::of(addressee, catalog));
        Self { count: all.len(), first: first.collect() }
    }
}

impl Expected {
    fn of(addressee: &Addressee, catalog: &Catalog) -> Self {
        let unit = catalog.names.find(&addressee.unit_code, "").ok();
        let unit = unit.and_then(|unit| catalog.unit(unit)).map(|unit| unit.name.clone());
        let known = catalog.recipients.iter().find(|known| known.id == addressee.recipient_id);
        Self {
            recipient: addressee.recipient_id.clone(),
            unit_code: addressee.unit_code.clone(),
            unit: unit.unwrap_or_default(),
            title: known.map(|known| known.title.clone()).unwrap_or_default(),
            address: addressee.address.clone(),
            at_another_address: addressee.at_another_address,
        }
    }
}

impl MovedFigures {
    fn of(moved: &Moved, catalog: &Catalog, over_percent: u64) -> Self {
        let first = moved.moves.iter().take(NAMED).map(|one| MovedUnit::of(one, catalog));
        Self { since: moved.since.to_string(), over_percent, count: moved.moves.len(), first: first.collect() }
    }
}

impl MovedUnit {
    fn of(moved: &Move, catalog: &Catalog) -> Self {
        let unit = catalog.unit(&moved.unit);
        let fraction = |rate: Rate| format!("{}/{}", rate.numerator(), rate.denominator());
        Self {
            unit_code: unit.map_or_else(|| moved.unit.to_string(), |unit| unit.code.clone()),
            unit: unit.map(|unit| unit.name.clone()).unwrap_or_default(),
            indicator: moved.indicator.to_string(),
            before: fraction(moved.before),
            now: fraction(moved.now),
            points: moved.change.decimal('.'),
        }
    }
}
