//! The whole, or a part of it, in one round as sums of counts: what a course over rounds is drawn of.

use std::collections::HashMap;

use crate::catalog::{Comparator, IndicatorId, UnitId};
use crate::db::{Db, DbError};
use crate::evaluation::{self, Judged, Rate, Threshold};

/// The sum on one indicator in one round.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SumLine {
    /// Which indicator.
    pub indicator: IndicatorId,
    /// Which version of its definition.
    pub version: String,
    /// From summed counts; absent where there was none, or where definitions are mixed and their counts do not add up.
    pub rate: Option<Rate>,
    /// What was demanded of the whole; of a part only where all its units had the same.
    pub demanded: Option<Threshold>,
    /// How it was compared.
    pub comparator: Comparator,
}

impl SumLine {
    /// Hundredths of a percent as shown beside the target; a miss never shows as a hit.
    pub fn shown(&self) -> Option<u64> {
        let rate = self.rate?;
        Some(self.demanded.map_or_else(|| rate.rounded(), |demanded| rate.rounded_beside(demanded, self.comparator)))
    }
}

/// The sums of round `run_id`: of the whole, or of the unit `root` and all below it. Nothing of the whole for a round that
/// did not store it.
///
/// # Errors
/// The engine's, or an impossible row.
pub async fn sums_of(db: &Db, run_id: &str, root: Option<&UnitId>) -> Result<Vec<SumLine>, DbError> {
    Ok(match root {
        Some(root) => sums(&evaluation::judged_within(db, run_id, root).await?),
        None => evaluation::judged_whole(db, run_id).await?.iter().map(whole).collect(),
    })
}

fn whole(judged: &Judged) -> SumLine {
    SumLine {
        indicator: judged.indicator.clone(),
        version: judged.version.clone(),
        rate: judged.numerator.zip(judged.denominator).and_then(|(top, below)| Rate::new(top, below)),
        demanded: judged.demanded,
        comparator: judged.comparator,
    }
}

/// The sums over `judged`, in the order in which its indicators first occur.
pub fn sums(judged: &[Judged]) -> Vec<SumLine> {
    let mut places: HashMap<&IndicatorId, usize> = HashMap::new();
    let mut found: Vec<Sum<'_>> = Vec::new();
    for judged in judged {
        let place = *places.entry(&judged.indicator).or_insert(found.len());
        match found.get_mut(place) {
            Some(sum) => sum.add(judged),
            None => found.push(Sum::of(judged)),
        }
    }
    found.iter().map(Sum::line).collect()
}

/// A sum that grows.
struct Sum<'a> {
    first: &'a Judged,
    numerator: u64,
    denominator: u64,
    /// Whether another definition was met.
    mixed: bool,
    demanded: Option<(Threshold, Comparator)>,
    /// Whether two units had different targets.
    differ: bool,
}

impl<'a> Sum<'a> {
    fn of(first: &'a Judged) -> Self {
        let mut sum = Self { first, numerator: 0, denominator: 0, mixed: false, demanded: None, differ: false };
        sum.add(first);
        sum
    }

    fn add(&mut self, judged: &Judged) {
        self.mixed |= judged.version != self.first.version;
        self.numerator = self.numerator.saturating_add(judged.numerator.unwrap_or(0));
        self.denominator = self.denominator.saturating_add(judged.denominator.unwrap_or(0));
        let own = judged.demanded.map(|demanded| (demanded, judged.comparator));
        self.differ |= own.is_some() && self.demanded.is_some() && own != self.demanded;
        self.demanded = self.demanded.or(own);
    }

    fn line(&self) -> SumLine {
        let demanded = self.demanded.filter(|_| !self.differ && !self.mixed);
        SumLine {
            indicator: self.first.indicator.clone(),
            version: self.first.version.clone(),
            rate: Rate::new(self.numerator, self.denominator).filter(|_| !self.mixed),
            demanded: demanded.map(|(demanded, _)| demanded),
            comparator: demanded.map_or(self.first.comparator, |(_, comparator)| comparator),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::BasisPoints;

    fn judged(unit: &str, version: &str, (numerator, denominator): (u64, u64), target: u32) -> Judged {
        Judged {
            unit_id: UnitId::new(unit),
            indicator: IndicatorId::new("a"),
            version: version.to_owned(),
            numerator: Some(numerator),
            denominator: Some(denominator),
            target: Some(BasisPoints(target)),
            comparator: Comparator::AtLeast,
            standing: "below",
            missing: None,
            demanded: Some(BasisPoints(target).into()),
            trend: None,
            turns_on_one: false,
            cause: None,
            what_if: None,
            interim_target: None,
            at_rate: None,
        }
    }

    #[test]
    fn a_part_is_the_sum_of_its_counts_beside_the_target_that_all_share() {
        let both = sums(&[judged("1", "", (10, 100), 5_000), judged("2", "", (80, 200), 5_000)]);
        assert_eq!((both.len(), both[0].rate), (1, Rate::new(90, 300)));
        assert_eq!(both[0].demanded, Some(BasisPoints(5_000).into()));
        let different = sums(&[judged("1", "", (10, 100), 5_000), judged("2", "", (80, 200), 3_000)]);
        assert_eq!((different[0].rate, different[0].demanded), (Rate::new(90, 300), None));
    }

    #[test]
    fn counts_of_different_definitions_are_not_added_and_nothing_is_not_zero() {
        let mixed = sums(&[judged("1", "1", (10, 100), 5_000), judged("2", "2", (80, 200), 5_000)]);
        assert_eq!((mixed[0].rate, mixed[0].shown()), (None, None));
        let none = Judged { numerator: None, denominator: None, ..judged("1", "", (0, 0), 5_000) };
        assert_eq!(sums(&[none])[0].rate, None);
    }

    #[test]
    fn a_sum_below_target_never_shows_as_one_on_it() {
        let nearly = sums(&[judged("1", "", (499_999, 1_000_000), 5_000)]);
        assert_eq!(nearly[0].shown(), Some(4_999));
    }
}
