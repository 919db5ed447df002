//! Signing in on the word of the province's single sign-on: throttle, account, role, a new session. The password and the
//! second factor are the provider's matter; whether somebody comes in, and as what, is decided here.

use chrono::{DateTime, Utc};

use super::account::{self, Account};
use super::audit::{By, Event, conclude};
use super::change::{self, NewAccount};
use super::deed::Deed;
use super::error::{NO_DICE, PeopleError, Refusal};
use super::login::{HOLD, Way, Welcome, let_in};
use super::password::{Hasher, generated};
use super::role::Role;
use super::session::Peer;
use super::throttle::{self, Lane};
use crate::db::{Db, DbError, Sql, Work};
use crate::on;

/// He has one account: of two that he comes in by at once, under two login names, the first is his.
const BIND: Sql = Sql::portable(
    "UPDATE account SET oidc_issuer = $2, oidc_subject = $3 WHERE id = $1 AND oidc_subject IS NULL \
     AND NOT EXISTS (SELECT 1 FROM account AS other WHERE other.oidc_issuer = $2 AND other.oidc_subject = $3)",
);

/// Holds the row, as [`HOLD`] does, while it is still his: it may be taken from him at this moment.
const HOLD_HIS: Sql = Sql::portable(
    "UPDATE account SET totp_step = totp_step WHERE id = $1 AND password_hash = $2 AND disabled_at IS NULL \
     AND oidc_issuer = $3 AND oidc_subject = $4",
);

/// Every statement of this file.
pub(super) const STATEMENTS: &[Sql] = &[BIND, HOLD_HIS];

/// How the audit log names the way in.
const WAY: &str = "oidc";

/// The role of somebody who is vouched for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// The account's own; without an account nobody comes in.
    Own,
    /// This one, whatever the account had; without an account one is made.
    Role(Role),
    /// None: nobody comes in.
    None,
}

/// Somebody whom the single sign-on vouches for, and what his browser brought along.
#[derive(Debug)]
pub struct Proven<'a> {
    /// Who vouches, and by which name of him that never changes and is nobody else's.
    pub known_as: (&'a str, &'a str),
    /// His login name there.
    pub login: &'a str,
    /// How he is called, for an account that is to be made.
    pub name: &'a str,
    /// His role.
    pub standing: Standing,
    /// The mark of a browser that somebody signed in from before.
    pub browser: Option<&'a str>,
    /// The session that it has now; it ends.
    pub session: Option<&'a str>,
    /// From where.
    pub peer: &'a Peer,
    /// What the address counts as.
    pub lane: Lane,
}

/// Signs in whoever is vouched for, if there is an account for him: the one that he came in by before, whatever he is
/// called by now; else the one with his login name, which is his from then on.
///
/// # Errors
/// [`Refusal::Unknown`], [`Refusal::Disabled`], [`Refusal::Bound`], [`Refusal::NoRole`], [`Refusal::TooMany`], and others of
/// [`PeopleError`].
pub async fn enter(db: &Db, hasher: &Hasher, asked: &Proven<'_>, now: DateTime<Utc>) -> Result<Welcome, PeopleError> {
    // Letters that only look like, or fold to, those of another login name are nobody's.
    let login = if asked.login.is_ascii() { account::folded(asked.login) } else { String::new() };
    let his = account::bound_to(db, asked.known_as).await?;
    let is_his = his.is_some();
    let account = match his {
        Some(account) => Some(account),
        None => account::by_login(db, &login).await?,
    };
    let own = account.as_ref().zip(asked.browser).and_then(|(account, mark)| Lane::of_browser(account, mark));
    let lane = own.clone().unwrap_or_else(|| asked.lane.clone());
    throttle::take(db, &login, &lane, now).await?;
    let account = match admitted(db, hasher, (account.clone(), is_his), asked, now).await {
        Ok(account) => account,
        Err(PeopleError::Refused(refusal)) => {
            refused(db, account.as_ref(), refusal, asked, now).await?;
            return Err(refusal.into());
        }
        Err(error) => return Err(error),
    };
    let mut work = change::begin(db).await?;
    // The account is another one by now, or another person was faster.
    if !held(&mut work, &account, is_his, asked).await? {
        work.rollback().await?;
        return Err(Refusal::NotRight.into());
    }
    let way = Way { vouched: true, session: asked.session, peer: asked.peer, login: &login, lane: &lane };
    let secret = let_in(&mut work, &account, &way, now).await?;
    let by = By::account(&account.id, &asked.peer.address);
    let detail = if is_his { WAY.to_owned() } else { format!("{WAY}: bound") };
    let event = Event { by: &by, deed: Deed::SignedIn, subject: account.subject(), detail };
    conclude(work, &event, now).await?;
    let browser = if own.is_some() { None } else { throttle::new_browser(&account) };
    Ok(Welcome { session: secret, browser })
}

