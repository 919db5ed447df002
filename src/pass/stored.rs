//! The figures of the newest round, to try words with. Stores and sends nothing.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::round::view;
use super::{Settings, record};
use crate::catalog::{self, Catalog};
use crate::db::{Db, DbError};
use crate::evaluation::{self, Evaluation, Judged, Rate, Reach, Standing};
use crate::message::Figures;

/// What a round judged, as letters tell it.
#[derive(Debug)]
pub struct StoredFigures {
    /// Units and heads of today, on the last day of the figures.
    pub catalog: Arc<Catalog>,
    /// The judgements; the services that weigh most and the months are not stored with them.
    pub evaluations: Vec<Evaluation>,
    /// What they are.
    pub figures: Figures,
}

/// The figures of the newest finished round; `None` before the first.
///
/// # Errors
/// The engine's.
pub async fn stored_figures(
    db: &Db,
    settings: &Settings,
    now: DateTime<Utc>,
) -> Result<Option<StoredFigures>, DbError> {
    let Some(round) = record::done_rounds(db).await?.pop() else { return Ok(None) };
    let catalog = view(&catalog::load(db).await?, settings, round.until, now);
    let judged = evaluation::judged(db, &round.run_id).await?;
    let mut evaluations: Vec<Evaluation> = judged.iter().filter_map(|one| restored(one, &catalog)).collect();
    // As a round has them; they are stored in the order of their names.
    let place = |one: &Evaluation| catalog.indicators.iter().position(|known| known.id == one.indicator.id);
    for of_unit in evaluations.chunk_by_mut(|one, other| one.unit == other.unit) {
        of_unit.sort_by_key(place);
    }
    let figures = Figures { until: round.until, code: record::figures_code(db, &round.run_id).await? };
    Ok(Some(StoredFigures { catalog, evaluations, figures }))
}

/// The judgement with as much of its reason as was stored.
fn restored(judged: &Judged, catalog: &Catalog) -> Option<Evaluation> {
    let mut evaluation = judged.evaluation(catalog)?;
    if let Standing::Below(shortfall) = &mut evaluation.standing {
        let same = |cause: &catalog::Cause| Some(&cause.id) == judged.cause.as_ref();
        shortfall.cause = evaluation.indicator.causes.iter().position(same);
        shortfall.what_if = judged.what_if.zip(judged.denominator).and_then(|(done, all)| Rate::new(done, all));
        // Hundredths of a percent.
        let best = judged.interim_target.and_then(|best| Rate::new(best, 10_000));
        shortfall.reach = best.map_or(Reach::Now, |best| Reach::OutOfReach { best });
    }
    Some(evaluation)
}
