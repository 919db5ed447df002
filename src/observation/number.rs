//! How a count may be written. What is not one of these is refused with the reason, never rounded or guessed.

use crate::source::{FRACTION, NumberFormat};

/// Digits that a count may have: sums of whole tables stay far inside 64 bits.
const DIGITS: usize = 15;

/// What to do about a code that a sheet holds as a number.
pub(super) const NUMERIC_CODE: &str = "the sheet holds codes as numbers, which lose leading zeros: format the column as \
                                       text, or set `code_digits` in [source.layout]";

/// Why a cell is no count, and what to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct NoCount {
    pub(super) reason: &'static str,
    pub(super) remedy: &'static str,
}

/// The count that `text` (already trimmed) says; `None` for a cell that says "not reported", which is never zero.
pub(super) fn count(text: &str, format: NumberFormat) -> Result<Option<u64>, NoCount> {
    let bytes = text.as_bytes();
    if bytes.is_empty() || bytes == b"-" || text.eq_ignore_ascii_case("n/a") {
        return Ok(None);
    }
    if bytes.len() <= DIGITS && bytes.iter().all(u8::is_ascii_digit) {
        return Ok(Some(digits(bytes)));
    }
    let separator = match format {
        NumberFormat::Plain => return Err(refusal(text, format)),
        NumberFormat::PointThousands => '.',
        NumberFormat::CommaThousands => ',',
    };
    if !in_thousands(text, separator) {
        return Err(refusal(text, format));
    }
    let joined: Vec<u8> = text.bytes().filter(u8::is_ascii_digit).collect();
    if joined.len() > DIGITS { Err(TOO_LONG) } else { Ok(Some(digits(&joined))) }
}

/// At most [`DIGITS`] ASCII digits.
fn digits(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0, |number, byte| number * 10 + u64::from(byte.wrapping_sub(b'0')))
}

/// ASCII digits, as numbers 0 to 9 when these bits are turned.
const ZEROS: u64 = 0x3030_3030_3030_3030;

/// The digits that eight bytes (the first one lowest) begin with: how many there are, and the number they make.
/// All at once, without a branch per digit.
pub(super) fn leading_digits(bytes: u64) -> (usize, u64) {
    let values = bytes ^ ZEROS;
    let others = (values.wrapping_add(0x7676_7676_7676_7676) | values) & 0x8080_8080_8080_8080;
    let count = usize::try_from(others.trailing_zeros() / 8).unwrap_or(8);
    if count == 0 { (0, 0) } else { (count, number_of(bytes, count)) }
}

/// The number that the first `count` (1 to 8) of eight bytes make, if they are digits: otherwise some number.
pub(super) const fn number_of(bytes: u64, count: usize) -> u64 {
    let aligned = (bytes ^ ZEROS) << ((8_usize.saturating_sub(count) * 8) & 63);
    let pairs = aligned.wrapping_mul(10).wrapping_add(aligned >> 8);
    let low = (pairs & 0x0000_00ff_0000_00ff).wrapping_mul(0x000f_4240_0000_0064);
    let high = (pairs >> 16 & 0x0000_00ff_0000_00ff).wrapping_mul(0x0000_2710_0000_0001);
    low.wrapping_add(high) >> 32
}

/// One bit for each of eight bytes that is no digit, the first one lowest.
pub(super) fn others_than_digits(bytes: u64) -> u8 {
    let values = bytes ^ ZEROS;
    let others =
        ((values & 0x7f7f_7f7f_7f7f_7f7f).wrapping_add(0x7676_7676_7676_7676) | values) & 0x8080_8080_8080_8080;
    let [.., gathered] = (others >> 7).wrapping_mul(0x0102_0408_1020_4080).to_le_bytes();
    gathered
}

/// `1.234.567`: one to three digits, then groups of exactly three; `0.123` is a fraction.
fn in_thousands(text: &str, separator: char) -> bool {
    let mut groups = text.split(separator);
    let all_digits = |group: &str| group.bytes().all(|byte| byte.is_ascii_digit());
    let first = groups.next().unwrap_or_default();
    let mut rest = groups.peekable();
    let head = (1..=3).contains(&first.len()) && all_digits(first) && !first.starts_with('0');
    head && rest.peek().is_some() && rest.all(|group| group.len() == 3 && all_digits(group))
}

const CORRECT: &str = "correct the cell: a count is written in digits";

const TOO_LONG: NoCount = NoCount { reason: "more than 15 digits is no count of dossiers", remedy: CORRECT };

