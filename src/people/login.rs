//! Signing in: throttle, password, second factor, a new session. Who does not get in learns that, and nothing else.

use std::time::Duration;

use chrono::{DateTime, Utc};
use secrecy::SecretString;

use super::account::{self, Account, about_factor};
use super::audit::{By, Event, conclude};
use super::deed::Deed;
use super::error::{PeopleError, Refusal};
use super::password::{Hasher, too_long};
use super::session::{self, Peer};
use super::throttle::{self, FORGIVE, Lane};
use super::totp;
use crate::db::{Db, Sql, Work};
use crate::{on, seal};

/// How long after it was asked a refusal is given, whatever was wrong: longer than finding out takes.
const REFUSED_AFTER: Duration = Duration::from_millis(400);

/// Holds the row until the end: a password that changes, or an account that is disabled, between the look at it and the
/// new session leaves no session behind.
pub(super) const HOLD: Sql = Sql::portable(
    "UPDATE account SET totp_step = totp_step WHERE id = $1 AND password_hash = $2 AND disabled_at IS NULL",
);

const USE_STEP: Sql = Sql::portable("UPDATE account SET totp_step = $2 WHERE id = $1 AND totp_step < $2");

const USE_RECOVERY: Sql = Sql::portable("UPDATE account SET recovery = $3 WHERE id = $1 AND recovery = $2");

/// Every statement of this file.
pub(super) const STATEMENTS: &[Sql] = &[HOLD, USE_STEP, USE_RECOVERY];

/// What somebody typed, and what his browser sent along.
#[derive(Debug)]
pub struct Try<'a> {
    /// Login name.
    pub login: &'a str,
    /// Password.
    pub password: &'a SecretString,
    /// Code of the second factor, or one on paper; may be empty.
    pub code: &'a str,
    /// The mark of a browser that somebody signed in from before.
    pub browser: Option<&'a str>,
    /// The session that it has now; it ends.
    pub session: Option<&'a str>,
    /// From where.
    pub peer: &'a Peer,
    /// What the address counts as.
    pub lane: Lane,
}

/// What a browser is given.
#[derive(Debug)]
pub struct Welcome {
    /// Content of the session's cookie.
    pub session: String,
    /// The mark of this browser, where it has none yet.
    pub browser: Option<String>,
}

/// Who has proved himself, and with what.
enum Proof {
    Password,
    Step(i64),
    /// What is left of the codes on paper.
    Recovery(String),
}

/// Signs in.
///
/// # Errors
/// [`Refusal::NotRight`], [`Refusal::TooMany`], and others of [`PeopleError`].
pub async fn sign_in(
    db: &Db,
    hasher: &Hasher,
    keys: &seal::Keys,
    asked: &Try<'_>,
    now: DateTime<Utc>,
) -> Result<Welcome, PeopleError> {
    let began = tokio::time::Instant::now();
    let login = account::folded(asked.login);
    let account = account::by_login(db, &login).await?.filter(|account| account.disabled_at.is_none());
    let own = account.as_ref().zip(asked.browser).and_then(|(account, mark)| Lane::of_browser(account, mark));
    let lane = own.clone().unwrap_or_else(|| asked.lane.clone());
    throttle::take(db, &login, &lane, now).await?;
    let proved = prove(hasher, keys, account.as_ref(), asked, now).await?;
    let (Some(account), Some(proof)) = (&account, proved) else {
        refused(db, account.as_ref(), &asked.peer.address, now).await?;
        tokio::time::sleep_until(began + REFUSED_AFTER).await;
        return Err(Refusal::NotRight.into());
    };
    let mut work = db.begin().await?;
    if !used(&mut work, account, &proof).await? {
        return Err(Refusal::NotRight.into());
    }
    let way = Way { vouched: false, session: asked.session, peer: asked.peer, login: &login, lane: &lane };
    let secret = let_in(&mut work, account, &way, now).await?;
    let by = By::account(&account.id, &asked.peer.address);
    let (deed, detail) = match &proof {
        Proof::Password => (Deed::SignedIn, String::new()),
        Proof::Step(_) => (Deed::SignedIn, "second factor".to_owned()),
        Proof::Recovery(left) => (Deed::RecoveryCodeUsed, format!("left={}", totp::recovery_left(left))),
    };
    conclude(work, &Event { by: &by, deed, subject: account.subject(), detail }, now).await?;
    let browser = if own.is_some() { None } else { throttle::new_browser(account) };
    Ok(Welcome { session: secret, browser })
}

