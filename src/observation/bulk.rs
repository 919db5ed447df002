//! Large tables without a blemish, counted by several threads at once.
//!
//! Nothing is decided here that [`Rows`](super::rows::Rows) does not decide: the first row that is anything but clean
//! (refused, repeated, dated by day, quoted, of a unit that leads nowhere) ends it, as does a directory of units that
//! changed between two months of the year, and the table is read row by row as if nothing had been tried.
//! That is what explains a blemish, with its place; this is only fast where there is none.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};

use chrono::NaiveDate;

use super::bulk_rows::Counting;
use super::rows::Mapping;
use super::seen::Seen;
use super::{Month, Observations};
use crate::catalog::Catalog;
use crate::source::{FetchError, Part, Places, Table};

/// What is known of every part before its first row.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ground<'a> {
    pub(super) catalog: &'a Catalog,
    pub(super) until: NaiveDate,
    pub(super) places: &'a Places,
    pub(super) mapping: &'a Mapping,
    /// Cells in the header.
    pub(super) width: usize,
    pub(super) delimiter: u8,
}

/// What one part, or all of them, brought.
#[derive(Debug)]
pub(super) struct Counted {
    pub(super) observations: Observations,
    pub(super) rows: u64,
    pub(super) skipped: u64,
    pub(super) newest: Option<Month>,
    pub(super) totals: Vec<u64>,
    pub(super) seen: Seen,
}

/// A whole table, counted.
#[derive(Debug)]
pub(super) struct Bulk {
    pub(super) counted: Counted,
    pub(super) sha256: String,
}

/// The table is not clean: read it row by row.
#[derive(Debug)]
pub(super) struct Blemish;

impl From<io::Error> for Blemish {
    /// What cannot be read here cannot be read there, where the reason is told.
    fn from(_: io::Error) -> Self {
        Self
    }
}

/// Counts all parts, each on a thread of its own, while `table` is hashed on another. `empty` is where the round begins:
/// no figures, the measures known.
///
/// # Errors
/// Those of the hashing.
pub(super) fn read(
    ground: Ground<'_>,
    table: Table,
    parts: Vec<Part>,
    empty: &Observations,
) -> Result<Result<Bulk, Blemish>, FetchError> {
    let given_up = &AtomicBool::new(false);
    std::thread::scope(|scope| {
        let hash = scope.spawn(|| table.finish());
        let counting = parts.into_iter().map(|part| scope.spawn(move || count(ground, part, empty, given_up)));
        let counting: Vec<_> = counting.collect();
        let counted: Result<Vec<Counted>, Blemish> =
            counting.into_iter().map(|part| part.join().unwrap_or(Err(Blemish))).collect();
        let counted = counted.and_then(together);
        match (counted, hash.join()) {
            (Ok(counted), Ok(sha256)) => sha256.map(|sha256| Ok(Bulk { counted, sha256 })),
            _ => Ok(Err(Blemish)),
        }
    })
}

fn count(ground: Ground<'_>, mut part: Part, empty: &Observations, given_up: &AtomicBool) -> Result<Counted, Blemish> {
    let mut all = || {
        let mut counting = Counting::new(ground, empty.clone())?;
        while let Some(lines) = part.next_lines()? {
            counting.lines(lines)?;
            if given_up.load(Ordering::Relaxed) {
                return Err(Blemish);
            }
        }
        counting.finish()
    };
    let counted = all();
    if counted.is_err() {
        given_up.store(true, Ordering::Relaxed);
    }
    counted
}

/// Adds the parts up, in the order of the file.
fn together(parts: Vec<Counted>) -> Result<Counted, Blemish> {
    let mut parts = parts.into_iter();
    let mut all = parts.next().ok_or(Blemish)?;
    for part in parts {
        let (mut repeated, mut before) = (false, 0);
        all.observations.absorb(part.observations, |slot| {
            repeated |= all.seen.absorb(slot, part.seen.months_of(before));
            before += 1;
        });
        if repeated {
            return Err(Blemish);
        }
        all.rows += part.rows;
        all.skipped += part.skipped;
        all.newest = all.newest.max(part.newest);
        for (total, more) in all.totals.iter_mut().zip(part.totals) {
            *total += more;
        }
    }
    Ok(all)
}
