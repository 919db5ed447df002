//! The keys that links are sealed with.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::NaiveDate;
use hmac::{Hmac, KeyInit as _, Mac as _};
use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest as _, Sha256};

use super::token::{LONGEST, MAC, Token, first};

/// What links are sealed with: the first key signs, all of them are accepted. They never show.
#[derive(Clone, Default)]
pub struct Keys(Vec<Key>);

#[derive(Clone)]
struct Key {
    id: [u8; 4],
    mac: Hmac<Sha256>,
    characters: usize,
}

/// The mark in a page's form that says that the page was really shown; see [`Keys::form_mark`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FormCheck {
    /// It comes from a page of today or yesterday.
    Fresh,
    /// It does not.
    Stale,
}

impl Keys {
    /// The words of `text`: usually one, two while an old one is replaced. The first one signs.
    pub fn of(text: &SecretString) -> Self {
        Self(text.expose_secret().split_whitespace().filter_map(Key::of).collect())
    }

    /// Whether there is none, and so no link.
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Characters of the shortest one.
    pub fn shortest(&self) -> Option<usize> {
        self.0.iter().map(|key| key.characters).min()
    }

    /// The text of `token`; nothing without a key, for too many cases, or for days before 2000.
    pub(super) fn seal(&self, token: &Token) -> Option<String> {
        let key = self.0.first()?;
        let mut bytes = token.bytes(key.id)?;
        let mac = key.of_link(&bytes).finalize().into_bytes();
        bytes.extend_from_slice(mac.get(..MAC)?);
        Some(URL_SAFE_NO_PAD.encode(bytes))
    }

    /// What `text` says, when it was sealed with one of the keys and has not ended before `today`. Anything else is
    /// nothing: why it is none is nobody's business.
    pub(super) fn open(&self, text: &str, today: NaiveDate) -> Option<Token> {
        if text.len() > LONGEST {
            return None;
        }
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (body, mac) = bytes.split_at_checked(bytes.len().checked_sub(MAC)?)?;
        let id = body.get(2..6)?;
        let key = self.0.iter().find(|key| key.id == id).or_else(|| self.0.first())?;
        key.of_link(body).verify_truncated_left(mac).ok()?;
        Token::from_bytes(body).filter(|token| today <= token.expires)
    }

    /// The mark of a form on the page of the link `text`, shown on `day`.
    pub fn form_mark(&self, text: &str, day: NaiveDate) -> String {
        let mac = self.0.first().map(|key| key.of_form(text, day).finalize().into_bytes());
        mac.map(|mac| URL_SAFE_NO_PAD.encode(mac.get(..12).unwrap_or_default())).unwrap_or_default()
    }

    /// Whether `mark` is that of a page of the link `text` that was shown today or yesterday.
    pub fn check_form(&self, mark: &str, text: &str, today: NaiveDate) -> FormCheck {
        let Ok(mark) = URL_SAFE_NO_PAD.decode(mark) else { return FormCheck::Stale };
        let days = [Some(today), today.pred_opt()];
        let fits = |key: &Key| {
            days.iter()
                .flatten()
                .any(|day| mark.len() == 12 && key.of_form(text, *day).verify_truncated_left(&mark).is_ok())
        };
        if self.0.iter().any(fits) { FormCheck::Fresh } else { FormCheck::Stale }
    }
}

impl Key {
    fn of(word: &str) -> Option<Self> {
        let id = first(&Sha256::digest(format!("dondoc reply key id\0{word}")));
        let mac = Hmac::new_from_slice(word.as_bytes()).ok()?;
        Some(Self { id, mac, characters: word.chars().count() })
    }

    fn of_link(&self, bytes: &[u8]) -> Hmac<Sha256> {
        self.over(&[b"dondoc reply link\0", bytes])
    }

    fn of_form(&self, text: &str, day: NaiveDate) -> Hmac<Sha256> {
        self.over(&[b"dondoc reply form\0", day.to_string().as_bytes(), text.as_bytes()])
    }

