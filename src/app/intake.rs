//! The desks of all sources whose files are brought: looks into their folders, and receives what is pushed.

use std::collections::HashMap;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::{Mutex, Semaphore, SemaphorePermit};

use super::App;
use crate::clock::Clock;
use crate::db::Db;
use crate::pass::{self, Intake, IntakeError, Outcome};
use crate::source::intake::{Desk, Lock, Looked, Offer, Part, Reason, Watch};
use crate::source::{self, Dropped, Place, Tools};

/// How long one waits for another process that takes files in: longer than judging a file takes.
const PATIENCE: Duration = Duration::from_mins(2);
/// How often the lock is tried meanwhile.
const AGAIN: Duration = Duration::from_millis(100);
/// Between the two looks of a command that does not stay: a file that is unchanged is whole.
const BETWEEN_LOOKS: Duration = Duration::from_millis(2_100);

/// Uploads that may come at once over all sources: each may wait for a process of 512 MiB.
const AT_ONCE: usize = 2;
/// Uploads of one source that may come in a row, and the time after which one more may.
const IN_A_ROW: i32 = 20;
const ONE_MORE_AFTER: TimeDelta = TimeDelta::seconds(6);
/// Wrong tokens within a minute that are answered at once.
const WRONG_AT_ONCE: u32 = 5;
/// The longest that the answer to a wrong token is held back.
const HELD_BACK: u32 = 5;

/// All desks. They are looked after by `serve`, and once by `run` and `pull`.
#[derive(Debug)]
pub struct Intakes {
    db: Db,
    clock: Clock,
    tools: Tools,
    settings: pass::Settings,
    watches: Mutex<HashMap<String, Watch>>,
    uploads: Semaphore,
    in_a_row: Mutex<HashMap<String, (i32, DateTime<Utc>)>>,
    wrong: Mutex<(u32, DateTime<Utc>)>,
}

/// A source that files are brought to.
#[derive(Debug, Clone, Copy)]
pub struct Receiving<'a> {
    settings: &'a source::Settings,
    dropped: &'a Dropped,
}

/// Whether an upload may come.
#[derive(Debug)]
pub enum Admission<'a> {
    /// It may.
    Granted(Receiving<'a>),
    /// The token is good, but no source of this name goes with it.
    NoSuchSource,
    /// No token, or a wrong one: the answer waits so long.
    Refused(Duration),
}

/// What was found in a folder and what became of it.
#[derive(Debug)]
pub struct Found {
    /// The source.
    pub source: String,
    /// The file's name; empty when the folder itself is the trouble.
    pub file: String,
    /// What became of it.
    pub outcome: Result<Outcome, IntakeError>,
}

impl App {
    /// The desks of the configuration.
    pub fn intakes(&self) -> Intakes {
        Intakes::new(self.db.clone(), self.clock.clone(), self.tools(), self.config.pass_settings())
    }
}

impl Intakes {
    /// Desks for the sources of `settings` whose files are brought.
    pub fn new(db: Db, clock: Clock, tools: Tools, settings: pass::Settings) -> Self {
        Self {
            wrong: Mutex::new((0, clock.now())),
            db,
            clock,
            tools,
            settings,
            watches: Mutex::default(),
            uploads: Semaphore::new(AT_ONCE),
            in_a_row: Mutex::default(),
        }
    }

