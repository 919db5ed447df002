//! Packs: files ⇄ rows, what is said about broken ones, and how two packs differ.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use dondoc::catalog::{Changes, Pack, Unit, UnitId, changes, export};

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/fixtures").join(name)
}

pub(crate) fn sample_pack() -> Pack {
    Pack::read(&fixture("pack")).expect("the fixture is a good pack")
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

/// Names as an office might write them, with everything that CSV and TOML treat specially.
const NAME: &str = "[A-Za-zĂÂĐÊÔƠƯăâđêôơưÀàỆệỰự0-9,;\"'\\\\/#=\\[\\]{}()&.–+@-]( ?[A-Za-zĐđệ,\"'\\\\#=]){0,12}";

proptest::proptest! {
    #[test]
    fn whatever_stands_in_a_text_comes_back_as_it_was(name in NAME, other in NAME) {
        let mut pack = sample_pack();
        pack.units[0].name.clone_from(&name);
        pack.contacts[1].title.clone_from(&other);
        pack.contacts[1].person = Some(name.clone());
        pack.indicators[0].causes[0].text.clone_from(&name);
        pack.targets[0].basis.issuer.clone_from(&other);
        pack.senders[0].occasion = format!("{name} {other}");
        let files = pack.files();
        let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
        let back = Pack::from_files(&files).map_err(|error| error.problems);
        proptest::prop_assert_eq!(back, Ok(pack));
    }

    #[test]
    fn no_text_makes_the_reader_panic(file in 0_usize..7, at in 0_usize..2_000, put in "\\PC{0,6}|[\"\n\r,;=\\[\\]{}]{1,6}") {
        let mut files = sample_pack().files();
        let text = &mut files[file].1;
        let at = text.char_indices().map(|(at, _)| at).nth(at).unwrap_or(text.len());
        text.insert_str(at, &put);
        let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
        if let Err(error) = Pack::from_files(&files) {
            for problem in error.problems {
                proptest::prop_assert!(problem.line >= 1 && problem.column >= 1 && !problem.hint.is_empty());
            }
        }
    }
}

/// What is said when one file of the good pack is changed.
fn told_when(file: &str, from: &str, to: &str) -> Vec<(u64, u64, String)> {
    let mut files = sample_pack().files();
    let text = files.iter_mut().find(|(name, _)| name == file).map(|(_, text)| text).unwrap();
    assert!(text.contains(from), "{text}");
    *text = text.replacen(from, to, 1);
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let problems = Pack::from_files(&files).unwrap_err().problems;
    problems.into_iter().map(|problem| (problem.line, problem.column, problem.message)).collect()
}

#[test]
fn a_code_that_means_two_units_on_one_day_and_rows_that_lean_on_it_are_told() {
    let told = told_when(
        "units.csv",
        "07210,Phường Bắc Giang,phuong,24,2025-07-01",
        "07210,Phường Bắc Giang,phuong,24,2025-06-01",
    );
    let messages = [
        (12, 1, "the code `07210` is also that of unit `07210` (line 7) on the same day"),
        (12, 31, "parent_code: the code `24` means 24 and then bn-24 while this row is valid"),
        (5, 1, "unit_code: the code `07210` means 07210 and then bn-07210 while this row is valid"),
    ];
    assert_eq!(told, messages.map(|(line, column, message)| (line, column, message.to_owned())));
}

#[test]
fn successions_years_and_senders_are_checked_like_the_rest() {
    let told = told_when("succession.csv", "213,bn-07210", "214,bn-07210");
    assert_eq!(told, [(3, 1, "predecessor: no unit has the id `214`".to_owned())]);
    let told = told_when("calendar.toml", "year = 2025", "year = 2024");
    assert_eq!(told, [(7, 8, "the year stands here twice (the other is line 1)".to_owned())]);
    let told = told_when("calendar.toml", "2024-05-04", "2025-05-04");
    assert_eq!(told, [(4, 17, "make_up_days: 2025-05-04 is a day of another year".to_owned())]);
    let told = told_when("sender.toml", "valid_from = \"2025-03-01\"", "valid_from = \"2025-02-28\"");
    assert_eq!(told, [(11, 14, "two senders speak on the same day (the other is line 1)".to_owned())]);
    let told = told_when("sender.toml", "So KHCN", "Sở KHCN");
    assert_eq!(told, [(9, 12, "an SMS of one piece cannot hold this name".to_owned())]);
}

#[test]
fn one_broken_header_is_one_problem_and_blames_no_other_file() {
    let told = told_when("units.csv", "code,name", "code;name");
    assert_eq!(told.len(), 3, "{told:?}");
    assert!(told.iter().all(|(line, ..)| *line == 1), "{told:?}");
    let told = told_when("indicators.toml", "id = \"online_filing\"", "id = online_filing");
    assert_eq!(told.iter().map(|(line, ..)| *line).collect::<Vec<_>>(), [2], "{told:?}");
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

#[test]
fn definitions_that_contradict_themselves_and_targets_without_one_are_told() {
    let version = |keys: &str| told_when("indicators.toml", "kind = \"flow\"\n", &format!("kind = \"flow\"\n{keys}\n"));
    assert_eq!(version("window = \"year\""), [(6, 10, "unknown window `year`".to_owned())]);
    assert_eq!(
        version("basis = \"resolved\""),
        [(6, 9, "`received` counts dossiers received in the period, not resolved".to_owned())]
    );
    let told = told_when("indicators.toml", "kind = \"flow\"\n", "kind = \"coverage\"\nwindow = \"month\"\n");
    assert_eq!(told, [(6, 10, "a coverage has no month of its own".to_owned())]);
    let told =
        told_when("indicators.toml", "id = \"online_filing\"\n", "id = \"online_filing\"\nversion = \"letter\"\n");
    assert_eq!(told, [(3, 13, "no indicator has the id `online_filing`".to_owned())], "a target must name the version");
    let told = told_when("indicators.toml", "id = \"e_result\"\n", "id = \"online_filing\"\n");
    assert!(told.iter().any(|(.., message)| message.contains("stands here twice")), "{told:?}");
}
