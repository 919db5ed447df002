//! Groups of recipients: what each is told, and the rows that one unit of work writes for a group.

use std::collections::HashMap;

use chrono::NaiveDate;
use uuid::Uuid;

use super::Settings;
use crate::catalog::{Catalog, Recipient, UnitId};
use crate::channel;
use crate::decision::{Decision, History, Outcome, Tone, UnitDecision, case_id};
use crate::evaluation::Evaluation;
use crate::message::{Composed, Draft, Notice};
use crate::outbox::{HoldReason, NewEntry};
use crate::reply::Unreachable;

/// Units per unit of work: a few syncs per thousand messages, and the first ones on their way early.
const UNITS_AT_ONCE: usize = 192;

/// Judgements and decisions of a few recipients' units, side by side.
#[derive(Debug, Clone, Copy)]
pub(super) struct Group<'a> {
    pub(super) evaluations: &'a [Evaluation],
    pub(super) decisions: &'a [Decision],
}

/// Cuts judgements and decisions (same order) into groups; a recipient's units are never torn apart.
pub(super) fn groups<'a>(
    catalog: &Catalog,
    evaluations: &'a [Evaluation],
    decisions: &'a [Decision],
) -> Vec<Group<'a>> {
    let recipient = |unit: &UnitId| catalog.recipient_of(unit).map(|recipient| &recipient.id);
    let mut groups = Vec::new();
    let (mut start, mut units, mut at) = (0, 0, 0);
    let mut cut = |from: usize, to: usize| {
        if let (Some(evaluations), Some(decisions)) = (evaluations.get(from..to), decisions.get(from..to)) {
            groups.push(Group { evaluations, decisions });
        }
    };
    let same = |one: &Evaluation, next: &Evaluation| {
        one.unit == next.unit || (recipient(&one.unit).is_some() && recipient(&one.unit) == recipient(&next.unit))
    };
    for run in evaluations.chunk_by(same) {
        at += run.len();
        units += run.chunk_by(|one, next| one.unit == next.unit).count();
        if units >= UNITS_AT_ONCE {
            cut(start, at);
            (start, units) = (at, 0);
        }
    }
    if start < at {
        cut(start, at);
    }
    groups
}

impl<'a> Group<'a> {
    /// The decisions by unit.
    pub(super) fn units(&self) -> Vec<UnitDecision<'a>> {
        UnitDecision::group(self.decisions).collect()
    }

    /// One draft per recipient who is reminded of something.
    pub(super) fn drafts<'c>(&self, catalog: &'c Catalog, history: &History) -> Vec<Planned<'c>>
    where
        'a: 'c,
    {
        let mut planned: Vec<Planned<'c>> = Vec::new();
        let mut at: HashMap<&'c str, usize> = HashMap::new();
        for (evaluation, decision) in self.evaluations.iter().zip(self.decisions) {
            if !decision.is_reminder() && !decision.is_thanked() {
                continue;
            }
            let Some(recipient) = catalog.recipient_of(&evaluation.unit) else { continue };
            let place = *at.entry(recipient.id.as_str()).or_insert_with(|| {
                planned.push(Planned::to(recipient));
                planned.len() - 1
            });
            if let Some(planned) = planned.get_mut(place) {
                planned.add(evaluation, decision, history);
            }
        }
        planned.iter_mut().for_each(Planned::only_thanks);
        planned
    }
}

/// A draft with the cases it is about.
#[derive(Debug)]
pub(super) struct Planned<'c> {
    pub(super) draft: Draft<'c>,
    /// The channels of its firmest step.
    channels: &'c [String],
    cases: Vec<(&'c Evaluation, &'c Decision)>,
}

impl<'c> Planned<'c> {
    fn to(recipient: &'c Recipient) -> Self {
        Self {
            draft: Draft {
                recipient,
                evaluations: Vec::new(),
                recovered: Vec::new(),
                notice: Notice::Reminder(Tone::First),
                step: 1,
                previous: None,
                link: None,
            },
            channels: &[],
            cases: Vec::new(),
        }
    }

    fn add(&mut self, evaluation: &'c Evaluation, decision: &'c Decision, history: &History) {
        self.cases.push((evaluation, decision));
        if !decision.is_reminder() {
            self.draft.recovered.push(evaluation);
            return;
        }
        self.draft.evaluations.push(evaluation);
        if let Outcome::Remind { step, .. } = decision.outcome {
            self.draft.step = self.draft.step.max(step);
        }
        if let (Notice::Reminder(tone), Some(step)) = (self.draft.notice, decision.step()) {
            if step.tone >= tone {
                self.channels = &step.channels;
            }
            self.draft.notice = Notice::Reminder(tone.max(step.tone));
        }
        let open = history.open.get(&(decision.unit.clone(), decision.indicator.clone()));
        self.draft.previous = self.draft.previous.max(open.and_then(|case| case.reminded_on));
    }

