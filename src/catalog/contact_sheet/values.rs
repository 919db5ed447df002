//! One cell: what it says once nothing invisible stands in it, or what is wrong with it, in a clerk's words, and what it
//! probably should be.

use chrono::{Datelike as _, Days, NaiveDate};
use unicode_normalization::{UnicodeNormalization as _, is_nfc};

use super::legacy;
use super::numbers::{is_landline, modern_mobile, national};
use super::{CellKind, SheetCell};
use crate::catalog::matching::without_diacritics;
use crate::catalog::read_text::{is_email, is_phone};

/// Something to say about a cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Said {
    /// Whether the row cannot be taken so.
    pub(super) wrong: bool,
    pub(super) sentence: String,
    pub(super) remedy: String,
    /// What should probably stand there.
    pub(super) fix: Option<String>,
}

impl Said {
    fn wrong(sentence: impl Into<String>, remedy: impl Into<String>, fix: Option<String>) -> Self {
        Self { wrong: true, sentence: sentence.into(), remedy: remedy.into(), fix }
    }

    fn note(sentence: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { wrong: false, sentence: sentence.into(), remedy: remedy.into(), fix: None }
    }
}

/// What a cell says, and what is to be said about it.
pub(super) type Value<T> = (T, Vec<Said>);

/// The text of a cell on one line, in NFC, without what nobody sees.
pub(super) fn text(cell: &SheetCell) -> Value<String> {
    let mut said = Vec::new();
    match cell.kind {
        CellKind::Error => {
            let sentence = format!("Ô hiện lỗi công thức {}.", cell.text.trim());
            return (String::new(), vec![Said::wrong(sentence, "Gõ giá trị vào ô thay cho công thức.", None)]);
        }
        CellKind::Formula if cell.text.trim().is_empty() => {
            let remedy = "Sao chép cột, dán lại dạng “giá trị” (Paste values) rồi tải lên lại.";
            return (String::new(), vec![Said::wrong("Ô là công thức chưa được tính.", remedy, None)]);
        }
        CellKind::Formula => said.push(Said::note("Ô là công thức.", "Đã lấy giá trị đang hiện trong tệp.")),
        CellKind::Text | CellKind::Number | CellKind::Date => {}
    }
    let raw = cell.text.as_str();
    if let Some(turning) = raw.chars().find(|c| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')) {
        let clean: String = raw.chars().filter(|c| !is_unseen(*c)).collect();
        let sentence = format!("Ô có ký tự ẩn đảo chiều chữ (U+{:04X}).", u32::from(turning));
        said.push(Said::wrong(sentence, "Gõ lại nội dung ô, không dán.", Some(one_line(&clean))));
    } else if let Some(unseen) = raw.chars().find(|c| is_unseen(*c)) {
        let sentence = format!("Ô có ký tự ẩn (U+{:04X}).", u32::from(unseen));
        said.push(Said::note(sentence, "Đã bỏ ký tự đó."));
    }
    if raw.trim_matches([' ', '\u{a0}']).contains('\u{a0}') {
        said.push(Said::note("Ô có dấu cách cứng (NBSP).", "Đã đổi thành dấu cách thường."));
    }
    let line = one_line(&raw.chars().filter(|c| !is_unseen(*c)).collect::<String>());
    if !is_nfc(&line) {
        said.push(Said::note("Chữ trong ô là Unicode tổ hợp.", "Đã chuyển thành Unicode dựng sẵn."));
    }
    let line: String = line.nfc().collect();
    if legacy::looks_wrong(&line) {
        let remedy = "Chuyển tệp sang Unicode (UniKey: Ctrl+Shift+F6), hoặc nhận chữ gợi ý nếu đúng.";
        said.push(Said::wrong(
            "Chữ không phải Unicode (TCVN3, VNI hoặc bị đọc sai).",
            remedy,
            legacy::in_unicode(&line),
        ));
    }
    (line, said)
}

