//! What cannot be true of the counts in one row: a part above its whole, sums that do not agree.

use super::Observations;
use super::identity::{Identity, Sign};
use crate::catalog::{Catalog, Measure};

const BOTH: &str = "report both counts or neither; none is 0, not empty";

/// The rules that speak of measures of one table, by number of the measure.
#[derive(Debug)]
pub(super) struct Plausible {
    /// Numerator and denominator of one rate.
    pairs: Vec<(usize, usize)>,
    sums: Vec<Sum>,
}

#[derive(Debug)]
struct Sum {
    whole: usize,
    sign: Sign,
    parts: Vec<usize>,
    text: String,
}

/// What is wrong, and with which measure.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Implausible {
    pub(super) measure: usize,
    pub(super) reason: String,
    pub(super) remedy: &'static str,
}

impl Plausible {
    /// The rules whose measures are all `here`.
    pub(super) fn of(
        catalog: &Catalog,
        observations: &Observations,
        identities: &[Identity],
        here: impl Fn(usize) -> bool,
    ) -> Self {
        let number = |measure: &Measure| observations.measure(measure).filter(|number| here(*number));
        let pair = |numerator, denominator| Some((number(numerator)?, number(denominator)?));
        let sum = |identity: &Identity| {
            Some(Sum {
                whole: number(&identity.whole)?,
                sign: identity.sign,
                parts: identity.parts.iter().map(number).collect::<Option<_>>()?,
                text: identity.to_string(),
            })
        };
        let pairs = catalog.definitions.iter().flat_map(|rate| {
            let parts = [&rate.numerator].into_iter().chain(&rate.definition.also);
            parts.filter_map(|part| pair(part, &rate.denominator))
        });
        Self { pairs: pairs.collect(), sums: identities.iter().filter_map(sum).collect() }
    }

    /// Numerator and denominator of each rate.
    pub(super) fn pairs(&self) -> &[(usize, usize)] {
        &self.pairs
    }

    /// Whether there are sums that must agree.
    pub(super) fn has_sums(&self) -> bool {
        !self.sums.is_empty()
    }

    /// Looks at one row's counts; `name` gives the header of a measure's column.
    pub(super) fn check<'n>(
        &self,
        count: impl Fn(usize) -> Option<u64>,
        name: impl Fn(usize) -> &'n str,
    ) -> Result<(), Implausible> {
        for (numerator, denominator) in &self.pairs {
            let (measure, reason, remedy) = match (count(*numerator), count(*denominator)) {
                (Some(part), Some(whole)) if part > whole => (
                    *numerator,
                    format!("more than `{}`, which is {whole}", name(*denominator)),
                    "correct the two cells: a part cannot exceed its whole",
                ),
                (None, Some(_)) => (*numerator, format!("not reported, but `{}` is", name(*denominator)), BOTH),
                (Some(_), None) => (*denominator, format!("not reported, but `{}` is", name(*numerator)), BOTH),
                _ => continue,
            };
            return Err(Implausible { measure, reason, remedy });
        }
        for sum in &self.sums {
            let parts: Option<Vec<u64>> = sum.parts.iter().map(|part| count(*part)).collect();
            let Some((whole, parts)) = count(sum.whole).zip(parts) else { continue };
            let total = parts.iter().fold(0_u64, |total, part| total.saturating_add(*part));
            if !sum.sign.holds(whole, total) {
                let added: Vec<String> = parts.iter().map(u64::to_string).collect();
                return Err(Implausible {
                    measure: sum.whole,
                    reason: format!("`{}` does not hold: {} make {total}", sum.text, added.join(" + ")),
                    remedy: "correct the cells, or the rule in [quality] identities if the source counts otherwise",
                });
            }
        }
        Ok(())
    }
}
