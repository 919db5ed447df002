//! The DKIM signature (RFC 6376, RFC 8463) of a mail: `relaxed/relaxed`, the same bytes on every try.
//!
//! lettre's own signer takes the time from the clock, which would make every try another mail, signs only mails that lettre
//! built, and brings an RSA with a known timing hole (RUSTSEC-2023-0071). ring is the provider of TLS here already.

use std::fmt::{self, Write as _};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::rand::SystemRandom;
use ring::signature::{Ed25519KeyPair, RSA_PKCS1_SHA256, RsaKeyPair};
use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::pem::PemObject as _;
use secrecy::ExposeSecret as _;
use sha2::{Digest as _, Sha256};

use super::SendError;
use super::mail_settings::Dkim;

/// Signed when they are there. Those that come twice are sealed against being added once more on the way.
const SIGNED: [&str; 15] = [
    "from",
    "from",
    "to",
    "to",
    "subject",
    "subject",
    "reply-to",
    "date",
    "message-id",
    "in-reply-to",
    "references",
    "mime-version",
    "content-type",
    "auto-submitted",
    "list-unsubscribe",
];
/// Where a line of the header is broken.
const WIDTH: usize = 72;

/// Signs with one key.
pub(super) struct Signer {
    domain: String,
    selector: String,
    key: Key,
}

enum Key {
    Rsa(Box<RsaKeyPair>),
    Ed25519(Ed25519KeyPair),
}

impl Signer {
    /// The error is a reason for people and shows nothing of the key.
    pub(super) fn new(settings: &Dkim) -> Result<Self, String> {
        let fits =
            |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b));
        if !fits(&settings.domain) || !fits(&settings.selector) {
            return Err("`dkim_domain` and `dkim_selector` are names of letters, digits, points and -".to_owned());
        }
        let pem = settings.key.expose_secret().as_bytes();
        let no_key = "`dkim_key_file` holds no private key in PEM";
        let key = match PrivateKeyDer::from_pem_slice(pem).map_err(|_| no_key)? {
            PrivateKeyDer::Pkcs1(der) => {
                RsaKeyPair::from_der(der.secret_pkcs1_der()).map(|key| Key::Rsa(Box::new(key)))
            }
            PrivateKeyDer::Pkcs8(der) => {
                let der = der.secret_pkcs8_der();
                let rsa = RsaKeyPair::from_pkcs8(der).map(|key| Key::Rsa(Box::new(key)));
                rsa.or_else(|_| Ed25519KeyPair::from_pkcs8_maybe_unchecked(der).map(Key::Ed25519))
            }
            _ => return Err(no_key.to_owned()),
        };
        let key = key.map_err(|why| {
            format!("the key in `dkim_key_file` is neither RSA of 2048 bits or more nor Ed25519: {why}")
        })?;
        Ok(Self { domain: settings.domain.to_ascii_lowercase(), selector: settings.selector.clone(), key })
    }

    /// The header line for a mail that was written at `second` (since 1970), with its line end.
    pub(super) fn sign(&self, headers: &str, body: &str, second: i64) -> Result<String, SendError> {
        let fields = fields(headers);
        let mut names: Vec<&str> = Vec::with_capacity(SIGNED.len());
        let mut signed = String::with_capacity(headers.len());
        for name in SIGNED {
            let Some((_, value)) = fields.iter().find(|(field, _)| field == name) else { continue };
            // The second time there is none of that name, which is signed as nothing.
            if !names.contains(&name) {
                let _ = write!(signed, "{name}:{value}\r\n");
            }
            names.push(name);
        }
        let algorithm = match self.key {
            Key::Rsa(_) => "rsa",
            Key::Ed25519(_) => "ed25519",
        };
        let mut header = format!(
            "DKIM-Signature: v=1; a={algorithm}-sha256; c=relaxed/relaxed; d={};\r\n s={}; t={second};\r\n h=",
            self.domain, self.selector
        );
        push_folded(&mut header, &names.join(":"), ':');
        let _ = write!(header, ";\r\n bh={};\r\n b=", STANDARD.encode(body_hash(body)));
        let unsigned = header.split_once(':').map(|(_, value)| relaxed(value)).unwrap_or_default();
        let _ = write!(signed, "dkim-signature:{unsigned}");
        push_folded(&mut header, &STANDARD.encode(self.seal(signed.as_bytes())?), '\0');
        header.push_str("\r\n");
        Ok(header)
    }

    fn seal(&self, text: &[u8]) -> Result<Vec<u8>, SendError> {
        match &self.key {
            Key::Ed25519(key) => Ok(key.sign(&Sha256::digest(text)).as_ref().to_vec()),
            Key::Rsa(key) => {
                let mut seal = vec![0; key.public().modulus_len()];
                let sealed = key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), text, &mut seal);
                sealed.map_err(|_| SendError::broken("the mail cannot be signed with the key of `dkim_key_file`"))?;
                Ok(seal)
            }
        }
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Signer({}, {})", self.domain, self.selector)
    }
}

