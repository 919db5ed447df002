//! What a person says about names in the figures: which unit one means, and that it means none any more. The pages, the API
//! and the command line come here.

use chrono::NaiveDate;

use super::{App, today};
use crate::catalog::{self, AliasError, NewAlias};
use crate::people::{self, By, Deed, Event};

impl App {
    /// Says that `name` means the unit that has `code` on the day `on`, or today: from the next round on. `by` is whose word
    /// it is, for people and for the audit log.
    ///
    /// # Errors
    /// [`AliasError`]; then nothing is changed.
    pub async fn resolve_name(
        &self,
        (name, code): (&str, &str),
        on: Option<NaiveDate>,
        by: (&str, &By),
    ) -> Result<NewAlias, AliasError> {
        let pack = catalog::load(&self.db).await?;
        let day = on.unwrap_or_else(|| today(self.clock.now()));
        let new = catalog::resolve_alias(&pack, name, code, day)?;
        self.store_name(&new, by, Deed::NameResolved).await?;
        Ok(new)
    }

    /// Takes that back.
    ///
    /// # Errors
    /// [`AliasError`]; then nothing is changed.
    pub async fn unresolve_name(&self, name: &str, by: (&str, &By)) -> Result<NewAlias, AliasError> {
        let pack = catalog::load(&self.db).await?;
        let decisions = catalog::alias_decisions(&self.db, Some(name)).await?;
        let new = catalog::unresolve_alias(&pack, name, &decisions)?;
        self.store_name(&new, by, Deed::NameUnresolved).await?;
        Ok(new)
    }

    async fn store_name(&self, new: &NewAlias, (name, by): (&str, &By), deed: Deed) -> Result<(), AliasError> {
        let mut work = self.db.begin().await?;
        let now = self.clock.now();
        if let Err(error) = catalog::store_alias(&mut work, new, name, now).await {
            work.rollback().await?;
            return Err(error);
        }
        let event = Event { by, deed, subject: format!("unit/{}", new.unit), detail: new.alias.clone() };
        people::conclude(work, &event, now).await?;
        Ok(())
    }
}
