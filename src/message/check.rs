//! Tries every template with the sample contexts and says what is wrong in the words of the clerks who edit them.

use std::collections::BTreeSet;

use super::engine::{Engine, Shell};
use super::job::{Job, RenderFailure, Rendered, Setup};
use super::render::Renderer;
use super::roll_up::RollUp;
use super::template::{SHELL, SOURCE_LIMIT, TemplateProblem, Templates};
use super::{Message, head, roll_up_sample, sample};
use crate::words::{Sentence, Tongue};

/// Mailboxes on phones show so many characters of a subject.
const SUBJECT_LIMIT: usize = 65;

/// Mail clients cut longer documents.
const HTML_LIMIT: usize = 30 * 1024;

/// Marks of a failure in a template's head.
const HEAD: [&str; 3] = ["`+++`", "unknown field", "missing field"];

/// What the engine says of a text that is no template, and how clerks are told.
const GRAMMAR: [(&str, &str); 7] = [
    ("nexpected end of", "misfit.ends_early"),
    ("Unknown tag", "misfit.no_tag"),
    ("missing its closing", "misfit.no_quote"),
    ("Unexpected character", "misfit.no_letter"),
    ("Closing comment tag", "misfit.open_comment"),
    ("nesting is too deep", "misfit.too_deep"),
    ("reserved keyword", "misfit.reserved"),
];

/// Words of the engine for what it met, and how clerks are told.
const TOKENS: [(&str, &str); 6] = [
    ("end of input", "misfit.end"),
    ("end of template", "misfit.end"),
    ("end of file", "misfit.end"),
    ("EOF", "misfit.end"),
    ("identifier", "misfit.field"),
    ("string", "misfit.string"),
];

/// Marks of an address in the frame that a mail client would fetch or open.
const FOREIGN: [&str; 4] = ["http:", "https:", "src=", "url("];

impl Templates {
    /// Every problem that shows when each template is rendered with the sample contexts, here and now.
    ///
    /// For a command that ends anyway: a hostile template can stop the process. A running daemon asks
    /// [`Renderer::check`], which tries them in a worker.
    pub fn check(&self) -> Vec<TemplateProblem> {
        let jobs = self.trials();
        let setup = Setup { templates: self.clone(), output: SOURCE_LIMIT * 4, accented: false };
        let rendered = Shell::compile(self).map(|shell| {
            let mut engine: Option<(&str, Result<Engine, RenderFailure>)> = None;
            let mut answers = Vec::with_capacity(jobs.len());
            for job in &jobs {
                if engine.as_ref().is_none_or(|(name, _)| *name != job.template) {
                    engine = Some((&job.template, Engine::compile(&setup, &job.template)));
                }
                answers.push(match &engine {
                    Some((_, Ok(engine))) => engine.render(&shell, &job.words),
                    Some((_, Err(failure))) => Err(failure.clone()),
                    None => continue,
                });
            }
            answers
        });
        match rendered {
            Ok(rendered) => self.problems(&rendered),
            Err(failure) => self.problems(&[Err(failure)]),
        }
    }

    /// One job for each template and sample, those of one template together.
    pub(super) fn trials(&self) -> Vec<Job> {
        let messages = self.names().filter(|name| !name.starts_with('_') && *name != SHELL && Self::is_known(name));
        messages
            .flat_map(|name| {
                if RollUp::TEMPLATES.contains(&name) {
                    return roll_up_sample::of(name).iter().map(Job::roll_up).collect::<Vec<_>>();
                }
                let step = if name.ends_with("_repeat.md") { 2 } else { 1 };
                sample::contexts(step).into_iter().map(|context| Job::reminder(name, context)).collect()
            })
            .collect()
    }

    pub(super) fn problems(&self, rendered: &[Rendered]) -> Vec<TemplateProblem> {
        let mut problems: BTreeSet<TemplateProblem> = self.names().filter_map(unused).collect();
        problems.extend(self.source(SHELL).and_then(foreign));
        for answer in rendered {
            match answer {
                Err(failure) => {
                    problems.insert(self.explained(failure));
                }
                Ok(message) => problems.extend(self.too_long(message, "misfit.longest_subject")),
            }
        }
        problems.into_iter().collect()
    }

    /// What a mailbox would cut off. `subject` is the key of the sentence about the subject.
    pub(super) fn too_long(&self, message: &Message, subject: &'static str) -> Vec<TemplateProblem> {
        let name = format!("{}.md", message.template.split('@').next().unwrap_or_default());
        let mut problems = Vec::new();
        let length = message.subject.chars().count();
        if length > SUBJECT_LIMIT {
            problems.push(self.long_subject(&name, Sentence::of(subject).and(length)));
        }
        if message.html.len() > HTML_LIMIT {
            let said = Sentence::of("misfit.long_mail").and(message.html.len() / 1024);
            problems.push(problem(&name, Sentence::of("misfit.long_mail_hint"), said));
        }
        problems
    }

    fn long_subject(&self, name: &str, said: Sentence) -> TemplateProblem {
        let split = self.source(name).and_then(|source| head::split(name, source).ok());
        let place =
            split.and_then(|split| split.lines.into_iter().next()).map_or((1, 1), |line| (line.line, line.column));
        TemplateProblem { line: place.0, column: place.1, ..problem(name, Sentence::of("misfit.subject_hint"), said) }
    }

