//! What becomes of units from a day on: they merge, split, get another name, end or begin. A reform is worked out on the rows
//! of the catalog, shown, written as one piece and, for a day, taken back as one. What held on an earlier day stays.
//!
//! Start reading at [`plan`].

mod apply;
mod asked;
mod children;
mod kept;
mod plan;
mod store;

pub use apply::apply;
pub use plan::plan;
pub use store::{Recorded, UndoError, forget_old, note, recorded, undone, written};

use chrono::NaiveDate;

use super::contact::{Contact, Office};
use super::directory::OfficeEdit;
use super::pack::Problem;
use super::unit::{Kind, Succession, Unit, UnitId};
use crate::db::Sql;

/// Every statement of this folder.
pub(super) fn statements() -> impl Iterator<Item = &'static Sql> {
    store::STATEMENTS.iter()
}

/// What happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReformKind {
    /// Units become one.
    Merge,
    /// One unit becomes several, or gives a part away.
    Split,
    /// One unit gets another name, code, kind or unit above it.
    Rename,
    /// Units end, and nobody takes over.
    End,
    /// A unit begins that was none before.
    Add,
}

impl ReformKind {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Merge, Self::Split, Self::Rename, Self::End, Self::Add];

    /// As it is stored, and named on the command line.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Merge => "merge",
            Self::Split => "split",
            Self::Rename => "rename",
            Self::End => "end",
            Self::Add => "add",
        }
    }

    /// The kind that `word` names.
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }
}

/// What somebody says that happens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reform {
    /// What.
    pub kind: ReformKind,
    /// The first day of the new state.
    pub day: NaiveDate,
    /// The units that merge, split, get another name or end; none for one that begins.
    pub units: Vec<UnitId>,
    /// What they become. A unit that splits and goes on stands among its successors.
    pub into: Vec<Successor>,
    /// The document that it rests on, as people cite it; may be empty.
    pub basis: String,
}

/// A unit that goes on or begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Successor {
    /// One that exists.
    Existing(UnitId),
    /// One that begins on the day of the reform; of a new name: what the unit is from then on.
    New(NewUnit),
}

/// A unit that is none yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewUnit {
    /// Its official code.
    pub code: String,
    /// Its full name with the word of its kind.
    pub name: String,
    /// What kind of body it is.
    pub kind: Kind,
    /// The unit above it.
    pub parent: Option<UnitId>,
}

/// The rows of one unit before and after.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnitEdit {
    /// The unit.
    pub unit: UnitId,
    /// Its rows as they are; none of a unit that begins.
    pub before: Vec<Unit>,
    /// Its rows as they shall be.
    pub after: Vec<Unit>,
}

/// All that a reform changes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ReformPlan {
    /// Units that end, change or begin.
    pub units: Vec<UnitEdit>,
    /// Offices of units that end.
    pub offices: Vec<OfficeEdit>,
    /// Who follows whom from then on.
    pub added: Vec<Succession>,
    /// The same of a plan that takes one back.
    pub removed: Vec<Succession>,
}

impl ReformPlan {
    /// The opposite.
    #[must_use]
    pub fn reversed(&self) -> Self {
        let unit = |edit: &UnitEdit| UnitEdit {
            unit: edit.unit.clone(),
            before: edit.after.clone(),
            after: edit.before.clone(),
        };
        Self {
            units: self.units.iter().map(unit).collect(),
            offices: self.offices.iter().map(OfficeEdit::reversed).collect(),
            added: self.removed.clone(),
            removed: self.added.clone(),
        }
    }

    /// Units that begin.
    pub fn begins(&self) -> impl Iterator<Item = &Unit> {
        self.units.iter().filter(|edit| edit.before.is_empty()).filter_map(|edit| edit.after.first())
    }

