//! Five years of rounds over three hundred units, with everything that goes wrong: what must never happen does not.

use std::collections::{BTreeMap, HashMap};

use chrono::{Days, TimeZone as _, Utc};

use super::*;
use crate::clock::ZONE;
use crate::decision::{QuietHours, Silence, Step, Terms, Tone, Word};

const UNITS: usize = 300;
const WEEKS: u64 = 260;

/// The same throws on every machine.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }

    fn one_in(&mut self, sides: u64) -> bool {
        self.roll(sides) == 0
    }
}

fn province() -> Pack {
    let mut pack = Pack {
        units: vec![unit("24", Kind::Province, None)],
        indicators: ["filing", "payment", "result"].map(indicator).into(),
        targets: vec![target("filing", 50), target("payment", 30), target("result", 80)],
        ..Pack::default()
    };
    for number in 0..UNITS {
        let code = format!("U{number:03}");
        let parent = if number < 10 { "24".to_owned() } else { format!("U{:03}", number % 10) };
        let kind = if number < 10 { Kind::District } else { Kind::Commune };
        pack.units.push(unit(&code, kind, Some(&parent)));
        pack.contacts.push(head(&code));
    }
    // A target that runs out, offices that fall vacant, units that begin, one that ends.
    pack.targets[1].valid.to = Some(day("2024-06-30"));
    for (contact, until) in [(20, "2022-12-31"), (21, "2023-05-31"), (22, "2025-01-31")] {
        pack.contacts[contact].valid.to = Some(day(until));
    }
    for number in 31..61 {
        pack.units[number].valid.from = Some(day("2023-07-01"));
    }
    pack.units[61].valid.to = Some(day("2023-06-30"));
    pack
}

fn rules() -> Rules {
    let time = |text: &str| text.parse().expect("a time");
    let step = |name: &str, from, tone, copy| Step {
        name: name.into(),
        from,
        tone,
        copy,
        letter: copy,
        repeat_after: None,
        channels: Vec::new(),
    };
    let mut rules = Rules {
        quiet_hours: Some(QuietHours { from: time("17:00:00"), to: time("07:30:00") }),
        messages_per_week: Some(1),
        ..Rules::default()
    };
    rules.policy.base = Terms {
        misses: 2,
        recovery_margin: BasisPoints(100),
        grace: 20,
        thanks: true,
        ladder: Arc::from([
            step("thông báo", 1, Tone::First, false),
            step("nhắc lại", 2, Tone::Repeat, false),
            step("đồng gửi", 4, Tone::Formal, true),
        ]),
        ..Terms::default()
    };
    rules
}

/// A round, before it is remembered.
#[derive(Clone, Copy)]
struct Week<'a> {
    catalog: &'a Catalog,
    history: &'a History,
    rules: &'a Rules,
    decisions: &'a [Decision],
    figures: &'a [Evaluation],
    as_of: NaiveDate,
}

/// What a reminder must not contradict.
struct Watch {
    told: HashMap<(UnitId, IndicatorId), NaiveDate>,
    messages: HashMap<String, Vec<NaiveDate>>,
    reasons: BTreeMap<&'static str, u64>,
}

impl Watch {
    fn check(&mut self, week: &Week<'_>) {
        let Week { catalog, history, rules, decisions, figures, as_of } = *week;
        let mut reached: Vec<&str> = Vec::new();
        for (decision, evaluation) in decisions.iter().zip(figures) {
            *self.reasons.entry(word(decision)).or_default() += 1;
            let key = (decision.unit.clone(), decision.indicator.clone());
            if let Outcome::Remind { reason, step } = decision.outcome {
                let context = || format!("{as_of} {} {} {}", key.0, key.1, reason.word());
                assert!(matches!(evaluation.standing, Standing::Below(_)), "never above target: {}", context());
                assert!(
                    evaluation.target.as_ref().is_some_and(|target| target.valid.covers(catalog.as_of())),
                    "{}",
                    context()
                );
                let recipient = catalog.recipient_of(&key.0).expect("never to a person whose term ended");
                let open = history.open.get(&key);
                assert_eq!(open.is_none_or(|case| case.reminders == 0), reason == Reason::FirstMiss, "{}", context());
                assert!(step >= 1 && decision.step().is_some(), "{}", context());
                if let Some(last) = open.and_then(|case| case.reminded_on) {
                    let due = catalog.calendar.working_days_after(last, 5);
                    let early = as_of < due && !matches!(reason, Reason::Joined | Reason::PromiseBroken);
                    assert!(as_of > last && !early, "never twice in a period: {}", context());
                }
                for word in history.words.get(&key).into_iter().flatten() {
                    let opened = open.map(|case| case.opened_on);
                    if let Word::Disputed { on, until } = *word {
                        assert!(opened.is_none_or(|opened| on < opened) || as_of > until, "disputed: {}", context());
                    }
                }
                assert!(
                    !history.silences.iter().any(|s| s.holds_on(as_of) && s.covers(catalog, &key.0, &key.1)),
                    "silenced: {}",
                    context()
                );
                self.told.insert(key, as_of);
                if !reached.contains(&recipient.id.as_str()) {
                    reached.push(&recipient.id);
                }
            }
        }
        for recipient in reached {
            let dates = self.messages.entry(recipient.to_owned()).or_default();
            let this_week = dates.iter().filter(|date| **date > as_of - Days::new(7) && **date <= as_of).count();
            assert_eq!(this_week, 0, "{as_of}: a second message in a week to {recipient}");
            dates.push(as_of);
        }
        let sent = Utc.from_utc_datetime(&as_of.and_hms_opt(13, 0, 0).expect("an hour"));
        let opens = rules.opens_at(&catalog.calendar, sent).with_timezone(&ZONE);
        assert!(catalog.calendar.is_working_day(opens.date_naive()), "{opens}");
        assert!((day_time("07:30:00")..day_time("17:00:00")).contains(&opens.time()), "never outside hours: {opens}");
    }
}

