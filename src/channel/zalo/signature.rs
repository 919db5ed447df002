//! The signature of Zalo's calls: SHA-256 over app, body, timestamp and secret, one after the other.

use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest as _, Sha256};

/// What a call may be signed with. Sources disagree, so each of both is tried with each secret.
pub(super) struct Signers<'a> {
    /// The app and the account.
    pub(super) ids: &'a [&'a str],
    pub(super) secrets: &'a [&'a SecretString],
}

impl Signers<'_> {
    /// Whether `header` (`mac=…`) signs exactly these bytes and this timestamp.
    pub(super) fn signed(&self, header: &str, body: &[u8], timestamp: &str) -> bool {
        let mac = header.trim().strip_prefix("mac=").unwrap_or(header.trim()).to_ascii_lowercase();
        let mut found = false;
        for id in self.ids {
            for secret in self.secrets {
                found |= crate::seal::same(mac.as_bytes(), mac_of(id, body, timestamp, secret).as_bytes());
            }
        }
        found
    }
}

fn mac_of(id: &str, body: &[u8], timestamp: &str, secret: &SecretString) -> String {
    let mut hash = Sha256::new();
    for piece in [id.as_bytes(), body, timestamp.as_bytes(), secret.expose_secret().as_bytes()] {
        hash.update(piece);
    }
    hex::encode(hash.finalize())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn app_or_account_and_any_secret_may_sign_and_nothing_else() {
        let secrets = [SecretString::from("app secret"), SecretString::from("account secret")];
        let secrets: Vec<&SecretString> = secrets.iter().collect();
        let signers = Signers { ids: &["1", "2"], secrets: &secrets };
        for (id, secret) in [("1", 0), ("1", 1), ("2", 0), ("2", 1)] {
            let mac = mac_of(id, b"{}", "5", secrets[secret]);
            assert!(signers.signed(&format!("mac={mac}"), b"{}", "5"));
            assert!(signers.signed(&mac.to_uppercase(), b"{}", "5"));
            assert!(!signers.signed(&mac, b"{} ", "5") && !signers.signed(&mac, b"{}", "6"));
        }
        let foreign = mac_of("3", b"{}", "5", secrets[0]);
        assert!(
            !signers.signed(&foreign, b"{}", "5")
                && !signers.signed("", b"{}", "5")
                && !signers.signed("mac=", b"{}", "5")
        );
    }
}
