//! Sessions: what a browser proves itself with after signing in. The database holds hashes alone.

use std::time::Duration;

use chrono::{DateTime, Utc};
use sqlx::FromRow;

use super::audit::{By, Event, conclude, one_line};
use super::deed::Deed;
use super::error::{NO_DICE, PeopleError};
use super::role::Role;
use super::{account, digest};
use crate::clock::from_millis;
use crate::db::{Db, DbError, Sql, Work};
use crate::{on, read, seal};

/// A session that nobody used for so long is over.
pub const IDLE: Duration = Duration::from_mins(30);
/// And so is one of this age, used or not.
pub const LONGEST: Duration = Duration::from_hours(12);
/// Being seen is written down once in so long.
const SEEN_EVERY: Duration = Duration::from_mins(1);

/// How long that may take before the page is shown without it.
const SEEN_WITHIN: Duration = Duration::from_secs(2);

/// Letters of five bits in what the cookie holds: 160 bits.
const LETTERS: usize = 32;

const FIND: Sql = Sql::portable(
    "SELECT session.id_hash, session.seen_at, account.id, account.login, account.name, account.role, account.scope, \
     account.must_change, session.vouched FROM session JOIN account ON account.id = session.account_id \
     WHERE session.id_hash = $1 AND account.disabled_at IS NULL AND session.started_at > $2 AND session.seen_at > $3",
);

const SEEN: Sql = Sql::portable("UPDATE session SET seen_at = $2 WHERE id_hash = $1 AND seen_at < $2");

const OPEN: Sql = Sql::portable(
    "INSERT INTO session (id_hash, account_id, vouched, started_at, seen_at, address, agent) \
     VALUES ($1, $2, $3, $4, $4, $5, $6)",
);

const END: Sql = Sql::portable("DELETE FROM session WHERE id_hash = $1");

const END_ONE: Sql = Sql::portable("DELETE FROM session WHERE id_hash = $1 AND account_id = $2");

pub(super) const END_ALL: Sql = Sql::portable("DELETE FROM session WHERE account_id = $1 AND id_hash <> $2");

const SWEEP: Sql = Sql::portable("DELETE FROM session WHERE started_at <= $1 OR seen_at <= $2");

const OF_ACCOUNT: Sql = Sql::portable(
    "SELECT id_hash, started_at, seen_at, address, agent FROM session \
     WHERE account_id = $1 AND started_at > $2 AND seen_at > $3 ORDER BY seen_at DESC, id_hash",
);

/// Every statement of this file.
pub(super) const STATEMENTS: &[Sql] = &[FIND, SEEN, OPEN, END, END_ONE, END_ALL, SWEEP, OF_ACCOUNT];

/// Who is signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Id of the account.
    pub id: String,
    /// Login name.
    pub login: String,
    /// How he is called.
    pub name: String,
    /// What he may do.
    pub role: Role,
    /// Id of the unit that he is confined to; `None`: the whole province.
    pub scope: Option<String>,
    /// Whether he has to choose a password of his own first; not while the single sign-on vouches for him.
    pub must_change: bool,
    /// Which of his sessions this is.
    pub session: String,
    /// Whether the single sign-on said who he is, not a password.
    pub vouched: bool,
}

/// From where somebody speaks to the pages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Peer {
    /// The network address.
    pub address: String,
    /// What the browser calls itself.
    pub agent: String,
}

#[derive(FromRow)]
struct Found {
    id_hash: String,
    seen_at: i64,
    id: String,
    login: String,
    name: String,
    role: String,
    scope: Option<String>,
    must_change: bool,
    vouched: bool,
}

/// An open session as its person sees it.
#[derive(Debug, Clone, FromRow)]
pub struct Session {
    /// The hash of what its cookie holds: names it, and opens nothing.
    pub id_hash: String,
    started_at: i64,
    seen_at: i64,
    /// From where it was opened.
    pub address: String,
    /// By which browser.
    pub agent: String,
}

impl Session {
    /// When it was opened.
    pub fn started_at(&self) -> DateTime<Utc> {
        from_millis(self.started_at)
    }

    /// When it was used last, to the minute.
    pub fn seen_at(&self) -> DateTime<Utc> {
        from_millis(self.seen_at)
    }
}

fn bounds(now: DateTime<Utc>) -> (i64, i64) {
    ((now - LONGEST).timestamp_millis(), (now - IDLE).timestamp_millis())
}

/// The hash under which a cookie's content is known.
fn known_as(secret: &str) -> String {
    digest("session", secret)
}

/// What a form of this session carries, so that no other site's form is taken for it. Made of the cookie's content, so
/// that it stands nowhere.
pub fn form_mark(secret: &str) -> String {
    digest("form", secret)
}

