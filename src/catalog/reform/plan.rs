//! From what somebody says to the rows that change.

use super::asked::{check, ending, rows};
use super::children::moved;
use super::{NewUnit, Reform, ReformError, ReformKind, ReformPlan, Successor, UnitEdit};
use crate::catalog::contact::{Contact, Office};
use crate::catalog::directory::OfficeEdit;
use crate::catalog::pack::Pack;
use crate::catalog::unit::{Succession, SuccessionKind, Unit, UnitId, Validity};

/// What `reform` changes of `pack`.
///
/// # Errors
/// [`ReformError`].
pub fn plan(pack: &Pack, reform: &Reform) -> Result<ReformPlan, ReformError> {
    check(pack, reform)?;
    let mut plan = ReformPlan::default();
    if reform.kind == ReformKind::Rename {
        renamed(pack, reform, &mut plan)?;
        return Ok(plan);
    }
    let ending = ending(reform);
    for id in &ending {
        plan.units.push(ended(pack, id, reform));
        plan.offices.extend(Office::ALL.into_iter().filter_map(|office| vacated(pack, id, office, reform)));
    }
    let successors: Vec<UnitId> =
        reform.into.iter().map(|successor| begun(pack, reform, successor, &mut plan)).collect();
    let heir = if let [heir] = successors.as_slice() { Some(heir) } else { None };
    plan.units.extend(moved(pack, &ending, heir, reform.day)?);
    let kind = match reform.kind {
        ReformKind::Merge => SuccessionKind::Merge,
        ReformKind::Split => SuccessionKind::Split,
        ReformKind::Rename | ReformKind::End | ReformKind::Add => return Ok(plan),
    };
    for predecessor in &reform.units {
        for successor in successors.iter().filter(|successor| *successor != predecessor) {
            plan.added.push(succession(reform, predecessor, successor, kind));
        }
    }
    let known = |new: &Succession| {
        let same = |old: &Succession| {
            (&old.predecessor, &old.successor, old.date) == (&new.predecessor, &new.successor, new.date)
        };
        pack.successions.iter().any(same)
    };
    if plan.added.iter().any(known) { Err(ReformError::Known) } else { Ok(plan) }
}

fn succession(reform: &Reform, predecessor: &UnitId, successor: &UnitId, kind: SuccessionKind) -> Succession {
    Succession {
        predecessor: predecessor.clone(),
        successor: successor.clone(),
        date: reform.day,
        kind,
        basis: reform.basis.clone(),
    }
}

/// The unit's last row ends the day before.
fn ended(pack: &Pack, id: &UnitId, reform: &Reform) -> UnitEdit {
    let (before, last) = (rows(pack, id), reform.day.pred_opt());
    let end = |row: &Unit| {
        let goes_on = row.valid.to.is_none_or(|to| to >= reform.day);
        let valid = Validity { to: if goes_on { last } else { row.valid.to }, ..row.valid };
        Unit { valid, ..row.clone() }
    };
    UnitEdit { unit: id.clone(), after: before.iter().map(end).collect(), before }
}

/// Whoever holds an office of a unit that ends, holds it to the end.
fn vacated(pack: &Pack, id: &UnitId, office: Office, reform: &Reform) -> Option<OfficeEdit> {
    let mut before: Vec<Contact> =
        pack.contacts.iter().filter(|one| one.unit == *id && one.office == office).cloned().collect();
    before.sort_by_key(|contact| contact.valid.from);
    let last = reform.day.pred_opt();
    let end = |row: &Contact| {
        if row.valid.to.is_some_and(|to| to < reform.day) {
            return Some(row.clone());
        }
        let begins_later = row.valid.from.is_some_and(|from| from >= reform.day);
        (!begins_later).then(|| Contact { valid: Validity { to: last, ..row.valid }, ..row.clone() })
    };
    let after: Vec<Contact> = before.iter().filter_map(end).collect();
    (after != before).then(|| OfficeEdit { unit: id.clone(), office, before, after })
}

/// The successor's id; one that is new begins.
fn begun(pack: &Pack, reform: &Reform, successor: &Successor, plan: &mut ReformPlan) -> UnitId {
    match successor {
        Successor::Existing(id) => id.clone(),
        Successor::New(new) => {
            let id = free_id(pack, plan, new, reform);
            let valid = Validity { from: Some(reform.day), to: None };
            plan.units.push(UnitEdit { unit: id.clone(), before: Vec::new(), after: vec![unit(&id, new, valid)] });
            id
        }
    }
}

fn unit(id: &UnitId, new: &NewUnit, valid: Validity) -> Unit {
    Unit {
        id: id.clone(),
        code: new.code.clone(),
        name: new.name.clone(),
        kind: new.kind,
        parent: new.parent.clone(),
        aliases: Vec::new(),
        valid,
    }
}

/// The code, unless another unit is or was called so: then the code with the day.
fn free_id(pack: &Pack, plan: &ReformPlan, new: &NewUnit, reform: &Reform) -> UnitId {
    let taken = |id: &str| {
        pack.units.iter().any(|unit| unit.id.as_str() == id || (unit.code == id && id != new.code))
            || plan.units.iter().any(|edit| edit.unit.as_str() == id)
    };
    let had = pack.units.iter().any(|unit| unit.code == new.code);
    if !had && !taken(&new.code) {
        return UnitId::new(&new.code);
    }
    let dated = format!("{}-{}", new.code, reform.day.format("%Y%m%d"));
    let mut further = (2_u32..).map(|number| format!("{dated}-{number}"));
    let free = std::iter::once(dated.clone()).chain(further.by_ref().take(1_000)).find(|id| !taken(id));
    UnitId::new(&free.unwrap_or(dated))
}

/// The same unit with another name, code, kind or unit above it.
fn renamed(pack: &Pack, reform: &Reform, plan: &mut ReformPlan) -> Result<(), ReformError> {
    let ([id], [Successor::New(new)]) = (reform.units.as_slice(), reform.into.as_slice()) else {
        return Err(ReformError::OneUnit);
    };
    let before = rows(pack, id);
    let eve = reform.day.pred_opt().unwrap_or(reform.day);
    let Some(old) = before.iter().find(|row| row.valid.covers(eve)).cloned() else {
        return Err(ReformError::NotThere(super::asked::called(pack, id)));
    };
    if old.valid.to.is_some_and(|to| to < reform.day) {
        return Err(ReformError::NotThere(super::asked::called(pack, id)));
    }
    let valid = Validity { from: Some(reform.day), to: old.valid.to };
    let row = Unit { aliases: old.aliases.clone(), ..unit(id, new, valid) };
    if (&row.name, &row.code, row.kind, &row.parent) == (&old.name, &old.code, old.kind, &old.parent) {
        return Err(ReformError::Nothing);
    }
    let first = Unit { valid: Validity { to: Some(eve), ..old.valid }, ..old.clone() };
    let after = before
        .iter()
        .flat_map(|one| if *one == old { vec![first.clone(), row.clone()] } else { vec![one.clone()] })
        .collect();
    plan.units.push(UnitEdit { unit: id.clone(), before, after });
    let kind = if row.kind != old.kind {
        Some(SuccessionKind::Reclassify)
    } else if row.name != old.name {
        Some(SuccessionKind::Rename)
    } else {
        None
    };
    plan.added.extend(kind.map(|kind| succession(reform, id, id, kind)));
    Ok(())
}
