//! Observations × targets → evaluations.

use std::cmp::Reverse;
use std::sync::Arc;

use chrono::{Datelike as _, NaiveDate};

use super::arithmetic::{expected_by_end, missing, passes, reach_by_end};
use super::{Evaluation, Lever, Rate, Shortfall, Standing, Why};
use crate::catalog::{Catalog, Indicator, IndicatorKind, Kind, Measure, Target, UnitId};
use crate::observation::{Observations, UnitFigures};

/// How many months the pace shows.
const PACE: usize = 3;
/// How many services are named.
const LEVERS: usize = 3;

/// Judges every unit on every indicator, in the catalog's order: the evaluations of one unit stand together.
pub fn evaluate(catalog: &Catalog, observations: &Observations, as_of: NaiveDate) -> Vec<Evaluation> {
    let judging = Judging::new(catalog, observations, as_of);
    let mut evaluations = Vec::with_capacity(catalog.units.len() * catalog.indicators.len());
    for unit in catalog.judged_units() {
        let figures = observations.of(&unit.id);
        let totals = Totals::of(observations, figures);
        for indicator in &judging.indicators {
            let target = catalog.target_for(unit, &indicator.definition.id);
            evaluations.push(judging.evaluation(&unit.id, indicator, &totals, target));
        }
    }
    evaluations
}

/// Judges the whole province on every indicator by the sums of its units' counts, never by their rates. Units without
/// figures do not count, and neither pace nor services are named. The unit is the province, where the catalog has it.
pub fn total(catalog: &Catalog, observations: &Observations, as_of: NaiveDate) -> Vec<Evaluation> {
    let judging = Judging::new(catalog, observations, as_of);
    let mut sums = vec![Totals::of(observations, None); judging.indicators.len()];
    for unit in catalog.judged_units() {
        let totals = Totals::of(observations, observations.of(&unit.id));
        for (sum, indicator) in sums.iter_mut().zip(&judging.indicators) {
            sum.add(&totals, indicator);
        }
    }
    let province = catalog.units.iter().find(|unit| unit.kind == Kind::Province);
    let unit = province.map_or_else(|| UnitId::new("total"), |unit| unit.id.clone());
    let judged = judging.indicators.iter().zip(&sums).map(|(indicator, sum)| {
        let target = catalog.target_for_all(&indicator.definition.id);
        judging.evaluation(&unit, indicator, sum, target)
    });
    judged.collect()
}

/// An indicator whose measures are numbers.
struct Numbered {
    definition: Arc<Indicator>,
    numerator: Option<usize>,
    denominator: Option<usize>,
}

struct Judging<'a> {
    observations: &'a Observations,
    indicators: Vec<Numbered>,
    as_of: NaiveDate,
}

/// The sums that are judged: of one unit, or of all.
#[derive(Clone)]
struct Totals<'a> {
    figures: Option<UnitFigures<'a>>,
    any: bool,
    counts: Vec<Option<u64>>,
    /// Per measure, the largest number of months in which a unit reported it.
    months: Vec<u64>,
}

impl<'a> Totals<'a> {
    fn of(observations: &Observations, figures: Option<UnitFigures<'a>>) -> Self {
        let width = observations.measures.len();
        let mut totals = Self { figures, any: false, counts: vec![None; width], months: vec![0; width] };
        if let Some(figures) = figures {
            totals.any = true;
            for (_, counts) in figures.services() {
                totals.add_counts(|measure| counts.get(measure));
            }
            totals.months = months_of(figures, width);
        }
        totals
    }

    /// Adds a unit that reported both counts of `indicator`; half a rate would shift the sum.
    fn add(&mut self, unit: &Totals<'_>, indicator: &Numbered) {
        self.any |= unit.any;
        if unit.rate_counts(indicator).is_none() {
            return;
        }
        self.add_counts(|measure| unit.counts.get(measure).copied().flatten());
        for (months, more) in self.months.iter_mut().zip(&unit.months) {
            *months = (*more).max(*months);
        }
    }

    fn add_counts(&mut self, count: impl Fn(usize) -> Option<u64>) {
        for (measure, sum) in self.counts.iter_mut().enumerate() {
            if let Some(count) = count(measure) {
                *sum = Some(sum.unwrap_or(0).saturating_add(count));
            }
        }
    }

    fn count(&self, measure: Option<usize>) -> Option<u64> {
        self.counts.get(measure?).copied().flatten()
    }

    fn rate_counts(&self, indicator: &Numbered) -> Option<(u64, u64)> {
        Some((self.count(indicator.numerator)?, self.count(indicator.denominator)?))
    }
}

fn months_of(figures: UnitFigures<'_>, width: usize) -> Vec<u64> {
    let mut months = vec![0; width];
    for (_, counts) in figures.months() {
        for (measure, seen) in months.iter_mut().enumerate() {
            *seen += u64::from(counts.get(measure).is_some());
        }
    }
    months
}

