//! A person's word on a held round: its figures are right although the gate doubts them. It holds for the same bytes and
//! the same doubts; anything else is judged anew.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use sqlx::FromRow;

use super::approval::Decider;
use crate::clock::from_millis;
use crate::db::{Db, DbError, Sql};
use crate::observation::{Doubt, Snapshot};
use crate::people::{self, Deed, Event};
use crate::{on, read};

const RELEASED: Sql = Sql::portable(
    "SELECT run.id, run.doubts, gate_release.note, gate_release.released_by, snapshot.source, snapshot.id \
     FROM gate_release JOIN run ON run.id = gate_release.run_id JOIN snapshot ON snapshot.run_id = run.id \
     ORDER BY gate_release.released_at, run.id",
);

const RELEASE: Sql = Sql::portable(
    "INSERT INTO gate_release (run_id, note, released_by, released_at) VALUES ($1, $2, $3, $4) \
     ON CONFLICT (run_id) DO NOTHING",
);

const HELD: Sql = Sql::portable(
    "SELECT run.id, run.as_of, run.started_at, run.doubts, gate_release.note, gate_release.released_by, \
     gate_release.released_at, (SELECT count(*) FROM snapshot WHERE snapshot.run_id = run.id) AS snapshots \
     FROM run LEFT JOIN gate_release ON gate_release.run_id = run.id \
     WHERE run.state = 'held' AND run.doubts IS NOT NULL AND (CAST($1 AS TEXT) IS NULL OR run.id = $1) \
     ORDER BY run.started_at DESC, run.id LIMIT $2",
);

/// Every statement of this file.
pub(super) const STATEMENTS: &[Sql] = &[RELEASED, RELEASE, HELD];

/// A doubt as a held round records it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recorded {
    /// The source; empty for several together.
    pub source: String,
    /// Its stable name.
    pub code: String,
    /// The sentence for people.
    pub message: String,
    /// What to do.
    pub remedy: String,
}

impl Recorded {
    /// As rows hold them.
    pub(super) fn json(doubts: &[Doubt]) -> String {
        let recorded: Vec<Self> = doubts
            .iter()
            .map(|doubt| Self {
                source: doubt.source.clone(),
                code: doubt.code.to_owned(),
                message: doubt.message.clone(),
                remedy: doubt.remedy.clone(),
            })
            .collect();
        serde_json::to_string(&recorded).unwrap_or_default()
    }

    pub(super) fn from_json(text: &str) -> Result<Vec<Self>, DbError> {
        serde_json::from_str(text).map_err(|_| DbError::Impossible {
            table: "run",
            column: "doubts",
            value: text.chars().take(200).collect(),
        })
    }
}

/// All that persons released.
#[derive(Debug, Clone, Default)]
pub(super) struct Released(Vec<Word>);

/// One round's release.
#[derive(Debug, Clone)]
struct Word {
    run_id: String,
    doubts: BTreeSet<(String, String)>,
    /// Source → its snapshot.
    snapshots: BTreeMap<String, String>,
    said: String,
}

impl Released {
    /// Who released this doubt for exactly these bytes, and why. A doubt about several sources needs them all.
    pub(super) fn covers(&self, doubt: &Doubt, snapshots: &[Snapshot]) -> Option<String> {
        let same = |word: &&Word| {
            let known = word.doubts.contains(&(doubt.source.clone(), doubt.code.to_owned()));
            let mut about = snapshots
                .iter()
                .filter(|snapshot| doubt.source.is_empty() || snapshot.source == doubt.source)
                .peekable();
            let told = about.peek().is_some();
            known && told && about.all(|now| word.snapshots.get(&now.source) == Some(&now.id.to_string()))
        };
        self.0.iter().rev().find(same).map(|word| word.said.clone())
    }
}

