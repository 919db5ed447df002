//! The unit of work: one transaction of either engine.

use sqlx::{Postgres, Sqlite, Transaction};

use super::DbError;

const LOCK: &str = "SELECT pg_advisory_xact_lock(hashtextextended(concat(current_schema(), '/', CAST($1 AS TEXT)), 0))";

/// An open transaction. Dropping it takes everything back. No network call happens while one is open.
#[derive(Debug)]
pub enum Work {
    /// On SQLite, begun with `BEGIN IMMEDIATE`.
    Sqlite(Transaction<'static, Sqlite>),
    /// On PostgreSQL.
    Postgres(Transaction<'static, Postgres>),
}

impl Work {
    /// Makes everything done in it durable.
    ///
    /// # Errors
    /// When the engine could not confirm the commit; then nothing may be assumed.
    pub async fn commit(self) -> Result<(), DbError> {
        match self {
            Self::Sqlite(transaction) => transaction.commit().await?,
            Self::Postgres(transaction) => transaction.commit().await?,
        }
        Ok(())
    }

    /// Waits until nobody else holds `name` in this schema, and holds it until the end of this unit of work. SQLite has one
    /// writer anyway.
    ///
    /// # Errors
    /// When the engine cannot be reached.
    pub async fn lock(&mut self, name: &str) -> Result<(), DbError> {
        if let Self::Postgres(transaction) = self {
            sqlx::query(LOCK).bind(name).execute(&mut **transaction).await?;
        }
        Ok(())
    }

    /// Takes everything back.
    ///
    /// # Errors
    /// When the connection is lost; the engine then takes it back by itself.
    pub async fn rollback(self) -> Result<(), DbError> {
        match self {
            Self::Sqlite(transaction) => transaction.rollback().await?,
            Self::Postgres(transaction) => transaction.rollback().await?,
        }
        Ok(())
    }
}
