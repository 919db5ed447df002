//! Writes the message: decisions and a template become text, HTML, subject and an SMS line for one recipient.
//!
//! decision → **message** → outbox → …
//!
//! Rendering happens in a limited process ([`crate::worker`]): every template engine can be made to spin or abort.

mod budget;
mod check;
mod compose;
mod context;
mod correction;
mod engine;
mod fallback;
mod fields;
mod figure;
pub mod format;
mod gather;
mod head;
mod html;
mod job;
mod length;
mod origin;
mod render;
pub mod revisions;
mod roll_up;
mod roll_up_fallback;
mod roll_up_sample;
mod sample;
mod sms;
mod task;
mod template;
mod text;
mod tryout;

use std::collections::BTreeMap;

use chrono::NaiveDate;

pub use compose::{Composed, compose, compose_roll_ups};
pub use context::{
    AssignmentContext, BasisContext, ContactContext, Context, IndicatorContext, MonthContext, RecipientContext,
    SenderContext, ServiceContext, UnitContext,
};
pub use correction::{CorrectedFigureContext, CorrectedUnitContext, CorrectionContext};
pub use figure::{lost, rate_needed, still_possible};
pub use format::one_line;
pub use gather::{Draft, Notice, contact_for, district, sender};
pub use html::markdown_to_html;
pub use job::RenderFailure;
pub use length::{Length, segments};
pub use render::{Limits, RenderError, Renderer};
pub use roll_up::{
    BelowContext, DigestContext, DigestIndicatorContext, ImprovedContext, NotAssessedContext, NoteContext,
    NoteItemContext, PromiseContext, RollUp,
};
pub use sms::{SmsError, to_sms};
pub use task::{TASK, TRYOUT};
pub use template::{TemplateError, TemplateProblem, Templates};
pub use text::markdown_to_text;
pub use tryout::Tryout;

/// A rendered message, the same words in every form.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Message {
    /// One line, no markup.
    pub subject: String,
    /// Plain text.
    pub text: String,
    /// A whole HTML document with inline styles and no foreign address.
    pub html: String,
    /// GSM-7 without diacritics, at most two segments, no link.
    pub sms: String,
    /// The same with its diacritics, where [`Limits::accented`] asks for it and it fits.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub sms_accented: String,
    /// `name@sha256-prefix` of the template, or `built-in` when the template failed.
    pub template: String,
    /// The code of the figures that it speaks of; see [`Figures`]. Empty for notes to the admins.
    #[serde(default)]
    pub figures: String,
    /// The link by which the recipient can answer; empty when there is none. It stands in text and HTML, never in the
    /// SMS line.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub link: String,
    /// The parameters of a template of Zalo, by our names; empty when the message has none.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub zalo: BTreeMap<String, String>,
}

/// The figures that the messages of a round speak of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Figures {
    /// Their last day.
    pub until: NaiveDate,
    /// Names the snapshots: the first eight digits of each one's SHA-256, joined by `+`.
    pub code: String,
}

impl Message {
    /// Whether both say the same, be it of figures with another code or with a link of another day: a file that was
    /// exported again tells no news.
    pub fn says_the_same_as(&self, other: &Self) -> bool {
        let replaced = |text: &str, own: &str, others: &str| match own {
            "" => text.to_owned(),
            own => text.replace(own, others),
        };
        let renamed = |text: &str| {
            let linked = replaced(text, &self.link, &other.link);
            replaced(&linked, &self.figures, &other.figures)
        };
        let fixed = |message: &'_ Self| {
            (message.subject.clone(), message.sms.clone(), message.template.clone(), message.zalo.clone())
        };
        fixed(self) == fixed(other) && renamed(&self.text) == other.text && renamed(&self.html) == other.html
    }
}
