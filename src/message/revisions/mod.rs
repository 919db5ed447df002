//! Template revisions: what office staff made of the templates, as drafts and as published revisions.
//!
//! The original of a template is its shipped text, or that of the folder or pack over it. The newest published revision
//! wins over the original. Nothing is overwritten: each save is a draft of its own, and to restore an older text is to
//! publish it once more.

mod blocks;
mod check;
mod diff;
mod palette;
mod proof;
mod scenario;
mod store;
mod unknown_fields;
mod used_fields;
mod write;

pub use blocks::Block;
pub use check::{Attempt, Checked, Ground, Misfit, check_draft};
pub use diff::{Mark, Piece, word_diff};
pub use palette::Field;
pub use proof::{Absence, Proof, Sight};
pub use scenario::Scenario;
pub use store::{base, draft, drafts, history, newest, overlay, revision, saved, saves};
pub use unknown_fields::known_fields;
pub use write::{NewDraft, Publication, Refused, discard, publish, published, save_draft};

use chrono::{DateTime, Utc};
use sha2::{Digest as _, Sha256};

pub use super::template::SOURCE_LIMIT;
use super::template::{Templates, is_template};
use crate::db::Sql;

/// A text that was put in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revision {
    /// File name of the template: `commune_first.md`.
    pub name: String,
    /// 1, 2, 3 … of this template.
    pub number: i64,
    /// Its text.
    pub source: String,
    /// When it was published.
    pub at: DateTime<Utc>,
    /// Who published it.
    pub by: String,
    /// Why; may be empty.
    pub note: String,
    /// [`hash`] of the original that it was made over; empty when there was none.
    pub original_hash: String,
    /// The draft that it was; none of a restored one.
    pub draft: Option<i64>,
    /// The revision whose text it has again; 0 for the original's.
    pub restores: Option<i64>,
}

/// A text that somebody saved and that is not in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateDraft {
    /// File name of the template.
    pub name: String,
    /// 1, 2, 3 … of this template: each save has its own.
    pub number: i64,
    /// Its text.
    pub source: String,
    /// When it was saved.
    pub at: DateTime<Utc>,
    /// Who saved it.
    pub by: String,
    /// Why; may be empty.
    pub note: String,
    /// Whether it was saved by itself while somebody wrote; his next save takes its place.
    pub automatic: bool,
    /// The revision that was in force then; 0 for the original.
    pub based_on: i64,
    /// [`hash`] of the original of then; empty when there was none.
    pub original_hash: String,
}

/// What became of a saved draft.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It is the draft in hand.
    InHand,
    /// A later save took its place.
    Replaced,
    /// It was put in force.
    Published,
    /// It was taken out of hand.
    Discarded,
}

/// A draft as it was saved once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavedDraft {
    /// What was saved.
    pub draft: TemplateDraft,
    /// What became of it.
    pub fate: Fate,
}

/// What somebody had before him when he began to write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Base {
    /// Number of the draft; 0: there was none.
    pub draft: i64,
    /// Number of the revision in force; 0: the original.
    pub revision: i64,
}

/// Every statement of this folder.
pub fn statements() -> impl Iterator<Item = &'static Sql> {
    store::STATEMENTS.iter().chain(write::STATEMENTS)
}

/// SHA-256 of a template's text, hexadecimal: whether an original has changed since a revision was made over it.
pub fn hash(source: &str) -> String {
    hex::encode(Sha256::digest(source.as_bytes()))
}

impl Templates {
    /// The file name that somebody means by `name`, which may lack its `.md`; `None` when no message is made of it.
    pub fn file_name(&self, name: &str) -> Option<String> {
        let file = if is_template(name) { name.to_owned() } else { format!("{name}.md") };
        let simple = file.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-'));
        (self.source(&file).is_some() || simple && Self::is_known(&file)).then_some(file)
    }
}