impl<'a> Judging<'a> {
    fn new(catalog: &Catalog, observations: &'a Observations, as_of: NaiveDate) -> Self {
        let numbered = |indicator: &Arc<Indicator>| Numbered {
            numerator: observations.measure(&indicator.numerator),
            denominator: observations.measure(&indicator.denominator),
            definition: indicator.clone(),
        };
        Self { observations, indicators: catalog.indicators.iter().map(numbered).collect(), as_of }
    }

    fn evaluation(
        &self,
        unit: &UnitId,
        indicator: &Numbered,
        totals: &Totals<'_>,
        target: Option<&Arc<Target>>,
    ) -> Evaluation {
        let counts = totals.rate_counts(indicator);
        let rate = counts.and_then(|(numerator, denominator)| Rate::new(numerator, denominator));
        let standing = match (counts, rate, target) {
            _ if self.observations.is_incomplete(unit) => Standing::NotAssessed(Why::Incomplete),
            _ if !totals.any => Standing::NotAssessed(Why::NoData),
            (None, ..) => Standing::NotAssessed(Why::NotReported),
            (_, None, _) => Standing::NotAssessed(Why::NothingToMeasure),
            (_, Some(rate), _) if rate.denominator() < indicator.definition.minimum_volume => {
                Standing::NotAssessed(Why::TooFew)
            }
            (.., None) => Standing::NotAssessed(Why::NoTarget),
            (.., Some(target)) if self.as_of.month() < target.from_month => Standing::NotAssessed(Why::NotYet),
            (_, Some(rate), Some(target)) if passes(rate, target.value, target.comparator) => Standing::Met,
            (_, Some(rate), Some(target)) => Standing::Below(self.shortfall(indicator, totals, rate, target)),
        };
        Evaluation {
            unit: unit.clone(),
            indicator: indicator.definition.clone(),
            rate,
            target: target.cloned(),
            standing,
        }
    }

    fn shortfall(&self, indicator: &Numbered, totals: &Totals<'_>, rate: Rate, target: &Target) -> Shortfall {
        let (value, comparator, kind) = (target.value, target.comparator, indicator.definition.kind);
        let months = indicator.denominator.and_then(|measure| totals.months.get(measure)).copied().unwrap_or(0);
        let expected = expected_by_end(rate.denominator(), months, self.as_of);
        Shortfall {
            missing: missing(rate.numerator(), rate.denominator(), value, comparator),
            reach: reach_by_end(kind, rate, value, comparator, expected),
            pace: totals.figures.map_or_else(Vec::new, |figures| pace(indicator, figures)),
            cause: self.cause(&indicator.definition, totals),
            levers: totals.figures.map_or_else(Vec::new, |figures| levers(indicator, figures)),
        }
    }

    /// The first rule that applies.
    fn cause(&self, indicator: &Indicator, totals: &Totals<'_>) -> Option<usize> {
        let count = |measure: &Measure| totals.count(self.observations.measure(measure)).map(u128::from);
        indicator.causes.iter().position(|cause| {
            let Some(condition) = &cause.when else { return true };
            match (count(&condition.measure), count(&condition.of)) {
                (Some(part), Some(whole)) if whole > 0 => part * 100 >= u128::from(condition.at_least_percent) * whole,
                _ => false,
            }
        })
    }
}

/// The rates of the last months that had anything to measure, oldest first.
fn pace(indicator: &Numbered, figures: UnitFigures<'_>) -> Vec<Rate> {
    let (Some(numerator), Some(denominator)) = (indicator.numerator, indicator.denominator) else {
        return Vec::new();
    };
    if indicator.definition.kind == IndicatorKind::Coverage {
        return Vec::new();
    }
    let rates = figures.months().filter_map(|(_, counts)| Rate::new(counts.get(numerator)?, counts.get(denominator)?));
    let mut rates: Vec<Rate> = rates.collect();
    rates.drain(..rates.len().saturating_sub(PACE));
    rates
}

/// The services with most dossiers that did not comply; of a coverage, the services without dossiers.
fn levers(indicator: &Numbered, figures: UnitFigures<'_>) -> Vec<Lever> {
    let (Some(numerator), Some(denominator)) = (indicator.numerator, indicator.denominator) else {
        return Vec::new();
    };
    let mut heaviest: Vec<Lever> = Vec::with_capacity(LEVERS + 1);
    for (service, counts) in figures.services() {
        let (Some(done), Some(all)) = (counts.get(numerator), counts.get(denominator)) else { continue };
        let missing = all.saturating_sub(done);
        if missing == 0 || service.is_empty() {
            continue;
        }
        let rank = (Reverse(missing), service);
        let at = heaviest.partition_point(|other| (Reverse(other.missing), &other.service) < rank);
        heaviest.insert(at, Lever { service: service.clone(), missing });
        heaviest.truncate(LEVERS);
    }
    heaviest
}
