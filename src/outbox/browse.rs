//! The ledger as people leaf through it: a page of messages, how many stand where, what went wrong with each last.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::hash::BuildHasher;

use chrono::{DateTime, Utc};
use sqlx::FromRow;

use super::entry::{Entry, State};
use super::list::EntryRow;
use super::receipt::Fact;
use crate::clock::from_millis;
use crate::db::{Db, DbError, Sql};
use crate::read;

/// Messages, not entries, but for those that stand by, which are looked for by their state alone. $1 round, $2 channel,
/// $3 unit, $4 units as JSON.
macro_rules! browse {
    ($before:literal, $units:literal, $after:literal) => {
        concat!(
            $before,
            " FROM outbox WHERE (CAST($1 AS TEXT) IS NULL OR run_id = $1) \
             AND (CAST($2 AS TEXT) IS NULL OR channel = $2) AND (CAST($3 AS TEXT) IS NULL OR unit_code = $3) \
             AND (CAST($4 AS TEXT) IS NULL OR unit_code IN (SELECT ",
            $units,
            ")) ",
            $after
        )
    };
    ($before:literal, $after:literal) => {
        Sql {
            sqlite: browse!($before, "value FROM json_each($4)", $after),
            postgres: browse!($before, "json_array_elements_text(CAST($4 AS JSON))", $after),
        }
    };
}

/// What waits for a person first, then the newest.
pub(super) const PAGE: Sql = browse!(
    "SELECT id, dedup_key, unit_code, recipient_id, channel, address, state, hold_reason, attempts, message_id, \
     created_at, due_at, settled_at, last_error, chain_id, place, leads, words_deleted_at",
    "AND (leads OR (state = 'standby' AND $5 = 'standby')) AND CASE CAST($5 AS TEXT) WHEN 'all' THEN TRUE \
     WHEN 'problems' THEN state IN ('held', 'uncertain', 'failed', 'quarantined') OR (state = 'sent' AND EXISTS \
     (SELECT 1 FROM receipt WHERE entry_id = outbox.id AND fact IN ('bounced', 'undelivered'))) \
     WHEN 'returned' THEN state = 'sent' AND EXISTS \
     (SELECT 1 FROM receipt WHERE entry_id = outbox.id AND fact IN ('bounced', 'undelivered')) \
     ELSE state = $5 END \
     ORDER BY CASE WHEN state IN ('held', 'uncertain', 'failed', 'quarantined') THEN 0 ELSE 1 END, \
     created_at DESC, unit_code, id LIMIT $6 OFFSET $7"
);

pub(super) const STANDINGS: Sql = browse!(
    "SELECT CASE WHEN state = 'sent' AND EXISTS (SELECT 1 FROM receipt WHERE entry_id = outbox.id \
     AND fact IN ('bounced', 'undelivered')) THEN 'returned' ELSE state END AS standing, count(*)",
    "AND (leads OR state = 'standby') GROUP BY 1"
);

pub(super) const ROUNDS: Sql = browse!(
    "SELECT run_id, min(created_at), count(*), min(dedup_key)",
    "AND leads GROUP BY run_id ORDER BY 2 DESC, run_id LIMIT 60"
);

pub(super) const CHANNELS: Sql = Sql::portable("SELECT DISTINCT channel FROM outbox ORDER BY channel");

macro_rules! of_these {
    ($before:literal, $after:literal) => {
        Sql {
            sqlite: concat!($before, " IN (SELECT value FROM json_each($1)) ", $after),
            postgres: concat!($before, " IN (SELECT json_array_elements_text(CAST($1 AS JSON))) ", $after),
        }
    };
}

pub(super) const LAST_ATTEMPTS: Sql = of_these!(
    "SELECT entry_id, outcome, code, answer FROM attempt WHERE outcome <> 'by_hand' AND entry_id",
    "AND number = (SELECT max(later.number) FROM attempt AS later WHERE later.entry_id = attempt.entry_id \
     AND later.outcome <> 'by_hand')"
);

pub(super) const FACTS_OF: Sql =
    of_these!("SELECT entry_id, fact FROM receipt WHERE entry_id", "ORDER BY entry_id, at, fact");

/// Which messages are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Standing {
    /// All of them.
    #[default]
    All,
    /// Those that wait for a person: held, of unknown fate, given up, come back.
    Problems,
    /// Those that were taken and came back, or did not arrive.
    Returned,
    /// Those in this state.
    In(State),
}

impl Standing {
    /// Its word in addresses and statements.
    pub const fn word(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Problems => "problems",
            Self::Returned => "returned",
            Self::In(state) => state.word(),
        }
    }

    /// The one that `word` names.
    pub fn named(word: &str) -> Option<Self> {
        let states = State::ALL.into_iter().map(Self::In);
        [Self::All, Self::Problems, Self::Returned].into_iter().chain(states).find(|one| one.word() == word)
    }
}

/// Where one looks.
#[derive(Debug, Clone, Default)]
pub struct Browsed<'a> {
    /// Only this round.
    pub run_id: Option<&'a str>,
    /// Only through this channel.
    pub channel: Option<&'a str>,
    /// Only about this unit.
    pub unit_code: Option<&'a str>,
    /// Only about one of these units.
    pub units: Option<&'a HashSet<String>>,
}

impl Browsed<'_> {
    fn units(&self) -> Option<String> {
        codes(self.units)
    }
}

/// Codes of units as a statement takes them.
fn codes<S: BuildHasher>(units: Option<&HashSet<String, S>>) -> Option<String> {
    units.map(|units| serde_json::to_string(units).unwrap_or_else(|_| "[]".to_owned()))
}

