//! The keys of a `[[channel]]` of kind `zalo_bot`.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use secrecy::SecretString;

use crate::catalog::Recipient;

/// A bot of Zalo.
#[derive(Debug, Clone)]
pub struct ZaloBot {
    /// Its token; part of every address, so no address is ever shown.
    pub token: SecretString,
    /// Where its interface is.
    pub url: String,
    /// What Zalo's calls carry, when they come; without it the bot asks for what it was written.
    pub webhook_secret: Option<SecretString>,
    /// Time for one exchange.
    pub timeout: Duration,
    /// Whether `url` may lie on a private network.
    pub allow_private: bool,
    /// Where offices are reached that bound themselves; clones share it, and it is read anew from the database.
    pub chats: Chats,
}

/// Chat ids by office.
#[derive(Debug, Clone, Default)]
pub struct Chats(Arc<RwLock<BTreeMap<String, String>>>);

impl Chats {
    pub(super) fn replace(&self, chats: BTreeMap<String, String>) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = chats;
    }

    fn of(&self, office: &str) -> Option<String> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).get(office).cloned()
    }
}

impl ZaloBot {
    /// Where `recipient` is reached, through any of the offices held.
    pub(in crate::channel) fn address_for(&self, recipient: &Recipient) -> Option<String> {
        recipient.id.split('+').find_map(|office| self.chats.of(office))
    }
}
