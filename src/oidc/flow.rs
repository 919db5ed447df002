//! One sign-in on its way: what the browser that began it brings back, sealed, so that no other browser can end it.

use std::time::Duration;

use chrono::{DateTime, Utc};
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};

use crate::clock::from_millis;
use crate::seal::{self, Keys};

/// How long somebody may take at the provider.
pub const LASTS: Duration = Duration::from_mins(10);

/// What a sealed flow is about.
const ABOUT: &str = "oidc/flow";

/// Letters of five bits: 160 bits, and 320 for what PKCE wants at least 43 characters of.
const LETTERS: usize = 32;
const VERIFIER: usize = 64;

/// A sign-in that began in one browser.
#[derive(Clone, Serialize, Deserialize)]
pub struct Flow {
    /// What the provider gives back in the address.
    pub(super) state: String,
    /// What it puts into the ID token.
    pub(super) nonce: String,
    /// What only we can tell it (PKCE).
    pub(super) verifier: String,
    /// Where to go afterwards; looked at again before it is used.
    pub next: String,
    /// The session that the browser had, which ends; its cookie does not come back with a foreign site's link.
    pub session: Option<String>,
    /// The mark of the browser, which does not either.
    pub browser: Option<String>,
    began: i64,
}

impl std::fmt::Debug for Flow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Flow")
    }
}

impl Flow {
    /// A new one, with words that nobody guesses. Nothing without randomness.
    pub fn begin(next: &str, session: Option<&str>, browser: Option<&str>, now: DateTime<Utc>) -> Option<Self> {
        Some(Self {
            state: seal::code(LETTERS)?,
            nonce: seal::code(LETTERS)?,
            verifier: seal::code(VERIFIER)?,
            next: next.to_owned(),
            session: session.map(ToOwned::to_owned),
            browser: browser.map(ToOwned::to_owned),
            began: now.timestamp_millis(),
        })
    }

    /// As the browser keeps it. Nothing without a key.
    pub fn sealed(&self, keys: &Keys) -> Option<String> {
        keys.seal(ABOUT, &SecretString::from(serde_json::to_string(self).ok()?))
    }

    /// What a browser brought back, if we sealed it within the last ten minutes and the address says the same.
    pub fn opened(sealed: &str, keys: &Keys, state: &str, now: DateTime<Utc>) -> Option<Self> {
        let flow: Self = serde_json::from_str(keys.open(ABOUT, sealed)?.expose_secret()).ok()?;
        let began = from_millis(flow.began);
        let in_time = began <= now && now < began + LASTS;
        (in_time && seal::same(flow.state.as_bytes(), state.as_bytes())).then_some(flow)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flow_comes_back_whole_within_ten_minutes_with_its_own_state_and_key() {
        let keys = Keys::of(&SecretString::from("a-key-of-the-province-00000000000000000"));
        let now: DateTime<Utc> = "2026-11-26T01:00:00Z".parse().unwrap();
        let flow = Flow::begin("/nhat-ky", Some("old"), None, now).unwrap();
        let sealed = flow.sealed(&keys).unwrap();
        let opened = |state: &str, at| Flow::opened(&sealed, &keys, state, at);
        let back = opened(&flow.state, now + LASTS - Duration::from_secs(1)).unwrap();
        assert_eq!(
            (back.next.as_str(), back.session.as_deref(), back.nonce),
            ("/nhat-ky", Some("old"), flow.nonce.clone())
        );
        assert!(opened(&flow.state, now + LASTS).is_none(), "too late");
        assert!(opened(&flow.state, now - Duration::from_secs(1)).is_none(), "from the future");
        assert!(opened("", now).is_none() && opened(&flow.verifier, now).is_none(), "another state");
        assert!(Flow::opened("", &keys, &flow.state, now).is_none());
        let other = Keys::of(&SecretString::from("another-key-of-the-province-000000000"));
        assert!(Flow::opened(&sealed, &other, &flow.state, now).is_none(), "another key");
        assert!(flow.sealed(&Keys::default()).is_none(), "without a key nothing begins");
        assert!((43..=128).contains(&flow.verifier.len()), "RFC 7636");
    }
}
