//! A query to somebody else's database: read-only, one statement, with a time limit and a row limit.

mod answer;
mod mysql;
mod mysql_value;
mod postgres;
mod sqlite;
pub mod statement;

use std::path::PathBuf;
use std::time::Duration;

use secrecy::SecretString;

use self::statement::Dialect;
use super::text::Text;
use super::{FetchError, Settings};

/// What connecting and the way back may take beside the query itself.
const AROUND: Duration = Duration::from_secs(15);

/// A `[[source]]` of kind `sql`.
#[derive(Debug, Clone)]
pub struct Sql {
    /// Which database, and where.
    pub engine: Engine,
    /// Its address for people.
    pub shown: String,
    /// The one statement.
    pub query: String,
    /// Time for it.
    pub timeout: Duration,
    /// Rows it may give.
    pub max_rows: usize,
}

/// Which database, and where.
#[derive(Debug, Clone)]
pub enum Engine {
    /// A file.
    Sqlite(PathBuf),
    /// A server, by its address, password and all.
    Postgres(SecretString),
    /// A server of MySQL or MariaDB, likewise.
    MySql(SecretString),
}

impl Engine {
    /// How its statements are written.
    #[must_use]
    pub fn dialect(&self) -> Dialect {
        match self {
            Self::Sqlite(_) | Self::Postgres(_) => Dialect::Standard,
            Self::MySql(_) => Dialect::MySql,
        }
    }
}

enum Failed {
    Unreachable(String),
    Unreadable(String, &'static str),
}

/// Runs the query; its columns are the headers of the text.
pub(super) async fn pull(settings: &Settings, sql: &Sql) -> Result<Text, FetchError> {
    let asking = async {
        let query = statement::checked(&sql.query, sql.engine.dialect())
            .map_err(|why| Failed::Unreadable(format!("`query` {why}"), "write one SELECT into `query`"))?;
        match &sql.engine {
            Engine::Sqlite(path) => sqlite::pull(sql, path, query).await,
            Engine::Postgres(url) => postgres::pull(sql, url, query).await,
            Engine::MySql(url) => mysql::pull(sql, url, query).await,
        }
    };
    let asked = tokio::time::timeout(sql.timeout + AROUND, asking).await.unwrap_or_else(|_| Err(too_slow(sql)));
    asked.map_err(|failed| {
        let (name, place) = (settings.name.clone(), sql.shown.clone());
        match failed {
            Failed::Unreachable(why) => FetchError::Unreachable { name, place, source: std::io::Error::other(why) },
            Failed::Unreadable(reason, remedy) => {
                FetchError::Unreadable { name, place, reason, remedy: remedy.to_owned() }
            }
        }
    })
}

fn unreachable(error: &sqlx::Error) -> Failed {
    Failed::Unreachable(error.to_string())
}

fn too_slow(sql: &Sql) -> Failed {
    let seconds = sql.timeout.as_secs_f32();
    Failed::Unreachable(format!("the query was stopped after {seconds} s; make it faster, or raise `timeout`"))
}

fn refused(sql: &Sql, error: &sqlx::Error) -> Failed {
    let Some(said) = error.as_database_error() else { return unreachable(error) };
    // "Query cancelled" in PostgreSQL, "interrupted" in SQLite.
    if matches!(said.code().as_deref(), Some("57014" | "9")) {
        return too_slow(sql);
    }
    Failed::Unreadable(format!("the database refuses: {}", said.message()), "correct `query` of the source")
}
