//! The audit log: who did what to whom and when. Append-only; each entry carries the hash of the one before it, so that
//! one that is changed, put in or taken out is found.
//!
//! Nobody's name stands in it, so that a person can be forgotten and the chain still holds. The head is told to the
//! program's own log too: who cuts off the tail cannot cut it off there.

use chrono::{DateTime, Utc};
use sha2::{Digest as _, Sha256};
use sqlx::FromRow;

use super::deed::Deed;
use crate::clock::from_millis;
use crate::db::{Db, DbError, Sql, Work};
use crate::{on, read};

const HEAD: Sql = Sql::portable("SELECT number, hash FROM audit ORDER BY number DESC LIMIT 1");

const APPEND: Sql = Sql::portable(
    "INSERT INTO audit (number, at, actor, deed, subject, detail, address, hash) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
);

const AFTER: Sql = Sql::portable(
    "SELECT number, at, actor, deed, subject, detail, address, hash FROM audit WHERE number > $1 ORDER BY number LIMIT $2",
);

const NEWEST: Sql = Sql::portable(
    "SELECT number, at, actor, deed, subject, detail, address, hash FROM audit \
     WHERE number < $1 AND ($2 = '' OR deed = $2) AND ($3 = '' OR actor = $3 OR subject = $3) AND at >= $4 AND at < $5 \
     ORDER BY number DESC LIMIT $6",
);

/// Every statement of this file.
pub(super) const STATEMENTS: &[Sql] = &[HEAD, APPEND, AFTER, NEWEST];

/// Entries read at once while the chain is checked.
const CHUNK: i64 = 1_000;

/// Who does something, and from where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct By {
    /// `account/<id>`, `token/<id>`, `command/<user of the operating system>`, `oidc` (the single sign-on), `nobody`.
    pub actor: String,
    /// The network address; empty on the command line.
    pub address: String,
}

impl By {
    /// A signed-in person.
    pub fn account(id: &str, address: &str) -> Self {
        Self { actor: format!("account/{id}"), address: address.to_owned() }
    }

    /// Whoever runs commands on the machine.
    pub fn command(user: &str) -> Self {
        Self { actor: format!("command/{}", one_line(user, 60)), address: String::new() }
    }

    /// A program with the token of this id.
    pub fn token(id: &str, address: &str) -> Self {
        Self { actor: format!("token/{id}"), address: address.to_owned() }
    }

    /// The single sign-on, which gives roles.
    pub fn provider(address: &str) -> Self {
        Self { actor: "oidc".to_owned(), address: address.to_owned() }
    }

    /// Somebody who is not signed in.
    pub fn nobody(address: &str) -> Self {
        Self { actor: "nobody".to_owned(), address: address.to_owned() }
    }
}

/// One entry.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct Entry {
    /// 1, 2, 3 …
    pub number: i64,
    at: i64,
    /// Who did it; see [`By`].
    pub actor: String,
    /// The [`Deed`]'s word.
    pub deed: String,
    /// What it was done to.
    pub subject: String,
    /// What else there is to say; no name, no secret.
    pub detail: String,
    /// From where.
    pub address: String,
    /// Over the hash of the entry before and all of this.
    pub hash: String,
}

impl Entry {
    /// When it happened.
    pub fn at(&self) -> DateTime<Utc> {
        from_millis(self.at)
    }

    /// What its hash must be after `before`. Each part is preceded by its length, so that none can be moved into its
    /// neighbour.
    fn expected(&self, before: &str) -> String {
        let mut digest = Sha256::new();
        let (number, at) = (self.number.to_string(), self.at.to_string());
        let parts = [before, &number, &at, &self.actor, &self.deed, &self.subject, &self.detail, &self.address];
        for part in parts {
            digest.update(part.len().to_string().as_bytes());
            digest.update(b":");
            digest.update(part.as_bytes());
        }
        hex::encode(digest.finalize())
    }
}

/// The newest entry's number and hash: what holds the whole chain in place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// Its number.
    pub number: i64,
    /// Its hash.
    pub hash: String,
}

/// What is to be written down.
#[derive(Debug, Clone)]
pub struct Event<'a> {
    /// Who.
    pub by: &'a By,
    /// What.
    pub deed: Deed,
    /// To what.
    pub subject: String,
    /// What else there is to say; no name, no secret.
    pub detail: String,
}

/// Appends `event` as the last thing of `work`, makes all of it durable and tells the new head to the log. Nothing may be
/// written after it in the same unit of work: it waits for whoever else appends.
///
/// # Errors
/// The engine's; then nothing of the unit of work is done.
pub async fn conclude(mut work: Work, event: &Event<'_>, now: DateTime<Utc>) -> Result<Head, DbError> {
    let head = append(&mut work, event, now).await?;
    work.commit().await?;
    tracing::info!(number = head.number, hash = %head.hash, deed = event.deed.word(), "audit");
    Ok(head)
}

