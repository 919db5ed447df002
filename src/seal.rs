//! Seals secrets that have to lie in the database, so that a copy of it gives none away.
//!
//! ChaCha20-Poly1305 under a key from a credential file. What a value is about (its record and version) is bound into
//! the seal: a value that is moved to another record, or put back, does not open.

use std::fmt;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::rand::{SecureRandom as _, SystemRandom};
use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest as _, Sha256};

/// First byte of what is sealed in this way.
const FORM: u8 = 1;
const KEY_ID: usize = 4;

/// Letters and digits that nobody confuses.
const LETTERS: [char; 32] = [
    'A', 'B', 'C', 'D', 'E', 'F', 'G', 'H', 'J', 'K', 'L', 'M', 'N', 'P', 'Q', 'R', 'S', 'T', 'U', 'V', 'W', 'X', 'Y',
    'Z', '2', '3', '4', '5', '6', '7', '8', '9',
];

/// The keys: the first one seals, all of them open. They never show.
#[derive(Clone, Default)]
pub struct Keys(Arc<Vec<Key>>);

struct Key {
    id: [u8; KEY_ID],
    aead: LessSafeKey,
    characters: usize,
}

impl Keys {
    /// The words of `text`: usually one, two while an old one is replaced.
    pub fn of(text: &SecretString) -> Self {
        Self(Arc::new(text.expose_secret().split_whitespace().filter_map(Key::of).collect()))
    }

    /// Whether there is none, and so nothing can be sealed or opened.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Characters of the shortest one.
    pub fn shortest(&self) -> Option<usize> {
        self.0.iter().map(|key| key.characters).min()
    }

    /// `secret`, sealed for the record and version that `about` names. Nothing without a key or without randomness.
    pub fn seal(&self, about: &str, secret: &SecretString) -> Option<String> {
        let key = self.0.first()?;
        let mut nonce = [0; NONCE_LEN];
        SystemRandom::new().fill(&mut nonce).ok()?;
        let mut text = secret.expose_secret().as_bytes().to_vec();
        key.aead.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), bound(about), &mut text).ok()?;
        Some(URL_SAFE_NO_PAD.encode([&[FORM][..], &key.id, &nonce, &text].concat()))
    }

    /// What was sealed for `about` with one of the keys. Nothing for anything else.
    pub fn open(&self, about: &str, sealed: &str) -> Option<SecretString> {
        let bytes = URL_SAFE_NO_PAD.decode(sealed).ok()?;
        let (form, rest) = bytes.split_first()?;
        let (id, rest) = rest.split_at_checked(KEY_ID)?;
        let (nonce, text) = rest.split_at_checked(NONCE_LEN)?;
        let key = self.0.iter().find(|key| key.id == id).filter(|_| *form == FORM)?;
        let mut text = text.to_vec();
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let opened = key.aead.open_in_place(nonce, bound(about), &mut text).ok()?;
        String::from_utf8(opened.to_vec()).ok().map(SecretString::from)
    }
}

impl Key {
    fn of(word: &str) -> Option<Self> {
        let digest = |purpose: &str| Sha256::digest(format!("dondoc seal {purpose}\0{word}"));
        let id = digest("key id").first_chunk().copied()?;
        let aead = UnboundKey::new(&CHACHA20_POLY1305, &digest("key")).ok().map(LessSafeKey::new)?;
        Some(Self { id, aead, characters: word.chars().count() })
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keys")
    }
}

fn bound(about: &str) -> Aad<Vec<u8>> {
    Aad::from([b"dondoc seal\0", about.as_bytes()].concat())
}

/// A code of `length` letters and digits that nobody guesses: five bits each. Nothing without randomness.
pub fn code(length: usize) -> Option<String> {
    let mut bytes = vec![0; length];
    SystemRandom::new().fill(&mut bytes).ok()?;
    bytes.iter().map(|byte| LETTERS.get(usize::from(byte % 32))).collect()
}

