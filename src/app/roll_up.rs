//! Roll-ups, written by this process.

use super::{App, AppError};
use crate::pass::{self, Audience, Correcting, Due, Fence, Pass, RollUpDay, RolledUp};

impl App {
    /// Writes the roll-ups for `audience` into the outbox.
    ///
    /// # Errors
    /// [`AppError`].
    pub async fn roll_up(&self, audience: Audience, day: RollUpDay, dry_run: bool) -> Result<RolledUp, AppError> {
        self.roll_up_under(None, audience, day, dry_run).await
    }

    /// The same; a planned run stores nothing any more once its lease ended or another replica took it over.
    ///
    /// # Errors
    /// [`AppError`], [`DbError::TakenOver`](crate::db::DbError::TakenOver) among them.
    pub(super) async fn roll_up_under(
        &self,
        due: Option<&Due>,
        audience: Audience,
        day: RollUpDay,
        dry_run: bool,
    ) -> Result<RolledUp, AppError> {
        let parts = self.parts().await?;
        let fence = due.map(|due| Fence { due, clock: &self.clock });
        let pass = Pass { fence, ..self.pass(&parts, dry_run) };
        let rolled = pass::roll_up(&pass, audience, day, self.clock.now()).await?;
        self.wake.notify_waiters();
        Ok(rolled)
    }

    /// Writes the corrections of letters whose figures were restated since into the outbox.
    ///
    /// # Errors
    /// [`AppError`].
    pub async fn correct(&self, asked: Correcting, dry_run: bool) -> Result<RolledUp, AppError> {
        let parts = self.parts().await?;
        let pass = self.pass(&parts, dry_run);
        let rolled = pass::correct(&pass, asked, self.clock.now()).await?;
        self.wake.notify_waiters();
        Ok(rolled)
    }
}
