//! What makes a table, or all of them together, too doubtful to act on.

use dondoc::observation::{self, Asked};
use dondoc::source::{Encoding, FetchError, Place, Settings};

use super::{asked, catalog, codes, error, fetched, fixture, read, read_all, total};

#[test]
fn the_share_of_refused_rows_decides_and_equality_is_let_through() {
    let settings = fixture("refused.csv");
    for (percent, held) in [(81, true), (82, false)] {
        let sources = fetched(std::slice::from_ref(&settings)).unwrap();
        let asked = Asked { max_refused_percent: percent, ..asked() };
        let observations = observation::read(&catalog(), &sources, &asked).unwrap();
        assert_eq!(!observations.doubts.is_empty(), held, "9 of 11 rows at {percent} %");
    }
}

#[test]
fn equal_rows_count_once_and_conflicting_ones_are_a_doubt_that_names_both_lines() {
    let observations = read("duplicates.csv");
    assert_eq!(total(&observations, "07201", "received"), Some(30));
    assert_eq!(observations.snapshots[0].repeated, 1);
    insta::assert_snapshot!(observations.doubts[0].to_string(), @r#"
    source `province`: rows about the same period, unit and service differ: tests/it/fixtures/figures/duplicates.csv:3 and tests/it/fixtures/figures/duplicates.csv:6
      remedy: delete the wrong row of each pair in the source
    "#);
    let observations = read("repeated.csv");
    assert_eq!((observations.snapshots[0].repeated, codes(&observations)), (2, vec![]));
    assert_eq!(total(&observations, "07201", "received"), Some(10));
}

#[test]
fn a_table_without_a_good_row_or_without_a_fresh_one_is_a_doubt() {
    insta::assert_snapshot!(read("header_only.csv").doubts[0].to_string(), @r#"
    source `province`: tests/it/fixtures/figures/header_only.csv has no good row from 1 January to 2022-10-31 (0 data rows, 0 refused, 0 of other periods)
      remedy: export the figures of this year again and check the period column
    "#);
    insta::assert_snapshot!(read("stale.csv").doubts[0].to_string(), @r#"
    source `province`: the newest month is 2022-07, which ended 92 days before 2022-10-31; at most 45 are allowed
      remedy: export newer figures, or raise `fresh_for` of the source
    "#);
    let mut settings = fixture("stale.csv");
    settings.fresh_for_days = 92;
    assert_eq!(codes(&read_all(&[settings]).unwrap()), Vec::<&str>::new());
}

#[test]
fn a_subtotal_beside_its_services_is_a_doubt() {
    insta::assert_snapshot!(read("subtotal.csv").doubts[0].to_string(), @r#"
    unit 07201 has rows with and rows without a service code (1 such units): a subtotal would count twice
      remedy: leave the subtotal rows out of the source, or give every row its service code
    "#);
}

#[test]
fn two_sources_that_give_the_same_figure_are_a_doubt_and_count_once() {
    let other = Settings { name: "portal".into(), ..fixture("good.csv") };
    let observations = read_all(&[fixture("good.csv"), other]).unwrap();
    assert_eq!(total(&observations, "07201", "received"), Some(100));
    insta::assert_snapshot!(observations.doubts[0].to_string(), @r#"
    sources `province` and `portal` both give `received` of the same unit and month (14 cells in all)
      remedy: map each measure of a unit in one source only
    "#);
}

#[test]
fn two_sources_with_different_measures_complete_each_other() {
    let mut filed = fixture("good.csv");
    filed.columns.measures.truncate(2);
    let mut active = Settings { name: "portal".into(), ..fixture("good.csv") };
    active.columns.measures.drain(..2);
    let observations = read_all(&[filed, active]).unwrap();
    assert_eq!(codes(&observations), Vec::<&str>::new());
    assert_eq!(total(&observations, "07201", "received"), Some(100));
    assert_eq!(total(&observations, "07201", "services_online"), Some(2));
}

#[test]
fn a_table_that_cannot_be_read_says_where_and_what_to_do() {
    let files = [
        "missing_column.csv",
        "wrong_delimiter.csv",
        "twice.csv",
        "empty.csv",
        "windows_1258.csv",
        "workbook.csv",
        "absent.csv",
    ];
    insta::assert_snapshot!(files.map(error).join("\n"), @r#"
    source `province`: tests/it/fixtures/figures/missing_column.csv:1: no column `received_online`; the header has `period`, `unit_code`, `service_code`, `received`, `received_onlin`, `services_online`, `services_online_with_dossiers`
      remedy: set `received_online = "received_onlin"` in [source.columns.measures] if that is the column
    source `province`: tests/it/fixtures/figures/wrong_delimiter.csv:1: no column `period`; the header has `period;unit_code;service_code;received;received_online;services_online;services_online_with_dossiers`
      remedy: set `delimiter = ";"` of [[source]] `province`
    source `province`: tests/it/fixtures/figures/twice.csv:1: column `received` stands twice, as column 4 and 6
      remedy: give each column its own header
    source `province`: tests/it/fixtures/figures/empty.csv:1: the file is empty
      remedy: export it again; a table has at least its header
    source `province`: tests/it/fixtures/figures/windows_1258.csv:3:2: this cell is not UTF-8
      remedy: save the file as UTF-8 (in Excel: "CSV UTF-8")
    source `province`: tests/it/fixtures/figures/workbook.csv:1: the file is an Excel workbook, not CSV
      remedy: save the file as UTF-8 (in Excel: "CSV UTF-8")
    source `province`: cannot read `tests/it/fixtures/figures/absent.csv`
    "#);
    let absent = read_all(&[fixture("absent.csv")]).unwrap_err();
    assert!(matches!(absent, FetchError::Unreachable { .. }), "a file may come later");
}

#[test]
fn a_quotation_mark_that_stays_open_does_not_swallow_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("open.csv");
    let mut text = std::fs::read_to_string("tests/it/fixtures/figures/header_only.csv").unwrap();
    text.push_str("2022-10,07201,\"1.001,10,5,1,1\n");
    while text.len() < 6 << 20 {
        text.push_str("2022-10,07201,1.001,10,5,1,1\n");
    }
    std::fs::write(&path, text).unwrap();
    let settings = Settings {
        place: Place::Csv { path: path.clone(), delimiter: b',', encoding: Encoding::Utf8, max_rows: None },
        ..fixture("good.csv")
    };
    let said = read_all(&[settings]).unwrap_err().to_string();
    assert!(said.contains(&format!("{}:2: no row comes to an end", path.display())), "{said}");
    assert!(said.contains("remedy: close the quotation mark"), "{said}");
}
