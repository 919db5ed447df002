//! What programs are told: the objects that commands print as JSON and that the API answers, under the same names.
//!
//! An edge that both others stand on. Nothing here reads or writes: a row of a room goes in, an object comes out, addresses
//! masked. Counts are whole numbers, rates a numerator and a denominator; beside them the percent as people see it, as text,
//! because nobody shall reckon with what was rounded.

mod answer;
mod batch;
mod case;
mod contact;
mod error;
mod figures;
mod import;
mod measures;
mod outbox;
mod push;
mod reform;
mod round;
mod run;
mod stranger;
mod template;
mod unit;

pub use answer::{AnswerAbout, AnswerClosed, AnswerLine, AnswerTask, last_name};
pub use batch::{Addressees, Batch, Expected, MovedFigures, MovedUnit, batch};
pub use case::{CaseLine, Decided, DecidedOn};
pub use contact::ContactLine;
pub use error::Refusal;
pub use figures::{Figure, FigureCause, Figures, Service, UnitFigures};
pub use import::{ChangeLine, ColumnLine, FindingLine, HolderLine, ImportLine, ImportSums, ImportTold};
pub use measures::{CauseText, IndicatorLine, TargetLine};
pub use outbox::{AttemptLine, FactLine, OutboxEntry, masked};
pub use push::{PushDoubt, PushReason, SetAside, Taken, Unchanged};
pub use reform::{ReformLine, UnitNamed};
pub use round::{Counted, DoubtLine, HeldLine, ReleaseLine, RoundLine};
pub use run::{RunLine, runs};
pub use stranger::{CandidateLine, StrangerLine};
pub use template::{
    CheckLine, CheckedTemplate, RevisionLine, TemplateLine, TemplateText, history, original_now, templates,
};
pub use unit::UnitLine;

use chrono::{DateTime, SecondsFormat, Utc};

use crate::clock::ZONE;

/// An instant as programs read it: local time with its offset, to the second.
pub fn time(at: DateTime<Utc>) -> String {
    at.with_timezone(&ZONE).to_rfc3339_opts(SecondsFormat::Secs, false)
}
