//! A fresh database per test on either engine, and one to ask figures of on a third.
//!
//! PostgreSQL is found through `DONDOC_TEST_POSTGRES` (`postgres://user@host:port/database`), MySQL or MariaDB through
//! `DONDOC_TEST_MYSQL` (`mysql://user:password@host:port/database`), which `scripts/test` sets. They are not optional:
//! without them their tests fail and say so.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use dondoc::db::{Db, Durability};

/// A database and the folder it lies in, if any; dropping it removes the folder.
#[derive(Debug)]
pub struct Fresh {
    pub db: Db,
    _folder: tempfile::TempDir,
}

/// A new SQLite file.
pub async fn sqlite() -> Fresh {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let url = format!("sqlite:{}", folder.path().join("test.db").display());
    let db = Db::open(&url, Path::new("/"), Durability::ThrowAway).await.expect("a new SQLite database");
    Fresh { db, _folder: folder }
}

/// A new schema on the test server.
pub async fn postgres() -> Fresh {
    let url = postgres_url().await;
    let db = Db::open(&url, Path::new("/"), Durability::Full).await.expect("a new PostgreSQL schema");
    Fresh { db, _folder: tempfile::tempdir().expect("a temporary folder") }
}

/// The address of an empty schema on the test server.
pub async fn postgres_url() -> String {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    #[expect(clippy::disallowed_methods, reason = "the test run is told where its server is")]
    let server = std::env::var("DONDOC_TEST_POSTGRES")
        .expect("DONDOC_TEST_POSTGRES must name a PostgreSQL server; run scripts/test, which starts one");
    let schema = format!("t{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
    let pool = sqlx::PgPool::connect(&server).await.expect("the test server answers");
    let create = format!("DROP SCHEMA IF EXISTS {schema} CASCADE");
    sqlx::query(sqlx::AssertSqlSafe(create)).execute(&pool).await.expect("drop an old schema");
    sqlx::query(sqlx::AssertSqlSafe(format!("CREATE SCHEMA {schema}"))).execute(&pool).await.expect("create a schema");
    pool.close().await;
    let mark = if server.contains('?') { '&' } else { '?' };
    format!("{server}{mark}options=-c%20search_path%3D{schema}")
}

/// The address of a database of this name on the test server.
pub fn server_url(database: &str) -> String {
    #[expect(clippy::disallowed_methods, reason = "the test run is told where its server is")]
    let server = std::env::var("DONDOC_TEST_POSTGRES")
        .expect("DONDOC_TEST_POSTGRES must name a PostgreSQL server; run scripts/test, which starts one");
    let (host, _) = server.rsplit_once('/').expect("the address names a database");
    format!("{host}/{database}")
}

/// The address of an empty database on the test server of MySQL.
pub async fn mysql_url() -> String {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    #[expect(clippy::disallowed_methods, reason = "the test run is told where its server is")]
    let server = std::env::var("DONDOC_TEST_MYSQL")
        .expect("DONDOC_TEST_MYSQL must name a server of MySQL or MariaDB; run scripts/test, which starts one");
    let database = format!("t{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
    let pool = sqlx::MySqlPool::connect(&server).await.expect("the test server answers");
    let create = format!("CREATE DATABASE {database} CHARACTER SET utf8mb4");
    for statement in [format!("DROP DATABASE IF EXISTS {database}"), create] {
        sqlx::query(sqlx::AssertSqlSafe(statement)).execute(&pool).await.expect("an empty database");
    }
    pool.close().await;
    let (host, _) = server.rsplit_once('/').expect("the address names a database");
    format!("{host}/{database}")
}

/// Stamps each `async fn case(fresh: Fresh)` once per engine.
macro_rules! conformance {
    ($($case:ident),* $(,)?) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $case() {
                super::$case(crate::support::databases::sqlite().await).await;
            })*
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $case() {
                super::$case(crate::support::databases::postgres().await).await;
            })*
        }
    };
}
pub(crate) use conformance;
