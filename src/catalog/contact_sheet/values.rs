//! One cell: what it says once nothing invisible stands in it, or what is wrong with it, in a clerk's words, and what it
//! probably should be.

use chrono::{Datelike as _, Days, NaiveDate};
use unicode_normalization::{UnicodeNormalization as _, is_nfc};

use super::legacy;
use super::sentences::suggested;
use super::{CellKind, SheetCell};
use crate::words::{Sentence, Tongue};

/// Something to say about a cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Said {
    /// Whether the row cannot be taken so.
    pub(super) wrong: bool,
    pub(super) sentence: Sentence,
    pub(super) remedy: Sentence,
    /// What should probably stand there.
    pub(super) fix: Option<String>,
}

impl Said {
    pub(super) const fn wrong(sentence: Sentence, remedy: Sentence, fix: Option<String>) -> Self {
        Self { wrong: true, sentence, remedy, fix }
    }

    /// What is wrong and what to do, and with a fix what should probably stand there.
    pub(super) fn told(&self, t: Tongue) -> String {
        let fix = self.fix.as_ref().map(|fix| suggested(fix, t)).unwrap_or_default();
        format!("{} {}{fix}", self.sentence.say(t), self.remedy.say(t))
    }

    pub(super) const fn note(sentence: Sentence, remedy: Sentence) -> Self {
        Self { wrong: false, sentence, remedy, fix: None }
    }
}

/// What a cell says, and what is to be said about it.
pub(super) type Value<T> = (T, Vec<Said>);

/// The text of a cell on one line, in NFC, without what nobody sees.
pub(super) fn text(cell: &SheetCell) -> Value<String> {
    let mut said = Vec::new();
    match cell.kind {
        CellKind::Error => {
            let error = cell.text.trim();
            let sentence = Sentence::of("cell.formula_error").and(error);
            let remedy = Sentence::of("cell.formula_error_remedy");
            return (String::new(), vec![Said::wrong(sentence, remedy, None)]);
        }
        CellKind::Formula if cell.text.trim().is_empty() => {
            let sentence = Sentence::of("cell.formula_open");
            let remedy = Sentence::of("cell.formula_open_remedy");
            return (String::new(), vec![Said::wrong(sentence, remedy, None)]);
        }
        CellKind::Formula => said.push(Said::note(Sentence::of("cell.formula"), Sentence::of("cell.formula_taken"))),
        CellKind::Text | CellKind::Number | CellKind::Date => {}
    }
    let raw = cell.text.as_str();
    said.extend(unseen_marks(raw));
    let line = one_line(&raw.chars().filter(|c| !is_unseen(*c)).collect::<String>());
    if !is_nfc(&line) {
        said.push(Said::note(Sentence::of("cell.decomposed"), Sentence::of("cell.decomposed_taken")));
    }
    let line: String = line.nfc().collect();
    if legacy::looks_wrong(&line) {
        let sentence = Sentence::of("cell.no_unicode");
        let remedy = Sentence::of("cell.no_unicode_remedy");
        said.push(Said::wrong(sentence, remedy, legacy::in_unicode(&line)));
    }
    (line, said)
}

/// What is to be said of marks that nobody sees.
fn unseen_marks(raw: &str) -> Vec<Said> {
    let mut said = Vec::new();
    if let Some(turning) = raw.chars().find(|c| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')) {
        let clean: String = raw.chars().filter(|c| !is_unseen(*c)).collect();
        let code = u32::from(turning);
        let sentence = Sentence::of("cell.turning_mark").and(format!("{code:04X}"));
        let remedy = Sentence::of("cell.turning_mark_remedy");
        said.push(Said::wrong(sentence, remedy, Some(one_line(&clean))));
    } else if let Some(unseen) = raw.chars().find(|c| is_unseen(*c)) {
        let code = u32::from(unseen);
        let sentence = Sentence::of("cell.unseen_mark").and(format!("{code:04X}"));
        said.push(Said::note(sentence, Sentence::of("cell.unseen_mark_taken")));
    }
    if raw.trim_matches([' ', '\u{a0}']).contains('\u{a0}') {
        said.push(Said::note(Sentence::of("cell.hard_space"), Sentence::of("cell.hard_space_taken")));
    }
    said
}

