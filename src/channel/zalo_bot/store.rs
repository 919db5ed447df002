//! Codes that bind an office to a chat, and the chats.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use sha2::{Digest as _, Sha256};

use crate::db::{Db, DbError, Sql, Work};
use crate::{on, read};

const ADD_CODE: Sql = Sql::portable(
    "INSERT INTO zalo_bot_code (code_hash, channel, office, expires_at) VALUES ($1, $2, $3, $4) \
     ON CONFLICT (code_hash) DO NOTHING",
);

/// A code is good once.
const USE_CODE: Sql = Sql::portable(
    "UPDATE zalo_bot_code SET used_at = $3 WHERE code_hash = $1 AND channel = $2 AND used_at IS NULL AND expires_at > $3",
);

const OFFICE: Sql = Sql::portable("SELECT office FROM zalo_bot_code WHERE code_hash = $1 AND channel = $2");

const BIND: Sql = Sql::portable(
    "INSERT INTO zalo_bot_chat (channel, office, chat_id, bound_at) VALUES ($1, $2, $3, $4) \
     ON CONFLICT (channel, office) DO UPDATE SET chat_id = excluded.chat_id, bound_at = excluded.bound_at",
);

const CHATS: Sql = Sql::portable("SELECT office, chat_id FROM zalo_bot_chat WHERE channel = $1");

pub(in crate::channel) const STATEMENTS: &[Sql] = &[ADD_CODE, USE_CODE, OFFICE, BIND, CHATS];

/// How long a code is good.
const GOOD_FOR: TimeDelta = TimeDelta::days(7);

/// A code as it is stored: capitals and spaces do not count.
fn hash(code: &str) -> String {
    let plain: String = code.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_uppercase()).collect();
    hex::encode(Sha256::digest(format!("dondoc zalo bot\0{plain}")))
}

/// Has `code` bind `office` to the chat that it comes from, once, within seven days. Returns until when.
pub(super) async fn offer(
    work: &mut Work,
    channel: &str,
    office: &str,
    code: &str,
    now: DateTime<Utc>,
) -> Result<DateTime<Utc>, DbError> {
    let until = now + GOOD_FOR;
    on!(work, ADD_CODE, |sql, conn| {
        let query = sqlx::query(sql).bind(hash(code)).bind(channel).bind(office).bind(until.timestamp_millis());
        query.execute(conn).await?.rows_affected()
    });
    Ok(until)
}

/// The office that `code` binds to `chat_id`; nothing when it is no good.
pub(super) async fn redeem(
    work: &mut Work,
    channel: &str,
    code: &str,
    chat_id: &str,
    now: DateTime<Utc>,
) -> Result<Option<String>, DbError> {
    let (hash, now) = (hash(code), now.timestamp_millis());
    let used = on!(work, USE_CODE, |sql, conn| {
        sqlx::query(sql).bind(hash.as_str()).bind(channel).bind(now).execute(conn).await?.rows_affected()
    });
    if used != 1 {
        return Ok(None);
    }
    let office: Option<(String,)> = on!(work, OFFICE, |sql, conn| {
        sqlx::query_as(sql).bind(hash.as_str()).bind(channel).fetch_optional(conn).await?
    });
    let Some((office,)) = office else { return Ok(None) };
    on!(work, BIND, |sql, conn| {
        let query = sqlx::query(sql).bind(channel).bind(office.as_str()).bind(chat_id).bind(now);
        query.execute(conn).await?.rows_affected()
    });
    Ok(Some(office))
}

pub(super) async fn chats(db: &Db, channel: &str) -> Result<BTreeMap<String, String>, DbError> {
    let rows: Vec<(String, String)> =
        read!(db, CHATS, |sql, pool| sqlx::query_as(sql).bind(channel).fetch_all(pool).await?);
    Ok(rows.into_iter().collect())
}
