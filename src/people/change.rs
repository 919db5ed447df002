//! Changes of accounts. What somebody may do, or proves himself with, ends his sessions when it changes.

use chrono::{DateTime, Utc};
use secrecy::SecretString;

use super::account::{Account, admins_in, folded, read_in, subject};
use super::audit::{By, Event, conclude};
use super::deed::Deed;
use super::error::{NO_DICE, PeopleError, Refusal};
use super::password::{Hasher, acceptable};
use super::role::Role;
use super::session::END_ALL;
use crate::db::{Db, DbError, Sql, Work};
use crate::{on, seal};

const ADD: Sql = Sql::portable(
    "INSERT INTO account (id, login, name, role, scope, password_hash, must_change, created_at) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (login) DO NOTHING",
);

const CHANGE: Sql = Sql::portable("UPDATE account SET name = $2, role = $3, scope = $4 WHERE id = $1");

const DISABLE: Sql = Sql::portable("UPDATE account SET disabled_at = $2 WHERE id = $1 AND disabled_at IS NULL");

const ENABLE: Sql = Sql::portable("UPDATE account SET disabled_at = NULL WHERE id = $1 AND disabled_at IS NOT NULL");

const FORGET: Sql = Sql::portable(
    "UPDATE account SET login = $2, name = $2, password_hash = '', totp_sealed = NULL, recovery = '', \
     oidc_issuer = NULL, oidc_subject = NULL, disabled_at = coalesce(disabled_at, $3) WHERE id = $1",
);

const UNBIND: Sql = Sql::portable(
    "UPDATE account SET oidc_issuer = NULL, oidc_subject = NULL WHERE id = $1 AND oidc_subject IS NOT NULL",
);

/// Every statement of this file.
pub(super) const STATEMENTS: &[Sql] = &[ADD, CHANGE, DISABLE, ENABLE, FORGET, UNBIND];

/// Who is to be added.
#[derive(Debug)]
pub struct NewAccount<'a> {
    /// Login name, as typed.
    pub login: &'a str,
    /// How he is called.
    pub name: &'a str,
    /// What he may do.
    pub role: Role,
    /// Id of a unit; `None`: the whole province.
    pub scope: Option<&'a str>,
    /// His password.
    pub password: &'a SecretString,
    /// Whether he must choose another at once.
    pub must_change: bool,
}

impl NewAccount<'_> {
    /// Looks at everything that can be known without the database.
    pub(super) fn check(&self) -> Result<(), Refusal> {
        let login = folded(self.login);
        let letter = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '_' | '-' | '@');
        if !(2..=60).contains(&login.len()) || !login.chars().all(letter) {
            return Err(Refusal::LoginForm);
        }
        name_form(self.name)?;
        acceptable(&login, self.password)
    }

    /// Writes it in `work`. Returns its id.
    pub(super) async fn write(&self, work: &mut Work, hash: &str, now: DateTime<Utc>) -> Result<String, PeopleError> {
        let id = seal::code(16).ok_or(NO_DICE)?.to_lowercase();
        let added = on!(work, ADD, |sql, conn| {
            let query = sqlx::query(sql).bind(&id).bind(folded(self.login)).bind(self.name.trim());
            let query = query.bind(self.role.word()).bind(self.scope).bind(hash).bind(self.must_change);
            query.bind(now.timestamp_millis()).execute(conn).await?.rows_affected()
        });
        if added == 0 { Err(Refusal::LoginTaken.into()) } else { Ok(id) }
    }
}

fn name_form(name: &str) -> Result<(), Refusal> {
    let length = name.trim().chars().count();
    let fits = (1..=100).contains(&length) && !name.chars().any(char::is_control);
    if fits { Ok(()) } else { Err(Refusal::NameForm) }
}

/// Adds an account. Returns its id.
///
/// # Errors
/// [`PeopleError`].
pub async fn add(
    db: &Db,
    hasher: &Hasher,
    new: &NewAccount<'_>,
    by: &By,
    now: DateTime<Utc>,
) -> Result<String, PeopleError> {
    new.check()?;
    let hash = hasher.hash(new.password).await?;
    let mut work = db.begin().await?;
    let id = new.write(&mut work, &hash, now).await?;
    let detail = terms(new.role, new.scope);
    conclude(work, &Event { by, deed: Deed::AccountAdded, subject: subject(&id), detail }, now).await?;
    Ok(id)
}

fn terms(role: Role, scope: Option<&str>) -> String {
    format!("role={} scope={}", role.word(), scope.unwrap_or("*"))
}

/// What an account is changed to.
#[derive(Debug, Clone, Copy)]
pub struct Terms<'a> {
    /// How he is called.
    pub name: &'a str,
    /// What he may do.
    pub role: Role,
    /// Id of a unit; `None`: the whole province.
    pub scope: Option<&'a str>,
}

/// Changes name, role and scope. Another role or scope ends his sessions.
///
/// # Errors
/// [`PeopleError`], [`Refusal::LastAdmin`] among them.
pub async fn change(db: &Db, id: &str, to: Terms<'_>, by: &By, now: DateTime<Utc>) -> Result<(), PeopleError> {
    name_form(to.name)?;
    let mut work = begin(db).await?;
    let account = read_in(&mut work, id).await?.ok_or(Refusal::NoAccount)?;
    changed(work, &account, to, by, now).await
}

/// Changes the role alone; name and scope stay as they are, whatever became of them since they were looked at.
///
/// # Errors
/// As those of [`change`].
pub(super) async fn change_role(db: &Db, id: &str, role: Role, by: &By, now: DateTime<Utc>) -> Result<(), PeopleError> {
    let mut work = begin(db).await?;
    let account = read_in(&mut work, id).await?.ok_or(Refusal::NoAccount)?;
    let to = Terms { name: &account.name, role, scope: account.scope.as_deref() };
    changed(work, &account, to, by, now).await
}

