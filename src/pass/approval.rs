//! The second person: which batch waits for a word, who composed it, and the word itself.

use chrono::{DateTime, Utc};

use super::Safety;
use crate::db::{Db, DbError, Sql, Work};
use crate::outbox::{self, HoldReason, Times};
use crate::people::{self, By, Deed, Event};
use crate::{catalog, observation, on, read};

/// What is held under a name that was approved or refused before is a new question.
const ASK: Sql = Sql::portable(
    "INSERT INTO approval (run_id, reason, content_hash, messages, asked_at, composed_by) VALUES ($1, $2, $3, $4, $5, $6) \
     ON CONFLICT (run_id) DO UPDATE SET content_hash = excluded.content_hash, messages = excluded.messages, \
     approved_at = NULL, approved_by = NULL, refused_at = NULL, refused_by = NULL, refused_why = NULL",
);

/// A question about messages that were all taken back asks nobody any more.
const ASKED: Sql = Sql::portable(
    "SELECT approval.run_id, approval.reason, approval.content_hash, approval.messages, approval.asked_at, run.as_of \
     FROM approval LEFT JOIN run ON run.id = approval.run_id WHERE approval.approved_at IS NULL \
     AND approval.refused_at IS NULL AND EXISTS (SELECT 1 FROM outbox WHERE state = 'held' AND hold_reason IN ('approval', 'guard')) \
     ORDER BY approval.asked_at DESC",
);

const APPROVE: Sql = Sql::portable(
    "UPDATE approval SET approved_at = $1, approved_by = $2 WHERE approved_at IS NULL AND refused_at IS NULL",
);

const REFUSE: Sql = Sql::portable(
    "UPDATE approval SET refused_at = $1, refused_by = $2, refused_why = $3 \
     WHERE approved_at IS NULL AND refused_at IS NULL",
);

/// The question is open again, as it was before that moment.
const ASK_AGAIN: Sql =
    Sql::portable("UPDATE approval SET refused_at = NULL, refused_by = NULL, refused_why = NULL WHERE refused_at = $1");

/// Who composed what is held: who started the rounds of its messages, and whoever asked since its oldest message was written,
/// for a later round writes waiting messages anew.
const COMPOSERS: Sql = Sql::portable(
    "SELECT approval.composed_by FROM approval WHERE approval.approved_at IS NULL AND approval.refused_at IS NULL \
     AND approval.asked_at >= \
     (SELECT min(created_at) FROM outbox WHERE state = 'held' AND hold_reason IN ('approval', 'guard')) \
     UNION SELECT run.started_by FROM run JOIN outbox ON outbox.run_id = run.id \
     WHERE outbox.state = 'held' AND outbox.hold_reason IN ('approval', 'guard') ORDER BY 1",
);

/// Every statement of this file.
pub(super) const STATEMENTS: &[Sql] = &[ASK, ASKED, APPROVE, REFUSE, ASK_AGAIN, COMPOSERS];

/// Asks for a second person's word on everything that is held for it, composed by `by`. Returns how many messages that is.
/// The unit of work has begun with [`outbox::keep_still`]: of two who ask at once the later asks about both.
pub(super) async fn ask(
    work: &mut Work,
    (id, by): (&str, &str),
    reason: HoldReason,
    now: DateTime<Utc>,
) -> Result<u64, DbError> {
    let batch = outbox::held_batch(work).await?;
    if batch.messages == 0 {
        return Ok(0);
    }
    on!(work, ASK, |sql, conn| {
        let query = sqlx::query(sql).bind(id).bind(reason.word()).bind(batch.hash.as_str());
        let query = query.bind(i64::try_from(batch.messages).unwrap_or(i64::MAX)).bind(now.timestamp_millis());
        query.bind(by).execute(conn).await?.rows_affected()
    });
    Ok(batch.messages)
}

/// A batch that waits for a second person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// The round it belongs to.
    pub run_id: String,
    /// As-of date of the round, ISO.
    pub as_of: String,
    /// `approval` or `guard`.
    pub reason: String,
    /// Hash of recipients and contents.
    pub hash: String,
    /// Messages in it.
    pub messages: i64,
}

impl Asked {
    /// The reason as the outbox knows it.
    pub(super) fn hold(&self) -> HoldReason {
        if self.reason == HoldReason::Guard.word() { HoldReason::Guard } else { HoldReason::Approval }
    }
}

/// The newest batch that waits, if any.
///
/// # Errors
/// The engine's.
pub async fn asked(db: &Db) -> Result<Option<Asked>, DbError> {
    let row: Option<(String, String, String, i64, i64, Option<String>)> =
        read!(db, ASKED, |sql, pool| sqlx::query_as(sql).fetch_optional(pool).await?);
    Ok(row.map(|(run_id, reason, hash, messages, _, as_of)| {
        // A batch of digests or corrections is no round; its name holds its date: `digest/2022-10-31/…`.
        let as_of = as_of.or_else(|| run_id.split('/').nth(1).map(ToOwned::to_owned)).unwrap_or_default();
        Asked { run_id, as_of, reason, hash, messages }
    }))
}

/// What came of an approval.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Approved {
    /// So many messages were let go.
    Released(u64),
    /// What is held is no longer what was asked about; look again.
    Changed,
    /// Nobody approves what he composed himself; the name of the composer.
    Composer(String),
}

/// Who composed what is held, by name.
///
/// # Errors
/// The engine's.
pub(super) async fn composers(db: &Db) -> Result<Vec<String>, DbError> {
    let rows: Vec<(String,)> = read!(db, COMPOSERS, |sql, pool| sqlx::query_as(sql).fetch_all(pool).await?);
    Ok(rows.into_iter().map(|(name,)| name).filter(|name| !name.is_empty()).collect())
}

