//! One line for a phone: letters without diacritics, at most two segments, no link ever. Fake senders lure people with
//! links, so officials are told never to open one from a text message.

use super::format;
use super::length::segments;

/// How many characters two segments hold.
const TWO_SEGMENTS: usize = 306;

/// A line with diacritics may need one more: each holds less than half as much.
const ACCENTED_SEGMENTS: usize = 3;

/// Top-level names that make two joined words an address even in capitals.
const TOP_LEVEL: [&str; 24] = [
    "vn", "com", "net", "org", "gov", "edu", "info", "io", "me", "ly", "app", "link", "xyz", "site", "online", "top",
    "shop", "vip", "cc", "club", "biz", "asia", "page", "example",
];

/// Why a text cannot be a text message.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SmsError {
    /// Something in it would be taken for a link.
    #[error("`{0}` would be taken for a link; an SMS never carries one")]
    Link(String),
    /// More than two segments.
    #[error("{0} characters; two segments hold {TWO_SEGMENTS}")]
    TooLong(usize),
    /// Nothing is left.
    #[error("the SMS line is empty")]
    Empty,
}

/// The text with Latin letters only, in the characters `[A-Za-z0-9 .,:;/%()+-]`.
///
/// # Errors
/// [`SmsError`] when it holds a link, is empty or needs more than two segments.
pub fn to_sms(text: &str) -> Result<String, SmsError> {
    let line = format::plain_letters(text);
    if let Some(link) = link(text).or_else(|| link(&line)) {
        return Err(SmsError::Link(link));
    }
    match line.len() {
        0 => Err(SmsError::Empty),
        length if length > TWO_SEGMENTS => Err(SmsError::TooLong(length)),
        _ => Ok(line),
    }
}

/// The text with its diacritics, in one line of at most three segments; nothing when it is longer, is empty or holds a
/// link. Then the line of [`to_sms`] goes out.
pub(super) fn accented(text: &str) -> Option<String> {
    let line = format::one_line(text);
    let fits = !line.is_empty() && segments(&line) <= ACCENTED_SEGMENTS;
    (fits && link(&line).is_none()).then_some(line)
}

/// What in `text` a phone or a reader would take for a link.
fn link(text: &str) -> Option<String> {
    let folded = crate::catalog::without_diacritics(text);
    let lower = folded.to_lowercase();
    if let Some(mark) = ["://", "http", "www."].into_iter().find(|mark| lower.contains(mark)) {
        let word = folded.split_whitespace().find(|word| word.to_lowercase().contains(mark));
        return Some(word.unwrap_or(mark).to_owned());
    }
    let words = folded.split(|c: char| !(c.is_ascii_alphanumeric() || c == '.' || c == '-'));
    words.map(|word| word.trim_matches(['.', '-'])).find(|word| is_domain(word)).map(ToOwned::to_owned)
}

/// `xa.example`, `bit.ly`: words joined by points, of which the last could be a top-level name.
fn is_domain(word: &str) -> bool {
    let Some((before, last)) = word.rsplit_once('.') else { return false };
    let letters = last.len() >= 2 && last.chars().all(|c| c.is_ascii_alphabetic());
    let known = TOP_LEVEL.contains(&last.to_ascii_lowercase().as_str());
    !before.split('.').any(str::is_empty) && letters && (known || last.chars().all(|c| c.is_ascii_lowercase()))
}

#[cfg(test)]
mod tests {
    use unicode_normalization::UnicodeNormalization as _;

    use super::*;

    /// The 134 accented letters of Vietnamese.
    const ACCENTED: &str = "àáảãạăằắẳẵặâầấẩẫậèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵđÀÁẢÃẠĂẰẮẲẴẶÂẦẤẨẪẬÈÉẺẼẸÊỀẾỂỄỆÌÍỈĨỊÒÓỎÕỌÔỒỐỔỖỘƠỜỚỞỠỢÙÚỦŨỤƯỪỨỬỮỰỲÝỶỸỴĐ";

    #[test]
    fn every_accented_letter_becomes_one_plain_letter_in_both_spellings() {
        assert_eq!(ACCENTED.chars().count(), 134);
        for letter in ACCENTED.chars() {
            let composed = to_sms(&letter.to_string()).unwrap();
            let decomposed = to_sms(&letter.to_string().nfd().collect::<String>()).unwrap();
            assert_eq!(composed, decomposed);
            assert!(composed.len() == 1 && composed.chars().all(|c| c.is_ascii_alphabetic()), "{letter} → {composed}");
        }
    }

    #[test]
    fn no_link_passes_however_it_is_written() {
        for text in [
            "xem http://a.b/c",
            "HTTPS://X",
            "www.tinh.example",
            "vào dichvucong.gov.vn nhé",
            "bit.ly/abc",
            "DICHVUCONG.GOV.VN",
            "viết cho a@xa.example",
            "(xa.example)",
            "hxxp://xa",
            "httр thật: http",
        ] {
            assert!(matches!(to_sms(text), Err(SmsError::Link(_))), "{text} passed");
        }
    }

    #[test]
    fn figures_dates_and_abbreviations_are_no_links() {
        for text in [
            "den 31/10/2022: 1.150/2.480 (46,37%).",
            "TP.Bac Giang",
            "Tran trong./.",
            "ĐT 0900.000.123.",
            "So TT&TT...",
            "P.1",
        ] {
            assert!(to_sms(text).is_ok(), "{text} was refused: {:?}", to_sms(text));
        }
        assert_eq!(to_sms("Sở TT&TT – “xã” A\u{300} €\n100%!").unwrap(), "So TT va TT - xa A 100%.");
    }

    #[test]
    fn segments_are_counted_as_the_network_does() {
        for (length, count) in [(0, 1), (160, 1), (161, 2), (306, 2), (307, 3)] {
            assert_eq!(segments(&"a".repeat(length)), count);
        }
        assert_eq!(to_sms(&"a".repeat(307)), Err(SmsError::TooLong(307)));
        assert_eq!(to_sms(" \u{301}€ "), Err(SmsError::Empty));
    }

    #[test]
    fn with_diacritics_a_line_keeps_its_letters_and_a_link_is_refused_all_the_same() {
        assert_eq!(accented("Xa\u{303} Đông  Sơn\n"), Some("Xã Đông Sơn".to_owned()));
        assert_eq!(accented("xem dichvucong.gov.vn nhé"), None);
        assert_eq!(accented("  "), None);
        assert!(accented(&"ữ".repeat(201)).is_some() && accented(&"ữ".repeat(202)).is_none());
    }

    proptest::proptest! {
        #[test]
        fn whatever_comes_in_only_safe_characters_go_out(text in "\\PC{0,200}") {
            if let Ok(line) = to_sms(&text) {
                proptest::prop_assert!(line.chars().all(|c| c.is_ascii_alphanumeric() || " .,:;/%()+-".contains(c)));
                proptest::prop_assert!(segments(&line) <= 2 && super::link(&line).is_none());
            }
        }
    }
}
