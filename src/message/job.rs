//! What parent and worker say to each other, as JSON.

use serde::{Deserialize, Serialize};

use super::Message;
use super::context::Context;
use super::correction::CorrectionContext;
use super::roll_up::{DigestContext, NoteContext, RollUp};
use super::template::Templates;

/// What the worker needs to know before any job.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Setup {
    pub(super) templates: Templates,
    /// Each part of a message may hold so many bytes.
    pub(super) output: usize,
    /// Whether the SMS line is wanted with its diacritics too.
    pub(super) accented: bool,
}

/// One message to render. A question is a list of these; the answer is a list of the same length.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Job {
    /// File name of the template.
    pub(super) template: String,
    pub(super) words: Words,
}

/// What a message is made of.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) enum Words {
    Reminder(Box<Context>),
    Digest(Box<DigestContext>),
    Note(Box<NoteContext>),
    Correction(Box<CorrectionContext>),
}

impl Job {
    pub(super) fn reminder(template: &str, context: Context) -> Self {
        Self { template: template.to_owned(), words: Words::Reminder(Box::new(context)) }
    }

    pub(super) fn roll_up(roll_up: &RollUp) -> Self {
        let words = match roll_up {
            RollUp::Superior(context) | RollUp::Leaders(context) => Words::Digest(context.clone()),
            RollUp::Note(context) => Words::Note(context.clone()),
            RollUp::Correction(context) => Words::Correction(context.clone()),
        };
        Self { template: roll_up.template().to_owned(), words }
    }
}

/// What became of a job.
pub(super) type Rendered = Result<Message, RenderFailure>;

/// Why a template gave no message, with its place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RenderFailure {
    /// File in which it failed: the template or a part of it.
    pub template: String,
    /// 1-based line in that file; 0 when there is no single place.
    pub line: usize,
    /// 1-based column; 0 when there is no single place.
    pub column: usize,
    /// What is wrong, in the engine's words.
    pub message: String,
}

impl RenderFailure {
    /// A failure of the whole template.
    pub(super) fn whole(template: &str, message: impl Into<String>) -> Self {
        Self { template: template.to_owned(), line: 0, column: 0, message: message.into() }
    }
}

impl std::fmt::Display for RenderFailure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.line {
            0 => write!(f, "template `{}`: {}", self.template, self.message),
            line => write!(f, "template `{}`, line {line}, column {}: {}", self.template, self.column, self.message),
        }
    }
}
