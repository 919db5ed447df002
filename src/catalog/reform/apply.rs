//! A plan laid over the catalog.

use std::collections::HashSet;

use super::asked::called;
use super::{ReformError, ReformPlan};
use crate::catalog::contact::Contact;
use crate::catalog::pack::Pack;
use crate::catalog::unit::{Unit, UnitId};

/// `pack` with what `plan` changes, checked as an imported pack is.
///
/// # Errors
/// [`ReformError::Changed`] where a unit or office is no longer as the plan saw it, [`ReformError::Problems`] where the
/// catalog would be no good one.
pub fn apply(pack: &Pack, plan: &ReformPlan) -> Result<Pack, ReformError> {
    let mut next = pack.clone();
    let mut changed: Vec<UnitId> = Vec::new();
    let mut last = next.units.len();
    for edit in &plan.units {
        let rows: Vec<Unit> = next.units.iter().filter(|unit| unit.id == edit.unit).cloned().collect();
        if sorted(rows) != sorted(edit.before.clone()) {
            changed.push(edit.unit.clone());
            continue;
        }
        let place = next.units.iter().position(|unit| unit.id == edit.unit).unwrap_or(last);
        next.units.retain(|unit| unit.id != edit.unit);
        let place = place.min(next.units.len());
        next.units.splice(place..place, edit.after.iter().cloned());
        last = place + edit.after.len();
    }
    for edit in &plan.offices {
        let own = |one: &Contact| one.unit == edit.unit && one.office == edit.office;
        let mut rows: Vec<Contact> = next.contacts.iter().filter(|one| own(one)).cloned().collect();
        let mut seen = edit.before.clone();
        rows.sort_by_key(|contact| contact.valid.from);
        seen.sort_by_key(|contact| contact.valid.from);
        if rows != seen {
            changed.push(edit.unit.clone());
            continue;
        }
        let place = next.contacts.iter().position(own).unwrap_or(next.contacts.len());
        next.contacts.retain(|one| !own(one));
        let place = place.min(next.contacts.len());
        next.contacts.splice(place..place, edit.after.iter().cloned());
    }
    let missing = plan.removed.iter().filter(|one| !next.successions.contains(one));
    changed.extend(missing.map(|one| one.successor.clone()));
    next.successions.retain(|one| !plan.removed.contains(one));
    next.successions.extend(plan.added.iter().cloned());
    if !changed.is_empty() {
        let mut seen = HashSet::new();
        let names = changed.iter().filter(|id| seen.insert(*id)).map(|id| called(pack, id));
        return Err(ReformError::Changed(names.collect()));
    }
    checked(next)
}

fn sorted(mut rows: Vec<Unit>) -> Vec<Unit> {
    rows.sort_by_key(|unit| unit.valid.from);
    rows
}

/// The pack as it would be read from its own files.
fn checked(pack: Pack) -> Result<Pack, ReformError> {
    let files = pack.files();
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    match Pack::from_files(&files) {
        Ok(read) if read.units == pack.units && read.contacts == pack.contacts => Ok(pack),
        Ok(_) => {
            let (message, hint) =
                ("the rows would not be read back as they are written", "write plain text, without blanks around it");
            let problem = crate::catalog::Problem {
                file: "units.csv".to_owned(),
                line: 1,
                column: 1,
                code: "text",
                message: message.to_owned(),
                hint: hint.to_owned(),
            };
            Err(ReformError::Problems(vec![problem]))
        }
        Err(error) => Err(ReformError::Problems(error.problems)),
    }
}
