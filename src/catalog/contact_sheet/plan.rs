//! What the rows of a sheet would change: who is added, who is written otherwise, who ends.

use std::collections::{HashMap, HashSet};

use chrono::NaiveDate;

use super::Inside;
use super::row::Holder;
use crate::catalog::contact::{Contact, Office};
use crate::catalog::directory::{Directory, OfficeEdit};
use crate::catalog::unit::UnitId;

/// What becomes of an office.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChangeKind {
    /// Somebody holds it who did not, and nobody did before.
    Added,
    /// It is held otherwise: another person, another address.
    Changed,
    /// Nobody holds it any more.
    Ended,
}

/// One office that changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Row of the sheet; `None` for an office that the sheet does not name.
    pub row: Option<u32>,
    /// What becomes of it.
    pub kind: ChangeKind,
    /// Who holds it before.
    pub before: Option<Contact>,
    /// Who holds it after.
    pub after: Option<Contact>,
    /// Its rows before and after.
    pub edit: OfficeEdit,
}

/// All that a sheet changes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Plan {
    /// In the order of the sheet, then of the directory.
    pub changes: Vec<Change>,
    /// Rows that say what is so already.
    pub same: usize,
}

impl Plan {
    /// How many changes there are of one kind.
    pub fn count(&self, kind: ChangeKind) -> usize {
        self.changes.iter().filter(|change| change.kind == kind).count()
    }
}

/// What `holders` change of `directory` from `day` on. With `whole` the sheet is the whole directory of the units that it
/// lets through: offices of theirs that it does not name end the day before.
pub fn plan(directory: &Directory, holders: &[(u32, Holder)], day: NaiveDate, whole: Option<Inside<'_>>) -> Plan {
    let mut plan = Plan::default();
    let mut named: HashSet<(&UnitId, Office)> = HashSet::new();
    let mut rows: HashMap<(&UnitId, Office), Vec<&Contact>> = HashMap::new();
    for contact in &directory.contacts {
        rows.entry((&contact.unit, contact.office)).or_default().push(contact);
    }
    let history = |unit: &UnitId, office| -> Vec<Contact> {
        rows.get(&(unit, office)).into_iter().flatten().map(|contact| (*contact).clone()).collect()
    };
    for (row, holder) in holders {
        named.insert((&holder.unit, holder.office));
        let edit = OfficeEdit::appoint(history(&holder.unit, holder.office), holder, day);
        match change(Some(*row), edit, holder.from.unwrap_or(day).max(day)) {
            Some(change) => plan.changes.push(change),
            None => plan.same += 1,
        }
    }
    if let Some(is_inside) = whole {
        let inside: HashSet<&UnitId> = directory
            .units
            .iter()
            .filter(|unit| unit.valid.covers(day) && is_inside(unit))
            .map(|unit| &unit.id)
            .collect();
        let held = directory.contacts.iter().filter(|contact| contact.valid.covers(day));
        for contact in held.filter(|contact| inside.contains(&contact.unit)) {
            if named.contains(&(&contact.unit, contact.office)) {
                continue;
            }
            let edit = OfficeEdit::end(history(&contact.unit, contact.office), day, day.pred_opt().unwrap_or(day));
            plan.changes.extend(change(None, edit, day));
        }
    }
    plan
}

fn change(row: Option<u32>, edit: OfficeEdit, day: NaiveDate) -> Option<Change> {
    if edit.changes_nothing() {
        return None;
    }
    let on = |contacts: &[Contact]| contacts.iter().find(|contact| contact.valid.covers(day)).cloned();
    let (before, after) = (on(&edit.before), on(&edit.after));
    let kind = match (&before, &after) {
        (None, _) => ChangeKind::Added,
        (Some(_), Some(_)) => ChangeKind::Changed,
        (Some(_), None) => ChangeKind::Ended,
    };
    // An end that lies ahead is an end, though he still holds it today.
    let kind = if row.is_none() { ChangeKind::Ended } else { kind };
    Some(Change { row, kind, before, after, edit })
}