/// Who the cookie with `secret` stands for, and that he was seen. `None`: forged, ended, idle too long, too old, of a
/// disabled account.
///
/// # Errors
/// The engine's.
pub async fn find(db: &Db, secret: &str, now: DateTime<Utc>) -> Result<Option<Person>, DbError> {
    if secret.len() != LETTERS {
        return Ok(None);
    }
    let (started, seen) = bounds(now);
    let id_hash = known_as(secret);
    let found: Option<Found> = read!(db, FIND, |sql, pool| {
        sqlx::query_as(sql).bind(&id_hash).bind(started).bind(seen).fetch_optional(pool).await?
    });
    let Some(found) = found else { return Ok(None) };
    if now >= from_millis(found.seen_at) + SEEN_EVERY {
        // A disk that is full, or busy, is no reason not to look: whoever mends it may need the pages.
        match tokio::time::timeout(SEEN_WITHIN, seen_now(db, &id_hash, now)).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!(%error, "that a session was used could not be written down"),
            Err(_) => tracing::warn!("that a session was used could not be written down in time"),
        }
    }
    Ok(Some(Person {
        role: Role::stored("account", &found.role)?,
        id: found.id,
        login: found.login,
        name: found.name,
        scope: found.scope,
        must_change: found.must_change && !found.vouched,
        session: found.id_hash,
        vouched: found.vouched,
    }))
}

async fn seen_now(db: &Db, id_hash: &str, now: DateTime<Utc>) -> Result<(), DbError> {
    let mut work = db.begin().await?;
    let at = now.timestamp_millis();
    on!(&mut work, SEEN, |sql, conn| sqlx::query(sql).bind(id_hash).bind(at).execute(conn).await?.rows_affected());
    work.commit().await
}

/// Opens a session of `account_id` in `work`. `vouched`: on the word of the single sign-on. Returns what its cookie holds;
/// sessions that are over are swept away.
pub(super) async fn open(
    work: &mut Work,
    account_id: &str,
    vouched: bool,
    peer: &Peer,
    now: DateTime<Utc>,
) -> Result<String, PeopleError> {
    let secret = seal::code(LETTERS).ok_or(NO_DICE)?;
    let (started, seen) = bounds(now);
    on!(work, SWEEP, |sql, conn| sqlx::query(sql).bind(started).bind(seen).execute(conn).await?.rows_affected());
    on!(work, OPEN, |sql, conn| {
        let query = sqlx::query(sql).bind(known_as(&secret)).bind(account_id).bind(vouched);
        let query = query.bind(now.timestamp_millis());
        query.bind(&peer.address).bind(one_line(&peer.agent, 120)).execute(conn).await?.rows_affected()
    });
    Ok(secret)
}

/// Opens a session for somebody who proved himself in another way.
///
/// # Errors
/// [`PeopleError`].
pub async fn reopen(db: &Db, account_id: &str, peer: &Peer, now: DateTime<Utc>) -> Result<String, PeopleError> {
    let mut work = db.begin().await?;
    let secret = open(&mut work, account_id, false, peer, now).await?;
    work.commit().await?;
    Ok(secret)
}

/// Ends the session of a cookie in `work`, whoever's it is.
pub(super) async fn end_in(work: &mut Work, secret: &str) -> Result<(), DbError> {
    on!(work, END, |sql, conn| sqlx::query(sql).bind(known_as(secret)).execute(conn).await?.rows_affected());
    Ok(())
}

/// Signs out.
///
/// # Errors
/// The engine's.
pub async fn sign_out(db: &Db, person: &Person, by: &By, now: DateTime<Utc>) -> Result<(), DbError> {
    let mut work = db.begin().await?;
    on!(&mut work, END, |sql, conn| sqlx::query(sql).bind(&person.session).execute(conn).await?.rows_affected());
    let subject = account::subject(&person.id);
    conclude(work, &Event { by, deed: Deed::SignedOut, subject, detail: String::new() }, now).await?;
    Ok(())
}

/// Ends another session of the same person, or all others.
///
/// # Errors
/// The engine's.
pub async fn end_others(
    db: &Db,
    person: &Person,
    only: Option<&str>,
    by: &By,
    now: DateTime<Utc>,
) -> Result<u64, DbError> {
    let mut work = db.begin().await?;
    let ended = match only {
        Some(one) => on!(&mut work, END_ONE, |sql, conn| {
            sqlx::query(sql).bind(one).bind(&person.id).execute(conn).await?.rows_affected()
        }),
        None => on!(&mut work, END_ALL, |sql, conn| {
            sqlx::query(sql).bind(&person.id).bind(&person.session).execute(conn).await?.rows_affected()
        }),
    };
    let event = Event {
        by,
        deed: Deed::SessionsEnded,
        subject: account::subject(&person.id),
        detail: format!("sessions={ended}"),
    };
    conclude(work, &event, now).await?;
    Ok(ended)
}

/// The open sessions of an account, the one used last first.
///
/// # Errors
/// The engine's.
pub async fn sessions(db: &Db, account_id: &str, now: DateTime<Utc>) -> Result<Vec<Session>, DbError> {
    let (started, seen) = bounds(now);
    Ok(read!(db, OF_ACCOUNT, |sql, pool| {
        sqlx::query_as(sql).bind(account_id).bind(started).bind(seen).fetch_all(pool).await?
    }))
}
