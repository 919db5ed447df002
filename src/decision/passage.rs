//! Open cases of units that are no more: they go to who answers now, or end with a reason. Nobody is reminded at a unit
//! that does not exist.

use chrono::NaiveDate;
use uuid::Uuid;

use super::{Case, History};
use crate::catalog::{Catalog, Heir, IndicatorId, UnitId};
use crate::db::{DbError, Sql, Work};
use crate::on;

pub(super) const MOVE: Sql = Sql::portable(
    "UPDATE reminder_case SET unit_id = $2, came_from = COALESCE(came_from, $3) WHERE id = $1 AND closed_on IS NULL",
);

pub(super) const END: Sql =
    Sql::portable("UPDATE reminder_case SET closed_on = $2, closed_because = $3 WHERE id = $1 AND closed_on IS NULL");

/// What becomes of an open case whose unit is no more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passed {
    /// The case.
    pub id: Uuid,
    /// Whose it was.
    pub from: UnitId,
    /// About which indicator.
    pub indicator: IndicatorId,
    /// Where it goes.
    pub to: Passage,
}

/// Where a case goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Passage {
    /// To the unit that took over.
    Moves(UnitId),
    /// It ends: the unit was divided among several.
    Divided,
    /// It ends: nobody took over.
    Dissolved,
    /// It ends: the unit that took over has an open case of its own, or an older one came to it.
    Merged,
}

impl Passage {
    /// The reason kept with a case that ends.
    const fn because(&self) -> Option<&'static str> {
        match self {
            Self::Moves(_) => None,
            Self::Divided => Some("divided"),
            Self::Dissolved => Some("dissolved"),
            Self::Merged => Some("merged"),
        }
    }
}

/// Hands the open cases of units that ended before the catalog's day to their heirs, in `history` too; the older of two
/// cases goes first. A round about an earlier day than the last one moves nothing.
pub fn pass_on(catalog: &Catalog, history: &mut History) -> Vec<Passed> {
    if history.last_as_of.is_some_and(|last| catalog.as_of() < last) {
        return Vec::new();
    }
    let ended = history.open.keys().filter(|(unit, _)| catalog.is_dissolved(unit)).cloned();
    let mut ended: Vec<(UnitId, IndicatorId)> = ended.collect();
    ended.sort_by_cached_key(|key| (history.open.get(key).map(|case| (case.opened_on, case.id)), key.clone()));
    let mut passed = Vec::with_capacity(ended.len());
    for key in ended {
        let Some(case) = history.open.remove(&key) else { continue };
        let (from, indicator) = key;
        let to = match catalog.heir(&from) {
            Heir::One(heir) => inherit(history, heir, &indicator, &case),
            Heir::Several(_) => Passage::Divided,
            Heir::Itself | Heir::Nobody => Passage::Dissolved,
        };
        passed.push(Passed { id: case.id, from, indicator, to });
    }
    passed
}

fn inherit(history: &mut History, heir: UnitId, indicator: &IndicatorId, case: &Case) -> Passage {
    let key = (heir.clone(), indicator.clone());
    if history.open.contains_key(&key) {
        return Passage::Merged;
    }
    history.open.insert(key, case.clone());
    Passage::Moves(heir)
}

/// One sentence about them.
pub fn passed_note(passed: &[Passed]) -> Option<String> {
    let moved = passed.iter().filter(|passed| matches!(passed.to, Passage::Moves(_))).count();
    let ended = passed.len() - moved;
    (!passed.is_empty()).then(|| {
        format!(
            "open cases of units that are no more: {moved} went to the unit that took over, {ended} ended (see `dondoc case \
             list --all`)"
        )
    })
}

/// Stores where the cases go.
///
/// # Errors
/// The engine's; then nothing of the unit of work may be kept.
pub async fn record_passed(work: &mut Work, passed: &[Passed], as_of: NaiveDate) -> Result<(), DbError> {
    // Those that end go first: the heir's own open case and a moved one must never be open side by side.
    for passed in passed {
        let Some(because) = passed.to.because() else { continue };
        on!(&mut *work, END, |sql, conn| {
            let query = sqlx::query(sql).bind(passed.id.to_string()).bind(as_of.to_string()).bind(because);
            query.execute(conn).await?.rows_affected()
        });
    }
    for passed in passed {
        let Passage::Moves(heir) = &passed.to else { continue };
        on!(&mut *work, MOVE, |sql, conn| {
            let query = sqlx::query(sql).bind(passed.id.to_string()).bind(heir.as_str()).bind(passed.from.as_str());
            query.execute(conn).await?.rows_affected()
        });
    }
    Ok(())
}
