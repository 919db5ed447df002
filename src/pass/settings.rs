//! The `[safety]` and `[quality]` of the configuration, and all that a pass is told.

use std::time::Duration;

use super::DigestSettings;
use crate::observation::{Identity, Limits, Reconcile};
use crate::{channel, decision, reply, source};

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
    /// Names of the channels that step in for each other, in the order in which they are tried.
    pub fallback: Vec<String>,
    /// Who is told when a round is held.
    pub admins: Vec<String>,
    /// How recipients can answer; `None`: letters carry no link.
    pub links: Option<reply::Links>,
    /// What superiors and leaders get.
    pub digest: DigestSettings,
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
    /// Whether somebody else than its composer must approve a batch.
    pub approver_differs: bool,
    /// An approver is shown the units whose rates changed by more than this share of what they were.
    pub approval_shows_moves_over_percent: u64,
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

impl Default for Safety {
    fn default() -> Self {
        Self {
            trial: true,
            allow: Vec::new(),
            approval: Approval::FirstAndChanges,
            approver_differs: false,
            approval_shows_moves_over_percent: 20,
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