fn day_time(text: &str) -> chrono::NaiveTime {
    text.parse().expect("a time")
}

#[test]
fn in_five_years_of_weeks_nobody_is_reminded_wrongly() {
    let (pack, rules, mut dice) = (province(), rules(), Dice(2_022));
    let mut history = History::default();
    let mut watch = Watch { told: HashMap::new(), messages: HashMap::new(), reasons: BTreeMap::new() };
    let mut rates: Vec<[u64; 3]> = (0..=UNITS).map(|_| [dice.roll(101), dice.roll(101), dice.roll(101)]).collect();
    let first = day("2022-01-03");
    for week in 0..WEEKS {
        if dice.one_in(25) {
            continue; // the machine was down
        }
        // A clock that is days ahead or behind.
        let jump = if dice.one_in(40) { dice.roll(20) } else { 3 };
        let as_of = first + Days::new(week * 7 + jump) - Days::new(3);
        let catalog = Catalog::of(&pack, as_of, as_of);
        for rate in rates.iter_mut().flatten() {
            *rate = (*rate + dice.roll(7)).saturating_sub(3).min(100);
        }
        let figures: Vec<Evaluation> = catalog
            .units
            .iter()
            .zip(&rates)
            .skip(1)
            .flat_map(|(unit, rates)| {
                ["filing", "payment", "result"]
                    .into_iter()
                    .zip(rates)
                    .map(|(indicator, rate)| evaluation(&catalog, &unit.code, indicator, *rate))
                    .collect::<Vec<_>>()
            })
            .collect();
        answer(&mut history, &mut dice, as_of);
        let decisions = decide(&catalog, &figures, &history, &rules, as_of);
        assert_eq!(decisions.len(), figures.len(), "every unit has a reason every week");
        let (decided, figures) = (&decisions, &figures);
        watch.check(&Week { catalog: &catalog, history: &history, rules: &rules, decisions: decided, figures, as_of });
        history.remember(&decisions, as_of);
        let again = decide(&catalog, figures, &history, &rules, as_of);
        assert!(!again.iter().any(Decision::is_reminder), "{as_of}: deciding twice adds nothing");
    }
    for reason in [
        "first_miss",
        "repeat_due",
        "promise_broken",
        "promised",
        "disputed",
        "silenced",
        "budget_spent",
        "watching",
        "new_unit",
        "not_yet_recovered",
        "no_recipient",
        "older_than_history",
        "recovered",
        "met",
        "not_assessed",
    ] {
        assert!(watch.reasons.get(reason).is_some_and(|count| *count > 0), "{reason} never came: {:?}", watch.reasons);
    }
}

/// Heads answer, and staff silence something now and then.
fn answer(history: &mut History, dice: &mut Dice, as_of: NaiveDate) {
    let mut open: Vec<_> = history.open.keys().cloned().collect();
    open.sort();
    for key in open {
        if dice.one_in(20) {
            let word = if dice.one_in(3) {
                Word::Disputed { on: as_of, until: as_of + Days::new(dice.roll(14)) }
            } else {
                Word::Promised { on: as_of, by: as_of + Days::new(dice.roll(25)) }
            };
            history.words.insert(key, vec![word]);
        }
    }
    if dice.one_in(15) {
        let code = format!("U{:03}", dice.roll(300));
        history.silences.push(Silence {
            id: uuid::Uuid::from_u128(u128::from(dice.roll(1 << 30))),
            unit: Some(UnitId::new(&code)),
            subtree: true,
            indicator: None,
            from: as_of,
            until: as_of + Days::new(dice.roll(60)),
            author: "Văn phòng".into(),
            reason: "thiên tai".into(),
            ended_on: None,
        });
    }
}