    /// The sources whose files are brought.
    pub fn sources(&self) -> impl Iterator<Item = Receiving<'_>> {
        self.settings.sources.iter().filter_map(|settings| match &settings.place {
            Place::Dropped(dropped) => Some(Receiving { settings, dropped }),
            _ => None,
        })
    }

    /// Whether anybody may push anything.
    pub fn receives(&self) -> bool {
        self.sources().any(|source| !source.dropped.tokens.is_empty())
    }

    /// Looks twice into every folder, as a command does that does not stay, and takes in what is whole.
    pub async fn look_twice(&self) -> Vec<Found> {
        if self.sources().next().is_none() {
            return Vec::new();
        }
        let (mut found, growing) = self.look().await;
        if growing {
            tokio::time::sleep(BETWEEN_LOOKS).await;
            found.extend(self.look().await.0);
        }
        found
    }

    /// Looks into every folder and takes in what is whole. Whether anything is left that may still be written to.
    pub async fn look(&self) -> (Vec<Found>, bool) {
        let (mut found, mut growing) = (Vec::new(), false);
        let mut watches = self.watches.lock().await;
        for source in self.sources() {
            let watch = watches.entry(source.name().to_owned()).or_default();
            if watch.rests(self.clock.now()) {
                continue;
            }
            match self.look_into(source, watch, &mut found).await {
                Ok(left) => growing |= left,
                Err(error) => {
                    watch.rest(self.clock.now());
                    let source = source.name().to_owned();
                    found.push(Found { source, file: String::new(), outcome: Err(error) });
                }
            }
        }
        for found in &found {
            log(found);
        }
        (found, growing)
    }

    async fn look_into(
        &self,
        source: Receiving<'_>,
        watch: &mut Watch,
        found: &mut Vec<Found>,
    ) -> Result<bool, IntakeError> {
        let desk = Desk::open(source.name(), source.dropped)?;
        let Looked { whole, growing } = watch.look(&source.dropped.folder, self.clock.now())?;
        // Not in the way of another: what it takes in is gone by the next look.
        let lock = if whole.is_empty() { desk.lock()? } else { Some(self.lock(&desk).await?) };
        let Some(lock) = lock else { return Ok(!growing.is_empty()) };
        for waiting in whole {
            let now = self.clock.now();
            let outcome = self.intake().found(source.settings, (&desk, &lock), &waiting, now).await;
            if outcome.is_err() {
                // Another process was quicker, between the look and the lock.
                if waiting.path.symlink_metadata().is_err() {
                    continue;
                }
                watch.rest_from(&waiting, now);
            }
            found.push(Found { source: source.name().to_owned(), file: waiting.name().to_owned(), outcome });
        }
        desk.tidy(&lock, self.clock.now())?;
        Ok(!growing.is_empty())
    }

    /// Whether who has `token` may push to the source called `name`.
    pub async fn admit(&self, name: &str, token: Option<&str>) -> Admission<'_> {
        let token = token.unwrap_or_default();
        let mut known = false;
        let mut granted = None;
        for source in self.sources() {
            let admitted = source.dropped.tokens.admit(token);
            known |= admitted;
            if admitted && source.name() == name {
                granted = Some(source);
            }
        }
        match (granted, known) {
            (Some(source), _) => Admission::Granted(source),
            (None, true) => Admission::NoSuchSource,
            (None, false) => Admission::Refused(self.count_wrong().await),
        }
    }

    /// One more wrong token: how long its answer waits.
    async fn count_wrong(&self) -> Duration {
        let now = self.clock.now();
        let mut wrong = self.wrong.lock().await;
        if now - wrong.1 > TimeDelta::minutes(1) {
            *wrong = (0, now);
        }
        wrong.0 = wrong.0.saturating_add(1);
        if wrong.0 == WRONG_AT_ONCE + 1 {
            tracing::warn!(
                "many requests with a wrong token to push figures; for a minute their answers are held back"
            );
        }
        Duration::from_secs(u64::from((wrong.0 / (WRONG_AT_ONCE + 1)).min(HELD_BACK)))
    }

    /// Room for one more upload to `source`; `None` when it comes too soon or too many come at once.
    pub async fn room(&self, source: Receiving<'_>) -> Option<SemaphorePermit<'_>> {
        let permit = self.uploads.try_acquire().ok()?;
        let now = self.clock.now();
        let mut in_a_row = self.in_a_row.lock().await;
        let (left, since) = in_a_row.entry(source.name().to_owned()).or_insert((IN_A_ROW, now));
        let regained = (now - *since).num_seconds() / ONE_MORE_AFTER.num_seconds();
        if regained > 0 {
            *left = left.saturating_add(i32::try_from(regained).unwrap_or(IN_A_ROW)).min(IN_A_ROW);
            *since = now;
        }
        if *left == 0 {
            return None;
        }
        *left -= 1;
        Some(permit)
    }

    /// An empty copy for what is pushed to `source`.
    ///
    /// # Errors
    /// When its folder cannot be written.
    pub fn part(&self, source: Receiving<'_>) -> Result<Part, IntakeError> {
        Ok(Desk::open(source.name(), source.dropped)?.part()?)
    }

    /// The file that the source reads, made of rows that were pushed as JSON; inside, why they cannot be read.
    ///
    /// # Errors
    /// When the disk fails.
    pub async fn rows(&self, source: Receiving<'_>, json: Part) -> std::io::Result<Result<Offer, Reason>> {
        let csv = Desk::open(source.name(), source.dropped)?.part()?;
        let (dropped, columns) = (source.dropped.clone(), source.settings.columns.clone());
        let written = tokio::task::spawn_blocking(move || dropped.rows(&columns, &json, csv));
        written.await.map_err(std::io::Error::other)?
    }

    /// Takes in what was pushed.
    ///
    /// # Errors
    /// [`IntakeError`]; then it was not kept, and may be pushed again.
    pub async fn receive(&self, source: Receiving<'_>, offer: Offer) -> Result<Outcome, IntakeError> {
        let desk = Desk::open(source.name(), source.dropped)?;
        let lock = self.lock(&desk).await?;
        let file = offer.name().to_owned();
        let outcome = self.intake().offered(source.settings, (&desk, &lock), offer, self.clock.now()).await;
        let found = Found { source: source.name().to_owned(), file, outcome };
        log(&found);
        found.outcome
    }

    async fn lock(&self, desk: &Desk) -> Result<Lock, IntakeError> {
        let trying = async {
            loop {
                if let Some(lock) = desk.lock()? {
                    return Ok(lock);
                }
                tokio::time::sleep(AGAIN).await;
            }
        };
        tokio::time::timeout(PATIENCE, trying).await.unwrap_or(Err(IntakeError::Busy))
    }

    const fn intake(&self) -> Intake<'_> {
        Intake { db: &self.db, tools: &self.tools, settings: &self.settings }
    }

    /// When the file in force of each source was taken in; `None` before the first.
    pub fn in_force(&self) -> Vec<(&str, Option<DateTime<Utc>>)> {
        let taken = |source: Receiving<'_>| source.dropped.current().ok().flatten().map(|current| current.taken_at);
        self.sources().map(|source| (source.settings.name.as_str(), taken(source))).collect()
    }
}

impl<'a> Receiving<'a> {
    /// The source's name.
    pub fn name(self) -> &'a str {
        &self.settings.name
    }

    /// What it says of its files.
    pub const fn dropped(self) -> &'a Dropped {
        self.dropped
    }
}

/// What became of a file, without anything that stands in it.
fn log(found: &Found) {
    let Found { source, file, outcome } = found;
    match outcome {
        Ok(Outcome::Taken { sha256, offered }) => {
            let (rows, units) = (offered.rows, offered.units);
            tracing::info!(source, file, sha256, rows, units, "figures were taken in; the next round judges by them");
        }
        Ok(Outcome::Unchanged { sha256 }) => {
            tracing::info!(source, file, sha256, "the same figures came again; nothing changes");
        }
        Ok(Outcome::Refused { reasons, told_in }) => {
            let codes: Vec<&str> = reasons.iter().map(|reason| reason.code).collect();
            tracing::warn!(source, file, codes = codes.join(" "), why = %told_in.display(), "a file was refused");
        }
        Ok(Outcome::Changed) => tracing::info!(source, file, "the file is still written to"),
        Err(error) => {
            let error = super::with_causes(error, ": ");
            tracing::error!(source, file, error, "a file could not be looked at; it is tried again");
        }
    }
}
