//! Observations × targets → evaluations.

use std::panic::resume_unwind;
use std::sync::Arc;

use chrono::{Datelike as _, NaiveDate};

use super::arithmetic::{expected_by_end, missing, passes, reach_by_end, trend, turns_on_one};
use super::explain::{self, levers, pace};
use super::{Evaluation, Rate, Reach, Shortfall, Standing, Threshold, Why};
use crate::catalog::{Catalog, Indicator, Kind, Measure, Target, Unit, UnitId, Window};
use crate::observation::{Month, Observations, UnitFigures};

/// So many pairs of unit and service are judged on one thread: another one costs memory of its own.
const PAIRS_ON_ONE_THREAD: usize = 200_000;

/// [`evaluate`] and [`total`], side by side where there is much to judge.
pub fn evaluate_all(
    catalog: &Catalog,
    observations: &Observations,
    as_of: NaiveDate,
) -> (Vec<Evaluation>, Vec<Evaluation>) {
    if observations.pairs() <= PAIRS_ON_ONE_THREAD {
        return (evaluate(catalog, observations, as_of), total(catalog, observations, as_of));
    }
    std::thread::scope(|scope| {
        let province = scope.spawn(|| total(catalog, observations, as_of));
        let units = evaluate(catalog, observations, as_of);
        (units, province.join().unwrap_or_else(|panic| resume_unwind(panic)))
    })
}

/// Judges every unit on every indicator, in the catalog's order: the evaluations of one unit stand together. Where
/// there is much to judge, units are shared out over the machine's processors.
pub fn evaluate(catalog: &Catalog, observations: &Observations, as_of: NaiveDate) -> Vec<Evaluation> {
    let judging = &Judging::new(catalog, observations, as_of);
    let units: Vec<&Unit> = catalog.judged_units().collect();
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let share = units.len().div_ceil(threads).max(1);
    if observations.pairs() <= PAIRS_ON_ONE_THREAD || units.len() <= share {
        return judging.units(catalog, &units);
    }
    std::thread::scope(|scope| {
        let parts = units.chunks(share).map(|units| scope.spawn(move || judging.units(catalog, units)));
        let parts: Vec<_> = parts.collect();
        let judged = parts.into_iter().map(|part| part.join().unwrap_or_else(|panic| resume_unwind(panic)));
        judged.flatten().collect()
    })
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
pub(super) struct Numbered {
    pub(super) definition: Arc<Indicator>,
    numerator: Option<usize>,
    /// Further counts on top; one that no source has leaves no numerator.
    also: Vec<Option<usize>>,
    denominator: Option<usize>,
}

impl Numbered {
    /// The count on top.
    pub(super) fn top(&self, count: impl Fn(usize) -> Option<u64>) -> Option<u64> {
        let first = count(self.numerator?)?;
        self.also.iter().try_fold(first, |sum, measure| Some(sum.saturating_add(count((*measure)?)?)))
    }

    pub(super) fn below(&self, count: impl Fn(usize) -> Option<u64>) -> Option<u64> {
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

    fn units(&self, catalog: &Catalog, units: &[&Unit]) -> Vec<Evaluation> {
        let mut evaluations = Vec::with_capacity(units.len() * catalog.indicators.len());
        for unit in units {
            let totals = self.totals(self.observations.of(&unit.id));
            for indicator in &catalog.indicators {
                let target = catalog.target_for(unit, &indicator.id);
                let numbered = self.numbered(&catalog.definition(indicator, target.map(Arc::as_ref)));
                evaluations.push(self.evaluation(&unit.id, &numbered, totals.of(&numbered), target));
            }
        }
        evaluations
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
        let by_month = indicator.definition.definition.window == Window::Month;
        let demanded = target.map(|target| self.demanded(target));
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
            (_, Some(rate), Some(target)) if passes(rate, self.demanded(target), target.comparator) => Standing::Met,
            (_, Some(rate), Some(target)) => Standing::Below(self.shortfall(indicator, totals, rate, target)),
        };
        let judged = rate.zip(target).filter(|_| !matches!(standing, Standing::NotAssessed(_)));
        let trend = judged.and_then(|(rate, _)| match &standing {
            _ if by_month => None,
            Standing::Below(shortfall) => trend(&shortfall.pace, rate),
            _ => trend(&pace(indicator, totals.figures?), rate),
        });
        let turns_on_one =
            judged.is_some_and(|(rate, target)| turns_on_one(rate, self.demanded(target), target.comparator));
        Evaluation {
            unit: unit.clone(),
            indicator: indicator.definition.clone(),
            rate,
            target: target.cloned(),
            demanded,
            trend,
            turns_on_one,
            standing,
        }
    }

    fn demanded(&self, target: &Target) -> Threshold {
        Threshold::of(target, self.as_of)
    }

    fn shortfall(&self, indicator: &Numbered, totals: &Totals<'_>, rate: Rate, target: &Target) -> Shortfall {
        let (value, comparator, kind) = (target.value, target.comparator, indicator.definition.kind);
        let demanded = self.demanded(target);
        let months = indicator.denominator.and_then(|measure| totals.months.get(measure)).copied().unwrap_or(0);
        let expected = expected_by_end(rate.denominator(), months, self.as_of);
        let by_month = indicator.definition.definition.window == Window::Month;
        let count = |measure: &Measure| totals.count(self.observations.measure(measure));
        let cause = explain::cause(&indicator.definition, count);
        let what_if = cause.and_then(|at| indicator.definition.causes.get(at)?.what_if.as_ref());
        Shortfall {
            missing: missing(rate.numerator(), rate.denominator(), demanded, comparator),
            // A month that is over cannot be mended, and the next one begins anew: there is nothing to look ahead to.
            reach: if by_month { Reach::Now } else { reach_by_end(kind, rate, value, comparator, expected) },
            pace: totals.figures.map_or_else(Vec::new, |figures| pace(indicator, figures)),
            cause,
            what_if: what_if.and_then(|what_if| explain::what_if(rate, what_if, count)),
            levers: totals.figures.filter(|_| !by_month).map_or_else(Vec::new, |figures| levers(indicator, figures)),
        }
    }
}
