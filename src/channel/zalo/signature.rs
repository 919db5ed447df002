//! The signature of Zalo's calls: SHA-256 over an id, body, timestamp and a secret, one after the other. Sources disagree on
//! which id and which secret, so each of both is tried with each, unless the settings pin one.

use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest as _, Sha256};

use super::settings::Zalo;

/// With which id and which secret a call is signed, by the names of their keys in the configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignedBy {
    /// The app's id and the app's secret, as Zalo documents it.
    AppAndSecretKey,
    /// The app's id and the further secret.
    AppAndWebhookSecret,
    /// The account's id and the app's secret.
    AccountAndSecretKey,
    /// The account's id and the further secret.
    AccountAndWebhookSecret,
}

impl SignedBy {
    /// Every variant that is known.
    pub const ALL: [Self; 4] =
        [Self::AppAndSecretKey, Self::AppAndWebhookSecret, Self::AccountAndSecretKey, Self::AccountAndWebhookSecret];

    /// Its word in the configuration.
    pub const fn word(self) -> &'static str {
        match self {
            Self::AppAndSecretKey => "app_id and secret_key",
            Self::AppAndWebhookSecret => "app_id and webhook_secret",
            Self::AccountAndSecretKey => "oa_id and secret_key",
            Self::AccountAndWebhookSecret => "oa_id and webhook_secret",
        }
    }

    /// Whether it needs the account's id.
    pub const fn needs_account(self) -> bool {
        matches!(self, Self::AccountAndSecretKey | Self::AccountAndWebhookSecret)
    }

    /// Whether it needs the further secret.
    pub const fn needs_webhook_secret(self) -> bool {
        matches!(self, Self::AppAndWebhookSecret | Self::AccountAndWebhookSecret)
    }
}

/// What a call may be signed with.
pub(super) struct Signers<'a> {
    app_id: &'a str,
    oa_id: Option<&'a str>,
    secret_key: &'a SecretString,
    webhook_secrets: &'a [SecretString],
    /// The only one that is accepted; `None`: any.
    pinned: Option<SignedBy>,
}

impl<'a> Signers<'a> {
    pub(super) fn of(settings: &'a Zalo) -> Self {
        Self {
            app_id: &settings.app_id,
            oa_id: settings.oa_id.as_deref(),
            secret_key: &settings.secret_key,
            webhook_secrets: &settings.webhook_secrets,
            pinned: settings.webhook_signed_by,
        }
    }

    /// Which of them `header` (`mac=…`) signs exactly these bytes and this timestamp with.
    ///
    /// # Errors
    /// Why the call is refused, for people: none of them signed it, or another one than is pinned.
    pub(super) fn verified(&self, header: &str, body: &[u8], timestamp: &str) -> Result<SignedBy, String> {
        let mac = header.trim().strip_prefix("mac=").unwrap_or(header.trim()).to_ascii_lowercase();
        let signed = |by: SignedBy| {
            // All are compared, so that the time tells nothing of which one fits.
            self.secrets(by).iter().fold(false, |found, secret| {
                let id = if by.needs_account() { self.oa_id } else { Some(self.app_id) };
                let wanted = id.map(|id| mac_of(id, body, timestamp, secret)).unwrap_or_default();
                found | (!wanted.is_empty() && crate::seal::same(mac.as_bytes(), wanted.as_bytes()))
            })
        };
        let fits = SignedBy::ALL.map(|by| (by, signed(by)));
        let found = fits.iter().filter(|(_, fits)| *fits).map(|(by, _)| *by);
        let found: Vec<SignedBy> = found.collect();
        match (found.first(), self.pinned) {
            (None, _) if mac.is_empty() => Err("there is no signature".to_owned()),
            (None, _) => Err("the signature is none that the app, the account and their secrets make".to_owned()),
            (Some(first), None) => Ok(*first),
            (Some(_), Some(pinned)) if found.contains(&pinned) => Ok(pinned),
            (Some(first), Some(pinned)) => Err(format!(
                "it is signed with {}, and `webhook_signed_by` wants {}; remedy: correct `webhook_signed_by` if Zalo signs so",
                first.word(),
                pinned.word()
            )),
        }
    }

