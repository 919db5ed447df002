//! Slows guessing down, by login name and by address, without locking the owner out. Counted in the database, so that
//! replicas count together.
//!
//! A *lane* is what a try comes from: an address, or a browser that the account signed in from before. Such a browser has
//! a lane of its own, so that nobody else's tries are in its owner's way.

use std::time::Duration;

use chrono::{DateTime, Utc};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use super::account::Account;
use super::digest;
use super::error::{NO_DICE, PeopleError, Refusal};
use crate::db::{Db, Sql};
use crate::{on, seal};

/// Checks a minute of one account, from everywhere together, known browsers aside.
const OF_LOGIN: i64 = 10;
/// Of these the ones that addresses share which failed in the last hour; the rest is for addresses that did not.
const OF_FAILED: i64 = 6;
/// Checks a minute of one account from one lane.
const OF_LANE_AND_LOGIN: i64 = 5;
/// Checks a minute from one address, of all accounts together.
const OF_LANE: i64 = 10;

const MINUTE: Duration = Duration::from_mins(1);
/// How long a failure is remembered.
const MEMORY: Duration = Duration::from_hours(1);

const DEVICE: &str = "device/";

const SWEEP: Sql = Sql::portable("DELETE FROM login_failure WHERE at <= $1");

const COUNT: Sql = Sql::portable(
    "SELECT coalesce(sum(CASE WHEN login_hash = $1 AND at > $3 AND lane NOT LIKE 'device/%' THEN 1 ELSE 0 END), 0), \
     coalesce(sum(CASE WHEN login_hash = $1 AND lane = $2 AND at > $3 THEN 1 ELSE 0 END), 0), \
     coalesce(sum(CASE WHEN login_hash = $1 AND lane = $2 THEN 1 ELSE 0 END), 0), \
     coalesce(sum(CASE WHEN lane = $2 AND at > $3 THEN 1 ELSE 0 END), 0) \
     FROM login_failure WHERE login_hash = $1 OR lane = $2",
);

const TAKE: Sql = Sql::portable("INSERT INTO login_failure (id, login_hash, lane, at) VALUES ($1, $2, $3, $4)");

pub(super) const FORGIVE: Sql = Sql::portable("DELETE FROM login_failure WHERE login_hash = $1 AND lane = $2");

/// Every statement of this file.
pub(super) const STATEMENTS: &[Sql] = &[SWEEP, COUNT, TAKE, FORGIVE];

/// What a try comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lane {
    /// As it is stored.
    pub(super) name: String,
    /// Whether everybody may be behind it: then it is not counted by itself.
    shared: bool,
}

impl Lane {
    /// An address. `shared`: it is a proxy's, so that all strangers look alike.
    pub fn address(address: &str, shared: bool) -> Self {
        Self { name: format!("address/{address}"), shared }
    }

    /// The lane of the browser whose cookie says `mark`, if `account` signed in from it since its password was set.
    pub(super) fn of_browser(account: &Account, mark: &str) -> Option<Self> {
        let (browser, _) = mark.split_once('.')?;
        seal::same(browser_mark(account, browser)?.as_bytes(), mark.as_bytes())
            .then(|| Self { name: format!("{DEVICE}{browser}"), shared: false })
    }

    fn is_browser(&self) -> bool {
        self.name.starts_with(DEVICE)
    }
}

/// What the cookie of a browser says that `account` signed in from.
fn browser_mark(account: &Account, browser: &str) -> Option<String> {
    let mut mac = Hmac::<Sha256>::new_from_slice(account.password_hash.as_bytes()).ok()?;
    mac.update(b"dondoc browser\0");
    mac.update(browser.as_bytes());
    Some(format!("{browser}.{}", hex::encode(mac.finalize().into_bytes())))
}

/// A mark for a browser that has none.
pub(super) fn new_browser(account: &Account) -> Option<String> {
    browser_mark(account, &seal::code(20)?)
}

/// The login name as it is counted, whether it exists or not.
pub(super) fn counted(login: &str) -> String {
    digest("login", login)
}

/// Takes one check of `login` from `lane`; it is given back by a success.
///
/// # Errors
/// [`Refusal::TooMany`].
pub(super) async fn take(db: &Db, login: &str, lane: &Lane, now: DateTime<Utc>) -> Result<(), PeopleError> {
    let mut work = db.begin().await?;
    let (at, login) = (now.timestamp_millis(), counted(login));
    // Two replicas must not both see the last free place: one lane and one name at a time, always in this order.
    for lock in [&lane.name, &login] {
        work.lock(lock).await?;
    }
    let forgotten = (now - MEMORY).timestamp_millis();
    on!(&mut work, SWEEP, |sql, conn| sqlx::query(sql).bind(forgotten).execute(conn).await?.rows_affected());
    let since = (now - MINUTE).timestamp_millis();
    let (of_login, of_both, of_both_in_the_hour, of_lane): (i64, i64, i64, i64) = on!(&mut work, COUNT, |sql, conn| {
        sqlx::query_as(sql).bind(&login).bind(&lane.name).bind(since).fetch_one(conn).await?
    });
    let free = if lane.is_browser() {
        of_both < OF_LANE_AND_LOGIN
    } else {
        let share = if of_both_in_the_hour == 0 { OF_LOGIN } else { OF_FAILED };
        of_login < share && of_both < OF_LANE_AND_LOGIN && (lane.shared || of_lane < OF_LANE)
    };
    if !free {
        work.commit().await?;
        return Err(Refusal::TooMany.into());
    }
    let id = seal::code(26).ok_or(NO_DICE)?;
    on!(&mut work, TAKE, |sql, conn| sqlx::query(sql)
        .bind(id)
        .bind(&login)
        .bind(&lane.name)
        .bind(at)
        .execute(conn)
        .await?
        .rows_affected());
    Ok(work.commit().await?)
}
