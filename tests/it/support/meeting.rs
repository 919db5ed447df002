//! Two at once, made to meet: one unit of work holds something until the others wait for it.
//!
//! With SQLite the second begins when the first has ended, and nothing is to be waited for; it may as well be first.

use std::time::Duration;

use dondoc::db::{Db, Sql, Work};
use dondoc::{on, read};

const ME: Sql = Sql::portable("SELECT pg_backend_pid()");

/// Of the locks, which are told as they are now; what `pg_stat_activity` says is remembered by a unit of work.
const WAITING: Sql =
    Sql::portable("SELECT count(DISTINCT pid) FROM pg_locks WHERE NOT granted AND $1 = ANY(pg_blocking_pids(pid))");

/// A unit of work that holds what `lock` takes; PostgreSQL alone knows such statements.
pub async fn holding(db: &Db, lock: &'static str) -> Work {
    let mut work = db.begin().await.expect("a unit of work");
    if matches!(work, Work::Postgres(_)) {
        say(&mut work, Sql::portable(lock)).await;
    }
    work
}

/// Says something to the engine. Returns how many rows it changed.
pub async fn say(work: &mut Work, statement: Sql) -> u64 {
    on!(work, statement, |sql, conn| sqlx::query(sql).execute(conn).await.expect("it is done").rows_affected())
}

/// Until `count` others wait for what `work` holds, or they have `ended` without.
pub async fn until_waited_for(db: &Db, work: &mut Work, count: i64, ended: impl Fn() -> bool) {
    if matches!(work, Work::Sqlite(_)) {
        for _ in 0..1_000 {
            tokio::task::yield_now().await;
        }
        return;
    }
    let me: i32 = on!(work, ME, |sql, conn| sqlx::query_scalar(sql).fetch_one(conn).await.expect("its number"));
    while !ended() {
        let waiting: i64 = read!(db, WAITING, |sql, pool| {
            sqlx::query_scalar(sql).bind(me).fetch_one(pool).await.expect("the locks")
        });
        if waiting >= count {
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
