//! A grid becomes CSV: each sheet row its line, each mapped column its cell, everything that is no data an empty line.

use std::collections::HashMap;

use super::answer::{Failure, Findings, Setup, sum_of};
use super::checks::Checks;
use super::counted::{self, Counted, counted};
use super::grid::{Cell, Grid, Value, in_row};
use super::place::{Spot, cell_name};
use super::plan::{Plan, find_header};
use super::rows::{Kind, Telling, clean_name, numbers_columns};
use super::{legacy, period};

/// What becomes of a grid.
pub(super) type Converted = Result<(Findings, String), Failure>;

/// The CSV of `grid` under the mapping of `setup`.
pub(super) fn convert(grid: &Grid<'_>, setup: &Setup) -> Converted {
    if let Some((row, column, text)) = legacy::first(grid.texts()) {
        let reason = format!("the text is in an old font's encoding (TCVN3, VNI) or was misread: `{text}`");
        let remedy = "convert the sheet to Unicode (UniKey: Ctrl+Shift+F6), or export it again";
        return Err(Failure::new(reason, remedy).at(Spot::Cell(row, column)));
    }
    let header = find_header(grid, setup);
    let plan = Plan::of(grid, setup, header)?;
    Ok(Conversion::new(grid, setup, &plan).run())
}

struct Conversion<'p, 'a> {
    grid: &'p Grid<'a>,
    setup: &'p Setup,
    plan: &'p Plan,
    telling: Telling,
    /// Cells that merged ones cover, in columns that matter, and where their value stands.
    covered: HashMap<(u32, u32), (u32, u32)>,
    out: String,
    /// Lines written so far.
    lines: u32,
    cell: String,
    /// The last period cell, and how it was read.
    period: (Option<Value<'a>>, String),
    findings: Findings,
}

impl<'p, 'a> Conversion<'p, 'a> {
    fn new(grid: &'p Grid<'a>, setup: &'p Setup, plan: &'p Plan) -> Self {
        let width = plan.header.width();
        let added = plan.added.iter().map(|(_, measure)| match measure {
            None => "the period added to every row".to_owned(),
            Some(measure) => sum_of(plan.counts.get(*measure).map_or(&[], Vec::as_slice)),
        });
        let findings =
            Findings { width: usize::try_from(width).unwrap_or(0), added: added.collect(), ..Findings::default() };
        let telling = plan.telling(setup);
        let covered = covered(grid, plan);
        Self {
            grid,
            setup,
            plan,
            telling,
            covered,
            out: String::new(),
            lines: 0,
            cell: String::new(),
            period: (None, String::new()),
            findings,
        }
    }

    fn run(mut self) -> (Findings, String) {
        self.write_header();
        let header = &self.plan.header;
        let below = || self.grid.rows().filter(|(row, _)| *row > header.bottom);
        let last = below().rev().find(|(_, cells)| self.telling.has_figures(cells)).map_or(0, |(row, _)| row);
        let numbering = below().next().filter(|(_, cells)| numbers_columns(cells)).map(|(row, _)| row);
        let mut checks = Checks::new(self.plan.counts.len(), self.plan.ratios.clone());
        let mut counts = Vec::new();
        for (row, cells) in below().take_while(|(row, _)| *row <= last).filter(|(row, _)| Some(*row) != numbering) {
            let kind = self.telling.kind(cells);
            if kind == Kind::Aside {
                continue;
            }
            if kind == Kind::Group {
                checks.group();
                continue;
            }
            self.counts_of(cells, &mut counts);
            let ratio = |column: u32| in_row(cells, column).map(owned);
            if kind == Kind::Total {
                checks.total(row, counts.clone(), &ratio);
            } else {
                checks.data(row, &counts, &ratio);
                self.write_row(row, cells, &counts);
            }
        }
        let measures = &self.setup.columns.measures;
        let name = |measure: usize| measures.get(measure).map(|(name, _)| name.clone()).unwrap_or_default();
        let column =
            |measure: usize| self.plan.counts.get(measure).and_then(|columns| columns.first()).copied().unwrap_or(0);
        self.findings.doubts = checks.end(&name, &column);
        (self.findings, self.out)
    }

