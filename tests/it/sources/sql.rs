//! Queries to databases of every engine: what they give, and what they may not do.

use std::path::Path;
use std::time::{Duration, Instant};

use dondoc::source::{Engine, Place, Settings, Sql};

use crate::support::databases;

use super::{failure, observed, settings_in, shown};

const TABLE: &str = "CREATE TABLE figures (month TEXT, unit TEXT, received BIGINT, received_online BIGINT, share REAL)";
const ROWS: &str = "INSERT INTO figures VALUES ('2022-09', '07201', 40, 10, 0.25), ('2022-10', '07201', 60, 20, 0.5), \
                    ('2022-10', 'SCT', NULL, NULL, NULL), ('2022-10', 'X', 1, 1, 1.0)";
const QUERY: &str = "SELECT month AS period, unit AS unit_code, '' AS service_code, received, received_online, share \
                     FROM figures ORDER BY month, unit;";

/// A database of each engine with the table in it: its `[[source]]` without the query, and what keeps it.
async fn databases(folder: &Path) -> Vec<String> {
    let file = folder.join("figures.db");
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(&file).create_if_missing(true);
    let pool = sqlx::SqlitePool::connect_with(options).await.unwrap();
    sqlx::query(TABLE).execute(&pool).await.unwrap();
    sqlx::query(ROWS).execute(&pool).await.unwrap();
    pool.close().await;
    let url = databases::postgres_url().await;
    let pool = sqlx::PgPool::connect(&url).await.unwrap();
    sqlx::query(TABLE).execute(&pool).await.unwrap();
    sqlx::query(ROWS).execute(&pool).await.unwrap();
    sqlx::query("CREATE SEQUENCE counter").execute(&pool).await.unwrap();
    pool.close().await;
    std::fs::write(folder.join("url"), url).unwrap();
    let url = databases::mysql_url().await;
    let pool = sqlx::MySqlPool::connect(&url).await.unwrap();
    sqlx::query(TABLE).execute(&pool).await.unwrap();
    sqlx::query(ROWS).execute(&pool).await.unwrap();
    sqlx::query("CREATE SEQUENCE counter").execute(&pool).await.unwrap();
    pool.close().await;
    std::fs::write(folder.join("mysql-url"), url).unwrap();
    ["url = \"sqlite:figures.db\"", "url_file = \"url\"", "url_file = \"mysql-url\""].map(str::to_owned).into()
}

fn source(url: &str, query: &str, measures: &str) -> String {
    format!(
        "[[source]]\nname = \"database\"\nkind = \"sql\"\n{url}\nquery = \"\"\"{query}\"\"\"\n\
         [source.columns.measures]\n{measures}\n"
    )
}

fn asking(settings: &[Settings], query: &str, timeout: Duration, max_rows: usize) -> Vec<Settings> {
    let Place::Sql(sql) = &settings[0].place else { panic!("a query") };
    let place = Place::Sql(Sql { query: query.to_owned(), timeout, max_rows, ..sql.clone() });
    vec![Settings { place, ..settings[0].clone() }]
}

#[tokio::test]
async fn a_query_is_read_like_a_table_on_every_engine() {
    let folder = tempfile::tempdir().unwrap();
    let measures = "received = \"received\"\nreceived_online = \"received_online\"";
    let mut texts = Vec::new();
    for url in databases(folder.path()).await {
        let settings = settings_in(folder.path(), &source(&url, QUERY, measures));
        let observations = observed(&settings, "2022-10-31").await.unwrap();
        assert_eq!(
            observations.snapshots[0].sha256,
            observed(&settings, "2022-10-31").await.unwrap().snapshots[0].sha256
        );
        texts.push(shown(&observations).replace(&observations.snapshots[0].origin, "database"));
        let shares = settings_in(folder.path(), &source(&url, QUERY, "received = \"share\""));
        texts.push(
            shown(&observed(&shares, "2022-10-31").await.unwrap())
                .replace(&observations.snapshots[0].origin, "database"),
        );
    }
    assert_eq!(texts[..2], texts[2..4], "PostgreSQL says what SQLite says");
    assert_eq!(texts[..2], texts[4..], "MySQL says what SQLite says");
    insta::assert_snapshot!(texts[..2].join("\n"));
}

