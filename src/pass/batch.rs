//! Groups of recipients: what each is told, and the rows that one unit of work writes for a group.

use std::collections::HashMap;

use chrono::NaiveDate;
use uuid::Uuid;

use super::Settings;
use crate::catalog::{Catalog, Recipient, UnitId};
use crate::channel;
use crate::decision::{Decision, History, Outcome, UnitDecision, case_id};
use crate::evaluation::Evaluation;
use crate::message::{Composed, Draft, Notice};
use crate::outbox::{HoldReason, NewEntry, Turn};
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
        Self { draft: Draft::first(recipient, Vec::new()), channels: &[], cases: Vec::new() }
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

/// The outbox rows for a composed message: one on the first channel that reaches the recipient, and behind it one on each
/// further channel that may step in for it. Empty: no channel reaches him.
pub(super) fn entries(
    catalog: &Catalog,
    settings: &Settings,
    recipient: &Recipient,
    composed: &Composed,
    way: &Way<'_>,
) -> Vec<NewEntry> {
    let unit_code = recipient.units.first().and_then(|unit| catalog.unit(unit)).map(|unit| unit.code.clone());
    let unit_code = unit_code.unwrap_or_default();
    let content = serde_json::to_string(&composed.message).unwrap_or_default();
    let turns = turns(settings, recipient, way.channels, (way.avoid, &|_| true));
    let first = turns.first().map(|(channel, _)| (way.dedup_key)(&channel.name)).unwrap_or_default();
    let alone = turns.len() == 1;
    let entry = |(place, (channel, address)): (u32, (&channel::Settings, String))| {
        let in_trial = settings.safety.trial
            && channel.is_real()
            && !channel::Settings::is_allowed(&address, &settings.safety.allow);
        NewEntry {
            dedup_key: (way.dedup_key)(&channel.name),
            unit_code: unit_code.clone(),
            recipient_id: recipient.id.clone(),
            channel: channel.name.clone(),
            address,
            domain: channel.message_id_domain().to_owned(),
            content: content.clone(),
            resend: channel.resend(),
            hold: if in_trial { Some(HoldReason::Trial) } else { way.hold },
            turn: (!alone).then(|| Turn { first: first.clone(), place, yields_after: channel.pace.falls_back_after }),
        }
    };
    (0..).zip(turns).map(entry).collect()
}

/// The channels on which a reminder would reach `recipient`, in the order in which they are tried, and where. `preferred` are
/// those of the step.
pub fn ways<'s>(
    settings: &'s Settings,
    recipient: &Recipient,
    preferred: &[String],
    avoid: &Unreachable,
) -> Vec<(&'s channel::Settings, String)> {
    turns(settings, recipient, preferred, (avoid, &|_| true))
}

/// The channels that reach `recipient`, and where: the first of `preferred` or else of all, then, when it is one of those
/// that step in for each other, these: the preferred before the others. Addresses that give messages back come last, or not
/// at all.
pub(super) fn turns<'s>(
    settings: &'s Settings,
    recipient: &Recipient,
    preferred: &[String],
    (avoid, carries): (&Unreachable, &dyn Fn(&channel::Settings) -> bool),
) -> Vec<(&'s channel::Settings, String)> {
    let named = |name: &String| settings.channels.iter().find(|channel| channel.name == *name);
    let reached =
        |channel: &'s channel::Settings| Some((channel, channel.address_for(recipient).filter(|_| carries(channel))?));
    let wanted = settings.channels.iter().filter(|channel| preferred.contains(&channel.name));
    let mut reaching = wanted.chain(&settings.channels).filter_map(reached);
    let Some(usual) = reaching.next() else { return Vec::new() };
    // Where messages come back from all of them it is the first all the same: the mailbox may be mended by now.
    let comes_back = |(channel, address): &(&channel::Settings, String)| avoid.contains(&channel.name, address);
    let other = if comes_back(&usual) { reaching.find(|other| !comes_back(other)) } else { None };
    let first = other.unwrap_or(usual);
    let steps_in = settings.fallback.contains(&first.0.name);
    let mut turns = vec![first];
    if steps_in {
        let takes_part = |name: &&String| settings.fallback.contains(name);
        for name in preferred.iter().filter(takes_part).chain(&settings.fallback) {
            let known = turns.iter().any(|(channel, _)| channel.name == *name);
            turns.extend(named(name).filter(|_| !known).and_then(reached).filter(|way| !comes_back(way)));
        }
    }
    turns
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::channel::{Kind, Pace, Webhook};

    fn settings(fallback: &[&str]) -> Settings {
        let hook = |mobile| Kind::Webhook(Webhook { mobile, ..Webhook::to("https://hook.example/".to_owned()) });
        let channel = |name: &str, kind| channel::Settings { name: name.to_owned(), kind, pace: Pace::default() };
        Settings {
            sources: Vec::new(),
            reconcile: Vec::new(),
            channels: vec![channel("mailbox", Kind::Capture), channel("zalo", hook(true)), channel("sms", hook(true))],
            rules: crate::decision::Rules::default(),
            safety: crate::pass::Safety::default(),
            quality: crate::pass::Quality::default(),
            valid_for: std::time::Duration::from_hours(48),
            fallback: fallback.iter().map(|name| (*name).to_owned()).collect(),
            admins: Vec::new(),
            links: None,
            digest: crate::pass::DigestSettings::default(),
        }
    }

    fn recipient(email: Option<&str>) -> Recipient {
        Recipient {
            id: "07201/head".to_owned(),
            units: Vec::new(),
            title: "Chủ tịch UBND xã".to_owned(),
            person: None,
            email: email.map(ToOwned::to_owned),
            phone: None,
            zalo_user_id: None,
        }
    }

    #[test]
    fn only_channels_that_step_in_for_each_other_follow_and_only_those_that_reach_him() {
        for (fallback, preferred, email, tried) in [
            (&[][..], &[][..], true, &["mailbox"][..]),
            (&["zalo", "sms"], &[], true, &["mailbox"]),
            (&["mailbox", "sms", "zalo"], &[], true, &["mailbox", "sms", "zalo"]),
            (&["zalo", "sms", "mailbox"], &["zalo"], true, &["zalo", "sms", "mailbox"]),
            (&["zalo", "sms", "mailbox"], &["mailbox", "zalo"], true, &["mailbox", "zalo", "sms"]),
            (&["zalo", "sms", "mailbox"], &[], false, &["zalo", "sms"]),
            (&["sms", "mailbox"], &["zalo"], true, &["zalo"]),
        ] {
            let settings = settings(fallback);
            let preferred: Vec<String> = preferred.iter().map(|name| (*name).to_owned()).collect();
            let turns = turns(
                &settings,
                &recipient(email.then_some("a@xa.example")),
                &preferred,
                (&Unreachable::default(), &|_| true),
            );
            let names: Vec<&str> = turns.iter().map(|(channel, _)| channel.name.as_str()).collect();
            assert_eq!(names, tried, "{fallback:?} {preferred:?}");
        }
    }
}
