//! Silences: for a while nobody is reminded of something, because somebody said so and why.

use chrono::NaiveDate;
use uuid::Uuid;

use super::policy::lineage;
use crate::catalog::{Catalog, IndicatorId, UnitId};

/// The longest silence, in days: what is longer is a change of policy.
pub const LONGEST: i64 = 90;

/// A silence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Silence {
    /// Made of what it says and when it was said.
    pub id: Uuid,
    /// The unit, with all below it when `subtree`; every unit when absent.
    pub unit: Option<UnitId>,
    /// Whether the units below are silent too.
    pub subtree: bool,
    /// The indicator; every one when absent.
    pub indicator: Option<IndicatorId>,
    /// First day.
    pub from: NaiveDate,
    /// Last day.
    pub until: NaiveDate,
    /// Who said so.
    pub author: String,
    /// Why.
    pub reason: String,
    /// The day on which somebody ended it early.
    pub ended_on: Option<NaiveDate>,
}

impl Silence {
    /// Whether it holds on `day`.
    pub fn holds_on(&self, day: NaiveDate) -> bool {
        self.from <= day && day <= self.until && self.ended_on.is_none_or(|ended| day < ended)
    }

    /// Whether it is about `unit` and `indicator`.
    pub fn covers(&self, catalog: &Catalog, unit: &UnitId, indicator: &IndicatorId) -> bool {
        let of_unit = match &self.unit {
            None => true,
            Some(silent) if silent == unit => true,
            Some(silent) if self.subtree => {
                catalog.unit(unit).is_some_and(|unit| lineage(catalog, unit).any(|above| above.id == *silent))
            }
            Some(_) => false,
        };
        of_unit && self.indicator.as_ref().is_none_or(|silent| silent == indicator)
    }
}
