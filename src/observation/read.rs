//! Tables → observations, row by row.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use chrono::Datelike as _;

use super::bulk;
use super::gate::{Conflict, doubts};
use super::period::Written;
use super::reconcile::Beside;
use super::rows::{Left, Mapping, Rows, Taken};
use super::seen::{Owners, Seen};
use super::{Asked, Doubt, Observations, Refusal, Snapshot};
use crate::catalog::{Catalog, Measure};
use crate::source::{FetchError, Fetched, Part, Row, Table};

/// Bytes from which on a table is worth several threads.
const LARGE: u64 = 4 << 20;

/// Reads all tables of a round, opened before the first is read. Blocks on their files.
///
/// Rows of other years and later than the as-of date are skipped; a row with anything wrong is refused whole. What
/// makes the figures too doubtful to act on comes back in [`Observations::doubts`].
///
/// # Errors
/// When a table cannot be read to its end, is not UTF-8, or changed while it was read.
pub fn read(catalog: &Catalog, sources: &[Fetched], asked: &Asked) -> Result<Observations, FetchError> {
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    read_by(catalog, sources, asked, (u64::try_from(threads).unwrap_or(1), LARGE))
}

/// Reads large tables (from so many bytes on) by so many threads.
pub(super) fn read_by(
    catalog: &Catalog,
    sources: &[Fetched],
    asked: &Asked,
    (threads, bulk_from): (u64, u64),
) -> Result<Observations, FetchError> {
    let tables = sources.iter().map(|fetched| Ok((fetched.open()?, fetched)));
    let tables = tables.collect::<Result<Vec<(Table, &Fetched)>, FetchError>>()?;
    let mut measures: Vec<Measure> = Vec::new();
    for (name, _) in sources.iter().flat_map(|fetched| &fetched.settings().columns.measures) {
        let measure = Measure::new(name);
        if !measures.contains(&measure) {
            measures.push(measure);
        }
    }
    let rows = Rows::new(catalog, asked.until, measures.len());
    let observations = Observations::new(catalog, measures, asked.until.year());
    let mut reading = Reading {
        catalog,
        asked,
        rows,
        beside: Beside::new(&asked.reconcile, sources, &observations),
        observations,
        owners: (tables.len() > 1).then(Owners::default),
        threads,
        bulk_from,
    };
    for (number, (table, fetched)) in tables.into_iter().enumerate() {
        reading.table(number, table, fetched)?;
    }
    Ok(reading.finish())
}

struct Reading<'a> {
    catalog: &'a Catalog,
    asked: &'a Asked,
    rows: Rows<'a>,
    observations: Observations,
    beside: Beside,
    owners: Option<Owners>,
    /// Threads that a large table is read by, and from how many bytes on it is large.
    threads: u64,
    bulk_from: u64,
}

/// What one table brought.
#[derive(Default)]
struct Tally {
    rows: u64,
    skipped: u64,
    refused: u64,
    /// Dossiers that stand there once more.
    repeated: u64,
    newest: Option<super::Month>,
    totals: Vec<u64>,
    seen: Seen,
    again: Vec<Again>,
    /// Refusals of tables before this one.
    refusals_before: usize,
}

/// A row about a period, unit and service that an earlier row was about.
struct Again {
    slot: usize,
    written: Written,
    line: u64,
    fingerprint: u64,
}

