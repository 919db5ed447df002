//! How counts are written (P23): each spelling is taken or refused by a written rule, with row and column.

use dondoc::words::Tongue;

use super::{DAY, held, project};
use crate::support::project::figures;

/// A cell, and what is said of it; nothing where it is taken.
const CELLS: &[(&str, Option<&str>)] = &[
    ("100", None),
    ("00100", None),
    (" 100 ", None),
    ("\u{a0}100", None),
    ("NaN", Some("not a number")),
    ("Infinity", Some("not a number")),
    ("-inf", Some("a count cannot be negative")),
    ("-100", Some("a count cannot be negative")),
    ("\u{2212}100", Some("a count cannot be negative")),
    ("1234567890123456789012345678901", Some("more than 15 digits is no count of dossiers")),
    ("1000000000000000", Some("more than 15 digits is no count of dossiers")),
    ("\"12,5\"", Some("a fraction, not a whole number")),
    ("1.234", Some("a point in a count: thousands or a fraction?")),
    ("\"1,234\"", Some("a comma in a count: thousands or a fraction?")),
    ("\"2,37%\"", Some("a percentage, not a count")),
    ("2.37 %", Some("a percentage, not a count")),
    ("n/a", Some("not reported, but `received_online` is")),
    ("", Some("not reported, but `received_online` is")),
    ("-", Some("not reported, but `received_online` is")),
    ("12.0", Some("a fraction, not a whole number")),
    ("1e3", Some("a number with an exponent")),
    ("0x64", Some("not a number")),
    ("１００", Some("not a number")),
    ("0/0", Some("not a number")),
    ("=100", Some("not a number")),
    ("10", Some("more than `received`, which is 10")),
];

#[test]
fn every_spelling_of_a_count_is_taken_or_refused_with_its_row_and_column() {
    let project = project(3);
    for (cell, refused) in CELLS {
        let row = "2022-10,X000001,1.000001,100,20,";
        project.write("figures.csv", &figures(3, 40).replacen(row, &format!("2022-10,X000001,1.000001,{cell},20,"), 1));
        let done = project.run(&["pull", "--as-of", DAY, "--format", "json"]);
        let pulled = done.json();
        let refusals = pulled["refusals"].as_array().expect("a list");
        let Some(reason) = refused else {
            assert_eq!((done.code, refusals.len()), (0, 0), "{cell:?}: {pulled}");
            assert_eq!(pulled["snapshots"][0]["totals"]["received"], 600, "{cell:?}");
            continue;
        };
        assert_eq!((done.code, refusals.len()), (4, 1), "{cell:?}: {pulled}");
        let (message, place) = (refusals[0]["message"].as_str().unwrap(), &refusals[0]["where"]);
        assert!(message.contains(reason), "{cell:?}: {message}");
        assert!(!Tongue::Vietnamese.retold(reason).is_english, "{reason}");
        // What contradicts another cell is told at the cell that is wrong.
        let column = if reason.starts_with("more than `received`") { 5 } else { 4 };
        assert_eq!((&place["line"], &place["column"]), (&4.into(), &column.into()), "{cell:?}");
        assert!(refusals[0]["hint"].as_str().is_some_and(|hint| !hint.is_empty()), "{cell:?}");
        assert_eq!(pulled["doubts"][0]["code"], "refused_rows", "one of six rows is more than 2 %");
    }
}

#[test]
fn refused_rows_beyond_the_limit_remind_nobody() {
    let project = project(3);
    project.edit("figures.csv", "2022-10,X000001,1.000001,100,", "2022-10,X000001,1.000001,12.0,");
    held(&project, DAY, &["figures.csv:4:4 (received)", "`12.0`", "a fraction, not a whole number", "16.66 %"]);
}

#[test]
fn a_thousands_separator_counts_only_where_the_mapping_names_it() {
    let project = project(3);
    let columns = "[source.columns]\nnumber_format = \"point_thousands\"\n[[schedule]]";
    project.edit("config.toml", "[[schedule]]", columns);
    project.edit("figures.csv", "2022-10,X000001,1.000001,100,", "2022-10,X000001,1.000001,1.234,");
    let pulled = project.run(&["pull", "--as-of", DAY, "--format", "json"]).json();
    assert_eq!(pulled["snapshots"][0]["totals"]["received"], 1_734, "{pulled}");
}
