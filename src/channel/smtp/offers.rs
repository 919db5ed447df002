//! What a relay offers, and what that makes of a mail.

use super::Envelope;
use crate::channel::{Class, SendError};

/// What a relay offers beyond the basic protocol, as far as it makes a difference here. `8BITMIME` does not: bodies
/// are always encoded in seven bits.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Offers {
    /// Commands may be sent before the answers to those before them.
    pub(super) pipelining: bool,
    /// The relay looks at the size before the mail; the largest it takes, 0 for any.
    pub(super) size: Option<u64>,
    /// Addresses need not be ASCII.
    pub(super) utf8: bool,
}

impl Offers {
    /// The lines of an answer to `EHLO`.
    pub(super) fn of<'a>(lines: impl Iterator<Item = &'a str>) -> Self {
        let mut offers = Self::default();
        for line in lines {
            let mut words = line.split_ascii_whitespace();
            match words.next().unwrap_or_default().to_ascii_uppercase().as_str() {
                "PIPELINING" => offers.pipelining = true,
                "SIZE" => offers.size = Some(words.next().and_then(|most| most.parse().ok()).unwrap_or(0)),
                "SMTPUTF8" => offers.utf8 = true,
                _ => {}
            }
        }
        offers
    }

    /// Why a mail of `size` bytes in this envelope need not be offered.
    pub(super) fn refuse(&self, envelope: Envelope<'_>, size: usize) -> Option<SendError> {
        if !(self.utf8 || envelope.to.is_ascii()) {
            let reason = "the address is not ASCII and the relay does not offer SMTPUTF8; \
                          give the recipient an ASCII address, its domain as xn--…";
            return Some(SendError::new(Class::Recipient, None, reason));
        }
        let most = self.size.filter(|most| *most > 0)?;
        (u64::try_from(size).unwrap_or(u64::MAX) > most).then(|| {
            SendError::unfit(&format!("the message has {size} bytes and the relay takes {most}; shorten its template"))
        })
    }

    /// What follows the sender in `MAIL`.
    pub(super) fn parameters(&self, envelope: Envelope<'_>, size: usize) -> String {
        let mut parameters = if self.size.is_some() { format!(" SIZE={size}") } else { String::new() };
        if !envelope.to.is_ascii() {
            parameters.push_str(" SMTPUTF8");
        }
        parameters
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mail_that_the_relay_cannot_take_is_not_offered() {
        let offers = |lines: &str| Offers::of(lines.split(';'));
        let all = offers("relay.example;SIZE 1000;8BITMIME;pipelining;SMTPUTF8");
        assert_eq!(all, Offers { pipelining: true, size: Some(1_000), utf8: true });
        let none = offers("relay.example;XSIZE 5;AUTH PLAIN");
        assert_eq!(none, Offers::default());
        let ascii = Envelope { from: "b@x.example", to: "a@x.example" };
        let other = Envelope { to: "chữ@x.example", ..ascii };
        let class = |offers: Offers, envelope, size| offers.refuse(envelope, size).map(|error| error.class);
        assert_eq!(class(all, ascii, 1_000), None);
        assert_eq!(class(all, ascii, 1_001), Some(Class::Permanent));
        assert_eq!(class(offers("SIZE"), ascii, 1 << 30), None, "any size");
        assert_eq!((class(all, other, 9), class(none, other, 9)), (None, Some(Class::Recipient)));
        assert_eq!(all.parameters(other, 9), " SIZE=9 SMTPUTF8");
        assert_eq!((all.parameters(ascii, 9).as_str(), none.parameters(ascii, 9).as_str()), (" SIZE=9", ""));
    }
}
