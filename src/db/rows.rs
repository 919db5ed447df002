//! Many rows in one statement, written from the one-row text; and the database's own clock.

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use sqlx::{AssertSqlSafe, Row as _};

use super::{Db, DbError, Sql, Work};
use crate::clock::{self, Clock};

/// Rows per statement on SQLite: enough that the call no longer counts, far below its limit of binds.
const ROWS_AT_ONCE: usize = 64;
/// The same on PostgreSQL: a bound for memory.
const ROWS_PER_ARRAY: usize = 1_000;

/// The database's own clock in milliseconds since 1970: one clock for the leases of all replicas.
const CLOCK: &str = "SELECT CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT)";

/// One cell of a row to insert. The variant is the column's type, so that PostgreSQL can type an empty one.
#[derive(Debug, Clone)]
pub enum Cell<'a> {
    /// TEXT.
    Text(Option<Cow<'a, str>>),
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
    let at_once = if matches!(work, Work::Sqlite(_)) { ROWS_AT_ONCE } else { ROWS_PER_ARRAY };
    let mut written = 0;
    loop {
        let chunk: Vec<[Cell<'a>; COLUMNS]> = rows.by_ref().take(at_once).collect();
        if chunk.is_empty() {
            return Ok(written);
        }
        written += match work {
            Work::Sqlite(transaction) => {
                let mut query = sqlx::query(AssertSqlSafe(for_rows(statement.sqlite, COLUMNS, chunk.len())));
                for cell in chunk.into_iter().flatten() {
                    query = match cell {
                        Cell::Text(text) => query.bind(text.map(Cow::into_owned)),
                        Cell::Number(number) => query.bind(number),
                        Cell::Flag(flag) => query.bind(flag),
                    };
                }
                query.execute(&mut **transaction).await?.rows_affected()
            }
            Work::Postgres(transaction) => {
                let mut query = sqlx::query(AssertSqlSafe(for_columns(statement.postgres, COLUMNS)));
                for column in columns(chunk)? {
                    query = match column {
                        Column::Text(column) => query.bind(column),
                        Column::Number(column) => query.bind(column),
                        Column::Flag(column) => query.bind(column),
                    };
                }
                query.execute(&mut **transaction).await?.rows_affected()
            }
        };
    }
}

/// The values of one column of all rows.
#[derive(Debug)]
enum Column {
    Text(Vec<Option<String>>),
    Number(Vec<Option<i64>>),
    Flag(Vec<bool>),
}

impl Column {
    fn of(cell: &Cell<'_>, rows: usize) -> Self {
        match cell {
            Cell::Text(_) => Self::Text(Vec::with_capacity(rows)),
            Cell::Number(_) => Self::Number(Vec::with_capacity(rows)),
            Cell::Flag(_) => Self::Flag(Vec::with_capacity(rows)),
        }
    }
}

/// Rows turned on their side. Cells of two types in one column are a mistake in a room's code.
fn columns<const COLUMNS: usize>(rows: Vec<[Cell<'_>; COLUMNS]>) -> Result<Vec<Column>, DbError> {
    let count = rows.len();
    let first = rows.first().map(|row| row.iter().map(|cell| Column::of(cell, count)).collect());
    let mut columns: Vec<Column> = first.unwrap_or_default();
    for (cell, at) in rows.into_iter().flatten().zip((0..COLUMNS).cycle()) {
        match (columns.get_mut(at), cell) {
            (Some(Column::Text(column)), Cell::Text(text)) => column.push(text.map(Cow::into_owned)),
            (Some(Column::Number(column)), Cell::Number(number)) => column.push(number),
            (Some(Column::Flag(column)), Cell::Flag(flag)) => column.push(flag),
            _ => return Err(sqlx::Error::Protocol(format!("column {at} of a row has another type")).into()),
        }
    }
    Ok(columns)
}

/// The one-row text without its values: what stands before `VALUES`, and after the values.
fn parts(one_row: &str) -> Option<(&str, &str)> {
    let (head, rest) = one_row.split_once("VALUES (")?;
    Some((head, rest.split_once(')')?.1))
}

/// `… VALUES (?, ?), (?, ?) …` for `rows` rows. Numbered ones SQLite would look up by their names, which for a thousand of
/// them takes longer than the insert.
fn for_rows(one_row: &str, columns: usize, rows: usize) -> String {
    let Some((head, tail)) = parts(one_row) else { return one_row.to_owned() };
    let row = format!("({})", vec!["?"; columns].join(", "));
    format!("{head}VALUES {}{tail}", vec![row.as_str(); rows].join(", "))
}

/// `… SELECT * FROM unnest($1, $2) …`: one text, and so one plan, for any number of rows, each column bound as an array.
fn for_columns(one_row: &str, columns: usize) -> String {
    let Some((head, tail)) = parts(one_row) else { return one_row.to_owned() };
    let binds: Vec<String> = (1..=columns).map(|column| format!("${column}")).collect();
    format!("{head}SELECT * FROM unnest({}){tail}", binds.join(", "))
}

impl Work {
    /// The instant that leases are reckoned by, asked for inside this unit of work.
    ///
    /// # Errors
    /// When the engine cannot be reached.
    pub async fn lease_clock(&mut self, clock: &Clock) -> Result<DateTime<Utc>, DbError> {
        match (clock, self) {
            (Clock::System, Self::Postgres(transaction)) => {
                let millis: i64 = sqlx::query(CLOCK).fetch_one(&mut **transaction).await?.try_get(0)?;
                Ok(clock::from_millis(millis))
            }
            // A file has no clock of its own.
            _ => Ok(clock.now()),
        }
    }
}

impl Db {
    /// The instant that leases are reckoned by: the database's clock, or the held clock of a test.
    ///
    /// # Errors
    /// When the engine cannot be reached.
    pub async fn lease_clock(&self, clock: &Clock) -> Result<DateTime<Utc>, DbError> {
        match (clock, self) {
            (Clock::System, Self::Postgres(pool)) => {
                let millis: i64 = sqlx::query(CLOCK).fetch_one(pool).await?.try_get(0)?;
                Ok(clock::from_millis(millis))
            }
            // A file has no clock of its own.
            _ => Ok(clock.now()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_one_row_text_becomes_one_for_many_rows_and_keeps_its_end() {
        let one = "INSERT INTO t (a, b) VALUES ($1, $2) ON CONFLICT (a) DO NOTHING";
        assert_eq!(for_rows(one, 2, 2), "INSERT INTO t (a, b) VALUES (?, ?), (?, ?) ON CONFLICT (a) DO NOTHING");
        assert_eq!(for_columns(one, 2), "INSERT INTO t (a, b) SELECT * FROM unnest($1, $2) ON CONFLICT (a) DO NOTHING");
    }
}
