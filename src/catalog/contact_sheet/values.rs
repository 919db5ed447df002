//! One cell: what it says once nothing invisible stands in it, or what is wrong with it, in a clerk's words, and what it
//! probably should be.

use chrono::{Datelike as _, Days, NaiveDate};
use unicode_normalization::{UnicodeNormalization as _, is_nfc};

use super::legacy;
use super::words::Words;
use super::{CellKind, SheetCell};

/// Something to say about a cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Said {
    /// Whether the row cannot be taken so.
    pub(super) wrong: bool,
    pub(super) sentence: Words,
    pub(super) remedy: Words,
    /// What should probably stand there.
    pub(super) fix: Option<String>,
}

impl Said {
    pub(super) const fn wrong(sentence: Words, remedy: Words, fix: Option<String>) -> Self {
        Self { wrong: true, sentence, remedy, fix }
    }

    pub(super) const fn note(sentence: Words, remedy: Words) -> Self {
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
            let sentence = Words::of(
                format!("Ô hiện lỗi công thức {error}."),
                format!("The cell shows the error {error} of a formula."),
            );
            let remedy = Words::of(
                "Gõ giá trị vào ô thay cho công thức.",
                "Type the value into the cell in place of the formula.",
            );
            return (String::new(), vec![Said::wrong(sentence, remedy, None)]);
        }
        CellKind::Formula if cell.text.trim().is_empty() => {
            let sentence =
                Words::of("Ô là công thức chưa được tính.", "The cell is a formula that was not worked out.");
            let remedy = Words::of(
                "Sao chép cột, dán lại dạng “giá trị” (Paste values) rồi tải lên lại.",
                "Copy the column, paste it as values, then upload the file again.",
            );
            return (String::new(), vec![Said::wrong(sentence, remedy, None)]);
        }
        CellKind::Formula => said.push(Said::note(
            Words::of("Ô là công thức.", "The cell is a formula."),
            Words::of("Đã lấy giá trị đang hiện trong tệp.", "The value that the file shows was taken."),
        )),
        CellKind::Text | CellKind::Number | CellKind::Date => {}
    }
    let raw = cell.text.as_str();
    said.extend(unseen_marks(raw));
    let line = one_line(&raw.chars().filter(|c| !is_unseen(*c)).collect::<String>());
    if !is_nfc(&line) {
        said.push(Said::note(
            Words::of("Chữ trong ô là Unicode tổ hợp.", "The letters are decomposed Unicode."),
            Words::of("Đã chuyển thành Unicode dựng sẵn.", "They became composed Unicode."),
        ));
    }
    let line: String = line.nfc().collect();
    if legacy::looks_wrong(&line) {
        let sentence = Words::of(
            "Chữ không phải Unicode (TCVN3, VNI hoặc bị đọc sai).",
            "The text is not Unicode (TCVN3, VNI, or read wrongly).",
        );
        let remedy = Words::of(
            "Chuyển tệp sang Unicode (UniKey: Ctrl+Shift+F6), hoặc nhận chữ gợi ý nếu đúng.",
            "Convert the file to Unicode (UniKey: Ctrl+Shift+F6), or take what is suggested if it is right.",
        );
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
        let sentence = Words::of(
            format!("Ô có ký tự ẩn đảo chiều chữ (U+{code:04X})."),
            format!("The cell has a hidden character that turns text around (U+{code:04X})."),
        );
        let remedy = Words::of("Gõ lại nội dung ô, không dán.", "Type the text anew, do not paste it.");
        said.push(Said::wrong(sentence, remedy, Some(one_line(&clean))));
    } else if let Some(unseen) = raw.chars().find(|c| is_unseen(*c)) {
        let code = u32::from(unseen);
        let sentence = Words::of(
            format!("Ô có ký tự ẩn (U+{code:04X})."),
            format!("The cell has a hidden character (U+{code:04X})."),
        );
        said.push(Said::note(sentence, Words::of("Đã bỏ ký tự đó.", "It was taken out.")));
    }
    if raw.trim_matches([' ', '\u{a0}']).contains('\u{a0}') {
        said.push(Said::note(
            Words::of("Ô có dấu cách cứng (NBSP).", "The cell has a hard space (NBSP)."),
            Words::of("Đã đổi thành dấu cách thường.", "It became an ordinary space."),
        ));
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
            Words::of(format!("Ngày ghi dạng số ({text})."), format!("The day is written as a number ({text}).")),
            Words::of(format!("Đã hiểu là {read}."), format!("It was read as {read}.")),
        );
        return (Some(day), vec![note]);
    }
    let parts: Vec<&str> = text.split(['/', '-', '.']).map(str::trim).collect();
    let numbers: Vec<u32> = parts.iter().filter_map(|part| part.parse().ok()).collect();
    let example = || Words::of("Ghi ngày/tháng/năm, ví dụ 01/07/2025.", "Write day/month/year, such as 01/07/2025.");
    match (numbers.as_slice(), parts.len()) {
        ([day, month, year], 3) if *year >= 1900 => {
            let of = |day, month| i32::try_from(*year).ok().and_then(|year| NaiveDate::from_ymd_opt(year, month, day));
            if let Some(found) = of(*day, *month) {
                return sensible(found, text);
            }
            let turned = of(*month, *day).map(|day| day.format("%d/%m/%Y").to_string());
            let sentence = Words::of(format!("Không có ngày “{text}”."), format!("There is no day “{text}”."));
            (None, vec![Said::wrong(sentence, example(), turned)])
        }
        ([_, _, year], 3) if *year < 100 => {
            let fix = format!("{}/{}/{}", padded(parts.first()), padded(parts.get(1)), 2000 + year);
            let sentence = Words::of(
                format!("Năm trong “{text}” chỉ có hai chữ số."),
                format!("The year in “{text}” has two digits only."),
            );
            let remedy = Words::of("Ghi đủ bốn chữ số của năm.", "Write all four digits of the year.");
            (None, vec![Said::wrong(sentence, remedy, Some(fix))])
        }
        _ => {
            let sentence = Words::of(format!("“{text}” không phải ngày."), format!("“{text}” is no day."));
            (None, vec![Said::wrong(sentence, example(), None)])
        }
    }
}

fn sensible(day: NaiveDate, text: &str) -> Value<Option<NaiveDate>> {
    if (1990..=2100).contains(&day.year()) {
        return (Some(day), Vec::new());
    }
    let sentence =
        Words::of(format!("Năm trong “{text}” không hợp lý."), format!("The year in “{text}” makes no sense."));
    (None, vec![Said::wrong(sentence, Words::of("Sửa lại năm.", "Correct the year."), None)])
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
    use super::super::words::Language::Vietnamese;
    use super::*;

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
