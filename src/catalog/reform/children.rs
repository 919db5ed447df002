//! Units below one that ends: where one unit takes over they go with it, else a person has to say where they belong.

use std::collections::BTreeMap;

use super::asked::called;
use super::{ReformError, UnitEdit};
use crate::catalog::pack::Pack;
use crate::catalog::unit::{Unit, UnitId, Validity};

/// The rows of units below those that are `ending` from `day` on. With one `heir` they are his.
pub(super) fn moved(
    pack: &Pack,
    ending: &[UnitId],
    heir: Option<&UnitId>,
    day: chrono::NaiveDate,
) -> Result<Vec<UnitEdit>, ReformError> {
    let concerned = |unit: &&Unit| {
        let hangs = unit.parent.as_ref().is_some_and(|parent| ending.contains(parent));
        hangs && unit.valid.to.is_none_or(|to| to >= day) && !ending.contains(&unit.id)
    };
    let below: Vec<&Unit> = pack.units.iter().filter(concerned).collect();
    let Some(first) = below.first() else { return Ok(Vec::new()) };
    let Some(heir) = heir else {
        let parent = first.parent.as_ref().map(|parent| called(pack, parent)).unwrap_or_default();
        return Err(ReformError::Below { unit: parent, count: below.len(), one: first.name.clone() });
    };
    let mut edits: BTreeMap<UnitId, UnitEdit> = BTreeMap::new();
    for unit in below {
        edits.entry(unit.id.clone()).or_insert_with(|| {
            let before: Vec<Unit> = pack.units.iter().filter(|row| row.id == unit.id).cloned().collect();
            let after = before.iter().flat_map(|row| under(row, ending, heir, day)).collect();
            UnitEdit { unit: unit.id.clone(), before, after }
        });
    }
    // As they stand in the pack.
    let mut edits: Vec<UnitEdit> = edits.into_values().collect();
    edits.sort_by_key(|edit| pack.units.iter().position(|unit| unit.id == edit.unit));
    Ok(edits)
}

/// A row with another unit above it from `day` on.
fn under(row: &Unit, ending: &[UnitId], heir: &UnitId, day: chrono::NaiveDate) -> Vec<Unit> {
    let hangs = row.parent.as_ref().is_some_and(|parent| ending.contains(parent));
    if !hangs || row.valid.to.is_some_and(|to| to < day) {
        return vec![row.clone()];
    }
    let moved = |valid| Unit { parent: Some(heir.clone()), valid, ..row.clone() };
    if row.valid.from.is_some_and(|from| from >= day) {
        return vec![moved(row.valid)];
    }
    let before = Unit { valid: Validity { to: day.pred_opt(), ..row.valid }, ..row.clone() };
    vec![before, moved(Validity { from: Some(day), ..row.valid })]
}
