//! Months and dates, as reports write them.

use chrono::{Datelike as _, Days, NaiveDate};

use super::fold;
use super::grid::Value;
use super::workbook::serial;

/// A month or a day in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Found {
    Month(NaiveDate),
    Day(NaiveDate),
}

#[derive(Debug, PartialEq, Eq)]
enum Token<'t> {
    Number(&'t str),
    Word(&'t str),
    Mark(char),
}

/// A period cell as the rest of the program writes it: `2022-10` or `2022-10-31`. What is neither stays as it is, and
/// is refused with its place where it is read.
pub(super) fn of_cell(value: &Value<'_>, out: &mut String) {
    let date = match value {
        Value::Date(date) => Some(*date),
        Value::Number(number) => serial(*number),
        Value::Text(text) => match found_in(&fold(text)).as_slice() {
            [found] => {
                out.push_str(&written(*found));
                return;
            }
            _ => None,
        },
    };
    match date {
        Some(date) => out.push_str(&written(Found::Day(date))),
        None => value.write_to(out),
    }
}

/// The period that the rows above a header speak of.
///
/// # Errors
/// The periods that were found, when it is not one.
pub(super) fn of_title<'t>(rows: impl Iterator<Item = &'t str>) -> Result<String, Vec<String>> {
    let mut ranges: Vec<String> = Vec::new();
    let mut months: Vec<String> = Vec::new();
    for row in rows {
        let row = fold(row);
        if let Some((first, last)) = span_in(&row) {
            ranges.push(of_range(first, last));
        } else if row.split(|c: char| !c.is_alphabetic()).any(|word| matches!(word, "tháng" | "kỳ")) {
            // Elsewhere `01/2020` is the number of a circular.
            months.extend(
                found_in(&row).iter().filter(|found| matches!(found, Found::Month(_))).map(|found| written(*found)),
            );
        }
    }
    let mut said = if ranges.is_empty() { months } else { ranges };
    said.sort();
    said.dedup();
    match said.as_slice() {
        [only] => Ok(only.clone()),
        _ => Err(said),
    }
}

/// The first and last day of "từ … đến …" in a folded text; other dates may stand around it.
fn span_in(text: &str) -> Option<(NaiveDate, NaiveDate)> {
    let starts =
        text.match_indices("từ ").filter(|(at, _)| !text.get(..*at).unwrap_or_default().ends_with(char::is_alphabetic));
    starts.filter_map(|(at, _)| text.get(at..)?.split_once("đến")).find_map(|(from, to)| {
        let (first, last) = match (found_in(from).as_slice(), found_in(to).first()?) {
            ([Found::Day(first)], Found::Day(last)) => (*first, *last),
            ([Found::Month(first)], Found::Month(last)) => (*first, last_day(*last)),
            _ => return None,
        };
        (first <= last).then_some((first, last))
    })
}

/// Whether `text` is a period as the configuration may give it: `2022-10` or `2022-10-31`.
pub(super) fn is_fixed(text: &str) -> bool {
    let day = if text.len() == 7 { format!("{text}-01") } else { text.to_owned() };
    // chrono also takes spaces and signs, which a row's period must not have.
    let is_written = |(at, byte): (usize, u8)| if matches!(at, 4 | 7) { byte == b'-' } else { byte.is_ascii_digit() };
    day.len() == 10 && day.bytes().enumerate().all(is_written) && day.parse::<NaiveDate>().is_ok()
}

/// A whole month by its name; anything else is counted on its last day.
fn of_range(first: NaiveDate, last: NaiveDate) -> String {
    let whole =
        first.day() == 1 && (first.year(), first.month()) == (last.year(), last.month()) && last == last_day(last);
    written(if whole { Found::Month(first) } else { Found::Day(last) })
}

fn last_day(of: NaiveDate) -> NaiveDate {
    let first = of.with_day(1).unwrap_or(of);
    first + chrono::Months::new(1) - Days::new(1)
}

fn written(found: Found) -> String {
    match found {
        Found::Month(month) => month.format("%Y-%m").to_string(),
        Found::Day(day) => day.format("%Y-%m-%d").to_string(),
    }
}

fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let same = |c: char| {
            if first.is_ascii_digit() { c.is_ascii_digit() } else { first.is_alphabetic() && c.is_alphabetic() }
        };
        let end = rest.find(|c: char| !same(c)).unwrap_or(rest.len()).max(first.len_utf8());
        let (token, after) = rest.split_at(end);
        match first {
            first if first.is_ascii_digit() => tokens.push(Token::Number(token)),
            first if first.is_alphabetic() => tokens.push(Token::Word(token)),
            first if first.is_whitespace() => {}
            mark => tokens.push(Token::Mark(mark)),
        }
        rest = after;
    }
    tokens
}

/// Every month and day in a folded text, in order.
fn found_in(text: &str) -> Vec<Found> {
    let tokens = tokens(text);
    let mut found = Vec::new();
    let mut rest = tokens.as_slice();
    while !rest.is_empty() {
        let (one, used) = first_of(rest).unwrap_or((None, 1));
        found.extend(one);
        rest = rest.get(used..).unwrap_or_default();
    }
    found
}

