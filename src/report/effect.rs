//! What changed after a reminder, beside units of the same level that were not reminded. A comparison and no proof:
//! reminded units are low ones, and what is low tends to rise by itself (regression to the mean).

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::Change;
use super::digest::{comparable, rate};
use crate::catalog::{BasisPoints, Catalog, IndicatorId, Level, UnitId};
use crate::evaluation::{Judged, Rate};

/// A unit that is on target by no more than this many hundredths of a percent is near it, and comparable with one that is
/// just below.
pub const NEAR: u32 = 1_000;

/// With fewer units on a side nothing is compared.
pub const FEWEST: usize = 10;

/// What must stand beside every such comparison.
pub const NO_PROOF: &str = "Bảng này không chứng minh nguyên nhân. Đơn vị được nhắc là đơn vị đang ở mức thấp; mức thấp \
                            thường tự nhích lên ở kỳ sau dù không ai nhắc (hồi quy về trung bình), và mỗi nhóm còn chịu \
                            những tác động khác không được đo ở đây.";

/// Said instead of numbers where a side is too small.
pub const TOO_FEW: &str = "không đủ đơn vị để so sánh";

/// A unit and indicator.
pub type Told = (UnitId, IndicatorId);

/// A round that reminded somebody, and the next one with other figures.
#[derive(Debug, Clone, Copy)]
pub struct Passage<'a> {
    /// What the round found.
    pub before: &'a [Judged],
    /// What the next one found.
    pub after: &'a [Judged],
    /// Whom and of what the round reminded, by messages that left.
    pub reminded: &'a BTreeSet<Told>,
    /// Reminded shortly before, or between both rounds: they belong to neither side unless the round reminded them too.
    pub unclear: &'a BTreeSet<Told>,
}

/// One unit from one round to the next.
#[derive(Debug, Clone)]
struct Step {
    unit: UnitId,
    start: Rate,
    change: Change,
}

/// Both sides of one indicator and level.
#[derive(Debug, Clone, Default)]
struct Sides {
    reminded: Vec<Step>,
    others: Vec<Step>,
}

/// Gathers passages one by one, so that the judgements of all rounds need not be held at once.
#[derive(Debug, Clone, Default)]
pub struct Effects {
    sides: BTreeMap<(IndicatorId, Level), Sides>,
}

/// An indicator on one level.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EffectLine {
    /// Which indicator.
    pub indicator: IndicatorId,
    /// Which level of units.
    pub level: Level,
    /// Those that were reminded.
    pub reminded: Side,
    /// Those that were not, below target or near it.
    pub others: Side,
}

/// One side of the comparison.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Side {
    /// Different units in it.
    pub units: usize,
    /// Steps from a round to the next; a unit makes several.
    pub steps: usize,
    /// The numbers, when there are enough units.
    pub spread: Option<Spread>,
}

/// Nearest-rank quantiles: each is a value that some unit really had.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spread {
    /// Median of the rates they started from: sides that start apart differ for that alone.
    pub start: Rate,
    /// Median change.
    pub median: Change,
    /// A quarter changed by no more than this.
    pub lower: Change,
    /// A quarter changed by no less than this.
    pub upper: Change,
}

impl Effects {
    /// Adds one round and the next; `catalog` is the view of the first.
    pub fn add(&mut self, catalog: &Catalog, passage: &Passage<'_>) {
        let after: HashMap<(&UnitId, &IndicatorId), &Judged> =
            passage.after.iter().map(|judged| ((&judged.unit_id, &judged.indicator), judged)).collect();
        for before in passage.before {
            let Some(unit) = catalog.unit(&before.unit_id) else { continue };
            let next = after.get(&(&before.unit_id, &before.indicator)).filter(|next| comparable(before, next));
            let both = next.and_then(|next| Some((rate(before)?, rate(next)?)));
            let Some((start, end)) = both else { continue };
            let Some(change) = Change::between(start, end) else { continue };
            let step = Step { unit: before.unit_id.clone(), start, change };
            let told = (before.unit_id.clone(), before.indicator.clone());
            let side = (before.indicator.clone(), unit.kind.level());
            if before.standing == "below" && passage.reminded.contains(&told) {
                self.sides.entry(side).or_default().reminded.push(step);
            } else if !passage.reminded.contains(&told) && !passage.unclear.contains(&told) && is_near(before, start) {
                self.sides.entry(side).or_default().others.push(step);
            }
        }
    }

    /// The comparisons, by the catalog's order of indicators, then by level from the top. Only where somebody was reminded.
    pub fn lines(&self, catalog: &Catalog) -> Vec<EffectLine> {
        let place = |id: &IndicatorId| catalog.indicators.iter().position(|indicator| indicator.id == *id);
        let reminded = self.sides.iter().filter(|(_, sides)| !sides.reminded.is_empty());
        let mut lines: Vec<EffectLine> = reminded
            .map(|((indicator, level), sides)| EffectLine {
                indicator: indicator.clone(),
                level: *level,
                reminded: side(&sides.reminded),
                others: side(&sides.others),
            })
            .collect();
        lines.sort_by_key(|line| (place(&line.indicator).unwrap_or(usize::MAX), line.level));
        lines
    }
}

/// Below target, or on it by no more than [`NEAR`].
fn is_near(judged: &Judged, rate: Rate) -> bool {
    let Some(target) = judged.target else { return false };
    judged.standing == "below" || rate.compare(BasisPoints(target.0.saturating_add(NEAR))).is_le()
}

fn side(steps: &[Step]) -> Side {
    let units = steps.iter().map(|step| &step.unit).collect::<BTreeSet<_>>().len();
    let mut starts: Vec<Rate> = steps.iter().map(|step| step.start).collect();
    let mut changes: Vec<Change> = steps.iter().map(|step| step.change).collect();
    starts.sort_unstable();
    changes.sort_unstable();
    let spread = || {
        Some(Spread {
            start: quantile(&starts, 2)?,
            median: quantile(&changes, 2)?,
            lower: quantile(&changes, 1)?,
            upper: quantile(&changes, 3)?,
        })
    };
    Side { units, steps: steps.len(), spread: if units < FEWEST { None } else { spread() } }
}

/// The value at `quarters` quarters by nearest rank.
fn quantile<T: Copy>(sorted: &[T], quarters: usize) -> Option<T> {
    let rank = (sorted.len() * quarters).div_ceil(4);
    sorted.get(rank.saturating_sub(1)).copied()
}

impl EffectLine {
    /// Whether both sides have enough units.
    pub const fn is_comparable(&self) -> bool {
        self.reminded.spread.is_some() && self.others.spread.is_some()
    }
}
