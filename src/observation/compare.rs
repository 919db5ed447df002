//! A source's figures beside those that were last accepted of it. Sums since 1 January only rise: what falls was restated,
//! truncated or lost.

use chrono::NaiveDate;

use super::figures::UnitSums;
use super::{Accepted, Doubt, Month, Snapshot};
use crate::catalog::{Catalog, Indicator, Measure, UnitId};

/// How many units a sentence names.
pub(super) const NAMED: usize = 10;
/// A fall by less is no matter for anybody: dossiers are withdrawn.
const SMALL_FALL: u64 = 10;
/// A rise by less is no jump, however few there were before.
const SMALL_RISE: u64 = 100;

/// How far figures may move from those accepted last, in percent of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Rows of a source that may be missing.
    pub rows_fall: u64,
    /// Units of a source that may be without figures.
    pub units_fall: u64,
    /// By how much the sum of a measure may fall.
    pub total_fall: u64,
    /// By how much the sum of a measure may outrun the pace of its year.
    pub total_jump: u64,
    /// By how much one unit's sum may fall.
    pub unit_fall: u64,
    /// By how much one unit's sum may outrun its own pace.
    pub unit_jump: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { rows_fall: 10, units_fall: 2, total_fall: 2, total_jump: 100, unit_fall: 50, unit_jump: 900 }
    }
}

/// What the comparison found.
#[derive(Debug, Default)]
pub(super) struct Compared {
    pub(super) doubts: Vec<Doubt>,
    /// Units without figures now, when they are too few for a doubt.
    pub(super) vanished: Vec<UnitId>,
    /// Units whose own figures cannot be true, each with the figure that says so.
    pub(super) implausible: Vec<(UnitId, String)>,
}

/// One source, now and before.
pub(super) struct Comparison<'a> {
    pub(super) catalog: &'a Catalog,
    pub(super) snapshot: &'a Snapshot,
    pub(super) measures: &'a [Measure],
    pub(super) now: &'a UnitSums,
    pub(super) before: &'a Accepted,
    pub(super) until: NaiveDate,
    pub(super) limits: &'a Limits,
    /// Units of which a row was refused: their figures are not whole and say nothing.
    pub(super) incomplete: &'a dyn Fn(&UnitId) -> bool,
}

/// A unit with its sums of both times.
struct Both<'a> {
    unit: &'a UnitId,
    now: &'a [Option<u64>],
    before: &'a [Option<u64>],
}

impl Both<'_> {
    fn now(&self, measure: usize) -> Option<u64> {
        self.now.get(measure).copied().flatten()
    }

    fn before(&self, measure: usize) -> Option<u64> {
        self.before.get(measure).copied().flatten()
    }
}

