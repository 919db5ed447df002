//! What conditions accept, refuse and answer.

use proptest::prelude::*;

use super::*;

const KNOWN: [&str; 3] = ["paid_on_portal", "paid_cashless_other", "fee_transactions"];

fn condition(text: &str) -> Condition {
    Condition::new(text, &KNOWN).unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn refused(text: &str) -> ConditionError {
    Condition::new(text, &KNOWN).err().unwrap_or_else(|| panic!("{text} is accepted"))
}

fn holds(text: &str, counts: [Option<u64>; 3]) -> Option<bool> {
    condition(text).holds(|measure| {
        let at = KNOWN.iter().position(|known| *known == measure.as_str());
        counts.get(at?).copied().flatten()
    })
}

#[test]
fn a_condition_holds_from_its_very_limit_on() {
    let text = "paid_cashless_other * 10 >= fee_transactions";
    assert_eq!(holds(text, [None, Some(10), Some(100)]), Some(true));
    assert_eq!(holds(text, [None, Some(9), Some(99)]), Some(false));
    assert_eq!(holds("fee_transactions > 0 && !(paid_on_portal == 0)", [Some(1), None, Some(1)]), Some(true));
    assert_eq!(holds("(paid_on_portal > 5 ? 1 : 2) != 2", [Some(5), None, None]), Some(false));
}

#[test]
fn a_division_drops_the_rest() {
    let at_19_percent = [Some(0), Some(19), Some(100)];
    assert_eq!(holds("fee_transactions / paid_cashless_other == 5", at_19_percent), Some(true));
    assert_eq!(holds("fee_transactions % paid_cashless_other == 5", at_19_percent), Some(true));
}

#[test]
fn a_missing_measure_makes_a_condition_not_applicable_whatever_the_rest_says() {
    for text in ["paid_on_portal == 0", "paid_on_portal > 0 || fee_transactions > 0", "paid_on_portal >= 0 || true"] {
        assert_eq!(holds(text, [None, Some(1), Some(1)]), None, "{text}");
        assert!(holds(text, [Some(0), Some(1), Some(1)]).is_some(), "{text}");
    }
}

#[test]
fn what_cannot_be_reckoned_is_not_applicable() {
    assert_eq!(holds("paid_on_portal / fee_transactions > 0", [Some(1), None, Some(0)]), None);
    assert_eq!(holds("paid_on_portal * 9000000000000000000 > 0", [Some(2), None, None]), None);
    assert_eq!(holds("paid_on_portal > 0", [Some(u64::MAX), None, None]), None);
}

#[test]
fn every_measure_is_named_once() {
    let names = |text: &str| condition(text).measures().iter().map(|m| m.as_str().to_owned()).collect::<Vec<_>>();
    assert_eq!(
        names("paid_on_portal < 3 || paid_on_portal > 9 && fee_transactions > 0"),
        ["paid_on_portal", "fee_transactions"]
    );
}

#[test]
fn an_unknown_measure_is_told_with_its_place_and_the_nearest_name() {
    let error = refused("fee_transactions > 0 && paid_cashles_other > 3");
    assert_eq!((error.at, error.message.as_str()), (24, "unknown measure `paid_cashles_other`"));
    assert!(error.hint.starts_with("did you mean `paid_cashless_other`?"), "{}", error.hint);
}

#[test]
fn a_condition_that_is_not_yes_or_no_is_refused() {
    for text in ["fee_transactions", "fee_transactions - paid_on_portal", "-1", "paid_on_portal > 0 ? 1 : 0"] {
        assert!(refused(text).message.contains("a number, not yes or no"), "{text}");
    }
    for text in [
        "fee_transactions && paid_on_portal > 0",
        "!fee_transactions",
        "(fee_transactions > 0) + 1 > 0",
        "(fee_transactions > 0) == 1",
        "fee_transactions > 0 ? 1 : true",
        "0 < paid_on_portal < 9",
    ] {
        assert!(refused(text).message.starts_with("here stands "), "{text}: {}", refused(text));
    }
}

#[test]
fn nothing_that_loops_or_rounds_or_makes_texts_is_let_in() {
    for text in [
        "[1, 2].exists(x, x > 1)",
        "[1].all(x, true)",
        "size(\"abc\") > 2",
        "\"a\" == \"a\"",
        "fee_transactions > 0.5",
        "fee_transactions > 1u",
        "double(fee_transactions) > 0.5",
        "fee_transactions in [1, 2]",
        "{1: 2}[1] == 2",
        "fee_transactions.paid > 1",
        "has(fee_transactions.paid)",
        "int(fee_transactions) > 1",
        "null == null",
    ] {
        refused(text);
    }
}

#[test]
fn what_is_too_long_too_deep_or_no_cel_is_refused() {
    refused("");
    refused("fee_transactions >");
    refused("fee_transactions => 3");
    refused("fee_transactions ≥ 3");
    assert!(refused(&format!("{} > 1", ["1"; 80].join(" + "))).message.contains("more than 300"));
    assert!(refused(&format!("{}1{} > 0", "(".repeat(9), ")".repeat(9))).message.contains("more than 8"));
    refused(&"(".repeat(300));
    refused(&format!("{}true", "true?true:".repeat(19)));
    condition(&format!("{}1{} > 0", "(".repeat(8), ")".repeat(8)));
    assert!(refused(&format!("{}1 > 0", "1 + ".repeat(40))).message.contains("more than 40"));
    for (piece, end) in [("1+", "1>0"), ("true&&", "true"), ("!", "true"), ("- ", "1<0"), ("0 == ", "1")] {
        let longest =
            format!("{}{end}", piece.repeat(40 / piece.trim_matches(|c: char| c.is_alphanumeric()).len() - 1));
        let _ = Condition::new(&longest, &KNOWN).map(|condition| condition.holds(|_| None));
    }
}

proptest! {
    #[test]
    fn a_condition_answers_as_whole_numbers_do(part in 0..=1_000_000_u64, whole in 0..=1_000_000_u64, percent in 0..=100_u64) {
        let text = format!("paid_on_portal * 100 >= fee_transactions * {percent}");
        prop_assert_eq!(holds(&text, [Some(part), None, Some(whole)]), Some(part * 100 >= whole * percent));
    }

    #[test]
    fn no_text_brings_the_reader_down(text in "[ -~]{0,60}") {
        let _ = Condition::new(&text, &KNOWN);
    }

    #[test]
    fn no_shuffled_condition_brings_the_reader_down(
        words in prop::collection::vec(
            prop::sample::select(vec![
                "fee_transactions", "paid_on_portal", "1", "-", "+", "*", "/", "(", ")", "&&", "||", "!", "?", ":", ">",
                "==", "[", "]", ".", "true", "\"", ",", "has", "{", "}",
            ]),
            0..14,
        ),
    ) {
        if let Ok(condition) = Condition::new(&words.join(" "), &KNOWN) {
            let _ = condition.holds(|_| Some(3));
        }
    }
}
