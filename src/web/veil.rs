//! Personal data as it is shown to those who only look: enough to recognise it, not enough to use it.

use super::words;
use crate::message::Message;

/// A text of somebody else, such as what a relay answered, with every address and number in it masked.
pub(super) fn veiled(text: &str) -> String {
    let part_of_one = |c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '%' | '+' | '-' | '@');
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(begin) = rest.find(part_of_one) {
        let (before, from) = rest.split_at(begin);
        let end = from.find(|c| !part_of_one(c)).unwrap_or(from.len());
        let (word, after) = from.split_at(end);
        shown.push_str(before);
        shown.push_str(&masked_word(word));
        rest = after;
    }
    shown.push_str(rest);
    shown
}

fn masked_word(word: &str) -> String {
    let bare = word.trim_end_matches(['.', '-']);
    let tail = word.strip_prefix(bare).unwrap_or_default();
    let is_mail = bare.split_once('@').is_some_and(|(name, host)| !name.is_empty() && !host.is_empty());
    let digits = bare.chars().filter(char::is_ascii_digit).count();
    let is_number =
        (9..=15).contains(&digits) && bare.chars().all(|c| c.is_ascii_digit() || matches!(c, '+' | '.' | '-'));
    if is_mail || is_number { format!("{}{tail}", words::masked(bare)) } else { word.to_owned() }
}

/// A message without the link by which its recipient alone answers.
pub(super) fn without_link(message: &Message) -> Message {
    if message.link.is_empty() {
        return message.clone();
    }
    Message {
        text: message.text.replace(&message.link, "(liên kết trả lời, chỉ người nhận dùng)"),
        html: message.html.replace(&message.link, "#"),
        link: String::new(),
        ..message.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_numbers_are_masked_and_nothing_else() {
        for (text, shown) in [
            ("550 5.1.1 <chutich@songmai.example>: no such user.", "550 5.1.1 <c***@songmai.example>: no such user."),
            ("gửi tới ubnd@xa.example. Xong", "gửi tới u***@xa.example. Xong"),
            ("number 0900000123 is off", "number 0900***123 is off"),
            ("451 4.7.1 greylisted, queue 4f2A9@", "451 4.7.1 greylisted, queue 4f2A9@"),
            ("", ""),
        ] {
            assert_eq!(veiled(text), shown);
        }
    }

    #[test]
    fn who_only_looks_gets_no_link_to_answer_by() {
        let link = "https://dondoc.tinh.example/r/abc".to_owned();
        let message = Message {
            text: format!("Trả lời: {link}"),
            html: format!("<a href=\"{link}\">Trả lời</a>"),
            link: link.clone(),
            ..Message::default()
        };
        let shown = without_link(&message);
        assert!(!format!("{shown:?}").contains(&link), "{shown:?}");
    }
}
