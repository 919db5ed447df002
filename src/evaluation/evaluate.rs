//! Observations × targets → evaluations.

use std::cmp::Reverse;
use std::sync::Arc;

use chrono::{Datelike as _, NaiveDate};

use super::arithmetic::{expected_by_end, missing, passes, reach_by_end};
use super::{Evaluation, Lever, Rate, Reach, Shortfall, Standing, Why};
use crate::catalog::{Catalog, Indicator, IndicatorKind, Kind, Measure, Target, UnitId, Window};
use crate::observation::{Month, Observations, UnitFigures};

/// How many months the pace shows.
const PACE: usize = 3;
/// How many services are named.
const LEVERS: usize = 3;

/// Judges every unit on every indicator, in the catalog's order: the evaluations of one unit stand together.
pub fn evaluate(catalog: &Catalog, observations: &Observations, as_of: NaiveDate) -> Vec<Evaluation> {
    let judging = Judging::new(catalog, observations, as_of);
    let mut evaluations = Vec::with_capacity(catalog.units.len() * catalog.indicators.len());
    for unit in catalog.judged_units() {
        let totals = judging.totals(observations.of(&unit.id));
        for indicator in &catalog.indicators {
            let target = catalog.target_for(unit, &indicator.id);
            let numbered = judging.numbered(&catalog.definition(indicator, target.map(Arc::as_ref)));
            evaluations.push(judging.evaluation(&unit.id, &numbered, totals.of(&numbered), target));
        }
    }
    evaluations
}

/// Judges the whole province on every indicator by the sums of its units' counts, never by their rates. Units without
/// figures do not count, and neither pace nor services are named. The unit is the province, where the catalog has it.
pub fn total(catalog: &Catalog, observations: &Observations, as_of: NaiveDate) -> Vec<Evaluation> {
    let judging = Judging::new(catalog, observations, as_of);
    let whole: Vec<(Numbered, Option<&Arc<Target>>)> = catalog
        .indicators
        .iter()
        .map(|indicator| {
            let target = catalog.target_for_all(&indicator.id);
            (judging.numbered(&catalog.definition(indicator, target.map(Arc::as_ref))), target)
        })
        .collect();
    let mut sums = vec![Totals::of(observations, None); whole.len()];
    for unit in catalog.judged_units() {
        let totals = judging.totals(observations.of(&unit.id));
        for (sum, (indicator, _)) in sums.iter_mut().zip(&whole) {
            sum.add(totals.of(indicator), indicator);
        }
    }
    let province = catalog.units.iter().find(|unit| unit.kind == Kind::Province);
    let unit = province.map_or_else(|| UnitId::new("total"), |unit| unit.id.clone());
    let judged = whole.iter().zip(&sums);
    judged.map(|((indicator, target), sum)| judging.evaluation(&unit, indicator, sum, *target)).collect()
}

/// An indicator whose measures are numbers.
struct Numbered {
    definition: Arc<Indicator>,
    numerator: Option<usize>,
    /// Further counts on top; one that no source has leaves no numerator.
    also: Vec<Option<usize>>,
    denominator: Option<usize>,
}

impl Numbered {
    /// The count on top.
    fn top(&self, count: impl Fn(usize) -> Option<u64>) -> Option<u64> {
        let first = count(self.numerator?)?;
        self.also.iter().try_fold(first, |sum, measure| Some(sum.saturating_add(count((*measure)?)?)))
    }

    fn below(&self, count: impl Fn(usize) -> Option<u64>) -> Option<u64> {
        count(self.denominator?)
    }
}

/// The sums of a unit for either window.
struct UnitTotals<'a> {
    cumulative: Totals<'a>,
    /// Present when a definition asks for it.
    month: Option<Totals<'a>>,
}

impl<'a> UnitTotals<'a> {
    fn of(&self, indicator: &Numbered) -> &Totals<'a> {
        match (indicator.definition.definition.window, &self.month) {
            (Window::Month, Some(month)) => month,
            _ => &self.cumulative,
        }
    }
}

struct Judging<'a> {
    observations: &'a Observations,
    /// The newest month, when a definition judges it alone.
    month: Option<Month>,
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

    /// The sums of `month` alone. Which services they are made of is not known.
    fn of_month(observations: &Observations, figures: Option<UnitFigures<'a>>, month: Month) -> Self {
        let width = observations.measures.len();
        let mut totals = Self { figures, any: false, counts: vec![None; width], months: vec![1; width] };
        for (_, counts) in figures.into_iter().flat_map(UnitFigures::months).filter(|(of, _)| *of == month) {
            totals.any = true;
            totals.add_counts(|measure| counts.get(measure));
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
        let count = |measure| self.count(Some(measure));
        Some((indicator.top(count)?, indicator.below(count)?))
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
        let by_month = catalog.definitions.iter().any(|indicator| indicator.definition.window == Window::Month);
        let month = if by_month { observations.newest_month() } else { None };
        Self { observations, month, as_of }
    }

    fn numbered(&self, indicator: &Arc<Indicator>) -> Numbered {
        let number = |measure: &Measure| self.observations.measure(measure);
        Numbered {
            numerator: number(&indicator.numerator),
            also: indicator.definition.also.iter().map(number).collect(),
            denominator: number(&indicator.denominator),
            definition: Arc::clone(indicator),
        }
    }

    fn totals(&self, figures: Option<UnitFigures<'a>>) -> UnitTotals<'a> {
        UnitTotals {
            cumulative: Totals::of(self.observations, figures),
            month: self.month.map(|month| Totals::of_month(self.observations, figures, month)),
        }
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
            _ if self.observations.differs(unit, &indicator.definition) => Standing::NotAssessed(Why::SourcesDiffer),
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
        let by_month = indicator.definition.definition.window == Window::Month;
        Shortfall {
            missing: missing(rate.numerator(), rate.denominator(), value, comparator),
            // A month that is over cannot be mended, and the next one begins anew: there is nothing to look ahead to.
            reach: if by_month { Reach::Now } else { reach_by_end(kind, rate, value, comparator, expected) },
            pace: totals.figures.map_or_else(Vec::new, |figures| pace(indicator, figures)),
            cause: self.cause(&indicator.definition, totals),
            levers: totals.figures.filter(|_| !by_month).map_or_else(Vec::new, |figures| levers(indicator, figures)),
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
    if indicator.definition.kind == IndicatorKind::Coverage {
        return Vec::new();
    }
    let rates = figures.months().filter_map(|(_, counts)| {
        let count = |measure| counts.get(measure);
        Rate::new(indicator.top(count)?, indicator.below(count)?)
    });
    let mut rates: Vec<Rate> = rates.collect();
    rates.drain(..rates.len().saturating_sub(PACE));
    rates
}

/// The services with most dossiers that did not comply; of a coverage, the services without dossiers.
fn levers(indicator: &Numbered, figures: UnitFigures<'_>) -> Vec<Lever> {
    let mut heaviest: Vec<Lever> = Vec::with_capacity(LEVERS + 1);
    for (service, counts) in figures.services() {
        let count = |measure| counts.get(measure);
        let (Some(done), Some(all)) = (indicator.top(count), indicator.below(count)) else { continue };
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