    /// How it becomes an entry under `dedup_key`, held for `hold`, at another address than one of `avoid` where there is one.
    pub(super) const fn way<'k>(
        &'k self,
        dedup_key: &'k (dyn Fn(&str) -> String + 'k),
        hold: Option<HoldReason>,
        avoid: &'k Unreachable,
    ) -> Way<'k> {
        Way { dedup_key, channels: self.channels, hold, avoid }
    }

    /// The cases that are reminded of, as they are, or will be when this round opens them.
    pub(super) fn cases(&self, history: &History, as_of: NaiveDate) -> Vec<Uuid> {
        let reminded = self.cases.iter().filter(|(_, decision)| decision.is_reminder());
        reminded.map(|(_, decision)| case_of(decision, history, as_of)).collect()
    }

    /// Who is reminded of nothing is thanked in a message of its own.
    fn only_thanks(&mut self) {
        if self.draft.evaluations.is_empty() {
            self.draft.notice = Notice::Thanks;
            self.draft.evaluations = std::mem::take(&mut self.draft.recovered);
        }
    }

    /// `reminder/<offices>/<channel>/<cases and steps>`: stable ids only, so that a rerun meets its own row.
    pub(super) fn dedup_key(&self, channel: &str, history: &History, as_of: NaiveDate) -> String {
        const STEPS: Uuid = Uuid::from_u128(0x6f0c_9a52_3c1d_5e8b_8d2e_d0d0_c000_0004);
        let step = |(_, decision): &(&Evaluation, &Decision)| {
            let open = history.open.get(&(decision.unit.clone(), decision.indicator.clone()));
            let id = case_of(decision, history, as_of);
            let joined = open.and_then(|case| case.reminded_on).map(|date| date.to_string()).unwrap_or_default();
            format!("{id}:{}:{joined}", decision.reminders_before + 1)
        };
        let mut steps: Vec<String> = self.cases.iter().map(step).collect();
        steps.sort();
        let steps = Uuid::new_v5(&STEPS, steps.join(" ").as_bytes());
        let kind = if self.draft.notice == Notice::Thanks { "thanks" } else { "reminder" };
        format!("{kind}/{}/{channel}/{steps}", self.draft.recipient.id)
    }
}

/// The id of the case that `decision` is about.
pub(super) fn case_of(decision: &Decision, history: &History, as_of: NaiveDate) -> Uuid {
    let open = history.open.get(&(decision.unit.clone(), decision.indicator.clone()));
    open.map_or_else(|| case_id(&decision.unit, &decision.indicator, as_of), |case| case.id)
}

/// How a message becomes an entry.
pub(super) struct Way<'k> {
    /// What makes the deduplication key on a channel.
    pub(super) dedup_key: &'k (dyn Fn(&str) -> String + 'k),
    /// Names of the channels that are tried first.
    pub(super) channels: &'k [String],
    pub(super) hold: Option<HoldReason>,
    /// Addresses that give messages back: the next channel goes before them.
    pub(super) avoid: &'k Unreachable,
}

/// The outbox row for a composed message: on the first channel that reaches the recipient. Where messages come back from
/// all of them it is the first all the same: the mailbox may be mended by now. `None`: no channel reaches him.
pub(super) fn entry(
    catalog: &Catalog,
    settings: &Settings,
    recipient: &Recipient,
    composed: &Composed,
    way: &Way<'_>,
) -> Option<NewEntry> {
    let first = settings.channels.iter().filter(|channel| way.channels.contains(&channel.name));
    let mut reaching =
        first.chain(&settings.channels).filter_map(|channel| Some((channel, channel.address_for(recipient)?)));
    let usual = reaching.next()?;
    let comes_back = |(channel, address): &(&channel::Settings, String)| way.avoid.contains(&channel.name, address);
    let other = if comes_back(&usual) { reaching.find(|other| !comes_back(other)) } else { None };
    let (channel, address) = other.unwrap_or(usual);
    let in_trial = settings.safety.trial && channel.is_real() && !settings.safety.allow.contains(&address);
    let unit_code = recipient.units.first().and_then(|unit| catalog.unit(unit)).map(|unit| unit.code.clone());
    Some(NewEntry {
        dedup_key: (way.dedup_key)(&channel.name),
        unit_code: unit_code.unwrap_or_default(),
        recipient_id: recipient.id.clone(),
        channel: channel.name.clone(),
        address,
        domain: channel.message_id_domain().to_owned(),
        content: serde_json::to_string(&composed.message).unwrap_or_default(),
        resend: channel.resend(),
        hold: if in_trial { Some(HoldReason::Trial) } else { way.hold },
    })
}
