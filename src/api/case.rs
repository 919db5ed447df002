//! Cases, and what was decided about a unit.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::catalog::UnitId;
use crate::decision::CaseFile;

/// A unit and indicator from the first miss to the recovery.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CaseLine {
    /// Official code of the unit.
    pub unit_code: String,
    /// Its name.
    pub unit: String,
    /// The indicator.
    pub indicator: String,
    /// As-of date of the first miss.
    #[schema(format = Date)]
    pub opened: String,
    /// As-of date of the last reminder.
    #[schema(format = Date)]
    pub reminded: Option<String>,
    /// Reminders so far.
    pub reminders: u32,
    /// As-of date of the recovery, or of its end; null while it is open.
    #[schema(format = Date)]
    pub closed: Option<String>,
    /// Why it ended when the unit did not recover: `divided`, `dissolved` or `merged`.
    pub because: Option<String>,
    /// Name of the unit that it was opened for, when that is no more.
    pub came_from: Option<String>,
}

impl CaseLine {
    /// Of a case; `name` tells code and name of a unit.
    pub fn of(file: &CaseFile, name: impl Fn(&UnitId) -> (String, String)) -> Self {
        let (unit_code, unit) = name(&file.unit);
        Self {
            unit_code,
            unit,
            indicator: file.indicator.to_string(),
            opened: file.case.opened_on.to_string(),
            reminded: file.case.reminded_on.map(|date| date.to_string()),
            reminders: file.case.reminders,
            closed: file.closed_on.map(|date| date.to_string()),
            because: file.closed_because.clone(),
            came_from: file.came_from.as_ref().map(|unit| name(unit).1),
        }
    }
}

/// What a round decided about a unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Decided {
    /// The round.
    pub run_id: String,
    /// As of when it decided.
    #[schema(format = Date)]
    pub as_of: String,
    /// `remind` or `hold`.
    pub decision: String,
    /// Why.
    pub reason: String,
    /// The same per indicator.
    pub indicators: Vec<DecidedOn>,
}

/// What was decided about one indicator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DecidedOn {
    /// The indicator.
    pub indicator: String,
    /// `remind` or `hold`.
    pub outcome: String,
    /// Why.
    pub reason: String,
    /// Which reminder it is; 0 where nobody was reminded.
    #[serde(default)]
    pub step: u32,
}

impl Decided {
    /// Of a row of [`decision::decisions_about`](crate::decision::decisions_about). Its JSON is written by this program alone;
    /// what cannot be read of it is left out.
    pub fn of((run_id, as_of, decision, reason, indicators): (String, String, String, String, String)) -> Self {
        let indicators = serde_json::from_str(&indicators).unwrap_or_default();
        Self { run_id, as_of, decision, reason, indicators }
    }
}
