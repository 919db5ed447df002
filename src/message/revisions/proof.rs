//! One letter, to look at while somebody writes its template.

use std::path::Path;

use super::blocks::{self, Block};
use super::check::Ground;
use super::palette::{self, Field};
use super::scenario::{BETWEEN, LINK, Scenario, as_if_met, is_made_of};
use super::unknown_fields::unknown_fields;
use crate::catalog::{Level, Recipient, Unit};
use crate::evaluation::Evaluation;
use crate::message::context::Context;
use crate::message::gather::{self, Draft, Notice};
use crate::message::job::Job;
use crate::message::roll_up::RollUp;
use crate::message::template::{SHELL, TemplateProblem, Templates};
use crate::message::{Message, Tryout, roll_up_sample, sample};

/// Which letter.
#[derive(Debug, Clone, Copy)]
pub struct Sight<'a> {
    /// File name of the template that is being written.
    pub name: &'a str,
    /// Official code of the unit.
    pub unit: &'a str,
    /// The situation.
    pub scenario: Scenario,
    /// What roll-ups would really say; of each template the first is shown.
    pub roll_ups: &'a [RollUp],
}

/// A letter as it would be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// The letter; nothing when the text, or a part of it, is wrong.
    pub message: Option<Message>,
    /// What is wrong, or would be cut off.
    pub problems: Vec<TemplateProblem>,
    /// The template that it was made of: the one being written, or one that it is a part of.
    pub template: String,
    /// The template that rounds use in this situation, where that is another.
    pub usual: Option<&'static str>,
    /// Why it was made of a sample and not of the unit's own figures.
    pub sample: Option<Absence>,
    /// The fields that can be named, with what they are in this letter.
    pub fields: Vec<Field>,
    /// Ready-made pieces.
    pub blocks: Vec<Block>,
}

/// Why there is no letter of a unit's own figures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Absence {
    /// The letter is about many units, and no round says anything for it.
    RollUp,
    /// No round has been finished.
    NoFigures,
    /// No such unit, or nobody answers for it.
    NoRecipient,
    /// It is below no target: nobody is reminded.
    NothingBelow,
    /// It has no figure that could be on target.
    NothingMet,
}

impl Tryout {
    /// The letter that `sight` asks for, made of `templates` by a worker of `program`.
    pub async fn proof(
        &self,
        program: &Path,
        templates: &Templates,
        ground: Option<Ground<'_>>,
        sight: Sight<'_>,
    ) -> Proof {
        let (job, usual, sample) = job(templates, ground, sight);
        let answer = self.render(program, templates, vec![job.clone()]).await.pop();
        let (message, mut problems) = match answer {
            Some(Ok(message)) => {
                let long = templates.too_long(&message, "misfit.subject");
                (Some(message), long)
            }
            Some(Err(failure)) => (None, vec![templates.explained(&failure)]),
            None => (None, Vec::new()),
        };
        if message.is_some() {
            problems.extend(unknown_fields(templates, sight.name));
        }
        let (fields, blocks) = (palette::fields(&job), blocks::blocks(templates, sight.name, &job));
        Proof { message, problems, template: job.template, usual, sample, fields, blocks }
    }
}

/// What is rendered, the template that rounds use instead, and why it is a sample.
fn job(
    templates: &Templates,
    ground: Option<Ground<'_>>,
    sight: Sight<'_>,
) -> (Job, Option<&'static str>, Option<Absence>) {
    let found = match ground {
        None => Err(Absence::NoFigures),
        Some(ground) => context(ground, sight),
    };
    let (level, notice) = (found.as_ref().map_or(Level::Commune, |(level, _)| *level), sight.scenario.notice().0);
    let chosen = Templates::chosen(level, notice);
    let template = made_of(templates, sight.name, chosen);
    if let Some(roll_up) = sight.roll_ups.iter().find(|roll_up| roll_up.template() == template) {
        return (Job::roll_up(roll_up), None, None);
    }
    if let Some(roll_up) = roll_up_sample::of(&template).into_iter().next() {
        return (Job::roll_up(&roll_up), None, Some(Absence::RollUp));
    }
    let usual = (template != chosen).then_some(chosen);
    match found {
        Ok((_, context)) => (Job::reminder(&template, context), usual, None),
        Err(absence) => (Job::reminder(&template, of_sample(sight.scenario)), usual, Some(absence)),
    }
}

