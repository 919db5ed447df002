//! A grid becomes CSV: each sheet row its line, each mapped column its cell, everything that is no data an empty line.

use std::collections::HashMap;

use super::answer::{Failure, Findings, Setup, sum_of};
use super::checks::{Checks, RatioColumn};
use super::counted::{self, Counted, counted};
use super::grid::{Cell, Grid, Spot, Value, cell_name, in_row};
use super::header::{Column, Header};
use super::rows::{Kind, Telling, clean_name, numbers_columns};
use super::{PeriodFrom, fold, legacy, period};

/// Headers of a column of running numbers, folded.
const NUMBER_HEADERS: [&str; 6] = ["stt", "tt", "số tt", "số thứ tự", "s.tt", "no."];

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

fn find_header(grid: &Grid<'_>, setup: &Setup) -> Header {
    let columns = &setup.columns;
    let period = (setup.layout.period == PeriodFrom::Column).then_some(&columns.period);
    let units = [&columns.unit_code, &columns.unit_name, &columns.service_code];
    let wanted = period.into_iter().chain(units).chain(columns.measures.iter().map(|(_, header)| header));
    let wanted: Vec<&str> = wanted.map(String::as_str).filter(|name| !name.is_empty()).collect();
    let fixed = setup.layout.header_rows.map(|(top, bottom)| (top.saturating_sub(1), bottom.saturating_sub(1)));
    Header::find(grid, &wanted, fixed)
}

/// Which column is what, and what is added.
struct Plan {
    header: Header,
    /// The period of every row, when no column has it.
    period: Option<String>,
    period_column: Option<u32>,
    code: Option<u32>,
    name: Option<u32>,
    service: Option<u32>,
    /// By measure.
    counts: Vec<Vec<u32>>,
    ratios: Vec<RatioColumn>,
    /// What a column of the CSV is called instead of its own name.
    names: HashMap<u32, String>,
    /// Columns added behind the sheet's: header, and the measure when it is a sum.
    added: Vec<(String, Option<usize>)>,
}

impl Plan {
    fn of(grid: &Grid<'_>, setup: &Setup, header: Header) -> Result<Self, Failure> {
        let columns = &setup.columns;
        let period = period_of(grid, setup, &header)?;
        let mut plan = Self {
            header,
            period_column: None,
            period,
            code: None,
            name: None,
            service: None,
            counts: Vec::new(),
            ratios: Vec::new(),
            names: HashMap::new(),
            added: Vec::new(),
        };
        match plan.period {
            Some(_) => plan.added.push((columns.period.clone(), None)),
            None => plan.period_column = Some(plan.single(&columns.period)?),
        }
        plan.code = plan.optional(&columns.unit_code)?;
        plan.name = plan.optional(&columns.unit_name)?;
        plan.service = plan.optional(&columns.service_code)?;
        for (measure, (_, header)) in columns.measures.iter().enumerate() {
            plan.count(measure, header)?;
        }
        for ratio in &setup.layout.ratios {
            let column = plan.one(&ratio.header)?;
            let number = |name: &str| columns.measures.iter().position(|(measure, _)| measure == name);
            if let (Some(numerator), Some(denominator)) = (number(&ratio.numerator), number(&ratio.denominator)) {
                plan.ratios.push(RatioColumn { column, numerator, denominator });
            }
        }
        Ok(plan)
    }

    fn failure(&self, unresolved: &super::header::Unresolved) -> Failure {
        let (reason, remedy) = self.header.explain(unresolved);
        let failure = Failure::new(reason, remedy);
        if self.header.width() == 0 { failure } else { failure.at(Spot::Row(self.header.bottom)) }
    }

    /// The one column called `name`.
    fn one(&self, name: &str) -> Result<u32, Failure> {
        match self.header.resolve(name).map_err(|unresolved| self.failure(&unresolved))? {
            Column::One(column) => Ok(column),
            Column::Sum(_) => {
                let reason = format!("`{name}` is a sum, which only counts can be");
                Err(Failure::new(reason, "name one column in [source.columns]"))
            }
        }
    }

    /// The one column called `name`, which the CSV calls by that name.
    fn single(&mut self, name: &str) -> Result<u32, Failure> {
        let column = self.one(name)?;
        self.names.insert(column, name.to_owned());
        Ok(column)
    }

    fn optional(&mut self, name: &str) -> Result<Option<u32>, Failure> {
        if name.is_empty() { Ok(None) } else { self.single(name).map(Some) }
    }

    fn count(&mut self, measure: usize, name: &str) -> Result<(), Failure> {
        let columns = match self.header.resolve(name).map_err(|unresolved| self.failure(&unresolved))? {
            Column::One(column) if self.names.get(&column).is_none_or(|other| other == name) => {
                self.names.insert(column, name.to_owned());
                vec![column]
            }
            // Mapped twice under two names: the second is a column of its own.
            Column::One(column) => {
                self.added.push((name.to_owned(), Some(measure)));
                vec![column]
            }
            Column::Sum(columns) => {
                self.added.push((name.to_owned(), Some(measure)));
                columns
            }
        };
        self.counts.push(columns);
        Ok(())
    }

    fn telling(&self, setup: &Setup) -> Telling {
        let width = self.header.width();
        let number = (0..width).find(|column| NUMBER_HEADERS.contains(&fold(&self.header.name(*column)).as_str()));
        let texts = [self.code, self.name, self.service];
        let last = |column: u32| self.header.name(column).rsplit('>').next().map(fold);
        Telling {
            number,
            code: self.code,
            counts: self.counts.iter().flatten().copied().collect(),
            headers: texts.into_iter().flatten().filter_map(last).collect(),
            totals: setup.layout.totals.iter().map(|total| fold(total)).collect(),
            groups: setup.layout.groups.iter().map(|group| fold(group)).collect(),
        }
    }
}

fn period_of(grid: &Grid<'_>, setup: &Setup, header: &Header) -> Result<Option<String>, Failure> {
    match &setup.layout.period {
        PeriodFrom::Column => Ok(None),
        PeriodFrom::Fixed(period) => Ok(Some(period.clone())),
        PeriodFrom::Title => {
            let above = grid.rows().take_while(|(row, _)| *row < header.top);
            let title: Vec<String> = above
                .map(|(_, cells)| cells.iter().map(|cell| cell.value.shown()).collect::<Vec<_>>().join(" "))
                .collect();
            period::of_title(title.iter().map(String::as_str)).map(Some).map_err(|said| {
                let reason = if said.is_empty() {
                    "no row above the header says the period".to_owned()
                } else {
                    format!("the rows above the header say several periods: {}", said.join(", "))
                };
                let remedy = "write \"(Từ ngày 01/10/2022 đến ngày 31/10/2022)\" or \"Tháng 10/2022\" above the table, or set `period` in [source.layout]";
                Failure::new(reason, remedy).at(Spot::Row(header.top))
            })
        }
    }
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
        Self { grid, setup, plan, telling, covered, out: String::new(), lines: 0, cell: String::new(), findings }
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
        let column = |measure: usize| self.plan.counts.get(measure).and_then(|columns| columns.first()).copied().unwrap_or(0);
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
                period::of_cell(value, &mut self.cell);
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
        let rows = grid.rows().map(|(row, _)| row);
        let rows = rows.skip_while(|row| *row < merge.top).take_while(|row| *row <= merge.bottom);
        for row in rows {
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
