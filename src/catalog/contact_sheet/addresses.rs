//! E-mail addresses, phone numbers and Zalo ids of cells: what they say, or why they are none.

use super::CellKind;
use super::numbers::{is_landline, modern_mobile, national};
use super::values::{Said, Value, is_blank, one_line};
use super::words::Words;
use crate::catalog::matching::without_diacritics;
use crate::catalog::read_text::{is_email, is_phone};

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
        let sentence = Words::of("Một ô có nhiều địa chỉ thư.", "One cell has several e-mail addresses.");
        let remedy = Words::of(
            "Giữ một địa chỉ công vụ; người khác ghi ở dòng khác.",
            "Keep one official address; write other people in rows of their own.",
        );
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
fn no_address(address: &str) -> (Words, Words) {
    let whole = || Words::of("Ghi đủ dạng ten@donvi.gov.vn.", "Write it as name@unit.gov.vn.");
    if !address.contains('@') {
        (Words::of("Địa chỉ thư thiếu dấu @.", "The e-mail address lacks an @."), whole())
    } else if address.matches('@').count() > 1 {
        (
            Words::of("Địa chỉ thư có hai dấu @.", "The e-mail address has two @."),
            Words::of("Giữ một dấu @.", "Keep one @."),
        )
    } else if address.contains([',', ';']) {
        (
            Words::of("Địa chỉ thư có dấu phẩy.", "The e-mail address has a comma."),
            Words::of("Thay dấu phẩy bằng dấu chấm.", "Write a point in place of the comma."),
        )
    } else if address.contains(char::is_whitespace) {
        (
            Words::of("Địa chỉ thư có dấu cách.", "The e-mail address has a space."),
            Words::of("Bỏ dấu cách trong địa chỉ.", "Take the space out of the address."),
        )
    } else if !address.is_ascii() {
        (
            Words::of("Địa chỉ thư có chữ có dấu.", "The e-mail address has letters with marks."),
            Words::of("Viết địa chỉ không dấu.", "Write the address without marks."),
        )
    } else {
        (Words::of("Địa chỉ thư không đúng dạng.", "This is no e-mail address."), whole())
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
        let sentence = Words::of("Một ô có nhiều số điện thoại.", "One cell has several phone numbers.");
        let remedy = Words::of("Giữ một số di động nhận tin.", "Keep one mobile number that receives messages.");
        return (None, vec![Said::wrong(sentence, remedy, Some((*first).to_owned()))]);
    }
    let tidy = text.replace(['(', ')', '-', '\u{2013}'], " ");
    let tidy = one_line(&tidy);
    let digits = national(&tidy);
    if let Some(modern) = modern_mobile(&tidy) {
        let sentence =
            Words::of("Số di động 11 chữ số đã hết dùng từ năm 2018.", "Mobile numbers of 11 digits ended in 2018.");
        let remedy = Words::of("Đổi sang đầu số mới.", "Write it with the new prefix.");
        return (None, vec![Said::wrong(sentence, remedy, Some(modern))]);
    }
    if is_phone(&tidy) && (9..=11).contains(&digits.len()) {
        let landline = Said::note(
            Words::of(
                "Số này là máy bàn, không nhận được tin nhắn.",
                "This is a landline, which gets no text message.",
            ),
            Words::of("Ghi số di động nếu cần nhắn tin.", "Write a mobile number if text messages are needed."),
        );
        return (Some(tidy.clone()), if is_landline(&tidy) { vec![landline] } else { Vec::new() });
    }
    let with_zero = format!("0{digits}");
    let lost = digits.len() == 9 && digits.starts_with(['3', '5', '7', '8', '9']) && is_phone(&with_zero);
    if lost || (kind == CellKind::Number && is_phone(&with_zero)) {
        let sentence = Words::of("Số điện thoại mất số 0 ở đầu.", "The phone number lost its leading 0.");
        let remedy = Words::of(
            "Thêm số 0; định dạng cột là “Văn bản” để Excel không bỏ số 0.",
            "Add the 0; format the column as “Text”, so that Excel keeps it.",
        );
        return (None, vec![Said::wrong(sentence, remedy, Some(with_zero))]);
    }
    let foreign = digits.strip_prefix("84").map(|rest| format!("0{rest}")).filter(|fix| is_phone(fix));
    let sentence = Words::of("Đây không phải số điện thoại.", "This is no phone number.");
    let remedy =
        Words::of("Ghi 10 chữ số bắt đầu bằng 0, hoặc bằng +84.", "Write 10 digits that begin with 0, or with +84.");
    (None, vec![Said::wrong(sentence, remedy, foreign)])
}

/// A Zalo user id.
pub(super) fn zalo(text: &str) -> Value<Option<String>> {
    if is_blank(text) {
        return (None, Vec::new());
    }
    if text.starts_with('0') && is_phone(text) {
        let note = Said::note(
            Words::of("Cột Zalo ghi số điện thoại.", "The Zalo column has a phone number."),
            Words::of(
                "Đã bỏ qua: Zalo gửi theo số ở cột di động.",
                "Left out: Zalo uses the number of the mobile column.",
            ),
        );
        return (None, vec![note]);
    }
    if text.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return (Some(text.to_owned()), Vec::new());
    }
    let sentence = Words::of("Đây không phải mã Zalo.", "This is no Zalo ID.");
    let remedy = Words::of(
        "Ghi mã người dùng (chỉ chữ và số), hoặc để trống.",
        "Write the user ID (letters and digits alone), or leave it empty.",
    );
    (None, vec![Said::wrong(sentence, remedy, None)])
}

#[cfg(test)]
mod tests {
    use super::super::words::Language::{English, Vietnamese};
    use super::*;

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
