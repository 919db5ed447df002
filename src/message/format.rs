//! Figures, shares and dates as official Vietnamese texts write them.

use chrono::{Datelike as _, NaiveDate};

use crate::catalog::{BasisPoints, without_diacritics};
use crate::words::grouped;

/// A count with a point between thousands: `1.234`.
pub fn count(value: u64) -> String {
    grouped(value)
}

/// Hundredths of a percent with two decimals: `33,44%`.
pub fn rate(hundredths: u64) -> String {
    format!("{},{:02}%", count(hundredths / 100), hundredths % 100)
}

/// A target's value without trailing zeros: `50%`, `37,5%`.
pub fn target(value: BasisPoints) -> String {
    format!("{}%", value.to_string().replace('.', ","))
}

/// A date as the rules for official documents want it: two digits for days, for months only up to February.
pub fn date(date: NaiveDate) -> String {
    format!("{}/{}", day_and_month(date), date.year())
}

/// The same without the year.
pub fn day_and_month(date: NaiveDate) -> String {
    match date.month() {
        month @ 1..=2 => format!("{:02}/{month:02}", date.day()),
        month => format!("{:02}/{month}", date.day()),
    }
}

/// A phone number as a dialler takes it: digits, and a plus sign in front where there is one.
pub(super) fn dial(phone: &str) -> String {
    let plus = if phone.trim_start().starts_with('+') { "+" } else { "" };
    format!("{plus}{}", phone.chars().filter(char::is_ascii_digit).collect::<String>())
}

/// One line of outside text made harmless: NFC, single spaces, no control, direction or zero-width character.
pub fn one_line(text: &str) -> String {
    use unicode_normalization::{IsNormalized, UnicodeNormalization as _, is_nfc_quick};
    match is_nfc_quick(text.chars()) {
        IsNormalized::Yes => visible_in_one_line(text.chars(), text.len()),
        IsNormalized::No | IsNormalized::Maybe => visible_in_one_line(text.nfc(), text.len()),
    }
}

fn visible_in_one_line(text: impl Iterator<Item = char>, length: usize) -> String {
    let mut line = String::with_capacity(length);
    for c in text {
        match c {
            c if c.is_whitespace() || c == '\u{a0}' => {
                if !line.is_empty() && !line.ends_with(' ') {
                    line.push(' ');
                }
            }
            c if is_invisible(c) => {}
            c => line.push(c),
        }
    }
    line.truncate(line.trim_end().len());
    line
}

/// Several lines made harmless: line ends stay, every other control, direction and zero-width character goes.
pub(super) fn several_lines(text: &str) -> String {
    text.chars()
        .filter_map(|c| match c {
            '\n' => Some('\n'),
            '\t' | '\u{a0}' => Some(' '),
            c if is_invisible(c) => None,
            c => Some(c),
        })
        .collect()
}

/// Characters that a reader cannot see and that change what is seen.
fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// How many words a reader reads: the bits between spaces that hold a letter or a digit.
pub(super) fn words(text: &str) -> usize {
    text.split_whitespace().filter(|word| word.chars().any(char::is_alphanumeric)).count()
}

/// Letters, digits and the punctuation that every phone network carries, anything else turned into its nearest.
pub(super) fn plain_letters(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for c in without_diacritics(text).chars() {
        match c {
            'A'..='Z' | 'a'..='z' | '0'..='9' | '.' | ',' | ':' | ';' | '/' | '%' | '(' | ')' | '+' | '-' => {
                plain.push(c);
            }
            '\u{2010}'..='\u{2015}' | '\u{2212}' | '_' | '~' | '=' | '|' => plain.push('-'),
            '[' | '{' | '<' => plain.push('('),
            ']' | '}' | '>' => plain.push(')'),
            '&' => plain.push_str(" va "),
            '\u{2026}' => plain.push_str("..."),
            '!' => plain.push('.'),
            c if c.is_whitespace() => plain.push(' '),
            _ => {}
        }
    }
    plain.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_written_the_vietnamese_way() {
        assert_eq!([count(0), count(999), count(1_000), count(1_234_567)], ["0", "999", "1.000", "1.234.567"]);
        assert_eq!([rate(3344), rate(5), rate(10_000)], ["33,44%", "0,05%", "100,00%"]);
        assert_eq!(
            [target(BasisPoints(5000)), target(BasisPoints(3750)), target(BasisPoints(3725))],
            ["50%", "37,5%", "37,25%"]
        );
    }

    #[test]
    fn dates_keep_the_zero_only_where_the_rules_for_documents_want_it() {
        let written = |year, month, day| date(NaiveDate::from_ymd_opt(year, month, day).unwrap());
        assert_eq!(written(2022, 4, 25), "25/4/2022");
        assert_eq!(written(2022, 1, 8), "08/01/2022");
        assert_eq!(written(2022, 9, 2), "02/9/2022");
        assert_eq!(written(2022, 10, 31), "31/10/2022");
    }

    #[test]
    fn outside_text_loses_what_cannot_be_seen_and_keeps_its_words() {
        assert_eq!(one_line(" Xã\u{200b} Song\n\tMai\u{202e} \u{0}"), "Xã Song Mai");
        assert_eq!(several_lines("một\u{7}\nhai\u{feff}"), "một\nhai");
        assert_eq!(one_line("Xa\u{303}"), "Xã");
    }
}
