//! Writes the message: decisions and a template become text, HTML, subject and an SMS line for one recipient.
//!
//! decision → **message** → outbox → …
//!
//! Rendering happens in a limited process ([`crate::worker`]): every template engine can be made to spin or abort.

mod budget;
mod check;
mod compose;
mod context;
mod engine;
mod fallback;
mod figure;
mod format;
mod gather;
mod head;
mod html;
mod job;
mod render;
mod sample;
mod sms;
mod task;
mod template;
mod text;

use chrono::NaiveDate;

pub use compose::{Composed, compose};
pub use context::{
    AssignmentContext, BasisContext, ContactContext, Context, IndicatorContext, MonthContext, RecipientContext,
    SenderContext, ServiceContext, UnitContext,
};
pub use gather::{Draft, Notice};
pub use html::markdown_to_html;
pub use job::RenderFailure;
pub use render::{Limits, RenderError, Renderer};
pub use sms::{SmsError, segments, to_sms};
pub use task::TASK;
pub use template::{TemplateError, TemplateProblem, Templates};
pub use text::markdown_to_text;

/// A rendered message, the same words in every form.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Message {
    /// One line, no markup.
    pub subject: String,
    /// Plain text.
    pub text: String,
    /// A whole HTML document with inline styles and no foreign address.
    pub html: String,
    /// GSM-7 without diacritics, at most two segments, no link.
    pub sms: String,
    /// `name@sha256-prefix` of the template, or `built-in` when the template failed.
    pub template: String,
    /// The code of the figures that it speaks of; see [`Figures`]. Empty for notes to the admins.
    #[serde(default)]
    pub figures: String,
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
    /// Whether both say the same, be it of figures with another code: a file that was exported again tells no news.
    pub fn says_the_same_as(&self, other: &Self) -> bool {
        let renamed = |text: &str| match self.figures.as_str() {
            "" => text.to_owned(),
            code => text.replace(code, &other.figures),
        };
        let fixed = |message: &'_ Self| (message.subject.clone(), message.sms.clone(), message.template.clone());
        fixed(self) == fixed(other) && renamed(&self.text) == other.text && renamed(&self.html) == other.html
    }
}
