//! Text as it comes in: one normal form, nothing invisible, addresses that cannot be mistaken for anything else.

use chrono::NaiveDate;
use unicode_normalization::{UnicodeNormalization as _, is_nfc};

/// The text in NFC without blanks around it.
///
/// # Errors
/// The first character that must not stand in a name or address: a control character could end a mail header, an
/// invisible one makes two equal-looking names different.
pub(super) fn clean(raw: &str) -> Result<String, char> {
    let text = raw.trim_matches([' ', '\u{a0}']);
    match text.chars().find(|c| is_refused(*c)) {
        Some(refused) => Err(refused),
        None => Ok(normal(text)),
    }
}

/// A template's text: NFC, lines end in LF.
///
/// # Errors
/// Byte offset and character that must not stand in it; line breaks and tabs may.
pub(super) fn clean_lines(raw: &str) -> Result<String, (usize, char)> {
    match raw.char_indices().find(|(at, c)| is_refused(*c) && !is_layout(raw, *at, *c)) {
        Some(refused) => Err(refused),
        None => Ok(normal(&raw.replace("\r\n", "\n"))),
    }
}

fn is_layout(text: &str, at: usize, c: char) -> bool {
    matches!(c, '\n' | '\t') || (c == '\r' && text.get(at + 1..).is_some_and(|rest| rest.starts_with('\n')))
}

fn normal(text: &str) -> String {
    if is_nfc(text) { text.to_owned() } else { text.nfc().collect() }
}

/// Control characters (C0, DEL, C1), line and paragraph separators, bidirectional marks, and what has no width.
fn is_refused(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180e}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e007f}')
}

/// Message and remedy for a character that [`clean`] refuses.
pub(super) fn refused_character(c: char) -> (String, &'static str) {
    let code = u32::from(c);
    match c {
        '\n' | '\r' => (
            format!("a line break (U+{code:04X}) inside a text"),
            "write it on one line; in a CSV file, look for a quotation mark that is never closed",
        ),
        _ => (
            format!("an invisible or control character (U+{code:04X}) inside a text"),
            "delete the character, or write the text anew instead of pasting it",
        ),
    }
}

/// A date written `2022-10-31`.
pub(super) fn date(text: &str) -> Option<NaiveDate> {
    let shaped = text.len() == 10 && text.bytes().enumerate().all(|(at, byte)| (byte == b'-') == (at == 4 || at == 7));
    if shaped { text.parse().ok() } else { None }
}

/// The remedy for a date that is not one; an unmistakable other spelling is rewritten.
pub(super) fn date_hint(text: &str) -> String {
    let other = ["%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y", "%Y/%m/%d"];
    match other.iter().find_map(|format| NaiveDate::parse_from_str(text, format).ok()) {
        Some(date) => format!("write {date}"),
        None => "write year-month-day, for example 2022-10-31".to_owned(),
    }
}

/// Whether `address` is an e-mail address of the plain kind: no quoted part, no address literal, ASCII only.
pub(super) fn is_email(address: &str) -> bool {
    let Some((local, domain)) = address.split_once('@') else { return false };
    let local_char = |byte: u8| byte.is_ascii_alphanumeric() || b"._+-".contains(&byte);
    let dots_apart = |text: &str| !text.split('.').any(str::is_empty);
    address.len() <= 254
        && local.len() <= 64
        && dots_apart(local)
        && !local.starts_with('-')
        && local.bytes().all(local_char)
        && is_domain(domain)
}

fn is_domain(domain: &str) -> bool {
    let label = |text: &str| {
        (1..=63).contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !text.starts_with('-')
            && !text.ends_with('-')
    };
    let last = domain.rsplit('.').next().unwrap_or_default();
    domain.contains('.') && domain.split('.').all(label) && last.starts_with(|c: char| c.is_ascii_alphabetic())
}

/// Whether `number` is a Vietnamese phone number: 9 to 11 digits from 0 or +84, blanks and dots between.
pub(super) fn is_phone(number: &str) -> bool {
    let national = number.strip_prefix("+84").map_or_else(|| number.to_owned(), |rest| format!("0{rest}"));
    let digits = national.bytes().filter(u8::is_ascii_digit).count();
    national.starts_with('0')
        && (9..=11).contains(&digits)
        && national.bytes().all(|byte| byte.is_ascii_digit() || byte == b' ' || byte == b'.')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decomposed_name_becomes_nfc_and_loses_the_blanks_around_it() {
        assert_eq!(clean(" Xã Đo\u{302}\u{300}ng Kỳ\u{a0}").unwrap(), "Xã Đồng Kỳ");
    }

    #[test]
    fn what_could_split_a_header_or_hide_is_refused() {
        for c in ['\n', '\r', '\0', '\t', '\u{85}', '\u{200b}', '\u{202e}', '\u{2066}', '\u{feff}', '\u{2028}'] {
            assert_eq!(clean(&format!("Xã{c} Song Mai")), Err(c), "{}", c.escape_unicode());
        }
        assert_eq!(clean_lines("a\r\n\tb\n").unwrap(), "a\n\tb\n");
        assert_eq!(clean_lines("a\rb"), Err((1, '\r')));
    }

    #[test]
    fn only_plain_addresses_pass() {
        for good in ["vp.song-mai@bacgiang.example", "a+b_c@sct.tinh.example", "x@xn--bc-giang-5xa.example"] {
            assert!(is_email(good), "{good}");
        }
        let long = format!("{}@tinh.example", "a".repeat(250));
        for bad in [
            "a",
            "@x.example",
            "a@x",
            "a@@x.example",
            "a@x.example>\r\nRCPT TO:<b",
            "-oQ/tmp@x.example",
            "a@[127.0.0.1]",
            "a@127.0.0.1",
            "\"a b\"@x.example",
            "a b@x.example",
            "xã@tinh.example",
            "a@tỉnh.example",
            "a..b@x.example",
            "a@-x.example",
            "a@x..example",
            "a@x.example.",
            "a%b@x.example",
            &long,
        ] {
            assert!(!is_email(bad), "{bad}");
        }
    }

    #[test]
    fn vietnamese_numbers_pass_and_others_do_not() {
        for good in ["0900 000 123", "0900000123", "+84 900 000 123", "0204.3854.123", "+842043854123"] {
            assert!(is_phone(good), "{good}");
        }
        for bad in ["900000123", "0900-000-123", "0900 000", "0900 000 123 45", "+1 900 000 123", "09oo 000 123", ""] {
            assert!(!is_phone(bad), "{bad}");
        }
    }

    #[test]
    fn dates_have_one_spelling_and_others_are_rewritten_in_the_remedy() {
        assert_eq!(date("2022-10-31"), NaiveDate::from_ymd_opt(2022, 10, 31));
        for bad in ["31/10/2022", "2022-2-3", "2022-02-30", "+2022-1-01", "2022-10-31T00"] {
            assert_eq!(date(bad), None, "{bad}");
        }
        assert_eq!(date_hint("31/10/2022"), "write 2022-10-31");
    }
}
