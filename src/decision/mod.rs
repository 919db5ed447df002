//! Decides for each unit and indicator whether its head is reminded now, and says why or why not.
//!
//! evaluation → **decision** → message → …
//!
//! Pure but for the rows it reads and writes: history comes in, decisions and case moves go out. The memory of a
//! reminder lives with the open case, not with a timer.

mod decide;
mod guard;
mod passage;
mod policy;
mod rules;
mod silence;
mod silences;
mod store;
#[cfg(test)]
mod tests;

pub use decide::decide;
pub use guard::{Alarm, Guard, Limit};
pub use passage::{Passage, Passed, pass_on, passed_note, record_passed};
pub use policy::{Changes, Fits, Policy, Rule as PolicyRule, Step, Terms, Tone, lineage};
pub use rules::{QuietHours, Rules};
pub use silence::{LONGEST as LONGEST_SILENCE, Silence};
pub use silences::{end_silence, hidden_by, say_silence, silence_id, silences};
pub use store::{CaseFile, STATEMENTS, case_id, cases, copied, decisions_about, history, record, reminded};

use std::collections::HashMap;
use std::sync::Arc;

use chrono::NaiveDate;

use crate::catalog::{IndicatorId, UnitId};

/// What is to be done about one unit and indicator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// The unit.
    pub unit: UnitId,
    /// The indicator.
    pub indicator: IndicatorId,
    /// Remind or hold.
    pub outcome: Outcome,
    /// How the case moves with it.
    pub case: CaseMove,
    /// Reminders of the open case before this round.
    pub reminders_before: u32,
    /// How the case is followed up.
    pub terms: Arc<Terms>,
    /// Steps that broken promises raised it by, this round's included.
    pub raised: u32,
    /// The silence that hides a reminder which would be due.
    pub silence: Option<uuid::Uuid>,
    /// What became of a promise about it, where this round tells.
    pub promise: Option<Promise>,
}

impl Decision {
    /// Whether the head hears of it.
    pub const fn is_reminder(&self) -> bool {
        matches!(self.outcome, Outcome::Remind { .. })
    }

    /// The step of the ladder that a reminder stands on.
    pub fn step(&self) -> Option<&Step> {
        let Outcome::Remind { step, .. } = self.outcome else { return None };
        self.terms.ladder.get(self.terms.rung(step, self.raised))
    }

    /// Whether its head is thanked: a case of which he was reminded is over.
    pub fn is_thanked(&self) -> bool {
        self.case == CaseMove::Close && self.reminders_before > 0 && self.terms.thanks
    }
}

/// What became of a promise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Promise {
    /// On target by the figures that cover the date.
    Kept(NaiveDate),
    /// Below target by the figures that cover the date.
    Broken(NaiveDate),
}

/// All decisions about one unit, and what stands for them in one word.
#[derive(Debug, Clone, Copy)]
pub struct UnitDecision<'a> {
    /// The unit.
    pub unit: &'a UnitId,
    /// One per indicator; never empty.
    pub decisions: &'a [Decision],
}

impl<'a> UnitDecision<'a> {
    /// `decisions` grouped by unit; those of one unit stand together.
    pub fn group(decisions: &'a [Decision]) -> impl Iterator<Item = Self> {
        let groups = decisions.chunk_by(|one, next| one.unit == next.unit);
        groups.filter_map(|decisions| Some(Self { unit: &decisions.first()?.unit, decisions }))
    }

    /// Whether the head hears of at least one indicator.
    pub fn reminded(&self) -> bool {
        self.decisions.iter().any(Decision::is_reminder)
    }

    /// The reason that stands for the unit: of its most telling indicator.
    pub fn reason(&self) -> &'static str {
        let reminder = self.decisions.iter().find_map(|decision| match decision.outcome {
            Outcome::Remind { reason: Reason::Joined, .. } | Outcome::Hold(_) => None,
            Outcome::Remind { reason, .. } => Some(reason.word()),
        });
        let joined = || self.reminded().then_some(Reason::Joined.word());
        let hold = || {
            let holds = self.decisions.iter().filter_map(|decision| match decision.outcome {
                Outcome::Hold(hold) => Some(hold),
                Outcome::Remind { .. } => None,
            });
            holds.min().unwrap_or(Hold::NotAssessed).word()
        };
        reminder.or_else(joined).unwrap_or_else(hold)
    }
}

/// The answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The head is reminded.
    Remind {
        /// Why now.
        reason: Reason,
        /// The how-manieth reminder of this case, from 1.
        step: u32,
    },
    /// The head is not reminded.
    Hold(Hold),
}

