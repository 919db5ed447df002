//! How a letter looks: on a phone and a desk, as text, as SMS, on Zalo; what is wrong with it, and where.

use super::sight::Sought;
use super::subject::Subject;
use super::words;
use super::zalo::ZaloCard;
use crate::app::App;
use crate::message::revisions::{Absence, Block, Field, Proof, Sight};
use crate::message::{Length, Message, TemplateProblem, Templates};
use crate::web::catalogue::Tongue;
use crate::web::page::Failure;
use crate::web::words as said;

/// Something wrong, with its place.
#[derive(Debug)]
pub(super) struct Wrong {
    /// Where it is, when that is another template.
    pub(super) elsewhere: Option<String>,
    pub(super) line: usize,
    pub(super) column: usize,
    pub(super) message: String,
    pub(super) hint: String,
    /// The line before the place, and from there.
    pub(super) before: String,
    pub(super) from: String,
}

/// A message for phones.
#[derive(Debug)]
pub(super) struct Phone {
    pub(super) text: String,
    /// Alphabet, length, and as how many messages it counts.
    pub(super) measures: String,
    pub(super) price: Option<String>,
}

/// A letter, as the page shows it.
pub(super) struct Shown {
    pub(super) message: Option<Message>,
    pub(super) subject_length: usize,
    pub(super) kilobytes: usize,
    pub(super) syllables: usize,
    pub(super) wrong: Vec<Wrong>,
    pub(super) notes: Vec<String>,
    pub(super) phone: Option<Phone>,
    pub(super) zalo: ZaloCard,
    pub(super) groups: Vec<(&'static str, Vec<Field>)>,
    pub(super) blocks: Vec<Block>,
    /// Conditions that a passage can be wrapped in.
    pub(super) conditions: Vec<Block>,
}

/// Writes the letter that was `sought` with `source`.
pub(super) async fn shown(
    app: &App,
    subject: &Subject,
    source: &str,
    sought: &Sought,
    t: Tongue,
) -> Result<(Proof, Shown), Failure> {
    let templates = subject.with(source);
    let sight =
        Sight { name: &subject.name, unit: &sought.code, scenario: sought.scenario, roll_ups: &sought.roll_ups };
    let proof = app.proof(&templates, sought.stored.as_ref(), sight).await;
    let zalo = match &proof.message {
        Some(message) => ZaloCard::of(app, message, t).await?,
        None => ZaloCard::default(),
    };
    let shown = Shown { zalo, ..Shown::of(app, subject, &templates, (&proof, sought), t) };
    Ok((proof, shown))
}

impl Shown {
    fn of(app: &App, subject: &Subject, templates: &Templates, (proof, sought): (&Proof, &Sought), t: Tongue) -> Self {
        let message = proof.message.clone();
        let mut groups: Vec<(&'static str, Vec<Field>)> = Vec::new();
        for field in &proof.fields {
            match groups.iter_mut().find(|(group, _)| *group == field.group) {
                Some((_, fields)) => fields.push(field.clone()),
                None => groups.push((field.group, vec![field.clone()])),
            }
        }
        let text = message.as_ref().map_or("", |message| message.text.as_str());
        Self {
            subject_length: message.as_ref().map_or(0, |message| message.subject.chars().count()),
            kilobytes: message.as_ref().map_or(0, |message| message.html.len().div_ceil(1024)),
            syllables: text.split_whitespace().count(),
            wrong: proof.problems.iter().map(|problem| wrong(t, subject, templates, problem)).collect(),
            notes: notes(t, subject, proof, sought),
            phone: message.as_ref().and_then(|message| phone(t, app, message)),
            zalo: ZaloCard::default(),
            groups,
            blocks: proof.blocks.clone(),
            conditions: proof.blocks.iter().filter(|block| block.is_condition).cloned().collect(),
            message,
        }
    }

    /// Whether something may not stay as it is.
    pub(super) fn is_broken(&self) -> bool {
        self.message.is_none()
    }
}

fn wrong(t: Tongue, subject: &Subject, templates: &Templates, problem: &TemplateProblem) -> Wrong {
    let line = templates.source(&problem.name).and_then(|source| source.lines().nth(problem.line.saturating_sub(1)));
    let line = line.unwrap_or_default();
    let at = line.char_indices().nth(problem.column.saturating_sub(1)).map_or(line.len(), |(at, _)| at);
    let (before, from) = line.split_at_checked(at).unwrap_or((line, ""));
    Wrong {
        elsewhere: (problem.name != subject.name).then(|| words::title(t, &problem.name)),
        line: problem.line,
        column: problem.column,
        message: problem.message.say(t),
        hint: problem.hint.say(t),
        before: before.to_owned(),
        from: from.to_owned(),
    }
}

/// What the letter is made of, and of whose figures.
fn notes(t: Tongue, subject: &Subject, proof: &Proof, sought: &Sought) -> Vec<String> {
    let mut notes = Vec::new();
    if proof.template != subject.name {
        notes.push(t.with("editor.made_of", words::title(t, &proof.template)));
    } else if let Some(usual) = proof.usual.filter(|_| proof.sample.is_none()) {
        notes.push(t.with("editor.usual", words::title(t, usual)));
    }
    let is_note = proof.template == "admin_note.md";
    notes.push(match (proof.sample, sought.until) {
        (None, Some(until)) if !is_note => t.with("editor.of_round", said::local_date(&until.to_string())),
        (None, _) => t.say("editor.of_now").to_owned(),
        (Some(absence), _) => t.say(absent(absence, &proof.template, sought)).to_owned(),
    });
    notes
}

/// Key of why a sample is shown.
fn absent(absence: Absence, template: &str, sought: &Sought) -> &'static str {
    match absence {
        Absence::RollUp if template == "correction.md" => "editor.sample_correction",
        Absence::RollUp if sought.stored.is_none() => "editor.sample_no_figures",
        Absence::RollUp if sought.sees_all && template == "admin_note.md" => "editor.sample_no_item",
        Absence::RollUp => "editor.sample_roll_up",
        Absence::NoFigures => "editor.sample_no_figures",
        Absence::NoRecipient => "editor.sample_no_recipient",
        Absence::NothingBelow => "editor.sample_nothing_below",
        Absence::NothingMet => "editor.sample_nothing_met",
    }
}

fn phone(t: Tongue, app: &App, message: &Message) -> Option<Phone> {
    let charge = app.config.channels.iter().find_map(|channel| channel.charge(message));
    let accented = charge.is_some_and(|(length, _)| length.unicode) && !message.sms_accented.is_empty();
    let text = if accented { &message.sms_accented } else { &message.sms };
    if text.is_empty() {
        return None;
    }
    let (length, price) = charge.unwrap_or_else(|| (Length::of(text), None));
    Some(Phone {
        text: text.clone(),
        measures: {
            let alphabet = t.say(if length.unicode { "editor.accented" } else { "editor.plain" });
            let single = if length.unicode { 70 } else { 160 };
            t.with_all("editor.sms_measures", &[&alphabet, &length.units, &single, &length.segments])
        },
        price: price.map(said::grouped),
    })
}
