//! Tokens: fetched from the provider, or signed here.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use super::pattern::Pattern;
use super::place::Place;

/// How the token is had that `{{ token }}` stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Login {
    /// It is asked for.
    Asked {
        /// Where.
        url: Pattern,
        /// What is posted.
        body: Pattern,
        /// Its media type.
        content_type: String,
        /// Where it stands in the reply.
        token: Place,
        /// Where the seconds that it lasts stand in the reply.
        lasts: Option<Place>,
    },
    /// It is a JSON Web Token, signed with HS256.
    Signed {
        /// Its header: JSON, with `alg`.
        header: Pattern,
        /// What it claims: JSON.
        claims: Pattern,
        /// The name of the secret that signs it.
        secret: String,
        /// How long it lasts.
        lasts: Duration,
    },
}

/// A signed token.
pub(super) fn signed(header: &str, claims: &str, key: &str) -> Result<String, String> {
    let text = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims));
    let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).map_err(|error| error.to_string())?;
    mac.update(text.as_bytes());
    Ok(format!("{text}.{}", URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signature_is_the_one_of_the_well_known_example() {
        let token = signed(
            r#"{"alg":"HS256","typ":"JWT"}"#,
            r#"{"sub":"1234567890","name":"John Doe","iat":1516239022}"#,
            "your-256-bit-secret",
        );
        assert!(token.unwrap().ends_with(".SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c"));
    }
}
