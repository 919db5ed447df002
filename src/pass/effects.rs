//! What changed after reminders, over the rounds that reminded somebody: for the command and for the pages.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use chrono::{Datelike as _, Days, NaiveDate};

use super::record::DoneRound;
use super::told::told;
use crate::catalog::{Catalog, Pack, UnitId};
use crate::db::{Db, DbError};
use crate::evaluation::{self, Judged};
use crate::report::{EffectLine, Effects, Passage, Told};

/// Who was reminded up to so many days before a round does not count as not reminded.
const MEMORY: Days = Days::new(30);

/// Which rounds and units are compared.
#[derive(Debug, Clone, Copy)]
pub struct Comparing<'a> {
    /// A round is compared with one at least so many days later: [`DigestSettings`](super::DigestSettings).
    pub compare_days: u64,
    /// Only the last so many rounds that reminded somebody.
    pub last: usize,
    /// Whose figures count; `None`: everybody's.
    pub units: Option<&'a HashSet<UnitId>>,
    /// The day on which it is asked.
    pub today: NaiveDate,
}

/// The comparisons, per indicator and level of units.
///
/// # Errors
/// The engine's, or an impossible row.
pub async fn effects(
    db: &Db,
    pack: &Pack,
    rounds: &[DoneRound],
    asked: &Comparing<'_>,
) -> Result<Vec<EffectLine>, DbError> {
    let mut reminding: Vec<&DoneRound> = rounds.iter().filter(|round| round.reminded > 0).collect();
    reminding.drain(..reminding.len().saturating_sub(asked.last));
    let from = reminding.first().map(|first| first.as_of - MEMORY);
    let mut heard: BTreeMap<&str, BTreeSet<Told>> = BTreeMap::new();
    for round in rounds.iter().filter(|round| round.reminded > 0 && from.is_some_and(|from| round.as_of >= from)) {
        let view = Catalog::of(pack, round.until, asked.today);
        heard.insert(&round.run_id, told(db, &view, &round.run_id).await?);
    }
    let mut effects = Effects::default();
    for round in reminding {
        let Some(reminded) = heard.get(round.run_id.as_str()) else { continue };
        let mut before = evaluation::judged(db, &round.run_id).await?;
        let Some((next, after)) = following(db, rounds, round, (&before, asked.compare_days)).await? else { continue };
        before.retain(|judged| asked.units.is_none_or(|units| units.contains(&judged.unit_id)));
        let unclear = told_nearby(rounds, &heard, round, next);
        let view = Catalog::of(pack, round.until, asked.today);
        effects.add(&view, &Passage { before: &before, after: &after, reminded, unclear: &unclear });
    }
    let newest = rounds.last().map_or(asked.today, |round| round.until);
    Ok(effects.lines(&Catalog::of(pack, newest, asked.today)))
}

/// The next round with other figures of the same year, later by as many days as digests compare over. The same file judged
/// again says nothing of what came after a reminder.
async fn following<'r>(
    db: &Db,
    rounds: &'r [DoneRound],
    round: &DoneRound,
    (before, compare_days): (&[Judged], u64),
) -> Result<Option<(&'r DoneRound, Vec<Judged>)>, DbError> {
    let at = rounds.iter().position(|other| other.run_id == round.run_id).unwrap_or(rounds.len());
    let days = Days::new(compare_days);
    let fits = |next: &&DoneRound| {
        next.until > round.until && next.until.year() == round.until.year() && next.as_of >= round.as_of + days
    };
    for next in rounds.iter().skip(at + 1).filter(fits) {
        let after = evaluation::judged(db, &next.run_id).await?;
        if after != before {
            return Ok(Some((next, after)));
        }
    }
    Ok(None)
}

/// Whom other rounds reminded shortly before `round`, or from then until `next`.
fn told_nearby(
    rounds: &[DoneRound],
    told: &BTreeMap<&str, BTreeSet<Told>>,
    round: &DoneRound,
    next: &DoneRound,
) -> BTreeSet<Told> {
    let near = |other: &&DoneRound| {
        other.run_id != round.run_id && other.as_of + MEMORY >= round.as_of && other.as_of < next.as_of
    };
    let told = rounds.iter().filter(near).filter_map(|other| told.get(other.run_id.as_str()));
    told.flatten().cloned().collect()
}
