//! Several threads find what one finds, blemish or not.

use std::fmt::Write as _;

use proptest::prelude::*;

use super::properties::sample::{Directory, File, Form, HEADER, catalog, told};
use crate::source::{Encoding, NumberFormat};

fn read(directory: Directory, text: &str, threads: u64) -> Result<String, String> {
    let form =
        Form { delimiter: b',', encoding: Encoding::Utf8, numbers: NumberFormat::PointThousands, max_rows: Some(600) };
    let file = File::new(text.as_bytes(), form).expect("a written file");
    let observations = file.read(&catalog(directory), threads);
    let told = observations.map(|observations| told(&observations)).map_err(|error| format!("{error:?}"));
    let hide = |said: String| said.replace(&file.path().display().to_string(), "FILE");
    told.map(hide).map_err(hide)
}

fn same(text: &str) -> Result<(), TestCaseError> {
    let merged = [(1, 1), (4, 11), (10, 31)].map(|(month, day)| Directory::Merged(month, day));
    for directory in merged.into_iter().chain([Directory::Same]) {
        let alone = read(directory, text, 1);
        for threads in [2, 3, 5] {
            let several = read(directory, text, threads);
            prop_assert_eq!(&several, &alone, "{} threads, {:?}\n{}", threads, directory, text);
        }
    }
    Ok(())
}

fn cell(clean: &'static [&'static str], odd: &'static [&'static str]) -> impl Strategy<Value = &'static str> {
    prop_oneof![97 => prop::sample::select(clean), 3 => prop::sample::select(odd)]
}

fn row() -> impl Strategy<Value = String> {
    let period = cell(&["2022-01", "2022-02", "2022-10", "2021-12", "2022-11"], &["2022-10-05", "", "10/2022"]);
    let unit = cell(
        &["07201,", "07204,Xã Hoà Sơn", ",Sở Công Thương", "SCT,"],
        &["99999,", ",", "24,", "07201,Sở Công Thương", "\"07201\",", "07201,a,b"],
    );
    let service = prop::sample::select(vec!["1.001", "1.002", "1.003", " 1.004", ""]);
    let counts = cell(
        &["10,5,1,1", "7,7,1,0", "1.234,1.000,0,0", ",,1,1", "-,n/a,1,0", "70000,65535,1,1", " 8,2 ,1,1"],
        &["5,10,1,1", "1.23,1,1,1", "9,,1,1", "3,1,2,1", "99999999999,5,1,1", "x,1,1,1", "1,1,1"],
    );
    let end = cell(&["\n"], &["\r\n", "\n\n", " \n"]);
    (period, unit, service, counts, end)
        .prop_map(|(period, unit, service, counts, end)| format!("{period},{unit},{service},{counts}{end}"))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn several_threads_find_what_one_finds(rows in prop::collection::vec(row(), 0..60), cut in 0..3_usize) {
        let mut text = format!("{HEADER}{}", rows.concat());
        text.truncate(text.len() - if text.ends_with('\n') { cut.min(1) } else { 0 });
        same(&text)?;
    }

    #[test]
    fn several_threads_count_a_clean_table_like_one(units in 1..4_usize, services in 1..30_u32, months in 1..10_u32) {
        let mut text = HEADER.to_owned();
        for unit in ["07201", "07204", "SCT"].into_iter().take(units) {
            for service in 0..services {
                for month in 1..=months {
                    let received = service * 7_919 + month;
                    let _ = writeln!(text, "2022-{month:02},{unit},,1.{service:03},{received},{},1,1", received / 2);
                }
            }
        }
        same(&text)?;
    }
}
