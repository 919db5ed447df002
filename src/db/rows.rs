//! Many rows in one statement, written from the one-row text; and the database's own clock.

use std::fmt::Write as _;

use chrono::{DateTime, Utc};
use sqlx::{AssertSqlSafe, Row as _};

use super::{Db, DbError, Sql, Work};
use crate::clock::{self, Clock};

/// Rows per statement: enough that the round trip no longer counts, far below every engine's limit of binds.
const ROWS_AT_ONCE: usize = 64;

/// The database's own clock in milliseconds since 1970: one clock for the leases of all replicas.
pub const CLOCK: Sql = Sql {
    sqlite: "SELECT CAST(unixepoch('subsec') * 1000 AS INTEGER)",
    postgres: "SELECT CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT)",
};

/// One cell of a row to insert. The variant is the column's type, so that PostgreSQL can type an empty one.
#[derive(Debug, Clone)]
pub enum Cell<'a> {
    /// TEXT.
    Text(Option<std::borrow::Cow<'a, str>>),
    /// BIGINT.
    Number(Option<i64>),
    /// BOOLEAN.
    Flag(bool),
}

impl<'a> From<&'a str> for Cell<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(Some(text.into()))
    }
}

impl From<String> for Cell<'_> {
    fn from(text: String) -> Self {
        Self::Text(Some(text.into()))
    }
}

impl<'a> From<Option<&'a str>> for Cell<'a> {
    fn from(text: Option<&'a str>) -> Self {
        Self::Text(text.map(Into::into))
    }
}

impl From<Option<String>> for Cell<'_> {
    fn from(text: Option<String>) -> Self {
        Self::Text(text.map(Into::into))
    }
}

impl From<i64> for Cell<'_> {
    fn from(number: i64) -> Self {
        Self::Number(Some(number))
    }
}

impl From<Option<i64>> for Cell<'_> {
    fn from(number: Option<i64>) -> Self {
        Self::Number(number)
    }
}

impl From<bool> for Cell<'_> {
    fn from(flag: bool) -> Self {
        Self::Flag(flag)
    }
}

impl From<DateTime<Utc>> for Cell<'_> {
    fn from(instant: DateTime<Utc>) -> Self {
        Self::Number(Some(instant.timestamp_millis()))
    }
}

/// Inserts `rows` with `statement`, which is written for one row: `INSERT … VALUES ($1, …) ON CONFLICT …`.
/// Returns how many rows the engine says it wrote.
///
/// # Errors
/// The engine's refusal; the unit of work should then be dropped.
pub async fn insert_rows<'a, const COLUMNS: usize>(
    work: &mut Work,
    statement: Sql,
    rows: impl IntoIterator<Item = [Cell<'a>; COLUMNS]>,
) -> Result<u64, DbError> {
    let mut rows = rows.into_iter();
    let mut written = 0;
    loop {
        let chunk: Vec<[Cell<'a>; COLUMNS]> = rows.by_ref().take(ROWS_AT_ONCE).collect();
        if chunk.is_empty() {
            return Ok(written);
        }
        let binds = match work {
            Work::Sqlite(_) => Binds::InOrder,
            Work::Postgres(_) => Binds::Numbered,
        };
        written += crate::on!(work, statement, |sql, conn| {
            let mut query = sqlx::query(AssertSqlSafe(for_rows(sql, COLUMNS, chunk.len(), binds)));
            for cell in chunk.into_iter().flatten() {
                query = match cell {
                    Cell::Text(text) => query.bind(text.map(std::borrow::Cow::into_owned)),
                    Cell::Number(number) => query.bind(number),
                    Cell::Flag(flag) => query.bind(flag),
                };
            }
            query.execute(conn).await?.rows_affected()
        });
    }
}

/// How the values of many rows are bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Binds {
    /// `?`: SQLite looks a numbered one up by its name, which for a thousand of them takes longer than the insert.
    InOrder,
    /// `$1, $2 …`: the only ones PostgreSQL knows.
    Numbered,
}

/// `… VALUES ($1, $2) …` for `rows` rows: `… VALUES ($1, $2), ($3, $4) …`.
fn for_rows(one_row: &str, columns: usize, rows: usize, binds: Binds) -> String {
    let Some((head, rest)) = one_row.split_once("VALUES (") else { return one_row.to_owned() };
    let Some((_, tail)) = rest.split_once(')') else { return one_row.to_owned() };
    let mut text = String::with_capacity(one_row.len() + rows * columns * 6);
    text.push_str(head);
    text.push_str("VALUES ");
    for row in 0..rows {
        text.push_str(if row == 0 { "(" } else { ", (" });
        for column in 1..=columns {
            text.push_str(if column == 1 { "" } else { ", " });
            let _ = match binds {
                Binds::InOrder => text.write_char('?'),
                Binds::Numbered => write!(text, "${}", row * columns + column),
            };
        }
        text.push(')');
    }
    text.push_str(tail);
    text
}

impl Work {
    /// The instant that leases are reckoned by, asked for inside this unit of work.
    ///
    /// # Errors
    /// When the engine cannot be reached.
    pub async fn lease_clock(&mut self, clock: &Clock) -> Result<DateTime<Utc>, DbError> {
        match clock {
            Clock::Held(_) => Ok(clock.now()),
            Clock::System => {
                let millis: i64 =
                    crate::on!(self, CLOCK, |sql, conn| sqlx::query(sql).fetch_one(conn).await?.try_get(0)?);
                Ok(clock::from_millis(millis))
            }
        }
    }
}

impl Db {
    /// The instant that leases are reckoned by: the database's clock, or the held clock of a test.
    ///
    /// # Errors
    /// When the engine cannot be reached.
    pub async fn lease_clock(&self, clock: &Clock) -> Result<DateTime<Utc>, DbError> {
        match clock {
            Clock::Held(_) => Ok(clock.now()),
            Clock::System => {
                let millis: i64 =
                    crate::read!(self, CLOCK, |sql, pool| sqlx::query(sql).fetch_one(pool).await?.try_get(0)?);
                Ok(clock::from_millis(millis))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_one_row_text_grows_by_groups_and_keeps_its_end() {
        let one = "INSERT INTO t (a, b) VALUES ($1, $2) ON CONFLICT (a) DO NOTHING";
        assert_eq!(for_rows(one, 2, 1, Binds::Numbered), one);
        assert_eq!(
            for_rows(one, 2, 3, Binds::Numbered),
            "INSERT INTO t (a, b) VALUES ($1, $2), ($3, $4), ($5, $6) ON CONFLICT (a) DO NOTHING"
        );
        assert_eq!(
            for_rows(one, 2, 2, Binds::InOrder),
            "INSERT INTO t (a, b) VALUES (?, ?), (?, ?) ON CONFLICT (a) DO NOTHING"
        );
    }
}
