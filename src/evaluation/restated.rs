//! What a reminder said beside what the figures of the same day say now: the list that corrections are made from.

use std::collections::{BTreeSet, HashMap};

use super::Judged;
use crate::catalog::{IndicatorId, UnitId};

/// A unit that was reminded on figures that were corrected since.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restated {
    /// What the reminder rested on.
    pub said: Judged,
    /// What is true now; `None` when the unit or the indicator is no longer judged at all.
    pub now: Option<Judged>,
    /// Why it is listed.
    pub why: Change,
}

/// How a corrected figure changes what was said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// The unit was on target, or could not be judged: it should not have been reminded.
    NotBelow,
    /// It was below, but another number was missing.
    OtherNumber,
}

impl Change {
    /// Its name in outputs.
    pub const fn word(self) -> &'static str {
        match self {
            Self::NotBelow => "not_below",
            Self::OtherNumber => "other_number",
        }
    }
}

/// Compares what the `reminded` units and indicators were told with the judgements of the same day `now`. A missing
/// count that moved by more than `percent` of what was said is material.
pub fn restated(
    said: &[Judged],
    now: &[Judged],
    reminded: &BTreeSet<(UnitId, IndicatorId)>,
    percent: u64,
) -> Vec<Restated> {
    let key = |judged: &Judged| (judged.unit_id.clone(), judged.indicator.clone());
    let now: HashMap<_, &Judged> = now.iter().map(|judged| (key(judged), judged)).collect();
    let told = said.iter().filter(|said| said.standing == "below" && reminded.contains(&key(said)));
    let changed = told.filter_map(|said| {
        let now = now.get(&key(said)).copied();
        let why = change(said, now, percent)?;
        Some(Restated { said: said.clone(), now: now.cloned(), why })
    });
    changed.collect()
}

fn change(said: &Judged, now: Option<&Judged>, percent: u64) -> Option<Change> {
    let Some(now) = now.filter(|now| now.standing == "below") else { return Some(Change::NotBelow) };
    let (then, today) = (said.missing.unwrap_or(0), now.missing.unwrap_or(0));
    let moved = u128::from(then.abs_diff(today)) * 100 > u128::from(then) * u128::from(percent);
    moved.then_some(Change::OtherNumber)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::{BasisPoints, Comparator};

    fn judged(unit: &str, standing: &'static str, missing: Option<u64>) -> Judged {
        Judged {
            unit_id: UnitId::new(unit),
            indicator: IndicatorId::new("online_filing"),
            version: String::new(),
            numerator: Some(40),
            denominator: Some(200),
            target: Some(BasisPoints(5_000)),
            comparator: Comparator::AtLeast,
            standing,
            missing,
            demanded: Some(BasisPoints(5_000).into()),
            trend: None,
            turns_on_one: false,
            cause: None,
            what_if: None,
            interim_target: None,
            at_rate: None,
        }
    }

    #[test]
    fn only_reminded_units_whose_figures_changed_materially_are_listed() {
        let said = ["a", "b", "c", "d", "e"].map(|unit| judged(unit, "below", Some(60)));
        let now = [
            judged("a", "met", None),
            judged("b", "below", Some(66)),
            judged("c", "below", Some(67)),
            judged("d", "no_data", None),
        ];
        let reminded = |units: &[&str]| {
            units.iter().map(|unit| (UnitId::new(unit), IndicatorId::new("online_filing"))).collect::<BTreeSet<_>>()
        };
        let listed = |units: &[&str]| {
            let found = restated(&said, &now, &reminded(units), 10);
            found.into_iter().map(|found| format!("{} {}", found.said.unit_id, found.why.word())).collect::<Vec<_>>()
        };
        assert_eq!(
            listed(&["a", "b", "c", "d", "e"]),
            ["a not_below", "c other_number", "d not_below", "e not_below"],
            "by exactly 10 % is not material"
        );
        assert_eq!(listed(&["b"]), Vec::<String>::new(), "who was not reminded was told nothing");
        assert_eq!(restated(&said, &said, &reminded(&["a", "b"]), 0), vec![], "the same figures are no correction");
    }
}
