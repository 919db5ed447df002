//! The `[safety]`, `[quality]` and `[[schedule]]` of the configuration, and all that a pass is told.

use std::time::Duration;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use croner::Cron;
use croner::errors::CronError;
use croner::parser::{CronParser, Seconds, Year};

use crate::observation::{Identity, Limits, Reconcile};
use crate::{channel, decision, source};

/// All that a pass is told.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where figures come from.
    pub sources: Vec<source::Settings>,
    /// Which sources are compared with each other.
    pub reconcile: Vec<Reconcile>,
    /// Where messages go, in order of preference.
    pub channels: Vec<channel::Settings>,
    /// How often and when.
    pub rules: decision::Rules,
    /// The locks.
    pub safety: Safety,
    /// What data must be like.
    pub quality: Quality,
    /// How long a message may be sent after it was written.
    pub valid_for: Duration,
    /// Who is told when a round is held.
    pub admins: Vec<String>,
}

/// The locks before any send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Safety {
    /// Real channels only reach the addresses in `allow`.
    pub trial: bool,
    /// Addresses that trial mode lets through.
    pub allow: Vec<String>,
    /// When a batch waits for a second person.
    pub approval: Approval,
    /// A round that puts more than this share of the judged units newly below is held; 100 switches the guard off.
    pub max_newly_below_percent: u64,
    /// So is one that puts more units newly below than this share of the largest of the last batches.
    pub max_batch_percent: u64,
}

/// When a batch waits for a second person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Approval {
    /// Never.
    Never,
    /// The first round, and the first after a change of targets, mapping, templates or sources.
    FirstAndChanges,
    /// Every round.
    Always,
}

/// What a round's data must be like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quality {
    /// More refused rows, or impossible units, than this share hold the round.
    pub max_refused_percent: u64,
    /// How far figures may move from those accepted last.
    pub limits: Limits,
    /// Sums that must agree in every row and unit.
    pub identities: Vec<Identity>,
    /// The day of the following month after which a month's figures are final; without one they are at once.
    pub closes_on: Option<u32>,
    /// Whether months that are not closed yet are judged all the same.
    pub judge_provisional: bool,
}

/// One `[[schedule]]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schedule {
    /// Its name, part of the key of every planned run.
    pub name: String,
    /// Cron line with seconds: `0 30 7 * * Mon`.
    pub cron: String,
    /// The wall clock it speaks of.
    pub time_zone: Tz,
}

impl Schedule {
    /// The meaning of a cron line: six fields with seconds; a day must fit both day fields.
    ///
    /// # Errors
    /// When `line` is not such a line.
    pub fn pattern(line: &str) -> Result<Cron, CronError> {
        let parser = CronParser::builder().seconds(Seconds::Required).year(Year::Disallowed).dom_and_dow(true);
        parser.build().parse(line)
    }

    /// The first planned instant after `now`; `None` when it never comes again.
    pub fn next_after(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let local = now.with_timezone(&self.time_zone);
        let next = Self::pattern(&self.cron).ok()?.find_next_occurrence(&local, false).ok()?;
        Some(next.with_timezone(&Utc))
    }
}

impl Default for Safety {
    fn default() -> Self {
        Self {
            trial: true,
            allow: Vec::new(),
            approval: Approval::FirstAndChanges,
            max_newly_below_percent: 20,
            max_batch_percent: 150,
        }
    }
}

impl Default for Quality {
    fn default() -> Self {
        Self {
            max_refused_percent: 2,
            limits: Limits::default(),
            identities: Identity::usual(),
            closes_on: None,
            judge_provisional: false,
        }
    }
}
