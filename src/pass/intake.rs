//! Judges a file that was brought, as the next round would, and puts it in force or aside.

use std::io;

use chrono::{DateTime, Datelike as _, NaiveDate, Utc};

use super::Settings;
use crate::catalog::{self, Catalog};
use crate::clock::local_date;
use crate::db::{Db, DbError};
use crate::observation::{self, Asked, Doubt, Offered, Refusal};
use crate::source::intake::{Desk, Lock, Offer, Reason, Waiting};
use crate::source::{self, FetchError, Tools};

/// Rows of one file.
const MOST_ROWS: u64 = 2_000_000;
/// Refused cells that are told one by one.
const CELLS_TOLD: usize = 20;

/// All that judging needs.
#[derive(Debug)]
pub struct Intake<'a> {
    /// The database with the catalog.
    pub db: &'a Db,
    /// What fetching needs.
    pub tools: &'a Tools,
    /// What was configured.
    pub settings: &'a Settings,
}

/// What became of a file.
#[derive(Debug)]
pub enum Outcome {
    /// It is in force.
    Taken {
        /// Its bytes.
        sha256: String,
        /// What stands in it.
        offered: Box<Offered>,
    },
    /// The very same bytes are in force already.
    Unchanged {
        /// Its bytes.
        sha256: String,
    },
    /// It was set aside.
    Refused {
        /// Why; at least one reason.
        reasons: Vec<Reason>,
        /// The file that says so.
        told_in: std::path::PathBuf,
    },
    /// It changed while it was copied; its turn comes again.
    Changed,
}

/// Why a file could not be judged; it stays where it is. Not the file's fault.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum IntakeError {
    /// The database's.
    #[error(transparent)]
    Db(#[from] DbError),
    /// The folder's, or of the process that reads sheets.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// The copy could not be read, or the limited process not be started.
    #[error(transparent)]
    Fetch(#[from] FetchError),
    /// There is no unit that figures could be about.
    #[error(
        "the catalog is empty, so no file can be judged\n  remedy: import a pack with `dondoc catalog import FOLDER`"
    )]
    EmptyCatalog,
    /// Somebody else takes files in at this desk, for longer than one waits.
    #[error("another process takes files in here")]
    Busy,
}

