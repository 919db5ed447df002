//! The directory on both engines: edits that keep what was, imports that wait, are written and taken back.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a panic is how a test fails")]

use std::time::Duration;

use dondoc::app::directory::{self, Wish, WriteError};
use dondoc::app::today;
use dondoc::catalog::contact_sheet::{Holder, Layout, Memory, Sheet, SheetCell, SheetRow};
use dondoc::catalog::directory::{
    Directory, DirectoryError, ImportError, ImportState, Sums, Waiting, forget_old, imports, memory, waiting,
};
use dondoc::catalog::{self, Office, UnitId};
use dondoc::db::Db;
use dondoc::people::{self, By, Wanted};
use futures_util::future::join_all;

use crate::support::databases::{Fresh, conformance};
use crate::support::mailbox::{sample_catalog, start};

conformance!(
    an_office_that_changes_keeps_what_it_was_and_is_audited,
    two_who_change_one_office_do_not_undo_each_other,
    a_sheet_waits_is_written_at_once_and_is_taken_back,
    an_import_is_not_taken_back_over_a_later_change_or_after_a_day,
    what_nobody_confirmed_is_forgotten_and_headings_are_remembered,
    two_who_mend_one_sheet_at_once_lose_nothing_and_what_was_mended_since_is_not_written,
);

async fn filled(fresh: &Fresh) {
    sample_catalog(&fresh.db).await;
}

fn by() -> By {
    By::command("test")
}

fn holder(email: &str) -> Holder {
    Holder {
        unit: UnitId::new("SCT"),
        office: Office::Head,
        person: None,
        title: "Giám đốc Sở Công Thương".to_owned(),
        email: Some(email.to_owned()),
        phone: Some("0900 000 001".to_owned()),
        zalo_user_id: None,
        from: None,
        to: None,
    }
}

async fn appoint(db: &Db, email: &str) -> Result<bool, DirectoryError> {
    let place = (&UnitId::new("SCT"), "SCT", Office::Head);
    directory::change_office(db, place, &Wish::Appoint(holder(email)), &by(), start()).await
}

async fn heads(db: &Db) -> Vec<(Option<String>, String)> {
    let history = Directory::load(db).await.unwrap().history(&UnitId::new("SCT"), Office::Head);
    let bound = |day: Option<chrono::NaiveDate>| day.map(|day| day.to_string()).unwrap_or_default();
    history.into_iter().map(|row| (row.email, format!("{}..{}", bound(row.valid.from), bound(row.valid.to)))).collect()
}

async fn an_office_that_changes_keeps_what_it_was_and_is_audited(fresh: Fresh) {
    filled(&fresh).await;
    assert!(appoint(&fresh.db, "moi@sct.bacgiang.example").await.unwrap());
    let expected = [
        (Some("giamdoc@sct.bacgiang.example".to_owned()), "2022-01-01..2022-10-30".to_owned()),
        (Some("moi@sct.bacgiang.example".to_owned()), "2022-10-31..".to_owned()),
    ];
    assert_eq!(heads(&fresh.db).await, expected);
    assert!(!appoint(&fresh.db, "moi@sct.bacgiang.example").await.unwrap(), "the same once more changes nothing");
    let place = (&UnitId::new("SCT"), "SCT", Office::Head);
    let end = Wish::End(today(start()));
    assert!(directory::change_office(&fresh.db, place, &end, &by(), start()).await.unwrap());
    assert_eq!(heads(&fresh.db).await[1].1, "2022-10-31..2022-10-31");
    let entries = people::list(&fresh.db, &Wanted::default()).await.unwrap();
    let told: Vec<_> = entries.iter().map(|e| (e.deed.as_str(), e.subject.as_str(), e.detail.as_str())).collect();
    let subject = "contact/SCT/head";
    assert_eq!(told, [("contact_ended", subject, "valid_to"), ("contact_changed", subject, "email")]);
    // What a reader of packs reads back is the same directory.
    let pack = catalog::load(&fresh.db).await.unwrap();
    let files = pack.files();
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    assert_eq!(catalog::Pack::from_files(&files).unwrap(), pack);
}