/// At most `limit` messages after the first `offset`: what waits for a person first, then the newest.
///
/// # Errors
/// The engine's.
pub async fn browse(
    db: &Db,
    wanted: &Browsed<'_>,
    standing: Standing,
    (limit, offset): (u32, u32),
) -> Result<Vec<Entry>, DbError> {
    let units = wanted.units();
    let rows: Vec<EntryRow> = read!(db, PAGE, |sql, pool| {
        let query = sqlx::query_as(sql).bind(wanted.run_id).bind(wanted.channel).bind(wanted.unit_code);
        let query = query.bind(units.as_deref()).bind(standing.word());
        query.bind(i64::from(limit)).bind(i64::from(offset)).fetch_all(pool).await?
    });
    rows.into_iter().map(Entry::try_from).collect()
}

/// How many messages stand where, by [`Standing::word`]; what stands by is counted apart.
///
/// # Errors
/// The engine's.
pub async fn standings(db: &Db, wanted: &Browsed<'_>) -> Result<BTreeMap<String, u64>, DbError> {
    let units = wanted.units();
    let rows: Vec<(String, i64)> = read!(db, STANDINGS, |sql, pool| {
        let query = sqlx::query_as(sql).bind(wanted.run_id).bind(wanted.channel).bind(wanted.unit_code);
        query.bind(units.as_deref()).fetch_all(pool).await?
    });
    Ok(rows.into_iter().map(|(standing, count)| (standing, u64::try_from(count).unwrap_or(0))).collect())
}

/// How many messages [`standings`] found of `standing`.
pub fn counted(standings: &BTreeMap<String, u64>, standing: Standing) -> u64 {
    let of = |standing: Standing| standings.get(standing.word()).copied().unwrap_or(0);
    match standing {
        Standing::All => standings.values().sum::<u64>() - of(Standing::In(State::Standby)),
        Standing::In(State::Sent) => of(standing) + of(Standing::Returned),
        Standing::Problems => {
            let waiting = [State::Held, State::Uncertain, State::Failed, State::Quarantined];
            waiting.map(|state| of(Standing::In(state))).iter().sum::<u64>() + of(Standing::Returned)
        }
        standing => of(standing),
    }
}

/// What was written together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrittenTogether {
    /// Id of the round, or what a batch of digests is called.
    pub run_id: String,
    /// When its first message was written.
    pub at: DateTime<Utc>,
    /// Messages.
    pub messages: u64,
    /// What they are: `reminder`, `digest` …
    pub kind: String,
}

/// The newest rounds with messages about `units`, at most sixty, newest first.
///
/// # Errors
/// The engine's.
pub async fn rounds<S: BuildHasher>(
    db: &Db,
    units: Option<&HashSet<String, S>>,
) -> Result<Vec<WrittenTogether>, DbError> {
    let units = codes(units);
    let rows: Vec<(String, i64, i64, String)> = read!(db, ROUNDS, |sql, pool| {
        let none = None::<&str>;
        sqlx::query_as(sql).bind(none).bind(none).bind(none).bind(units.as_deref()).fetch_all(pool).await?
    });
    let written = rows.into_iter().map(|(run_id, at, messages, key)| WrittenTogether {
        run_id,
        at: from_millis(at),
        messages: u64::try_from(messages).unwrap_or(0),
        kind: key.split('/').next().unwrap_or_default().to_owned(),
    });
    Ok(written.collect())
}

/// Every channel that a message went or would go by.
///
/// # Errors
/// The engine's.
pub async fn channels(db: &Db) -> Result<Vec<String>, DbError> {
    let rows: Vec<(String,)> = read!(db, CHANNELS, |sql, pool| sqlx::query_as(sql).fetch_all(pool).await?);
    Ok(rows.into_iter().map(|(channel,)| channel).collect())
}

/// How the last attempt at an entry ended.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct Ending {
    /// Of which entry.
    pub entry_id: String,
    /// The word of the [`Outcome`](super::Outcome), or `lost`.
    pub outcome: String,
    /// Reply code, where the protocol has one.
    pub code: Option<i64>,
    /// What the peer said.
    pub answer: String,
}

/// What is known of some entries beside their state.
#[derive(Debug, Clone, Default)]
pub struct Known {
    endings: HashMap<String, Ending>,
    facts: HashMap<String, Vec<Fact>>,
}

impl Known {
    /// How the last attempt at the entry ended.
    pub fn ending(&self, id: &str) -> Option<&Ending> {
        self.endings.get(id)
    }

    /// What was said of it after it was taken.
    pub fn facts(&self, id: &str) -> &[Fact] {
        self.facts.get(id).map(Vec::as_slice).unwrap_or_default()
    }
}

/// Reads it for the entries with these ids.
///
/// # Errors
/// The engine's, or an impossible fact.
pub async fn known_of(db: &Db, ids: &[&str]) -> Result<Known, DbError> {
    let ids = serde_json::to_string(ids).unwrap_or_else(|_| "[]".to_owned());
    let endings: Vec<Ending> =
        read!(db, LAST_ATTEMPTS, |sql, pool| sqlx::query_as(sql).bind(ids.as_str()).fetch_all(pool).await?);
    let rows: Vec<(String, String)> =
        read!(db, FACTS_OF, |sql, pool| sqlx::query_as(sql).bind(ids.as_str()).fetch_all(pool).await?);
    let mut known = Known::default();
    known.endings.extend(endings.into_iter().map(|ending| (ending.entry_id.clone(), ending)));
    for (id, fact) in rows {
        known.facts.entry(id).or_default().push(Fact::from_word(&fact)?);
    }
    Ok(known)
}
