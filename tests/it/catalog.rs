//! Packs: files ⇄ rows ⇄ database, and what is said about broken ones.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use dondoc::catalog::{Changes, Kind, Pack, Unit, UnitId, Validity, changes, export, import, load};
use dondoc::db::Db;

use crate::support::databases::{Fresh, conformance};

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/fixtures").join(name)
}

fn sample_pack() -> Pack {
    Pack::read(&fixture("pack")).expect("the fixture is a good pack")
}

async fn import_all(db: &Db, pack: &Pack) {
    let mut work = db.begin().await.unwrap();
    import(&mut work, pack).await.unwrap();
    work.commit().await.unwrap();
}

/// Every file of a pack as it lies on the disk.
fn on_disk(folder: &Path) -> Vec<(String, String)> {
    let names = ["calendar.toml", "contacts.csv", "indicators.toml", "sender.toml", "succession.csv", "targets.toml"];
    let mut names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    names.push("units.csv".to_owned());
    let templates = fs::read_dir(folder.join("templates")).into_iter().flatten().flatten();
    names.extend(templates.map(|entry| format!("templates/{}", entry.file_name().to_string_lossy())));
    names.retain(|name| folder.join(name).exists());
    names.sort();
    names.into_iter().map(|name| (name.clone(), fs::read_to_string(folder.join(name)).unwrap())).collect()
}

fn canonical(pack: &Pack) -> Vec<(String, String)> {
    let mut files = pack.files();
    files.sort();
    files
}

#[test]
fn reading_a_canonical_pack_and_writing_it_gives_the_same_bytes() {
    for folder in [fixture("pack"), Path::new(env!("CARGO_MANIFEST_DIR")).join("samples/bac-giang-2022")] {
        if !folder.join("units.csv").exists() {
            continue;
        }
        let pack = Pack::read(&folder).unwrap_or_else(|error| panic!("{:#?}", error.problems));
        assert_eq!(canonical(&pack), on_disk(&folder), "{}", folder.display());
        let out = tempfile::tempdir().unwrap();
        export(&pack, out.path()).unwrap();
        assert_eq!(on_disk(out.path()), on_disk(&folder));
        export(&pack, out.path()).expect("a second export replaces the first");
        assert_eq!(Pack::read(out.path()).unwrap(), pack);
    }
}

#[test]
fn an_export_never_mixes_with_another_pack() {
    let out = tempfile::tempdir().unwrap();
    export(&sample_pack(), out.path()).unwrap();
    let before = on_disk(out.path());
    let smaller = Pack { templates: Vec::new(), ..sample_pack() };
    let refusal = export(&smaller, out.path()).unwrap_err().to_string();
    assert!(refusal.contains("templates/reminder.md"), "{refusal}");
    assert_eq!(on_disk(out.path()), before);
}

#[test]
fn a_unit_keeps_its_id_over_codes_and_a_code_means_the_unit_of_its_time() {
    let pack = sample_pack();
    let id = |name: &str| pack.units.iter().find(|unit| unit.name == name).map(|unit| unit.id.as_str());
    assert_eq!(id("Phường Hoàng Văn Thụ"), Some("07210"));
    assert_eq!(id("Phường Bắc Giang"), Some("bn-07210"));
    let head = |title: &str| pack.contacts.iter().find(|contact| contact.title.ends_with(title)).unwrap();
    assert_eq!(head("phường Hoàng Văn Thụ").unit.as_str(), "07210");
    assert_eq!(head("phường Bắc Giang").unit.as_str(), "bn-07210");
    let parent = pack.units.iter().find(|unit| unit.id.as_str() == "bn-07210").and_then(|unit| unit.parent.clone());
    assert_eq!(parent, Some(UnitId::new("bn-24")));
}

