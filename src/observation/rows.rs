//! One row of a table → unit, service, period and counts, or the reason why not.

use std::collections::HashMap;
use std::fmt::Write as _;

use chrono::{Datelike as _, NaiveDate};

use super::number::count;
use super::period::Written;
use super::plausible::Plausible;
use super::strangers::{Stray, Strayed, remedy_for, why_unmatched};
use super::{Identity, NOT_SHOWN, Observations, Refusal};
use crate::catalog::{Catalog, Heir, Kind};
use crate::source::{Broken, NumberFormat, Row, Settings, Table};

/// How one table's columns become measures.
#[derive(Debug)]
pub(super) struct Mapping {
    /// 0-based column and number of the measure in it.
    columns: Vec<(usize, usize)>,
    plausible: Plausible,
    numbers: NumberFormat,
}

/// What a good row says; its counts lie in [`Rows::counts`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Taken {
    pub(super) unit: u32,
    pub(super) service: u32,
    pub(super) written: Written,
}

/// Why a row counts nothing.
#[derive(Debug)]
pub(super) enum Left {
    /// It is of another year or later than the as-of date.
    OtherPeriod,
    /// Something is wrong with it.
    Refused(Box<Refusal>),
    /// Its unit leads nowhere; refused unless the row only waits for a person.
    Strayed(Box<Strayed>, Option<Box<Refusal>>),
}

/// Reads rows, remembering units it has met.
#[derive(Debug)]
pub(super) struct Rows<'a> {
    catalog: &'a Catalog,
    as_of: NaiveDate,
    /// Code and name as written → number of the unit. Only found ones, so that junk cannot fill it.
    met: HashMap<String, u32>,
    key: String,
    /// What the last row said: tables are sorted, so the next row mostly says the same.
    last_unit: Option<(String, String, u32)>,
    /// The directory's era that `last_unit` was found in.
    era: usize,
    last_period: Option<(String, Written)>,
    dated: Option<bool>,
    /// The counts of the row read last, by number of the measure.
    pub(super) counts: Vec<Option<u64>>,
}

impl Mapping {
    /// The mapping of `table`, whose measures are all among those of `observations`.
    pub(super) fn of(
        catalog: &Catalog,
        observations: &Observations,
        table: &Table,
        settings: &Settings,
        identities: &[Identity],
    ) -> Self {
        let mapped = settings.columns.measures.iter().zip(&table.places().measures);
        let columns: Vec<(usize, usize)> = mapped
            .filter_map(|((name, _), column)| {
                Some((*column, observations.measures.iter().position(|measure| measure.as_str() == name)?))
            })
            .collect();
        let here = |measure| columns.iter().any(|(_, mapped)| *mapped == measure);
        let plausible = Plausible::of(catalog, observations, identities, here);
        Self { columns, plausible, numbers: settings.columns.numbers }
    }

    /// 0-based columns, each with the number of the measure in it.
    pub(super) fn columns(&self) -> &[(usize, usize)] {
        &self.columns
    }

    /// Numbers of the measures that are numerator and denominator of one rate.
    pub(super) fn pairs(&self) -> &[(usize, usize)] {
        self.plausible.pairs()
    }

    /// Whether rows are checked by further sums.
    pub(super) fn has_sums(&self) -> bool {
        self.plausible.has_sums()
    }

    /// How counts are written.
    pub(super) const fn numbers(&self) -> NumberFormat {
        self.numbers
    }

    fn column_of(&self, measure: usize) -> usize {
        self.columns.iter().find(|(_, mapped)| *mapped == measure).map_or(0, |(column, _)| *column)
    }
}

impl<'a> Rows<'a> {
    /// A reader of rows for a round as of `as_of`.
    pub(super) fn new(catalog: &'a Catalog, as_of: NaiveDate, measures: usize) -> Self {
        Self {
            catalog,
            as_of,
            met: HashMap::new(),
            key: String::new(),
            last_unit: None,
            era: 0,
            last_period: None,
            dated: None,
            counts: vec![None; measures],
        }
    }