async fn append(work: &mut Work, event: &Event<'_>, now: DateTime<Utc>) -> Result<Head, DbError> {
    // Replicas append one after the other.
    work.lock("audit").await?;
    let before: Option<(i64, String)> = on!(work, HEAD, |sql, conn| sqlx::query_as(sql).fetch_optional(conn).await?);
    let (number, hash) = before.unwrap_or_default();
    let mut entry = Entry {
        number: number + 1,
        at: now.timestamp_millis(),
        actor: event.by.actor.clone(),
        deed: event.deed.word().to_owned(),
        subject: event.subject.clone(),
        detail: one_line(&event.detail, 300),
        address: event.by.address.clone(),
        hash: String::new(),
    };
    entry.hash = entry.expected(&hash);
    on!(work, APPEND, |sql, conn| {
        let query = sqlx::query(sql).bind(entry.number).bind(entry.at).bind(&entry.actor).bind(&entry.deed);
        let query = query.bind(&entry.subject).bind(&entry.detail).bind(&entry.address).bind(&entry.hash);
        query.execute(conn).await?.rows_affected()
    });
    Ok(Head { number: entry.number, hash: entry.hash })
}

/// Without what would forge a line of a log, at most `longest` characters.
pub(super) fn one_line(text: &str, longest: usize) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(longest).collect::<String>().trim().to_owned()
}

/// Which entries are asked for.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// Only older ones than this number.
    pub before: i64,
    /// Only this deed; empty: every one.
    pub deed: String,
    /// Only those by or about this one (`account/<id>`); empty: everybody.
    pub who: String,
    /// Not before this instant.
    pub from: Option<DateTime<Utc>>,
    /// Before this instant.
    pub until: Option<DateTime<Utc>>,
    /// At most so many.
    pub limit: i64,
}

impl Default for Wanted {
    fn default() -> Self {
        Self { before: i64::MAX, deed: String::new(), who: String::new(), from: None, until: None, limit: 100 }
    }
}

/// The newest entries that are asked for, newest first.
///
/// # Errors
/// The engine's.
pub async fn list(db: &Db, wanted: &Wanted) -> Result<Vec<Entry>, DbError> {
    let from = wanted.from.map_or(i64::MIN, |from| from.timestamp_millis());
    let until = wanted.until.map_or(i64::MAX, |until| until.timestamp_millis());
    Ok(read!(db, NEWEST, |sql, pool| {
        let query = sqlx::query_as(sql).bind(wanted.before).bind(&wanted.deed).bind(&wanted.who);
        query.bind(from).bind(until).bind(wanted.limit).fetch_all(pool).await?
    }))
}

/// What a look at the whole chain found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Every entry is as it was written; the newest one, if there is any.
    Whole(Option<Head>),
    /// The first entry that is not as it was written, or stands where another one was.
    Broken {
        /// Its number.
        number: i64,
        /// What is wrong with it.
        what: &'static str,
    },
}

/// Looks at every entry from the first on. `known` is a head that was told to the log at some time: it must be in the
/// chain, else its tail was cut off or the whole was written anew.
///
/// # Errors
/// The engine's.
pub async fn verify(db: &Db, known: Option<&Head>) -> Result<Verdict, DbError> {
    let (mut last, mut met) = (Head { number: 0, hash: String::new() }, known.is_none());
    loop {
        let chunk: Vec<Entry> =
            read!(db, AFTER, |sql, pool| sqlx::query_as(sql).bind(last.number).bind(CHUNK).fetch_all(pool).await?);
        if chunk.is_empty() {
            break;
        }
        for entry in chunk {
            if entry.number != last.number + 1 {
                return Ok(Verdict::Broken { number: last.number + 1, what: "it is missing" });
            }
            if entry.hash != entry.expected(&last.hash) {
                return Ok(Verdict::Broken { number: entry.number, what: "it, or its place, was changed" });
            }
            last = Head { number: entry.number, hash: entry.hash };
            if known.is_some_and(|known| known.number == last.number) {
                if known.is_some_and(|known| !last.hash.starts_with(&known.hash)) {
                    return Ok(Verdict::Broken {
                        number: last.number,
                        what: "the log of the program knows another one",
                    });
                }
                met = true;
            }
        }
    }
    if !met {
        return Ok(Verdict::Broken { number: last.number + 1, what: "the chain ends before the given head" });
    }
    Ok(Verdict::Whole((last.number > 0).then_some(last)))
}

/// The newest entry's number and hash.
///
/// # Errors
/// The engine's.
pub async fn head(db: &Db) -> Result<Option<Head>, DbError> {
    let head: Option<(i64, String)> = read!(db, HEAD, |sql, pool| sqlx::query_as(sql).fetch_optional(pool).await?);
    Ok(head.map(|(number, hash)| Head { number, hash }))
}
