//! Mergers, splits, new names, ends and beginnings of units, as pages and commands record them: looked at first, then one
//! unit of work with its entry in the audit log, which can be taken back within a day.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use sha2::{Digest as _, Sha256};

use super::names;
use crate::catalog::reform::{self, Reform, ReformError, ReformPlan, UndoError};
use crate::catalog::{self, Catalog, Pack, Recipient, Scope, Target, Unit};
use crate::db::{Db, DbError, Work};
use crate::people::{self, By, Deed, Event};
use crate::{observation, pass};

/// Characters of the few words that stay with a record.
const TOLD: usize = 400;

/// What a reform would change, and whom it concerns.
#[derive(Debug)]
pub struct Looked {
    /// The rows that change.
    pub plan: ReformPlan,
    /// The catalog as it is.
    pub before: Pack,
    /// The catalog as it would be.
    pub after: Pack,
    /// What was looked at, for whoever writes it: [`write()`] refuses another.
    pub digest: String,
    /// Units that begin or go on after it, with who receives for them from its day on.
    pub heads: Vec<(Unit, Option<Recipient>)>,
    /// Targets of single units that end, which bind nobody from then on.
    pub targets: Vec<Target>,
    /// Names that the last round did not know and that it makes known.
    pub names: Vec<String>,
}

