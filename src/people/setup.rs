//! The first administrator: no default password, but a code that only who runs commands on the machine can have.

use std::time::Duration;

use chrono::{DateTime, Utc};

use super::account::{admins_in, subject};
use super::audit::{By, Event, conclude};
use super::change::{NewAccount, begin};
use super::deed::Deed;
use super::error::{NO_DICE, PeopleError, Refusal};
use super::password::{Hasher, grouped};
use super::session::{self, Peer};
use super::throttle::{self, Lane};
use super::{account, digest};
use crate::db::{Db, Sql};
use crate::on;

/// How long a code is good.
pub const CODE_LASTS: Duration = Duration::from_mins(30);

const MAKE: Sql = Sql::portable("INSERT INTO setup_code (code_hash, expires_at) VALUES ($1, $2)");

const FORGET: Sql = Sql::portable("DELETE FROM setup_code WHERE used_at IS NULL");

const USE: Sql =
    Sql::portable("UPDATE setup_code SET used_at = $2 WHERE code_hash = $1 AND used_at IS NULL AND expires_at > $2");

/// Every statement of this file.
pub(super) const STATEMENTS: &[Sql] = &[MAKE, FORGET, USE];

/// A new code, good once and for half an hour; the one before it is of no use any more.
///
/// # Errors
/// [`Refusal::SetupOver`] when there is an administrator.
pub async fn setup_code(db: &Db, by: &By, now: DateTime<Utc>) -> Result<(String, DateTime<Utc>), PeopleError> {
    let code = grouped().ok_or(NO_DICE)?;
    let until = now + CODE_LASTS;
    let mut work = begin(db).await?;
    if admins_in(&mut work).await? > 0 {
        return Err(Refusal::SetupOver.into());
    }
    on!(&mut work, FORGET, |sql, conn| sqlx::query(sql).execute(conn).await?.rows_affected());
    let (hash, expires) = (hash(&code), until.timestamp_millis());
    on!(&mut work, MAKE, |sql, conn| sqlx::query(sql).bind(&hash).bind(expires).execute(conn).await?.rows_affected());
    let event = Event { by, deed: Deed::SetupCodeMade, subject: String::new(), detail: String::new() };
    conclude(work, &event, now).await?;
    Ok((code, until))
}

/// However it is typed.
fn hash(code: &str) -> String {
    let letters: String = code.chars().filter(char::is_ascii_alphanumeric).collect();
    digest("setup", &letters.to_ascii_uppercase())
}

/// Whether the first administrator is still to come.
///
/// # Errors
/// The engine's.
pub async fn is_open(db: &Db) -> Result<bool, PeopleError> {
    Ok(account::admins(db).await? == 0)
}

/// Makes the first administrator, who is signed in at once. Returns what the session's cookie holds.
///
/// # Errors
/// [`PeopleError`].
pub async fn set_up(
    db: &Db,
    hasher: &Hasher,
    (code, new): (&str, &NewAccount<'_>),
    (peer, lane): (&Peer, &Lane),
    now: DateTime<Utc>,
) -> Result<String, PeopleError> {
    if !is_open(db).await? {
        return Err(Refusal::SetupOver.into());
    }
    new.check()?;
    throttle::take(db, "setup\0", lane, now).await?;
    let password = hasher.hash(new.password).await?;
    let mut work = begin(db).await?;
    if admins_in(&mut work).await? > 0 {
        return Err(Refusal::SetupOver.into());
    }
    let at = now.timestamp_millis();
    let used = on!(&mut work, USE, |sql, conn| {
        sqlx::query(sql).bind(hash(code)).bind(at).execute(conn).await?.rows_affected()
    });
    if used == 0 {
        return Err(Refusal::SetupCode.into());
    }
    let id = new.write(&mut work, &password, now).await?;
    let secret = session::open(&mut work, &id, false, peer, now).await?;
    let by = By::account(&id, &peer.address);
    conclude(work, &Event { by: &by, deed: Deed::SetUp, subject: subject(&id), detail: String::new() }, now).await?;
    Ok(secret)
}