async fn two_who_change_one_office_do_not_undo_each_other(fresh: Fresh) {
    filled(&fresh).await;
    let history = Directory::load(&fresh.db).await.unwrap().history(&UnitId::new("SCT"), Office::Head);
    let edit = catalog::directory::OfficeEdit::appoint(history, &holder("a@sct.bacgiang.example"), today(start()));
    appoint(&fresh.db, "b@sct.bacgiang.example").await.unwrap();
    let mut work = fresh.db.begin().await.unwrap();
    let refused = catalog::directory::store_edits(&mut work, &[edit]).await.unwrap_err();
    work.rollback().await.unwrap();
    assert!(matches!(refused, DirectoryError::Changed(offices) if offices == [(UnitId::new("SCT"), Office::Head)]));
    assert_eq!(heads(&fresh.db).await[1].0.as_deref(), Some("b@sct.bacgiang.example"));
}

/// A sheet with these rows: code, title, address.
fn sheet(rows: &[[&str; 3]]) -> (Sheet, Layout) {
    let all = std::iter::once(["Mã đơn vị", "Chức vụ", "Email"]).chain(rows.iter().copied());
    let cell = |(column, text): (u32, &str)| SheetCell { column, text: text.to_owned(), ..SheetCell::default() };
    let rows = (1..).zip(all).map(|(number, cells)| SheetRow { number, cells: (0..).zip(cells).map(cell).collect() });
    let sheet = Sheet { name: "Trang 1".to_owned(), rows: rows.collect() };
    let layout = Layout::guess(&sheet, &Memory::new());
    (sheet, layout)
}

async fn brought(db: &Db, rows: &[[&str; 3]]) -> String {
    let (sheet, layout) = sheet(rows);
    directory::bring(db, "danh-ba.xlsx", (&sheet, &layout), &by(), start()).await.unwrap()
}

async fn mend(db: &Db, id: &str, decided: bool, how: impl FnOnce(&mut Waiting)) -> Waiting {
    let how = |held: &mut Waiting| -> Result<(), ImportError> {
        how(held);
        Ok(())
    };
    directory::mend(db, id, decided, how).await.unwrap()
}

async fn written(db: &Db, id: &str, expected: Option<Sums>) -> Result<Sums, WriteError> {
    let held = waiting(db, id).await.unwrap().expect("it waits");
    directory::write_import(db, &held, (&|_| true, expected), &by(), start()).await
}

const ROWS: [[&str; 3]; 2] =
    [["SCT", "Giám đốc", "moi@sct.bacgiang.example"], ["SNV", "Phó Giám đốc", "pho@snv.bacgiang.example"]];

async fn a_sheet_waits_is_written_at_once_and_is_taken_back(fresh: Fresh) {
    filled(&fresh).await;
    let before = catalog::load(&fresh.db).await.unwrap();
    let id = brought(&fresh.db, &[ROWS[0], ["SNV", "Phó Giám đốc", "pho@snv,example"]]).await;
    assert!(matches!(written(&fresh.db, &id, None).await, Err(WriteError::Wrong(1))));
    assert_eq!(catalog::load(&fresh.db).await.unwrap(), before, "it waits, and nothing of it is in the directory");

    mend(&fresh.db, &id, false, |held| held.sheet.write(3, 2, ROWS[1][2])).await;
    let other = Sums { added: 5, ..Sums::default() };
    assert!(matches!(written(&fresh.db, &id, Some(other)).await, Err(WriteError::Otherwise(_))));
    let sums = written(&fresh.db, &id, Some(Sums { added: 1, changed: 1, ended: 0 })).await.unwrap();
    assert_eq!(sums, Sums { added: 1, changed: 1, ended: 0 });
    let after = catalog::load(&fresh.db).await.unwrap();
    assert_eq!(after.contacts.len(), before.contacts.len() + 2);
    assert!(waiting(&fresh.db, &id).await.unwrap().is_none());

    assert_eq!(directory::take_back(&fresh.db, &id, &by(), start()).await.unwrap(), 2);
    assert_eq!(catalog::load(&fresh.db).await.unwrap(), before, "every office is as it was, in its place");
    let list = imports(&fresh.db, 10).await.unwrap();
    assert_eq!((list[0].state, list[0].sums), (ImportState::Undone, sums));
    let again = directory::take_back(&fresh.db, &id, &by(), start()).await;
    assert!(matches!(again, Err(ImportError::NotThere)));
    let entries = people::list(&fresh.db, &Wanted::default()).await.unwrap();
    let deeds: Vec<&str> = entries.iter().map(|entry| entry.deed.as_str()).collect();
    assert_eq!(deeds, ["contacts_import_undone", "contacts_imported"]);
    assert!(entries.iter().all(|entry| !entry.detail.contains('@')), "{entries:?}");
}