#[test]
fn what_a_spreadsheet_makes_of_a_file_reads_the_same() {
    let files = sample_pack().files();
    let decomposed = |text: &str| -> String {
        use unicode_normalization::UnicodeNormalization as _;
        text.nfd().collect()
    };
    let saved: Vec<(String, String)> = files
        .iter()
        .map(|(name, text)| (name.clone(), format!("\u{feff}{}", decomposed(text).replace('\n', "\r\n"))))
        .collect();
    let saved: Vec<(&str, &str)> = saved.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let pack = Pack::from_files(&saved).unwrap_or_else(|error| panic!("{:#?}", error.problems));
    assert_eq!(pack, sample_pack());
    assert_eq!(pack.units[0].name, "Tỉnh Bắc Giang");
    assert_eq!(pack.files(), files);
}

#[test]
fn every_mistake_of_a_broken_pack_is_told_with_its_place_and_remedy() {
    let error = Pack::read(&fixture("broken_pack")).unwrap_err();
    let mut told = String::new();
    for problem in &error.problems {
        let file = Path::new(&problem.file).strip_prefix(fixture("broken_pack")).unwrap().display().to_string();
        writeln!(told, "{}", dondoc::catalog::Problem { file, ..problem.clone() }).unwrap();
        assert!(!problem.hint.is_empty());
    }
    insta::assert_snapshot!(told);
}

#[test]
fn text_that_is_not_utf8_is_refused_at_its_first_byte() {
    let out = tempfile::tempdir().unwrap();
    export(&sample_pack(), out.path()).unwrap();
    fs::write(out.path().join("units.csv"), b"code,name\n24,T\xedch\n").unwrap();
    fs::remove_file(out.path().join("sender.toml")).unwrap();
    let problems = Pack::read(out.path()).unwrap_err().problems;
    let told: Vec<_> = problems.iter().map(|p| (p.line, p.column, p.message.as_str())).collect();
    assert_eq!(told, [(2, 5, "not UTF-8 text"), (1, 1, "the file is missing in the pack")]);
}

#[test]
fn a_folder_that_is_not_there_is_one_problem() {
    let problems = Pack::read(&fixture("no_such_pack")).unwrap_err().problems;
    assert_eq!(problems.len(), 1);
    assert!(problems[0].message.starts_with("cannot read the folder"), "{problems:?}");
}

#[test]
fn changes_tell_added_changed_and_retired_rows_by_key_and_column_without_addresses() {
    let old = sample_pack();
    let mut new = old.clone();
    assert!(changes(&old, &new).is_empty());
    new.units.remove(7);
    new.units[1].name = "Sở Công Thương mới".to_owned();
    new.units[1].aliases.clear();
    new.units.push(Unit { id: UnitId::new("07400"), code: "07400".to_owned(), ..new.units[4].clone() });
    new.contacts[1].email = Some("moi@bacgiang.example".to_owned());
    new.indicators[0].causes[0].action = "Hướng dẫn lại.".to_owned();
    new.indicators.swap(0, 1);
    new.targets[0].value = "40".parse().unwrap();
    new.templates.clear();
    let changes: Changes = changes(&old, &new);
    assert_eq!(changes.retired(), 2);
    let table = changes.to_string();
    assert!(!table.contains('@'), "{table}");
    insta::assert_snapshot!(table);
    assert!(changes.table(0).to_string().contains("~ and 1 more"));
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

async fn every_statement_can_be_prepared(fresh: Fresh) {
    fresh.db.prepare(dondoc::catalog::STATEMENTS).await.unwrap();
}

conformance!(
    what_is_imported_is_what_is_loaded,
    a_second_import_changes_nothing,
    rows_that_left_the_pack_leave_the_catalog,
    an_import_that_is_taken_back_leaves_no_trace,
    every_statement_can_be_prepared,
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
        pack.contacts.push(dondoc::catalog::Contact { unit, ..head.clone() });
    }
    pack
}

#[tokio::test]
async fn a_pack_of_thousands_of_units_is_read_and_stored_in_linear_time() {
    let pack = large_pack(10_000);
    let files = pack.files();
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    assert_eq!(Pack::from_files(&files).unwrap(), pack);
    let fresh = crate::support::databases::sqlite().await;
    import_all(&fresh.db, &pack).await;
    assert_eq!(load(&fresh.db).await.unwrap(), pack);
}
