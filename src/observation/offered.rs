//! What a file that somebody brings would bring: read like in a round, alone, and not yet believed.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use super::period::Written;
use super::{Asked, Doubt, Month, Observations, Refusal};
use crate::catalog::Catalog;
use crate::source::{FetchError, Fetched};

/// Doubts that whoever brought the file can mend and nobody can let through: its rows are not clean.
const UNCLEAN: [&str; 3] = ["refused_rows", "empty", "conflicting_rows"];

/// What stands in such a file.
#[derive(Debug, Clone)]
pub struct Offered {
    /// Data rows.
    pub rows: u64,
    /// Units that it has figures of.
    pub units: usize,
    /// Months that it has figures of, in order.
    pub months: Vec<Month>,
    /// Rows that would be refused.
    pub refusals: Vec<Refusal>,
    /// Why its rows are not clean; nothing when they are.
    pub unclean: Vec<Doubt>,
    /// Further doubts that a round would be held for, and that a person may let through.
    pub doubts: Vec<Doubt>,
}

/// The last day up to `until` that any row speaks of, and how many rows there are; stops behind `most` rows. Blocks on
/// the file.
///
/// # Errors
/// When it is no table.
pub fn newest_day(fetched: &Fetched, until: NaiveDate, most: u64) -> Result<(Option<NaiveDate>, u64), FetchError> {
    let mut table = fetched.open()?;
    let period = table.places().period;
    let (mut newest, mut rows) = (None, 0);
    while let Some(row) = table.next_row()?.filter(|_| rows <= most) {
        rows += 1;
        let written = row.cell(period).and_then(Written::read);
        newest = newest.max(written.filter(|written| written.first_day() <= until).map(Written::last_day));
    }
    Ok((newest.map(|newest| newest.min(until)), rows))
}

/// Reads it as a round that asks like `asked` would. Blocks on the file.
///
/// # Errors
/// When it is no table.
pub fn offered(catalog: &Catalog, fetched: &Fetched, asked: &Asked) -> Result<Offered, FetchError> {
    let observations = super::read(catalog, std::slice::from_ref(fetched), asked)?;
    let months = months(&observations);
    let rows = observations.snapshots.iter().map(|snapshot| snapshot.rows).sum();
    let units = observations.units();
    let fresh = observations.doubts.into_iter().filter(|doubt| doubt.code != "stale");
    let (unclean, doubts) = fresh.partition(|doubt| UNCLEAN.contains(&doubt.code));
    Ok(Offered { rows, units, months, refusals: observations.refusals, unclean, doubts })
}

fn months(observations: &Observations) -> Vec<Month> {
    let units = observations.numbered_units().map(|(_, unit)| unit);
    let months: BTreeSet<Month> = units.flat_map(|unit| observations.months_of(unit)).map(|(month, _)| month).collect();
    months.into_iter().collect()
}
