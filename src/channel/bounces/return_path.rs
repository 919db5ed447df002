//! The sender in the envelope: an address of its own for every message, so that a bounce says by itself what it is about.
//!
//! `bounces@province.example` becomes `bounces+<id of the entry>.<seal>@province.example`. Without the key nobody can make
//! a seal, so a bounce that somebody thought up changes nothing.

use std::fmt;

use hmac::{Hmac, KeyInit as _, Mac as _};
use secrecy::{ExposeSecret as _, SecretString};
use sha2::Sha256;
use uuid::Uuid;

/// Bytes of the seal: to guess one of 2^64 takes as many mails.
const SEAL: usize = 8;
/// Characters of `+`, id, `.` and seal.
const TAG: usize = 1 + 32 + 1 + SEAL * 2;
/// A local part has 64 characters at most.
const LONGEST_NAME: usize = 64 - TAG;
/// Shorter keys can be tried out.
const SHORTEST_KEY: usize = 20;

/// Where bounces go, and the key of their seals.
#[derive(Clone)]
pub(in crate::channel) struct ReturnPath {
    name: String,
    domain: String,
    mac: Hmac<Sha256>,
}

impl ReturnPath {
    /// From `name@domain`; the error is a reason for people.
    pub(in crate::channel) fn new(address: &str, key: &SecretString) -> Result<Self, String> {
        let (name, domain) = address.rsplit_once('@').ok_or("`return_path` is not of the form name@domain")?;
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
        if name.is_empty() || name.len() > LONGEST_NAME || !name.bytes().all(fits) {
            return Err(format!(
                "the name in `return_path` must have 1 to {LONGEST_NAME} letters, digits, - and _: a mark of {TAG} \
                 characters is put behind it"
            ));
        }
        if domain.is_empty() || !domain.bytes().all(fits) {
            return Err("the domain in `return_path` is not ASCII; write it as xn--…".to_owned());
        }
        let key = key.expose_secret().trim();
        if key.chars().count() < SHORTEST_KEY {
            return Err(format!("the key of `return_path` has fewer than {SHORTEST_KEY} characters"));
        }
        let mac = Hmac::new_from_slice(key.as_bytes()).map_err(|error| error.to_string())?;
        Ok(Self { name: name.to_ascii_lowercase(), domain: domain.to_ascii_lowercase(), mac })
    }

    /// The sender of the message `entry`.
    pub(in crate::channel) fn of(&self, entry: Uuid) -> String {
        let seal = self.seal(entry).finalize().into_bytes();
        let seal = hex::encode(seal.get(..SEAL).unwrap_or(&seal));
        format!("{}+{}.{seal}@{}", self.name, entry.simple(), self.domain)
    }

    /// The first sender of ours in `text`, whatever stands around it and however its letters are written.
    pub(in crate::channel) fn find(&self, text: &str) -> Option<Uuid> {
        let text = text.to_ascii_lowercase();
        let mark = format!("{}+", self.name);
        let mut rest = text.as_str();
        while let Some(at) = rest.find(&mark) {
            rest = rest.get(at + mark.len()..)?;
            if let Some(entry) = self.read(rest) {
                return Some(entry);
            }
        }
        None
    }

    /// `<id>.<seal>@domain…`
    fn read(&self, text: &str) -> Option<Uuid> {
        let (id, rest) = (text.get(..32)?, text.get(32..)?.strip_prefix('.')?);
        let (seal, rest) = (rest.get(..SEAL * 2)?, rest.get(SEAL * 2..)?.strip_prefix('@')?);
        let behind = rest.strip_prefix(self.domain.as_str())?;
        if behind.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_')
            || behind.strip_prefix('.').is_some_and(|more| more.starts_with(|c: char| c.is_ascii_alphanumeric()))
        {
            return None;
        }
        let entry = Uuid::try_parse(id).ok()?;
        let digits = seal.as_bytes().chunks_exact(2).map(|two| {
            let two = std::str::from_utf8(two).ok()?;
            u8::from_str_radix(two, 16).ok().filter(|_| !two.starts_with('+'))
        });
        let seal: Vec<u8> = digits.collect::<Option<_>>()?;
        self.seal(entry).verify_truncated_left(&seal).ok()?;
        Some(entry)
    }

    fn seal(&self, entry: Uuid) -> Hmac<Sha256> {
        let mut mac = self.mac.clone();
        mac.update(b"dondoc return path\0");
        mac.update(entry.as_bytes());
        mac
    }
}

impl fmt::Debug for ReturnPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ReturnPath({}@{})", self.name, self.domain)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENTRY: Uuid = Uuid::from_u128(0x0b8e_4a3e_9d3f_5c1e_8a77_3f1c_2d4e_5f60);

    fn path(address: &str, key: &str) -> ReturnPath {
        ReturnPath::new(address, &key.into()).unwrap()
    }

    fn ours() -> ReturnPath {
        path("bounces@province.example", "a-key-of-the-province-0000")
    }

    #[test]
    fn a_sender_is_found_again_in_whatever_a_relay_makes_of_it() {
        let sender = ours().of(ENTRY);
        assert_eq!(sender, ours().of(ENTRY), "the same on every try");
        assert!(sender.split('@').next().unwrap().len() <= 64, "{sender}");
        for text in [
            sender.clone(),
            format!("Bounces <{}>", sender.to_uppercase()),
            format!("rfc822;{sender}, bounces+x.y@province.example"),
            format!("bounces+nothing@province.example {sender}."),
        ] {
            assert_eq!(ours().find(&text), Some(ENTRY), "{text}");
        }
    }

    #[test]
    fn no_other_key_domain_or_entry_makes_a_sender_of_ours() {
        let sender = ours().of(ENTRY);
        for text in [
            path("bounces@province.example", "another-key-of-the-province").of(ENTRY),
            sender.replace("province.example", "province.example.evil.example"),
            sender.replace("province.example", "elsewhere.example"),
            sender.replace("0b8e4a3e", "0b8e4a3f"),
            sender.replace('.', ""),
            format!("bounces+{}@province.example", ENTRY.simple()),
            "bounces+".to_owned(),
            String::new(),
        ] {
            assert_eq!(ours().find(&text), None, "{text}");
        }
        for at in 0..sender.len() {
            let mut changed = sender.clone().into_bytes();
            changed[at] = if changed[at] == b'5' { b'6' } else { b'5' };
            assert_eq!(ours().find(&String::from_utf8(changed).unwrap()), None, "character {at}");
        }
    }

    #[test]
    fn what_cannot_be_a_return_path_is_refused_with_its_reason() {
        let key = "a-key-of-the-province-0000";
        for (address, key) in [
            ("bounces", key),
            ("@province.example", key),
            ("a-name-that-is-too-long@province.example", key),
            ("a b@province.example", key),
            ("bounces+x@province.example", key),
            ("bounces@tỉnh.example", key),
            ("bounces@province.example", "short"),
        ] {
            assert!(ReturnPath::new(address, &key.into()).is_err(), "{address}");
        }
        assert!(!format!("{:?}", ours()).contains("0000"), "the key never shows");
    }
}
