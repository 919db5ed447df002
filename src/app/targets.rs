//! A new target on the pages: what it would change, and adding it.

use super::{App, AppError};
use crate::catalog::{self, IndicatorId, Pack, Problem, Scope, Target, TargetId, Validity};
use crate::evaluation::{self, Standing, Threshold};
use crate::pass;
use crate::people::{self, By, Deed, Event};

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

/// Why a target is not added.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TargetError {
    /// The pack would be no good pack any more.
    #[error("{} problem(s)", .0.len())]
    Problems(Vec<Problem>),
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
        let mut work = self.db.begin().await.map_err(AppError::from)?;
        catalog::keep_still(&mut work).await.map_err(AppError::from)?;
        let mut pack = catalog::load(&self.db).await.map_err(AppError::from)?;
        let subject = format!("target/{}", target.id.as_str());
        let detail = format!(
            "{} {} {} {}: {}",
            target.indicator,
            target.scope,
            target.comparator.word(),
            target.value,
            target.basis.number
        );
        pack.targets.push(target);
        let files = pack.files();
        let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
        let pack = Pack::from_files(&files).map_err(|error| TargetError::Problems(error.problems))?;
        catalog::import(&mut work, &pack).await.map_err(AppError::from)?;
        let event = Event { by, deed: Deed::TargetAdded, subject, detail };
        people::conclude(work, &event, self.clock.now()).await.map_err(AppError::from)?;
        Ok(())
    }
}
