//! Writes the message: decisions and a template become text, HTML, subject and an SMS line for one recipient.
//!
//! decision → **message** → outbox → …
//!
//! Rendering happens in a limited worker process ([`worker`]): every template engine can be made to spin or abort.

// mod context;
// mod compose;
// mod fallback;
// mod html;
// mod sms;
// mod template;
// pub mod worker;

// pub use compose::{Draft, compose};
// pub use context::{Context, IndicatorContext, UnitContext};
// pub use html::{markdown_to_html, markdown_to_text};
// pub use sms::{SmsError, segments, to_sms};
// pub use template::{Template, TemplateError, Templates};
// pub use worker::Renderer;

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
}
