//! What a round stands on: when any of it changes, the first batch afterwards is looked at by a second person.

use sha2::{Digest as _, Sha256};

use super::{Approval, Settings, record};
use crate::catalog::{self, Pack, Unit};
use crate::db::{Db, DbError};
use crate::message::Templates;

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

/// Hash of what a round judges by: which units there are and follow each other, what is measured and demanded. Names and heads
/// are left out; they are as they were when it began.
pub(super) fn judged_by(pack: &Pack) -> String {
    let mut hash = Sha256::new();
    for unit in &pack.units {
        let unit = Unit { name: String::new(), aliases: Vec::new(), ..unit.clone() };
        hash.update(format!("{unit:?}").as_bytes());
    }
    hash.update(format!("{:?}", (&pack.successions, &pack.indicators, &pack.targets)).as_bytes());
    hex::encode(hash.finalize())
}

/// Whether the policy has a second person look at the next round, were it written with `templates`.
///
/// # Errors
/// The engine's.
pub async fn asks_for_a_second_person(db: &Db, settings: &Settings, templates: &Templates) -> Result<bool, DbError> {
    Ok(match settings.safety.approval {
        Approval::Never => false,
        Approval::Always => true,
        Approval::FirstAndChanges => {
            let pack = catalog::load(db).await?;
            !record::footing_is_known(db, &fingerprint(&pack, &templates.fingerprint(), settings)).await?
        }
    })
}
