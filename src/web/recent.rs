//! What was read or reckoned of finished rounds, kept in memory: it never changes, and reading the judgements of a large
//! province takes longer than the rest of a page.

use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::OnceCell;

use crate::catalog::UnitId;
use crate::db::{Db, DbError};
use crate::evaluation::{self, Judged};
use crate::report::{self, EffectLine, SumLine};

/// Rounds that are kept: the newest, the one before it, and one that somebody looks back at.
const KEPT: usize = 3;
/// Sums of rounds that are kept, some hundred bytes each: a year of weeks, for several parts of the province.
const SUMS: usize = 512;
/// Comparisons that are kept: of the whole and of a few parts.
const EFFECTS: usize = 8;
/// Reminders still leave after their round ended, so a comparison is reckoned anew after this time.
const GOOD_FOR: TimeDelta = TimeDelta::minutes(10);

type Place = Arc<OnceCell<Arc<Vec<Judged>>>>;
type Round = (String, Place);
/// Round and part.
type Key = (String, Option<String>);

/// What was reckoned, and when.
type Reckoned = (Key, DateTime<Utc>, Arc<Vec<EffectLine>>);

/// Those that were asked for last, the last one first.
#[derive(Debug, Default)]
pub(super) struct Recent {
    rounds: Mutex<Vec<Round>>,
    sums: Mutex<Vec<(Key, Arc<Vec<SumLine>>)>>,
    effects: Mutex<Vec<Reckoned>>,
    /// Held while a comparison is reckoned: it takes long, and nobody gains by two at once.
    pub(super) reckoning: tokio::sync::Mutex<()>,
}

impl Recent {
    /// The judgements of the finished round `run_id`, those of one unit together. What is not in memory is read on a thread of
    /// its own, once for all who ask for it meanwhile.
    pub(super) async fn judged(recent: &Arc<Self>, db: &Db, run_id: &str) -> Result<Arc<Vec<Judged>>, DbError> {
        let place = recent.place(run_id);
        let found = place.get_or_try_init(|| async {
            let (own, id) = (db.clone(), run_id.to_owned());
            let reading = tokio::spawn(async move { evaluation::judged(&own, &id).await });
            match reading.await {
                Ok(judged) => judged.map(Arc::new),
                // Only at the program's end, or where reading broke down; then whoever asks reads himself.
                Err(_) => evaluation::judged(db, run_id).await.map(Arc::new),
            }
        });
        found.await.cloned()
    }

    /// Where the judgements of `run_id` stand or will stand; it is the last one that is given up.
    fn place(&self, run_id: &str) -> Place {
        let mut rounds = self.rounds.lock().unwrap_or_else(PoisonError::into_inner);
        let known = rounds.iter().position(|(id, _)| id == run_id).map(|at| rounds.remove(at));
        let round = known.unwrap_or_else(|| (run_id.to_owned(), Place::default()));
        let place = Arc::clone(&round.1);
        rounds.insert(0, round);
        rounds.truncate(KEPT);
        place
    }

    /// The sums of the finished round `run_id`: of the whole, or of the unit `root` and all below it.
    pub(super) async fn sums(&self, db: &Db, run_id: &str, root: Option<&str>) -> Result<Arc<Vec<SumLine>>, DbError> {
        let key = (run_id.to_owned(), root.map(ToOwned::to_owned));
        let known = {
            let sums = self.sums.lock().unwrap_or_else(PoisonError::into_inner);
            sums.iter().find(|(known, _)| *known == key).map(|(_, sums)| Arc::clone(sums))
        };
        if let Some(known) = known {
            return Ok(known);
        }
        let found = Arc::new(report::sums_of(db, run_id, root.map(UnitId::new).as_ref()).await?);
        let mut sums = self.sums.lock().unwrap_or_else(PoisonError::into_inner);
        sums.insert(0, (key, Arc::clone(&found)));
        sums.truncate(SUMS);
        Ok(found)
    }

    /// The comparison that was reckoned for this round and part, while it is good.
    pub(super) fn effects(&self, newest: &str, root: Option<&str>, now: DateTime<Utc>) -> Option<Arc<Vec<EffectLine>>> {
        let effects = self.effects.lock().unwrap_or_else(PoisonError::into_inner);
        let mut own = effects.iter().filter(|((run, part), ..)| run == newest && part.as_deref() == root);
        own.find(|(_, at, _)| now - *at < GOOD_FOR).map(|(_, _, lines)| Arc::clone(lines))
    }

    pub(super) fn keep_effects(
        &self,
        newest: &str,
        root: Option<&str>,
        now: DateTime<Utc>,
        lines: &Arc<Vec<EffectLine>>,
    ) {
        let key = (newest.to_owned(), root.map(ToOwned::to_owned));
        let mut effects = self.effects.lock().unwrap_or_else(PoisonError::into_inner);
        effects.retain(|(known, ..)| *known != key);
        effects.insert(0, (key, now, Arc::clone(lines)));
        effects.truncate(EFFECTS);
    }
}
