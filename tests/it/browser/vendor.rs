//! What was taken in from others is what it was, its licence beside it; and nothing that the program shows leads to
//! another's address by itself.

use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Every file below the folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = folder.read_dir().unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

#[test]
fn what_was_taken_in_is_unchanged_and_says_where_it_is_from() {
    let folders = [root().join("templates/pages/vendor"), root().join("tests/it/support/axe")];
    let notes: Vec<PathBuf> =
        folders.iter().flat_map(|folder| files(folder)).filter(|file| file.ends_with("vendor.toml")).collect();
    assert!(notes.len() >= 2, "{notes:?}");
    for note in &notes {
        let text: toml::Table = std::fs::read_to_string(note).unwrap().parse().unwrap();
        let word = |key: &str| text[key].as_str().unwrap();
        let folder = note.parent().unwrap();
        assert!(folder.ends_with(word("version")), "{}", folder.display());
        assert!(!word("name").is_empty() && !word("license").is_empty(), "{}", note.display());
        let sums = text["sha256"].as_table().unwrap();
        assert!(sums.keys().any(|name| name.starts_with("LICEN")), "{} lacks its licence", note.display());
        let there = files(folder).into_iter().filter(|file| file != note && file.extension().is_none_or(|kind| kind != "rs"));
        let there: Vec<String> =
            there.map(|file| file.strip_prefix(folder).unwrap().to_string_lossy().into_owned()).collect();
        assert_eq!(there.len(), sums.len(), "{}: {there:?}", note.display());
        for (name, sum) in sums {
            let bytes = std::fs::read(folder.join(name)).unwrap();
            assert_eq!(hex::encode(Sha256::digest(&bytes)), sum.as_str().unwrap(), "{name} of {}", note.display());
        }
    }
    let vendored = files(&folders[0]);
    let noted = |file: &PathBuf| notes.iter().any(|note| file.starts_with(note.parent().unwrap()));
    assert!(vendored.iter().all(noted), "every file belongs to one of {notes:?}");
}

/// Addresses that are names of formats, not places.
const NAMES: [&str; 2] = ["http://www.w3.org/2000/svg", "http://www.w3.org/1999/xhtml"];

#[test]
fn pages_styles_and_scripts_name_no_address_of_others() {
    let mut found = Vec::new();
    for file in files(&root().join("templates/pages")) {
        let kind = file.extension().and_then(|kind| kind.to_str()).unwrap_or_default();
        if !["html", "css", "js", "svg"].contains(&kind) {
            continue;
        }
        let mut text = std::fs::read_to_string(&file).unwrap();
        for name in NAMES {
            text = text.replace(name, "");
        }
        for foreign in ["http://", "https://", "ws://", "wss://", "src=\"//", "href=\"//", "url(//", "@import"] {
            if text.contains(foreign) {
                found.push(format!("{}: {foreign}", file.display()));
            }
        }
    }
    assert_eq!(found, Vec::<String>::new());
}

#[test]
fn the_checker_of_pages_is_no_part_of_the_program() {
    let shipped = ["src", "templates", "samples", "migrations"].map(|folder| files(&root().join(folder))).concat();
    let names: Vec<_> = shipped.iter().filter(|file| file.to_string_lossy().contains("axe")).collect();
    assert!(names.is_empty(), "{names:?}");
}