/// The template to show `name` in: itself; of a part or the frame the `chosen` one where it has it, or the first that has.
fn made_of(templates: &Templates, name: &str, chosen: &str) -> String {
    let is_whole = |name: &str| !name.starts_with('_') && name != SHELL;
    if is_whole(name) {
        return name.to_owned();
    }
    if is_made_of(templates, chosen, name) {
        return chosen.to_owned();
    }
    let mut whole = templates.names().filter(|other| is_whole(other) && Templates::is_known(other));
    whole.find(|other| is_made_of(templates, other, name)).unwrap_or(chosen).to_owned()
}

fn of_sample(scenario: Scenario) -> Context {
    let mut samples = sample::contexts(scenario.notice().1);
    let place = if scenario == Scenario::LongestName { 2 } else { 0 };
    varied(samples.swap_remove(place), scenario)
}

/// Without what `scenario` lacks.
fn varied(context: Context, scenario: Scenario) -> Context {
    if scenario == Scenario::NoContact { Context { contact: None, link: None, ..context } } else { context }
}

/// What the letter to the head of the unit says, and the rung whose words it is written in.
fn context(ground: Ground<'_>, sight: Sight<'_>) -> Result<(Level, Context), Absence> {
    let catalog = ground.catalog;
    let unit = catalog.units.iter().find(|unit| unit.code == sight.unit).ok_or(Absence::NoRecipient)?;
    let recipient = catalog.recipient_of(&unit.id).ok_or(Absence::NoRecipient)?;
    let (notice, step) = sight.scenario.notice();
    let own = |one: &&Evaluation| recipient.units.contains(&one.unit);
    let met: Vec<Evaluation>;
    let evaluations: Vec<&Evaluation> = if notice == Notice::Thanks {
        met = ground.evaluations.iter().filter(own).filter_map(as_if_met).collect();
        met.iter().collect()
    } else {
        ground.evaluations.iter().filter(own).filter(|one| one.shortfall().is_some()).collect()
    };
    if evaluations.is_empty() {
        return Err(if notice == Notice::Thanks { Absence::NothingMet } else { Absence::NothingBelow });
    }
    // A copy is addressed to whoever is above the head.
    let above = unit.parent.as_ref().and_then(|parent| catalog.recipient_of(parent));
    let reader = above.filter(|_| notice == Notice::Copy).unwrap_or(recipient);
    let mut draft = Draft {
        notice,
        step,
        previous: (step > 1).then(|| ground.figures.until - BETWEEN),
        link: Some(LINK.to_owned()),
        ..Draft::first(reader, evaluations)
    };
    // Figures stand in the order of units, as in a round.
    let order = |one: &&Evaluation| recipient.units.iter().position(|unit| *unit == one.unit);
    draft.evaluations.sort_by_key(order);
    let level = gather::level(catalog, &draft);
    let context = varied(gather::context(catalog, &draft, ground.figures), sight.scenario);
    if sight.scenario != Scenario::LongestName {
        return Ok((level, context));
    }
    let mut job = Job::reminder("", context);
    if let Some(longest) = longest(ground, level) {
        job.rename(&longest);
    }
    match job.words {
        crate::message::job::Words::Reminder(context) => Ok((level, *context)),
        _ => Err(Absence::NoRecipient),
    }
}

/// What the letter says to the head of `level` whose unit has the longest name, of those who are below a target.
fn longest(ground: Ground<'_>, level: Level) -> Option<Context> {
    let catalog = ground.catalog;
    let first = |recipient: &Recipient| -> Option<&Unit> { catalog.unit(recipient.units.first()?) };
    let below = |recipient: &Recipient| -> Option<&Evaluation> {
        ground.evaluations.iter().find(|one| Some(&one.unit) == recipient.units.first() && one.shortfall().is_some())
    };
    let mut heads: Vec<(usize, &Recipient)> = catalog
        .recipients
        .iter()
        .filter_map(|recipient| Some((first(recipient)?, recipient)))
        .filter(|(unit, _)| unit.kind.level() == level)
        .map(|(unit, recipient)| (unit.authority().chars().count(), recipient))
        .collect();
    heads.sort_by_key(|(length, _)| std::cmp::Reverse(*length));
    let (recipient, evaluation) = heads.into_iter().find_map(|(_, head)| Some((head, below(head)?)))?;
    Some(gather::context(catalog, &Draft::first(recipient, vec![evaluation]), ground.figures))
}
