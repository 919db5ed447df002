//! Whom to follow up how firmly: the terms of `[policy]`, and for some units those of `[[policy.rule]]`.

use std::collections::HashMap;
use std::sync::Arc;

use crate::catalog::{BasisPoints, Catalog, IndicatorId, Kind, Level, Unit, UnitId};

/// What holds for everybody, and what some rules change of it. Of two rules that fit, the later one wins, key by key.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Policy {
    /// What no rule changes.
    pub base: Terms,
    /// In the order of the configuration.
    pub rules: Vec<Rule>,
}

/// Other terms for some units and indicators.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Rule {
    /// Its name in explanations.
    pub name: String,
    /// Whom it fits.
    pub fits: Fits,
    /// What it changes.
    pub changes: Changes,
}

/// Whom a rule fits; what is empty fits all.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Fits {
    /// Kinds of units.
    pub kinds: Vec<Kind>,
    /// Levels of units.
    pub levels: Vec<Level>,
    /// Official codes of units: these and all below them.
    pub under: Vec<String>,
    /// Indicators.
    pub indicators: Vec<IndicatorId>,
}

/// How a case is followed up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terms {
    /// Working days between two reminders of one case.
    pub repeat_after: u32,
    /// Rounds in a row below target before the first reminder, from 1.
    pub misses: u32,
    /// How far above its target a rate must be to end a case.
    pub recovery_margin: BasisPoints,
    /// Working days during which a new unit is not reminded.
    pub grace: u32,
    /// Whether heads are thanked when a case of which they were reminded ends.
    pub thanks: bool,
    /// How firmly, from the first reminder on; never empty.
    pub ladder: Arc<[Step]>,
}

/// The keys of [`Terms`] that a rule gives.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Changes {
    /// See [`Terms::repeat_after`].
    pub repeat_after: Option<u32>,
    /// See [`Terms::misses`].
    pub misses: Option<u32>,
    /// See [`Terms::recovery_margin`].
    pub recovery_margin: Option<BasisPoints>,
    /// See [`Terms::grace`].
    pub grace: Option<u32>,
    /// See [`Terms::thanks`].
    pub thanks: Option<bool>,
    /// See [`Terms::ladder`].
    pub ladder: Option<Arc<[Step]>>,
}

/// A step of the ladder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Its name for people.
    pub name: String,
    /// The how-manieth reminder it begins with, from 1.
    pub from: u32,
    /// How its letter speaks.
    pub tone: Tone,
    /// Whether the superior hears of it too.
    pub copy: bool,
    /// Whether it is time for an official letter, which the admins are told.
    pub letter: bool,
    /// Working days until the next reminder, where other than [`Terms::repeat_after`].
    pub repeat_after: Option<u32>,
    /// Names of the channels that are tried first; without any, or where none of them reaches, all in their order.
    pub channels: Vec<String>,
}

/// How a letter speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Tone {
    /// Tells for the first time.
    First,
    /// Reminds of an earlier letter.
    Repeat,
    /// Asks for a report in writing.
    Formal,
}

impl Tone {
    /// Every tone.
    pub const ALL: [Self; 3] = [Self::First, Self::Repeat, Self::Formal];

    /// Its word in the configuration and in names of templates.
    pub const fn word(self) -> &'static str {
        match self {
            Self::First => "first",
            Self::Repeat => "repeat",
            Self::Formal => "formal",
        }
    }
}

impl Default for Terms {
    fn default() -> Self {
        let step = |name: &str, from, tone| Step {
            name: name.to_owned(),
            from,
            tone,
            copy: false,
            letter: false,
            repeat_after: None,
            channels: Vec::new(),
        };
        Self {
            repeat_after: 5,
            misses: 1,
            recovery_margin: BasisPoints(0),
            grace: 0,
            thanks: false,
            ladder: Arc::from([step("thông báo", 1, Tone::First), step("nhắc lại", 2, Tone::Repeat)]),
        }
    }
}

impl Terms {
    /// The place of the step of the how-manieth `reminder`, `raised` steps higher.
    pub fn rung(&self, reminder: u32, raised: u32) -> usize {
        let by_count = self.ladder.iter().rposition(|step| step.from <= reminder).unwrap_or(0);
        let raised = usize::try_from(raised).unwrap_or(usize::MAX);
        by_count.saturating_add(raised).min(self.ladder.len().saturating_sub(1))
    }

