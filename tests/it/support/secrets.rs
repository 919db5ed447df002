//! What must never be said: every process that the tests run is checked when it ends, whatever the test is about.

/// Marks of every secret that a test hands to the program: keys, tokens, passwords.
const MARKS: [&str; 15] = [
    "ZALO-AT-",
    "ZALO-RT-",
    "ZALO-SECRET",
    "ZALO-BOT-",
    "ESMS-KEY",
    "ESMS-SECRET",
    "SMS-SECRET",
    "HOOK-SECRET",
    "MAIL-SECRET",
    "SRC-TOKEN",
    "SEAL-KEY",
    "TRAP-SECRET",
    "OIDC-SECRET",
    "OIDC-CODE",
    "OIDC-ACCESS",
];

/// Fails when `text` holds a secret.
pub fn hold_no_secret(text: &str) {
    if let Some(mark) = MARKS.iter().find(|mark| text.contains(**mark)) {
        panic!("a secret was said: {mark}… in\n{text}");
    }
}

/// Fails when `log`, which is everything but the words of a message, holds a secret or a whole phone number.
pub fn hold_nothing_private(log: &str) {
    hold_no_secret(log);
    assert_eq!(whole_number(log), None, "a whole phone number was said in\n{log}");
}

/// A sample number (`0900 000 xxx`, also as `84…` and however it is grouped) that stands in `text` unmasked.
fn whole_number(text: &str) -> Option<String> {
    text.lines().find_map(|line| {
        let digits: String = line.chars().filter(|c| !matches!(c, ' ' | '.' | '-' | '(' | ')')).collect();
        ["0900000", "84900000"].into_iter().find_map(|start| {
            let (_, rest) = digits.split_once(start)?;
            let rest: String = rest.chars().take(3).collect();
            (rest.len() == 3 && rest.bytes().all(|byte| byte.is_ascii_digit())).then(|| format!("{start}{rest}"))
        })
    })
}

#[test]
fn a_number_is_found_however_it_is_written_and_a_masked_one_is_none() {
    for whole in ["call 0900 000 001", "to=+84900000123", "0900.000.999,", "phone: (0900) 000-555"] {
        assert!(whole_number(whole).is_some(), "{whole}");
    }
    for masked in ["0900 000 ***", "09*****001", "84900000xxx", "1667000000900000", "***123"] {
        assert_eq!(whole_number(masked), None, "{masked}");
    }
}

#[test]
#[should_panic(expected = "a secret was said")]
fn a_secret_that_is_said_fails_the_test() {
    hold_nothing_private("error: https://host.example/?SecretKey=ESMS-SECRET-1");
}
