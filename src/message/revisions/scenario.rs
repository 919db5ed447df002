//! The letters that a template is tried with: every unit of the stored figures, in each situation that it may be in.

use std::collections::HashMap;

use chrono::Days;

use super::check::Ground;
use crate::catalog::{Level, Recipient, UnitId};
use crate::decision::Tone;
use crate::evaluation::{Evaluation, Standing};
use crate::message::context::Context;
use crate::message::gather::{self, Draft, Notice};
use crate::message::job::Job;
use crate::message::template::{SHELL, Templates};

/// A link as long as those of letters; nothing is sent with it.
pub(super) const LINK: &str = "https://dondoc.province.example/r/AWEAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Days between one reminder and the next.
pub(super) const BETWEEN: Days = Days::new(14);

/// The situation that a letter is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scenario {
    /// The first reminder.
    First,
    /// The second one.
    Second,
    /// The third one, in formal tone.
    Third,
    /// Every figure is on target: thanks.
    AllMet,
    /// A copy to the superior.
    Copy,
    /// Nobody can be called, and there is no link.
    NoContact,
    /// The unit and its head have the longest names of their level.
    LongestName,
}

impl Scenario {
    /// All of them.
    pub const ALL: [Self; 7] =
        [Self::First, Self::Second, Self::Third, Self::AllMet, Self::Copy, Self::NoContact, Self::LongestName];

    /// The one that `word` means.
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scenario| scenario.word() == word)
    }

    /// Its name in outputs.
    pub const fn word(self) -> &'static str {
        match self {
            Self::First => "first",
            Self::Second => "second",
            Self::Third => "third",
            Self::AllMet => "all_met",
            Self::Copy => "copy",
            Self::NoContact => "no_contact",
            Self::LongestName => "longest_name",
        }
    }

    /// What it is called for people.
    pub const fn vietnamese(self) -> &'static str {
        match self {
            Self::First => "Nhắc lần 1",
            Self::Second => "Nhắc lần 2",
            Self::Third => "Nhắc lần 3, văn phong chính thức",
            Self::AllMet => "Đạt hết, ghi nhận",
            Self::Copy => "Đồng gửi cấp trên",
            Self::NoContact => "Không có đầu mối",
            Self::LongestName => "Tên đơn vị dài nhất",
        }
    }

    /// What kind of letter it calls for, and the how-manieth it is.
    pub(super) fn notice(self) -> (Notice, u32) {
        let found = Self::NOTICES.iter().find(|(scenario, ..)| *scenario == self);
        found.map_or((Notice::Reminder(Tone::First), 1), |(_, notice, step)| (*notice, *step))
    }

    /// What kind of letter each situation that is one calls for, and the how-manieth it is.
    const NOTICES: [(Self, Notice, u32); 5] = [
        (Self::First, Notice::Reminder(Tone::First), 1),
        (Self::Second, Notice::Reminder(Tone::Repeat), 2),
        (Self::Third, Notice::Reminder(Tone::Formal), 3),
        (Self::AllMet, Notice::Thanks, 1),
        (Self::Copy, Notice::Copy, 3),
    ];
}

/// One letter to try.
#[derive(Debug, Clone)]
pub(super) struct Trial {
    pub(super) scenario: Scenario,
    /// Official code of the recipient's first unit.
    pub(super) unit_code: String,
    pub(super) unit_name: String,
    pub(super) job: Job,
}

/// Whether messages of `template` change with `name`: it is the template, a part of it, or the frame.
pub(super) fn is_made_of(templates: &Templates, template: &str, name: &str) -> bool {
    template == name || name == SHELL || templates.with_parts(template).iter().any(|(part, _)| *part == name)
}

/// Every letter to a head of the `ground` that is made of `name`.
pub(super) fn trials(templates: &Templates, name: &str, ground: &Ground<'_>) -> Vec<Trial> {
    let met: Vec<Evaluation> = ground.evaluations.iter().filter_map(as_if_met).collect();
    let (below, met) =
        (by_unit(ground.evaluations.iter().filter(|one| one.shortfall().is_some())), by_unit(met.iter()));
    let mut writer = Writer { templates, name, ground, trials: Vec::new(), longest: HashMap::new() };
    for recipient in &ground.catalog.recipients {
        writer.write(recipient, &of(recipient, &below), &of(recipient, &met));
    }
    writer.with_the_longest_names()
}

