//! Rounds as rows: which ran, as of when, and on what footing.

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::Row as _;
use uuid::Uuid;

use super::Round;
use crate::clock::from_millis;
use crate::db::{Db, DbError, Sql, Work};
use crate::{on, read};

const BEGIN: Sql = Sql::portable(
    "INSERT INTO run (id, as_of, started_at, state, fingerprint, figures_until, started_by) \
     VALUES ($1, $2, $3, 'running', $4, $5, $6) ON CONFLICT (id) DO NOTHING",
);

const FINISH: Sql = Sql::portable(
    "UPDATE run SET state = $2, reason = $3, finished_at = $4, assessed = $5, below = $6, not_assessed = $7, \
     reminded = $8 WHERE id = $1",
);

const KNOWN_FOOTING: Sql = Sql::portable(
    "SELECT count(*) FROM run LEFT JOIN approval ON approval.run_id = run.id \
     WHERE run.state = 'done' AND run.fingerprint = $1 AND (approval.run_id IS NULL OR approval.approved_at IS NOT NULL)",
);

/// The batches of the last accepted rounds that reminded anybody.
const BATCHES: Sql = Sql::portable(
    "SELECT reminded FROM run WHERE state = 'done' AND reminded > 0 ORDER BY started_at DESC, id LIMIT $1",
);

/// Rounds that reminded somebody of figures that a later round with the same last day of figures judged again.
const REMINDED: Sql = Sql::portable(
    "SELECT run.id, run.as_of, run.figures_until, (SELECT later.id FROM run AS later \
     WHERE later.state = 'done' AND later.figures_until = run.figures_until AND later.started_at > run.started_at \
     ORDER BY later.started_at DESC, later.id LIMIT 1) AS later FROM run \
     WHERE run.state = 'done' AND run.reminded > 0 AND (CAST($1 AS TEXT) IS NULL OR run.as_of = $1) \
     ORDER BY run.started_at, run.id",
);

const LATEST: Sql = Sql::portable(
    "SELECT id, as_of, started_at FROM run WHERE state = 'done' AND (CAST($1 AS TEXT) IS NULL OR as_of = $1) \
     ORDER BY as_of DESC, started_at DESC LIMIT 1",
);

const DONE: Sql = Sql::portable(
    "SELECT id, as_of, figures_until, started_at, reminded FROM run WHERE state = 'done' ORDER BY as_of, started_at, id",
);

/// One that never ended may have written messages.
const JUDGING: Sql = Sql::portable(
    "SELECT id, as_of, figures_until, started_at, reminded FROM run WHERE state <> 'held' ORDER BY as_of, started_at, id",
);

const SNAPSHOTS: Sql = Sql::portable("SELECT sha256 FROM snapshot WHERE run_id = $1 ORDER BY pulled_at, source, id");

/// Every statement of this file.
pub(super) const STATEMENTS: &[Sql] =
    &[BEGIN, FINISH, KNOWN_FOOTING, BATCHES, REMINDED, LATEST, DONE, JUDGING, SNAPSHOTS];

/// The id of the round as of `as_of` that started at `started_at`.
pub(super) fn run_id(as_of: NaiveDate, started_at: DateTime<Utc>) -> String {
    const RUNS: Uuid = Uuid::from_u128(0x6f0c_9a52_3c1d_5e8b_8d2e_d0d0_c000_0003);
    Uuid::new_v5(&RUNS, format!("{as_of}/{}", started_at.timestamp_millis()).as_bytes()).to_string()
}

/// Opens the round on the footing `fingerprint`, in the name of `by`.
pub(super) async fn begin(
    work: &mut Work,
    round: &Round,
    started_at: DateTime<Utc>,
    (fingerprint, by): (&str, &str),
) -> Result<(), DbError> {
    on!(work, BEGIN, |sql, conn| {
        let query = sqlx::query(sql).bind(&round.run_id).bind(round.as_of.to_string());
        let query = query.bind(started_at.timestamp_millis()).bind(fingerprint);
        query.bind(round.closing.until.to_string()).bind(by).execute(conn).await?.rows_affected()
    });
    Ok(())
}

/// Closes the round: `held` with its reason, or done.
pub(super) async fn finish(
    work: &mut Work,
    round: &Round,
    held: Option<&str>,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    let number = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
    let state = if held.is_some() { "held" } else { "done" };
    let counts = &round.counts;
    on!(work, FINISH, |sql, conn| {
        let query = sqlx::query(sql).bind(&round.run_id).bind(state).bind(held).bind(now.timestamp_millis());
        let query = query.bind(number(counts.assessed)).bind(number(counts.below)).bind(number(counts.not_assessed));
        query.bind(number(round.remind)).execute(conn).await?.rows_affected()
    });
    Ok(())
}

