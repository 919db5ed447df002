//! A query to somebody else's database: read-only, one statement, with a time limit and a row limit.

use std::path::PathBuf;
use std::str::FromStr as _;
use std::time::{Duration, Instant};

use futures_util::TryStreamExt as _;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;
use sqlx::postgres::PgConnectOptions;
use sqlx::sqlite::{SqliteConnectOptions, SqliteRow};
use sqlx::{
    AssertSqlSafe, ConnectOptions as _, Connection as _, Executor as _, PgConnection, Row as _, SqlSafeStr as _,
    SqliteConnection, Statement as _, TypeInfo as _, ValueRef as _,
};

use super::http_json::shown;
use super::text::{Text, TextWriter};
use super::{FetchError, Settings, statement};

/// Characters of one row, and of all rows together, at most.
const ROW: usize = 1 << 20;
const ALL_ROWS: usize = 64 << 20;
/// What connecting and the way back may take beside the query itself.
const AROUND: Duration = Duration::from_secs(15);
/// SQLite asks after so many of its steps whether it shall stop.
const STEPS: i32 = 10_000;

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
}

enum Failed {
    Unreachable(String),
    Unreadable(String, &'static str),
}

/// Runs the query; its columns are the headers of the text.
pub(super) async fn pull(settings: &Settings, sql: &Sql) -> Result<Text, FetchError> {
    let asking = async {
        let query = statement::checked(&sql.query)
            .map_err(|why| Failed::Unreadable(format!("`query` {why}"), "write one SELECT into `query`"))?;
        match &sql.engine {
            Engine::Sqlite(path) => sqlite(sql, path, query).await,
            Engine::Postgres(url) => postgres(sql, url, query).await,
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

async fn postgres(sql: &Sql, url: &SecretString, query: &str) -> Result<Text, Failed> {
    let options = PgConnectOptions::from_str(url.expose_secret())
        .map_err(|error| Failed::Unreachable(error.to_string()))?
        .application_name("dondoc")
        .disable_statement_logging();
    let mut db = PgConnection::connect_with(&options).await.map_err(|error| unreachable(&error))?;
    let limits = format!(
        "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY; SET statement_timeout = {}; BEGIN TRANSACTION READ ONLY",
        sql.timeout.as_millis()
    );
    sqlx::raw_sql(AssertSqlSafe(limits)).execute(&mut db).await.map_err(|error| unreachable(&error))?;
    // Prepared as it was written: the server takes one statement here, and says what its columns are called.
    let prepared =
        db.prepare(AssertSqlSafe(query.to_owned()).into_sql_str()).await.map_err(|error| refused(sql, &error))?;
    let mut answer = Answer::new(sql, names(prepared.columns()))?;
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

async fn sqlite(sql: &Sql, path: &PathBuf, query: &str) -> Result<Text, Failed> {
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
    let mut answer = Answer::new(sql, names(prepared.columns()))?;
    let mut rows = sqlx::query(AssertSqlSafe(whole)).fetch(&mut db);
    while let Some(row) = rows.try_next().await.map_err(|error| refused(sql, &error))? {
        let cells = (0..row.len()).map(|at| value(&row, at)).collect::<Result<Vec<_>, _>>();
        answer.take(&cells.map_err(|error| refused(sql, &error))?)?;
    }
    drop(rows);
    let _ = db.close().await;
    answer.finish()
}

fn names<C: sqlx::Column>(columns: &[C]) -> Vec<String> {
    columns.iter().map(|column| column.name().to_owned()).collect()
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

/// The rows so far.
struct Answer<'a> {
    sql: &'a Sql,
    names: Vec<String>,
    writer: TextWriter,
    length: usize,
}

impl<'a> Answer<'a> {
    fn new(sql: &'a Sql, names: Vec<String>) -> Result<Self, Failed> {
        let columns = names.iter().map(|name| format!(", column `{name}`").into()).collect();
        let writer = TextWriter::new(&names, columns).map_err(|error| unwritable(&error))?;
        Ok(Self { sql, names, writer, length: 0 })
    }

    fn take(&mut self, cells: &[Value]) -> Result<(), Failed> {
        if self.writer.rows() >= self.sql.max_rows {
            let reason = format!("the query gives more than {} rows", self.sql.max_rows);
            return Err(Failed::Unreadable(reason, "let it add up more, or raise `max_rows` of the source"));
        }
        let cells: Vec<String> = cells.iter().map(shown).collect();
        self.length += cells.iter().map(String::len).sum::<usize>();
        if self.length > ALL_ROWS {
            return Err(self.too_long());
        }
        for cell in &cells {
            self.writer.hash(cell.as_bytes());
            self.writer.hash(b"\x1f");
        }
        let row = format!("row {}", self.writer.rows() + 1);
        self.writer.row(row, &cells).map_err(|error| unwritable(&error))
    }

    fn too_long(&self) -> Failed {
        let row = self.writer.rows() + 1;
        let reason = format!("at row {row} the answer is too long: at most 1 MiB a row and 64 MiB in all");
        Failed::Unreadable(reason, "select only the columns that [source.columns] names")
    }

    fn finish(self) -> Result<Text, Failed> {
        self.writer.finish().map_err(|error| unwritable(&error))
    }
}

fn unwritable(error: &csv::Error) -> Failed {
    Failed::Unreadable(error.to_string(), "look at what the query gives")
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
