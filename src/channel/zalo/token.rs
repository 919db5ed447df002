//! The stored pair of tokens of an app: when its refresh token may be used, which is good once, and how it is sealed.

use chrono::{DateTime, TimeDelta, Utc};
use secrecy::{ExposeSecret as _, SecretString};

use super::oauth::Given;
use super::settings::Zalo;
use super::store::{self, NewPair, TokenRow};
use crate::channel::SendError;
use crate::clock::from_millis;
use crate::db::{Db, DbError};

/// A refresh token is used for a second time at most, and never for a third.
pub(super) const TRIES: i64 = 2;

/// What to do when no pair is left.
pub(super) const CONSENT: &str =
    "consent again in Zalo's console (API Explorer) and hand the new pair to `dondoc zalo seed`";

/// Why no new pair may be asked for now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NotNow {
    /// Another replica is at it, or a pause after a refusal.
    Wait,
    /// An answer was lost; the old access token is used as long as it works.
    UseOld,
    /// An answer was lost and the refresh token was used twice.
    Lost,
}

impl TokenRow {
    /// Whether a refresh was begun whose answer is not stored and will not be.
    pub(super) fn is_lost(&self, now: DateTime<Utc>) -> bool {
        self.begun_at.is_some() && !self.is_leased(now)
    }

    fn is_leased(&self, now: DateTime<Utc>) -> bool {
        self.lease_until.is_some_and(|until| until > now.timestamp_millis())
    }

    /// Whether a new pair may be asked for, when the access token was `refused` or not.
    pub(super) fn may_refresh(&self, now: DateTime<Utc>, refused: bool) -> Result<(), NotNow> {
        let ended = refused || self.expires_at <= now.timestamp_millis();
        match self.begun_at {
            _ if self.is_leased(now) => Err(NotNow::Wait),
            None => Ok(()),
            Some(_) if self.tries >= TRIES => Err(NotNow::Lost),
            Some(_) if ended => Ok(()),
            Some(_) => Err(NotNow::UseOld),
        }
    }
}

/// What a person must know of the pair, if anything.
pub(super) fn trouble(row: &TokenRow, now: DateTime<Utc>) -> Option<String> {
    let until = from_millis(row.expires_at).with_timezone(&crate::clock::ZONE).format("%H:%M, %d/%m/%Y");
    let works = if row.expires_at > now.timestamp_millis() {
        format!("the old access token serves until {until}")
    } else {
        "messages stay ready".to_owned()
    };
    if row.is_lost(now) {
        let used = if row.tries >= TRIES { ", twice" } else { "" };
        let why = row.fault.as_deref().unwrap_or("the program ended before it was stored");
        return Some(format!("the answer to a token refresh was lost{used} ({why}); {works}; remedy: {CONSENT}"));
    }
    let fault = row.fault.as_deref()?;
    Some(format!("no new token: {fault}; {works}; remedy: if it goes on, {CONSENT}"))
}

#[expect(clippy::needless_pass_by_value, reason = "an error is handed over")]
pub(super) fn unstored(error: DbError) -> SendError {
    SendError::broken(&format!("the token cannot be read or stored: {error}"))
}

/// What a seal is about: a pair put into another row, or back into its own, does not open.
fn about(app_id: &str, version: i64) -> String {
    format!("zalo_token/{app_id}/{version}")
}

/// Access and refresh token of a row.
pub(super) fn opened(settings: &Zalo, row: &TokenRow) -> Result<(SecretString, SecretString), SendError> {
    let text = settings.keys.open(&about(&settings.app_id, row.version), &row.sealed);
    let parts = text.as_ref().and_then(|text| text.expose_secret().split_once('\n'));
    parts.map(|(access, refresh)| (access.into(), refresh.into())).ok_or_else(|| {
        SendError::broken(
            "no key in [secrets] opens the stored token; remedy: put the key back that sealed it, or seed again",
        )
    })
}

pub(super) fn sealed(settings: &Zalo, version: i64, given: &Given, now: DateTime<Utc>) -> Result<NewPair, SendError> {
    let text = format!("{}\n{}", given.access.expose_secret(), given.refresh.expose_secret());
    let sealed = settings.keys.seal(&about(&settings.app_id, version), &SecretString::from(text));
    let sealed =
        sealed.ok_or_else(|| SendError::broken("the token cannot be sealed; remedy: give [secrets] key_file"))?;
    let lasts = TimeDelta::from_std(given.lasts).unwrap_or_default();
    Ok(NewPair { sealed, obtained_at: now, expires_at: now + lasts })
}

/// Stores a pair that a person brought.
pub(super) async fn seed(settings: &Zalo, db: &Db, given: &Given, now: DateTime<Utc>) -> Result<(), SendError> {
    let before = store::token(db, &settings.app_id).await.map_err(unstored)?.map_or(0, |row| row.version);
    let pair = sealed(settings, before + 1, given, now)?;
    let mut work = db.begin().await.map_err(unstored)?;
    let stored = store::seed(&mut work, &settings.app_id, before + 1, &pair).await.map_err(unstored)?;
    work.commit().await.map_err(unstored)?;
    if stored {
        Ok(())
    } else {
        Err(SendError::broken("another pair was stored meanwhile; look at `dondoc zalo status`"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refresh_token_is_used_again_only_when_the_old_access_token_has_ended_and_never_a_third_time() {
        let now: DateTime<Utc> = "2026-11-26T10:00:00+07:00".parse().unwrap();
        let at = |hours: i64| (now + TimeDelta::hours(hours)).timestamp_millis();
        let row = TokenRow {
            version: 3,
            sealed: String::new(),
            obtained_at: at(-20),
            expires_at: at(5),
            refresh_expires_at: at(2000),
            begun_at: None,
            tries: 0,
            lease_until: None,
            fault: None,
        };
        let begun = TokenRow { begun_at: Some(at(-1)), tries: 1, ..row.clone() };
        for (row, refused, wanted) in [
            (row.clone(), false, Ok(())),
            (TokenRow { lease_until: Some(at(1)), ..begun.clone() }, true, Err(NotNow::Wait)),
            (begun.clone(), false, Err(NotNow::UseOld)),
            (begun.clone(), true, Ok(())),
            (TokenRow { expires_at: at(-1), ..begun.clone() }, false, Ok(())),
            (TokenRow { tries: 2, ..begun.clone() }, true, Err(NotNow::Lost)),
        ] {
            assert_eq!(row.may_refresh(now, refused), wanted, "{row:?}");
        }
        assert!(trouble(&row, now).is_none());
        assert!(trouble(&begun, now).unwrap().contains("15:00, 26/11/2026"));
    }
}
