//! A plan as it is stored: JSON, emptied after a day because contacts are in it.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::{ReformPlan, UnitEdit};
use crate::catalog::directory::{KeptEdit, OfficeEdit};
use crate::catalog::store::impossible;
use crate::catalog::unit::{Kind, Succession, SuccessionKind, Unit, UnitId, Validity};
use crate::db::DbError;

#[derive(Serialize, Deserialize)]
pub(super) struct KeptPlan {
    units: Vec<KeptUnits>,
    offices: Vec<KeptEdit>,
    successions: Vec<KeptSuccession>,
}

#[derive(Serialize, Deserialize)]
struct KeptUnits {
    unit: String,
    before: Vec<KeptRow>,
    after: Vec<KeptRow>,
}

#[derive(Serialize, Deserialize)]
struct KeptRow {
    code: String,
    name: String,
    kind: String,
    parent: Option<String>,
    aliases: Vec<String>,
    from: Option<NaiveDate>,
    to: Option<NaiveDate>,
}

#[derive(Serialize, Deserialize)]
struct KeptSuccession {
    predecessor: String,
    successor: String,
    date: NaiveDate,
    kind: String,
    basis: String,
}

impl KeptPlan {
    pub(super) fn of(plan: &ReformPlan) -> Self {
        let row = |unit: &Unit| KeptRow {
            code: unit.code.clone(),
            name: unit.name.clone(),
            kind: unit.kind.word().to_owned(),
            parent: unit.parent.as_ref().map(ToString::to_string),
            aliases: unit.aliases.clone(),
            from: unit.valid.from,
            to: unit.valid.to,
        };
        let units = |edit: &UnitEdit| KeptUnits {
            unit: edit.unit.to_string(),
            before: edit.before.iter().map(row).collect(),
            after: edit.after.iter().map(row).collect(),
        };
        let succession = |one: &Succession| KeptSuccession {
            predecessor: one.predecessor.to_string(),
            successor: one.successor.to_string(),
            date: one.date,
            kind: one.kind.word().to_owned(),
            basis: one.basis.clone(),
        };
        Self {
            units: plan.units.iter().map(units).collect(),
            offices: plan.offices.iter().map(KeptEdit::of).collect(),
            successions: plan.added.iter().map(succession).collect(),
        }
    }
}

impl TryFrom<KeptPlan> for ReformPlan {
    type Error = DbError;

    fn try_from(kept: KeptPlan) -> Result<Self, DbError> {
        let units = kept.units.into_iter().map(|one| {
            let id = UnitId::new(&one.unit);
            let rows = |rows: Vec<KeptRow>| rows.into_iter().map(|row| unit(&id, row)).collect::<Result<Vec<_>, _>>();
            Ok(UnitEdit { unit: id.clone(), before: rows(one.before)?, after: rows(one.after)? })
        });
        let offices = kept.offices.into_iter().map(OfficeEdit::try_from);
        Ok(Self {
            units: units.collect::<Result<_, DbError>>()?,
            offices: offices.collect::<Result<_, _>>()?,
            added: kept.successions.into_iter().map(succession).collect::<Result<_, _>>()?,
            removed: Vec::new(),
        })
    }
}

fn unit(id: &UnitId, row: KeptRow) -> Result<Unit, DbError> {
    Ok(Unit {
        id: id.clone(),
        kind: row.kind.parse::<Kind>().map_err(|()| impossible("unit_reform", "edits", &row.kind))?,
        code: row.code,
        name: row.name,
        parent: row.parent.as_deref().map(UnitId::new),
        aliases: row.aliases,
        valid: Validity { from: row.from, to: row.to },
    })
}

fn succession(kept: KeptSuccession) -> Result<Succession, DbError> {
    let kind = SuccessionKind::ALL.into_iter().find(|kind| kind.word() == kept.kind);
    Ok(Succession {
        predecessor: UnitId::new(&kept.predecessor),
        successor: UnitId::new(&kept.successor),
        date: kept.date,
        kind: kind.ok_or_else(|| impossible("unit_reform", "edits", &kept.kind))?,
        basis: kept.basis,
    })
}