    fn over(&self, pieces: &[&[u8]]) -> Hmac<Sha256> {
        let mut mac = self.mac.clone();
        for piece in pieces {
            mac.update(piece);
        }
        mac
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keys")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: &str = "an-old-key-of-the-province-0000000000000";
    const NEW: &str = "a-new-key-of-the-province-11111111111111";

    fn keys(words: &[&str]) -> Keys {
        Keys::of(&SecretString::from(words.join("\n")))
    }

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn token(cases: u8) -> Token {
        Token {
            series: 3,
            as_of: day("2026-11-23"),
            expires: day("2026-12-23"),
            recipient: *b"07201/he",
            cases: (0..cases).map(|number| [number; 6]).collect(),
        }
    }

    #[test]
    fn what_was_sealed_is_read_back_until_its_last_day() {
        for cases in [1, 4, 240] {
            let text = keys(&[NEW]).seal(&token(cases)).unwrap();
            assert_eq!(keys(&[NEW]).open(&text, day("2026-12-23")), Some(token(cases)));
            assert_eq!(keys(&[NEW]).open(&text, day("2026-12-24")), None, "the day after");
        }
        assert_eq!(keys(&[NEW]).seal(&token(4)).unwrap().len(), 80);
        assert_eq!(keys(&[NEW]).seal(&token(4)), keys(&[NEW]).seal(&token(4)), "the same link whenever it is made");
    }

    #[test]
    fn no_bit_can_be_changed() {
        let text = keys(&[NEW]).seal(&token(2)).unwrap();
        let bytes = URL_SAFE_NO_PAD.decode(&text).unwrap();
        for bit in 0..bytes.len() * 8 {
            let mut forged = bytes.clone();
            forged[bit / 8] ^= 1 << (bit % 8);
            let forged = URL_SAFE_NO_PAD.encode(forged);
            assert_eq!(keys(&[NEW, OLD]).open(&forged, day("2026-11-24")), None, "bit {bit}");
        }
    }

    #[test]
    fn nothing_shorter_longer_or_spelt_otherwise_is_a_link() {
        let text = keys(&[NEW]).seal(&token(2)).unwrap();
        let open = |text: &str| keys(&[NEW]).open(text, day("2026-11-24"));
        for length in 0..text.len() {
            assert_eq!(open(&text[..length]), None, "{length}");
        }
        for other in
            [format!("{text}A"), format!("{text}="), format!(" {text}"), text.to_uppercase(), "a".repeat(100_000)]
        {
            assert_eq!(open(&other), None);
        }
    }

    #[test]
    fn an_old_key_is_good_until_it_is_removed_and_another_never() {
        let today = day("2026-11-24");
        let text = keys(&[OLD]).seal(&token(2)).unwrap();
        assert_eq!(keys(&[NEW, OLD]).open(&text, today), Some(token(2)));
        assert_eq!(keys(&[NEW]).open(&text, today), None);
        assert_eq!(keys(&[]).open(&text, today), None);
        assert_eq!(keys(&[]).seal(&token(2)), None);
    }

    #[test]
    fn a_token_of_another_purpose_or_version_is_none() {
        let key = &keys(&[NEW]).0[0];
        for (at, byte) in [(0, 2), (1, b'p')] {
            let mut bytes = token(1).bytes(key.id).unwrap();
            bytes[at] = byte;
            let mac = key.of_link(&bytes).finalize().into_bytes();
            bytes.extend_from_slice(&mac[..MAC]);
            assert_eq!(keys(&[NEW]).open(&URL_SAFE_NO_PAD.encode(bytes), day("2026-11-24")), None);
        }
    }

    #[test]
    fn a_form_is_good_on_its_day_and_the_next_and_for_its_own_link() {
        let keys = keys(&[NEW, OLD]);
        let mark = keys.form_mark("link", day("2026-11-24"));
        let fresh = |text: &str, today: &str| keys.check_form(&mark, text, day(today)) == FormCheck::Fresh;
        assert!(fresh("link", "2026-11-24") && fresh("link", "2026-11-25"));
        assert_eq!(format!("{keys:?}"), "Keys");
        assert!(!fresh("link", "2026-11-26") && !fresh("lino", "2026-11-24") && !fresh("link", "2026-11-23"));
        for other in ["", "A", "AAAAAAAAAAAAAAAA"] {
            assert_eq!(keys.check_form(other, "link", day("2026-11-24")), FormCheck::Stale);
        }
    }
}
