//! What every process of a sweep starts from.

use std::sync::atomic::{AtomicU64, Ordering};

use super::peers::Peer;
use crate::support::databases::server_url;
use crate::support::project::{Plan, Project};

/// Whom a round writes to.
pub(super) const UNITS: usize = 3;

#[derive(Debug, Clone, Copy)]
pub(super) enum Engine {
    Sqlite,
    Postgres,
}

/// What every process of a sweep starts from: a database with the catalog in it and no round yet.
pub(super) struct Ground {
    engine: Engine,
    project: Project,
    database: String,
}

impl Ground {
    pub(super) async fn lay(engine: Engine) -> Self {
        let database = format!("ground_{}_{}", std::process::id(), next());
        let url = match engine {
            Engine::Sqlite => "sqlite:dondoc.db".to_owned(),
            Engine::Postgres => {
                statement(&format!("CREATE DATABASE {database}")).await;
                server_url(&database)
            }
        };
        let project = Project::new(&Plan { units: UNITS, database: url, ..Plan::default() });
        let seeded = project.run(&["resume"]);
        assert_eq!(seeded.code, 0, "{}", seeded.err);
        Self { engine, project, database }
    }

    /// An installation of its own on this ground, whose messages go to `peer`.
    pub(super) async fn installation<P: Peer>(&self, peer: &P) -> Installation {
        let extra = "[delivery]\nlease = \"1 second\"\nrun_waits = \"20 seconds\"\nretry_after = [\"1 second\", \"1 second\"]\n";
        let mut plan = Plan { units: UNITS, extra: extra.to_owned(), ..Plan::default() };
        let mut copy = None;
        if let Engine::Postgres = self.engine {
            let database = format!("{}_{}", self.database, next());
            statement(&format!("CREATE DATABASE {database} TEMPLATE {}", self.database)).await;
            plan.database = server_url(&database);
            copy = Some(database);
        }
        let project = Project::new(&plan);
        project.edit("config.toml", &Plan::default().channels, &peer.channel(&project));
        if let Engine::Sqlite = self.engine {
            std::fs::copy(self.project.path("dondoc.db"), project.path("dondoc.db")).expect("a copy of the ground");
        }
        peer.prepare(&project);
        Installation { project, copy }
    }

    pub(super) async fn clear(self) {
        if let Engine::Postgres = self.engine {
            statement(&format!("DROP DATABASE {} WITH (FORCE)", self.database)).await;
        }
    }
}

fn next() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

pub(super) async fn statement(text: &str) {
    // One at a time: a template must not be in use while it is copied.
    static ALONE: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());
    let _alone = ALONE.lock().await;
    let pool = sqlx::PgPool::connect(&server_url("postgres")).await.expect("the test server answers");
    sqlx::query(sqlx::AssertSqlSafe(text.to_owned())).execute(&pool).await.expect(text);
    pool.close().await;
}

/// A project of its own, and on PostgreSQL its database.
pub(super) struct Installation {
    pub(super) project: Project,
    copy: Option<String>,
}

impl Installation {
    /// Changes or reads its database from outside.
    pub(super) async fn sql<T>(&self, text: &'static str) -> Vec<T>
    where
        T: Send + Unpin,
        T: for<'r> sqlx::FromRow<'r, sqlx::sqlite::SqliteRow> + for<'r> sqlx::FromRow<'r, sqlx::postgres::PgRow>,
    {
        if let Some(database) = &self.copy {
            let pool = sqlx::PgPool::connect(&server_url(database)).await.expect("the test server answers");
            let rows = sqlx::query_as(text).fetch_all(&pool).await.expect(text);
            pool.close().await;
            rows
        } else {
            let url = format!("sqlite:{}", self.project.path("dondoc.db").display());
            let pool = sqlx::SqlitePool::connect(&url).await.expect("a database");
            let rows = sqlx::query_as(text).fetch_all(&pool).await.expect(text);
            pool.close().await;
            rows
        }
    }

    pub(super) async fn forget(self) {
        if let Some(database) = self.copy {
            statement(&format!("DROP DATABASE {database} WITH (FORCE)")).await;
        }
    }
}
