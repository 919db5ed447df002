//! The decision itself, pure: judgements, history, rules and a date in; one answer with a reason per indicator out.

use std::collections::{BTreeSet, HashMap, HashSet};

use chrono::{Days, NaiveDate};

use super::policy::Book;
use super::{Case, CaseMove, Decision, History, Hold, Outcome, Promise, Reason, Rules, Terms, Word};
use crate::catalog::{Catalog, Demand, IndicatorId, UnitId};
use crate::evaluation::{Evaluation, Standing, Why};

/// Days in which a head's messages are counted.
const WEEK: u64 = 7;

/// Decides for every evaluation, in the same order.
///
/// Deciding a second time with the first result as history reminds nobody: the cases are open and reminded of.
pub fn decide(
    catalog: &Catalog,
    evaluations: &[Evaluation],
    history: &History,
    rules: &Rules,
    as_of: NaiveDate,
) -> Vec<Decision> {
    let mut desk = Desk { catalog, history, as_of, book: Book::new(&rules.policy, catalog), days: HashMap::new() };
    let mut decisions: Vec<Decision> = evaluations.iter().map(|evaluation| desk.decide(evaluation)).collect();
    join(catalog, &mut decisions);
    if let Some(budget) = rules.messages_per_week {
        spend(catalog, history, &mut decisions, (budget, as_of));
    }
    decisions
}

type Key = (UnitId, IndicatorId);

/// What is at hand while cases are decided one by one.
struct Desk<'a> {
    catalog: &'a Catalog,
    history: &'a History,
    as_of: NaiveDate,
    book: Book<'a>,
    /// Working days are counted once per date and number, not once per case.
    days: HashMap<(NaiveDate, u32), NaiveDate>,
}

/// An answer and how the case moves.
type Answer = (Outcome, CaseMove);

const fn hold(hold: Hold) -> Answer {
    (Outcome::Hold(hold), CaseMove::None)
}

impl Desk<'_> {
    fn decide(&mut self, evaluation: &Evaluation) -> Decision {
        let key: Key = (evaluation.unit.clone(), evaluation.indicator.id.clone());
        let terms = self.book.terms(&key.0, &key.1);
        let open = self.history.open.get(&key);
        let past = self.history.last_as_of.is_some_and(|last| self.as_of < last);
        let promise = open.and_then(|case| self.promise(&key, case, &evaluation.standing)).filter(|_| !past);
        let mut silence = None;
        let (outcome, case) = match (&evaluation.standing, open) {
            (Standing::NotAssessed(Why::SourcesDiffer), _) => hold(Hold::SourcesDiffer),
            (Standing::NotAssessed(_), _) => hold(Hold::NotAssessed),
            (Standing::Met, None) => hold(Hold::Met),
            (Standing::Met, Some(_)) | (Standing::Below(_), _) if past => hold(Hold::OlderThanHistory),
            (Standing::Met, Some(_)) if !is_recovered(evaluation, &terms) => hold(Hold::NotYetRecovered),
            (Standing::Met, Some(_)) => (Outcome::Hold(Hold::Recovered), CaseMove::Close),
            (Standing::Below(_), _) if only_instructed(evaluation) => hold(Hold::InstructionOnly),
            (Standing::Below(_), _) if self.catalog.recipient_of(&key.0).is_none() => hold(Hold::NoRecipient),
            (Standing::Below(_), _) if self.is_new(&key.0, terms.grace) => hold(Hold::NewUnit),
            (Standing::Below(_), _) => {
                let due = self.below(open, &terms, promise);
                silence = self.silence(&key).filter(|_| matches!(due.0, Outcome::Remind { .. }));
                match self.answered(&key, open) {
                    Some(answered) => hold(answered),
                    None if silence.is_some() => hold(Hold::Silenced),
                    None => due,
                }
            }
        };
        let before = |count: fn(&Case) -> u32| open.map_or(0, count);
        let broken = matches!((promise, outcome), (Some(Promise::Broken(_)), Outcome::Remind { .. }));
        Decision {
            unit: key.0,
            indicator: key.1,
            outcome,
            case,
            reminders_before: before(|case| case.reminders),
            terms,
            raised: before(|case| case.raised) + u32::from(broken),
            silence: silence.filter(|_| outcome == Outcome::Hold(Hold::Silenced)),
            promise: promise.filter(|_| broken || case == CaseMove::Close),
        }
    }

    /// Below target, with somebody to tell: whether he is told now.
    fn below(&mut self, open: Option<&Case>, terms: &Terms, promise: Option<Promise>) -> Answer {
        let remind = |reason, step, case| (Outcome::Remind { reason, step }, case);
        match open {
            None if terms.misses <= 1 => remind(Reason::FirstMiss, 1, CaseMove::Open),
            None => (Outcome::Hold(Hold::Watching), CaseMove::Watch),
            Some(case) if case.reminders == 0 => {
                let counted = case.missed_on.is_some_and(|missed| missed >= self.as_of);
                if case.misses + u32::from(!counted) >= terms.misses {
                    remind(Reason::FirstMiss, 1, CaseMove::Remind)
                } else {
                    (Outcome::Hold(Hold::Watching), CaseMove::Watch)
                }
            }
            Some(case) if matches!(promise, Some(Promise::Broken(_))) => {
                remind(Reason::PromiseBroken, case.reminders + 1, CaseMove::Remind)
            }
            Some(case) if self.repeat_is_due(case, terms) => {
                remind(Reason::RepeatDue, case.reminders + 1, CaseMove::Remind)
            }
            Some(_) => hold(Hold::TooSoon),
        }
    }

    /// What the head's own words hold up.
    fn answered(&self, key: &Key, open: Option<&Case>) -> Option<Hold> {
        let opened_on = open?.opened_on;
        let words = self.history.words.get(key)?;
        let holds = words.iter().filter_map(|word| match *word {
            Word::Disputed { on, until } if on >= opened_on && self.as_of <= until => Some(Hold::Disputed),
            Word::Promised { on, by } if on >= opened_on && !self.covers(by) => Some(Hold::Promised),
            Word::Promised { .. } | Word::Disputed { .. } => None,
        });
        holds.max()
    }

    /// Whether the round and its figures are past the promised date.
    fn covers(&self, by: NaiveDate) -> bool {
        self.as_of > by && self.catalog.as_of() >= by
    }

    /// What became of a promise that was not told of before.
    fn promise(&self, key: &Key, case: &Case, standing: &Standing) -> Option<Promise> {
        let words = self.history.words.get(key)?.iter();
        let by = words.filter_map(|word| match *word {
            Word::Promised { on, by } if on >= case.opened_on && case.broken_on.is_none_or(|told| told < by) => {
                Some(by)
            }
            Word::Promised { .. } | Word::Disputed { .. } => None,
        });
        let by = by.max()?;
        match standing {
            Standing::Met => Some(Promise::Kept(by)),
            Standing::Below(_) if self.covers(by) => Some(Promise::Broken(by)),
            Standing::Below(_) | Standing::NotAssessed(_) => None,
        }
    }

    fn silence(&self, (unit, indicator): &Key) -> Option<uuid::Uuid> {
        let mut silences = self.history.silences.iter().filter(|silence| silence.holds_on(self.as_of));
        silences.find(|silence| silence.covers(self.catalog, unit, indicator)).map(|silence| silence.id)
    }

    fn is_new(&mut self, unit: &UnitId, grace: u32) -> bool {
        let since = self.catalog.unit(unit).and_then(|unit| unit.valid.from).filter(|_| grace > 0);
        let grown = since.map(|since| self.working_days_after(since, grace));
        grown.is_some_and(|grown| self.as_of < grown)
    }

    fn repeat_is_due(&mut self, case: &Case, terms: &Terms) -> bool {
        let Some(last) = case.reminded_on else { return true };
        let due = self.working_days_after(last, terms.wait_after(case.reminders, case.raised));
        self.as_of > last && self.as_of >= due
    }

    fn working_days_after(&mut self, date: NaiveDate, days: u32) -> NaiveDate {
        let calendar = &self.catalog.calendar;
        *self.days.entry((date, days)).or_insert_with(|| calendar.working_days_after(date, days))
    }
}

