//! Who stands above whom: the head of a unit gets the digest of the units right below it.

use std::collections::BTreeSet;

use super::super::copies::superior as above;
use crate::catalog::{Catalog, Recipient, Unit, UnitId};

/// A head with the units below those that he answers for.
#[derive(Debug)]
pub(super) struct Superior<'c> {
    pub(super) recipient: &'c Recipient,
    /// The units that he heads and that others stand below, in the catalog's order.
    pub(super) heads: Vec<&'c Unit>,
    /// The units right below them.
    pub(super) units: BTreeSet<UnitId>,
}

/// One per recipient who has judged units right below his own, in the catalog's order. Units whose superior nobody receives
/// for, or is their own head, stand in no digest; the leaders' sheet has them all.
pub(super) fn superiors(catalog: &Catalog) -> Vec<Superior<'_>> {
    let mut superiors: Vec<Superior<'_>> = Vec::new();
    for unit in catalog.judged_units() {
        let Some(parent) = unit.parent.as_ref().and_then(|parent| catalog.unit(parent)) else { continue };
        let Some(recipient) = above(catalog, &unit.id) else { continue };
        let known = superiors.iter().position(|superior| superior.recipient.id == recipient.id);
        let at = known.unwrap_or_else(|| {
            superiors.push(Superior { recipient, heads: Vec::new(), units: BTreeSet::new() });
            superiors.len() - 1
        });
        let Some(superior) = superiors.get_mut(at) else { continue };
        if superior.heads.iter().all(|head| head.id != parent.id) {
            superior.heads.push(parent);
        }
        superior.units.insert(unit.id.clone());
    }
    superiors
}