/// Why a reminder is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reason {
    /// The first miss of this case.
    FirstMiss,
    /// The repeat interval has passed since the last one.
    RepeatDue,
    /// The date that the head promised has passed, and the figures that cover it are still below.
    PromiseBroken,
    /// Another indicator of the same recipient is due: one message says all.
    Joined,
}

/// Why nothing is sent. The order is the order of importance when one reason must stand for a unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Hold {
    /// Below target, but reminded less than the repeat interval ago.
    TooSoon,
    /// Below target, and its head promised a date that the figures do not cover yet.
    Promised,
    /// Below target by figures that its head disputes and staff look into.
    Disputed,
    /// Below target, but somebody said that nobody is reminded of it for a while.
    Silenced,
    /// Below target, but its head got as many messages this week as anybody may.
    BudgetSpent,
    /// Below target for fewer rounds in a row than a reminder needs.
    Watching,
    /// Below target, but the unit is too new.
    NewUnit,
    /// On target again, but not far enough above it to end the case.
    NotYetRecovered,
    /// Below target, but nobody receives for the unit.
    NoRecipient,
    /// The as-of date is older than what was decided before.
    OlderThanHistory,
    /// Below a mere instruction that is not reminded of.
    InstructionOnly,
    /// Two sources say too different things of it; nobody is blamed meanwhile.
    SourcesDiffer,
    /// Was below, is not any more: the case closed.
    Recovered,
    /// On target.
    Met,
    /// No fair judgement.
    NotAssessed,
}

/// How a case moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CaseMove {
    /// No case, none needed; or nothing changes.
    None,
    /// A case opens with this decision.
    Open,
    /// A case opens or goes on, and its misses are counted; nobody is reminded.
    Watch,
    /// The open case is reminded of again.
    Remind,
    /// The open case is told of in a message that is sent anyway; its step does not rise.
    Join,
    /// The open case closes.
    Close,
}

impl Hold {
    /// Its name in stored rows and outputs.
    pub const fn word(self) -> &'static str {
        match self {
            Self::TooSoon => "too_soon",
            Self::Promised => "promised",
            Self::Disputed => "disputed",
            Self::Silenced => "silenced",
            Self::BudgetSpent => "budget_spent",
            Self::Watching => "watching",
            Self::NewUnit => "new_unit",
            Self::NotYetRecovered => "not_yet_recovered",
            Self::NoRecipient => "no_recipient",
            Self::OlderThanHistory => "older_than_history",
            Self::InstructionOnly => "instruction_only",
            Self::SourcesDiffer => "sources_differ",
            Self::Recovered => "recovered",
            Self::Met => "met",
            Self::NotAssessed => "not_assessed",
        }
    }
}

impl Reason {
    /// Its name in stored rows and outputs.
    pub const fn word(self) -> &'static str {
        match self {
            Self::FirstMiss => "first_miss",
            Self::RepeatDue => "repeat_due",
            Self::PromiseBroken => "promise_broken",
            Self::Joined => "joined",
        }
    }
}

/// What a head answered about a unit and indicator. It holds for the open case only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Word {
    /// It will be done by a date.
    Promised {
        /// When he said so.
        on: NaiveDate,
        /// The date he named.
        by: NaiveDate,
    },
    /// The figure is wrong; staff look into it until a date.
    Disputed {
        /// When he said so.
        on: NaiveDate,
        /// The last day on which nobody is reminded of it.
        until: NaiveDate,
    },
}

/// What earlier rounds left behind.
#[derive(Debug, Clone, Default)]
pub struct History {
    /// Open cases.
    pub open: HashMap<(UnitId, IndicatorId), Case>,
    /// What heads answered, the newest of each kind; filled by who reads the replies.
    pub words: HashMap<(UnitId, IndicatorId), Vec<Word>>,
    /// Silences that are not over.
    pub silences: Vec<Silence>,
    /// As-of dates of the last days on which units were reminded of something.
    pub recent: HashMap<UnitId, Vec<NaiveDate>>,
    /// The newest as-of date ever decided.
    pub last_as_of: Option<NaiveDate>,
}

/// A unit × indicator from first miss to recovery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case {
    /// Made of unit, indicator and opening date alone; see [`case_id`].
    pub id: uuid::Uuid,
    /// As-of date of the first miss.
    pub opened_on: NaiveDate,
    /// As-of date of the last reminder.
    pub reminded_on: Option<NaiveDate>,
    /// Reminders so far.
    pub reminders: u32,
    /// Rounds in a row that found it below target before the first reminder, and the as-of date of the last of them.
    pub misses: u32,
    /// See `misses`.
    pub missed_on: Option<NaiveDate>,
    /// Steps that broken promises raised it by.
    pub raised: u32,
    /// The promised date that was last found broken.
    pub broken_on: Option<NaiveDate>,
    /// Whether the superior has still to hear of its last reminder.
    pub copy_due: bool,
}
