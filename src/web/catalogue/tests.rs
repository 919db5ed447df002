use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::*;
use crate::people::Refusal;
use crate::words::{FILE, ONE, RETOLD, Sections, WORDS};

/// Who speaks from the catalogue: files, and folders with all that is in them.
const SPEAKERS: [&str; 12] = [
    "templates/pages",
    "src/api",
    "src/app",
    "src/catalog",
    "src/channel/rehearsal",
    "src/cli",
    "src/message/check.rs",
    "src/message/revisions/check.rs",
    "src/message/revisions/proof.rs",
    "src/source",
    "src/web",
    "src/words",
];

/// Every page and source among these.
fn files(folders: &[&str]) -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut folders: Vec<PathBuf> = folders.iter().map(|folder| root.join(folder)).collect();
    let mut files = Vec::new();
    while let Some(path) = folders.pop() {
        if path.is_dir() {
            folders.extend(path.read_dir().unwrap().map(|entry| entry.unwrap().path()));
        } else if path.extension().is_some_and(|kind| kind == "rs" || kind == "html") {
            files.push(path);
        }
    }
    files.sort();
    files
}

/// Every key that is named between quotation marks.
fn named() -> BTreeSet<String> {
    let sections: Sections = toml::from_str(FILE).unwrap();
    let mut found = BTreeSet::new();
    for path in files(&SPEAKERS) {
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

/// Sources whose Vietnamese is no text of the catalogue, by the beginning of their paths, with the reason.
const ELSEWHERE: &[(&str, &str)] = &[
    ("src/words/mod.rs", "languages are called by their own names"),
    ("src/message/budget.rs", "what fits into a text message"),
    ("src/message/fallback.rs", "the message where no template is good"),
    ("src/message/figure.rs", "words of a figure in a message"),
    ("src/message/gather.rs", "words of a message"),
    ("src/message/length.rs", "the alphabet of text messages"),
    ("src/message/roll_up", "words of a roll-up, and its samples"),
    ("src/message/sample.rs", "samples of messages"),
    ("src/message/revisions/blocks.rs", "passages of messages, with what their Vietnamese writers call them"),
    ("src/message/revisions/palette.rs", "fields of messages, as their Vietnamese writers call them"),
    ("src/message/revisions/scenario.rs", "situations of messages; a test holds them against the page"),
    ("src/pass/", "alerts, notes and reports that are sent; a calendar that is subscribed to"),
    ("src/report/effect.rs", "the report; a test holds it against the page"),
    ("src/app/delivery.rs", "an alert"),
    ("src/app/editor.rs", "the subject of a test letter"),
    ("src/app/test_mail.rs", "a test letter"),
    ("src/app/trouble.rs", "alerts"),
    ("src/channel/zalo/body.rs", "a message"),
    ("src/channel/zalo_bot/mod.rs", "a message"),
    ("src/channel/sms/esms/balance.rs", "the currency"),
    ("src/web/veil.rs", "stands in the text of a message"),
    ("src/catalog/contact_sheet/guess.rs", "headings of our sheet, by which it is known again"),
    ("src/catalog/contact_sheet/legacy.rs", "letters of older encodings"),
    ("src/catalog/contact_sheet/row.rs", "usual titles of offices, which letters address"),
    ("src/catalog/contact_sheet/values.rs", "what people write for nothing"),
    ("src/catalog/contact_sheet/workbook.rs", "our sheet, which is in Vietnamese for everybody"),
    ("src/catalog/matching.rs", "spellings"),
    ("src/catalog/reform/mod.rs", "an example of a name"),
    ("src/source/dossiers/personal.rs", "spellings"),
    ("src/source/encoding.rs", "letters of older encodings"),
    ("src/source/sheet/", "words by which reports are read"),
    ("src/decision/policy.rs", "names of the steps of the shipped rules"),
    ("src/config/", "examples of what is written there"),
    ("src/cli/", "examples of what is typed, answers that are taken, the currency"),
];

/// The text of a source without its comments and tests.
fn spoken(path: &Path) -> String {
    let text = std::fs::read_to_string(path).unwrap();
    if path.extension().is_some_and(|kind| kind == "html") {
        return text;
    }
    let code = text.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
    code.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

#[test]
fn no_page_and_no_source_says_anything_outside_the_catalogue() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let letter = |letter: char| {
        let small = letter.to_lowercase().next().unwrap_or(letter);
        "ăâđêôơư".contains(small) || (('à'..='ý').contains(&small) && small != '÷') || ('ạ'..='ỹ').contains(&small)
    };
    let (mut outside, mut known) = (Vec::new(), BTreeSet::new());
    for path in files(&["src", "templates/pages"]) {
        let name = path.strip_prefix(root).unwrap().to_string_lossy().into_owned();
        let is_test = name.ends_with("tests.rs") || name.contains("/tests/") || name.contains("/properties/");
        if is_test || !spoken(&path).contains(letter) {
            continue;
        }
        match ELSEWHERE.iter().find(|(place, _)| name.starts_with(place)) {
            Some((place, _)) => {
                known.insert(*place);
            }
            None => outside.push(name),
        }
    }
    assert_eq!(outside, Vec::<String>::new());
    let silent: Vec<_> = ELSEWHERE.iter().filter(|(place, _)| !known.contains(place)).collect();
    assert!(silent.is_empty(), "they say nothing any more: {silent:?}");
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
