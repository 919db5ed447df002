//! The matching desk (đối chiếu tên đơn vị): what sources call units that the catalog does not know, who may be meant, and
//! what a person decides. Pages and commands do the same here.

use chrono::{DateTime, NaiveDate, Utc};

use crate::catalog::{self, AliasError, Candidate, Catalog, Heir, NewAlias};
use crate::db::{Db, DbError, Work};
use crate::observation::{self, Stranger, Stray};
use crate::people::{self, By, Deed, Event};

/// A spelling with the units that may be meant.
#[derive(Debug)]
pub struct Open {
    /// What was met.
    pub stranger: Stranger,
    /// Units that may be meant, the likeliest first; of divided units those that took over.
    pub candidates: Vec<Candidate>,
}

/// What the last round met and the catalog still does not know on the day it was asked.
///
/// # Errors
/// The engine's.
pub async fn open_names(db: &Db, day: NaiveDate) -> Result<Vec<Open>, DbError> {
    let catalog = Catalog::of(&catalog::load(db).await?, day, day);
    let met = observation::unresolved(db).await?;
    Ok(met.into_iter().filter_map(|stranger| open(&catalog, stranger)).collect())
}

/// Whether `catalog` does not know a name that was met.
pub(super) fn is_open(catalog: &Catalog, stranger: &Stranger) -> bool {
    open(catalog, stranger.clone()).is_some()
}

fn open(catalog: &Catalog, stranger: Stranger) -> Option<Open> {
    let (code, name, day) = (stranger.code.as_str(), stranger.name.as_str(), stranger.asked_on);
    let found = catalog.find_on(code, name, day);
    let heirs = match found.map(|id| catalog.heir(id)) {
        Ok(Heir::Itself | Heir::One(_)) => return None,
        Ok(Heir::Several(heirs)) => heirs,
        Ok(Heir::Nobody) => Vec::new(),
        Err(_) => {
            let candidates = catalog.candidates(code, name, day);
            return Some(Open { stranger, candidates });
        }
    };
    let why = if heirs.is_empty() { Stray::Dissolved } else { Stray::Divided };
    let present = catalog.as_of();
    let units = heirs.iter().filter_map(|id| catalog.unit(id));
    let candidates = units.map(|unit| catalog.candidate(unit, present)).collect();
    Some(Open { stranger: Stranger { why, ..stranger }, candidates })
}

/// Who says so: his name as it stays with the decision, and how the audit log names him.
#[derive(Debug, Clone, Copy)]
pub struct Says<'s> {
    /// The name.
    pub name: &'s str,
    /// Of the audit log.
    pub by: &'s By,
}

/// A person says that `name` means the unit that has `code` on `day`.
///
/// # Errors
/// [`AliasError`].
pub async fn decide(
    db: &Db,
    (name, code, day): (&str, &str, NaiveDate),
    who: Says<'_>,
    now: DateTime<Utc>,
) -> Result<NewAlias, AliasError> {
    let decision = async |work: &mut Work| catalog::resolve_alias(&catalog::load_in(work).await?, name, code, day);
    stored(db, Deed::NameMatched, decision, who, now).await
}

/// A person takes back what was decided about `name`.
///
/// # Errors
/// [`AliasError`].
pub async fn take_back(db: &Db, name: &str, who: Says<'_>, now: DateTime<Utc>) -> Result<NewAlias, AliasError> {
    let decision = async |work: &mut Work| {
        let decisions = catalog::decisions_in(work, name).await?;
        catalog::unresolve_alias(&catalog::load_in(work).await?, name, &decisions)
    };
    stored(db, Deed::NameUnmatched, decision, who, now).await
}

/// Takes a decision over a catalog that nobody else changes meanwhile, and stores it.
async fn stored(
    db: &Db,
    deed: Deed,
    decision: impl AsyncFnOnce(&mut Work) -> Result<NewAlias, AliasError>,
    who: Says<'_>,
    now: DateTime<Utc>,
) -> Result<NewAlias, AliasError> {
    let mut work = db.begin().await?;
    let stored = async {
        catalog::keep_still(&mut work).await?;
        let new = decision(&mut work).await?;
        catalog::store_alias(&mut work, &new, who.name, now).await?;
        Ok(new)
    };
    match stored.await {
        Ok(new) => {
            let event = Event { by: who.by, deed, subject: format!("unit/{}", new.unit), detail: new.alias.clone() };
            people::conclude(work, &event, now).await?;
            Ok(new)
        }
        Err(error) => {
            work.rollback().await?;
            Err(error)
        }
    }
}
