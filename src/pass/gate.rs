//! The quality gate of one round: which figures count, what they are compared with, and what a person released.

use chrono::{DateTime, NaiveDate, Utc};

use super::Settings;
use super::release::{Released, released};
use crate::catalog::Catalog;
use crate::clock::local_date;
use crate::db::{Db, DbError};
use crate::observation::{self, Accepted, Asked, Closing, Doubt, Limits, Observations, closing};
use crate::source::{FetchError, Fetched};

/// Everything the gate judges by.
#[derive(Debug, Clone)]
pub struct Gate {
    /// Which figures count, and which months are provisional.
    pub closing: Closing,
    asked: Asked,
    limits: Limits,
    before: Vec<Accepted>,
    released: Released,
}

/// What the gate let through, or did not.
#[derive(Debug)]
pub struct Examined {
    /// The figures; their doubts are those that hold the round, their warnings those of the gate.
    pub observations: Observations,
    /// Doubts that a person released for exactly these bytes, each with who and why.
    pub released: Vec<(Doubt, String)>,
    /// What was accepted before.
    pub(super) before: Vec<Accepted>,
}

impl Gate {
    /// The gate of a round as of `as_of` that pulls its sources now.
    ///
    /// # Errors
    /// The engine's.
    pub async fn open(db: &Db, settings: &Settings, as_of: NaiveDate, now: DateTime<Utc>) -> Result<Self, DbError> {
        let quality = &settings.quality;
        let mut closing = closing(as_of, local_date(now), quality.closes_on);
        if quality.judge_provisional {
            closing.until = as_of;
        }
        let sources: Vec<&str> = settings.sources.iter().map(|source| source.name.as_str()).collect();
        Ok(Self {
            before: observation::accepted(db, sources, closing.until).await?,
            released: released(db).await?,
            limits: quality.limits,
            asked: Asked {
                as_of,
                until: closing.until,
                pulled_at: now,
                max_refused_percent: quality.max_refused_percent,
                identities: quality.identities.clone(),
                reconcile: settings.reconcile.clone(),
            },
            closing,
        })
    }

    /// The last day whose figures count.
    pub const fn until(&self) -> NaiveDate {
        self.closing.until
    }

    /// Reads the tables and examines what they say. Blocks on their files.
    ///
    /// # Errors
    /// When a table cannot be read.
    pub fn examine(&self, catalog: &Catalog, sources: &[Fetched]) -> Result<Examined, FetchError> {
        let mut observations = observation::read(catalog, sources, &self.asked)?;
        let findings = observation::examine(catalog, &observations, &self.asked, &self.limits, &self.before);
        let doubts = std::mem::take(&mut observations.doubts).into_iter().chain(findings.doubts);
        let mut released = Vec::new();
        for doubt in doubts {
            match self.released.covers(&doubt, &observations.snapshots) {
                Some(word) => released.push((doubt, word)),
                None => observations.doubts.push(doubt),
            }
        }
        // A person who released them says that they are true after all.
        if !released.iter().any(|(doubt, _)| doubt.code == "units_implausible") {
            for unit in &findings.implausible {
                observations.set_aside(unit);
            }
        }
        observations.warnings.extend(findings.warnings);
        Ok(Examined { observations, released, before: self.before.clone() })
    }
}