    fn counts_of(&self, cells: &[Cell<'_>], counts: &mut Vec<Counted>) {
        let numbers = self.setup.columns.numbers;
        counts.clear();
        counts.extend(self.plan.counts.iter().map(|columns| match columns.as_slice() {
            [only] => counted(in_row(cells, *only), numbers),
            several => sum(several.iter().map(|column| counted(in_row(cells, *column), numbers))),
        }));
    }

    /// Ends lines until the next one is that of `row`.
    fn go_to(&mut self, row: u32) {
        for _ in self.lines..row {
            self.out.push('\n');
        }
        self.lines = row + 1;
    }

    fn write_header(&mut self) {
        self.go_to(self.plan.header.bottom);
        let mut fields: Vec<String> = Vec::new();
        for column in 0..self.plan.header.width() {
            fields.push(self.plan.names.get(&column).cloned().unwrap_or_else(|| self.plan.header.name(column)));
        }
        fields.extend(self.plan.added.iter().map(|(name, _)| name.clone()));
        for (at, field) in fields.iter().enumerate() {
            if at > 0 {
                self.out.push(',');
            }
            push_field(field, &mut self.out);
        }
        self.out.push('\n');
    }

    fn write_row(&mut self, row: u32, cells: &[Cell<'a>], counts: &[Counted]) {
        self.go_to(row);
        let plan = self.plan;
        for column in 0..plan.header.width() {
            if column > 0 {
                self.out.push(',');
            }
            if plan.names.contains_key(&column) {
                self.write_cell(row, column, cells);
            }
        }
        for (_, measure) in &plan.added {
            self.out.push(',');
            match measure {
                None => self.out.push_str(plan.period.as_deref().unwrap_or_default()),
                Some(measure) => self.write_sum(row, *measure, cells, counts),
            }
        }
        self.out.push('\n');
    }

    fn write_cell(&mut self, row: u32, column: u32, cells: &[Cell<'a>]) {
        let plan = self.plan;
        let is_count = |columns: &Vec<u32>| columns.as_slice() == [column];
        let own = in_row(cells, column);
        let above = || self.covered.get(&(row, column)).copied();
        self.cell.clear();
        if plan.counts.iter().any(is_count) {
            match (own, above()) {
                (Some(value), _) => counted::write(value, &mut self.cell),
                (None, Some((top, left))) => {
                    self.cell.push_str("merged with ");
                    self.cell.push_str(&cell_name(top, left));
                }
                (None, None) => {}
            }
        } else if let Some(value) = own.or_else(|| above().and_then(|(top, left)| self.grid.at(top, left))) {
            if plan.period_column == Some(column) {
                // Neighbours are of the same period mostly.
                if self.period.0.as_ref() != Some(value) {
                    self.period.1.clear();
                    period::of_cell(value, &mut self.period.1);
                    self.period.0 = Some(value.clone());
                }
                self.cell.push_str(&self.period.1);
            } else if plan.code == Some(column) {
                self.findings.numeric_codes |= write_code(value, self.setup.layout.code_digits, &mut self.cell);
            } else {
                value.write_to(&mut self.cell);
            }
        }
        let text = if plan.name == Some(column) { clean_name(&self.cell) } else { &self.cell };
        push_field(text, &mut self.out);
    }

    fn write_sum(&mut self, row: u32, measure: usize, cells: &[Cell<'_>], counts: &[Counted]) {
        match counts.get(measure) {
            None | Some(Counted::Missing) => {}
            Some(Counted::Count(count)) => self.out.push_str(&count.to_string()),
            Some(Counted::NoCount) => {
                let columns = self.plan.counts.get(measure).map_or(&[][..], Vec::as_slice);
                let bad = columns.iter().find_map(|column| {
                    let value = in_row(cells, *column);
                    match counted(value, self.setup.columns.numbers) {
                        Counted::Count(_) => None,
                        Counted::Missing => Some(format!("{} is not reported", cell_name(row, *column))),
                        Counted::NoCount => {
                            let mut text = format!("{}: ", cell_name(row, *column));
                            if let Some(value) = value {
                                counted::write(value, &mut text);
                            }
                            Some(text)
                        }
                    }
                });
                push_field(&bad.unwrap_or_default(), &mut self.out);
            }
        }
    }
}

/// All counts or none: a sum of which a part is missing is not known.
fn sum(parts: impl Iterator<Item = Counted>) -> Counted {
    let (mut sum, mut missing, mut counts) = (0_u64, false, false);
    for part in parts {
        match part {
            Counted::Missing => missing = true,
            Counted::Count(count) => {
                counts = true;
                sum = sum.saturating_add(count);
            }
            Counted::NoCount => return Counted::NoCount,
        }
    }
    match (counts, missing) {
        (true, false) => Counted::Count(sum),
        (false, _) => Counted::Missing,
        (true, true) => Counted::NoCount,
    }
}

/// Writes a unit's code. Gives whether it was a number, which may have lost zeros that nothing gave back.
fn write_code(value: &Value<'_>, digits: usize, out: &mut String) -> bool {
    let before = out.len();
    value.write_to(out);
    if !matches!(value, Value::Number(_)) {
        return false;
    }
    let written = out.len() - before;
    if out.get(before..).is_some_and(|code| code.bytes().all(|byte| byte.is_ascii_digit())) {
        out.insert_str(before, &"0".repeat(digits.saturating_sub(written)));
    }
    digits == 0
}

fn covered(grid: &Grid<'_>, plan: &Plan) -> HashMap<(u32, u32), (u32, u32)> {
    let mut columns: Vec<u32> = plan.names.keys().copied().collect();
    columns.extend(plan.counts.iter().flatten());
    let mut covered = HashMap::new();
    for merge in grid.merges().iter().filter(|merge| merge.bottom > plan.header.bottom) {
        for row in grid.rows_from(merge.top).take_while(|row| *row <= merge.bottom) {
            for column in columns.iter().filter(|column| (merge.left..=merge.right).contains(*column)) {
                if (row, *column) != (merge.top, merge.left) {
                    covered.insert((row, *column), (merge.top, merge.left));
                }
            }
        }
    }
    covered
}

fn owned(value: &Value<'_>) -> Value<'static> {
    match value {
        Value::Text(text) => Value::Text(text.clone().into_owned().into()),
        Value::Number(number) => Value::Number(*number),
        Value::Date(date) => Value::Date(*date),
    }
}

/// Appends a field of CSV; it holds no line break.
fn push_field(field: &str, out: &mut String) {
    if !field.bytes().any(|byte| matches!(byte, b',' | b'"' | b'\n' | b'\r')) {
        out.push_str(field);
        return;
    }
    out.push('"');
    for c in field.chars() {
        match c {
            '"' => out.push_str("\"\""),
            '\n' | '\r' => out.push(' '),
            other => out.push(other),
        }
    }
    out.push('"');
}