/// How somebody comes in who has proved himself.
#[derive(Debug)]
pub(super) struct Way<'a> {
    /// Whether another program vouches for him.
    pub(super) vouched: bool,
    /// The session that his browser has now.
    pub(super) session: Option<&'a str>,
    pub(super) peer: &'a Peer,
    /// What was typed, folded, and the lane that it was counted in.
    pub(super) login: &'a str,
    pub(super) lane: &'a Lane,
}

/// Ends the session before, opens a new one, and forgives what failed in this lane. Returns what the new cookie holds.
pub(super) async fn let_in(
    work: &mut Work,
    account: &Account,
    way: &Way<'_>,
    now: DateTime<Utc>,
) -> Result<String, PeopleError> {
    if let Some(before) = way.session {
        session::end_in(work, before).await?;
    }
    let secret = session::open(work, &account.id, way.vouched, way.peer, now).await?;
    let counted = throttle::counted(way.login);
    on!(work, FORGIVE, |sql, conn| sqlx::query(sql)
        .bind(&counted)
        .bind(&way.lane.name)
        .execute(conn)
        .await?
        .rows_affected());
    Ok(secret)
}

async fn prove(
    hasher: &Hasher,
    keys: &seal::Keys,
    account: Option<&Account>,
    asked: &Try<'_>,
    now: DateTime<Utc>,
) -> Result<Option<Proof>, PeopleError> {
    if too_long(asked.password) {
        return Ok(None);
    }
    let fits = hasher.check(account.map(|account| account.password_hash.as_str()), asked.password).await?;
    let Some(account) = account.filter(|_| fits) else { return Ok(None) };
    let Some(sealed) = &account.totp_sealed else { return Ok(Some(Proof::Password)) };
    if let Some(left) = totp::without_recovery(&account.recovery, asked.code) {
        return Ok(Some(Proof::Recovery(left)));
    }
    let Some(secret) = keys.open(&about_factor(&account.id), sealed) else {
        tracing::error!("no key in [secrets] opens the second factor of an account; remedy: put the key back");
        return Ok(None);
    };
    Ok(totp::step_of(&secret, asked.code, now.timestamp(), account.totp_step).map(Proof::Step))
}

/// Uses the code up. `false`: another request just did, or the account is another one by now.
async fn used(work: &mut Work, account: &Account, proof: &Proof) -> Result<bool, PeopleError> {
    let held = on!(work, HOLD, |sql, conn| {
        sqlx::query(sql).bind(&account.id).bind(&account.password_hash).execute(conn).await?.rows_affected()
    });
    let changed = match proof {
        Proof::Password => held,
        Proof::Step(step) => on!(work, USE_STEP, |sql, conn| {
            sqlx::query(sql).bind(&account.id).bind(step).execute(conn).await?.rows_affected()
        }),
        Proof::Recovery(left) => on!(work, USE_RECOVERY, |sql, conn| {
            let query = sqlx::query(sql).bind(&account.id).bind(&account.recovery).bind(left);
            query.execute(conn).await?.rows_affected()
        }),
    };
    Ok(held > 0 && changed > 0)
}

/// Notes a refusal. Of names that nobody has only the log hears, so that strangers cannot fill the chain.
async fn refused(db: &Db, account: Option<&Account>, address: &str, now: DateTime<Utc>) -> Result<(), PeopleError> {
    let Some(account) = account else {
        tracing::warn!(address, "somebody tried to sign in by a name that does not exist");
        return Ok(());
    };
    tracing::warn!(address, account = %account.id, "somebody tried to sign in and did not get in");
    let event = Event {
        by: &By::nobody(address),
        deed: Deed::SignInRefused,
        subject: account.subject(),
        detail: String::new(),
    };
    conclude(db.begin().await?, &event, now).await?;
    Ok(())
}
