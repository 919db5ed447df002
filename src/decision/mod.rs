//! Decides for each unit and indicator whether its head is reminded now, and says why or why not.
//!
//! evaluation → **decision** → message → …
//!
//! Pure but for the rows it reads and writes: history comes in, decisions and case moves go out. The memory of a
//! reminder lives with the open case, not with a timer.

mod decide;
mod guard;
mod passage;
mod rules;
mod store;

pub use decide::decide;
pub use guard::{Alarm, Guard, Limit};
pub use passage::{Passage, Passed, pass_on, passed_note, record_passed};
pub use rules::{QuietHours, Rules};
pub use store::{CaseFile, STATEMENTS, case_id, cases, decisions_about, history, record, reminded};

use std::collections::HashMap;

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
}

impl Decision {
    /// Whether the head hears of it.
    pub const fn is_reminder(&self) -> bool {
        matches!(self.outcome, Outcome::Remind { .. })
    }
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
            Outcome::Remind { reason: reason @ (Reason::FirstMiss | Reason::RepeatDue), .. } => Some(reason.word()),
            Outcome::Remind { .. } | Outcome::Hold(_) => None,
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
    /// Another indicator of the same recipient is due: one message says all.
    Joined,
}

/// Why nothing is sent. The order is the order of importance when one reason must stand for a unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Hold {
    /// Below target, but reminded less than the repeat interval ago.
    TooSoon,
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
}