/// Marks that show nothing.
const fn is_unseen(c: char) -> bool {
    matches!(c,
        '\0'..='\u{8}' | '\u{b}'..='\u{c}' | '\u{e}'..='\u{1f}' | '\u{7f}'..='\u{84}' | '\u{86}'..='\u{9f}'
        | '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

pub(super) fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A day.
pub(super) fn date(text: &str, kind: CellKind) -> Value<Option<NaiveDate>> {
    if is_blank(text) {
        return (None, Vec::new());
    }
    let iso = text.get(..10).unwrap_or(text);
    if let Ok(day) = iso.parse::<NaiveDate>() {
        return sensible(day, text);
    }
    if matches!(kind, CellKind::Number | CellKind::Formula)
        && let Some(day) = serial(text)
    {
        let read = day.format("%d/%m/%Y");
        let note = Said::note(
            Sentence::of("cell.day_as_number").and(text),
            Sentence::of("cell.day_as_number_taken").and(read),
        );
        return (Some(day), vec![note]);
    }
    let parts: Vec<&str> = text.split(['/', '-', '.']).map(str::trim).collect();
    let numbers: Vec<u32> = parts.iter().filter_map(|part| part.parse().ok()).collect();
    let example = || Sentence::of("cell.day_remedy");
    match (numbers.as_slice(), parts.len()) {
        ([day, month, year], 3) if *year >= 1900 => {
            let of = |day, month| i32::try_from(*year).ok().and_then(|year| NaiveDate::from_ymd_opt(year, month, day));
            if let Some(found) = of(*day, *month) {
                return sensible(found, text);
            }
            let turned = of(*month, *day).map(|day| day.format("%d/%m/%Y").to_string());
            let sentence = Sentence::of("cell.no_such_day").and(text);
            (None, vec![Said::wrong(sentence, example(), turned)])
        }
        ([_, _, year], 3) if *year < 100 => {
            let fix = format!("{}/{}/{}", padded(parts.first()), padded(parts.get(1)), 2000 + year);
            let sentence = Sentence::of("cell.short_year").and(text);
            let remedy = Sentence::of("cell.short_year_remedy");
            (None, vec![Said::wrong(sentence, remedy, Some(fix))])
        }
        _ => {
            let sentence = Sentence::of("cell.no_day").and(text);
            (None, vec![Said::wrong(sentence, example(), None)])
        }
    }
}

fn sensible(day: NaiveDate, text: &str) -> Value<Option<NaiveDate>> {
    if (1990..=2100).contains(&day.year()) {
        return (Some(day), Vec::new());
    }
    let sentence = Sentence::of("cell.strange_year").and(text);
    (None, vec![Said::wrong(sentence, Sentence::of("cell.strange_year_remedy"), None)])
}

fn padded(part: Option<&&str>) -> String {
    part.map_or_else(String::new, |part| format!("{part:0>2}"))
}

/// The day that a number of Excel means, from 1990 to 2100.
fn serial(text: &str) -> Option<NaiveDate> {
    let days: u64 = text.parse().ok().filter(|days| (32_874..73_051).contains(days))?;
    NaiveDate::from_ymd_opt(1899, 12, 30)?.checked_add_days(Days::new(days))
}

/// What people write for nothing.
pub(super) fn is_blank(text: &str) -> bool {
    matches!(
        text.trim(),
        "" | "-" | "--" | "–" | "—" | "x" | "X" | "/" | "." | "không" | "Không" | "không có" | "Không có" | "trống"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::Tongue::Vietnamese;

    fn fix<T: std::fmt::Debug>((_, said): &Value<T>) -> Option<&str> {
        said.iter().find(|said| said.wrong)?.fix.as_deref()
    }

    fn cell(text: &str) -> SheetCell {
        SheetCell { text: text.to_owned(), ..SheetCell::default() }
    }

    #[test]
    fn days_are_read_as_they_are_written_here() {
        let day = NaiveDate::from_ymd_opt(2025, 7, 1);
        for (text, kind) in [
            ("2025-07-01", CellKind::Date),
            ("01/07/2025", CellKind::Text),
            ("1-7-2025", CellKind::Text),
            ("45839", CellKind::Number),
        ] {
            assert_eq!(date(text, kind).0, day, "{text}");
        }
        assert_eq!(fix(&date("07/31/2025", CellKind::Text)), Some("31/07/2025"));
        assert_eq!(fix(&date("1/7/25", CellKind::Text)), Some("01/07/2025"));
        for bad in ["31/02/2025", "tháng 7", "2025", "01/07/0205"] {
            assert!(date(bad, CellKind::Text).1[0].wrong, "{bad}");
        }
    }

    #[test]
    fn what_nobody_sees_is_taken_out_and_said() {
        for (raw, clean, what) in [
            ("Xã\u{a0}Song\u{a0}Mai", "Xã Song Mai", "NBSP"),
            ("Xã Song\u{200b} Mai", "Xã Song Mai", "U+200B"),
            ("Xa\u{303} Song Mai", "Xã Song Mai", "tổ hợp"),
        ] {
            let (text, said) = text(&cell(raw));
            assert_eq!(text, clean);
            assert!(
                said.iter().any(|said| !said.wrong && said.sentence.say(Vietnamese).contains(what)),
                "{raw:?}: {said:?}"
            );
        }
        assert!(text(&cell("a\u{202e}b")).1[0].wrong);
        assert!(text(&SheetCell { kind: CellKind::Error, text: "#N/A".into(), ..SheetCell::default() }).1[0].wrong);
    }
}
