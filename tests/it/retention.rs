//! What is settled and old is deleted in small batches: words first, rows later; what is open, or guards something open,
//! stays.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode};
use chrono::{DateTime, Months, Utc};
use dondoc::app::App;
use dondoc::clock::Clock;
use dondoc::db::{Db, Sql};
use dondoc::outbox::{self, EntryId, Filter, Kept, NewEntry, Times, Turn, Walk};
use dondoc::web::{self, Mode, Site};
use tower::ServiceExt as _;

use crate::outbox::{entry, start};
use crate::planned::program_in;
use crate::support::databases::{Fresh, conformance, postgres_url};
use crate::support::project::{Plan, Project};

conformance!(
    words_go_of_what_is_settled_and_old_and_of_nothing_else,
    a_message_with_an_open_entry_keeps_the_words_of_all_of_them,
    rows_go_with_their_attempts_and_what_was_said_unless_they_are_kept,
    more_than_a_batch_goes_batch_by_batch_each_once,
);

/// Every state with an end, and every one without.
const SETTLED: [&str; 5] = ["sent", "failed", "expired", "cancelled", "quarantined"];
const OPEN: [&str; 5] = ["ready", "sending", "held", "standby", "uncertain"];

async fn put(db: &Db, entries: &[NewEntry], now: DateTime<Utc>) {
    let mut work = db.begin().await.unwrap();
    let times = Times { now, due_at: now, valid_until: now + Duration::from_hours(48) };
    outbox::enqueue(&mut work, "run-1", entries, times).await.unwrap();
    work.commit().await.unwrap();
}

async fn change(db: &Db, statement: &str) {
    let mut work = db.begin().await.unwrap();
    let sql = sqlx::AssertSqlSafe(statement.to_owned());
    match &mut work {
        dondoc::db::Work::Sqlite(conn) => {
            sqlx::query(sql).execute(&mut **conn).await.unwrap();
        }
        dondoc::db::Work::Postgres(conn) => {
            sqlx::query(sql).execute(&mut **conn).await.unwrap();
        }
    }
    work.commit().await.unwrap();
}

/// Puts the entry about `name` into a state, as of the instant it was written.
async fn become_(db: &Db, name: &str, state: &str) {
    let settled = if SETTLED.contains(&state) { "created_at" } else { "NULL" };
    let (lease, worker) = if state == "sending" { ("created_at", "'w'") } else { ("NULL", "NULL") };
    let hold = if state == "held" { "'approval'" } else { "NULL" };
    change(
        db,
        &format!(
            "UPDATE outbox SET state = '{state}', settled_at = {settled}, lease_until = {lease}, worker = {worker}, \
             hold_reason = {hold} WHERE unit_code = '{name}'"
        ),
    )
    .await;
}

async fn forget_words(db: &Db, before: DateTime<Utc>) -> u64 {
    let mut work = db.begin().await.unwrap();
    let forgotten = outbox::forget_words(&mut work, before, before).await.unwrap();
    work.commit().await.unwrap();
    forgotten
}

/// Units whose words are there, and those whose words are not.
async fn words(db: &Db) -> (Vec<String>, Vec<String>) {
    let (mut there, mut gone) = (Vec::new(), Vec::new());
    for entry in outbox::list(db, &Filter::default()).await.unwrap() {
        let (entry, content, _) = outbox::show(db, &entry.id).await.unwrap().unwrap();
        assert_eq!(content.is_empty(), entry.words_deleted_at.is_some(), "{entry:?}");
        if content.is_empty() { gone.push(entry.unit_code) } else { there.push(entry.unit_code) }
    }
    (there, gone)
}