/// `text` behind a pad that no other answer has. A compressed answer tells by its length what is repeated in it; what has
/// other bytes each time is repeated nowhere. [`unmasked`] takes the pad away. Nothing without randomness.
pub fn masked(text: &str) -> Option<String> {
    let mut pad = vec![0; text.len()];
    SystemRandom::new().fill(&mut pad).ok()?;
    let hidden: Vec<u8> = text.bytes().zip(&pad).map(|(byte, pad)| byte ^ pad).collect();
    Some(URL_SAFE_NO_PAD.encode([pad, hidden].concat()))
}

/// What [`masked`] hid. Nothing for what it did not make.
pub fn unmasked(masked: &str) -> Option<Vec<u8>> {
    let bytes = URL_SAFE_NO_PAD.decode(masked).ok()?;
    let (pad, hidden) = bytes.split_at_checked(bytes.len() / 2)?;
    (pad.len() == hidden.len()).then(|| pad.iter().zip(hidden).map(|(pad, byte)| pad ^ byte).collect())
}

/// Whether both are the same, found out in a time that does not tell where they differ.
pub fn same(one: &[u8], other: &[u8]) -> bool {
    one.len() == other.len() && one.iter().zip(other).fold(0, |differs, (one, other)| differs | (one ^ other)) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(words: &str) -> Keys {
        Keys::of(&SecretString::from(words))
    }

    fn opened(keys: &Keys, about: &str, sealed: &str) -> Option<String> {
        keys.open(about, sealed).map(|secret| secret.expose_secret().to_owned())
    }

    #[test]
    fn a_secret_opens_for_its_record_and_version_only() {
        let keys = keys("a-key-of-the-province-00000000000000000");
        let sealed = keys.seal("token/1/7", &SecretString::from("bí mật")).unwrap();
        assert_eq!(opened(&keys, "token/1/7", &sealed).as_deref(), Some("bí mật"));
        for other in ["token/1/8", "token/2/7", ""] {
            assert_eq!(opened(&keys, other, &sealed), None, "{other}");
        }
        assert_ne!(keys.seal("token/1/7", &SecretString::from("bí mật")), Some(sealed), "a nonce of its own each time");
    }

    #[test]
    fn what_is_masked_looks_otherwise_each_time_and_is_the_same_below() {
        let (one, other) = (masked("0123abcd").unwrap(), masked("0123abcd").unwrap());
        assert_ne!(one, other);
        assert_eq!((unmasked(&one), unmasked(&other)), (Some(b"0123abcd".to_vec()), Some(b"0123abcd".to_vec())));
        for no_mask in ["%", "a", "abcd"] {
            assert_eq!(unmasked(no_mask), None, "{no_mask}");
        }
    }

    #[test]
    fn an_old_key_opens_until_it_is_removed_and_the_first_one_seals() {
        let sealed = keys("old").seal("x", &SecretString::from("s")).unwrap();
        assert!(opened(&keys("new old"), "x", &sealed).is_some());
        assert!(opened(&keys("new"), "x", &sealed).is_none());
        let again = keys("new old").seal("x", &SecretString::from("s")).unwrap();
        assert!(opened(&keys("new"), "x", &again).is_some());
        assert!(keys(" ").seal("x", &SecretString::from("s")).is_none());
    }

    #[test]
    fn no_bit_can_be_changed_and_nothing_else_opens() {
        let keys = keys("key");
        let sealed = keys.seal("x", &SecretString::from("secret")).unwrap();
        let bytes = URL_SAFE_NO_PAD.decode(&sealed).unwrap();
        for bit in 0..bytes.len() * 8 {
            let mut forged = bytes.clone();
            forged[bit / 8] ^= 1 << (bit % 8);
            assert!(opened(&keys, "x", &URL_SAFE_NO_PAD.encode(forged)).is_none(), "bit {bit}");
        }
        for length in 0..sealed.len() {
            assert!(opened(&keys, "x", &sealed[..length]).is_none(), "{length}");
        }
        assert_eq!(format!("{keys:?}"), "Keys");
    }

    #[test]
    fn codes_are_legible_and_differ() {
        let one = code(10).unwrap();
        assert!(one.len() == 10 && one.chars().all(|letter| LETTERS.contains(&letter)));
        assert_ne!(one, code(10).unwrap());
        assert!(same(b"ab", b"ab") && !same(b"ab", b"ac") && !same(b"ab", b"abc"));
    }
}
