//! The decision itself, pure: judgements, history, rules and a date in; one answer with a reason per indicator out.

use std::collections::{HashMap, HashSet};

use chrono::NaiveDate;

use super::{CaseMove, Decision, History, Hold, Outcome, Reason, Rules};
use crate::catalog::{Catalog, Demand};
use crate::evaluation::{Evaluation, Standing, Why};

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
    let mut clock = RepeatClock { catalog, rules, as_of, due: HashMap::new() };
    let mut decisions: Vec<Decision> =
        evaluations.iter().map(|evaluation| decide_one(catalog, evaluation, history, &mut clock)).collect();
    join(catalog, &mut decisions);
    decisions
}

fn decide_one(catalog: &Catalog, evaluation: &Evaluation, history: &History, clock: &mut RepeatClock<'_>) -> Decision {
    let key = (evaluation.unit.clone(), evaluation.indicator.id.clone());
    let open = history.open.get(&key);
    let past = history.last_as_of.is_some_and(|last| clock.as_of < last);
    let hold = |hold| (Outcome::Hold(hold), CaseMove::None);
    let (outcome, case) = match (&evaluation.standing, open) {
        (Standing::NotAssessed(Why::SourcesDiffer), _) => hold(Hold::SourcesDiffer),
        (Standing::NotAssessed(_), _) => hold(Hold::NotAssessed),
        (Standing::Met, None) => hold(Hold::Met),
        (Standing::Met, Some(_)) | (Standing::Below(_), _) if past => hold(Hold::OlderThanHistory),
        (Standing::Met, Some(_)) => (Outcome::Hold(Hold::Recovered), CaseMove::Close),
        (Standing::Below(_), _) if only_instructed(evaluation) => hold(Hold::InstructionOnly),
        (Standing::Below(_), _) if catalog.recipient_of(&evaluation.unit).is_none() => hold(Hold::NoRecipient),
        (Standing::Below(_), None) => (Outcome::Remind { reason: Reason::FirstMiss, step: 1 }, CaseMove::Open),
        (Standing::Below(_), Some(case)) if clock.repeat_is_due(case.reminded_on) => {
            (Outcome::Remind { reason: Reason::RepeatDue, step: case.reminders + 1 }, CaseMove::Remind)
        }
        (Standing::Below(_), Some(_)) => hold(Hold::TooSoon),
    };
    let step = open.map_or(0, |case| case.reminders);
    Decision { unit: key.0, indicator: key.1, outcome, case, reminders_before: step }
}

fn only_instructed(evaluation: &Evaluation) -> bool {
    let instructed = evaluation.target.as_ref().is_some_and(|target| target.demand == Demand::Instruction);
    instructed && !evaluation.indicator.remind_instruction
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

/// Counts working days once per date of a last reminder, not once per case.
struct RepeatClock<'a> {
    catalog: &'a Catalog,
    rules: &'a Rules,
    as_of: NaiveDate,
    due: HashMap<NaiveDate, NaiveDate>,
}

impl RepeatClock<'_> {
    fn repeat_is_due(&mut self, reminded_on: Option<NaiveDate>) -> bool {
        let Some(last) = reminded_on else { return true };
        let days = self.rules.repeat_after_working_days;
        let due = self.due.entry(last).or_insert_with(|| self.catalog.calendar.working_days_after(last, days));
        self.as_of >= *due && self.as_of > last
    }
}
