//! Counts and percentages of cells as they show, as far as sums and checks need them. What is no count is handed on as it stands,
//! and refused with its cell where the rows are read.

use super::grid::{Value, whole};
use crate::source::NumberFormat;

/// Behind a number with a fraction, so that it is never taken for a count in thousands.
pub(super) const FRACTION: &str = crate::source::FRACTION;

/// The largest count: 15 digits, as where rows are read.
const LARGEST: u64 = 999_999_999_999_999;

/// What a count column's cell says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Counted {
    /// Nothing, which is never zero.
    Missing,
    /// So many.
    Count(u64),
    /// Something else.
    NoCount,
}

/// What `value` counts.
pub(super) fn counted(value: Option<&Value<'_>>, numbers: NumberFormat) -> Counted {
    match value {
        None => Counted::Missing,
        Some(Value::Number(number)) => {
            let whole = whole(*number).and_then(|whole| u64::try_from(whole).ok());
            whole.filter(|whole| *whole <= LARGEST).map_or(Counted::NoCount, Counted::Count)
        }
        Some(Value::Date(_)) => Counted::NoCount,
        Some(value @ Value::Text(_)) => of_text(&value.seen(), numbers),
    }
}

fn of_text(text: &str, numbers: NumberFormat) -> Counted {
    if text.is_empty() || text == "-" || text.eq_ignore_ascii_case("n/a") {
        return Counted::Missing;
    }
    let separator = match numbers {
        NumberFormat::Plain => None,
        NumberFormat::PointThousands => Some('.'),
        NumberFormat::CommaThousands => Some(','),
    };
    let mut groups = text.split(|c: char| Some(c) == separator);
    let head = groups.next().unwrap_or_default();
    let (mut digits, mut whole) = (head.to_owned(), true);
    for group in groups {
        whole &= group.len() == 3 && (1..=3).contains(&head.len()) && !head.starts_with('0');
        digits.push_str(group);
    }
    let plain = whole && !digits.is_empty() && digits.len() <= 15 && digits.bytes().all(|byte| byte.is_ascii_digit());
    if plain { digits.parse().map_or(Counted::NoCount, Counted::Count) } else { Counted::NoCount }
}

/// Whether a cell looks like a figure, good or bad: digits and what stands between them.
pub(super) fn is_figure(value: &Value<'_>) -> bool {
    match value {
        Value::Number(_) => true,
        Value::Date(_) => false,
        Value::Text(_) => {
            let text = value.seen();
            let figure = |c: char| c.is_ascii_digit() || matches!(c, '.' | ',' | '%' | '-' | '/' | ' ' | '\u{a0}');
            text.eq_ignore_ascii_case("n/a") || (!text.is_empty() && text.chars().all(figure))
        }
    }
}

/// Appends a count column's cell.
pub(super) fn write(value: &Value<'_>, out: &mut String) {
    value.write_to(out);
    if matches!(value, Value::Number(number) if whole(*number).is_none()) {
        out.push_str(FRACTION);
    }
}

/// What a printed percentage may mean, in millionths of a percent; a number may be a fraction shown with a percent
/// format.
pub(super) fn percentages(value: &Value<'_>) -> Vec<i128> {
    match value {
        Value::Date(_) => Vec::new(),
        Value::Number(number) => {
            [*number, *number * 100.0].into_iter().filter_map(|n| millionths(&format!("{n:.6}"))).collect()
        }
        Value::Text(text) => {
            let text: String = text.chars().filter(|c| !super::grid::is_blank(*c) && *c != '%').collect();
            millionths(&text.replace(',', ".")).into_iter().collect()
        }
    }
}

fn millionths(decimal: &str) -> Option<i128> {
    let (whole, fraction) = decimal.split_once('.').unwrap_or((decimal, ""));
    let digits = |text: &str| text.len() <= 15 && text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !digits(whole) || !digits(fraction) {
        return None;
    }
    let fraction: String = fraction.chars().chain("000000".chars()).take(6).collect();
    Some(whole.parse::<i128>().ok()? * 1_000_000 + fraction.parse::<i128>().ok()?)
}

/// Whether a printed percentage is `part` of `whole`, give or take 0.01.
pub(super) fn agrees(printed: &[i128], part: u64, whole: u64) -> bool {
    let (part, whole) = (i128::from(part), i128::from(whole));
    let off = |printed: &i128| printed.saturating_mul(whole).saturating_sub(part * 100_000_000).saturating_abs();
    printed.iter().any(|printed| off(printed) <= 10_000 * whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Value<'_> {
        Value::Text(text.into())
    }

    #[test]
    fn missing_is_never_zero_and_thousands_are_as_the_source_writes_them() {
        for (cell, numbers, expected) in [
            ("1.234", NumberFormat::PointThousands, Counted::Count(1_234)),
            ("1.234", NumberFormat::Plain, Counted::NoCount),
            ("1.00", NumberFormat::PointThousands, Counted::NoCount),
            ("0.123", NumberFormat::PointThousands, Counted::NoCount),
            ("1234.567", NumberFormat::PointThousands, Counted::NoCount),
            ("1.", NumberFormat::PointThousands, Counted::NoCount),
            ("1,234", NumberFormat::CommaThousands, Counted::Count(1_234)),
            (" 12\u{a0}", NumberFormat::Plain, Counted::Count(12)),
            ("-", NumberFormat::Plain, Counted::Missing),
            ("N/A", NumberFormat::Plain, Counted::Missing),
            ("", NumberFormat::Plain, Counted::Missing),
            ("12%", NumberFormat::Plain, Counted::NoCount),
        ] {
            assert_eq!(counted(Some(&text(cell)), numbers), expected, "{cell}");
        }
        assert_eq!(counted(None, NumberFormat::Plain), Counted::Missing);
        assert_eq!(counted(Some(&Value::Number(1e15)), NumberFormat::Plain), Counted::NoCount);
    }

    #[test]
    fn what_a_cell_hides_is_no_part_of_its_count() {
        for cell in ["1\u{200b}2", "12\0\u{8}", "\u{200b}12\u{feff}"] {
            assert_eq!(counted(Some(&text(cell)), NumberFormat::Plain), Counted::Count(12), "{cell:?}");
            assert!(is_figure(&text(cell)), "{cell:?}");
        }
        assert_eq!(counted(Some(&text("1\u{b}2")), NumberFormat::Plain), Counted::NoCount);
        assert_eq!(counted(Some(&Value::Number(1.234)), NumberFormat::PointThousands), Counted::NoCount);
        assert_eq!(counted(Some(&Value::Number(-1.0)), NumberFormat::Plain), Counted::NoCount);
    }

    #[test]
    fn a_number_with_a_fraction_is_marked_so_that_nobody_reads_thousands() {
        let mut out = String::new();
        write(&Value::Number(1.234), &mut out);
        assert_eq!(out, "1.234 (a number)");
    }

    #[test]
    fn printed_ratios_agree_within_a_hundredth() {
        for (printed, part, whole, good) in [
            (text("33,33%"), 1, 3, true),
            (text("33.33%"), 1, 3, true),
            (text("33,34"), 1, 3, true),
            (text("33,35"), 1, 3, false),
            (text("100 %"), 3, 3, true),
            (Value::Number(0.3333), 1, 3, true),
            (Value::Number(33.33), 1, 3, true),
            (Value::Number(0.34), 1, 3, false),
            (text("abc"), 1, 3, false),
            (text("999999999999999"), 1, u64::MAX, false),
        ] {
            assert_eq!(agrees(&percentages(&printed), part, whole), good, "{printed:?}");
        }
    }
}