    /// Begins another table, or the same one again.
    pub(super) fn begin_table(&mut self) {
        self.dated = None;
        self.last_period = None;
    }

    /// Reads one row. A row that is not taken counts nothing at all.
    pub(super) fn read(
        &mut self,
        row: Row<'_>,
        mapping: &Mapping,
        observations: &mut Observations,
    ) -> Result<Taken, Left> {
        let taken = self.take(row, mapping, observations);
        if matches!(taken, Err(Left::Refused(_)))
            && let day = self.period(row).map_or(self.as_of, Written::last_day)
            && let Ok(unit) = self.unit(row, day, observations)
        {
            observations.miss_a_row_of(unit);
        }
        taken
    }

    fn take(&mut self, row: Row<'_>, mapping: &Mapping, observations: &mut Observations) -> Result<Taken, Left> {
        if let Some(broken) = row.broken() {
            return Err(Left::Refused(of_dossier(row, broken)));
        }
        fits_header(row)?;
        let written = self.period(row)?;
        let unit = self.unit(row, written.last_day(), observations)?;
        self.counts_of(row, mapping, observations)?;
        let service = row.table().places().service_code.and_then(|column| row.cell(column)).unwrap_or_default();
        Ok(Taken { unit, service: observations.service_number(service), written })
    }

    fn period(&mut self, row: Row<'_>) -> Result<Written, Left> {
        let column = row.table().places().period;
        let text = row.cell(column).unwrap_or_default();
        if let Some((last, written)) = &self.last_period
            && last == text
        {
            return Ok(*written);
        }
        let Some(written) = Written::read(text) else {
            return Err(refused(
                row,
                column,
                "neither a month nor a date".to_owned(),
                "write the month as `2022-10` or the date as `2022-10-31`",
            ));
        };
        if written.month().year() != self.as_of.year() || written.first_day() > self.as_of {
            return Err(Left::OtherPeriod);
        }
        let dated = matches!(written, Written::Day(_));
        if *self.dated.get_or_insert(dated) != dated {
            let reason = if dated { "a date among months" } else { "a month among dates" };
            return Err(refused(
                row,
                column,
                format!("{reason}: the same dossiers could count twice"),
                "keep months and dates in two sources, or write all periods alike",
            ));
        }
        let last = self.last_period.get_or_insert_with(|| (String::new(), written));
        text.clone_into(&mut last.0);
        last.1 = written;
        Ok(written)
    }

    /// The unit that the row means in the directory of its period.
    fn unit(&mut self, row: Row<'_>, period_end: NaiveDate, observations: &mut Observations) -> Result<u32, Left> {
        let day = period_end.min(self.as_of);
        let era = self.catalog.era(day);
        if era != self.era {
            self.era = era;
            self.last_unit = None;
        }
        let places = row.table().places();
        let cell = |column: Option<usize>| column.and_then(|column| row.cell(column)).unwrap_or_default();
        let (code, name) = (cell(places.unit_code), cell(places.unit_name));
        if let Some((last_code, last_name, unit)) = &self.last_unit
            && last_code == code
            && last_name == name
        {
            return Ok(*unit);
        }
        self.key.clear();
        if era > 0 {
            let _ = write!(self.key, "{era}\0");
        }
        self.key.push_str(code);
        self.key.push('\0');
        self.key.push_str(name);
        if let Some(unit) = self.met.get(&self.key) {
            let last = self.last_unit.get_or_insert_with(Default::default);
            code.clone_into(&mut last.0);
            name.clone_into(&mut last.1);
            last.2 = *unit;
            return Ok(*unit);
        }
        let by_code = !code.is_empty() || places.unit_name.is_none();
        let column = if by_code { places.unit_code } else { places.unit_name }.unwrap_or_default();
        let strayed = |why| {
            let (code, name) = (code.to_owned(), name.to_owned());
            let (line, rows) = (row.line(), row.weight());
            Box::new(Strayed { code, name, why, line, at: row.place(column), asked_on: day, rows })
        };
        let id = match self.catalog.find_on(code, name, day) {
            Ok(id) => id,
            Err(unmatched) => {
                let reason = why_unmatched(self.catalog, &unmatched, code, name, day);
                let refusal =
                    refusal(row, column, reason, remedy_for(&unmatched, by_code && row.table().has_numeric_codes()));
                return Err(Left::Strayed(strayed(Stray::from(&unmatched)), Some(refusal)));
            }
        };
        if self.catalog.unit_on(id, day).is_some_and(|unit| unit.kind == Kind::Province) {
            let reason = "figures of the whole province are not taken: they are the sum of its units".to_owned();
            return Err(refused(row, column, reason, "leave the total row out of the source"));
        }
        match self.catalog.heir(id) {
            Heir::Itself | Heir::One(_) => {}
            Heir::Several(_) => return Err(Left::Strayed(strayed(Stray::Divided), None)),
            Heir::Nobody => return Err(Left::Strayed(strayed(Stray::Dissolved), None)),
        }
        let unit = observations.unit_number(id);
        self.met.insert(self.key.clone(), unit);
        Ok(unit)
    }

