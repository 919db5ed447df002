//! When nobody is reminded, and why.

use super::*;
use crate::decision::{Guard, Silence, Word};

#[test]
fn below_target_is_reminded_at_once_and_again_after_the_interval() {
    let mut story = Story::new();
    assert_eq!(story.filing("2022-03-07", 40), "first_miss");
    assert_eq!(story.filing("2022-03-07", 40), "too_soon", "deciding twice adds nothing");
    assert_eq!(story.filing("2022-03-11", 40), "too_soon");
    assert_eq!(story.filing("2022-03-14", 40), "repeat_due");
    assert_eq!(story.filing("2022-03-15", 55), "recovered");
    assert_eq!(story.filing("2022-03-16", 40), "first_miss", "the case begins anew");
}

#[test]
fn a_first_reminder_waits_for_as_many_misses_in_a_row_as_the_policy_says() {
    let mut story = Story::with(|rules| rules.policy.base.misses = 3);
    assert_eq!(story.filing("2022-03-07", 40), "watching");
    assert_eq!(story.filing("2022-03-07", 40), "watching", "the same day is one miss");
    assert_eq!(story.filing("2022-03-14", 40), "watching");
    assert_eq!(story.filing("2022-03-21", 40), "first_miss");
    assert_eq!(story.case().reminders, 1);

    let mut story = Story::with(|rules| rules.policy.base.misses = 2);
    story.filing("2022-03-07", 40);
    assert_eq!(story.filing("2022-03-14", 50), "recovered");
    assert_eq!(story.filing("2022-03-21", 40), "watching", "in a row");
}

#[test]
fn units_that_were_only_watched_are_new_to_the_mass_mail_guard() {
    let mut story = Story::with(|rules| rules.policy.base.misses = 2);
    let figures = [("A", "filing", 40), ("B", "filing", 40), ("S", "filing", 60)];
    story.round("2022-03-07", &figures);
    let before = story.history.clone();
    let decisions = story.round("2022-03-14", &figures);
    let guard = Guard { newly_below_percent: 20, batch_percent: 150, largest_batch: None };
    assert_eq!(guard.trips(&decisions, &before).map(|alarm| alarm.newly_below), Some(2));
}

#[test]
fn a_case_ends_only_as_far_above_the_target_as_the_policy_says() {
    let mut story = Story::with(|rules| rules.policy.base.recovery_margin = BasisPoints(300));
    story.filing("2022-03-07", 40);
    assert_eq!(story.filing("2022-03-14", 52), "not_yet_recovered");
    assert_eq!(story.filing("2022-03-21", 49), "repeat_due", "the old case goes on");
    assert_eq!(story.filing("2022-03-28", 53), "recovered", "50 and 3 points");
}

#[test]
fn a_margin_beyond_a_hundred_percent_asks_for_all_dossiers() {
    let mut story = Story::with(|rules| rules.policy.base.recovery_margin = BasisPoints(6_000));
    story.filing("2022-03-07", 40);
    assert_eq!(story.filing("2022-03-14", 99), "not_yet_recovered");
    assert_eq!(story.filing("2022-03-21", 100), "recovered");
}

#[test]
fn a_disputed_figure_is_let_alone_while_staff_look_into_it() {
    let mut story = Story::new();
    story.filing("2022-03-07", 40);
    let key = (UnitId::new("A"), IndicatorId::new("filing"));
    story.history.words.insert(key, vec![Word::Disputed { on: day("2022-03-08"), until: day("2022-03-18") }]);
    assert_eq!(story.filing("2022-03-18", 40), "disputed");
    assert_eq!(story.filing("2022-03-21", 40), "repeat_due");
}

#[test]
fn words_about_an_earlier_case_hold_nothing_up() {
    let mut story = Story::new();
    let key = (UnitId::new("A"), IndicatorId::new("filing"));
    story.filing("2022-03-07", 40);
    story.history.words.insert(key, vec![Word::Promised { on: day("2022-03-08"), by: day("2022-06-30") }]);
    assert_eq!(story.filing("2022-03-14", 60), "recovered");
    assert_eq!(story.filing("2022-03-21", 40), "first_miss");
    assert_eq!(story.filing("2022-03-28", 40), "repeat_due");
}

fn silence(unit: Option<&str>, subtree: bool, indicator: Option<&str>) -> Silence {
    Silence {
        id: uuid::Uuid::from_u128(7),
        unit: unit.map(UnitId::new),
        subtree,
        indicator: indicator.map(IndicatorId::new),
        from: day("2022-03-01"),
        until: day("2022-03-31"),
        author: "Văn phòng".into(),
        reason: "lũ".into(),
        ended_on: None,
    }
}