/// Which of `composers` is `by`, however the name is spaced and written in capitals.
fn same_person(composers: Vec<String>, by: &str) -> Option<String> {
    composers.into_iter().find(|composer| catalog::fold(composer) == catalog::fold(by))
}

/// Who decides about a batch.
#[derive(Debug, Clone, Copy)]
pub struct Decider<'a> {
    /// In whose name, as it is written down.
    pub name: &'a str,
    /// What else he is called: what was composed under that name was composed by him, too.
    pub also: &'a str,
    /// How the audit log names him.
    pub by: &'a By,
}

/// Lets the held batch go in the name of `decider`, if it still is the one with this `hash`, and, where `[safety]` wants it so,
/// somebody else composed it.
///
/// # Errors
/// The engine's.
pub async fn approve(
    db: &Db,
    hash: &str,
    decider: Decider<'_>,
    safety: &Safety,
    times: Times,
) -> Result<Approved, DbError> {
    let mut work = db.begin().await?;
    outbox::keep_still(&mut work).await?;
    let batch = outbox::held_batch(&mut work).await?;
    if batch.hash != hash {
        work.rollback().await?;
        return Ok(Approved::Changed);
    }
    if safety.approver_differs {
        let rows: Vec<(String,)> = on!(&mut work, COMPOSERS, |sql, conn| sqlx::query_as(sql).fetch_all(conn).await?);
        let composers: Vec<String> = rows.into_iter().map(|(name,)| name).collect();
        let names = [decider.name, decider.also].into_iter().filter(|name| !name.is_empty());
        let himself = names.into_iter().find_map(|name| same_person(composers.clone(), name));
        if let Some(composer) = himself {
            work.rollback().await?;
            return Ok(Approved::Composer(composer));
        }
    }
    let released = outbox::release(&mut work, &batch, times).await?;
    observation::confirm(&mut work).await?;
    on!(&mut work, APPROVE, |sql, conn| {
        let query = sqlx::query(sql).bind(times.now.timestamp_millis()).bind(decider.name);
        query.execute(conn).await?.rows_affected()
    });
    let detail = format!("messages={released} batch={hash}");
    let event = Event { by: decider.by, deed: Deed::BatchApproved, subject: String::new(), detail };
    people::conclude(work, &event, times.now).await?;
    Ok(Approved::Released(released))
}

/// A batch that does not go.
#[derive(Debug, Clone, Copy)]
pub struct Refusing<'a> {
    /// The hash of what was looked at.
    pub hash: &'a str,
    /// Why.
    pub why: &'a str,
    /// Names the deed in the outbox, by which it can be undone.
    pub deed_id: &'a str,
    /// Now.
    pub now: DateTime<Utc>,
    /// Until when it can be undone.
    pub undo_until: DateTime<Utc>,
}

/// Takes back every message of the held batch, if it still is the one with this hash. Returns how many; `None`: it changed.
///
/// # Errors
/// The engine's.
pub async fn refuse(db: &Db, decider: Decider<'_>, asked: Refusing<'_>) -> Result<Option<u64>, DbError> {
    let mut work = db.begin().await?;
    outbox::keep_still(&mut work).await?;
    let batch = outbox::held_batch(&mut work).await?;
    if batch.hash != asked.hash {
        work.rollback().await?;
        return Ok(None);
    }
    let Refusing { deed_id, now, undo_until, .. } = asked;
    let deed = outbox::Deed { id: deed_id, what: "refuse", by: decider.name, now, undo_until };
    outbox::begin_deed(&mut work, deed).await?;
    let (why, mut refused) = (format!("not let go by {}: {}", decider.name, asked.why), 0);
    for id in &batch.entries {
        outbox::remember(&mut work, deed_id, id).await?;
        if outbox::cancel(&mut work, id, &why, now).await? {
            outbox::record_deed(&mut work, id, &why, now).await?;
            refused += 1;
        } else {
            outbox::spare(&mut work, deed_id, id).await?;
        }
    }
    outbox::end_deed(&mut work, deed_id).await?;
    on!(&mut work, REFUSE, |sql, conn| {
        let query = sqlx::query(sql).bind(now.timestamp_millis()).bind(decider.name).bind(asked.why);
        query.execute(conn).await?.rows_affected()
    });
    let detail = format!("messages={refused} batch={}: {}", asked.hash, asked.why);
    let event = Event { by: decider.by, deed: Deed::BatchRefused, subject: deed_id.to_owned(), detail };
    people::conclude(work, &event, now).await?;
    Ok(Some(refused))
}

/// Asks again about what was refused at `refused_at`; its messages are put back by the outbox.
///
/// # Errors
/// The engine's.
pub async fn ask_again(work: &mut Work, refused_at: DateTime<Utc>) -> Result<(), DbError> {
    on!(work, ASK_AGAIN, |sql, conn| {
        sqlx::query(sql).bind(refused_at.timestamp_millis()).execute(conn).await?.rows_affected()
    });
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_the_same_however_it_is_spaced_and_written_in_capitals() {
        let composers = || vec!["serve".to_owned(), "Phòng  CNTT".to_owned()];
        for same in ["phòng cntt", " PHÒNG CNTT ", "Pho\u{300}ng CNTT"] {
            assert_eq!(same_person(composers(), same).as_deref(), Some("Phòng  CNTT"), "{same}");
        }
        for other in ["Phong CNTT", "Phòng CNTT 2", ""] {
            assert_eq!(same_person(composers(), other), None, "{other}");
        }
    }
}
