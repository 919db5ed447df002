//! `[policy]`, its steps and its rules.

use std::sync::Arc;

use chrono::NaiveTime;

use super::section::Section;
use super::value::{self, Wrong, wrong};
use crate::catalog::{BasisPoints, IndicatorId, Kind, Level};
use crate::decision::{Changes, Fits, Policy, PolicyRule, QuietHours, Rules, Step, Terms, Tone};

/// The hours and the terms of following up.
pub(super) fn rules(section: &Section<'_>) -> Rules {
    let time = |hour, minute| NaiveTime::from_hms_opt(hour, minute, 0).unwrap_or_default();
    let night = QuietHours { from: time(17, 0), to: time(7, 30) };
    let budget = section.number("messages_per_week", 0, 0..=50);
    let rules = Rules {
        quiet_hours: section.value("quiet_hours", Some(night), value::quiet_hours),
        messages_per_week: u32::try_from(budget).ok().filter(|budget| *budget > 0),
        policy: policy(section),
    };
    section.finish();
    rules
}

fn policy(section: &Section<'_>) -> Policy {
    let default = Terms::default();
    let Changes { repeat_after, misses, recovery_margin, grace, thanks, ladder } = changes(section);
    let base = Terms {
        repeat_after: repeat_after.unwrap_or(default.repeat_after),
        misses: misses.unwrap_or(default.misses),
        recovery_margin: recovery_margin.unwrap_or(default.recovery_margin),
        grace: grace.unwrap_or(default.grace),
        thanks: thanks.unwrap_or(default.thanks),
        ladder: ladder.unwrap_or(default.ladder),
    };
    let rules = section.sections("rule").into_iter().flatten();
    Policy { base, rules: rules.filter_map(|section| rule(&section)).collect() }
}

fn rule(section: &Section<'_>) -> Option<PolicyRule> {
    let name = section.required("name", "name = \"sở, ngành\"", value::filled);
    let fits = Fits {
        kinds: section.list("kinds", Vec::new(), |text| one_of(text, &Kind::ALL, Kind::word)),
        levels: section.list("levels", Vec::new(), |text| one_of(text, &Level::ALL, Level::word)),
        under: section.list("under", Vec::new(), value::filled),
        indicators: section.list("indicators", Vec::new(), |text| value::filled(text).map(|id| IndicatorId::new(&id))),
    };
    let changes = changes(section);
    if changes == Changes::default() {
        section.report_key(
            "name",
            "bad_value",
            "is a rule that changes nothing",
            "give it a key of [policy] or a step",
        );
    }
    section.finish();
    Some(PolicyRule { name: name?, fits, changes })
}

fn changes(section: &Section<'_>) -> Changes {
    let misses = section.has("misses").then(|| section.number("misses", 1, 1..=12));
    Changes {
        repeat_after: section.optional("repeat_after", value::working_days),
        misses: misses.and_then(|misses| u32::try_from(misses).ok()),
        recovery_margin: section.optional("recovery_margin", points),
        grace: section.optional("grace", value::working_days),
        thanks: section.has("thanks").then(|| section.flag("thanks", false)),
        ladder: ladder(section),
    }
}

fn ladder(section: &Section<'_>) -> Option<Arc<[Step]>> {
    let sections = section.sections("step")?;
    let steps: Vec<Step> = sections.iter().filter_map(step).collect();
    let climbs = steps.first().is_some_and(|first| first.from == 1)
        && steps.is_sorted_by(|lower, higher| lower.from < higher.from);
    if !climbs && steps.len() == sections.len() {
        let what = "must climb: the first from = 1, each later one from a later reminder";
        section.report_key("step", "bad_value", what, "write from = 1, from = 2, from = 4 in the order of the steps");
        return None;
    }
    (!steps.is_empty()).then(|| Arc::from(steps))
}

fn step(section: &Section<'_>) -> Option<Step> {
    let name = section.required("name", "name = \"đồng gửi cấp trên\"", value::filled);
    let from = section.number("from", 1, 1..=100);
    let tones = Tone::ALL.map(|tone| (tone.word(), tone));
    let default = if from == 1 { Tone::First } else { Tone::Repeat };
    let step = Step {
        name: name.unwrap_or_default(),
        from: u32::try_from(from).unwrap_or(1),
        tone: section.value("tone", default, |text| value::word(text, &tones)),
        copy: section.flag("copy_to_superior", false),
        letter: section.flag("letter", false),
        repeat_after: section.optional("repeat_after", value::working_days),
        channels: section.list("channels", Vec::new(), value::name),
    };
    section.finish();
    (!step.name.is_empty()).then_some(step)
}

/// `2.5` percentage points.
fn points(text: &str) -> Result<BasisPoints, Wrong> {
    text.parse().or_else(|()| wrong(format!("{text:?} is no number of percentage points"), "write \"2\" or \"2.5\""))
}

fn one_of<T: Copy>(text: &str, all: &[T], word: fn(T) -> &'static str) -> Result<T, Wrong> {
    let words: Vec<(&'static str, T)> = all.iter().map(|item| (word(*item), *item)).collect();
    value::word(text, &words)
}