/// Names in small letters and canonical values.
fn fields(headers: &str) -> Vec<(String, String)> {
    let mut fields: Vec<(String, String)> = Vec::new();
    for line in headers.split_inclusive("\r\n") {
        if line.starts_with([' ', '\t']) {
            if let Some((_, value)) = fields.last_mut() {
                value.push_str(line);
            }
        } else if let Some((name, value)) = line.split_once(':') {
            fields.push((name.trim().to_ascii_lowercase(), value.to_owned()));
        }
    }
    for (_, value) in &mut fields {
        *value = relaxed(value);
    }
    fields
}

/// Lines unfolded, spaces and tabs as one space, none at the ends.
fn relaxed(value: &str) -> String {
    let mut words = value.split([' ', '\t', '\r', '\n']).filter(|word| !word.is_empty());
    let mut text = words.next().unwrap_or_default().to_owned();
    for word in words {
        text.push(' ');
        text.push_str(word);
    }
    text
}

/// Of the body with spaces and tabs as one space, none at the end of a line, and no empty lines at the end.
fn body_hash(body: &str) -> [u8; 32] {
    let mut hash = Sha256::new();
    let mut empty = 0_usize;
    for line in body.split_inclusive("\r\n") {
        let line = line.trim_end_matches(['\r', '\n', ' ', '\t']);
        if line.is_empty() {
            empty += 1;
            continue;
        }
        for _ in 0..empty {
            hash.update(b"\r\n");
        }
        empty = 0;
        let mut rest = line;
        while let Some(at) = rest.find([' ', '\t']) {
            let (word, tail) = rest.split_at(at);
            hash.update(word.as_bytes());
            hash.update(b" ");
            rest = tail.trim_start_matches([' ', '\t']);
        }
        hash.update(rest.as_bytes());
        hash.update(b"\r\n");
    }
    hash.finalize().into()
}

/// `text` in lines of bearable length, broken behind `mark`, or anywhere where it is none.
fn push_folded(header: &mut String, text: &str, mark: char) {
    let mut used = 4;
    for piece in pieces(text, mark) {
        if used + piece.len() > WIDTH {
            header.push_str("\r\n  ");
            used = 2;
        }
        header.push_str(piece);
        used += piece.len();
    }
}

fn pieces(text: &str, mark: char) -> Vec<&str> {
    if mark != '\0' {
        return text.split_inclusive(mark).collect();
    }
    let mut pieces = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let (piece, tail) = rest.split_at(rest.len().min(WIDTH - 4));
        pieces.push(piece);
        rest = tail;
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_the_standard_hashes_as_printed_there() {
        // RFC 8463, appendix A: the body and its hash.
        let body = "Hi.\r\n\r\nWe lost the game.  Are you hungry yet?\r\n\r\nJoe.\r\n";
        assert_eq!(STANDARD.encode(body_hash(body)), "2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=");
    }

    #[test]
    fn bodies_and_headers_are_made_alike_before_they_are_signed() {
        assert_eq!(body_hash("a  b\t \r\n c\r\n\r\n\r\n"), body_hash("a b\r\n\tc\r\n"));
        assert_ne!(body_hash("a b\r\n"), body_hash("ab\r\n"));
        assert_eq!(body_hash(""), <[u8; 32]>::from(Sha256::digest(b"")));
        let fields = fields("Subject: =?utf-8?b?YQ==?=\r\n  =?utf-8?b?YQ==?= \r\nTO:a@x.example\r\n");
        assert_eq!(fields[0], ("subject".to_owned(), "=?utf-8?b?YQ==?= =?utf-8?b?YQ==?=".to_owned()));
        assert_eq!(fields[1], ("to".to_owned(), "a@x.example".to_owned()));
    }

    #[test]
    fn what_is_no_key_is_refused_and_does_not_show() {
        for pem in ["", "hunter2", "-----BEGIN PRIVATE KEY-----\naHVudGVyMg==\n-----END PRIVATE KEY-----\n"] {
            let settings = Dkim { domain: "province.example".into(), selector: "s".into(), key: pem.into() };
            let error = Signer::new(&settings).unwrap_err();
            assert!(!error.contains("hunter2") && error.contains("dkim_key_file"), "{error}");
        }
    }
}
