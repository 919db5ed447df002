//! The rows of the channel: the sealed pair of tokens, and what was last read of the app.

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::FromRow;

use crate::db::{Db, DbError, Sql, Work};
use crate::{on, read};

const TOKEN: Sql = Sql::portable(
    "SELECT version, sealed, obtained_at, expires_at, refresh_expires_at, begun_at, tries, lease_until, fault \
     FROM zalo_token WHERE app_id = $1",
);

/// The intent, committed before a pair is asked for. Nobody else may be at it.
const BEGIN: Sql = Sql::portable(
    "UPDATE zalo_token SET begun_at = $4, tries = tries + 1, lease_until = $5 WHERE app_id = $1 AND version = $2 \
     AND tries = $3 AND (lease_until IS NULL OR lease_until <= $4)",
);

const STORE: Sql = Sql::portable(
    "UPDATE zalo_token SET version = $2 + 1, sealed = $3, obtained_at = $4, expires_at = $5, refresh_expires_at = $6, \
     begun_at = NULL, tries = 0, lease_until = NULL, fault = NULL WHERE app_id = $1 AND version = $2",
);

/// Zalo did not take the refresh token: another try is as good as the first, after a pause.
const NOT_TAKEN: Sql = Sql::portable(
    "UPDATE zalo_token SET begun_at = CASE WHEN tries > 1 THEN begun_at ELSE CAST(NULL AS BIGINT) END, tries = tries - 1, \
     lease_until = $3, fault = $4 WHERE app_id = $1 AND version = $2",
);

/// Zalo may have taken it and made a pair that never came.
const LOST: Sql =
    Sql::portable("UPDATE zalo_token SET lease_until = NULL, fault = $3 WHERE app_id = $1 AND version = $2");

const SEED: Sql = Sql::portable(
    "INSERT INTO zalo_token (app_id, version, sealed, obtained_at, expires_at, refresh_expires_at) \
     VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (app_id) DO UPDATE SET version = excluded.version, \
     sealed = excluded.sealed, obtained_at = excluded.obtained_at, expires_at = excluded.expires_at, \
     refresh_expires_at = excluded.refresh_expires_at, begun_at = NULL, tries = 0, lease_until = NULL, fault = NULL \
     WHERE zalo_token.version = excluded.version - 1",
);

const READING: Sql = Sql::portable("SELECT read_at, content FROM zalo_reading WHERE app_id = $1 AND about = $2");

const KEEP: Sql = Sql::portable(
    "INSERT INTO zalo_reading (app_id, about, read_at, content) VALUES ($1, $2, $3, $4) \
     ON CONFLICT (app_id, about) DO UPDATE SET read_at = excluded.read_at, content = excluded.content",
);

/// Takes the turn at something that one replica does for all, unless another took it since $4.
const TAKE_TURN: Sql = Sql::portable(
    "INSERT INTO zalo_reading (app_id, about, read_at, content) VALUES ($1, $2, $3, '') \
     ON CONFLICT (app_id, about) DO UPDATE SET read_at = excluded.read_at WHERE zalo_reading.read_at <= $4",
);

/// Messages that have not left yet.
const WAITING: Sql =
    Sql::portable("SELECT count(*) FROM outbox WHERE channel = $1 AND state IN ('ready', 'held', 'sending')");

pub(in crate::channel) const STATEMENTS: &[Sql] =
    &[TOKEN, BEGIN, STORE, NOT_TAKEN, LOST, SEED, READING, KEEP, TAKE_TURN, WAITING];

/// How long a refresh token lives from when it was given.
const REFRESH_DAYS: i64 = 90;

/// The pair as it lies there; instants in milliseconds.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub(super) struct TokenRow {
    pub(super) version: i64,
    pub(super) sealed: String,
    pub(super) obtained_at: i64,
    pub(super) expires_at: i64,
    pub(super) refresh_expires_at: i64,
    pub(super) begun_at: Option<i64>,
    pub(super) tries: i64,
    pub(super) lease_until: Option<i64>,
    pub(super) fault: Option<String>,
}

/// A new pair, sealed for the version it is stored under.
#[derive(Debug)]
pub(super) struct NewPair {
    pub(super) sealed: String,
    pub(super) obtained_at: DateTime<Utc>,
    pub(super) expires_at: DateTime<Utc>,
}

impl NewPair {
    fn refresh_expires_at(&self) -> i64 {
        (self.obtained_at + TimeDelta::days(REFRESH_DAYS)).timestamp_millis()
    }
}

