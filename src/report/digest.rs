//! What a superior, or the leaders, must know of a set of units at a glance: who is below target, who fell below since,
//! who recovered, who moved most, who was not judged and why.

use std::cmp::Reverse;
use std::collections::{BTreeSet, HashMap, HashSet};

use chrono::NaiveDate;

use super::Change;
use crate::catalog::{BasisPoints, Catalog, Comparator, IndicatorId, UnitId};
use crate::evaluation::{Judged, Rate};

/// A head's promise whose day passed while the unit is still below target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BrokenPromise {
    /// Whose promise.
    pub unit: UnitId,
    /// On which indicator.
    pub indicator: IndicatorId,
    /// The day that was promised.
    pub promised_for: NaiveDate,
}

/// A set of units on one day, beside an earlier day where there is one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Digest {
    /// Units judged on at least one indicator.
    pub assessed: usize,
    /// Units below at least one target.
    pub below: usize,
    /// One per indicator that somebody was judged on, in the catalog's order.
    pub indicators: Vec<IndicatorDigest>,
    /// Units and indicators without a judgement, with the word of the reason, by code.
    pub not_assessed: Vec<(UnitId, IndicatorId, &'static str)>,
    /// Promises of these units that were not kept, the oldest first.
    pub promises: Vec<BrokenPromise>,
}

/// One indicator over the set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IndicatorDigest {
    /// Which.
    pub indicator: IndicatorId,
    /// From the summed counts of those judged, never from averaged rates.
    pub total: Option<Rate>,
    /// The same on the earlier day.
    pub total_before: Option<Rate>,
    /// Units judged on it.
    pub assessed: usize,
    /// Those below, the largest shortfall by share of the whole first, then by count, ties by code.
    pub below: Vec<Below>,
    /// Those below on the earlier day that are on target now, by code.
    pub recovered: Vec<UnitId>,
    /// Those whose rate rose, the largest rise first, ties by code. Only units judged on both days by one definition.
    pub improved: Vec<Improved>,
}

/// A unit below target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Below {
    /// Which.
    pub unit: UnitId,
    /// Where it stands.
    pub rate: Rate,
    /// What is asked.
    pub target: BasisPoints,
    /// How it is compared.
    pub comparator: Comparator,
    /// Further dossiers needed.
    pub missing: u64,
    /// On target on the earlier day.
    pub newly: bool,
}

/// A unit whose rate rose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Improved {
    /// Which.
    pub unit: UnitId,
    /// Where it stood.
    pub before: Rate,
    /// Where it stands.
    pub now: Rate,
    /// By how much.
    pub change: Change,
}

/// The digest of `units`. `before` is empty when there is no earlier day to compare with: then nobody fell below, recovered
/// or improved.
pub fn digest(
    catalog: &Catalog,
    units: &BTreeSet<UnitId>,
    before: &[Judged],
    now: &[Judged],
    promises: &[BrokenPromise],
) -> Digest {
    let code = |unit: &UnitId| catalog.unit(unit).map_or_else(|| unit.to_string(), |unit| unit.code.clone());
    let ours: Vec<&Judged> = now.iter().filter(|judged| units.contains(&judged.unit_id)).collect();
    let earlier: HashMap<(&UnitId, &IndicatorId), &Judged> =
        before.iter().map(|judged| ((&judged.unit_id, &judged.indicator), judged)).collect();
    let pairs: Vec<Pair<'_>> = ours
        .iter()
        .map(|now| Pair {
            now,
            before: earlier.get(&(&now.unit_id, &now.indicator)).copied(),
            code: code(&now.unit_id),
        })
        .collect();
    let indicators = catalog.indicators.iter().filter_map(|indicator| {
        let mut of_it: Vec<&Pair<'_>> = pairs.iter().filter(|pair| pair.now.indicator == indicator.id).collect();
        of_it.sort_by(|one, next| one.code.cmp(&next.code));
        of_indicator(&indicator.id, &of_it)
    });
    let distinct = |of: &dyn Fn(&Judged) -> bool| {
        pairs.iter().filter(|pair| of(pair.now)).map(|pair| &pair.now.unit_id).collect::<HashSet<_>>().len()
    };
    let mut without: Vec<&Pair<'_>> = pairs.iter().filter(|pair| !is_assessed(pair.now)).collect();
    without.sort_by(|one, next| one.code.cmp(&next.code));
    let mut promises: Vec<BrokenPromise> =
        promises.iter().filter(|promise| units.contains(&promise.unit)).cloned().collect();
    promises.sort_by_key(|promise| (promise.promised_for, code(&promise.unit)));
    Digest {
        assessed: distinct(&is_assessed),
        below: distinct(&|judged| judged.standing == "below"),
        indicators: indicators.collect(),
        not_assessed: without
            .iter()
            .map(|pair| (pair.now.unit_id.clone(), pair.now.indicator.clone(), pair.now.standing))
            .collect(),
        promises,
    }
}

