//! What a round stands on: when any of it changes, the first batch afterwards is looked at by a second person.

use sha2::{Digest as _, Sha256};

use super::Settings;
use crate::catalog::Pack;

/// Hash of targets, indicators, templates and sources with their mapping.
pub(super) fn fingerprint(pack: &Pack, templates: &str, settings: &Settings) -> String {
    let mut hash = Sha256::new();
    for (name, text) in pack.files() {
        if matches!(name.as_str(), "indicators.toml" | "targets.toml" | "sender.toml") {
            hash.update(name.as_bytes());
            hash.update(text.as_bytes());
        }
    }
    hash.update(templates.as_bytes());
    hash.update(format!("{:?}", settings.sources).as_bytes());
    hash.update(format!("{:?}", settings.reconcile).as_bytes());
    hex::encode(hash.finalize())
}