impl Intake<'_> {
    /// Judges what lies in the folder of `desk` and settles it.
    ///
    /// # Errors
    /// [`IntakeError`]; the file stays where it is.
    pub async fn found(
        &self,
        source: &source::Settings,
        (desk, lock): (&Desk, &Lock),
        waiting: &Waiting,
        now: DateTime<Utc>,
    ) -> Result<Outcome, IntakeError> {
        if let Some(reason) = desk.unfit(waiting) {
            let reasons = vec![reason];
            let told_in = desk.refuse_unread(lock, waiting, &reasons, now)?;
            return Ok(told_in.map_or(Outcome::Changed, |told_in| Outcome::Refused { reasons, told_in }));
        }
        let (at, copied) = (desk.clone(), waiting.clone());
        match blocking(move || at.copy(&copied)).await? {
            Some(offer) => self.offered(source, (desk, lock), offer, now).await,
            None => Ok(Outcome::Changed),
        }
    }

    /// Judges a copy and settles it.
    ///
    /// # Errors
    /// [`IntakeError`]; the copy is gone, what it was copied from stays.
    pub async fn offered(
        &self,
        source: &source::Settings,
        (desk, lock): (&Desk, &Lock),
        offer: Offer,
        now: DateTime<Utc>,
    ) -> Result<Outcome, IntakeError> {
        let sha256 = offer.sha256().to_owned();
        let at = desk.clone();
        let (offer, known) = blocking(move || at.has(&offer).map(|known| (offer, known))).await?;
        if known {
            desk.drop_same(lock, offer)?;
            return Ok(Outcome::Unchanged { sha256 });
        }
        match self.judge(source, &offer, now).await? {
            Ok(mut offered) => {
                for doubt in &mut offered.doubts {
                    doubt.message = offer.told(&doubt.message);
                }
                desk.take(lock, offer, now)?;
                Ok(Outcome::Taken { sha256, offered: Box::new(offered) })
            }
            Err(reasons) => {
                let told_in = desk.refuse(lock, offer, &reasons, now)?;
                Ok(Outcome::Refused { reasons, told_in })
            }
        }
    }

    /// What stands in it, or why it cannot be used.
    async fn judge(
        &self,
        source: &source::Settings,
        offer: &Offer,
        now: DateTime<Utc>,
    ) -> Result<Result<Offered, Vec<Reason>>, IntakeError> {
        let pack = catalog::load(self.db).await?;
        let today = local_date(now);
        if pack.units.is_empty() {
            return Err(IntakeError::EmptyCatalog);
        }
        let settings = [offer.settings(source)];
        // The daemon's tools are older than today.
        let tools = Tools { today, ..self.tools.clone() };
        let fetched = match source::fetch_all(&settings, today, &tools).await {
            Ok(fetched) => fetched,
            Err(error) => return unreadable(offer, error),
        };
        let quality = &self.settings.quality;
        let (max_refused_percent, identities) = (quality.max_refused_percent, quality.identities.clone());
        let read = blocking(move || {
            let Some(fetched) = fetched.first() else { return Ok(Ok(None)) };
            let (newest, rows) = match observation::newest_day(fetched, today, MOST_ROWS) {
                Ok(found) => found,
                Err(error) => return Ok(Err(error)),
            };
            if rows > MOST_ROWS {
                return Ok(Ok(None));
            }
            // Figures of a past year are judged as of its end, like a round for that day would.
            let until = newest.and_then(|day| NaiveDate::from_ymd_opt(day.year(), 12, 31)).unwrap_or(today).min(today);
            let asked =
                Asked { as_of: until, until, pulled_at: now, max_refused_percent, identities, reconcile: Vec::new() };
            Ok(observation::offered(&Catalog::of(&pack, until, today), fetched, &asked).map(Some))
        });
        match read.await? {
            Err(error) => unreadable(offer, error),
            Ok(None) => Ok(Err(vec![too_many_rows(offer)])),
            Ok(Some(offered)) if offered.unclean.is_empty() => Ok(Ok(offered)),
            Ok(Some(offered)) => Ok(Err(reasons(offer, &offered))),
        }
    }
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> io::Result<T> + Send + 'static) -> io::Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(io::Error::other)?
}

/// A fault of the file is a reason; any other is an error.
fn unreadable<T>(offer: &Offer, error: FetchError) -> Result<Result<T, Vec<Reason>>, IntakeError> {
    match error {
        FetchError::Unreadable { place, reason, remedy, .. } => {
            let place = offer.told(&place);
            Ok(Err(vec![Reason { code: "unreadable", place, message: offer.told(&reason), remedy }]))
        }
        error @ FetchError::Unreachable { .. } => Err(error.into()),
    }
}

fn too_many_rows(offer: &Offer) -> Reason {
    Reason {
        code: "too_many_rows",
        place: offer.name().to_owned(),
        message: format!("the file has more than {MOST_ROWS} rows"),
        remedy: "export fewer months, or one row per unit and month".to_owned(),
    }
}

/// The doubts, and the first cells that were refused.
fn reasons(offer: &Offer, offered: &Offered) -> Vec<Reason> {
    let doubt = |doubt: &Doubt| Reason {
        code: doubt.code,
        place: String::new(),
        message: offer.told(&doubt.message),
        remedy: doubt.remedy.clone(),
    };
    let cell = |refusal: &Refusal| Reason {
        code: "row",
        place: offer.told(&refusal.place()),
        message: format!("{}: `{}`: {}", refusal.header, refusal.value, refusal.reason),
        remedy: refusal.remedy.clone(),
    };
    let cells = offered.refusals.iter().take(CELLS_TOLD).map(cell);
    offered.unclean.iter().map(doubt).chain(cells).collect()
}
