//! What happened between the office and a unit: reminders, their fate, answers; and why it was or was not reminded last.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, NaiveDate, Utc};
use serde::Deserialize;

use super::catalogue::Tongue;
use super::page::Failure;
use super::reply_text::{answer, day};
use super::{Site, words};
use crate::catalog::{Catalog, IndicatorId, UnitId};
use crate::outbox::Fact;
use crate::pass::DoneRound;
use crate::{decision, outbox, reply};

/// Rounds, messages and answers that are looked back at.
const LOOKED_AT: i64 = 40;

/// Messages whose fate is told as providers tell it.
const WITH_FACTS: usize = 12;

/// What was decided about an indicator, as it is stored.
#[derive(Debug, Clone, Deserialize)]
struct Told {
    indicator: String,
    outcome: String,
    reason: String,
    #[serde(default)]
    step: u32,
}

/// Something that happened.
#[derive(Debug)]
pub(super) struct Event {
    at: DateTime<Utc>,
    pub(super) time: String,
    pub(super) machine_time: String,
    pub(super) words: String,
}

impl Event {
    fn new(at: DateTime<Utc>, words: String) -> Self {
        Self { at, time: words::local_time(at), machine_time: words::machine_time(at), words }
    }
}

/// The story of a unit.
#[derive(Debug, Default)]
pub(super) struct Story {
    /// Newest first.
    pub(super) events: Vec<Event>,
    /// Indicator and reason of the last decision, in words.
    pub(super) reasons: Vec<(String, &'static str)>,
    /// As-of dates of the reminders of each indicator.
    pub(super) reminded: HashMap<IndicatorId, HashSet<NaiveDate>>,
}

/// Reads it. `names` tells what an indicator is called.
pub(super) async fn story(
    (t, site): (Tongue, &Site),
    catalog: &Catalog,
    (unit, code): (&UnitId, &str),
    rounds: &[DoneRound],
) -> Result<Story, Failure> {
    let started: HashMap<&str, DateTime<Utc>> =
        rounds.iter().map(|round| (round.run_id.as_str(), round.started_at)).collect();
    let mut story = Story::default();
    let decided = decision::decisions_about(&site.db, unit, LOOKED_AT).await?;
    for (place, (run_id, as_of, outcome, _, indicators)) in decided.iter().enumerate() {
        // Written by this program alone; what it does not know is not told.
        let told: Vec<Told> = serde_json::from_str(indicators).unwrap_or_default();
        if place == 0 {
            story.reasons =
                told.iter().map(|one| (short(catalog, &one.indicator), t.say(reason(&one.reason)))).collect();
        }
        let of_reminder: Vec<&Told> = told.iter().filter(|one| one.outcome == "remind").collect();
        if let Ok(date) = as_of.parse() {
            for one in &of_reminder {
                story.reminded.entry(IndicatorId::new(&one.indicator)).or_default().insert(date);
            }
        }
        let Some(at) = started.get(run_id.as_str()).filter(|_| outcome == "remind") else { continue };
        let said: Vec<String> =
            of_reminder.iter().map(|one| t.with2("story.step", short(catalog, &one.indicator), one.step)).collect();
        let date = words::local_date(as_of);
        story.events.push(Event::new(*at, t.with2("story.reminded", date, said.join(", "))));
    }
    // A decision to remind is no reminder yet: a message may wait for a person, for its hour, or for its channel.
    let newest = decided.iter().find(|(.., outcome, _, _)| outcome == "remind");
    let mut entries = match newest {
        Some((run_id, ..)) => outbox::waiting_about(&site.db, run_id, code).await?,
        None => Vec::new(),
    };
    entries.extend(outbox::about_unit(&site.db, code, LOOKED_AT).await?);
    for (place, entry) in entries.into_iter().enumerate() {
        let (state, _) = words::state(t, entry.state);
        let to = words::masked(&entry.address);
        let at = entry.settled_at.unwrap_or(entry.created_at);
        let mut said = t.with3("story.message", &entry.channel, to, state.to_lowercase());
        // What providers said of the newest; older messages are looked up in the outbox.
        if place < WITH_FACTS {
            for fact in outbox::receipts(&site.db, &entry.id).await? {
                said += &t.with2("story.fact", t.say(heard(fact.fact)), words::local_time(fact.at));
            }
        }
        story.events.push(Event::new(at, format!("{said}.")));
    }
    for one in reply::answered_about(&site.db, unit).await? {
        let about: Vec<String> = one.about.iter().map(|(_, indicator)| short(catalog, indicator.as_str())).collect();
        let said = answer(t, &one.answer);
        story.events.push(Event::new(one.answer.at, t.with2("story.answered", about.join(", "), said)));
        if let Some(closing) = one.task.and_then(|task| task.closing) {
            let words = t.with2("story.closed", day(crate::clock::local_date(one.answer.at)), &closing.note);
            story.events.push(Event::new(closing.at, words));
        }
    }
    story.events.sort_by_key(|event| std::cmp::Reverse(event.at));
    story.events.truncate(usize::try_from(LOOKED_AT).unwrap_or(usize::MAX));
    Ok(story)
}

/// The key of what a provider or relay said of a message.
const fn heard(fact: Fact) -> &'static str {
    match fact {
        Fact::Delayed => "story.delayed",
        Fact::Delivered => "story.delivered",
        Fact::Undelivered => "story.undelivered",
        Fact::Bounced => "story.bounced",
        Fact::Seen => "story.seen",
    }
}

fn short(catalog: &Catalog, indicator: &str) -> String {
    let known = catalog.indicators.iter().find(|known| known.id.as_str() == indicator);
    known.map_or_else(|| indicator.to_owned(), |known| known.short_name.clone())
}

/// The key of why a head was or was not reminded of an indicator.
fn reason(word: &str) -> &'static str {
    match word {
        "first_miss" => "story.first_miss",
        "repeat_due" => "story.repeat_due",
        "promise_broken" => "story.promise_broken",
        "joined" => "story.joined",
        "too_soon" => "story.too_soon",
        "promised" => "story.promised",
        "disputed" => "story.disputed",
        "silenced" => "story.silenced",
        "budget_spent" => "story.budget_spent",
        "watching" => "story.watching",
        "new_unit" => "story.new_unit",
        "not_yet_recovered" => "story.not_yet_recovered",
        "no_recipient" => "story.no_recipient",
        "older_than_history" => "story.older_than_history",
        "instruction_only" => "story.instruction_only",
        "sources_differ" => "story.sources_differ",
        "recovered" => "story.recovered",
        "met" => "story.met",
        _ => "story.not_assessed",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decision::Hold;

    #[test]
    fn every_reason_for_silence_has_words_of_its_own() {
        let all = [
            Hold::TooSoon,
            Hold::Promised,
            Hold::Disputed,
            Hold::Silenced,
            Hold::BudgetSpent,
            Hold::Watching,
            Hold::NewUnit,
            Hold::NotYetRecovered,
            Hold::NoRecipient,
            Hold::OlderThanHistory,
            Hold::InstructionOnly,
            Hold::SourcesDiffer,
            Hold::Recovered,
            Hold::Met,
            Hold::NotAssessed,
        ];
        let said: HashSet<&str> = all.iter().map(|hold| reason(hold.word())).collect();
        assert_eq!(said.len(), all.len());
    }
}
