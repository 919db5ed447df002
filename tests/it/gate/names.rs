//! Whose figures they are (P24): names in any spelling of Unicode and spaces, codes before names, text that is text.

use unicode_normalization::UnicodeNormalization as _;

use super::{DAY, accepted, held, project, reminders};
use crate::support::project::{Project, code, figures};

/// Another way to write a name.
type Spelling = fn(&str) -> String;

/// Reads units by their names, or by code and name.
fn by_name(project: &Project, code_too: bool) {
    let code = if code_too { "unit_code" } else { "" };
    let columns = format!("[source.columns]\nunit_code = \"{code}\"\nunit_name = \"Đơn vị\"\n[[schedule]]");
    project.edit("config.toml", "[[schedule]]", &columns);
}

/// The figures with a name instead of each code, as `spell` writes it.
fn named(spell: impl Fn(&str) -> String) -> String {
    let text = figures(3, 40).replacen("unit_code", "Đơn vị", 1);
    (0..3).fold(text, |text, number| text.replace(&code(number), &spell(&format!("Xã Số {number}"))))
}

#[test]
fn a_name_is_the_same_in_every_spelling_of_marks_case_and_spaces() {
    let spellings: [(&str, Spelling); 5] = [
        ("composed", |name| name.nfc().collect()),
        ("decomposed", |name| name.nfd().collect()),
        ("capitals", str::to_uppercase),
        ("spaces", |name| format!("  {}  ", name.replace(' ', "   "))),
        ("non-breaking spaces", |name| name.replace(' ', "\u{a0}")),
    ];
    for (what, spell) in spellings {
        for mark in ["", "\u{feff}"] {
            let project = project(3);
            by_name(&project, false);
            project.write("figures.csv", &format!("{mark}{}", named(spell)));
            let done = accepted(&project, DAY);
            assert!(!done.err.contains("refused"), "{what}: {}", done.err);
            assert_eq!(reminders(&project), 3, "{what}");
        }
    }
}

#[test]
fn a_code_that_contradicts_its_name_is_refused_and_never_guessed() {
    let project = project(3);
    by_name(&project, true);
    let text = figures(3, 40).replacen("unit_code", "unit_code,Đơn vị", 1);
    let text =
        (0..3).fold(text, |text, number| text.replace(&code(number), &format!("{},Xã Số {number}", code(number))));
    project.write("figures.csv", &text);
    accepted(&project, DAY);
    project.write("figures.csv", &text.replace("X000001,Xã Số 1", "X000001,Xã Số 2"));
    held(
        &project,
        DAY,
        &["the code is that of Xã Số 1 (X000001), the name that of Xã Số 2 (X000002)", "figures.csv:4:2"],
    );
}

#[test]
fn bytes_that_are_no_text_hold_the_round_with_their_place() {
    let project = project(3);
    by_name(&project, false);
    let mut bytes = named(str::to_owned).into_bytes();
    let row = bytes.windows(3).position(|window| window == "Số".as_bytes().get(..3).unwrap_or_default()).unwrap();
    bytes[row + 1] = 0xf4;
    std::fs::write(project.path("figures.csv"), bytes).unwrap();
    held(&project, DAY, &["unreadable", "figures.csv:2:2", "is not UTF-8", "remedy: save the file as UTF-8"]);
}
