//! The retention: what is settled and old is deleted, by `serve` once a night and by `dondoc purge`.

use chrono::{DateTime, Months, NaiveDate, Timelike as _, Utc};
use tokio_util::sync::CancellationToken;

use super::delivery::BETWEEN_TENDINGS;
use super::{App, AppError, today};
use crate::clock::ZONE;
use crate::outbox::{Kept, Walk};
use crate::{catalog, channel, dispatch, outbox, pass};

/// Hours of the night, in [`ZONE`].
const NIGHT: std::ops::Range<u32> = 1..5;
/// Messages of the mailbox per unit of work, as of the outbox.
const AT_ONCE: u32 = 500;

/// What was deleted, or would be.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Purged {
    /// Words of messages go that were settled before; `None`: they are kept for ever.
    pub words_before: Option<DateTime<Utc>>,
    /// Entries go that were settled before; `None`: they are kept for ever.
    pub entries_before: Option<DateTime<Utc>>,
    /// Entries whose words were deleted.
    pub words: u64,
    /// Entries that were deleted, with attempts and receipts.
    pub entries: u64,
    /// Old entries that stay, because their case or their task is still open.
    pub stay: u64,
    /// Messages of the built-in mailbox whose words were deleted.
    pub mailbox: u64,
}

impl App {
    /// Deletes what is older than `[retention]` says, in many small units of work; in a dry run it only counts.
    ///
    /// # Errors
    /// The database's; what was deleted before stays deleted.
    pub async fn purge(&self, dry_run: bool) -> Result<Purged, AppError> {
        let (now, retention) = (self.clock.now(), self.config.retention);
        let before = |months: u32| now.checked_sub_months(Months::new(months)).filter(|_| months > 0);
        let mut purged = Purged {
            words_before: before(retention.bodies),
            entries_before: before(retention.ledger),
            ..Purged::default()
        };
        if !dry_run {
            dispatch::switches(&self.db).await?.allow_writing()?;
            let mut work = self.db.begin().await?;
            catalog::directory::forget_old(&mut work, now).await?;
            catalog::reform::forget_old(&mut work, now).await?;
            work.commit().await?;
        }
        if let Some(before) = purged.words_before {
            self.purge_words(&mut purged, before, dry_run).await?;
        }
        if let Some(before) = purged.entries_before {
            let kept = pass::kept(&self.db, today(now)).await?;
            self.purge_entries(&mut purged, (before, &kept), dry_run).await?;
        }
        Ok(purged)
    }

    async fn purge_words(&self, purged: &mut Purged, before: DateTime<Utc>, dry_run: bool) -> Result<(), AppError> {
        if dry_run {
            purged.words = outbox::old_words(&self.db, before).await?;
            purged.mailbox = channel::captured_before(&self.db, before).await?;
            return Ok(());
        }
        let now = self.clock.now();
        loop {
            let mut work = self.db.begin().await?;
            let deleted = outbox::forget_words(&mut work, before, now).await?;
            work.commit().await?;
            purged.words += deleted;
            if deleted == 0 {
                break;
            }
        }
        loop {
            let mut work = self.db.begin().await?;
            let deleted = channel::forget_captured_words(&mut work, before, now, AT_ONCE).await?;
            work.commit().await?;
            purged.mailbox += deleted;
            if deleted == 0 {
                return Ok(());
            }
        }
    }

    async fn purge_entries(
        &self,
        purged: &mut Purged,
        (before, kept): (DateTime<Utc>, &Kept),
        dry_run: bool,
    ) -> Result<(), AppError> {
        // Words go first; in a dry run they are still there.
        for with_words in [false, true].into_iter().filter(|with_words| dry_run || !with_words) {
            let mut walk = Walk::new(before, with_words, kept);
            while let Some(ids) = walk.next(&self.db).await? {
                if dry_run {
                    purged.entries += u64::try_from(ids.len()).unwrap_or(0);
                    continue;
                }
                let mut work = self.db.begin().await?;
                purged.entries += outbox::forget(&mut work, &ids).await?;
                work.commit().await?;
            }
            purged.stay += walk.stay;
        }
        loop {
            if dry_run {
                return Ok(());
            }
            let mut work = self.db.begin().await?;
            let deleted = channel::forget_captured(&mut work, before, AT_ONCE).await?;
            work.commit().await?;
            if deleted == 0 {
                return Ok(());
            }
        }
    }

    /// Purges once a night until `stop` is cancelled. Several replicas that do it side by side delete what there is once.
    pub(super) async fn purge_nightly(&self, stop: &CancellationToken) {
        let mut done: Option<NaiveDate> = None;
        while !stop.is_cancelled() {
            let now = self.clock.now();
            let is_night = NIGHT.contains(&now.with_timezone(&ZONE).hour());
            if is_night && done != Some(today(now)) {
                match self.purge(false).await {
                    Ok(purged) => {
                        done = Some(today(now));
                        let Purged { words, entries, stay, mailbox, .. } = purged;
                        tracing::info!(words, entries, stay, mailbox, "deleted what is older than [retention] says");
                    }
                    Err(error) => tracing::warn!(%error, "what is old could not be deleted; it is tried again"),
                }
            }
            tokio::time::sleep(BETWEEN_TENDINGS).await;
        }
    }
}
