//! `dondoc pull --sample N`: the first rows of every source as its mapping understands them.

use super::exit::{Code, Failure};
use super::output::{Format, Table};
use crate::catalog::{Catalog, Unmatched};
use crate::source::{FetchError, Fetched, Row};

/// Prints the first `count` rows of each source.
pub(super) fn print(catalog: &Catalog, sources: &[Fetched], count: usize, format: Format) -> Result<Code, Failure> {
    let table = table(catalog, sources, count);
    table.map_err(|error| Failure::new(Code::Held, error.to_string()))?.print(format, None)?;
    Ok(Code::Done)
}

fn table(catalog: &Catalog, sources: &[Fetched], count: usize) -> Result<Table, FetchError> {
    let mut table = Table::new(vec!["row", "period", "unit", "service", "figures"]);
    for fetched in sources {
        let mut rows = fetched.open()?;
        for _ in 0..count {
            let Some(row) = rows.next_row()? else { break };
            table.rows.push(mapped(catalog, fetched, row));
        }
    }
    Ok(table)
}

fn mapped(catalog: &Catalog, fetched: &Fetched, row: Row<'_>) -> Vec<String> {
    let places = row.table().places();
    let cell = |column: Option<usize>| column.and_then(|column| row.cell(column)).unwrap_or_default();
    let (code, name) = (cell(places.unit_code), cell(places.unit_name));
    let unit = match catalog.names.find(code, name) {
        Ok(id) => catalog.unit(id).map_or_else(|| id.to_string(), |unit| format!("{} ({})", unit.name, unit.code)),
        Err(Unmatched::Unknown) => format!("? {code} {name}"),
        Err(Unmatched::Ambiguous(units)) => format!("? {name}: {} units are called so", units.len()),
        Err(Unmatched::Contradiction { .. }) => format!("? {code} is not {name}"),
    };
    let measures = fetched.settings().columns.measures.iter().zip(&places.measures);
    let figures: Vec<String> =
        measures.map(|((measure, _), column)| format!("{measure} `{}`", cell(Some(*column)))).collect();
    vec![
        row.table().row_place(row.line()),
        cell(Some(places.period)).to_owned(),
        unit.split_whitespace().collect::<Vec<_>>().join(" "),
        cell(places.service_code).to_owned(),
        figures.join(", "),
    ]
}
