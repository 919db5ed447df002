//! Targets on the pages: what a new one would change, adding it, taking it back while nothing was judged by it, ending one early.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, NaiveDate, Utc};

use super::{App, AppError, today};
use crate::catalog::{self, IndicatorId, Pack, Problem, Scope, Target, TargetId, Validity};
use crate::db::{Db, DbError};
use crate::evaluation::{self, Standing, Threshold};
use crate::pass::{self, DoneRound};
use crate::people::{self, By, Deed, Event, Wanted};

/// Entries of the audit log that are looked through for when a target was added.
const LOOKED_THROUGH: i64 = 5_000;

/// What a target would make of the newest figures.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Foreseen {
    /// Units that it binds and whose figures are known.
    pub units: u64,
    /// Of these, met today, by whatever target holds for them.
    pub met_now: u64,
    /// Met by the new one.
    pub met_then: u64,
}

/// Why a target is not added, ended or taken back.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TargetError {
    /// The pack would be no good pack any more.
    #[error("{} problem(s)", .0.len())]
    Problems(Vec<Problem>),
    /// There is no such target any more.
    #[error("there is no such target\n  remedy: look at the list again")]
    NotThere,
    /// It would end before it begins, in the past, or not earlier than it does.
    #[error("a target ends early on a day from {first} on and before {end}\n  remedy: choose such a day", end = .before.map_or_else(|| "ever".to_owned(), |day| day.to_string()))]
    NotThen {
        /// The first day that can be its last.
        first: NaiveDate,
        /// The day before which it must end; `None`: any later day.
        before: Option<NaiveDate>,
    },
    /// It came with a pack.
    #[error("the target came with a pack\n  remedy: end it early, or import a pack without it")]
    OfPack,
    /// Units were judged by it.
    #[error("the round as of {0} judged by it\n  remedy: end it early instead")]
    Judged(NaiveDate),
    /// Something below failed.
    #[error(transparent)]
    App(#[from] AppError),
}

/// A target of `indicator` for the same units that holds on a day on which another of this time would.
pub fn overlapping<'p>(pack: &'p Pack, indicator: &IndicatorId, scope: &Scope, valid: Validity) -> Option<&'p Target> {
    pack.targets.iter().find(|one| one.indicator == *indicator && one.scope == *scope && one.valid.overlaps(valid))
}

/// A name that no target has: the indicator and the day it begins.
pub fn free_id(pack: &Pack, indicator: &IndicatorId, valid: Validity) -> TargetId {
    let day = valid.from.map(|from| from.format("_%Y%m%d").to_string()).unwrap_or_default();
    let taken = |id: &str| pack.targets.iter().any(|one| one.id.as_str() == id);
    let names = (1..).map(
        |number| {
            if number == 1 { format!("{indicator}{day}") } else { format!("{indicator}{day}_{number}") }
        },
    );
    let free = names.take(pack.targets.len() + 1).find(|name| !taken(name));
    TargetId::new(&free.unwrap_or_else(|| format!("{indicator}{day}_x")))
}

impl App {
    /// What `target` would make of the newest round's figures; `None` before the first.
    ///
    /// # Errors
    /// The engine's.
    pub async fn foresee(&self, target: &Target) -> Result<Option<Foreseen>, AppError> {
        let settings = self.config.pass_settings();
        let Some(stored) = pass::stored_figures(&self.db, &settings, self.clock.now()).await? else { return Ok(None) };
        let demanded = Threshold::of(target, stored.figures.until);
        let mut foreseen = Foreseen::default();
        for one in stored.evaluations.iter().filter(|one| one.indicator.id == target.indicator) {
            let (Some(unit), Some(rate)) = (stored.catalog.unit(&one.unit), one.rate) else { continue };
            if !target.scope.binds(unit) {
                continue;
            }
            foreseen.units += 1;
            foreseen.met_now += u64::from(matches!(one.standing, Standing::Met));
            foreseen.met_then += u64::from(evaluation::passes(rate, demanded, target.comparator));
        }
        Ok(Some(foreseen))
    }

    /// Adds `target` to the catalog, which is checked as an imported pack is.
    ///
    /// # Errors
    /// [`TargetError::Problems`] when it does not fit what is there; then nothing is changed.
    pub async fn add_target(&self, target: Target, by: &By) -> Result<(), TargetError> {
        let detail = format!(
            "{} {} {} {}: {}",
            target.indicator,
            target.scope,
            target.comparator.word(),
            target.value,
            target.basis.number
        );
        let subject = format!("target/{}", target.id.as_str());
        let add = |pack: &mut Pack, _: &[DoneRound]| {
            pack.targets.push(target);
            Ok(detail)
        };
        changed(&self.db, (Deed::TargetAdded, subject), add, by, self.clock.now()).await
    }
}

