//! E-mail addresses, phone numbers and Zalo ids of cells: what they say, or why they are none.

use super::CellKind;
use super::numbers::{is_landline, modern_mobile, national};
use super::values::{Said, Value, is_blank, one_line};
use crate::catalog::matching::without_diacritics;
use crate::catalog::read_text::{is_email, is_phone};
use crate::words::Sentence;

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
        let sentence = Sentence::of("cell.several_addresses");
        let remedy = Sentence::of("cell.several_addresses_remedy");
        return (None, vec![Said::wrong(sentence, remedy, Some((*first).to_owned()))]);
    }
    let plain = without_diacritics(address);
    let squeezed: String = plain.chars().filter(|c| !c.is_whitespace()).collect();
    let with_points = squeezed.replace([',', ';'], ".");
    let tidy = with_points.trim_matches(['.', '<', '>', '"', '\'', '(', ')']).replace("..", ".");
    let fix = [squeezed.clone(), tidy].into_iter().find(|candidate| is_email(candidate));
    let (sentence, remedy) = no_address(address);
    (None, vec![Said::wrong(sentence, remedy, fix)])
}

/// Why a text is no e-mail address, and what to do.
fn no_address(address: &str) -> (Sentence, Sentence) {
    let whole = || Sentence::of("cell.whole_address");
    if !address.contains('@') {
        (Sentence::of("cell.no_at"), whole())
    } else if address.matches('@').count() > 1 {
        (Sentence::of("cell.two_ats"), Sentence::of("cell.two_ats_remedy"))
    } else if address.contains([',', ';']) {
        (Sentence::of("cell.comma"), Sentence::of("cell.comma_remedy"))
    } else if address.contains(char::is_whitespace) {
        (Sentence::of("cell.space"), Sentence::of("cell.space_remedy"))
    } else if !address.is_ascii() {
        (Sentence::of("cell.marks"), Sentence::of("cell.marks_remedy"))
    } else {
        (Sentence::of("cell.no_address"), whole())
    }
}

/// A phone number.
pub(super) fn phone(text: &str, kind: CellKind) -> Value<Option<String>> {
    if is_blank(text) {
        return (None, Vec::new());
    }
    let text = text.strip_prefix('\'').unwrap_or(text);
    let parts: Vec<&str> = text.split(['/', ';', ',']).map(str::trim).filter(|part| is_phone(part)).collect();
    if let [first, _, ..] = parts.as_slice() {
        let sentence = Sentence::of("cell.several_numbers");
        let remedy = Sentence::of("cell.several_numbers_remedy");
        return (None, vec![Said::wrong(sentence, remedy, Some((*first).to_owned()))]);
    }
    let tidy = text.replace(['(', ')', '-', '\u{2013}'], " ");
    let tidy = one_line(&tidy);
    let digits = national(&tidy);
    if let Some(modern) = modern_mobile(&tidy) {
        let sentence = Sentence::of("cell.old_mobile");
        let remedy = Sentence::of("cell.old_mobile_remedy");
        return (None, vec![Said::wrong(sentence, remedy, Some(modern))]);
    }
    if is_phone(&tidy) && (9..=11).contains(&digits.len()) {
        let landline = Said::note(Sentence::of("cell.landline"), Sentence::of("cell.landline_remedy"));
        return (Some(tidy.clone()), if is_landline(&tidy) { vec![landline] } else { Vec::new() });
    }
    let with_zero = format!("0{digits}");
    let lost = digits.len() == 9 && digits.starts_with(['3', '5', '7', '8', '9']) && is_phone(&with_zero);
    if lost || (kind == CellKind::Number && is_phone(&with_zero)) {
        let sentence = Sentence::of("cell.phone_lost_zero");
        let remedy = Sentence::of("cell.phone_lost_zero_remedy");
        return (None, vec![Said::wrong(sentence, remedy, Some(with_zero))]);
    }
    let foreign = digits.strip_prefix("84").map(|rest| format!("0{rest}")).filter(|fix| is_phone(fix));
    let sentence = Sentence::of("cell.no_number");
    let remedy = Sentence::of("cell.no_number_remedy");
    (None, vec![Said::wrong(sentence, remedy, foreign)])
}

/// A Zalo user id.
pub(super) fn zalo(text: &str) -> Value<Option<String>> {
    if is_blank(text) {
        return (None, Vec::new());
    }
    if text.starts_with('0') && is_phone(text) {
        let note = Said::note(Sentence::of("cell.zalo_is_number"), Sentence::of("cell.zalo_is_number_remedy"));
        return (None, vec![note]);
    }
    if text.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return (Some(text.to_owned()), Vec::new());
    }
    let sentence = Sentence::of("cell.no_zalo");
    let remedy = Sentence::of("cell.no_zalo_remedy");
    (None, vec![Said::wrong(sentence, remedy, None)])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::Tongue::{English, Vietnamese};

    fn fix<T: std::fmt::Debug>((_, said): &Value<T>) -> Option<&str> {
        said.iter().find(|said| said.wrong)?.fix.as_deref()
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
            assert!(value.0.is_none() && value.1[0].sentence.say(Vietnamese).contains(what), "{text}: {value:?}");
            assert_eq!(fix(&value), right, "{text}");
            assert!(value.1[0].sentence.say(English).is_ascii(), "{value:?}");
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
        assert!(number.is_some() && !said[0].wrong && said[0].sentence.say(Vietnamese).contains("máy bàn"));
        assert!(phone("gọi sau", CellKind::Text).1[0].wrong);
    }
}