impl Reading<'_> {
    fn table(&mut self, number: usize, table: Table, fetched: &Fetched) -> Result<(), FetchError> {
        let mapping = Mapping::of(self.catalog, &self.observations, &table, fetched.settings(), &self.asked.identities);
        let alone = self.owners.is_none() && self.beside.is_empty();
        match fetched.parts(&table, self.threads, self.bulk_from)?.filter(|_| alone) {
            None => self.row_by_row(number, table, fetched, &mapping),
            Some(parts) => self.in_parts(table, parts, fetched, &mapping),
        }
    }

    /// A large table, unless it has a blemish.
    fn in_parts(
        &mut self,
        table: Table,
        (parts, delimiter): (Vec<Part>, u8),
        fetched: &Fetched,
        mapping: &Mapping,
    ) -> Result<(), FetchError> {
        let (places, width) = (table.places().clone(), table.header().len());
        let ground =
            bulk::Ground { catalog: self.catalog, until: self.asked.until, places: &places, mapping, width, delimiter };
        match bulk::read(ground, table, parts, &self.observations)? {
            Ok(bulk::Bulk { counted, sha256 }) if fetched.may_have(counted.rows) => {
                self.observations = counted.observations;
                let tally = Tally {
                    rows: counted.rows,
                    skipped: counted.skipped,
                    newest: counted.newest,
                    totals: counted.totals,
                    ..Tally::default()
                };
                self.settle(fetched, tally, sha256, &[]);
                Ok(())
            }
            // What is wrong is told there, with its place.
            Ok(_) | Err(bulk::Blemish) => self.row_by_row(0, fetched.open()?, fetched, mapping),
        }
    }

    fn row_by_row(
        &mut self,
        number: usize,
        mut table: Table,
        fetched: &Fetched,
        mapping: &Mapping,
    ) -> Result<(), FetchError> {
        let mut tally = Tally {
            totals: vec![0; self.observations.measures.len()],
            refusals_before: self.observations.refusals.len(),
            ..Tally::default()
        };
        let (skipped, repeated) = table.beside();
        tally.rows = skipped + repeated;
        (tally.skipped, tally.repeated) = (skipped, repeated);
        self.rows.begin_table();
        while let Some(row) = table.next_row()? {
            tally.rows += row.weight();
            match self.rows.read(row, mapping, &mut self.observations) {
                Err(left) => self.leave(left, &fetched.settings().name, row, &mut tally),
                Ok(taken) => {
                    let slot = self.observations.service_slot(taken.unit, taken.service);
                    if !row.table().adds_up() && tally.seen.again(slot, taken.written) {
                        let fingerprint = fingerprint(&self.rows.counts);
                        tally.again.push(Again { slot, written: taken.written, line: row.line(), fingerprint });
                    } else {
                        self.count(number, taken, slot, &mut tally);
                    }
                }
            }
        }
        let sha256 = table.finish()?;
        let conflicts = self.compare(fetched, mapping, &tally.again, &sha256)?;
        self.settle(fetched, tally, sha256, &conflicts);
        Ok(())
    }

    /// Records what was read of a table, and what about it is doubtful.
    fn settle(&mut self, fetched: &Fetched, tally: Tally, sha256: String, conflicts: &[Conflict]) {
        let settings = fetched.settings();
        let names = self.observations.measures.iter().map(|measure| measure.as_str().to_owned());
        let snapshot = Snapshot {
            id: Snapshot::id_of(&settings.name, &sha256),
            source: settings.name.clone(),
            origin: fetched.origin().to_owned(),
            sha256,
            pulled_at: self.asked.pulled_at,
            newest: tally.newest,
            rows: tally.rows,
            refused: tally.refused,
            skipped: tally.skipped,
            repeated: tally.repeated + u64::try_from(tally.again.len() - conflicts.len()).unwrap_or(u64::MAX),
            totals: names.zip(tally.totals).collect(),
        };
        let refusals = self.observations.refusals.get(tally.refusals_before..).unwrap_or_default();
        let doubts = doubts(settings, &snapshot, refusals, conflicts, self.asked);
        self.observations.doubts.extend(doubts);
        self.observations.doubts.extend(fetched.discrepancies().into_iter().map(|found| Doubt {
            source: settings.name.clone(),
            code: found.code,
            message: format!("source `{}`: {}", settings.name, found.message),
            remedy: found.remedy.to_owned(),
        }));
        self.observations.snapshots.push(snapshot);
    }

    /// Takes note of a row that counts nothing.
    fn leave(&mut self, left: Left, source: &str, row: Row<'_>, tally: &mut Tally) {
        let refusal = match left {
            Left::OtherPeriod => None,
            Left::Refused(refusal) => Some(refusal),
            Left::Strayed(strayed, refusal) => {
                self.observations.strangers.meet(source, row.table().origin(), *strayed);
                refusal
            }
        };
        let Some(refusal) = refusal else {
            tally.skipped += row.weight();
            return;
        };
        tally.refused += row.weight();
        if self.observations.refusals.len() < Observations::REFUSALS_KEPT {
            self.observations.refusals.push(*refusal);
        }
    }

    fn count(&mut self, table: usize, taken: Taken, service_slot: usize, tally: &mut Tally) {
        let month = taken.written.month();
        let month_slot = self.observations.month_slot(taken.unit, month.number());
        tally.newest = tally.newest.max(Some(month));
        for (measure, count) in self.rows.counts.iter().enumerate() {
            let Some(count) = *count else { continue };
            if self.beside.keep(table, measure, (taken.unit, month.number()), count) {
                if let Some(total) = tally.totals.get_mut(measure) {
                    *total = total.saturating_add(count);
                }
                continue;
            }
            if self.owners.as_mut().is_some_and(|owners| owners.taken_by_another(month_slot, measure, table)) {
                continue;
            }
            self.observations.add(service_slot, month_slot, measure, count);
            if let Some(total) = tally.totals.get_mut(measure) {
                *total = total.saturating_add(count);
            }
        }
    }

    /// Reads the table once more to find the rows that `again` repeats; only a table with repeated rows costs this.
    fn compare(
        &mut self,
        fetched: &Fetched,
        mapping: &Mapping,
        again: &[Again],
        sha256: &str,
    ) -> Result<Vec<Conflict>, FetchError> {
        if again.is_empty() {
            return Ok(Vec::new());
        }
        let mut firsts: HashMap<(usize, Written), Option<(u64, u64)>> =
            again.iter().map(|row| ((row.slot, row.written), None)).collect();
        let mut table = fetched.open()?;
        self.rows.begin_table();
        while let Some(row) = table.next_row()? {
            let Ok(taken) = self.rows.read(row, mapping, &mut self.observations) else { continue };
            let slot = self.observations.service_slot(taken.unit, taken.service);
            if let Some(first @ None) = firsts.get_mut(&(slot, taken.written)) {
                *first = Some((row.line(), fingerprint(&self.rows.counts)));
            }
        }
        let origin = table.origin().to_owned();
        if table.finish()? != sha256 {
            return Err(FetchError::Unreachable {
                name: fetched.settings().name.clone(),
                place: origin,
                source: std::io::Error::other("the file changed while it was read"),
            });
        }
        let conflict = |row: &Again| match firsts.get(&(row.slot, row.written)).copied().flatten() {
            Some((line, fingerprint)) if fingerprint != row.fingerprint => {
                Some(Conflict { first: fetched.place_of(line), second: fetched.place_of(row.line) })
            }
            _ => None,
        };
        Ok(again.iter().filter_map(conflict).collect())
    }

    fn finish(mut self) -> Observations {
        self.observations.settle();
        let owner = |slot: usize, measure: usize| self.owners.as_ref().map_or(0, |owners| owners.of(slot, measure));
        // Before counts are inherited: a source is compared with what itself said of the units that it names.
        self.observations.shares = self.observations.by_source(owner);
        if let Some(doubt) = self.owners.as_ref().and_then(|owners| self.overlap(owners)) {
            self.observations.doubts.push(doubt);
        }
        if let Some(doubt) = unsplit(&self.observations) {
            self.observations.doubts.push(doubt);
        }
        self.observations.differences = self.beside.differences(self.catalog, &self.observations);
        self.observations.inherit(self.catalog);
        self.observations
    }

    fn overlap(&self, owners: &Owners) -> Option<Doubt> {
        let (measure, one, other) = owners.first?;
        let source = |table: usize| self.observations.snapshots.get(table).map_or("", |snapshot| &snapshot.source);
        let measure = self.observations.measures.get(measure)?.as_str();
        Some(Doubt {
            code: "conflicting_rows",
            source: String::new(),
            message: format!(
                "sources `{}` and `{}` both give `{measure}` of the same unit and month ({} cells in all)",
                source(one),
                source(other),
                owners.overlaps,
            ),
            remedy: "map each measure of a unit in one source only".to_owned(),
        })
    }
}

fn unsplit(observations: &Observations) -> Option<Doubt> {
    let units = observations.units_with_unsplit_rows();
    let first = units.first()?;
    Some(Doubt {
        code: "conflicting_rows",
        source: String::new(),
        message: format!(
            "unit {first} has rows with and rows without a service code ({} such units): a subtotal would count twice",
            units.len(),
        ),
        remedy: "leave the subtotal rows out of the source, or give every row its service code".to_owned(),
    })
}

fn fingerprint(counts: &[Option<u64>]) -> u64 {
    let mut hasher = DefaultHasher::new();
    counts.hash(&mut hasher);
    hasher.finish()
}

impl Refusal {
    /// How many characters of a cell are shown.
    pub(super) const VALUE_SHOWN: usize = 60;
}