/// Changes `account`, as it stands in `work`.
async fn changed(
    mut work: Work,
    account: &Account,
    to: Terms<'_>,
    by: &By,
    now: DateTime<Utc>,
) -> Result<(), PeopleError> {
    let id = account.id.as_str();
    if account.role == Role::Admin && to.role != Role::Admin && account.disabled_at.is_none() {
        spare_admin(&mut work).await?;
    }
    on!(&mut work, CHANGE, |sql, conn| {
        let query = sqlx::query(sql).bind(id).bind(to.name.trim()).bind(to.role.word()).bind(to.scope);
        query.execute(conn).await?.rows_affected()
    });
    if (account.role, account.scope.as_deref()) != (to.role, to.scope) {
        end_sessions(&mut work, id).await?;
    }
    let detail = format!("{} -> {}", terms(account.role, account.scope.as_deref()), terms(to.role, to.scope));
    conclude(work, &Event { by, deed: Deed::AccountChanged, subject: subject(id), detail }, now).await?;
    Ok(())
}

/// Disables an account and ends its sessions.
///
/// # Errors
/// [`PeopleError`], [`Refusal::LastAdmin`] among them.
pub async fn disable(db: &Db, id: &str, by: &By, now: DateTime<Utc>) -> Result<(), PeopleError> {
    let mut work = begin(db).await?;
    let account = read_in(&mut work, id).await?.ok_or(Refusal::NoAccount)?;
    if account.role == Role::Admin && account.disabled_at.is_none() {
        spare_admin(&mut work).await?;
    }
    let at = now.timestamp_millis();
    let changed =
        on!(&mut work, DISABLE, |sql, conn| sqlx::query(sql).bind(id).bind(at).execute(conn).await?.rows_affected());
    end_sessions(&mut work, id).await?;
    if changed == 0 {
        return Ok(work.commit().await?);
    }
    let event = Event { by, deed: Deed::AccountDisabled, subject: subject(id), detail: String::new() };
    conclude(work, &event, now).await?;
    Ok(())
}

/// Lets a disabled account in again.
///
/// # Errors
/// [`PeopleError`].
pub async fn enable(db: &Db, id: &str, by: &By, now: DateTime<Utc>) -> Result<(), PeopleError> {
    let mut work = begin(db).await?;
    read_in(&mut work, id).await?.ok_or(Refusal::NoAccount)?;
    let changed = on!(&mut work, ENABLE, |sql, conn| sqlx::query(sql).bind(id).execute(conn).await?.rows_affected());
    if changed == 0 {
        return Ok(work.commit().await?);
    }
    let event = Event { by, deed: Deed::AccountEnabled, subject: subject(id), detail: String::new() };
    conclude(work, &event, now).await?;
    Ok(())
}

/// Takes an account from whom the single sign-on knows it by: the next one that comes in under its login name takes his
/// place. His sessions end. Returns whether it was bound.
///
/// # Errors
/// [`PeopleError`].
pub async fn unbind(db: &Db, id: &str, by: &By, now: DateTime<Utc>) -> Result<bool, PeopleError> {
    let mut work = begin(db).await?;
    read_in(&mut work, id).await?.ok_or(Refusal::NoAccount)?;
    let changed = on!(&mut work, UNBIND, |sql, conn| sqlx::query(sql).bind(id).execute(conn).await?.rows_affected());
    if changed == 0 {
        work.commit().await?;
        return Ok(false);
    }
    end_sessions(&mut work, id).await?;
    let event = Event { by, deed: Deed::AccountUnbound, subject: subject(id), detail: String::new() };
    conclude(work, &event, now).await?;
    Ok(true)
}

/// Takes out for good who an account belonged to: names, password, second factor, sessions. What he did stays in the audit
/// log, under an id that nobody can be told from any more.
///
/// # Errors
/// [`PeopleError`], [`Refusal::LastAdmin`] among them.
pub async fn forget(db: &Db, id: &str, by: &By, now: DateTime<Utc>) -> Result<(), PeopleError> {
    let mut work = begin(db).await?;
    let account = read_in(&mut work, id).await?.ok_or(Refusal::NoAccount)?;
    if account.role == Role::Admin && account.disabled_at.is_none() {
        spare_admin(&mut work).await?;
    }
    let nobody = format!("forgotten-{id}");
    on!(&mut work, FORGET, |sql, conn| {
        let query = sqlx::query(sql).bind(id).bind(&nobody).bind(now.timestamp_millis());
        query.execute(conn).await?.rows_affected()
    });
    end_sessions(&mut work, id).await?;
    let event = Event { by, deed: Deed::AccountForgotten, subject: subject(id), detail: String::new() };
    conclude(work, &event, now).await?;
    Ok(())
}

/// Begins a change that must not run beside another one: two admins could disable each other.
pub(super) async fn begin(db: &Db) -> Result<Work, DbError> {
    let mut work = db.begin().await?;
    work.lock("account").await?;
    Ok(work)
}

/// Refuses unless there is another admin than the one that is about to go.
async fn spare_admin(work: &mut Work) -> Result<(), PeopleError> {
    if admins_in(work).await? < 2 { Err(Refusal::LastAdmin.into()) } else { Ok(()) }
}

pub(super) async fn end_sessions(work: &mut Work, id: &str) -> Result<(), DbError> {
    on!(work, END_ALL, |sql, conn| sqlx::query(sql).bind(id).bind("").execute(conn).await?.rows_affected());
    Ok(())
}