#[test]
fn a_silence_hides_what_would_be_due_and_nothing_else() {
    let figures =
        [("A", "filing", 40), ("A", "payment", 10), ("B", "filing", 40), ("D", "filing", 40), ("S", "filing", 60)];
    for (silence, hidden) in [
        (silence(Some("A"), false, None), vec![0, 1]),
        (silence(Some("A"), false, Some("payment")), vec![1]),
        (silence(Some("D"), true, None), vec![0, 1, 2, 3]),
        (silence(Some("D"), false, None), vec![3]),
        (silence(None, false, Some("filing")), vec![0, 2, 3]),
        (Silence { ended_on: Some(day("2022-03-07")), ..silence(None, false, None) }, vec![]),
        (Silence { until: day("2022-03-06"), ..silence(None, false, None) }, vec![]),
    ] {
        let mut story = Story::new();
        story.history.silences.push(silence.clone());
        let decisions = story.round("2022-03-07", &figures);
        let silenced: Vec<usize> =
            decisions.iter().enumerate().filter(|(_, d)| d.silence.is_some()).map(|(at, _)| at).collect();
        assert_eq!(silenced, hidden, "{silence:?}");
        let told = decisions.iter().filter(|decision| word(decision) == "silenced").count();
        assert_eq!(told, hidden.len());
        assert_eq!(word(&decisions[4]), "met");
    }
}

#[test]
fn a_new_unit_has_its_grace() {
    let mut story = Story::with(|rules| rules.policy.base.grace = 20);
    story.pack.units[2].valid.from = Some(day("2022-03-01"));
    let figures = [("A", "filing", 40), ("B", "filing", 40)];
    let words = |decisions: &[Decision]| decisions.iter().map(word).collect::<Vec<_>>();
    assert_eq!(words(&story.round("2022-03-14", &figures)), ["new_unit", "first_miss"]);
    assert_eq!(words(&story.round("2022-03-28", &figures)), ["new_unit", "repeat_due"]);
    assert_eq!(words(&story.round("2022-03-29", &figures)), ["first_miss", "too_soon"]);
}

#[test]
fn a_head_gets_no_more_messages_a_week_than_the_budget_and_hears_the_rest_later() {
    let mut story = Story::with(|rules| rules.messages_per_week = Some(1));
    assert_eq!(story.filing("2022-03-07", 40), "first_miss");
    let decisions = story.round("2022-03-09", &[("A", "filing", 40), ("A", "payment", 10)]);
    assert_eq!(decisions.iter().map(word).collect::<Vec<_>>(), ["budget_spent", "budget_spent"]);
    assert!(
        !story.history.open.contains_key(&(UnitId::new("A"), IndicatorId::new("payment"))),
        "no case without a word"
    );
    let decisions = story.round("2022-03-14", &[("A", "filing", 40), ("A", "payment", 10)]);
    assert_eq!(decisions.iter().map(word).collect::<Vec<_>>(), ["repeat_due", "first_miss"]);
}

#[test]
fn who_is_reminded_anyway_hears_of_all_that_is_below() {
    let mut story = Story::new();
    story.filing("2022-03-07", 40);
    let decisions = story.round("2022-03-09", &[("A", "filing", 40), ("A", "payment", 10), ("B", "filing", 60)]);
    assert_eq!(decisions.iter().map(word).collect::<Vec<_>>(), ["joined", "first_miss", "met"]);
}

#[test]
fn without_recipient_target_or_newer_date_nobody_is_reminded() {
    let mut story = Story::new();
    story.pack.contacts.retain(|contact| contact.unit != UnitId::new("A"));
    assert_eq!(story.filing("2022-03-07", 40), "no_recipient");

    let mut story = Story::new();
    story.pack.targets[0].valid.to = Some(day("2022-03-06"));
    assert_eq!(story.filing("2022-03-07", 40), "not_assessed", "an expired target");

    let mut story = Story::new();
    story.filing("2022-03-07", 60);
    assert_eq!(story.filing("2022-02-28", 40), "older_than_history");

    let mut story = Story::new();
    story.pack.targets[0].demand = Demand::Instruction;
    assert_eq!(story.filing("2022-03-07", 40), "instruction_only");
}

#[test]
fn the_word_of_a_unit_is_that_of_its_most_telling_indicator() {
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
    assert!(all.is_sorted());
    let words: std::collections::HashSet<&str> = all.iter().map(|hold| hold.word()).collect();
    let reasons = [Reason::FirstMiss, Reason::RepeatDue, Reason::PromiseBroken, Reason::Joined];
    assert_eq!(words.len() + reasons.len(), all.len() + reasons.len());
}