    /// The engine's words as a sentence for clerks.
    pub(super) fn explained(&self, failure: &RenderFailure) -> TemplateProblem {
        let said = failure.message.as_str();
        let of = Sentence::of;
        let (message, hint) = if let Some(name) = quoted(said, "Variable `").or_else(|| quoted(said, "Field `")) {
            (of("misfit.no_field").and(name), nearest(name, listed(said)))
        } else if let Some(name) = quoted(said, "Unknown filter `") {
            (of("misfit.no_filter").and(name), of("misfit.no_filter_hint"))
        } else if let Some(name) = quoted(said, "Unknown template `") {
            let parts = self.names().filter(|part| part.starts_with('_'));
            (of("misfit.no_part").and(name), nearest(name, parts))
        } else if let Some(reason) = said.strip_prefix("sms: ") {
            (of("misfit.sms").and(reason), of("misfit.sms_hint"))
        } else if let Some(reason) = said.strip_prefix("zalo: ") {
            (of("misfit.zalo").and(reason), of("misfit.zalo_hint"))
        } else if HEAD.iter().any(|mark| said.contains(mark)) {
            (of("misfit.head").and(said), of("misfit.head_hint"))
        } else if let Some([found, expected]) = expectation(said) {
            (of("misfit.expected").and_in_each(found).and_in_each(expected), of("misfit.marks_hint"))
        } else if let Some((_, key)) = GRAMMAR.iter().find(|(mark, _)| said.contains(mark)) {
            (of(key), of("misfit.marks_hint"))
        } else if said.starts_with("it took longer") || said.starts_with("it ended") {
            (of("misfit.too_slow"), of("misfit.too_slow_hint"))
        } else if said.starts_with("longer than") || said.starts_with("the output grows") {
            (of("misfit.too_much"), of("misfit.too_much_hint"))
        } else {
            (of("misfit.wrong").and(said), of("misfit.marks_hint"))
        };
        TemplateProblem {
            name: failure.template.clone(),
            line: failure.line.max(1),
            column: failure.column.max(1),
            message,
            hint,
        }
    }
}

impl Renderer {
    /// The same as [`Templates::check`], tried in a worker that may die of it.
    pub async fn check(&self) -> Vec<TemplateProblem> {
        let templates = self.templates();
        templates.problems(&self.render(templates.trials()).await)
    }
}

/// A file that no message is made of.
fn unused(name: &str) -> Option<TemplateProblem> {
    if Templates::is_known(name) {
        return None;
    }
    Some(problem(name, nearest(name, Templates::shipped()), Sentence::of("misfit.unused")))
}

fn foreign(shell: &str) -> Option<TemplateProblem> {
    let (line, text) = shell
        .lines()
        .zip(1..)
        .find_map(|(text, line)| FOREIGN.iter().any(|mark| text.contains(mark)).then_some((line, text)))?;
    let said = Sentence::of("misfit.foreign").and(text.trim());
    Some(TemplateProblem { line, ..problem(SHELL, Sentence::of("misfit.foreign_hint"), said) })
}

fn problem(name: &str, hint: Sentence, message: Sentence) -> TemplateProblem {
    TemplateProblem { name: name.to_owned(), line: 1, column: 1, message, hint }
}

/// What the engine met and what it looked for, of `Found … but expected ….`, in the words of clerks: each by language.
fn expectation(said: &str) -> Option<[[String; 2]; 2]> {
    let (found, expected) = said.strip_prefix("Found ")?.split_once(" but ")?;
    let expected = expected.strip_prefix("expected ").or_else(|| expected.strip_prefix("was expecting "))?;
    Some([found, expected.trim_end_matches('.')].map(|token| Tongue::ALL.map(|t| in_words(t, token))))
}

fn in_words(t: Tongue, token: &str) -> String {
    let words = TOKENS.iter().fold(token.to_owned(), |words, (engine, key)| words.replace(engine, t.say(key)));
    words.replace(" or ", t.say("choice.or"))
}

/// What stands between `` `…` `` behind `opening`.
fn quoted<'a>(said: &'a str, opening: &str) -> Option<&'a str> {
    said.strip_prefix(opening)?.split('`').next()
}

/// The names behind the last colon: `… Available fields: name, code`.
fn listed(said: &str) -> impl Iterator<Item = &str> {
    said.rsplit_once(": ").map_or("", |(_, names)| names).split(", ").filter(|name| !name.is_empty())
}

fn nearest<'a>(wanted: &str, names: impl Iterator<Item = &'a str>) -> Sentence {
    let mut near: Vec<(usize, &str)> = names.map(|name| (strsim::damerau_levenshtein(wanted, name), name)).collect();
    near.sort_unstable();
    let close = (wanted.chars().count() / 2).clamp(1, 3);
    let likely: Vec<String> =
        near.iter().filter(|(distance, _)| *distance <= close).take(3).map(|(_, name)| format!("`{name}`")).collect();
    match likely.as_slice() {
        [] if near.is_empty() => Sentence::of("misfit.see_fields"),
        [] => {
            let names: Vec<String> = near.iter().map(|(_, name)| format!("`{name}`")).collect();
            Sentence::of("misfit.names").and(names.join(", "))
        }
        likely => Sentence::of("misfit.likely").and_one_of(likely),
    }
}
