//! `dondoc pull --sample N`: the first rows of every source as its mapping understands them.

use super::exit::{Code, Failure};
use super::output::{Format, Table};
use crate::app::first_rows;
use crate::catalog::Catalog;
use crate::source::Fetched;

/// Prints the first `count` rows of each source.
pub(super) fn print(catalog: &Catalog, sources: &[Fetched], count: usize, format: Format) -> Result<Code, Failure> {
    let rows = first_rows(catalog, sources, count).map_err(|error| Failure::new(Code::Held, error.to_string()))?;
    let mut table = Table::new(vec!["row", "period", "unit", "service", "figures"]);
    table.rows.extend(rows.into_iter().map(Vec::from));
    table.print(format, None)?;
    Ok(Code::Done)
}
