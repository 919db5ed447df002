//! Where every unit stood in one round, and the province as the sum of their counts.

use std::collections::HashMap;

use chrono::NaiveDate;

use crate::catalog::{BasisPoints, Catalog, Comparator, IndicatorId, UnitId};
use crate::db::{Db, DbError};
use crate::evaluation::{self, Judged, Rate, Threshold, Trend, missing, passes, turns_on_one};

/// One figure and its judgement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Which indicator.
    pub indicator: IndicatorId,
    /// Which version of its definition; empty where there is only one.
    pub version: String,
    /// The figure; absent when there was none.
    pub rate: Option<Rate>,
    /// The value it was judged by.
    pub target: Option<BasisPoints>,
    /// How it was compared with the value.
    pub comparator: Comparator,
    /// `met`, `below`, or the reason why it was not assessed.
    pub standing: String,
    /// Further dossiers needed, when below.
    pub missing: Option<u64>,
    /// What the value demands on that day: the value itself, unless it is pro-rated.
    pub demanded: Option<Threshold>,
    /// How the last months lie to the whole; of units only.
    pub trend: Option<Trend>,
    /// Whether one dossier more or less would turn the judgement.
    pub turns_on_one: bool,
    /// Why it is low, when below and known; of units only.
    pub cause: Option<CauseLine>,
    /// Hundredths of a percent: the best rate still possible, when the year's value is out of reach.
    pub interim_target: Option<u64>,
    /// Compliant dossiers needed from now on, and dossiers expected by the end of the year, where that is the question.
    pub at_rate: Option<(u64, u64)>,
}

/// Why a figure is low.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CauseLine {
    /// The cause's name in its indicator.
    pub id: String,
    /// Who is responsible for the action; empty when the catalog no longer says so.
    pub role: String,
    /// The rate, had what the cause leaves out counted.
    pub what_if: Option<Rate>,
}

/// A unit's figures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnitStandings {
    /// Official code.
    pub code: String,
    /// Name.
    pub name: String,
    /// One per indicator, in the catalog's order.
    pub lines: Vec<Line>,
}

/// A round's result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standings {
    /// As of when.
    pub as_of: NaiveDate,
    /// The province, from summed counts, never from averaged rates.
    pub total: Vec<Line>,
    /// The units, by code.
    pub units: Vec<UnitStandings>,
}

/// What round `run_id` found; `catalog` is the view as of its date.
///
/// # Errors
/// The engine's, or an impossible row.
pub async fn standings(db: &Db, catalog: &Catalog, run_id: &str, as_of: NaiveDate) -> Result<Standings, DbError> {
    let judged = evaluation::judged(db, run_id).await?;
    let total = total(catalog, judged.iter(), as_of);
    let mut units: Vec<UnitStandings> = Vec::new();
    let of_unit = judged.chunk_by(|one, next| one.unit_id == next.unit_id);
    units.extend(of_unit.filter_map(|judged| {
        let (code, name) = spelt(catalog, &judged.first()?.unit_id);
        Some(UnitStandings { code, name, lines: judged.iter().map(|judged| line(catalog, judged)).collect() })
    }));
    units.sort_by(|one, next| one.code.cmp(&next.code));
    Ok(Standings { as_of, total, units })
}

/// What round `run_id` found about `unit`; no lines when it was not judged.
///
/// # Errors
/// The engine's, or an impossible row.
pub async fn of_unit(db: &Db, catalog: &Catalog, run_id: &str, unit: &UnitId) -> Result<UnitStandings, DbError> {
    let judged = evaluation::judged_of(db, run_id, unit).await?;
    let (code, name) = spelt(catalog, unit);
    Ok(UnitStandings { code, name, lines: judged.iter().map(|judged| line(catalog, judged)).collect() })
}

fn spelt(catalog: &Catalog, id: &UnitId) -> (String, String) {
    catalog.unit(id).map_or_else(|| (id.to_string(), String::new()), |unit| (unit.code.clone(), unit.name.clone()))
}

