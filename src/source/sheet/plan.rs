//! Which column of a sheet is what: the mapping of the settings, resolved in its header.

use std::collections::HashMap;

use super::answer::{Failure, Setup};
use super::checks::RatioColumn;
use super::grid::Grid;
use super::header::{Column, Header, Unresolved};
use super::place::Spot;
use super::rows::Telling;
use super::{PeriodFrom, fold, period};

/// Headers of a column of running numbers, folded.
const NUMBER_HEADERS: [&str; 6] = ["stt", "tt", "số tt", "số thứ tự", "s.tt", "no."];

/// The header under which the mapped columns stand.
pub(super) fn find_header(grid: &Grid<'_>, setup: &Setup) -> Header {
    let columns = &setup.columns;
    let period = (setup.layout.period == PeriodFrom::Column).then_some(&columns.period);
    let units = [&columns.unit_code, &columns.unit_name, &columns.service_code];
    let wanted = period.into_iter().chain(units).chain(columns.measures.iter().map(|(_, header)| header));
    let wanted: Vec<&str> = wanted.map(String::as_str).filter(|name| !name.is_empty()).collect();
    let fixed = setup.layout.header_rows.map(|(top, bottom)| (top.saturating_sub(1), bottom.saturating_sub(1)));
    Header::find(grid, &wanted, fixed)
}

/// Which column is what, and what is added.
pub(super) struct Plan {
    pub(super) header: Header,
    /// The period of every row, when no column has it.
    pub(super) period: Option<String>,
    pub(super) period_column: Option<u32>,
    pub(super) code: Option<u32>,
    pub(super) name: Option<u32>,
    pub(super) service: Option<u32>,
    /// By measure.
    pub(super) counts: Vec<Vec<u32>>,
    pub(super) ratios: Vec<RatioColumn>,
    /// What a column of the CSV is called instead of its own name.
    pub(super) names: HashMap<u32, String>,
    /// Columns added behind the sheet's: header, and the measure when it is a sum.
    pub(super) added: Vec<(String, Option<usize>)>,
}

impl Plan {
    /// The mapping of `setup` under `header`.
    ///
    /// # Errors
    /// When a mapped column is not there, or more than one is called so.
    pub(super) fn of(grid: &Grid<'_>, setup: &Setup, header: Header) -> Result<Self, Failure> {
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

    fn failure(&self, unresolved: &Unresolved) -> Failure {
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

    /// How data rows are told from others.
    pub(super) fn telling(&self, setup: &Setup) -> Telling {
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
            ..Telling::default()
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
