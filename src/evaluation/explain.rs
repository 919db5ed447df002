//! Why a figure is low: the cause that applies, what would have counted, the pace, the services that weigh most.

use std::cmp::Reverse;

use super::evaluate::Numbered;
use super::{Lever, Rate};
use crate::catalog::{Cause, Indicator, IndicatorKind, Measure, WhatIf};
use crate::observation::UnitFigures;

/// How many months the pace shows.
const PACE: usize = 3;
/// How many services are named.
const LEVERS: usize = 3;

/// The first rule that applies to the counts of a unit. A rule that asks for a missing count does not.
pub(super) fn cause(indicator: &Indicator, count: impl Fn(&Measure) -> Option<u64>) -> Option<usize> {
    let applies = |cause: &Cause| cause.when.as_ref().is_none_or(|when| when.holds(&count) == Some(true));
    indicator.causes.iter().position(applies)
}

/// `rate` with what the cause leaves out; `None` where one of the counts is missing, or where together they are more
/// than there is, so that they do not belong to it.
pub(super) fn what_if(rate: Rate, what_if: &WhatIf, count: impl Fn(&Measure) -> Option<u64>) -> Option<Rate> {
    let counts = what_if.count.iter().map(count);
    let all = counts.into_iter().try_fold(rate.numerator(), |sum, count| sum.checked_add(count?))?;
    Rate::new(all, rate.denominator()).filter(|rate| rate.numerator() <= rate.denominator())
}

/// The rates of the last months that had anything to measure, oldest first.
pub(super) fn pace(indicator: &Numbered, figures: UnitFigures<'_>) -> Vec<Rate> {
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
pub(super) fn levers(indicator: &Numbered, figures: UnitFigures<'_>) -> Vec<Lever> {
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
        if at < LEVERS {
            heaviest.insert(at, Lever { service: service.clone(), missing });
            heaviest.truncate(LEVERS);
        }
    }
    heaviest
}