async fn an_import_is_not_taken_back_over_a_later_change_or_after_a_day(fresh: Fresh) {
    filled(&fresh).await;
    let id = brought(&fresh.db, &ROWS).await;
    written(&fresh.db, &id, None).await.unwrap();
    appoint(&fresh.db, "sau@sct.bacgiang.example").await.unwrap();
    let refused = directory::take_back(&fresh.db, &id, &by(), start()).await.unwrap_err();
    let offices = [(UnitId::new("SCT"), Office::Head)];
    assert!(matches!(&refused, ImportError::Directory(DirectoryError::Changed(changed)) if changed == &offices));
    assert_eq!(heads(&fresh.db).await[1].0.as_deref(), Some("sau@sct.bacgiang.example"), "all of it stays");

    let id = brought(&fresh.db, &[["STC", "Phó Giám đốc", "pho@stc.bacgiang.example"]]).await;
    written(&fresh.db, &id, None).await.unwrap();
    let late = start() + Duration::from_hours(25);
    assert!(matches!(directory::take_back(&fresh.db, &id, &by(), late).await, Err(ImportError::TooLate)));
}

async fn two_who_mend_one_sheet_at_once_lose_nothing_and_what_was_mended_since_is_not_written(fresh: Fresh) {
    filled(&fresh).await;
    let id = brought(&fresh.db, &[["SCT", "Giám đốc", "sai"], ["SNV", "Phó Giám đốc", "sai"]]).await;
    let seen = waiting(&fresh.db, &id).await.unwrap().unwrap();
    let rows = (2..).zip(ROWS);
    let both = rows.map(|(row, cells)| mend(&fresh.db, &id, false, move |held| held.sheet.write(row, 2, cells[2])));
    join_all(both).await;
    assert!(matches!(
        directory::write_import(&fresh.db, &seen, (&|_| true, None), &by(), start()).await,
        Err(WriteError::Wrong(2))
    ));
    let mended = waiting(&fresh.db, &id).await.unwrap().unwrap();
    mend(&fresh.db, &id, false, |held| held.sheet.leave_out(3)).await;
    assert!(matches!(
        directory::write_import(&fresh.db, &mended, (&|_| true, None), &by(), start()).await,
        Err(WriteError::Otherwise(_))
    ));
    assert_eq!(written(&fresh.db, &id, None).await.unwrap(), Sums { added: 0, changed: 1, ended: 0 });
}

async fn what_nobody_confirmed_is_forgotten_and_headings_are_remembered(fresh: Fresh) {
    filled(&fresh).await;
    let (kept, given_up) = (brought(&fresh.db, &ROWS).await, brought(&fresh.db, &ROWS[..1]).await);
    let held = mend(&fresh.db, &kept, true, |held| held.layout.fields.retain(|column, _| *column != 1)).await;
    let known = memory(&fresh.db).await.unwrap();
    assert_eq!(known.get("chức vụ"), Some(&None), "{known:?}");
    assert!(Layout::guess(&held.sheet, &known).lacks().is_some(), "a column that is left out stays out");
    let held = mend(&fresh.db, &kept, true, |held| held.layout = Layout::guess(&held.sheet, &Memory::new())).await;
    assert_eq!(Layout::guess(&held.sheet, &memory(&fresh.db).await.unwrap()).lacks(), None);

    directory::discard(&fresh.db, &given_up).await.unwrap();
    assert!(waiting(&fresh.db, &given_up).await.unwrap().is_none());
    let mut work = fresh.db.begin().await.unwrap();
    assert_eq!(forget_old(&mut work, start() + Duration::from_hours(23)).await.unwrap(), 0);
    assert_eq!(forget_old(&mut work, start() + Duration::from_hours(25)).await.unwrap(), 1);
    work.commit().await.unwrap();
    assert!(waiting(&fresh.db, &kept).await.unwrap().is_none());
}