async fn words_go_of_what_is_settled_and_old_and_of_nothing_else(fresh: Fresh) {
    let db = &fresh.db;
    for state in SETTLED.into_iter().chain(OPEN) {
        put(db, &[entry(state)], start()).await;
        become_(db, state, state).await;
    }
    put(db, &[entry("young")], start() + Duration::from_secs(1)).await;
    become_(db, "young", "sent").await;
    let before = start() + Duration::from_secs(1);
    assert_eq!(outbox::old_words(db, start()).await.unwrap(), 0, "what is as old as that is not older");
    assert_eq!(outbox::old_words(db, before).await.unwrap(), 5);
    assert_eq!((forget_words(db, before).await, forget_words(db, before).await), (5, 0));
    let (there, gone) = words(db).await;
    assert_eq!(gone.iter().map(String::as_str).collect::<HashSet<_>>(), SETTLED.into_iter().collect());
    assert_eq!(there.len(), OPEN.len() + 1);
    let mut work = db.begin().await.unwrap();
    for state in SETTLED {
        let id = EntryId::of(&entry(state).dedup_key).0.to_string();
        let again = outbox::retry(&mut work, &id, start(), start() + Duration::from_hours(1)).await.unwrap();
        assert!(!again, "{state}: nothing is sent without words");
    }
}

async fn a_message_with_an_open_entry_keeps_the_words_of_all_of_them(fresh: Fresh) {
    let db = &fresh.db;
    let member = |name: &str, place| {
        let first = entry("first").dedup_key;
        NewEntry { turn: Some(Turn { first, place, yields_after: None }), ..entry(name) }
    };
    put(db, &[member("first", 0), member("second", 1)], start()).await;
    become_(db, "first", "failed").await;
    let before = start() + Duration::from_hours(1);
    for open in OPEN {
        become_(db, "second", open).await;
        assert_eq!(forget_words(db, before).await, 0, "the other one is {open}");
    }
    become_(db, "second", "sent").await;
    assert_eq!(forget_words(db, before).await, 2);
}

async fn rows_go_with_their_attempts_and_what_was_said_unless_they_are_kept(fresh: Fresh) {
    let db = &fresh.db;
    for name in ["case", "earlier", "task", "done"] {
        let at = if name == "earlier" { start() - Duration::from_hours(1) } else { start() };
        put(
            db,
            &[NewEntry {
                recipient_id: if name == "earlier" { "case/head".to_owned() } else { format!("{name}/head") },
                ..entry(name)
            }],
            at,
        )
        .await;
        become_(db, name, "sent").await;
        let id = EntryId::of(&entry(name).dedup_key).0;
        change(db, &format!("INSERT INTO receipt VALUES ('{id}', 'bounced', 1, 1, 'mail', '550')")).await;
        change(
            db,
            &format!(
                "INSERT INTO attempt VALUES ('{id}', 1, 1, 1, 'accepted', 250, 'ok', NULL, NULL, 'sent', NULL, TRUE)"
            ),
        )
        .await;
    }
    put(db, &[entry("open")], start()).await;
    let before = start() + Duration::from_hours(1);
    let kept = Kept {
        since: HashMap::from([("case/head".to_owned(), start())]),
        ids: HashSet::from([EntryId::of(&entry("task").dedup_key).0.to_string()]),
    };
    assert_eq!(Walk::new(before, false, &kept).next(db).await.unwrap(), None, "words go first");
    assert_eq!(forget_words(db, before).await, 4);
    let mut walk = Walk::new(before, false, &kept);
    let ids = walk.next(db).await.unwrap().unwrap();
    assert_eq!((ids.len(), walk.stay, walk.next(db).await.unwrap()), (2, 2, None));
    let mut work = db.begin().await.unwrap();
    assert_eq!(outbox::forget(&mut work, &ids).await.unwrap(), 2);
    work.commit().await.unwrap();
    let left = outbox::list(db, &Filter::default()).await.unwrap();
    let left: HashSet<&str> = left.iter().map(|entry| entry.unit_code.as_str()).collect();
    assert_eq!(left, HashSet::from(["case", "task", "open"]));
    for table in [ATTEMPTS, RECEIPTS] {
        assert_eq!(number(db, table).await, 2, "{table:?}");
    }
}

