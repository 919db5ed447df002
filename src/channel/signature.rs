//! The signature of a webhook, as Standard Webhooks says.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use secrecy::{ExposeSecret as _, SecretString};
use sha2::Sha256;

use crate::clock::Clock;

/// The key of the signature, ready to use.
pub(super) struct Key(Hmac<Sha256>);

impl Key {
    pub(super) fn new(secret: &SecretString) -> Result<Self, String> {
        let secret = secret.expose_secret();
        let bytes = match secret.strip_prefix("whsec_") {
            Some(encoded) => STANDARD.decode(encoded).map_err(|_| "`secret`: what follows whsec_ is not base64")?,
            None => secret.as_bytes().to_vec(),
        };
        if bytes.is_empty() {
            return Err("`secret` is empty".to_owned());
        }
        Hmac::new_from_slice(&bytes).map(Self).map_err(|error| error.to_string())
    }

    /// What proves to the peer who sent `body`, and when: it refuses old ones, so the instant is that of the attempt.
    pub(super) fn stamp(&self, id: &str, clock: &Clock, body: &[u8]) -> Stamp {
        let timestamp = clock.now().timestamp().to_string();
        let signature = self.sign(id, &timestamp, body);
        Stamp { timestamp, signature }
    }

    fn sign(&self, id: &str, timestamp: &str, body: &[u8]) -> String {
        let mut mac = self.0.clone();
        for piece in [id.as_bytes(), b".", timestamp.as_bytes(), b".", body] {
            mac.update(piece);
        }
        format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
    }
}

/// One attempt's signature.
pub(super) struct Stamp {
    timestamp: String,
    signature: String,
}

impl Stamp {
    /// The headers that carry it.
    pub(super) fn headers<'s>(&'s self, id: &'s str) -> [(&'static str, &'s str); 3] {
        [("webhook-id", id), ("webhook-timestamp", &self.timestamp), ("webhook-signature", &self.signature)]
    }
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Key(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signature_is_the_one_of_the_standards_example() {
        let key = Key::new(&"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".to_owned().into()).unwrap();
        assert_eq!(
            key.sign("msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", b"{\"test\": 2432232314}"),
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
        );
    }

    #[test]
    fn a_secret_is_never_printed() {
        let key = Key::new(&"very-secret".to_owned().into()).unwrap();
        assert_eq!(format!("{key:?}"), "Key(…)");
    }
}