pub(super) async fn token(db: &Db, app_id: &str) -> Result<Option<TokenRow>, DbError> {
    Ok(read!(db, TOKEN, |sql, pool| sqlx::query_as(sql).bind(app_id).fetch_optional(pool).await?))
}

/// `false`: somebody else is at it, or it is another pair by now.
pub(super) async fn begin(
    work: &mut Work,
    app_id: &str,
    row: &TokenRow,
    now: DateTime<Utc>,
    lease_until: DateTime<Utc>,
) -> Result<bool, DbError> {
    Ok(on!(work, BEGIN, |sql, conn| {
        let query = sqlx::query(sql).bind(app_id).bind(row.version).bind(row.tries);
        let query = query.bind(now.timestamp_millis()).bind(lease_until.timestamp_millis());
        query.execute(conn).await?.rows_affected()
    }) == 1)
}

/// Stores the pair that follows `version`. `false`: a person seeded another one meanwhile, which holds.
pub(super) async fn store(work: &mut Work, app_id: &str, version: i64, pair: &NewPair) -> Result<bool, DbError> {
    Ok(on!(work, STORE, |sql, conn| {
        let query = sqlx::query(sql).bind(app_id).bind(version).bind(pair.sealed.as_str());
        let query = query.bind(pair.obtained_at.timestamp_millis()).bind(pair.expires_at.timestamp_millis());
        query.bind(pair.refresh_expires_at()).execute(conn).await?.rows_affected()
    }) == 1)
}

pub(super) async fn not_taken(
    work: &mut Work,
    app_id: &str,
    version: i64,
    again_at: DateTime<Utc>,
    fault: &str,
) -> Result<(), DbError> {
    on!(work, NOT_TAKEN, |sql, conn| {
        let query = sqlx::query(sql).bind(app_id).bind(version).bind(again_at.timestamp_millis()).bind(fault);
        query.execute(conn).await?.rows_affected()
    });
    Ok(())
}

pub(super) async fn lost(work: &mut Work, app_id: &str, version: i64, fault: &str) -> Result<(), DbError> {
    on!(work, LOST, |sql, conn| {
        sqlx::query(sql).bind(app_id).bind(version).bind(fault).execute(conn).await?.rows_affected()
    });
    Ok(())
}

/// Puts a pair that a person brought in the place of the one before it. `false`: another one came meanwhile.
pub(super) async fn seed(work: &mut Work, app_id: &str, version: i64, pair: &NewPair) -> Result<bool, DbError> {
    Ok(on!(work, SEED, |sql, conn| {
        let query = sqlx::query(sql).bind(app_id).bind(version).bind(pair.sealed.as_str());
        let query = query.bind(pair.obtained_at.timestamp_millis()).bind(pair.expires_at.timestamp_millis());
        query.bind(pair.refresh_expires_at()).execute(conn).await?.rows_affected()
    }) == 1)
}

/// What was last read about something, and when.
pub(super) async fn reading(db: &Db, app_id: &str, about: &str) -> Result<Option<(i64, String)>, DbError> {
    Ok(read!(db, READING, |sql, pool| sqlx::query_as(sql).bind(app_id).bind(about).fetch_optional(pool).await?))
}

pub(super) async fn keep(
    work: &mut Work,
    app_id: &str,
    about: &str,
    content: &str,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    on!(work, KEEP, |sql, conn| {
        let query = sqlx::query(sql).bind(app_id).bind(about).bind(now.timestamp_millis()).bind(content);
        query.execute(conn).await?.rows_affected()
    });
    Ok(())
}

/// Whether it is this replica's turn at `about`: nobody took it within `every`.
pub(super) async fn take_turn(
    work: &mut Work,
    app_id: &str,
    about: &str,
    (now, every): (DateTime<Utc>, TimeDelta),
) -> Result<bool, DbError> {
    Ok(on!(work, TAKE_TURN, |sql, conn| {
        let query = sqlx::query(sql).bind(app_id).bind(about);
        let query = query.bind(now.timestamp_millis()).bind((now - every).timestamp_millis());
        query.execute(conn).await?.rows_affected()
    }) == 1)
}

/// How many messages of `channel` have not left yet.
pub(super) async fn waiting(db: &Db, channel: &str) -> Result<i64, DbError> {
    let (count,): (i64,) = read!(db, WAITING, |sql, pool| sqlx::query_as(sql).bind(channel).fetch_one(pool).await?);
    Ok(count)
}