/// The month or day that `tokens` begin with, and how many of them it is; no day at all where the calendar has none.
fn first_of(tokens: &[Token<'_>]) -> Option<(Option<Found>, usize)> {
    use Token::{Mark, Number, Word};
    let slash = |mark: &char| matches!(mark, '/' | '-' | '.');
    let day = |year, month, day| date(year, month, day).map(Found::Day);
    let month = |year, month| date(year, month, "1").map(Found::Month);
    Some(match tokens {
        [Number(y), Mark('-'), Number(m), Mark('-'), Number(d), ..] if y.len() == 4 => (day(y, m, d), 5),
        [Number(y), Mark('-'), Number(m), ..] if y.len() == 4 => (month(y, m), 3),
        [Number(d), Mark(one), Number(m), Mark(other), Number(y), ..] if slash(one) && one == other => {
            (day(y, m, d), 5)
        }
        [Number(d), Word("tháng"), Number(m), Word("năm"), Number(y), ..] => (day(y, m, d), 5),
        [Word("tháng"), Number(m), Word("năm"), Number(y), ..] => (month(y, m), 4),
        [Word("tháng"), Number(m), Mark(mark), Number(y), ..] if slash(mark) => (month(y, m), 4),
        [Number(m), Mark(mark), Number(y), ..] if slash(mark) => (month(y, m), 3),
        _ => return None,
    })
}

fn date(year: &str, month: &str, day: &str) -> Option<NaiveDate> {
    let written = year.len() == 4 && month.len() <= 2 && day.len() <= 2;
    let date = NaiveDate::from_ymd_opt(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?)?;
    (written && (1990..2200).contains(&date.year())).then_some(date)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell(value: &Value<'_>) -> String {
        let mut out = String::new();
        of_cell(value, &mut out);
        out
    }

    #[test]
    fn period_cells_are_read_as_reports_write_them_and_nothing_is_guessed() {
        for (text, period) in [
            ("31/10/2022", "2022-10-31"),
            ("1/9/2022", "2022-09-01"),
            ("31-10-2022", "2022-10-31"),
            ("10/2022", "2022-10"),
            ("Tháng 10/2022", "2022-10"),
            ("THA\u{301}NG 10 NĂM 2022", "2022-10"),
            ("ngày 31 tháng 10 năm 2022", "2022-10-31"),
            ("2022-10", "2022-10"),
            ("2022-10-31", "2022-10-31"),
            ("31/02/2022", "31/02/2022"),
            ("13/2022", "13/2022"),
            ("10/22", "10/22"),
            ("Quý IV", "Quý IV"),
            ("01/10/2022 - 31/10/2022", "01/10/2022 - 31/10/2022"),
            ("", ""),
        ] {
            assert_eq!(cell(&Value::Text(text.into())), period, "{text}");
        }
        assert_eq!(cell(&Value::Number(44_865.0)), "2022-10-31");
        assert_eq!(cell(&Value::Number(44_865.75)), "2022-10-31");
        assert_eq!(cell(&Value::Number(10.0)), "10");
        assert_eq!(cell(&Value::Date(NaiveDate::from_ymd_opt(2022, 10, 31).unwrap())), "2022-10-31");
    }

    #[test]
    fn a_title_says_the_period_once() {
        let of = |rows: &[&str]| of_title(rows.iter().copied());
        for (rows, period) in [
            (&["BÁO CÁO", "(Từ ngày 01/10/2022 đến ngày 31/10/2022)"][..], "2022-10"),
            (&["Từ ngày: 01/01/2022 đến hết ngày 31/10/2022"], "2022-10-31"),
            (&["(Từ ngày 01 tháng 10 năm 2022 đến ngày 15 tháng 10 năm 2022)"], "2022-10-15"),
            (&["Tháng 10 năm 2022", "Bắc Giang, ngày 05 tháng 11 năm 2022"], "2022-10"),
            (&["Từ tháng 01/2022 đến tháng 10/2022"], "2022-10-31"),
            (&["Kỳ báo cáo: 10/2022", "Theo Thông tư số 01/2020/TT-VPCP"], "2022-10"),
            (&["Quyết định số 766/QĐ-TTg ngày 23/06/2022 (Từ ngày 01/10/2022 đến ngày 31/10/2022)"], "2022-10"),
        ] {
            assert_eq!(of(rows).as_deref(), Ok(period), "{rows:?}");
        }
        assert_eq!(of(&["Bắc Giang, ngày 05 tháng 11 năm 2022"]), Err(vec![]));
        assert_eq!(of(&["Tháng 9/2022", "Tháng 10/2022"]), Err(vec!["2022-09".to_owned(), "2022-10".to_owned()]));
        assert_eq!(of(&["Từ ngày 31/10/2022 đến ngày 01/10/2022"]), Err(vec![]));
    }

    #[test]
    fn a_configured_period_is_a_month_or_a_date() {
        assert!(is_fixed("2022-10") && is_fixed("2022-10-31"));
        assert!(!is_fixed("2022- 1") && !is_fixed("2022-1- 1") && !is_fixed("+2022-10") && !is_fixed("+022-10-31"));
        assert!(!is_fixed("10/2022") && !is_fixed("2022") && !is_fixed("2022-13") && !is_fixed("title"));
    }
}
