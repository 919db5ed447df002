//! The rows of one part of a large table, counted as they are read.
//!
//! Tables are mostly sorted, so most rows are about the unit and service of the row before: their counts are gathered
//! and only put down when another begins.

use chrono::Datelike as _;

use super::bulk::{Blemish, Counted, Ground};
use super::bulk_cells::{Column, Text, cell, columns, remember, text, trimmed};
use super::bulk_counts::{MEASURES, Sum, Tail};
use super::number::{count, leading_digits};
use super::period::Written;
use super::seen::Seen;
use super::{Month, Observations};
use crate::catalog::{Heir, Kind};

/// A larger count in one row is read row by row: sums of so many rows of smaller ones stay inside 32 bits.
const LARGEST: u64 = 999_999;
const ROWS_TOGETHER: u32 = 4_096;

/// One row as it is read.
#[derive(Debug, Clone, Copy)]
struct Row {
    sum: Sum,
    /// `None`: of another year, or later than the as-of date.
    month: Option<Month>,
}

pub(super) struct Counting<'a> {
    ground: Ground<'a>,
    columns: Vec<Column>,
    tail: Tail,
    counted: Counted,
    /// The largest sum of a measure: 1 where it counts services, which are not added up.
    most: [u32; MEASURES],
    code: Text,
    name: Text,
    service_code: Text,
    /// Months met, as written and with the delimiter, found by their seventh byte.
    periods: [(Vec<u8>, Option<Month>); 16],
    unit: Option<u32>,
    service: Option<u32>,
    of_service: Sum,
    /// One bit per month of the service's rows.
    months_of_service: u16,
    of_months: [Sum; 13],
    rows_together: u32,
}

impl<'a> Counting<'a> {
    pub(super) fn new(ground: Ground<'a>, empty: Observations) -> Result<Self, Blemish> {
        let measures = empty.measures.len();
        if measures > MEASURES || ground.mapping.has_sums() || directory_changes(ground) {
            return Err(Blemish);
        }
        let most = std::array::from_fn(|measure| if empty.is_coverage(measure) { 1 } else { u32::MAX });
        let counted = Counted {
            observations: empty,
            rows: 0,
            skipped: 0,
            newest: None,
            totals: vec![0; measures],
            seen: Seen::default(),
        };
        let columns = columns(ground)?;
        let tail = Tail::of(&columns, &most, ground.delimiter)?;
        Ok(Self {
            columns,
            tail,
            ground,
            counted,
            most,
            code: Text::default(),
            name: Text::default(),
            service_code: Text::default(),
            periods: std::array::from_fn(|_| (Vec::new(), None)),
            unit: None,
            service: None,
            of_service: Sum::default(),
            months_of_service: 0,
            of_months: [Sum::default(); 13],
            rows_together: 0,
        })
    }

    /// Counts whole lines.
    pub(super) fn lines(&mut self, mut lines: &[u8]) -> Result<(), Blemish> {
        while !lines.is_empty() {
            if let Some(rest) = lines.strip_prefix(b"\n").or_else(|| lines.strip_prefix(b"\r\n")) {
                lines = rest;
                continue;
            }
            lines = self.line(lines)?;
        }
        Ok(())
    }

    pub(super) fn finish(mut self) -> Result<Counted, Blemish> {
        self.put_down_unit()?;
        Ok(self.counted)
    }