/// Marks that show nothing.
const fn is_unseen(c: char) -> bool {
    matches!(c,
        '\0'..='\u{8}' | '\u{b}'..='\u{c}' | '\u{e}'..='\u{1f}' | '\u{7f}'..='\u{84}' | '\u{86}'..='\u{9f}'
        | '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// An e-mail address.
pub(super) fn email(text: &str) -> Value<Option<String>> {
    let address = text.strip_prefix("mailto:").unwrap_or(text).trim();
    if is_blank(address) {
        return (None, Vec::new());
    }
    if is_email(address) {
        return (Some(address.to_owned()), Vec::new());
    }
    let parts: Vec<&str> = address.split([';', ',', '/', ' ']).map(str::trim).filter(|part| is_email(part)).collect();
    if let [first, _, ..] = parts.as_slice() {
        let sentence = "Một ô có nhiều địa chỉ thư.";
        let remedy = "Giữ một địa chỉ công vụ; người khác ghi ở dòng khác.";
        return (None, vec![Said::wrong(sentence, remedy, Some((*first).to_owned()))]);
    }
    let plain = without_diacritics(address);
    let squeezed: String = plain.chars().filter(|c| !c.is_whitespace()).collect();
    let with_points = squeezed.replace([',', ';'], ".");
    let tidy = with_points.trim_matches(['.', '<', '>', '"', '\'', '(', ')']).replace("..", ".");
    let fix = [squeezed.clone(), tidy].into_iter().find(|candidate| is_email(candidate));
    let (what, remedy) = if !address.contains('@') {
        ("thiếu dấu @", "Ghi đủ dạng ten@donvi.gov.vn.")
    } else if address.matches('@').count() > 1 {
        ("có hai dấu @", "Giữ một dấu @.")
    } else if address.contains([',', ';']) {
        ("có dấu phẩy", "Thay dấu phẩy bằng dấu chấm.")
    } else if address.contains(char::is_whitespace) {
        ("có dấu cách", "Bỏ dấu cách trong địa chỉ.")
    } else if !address.is_ascii() {
        ("có chữ có dấu", "Viết địa chỉ không dấu.")
    } else {
        ("không đúng dạng", "Ghi đủ dạng ten@donvi.gov.vn.")
    };
    (None, vec![Said::wrong(format!("Địa chỉ thư {what}."), remedy, fix)])
}

/// A phone number.
pub(super) fn phone(text: &str, kind: CellKind) -> Value<Option<String>> {
    if is_blank(text) {
        return (None, Vec::new());
    }
    let text = text.strip_prefix('\'').unwrap_or(text);
    let parts: Vec<&str> = text.split(['/', ';', ',']).map(str::trim).filter(|part| is_phone(part)).collect();
    if let [first, _, ..] = parts.as_slice() {
        let remedy = "Giữ một số di động nhận tin.";
        return (None, vec![Said::wrong("Một ô có nhiều số điện thoại.", remedy, Some((*first).to_owned()))]);
    }
    let tidy = text.replace(['(', ')', '-', '\u{2013}'], " ");
    let tidy = one_line(&tidy);
    let digits = national(&tidy);
    if let Some(modern) = modern_mobile(&tidy) {
        let sentence = "Số di động 11 chữ số đã hết dùng từ năm 2018.";
        return (None, vec![Said::wrong(sentence, "Đổi sang đầu số mới.", Some(modern))]);
    }
    if is_phone(&tidy) && (9..=11).contains(&digits.len()) {
        let landline = Said::note("Số này là máy bàn, không nhận được tin nhắn.", "Ghi số di động nếu cần nhắn tin.");
        return (Some(tidy.clone()), if is_landline(&tidy) { vec![landline] } else { Vec::new() });
    }
    let with_zero = format!("0{digits}");
    let lost = digits.len() == 9 && digits.starts_with(['3', '5', '7', '8', '9']) && is_phone(&with_zero);
    if lost || (kind == CellKind::Number && is_phone(&with_zero)) {
        let remedy = "Thêm số 0; định dạng cột là “Văn bản” để Excel không bỏ số 0.";
        return (None, vec![Said::wrong("Số điện thoại mất số 0 ở đầu.", remedy, Some(with_zero))]);
    }
    let foreign = digits.strip_prefix("84").map(|rest| format!("0{rest}")).filter(|fix| is_phone(fix));
    let remedy = "Ghi 10 chữ số bắt đầu bằng 0, hoặc bằng +84.";
    (None, vec![Said::wrong("Đây không phải số điện thoại.", remedy, foreign)])
}

/// A Zalo user id.
pub(super) fn zalo(text: &str) -> Value<Option<String>> {
    if is_blank(text) {
        return (None, Vec::new());
    }
    if text.starts_with('0') && is_phone(text) {
        let note = Said::note("Cột Zalo ghi số điện thoại.", "Đã bỏ qua: Zalo gửi theo số ở cột di động.");
        return (None, vec![note]);
    }
    if text.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return (Some(text.to_owned()), Vec::new());
    }
    let remedy = "Ghi mã người dùng (chỉ chữ và số), hoặc để trống.";
    (None, vec![Said::wrong("Đây không phải mã Zalo.", remedy, None)])
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
        let note = Said::note(format!("Ngày ghi dạng số ({text})."), format!("Đã hiểu là {}.", day.format("%d/%m/%Y")));
        return (Some(day), vec![note]);
    }
    let parts: Vec<&str> = text.split(['/', '-', '.']).map(str::trim).collect();
    let numbers: Vec<u32> = parts.iter().filter_map(|part| part.parse().ok()).collect();
    let example = "Ghi ngày/tháng/năm, ví dụ 01/07/2025.";
    match (numbers.as_slice(), parts.len()) {
        ([day, month, year], 3) if *year >= 1900 => {
            let of = |day, month| i32::try_from(*year).ok().and_then(|year| NaiveDate::from_ymd_opt(year, month, day));
            if let Some(found) = of(*day, *month) {
                return sensible(found, text);
            }
            let turned = of(*month, *day).map(|day| day.format("%d/%m/%Y").to_string());
            (None, vec![Said::wrong(format!("Không có ngày “{text}”."), example, turned)])
        }
        ([_, _, year], 3) if *year < 100 => {
            let fix = format!("{}/{}/{}", padded(parts.first()), padded(parts.get(1)), 2000 + year);
            (
                None,
                vec![Said::wrong(
                    format!("Năm trong “{text}” chỉ có hai chữ số."),
                    "Ghi đủ bốn chữ số của năm.",
                    Some(fix),
                )],
            )
        }
        _ => (None, vec![Said::wrong(format!("“{text}” không phải ngày."), example, None)]),
    }
}

