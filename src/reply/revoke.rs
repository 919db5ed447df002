//! Ending all links of a recipient: each revocation begins a new series, and a link is good in its own series only.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sqlx::Row as _;
use uuid::Uuid;

use crate::db::{Db, DbError, Sql};
use crate::people::{self, By, Deed, Event};
use crate::{on, read};

const SERIES: Sql = Sql::portable("SELECT recipient_id, count(*) FROM reply_revocation GROUP BY recipient_id");

const SERIES_OF: Sql = Sql::portable("SELECT count(*) FROM reply_revocation WHERE recipient_id = $1");

const REVOKE: Sql = Sql::portable(
    "INSERT INTO reply_revocation (id, recipient_id, revoked_at, revoked_by, note) VALUES ($1, $2, $3, $4, $5) \
     ON CONFLICT (id) DO NOTHING",
);

/// Every statement of this file.
pub(super) const STATEMENTS: &[Sql] = &[SERIES, SERIES_OF, REVOKE];

/// The series of everybody whose links were ever revoked.
pub(super) async fn series(db: &Db) -> Result<HashMap<String, u16>, DbError> {
    let rows: Vec<(String, i64)> = read!(db, SERIES, |sql, pool| sqlx::query_as(sql).fetch_all(pool).await?);
    Ok(rows.into_iter().map(|(recipient, count)| (recipient, number(count))).collect())
}

/// Whether a link of `series` to the recipient was revoked.
pub(super) async fn is_revoked_by(db: &Db, recipient_id: &str, series: u16) -> Result<bool, DbError> {
    let count: i64 =
        read!(db, SERIES_OF, |sql, pool| sqlx::query(sql).bind(recipient_id).fetch_one(pool).await?.try_get(0)?);
    Ok(number(count) != series)
}

fn number(count: i64) -> u16 {
    u16::try_from(count).unwrap_or(u16::MAX)
}

/// Ends all links that the recipient has; letters written from now on carry new ones.
///
/// # Errors
/// The engine's.
pub async fn revoke(
    db: &Db,
    recipient_id: &str,
    (name, by): (&str, &By),
    note: &str,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    const REVOCATIONS: Uuid = Uuid::from_u128(0x6f0c_9a52_3c1d_5e8b_8d2e_d0d0_c000_0013);
    let at = now.timestamp_millis();
    let id = Uuid::new_v5(&REVOCATIONS, format!("{recipient_id}/{at}").as_bytes());
    let mut work = db.begin().await?;
    on!(&mut work, REVOKE, |sql, conn| {
        let query = sqlx::query(sql).bind(id.to_string()).bind(recipient_id).bind(at).bind(name).bind(note);
        query.execute(conn).await?.rows_affected()
    });
    let subject = format!("recipient/{recipient_id}");
    let event = Event { by, deed: Deed::LinksRevoked, subject, detail: note.to_owned() };
    people::conclude(work, &event, now).await.map(|_| ())
}