const ATTEMPTS: Sql = Sql::portable("SELECT count(*) FROM attempt");
const RECEIPTS: Sql = Sql::portable("SELECT count(*) FROM receipt");
const CONTENTS: Sql = Sql::portable("SELECT count(*) FROM outbox_content");
const CAPTURED: Sql = Sql::portable("SELECT count(*) FROM mailbox");

async fn number(db: &Db, question: Sql) -> i64 {
    dondoc::read!(db, question, |sql, pool| sqlx::query_scalar(sql).fetch_one(pool).await.unwrap())
}

async fn more_than_a_batch_goes_batch_by_batch_each_once(fresh: Fresh) {
    let db = &fresh.db;
    let entries: Vec<NewEntry> = (0..1_100).map(|number| entry(&format!("u{number}"))).collect();
    put(db, &entries, start()).await;
    change(db, "UPDATE outbox SET state = 'sent', settled_at = created_at").await;
    let before = start() + Duration::from_hours(1);
    let mut batches = Vec::new();
    while batches.last() != Some(&0) {
        batches.push(forget_words(db, before).await);
    }
    assert_eq!(batches, [500, 500, 100, 0]);
    assert_eq!(number(db, CONTENTS).await, 0);
    let kept = Kept::default();
    let mut walk = Walk::new(before, false, &kept);
    let mut ids = HashSet::new();
    while let Some(next) = walk.next(db).await.unwrap() {
        ids.extend(next);
    }
    assert_eq!(ids.len(), 1_100);
}

/// The way by which SQLite finds them: through the index, whatever else lies in the table.
#[tokio::test]
async fn what_is_old_is_found_without_reading_everything() {
    let fresh = crate::support::databases::sqlite().await;
    let plan = Sql::portable(
        "EXPLAIN QUERY PLAN SELECT entry_id FROM outbox_content JOIN outbox ON id = entry_id \
         WHERE written_at < 1 AND settled_at < 1 ORDER BY written_at, entry_id LIMIT 500",
    );
    let rows: Vec<(i64, i64, i64, String)> =
        dondoc::read!(&fresh.db, plan, |sql, pool| sqlx::query_as(sql).fetch_all(pool).await.unwrap());
    let ways: Vec<&str> = rows.iter().map(|(.., way)| way.as_str()).collect();
    assert!(
        matches!(ways[..], [first, second] if first.contains("INDEX outbox_content_by_age")
        && second.starts_with("SEARCH outbox USING INDEX")),
        "{ways:?}"
    );
}

/// An installation with a round that was sent today, and the program in it so many months later.
async fn months_later(database: String, months: u32) -> (Project, App) {
    let project = Project::new(&Plan { units: 3, database, ..Plan::default() });
    let done = project.run(&["run", "--as-of", "2022-10-31"]);
    assert_eq!(done.code, 0, "{}", done.err);
    let later = Clock::System.now() + Months::new(months);
    let app = program_in(&project, Clock::at(later)).await;
    (project, app)
}

