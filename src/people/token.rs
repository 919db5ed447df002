//! Tokens: what programs prove themselves with. Shown once, stored as a hash.

use chrono::{DateTime, Utc};
use sqlx::FromRow;

use super::audit::{By, Event, conclude};
use super::deed::Deed;
use super::digest;
use super::error::{NO_DICE, PeopleError, Refusal};
use super::role::Role;
use crate::clock::from_millis;
use crate::db::{Db, DbError, Sql};
use crate::{on, read, seal};

/// What every token begins with, so that tools that look for lost secrets find it.
const PREFIX: &str = "dondoc_";
const LETTERS: usize = 32;

const ADD: Sql = Sql::portable(
    "INSERT INTO api_token (id, name, role, scope, token_hash, created_at) VALUES ($1, $2, $3, $4, $5, $6)",
);

const LIST: Sql =
    Sql::portable("SELECT id, name, role, scope, created_at, revoked_at FROM api_token ORDER BY created_at, id");

const BEARER: Sql = Sql::portable(
    "SELECT id, name, role, scope, created_at, revoked_at FROM api_token WHERE token_hash = $1 AND revoked_at IS NULL",
);

const REVOKE: Sql = Sql::portable("UPDATE api_token SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL");

/// Every statement of this file.
pub(super) const STATEMENTS: &[Sql] = &[ADD, LIST, BEARER, REVOKE];

/// A token, without what it is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// Names it.
    pub id: String,
    /// What it is for.
    pub name: String,
    /// What it is good for.
    pub role: Role,
    /// Id of the unit that it is confined to; `None`: the whole province.
    pub scope: Option<String>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// Since when it is of no use.
    pub revoked_at: Option<DateTime<Utc>>,
}

#[derive(FromRow)]
struct Row {
    id: String,
    name: String,
    role: String,
    scope: Option<String>,
    created_at: i64,
    revoked_at: Option<i64>,
}

impl Row {
    fn token(self) -> Result<Token, DbError> {
        Ok(Token {
            role: Role::stored("api_token", &self.role)?,
            id: self.id,
            name: self.name,
            scope: self.scope,
            created_at: from_millis(self.created_at),
            revoked_at: self.revoked_at.map(from_millis),
        })
    }
}

/// Makes a token. Returns its id and itself, which nobody ever sees again.
///
/// # Errors
/// [`PeopleError`].
pub async fn add(
    db: &Db,
    (name, role, scope): (&str, Role, Option<&str>),
    by: &By,
    now: DateTime<Utc>,
) -> Result<(String, String), PeopleError> {
    let name = name.trim();
    if !(1..=100).contains(&name.chars().count()) || name.chars().any(char::is_control) {
        return Err(Refusal::NameForm.into());
    }
    let id = seal::code(12).ok_or(NO_DICE)?.to_lowercase();
    let token = format!("{PREFIX}{}", seal::code(LETTERS).ok_or(NO_DICE)?);
    let mut work = db.begin().await?;
    let hash = digest("token", &token);
    on!(&mut work, ADD, |sql, conn| {
        let query = sqlx::query(sql).bind(&id).bind(name).bind(role.word()).bind(scope).bind(&hash);
        query.bind(now.timestamp_millis()).execute(conn).await?.rows_affected()
    });
    let detail = format!("role={} scope={}", role.word(), scope.unwrap_or("*"));
    conclude(work, &Event { by, deed: Deed::TokenAdded, subject: format!("token/{id}"), detail }, now).await?;
    Ok((id, token))
}

/// All tokens, oldest first.
///
/// # Errors
/// The engine's.
pub async fn tokens(db: &Db) -> Result<Vec<Token>, DbError> {
    let rows: Vec<Row> = read!(db, LIST, |sql, pool| sqlx::query_as(sql).fetch_all(pool).await?);
    rows.into_iter().map(Row::token).collect()
}

/// What `text` is the token of, if of anything.
///
/// # Errors
/// The engine's.
pub async fn bearer(db: &Db, text: &str) -> Result<Option<Token>, DbError> {
    if text.len() != PREFIX.len() + LETTERS {
        return Ok(None);
    }
    let hash = digest("token", text);
    let row: Option<Row> = read!(db, BEARER, |sql, pool| sqlx::query_as(sql).bind(&hash).fetch_optional(pool).await?);
    row.map(Row::token).transpose()
}

/// Ends a token.
///
/// # Errors
/// [`Refusal::NoToken`].
pub async fn revoke(db: &Db, id: &str, by: &By, now: DateTime<Utc>) -> Result<(), PeopleError> {
    let mut work = db.begin().await?;
    let at = now.timestamp_millis();
    let ended =
        on!(&mut work, REVOKE, |sql, conn| sqlx::query(sql).bind(id).bind(at).execute(conn).await?.rows_affected());
    if ended == 0 {
        return Err(Refusal::NoToken.into());
    }
    let event = Event { by, deed: Deed::TokenRevoked, subject: format!("token/{id}"), detail: String::new() };
    conclude(work, &event, now).await?;
    Ok(())
}
