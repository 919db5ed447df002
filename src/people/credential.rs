//! What an account proves itself with: its password and its second factor.

use chrono::{DateTime, Utc};
use secrecy::SecretString;

use super::account::{Account, about_factor, by_id, subject};
use super::audit::{By, Event, conclude};
use super::change::end_sessions;
use super::deed::Deed;
use super::error::{PeopleError, Refusal};
use super::password::{Hasher, acceptable, too_long};
use super::throttle::{self, Lane};
use super::totp;
use crate::db::{Db, Sql};
use crate::{on, seal};

const PASSWORD: Sql = Sql::portable("UPDATE account SET password_hash = $2, must_change = $3 WHERE id = $1");

const FACTOR: Sql = Sql::portable("UPDATE account SET totp_sealed = $2, totp_step = $3, recovery = $4 WHERE id = $1");

/// Every statement of this file.
pub(super) const STATEMENTS: &[Sql] = &[PASSWORD, FACTOR];

/// Gives an account another password and ends all its sessions. `given`: by another person, so that it must be changed.
///
/// # Errors
/// [`PeopleError`].
pub async fn set_password(
    db: &Db,
    hasher: &Hasher,
    (id, password, given): (&str, &SecretString, bool),
    by: &By,
    now: DateTime<Utc>,
) -> Result<(), PeopleError> {
    let account = by_id(db, id).await?.ok_or(Refusal::NoAccount)?;
    acceptable(&account.login, password)?;
    let hash = hasher.hash(password).await?;
    let mut work = db.begin().await?;
    on!(&mut work, PASSWORD, |sql, conn| sqlx::query(sql)
        .bind(id)
        .bind(&hash)
        .bind(given)
        .execute(conn)
        .await?
        .rows_affected());
    end_sessions(&mut work, id).await?;
    let deed = if given { Deed::PasswordGiven } else { Deed::PasswordChanged };
    conclude(work, &Event { by, deed, subject: subject(id), detail: String::new() }, now).await?;
    Ok(())
}

/// Whether `password` is his, for changes that need more than an open page: a check like any other, so an open page is
/// no way around the throttle.
///
/// # Errors
/// [`PeopleError`].
pub async fn is_own(
    db: &Db,
    hasher: &Hasher,
    (account, password): (&Account, &SecretString),
    lane: &Lane,
    now: DateTime<Utc>,
) -> Result<bool, PeopleError> {
    throttle::take(db, &account.login, lane, now).await?;
    Ok(!too_long(password) && hasher.check(Some(&account.password_hash), password).await?)
}

/// What the second factor becomes: a secret with its codes on paper, or nothing.
#[derive(Debug)]
pub struct Factor<'a> {
    /// The secret, in base32.
    pub secret: &'a SecretString,
    /// The codes on paper.
    pub recovery: &'a [String],
    /// The step whose code proved that the phone has the secret.
    pub step: i64,
}

/// Switches the second factor on, or off.
///
/// # Errors
/// [`PeopleError`], [`Refusal::NoKey`] among them.
pub async fn set_factor(
    db: &Db,
    keys: &seal::Keys,
    (id, factor): (&str, Option<&Factor<'_>>),
    by: &By,
    now: DateTime<Utc>,
) -> Result<(), PeopleError> {
    let sealed = match factor {
        Some(factor) => Some(keys.seal(&about_factor(id), factor.secret).ok_or(Refusal::NoKey)?),
        None => None,
    };
    let recovery = factor.map_or_else(String::new, |factor| totp::recovery_hashes(factor.recovery));
    let step = factor.map_or(0, |factor| factor.step);
    let mut work = db.begin().await?;
    let changed = on!(&mut work, FACTOR, |sql, conn| {
        sqlx::query(sql).bind(id).bind(&sealed).bind(step).bind(&recovery).execute(conn).await?.rows_affected()
    });
    if changed == 0 {
        return Err(Refusal::NoAccount.into());
    }
    let deed = if factor.is_some() { Deed::SecondFactorOn } else { Deed::SecondFactorOff };
    conclude(work, &Event { by, deed, subject: subject(id), detail: String::new() }, now).await?;
    Ok(())
}
