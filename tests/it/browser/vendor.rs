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
fn what_was_taken_in_is_unchanged_and_has_its_licence_beside_it() {
    for place in ["templates/pages/vendor", "tests/it/support/axe"] {
        let place = root().join(place);
        let notes: toml::Table = std::fs::read_to_string(place.join("vendor.toml")).unwrap().parse().unwrap();
        let mut known = Vec::new();
        for package in notes["package"].as_array().unwrap() {
            let word = |key: &str| package[key].as_str().unwrap();
            let folder = place.join(word("folder"));
            assert!(folder.ends_with(word("version")) && !word("name").is_empty(), "{package}");
            assert!(!word("licence").is_empty() && folder.join("LICENSE").is_file(), "{package}");
            for (name, sum) in package["files"].as_table().unwrap() {
                let bytes = std::fs::read(folder.join(name)).unwrap();
                assert_eq!(hex::encode(Sha256::digest(&bytes)), sum.as_str().unwrap(), "{name} of {package}");
                known.push(folder.join(name));
            }
        }
        let beside = |file: &PathBuf| {
            let name = file.file_name().unwrap().to_string_lossy();
            name.starts_with("LICENSE") || name == "vendor.toml" || name == "mod.rs"
        };
        let unknown: Vec<PathBuf> =
            files(&place).into_iter().filter(|file| !beside(file) && !known.contains(file)).collect();
        assert!(!known.is_empty() && unknown.is_empty(), "{unknown:?} stands in no vendor.toml");
    }
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
