//! Whom a captured message is for: the office's title, found by unit and address.

use std::collections::HashMap;

use chrono::{DateTime, Utc};

use super::words;
use crate::channel::Captured;
use crate::clock::local_date;
use crate::db::{Db, DbError, Sql};
use crate::read;

pub(super) const HEADS: Sql = Sql::portable(
    "SELECT unit.code, contact.title, contact.email, contact.phone, contact.valid_from, contact.valid_to \
     FROM contact JOIN unit ON unit.id = contact.unit_id WHERE contact.office = 'head' \
     ORDER BY contact.position, unit.position",
);

#[derive(Debug, sqlx::FromRow)]
struct Head {
    code: String,
    title: String,
    email: Option<String>,
    phone: Option<String>,
    valid_from: String,
    valid_to: Option<String>,
}

impl Head {
    fn has(&self, address: &str) -> bool {
        let is = |own: &Option<String>| own.as_deref().is_some_and(|own| own.eq_ignore_ascii_case(address));
        is(&self.email) || is(&self.phone)
    }

    /// Dates are ISO text, so that their order is that of the text.
    fn in_office(&self, on: &str) -> bool {
        self.valid_from.as_str() <= on && self.valid_to.as_deref().is_none_or(|to| on <= to)
    }
}

/// The heads of all units by code.
#[derive(Debug)]
pub(super) struct Addressees(HashMap<String, Vec<Head>>);

impl Addressees {
    /// Reads them all; a few hundred short rows.
    pub(super) async fn load(db: &Db) -> Result<Self, DbError> {
        let heads: Vec<Head> = read!(db, HEADS, |sql, pool| sqlx::query_as(sql).fetch_all(pool).await?);
        let mut by_code: HashMap<String, Vec<Head>> = HashMap::new();
        for head in heads {
            by_code.entry(head.code.clone()).or_default().push(head);
        }
        Ok(Self(by_code))
    }

    /// How the addressee's office is written, or else the masked address.
    pub(super) fn name(&self, message: &Captured) -> String {
        self.title(&message.unit_code, &message.address, message.captured_at)
            .map_or_else(|| words::masked(&message.address), ToOwned::to_owned)
    }

    /// The same, of whatever went to `address` about the unit with this code.
    pub(super) fn of(&self, code: &str, address: &str, at: DateTime<Utc>) -> Option<&str> {
        self.title(code, address, at)
    }

    fn title(&self, code: &str, address: &str, at: DateTime<Utc>) -> Option<&str> {
        let on = local_date(at).to_string();
        let heads = self.0.get(code)?.iter().filter(|head| head.has(address));
        heads.max_by_key(|head| head.in_office(&on)).map(|head| head.title.as_str())
    }
}
