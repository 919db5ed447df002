//! The left half: from the sources to the outbox, and the schedule that starts it.
//!
//! ```text
//! source → observation → evaluation → decision → message → outbox
//! ```
//!
//! [`run`] reads like this line. Everything up to the decisions is worked out before the first row is written; then
//! recipients go in groups, each group's cases, decisions and messages in one unit of work. A crash between groups
//! leaves whole recipients undone, and the next run does just those. No unit of work is open while anything is
//! fetched or rendered.

mod account;
mod alert;
mod amend;
mod answers;
mod approval;
mod backtest;
mod batch;
mod bounced;
mod copies;
mod due;
mod effects;
mod feed;
mod fence;
mod footing;
mod gate;
mod hold;
mod intake;
mod judge;
mod kept;
mod letters;
mod occurrence;
mod phrase;
mod ran;
mod record;
mod release;
mod review;
mod roll_up;
mod round;
mod schedule;
mod settings;
mod stored;
mod times;
mod timing;
mod told;
mod writer;

pub use alert::{Alert, tell};
pub use approval::{Approved, Asked, Decider, Refusing, approve, ask_again, asked, refuse};
pub use backtest::{Replayed, backtest};
pub use batch::ways;
pub use due::{Due, GivenUp, finish_due, give_up, open_runs, postpone, take_back_due, take_due};
pub use effects::{Comparing, effects};
pub use feed::icalendar;
pub use fence::{Fence, renew_due};
pub use footing::asks_for_a_second_person;
pub use gate::{Examined, Gate};
pub use intake::{Intake, IntakeError, Outcome};
pub use kept::kept;
pub use letters::{Letter, letters};
pub use occurrence::{Note, Occurrence, Planned as PlannedRun};
pub use phrase::{DayPhrase, PhraseError, Place, Span};
pub use ran::{Ran, ran, ran_as};
pub use record::{DoneRound, Reminded, done_rounds, judging_rounds, latest, reminded_rounds};
pub use release::{HeldRound, Let, Recorded, Release, held_rounds, release};
pub use review::{Addressee, Moved, Review, Share, review};
pub use roll_up::{Audience, Correcting, DigestSettings, RollUpDay, RolledUp, Sketch, correct, roll_up, sketches};
pub use round::{Pass, PassError, preview, run};
pub use schedule::plan;
pub use settings::{Approval, Quality, Safety, Settings};
pub use stored::{StoredFigures, stored_figures};
pub use times::times;
pub use timing::{OnDayOff, Schedule, What, When};
pub use told::told;

use std::collections::BTreeMap;

use chrono::NaiveDate;

use crate::db::Sql;
use crate::evaluation::Evaluation;
use crate::observation::{Closing, Doubt, Refusal, Snapshot, Stranger};
use crate::outbox::HoldReason;

/// Every statement of this room.
pub fn statements() -> impl Iterator<Item = &'static Sql> {
    let files = [
        record::STATEMENTS,
        ran::STATEMENTS,
        approval::STATEMENTS,
        review::STATEMENTS,
        schedule::STATEMENTS,
        due::STATEMENTS,
        fence::STATEMENTS,
        hold::STATEMENTS,
        release::STATEMENTS,
        backtest::STATEMENTS,
        roll_up::STATEMENTS,
    ];
    files.into_iter().flatten()
}

/// How many units were judged how; a unit counts once, below if any indicator is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Judged on at least one indicator.
    pub assessed: u64,
    /// Below at least one target.
    pub below: u64,
    /// Judged on none.
    pub not_assessed: u64,
}

/// What a round found and did.
#[derive(Debug, Clone)]
pub struct Round {
    /// Its id.
    pub run_id: String,
    /// As of when it judged.
    pub as_of: NaiveDate,
    /// Which figures it judged by.
    pub closing: Closing,
    /// What was pulled.
    pub snapshots: Vec<Snapshot>,
    /// Rows that were refused, with their places.
    pub refusals: Vec<Refusal>,
    /// Units of the sources that led nowhere.
    pub strangers: Vec<Stranger>,
    /// What everybody should know who reads the figures, and nobody has to act on.
    pub notes: Vec<String>,
    /// The whole province's figures, one per indicator.
    pub province: Vec<Evaluation>,
    /// Units by judgement.
    pub counts: Counts,
    /// Units reminded.
    pub remind: u64,
    /// Units not reminded, by reason.
    pub hold: BTreeMap<&'static str, u64>,
    /// Every judged unit with its decision, by code.
    pub units: Vec<UnitLine>,
    /// Messages newly put into the outbox.
    pub queued: u64,
    /// Of these, held by trial mode.
    pub trial: u64,
    /// Why nothing of the round goes out yet.
    pub held: Option<Held>,
    /// Doubts that a person released for these bytes, in words.
    pub released: Vec<String>,
    /// What the admins should know: templates that failed, a calendar that is missing.
    pub alarms: Vec<String>,
    /// In a dry run: what would be sent. Empty otherwise.
    pub planned: Vec<Planned>,
}

/// Why a round's messages do not go out by themselves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Held {
    /// The quality gate doubts the figures; nothing was decided.
    Doubts(Vec<Doubt>),
    /// Decided and written, but it waits for `dondoc approve`.
    Person(HoldReason, String),
}

/// One message of a dry run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planned {
    /// Official code of the first unit.
    pub unit_code: String,
    /// Its name.
    pub unit_name: String,
    /// The channel.
    pub channel: String,
    /// Masked address.
    pub address: String,
    /// Subject.
    pub subject: String,
    /// Why it would be held, if so.
    pub hold: Option<HoldReason>,
    /// Pieces that a network charges, of a text message.
    pub segments: Option<usize>,
    /// What they cost in đồng, where that is known.
    pub price: Option<u64>,
}

/// What was decided about one unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnitLine {
    /// Official code.
    pub code: String,
    /// Name.
    pub name: String,
    /// Whether its head is reminded.
    pub reminded: bool,
    /// Why, or why not.
    pub reason: &'static str,
}
