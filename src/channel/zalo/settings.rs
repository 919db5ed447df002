//! The keys of a `[[channel]]` of kind `zalo`.

use std::collections::BTreeMap;
use std::time::Duration;

use secrecy::SecretString;

use super::signature::SignedBy;
use crate::catalog::Recipient;
use crate::seal;

/// An official account of Zalo.
#[derive(Debug, Clone)]
pub struct Zalo {
    /// The app that speaks for the account.
    pub app_id: String,
    /// The app's secret.
    pub secret_key: SecretString,
    /// The account, for the signature of webhooks.
    pub oa_id: Option<String>,
    /// Further secrets that webhooks may be signed with.
    pub webhook_secrets: Vec<SecretString>,
    /// With what Zalo's calls must be signed; `None`: any of the variants that are known.
    pub webhook_signed_by: Option<SignedBy>,
    /// How recipients are addressed.
    pub way: Way,
    /// Zalo's template of reminders.
    pub template_id: Option<String>,
    /// Zalo's template of messages that our templates make, by the name or the kind of ours.
    pub templates: BTreeMap<String, String>,
    /// Our parameter behind each of Zalo's that has another name.
    pub parameters: BTreeMap<String, String>,
    /// Whether only the app's own people are written to.
    pub development: bool,
    /// The admins are told when fewer messages may still be sent today.
    pub low_quota: u32,
    /// Time for one exchange.
    pub timeout: Duration,
    /// Where tokens are asked for.
    pub oauth_url: String,
    /// Where the account's interface is.
    pub oa_url: String,
    /// Where templates are sent by phone number.
    pub template_url: String,
    /// Whether these may lie on a private network.
    pub allow_private: bool,
    /// What the tokens are sealed with.
    pub keys: seal::Keys,
}

/// How recipients are addressed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Way {
    /// A template by the Zalo user id where the recipient has one, else by phone number.
    UserIdOrPhone,
    /// A template by phone number.
    Phone,
    /// A template by the SHA-256 of the phone number.
    HashedPhone,
    /// A template by Zalo user id.
    UserId,
    /// Free text by Zalo user id; only within days after the recipient wrote to the account.
    CustomerService,
    /// Free text into one group of the account.
    Group(String),
}

impl Zalo {
    /// Where `recipient` is reached.
    pub(in crate::channel) fn address_for(&self, recipient: &Recipient) -> Option<String> {
        let (phone, user_id) = (|| recipient.phone.clone(), || recipient.zalo_user_id.clone());
        match &self.way {
            Way::UserIdOrPhone => user_id().or_else(phone),
            Way::Phone | Way::HashedPhone => phone(),
            Way::UserId | Way::CustomerService => user_id(),
            // The group is for units; an admin is no part of it.
            Way::Group(group) => (!recipient.units.is_empty()).then(|| group.clone()),
        }
    }

    /// Whether it carries text and not templates.
    pub(in crate::channel) const fn is_free_text(&self) -> bool {
        matches!(self.way, Way::CustomerService | Way::Group(_))
    }

    /// Zalo's template for a message that `ours` made: `commune_first@1a2b3c4d`. Only reminders have a usual one, for the
    /// words around the parameters would be wrong for anything else.
    pub(in crate::channel) fn template_for(&self, ours: &str) -> Option<&str> {
        let name = ours.split('@').next().unwrap_or_default();
        let kind = kind_of(name);
        let own = [Some(name), name.rsplit_once('_').map(|(_, tone)| tone), kind];
        let own = own.into_iter().flatten().find_map(|key| self.templates.get(key));
        own.or(self.template_id.as_ref().filter(|_| kind.is_some())).map(String::as_str)
    }

    /// Every template of Zalo that is named here, each once.
    pub(super) fn template_ids(&self) -> Vec<&str> {
        let mut ids: Vec<&str> = self.template_id.iter().chain(self.templates.values()).map(String::as_str).collect();
        ids.sort_unstable();
        ids.dedup();
        ids
    }
}

/// `reminder` for the templates that remind.
fn kind_of(name: &str) -> Option<&'static str> {
    let (level, tone) = name.rsplit_once('_')?;
    let reminds =
        ["commune", "district", "department"].contains(&level) && ["first", "repeat", "formal"].contains(&tone);
    reminds.then_some("reminder")
}
