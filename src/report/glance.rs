//! Units × indicators at a glance: where each figure stands beside its target, and how it moved since the round before.

use std::collections::HashMap;

use chrono::NaiveDate;

use super::Change;
use super::digest::{comparable, is_assessed, rate};
use super::standings::{Line, total};
use crate::catalog::{BasisPoints, Catalog, Comparator, IndicatorId, UnitId};
use crate::evaluation::{Judged, Rate, Threshold, missing, passes};

/// Percent of the target from which a miss is a near one.
const NEAR: u32 = 90;
/// Percent of the target from which it is more than reached.
const OVER: u32 = 110;
/// Percent of the target below which a miss is a large one.
const FAR: u32 = 50;

/// How a figure lies to its target, as colours and glyphs tell it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Tone {
    /// At least a tenth above the target.
    Over,
    /// On target.
    Met,
    /// Below, but not by more than a tenth of the target.
    Near,
    /// Below.
    Below,
    /// Not half of the target.
    Far,
    /// Not assessed: nothing to measure, too few, no target.
    Nothing,
    /// Not assessed: the figures are missing, not whole, or two sources differ.
    Doubtful,
}

impl Tone {
    /// Every tone.
    pub const ALL: [Self; 7] =
        [Self::Over, Self::Met, Self::Near, Self::Below, Self::Far, Self::Nothing, Self::Doubtful];

    /// Of a figure with this [`standing`](Line::standing).
    pub fn of(standing: &str, rate: Option<Rate>, demanded: Option<Threshold>) -> Self {
        let reaches = |percent| rate.zip(demanded).is_some_and(|(rate, demanded)| demanded.reached_to(rate, percent));
        match standing {
            "met" if reaches(OVER) => Self::Over,
            "met" => Self::Met,
            "below" if reaches(NEAR) => Self::Near,
            "below" if reaches(FAR) => Self::Below,
            "below" => Self::Far,
            "nothing_to_measure" | "too_few" | "no_target" | "not_yet" => Self::Nothing,
            _ => Self::Doubtful,
        }
    }
}

/// One figure of a unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GlanceCell {
    /// The figure; absent when there was none.
    pub rate: Option<Rate>,
    /// Hundredths of a percent as shown beside the target; a miss never shows as a hit.
    pub shown: Option<u64>,
    /// What was demanded.
    pub demanded: Option<Threshold>,
    /// `met`, `below`, or the reason why it was not assessed.
    pub standing: &'static str,
    /// Further dossiers needed, when below.
    pub missing: Option<u64>,
    /// Since the round before; of what was judged both times by one definition.
    pub change: Option<Change>,
    /// How it lies to its target.
    pub tone: Tone,
}

/// A unit with its judgements in two rounds.
#[derive(Debug, Clone, Copy)]
pub struct GlanceRow<'a> {
    /// Which.
    pub unit: &'a UnitId,
    /// Its judgements; never empty.
    pub now: &'a [Judged],
    /// Those of the round before; maybe none.
    pub before: &'a [Judged],
}

impl GlanceRow<'_> {
    /// The figure on `indicator`, when it was judged on it.
    pub fn cell(&self, indicator: &IndicatorId) -> Option<GlanceCell> {
        let now = self.now.iter().find(|judged| judged.indicator == *indicator)?;
        let found = rate(now);
        let beside = |demanded| found.map(|rate| rate.rounded_beside(demanded, now.comparator));
        Some(GlanceCell {
            rate: found,
            shown: now.demanded.map_or_else(|| found.map(Rate::rounded), beside),
            demanded: now.demanded,
            standing: now.standing,
            missing: now.missing,
            change: self.before_of(now).and_then(|before| Change::between(rate(before)?, found?)),
            tone: Tone::of(now.standing, found, now.demanded),
        })
    }

    /// The rates of both rounds on `indicator`, where both were judged by one definition.
    pub fn both(&self, indicator: &IndicatorId) -> Option<(Rate, Rate)> {
        let now = self.now.iter().find(|judged| judged.indicator == *indicator)?;
        Some((rate(self.before_of(now)?)?, rate(now)?))
    }

    fn before_of(&self, now: &Judged) -> Option<&Judged> {
        self.before.iter().find(|before| before.indicator == now.indicator && comparable(before, now))
    }

    /// Whether it is below at least one target.
    pub fn is_below(&self) -> bool {
        self.now.iter().any(|judged| judged.standing == "below")
    }

    /// Whether it was judged on at least one indicator.
    pub fn is_assessed(&self) -> bool {
        self.now.iter().any(is_assessed)
    }

    /// Its largest shortfall as a share of the whole, and how much is missing on all indicators together.
    pub fn shortfall(&self) -> Option<(Rate, u64)> {
        let shares = self.now.iter().filter_map(|judged| Rate::new(judged.missing?, judged.denominator?));
        let all = self.now.iter().filter_map(|judged| judged.missing).fold(0, u64::saturating_add);
        Some((shares.max()?, all))
    }

    /// More for the larger shortfall; least for units without any judgement, a little more for those without a shortfall.
    pub fn urgency(&self) -> impl Ord + use<> {
        (self.shortfall(), self.is_assessed())
    }
}

