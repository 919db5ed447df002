//! A query to MySQL or MariaDB.
//!
//! The driver never says that it can send files (`LOAD DATA LOCAL`), and would not understand a server that asks for one.

use std::str::FromStr as _;

use futures_util::TryStreamExt as _;
use secrecy::{ExposeSecret as _, SecretString};
use sqlx::mysql::{MySqlConnectOptions, MySqlDatabaseError, MySqlSslMode};
use sqlx::{
    AssertSqlSafe, ConnectOptions as _, Connection as _, Executor as _, MySqlConnection, SqlSafeStr as _,
    Statement as _,
};

use super::answer::Answer;
use super::mysql_value::cell;
use super::{Failed, Sql, refused, too_slow, unreachable};
use crate::source::text::Text;

/// "Unknown system variable".
const UNKNOWN_VARIABLE: u16 = 1193;
/// Stopped for its time: MySQL, MariaDB, and either when somebody else stops it.
const STOPPED: [u16; 3] = [3024, 1969, 1317];

pub(super) async fn pull(sql: &Sql, url: &SecretString, query: &str) -> Result<Text, Failed> {
    let options = options(url.expose_secret())?;
    let mut db = MySqlConnection::connect_with(&options).await.map_err(|error| not_connected(&error))?;
    limit(sql, &mut db).await?;
    // What is a subquery reads only: nothing else is grammar there (INTO OUTFILE, for one).
    let subquery = format!("SELECT * FROM (\n{query}\n) AS q");
    db.prepare(AssertSqlSafe(subquery).into_sql_str()).await.map_err(|error| wrong(sql, &error))?;
    // It runs as it was written, because a subquery loses its ORDER BY here; prepared, because then it is one statement.
    let prepared = db.prepare(AssertSqlSafe(query.to_owned()).into_sql_str()).await;
    let prepared = prepared.map_err(|error| wrong(sql, &error))?;
    let mut answer = Answer::new(sql, prepared.columns())?;
    let mut rows = sqlx::query(AssertSqlSafe(query.to_owned())).fetch(&mut db);
    while let Some(row) = rows.try_next().await.map_err(|error| wrong(sql, &error))? {
        let cells = (0..answer.names.len()).map(|at| cell(&row, at)).collect::<Result<Vec<_>, _>>();
        answer.take(&cells.map_err(|error| wrong(sql, &error))?)?;
    }
    drop(rows);
    let _ = db.close().await;
    answer.finish()
}

/// Text is UTF-8 and days are those of Vietnam, whatever the server and the address say; the dialect is the server's own.
fn options(url: &str) -> Result<MySqlConnectOptions, Failed> {
    let options = MySqlConnectOptions::from_str(url).map_err(|error| unreachable(&error))?;
    let says_how = url.split_once('?').is_some_and(|(_, behind)| behind.contains("ssl-mode="));
    let encrypts = if says_how || is_here(&options) { options.get_ssl_mode() } else { MySqlSslMode::Required };
    Ok(options
        .ssl_mode(encrypts)
        .charset("utf8mb4")
        .timezone(Some("+07:00".to_owned()))
        .pipes_as_concat(false)
        .no_engine_substitution(false)
        .disable_statement_logging())
}

/// Whether the server is on this machine, so that nobody listens on the way.
fn is_here(options: &MySqlConnectOptions) -> bool {
    let host = options.get_host().trim_matches(['[', ']']);
    let is_loopback = host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback());
    options.get_socket().is_some() || host == "localhost" || is_loopback
}

/// Nothing may be written, and the server stops what takes too long.
async fn limit(sql: &Sql, db: &mut MySqlConnection) -> Result<(), Failed> {
    let version: String =
        sqlx::query_scalar("SELECT VERSION()").fetch_one(&mut *db).await.map_err(|error| unreachable(&error))?;
    let time = if version.contains("MariaDB") {
        format!("max_statement_time = {}", sql.timeout.as_secs_f64())
    } else {
        format!("max_execution_time = {}", sql.timeout.as_millis())
    };
    let limits = format!("SET SESSION {time}; SET SESSION TRANSACTION READ ONLY; START TRANSACTION READ ONLY");
    let set = sqlx::raw_sql(AssertSqlSafe(limits)).execute(db).await;
    set.map(drop).map_err(|error| match number(&error) {
        Some(UNKNOWN_VARIABLE) => Failed::Unreadable(
            format!("the server ({version}) cannot limit the time of a query"),
            "ask MySQL from 5.7.8 or MariaDB from 10.1 on, or let the figures be exported as CSV",
        ),
        _ => unreachable(&error),
    })
}

fn number(error: &sqlx::Error) -> Option<u16> {
    let said = error.as_database_error()?.try_downcast_ref::<MySqlDatabaseError>()?;
    Some(said.number())
}

fn wrong(sql: &Sql, error: &sqlx::Error) -> Failed {
    match number(error) {
        Some(number) if STOPPED.contains(&number) => too_slow(sql),
        _ => refused(sql, error),
    }
}

fn not_connected(error: &sqlx::Error) -> Failed {
    match error {
        // The driver is built without RSA: the password would go through a hole in it (RUSTSEC-2023-0071).
        sqlx::Error::Configuration(said) if said.to_string().contains("RSA") => Failed::Unreachable(
            "this user's password (caching_sha2_password) is only told over TLS: turn TLS on in the server, and write \
             ?ssl-mode=REQUIRED behind `url`"
                .to_owned(),
        ),
        sqlx::Error::Tls(said) => Failed::Unreachable(format!(
            "TLS: {said}; write ?ssl-mode=DISABLED behind `url` only where nobody can listen on the way"
        )),
        _ => unreachable(error),
    }
}
