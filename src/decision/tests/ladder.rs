//! How firmly: steps, rules, broken promises, ends.

use super::*;
use crate::catalog::Level;
use crate::decision::{Changes, Fits, PolicyRule, Promise, Step, Terms, Tone, Word};

fn step(name: &str, from: u32, tone: Tone, copy: bool) -> Step {
    Step { name: name.into(), from, tone, copy, letter: false, repeat_after: None, channels: Vec::new() }
}

fn three_steps(rules: &mut Rules) {
    rules.policy.base.ladder = Arc::from([
        step("thông báo", 1, Tone::First, false),
        step("nhắc lại", 2, Tone::Repeat, false),
        Step { repeat_after: Some(10), ..step("đồng gửi", 4, Tone::Formal, true) },
    ]);
}

#[test]
fn each_reminder_stands_on_its_step_and_the_copy_is_owed_until_it_is_written() {
    let mut story = Story::with(three_steps);
    for (as_of, name, copy) in [
        ("2022-03-07", "thông báo", false),
        ("2022-03-14", "nhắc lại", false),
        ("2022-03-21", "nhắc lại", false),
        ("2022-03-28", "đồng gửi", true),
    ] {
        let decisions = story.round(as_of, &[("A", "filing", 40)]);
        assert_eq!(decisions[0].step().map(|step| step.name.as_str()), Some(name), "{as_of}");
        assert_eq!(story.case().copy_due, copy, "{as_of}");
    }
}

#[test]
fn a_step_may_wait_longer_than_the_policy() {
    let mut story = Story::with(three_steps);
    for as_of in ["2022-03-07", "2022-03-14", "2022-03-21", "2022-03-28"] {
        story.filing(as_of, 40);
    }
    assert_eq!(story.filing("2022-04-08", 40), "too_soon");
    assert_eq!(story.filing("2022-04-12", 40), "repeat_due", "ten working days, Hùng Kings' day among them");
}

#[test]
fn a_broken_promise_climbs_one_step_at_once_and_counts_once() {
    let mut story = Story::with(three_steps);
    assert_eq!(story.filing("2022-03-07", 40), "first_miss");
    let words = vec![Word::Promised { on: day("2022-03-08"), by: day("2022-03-18") }];
    story.history.words.insert((UnitId::new("A"), IndicatorId::new("filing")), words);
    assert_eq!(story.filing("2022-03-14", 40), "promised");
    assert_eq!(story.filing("2022-03-18", 40), "promised", "the day itself is his");
    let decisions = story.round("2022-03-19", &[("A", "filing", 40)]);
    assert_eq!(word(&decisions[0]), "promise_broken");
    assert_eq!(decisions[0].promise, Some(Promise::Broken(day("2022-03-18"))));
    assert_eq!(
        decisions[0].step().map(|step| step.name.as_str()),
        Some("đồng gửi"),
        "second reminder, one step higher"
    );
    assert_eq!(story.filing("2022-03-21", 40), "too_soon", "the same promise is not broken twice");
    assert_eq!(story.case().raised, 1);
}

#[test]
fn a_promise_that_was_kept_is_recorded_with_the_end_of_the_case() {
    let mut story = Story::new();
    story.filing("2022-03-07", 40);
    let words = vec![Word::Promised { on: day("2022-03-08"), by: day("2022-03-18") }];
    story.history.words.insert((UnitId::new("A"), IndicatorId::new("filing")), words);
    let decisions = story.round("2022-03-21", &[("A", "filing", 55)]);
    assert_eq!((word(&decisions[0]), decisions[0].promise), ("recovered", Some(Promise::Kept(day("2022-03-18")))));
}

#[test]
fn of_two_rules_that_fit_the_later_one_wins_key_by_key() {
    let rule = |name: &str, fits, changes| PolicyRule { name: name.into(), fits, changes };
    let communes = Fits { levels: vec![Level::Commune], ..Fits::default() };
    let of_district = Fits { under: vec!["D".into()], indicators: vec![IndicatorId::new("filing")], ..Fits::default() };
    let story = Story::with(|rules| {
        rules.policy.rules = vec![
            rule("xã", communes, Changes { repeat_after: Some(10), misses: Some(2), ..Changes::default() }),
            rule("huyện D", of_district, Changes { repeat_after: Some(3), ..Changes::default() }),
        ];
    });
    let catalog = story.catalog("2022-03-07");
    let terms = |code: &str, indicator: &str| {
        let unit = catalog.unit(&UnitId::new(code)).expect("a unit");
        let Terms { repeat_after, misses, .. } = story.rules.policy.terms(&catalog, unit, &IndicatorId::new(indicator));
        (repeat_after, misses)
    };
    assert_eq!(terms("A", "filing"), (3, 2));
    assert_eq!(terms("A", "payment"), (10, 2));
    assert_eq!(terms("D", "filing"), (3, 1), "the district itself is of its own subtree");
    assert_eq!(terms("S", "filing"), (5, 1));
}

#[test]
fn thanks_are_due_to_whom_was_reminded_and_only_where_the_policy_says_so() {
    for (thanks, expected) in [(true, true), (false, false)] {
        let mut story = Story::with(|rules| rules.policy.base.thanks = thanks);
        story.filing("2022-03-07", 40);
        let decisions = story.round("2022-03-14", &[("A", "filing", 60), ("B", "filing", 60)]);
        assert_eq!(decisions.iter().map(Decision::is_thanked).collect::<Vec<_>>(), [expected, false]);
    }
}
