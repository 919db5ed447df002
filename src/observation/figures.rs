//! What was observed, packed while it is collected and asked for unit by unit.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::strangers::{Stranger, Strangers};
use super::sums::{Fold, Sums};
use super::{Difference, Doubt, Month, Refusal, ServiceCode, Snapshot};
use crate::catalog::{Catalog, Heir, IndicatorKind, Measure, UnitId};

/// All that one round knows of the figures: from 1 January of its year to its as-of date.
#[derive(Debug, Clone, Default)]
pub struct Observations {
    /// What was counted; a measure's place here is its number in [`UnitFigures`] and [`Counts`].
    pub measures: Vec<Measure>,
    /// One per source read.
    pub snapshots: Vec<Snapshot>,
    /// Cells and rows that were not taken; at most [`Observations::REFUSALS_KEPT`], the rest only counted.
    pub refusals: Vec<Refusal>,
    /// Reasons for which the round must not remind anybody, each a sentence with place and remedy.
    pub doubts: Vec<Doubt>,
    /// Units that are no more, and who their counts were added to.
    pub inherited: Vec<(UnitId, UnitId)>,
    /// What two sources say differently of one measure.
    pub differences: Vec<Difference>,
    pub(super) strangers: Strangers,
    /// What is odd but holds nothing up, each a sentence with figures and remedy.
    pub warnings: Vec<String>,
    /// What each source gave, in the order of `snapshots`.
    pub(super) shares: Vec<UnitSums>,
    year: i32,
    folds: Vec<Fold>,
    units: HashMap<UnitId, u32>,
    /// Units of which a row was refused.
    incomplete: HashSet<u32>,
    service_numbers: HashMap<ServiceCode, u32>,
    service_codes: Vec<ServiceCode>,
    /// By unit and service.
    services: Sums,
    /// By unit and month.
    months: Sums,
}

/// Sums since 1 January per unit, one per measure. `None` is "not reported", never zero.
pub(super) type UnitSums = BTreeMap<UnitId, Vec<Option<u64>>>;

/// The figures of one unit.
#[derive(Debug, Clone, Copy)]
pub struct UnitFigures<'a> {
    observations: &'a Observations,
    unit: u32,
}

/// One count per measure. `None` is "not reported", never zero.
#[derive(Debug, Clone, Copy)]
pub struct Counts<'a> {
    sums: &'a Sums,
    slot: usize,
}

impl Counts<'_> {
    /// The count of the measure with this number.
    pub fn get(self, measure: usize) -> Option<u64> {
        self.sums.get(self.slot, measure)
    }
}

impl<'a> UnitFigures<'a> {
    /// The count over the whole period and all services; coverage measures count distinct services. `None` when no
    /// row reported it.
    pub fn total(self, measure: usize) -> Option<u64> {
        let reported = self.services().filter_map(|(_, counts)| counts.get(measure));
        reported.fold(None, |sum: Option<u64>, count| Some(sum.unwrap_or(0).saturating_add(count)))
    }

    /// Per service over the whole period; coverage measures hold 0 or 1 (any month counts).
    pub fn services(self) -> impl Iterator<Item = (&'a ServiceCode, Counts<'a>)> {
        let Observations { services, service_codes, .. } = self.observations;
        services.of(self.unit).filter_map(move |(service, slot)| {
            let code = service_codes.get(usize::try_from(service).ok()?)?;
            Some((code, Counts { sums: services, slot }))
        })
    }

    /// Per month, summed over services, oldest first. Coverage measures are meaningless here.
    pub fn months(self) -> impl Iterator<Item = (Month, Counts<'a>)> {
        self.observations.months_of(self.unit)
    }
}

impl Observations {
    /// How many refusals are kept word for word.
    pub const REFUSALS_KEPT: usize = 1_000;

