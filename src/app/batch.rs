//! The batch that waits for a second person: let go, or not.

use chrono::TimeDelta;

use super::{App, AppError};
use crate::catalog;
use crate::channel::{self, MobileHours};
use crate::outbox::Times;
use crate::pass::{self, Approved, Decider, Refusing};

impl App {
    /// Lets the batch go that has this `hash`. Nothing of it leaves within `grace`, within quiet hours or on a day off; its
    /// validity holds for phones too.
    ///
    /// # Errors
    /// The engine's.
    pub async fn approve(&self, hash: &str, decider: Decider<'_>, grace: TimeDelta) -> Result<Approved, AppError> {
        let calendar = catalog::calendar(&self.db).await?;
        let now = self.clock.now();
        let times = pass::times(&self.config.pass_settings(), &calendar, now + grace, false);
        let mobile = self.config.channels.iter().any(channel::Settings::is_mobile);
        let valid_until = if mobile { MobileHours::valid_until(times.valid_until) } else { times.valid_until };
        let times = Times { now, valid_until, ..times };
        Ok(pass::approve(&self.db, hash, decider, &self.config.safety, times).await?)
    }

    /// Takes the batch back that has this `hash`, because of `why`; it can be undone within `grace`. Returns how many
    /// messages that are; `None`: the batch is another one by now.
    ///
    /// # Errors
    /// The engine's.
    pub async fn refuse(
        &self,
        hash: &str,
        why: &str,
        decider: Decider<'_>,
        grace: TimeDelta,
    ) -> Result<Option<u64>, AppError> {
        let now = self.db.lease_clock(&self.clock).await?;
        let deed_id = self.deed_id(now, hash);
        let asked = Refusing { hash, why, deed_id: &deed_id, now, undo_until: now + grace };
        Ok(pass::refuse(&self.db, decider, asked).await?)
    }
}
