//! Two sources, one measure: what they say of the same units and months is compared, and where it differs too much the
//! unit is not blamed until somebody knows why.

use std::collections::BTreeMap;

use super::sums::{Fold, Sums};
use super::{Month, Observations};
use crate::catalog::{Catalog, Heir, Indicator, Measure, UnitId};
use crate::source::Fetched;

/// How many units one sentence names.
const NAMED: usize = 10;

/// One `[[reconcile]]` of the configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reconcile {
    /// The source that is judged by.
    pub first: String,
    /// The one it is compared with; its counts of the measure are in no figure.
    pub second: String,
    /// The measure that both have.
    pub measure: String,
    /// How far they may lie apart, in percent of the larger count.
    pub max_percent: u64,
}

/// Two counts that lie too far apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Which comparison.
    pub of: Reconcile,
    /// The unit; `None` is the sum of the units that both sources have.
    pub unit: Option<UnitId>,
    /// What the first source says.
    pub first: u64,
    /// What the second says.
    pub second: u64,
}

/// The counts of second sources while they are read.
#[derive(Debug, Default)]
pub(super) struct Beside {
    pairs: Vec<Pair>,
}

#[derive(Debug)]
struct Pair {
    of: Reconcile,
    measure: usize,
    tables: (usize, usize),
    /// By unit and month.
    sums: Sums,
}

impl Beside {
    /// The comparisons whose sources and measure are there.
    pub(super) fn new(asked: &[Reconcile], sources: &[Fetched], observations: &Observations) -> Self {
        let table = |name: &str| sources.iter().position(|fetched| fetched.settings().name == name);
        let pair = |of: &Reconcile| {
            let measure = observations.measure(&Measure::new(&of.measure))?;
            let tables = (table(&of.first)?, table(&of.second)?);
            // Services count once over the year; months of them cannot be compared.
            (!observations.is_coverage(measure)).then(|| Pair { of: of.clone(), measure, tables, sums: Sums::new(1) })
        };
        Self { pairs: asked.iter().filter_map(pair).collect() }
    }

    /// Whether nothing is compared.
    pub(super) fn is_empty(&self) -> bool {
        self.pairs.is_empty()
    }

    /// Keeps a count that is only compared; `false` when it is not one.
    pub(super) fn keep(&mut self, table: usize, measure: usize, unit_and_month: (u32, u32), count: u64) -> bool {
        let mut kept = false;
        for pair in self.pairs.iter_mut().filter(|pair| pair.tables.1 == table && pair.measure == measure) {
            let slot = pair.sums.slot(unit_and_month);
            pair.sums.add(slot, 0, count, Fold::Sum);
            kept = true;
        }
        kept
    }

    /// What lies too far apart. Compared are units that both sources have, over the months that both have reached.
    pub(super) fn differences(mut self, catalog: &Catalog, observations: &Observations) -> Vec<Difference> {
        self.pairs.iter_mut().for_each(|pair| pair.sums.settle());
        self.pairs.iter().flat_map(|pair| pair.differences(catalog, observations)).collect()
    }
}

impl Pair {
    fn differences(&self, catalog: &Catalog, observations: &Observations) -> Vec<Difference> {
        let newest = |table: usize| observations.snapshots.get(table).and_then(|snapshot| snapshot.newest);
        let (Some(first), Some(second)) = (newest(self.tables.0), newest(self.tables.1)) else { return Vec::new() };
        let until = first.min(second);
        let mut found = Vec::new();
        let mut total = (0_u64, 0_u64);
        for (unit, first, second) in self.counts(catalog, observations, until) {
            total = (total.0.saturating_add(first), total.1.saturating_add(second));
            if self.too_far(first, second) {
                found.push(Difference { of: self.of.clone(), unit: Some(unit), first, second });
            }
        }
        if self.too_far(total.0, total.1) {
            found.insert(0, Difference { of: self.of.clone(), unit: None, first: total.0, second: total.1 });
        }
        found
    }

    /// Both counts of every unit that both sources have, those of units that are no more with who took over.
    fn counts(&self, catalog: &Catalog, observations: &Observations, until: Month) -> Vec<(UnitId, u64, u64)> {
        let mut counts: BTreeMap<UnitId, (Option<u64>, Option<u64>)> = BTreeMap::new();
        let add = |sum: &mut Option<u64>, count: u64| *sum = Some(sum.unwrap_or(0).saturating_add(count));
        for (id, number) in observations.numbered_units() {
            let unit = match catalog.heir(id) {
                Heir::One(heir) => heir,
                Heir::Itself | Heir::Several(_) | Heir::Nobody => id.clone(),
            };
            let sums = counts.entry(unit).or_default();
            for (_, counts) in observations.months_of(number).filter(|(month, _)| *month <= until) {
                if let Some(count) = counts.get(self.measure) {
                    add(&mut sums.0, count);
                }
            }
            for (_, slot) in self.sums.of(number).filter(|(month, _)| *month <= until.number()) {
                if let Some(count) = self.sums.get(slot, 0) {
                    add(&mut sums.1, count);
                }
            }
        }
        counts.into_iter().filter_map(|(unit, (first, second))| Some((unit, first?, second?))).collect()
    }

    fn too_far(&self, first: u64, second: u64) -> bool {
        let apart = u128::from(first.abs_diff(second)) * 100;
        apart > u128::from(self.of.max_percent) * u128::from(first.max(second))
    }
}

impl Observations {
    /// Whether two sources differ too much about what `indicator` of `unit` is made of.
    pub fn differs(&self, unit: &UnitId, indicator: &Indicator) -> bool {
        let parts = || [&indicator.numerator, &indicator.denominator].into_iter().chain(&indicator.definition.also);
        self.differences.iter().any(|difference| {
            difference.unit.as_ref().is_none_or(|other| other == unit)
                && parts().any(|measure| measure.as_str() == difference.of.measure)
        })
    }
}

/// One paragraph per comparison that found a difference, for those who look after the sources.
pub fn difference_alarms(catalog: &Catalog, differences: &[Difference]) -> Vec<String> {
    let counts = |difference: &Difference| {
        let called = difference.unit.as_ref().map_or_else(|| "in total".to_owned(), |unit| catalog.last_name(unit));
        format!("{called} {} against {}", difference.first, difference.second)
    };
    let alarm = |of_pair: &[Difference]| {
        let Reconcile { first, second, measure, max_percent } = &of_pair.first()?.of;
        let named: Vec<String> = of_pair.iter().take(NAMED).map(counts).collect();
        let more = of_pair.len().saturating_sub(NAMED);
        let more = if more == 0 { String::new() } else { format!(" and {more} more") };
        Some(format!(
            "sources `{first}` and `{second}` differ in `{measure}` by more than {max_percent} %: {}{more}; what is made of it \
             is not judged there (sources_differ)\n  remedy: find out which source is right; the next round compares again",
            named.join("; "),
        ))
    };
    differences.chunk_by(|one, next| one.of == next.of).filter_map(alarm).collect()
}
