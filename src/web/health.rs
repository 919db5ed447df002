//! Alive, and ready: what a supervisor and a load balancer ask.

use std::time::Duration;

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use serde_json::json;
use sqlx::Row as _;

use super::Site;
use crate::db::{Db, DbError, Sql};
use crate::read;

pub(super) const ANSWERS: Sql = Sql::portable("SELECT count(*) FROM switch");

pub(super) const MIGRATIONS: Sql = Sql::portable("SELECT version FROM _sqlx_migrations WHERE success = TRUE");

/// A database that needs longer is as good as none.
const PATIENCE: Duration = Duration::from_secs(5);

static MIGRATOR: sqlx::migrate::Migrator = sqlx::migrate!();

/// Alive: no question is asked of anything.
pub(super) async fn alive() -> &'static str {
    "ok"
}

/// One check and what it found.
#[derive(Debug)]
struct Check {
    ok: bool,
    detail: String,
}

/// Ready: every check by name. A mail relay that is down is a metric, not a reason to restart this program.
pub(super) async fn ready(State(site): State<Site>) -> Response {
    let database = check("database", answers(&site.db)).await;
    let schema = check("schema", schema(&site.db)).await;
    let ready = database.ok && schema.ok;
    let as_json = |check: &Check| json!({ "ok": check.ok, "detail": check.detail });
    let report = json!({ "ready": ready, "checks": { "database": as_json(&database), "schema": as_json(&schema) } });
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, [(header::CONTENT_TYPE, "application/json")], format!("{report}\n")).into_response()
}

/// The cause of a failure is logged; whoever asks from outside learns only that there is one.
async fn check(name: &str, asking: impl Future<Output = Result<Check, DbError>>) -> Check {
    match tokio::time::timeout(PATIENCE, asking).await {
        Ok(Ok(check)) => check,
        Ok(Err(error)) => {
            tracing::warn!(%error, check = name, "not ready");
            Check { ok: false, detail: "cannot be read; the log has the cause".to_owned() }
        }
        Err(_) => {
            tracing::warn!(check = name, "not ready: no answer in time");
            Check { ok: false, detail: format!("no answer within {} seconds", PATIENCE.as_secs()) }
        }
    }
}

async fn answers(db: &Db) -> Result<Check, DbError> {
    let _: i64 = read!(db, ANSWERS, |sql, pool| sqlx::query(sql).fetch_one(pool).await?.try_get(0)?);
    Ok(Check { ok: true, detail: "answers".to_owned() })
}

/// Every migration of this program must have been applied. More of them means that a newer replica migrated first,
/// which is how an upgrade begins.
async fn schema(db: &Db) -> Result<Check, DbError> {
    let applied: Vec<i64> = read!(db, MIGRATIONS, |sql, pool| sqlx::query_scalar(sql).fetch_all(pool).await?);
    let missing: Vec<String> = MIGRATOR
        .iter()
        .filter(|migration| !applied.contains(&migration.version))
        .map(|migration| migration.version.to_string())
        .collect();
    if missing.is_empty() {
        return Ok(Check { ok: true, detail: format!("{} migrations applied", applied.len()) });
    }
    Ok(Check { ok: false, detail: format!("migrations missing: {}; run `dondoc migrate`", missing.join(", ")) })
}
