//! What an account proves itself with: its password and its second factor.

use chrono::{DateTime, Utc};
use secrecy::SecretString;

use super::account::{Account, about_factor, by_id, subject};
use super::audit::{By, Event, conclude};
use super::change::end_sessions;
use super::deed::Deed;
use super::error::{PeopleError, Refusal};
use super::password::{Hasher, acceptable, too_long};
use super::session::{self, Peer};
use super::throttle::{self, Lane};
use super::totp;
use crate::db::{Db, Sql};
use crate::{on, seal};

const PASSWORD: Sql = Sql::portable("UPDATE account SET password_hash = $2, must_change = TRUE WHERE id = $1");

/// Of two who proved themselves by the same password, or of one whom another person took it from meanwhile, one comes too
/// late.
const CHOOSE: Sql = Sql::portable(
    "UPDATE account SET password_hash = $3, must_change = FALSE \
     WHERE id = $1 AND password_hash = $2 AND disabled_at IS NULL",
);

/// Only of whoever has the password still.
const FACTOR: Sql = Sql::portable(
    "UPDATE account SET totp_sealed = $3, totp_step = $4, recovery = $5 WHERE id = $1 AND password_hash = $2 \
     AND disabled_at IS NULL",
);

const NO_FACTOR: Sql =
    Sql::portable("UPDATE account SET totp_sealed = NULL, totp_step = 0, recovery = '' WHERE id = $1");

/// Every statement of this file.
pub(super) const STATEMENTS: &[Sql] = &[PASSWORD, CHOOSE, FACTOR, NO_FACTOR];

/// Gives an account, in another person's name, a password that must be changed, and ends all its sessions.
///
/// # Errors
/// [`PeopleError`].
pub async fn give_password(
    db: &Db,
    hasher: &Hasher,
    (id, password): (&str, &SecretString),
    by: &By,
    now: DateTime<Utc>,
) -> Result<(), PeopleError> {
    let account = by_id(db, id).await?.ok_or(Refusal::NoAccount)?;
    acceptable(&account.login, password)?;
    let hash = hasher.hash(password).await?;
    let mut work = db.begin().await?;
    on!(&mut work, PASSWORD, |sql, conn| sqlx::query(sql).bind(id).bind(&hash).execute(conn).await?.rows_affected());
    end_sessions(&mut work, id).await?;
    let event = Event { by, deed: Deed::PasswordGiven, subject: subject(id), detail: String::new() };
    conclude(work, &event, now).await?;
    Ok(())
}

/// Changes the password of `account`, who has proved by the present one that he is it; ends all his sessions and opens one
/// for the browser that he sits at. Returns what its cookie holds.
///
/// # Errors
/// [`PeopleError`]; [`Refusal::NotRight`] when the password was changed meanwhile, so that he has proved nothing.
pub async fn choose_password(
    db: &Db,
    hasher: &Hasher,
    (account, password): (&Account, &SecretString),
    (by, peer): (&By, &Peer),
    now: DateTime<Utc>,
) -> Result<String, PeopleError> {
    acceptable(&account.login, password)?;
    let hash = hasher.hash(password).await?;
    let mut work = db.begin().await?;
    let changed = on!(&mut work, CHOOSE, |sql, conn| {
        let query = sqlx::query(sql).bind(&account.id).bind(&account.password_hash).bind(&hash);
        query.execute(conn).await?.rows_affected()
    });
    if changed == 0 {
        work.rollback().await?;
        return Err(Refusal::NotRight.into());
    }
    end_sessions(&mut work, &account.id).await?;
    let session = session::open(&mut work, &account.id, false, peer, now).await?;
    let event = Event { by, deed: Deed::PasswordChanged, subject: account.subject(), detail: String::new() };
    conclude(work, &event, now).await?;
    Ok(session)
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

/// Switches the second factor of `account` on, or off, for him who has proved by the password that he is it.
///
/// # Errors
/// [`PeopleError`], [`Refusal::NoKey`] among them; [`Refusal::NotRight`] when the password was changed meanwhile.
pub async fn set_factor(
    db: &Db,
    keys: &seal::Keys,
    (account, factor): (&Account, Option<&Factor<'_>>),
    by: &By,
    now: DateTime<Utc>,
) -> Result<(), PeopleError> {
    let id = account.id.as_str();
    let sealed = match factor {
        Some(factor) => Some(keys.seal(&about_factor(id), factor.secret).ok_or(Refusal::NoKey)?),
        None => None,
    };
    let recovery = factor.map_or_else(String::new, |factor| totp::recovery_hashes(factor.recovery));
    let step = factor.map_or(0, |factor| factor.step);
    let mut work = db.begin().await?;
    let changed = on!(&mut work, FACTOR, |sql, conn| {
        let query = sqlx::query(sql).bind(id).bind(&account.password_hash).bind(&sealed).bind(step);
        query.bind(&recovery).execute(conn).await?.rows_affected()
    });
    if changed == 0 {
        work.rollback().await?;
        return Err(Refusal::NotRight.into());
    }
    let deed = if factor.is_some() { Deed::SecondFactorOn } else { Deed::SecondFactorOff };
    conclude(work, &Event { by, deed, subject: subject(id), detail: String::new() }, now).await?;
    Ok(())
}

/// Switches the second factor off in another person's name, for who lost phone and paper.
///
/// # Errors
/// [`PeopleError`].
pub async fn take_factor(db: &Db, id: &str, by: &By, now: DateTime<Utc>) -> Result<(), PeopleError> {
    let mut work = db.begin().await?;
    let changed = on!(&mut work, NO_FACTOR, |sql, conn| sqlx::query(sql).bind(id).execute(conn).await?.rows_affected());
    if changed == 0 {
        return Err(Refusal::NoAccount.into());
    }
    let event = Event { by, deed: Deed::SecondFactorOff, subject: subject(id), detail: String::new() };
    conclude(work, &event, now).await?;
    Ok(())
}
