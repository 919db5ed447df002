//! The audit log: what is written stays as it is, or it is seen.

use axum::http::StatusCode;
use dondoc::db::{Db, Durability};
use dondoc::people::{self, By, Deed, Event, Head, Role, Verdict, Wanted};
use futures_util::future::join_all;

use super::{Desk, PASSWORD, typed};
use crate::support::databases::{Fresh, conformance, postgres_url, sqlite};
use crate::support::mailbox::start;

conformance!(
    an_entry_that_is_changed_put_in_or_taken_out_is_named,
    entries_are_filtered_and_taken_out_as_a_harmless_file
);

/// Ten entries, and their head.
async fn fill(db: &Db) -> Head {
    for number in 0..10 {
        let by = By::account("nguoi-so-1", "203.0.113.7");
        let event =
            Event { by: &by, deed: Deed::SignedIn, subject: format!("account/{number}"), detail: String::new() };
        people::conclude(db.begin().await.unwrap(), &event, start()).await.unwrap();
    }
    people::head(db).await.unwrap().unwrap()
}

/// Writes into the table as somebody with the database's password could.
async fn tamper(db: &Db, statement: &'static str) {
    match db {
        Db::Sqlite { writer, .. } => sqlx::query(statement).execute(writer).await.unwrap().rows_affected(),
        Db::Postgres(pool) => sqlx::query(statement).execute(pool).await.unwrap().rows_affected(),
    };
}

async fn broken_at(db: &Db, head: Option<&Head>) -> Option<i64> {
    match people::verify(db, head).await.unwrap() {
        Verdict::Broken { number, .. } => Some(number),
        Verdict::Whole(_) => None,
    }
}

