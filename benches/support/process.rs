//! What benches look at from outside: a process, and an empty schema.

/// Highest resident memory of a process, in MiB.
pub(crate) fn peak(pid: u32) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.split_whitespace().next()?.parse::<f64>().ok()).unwrap_or(0.0) / 1024.0
}

/// Processor time of a process, in seconds.
pub(crate) fn cpu(pid: u32) -> f64 {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or("").split_whitespace().collect();
    let ticks = |at: usize| fields.get(at).and_then(|field| field.parse::<f64>().ok()).unwrap_or(0.0);
    (ticks(11) + ticks(12)) / 100.0
}

/// An empty schema on the server that `DONDOC_TEST_POSTGRES` names.
pub(crate) async fn fresh_schema() -> String {
    #[expect(clippy::disallowed_methods, reason = "the measuring program is told where the server is")]
    let server = std::env::var("DONDOC_TEST_POSTGRES").expect("DONDOC_TEST_POSTGRES names a server");
    let pool = sqlx::PgPool::connect(&server).await.expect("the server");
    for statement in ["DROP SCHEMA IF EXISTS bench CASCADE", "CREATE SCHEMA bench"] {
        sqlx::query(sqlx::AssertSqlSafe(statement)).execute(&pool).await.expect("a schema");
    }
    pool.close().await;
    let mark = if server.contains('?') { '&' } else { '?' };
    format!("{server}{mark}options=-c%20search_path%3Dbench")
}
