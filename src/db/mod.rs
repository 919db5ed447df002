//! The two engines, their migrations, the unit of work and the [`on!`](crate::on) macro. No table names here.
//!
//! SQLite (one writer connection, many readers, WAL, `synchronous = FULL`) is the default; PostgreSQL serves any
//! number of replicas. Every statement is one constant text that runs on both; see [`Sql`].

mod ids;
mod open;
mod rows;
mod work;

pub use ids::id_beside;
pub use open::{Durability, Held};
pub use rows::{Cell, insert_rows};
pub use work::Work;

use sqlx::{PgPool, SqlitePool};

/// An open database.
#[derive(Debug, Clone)]
pub enum Db {
    /// One file on this machine.
    Sqlite {
        /// Many connections that cannot write.
        readers: SqlitePool,
        /// The one connection that writes.
        writer: SqlitePool,
    },
    /// A server.
    Postgres(PgPool),
}

/// A statement: one text for both engines, or one text with one clause that differs.
#[derive(Debug, Clone, Copy)]
pub struct Sql {
    /// As SQLite reads it.
    pub sqlite: &'static str,
    /// As PostgreSQL reads it.
    pub postgres: &'static str,
}

impl Sql {
    /// A text that both engines read.
    pub const fn portable(text: &'static str) -> Self {
        Self { sqlite: text, postgres: text }
    }
}

/// What a database operation may fail with.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DbError {
    /// The engine refused or could not be reached.
    #[error("database: {0}")]
    Engine(#[from] sqlx::Error),
    /// A migration failed or the database is newer than this program.
    #[error("database schema: {0}")]
    Migration(#[from] sqlx::migrate::MigrateError),
    /// The address in `[database] url` is of no known engine.
    #[error("`{0}` is neither `sqlite:PATH` nor `postgres://…`")]
    UnknownEngine(String),
    /// Another `serve` or `run` works on this SQLite file.
    #[error("another `serve` or `run` holds `{0}`")]
    HeldByAnother(String),
    /// A newer program works on this database and said that this one must not write any more.
    #[error("the database needs a program that writes version {needs}, and this one writes version {has}")]
    Outdated {
        /// The version that a program must have.
        needs: i64,
        /// The version of this one.
        has: i64,
    },
    /// The lease on a planned run ended, or another process took the run over.
    #[error("the lease on this run ended, or another replica took it over; nothing more of it is stored here")]
    TakenOver,
    /// A file beside the database could not be made or opened.
    #[error("cannot open `{path}`")]
    File {
        /// The file or folder.
        path: String,
        /// The cause.
        source: std::io::Error,
    },
    /// A stored value that this program never writes.
    #[error("impossible value in {table}.{column}: `{value}`")]
    Impossible {
        /// Table.
        table: &'static str,
        /// Column.
        column: &'static str,
        /// The value.
        value: String,
    },
}

/// Runs one statement's body on whichever engine a [`Work`] is of: the body is written once and compiled twice.
///
/// ```ignore
/// let changed = on!(work, SETTLE, |sql, conn| sqlx::query(sql).bind(id).execute(conn).await?.rows_affected());
/// ```
#[macro_export]
macro_rules! on {
    ($work:expr, $statement:expr, |$sql:ident, $conn:ident| $body:expr) => {
        match $work {
            $crate::db::Work::Sqlite(transaction) => {
                let ($sql, $conn) = ($statement.sqlite, &mut **transaction);
                $body
            }
            $crate::db::Work::Postgres(transaction) => {
                let ($sql, $conn) = ($statement.postgres, &mut **transaction);
                $body
            }
        }
    };
}

/// Like [`on!`](crate::on), outside a unit of work and read-only: `$pool` is a reader pool of either engine.
#[macro_export]
macro_rules! read {
    ($db:expr, $statement:expr, |$sql:ident, $pool:ident| $body:expr) => {
        match $db {
            $crate::db::Db::Sqlite { readers, .. } => {
                let ($sql, $pool) = ($statement.sqlite, readers);
                $body
            }
            $crate::db::Db::Postgres(pool) => {
                let ($sql, $pool) = ($statement.postgres, pool);
                $body
            }
        }
    };
}

impl Db {
    /// Asks the engine to prepare every given statement: a wrong column, type or dialect stops the start, not the
    /// Monday round.
    ///
    /// # Errors
    /// The engine's complaint about the first statement that it cannot prepare.
    pub async fn prepare(&self, statements: &[Sql]) -> Result<(), DbError> {
        use sqlx::{Executor as _, SqlSafeStr as _};
        match self {
            Self::Sqlite { readers, .. } => {
                let mut connection = readers.acquire().await?;
                for statement in statements {
                    drop(connection.prepare(statement.sqlite.into_sql_str()).await?);
                }
            }
            Self::Postgres(pool) => {
                let mut connection = pool.acquire().await?;
                for statement in statements {
                    drop(connection.prepare(statement.postgres.into_sql_str()).await?);
                }
            }
        }
        Ok(())
    }

    /// Begins a unit of work. On SQLite it takes the write lock at once, so that reading first and writing later
    /// cannot fail half-way.
    ///
    /// # Errors
    /// When the engine cannot be reached or stays busy.
    pub async fn begin(&self) -> Result<Work, DbError> {
        Ok(match self {
            Self::Sqlite { writer, .. } => Work::Sqlite(writer.begin_with("BEGIN IMMEDIATE").await?),
            Self::Postgres(pool) => Work::Postgres(pool.begin().await?),
        })
    }

    /// Begins a unit of work that reads only and sees one moment, however many statements it runs.
    ///
    /// # Errors
    /// When the engine cannot be reached.
    pub async fn snapshot(&self) -> Result<Work, DbError> {
        Ok(match self {
            Self::Sqlite { readers, .. } => Work::Sqlite(readers.begin().await?),
            Self::Postgres(pool) => {
                Work::Postgres(pool.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY").await?)
            }
        })
    }

    /// Closes all connections; on SQLite this also folds the write-ahead log into the file.
    pub async fn close(&self) {
        match self {
            Self::Sqlite { readers, writer } => {
                readers.close().await;
                writer.close().await;
            }
            Self::Postgres(pool) => pool.close().await,
        }
    }
}
