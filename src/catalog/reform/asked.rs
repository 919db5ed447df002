//! Whether what is asked for can be: units that exist, successors that fit, codes that are free.

use std::collections::HashSet;

use chrono::NaiveDate;

use super::{NewUnit, Reform, ReformError, ReformKind, Successor};
use crate::catalog::pack::Pack;
use crate::catalog::unit::{Kind, Unit, UnitId};

/// The rows of one unit, oldest first.
pub(super) fn rows(pack: &Pack, id: &UnitId) -> Vec<Unit> {
    let mut rows: Vec<Unit> = pack.units.iter().filter(|unit| unit.id == *id).cloned().collect();
    rows.sort_by_key(|unit| unit.valid.from);
    rows
}

/// What a unit was called last.
pub(super) fn called(pack: &Pack, id: &UnitId) -> String {
    let last = pack.units.iter().rev().find(|unit| unit.id == *id);
    last.map_or_else(|| id.to_string(), |unit| format!("{} ({})", unit.name, unit.code))
}

/// Units and successors as they fit the kind of reform.
pub(super) fn check(pack: &Pack, reform: &Reform) -> Result<(), ReformError> {
    let Reform { kind, day, units, into, .. } = reform;
    let mut seen = HashSet::new();
    if let Some(twice) = units.iter().find(|id| !seen.insert(*id)) {
        return Err(ReformError::Twice(called(pack, twice)));
    }
    let new = into.iter().filter(|one| matches!(one, Successor::New(_))).count();
    match kind {
        ReformKind::Merge if into.len() != 1 => return Err(ReformError::OneSuccessor),
        ReformKind::Merge if ending(reform).len() < 1 + new => return Err(ReformError::TooFew),
        ReformKind::Split | ReformKind::Rename if units.len() != 1 => return Err(ReformError::OneUnit),
        ReformKind::Split if into.len() < 2 => return Err(ReformError::TwoSuccessors),
        ReformKind::Rename | ReformKind::Add if (into.len(), new) != (1, 1) => return Err(ReformError::OneUnit),
        ReformKind::End if units.is_empty() => return Err(ReformError::OneUnit),
        _ => {}
    }
    for id in units {
        existed(pack, id, *day)?;
    }
    for (at, successor) in into.iter().enumerate() {
        match successor {
            Successor::Existing(id) => {
                let there = pack.units.iter().any(|unit| unit.id == *id && unit.valid.covers(*day));
                if !there {
                    return Err(ReformError::NotThere(called(pack, id)));
                }
                let again = into.iter().take(at).any(|other| matches!(other, Successor::Existing(one) if one == id));
                if again {
                    return Err(ReformError::Twice(called(pack, id)));
                }
            }
            Successor::New(unit) => begins(pack, reform, unit)?,
        }
    }
    let codes = into.iter().filter_map(|one| if let Successor::New(unit) = one { Some(&unit.code) } else { None });
    let mut seen = HashSet::new();
    for code in codes {
        if !seen.insert(code) {
            return Err(ReformError::Twice(code.clone()));
        }
    }
    Ok(())
}

/// Units that are no more from the day on.
pub(super) fn ending(reform: &Reform) -> Vec<UnitId> {
    let goes_on = |id: &&UnitId| {
        reform.kind == ReformKind::Rename
            || reform.into.iter().any(|one| matches!(one, Successor::Existing(existing) if existing == *id))
    };
    reform.units.iter().filter(|id| !goes_on(id)).cloned().collect()
}

/// The unit existed the day before, and nothing is recorded of it for later.
fn existed(pack: &Pack, id: &UnitId, day: NaiveDate) -> Result<(), ReformError> {
    let rows = rows(pack, id);
    let before = day.pred_opt().unwrap_or(day);
    let Some(row) = rows.iter().find(|row| row.valid.covers(before)) else {
        return Err(ReformError::NotThere(called(pack, id)));
    };
    if row.kind == Kind::Province {
        return Err(ReformError::Province);
    }
    if rows.iter().any(|row| row.valid.from.is_some_and(|from| from >= day)) {
        return Err(ReformError::Later(called(pack, id)));
    }
    Ok(())
}

/// What a new unit is called, and whether its code is free.
fn begins(pack: &Pack, reform: &Reform, new: &NewUnit) -> Result<(), ReformError> {
    if new.code.is_empty() || new.code.contains(char::is_whitespace) {
        return Err(ReformError::BadCode(new.code.clone()));
    }
    if new.name.trim().is_empty() {
        return Err(ReformError::NoName);
    }
    let (ending, day) = (ending(reform), reform.day);
    let gives_way =
        |id: &UnitId| ending.contains(id) || (reform.kind == ReformKind::Rename && reform.units.contains(id));
    let then = |unit: &&Unit| unit.valid.to.is_none_or(|to| to >= day);
    let taken = pack.units.iter().filter(then).find(|unit| unit.code == new.code && !gives_way(&unit.id));
    if let Some(unit) = taken {
        return Err(ReformError::CodeTaken { code: new.code.clone(), unit: unit.name.clone() });
    }
    if let Some(parent) = &new.parent {
        let there = pack.units.iter().any(|unit| unit.id == *parent && unit.valid.covers(day));
        if !there || ending.contains(parent) {
            return Err(ReformError::NotThere(called(pack, parent)));
        }
    }
    Ok(())
}