async fn page(app: &App, path: &str) -> (StatusCode, String) {
    let router = web::router(Site::new(app.db.clone(), app.clock.clone(), Mode::Demo));
    let request = Request::builder().uri(path).body(Body::empty()).unwrap();
    let answer = router.oneshot(request).await.unwrap();
    let status = answer.status();
    let body = to_bytes(answer.into_body(), 10_000_000).await.unwrap();
    (status, String::from_utf8(body.to_vec()).unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_two_years_the_words_are_deleted_and_whatever_shows_the_message_says_so() {
    for database in ["sqlite:dondoc.db".to_owned(), postgres_url().await] {
        let (project, app) = months_later(database, 25).await;
        let would = app.purge(true).await.unwrap();
        assert_eq!((would.words, would.mailbox, would.entries), (3, 3, 0));
        assert_eq!(number(&app.db, CONTENTS).await, 3, "a dry run deletes nothing");
        assert_eq!(app.purge(false).await.unwrap(), would);
        assert_eq!(number(&app.db, CONTENTS).await, 0);
        let again = app.purge(false).await.unwrap();
        assert_eq!((again.words, again.mailbox), (0, 0));

        let id = outbox::list(&app.db, &Filter::default()).await.unwrap()[0].id.clone();
        let (status, mail) = page(&app, &format!("/hop-thu-thu/{id}")).await;
        let day = app.clock.now().with_timezone(&dondoc::clock::ZONE).format("%d/%m/%Y").to_string();
        assert!(status == StatusCode::OK && mail.contains(&format!("đã được xóa lúc {day}")), "{mail}");
        assert!(!mail.contains("<iframe") && !mail.contains("/eml"), "{mail}");
        assert!(page(&app, "/hop-thu-thu").await.1.contains("nội dung đã xóa theo thời hạn lưu trữ"));
        for part in ["html", "eml"] {
            assert_eq!(page(&app, &format!("/hop-thu-thu/{id}/{part}")).await.0, StatusCode::NOT_FOUND);
        }
        let shown = project.run(&["outbox", "show", &id]);
        assert!(shown.code == 0 && shown.out.contains("its words were deleted at"), "{}{}", shown.out, shown.err);
        let retry = project.run(&["outbox", "retry", &id]);
        assert!(retry.code == 2 && retry.err.contains("its words were deleted under [retention]"), "{}", retry.err);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_five_years_the_rows_go_once_their_cases_are_closed() {
    for database in ["sqlite:dondoc.db".to_owned(), postgres_url().await] {
        let (_project, app) = months_later(database, 61).await;
        let purged = app.purge(false).await.unwrap();
        assert_eq!((purged.words, purged.entries, purged.stay), (3, 0, 3), "each head has an open case");
        change(&app.db, "UPDATE reminder_case SET closed_on = '2022-11-30' WHERE unit_id <> 'X000001'").await;
        let would = app.purge(true).await.unwrap();
        let purged = app.purge(false).await.unwrap();
        assert_eq!((purged.words, purged.entries, purged.stay), (0, 2, 1));
        assert_eq!(would, purged);
        assert_eq!((number(&app.db, ATTEMPTS).await, number(&app.db, CAPTURED).await), (1, 1), "as the entries");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_kept_for_ever_stays() {
    let (_project, mut app) = months_later("sqlite:dondoc.db".to_owned(), 999).await;
    app.config.retention = outbox::Retention { bodies: 0, ledger: 0 };
    let purged = app.purge(false).await.unwrap();
    assert_eq!((purged.words_before, purged.entries_before, purged.words), (None, None, 0));
    assert_eq!(number(&app.db, CONTENTS).await, 3);
}

#[test]
fn the_command_tells_what_it_deleted_and_a_ledger_shorter_than_its_words_is_refused() {
    let project = Project::new(&Plan { units: 3, ..Plan::default() });
    assert_eq!(project.run(&["run", "--as-of", "2022-10-31"]).code, 0);
    let told = project.run(&["purge", "--dry-run", "--format", "json"]).json();
    assert_eq!((&told["dry_run"], &told["words"], &told["entries"]), (&true.into(), &0.into(), &0.into()));
    let told = project.run(&["purge"]);
    assert!(told.code == 0 && told.out.contains("words") && told.out.contains("entries"), "{}{}", told.out, told.err);
    for (bodies, ledger) in [("24 months", "12 months"), ("0", "60 months")] {
        let text = project.read("config.toml");
        project.write("config.toml", &format!("{text}\n[retention]\nbodies = \"{bodies}\"\nledger = \"{ledger}\"\n"));
        let checked = project.run(&["check"]);
        assert!(format!("{}{}", checked.out, checked.err).contains("words would outlive the entry"), "{}", checked.out);
        project.write("config.toml", &text);
    }
}
