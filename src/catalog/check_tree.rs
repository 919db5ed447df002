//! No unit stands above itself, on any day.

use std::collections::{BTreeSet, HashMap, HashSet};

use chrono::NaiveDate;

use super::unit::{Unit, UnitId};

/// A loop of parents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Loop {
    /// Index of the row that closes it, among the given rows.
    pub(super) row: usize,
    /// The units of the loop, from that row's unit upwards.
    pub(super) units: Vec<UnitId>,
}

/// Every loop once, at its first row. Linear where there is none: units with a way up to a root are set aside first,
/// the rest is looked at day by day.
pub(super) fn loops(rows: &[Unit]) -> Vec<Loop> {
    let suspects = without_way_up(rows);
    let days: BTreeSet<NaiveDate> =
        suspects.iter().filter_map(|at| rows.get(*at)).map(|row| row.valid.from.unwrap_or(NaiveDate::MIN)).collect();
    let mut found: Vec<Loop> = Vec::new();
    let mut told: HashSet<usize> = HashSet::new();
    for day in days {
        let on_day: HashMap<&UnitId, (usize, &UnitId)> = suspects
            .iter()
            .filter_map(|at| rows.get(*at).map(|row| (*at, row)))
            .filter(|(_, row)| row.valid.covers(day))
            .filter_map(|(at, row)| Some((&row.id, (at, row.parent.as_ref()?))))
            .collect();
        for (row, units) in loops_of_day(&on_day, &suspects, rows) {
            if told.insert(row) {
                found.push(Loop { row, units });
            }
        }
    }
    found.sort_by_key(|found| found.row);
    found
}

/// Rows of units of which some row never leads to a unit without parent: on a loop, or below one.
fn without_way_up(rows: &[Unit]) -> Vec<usize> {
    let mut parents: HashMap<&UnitId, usize> = rows.iter().map(|row| (&row.id, 0)).collect();
    let mut children: HashMap<&UnitId, Vec<&UnitId>> = HashMap::new();
    for row in rows {
        if let Some(parent) = row.parent.as_ref().filter(|parent| parents.contains_key(parent)) {
            children.entry(parent).or_default().push(&row.id);
            *parents.entry(&row.id).or_default() += 1;
        }
    }
    let mut free: Vec<&UnitId> = parents.iter().filter(|(_, above)| **above == 0).map(|(id, _)| *id).collect();
    while let Some(id) = free.pop() {
        parents.remove(id);
        for child in children.remove(id).unwrap_or_default() {
            if let Some(above) = parents.get_mut(child) {
                *above -= 1;
                if *above == 0 {
                    free.push(child);
                }
            }
        }
    }
    (0..rows.len()).filter(|at| rows.get(*at).is_some_and(|row| parents.contains_key(&row.id))).collect()
}

/// Walks up from every unit; a unit met again on the same walk closes a loop.
fn loops_of_day(
    on_day: &HashMap<&UnitId, (usize, &UnitId)>,
    suspects: &[usize],
    rows: &[Unit],
) -> Vec<(usize, Vec<UnitId>)> {
    let mut seen: HashSet<&UnitId> = HashSet::new();
    let mut found = Vec::new();
    for id in suspects.iter().filter_map(|at| rows.get(*at)).map(|row| &row.id) {
        let mut walk: Vec<(&UnitId, usize)> = Vec::new();
        let mut steps: HashMap<&UnitId, usize> = HashMap::new();
        let mut next = id;
        while let Some((row, parent)) = on_day.get(next) {
            if let Some(begin) = steps.get(next) {
                found.extend(walk.get(*begin..).and_then(from_first_row));
                break;
            }
            if !seen.insert(next) {
                break;
            }
            steps.insert(next, walk.len());
            walk.push((next, *row));
            next = parent;
        }
    }
    found
}

/// The loop as told: it begins at the row that stands first in the file.
fn from_first_row(round: &[(&UnitId, usize)]) -> Option<(usize, Vec<UnitId>)> {
    let (begin, (_, row)) = round.iter().enumerate().min_by_key(|(_, (_, row))| *row)?;
    let units = round.iter().cycle().skip(begin).take(round.len()).map(|(id, _)| (*id).clone());
    Some((*row, units.collect()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::{Kind, Validity};

    fn unit(id: &str, parent: &str, from: &str, to: &str) -> Unit {
        Unit {
            id: UnitId::new(id),
            code: id.into(),
            name: id.into(),
            kind: Kind::Commune,
            parent: (!parent.is_empty()).then(|| UnitId::new(parent)),
            aliases: Vec::new(),
            valid: Validity { from: from.parse().ok(), to: to.parse().ok() },
        }
    }

    #[test]
    fn a_loop_is_told_once_from_its_first_row_and_units_below_it_are_not_blamed() {
        let rows = [unit("root", "", "", ""), unit("x", "b", "", ""), unit("b", "c", "", ""), unit("c", "b", "", "")];
        let found = loops(&rows);
        assert_eq!(found, [Loop { row: 2, units: vec![UnitId::new("b"), UnitId::new("c")] }]);
        assert_eq!(loops(&[unit("a", "a", "", "")]).len(), 1);
    }

    #[test]
    fn two_units_that_change_places_over_time_are_no_loop() {
        let rows = [
            unit("a", "b", "", "2024-12-31"),
            unit("a", "", "2025-01-01", ""),
            unit("b", "", "", "2024-12-31"),
            unit("b", "a", "2025-01-01", ""),
        ];
        assert_eq!(loops(&rows), []);
    }

    #[test]
    fn a_long_chain_is_walked_without_recursion() {
        let mut rows: Vec<Unit> = (0..20_000).map(|at| unit(&at.to_string(), &(at + 1).to_string(), "", "")).collect();
        assert_eq!(loops(&rows), []);
        rows.push(unit("20000", "0", "", ""));
        assert_eq!(loops(&rows).len(), 1);
    }
}
