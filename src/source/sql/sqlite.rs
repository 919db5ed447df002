//! A query to a file of SQLite.

use std::path::Path;
use std::time::Instant;

use futures_util::TryStreamExt as _;
use serde_json::Value;
use sqlx::sqlite::{SqliteConnectOptions, SqliteRow};
use sqlx::{
    AssertSqlSafe, ConnectOptions as _, Connection as _, Executor as _, Row as _, SqlSafeStr as _, SqliteConnection,
    Statement as _, TypeInfo as _, ValueRef as _,
};

use super::answer::Answer;
use super::{Failed, Sql, refused, unreachable};
use crate::source::text::Text;

/// SQLite asks after so many of its steps whether it shall stop.
const STEPS: i32 = 10_000;

pub(super) async fn pull(sql: &Sql, path: &Path, query: &str) -> Result<Text, Failed> {
    let options = SqliteConnectOptions::new()
        .filename(path)
        .read_only(true)
        .pragma("query_only", "ON")
        .busy_timeout(sql.timeout)
        .disable_statement_logging();
    let mut db = SqliteConnection::connect_with(&options).await.map_err(|error| unreachable(&error))?;
    let deadline = Instant::now() + sql.timeout;
    let mut handle = db.lock_handle().await.map_err(|error| unreachable(&error))?;
    handle.set_progress_handler(STEPS, move || Instant::now() < deadline);
    drop(handle);
    let whole = format!("SELECT * FROM (\n{query}\n)");
    let prepared = db.prepare(AssertSqlSafe(query.to_owned()).into_sql_str()).await;
    let prepared = prepared.map_err(|error| refused(sql, &error))?;
    let mut answer = Answer::new(sql, prepared.columns())?;
    let mut rows = sqlx::query(AssertSqlSafe(whole)).fetch(&mut db);
    while let Some(row) = rows.try_next().await.map_err(|error| refused(sql, &error))? {
        let cells = (0..row.len()).map(|at| value(&row, at)).collect::<Result<Vec<_>, _>>();
        answer.take(&cells.map_err(|error| refused(sql, &error))?)?;
    }
    drop(rows);
    let _ = db.close().await;
    answer.finish()
}

/// What stands there: SQLite's values have types of their own, whatever their column was declared as.
fn value(row: &SqliteRow, at: usize) -> Result<Value, sqlx::Error> {
    let raw = row.try_get_raw(at)?;
    if raw.is_null() {
        return Ok(Value::Null);
    }
    match raw.type_info().name() {
        "INTEGER" => row.try_get_unchecked::<i64, _>(at).map(Value::from),
        "REAL" => row.try_get_unchecked::<f64, _>(at).map(Value::from),
        "BLOB" => Ok(Value::from("(bytes)")),
        _ => row.try_get_unchecked::<String, _>(at).map(Value::from),
    }
}