fn sensible(day: NaiveDate, text: &str) -> Value<Option<NaiveDate>> {
    if (1990..=2100).contains(&day.year()) {
        return (Some(day), Vec::new());
    }
    (None, vec![Said::wrong(format!("Năm trong “{text}” không hợp lý."), "Sửa lại năm.", None)])
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

    fn fix<T: std::fmt::Debug>((_, said): &Value<T>) -> Option<&str> {
        said.iter().find(|said| said.wrong)?.fix.as_deref()
    }

    fn cell(text: &str) -> SheetCell {
        SheetCell { text: text.to_owned(), ..SheetCell::default() }
    }

    #[test]
    fn an_address_that_is_none_says_why_and_what_it_should_be() {
        for (text, what, right) in [
            ("a@gmail,com", "dấu phẩy", Some("a@gmail.com")),
            ("vanphong @xa.example", "dấu cách", Some("vanphong@xa.example")),
            ("vănphòng@xa.example", "có dấu", Some("vanphong@xa.example")),
            ("vanphong.xa.example", "thiếu dấu @", None),
            ("a@@xa.example", "hai dấu @", None),
            ("a@xa.example; b@xa.example", "nhiều địa chỉ", Some("a@xa.example")),
            ("a@xa.example.", "không đúng dạng", Some("a@xa.example")),
        ] {
            let value = email(text);
            assert!(value.0.is_none() && value.1[0].sentence.contains(what), "{text}: {value:?}");
            assert_eq!(fix(&value), right, "{text}");
        }
        assert_eq!(email("mailto:a@xa.example").0.as_deref(), Some("a@xa.example"));
        assert_eq!(email(" — ").1, []);
    }

    #[test]
    fn a_number_that_lost_its_zero_or_is_too_old_is_mended() {
        for (text, kind, right) in [
            ("900000123", CellKind::Number, "0900000123"),
            ("01680000123", CellKind::Text, "0380000123"),
            ("0900 000 123 / 0900 000 124", CellKind::Text, "0900 000 123"),
        ] {
            assert_eq!(fix(&phone(text, kind)), Some(right), "{text}");
        }
        assert_eq!(phone("(0900) 000-123", CellKind::Text).0.as_deref(), Some("0900 000 123"));
        let (number, said) = phone("0204 000 0123", CellKind::Text);
        assert!(number.is_some() && !said[0].wrong && said[0].sentence.contains("máy bàn"));
        assert!(phone("gọi sau", CellKind::Text).1[0].wrong);
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
            assert!(said.iter().any(|said| !said.wrong && said.sentence.contains(what)), "{raw:?}: {said:?}");
        }
        assert!(text(&cell("a\u{202e}b")).1[0].wrong);
        assert!(text(&SheetCell { kind: CellKind::Error, text: "#N/A".into(), ..SheetCell::default() }).1[0].wrong);
    }
}
