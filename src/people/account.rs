//! Accounts: who may sign in, as what, and over which units.

use chrono::{DateTime, Utc};
use sqlx::{FromRow, Row as _};

use super::role::Role;
use super::totp;
use crate::clock::from_millis;
use crate::db::{Db, DbError, Sql, Work};
use crate::{on, read};

macro_rules! account {
    ($which:literal) => {
        concat!(
            "SELECT id, login, name, role, scope, password_hash, must_change, totp_sealed, totp_step, recovery, created_at, \
             disabled_at, oidc_issuer, oidc_subject FROM account ",
            $which
        )
    };
}

const ALL: Sql = Sql::portable(account!("ORDER BY login"));

const BY_LOGIN: Sql = Sql::portable(account!("WHERE login = $1"));

const BY_ID: Sql = Sql::portable(account!("WHERE id = $1"));

const BOUND_TO: Sql = Sql::portable(account!("WHERE oidc_issuer = $1 AND oidc_subject = $2"));

const ANY: Sql = Sql::portable("SELECT count(*) FROM account");

const ADMINS: Sql = Sql::portable("SELECT count(*) FROM account WHERE role = 'admin' AND disabled_at IS NULL");

/// Every statement of this file.
pub(super) const STATEMENTS: &[Sql] = &[ALL, BY_LOGIN, BY_ID, BOUND_TO, ANY, ADMINS];

/// Who may sign in.
#[derive(Clone, PartialEq, Eq)]
pub struct Account {
    /// Random, for ever.
    pub id: String,
    /// What he types.
    pub login: String,
    /// How he is called.
    pub name: String,
    /// What he may do.
    pub role: Role,
    /// Id of the unit that he is confined to, with all below it; `None`: the whole province.
    pub scope: Option<String>,
    /// Whether his password was given to him and must be changed first.
    pub must_change: bool,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// Since when it is of no use.
    pub disabled_at: Option<DateTime<Utc>>,
    /// The single sign-on that he came in by first; from then on only whom it knows under the same subject.
    pub bound_to: Option<String>,
    pub(super) password_hash: String,
    pub(super) totp_sealed: Option<String>,
    pub(super) totp_step: i64,
    pub(super) recovery: String,
}

impl Account {
    /// Whether a second factor is asked for.
    pub const fn has_second_factor(&self) -> bool {
        self.totp_sealed.is_some()
    }

    /// How many codes on paper are left.
    pub fn recovery_left(&self) -> usize {
        totp::recovery_left(&self.recovery)
    }

    /// How the audit log knows it.
    pub fn subject(&self) -> String {
        subject(&self.id)
    }
}

impl std::fmt::Debug for Account {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Account").field("id", &self.id).field("role", &self.role).finish_non_exhaustive()
    }
}

#[derive(FromRow)]
struct Row {
    id: String,
    login: String,
    name: String,
    role: String,
    scope: Option<String>,
    password_hash: String,
    must_change: bool,
    totp_sealed: Option<String>,
    totp_step: i64,
    recovery: String,
    created_at: i64,
    disabled_at: Option<i64>,
    oidc_issuer: Option<String>,
    oidc_subject: Option<String>,
}

impl Row {
    fn account(self) -> Result<Account, DbError> {
        Ok(Account {
            role: Role::stored("account", &self.role)?,
            id: self.id,
            login: self.login,
            name: self.name,
            scope: self.scope,
            must_change: self.must_change,
            created_at: from_millis(self.created_at),
            disabled_at: self.disabled_at.map(from_millis),
            bound_to: self.oidc_issuer.filter(|_| self.oidc_subject.is_some()),
            password_hash: self.password_hash,
            totp_sealed: self.totp_sealed,
            totp_step: self.totp_step,
            recovery: self.recovery,
        })
    }
}

/// How the audit log knows an account.
pub fn subject(id: &str) -> String {
    format!("account/{id}")
}

/// A login name as it is compared and stored.
pub(super) fn folded(login: &str) -> String {
    login.trim().to_lowercase()
}

/// All accounts by login name.
///
/// # Errors
/// The engine's.
pub async fn accounts(db: &Db) -> Result<Vec<Account>, DbError> {
    let rows: Vec<Row> = read!(db, ALL, |sql, pool| sqlx::query_as(sql).fetch_all(pool).await?);
    rows.into_iter().map(Row::account).collect()
}

/// The account with this login name, however it is typed.
///
/// # Errors
/// The engine's.
pub async fn by_login(db: &Db, login: &str) -> Result<Option<Account>, DbError> {
    let login = folded(login);
    let row: Option<Row> =
        read!(db, BY_LOGIN, |sql, pool| sqlx::query_as(sql).bind(login).fetch_optional(pool).await?);
    row.map(Row::account).transpose()
}

/// The account that is bound to this subject of this single sign-on.
///
/// # Errors
/// The engine's.
pub(super) async fn bound_to(db: &Db, (issuer, subject): (&str, &str)) -> Result<Option<Account>, DbError> {
    let row: Option<Row> =
        read!(db, BOUND_TO, |sql, pool| sqlx::query_as(sql).bind(issuer).bind(subject).fetch_optional(pool).await?);
    row.map(Row::account).transpose()
}

/// The account with this id.
///
/// # Errors
/// The engine's.
pub async fn by_id(db: &Db, id: &str) -> Result<Option<Account>, DbError> {
    let row: Option<Row> = read!(db, BY_ID, |sql, pool| sqlx::query_as(sql).bind(id).fetch_optional(pool).await?);
    row.map(Row::account).transpose()
}

/// Whether there is any account, so that the pages ask who is there.
///
/// # Errors
/// The engine's.
pub async fn any(db: &Db) -> Result<bool, DbError> {
    let count: i64 = read!(db, ANY, |sql, pool| sqlx::query(sql).fetch_one(pool).await?.try_get(0)?);
    Ok(count > 0)
}

/// How many can manage the others. Two are wise: one may be ill.
///
/// # Errors
/// The engine's.
pub async fn admins(db: &Db) -> Result<i64, DbError> {
    Ok(read!(db, ADMINS, |sql, pool| sqlx::query(sql).fetch_one(pool).await?.try_get(0)?))
}

/// The account with this id, within a unit of work.
pub(super) async fn read_in(work: &mut Work, id: &str) -> Result<Option<Account>, DbError> {
    let row: Option<Row> = on!(work, BY_ID, |sql, conn| sqlx::query_as(sql).bind(id).fetch_optional(conn).await?);
    row.map(Row::account).transpose()
}

/// How many admins there are, within a unit of work that holds the lock of accounts.
pub(super) async fn admins_in(work: &mut Work) -> Result<i64, DbError> {
    Ok(on!(work, ADMINS, |sql, conn| sqlx::query(sql).fetch_one(conn).await?.try_get(0)?))
}

/// What a sealed secret is about: put into another account it does not open.
pub(super) fn about_factor(id: &str) -> String {
    format!("account/{id}/totp")
}
