//! The pure middle of a pass: from tables to decisions, in the order in which recipients are written to.

use std::collections::HashMap;

use chrono::NaiveDate;

use super::{Counts, Examined, Gate, Settings};
use crate::catalog::{Catalog, UnitId};
use crate::decision::{self, Decision, History};
use crate::evaluation::{self, Evaluation, Standing};
use crate::source::{FetchError, Fetched};

/// Figures and judgements of a round.
#[derive(Debug)]
pub(super) struct Judged {
    pub(super) examined: Examined,
    pub(super) province: Vec<Evaluation>,
    /// Units of one recipient stand together, those without recipient last.
    pub(super) evaluations: Vec<Evaluation>,
    pub(super) counts: Counts,
}

/// Reads, examines and judges what was fetched. Blocking: files are read and parsed here.
pub(super) fn judge(catalog: &Catalog, sources: &[Fetched], gate: &Gate) -> Result<Judged, FetchError> {
    let examined = gate.examine(catalog, sources)?;
    let observations = &examined.observations;
    let (mut evaluations, province) = evaluation::evaluate_all(catalog, observations, gate.until());
    let place = places(catalog);
    evaluations.sort_by_key(|evaluation| place.get(&evaluation.unit).copied().unwrap_or(usize::MAX));
    let counts = count(&evaluations);
    Ok(Judged { examined, province, evaluations, counts })
}

/// Decides on what was judged.
pub(super) fn decide(
    catalog: &Catalog,
    judged: &Judged,
    history: &History,
    settings: &Settings,
    as_of: NaiveDate,
) -> Vec<Decision> {
    decision::decide(catalog, &judged.evaluations, history, &settings.rules, as_of)
}

fn places(catalog: &Catalog) -> HashMap<UnitId, usize> {
    let received = catalog.recipients.iter().flat_map(|recipient| recipient.units.iter().cloned());
    received.enumerate().map(|(place, unit)| (unit, place)).collect()
}

fn count(evaluations: &[Evaluation]) -> Counts {
    let mut counts = Counts::default();
    for unit in evaluations.chunk_by(|one, next| one.unit == next.unit) {
        let assessed = unit.iter().any(|evaluation| !matches!(evaluation.standing, Standing::NotAssessed(_)));
        let below = unit.iter().any(|evaluation| matches!(evaluation.standing, Standing::Below(_)));
        counts.assessed += u64::from(assessed);
        counts.below += u64::from(below);
        counts.not_assessed += u64::from(!assessed);
    }
    counts
}
