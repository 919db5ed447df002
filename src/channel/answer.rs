//! What a peer says, made fit for logs and pages: one line, bounded, without control characters and addresses.

use super::{Class, SendError};
use crate::catalog::{mask_email, mask_phone};

const LONGEST: usize = 300;

impl SendError {
    /// An error whose reason is brought to one sanitised line.
    pub(super) fn new(class: Class, code: Option<i32>, reason: &str) -> Self {
        Self { class, code, reason: one_line(reason) }
    }

    /// Refused for good, before anything was sent.
    pub(super) fn unfit(reason: &str) -> Self {
        Self::new(Class::Permanent, None, reason)
    }

    /// The channel is out of order.
    pub(super) fn broken(reason: &str) -> Self {
        Self::new(Class::ChannelBroken, None, reason)
    }
}

/// `text` as one line of at most 300 characters, control and direction characters gone, mail addresses masked.
pub(super) fn one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len().min(LONGEST));
    for word in text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty()) {
        if !line.is_empty() {
            line.push(' ');
        }
        push_masked(&mut line, word);
    }
    line.retain(|c| !is_invisible(c));
    match line.char_indices().nth(LONGEST) {
        Some((end, _)) => {
            line.truncate(end);
            line
        }
        None => line,
    }
}

/// `text` with every run of digits that could be a phone number masked.
pub(super) fn without_numbers(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(|c: char| c.is_ascii_digit()) {
        let (before, from) = rest.split_at(start);
        let end = from.find(|c: char| !c.is_ascii_digit()).unwrap_or(from.len());
        let (digits, after) = from.split_at(end);
        safe.push_str(before);
        let phone = (9..=13).contains(&digits.len());
        safe.push_str(&if phone { mask_phone(digits) } else { digits.to_owned() });
        rest = after;
    }
    safe + rest
}

/// Characters that reorder or hide what stands beside them.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}')
}

fn push_masked(line: &mut String, word: &str) {
    if !word.contains('@') {
        line.push_str(word);
        return;
    }
    for piece in word.split_inclusive(['<', '>', '(', ')', '[', ']', '"', '\'', ',', ';', ':', '=']) {
        let inner = piece.trim_end_matches(['<', '>', '(', ')', '[', ']', '"', '\'', ',', ';', ':', '=']);
        let edge = piece.get(inner.len()..).unwrap_or_default();
        if inner.contains('@') {
            line.push_str(&mask_email(inner));
        } else {
            line.push_str(inner);
        }
        line.push_str(edge);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_becomes_one_line_without_control_characters_and_addresses() {
        assert_eq!(
            one_line("5.1.1 <chutich@songmai.example>:\r\nRecipient \u{1b}[31maddress\u{202e} rejected\0"),
            "5.1.1 <c***@songmai.example>: Recipient [31maddress rejected"
        );
    }

    #[test]
    fn a_phone_number_in_an_answer_is_masked_and_other_figures_stay() {
        assert_eq!(
            without_numbers("108: 0900000123 sai (84900000123), ma 29028845, gia 345"),
            "108: 0900***123 sai (8490***123), ma 29028845, gia 345"
        );
    }

    #[test]
    fn a_long_answer_is_cut_at_a_character() {
        assert_eq!(one_line(&"ữ".repeat(5_000)).chars().count(), LONGEST);
    }
}