#[tokio::test]
async fn nothing_is_written_and_only_one_statement_is_run() {
    let folder = tempfile::tempdir().unwrap();
    for url in databases(folder.path()).await {
        let settings = settings_in(folder.path(), &source(&url, QUERY, "received = \"received\""));
        let Place::Sql(sql) = &settings[0].place else { panic!("a query") };
        let mut queries = vec![
            ("DELETE FROM figures", "does not begin with SELECT"),
            ("SELECT 1; DELETE FROM figures", "more than one statement"),
            ("WITH a AS (SELECT 1) DELETE FROM figures", "the database refuses"),
            ("SELECT 1) AS q, (SELECT 2", "the database refuses"),
            ("SELECT nothing FROM figures", "the database refuses"),
        ];
        if matches!(sql.engine, Engine::Postgres(_)) {
            queries.push(("WITH a AS (DELETE FROM figures RETURNING 1) SELECT * FROM a", "the database refuses"));
            queries.push(("SELECT setval('counter', 5)", "the database refuses"));
        }
        if matches!(sql.engine, Engine::MySql(_)) {
            queries
                .push(("SELECT setval(counter, 5)", "the database refuses: Cannot execute statement in a READ ONLY"));
            queries.push(("SELECT * FROM figures FOR UPDATE", "the database refuses"));
            queries.push(("SELECT 1 INTO OUTFILE '/tmp/dondoc-test'", "the database refuses"));
            queries.push(("SELECT 1 INTO @a", "the database refuses"));
            queries.push(("SELECT 1 /*! INTO @a */", "which the server acts on"));
            queries.push(("LOAD DATA LOCAL INFILE 'a' INTO TABLE figures", "does not begin with SELECT"));
        }
        for (query, words) in queries {
            let said = failure(&asking(&settings, query, Duration::from_secs(5), 10)).await;
            assert!(said.contains(words), "{query}: {said}");
        }
        let observations = observed(&settings, "2022-10-31").await.unwrap();
        assert_eq!(observations.snapshots[0].rows, 4);
    }
}

#[tokio::test]
async fn a_query_that_takes_too_long_or_gives_too_much_is_stopped() {
    let folder = tempfile::tempdir().unwrap();
    for url in databases(folder.path()).await {
        let settings = settings_in(folder.path(), &source(&url, QUERY, "received = \"received\""));
        let Place::Sql(sql) = &settings[0].place else { panic!("a query") };
        let endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)";
        let counting = format!("{endless} SELECT max(i) AS i FROM n WHERE i < 0");
        let many = format!("{endless} SELECT i FROM n");
        let (slow, many) = match sql.engine {
            Engine::Postgres(_) => (vec![counting.as_str(), "SELECT pg_sleep(999)"], many.as_str()),
            // It ends recursion by itself; tables of this name are numbers.
            Engine::MySql(_) => (
                vec!["SELECT count(*) AS i FROM seq_1_to_1000000 a, seq_1_to_1000000 b", "SELECT sleep(999)"],
                "SELECT seq AS i FROM seq_1_to_1000000",
            ),
            Engine::Sqlite(_) => (vec![counting.as_str()], many.as_str()),
        };
        for query in slow {
            let started = Instant::now();
            let said = failure(&asking(&settings, query, Duration::from_millis(500), 10)).await;
            assert!(said.contains("the query was stopped after 0.5 s"), "{query}: {said}");
            assert!(started.elapsed() < Duration::from_secs(5), "{query}");
        }
        let said = failure(&asking(&settings, "SELECT * FROM figures", Duration::from_secs(5), 3)).await;
        assert!(said.contains("more than 3 rows"), "{said}");
        let said = failure(&asking(&settings, many, Duration::from_secs(5), 1_000)).await;
        assert!(said.contains("more than 1000 rows"), "{said}");
    }
}

#[tokio::test]
async fn a_database_that_is_not_there_is_unreachable_and_its_password_never_shows() {
    let folder = tempfile::tempdir().unwrap();
    for url in [
        "url = \"sqlite:none.db\"",
        "url = \"postgres://reader:hunter2@127.0.0.1:9/d\"",
        "url = \"mysql://reader:hunter2@127.0.0.1:9/d\"",
    ] {
        let settings = settings_in(folder.path(), &source(url, "SELECT 1", "received = \"received\""));
        assert!(!format!("{settings:?}").contains("hunter2"));
        let said = failure(&settings).await;
        assert!(said.starts_with("source `database`: cannot read") && !said.contains("hunter2"), "{said}");
        assert!(!folder.path().join("none.db").exists());
    }
}
