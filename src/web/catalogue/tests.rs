use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::*;
use crate::people::Refusal;
use crate::words::{FILE, ONE, RETOLD, Sections, WORDS};

/// Every page, and every source of pages.
fn files() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut folders = vec![root.join("src/web"), root.join("templates/pages")];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in folder.read_dir().unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|kind| kind == "rs" || kind == "html") {
                files.push(path);
            }
        }
    }
    files.sort();
    files
}

/// Every key that the sources and pages name between quotation marks.
fn named() -> BTreeSet<String> {
    let sections: Sections = toml::from_str(FILE).unwrap();
    let mut found = BTreeSet::new();
    for path in files() {
        let text = std::fs::read_to_string(&path).unwrap();
        for piece in text.split(['"', '\'']) {
            let key = piece.split_once('.').filter(|(section, key)| {
                sections.contains_key(*section)
                    && !matches!(*key, "" | "html" | "toml")
                    && piece != "contacts.csv"
                    && key.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
            });
            found.extend(key.map(|_| piece.to_owned()));
        }
    }
    found.extend(Refusal::ALL.map(|refusal| refusal.key().to_owned()));
    found.extend(Deed::ALL.iter().map(|deed| format!("deed.{}", deed.word())));
    found.extend(WORDS.keys().filter(|key| key.starts_with(RETOLD)).cloned());
    found.extend(super::super::page::DONE.iter().map(|word| format!("done.{word}")));
    found
}

/// The places for values in a text, and its marks of HTML, each as often as it stands there.
fn shape(text: &str) -> Vec<&str> {
    let mut shape: Vec<&str> = Vec::new();
    for (opening, closing) in [('{', '}'), ('<', '>')] {
        let mut pieces = text.split(opening);
        pieces.next();
        shape.extend(pieces.filter_map(|piece| piece.split_once(closing).map(|(inside, _)| inside)));
    }
    shape.sort_unstable();
    shape
}

#[test]
fn every_text_is_there_in_both_languages_and_none_is_left_over() {
    let named = named();
    let there: BTreeSet<String> = WORDS.keys().cloned().collect();
    assert!(there.len() > 50);
    assert_eq!(named.difference(&there).collect::<Vec<_>>(), Vec::<&String>::new(), "missing in words.toml");
    assert_eq!(there.difference(&named).collect::<Vec<_>>(), Vec::<&String>::new(), "used by nobody");
    for (key, texts) in WORDS.iter() {
        assert!(texts.iter().all(|text| !text.trim().is_empty()), "{key} lacks a language");
        assert_eq!(shape(&texts[0]), shape(&texts[1]), "{key}: other values or marks in English");
    }
    for (key, one) in ONE.iter() {
        let several = &WORDS[key][1];
        assert!(one != several && shape(several) == [""], "{key}: a text for one thing goes with one for several");
    }
}

/// Pages and sources whose Vietnamese is no text of a page, with the reason.
const SPEAK: &[(&str, &str)] = &[("src/words/mod.rs", "languages are called by their own names")];

/// Not yet in the catalogue; only ever gets shorter.
const TO_DO: &[&str] = &["src/web/target_words.rs", "src/web/veil.rs"];

/// The text of a source without its comments and tests.
fn spoken(path: &Path) -> String {
    let text = std::fs::read_to_string(path).unwrap();
    if path.extension().is_some_and(|kind| kind == "html") {
        return text;
    }
    let code = text.split("#[cfg(test)]").next().unwrap_or_default();
    code.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

#[test]
fn no_page_and_no_source_of_pages_says_anything_outside_the_catalogue() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let vietnamese = |letter: char| {
        "ăâđêôơư".contains(letter.to_lowercase().next().unwrap_or(letter))
            || ('à'..='ý').contains(&letter)
            || ('ạ'..='ỹ').contains(&letter.to_lowercase().next().unwrap_or(letter))
    };
    let mut outside = Vec::new();
    for path in files() {
        let name = path.strip_prefix(root).unwrap().to_string_lossy().into_owned();
        if name.ends_with("tests.rs") || name.contains("/tests/") || SPEAK.iter().any(|(known, _)| *known == name) {
            continue;
        }
        let lines = spoken(&path).lines().filter(|line| line.contains(vietnamese)).count();
        assert!(lines > 0 || !TO_DO.contains(&name.as_str()), "{name} is done: take it off the list");
        if lines > 0 && !TO_DO.contains(&name.as_str()) {
            outside.push(format!("{name}: {lines} lines"));
        }
    }
    assert_eq!(outside, Vec::<String>::new());
}

#[test]
fn the_language_is_what_was_chosen_else_vietnamese_unless_the_browser_asks_for_another_one_alone() {
    let header = |text: &'static str| HeaderValue::from_static(text);
    let cases = [
        (None, None, Tongue::Vietnamese),
        (None, Some(header("en-GB,en;q=0.9")), Tongue::English),
        (None, Some(header("fr-FR, vi;q=0.8, en;q=0.5")), Tongue::Vietnamese),
        (None, Some(header("en-US,en;q=0.9,vi;q=0.8")), Tongue::Vietnamese),
        (None, Some(header("de")), Tongue::Vietnamese),
        (Some("en"), Some(header("vi")), Tongue::English),
        (Some("xx"), Some(header("en")), Tongue::English),
    ];
    for (chosen, accepted, tongue) in cases {
        assert_eq!(Tongue::of(chosen, accepted.as_ref()), tongue, "{chosen:?} {accepted:?}");
    }
}

/// The pack of tests/it/catalog.rs in which everything is wrong.
#[test]
fn every_mistake_of_a_broken_pack_is_told_in_vietnamese() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/fixtures/broken_pack");
    let error = crate::catalog::Pack::read(&folder).unwrap_err();
    assert!(error.problems.len() > 40);
    let sentences = error.problems.iter().flat_map(|problem| [&problem.message, &problem.hint]);
    let english: Vec<_> = sentences.filter(|text| Tongue::Vietnamese.retold(text).is_english).collect();
    assert_eq!(english, Vec::<&String>::new());
}
