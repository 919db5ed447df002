//! Counts and periods.

use crate::observation::Month;
use crate::observation::number::{count, leading_digits, number_of, others_than_digits};
use crate::observation::period::Written;
use crate::source::NumberFormat::{self, CommaThousands, Plain, PointThousands};
use crate::source::properties::{counted_in_a_sheet, trimmed};
use crate::source::{FRACTION, is_period};

/// The text as a count in every format, and as a period.
pub(crate) fn number(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return digits(bytes) };
    digits(bytes);
    let text = trimmed(text);
    for format in [Plain, PointThousands, CommaThousands] {
        one_count(text, format);
    }
    let plain = count(text, Plain);
    if plain.is_ok() {
        assert_eq!((plain, plain), (count(text, PointThousands), count(text, CommaThousands)), "digits are digits");
    }
    let thousands = [PointThousands, CommaThousands].map(|format| count(text, format));
    if let [Ok(point), Ok(comma)] = thousands {
        assert_eq!(plain, Ok(point), "read both ways, so written without separators");
        assert_eq!(point, comma);
    }
    period(text);
}

fn one_count(text: &str, format: NumberFormat) {
    let read = count(text, format);
    match read {
        Err(refused) => assert!(!refused.reason.is_empty() && !refused.remedy.is_empty(), "refused without a word"),
        Ok(None) => assert!(text.len() <= 3 && !text.contains(|c: char| c.is_ascii_digit()), "a digit is reported"),
        Ok(Some(number)) => {
            assert!(number < 1_000_000_000_000_000, "more than 15 digits");
            assert_eq!(count(&number.to_string(), format), read, "what is printed is what was read");
            let separator = if format == PointThousands { '.' } else { ',' };
            let digits: String = text.chars().filter(|c| *c != separator).collect();
            assert!(digits.bytes().all(|byte| byte.is_ascii_digit()), "more than digits and separators");
            assert_eq!(digits.trim_start_matches('0'), number.to_string().trim_start_matches('0'));
            if digits.len() < text.len() {
                assert_eq!(text, in_groups(&digits, separator), "separators elsewhere than between thousands");
            }
        }
    }
    assert!(count(&format!("{text}{FRACTION}"), format).is_err(), "a number with a fraction is no count");
    // A sheet is summed before its rows are read: both must see the same.
    let (summed, written) = counted_in_a_sheet(text, format);
    assert_eq!(summed, count(trimmed(&written), format).map_err(|_| ()), "in a sheet: {written:?}");
}

/// A number of a reply is the count that it says, or none.
pub(crate) fn number_of_a_reply(number: &serde_json::Number, cell: &str) {
    for format in [Plain, PointThousands, CommaThousands] {
        let said = number.as_u64().filter(|number| *number < 1_000_000_000_000_000);
        assert_eq!(count(trimmed(cell), format).ok(), said.map(Some), "{number} is written as `{cell}`");
    }
}

/// `1.234.567`.
fn in_groups(digits: &str, separator: char) -> String {
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(separator);
        }
        text.push(digit);
    }
    text
}

/// Eight bytes at once are what they are one by one.
fn digits(bytes: &[u8]) {
    let Some(eight) = bytes.first_chunk::<8>() else { return };
    let word = u64::from_le_bytes(*eight);
    let others = eight.iter().rev().fold(0, |bits, byte| bits << 1 | u8::from(!byte.is_ascii_digit()));
    assert_eq!(others_than_digits(word), others);
    let leading = eight.iter().take_while(|byte| byte.is_ascii_digit());
    let (mut count, mut number) = (0, 0);
    for digit in leading {
        (count, number) = (count + 1, number * 10 + u64::from(digit.wrapping_sub(b'0')));
        assert_eq!(number_of(word, count), number);
    }
    assert_eq!(leading_digits(word), (count, number));
}

fn period(text: &str) {
    let written = Written::read(text);
    assert_eq!(is_period(text), written.is_some(), "a period of a setting is one of a cell");
    assert_eq!(text.parse::<Month>().ok(), written.filter(|_| text.len() == 7).map(Written::month));
    let Some(written) = written else { return };
    let (first, last, month) = (written.first_day(), written.last_day(), written.month());
    assert!(first <= last && Month::of(first) == month && Month::of(last) == month);
    let printed = match written {
        Written::Month(month) => month.to_string(),
        Written::Day(day) => day.to_string(),
    };
    assert_eq!(printed, text, "what is printed is what was read");
}