    /// Nothing yet, ready to collect `measures` for a round in `year`.
    pub(super) fn new(catalog: &Catalog, measures: Vec<Measure>, year: i32) -> Self {
        let width = measures.len();
        Self {
            folds: measures.iter().map(|measure| fold_of(catalog, measure)).collect(),
            measures,
            year,
            services: Sums::new(width),
            months: Sums::new(width),
            ..Self::default()
        }
    }

    /// The number of a measure; `None` when no source has it.
    pub fn measure(&self, measure: &Measure) -> Option<usize> {
        self.measures.iter().position(|known| known == measure)
    }

    /// Units of the sources that led nowhere.
    pub fn strangers(&self) -> &[Stranger] {
        &self.strangers.met
    }

    /// How many units had at least one accepted row.
    pub fn units(&self) -> usize {
        self.units.len()
    }

    /// How many pairs of unit and service have figures.
    pub const fn pairs(&self) -> usize {
        self.services.len()
    }

    /// Every unit with its number, in no order.
    pub(super) fn numbered_units(&self) -> impl Iterator<Item = (&UnitId, u32)> {
        self.units.iter().map(|(id, number)| (id, *number))
    }

    /// The months of the unit with this number, oldest first.
    pub(super) fn months_of(&self, unit: u32) -> impl Iterator<Item = (Month, Counts<'_>)> {
        let Self { months, year, .. } = self;
        let month = move |(number, slot)| Some((Month::new(*year, number)?, Counts { sums: months, slot }));
        months.of(unit).filter_map(month)
    }

    /// The newest month of the year with an accepted row.
    pub fn newest_month(&self) -> Option<Month> {
        self.months.reported().map(|(_, month)| month).max().and_then(|month| Month::new(self.year, month))
    }

