//! Mergers, splits, new names, ends and beginnings of units.

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::time;
use crate::catalog::Unit;
use crate::catalog::reform::Recorded;

/// What was recorded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ReformLine {
    /// Its id.
    pub id: String,
    /// `merge`, `split`, `rename`, `end` or `add`.
    pub kind: &'static str,
    /// First day of the new state.
    #[schema(format = Date)]
    pub from: String,
    /// The units in a few words.
    pub units: String,
    /// The document that it rests on; empty where nobody said.
    pub basis: String,
    /// When it was written down.
    #[schema(format = DateTime)]
    pub recorded: String,
    /// By whom, as the audit log names him.
    pub by: String,
    /// `written` or `undone`.
    pub state: &'static str,
    /// Until when it can be taken back; null: not any more.
    #[schema(format = DateTime)]
    pub undo_until: Option<String>,
}

impl ReformLine {
    /// The record as it stands `now`.
    pub fn of(one: Recorded, now: DateTime<Utc>) -> Self {
        Self {
            kind: one.kind.word(),
            from: one.day.to_string(),
            recorded: time(one.at),
            state: if one.undone { "undone" } else { "written" },
            undo_until: one.undoable_until(now).map(time),
            id: one.id,
            units: one.told,
            basis: one.basis,
            by: one.by,
        }
    }
}

/// A unit by the name that it has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct UnitNamed {
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// What kind of body it is.
    pub kind: &'static str,
}

impl From<&Unit> for UnitNamed {
    fn from(unit: &Unit) -> Self {
        Self { code: unit.code.clone(), name: unit.name.clone(), kind: unit.kind.word() }
    }
}