    /// Units that are no more on `day`, as they were the day before.
    pub fn ends(&self, day: NaiveDate) -> impl Iterator<Item = &Unit> {
        let before = day.pred_opt().unwrap_or(day);
        let gone = move |edit: &&UnitEdit| !edit.after.iter().any(|row| row.valid.covers(day));
        self.units.iter().filter(gone).filter_map(move |edit| edit.after.iter().find(|row| row.valid.covers(before)))
    }

    /// Units that are otherwise on `day` than the day before: both rows.
    pub fn changes(&self, day: NaiveDate) -> impl Iterator<Item = (&Unit, &Unit)> {
        let before = day.pred_opt().unwrap_or(day);
        self.units.iter().filter_map(move |edit| {
            let row = |on: NaiveDate| edit.after.iter().find(move |row| row.valid.covers(on));
            row(before).zip(row(day))
        })
    }

    /// People who hold an office of a unit that ends, on its last day or later.
    pub fn people(&self) -> impl Iterator<Item = (&Contact, Office)> {
        self.offices
            .iter()
            .flat_map(|edit| edit.before.iter().filter(|row| !edit.after.contains(row)).map(|row| (row, edit.office)))
    }
}

/// Why a reform cannot be written as it was asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReformError {
    /// A merger needs two units that become a new one, or one that goes into an existing one.
    #[error(
        "a merger needs two units or more, or one that goes into an existing one\n  remedy: name the units that merge; a single unit with a new name is renamed"
    )]
    TooFew,
    /// It needs exactly one unit to go into.
    #[error(
        "a merger goes into exactly one unit\n  remedy: name an existing unit, or code, kind and name of a new one"
    )]
    OneSuccessor,
    /// A split needs two units that come of it, or one beside the unit that goes on.
    #[error(
        "a split needs two units that come of it, the unit itself counted where it goes on\n  remedy: name one more"
    )]
    TwoSuccessors,
    /// Exactly one unit is split or renamed at a time.
    #[error("this is done with one unit at a time\n  remedy: name exactly one unit")]
    OneUnit,
    /// A unit stands twice.
    #[error("the unit `{0}` is named twice\n  remedy: name it once")]
    Twice(String),
    /// A unit does not exist on the day before, or on the day.
    #[error("the unit `{0}` does not exist then\n  remedy: correct the unit or the day")]
    NotThere(String),
    /// A unit changes on the day or later already.
    #[error(
        "a change of the unit `{0}` on that day or later is recorded already\n  remedy: correct the day, or take that change back first"
    )]
    Later(String),
    /// The province stays.
    #[error("the province itself is neither merged nor ended\n  remedy: name other units")]
    Province,
    /// A code that cannot be one.
    #[error("`{0}` is no code of a unit\n  remedy: write it without blanks")]
    BadCode(String),
    /// A code that another unit has then.
    #[error("the code `{code}` is that of {unit} then\n  remedy: correct the code")]
    CodeTaken {
        /// The code.
        code: String,
        /// Name of the unit that has it.
        unit: String,
    },
    /// A unit without a name.
    #[error("a unit needs a name\n  remedy: write its full name with the word of its kind: Xã Song Mai")]
    NoName,
    /// Units below one that ends, of which nobody says where they go.
    #[error(
        "{count} unit(s) below `{unit}` would hang in the air, such as {one}\n  remedy: put them below another unit first (`dondoc catalog unit rename CODE --parent CODE`)"
    )]
    Below {
        /// The unit that ends.
        unit: String,
        /// How many.
        count: usize,
        /// One of them.
        one: String,
    },
    /// A new name that changes nothing.
    #[error("this changes nothing\n  remedy: write what is otherwise from that day on")]
    Nothing,
    /// The same is recorded already.
    #[error("this is recorded already\n  remedy: look at the list of what was recorded")]
    Known,
    /// These units were changed meanwhile.
    #[error("these units or their contacts were changed meanwhile: {}\n  remedy: look at the preview again", .0.join(", "))]
    Changed(Vec<String>),
    /// The catalog would be no good catalog any more.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
    Problems(Vec<Problem>),
}