    fn secrets(&self, by: SignedBy) -> &[SecretString] {
        if by.needs_webhook_secret() { self.webhook_secrets } else { std::slice::from_ref(self.secret_key) }
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
    use super::SignedBy::{AccountAndSecretKey, AccountAndWebhookSecret, AppAndSecretKey, AppAndWebhookSecret};
    use super::*;

    /// Every variant as it is made by hand: id and secret.
    const MADE: [(SignedBy, &str, &str); 4] = [
        (AppAndSecretKey, "1", "of the app"),
        (AppAndWebhookSecret, "1", "further"),
        (AccountAndSecretKey, "2", "of the app"),
        (AccountAndWebhookSecret, "2", "further"),
    ];

    fn with<T>(pinned: Option<SignedBy>, check: impl FnOnce(&Signers<'_>) -> T) -> T {
        let (secret_key, webhook_secrets) = (SecretString::from("of the app"), [SecretString::from("further")]);
        let (secret_key, webhook_secrets) = (&secret_key, &webhook_secrets[..]);
        check(&Signers { app_id: "1", oa_id: Some("2"), secret_key, webhook_secrets, pinned })
    }

    fn mac(id: &str, secret: &str) -> String {
        mac_of(id, b"{}", "5", &SecretString::from(secret))
    }

    #[test]
    fn unless_one_is_pinned_each_variant_signs_and_nothing_else_does() {
        with(None, |signers| {
            for (by, id, secret) in MADE {
                let mac = mac(id, secret);
                assert_eq!(signers.verified(&format!("mac={mac}"), b"{}", "5"), Ok(by));
                assert_eq!(signers.verified(&mac.to_uppercase(), b"{}", "5"), Ok(by));
                assert!(signers.verified(&mac, b"{} ", "5").is_err() && signers.verified(&mac, b"{}", "6").is_err());
            }
            for foreign in [mac("3", "of the app"), mac("1", ""), mac("", "further"), String::new(), "mac=".to_owned()]
            {
                assert!(signers.verified(&foreign, b"{}", "5").is_err(), "{foreign}");
            }
        });
    }

    #[test]
    fn a_pinned_variant_signs_and_each_other_is_refused_by_its_name() {
        for pinned in SignedBy::ALL {
            with(Some(pinned), |signers| {
                for (by, id, secret) in MADE {
                    match signers.verified(&mac(id, secret), b"{}", "5") {
                        Ok(found) => assert_eq!((found, by), (pinned, pinned)),
                        Err(why) => {
                            assert_ne!(by, pinned);
                            assert!(
                                why.contains(by.word()) && why.contains(&format!("wants {}", pinned.word())),
                                "{why}"
                            );
                            assert!(!why.contains("of the app") && !why.contains("further"), "{why}");
                        }
                    }
                }
                let foreign = signers.verified(&mac("3", "further"), b"{}", "5").unwrap_err();
                assert!(foreign.contains("none that the app"), "{foreign}");
                assert_eq!(signers.verified(" ", b"{}", "5").unwrap_err(), "there is no signature");
            });
        }
    }

    #[test]
    fn without_an_account_or_a_further_secret_what_would_need_them_signs_nothing() {
        let secret_key = SecretString::from("of the app");
        for pinned in [None, Some(AccountAndSecretKey), Some(AppAndWebhookSecret)] {
            let signers = Signers { app_id: "1", oa_id: None, secret_key: &secret_key, webhook_secrets: &[], pinned };
            for (by, id, secret) in MADE {
                let fits = signers.verified(&mac(id, secret), b"{}", "5");
                assert_eq!(fits.is_ok(), pinned.is_none() && by == AppAndSecretKey, "{by:?} {pinned:?}");
            }
        }
    }
}
