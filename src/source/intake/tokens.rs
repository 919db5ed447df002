//! Who may push.

use std::fmt;
use std::hint::black_box;

use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest as _, Sha256};

/// The tokens of one source. They never show, and neither does their number: what a round stands on is hashed from the
/// settings' text, and a token that is changed changes no figures.
#[derive(Clone, Default)]
pub struct Tokens(Vec<SecretString>);

impl Tokens {
    /// The words of `text`: usually one, two while an old one is replaced.
    pub fn of(text: &SecretString) -> Self {
        Self(text.expose_secret().split_whitespace().map(|token| SecretString::from(token.to_owned())).collect())
    }

    /// Whether nobody may push.
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Characters of the shortest one.
    pub fn shortest(&self) -> Option<usize> {
        self.0.iter().map(|token| token.expose_secret().chars().count()).min()
    }

    /// Whether `token` is one of them. Takes the same time whichever it is, and however much of it is right.
    pub fn admit(&self, token: &str) -> bool {
        let offered = Sha256::digest(token.as_bytes());
        let mut admitted = false;
        for known in &self.0 {
            let known = Sha256::digest(known.expose_secret().as_bytes());
            let differs = known.iter().zip(offered.iter()).fold(0_u8, |differs, (one, other)| differs | (one ^ other));
            admitted |= black_box(differs) == 0;
        }
        admitted
    }
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tokens")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_token_of_the_file_is_good_and_nothing_else_is() {
        let tokens = Tokens::of(&SecretString::from("old-token-of-province\nnew-token-of-province\n".to_owned()));
        assert!(tokens.admit("old-token-of-province") && tokens.admit("new-token-of-province"));
        for wrong in
            ["", "old-token-of-provinc", "old-token-of-province ", "old-token-of-province\nnew-token-of-province"]
        {
            assert!(!tokens.admit(wrong), "{wrong:?}");
        }
        assert_eq!(format!("{tokens:?}"), "Tokens");
        assert!(!Tokens::default().admit(""));
    }
}