    fn counts_of(&mut self, row: Row<'_>, mapping: &Mapping, observations: &Observations) -> Result<(), Left> {
        self.counts.fill(None);
        for (column, measure) in &mapping.columns {
            let text = row.cell(*column).unwrap_or_default();
            let count = count(text, mapping.numbers)
                .map_err(|no_count| refused(row, *column, no_count.reason.to_owned(), no_count.remedy))?;
            if observations.is_coverage(*measure) && count.is_some_and(|count| count > 1) {
                let reason = "a service either counts or not: 0 or 1".to_owned();
                return Err(refused(row, *column, reason, "write 1 if the service is counted, else 0"));
            }
            if let Some(cell) = self.counts.get_mut(*measure) {
                *cell = count;
            }
        }
        let header = row.table().header();
        let count = |measure: usize| self.counts.get(measure).copied().flatten();
        let name = |measure: usize| header.get(mapping.column_of(measure)).map_or("", String::as_str);
        mapping
            .plausible
            .check(count, name)
            .map_err(|wrong| refused(row, mapping.column_of(wrong.measure), wrong.reason, wrong.remedy))
    }
}

/// A row may be longer than the header only by empty cells, and never shorter: it may be cut off.
fn fits_header(row: Row<'_>) -> Result<(), Left> {
    let (cells, headers) = (row.width(), row.table().header().len());
    let extra = (headers..cells).find(|column| row.cell(*column).is_some_and(|cell| !cell.is_empty()));
    if cells >= headers && extra.is_none() {
        return Ok(());
    }
    let reason = format!("the row has {cells} cells, the header {headers}");
    let column = extra.unwrap_or_else(|| cells.saturating_sub(1));
    Err(refused(row, column, reason, "export the row again; look for a missing cell, quotation mark or delimiter"))
}

/// A dossier that could not be counted. What stands in it is never shown.
fn of_dossier(row: Row<'_>, broken: &Broken) -> Box<Refusal> {
    let Broken { line, column, at, header, reason, remedy, .. } = broken.clone();
    let origin = row.table().origin().to_owned();
    let header = if header.is_empty() { "dossier".to_owned() } else { header };
    Box::new(Refusal { origin, line, column, at, header, value: NOT_SHOWN.to_owned(), reason, remedy })
}

fn refused(row: Row<'_>, column: usize, reason: String, remedy: &str) -> Left {
    Left::Refused(refusal(row, column, reason, remedy))
}

fn refusal(row: Row<'_>, column: usize, reason: String, remedy: &str) -> Box<Refusal> {
    let shown = |text: &str| text.chars().take(Refusal::VALUE_SHOWN).collect();
    Box::new(Refusal {
        origin: row.table().origin().to_owned(),
        line: row.line(),
        column: column + 1,
        at: row.place(column),
        header: row.table().header().get(column).map(|name| shown(name)).unwrap_or_default(),
        value: shown(row.cell(column).unwrap_or_default()),
        reason,
        remedy: remedy.to_owned(),
    })
}
