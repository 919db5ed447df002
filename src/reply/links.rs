//! Making the links of a round.

use std::collections::HashMap;

use chrono::{Days, NaiveDate};
use uuid::Uuid;

use super::keys::Keys;
use super::revoke;
use super::token::{Token, mark_of};
use crate::catalog::Recipient;
use crate::db::{Db, DbError};

/// Where links lead and how long they last.
#[derive(Debug, Clone)]
pub struct Links {
    /// How people reach the pages, without a trailing slash.
    pub public_url: String,
    /// What they are sealed with.
    pub keys: Keys,
    /// Days after the letter was written.
    pub valid_for: u32,
}

/// Makes the links of one round.
#[derive(Debug)]
pub struct Signer<'a> {
    links: &'a Links,
    as_of: NaiveDate,
    expires: NaiveDate,
    series: HashMap<String, u16>,
}

impl Links {
    /// What a round as of `as_of` signs with whose letters are written on `today`.
    ///
    /// # Errors
    /// The engine's.
    pub async fn signer(&self, db: &Db, as_of: NaiveDate, today: NaiveDate) -> Result<Signer<'_>, DbError> {
        let expires = today.checked_add_days(Days::new(u64::from(self.valid_for))).unwrap_or(today);
        Ok(Signer { links: self, as_of, expires, series: revoke::series(db).await? })
    }
}

impl Signer<'_> {
    /// The link of a letter to `recipient` about `cases`; made of these, the as-of date and the day alone, so that a
    /// second run on that day writes the same bytes. `None` when there are too many cases for a link.
    pub fn link(&self, recipient: &Recipient, cases: &[Uuid]) -> Option<String> {
        let mut marks: Vec<_> = cases.iter().map(|case| Token::case_mark(*case)).collect();
        marks.sort_unstable();
        marks.dedup();
        let token = Token {
            series: self.series.get(&recipient.id).copied().unwrap_or(0),
            as_of: self.as_of,
            expires: self.expires,
            recipient: mark_of(recipient),
            cases: marks,
        };
        Some(format!("{}/r/{}", self.links.public_url, self.links.keys.seal(&token)?))
    }
}