/// Why a reform was not written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WriteError {
    /// It cannot be, or not as it was looked at.
    #[error(transparent)]
    Reform(#[from] ReformError),
    /// The database's.
    #[error(transparent)]
    Db(#[from] DbError),
}

/// What `reform` would change of the catalog as it is.
///
/// # Errors
/// [`WriteError`].
pub async fn look(db: &Db, reform: &Reform) -> Result<Looked, WriteError> {
    let before = catalog::load(db).await?;
    let strangers = observation::unresolved(db).await?;
    let (plan, after) = worked_out(&before, reform)?;
    let day = reform.day;
    let (old, new) = (Catalog::of(&before, day, day), Catalog::of(&after, day, day));
    let open = |catalog: &Catalog, stranger: &observation::Stranger| names::is_open(catalog, stranger);
    let known = strangers.iter().filter(|one| open(&old, one) && !open(&new, one));
    let names: HashSet<String> =
        known.map(|one| if one.name.is_empty() { one.code.clone() } else { one.name.clone() }).collect();
    let mut names: Vec<String> = names.into_iter().collect();
    names.sort();
    let ended: Vec<&Unit> = plan.ends(day).collect();
    let own = |target: &&Target| match &target.scope {
        Scope::Unit(id) => target.valid.to.is_none_or(|to| to >= day) && ended.iter().any(|unit| unit.id == *id),
        _ => false,
    };
    Ok(Looked {
        digest: digest(&plan),
        heads: heads(&plan, reform, &new),
        targets: before.targets.iter().filter(own).cloned().collect(),
        names,
        plan,
        before,
        after,
    })
}

fn worked_out(pack: &Pack, reform: &Reform) -> Result<(ReformPlan, Pack), ReformError> {
    let plan = reform::plan(pack, reform)?;
    let after = reform::apply(pack, &plan)?;
    Ok((plan, after))
}

fn digest(plan: &ReformPlan) -> String {
    let bytes = Sha256::digest(format!("{plan:?}"));
    hex::encode(bytes.get(..8).unwrap_or_default())
}

/// The units that stand on the day of the reform for those that it names, and who receives for them.
fn heads(plan: &ReformPlan, reform: &Reform, then: &Catalog) -> Vec<(Unit, Option<Recipient>)> {
    let mut ids: Vec<&catalog::UnitId> = plan.added.iter().map(|one| &one.successor).collect();
    ids.extend(plan.begins().map(|unit| &unit.id));
    ids.extend(&reform.units);
    let mut seen = HashSet::new();
    let there = ids.into_iter().filter(|id| seen.insert(*id)).filter_map(|id| then.unit(id));
    there.map(|unit| (unit.clone(), then.recipient_of(&unit.id).cloned())).collect()
}

/// The units of a reform in a few words: `Xã A (01) + Xã B (02) → Phường C (03)`.
pub fn told(before: &Pack, plan: &ReformPlan, reform: &Reform) -> String {
    let eve = reform.day.pred_opt().unwrap_or(reform.day);
    let on = |id: &catalog::UnitId, day| {
        let rows = before.units.iter().chain(plan.units.iter().flat_map(|edit| &edit.after));
        let mut rows = rows.filter(|unit| unit.id == *id);
        let row = rows.clone().find(|unit| unit.valid.covers(day)).or_else(|| rows.next_back());
        row.map_or_else(|| id.to_string(), |unit| format!("{} ({})", unit.name, unit.code))
    };
    let old: Vec<String> = reform.units.iter().map(|id| on(id, eve)).collect();
    let mut new: Vec<String> = plan.begins().map(|unit| format!("{} ({})", unit.name, unit.code)).collect();
    new.extend(
        plan.changes(reform.day)
            .filter(|(was, is)| (&was.name, &was.code) != (&is.name, &is.code))
            .map(|(_, is)| format!("{} ({})", is.name, is.code)),
    );
    for successor in &reform.into {
        if let reform::Successor::Existing(id) = successor {
            new.push(on(id, reform.day));
        }
    }
    let text = match (old.is_empty(), new.is_empty()) {
        (true, _) => new.join(" + "),
        (false, true) => old.join(" + "),
        (false, false) => format!("{} → {}", old.join(" + "), new.join(" + ")),
    };
    text.chars().take(TOLD).collect()
}

/// Writes `reform`. With `seen` nothing is written when it would change other rows than those that were looked at. Returns its id.
///
/// # Errors
/// [`WriteError`].
pub async fn write(
    db: &Db,
    reform: &Reform,
    seen: Option<&str>,
    by: &By,
    now: DateTime<Utc>,
) -> Result<String, WriteError> {
    let mut work = db.begin().await?;
    match written(&mut work, (reform, seen), by, now).await {
        Ok((id, told)) => {
            let detail = format!("{} {}: {told}", reform.kind.word(), reform.day);
            let event = Event { by, deed: Deed::UnitsReformed, subject: format!("reform/{id}"), detail };
            people::conclude(work, &event, now).await?;
            Ok(id)
        }
        Err(error) => {
            work.rollback().await?;
            Err(error)
        }
    }
}

async fn written(
    work: &mut Work,
    (reform, seen): (&Reform, Option<&str>),
    by: &By,
    now: DateTime<Utc>,
) -> Result<(String, String), WriteError> {
    catalog::keep_still(work).await?;
    reform::forget_old(work, now).await?;
    let pack = catalog::load_in(work).await?;
    let (plan, after) = worked_out(&pack, reform)?;
    if seen.is_some_and(|seen| seen != digest(&plan)) {
        return Err(ReformError::Changed(vec![told(&pack, &plan, reform)]).into());
    }
    catalog::import(work, &after).await?;
    let told = told(&pack, &plan, reform);
    let id = reform::note(work, (reform, &plan, &told), &by.actor, now).await?;
    Ok((id, told))
}

/// Takes back what was recorded under this id: units and contacts are as they were. Refused when any of them was changed
/// since, or a round judged units by it.
///
/// # Errors
/// [`UndoError`].
pub async fn take_back(db: &Db, id: &str, by: &By, now: DateTime<Utc>) -> Result<(), UndoError> {
    let mut work = db.begin().await?;
    let undone = async {
        catalog::keep_still(&mut work).await?;
        let rounds = pass::judging_rounds(&mut work).await?;
        let (plan, day, at) = reform::written(&mut work, id, now).await?;
        if let Some(round) = rounds.iter().rev().find(|round| round.started_at >= at && round.until >= day) {
            return Err(UndoError::Judged(round.as_of));
        }
        let pack = catalog::load_in(&mut work).await?;
        let before = reform::apply(&pack, &plan.reversed())?;
        catalog::import(&mut work, &before).await?;
        reform::undone(&mut work, id, &by.actor, now).await
    };
    match undone.await {
        Ok(()) => {
            let (deed, detail) = (Deed::UnitsReformUndone, String::new());
            people::conclude(work, &Event { by, deed, subject: format!("reform/{id}"), detail }, now).await?;
            Ok(())
        }
        Err(error) => {
            work.rollback().await?;
            Err(error)
        }
    }
}