pub(super) fn as_if_met(evaluation: &Evaluation) -> Option<Evaluation> {
    let assessed = !matches!(evaluation.standing, Standing::NotAssessed(_)) && evaluation.target.is_some();
    (assessed && evaluation.rate.is_some()).then(|| Evaluation {
        standing: Standing::Met,
        turns_on_one: false,
        ..evaluation.clone()
    })
}

fn by_unit<'e>(evaluations: impl Iterator<Item = &'e Evaluation>) -> HashMap<&'e UnitId, Vec<&'e Evaluation>> {
    let mut units: HashMap<&UnitId, Vec<&Evaluation>> = HashMap::new();
    for evaluation in evaluations {
        units.entry(&evaluation.unit).or_default().push(evaluation);
    }
    units
}

fn of<'e>(recipient: &Recipient, units: &HashMap<&UnitId, Vec<&'e Evaluation>>) -> Vec<&'e Evaluation> {
    recipient.units.iter().filter_map(|unit| units.get(unit)).flatten().copied().collect()
}

struct Writer<'a> {
    templates: &'a Templates,
    name: &'a str,
    ground: &'a Ground<'a>,
    trials: Vec<Trial>,
    /// Of each level the context with the longest name, and its letters whose names it may replace.
    longest: HashMap<Level, (Context, Vec<Trial>)>,
}

impl Writer<'_> {
    /// The letters to one head. Those without contact and with the longest name are made of the first kind that counts.
    fn write(&mut self, recipient: &Recipient, below: &[&Evaluation], met: &[&Evaluation]) {
        let mut varied = false;
        for (scenario, notice, step) in Scenario::NOTICES {
            let evaluations = if notice == Notice::Thanks { met } else { below };
            let Some(first) = evaluations.first() else { continue };
            let draft = Draft {
                notice,
                step,
                previous: (step > 1).then(|| self.ground.figures.until - BETWEEN),
                link: Some(LINK.to_owned()),
                ..Draft::first(recipient, evaluations.to_vec())
            };
            let level = gather::level(self.ground.catalog, &draft);
            let template = Templates::chosen(level, notice);
            let Some(unit) = self.ground.catalog.unit(&first.unit) else { continue };
            if !is_made_of(self.templates, template, self.name) {
                continue;
            }
            let context = gather::context(self.ground.catalog, &draft, self.ground.figures);
            let trial = |scenario, context| Trial {
                scenario,
                unit_code: unit.code.clone(),
                unit_name: unit.name.clone(),
                job: Job::reminder(template, context),
            };
            if !varied {
                varied = true;
                let alone = Context { contact: None, link: None, ..context.clone() };
                self.trials.push(trial(Scenario::NoContact, alone));
                let named = trial(Scenario::LongestName, context.clone());
                let (longest, letters) = self.longest.entry(level).or_insert_with(|| (context.clone(), Vec::new()));
                if length(&context) > length(longest) {
                    *longest = context.clone();
                }
                letters.push(named);
            }
            self.trials.push(trial(scenario, context));
        }
    }

    fn with_the_longest_names(self) -> Vec<Trial> {
        let mut trials = self.trials;
        for (longest, letters) in self.longest.into_values() {
            trials.extend(letters.into_iter().map(|mut letter| {
                letter.job.rename(&longest);
                letter
            }));
        }
        trials
    }
}

fn length(context: &Context) -> usize {
    context.units.first().map_or(0, |unit| unit.authority.chars().count())
}

impl Job {
    /// Puts the names of the first unit of `other`, and of its head, in the place of this letter's.
    pub(super) fn rename(&mut self, other: &Context) {
        let crate::message::job::Words::Reminder(context) = &mut self.words else { return };
        context.recipient = other.recipient.clone();
        if let Some((unit, longest)) = context.units.first_mut().zip(other.units.first()) {
            unit.name.clone_from(&longest.name);
            unit.authority.clone_from(&longest.authority);
            unit.short.clone_from(&longest.short);
            unit.district.clone_from(&longest.district);
        }
    }
}