/// A unit's judgement on both days.
struct Pair<'a> {
    now: &'a Judged,
    before: Option<&'a Judged>,
    code: String,
}

impl Pair<'_> {
    fn stood(&self, word: &str) -> bool {
        self.before.is_some_and(|before| before.standing == word)
    }

    fn below(&self) -> Option<Below> {
        let Judged { unit_id, target, comparator, missing, .. } = self.now;
        (self.now.standing == "below").then_some(())?;
        Some(Below {
            unit: unit_id.clone(),
            rate: rate(self.now)?,
            target: (*target)?,
            comparator: *comparator,
            missing: (*missing)?,
            newly: self.stood("met"),
        })
    }

    fn improved(&self) -> Option<Improved> {
        let earlier = self.before.filter(|before| comparable(before, self.now))?;
        let (before, now) = (rate(earlier)?, rate(self.now)?);
        let change = Change::between(before, now).filter(|change| change.is_rise())?;
        Some(Improved { unit: self.now.unit_id.clone(), before, now, change })
    }
}

/// `pairs` are in order of their codes; sorts are stable, so ties stay so.
fn of_indicator(indicator: &IndicatorId, pairs: &[&Pair<'_>]) -> Option<IndicatorDigest> {
    let assessed = pairs.iter().filter(|pair| is_assessed(pair.now)).count();
    if assessed == 0 {
        return None;
    }
    let mut below: Vec<Below> = pairs.iter().filter_map(|pair| pair.below()).collect();
    below.sort_by_key(|below| Reverse((Rate::new(below.missing, below.rate.denominator()), below.missing)));
    let mut improved: Vec<Improved> = pairs.iter().filter_map(|pair| pair.improved()).collect();
    improved.sort_by_key(|improved| Reverse(improved.change));
    let recovered = pairs.iter().filter(|pair| pair.stood("below") && pair.now.standing == "met");
    let both = || pairs.iter().filter_map(|pair| pair.before.filter(|before| comparable(before, pair.now)));
    let whole = both().count() == assessed;
    Some(IndicatorDigest {
        indicator: indicator.clone(),
        total: sum(pairs.iter().map(|pair| pair.now)),
        // Sums over different units must not be compared.
        total_before: if whole { sum(both()) } else { None },
        assessed,
        below,
        recovered: recovered.map(|pair| pair.now.unit_id.clone()).collect(),
        improved,
    })
}

/// The rate of a judgement.
pub(super) fn rate(judged: &Judged) -> Option<Rate> {
    Rate::new(judged.numerator?, judged.denominator?)
}

/// Whether there is a judgement at all.
pub(super) fn is_assessed(judged: &Judged) -> bool {
    matches!(judged.standing, "met" | "below")
}

/// Whether a change from one to the other means anything: both judged, by one definition.
pub(super) fn comparable(before: &Judged, now: &Judged) -> bool {
    is_assessed(before) && is_assessed(now) && before.version == now.version
}

/// From summed counts of what was judged; none when definitions are mixed, for their counts do not add up.
fn sum<'a>(judged: impl Iterator<Item = &'a Judged>) -> Option<Rate> {
    let judged: Vec<&Judged> = judged.filter(|judged| is_assessed(judged)).collect();
    if judged.iter().any(|one| judged.first().is_some_and(|first| first.version != one.version)) {
        return None;
    }
    let total = |count: fn(&Judged) -> Option<u64>| {
        judged.iter().filter_map(|judged| count(judged)).fold(0_u64, u64::saturating_add)
    };
    Rate::new(total(|judged| judged.numerator), total(|judged| judged.denominator))
}
