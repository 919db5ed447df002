//! A query to PostgreSQL.

use std::str::FromStr as _;

use futures_util::TryStreamExt as _;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;
use sqlx::postgres::PgConnectOptions;
use sqlx::{
    AssertSqlSafe, ConnectOptions as _, Connection as _, Executor as _, PgConnection, Row as _, SqlSafeStr as _,
    Statement as _,
};

use super::answer::{Answer, ROW};
use super::{Failed, Sql, refused, unreachable};
use crate::source::text::Text;

pub(super) async fn pull(sql: &Sql, url: &SecretString, query: &str) -> Result<Text, Failed> {
    let options = PgConnectOptions::from_str(url.expose_secret())
        .map_err(|error| Failed::Unreachable(error.to_string()))?
        .application_name("dondoc")
        .disable_statement_logging();
    let mut db = PgConnection::connect_with(&options).await.map_err(|error| unreachable(&error))?;
    // The days of instants are those of Vietnam; the driver would make them those of Greenwich.
    let limits = format!(
        "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY; SET statement_timeout = {}; \
         SET TIME ZONE INTERVAL '+07:00' HOUR TO MINUTE; BEGIN TRANSACTION READ ONLY",
        sql.timeout.as_millis()
    );
    sqlx::raw_sql(AssertSqlSafe(limits)).execute(&mut db).await.map_err(|error| unreachable(&error))?;
    // Prepared as it was written: the server takes one statement here, and says what its columns are called.
    let prepared =
        db.prepare(AssertSqlSafe(query.to_owned()).into_sql_str()).await.map_err(|error| refused(sql, &error))?;
    let mut answer = Answer::new(sql, prepared.columns())?;
    let as_json = format!("SELECT left(row_to_json(q)::text, {ROW}) FROM (\n{query}\n) AS q");
    let mut rows = sqlx::query(AssertSqlSafe(as_json)).fetch(&mut db);
    while let Some(row) = rows.try_next().await.map_err(|error| refused(sql, &error))? {
        let row: String = row.try_get(0).map_err(|error| refused(sql, &error))?;
        let row: Value = serde_json::from_str(&row).map_err(|_| answer.too_long())?;
        let cells: Vec<Value> = answer.names.iter().map(|name| row.get(name).cloned().unwrap_or_default()).collect();
        answer.take(&cells)?;
    }
    drop(rows);
    let _ = db.close().await;
    answer.finish()
}