fn refusal(text: &str, format: NumberFormat) -> NoCount {
    let of = |reason, remedy| NoCount { reason, remedy };
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        return TOO_LONG;
    }
    if text.ends_with(FRACTION) {
        return of(
            "the cell holds a number with a fraction; saved again under English settings a count `1.234` becomes one",
            "take the report as its system exported it, or correct the cell",
        );
    }
    if text.contains('%') {
        return of("a percentage, not a count", "map the column with the count, not the one with the rate");
    }
    if text.starts_with('-') || text.starts_with('\u{2212}') {
        return of("a count cannot be negative", CORRECT);
    }
    if format != NumberFormat::PointThousands && in_thousands(text, '.') {
        return of(
            "a point in a count: thousands or a fraction?",
            "set `number_format = \"point_thousands\"` in [source.columns] if `1.234` means 1234, else correct the cell",
        );
    }
    if format != NumberFormat::CommaThousands && in_thousands(text, ',') {
        return of(
            "a comma in a count: thousands or a fraction?",
            "set `number_format = \"comma_thousands\"` in [source.columns] if `1,234` means 1234, else correct the cell",
        );
    }
    let numeric = |c: char| c.is_ascii_digit() || matches!(c, '.' | ',');
    if text.chars().all(numeric) {
        return of(
            "a fraction, not a whole number",
            "correct the cell, or `number_format` in [source.columns] if thousands are written so",
        );
    }
    if text.starts_with(|c: char| c.is_ascii_digit())
        && text.chars().all(|c| numeric(c) || matches!(c, 'e' | 'E' | '+'))
    {
        return of("a number with an exponent", "format the column as whole numbers before exporting");
    }
    of("not a number", CORRECT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plain_count_is_digits_and_nothing_else() {
        for (text, expected) in
            [("0", 0), ("7", 7), ("007", 7), ("1234", 1234), ("999999999999999", 999_999_999_999_999)]
        {
            assert_eq!(count(text, NumberFormat::Plain), Ok(Some(expected)), "{text}");
        }
    }

    #[test]
    fn digits_at_the_beginning_are_read_all_at_once() {
        let read = |text: &str| leading_digits(u64::from_le_bytes(text.as_bytes().try_into().unwrap()));
        for (text, expected) in [
            ("12345678", (8, 12_345_678)),
            ("0,345678", (1, 0)),
            ("907,1,2,", (3, 907)),
            ("999999\r\n", (6, 999_999)),
            (",1234567", (0, 0)),
            ("-1,2,3,4", (0, 0)),
            ("1.234,56", (1, 1)),
            ("10/2022,", (2, 10)),
            ("5:;<=>?@", (1, 5)),
            ("42\u{e9}x,12", (2, 42)),
        ] {
            assert_eq!(read(text), expected, "{text:?}");
        }
    }

    #[test]
    fn an_empty_cell_is_not_reported_and_never_zero() {
        for text in ["", "-", "n/a", "N/A"] {
            assert_eq!(count(text, NumberFormat::Plain), Ok(None), "{text}");
            assert_eq!(count(text, NumberFormat::PointThousands), Ok(None), "{text}");
        }
    }

    #[test]
    fn each_doubtful_spelling_is_refused_with_its_own_reason() {
        for (text, reason) in [
            ("1.234", "a point in a count"),
            ("1,234", "a comma in a count"),
            ("12.0", "a fraction"),
            ("12,5", "a fraction"),
            ("0.123", "a fraction"),
            ("-3", "negative"),
            ("\u{2212}3", "negative"),
            ("NaN", "not a number"),
            ("Infinity", "not a number"),
            ("1e3", "exponent"),
            ("1E+03", "exponent"),
            ("1000000000000000", "more than 15 digits"),
            ("1234567890123456789012345678901", "more than 15 digits"),
            ("2,37%", "percentage"),
            ("+5", "not a number"),
            ("1 234", "not a number"),
            ("\u{ff11}\u{ff12}", "not a number"),
            ("0/0", "not a number"),
            ("không", "not a number"),
        ] {
            let refused = count(text, NumberFormat::Plain).expect_err(text);
            assert!(refused.reason.contains(reason), "{text}: {}", refused.reason);
            assert!(!refused.remedy.is_empty());
        }
    }

    #[test]
    fn thousands_are_read_only_as_the_source_writes_them() {
        for (text, format, expected) in [
            ("1.234", NumberFormat::PointThousands, Some(1_234)),
            ("1.234.567", NumberFormat::PointThousands, Some(1_234_567)),
            ("987", NumberFormat::PointThousands, Some(987)),
            ("1234", NumberFormat::PointThousands, Some(1_234)),
            ("1,234", NumberFormat::CommaThousands, Some(1_234)),
            ("1.23", NumberFormat::PointThousands, None),
            ("12.34.567", NumberFormat::PointThousands, None),
            ("1234.567", NumberFormat::PointThousands, None),
            ("0.123", NumberFormat::PointThousands, None),
            ("1,234", NumberFormat::PointThousands, None),
            ("1.234", NumberFormat::CommaThousands, None),
            ("1.000.000.000.000.000", NumberFormat::PointThousands, None),
            (".123", NumberFormat::PointThousands, None),
            ("1.", NumberFormat::PointThousands, None),
        ] {
            assert_eq!(count(text, format).ok().flatten(), expected, "{text} as {format:?}");
        }
    }
}
