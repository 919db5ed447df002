//! The catalog in the database, on both engines.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use dondoc::catalog::{
    AliasError, Contact, Kind, NewAlias, Pack, Unit, UnitId, Validity, alias_decisions, changes, import, load,
    resolve_alias, store_alias, unresolve_alias,
};
use dondoc::db::Db;

use crate::catalog::sample_pack;
use crate::support::databases::{Fresh, conformance, sqlite as new_sqlite};

async fn import_all(db: &Db, pack: &Pack) {
    let mut work = db.begin().await.unwrap();
    import(&mut work, pack).await.unwrap();
    work.commit().await.unwrap();
}

async fn what_is_imported_is_what_is_loaded(fresh: Fresh) {
    assert_eq!(load(&fresh.db).await.unwrap(), Pack::default(), "an empty database");
    let pack = sample_pack();
    import_all(&fresh.db, &pack).await;
    let stored = load(&fresh.db).await.unwrap();
    assert_eq!(stored, pack);
    assert_eq!(stored.files(), pack.files());
}

async fn a_second_import_changes_nothing(fresh: Fresh) {
    let pack = sample_pack();
    import_all(&fresh.db, &pack).await;
    import_all(&fresh.db, &pack).await;
    let stored = load(&fresh.db).await.unwrap();
    assert!(changes(&stored, &pack).is_empty());
    assert_eq!(stored, pack);
}

async fn rows_that_left_the_pack_leave_the_catalog(fresh: Fresh) {
    let pack = sample_pack();
    import_all(&fresh.db, &pack).await;
    let mut smaller = pack.clone();
    smaller.units.pop();
    smaller.contacts.remove(4);
    smaller.successions.clear();
    smaller.calendar.clear();
    smaller.templates.clear();
    smaller.targets.reverse();
    assert_eq!(changes(&pack, &smaller).retired(), 7);
    import_all(&fresh.db, &smaller).await;
    assert_eq!(load(&fresh.db).await.unwrap(), smaller);
}

async fn an_import_that_is_taken_back_leaves_no_trace(fresh: Fresh) {
    import_all(&fresh.db, &sample_pack()).await;
    let mut work = fresh.db.begin().await.unwrap();
    import(&mut work, &Pack::default()).await.unwrap();
    work.rollback().await.unwrap();
    assert_eq!(load(&fresh.db).await.unwrap(), sample_pack());
}

async fn a_resolved_name_is_kept_with_who_and_when_and_can_be_taken_back(fresh: Fresh) {
    let pack = sample_pack();
    import_all(&fresh.db, &pack).await;
    let day = "2022-10-31".parse().unwrap();
    let now = chrono::DateTime::from_timestamp_millis(1_667_200_000_000).unwrap();
    let decide = async |new: &NewAlias, by: &str| {
        let mut work = fresh.db.begin().await.unwrap();
        let stored = store_alias(&mut work, new, by, now).await;
        if stored.is_ok() {
            work.commit().await.unwrap();
        } else {
            work.rollback().await.unwrap();
        }
        stored
    };
    let new = resolve_alias(&pack, "TT. Phúc Sơn, Yên Thế", "07318", day).unwrap();
    decide(&new, "Phòng CNTT").await.unwrap();
    let resolved = load(&fresh.db).await.unwrap();
    let rows = resolved.units.iter().filter(|row| row.id.as_str() == "07318");
    assert!(rows.clone().all(|row| row.aliases == ["TT. Phúc Sơn, Yên Thế"]) && rows.count() == 2, "all its time");
    assert!(matches!(decide(&new, "x").await, Err(AliasError::Changed)), "it was changed meanwhile");
    let stored = alias_decisions(&fresh.db, Some("tt. phúc sơn,  yên thế")).await.unwrap();
    let told: Vec<_> =
        stored.iter().map(|one| (one.unit_id.as_str(), one.verb.as_str(), one.decided_by.as_str())).collect();
    assert_eq!((told, stored[0].decided_at), (vec![("07318", "resolved", "Phòng CNTT")], now.timestamp_millis()));
    let undo = unresolve_alias(&resolved, "TT. Phúc Sơn, Yên Thế", &stored).unwrap();
    decide(&undo, "Văn phòng").await.unwrap();
    assert_eq!(load(&fresh.db).await.unwrap(), pack, "as before, byte for byte");
    let verbs: Vec<String> = alias_decisions(&fresh.db, None).await.unwrap().into_iter().map(|one| one.verb).collect();
    assert_eq!(verbs, ["resolved", "undone"]);
    assert!(
        matches!(unresolve_alias(&pack, "Sở CT", &[]), Err(AliasError::NotResolved { .. })),
        "an alias of the pack is not taken back here"
    );
}

conformance!(
    what_is_imported_is_what_is_loaded,
    a_second_import_changes_nothing,
    rows_that_left_the_pack_leave_the_catalog,
    an_import_that_is_taken_back_leaves_no_trace,
    a_resolved_name_is_kept_with_who_and_when_and_can_be_taken_back,
);

/// A pack of many units below one province, each with an alias and a head.
fn large_pack(units: usize) -> Pack {
    let mut pack = sample_pack();
    pack.units.truncate(1);
    pack.units[0].valid = Validity::default();
    pack.contacts.clear();
    pack.successions.clear();
    pack.targets.pop();
    let head = &sample_pack().contacts[1];
    for at in 0..units {
        let code = format!("X{at:06}");
        pack.units.push(Unit {
            id: UnitId::new(&code),
            name: format!("Xã Số {at}"),
            kind: Kind::Commune,
            parent: Some(UnitId::new("24")),
            aliases: vec![format!("X. Số {at}")],
            valid: Validity::default(),
            code,
        });
        let unit = UnitId::new(&format!("X{at:06}"));
        pack.contacts.push(Contact { unit, ..head.clone() });
    }
    pack
}

#[tokio::test]
async fn a_pack_of_thousands_of_units_is_read_and_stored_in_linear_time() {
    let pack = large_pack(10_000);
    let files = pack.files();
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    assert_eq!(Pack::from_files(&files).unwrap(), pack);
    let fresh = new_sqlite().await;
    import_all(&fresh.db, &pack).await;
    assert_eq!(load(&fresh.db).await.unwrap(), pack);
}
