//! Checks of texts against all units that are under way or done, in this process: a large province takes longer than a page
//! may.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, Semaphore};

use crate::app::App;
use crate::message::revisions::Checked;

/// Checks that are remembered.
const KEPT: usize = 8;

/// What came of a check.
#[derive(Debug)]
pub(super) enum Outcome {
    /// What it found.
    Found(Box<Checked>),
    /// It could not be made.
    Failed,
}

/// One check.
#[derive(Debug, Default)]
pub(super) struct Check {
    done: AtomicUsize,
    all: AtomicUsize,
    outcome: OnceLock<Outcome>,
    ended: Notify,
}

impl Check {
    /// Letters tried, and all of them.
    pub(super) fn progress(&self) -> (usize, usize) {
        (self.done.load(Ordering::Relaxed), self.all.load(Ordering::Relaxed))
    }

    /// What came of it, once it has ended.
    pub(super) fn outcome(&self) -> Option<&Outcome> {
        self.outcome.get()
    }

    /// Waits until it has ended, so long at most.
    pub(super) async fn wait(&self, at_most: Duration) {
        let ended = self.ended.notified();
        if self.outcome.get().is_none() {
            let _ = tokio::time::timeout(at_most, ended).await;
        }
    }
}

/// Those that were asked for last, by what they check.
#[derive(Debug)]
pub(in crate::web) struct Checks {
    known: Mutex<Vec<(String, Arc<Check>)>>,
    /// One at a time: each uses every processor.
    turn: Arc<Semaphore>,
}

impl Default for Checks {
    fn default() -> Self {
        Self { known: Mutex::default(), turn: Arc::new(Semaphore::new(1)) }
    }
}

impl Checks {
    /// The check with this key, if it is remembered.
    pub(super) fn find(&self, key: &str) -> Option<Arc<Check>> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.iter().find(|(one, _)| one == key).map(|(_, check)| Arc::clone(check))
    }

    /// Begins to check `source` as the text of `name`, unless the same check is remembered and did not fail.
    pub(super) fn begin(&self, app: &Arc<App>, key: &str, name: &str, source: &str) -> Arc<Check> {
        if let Some(check) = self.find(key).filter(|check| !matches!(check.outcome(), Some(Outcome::Failed))) {
            return check;
        }
        let check = Arc::new(Check::default());
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.retain(|(one, _)| one != key);
        known.insert(0, (key.to_owned(), Arc::clone(&check)));
        known.truncate(KEPT);
        drop(known);
        let (app, turn, begun) = (Arc::clone(app), Arc::clone(&self.turn), Arc::clone(&check));
        let (name, source) = (name.to_owned(), source.to_owned());
        tokio::spawn(async move {
            let _turn = turn.acquire_owned().await;
            let told = |done: usize, all: usize| {
                begun.done.store(done, Ordering::Relaxed);
                begun.all.store(all, Ordering::Relaxed);
            };
            let checked = app.check_template((&name, &source), &told).await;
            let checked = checked.inspect_err(|error| tracing::error!(%error, name, "a template could not be checked"));
            let _ = begun.outcome.set(checked.map_or(Outcome::Failed, |checked| Outcome::Found(Box::new(checked))));
            begun.ended.notify_waiters();
        });
        check
    }
}