async fn an_entry_that_is_changed_put_in_or_taken_out_is_named(fresh: Fresh) {
    let db = &fresh.db;
    assert_eq!(people::verify(db, None).await.unwrap(), Verdict::Whole(None));
    let head = fill(db).await;
    assert_eq!(people::verify(db, Some(&head)).await.unwrap(), Verdict::Whole(Some(head.clone())));
    let short = Head { number: head.number, hash: head.hash[..12].to_owned() };
    assert_eq!(broken_at(db, Some(&short)).await, None, "a shortened hash is enough");

    for (change, undo) in [
        ("UPDATE audit SET detail = 'x' WHERE number = 4", "UPDATE audit SET detail = '' WHERE number = 4"),
        ("UPDATE audit SET at = at + 1 WHERE number = 4", "UPDATE audit SET at = at - 1 WHERE number = 4"),
        (
            "UPDATE audit SET actor = 'account/' WHERE number = 4",
            "UPDATE audit SET actor = 'account/nguoi-so-1' WHERE number = 4",
        ),
    ] {
        tamper(db, change).await;
        assert_eq!(broken_at(db, None).await, Some(4), "{change}");
        tamper(db, undo).await;
        assert_eq!(broken_at(db, None).await, None, "{undo}");
    }
    // A letter moved from one column to its neighbour leaves the same text and another entry.
    tamper(db, "UPDATE audit SET deed = 'signed_i', subject = 'naccount/6' WHERE number = 7").await;
    assert_eq!(broken_at(db, None).await, Some(7));
    tamper(db, "UPDATE audit SET deed = 'signed_in', subject = 'account/6' WHERE number = 7").await;

    tamper(db, "DELETE FROM audit WHERE number = 10").await;
    assert_eq!(broken_at(db, None).await, None, "a tail that is cut off is whole in itself");
    assert_eq!(broken_at(db, Some(&head)).await, Some(10), "but not beside the head that the program's log knows");
    let later = By::command("test");
    let event = Event { by: &later, deed: Deed::SignedOut, subject: String::new(), detail: String::new() };
    people::conclude(db.begin().await.unwrap(), &event, start()).await.unwrap();
    assert_eq!(broken_at(db, Some(&head)).await, Some(10), "nor once something else was written over it");
    tamper(db, "DELETE FROM audit WHERE number = 3").await;
    assert_eq!(broken_at(db, None).await, Some(3));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn replicas_that_write_at_once_make_one_chain() {
    let url = postgres_url().await;
    let folder = std::path::Path::new("/");
    let (one, other) = (
        Db::open(&url, folder, Durability::Full).await.unwrap(),
        Db::open(&url, folder, Durability::Full).await.unwrap(),
    );
    let writing = (0..60).map(|number| {
        let db = if number % 2 == 0 { one.clone() } else { other.clone() };
        async move {
            let by = By::command("test");
            let event = Event { by: &by, deed: Deed::SignedIn, subject: number.to_string(), detail: String::new() };
            people::conclude(db.begin().await.unwrap(), &event, start()).await.unwrap();
        }
    });
    join_all(writing).await;
    let Verdict::Whole(Some(head)) = people::verify(&one, None).await.unwrap() else { panic!("broken") };
    assert_eq!(head.number, 60);
}

async fn entries_are_filtered_and_taken_out_as_a_harmless_file(fresh: Fresh) {
    let desk = Desk::new(fresh);
    let admin = desk.account("quan.tri", Role::Admin).await;
    let other = desk.account("-1-1", Role::Viewer).await;
    desk.stranger().send("/dang-nhap", &typed("-1-1", PASSWORD)).await;
    let mut reader = desk.signed_in(&admin).await;
    let all = reader.get("/nhat-ky").await;
    assert_eq!(all.status, StatusCode::OK);
    assert!(all.body.contains("Thêm người dùng") && all.body.contains("#1 ·"), "{}", all.body);
    let theirs = reader.get("/nhat-ky?ai=quan.tri&viec=account_added&tu=2022-10-31&den=2022-10-31").await.body;
    assert_eq!(theirs.matches("<li>\n<p><strong>").count(), 1, "{theirs}");
    for nothing in ["/nhat-ky?ai=khong.co", "/nhat-ky?viec=set_up", "/nhat-ky?den=2020-01-01", "/nhat-ky?tu=2030-01-01"]
    {
        assert!(reader.get(nothing).await.body.contains("Không có dòng nào"), "{nothing}");
    }

    let file = reader.post("/nhat-ky/tep", &[("ai", "quan.tri")]).await;
    assert_eq!((file.status, file.header("content-type")), (StatusCode::OK, "text/csv; charset=utf-8"));
    assert_eq!(file.header("content-disposition"), "attachment; filename=\"nhat-ky-2022-10-31.csv\"");
    assert!(file.body.starts_with("\u{feff}number,at,actor,deed,"), "{}", file.body);
    let entries = people::list(&desk.db, &Wanted::default()).await.unwrap();
    assert_eq!(entries[0].deed, "audit_exported", "taking it out is written into it");
    let whole = reader.post("/nhat-ky/tep", &[]).await.body;
    assert!(!whole.lines().any(|line| line.split(',').any(|cell| cell.starts_with(['-', '=', '+', '@']))), "{whole}");

    // Nobody's name stands in the log itself, so that a person can be forgotten.
    for entry in people::list(&desk.db, &Wanted::default()).await.unwrap() {
        let text = format!("{entry:?}");
        assert!(!text.contains("quan.tri") && !text.contains("Người dùng"), "{text}");
    }
    assert!(other.len() == 16);
}

#[tokio::test]
async fn nothing_in_the_program_changes_an_entry() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut folders = vec![root];
    while let Some(folder) = folders.pop() {
        for entry in folder.read_dir().unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let text = std::fs::read_to_string(&path).unwrap_or_default();
                assert!(!text.contains("UPDATE audit") && !text.contains("DELETE FROM audit"), "{}", path.display());
            }
        }
    }
    let desk = Desk::new(sqlite().await);
    assert_eq!(people::head(&desk.db).await.unwrap(), None);
}