    /// Working days between the `reminder` that was sent and the next one.
    pub fn wait_after(&self, reminder: u32, raised: u32) -> u32 {
        let step = self.ladder.get(self.rung(reminder.max(1), raised));
        step.and_then(|step| step.repeat_after).unwrap_or(self.repeat_after)
    }

    fn changed(mut self, changes: &Changes) -> Self {
        let Changes { repeat_after, misses, recovery_margin, grace, thanks, ladder } = changes;
        self.repeat_after = repeat_after.unwrap_or(self.repeat_after);
        self.misses = misses.unwrap_or(self.misses);
        self.recovery_margin = recovery_margin.unwrap_or(self.recovery_margin);
        self.grace = grace.unwrap_or(self.grace);
        self.thanks = thanks.unwrap_or(self.thanks);
        self.ladder = ladder.clone().unwrap_or(self.ladder);
        self
    }
}

impl Policy {
    /// Every step of every ladder.
    pub fn steps(&self) -> impl Iterator<Item = &Step> {
        let ladders = self.rules.iter().filter_map(|rule| rule.changes.ladder.as_ref());
        std::iter::once(&self.base.ladder).chain(ladders).flat_map(|ladder| ladder.iter())
    }

    /// The same terms for everybody.
    pub const fn of(base: Terms) -> Self {
        Self { base, rules: Vec::new() }
    }

    /// The rules that fit, in the order in which they apply.
    pub fn fitting<'p>(
        &'p self,
        catalog: &'p Catalog,
        unit: &'p Unit,
        indicator: &'p IndicatorId,
    ) -> impl Iterator<Item = &'p Rule> {
        self.rules.iter().filter(move |rule| rule.fits.covers(catalog, unit, indicator))
    }

    /// What holds for `unit` and `indicator`.
    pub fn terms(&self, catalog: &Catalog, unit: &Unit, indicator: &IndicatorId) -> Terms {
        self.fitting(catalog, unit, indicator).fold(self.base.clone(), |terms, rule| terms.changed(&rule.changes))
    }
}

impl Fits {
    /// Whether the rule is about `unit` and `indicator`.
    pub fn covers(&self, catalog: &Catalog, unit: &Unit, indicator: &IndicatorId) -> bool {
        let any = |empty: bool, found: bool| empty || found;
        any(self.kinds.is_empty(), self.kinds.contains(&unit.kind))
            && any(self.levels.is_empty(), self.levels.contains(&unit.kind.level()))
            && any(self.indicators.is_empty(), self.indicators.contains(indicator))
            && any(self.under.is_empty(), lineage(catalog, unit).any(|above| self.under.contains(&above.code)))
    }
}

/// The unit and those above it, from below.
pub fn lineage<'c>(catalog: &'c Catalog, unit: &'c Unit) -> impl Iterator<Item = &'c Unit> {
    // A tree that a broken pack bent into a circle has an end all the same.
    const DEEPEST: usize = 16;
    std::iter::successors(Some(unit), |unit| catalog.unit(unit.parent.as_ref()?)).take(DEEPEST)
}

/// Looks terms up once per combination of rules, not once per case.
#[derive(Debug)]
pub(super) struct Book<'a> {
    policy: &'a Policy,
    catalog: &'a Catalog,
    base: Arc<Terms>,
    known: HashMap<Vec<usize>, Arc<Terms>>,
}

impl<'a> Book<'a> {
    pub(super) fn new(policy: &'a Policy, catalog: &'a Catalog) -> Self {
        Self { policy, catalog, base: Arc::new(policy.base.clone()), known: HashMap::new() }
    }

    pub(super) fn terms(&mut self, unit: &UnitId, indicator: &IndicatorId) -> Arc<Terms> {
        let Some(unit) = self.catalog.unit(unit).filter(|_| !self.policy.rules.is_empty()) else {
            return Arc::clone(&self.base);
        };
        let fitting = self.policy.rules.iter().enumerate();
        let fitting: Vec<usize> =
            fitting.filter(|(_, rule)| rule.fits.covers(self.catalog, unit, indicator)).map(|(at, _)| at).collect();
        let terms = || self.policy.terms(self.catalog, unit, indicator);
        Arc::clone(self.known.entry(fitting).or_insert_with(|| Arc::new(terms())))
    }
}
