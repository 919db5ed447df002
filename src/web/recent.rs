//! Judgements of finished rounds, kept in memory: they never change, and reading those of a large province takes longer
//! than the rest of a page.

use std::sync::{Arc, Mutex, PoisonError};

use crate::db::{Db, DbError};
use crate::evaluation::{self, Judged};

/// Rounds that are kept: the newest, the one before it, and one that somebody looks back at.
const KEPT: usize = 3;

type Round = (String, Arc<Vec<Judged>>);

/// Those that were asked for last, the last one first.
#[derive(Debug, Default)]
pub(super) struct Recent(Mutex<Vec<Round>>);

impl Recent {
    /// The judgements of the finished round `run_id`, those of one unit together.
    pub(super) async fn judged(&self, db: &Db, run_id: &str) -> Result<Arc<Vec<Judged>>, DbError> {
        let known = {
            let rounds = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            rounds.iter().find(|(id, _)| id == run_id).map(|(_, judged)| Arc::clone(judged))
        };
        let judged = match known {
            Some(judged) => judged,
            None => Arc::new(evaluation::judged(db, run_id).await?),
        };
        let mut rounds = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        rounds.retain(|(id, _)| id != run_id);
        rounds.insert(0, (run_id.to_owned(), Arc::clone(&judged)));
        rounds.truncate(KEPT);
        Ok(judged)
    }
}