/// Ends the target `id` after `last`, which is yesterday or later and before its end.
///
/// # Errors
/// [`TargetError`]; then nothing is changed.
pub async fn end_target(db: &Db, id: &str, last: NaiveDate, by: &By, now: DateTime<Utc>) -> Result<(), TargetError> {
    let yesterday = today(now).pred_opt().unwrap_or_else(|| today(now));
    let end = |pack: &mut Pack, _: &[DoneRound]| {
        let target = pack.targets.iter_mut().find(|target| target.id.as_str() == id).ok_or(TargetError::NotThere)?;
        let first = target.valid.from.map_or(yesterday, |from| from.max(yesterday));
        if last < first || target.valid.to.is_some_and(|to| last >= to) {
            return Err(TargetError::NotThen { first, before: target.valid.to });
        }
        target.valid = Validity { to: Some(last), ..target.valid };
        Ok(format!("after {last}"))
    };
    changed(db, (Deed::TargetEnded, format!("target/{id}")), end, by, now).await
}

/// Takes back the target `id`, which was added here and which no round judged by.
///
/// # Errors
/// [`TargetError`]; then nothing is changed.
pub async fn take_target_back(db: &Db, id: &str, by: &By, now: DateTime<Utc>) -> Result<(), TargetError> {
    let added = added(db).await.map_err(AppError::from)?;
    let take = |pack: &mut Pack, rounds: &[DoneRound]| {
        let place = pack.targets.iter().position(|target| target.id.as_str() == id).ok_or(TargetError::NotThere)?;
        let target = pack.targets.remove(place);
        let at = added.get(&target.id).ok_or(TargetError::OfPack)?;
        match judged(rounds, &target, *at) {
            Some(round) => Err(TargetError::Judged(round.as_of)),
            None => Ok(String::new()),
        }
    };
    changed(db, (Deed::TargetTakenBack, format!("target/{id}")), take, by, now).await
}

/// The targets of `pack` that can be taken back.
///
/// # Errors
/// The engine's.
pub async fn unjudged_targets(db: &Db, pack: &Pack) -> Result<HashSet<TargetId>, DbError> {
    let mut work = db.snapshot().await?;
    let rounds = pass::judging_rounds(&mut work).await?;
    work.rollback().await?;
    let added = added(db).await?;
    let free = |target: &&Target| added.get(&target.id).is_some_and(|at| judged(&rounds, target, *at).is_none());
    Ok(pack.targets.iter().filter(free).map(|target| target.id.clone()).collect())
}

/// When targets were added here, by the audit log.
async fn added(db: &Db) -> Result<HashMap<TargetId, DateTime<Utc>>, DbError> {
    let wanted = Wanted { deed: Deed::TargetAdded.word().to_owned(), limit: LOOKED_THROUGH, ..Wanted::default() };
    let entries = people::list(db, &wanted).await?;
    let one = |entry: people::Entry| Some((TargetId::new(entry.subject.strip_prefix("target/")?), entry.at()));
    // Newest first: of an id that was used again the newest stays.
    Ok(entries.into_iter().rev().filter_map(one).collect())
}

/// The first round since `at` whose figures the target held for.
fn judged<'r>(rounds: &'r [DoneRound], target: &Target, at: DateTime<Utc>) -> Option<&'r DoneRound> {
    rounds.iter().find(|round| round.started_at >= at && target.valid.covers(round.until))
}

/// The catalog with a change of its targets, checked as an imported pack is; one unit of work with its entry in the audit log,
/// whose detail `change` returns. It is told of the rounds that judged so far.
async fn changed(
    db: &Db,
    (deed, subject): (Deed, String),
    change: impl FnOnce(&mut Pack, &[DoneRound]) -> Result<String, TargetError>,
    by: &By,
    now: DateTime<Utc>,
) -> Result<(), TargetError> {
    let mut work = db.begin().await.map_err(AppError::from)?;
    catalog::keep_still(&mut work).await.map_err(AppError::from)?;
    let mut pack = catalog::load_in(&mut work).await.map_err(AppError::from)?;
    let rounds = pass::judging_rounds(&mut work).await.map_err(AppError::from)?;
    let detail = change(&mut pack, &rounds)?;
    let files = pack.files();
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let pack = Pack::from_files(&files).map_err(|error| TargetError::Problems(error.problems))?;
    catalog::import(&mut work, &pack).await.map_err(AppError::from)?;
    people::conclude(work, &Event { by, deed, subject, detail }, now).await.map_err(AppError::from)?;
    Ok(())
}