    /// Reads the first line and returns the others.
    fn line<'l>(&mut self, lines: &'l [u8]) -> Result<&'l [u8], Blemish> {
        let mut rest = lines;
        let mut row = Row { sum: Sum::default(), month: None };
        let last = self.columns.len() - 1;
        for at in 0..=last {
            if at == self.tail.from {
                if let Some(behind) = self.tail.read(rest, &mut row.sum) {
                    rest = behind;
                    break;
                }
                row.sum = Sum::default();
            }
            let end = if at == last { b'\n' } else { self.ground.delimiter };
            match self.columns.get(at).copied().unwrap_or(Column::Other) {
                Column::Count(measure) => rest = self.count(rest, end, measure, &mut row.sum)?,
                Column::Period => {
                    (row.month, rest) = self.period(rest, end)?;
                    if row.month.is_none() && at == 0 {
                        return self.pass_over(rest);
                    }
                }
                Column::Code => rest = text(&mut self.code, rest, end, self.ground.delimiter)?,
                Column::Name => rest = text(&mut self.name, rest, end, self.ground.delimiter)?,
                Column::Service => rest = text(&mut self.service_code, rest, end, self.ground.delimiter)?,
                Column::Other => (_, rest) = cell(rest, end, self.ground.delimiter)?,
            }
        }
        self.counted.rows += 1;
        match row.month {
            Some(month) => self.add(month, &row.sum)?,
            None => self.counted.skipped += 1,
        }
        Ok(rest)
    }

    /// The rest of a row of another period counts for nothing, but it must have as many cells as the header.
    fn pass_over<'l>(&mut self, mut rest: &'l [u8]) -> Result<&'l [u8], Blemish> {
        let last = self.columns.len() - 1;
        for at in 1..=last {
            (_, rest) = cell(rest, if at == last { b'\n' } else { self.ground.delimiter }, self.ground.delimiter)?;
        }
        self.counted.rows += 1;
        self.counted.skipped += 1;
        Ok(rest)
    }

    fn count<'l>(&self, rest: &'l [u8], end: u8, measure: usize, sum: &mut Sum) -> Result<&'l [u8], Blemish> {
        let (digits, number) = rest.first_chunk().map_or((0, 0), |bytes| leading_digits(u64::from_le_bytes(*bytes)));
        let (count, rest) = match rest.get(digits..) {
            Some([next, rest @ ..]) if *next == end && digits > 0 => (Some(number), rest),
            _ => {
                let (written, rest) = cell(rest, end, self.ground.delimiter)?;
                let written = std::str::from_utf8(trimmed(written)).map_err(|_| Blemish)?;
                (count(written, self.ground.mapping.numbers()).map_err(|_| Blemish)?, rest)
            }
        };
        let Some(count) = count else { return Ok(rest) };
        if count > LARGEST || self.most.get(measure).is_none_or(|most| count > u64::from(*most)) {
            return Err(Blemish);
        }
        sum.reported |= 1 << measure;
        if let Some(cell) = sum.counts.get_mut(measure) {
            *cell = u32::try_from(count).map_err(|_| Blemish)?;
        }
        Ok(rest)
    }

    fn period<'l>(&mut self, rest: &'l [u8], end: u8) -> Result<(Option<Month>, &'l [u8]), Blemish> {
        let place = rest.get(6).map_or(0, |byte| usize::from(byte & 15));
        if let Some((written, month)) = self.periods.get(place)
            && !written.is_empty()
            && let Some(rest) = rest.strip_prefix(written.as_slice())
        {
            return Ok((*month, rest));
        }
        let (written, rest) = cell(rest, end, self.ground.delimiter)?;
        let text = std::str::from_utf8(trimmed(written)).map_err(|_| Blemish)?;
        let Some(period @ Written::Month(month)) = Written::read(text) else { return Err(Blemish) };
        let other = month.year() != self.ground.until.year() || period.first_day() > self.ground.until;
        let month = (!other).then_some(month);
        if let Some(known) = self.periods.get_mut(place) {
            remember(&mut known.0, written, end);
            known.1 = month;
        }
        Ok((month, rest))
    }

    fn add(&mut self, month: Month, row: &Sum) -> Result<(), Blemish> {
        for (part, whole) in self.ground.mapping.pairs() {
            let count = |measure: &usize| row.counts.get(*measure).copied().unwrap_or_default();
            if row.reported >> part & 1 != row.reported >> whole & 1 || count(part) > count(whole) {
                return Err(Blemish);
            }
        }
        if self.code.changed || self.name.changed || self.unit.is_none() {
            self.put_down_unit()?;
            self.unit = Some(self.next_unit()?);
            self.service = None;
        }
        if self.service_code.changed || self.service.is_none() {
            self.put_down_service()?;
            self.service = Some(self.next_service()?);
        }
        (self.code.changed, self.name.changed, self.service_code.changed) = (false, false, false);
        let bit = 1_u16 << month.number();
        if self.months_of_service & bit != 0 {
            return Err(Blemish);
        }
        self.months_of_service |= bit;
        self.counted.newest = self.counted.newest.max(Some(month));
        let of_month = usize::try_from(month.number()).ok().and_then(|number| self.of_months.get_mut(number));
        of_month.ok_or(Blemish)?.add(row);
        self.of_service.add(row);
        self.rows_together += 1;
        if self.rows_together == ROWS_TOGETHER { self.put_down_unit() } else { Ok(()) }
    }

    fn next_unit(&mut self) -> Result<u32, Blemish> {
        let code = std::str::from_utf8(self.code.cell()).map_err(|_| Blemish)?;
        let name = std::str::from_utf8(self.name.cell()).map_err(|_| Blemish)?;
        let Ground { catalog, until, .. } = self.ground;
        let id = catalog.find_on(code, name, until).map_err(|_| Blemish)?;
        if catalog.unit_on(id, until).is_some_and(|unit| unit.kind == Kind::Province) {
            return Err(Blemish);
        }
        if matches!(catalog.heir(id), Heir::Several(_) | Heir::Nobody) {
            return Err(Blemish);
        }
        Ok(self.counted.observations.unit_number(id))
    }

    fn next_service(&mut self) -> Result<u32, Blemish> {
        let code = std::str::from_utf8(self.service_code.cell()).map_err(|_| Blemish)?;
        Ok(self.counted.observations.service_number(code))
    }

    /// Puts down what was gathered of the service.
    fn put_down_service(&mut self) -> Result<(), Blemish> {
        if self.months_of_service == 0 {
            return Ok(());
        }
        let (Some(unit), Some(service)) = (self.unit, self.service) else { return Err(Blemish) };
        let slot = self.counted.observations.service_slot(unit, service);
        for (total, sum) in self.counted.totals.iter_mut().zip(&self.of_service.counts) {
            *total += u64::from(*sum);
        }
        let sum = std::mem::take(&mut self.of_service).at_most(&self.most);
        self.counted.observations.add_to_service(slot, &sum.counts, sum.reported);
        if self.counted.seen.absorb(slot, self.months_of_service) {
            return Err(Blemish);
        }
        self.months_of_service = 0;
        Ok(())
    }

    /// Puts down what was gathered of the unit and of its last service.
    fn put_down_unit(&mut self) -> Result<(), Blemish> {
        self.put_down_service()?;
        self.rows_together = 0;
        let Some(unit) = self.unit else { return Ok(()) };
        for (number, month) in (0..).zip(&mut self.of_months) {
            if month.reported != 0 {
                let slot = self.counted.observations.month_slot(unit, number);
                let sum = std::mem::take(month).at_most(&self.most);
                self.counted.observations.add_to_month(slot, &sum.counts, sum.reported);
            }
        }
        Ok(())
    }
}

/// Whether a code or name may mean one unit at the end of January and another at the end of a later month: then each
/// row must be read in the directory of its period.
fn directory_changes(ground: Ground<'_>) -> bool {
    let Ground { catalog, until, .. } = ground;
    let first = Month::new(until.year(), 1).map_or(until, Month::last_day).min(until);
    catalog.era(first) != catalog.era(until)
}