impl Comparison<'_> {
    pub(super) fn compare(&self) -> Compared {
        let mut compared = Compared::default();
        compared.doubts.extend(self.rows());
        self.units(&mut compared);
        let together = self.both();
        for (number, measure) in self.measures.iter().enumerate() {
            let Some(was) = self.before.measures.iter().position(|known| known == measure) else { continue };
            let sums: Vec<(&UnitId, u64, u64)> =
                together.iter().filter_map(|both| Some((both.unit, both.before(was)?, both.now(number)?))).collect();
            compared.doubts.extend(self.total(measure, &sums));
            for (unit, before, now) in sums {
                let found = self.unit(measure, before, now);
                compared.implausible.extend(found.map(|figure| (unit.clone(), figure)));
            }
        }
        compared.implausible.sort();
        compared.implausible.dedup_by(|next, one| next.0 == one.0);
        compared
    }

    fn doubt(&self, code: &'static str, what: &str, remedy: &str) -> Doubt {
        let (source, since) = (&self.snapshot.source, self.before.as_of);
        let message =
            format!("source `{source}`, compared with the figures up to {since} that were accepted last: {what}");
        Doubt { code, source: source.clone(), message, remedy: remedy.to_owned() }
    }

    fn rows(&self) -> Option<Doubt> {
        let (before, now) = (self.before.rows, self.snapshot.considered());
        if !fell(before, now, self.limits.rows_fall) {
            return None;
        }
        let what = format!("{now} rows instead of {before} ({} % fewer)", share(before - now, before));
        Some(self.doubt("rows_fell", &what, "the export is probably cut off: export it again and look at its end"))
    }

    /// Units that still exist, had figures and have none.
    fn units(&self, compared: &mut Compared) {
        let gone = |unit: &&UnitId| {
            !self.now.contains_key(*unit) && !(self.incomplete)(unit) && self.catalog.unit(unit).is_some()
        };
        let gone: Vec<&UnitId> = self.before.units.keys().filter(gone).collect();
        let (gone_count, had) = (count(gone.len()), count(self.before.units.len()));
        if gone_count * 100 <= had * self.limits.units_fall {
            compared.vanished.extend(gone.into_iter().cloned());
            return;
        }
        let what = format!("{gone_count} of {had} units have no figures any more: {}", names(self.catalog, &gone));
        let remedy = "export the figures of these units too; a unit that no longer exists ends in units.csv (valid_to)";
        compared.doubts.push(self.doubt("units_vanished", &what, remedy));
    }

    /// Units with whole figures both times.
    fn both(&self) -> Vec<Both<'_>> {
        let units = self.now.iter();
        units.filter_map(|(unit, now)| Some(Both { unit, now, before: self.before.units.get(unit)? })).collect()
    }

    /// The sum over the units that had figures both times, so that a unit that is gone is not told of twice.
    fn total(&self, measure: &Measure, sums: &[(&UnitId, u64, u64)]) -> Option<Doubt> {
        let (mut before, mut now) = (0_u64, 0_u64);
        for (_, was, is) in sums {
            before = before.saturating_add(*was);
            now = now.saturating_add(*is);
        }
        let name = measure.as_str();
        if fell(before, now, self.limits.total_fall) && before - now >= SMALL_FALL {
            let by = share(before - now, before);
            let what = format!("`{name}` since 1 January fell from {before} to {now} ({by} % less)");
            let remedy =
                "such a sum cannot fall: export the figures again; if they were corrected, release them with a note";
            return Some(self.doubt("total_fell", &what, remedy));
        }
        if !self.leaps(measure) || !self.jumped(before, now, self.limits.total_jump) {
            return None;
        }
        let by = share(now - before, before);
        let what = format!("`{name}` since 1 January rose from {before} to {now} ({by} % more)");
        let remedy =
            "look for rows that count twice and for a wrong column; if the rise is real, release it with a note";
        Some(self.doubt("total_jumped", &what, remedy))
    }

    /// What is impossible about one unit's count.
    fn unit(&self, measure: &Measure, before: u64, now: u64) -> Option<String> {
        let falls = fell(before, now, self.limits.unit_fall) && before - now >= SMALL_FALL;
        let jumps = self.leaps(measure) && self.jumped(before, now, self.limits.unit_jump);
        (falls || jumps).then(|| format!("`{}` {before} before, {now} now", measure.as_str()))
    }

    /// A numerator may leap up to its denominator, as when old results are digitised in a week; nothing else may.
    fn leaps(&self, measure: &Measure) -> bool {
        let parts = |rate: &Indicator| rate.numerator == *measure || rate.definition.also.contains(measure);
        !self.catalog.definitions.iter().any(|rate| parts(rate))
    }

    /// Whether a sum outran the pace that it had since the first month with figures by more than `percent`.
    fn jumped(&self, before: u64, now: u64, percent: u64) -> bool {
        let Some(first) = self.before.first.map(Month::first_day) else { return false };
        let days = |until: NaiveDate| u128::from((until - first).num_days().unsigned_abs() + 1);
        let grown = before > 0 && now.saturating_sub(before) >= SMALL_RISE;
        let allowed = u128::from(before) * days(self.until) * u128::from(percent.saturating_add(100));
        grown && u128::from(now) * days(self.before.as_of) * 100 > allowed
    }
}

fn fell(before: u64, now: u64, percent: u64) -> bool {
    now < before && u128::from(before - now) * 100 > u128::from(before) * u128::from(percent)
}

/// `12.5`: a part of a whole in percent, rounded down.
fn share(part: u64, whole: u64) -> String {
    let tenths = u128::from(part) * 1_000 / u128::from(whole.max(1));
    format!("{}.{}", tenths / 10, tenths % 10)
}

fn count(units: usize) -> u64 {
    u64::try_from(units).unwrap_or(u64::MAX)
}

/// The first units by name and code, and how many more there are.
pub(super) fn names(catalog: &Catalog, units: &[&UnitId]) -> String {
    let name = |id: &&UnitId| match catalog.unit(id) {
        Some(unit) => format!("{} ({})", unit.name, unit.code),
        None => id.to_string(),
    };
    let named: Vec<String> = units.iter().take(NAMED).map(name).collect();
    let more = units.len().saturating_sub(NAMED);
    let more = if more == 0 { String::new() } else { format!(" and {more} more") };
    format!("{}{more}", named.join(", "))
}