/// How many units the last `count` rounds reminded that reminded any, newest first.
pub(super) async fn batches(db: &Db, count: i64) -> Result<Vec<u64>, DbError> {
    let rows: Vec<(i64,)> = read!(db, BATCHES, |sql, pool| sqlx::query_as(sql).bind(count).fetch_all(pool).await?);
    Ok(rows.into_iter().filter_map(|(reminded,)| u64::try_from(reminded).ok()).collect())
}

/// Whether a round on exactly this footing (targets, mapping, templates, sources) already went out.
pub(super) async fn footing_is_known(db: &Db, fingerprint: &str) -> Result<bool, DbError> {
    let rounds: i64 =
        read!(db, KNOWN_FOOTING, |sql, pool| sqlx::query(sql).bind(fingerprint).fetch_one(pool).await?.try_get(0)?);
    Ok(rounds > 0)
}

/// A round that reminded somebody, and the newest later one that judged the figures of the same day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reminded {
    /// The round.
    pub run_id: String,
    /// As of when it decided.
    pub as_of: String,
    /// The last day of its figures.
    pub figures_until: String,
    /// The later round.
    pub later: String,
}

/// The rounds that reminded somebody and whose day was judged again, oldest first; all, or those as of one date.
///
/// # Errors
/// The engine's.
pub async fn reminded_rounds(db: &Db, as_of: Option<NaiveDate>) -> Result<Vec<Reminded>, DbError> {
    let rows: Vec<(String, String, Option<String>, Option<String>)> = read!(db, REMINDED, |sql, pool| {
        sqlx::query_as(sql).bind(as_of.map(|date| date.to_string())).fetch_all(pool).await?
    });
    let again = rows.into_iter().filter_map(|(run_id, as_of, until, later)| {
        Some(Reminded { run_id, as_of, figures_until: until?, later: later? })
    });
    Ok(again.collect())
}

/// The newest finished round, of any date or as of one: its id and as-of date.
///
/// # Errors
/// The engine's.
pub async fn latest(db: &Db, as_of: Option<NaiveDate>) -> Result<Option<(String, NaiveDate)>, DbError> {
    let row: Option<(String, String, i64)> = read!(db, LATEST, |sql, pool| {
        sqlx::query_as(sql).bind(as_of.map(|date| date.to_string())).fetch_optional(pool).await?
    });
    let Some((id, date, _)) = row else { return Ok(None) };
    match date.parse() {
        Ok(date) => Ok(Some((id, date))),
        Err(_) => Err(DbError::Impossible { table: "run", column: "as_of", value: date }),
    }
}

/// A finished round.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DoneRound {
    /// Its id.
    pub run_id: String,
    /// As of when it decided.
    pub as_of: NaiveDate,
    /// The last day of its figures.
    pub until: NaiveDate,
    /// When it began.
    pub started_at: DateTime<Utc>,
    /// Units reminded.
    pub reminded: u64,
}

/// Every finished round by its date, those of one date in the order of their starts.
///
/// # Errors
/// The engine's, or an impossible row.
pub async fn done_rounds(db: &Db) -> Result<Vec<DoneRound>, DbError> {
    let rows: Vec<Row> = read!(db, DONE, |sql, pool| sqlx::query_as(sql).fetch_all(pool).await?);
    rounds(rows)
}

/// Every round that judged, those among them that are still at it, inside of a unit of work. In one that keeps the catalog
/// still ([`keep_still`](crate::catalog::keep_still)) no other comes to judge by it.
///
/// # Errors
/// The engine's, or an impossible row.
pub async fn judging_rounds(work: &mut Work) -> Result<Vec<DoneRound>, DbError> {
    let rows: Vec<Row> = on!(work, JUDGING, |sql, conn| sqlx::query_as(sql).fetch_all(conn).await?);
    rounds(rows)
}

type Row = (String, String, Option<String>, i64, i64);

fn rounds(rows: Vec<Row>) -> Result<Vec<DoneRound>, DbError> {
    let date = |column, text: &str| {
        text.parse().map_err(|_| DbError::Impossible { table: "run", column, value: text.to_owned() })
    };
    let round = |(run_id, as_of, until, started_at, reminded): Row| {
        Ok(DoneRound {
            as_of: date("as_of", &as_of)?,
            until: date("figures_until", until.as_ref().unwrap_or(&as_of))?,
            run_id,
            started_at: from_millis(started_at),
            reminded: u64::try_from(reminded).unwrap_or(0),
        })
    };
    rows.into_iter().map(round).collect()
}

/// Names the figures of a round as its messages do: the first eight digits of each snapshot's hash, joined by `+`.
pub(super) async fn figures_code(db: &Db, run_id: &str) -> Result<String, DbError> {
    let rows: Vec<(String,)> =
        read!(db, SNAPSHOTS, |sql, pool| sqlx::query_as(sql).bind(run_id).fetch_all(pool).await?);
    let codes: Vec<&str> = rows.iter().map(|(hash,)| hash.get(..8).unwrap_or(hash)).collect();
    Ok(codes.join("+"))
}