    /// The figures of a unit that had at least one accepted row.
    pub fn of(&self, unit: &UnitId) -> Option<UnitFigures<'_>> {
        Some(UnitFigures { observations: self, unit: *self.units.get(unit)? })
    }

    /// Whether a row of the unit was refused: what is left is no fair figure of it, nor of who took it over.
    pub fn is_incomplete(&self, unit: &UnitId) -> bool {
        self.units.get(self.heir_of(unit)).is_some_and(|unit| self.incomplete.contains(unit))
    }

    /// Who the counts of `unit` were added to; itself when it is still there.
    fn heir_of<'u>(&'u self, unit: &'u UnitId) -> &'u UnitId {
        self.inherited.iter().find(|(gone, _)| gone == unit).map_or(unit, |(_, heir)| heir)
    }

    pub(super) fn miss_a_row_of(&mut self, unit: u32) {
        self.incomplete.insert(unit);
    }

    /// Whether a measure counts services (0 or 1 per row) instead of dossiers.
    pub(super) fn is_coverage(&self, measure: usize) -> bool {
        self.folds.get(measure) == Some(&Fold::Any)
    }

    /// The number of a unit.
    pub(super) fn unit_number(&mut self, unit: &UnitId) -> u32 {
        let next = u32::try_from(self.units.len()).unwrap_or(u32::MAX);
        *self.units.entry(unit.clone()).or_insert(next)
    }

    /// The number of a service.
    pub(super) fn service_number(&mut self, code: &str) -> u32 {
        if let Some(number) = self.service_numbers.get(code) {
            return *number;
        }
        let number = u32::try_from(self.service_codes.len()).unwrap_or(u32::MAX);
        let code = ServiceCode::from(code);
        self.service_codes.push(code.clone());
        self.service_numbers.insert(code, number);
        number
    }

    /// The slot of a unit and service.
    pub(super) fn service_slot(&mut self, unit: u32, service: u32) -> usize {
        self.services.slot((unit, service))
    }

    /// The slot of a unit and month of the round's year.
    pub(super) fn month_slot(&mut self, unit: u32, month: u32) -> usize {
        self.months.slot((unit, month))
    }

    /// Adds one count to its service and its month.
    pub(super) fn add(&mut self, service_slot: usize, month_slot: usize, measure: usize, count: u64) {
        let fold = self.folds.get(measure).copied().unwrap_or(Fold::Sum);
        self.services.add(service_slot, measure, count, fold);
        self.months.add(month_slot, measure, count, fold);
    }

    /// Adds counts of several measures to a service; bit `n` of `reported` says whether measure `n` was.
    pub(super) fn add_to_service(&mut self, slot: usize, counts: &[u32], reported: u32) {
        self.services.add_all(slot, counts, reported, &self.folds);
    }

    /// The same for a month.
    pub(super) fn add_to_month(&mut self, slot: usize, counts: &[u32], reported: u32) {
        self.months.add_all(slot, counts, reported, &self.folds);
    }

    /// Takes over what was collected of another part of the same table. `moved` hears of each of the part's services,
    /// in the order of its slots, which slot it has now.
    pub(super) fn absorb(&mut self, part: Self, moved: impl FnMut(usize)) {
        let mut units: Vec<(&UnitId, u32)> = part.units.iter().map(|(id, number)| (id, *number)).collect();
        units.sort_by_key(|(_, number)| *number);
        let units: Vec<u32> = units.into_iter().map(|(id, _)| self.unit_number(id)).collect();
        let services: Vec<u32> = part.service_codes.iter().map(|code| self.service_number(code)).collect();
        let renamed = |names: &[u32], number: u32| {
            usize::try_from(number).ok().and_then(|number| names.get(number)).copied().unwrap_or(u32::MAX)
        };
        let service = |(unit, service)| (renamed(&units, unit), renamed(&services, service));
        self.services.take_over(part.services, service, &self.folds, moved);
        self.months.take_over(part.months, |(unit, month)| (renamed(&units, unit), month), &self.folds, |_| {});
    }

    /// Ends the collecting.
    pub(super) fn settle(&mut self) {
        self.service_numbers = HashMap::new();
        self.services.settle();
        self.months.settle();
    }

    /// Adds what units reported that are no more to those who answer for them now. Counts add up; services that had
    /// dossiers (coverage) would count twice and are left out.
    pub(super) fn inherit(&mut self, catalog: &Catalog) {
        let heir = |(id, number): (&UnitId, &u32)| match catalog.heir(id) {
            Heir::One(heir) => Some((id.clone(), *number, heir)),
            Heir::Itself | Heir::Several(_) | Heir::Nobody => None,
        };
        let mut gone: Vec<(UnitId, u32, UnitId)> = self.units.iter().filter_map(heir).collect();
        gone.sort();
        if gone.is_empty() {
            return;
        }
        for (id, number, heir) in gone {
            let heir_number = self.unit_number(&heir);
            self.services.hand_on(number, heir_number, &self.folds);
            self.months.hand_on(number, heir_number, &self.folds);
            if self.incomplete.contains(&number) {
                self.incomplete.insert(heir_number);
            }
            self.inherited.push((id, heir));
        }
        for (id, _) in &self.inherited {
            self.units.remove(id);
        }
        self.services.settle();
        self.months.settle();
    }

    /// Per source the sums of every unit it gave a count of, units with a refused row left out: they are not whole.
    /// `owner` says which source's the count in a month's slot is.
    pub(super) fn by_source(&self, owner: impl Fn(usize, usize) -> usize) -> Vec<UnitSums> {
        let (sources, width) = (self.snapshots.len(), self.measures.len());
        let mut shares = vec![UnitSums::new(); sources];
        for (id, unit) in self.units.iter().filter(|(_, unit)| !self.incomplete.contains(unit)) {
            let figures = UnitFigures { observations: self, unit: *unit };
            let mut sums: Vec<Option<Vec<Option<u64>>>> = vec![None; sources];
            let slots = self.months.of(*unit).flat_map(|(_, slot)| (0..width).map(move |measure| (slot, measure)));
            for (slot, measure) in slots {
                let Some(count) = self.months.get(slot, measure) else { continue };
                let Some(of_source) = sums.get_mut(owner(slot, measure)) else { continue };
                let Some(sum) = of_source.get_or_insert_with(|| vec![None; width]).get_mut(measure) else { continue };
                // Services are counted once a year, not once a month.
                *sum = match *sum {
                    None if self.is_coverage(measure) => figures.total(measure),
                    Some(sum) if self.is_coverage(measure) => Some(sum),
                    sum => Some(sum.unwrap_or(0).saturating_add(count)),
                };
            }
            for (share, sums) in shares.iter_mut().zip(sums) {
                share.extend(sums.map(|sums| (id.clone(), sums)));
            }
        }
        shares
    }

    /// The first month of the year that any unit has figures of.
    pub(super) fn first_month(&self) -> Option<Month> {
        let months = self.units.values().filter_map(|unit| self.months.of(*unit).next());
        Month::new(self.year, months.map(|(month, _)| month).min()?)
    }

    /// Whether a single source gives counts of all these measures.
    pub(super) fn one_source_gives<'m>(&self, measures: impl Iterator<Item = &'m Measure>) -> bool {
        let Some(numbers) = measures.map(|measure| self.measure(measure)).collect::<Option<Vec<usize>>>() else {
            return false;
        };
        self.shares.iter().any(|share| {
            let gives = |number: &usize| share.values().any(|sums| sums.get(*number).is_some_and(Option::is_some));
            numbers.iter().all(gives)
        })
    }

    /// Leaves a unit unjudged, as if a row of it had been refused: its figures cannot be true. So is who took it over.
    pub fn set_aside(&mut self, unit: &UnitId) {
        if let Some(number) = self.units.get(self.heir_of(unit)).copied() {
            self.incomplete.insert(number);
        }
        for share in &mut self.shares {
            share.remove(unit);
        }
    }

    /// The units that have figures both with and without a service code: a subtotal there would count twice.
    pub(super) fn units_with_unsplit_rows(&self) -> Vec<&UnitId> {
        let Some(empty) = self.service_codes.iter().position(|code| code.is_empty()) else { return Vec::new() };
        let mixed = |unit: u32| {
            let reported = self.services.of(unit).filter(|(_, slot)| self.services.is_reported(*slot));
            let mut services = reported.map(|(service, _)| usize::try_from(service) == Ok(empty));
            let first = services.next();
            services.any(|other| Some(other) != first)
        };
        let mut units: Vec<&UnitId> = self.units.iter().filter(|(_, unit)| mixed(**unit)).map(|(id, _)| id).collect();
        units.sort();
        units
    }
}

fn fold_of(catalog: &Catalog, measure: &Measure) -> Fold {
    let of_coverage = catalog.definitions.iter().any(|indicator| {
        indicator.kind == IndicatorKind::Coverage && [&indicator.numerator, &indicator.denominator].contains(&measure)
    });
    if of_coverage { Fold::Any } else { Fold::Sum }
}

#[cfg(test)]
impl Observations {
    /// Figures without a source: unit, service, month and one cell per measure.
    pub(crate) fn of_rows(catalog: &Catalog, measures: &[&str], rows: &[(&str, &str, Month, &[Option<u64>])]) -> Self {
        let measures = measures.iter().map(|name| Measure::new(name)).collect();
        let mut observations = Self::new(catalog, measures, rows.first().map_or(2022, |row| row.2.year()));
        for (unit, service, month, counts) in rows {
            let unit = observations.unit_number(&UnitId::new(unit));
            let service = observations.service_number(service);
            let slots = (observations.service_slot(unit, service), observations.month_slot(unit, month.number()));
            for (measure, count) in counts.iter().enumerate() {
                if let Some(count) = count {
                    observations.add(slots.0, slots.1, measure, *count);
                }
            }
        }
        observations.settle();
        observations
    }
}
