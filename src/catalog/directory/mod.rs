//! The directory (danh bạ): who holds which office of which unit, over time; edited office by office, so that what was
//! before stays.

mod confirm;
mod edit;
mod imports;
mod kept;
mod problems;
mod store;

pub use confirm::{ImportError, forget_old, take_back, written};
pub use edit::OfficeEdit;
pub use imports::{
    Import, ImportState, KEPT_FOR, Sums, Waiting, bring, discard, imports, memory, remember, save, waiting,
    waiting_still,
};
pub(super) use kept::KeptEdit;
pub use problems::{Issue, Issues, issues};
pub use store::{DirectoryError, store_edits};

use std::collections::HashMap;

use chrono::NaiveDate;

use super::contact::{Contact, Office};
use super::contact_sheet::{Exported, Inside, exported};
use super::pack::Pack;
use super::unit::{Succession, Unit, UnitId};
use super::view::Catalog;
use crate::db::{Db, DbError, Sql, Work};

/// Every statement of this folder.
pub(super) fn statements() -> impl Iterator<Item = &'static Sql> {
    store::STATEMENTS.iter().chain(imports::STATEMENTS).chain(confirm::STATEMENTS)
}

/// Units and contacts of every time.
#[derive(Debug, Clone, Default)]
pub struct Directory {
    /// Every row of every unit.
    pub units: Vec<Unit>,
    /// Every row of every office.
    pub contacts: Vec<Contact>,
    /// Who answers for whom.
    pub successions: Vec<Succession>,
}

impl Directory {
    /// The directory as it is.
    ///
    /// # Errors
    /// The engine's, or an impossible row.
    pub async fn load(db: &Db) -> Result<Self, DbError> {
        let mut work = db.snapshot().await?;
        let directory = Self::load_in(&mut work).await;
        work.rollback().await?;
        directory
    }

    /// The same, inside of a unit of work that changes it.
    ///
    /// # Errors
    /// The engine's, or an impossible row.
    pub async fn load_in(work: &mut Work) -> Result<Self, DbError> {
        let (units, successions, contacts) = super::store::rows(work).await?;
        Ok(Self { units, contacts, successions })
    }

    /// Units, names and who answers, as they stand on `day`; nothing is measured in it.
    pub fn catalog(&self, day: NaiveDate) -> Catalog {
        let Self { units, contacts, successions } = self.clone();
        Catalog::of(&Pack { units, successions, contacts, ..Pack::default() }, day, day)
    }

    /// The rows of one office, oldest first.
    pub fn history(&self, unit: &UnitId, office: Office) -> Vec<Contact> {
        let own = self.contacts.iter().filter(|contact| contact.unit == *unit && contact.office == office);
        let mut own: Vec<Contact> = own.cloned().collect();
        own.sort_by_key(|contact| contact.valid.from);
        own
    }

    /// Who holds the offices of the units that are `inside` on `day`, as rows of our own sheet, in the order of units.
    pub fn listed(&self, day: NaiveDate, inside: Inside<'_>) -> Vec<Exported> {
        let mut held: HashMap<&UnitId, Vec<&Contact>> = HashMap::new();
        for contact in self.contacts.iter().filter(|contact| contact.valid.covers(day)) {
            held.entry(&contact.unit).or_default().push(contact);
        }
        let units = self.units.iter().filter(|unit| unit.valid.covers(day) && inside(unit));
        let rows = units.flat_map(|unit| {
            let mut own = held.get(&unit.id).cloned().unwrap_or_default();
            own.sort_by_key(|contact| contact.office);
            own.into_iter().map(|contact| exported(contact, Some(unit))).collect::<Vec<_>>()
        });
        rows.collect()
    }

    /// The unit that has `code` on `day`; else the one that had it last.
    pub fn unit_with(&self, code: &str, day: NaiveDate) -> Option<&Unit> {
        let mut named = self.units.iter().filter(|unit| unit.code == code);
        named.clone().find(|unit| unit.valid.covers(day)).or_else(|| named.next_back())
    }
}