/// The units of `now` that `inside` holds, in the order of their ids, each with what it had in `before`. Judgements of one
/// unit stand together in both.
pub fn rows<'a>(now: &'a [Judged], before: &'a [Judged], inside: impl Fn(&UnitId) -> bool) -> Vec<GlanceRow<'a>> {
    fn units(judged: &[Judged]) -> impl Iterator<Item = (&UnitId, &[Judged])> {
        let chunks = judged.chunk_by(|one, next| one.unit_id == next.unit_id);
        chunks.filter_map(|own| Some((&own.first()?.unit_id, own)))
    }
    let earlier: HashMap<&UnitId, &[Judged]> = units(before).collect();
    let own = units(now).filter(|(unit, _)| inside(unit));
    own.map(|(unit, now)| GlanceRow { unit, now, before: earlier.get(unit).copied().unwrap_or_default() }).collect()
}

/// The sum over some units on one indicator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GlanceLine {
    /// The figure beside its target.
    pub line: Line,
    /// Since the round before, where the same units were judged by one definition in both.
    pub change: Option<Change>,
    /// How it lies to its target.
    pub tone: Tone,
}

/// The sums over `rows` per indicator of `catalog`, from counts, never from averaged rates. The whole province is beside the
/// target for the whole; a part of it (`part`) is beside a target only where all its units have the same.
pub fn totals(catalog: &Catalog, rows: &[GlanceRow<'_>], as_of: NaiveDate, part: bool) -> Vec<GlanceLine> {
    let lines = total(catalog, rows.iter().flat_map(|row| row.now), as_of);
    let one = |mut line: Line| {
        if part {
            let shared = shared_target(rows, &line.indicator);
            beside(&mut line, shared);
        }
        let tone = Tone::of(&line.standing, line.rate, line.demanded);
        GlanceLine { change: changed(rows, &line), tone, line }
    };
    lines.into_iter().map(one).collect()
}

/// How many units of `rows` are below on `indicator`, and how much they are short of together. This is more than the whole
/// is short of: what some have above target does not make good what others lack.
pub fn below_of(rows: &[GlanceRow<'_>], indicator: &IndicatorId) -> (usize, u64) {
    let own = rows.iter().flat_map(|row| row.now).filter(|judged| judged.indicator == *indicator);
    let below = own.filter(|judged| judged.standing == "below");
    below.fold((0, 0), |(units, missing), judged| (units + 1, missing.saturating_add(judged.missing.unwrap_or(0))))
}

/// The target that all units of `rows` have on `indicator`; none when they differ.
pub fn shared_target(rows: &[GlanceRow<'_>], indicator: &IndicatorId) -> Option<(BasisPoints, Threshold, Comparator)> {
    let own = rows.iter().flat_map(|row| row.now).filter(|judged| judged.indicator == *indicator);
    let mut all = own.filter_map(|judged| Some((judged.target?, judged.demanded?, judged.comparator)));
    let first = all.next()?;
    all.all(|other| other == first).then_some(first)
}

fn beside(line: &mut Line, target: Option<(BasisPoints, Threshold, Comparator)>) {
    line.target = target.map(|(value, ..)| value);
    line.demanded = target.map(|(_, demanded, _)| demanded);
    line.missing = None;
    let reached = line.rate.zip(target).map(|(rate, (_, demanded, comparator))| {
        let reached = passes(rate, demanded, comparator);
        line.comparator = comparator;
        line.missing = (!reached).then(|| missing(rate.numerator(), rate.denominator(), demanded, comparator));
        reached
    });
    line.turns_on_one = false;
    let standing = match (reached, line.rate) {
        (Some(true), _) => "met",
        (Some(false), _) => "below",
        (None, None) => "no_data",
        (None, Some(_)) => "no_target",
    };
    standing.clone_into(&mut line.standing);
}

/// Sums over different units must not be compared.
fn changed(rows: &[GlanceRow<'_>], line: &Line) -> Option<Change> {
    let (mut now, mut before) = ((0_u64, 0_u64), (0_u64, 0_u64));
    for row in rows {
        let own = row.now.iter().filter(|judged| judged.indicator == line.indicator && rate(judged).is_some());
        for judged in own {
            let earlier = rate(
                row.before
                    .iter()
                    .find(|before| before.indicator == judged.indicator && before.version == judged.version)?,
            )?;
            let found = rate(judged)?;
            now = (now.0.saturating_add(found.numerator()), now.1.saturating_add(found.denominator()));
            before = (before.0.saturating_add(earlier.numerator()), before.1.saturating_add(earlier.denominator()));
        }
    }
    let now = Rate::new(now.0, now.1).filter(|now| line.rate == Some(*now))?;
    Change::between(Rate::new(before.0, before.1)?, now)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_is_told_by_how_far_it_lies_from_its_target() {
        let demanded = Some(BasisPoints(5_000).into());
        for (numerator, standing, tone) in [
            (55, "met", Tone::Over),
            (54, "met", Tone::Met),
            (45, "below", Tone::Near),
            (44, "below", Tone::Below),
            (25, "below", Tone::Below),
            (24, "below", Tone::Far),
            (0, "nothing_to_measure", Tone::Nothing),
            (0, "sources_differ", Tone::Doubtful),
        ] {
            assert_eq!(Tone::of(standing, Rate::new(numerator, 100), demanded), tone, "{numerator} {standing}");
        }
        assert_eq!(Tone::of("no_data", None, demanded), Tone::Doubtful, "missing is not zero");
    }
}
