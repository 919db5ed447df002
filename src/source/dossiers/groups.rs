//! What dossiers add up to: counts per month, unit and service.

use std::collections::HashMap;

use super::dossier::{FEE_TOLD, PAYMENT_TOLD};
use super::{Field, Reading, Sum};

/// Groups at most: 3,000 units with 14 services each over a year.
const MOST: usize = 500_000;

/// All groups so far.
#[derive(Debug)]
pub(super) struct Groups {
    units: Names,
    services: Names,
    numbers: HashMap<(u32, u32, u32), u32>,
    all: Vec<Group>,
    /// `width` of them for each group: the sums, then how often the fee and the way of paying were told.
    counts: Vec<u32>,
    width: usize,
    key: String,
}

#[derive(Debug)]
struct Group {
    unit: u32,
    service: u32,
    month: u32,
    first: u64,
    /// Dossiers that belong here; one that was received and resolved in different months belongs to the former.
    dossiers: u32,
}

#[derive(Debug, Default)]
struct Names {
    numbers: HashMap<String, u32>,
    names: Vec<String>,
}

impl Names {
    fn number(&mut self, name: &str) -> u32 {
        if let Some(number) = self.numbers.get(name) {
            return *number;
        }
        let number = u32::try_from(self.names.len()).unwrap_or(u32::MAX);
        self.numbers.insert(name.to_owned(), number);
        self.names.push(name.to_owned());
        number
    }

    fn name(&self, number: u32) -> &str {
        usize::try_from(number).ok().and_then(|number| self.names.get(number)).map_or("", String::as_str)
    }
}

/// There are too many groups.
#[derive(Debug)]
pub(super) struct TooMany;

/// One line of the text.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) first: u64,
    pub(super) dossiers: u32,
    pub(super) cells: Vec<String>,
}

/// Between code and name of a unit; neither holds one.
const BETWEEN: char = '\u{1f}';

impl Groups {
    pub(super) fn new(sums: &[Sum]) -> Self {
        let width = sums.len() + 2;
        let (units, services) = (Names::default(), Names::default());
        Self {
            units,
            services,
            numbers: HashMap::new(),
            all: Vec::new(),
            counts: Vec::new(),
            width,
            key: String::new(),
        }
    }

    /// The group of this month, unit (code and name) and service; `line` is where it is met.
    pub(super) fn number(
        &mut self,
        month: u32,
        (code, name): (&str, &str),
        service: &str,
        line: u64,
    ) -> Result<u32, TooMany> {
        self.key.clear();
        self.key.push_str(code);
        self.key.push(BETWEEN);
        self.key.push_str(name);
        let (unit, service) = (self.units.number(&self.key), self.services.number(service));
        if let Some(number) = self.numbers.get(&(unit, service, month)) {
            return Ok(*number);
        }
        if self.all.len() >= MOST {
            return Err(TooMany);
        }
        let number = u32::try_from(self.all.len()).map_err(|_| TooMany)?;
        self.numbers.insert((unit, service, month), number);
        self.all.push(Group { unit, service, month, first: line, dossiers: 0 });
        self.counts.resize(self.all.len() * self.width, 0);
        Ok(number)
    }

    /// Adds one to the sums whose bits are set, or takes it back.
    pub(super) fn add(&mut self, group: u32, bits: u32, back: bool) {
        let Some(from) = usize::try_from(group).ok().map(|group| group * self.width) else { return };
        let counts = self.counts.get_mut(from..from + self.width).unwrap_or_default();
        let told = counts.len().saturating_sub(2);
        for (at, count) in counts.iter_mut().enumerate() {
            let bit = if at < told { at } else { at - told + FEE_TOLD };
            let one = bits >> bit & 1;
            *count = if back { count.saturating_sub(one) } else { count.saturating_add(one) };
        }
    }

    /// Says that a dossier belongs to the group, or no more.
    pub(super) fn belongs(&mut self, group: u32, back: bool) {
        let group = usize::try_from(group).ok().and_then(|group| self.all.get_mut(group));
        if let Some(group) = group {
            group.dossiers = if back { group.dossiers.saturating_sub(1) } else { group.dossiers.saturating_add(1) };
        }
    }

    /// The month of a group.
    pub(super) fn month(&self, group: u32) -> Option<u32> {
        Some(self.all.get(usize::try_from(group).ok()?)?.month)
    }

    /// Code and name of a group's unit.
    pub(super) fn unit(&self, group: u32) -> (&str, &str) {
        let group = usize::try_from(group).ok().and_then(|group| self.all.get(group));
        let name = group.map_or("", |group| self.units.name(group.unit));
        name.split_once(BETWEEN).unwrap_or_default()
    }

    /// The lines of the year `year`, by month, unit and service; each is made when it is asked for.
    pub(super) fn lines(&self, year: i32, reading: &Reading, sums: &[Sum]) -> impl Iterator<Item = Line> {
        let counts = self.counts.chunks_exact(self.width);
        let filled = self.all.iter().zip(counts).filter(|(_, counts)| counts.iter().any(|count| *count > 0));
        let mut filled: Vec<(&Group, &[u32])> = filled.collect();
        filled.sort_unstable_by_key(|(group, _)| {
            (group.month, self.units.name(group.unit), self.services.name(group.service))
        });
        filled.into_iter().map(move |(group, counts)| Line {
            first: group.first,
            dossiers: group.dossiers,
            cells: self.cells((group, counts), year, reading, sums),
        })
    }

    fn cells(&self, (group, counts): (&Group, &[u32]), year: i32, reading: &Reading, sums: &[Sum]) -> Vec<String> {
        let (code, name) = self.units.name(group.unit).split_once(BETWEEN).unwrap_or_default();
        let service = self.services.name(group.service);
        let mut cells = vec![format!("{year:04}-{:02}", group.month)];
        let named = [(Field::UnitCode, code), (Field::UnitName, name), (Field::ServiceCode, service)];
        cells.extend(named.into_iter().filter(|(field, _)| reading.has(*field)).map(|(_, text)| text.to_owned()));
        let returns_document = !reading.without_result.iter().any(|code| code == service);
        let told = |bit: usize| counts.get(sums.len() + bit - FEE_TOLD).is_some_and(|count| *count > 0);
        cells.extend(sums.iter().zip(counts).map(|(sum, count)| {
            let is_told = match sum {
                Sum::ResultsDue | Sum::ResultsElectronic => returns_document,
                Sum::FeeTransactions => told(FEE_TOLD),
                Sum::Paid(_) => told(PAYMENT_TOLD),
                _ => true,
            };
            match sum {
                _ if !is_told => String::new(),
                Sum::ServicesOnlineWithDossiers => (*count).min(1).to_string(),
                _ => count.to_string(),
            }
        }));
        cells
    }
}