/// Holds the account until the end of `work`, bound to him. `false`: it is not his, or not as it was looked at.
async fn held(work: &mut Work, account: &Account, is_his: bool, asked: &Proven<'_>) -> Result<bool, DbError> {
    let (issuer, subject) = asked.known_as;
    if is_his {
        return Ok(on!(work, HOLD_HIS, |sql, conn| {
            let query = sqlx::query(sql).bind(&account.id).bind(&account.password_hash).bind(issuer).bind(subject);
            query.execute(conn).await?.rows_affected()
        }) == 1);
    }
    let held = on!(&mut *work, HOLD, |sql, conn| {
        sqlx::query(sql).bind(&account.id).bind(&account.password_hash).execute(conn).await?.rows_affected()
    });
    let bound = on!(work, BIND, |sql, conn| {
        sqlx::query(sql).bind(&account.id).bind(issuer).bind(subject).execute(conn).await?.rows_affected()
    });
    Ok(held == 1 && bound == 1)
}

/// The account that he comes in by: his own, with the role that he is given; one that is made for him.
async fn admitted(
    db: &Db,
    hasher: &Hasher,
    (account, is_his): (Option<Account>, bool),
    asked: &Proven<'_>,
    now: DateTime<Utc>,
) -> Result<Account, PeopleError> {
    let by = By::provider(&asked.peer.address);
    if !is_his && !asked.login.is_ascii() {
        return Err(Refusal::LoginForm.into());
    }
    if !is_his && account.as_ref().is_some_and(|account| account.bound_to.is_some()) {
        return Err(Refusal::Bound.into());
    }
    let id = match (account, asked.standing) {
        (Some(account), _) if account.disabled_at.is_some() => return Err(Refusal::Disabled.into()),
        (_, Standing::None) => return Err(Refusal::NoRole.into()),
        (None, Standing::Own) => return Err(Refusal::Unknown.into()),
        (Some(account), Standing::Role(role)) if role != account.role => {
            change::change_role(db, &account.id, role, &by, now).await?;
            account.id
        }
        (Some(account), _) => return Ok(account),
        (None, Standing::Role(role)) => {
            // A password that nobody knows: he has none here until an administrator gives him one.
            let password = generated().ok_or(NO_DICE)?;
            let name: String = asked.name.chars().filter(|c| !c.is_control()).take(100).collect();
            let (login, name) = (asked.login, name.as_str());
            let new = NewAccount { login, name, role, scope: None, password: &password, must_change: false };
            change::add(db, hasher, &new, &by, now).await?
        }
    };
    Ok(account::by_id(db, &id).await?.ok_or(Refusal::NoAccount)?)
}

/// Notes a refusal. The provider vouched for him, so strangers cannot fill the chain; and the throttle stands before it.
async fn refused(
    db: &Db,
    account: Option<&Account>,
    refusal: Refusal,
    asked: &Proven<'_>,
    now: DateTime<Utc>,
) -> Result<(), PeopleError> {
    let why = refusal.key().trim_start_matches("refusal.");
    let event = Event {
        by: &By::nobody(&asked.peer.address),
        deed: Deed::SignInRefused,
        subject: account.map_or_else(String::new, Account::subject),
        detail: format!("{WAY}: {why}"),
    };
    conclude(db.begin().await?, &event, now).await?;
    Ok(())
}