/// Everything that was released so far.
pub(super) async fn released(db: &Db) -> Result<Released, DbError> {
    let rows: Vec<(String, Option<String>, String, String, String, String)> =
        read!(db, RELEASED, |sql, pool| sqlx::query_as(sql).fetch_all(pool).await?);
    let mut released = Released::default();
    for (run_id, doubts, note, by, source, snapshot) in rows {
        if released.0.last().is_none_or(|last| last.run_id != run_id) {
            let doubts = Recorded::from_json(doubts.as_deref().unwrap_or("[]"))?;
            let doubts = doubts.into_iter().map(|doubt| (doubt.source, doubt.code)).collect();
            released.0.push(Word { run_id, doubts, snapshots: BTreeMap::new(), said: format!("{by}: {note}") });
        }
        if let Some(last) = released.0.last_mut() {
            last.snapshots.insert(source, snapshot);
        }
    }
    Ok(released)
}

/// A round that the quality gate held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldRound {
    /// Its id.
    pub run_id: String,
    /// As of when it would have judged.
    pub as_of: NaiveDate,
    /// When it ran.
    pub started_at: DateTime<Utc>,
    /// Why it was held.
    pub doubts: Vec<Recorded>,
    /// Whether there are figures at all that could be released.
    pub has_figures: bool,
    /// Who released it, when and why.
    pub release: Option<Release>,
}

/// A person's word on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Release {
    /// Who.
    pub by: String,
    /// When.
    pub at: DateTime<Utc>,
    /// Why.
    pub note: String,
}

#[derive(FromRow)]
struct HeldRow {
    id: String,
    as_of: String,
    started_at: i64,
    doubts: String,
    note: Option<String>,
    released_by: Option<String>,
    released_at: Option<i64>,
    snapshots: i64,
}

/// The newest held rounds, at most `limit`, or the one with the id `run_id`.
///
/// # Errors
/// The engine's, or an impossible row.
pub async fn held_rounds(db: &Db, run_id: Option<&str>, limit: i64) -> Result<Vec<HeldRound>, DbError> {
    let rows: Vec<HeldRow> =
        read!(db, HELD, |sql, pool| sqlx::query_as(sql).bind(run_id).bind(limit).fetch_all(pool).await?);
    let held = rows.into_iter().map(|row| {
        let said = row.note.zip(row.released_by).zip(row.released_at);
        let doubts = Recorded::from_json(&row.doubts)?;
        let readable = doubts.iter().all(|doubt| doubt.code != "unreadable");
        Ok(HeldRound {
            run_id: row.id,
            as_of: row.as_of.parse().map_err(|_| DbError::Impossible {
                table: "run",
                column: "as_of",
                value: row.as_of.clone(),
            })?,
            started_at: from_millis(row.started_at),
            doubts,
            has_figures: row.snapshots > 0 && readable,
            release: said.map(|((note, by), at)| Release { by, at: from_millis(at), note }),
        })
    });
    held.collect()
}

/// What came of a release.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Let {
    /// The next round takes the same figures.
    Through,
    /// It was released before; the first word stands.
    Before,
    /// A source could not be read, so that there are no figures to release.
    NoFigures,
    /// The quality gate held no such round.
    Unknown,
}

/// Releases the round `run_id` in the name of `decider`, who says why in `note`. A second word changes nothing.
///
/// # Errors
/// The engine's, or an impossible row.
pub async fn release(
    db: &Db,
    run_id: &str,
    note: &str,
    decider: Decider<'_>,
    now: DateTime<Utc>,
) -> Result<Let, DbError> {
    let Some(round) = held_rounds(db, Some(run_id), 1).await?.into_iter().next() else { return Ok(Let::Unknown) };
    if !round.has_figures {
        return Ok(Let::NoFigures);
    }
    let mut work = db.begin().await?;
    let written = on!(&mut work, RELEASE, |sql, conn| {
        let query = sqlx::query(sql).bind(run_id).bind(note).bind(decider.name).bind(now.timestamp_millis());
        query.execute(conn).await?.rows_affected()
    });
    if written == 0 {
        work.rollback().await?;
        return Ok(Let::Before);
    }
    let codes: Vec<&str> = round.doubts.iter().map(|doubt| doubt.code.as_str()).collect();
    let detail = format!("as_of={} doubts={}: {note}", round.as_of, codes.join(","));
    let event = Event { by: decider.by, deed: Deed::RoundReleased, subject: format!("run/{run_id}"), detail };
    people::conclude(work, &event, now).await?;
    Ok(Let::Through)
}