/// A stored judgement as a line; `catalog` tells who is responsible for its cause.
pub fn line(catalog: &Catalog, judged: &Judged) -> Line {
    let causes = catalog
        .definitions
        .iter()
        .filter(|known| known.id == judged.indicator && known.definition.version == judged.version);
    let cause = judged.cause.as_ref().map(|id| {
        let known = causes.flat_map(|known| &known.causes).find(|cause| cause.id == *id);
        CauseLine {
            id: id.clone(),
            role: known.map(|cause| cause.role.clone()).unwrap_or_default(),
            what_if: judged.what_if.zip(judged.denominator).and_then(|(top, below)| Rate::new(top, below)),
        }
    });
    Line {
        indicator: judged.indicator.clone(),
        version: judged.version.clone(),
        rate: judged.numerator.zip(judged.denominator).and_then(|(top, below)| Rate::new(top, below)),
        target: judged.target,
        comparator: judged.comparator,
        standing: judged.standing.to_owned(),
        missing: judged.missing,
        demanded: judged.demanded,
        trend: judged.trend,
        turns_on_one: judged.turns_on_one,
        cause,
        interim_target: judged.interim_target,
        at_rate: judged.at_rate,
    }
}

/// The sum of `judged`, beside the target of the province as a whole.
pub(super) fn total<'j>(catalog: &Catalog, judged: impl Iterator<Item = &'j Judged>, as_of: NaiveDate) -> Vec<Line> {
    let mut sums: HashMap<(&IndicatorId, &str), (u64, u64)> = HashMap::new();
    for judged in judged {
        let sum = sums.entry((&judged.indicator, &judged.version)).or_default();
        sum.0 += judged.numerator.unwrap_or(0);
        sum.1 += judged.denominator.unwrap_or(0);
    }
    let line = |indicator: &std::sync::Arc<crate::catalog::Indicator>| {
        let target = catalog.target_for_all(&indicator.id);
        let definition = catalog.definition(indicator, target.map(std::sync::Arc::as_ref));
        let version = definition.definition.version.as_str();
        let (numerator, denominator) = sums.get(&(&indicator.id, version)).copied().unwrap_or_default();
        let rate = Rate::new(numerator, denominator);
        let comparator = target.map_or(Comparator::AtLeast, |target| target.comparator);
        let demanded = target.map(|target| Threshold::of(target, as_of));
        let reached = rate.zip(demanded).map(|(rate, demanded)| passes(rate, demanded, comparator));
        let standing = match (reached, rate) {
            (Some(true), _) => "met",
            (Some(false), _) => "below",
            (None, None) => "no_data",
            (None, Some(_)) => "no_target",
        };
        let short = demanded.filter(|_| reached == Some(false));
        Line {
            indicator: indicator.id.clone(),
            version: version.to_owned(),
            rate,
            target: target.map(|target| target.value),
            comparator,
            standing: standing.to_owned(),
            missing: short.map(|demanded| missing(numerator, denominator, demanded, comparator)),
            demanded,
            trend: None,
            turns_on_one: rate.zip(demanded).is_some_and(|(rate, demanded)| turns_on_one(rate, demanded, comparator)),
            cause: None,
            interim_target: None,
            at_rate: None,
        }
    };
    catalog.indicators.iter().map(line).collect()
}

impl Line {
    /// Hundredths of a percent as shown beside the target; a miss never shows as a hit.
    pub fn shown(&self) -> Option<u64> {
        let rate = self.rate?;
        Some(self.demanded.map_or_else(|| rate.rounded(), |demanded| rate.rounded_beside(demanded, self.comparator)))
    }
}

/// Hundredths of a percent with two decimals: `49.11` or, with a comma, `49,11`.
pub fn decimal(hundredths: u64, separator: char) -> String {
    format!("{}{separator}{:02}", hundredths / 100, hundredths % 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hundredths_print_with_two_decimals() {
        assert_eq!(decimal(4_911, '.'), "49.11");
        assert_eq!(decimal(237, ','), "2,37");
        assert_eq!(decimal(10_000, '.'), "100.00");
        assert_eq!(decimal(5, '.'), "0.05");
    }
}
