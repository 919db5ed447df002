//! Templates of messages: which text is in force, what it was before, what a check finds.

use serde::Serialize;
use utoipa::ToSchema;

use super::time;
use crate::message::revisions::{self, Checked, Misfit, Revision, TemplateDraft};
use crate::message::{TemplateProblem, Templates};
use crate::words::Tongue;

/// A template.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct TemplateLine {
    /// File name.
    #[schema(example = "commune_first.md")]
    pub template: String,
    /// Which text is in force: `revision`, `file`, `shipped` or `none`.
    pub text: &'static str,
    /// Problems that show without any figures.
    pub problems: usize,
    /// The revision in force.
    pub revision: Option<i64>,
    /// Who published it.
    pub published_by: Option<String>,
    /// When.
    #[schema(format = DateTime)]
    pub published_at: Option<String>,
    /// Whether the original changed since: `same`, `changed` or `none`.
    pub original: Option<&'static str>,
    /// Number of the draft in hand.
    pub draft: Option<i64>,
    /// Who saved it.
    pub draft_by: Option<String>,
}

/// A text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct TemplateText {
    /// File name.
    pub template: String,
    /// SHA-256 of the text.
    pub sha256: String,
    /// The text.
    pub source: String,
}

impl TemplateText {
    /// Of the template `name`.
    pub fn of(name: &str, source: &str) -> Self {
        Self { template: name.to_owned(), sha256: revisions::hash(source), source: source.to_owned() }
    }
}

/// A text that was put in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct RevisionLine {
    /// Its number.
    pub revision: i64,
    /// When.
    #[schema(format = DateTime)]
    pub published_at: String,
    /// Who.
    pub published_by: String,
    /// Why; may be empty.
    pub note: String,
    /// `draft 3`, `revision 1`, `original`.
    pub made_of: String,
    /// Whether the original changed since: `same`, `changed` or `none`.
    pub original: &'static str,
    /// The first letters of its text's SHA-256.
    pub sha256: String,
}

/// What became of the original since `revision` was made over it.
pub fn original_now(originals: &Templates, revision: &Revision) -> &'static str {
    match originals.source(&revision.name) {
        None if revision.original_hash.is_empty() => "none",
        Some(source) if revisions::hash(source) == revision.original_hash => "same",
        _ => "changed",
    }
}

/// Every template: those in force, and those that exist as drafts alone.
pub fn templates(
    (originals, live): (&Templates, &Templates),
    newest: &[Revision],
    drafts: &[TemplateDraft],
) -> Vec<TemplateLine> {
    let (shipped, problems) = (Templates::built_in(), live.check());
    let mut names: Vec<&str> = live.names().chain(drafts.iter().map(|draft| draft.name.as_str())).collect();
    names.sort_unstable();
    names.dedup();
    let told = |name: &str| {
        let revision = newest.iter().find(|revision| revision.name == name);
        let draft = drafts.iter().find(|draft| draft.name == name);
        let text = match (revision, originals.source(name)) {
            (Some(_), _) => "revision",
            (None, None) => "none",
            (None, original) if original == shipped.source(name) => "shipped",
            (None, Some(_)) => "file",
        };
        TemplateLine {
            template: name.to_owned(),
            text,
            problems: problems.iter().filter(|problem| problem.name == name).count(),
            revision: revision.map(|revision| revision.number),
            published_by: revision.map(|revision| revision.by.clone()),
            published_at: revision.map(|revision| time(revision.at)),
            original: revision.map(|revision| original_now(originals, revision)),
            draft: draft.map(|draft| draft.number),
            draft_by: draft.map(|draft| draft.by.clone()),
        }
    };
    names.into_iter().map(told).collect()
}

/// The revisions of a template as lines.
pub fn history(originals: &Templates, history: &[Revision]) -> Vec<RevisionLine> {
    let line = |revision: &Revision| RevisionLine {
        revision: revision.number,
        published_at: time(revision.at),
        published_by: revision.by.clone(),
        note: revision.note.clone(),
        made_of: match (revision.restores, revision.draft) {
            (Some(0), _) => "original".to_owned(),
            (Some(restores), _) => format!("revision {restores}"),
            (None, draft) => draft.map_or_else(String::new, |draft| format!("draft {draft}")),
        },
        original: original_now(originals, revision),
        sha256: revisions::hash(&revision.source).chars().take(8).collect(),
    };
    history.iter().map(line).collect()
}

/// What a check of a text found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CheckedTemplate {
    /// File name.
    pub template: String,
    /// Which text was checked: `draft 3`, `the text in force`.
    pub checked: String,
    /// Whether it may be put in force.
    pub passes: bool,
    /// Letters that were written.
    pub letters: usize,
    /// Units that they were written to.
    pub units: usize,
    /// Characters of the longest subject.
    pub longest_subject: usize,
    /// Bytes of the largest HTML document.
    pub largest_html: usize,
    /// Letters whose SMS line takes two segments.
    pub two_segments: usize,
    /// Units that get another letter than by the text in force.
    pub units_changed: Vec<String>,
    /// Fields that the text in force does not name.
    pub fields_added: Vec<String>,
    /// Fields that only the text in force names.
    pub fields_removed: Vec<String>,
    /// What is wrong.
    pub found: Vec<CheckLine>,
}

/// Something that is wrong with a text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CheckLine {
    /// The situation: `sample`, `first` …
    pub scenario: &'static str,
    /// Official code of the unit; empty with the samples.
    pub unit: String,
    /// Its name.
    pub name: String,
    /// Line in the text, from 1.
    pub line: usize,
    /// Column in the line, from 1.
    pub column: usize,
    /// What is wrong.
    pub problem: String,
    /// What to do.
    pub hint: String,
    /// Whether the text in force has it too: then it stands in nobody's way.
    pub known: bool,
}

impl CheckedTemplate {
    /// Of the text `what` of the template `name`.
    pub fn of(name: &str, what: &str, checked: &Checked) -> Self {
        let samples = checked.problems.iter().map(CheckLine::from);
        Self {
            template: name.to_owned(),
            checked: what.to_owned(),
            passes: checked.passes(),
            letters: checked.letters,
            units: checked.heads,
            longest_subject: checked.longest_subject,
            largest_html: checked.largest_html,
            two_segments: checked.two_segments,
            units_changed: checked.changed.iter().map(|(code, _)| code.clone()).collect(),
            fields_added: checked.added.clone(),
            fields_removed: checked.removed.clone(),
            found: samples.chain(checked.misfits.iter().map(CheckLine::from)).collect(),
        }
    }
}

impl From<&TemplateProblem> for CheckLine {
    fn from(problem: &TemplateProblem) -> Self {
        Self {
            scenario: "sample",
            unit: String::new(),
            name: String::new(),
            line: problem.line,
            column: problem.column,
            problem: format!("{}: {}", problem.name, problem.message.say(Tongue::Vietnamese)),
            hint: problem.hint.say(Tongue::Vietnamese),
            known: false,
        }
    }
}

impl From<&Misfit> for CheckLine {
    fn from(misfit: &Misfit) -> Self {
        Self {
            scenario: misfit.scenario.word(),
            unit: misfit.unit_code.clone(),
            name: misfit.unit_name.clone(),
            problem: misfit.problem.message.say(Tongue::Vietnamese),
            known: misfit.known,
            ..Self::from(&misfit.problem)
        }
    }
}