fn only_instructed(evaluation: &Evaluation) -> bool {
    let instructed = evaluation.target.as_ref().is_some_and(|target| target.demand == Demand::Instruction);
    instructed && !evaluation.indicator.remind_instruction
}

/// Whether a rate on target is far enough above it to end a case; never further than 100 %.
fn is_recovered(evaluation: &Evaluation, terms: &Terms) -> bool {
    let margin = terms.recovery_margin;
    let judged = evaluation.rate.zip(evaluation.demanded);
    margin.0 == 0 || judged.is_none_or(|(rate, demanded)| demanded.exceeded_by(rate, margin))
}

/// Who gets a message anyway hears of everything that is below, so that the next day brings no second message.
fn join(catalog: &Catalog, decisions: &mut [Decision]) {
    let recipient = |decision: &Decision| catalog.recipient_of(&decision.unit).map(|recipient| recipient.id.as_str());
    let reminded: HashSet<&str> =
        decisions.iter().filter(|decision| decision.is_reminder()).filter_map(recipient).collect();
    for decision in decisions.iter_mut() {
        let joins = decision.outcome == Outcome::Hold(Hold::TooSoon);
        if joins && recipient(decision).is_some_and(|id| reminded.contains(id)) {
            decision.outcome = Outcome::Remind { reason: Reason::Joined, step: decision.reminders_before.max(1) };
            decision.case = CaseMove::Join;
        }
    }
}

/// Holds the message of a head who got `budget` of them in the week before; what it would have said waits for the next.
fn spend(catalog: &Catalog, history: &History, decisions: &mut [Decision], (budget, as_of): (u32, NaiveDate)) {
    let since = as_of.checked_sub_days(Days::new(WEEK)).unwrap_or(as_of);
    let mut spent: HashMap<&str, BTreeSet<NaiveDate>> = HashMap::new();
    for (unit, dates) in &history.recent {
        let Some(recipient) = catalog.recipient_of(unit) else { continue };
        let this_week = dates.iter().filter(|date| since < **date && **date < as_of);
        spent.entry(&recipient.id).or_default().extend(this_week);
    }
    let budget = usize::try_from(budget).unwrap_or(usize::MAX);
    for decision in decisions.iter_mut().filter(|decision| decision.is_reminder()) {
        let Some(recipient) = catalog.recipient_of(&decision.unit) else { continue };
        if spent.get(recipient.id.as_str()).is_some_and(|dates| dates.len() >= budget) {
            (decision.outcome, decision.case) = hold(Hold::BudgetSpent);
            decision.promise = None;
            decision.raised =
                history.open.get(&(decision.unit.clone(), decision.indicator.clone())).map_or(0, |case| case.raised);
        }
    }
}
