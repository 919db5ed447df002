//! When messages may go out that are offered again: by the working calendar as it stands in the catalog now.

use std::sync::{Arc, PoisonError, RwLock};

use super::delivery::BETWEEN_TENDINGS;
use super::{App, AppError};
use crate::catalog::{self, Calendar};
use crate::dispatch;

/// The calendar that all lanes of this process go by.
#[derive(Debug, Clone, Default)]
pub(super) struct Days(Arc<RwLock<Calendar>>);

impl Days {
    fn get(&self) -> Calendar {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set(&self, calendar: Calendar) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = calendar;
    }
}

impl App {
    /// When messages may go out that are offered again or go by another channel. A calendar that is imported later holds
    /// as soon as this process has read it: with [`App::tend`] within a minute.
    ///
    /// # Errors
    /// The database's.
    pub async fn hours(&self) -> Result<dispatch::Hours, AppError> {
        self.days.set(catalog::calendar(&self.db).await?);
        let (rules, days) = (self.config.rules.clone(), self.days.clone());
        Ok(dispatch::Hours::of(move |at| rules.opens_at(&days.get(), at)))
    }

    /// Reads the calendar again and again.
    pub(super) async fn follow_calendar(&self) {
        loop {
            match catalog::calendar(&self.db).await {
                Ok(calendar) => self.days.set(calendar),
                Err(error) => tracing::warn!(%error, "the working calendar could not be read; the one before holds on"),
            }
            tokio::time::sleep(BETWEEN_TENDINGS).await;
        }
    }
}
