//! 1 July 2025: districts end, communes merge, codes are given to others. Figures of earlier months mean the units of
//! their time and count for those who took over.

use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use dondoc::catalog::{Catalog, Heir, Pack, UnitId, Unmatched};
use dondoc::evaluation;
use dondoc::observation::{self, Observations, Stray};
use dondoc::source::{Columns, Encoding, NumberFormat, Place, Settings};

use super::{asked, fetched, total};

fn folder() -> PathBuf {
    Path::new("tests/it/fixtures/merger").to_owned()
}

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a date")
}

fn catalog(as_of: &str) -> Catalog {
    let pack = Pack::read(&folder().join("pack")).unwrap_or_else(|error| panic!("{:#?}", error.problems));
    Catalog::of(&pack, day(as_of), day("2025-10-01"))
}

fn settings(path: PathBuf) -> Settings {
    let measure = |name: &str| (name.to_owned(), name.to_owned());
    let measures = ["received", "received_online", "services_online", "services_online_with_dossiers"];
    Settings {
        name: "province".into(),
        place: Place::Csv { path, delimiter: b',', encoding: Encoding::Utf8, max_rows: None },
        columns: Columns {
            period: "period".into(),
            unit_code: "unit_code".into(),
            unit_name: "unit_name".into(),
            service_code: "service_code".into(),
            measures: measures.map(measure).into(),
            numbers: NumberFormat::Plain,
        },
        fresh_for_days: 45,
    }
}

fn read_file(path: PathBuf, as_of: &str) -> Observations {
    let asked = observation::Asked { as_of: day(as_of), until: day(as_of), ..asked() };
    observation::read(&catalog(as_of), &fetched(&[settings(path)]).unwrap(), &asked).unwrap()
}

fn read(file: &str, as_of: &str) -> Observations {
    read_file(folder().join(file), as_of)
}

/// The figures above with one more line.
fn read_with(line: &str, as_of: &str) -> Observations {
    let text = std::fs::read_to_string(folder().join("after.csv")).unwrap();
    let file = tempfile::Builder::new().suffix(".csv").tempfile().unwrap();
    std::fs::write(file.path(), format!("{text}{line}\n")).unwrap();
    read_file(file.path().to_owned(), as_of)
}

fn online(observations: &Observations, unit: &str) -> Option<(u64, u64)> {
    Some((total(observations, unit, "received_online")?, total(observations, unit, "received")?))
}

#[test]
fn before_the_change_every_code_means_the_unit_of_its_time() {
    let observations = read("before.csv", "2025-06-30");
    assert_eq!(observations.refusals, vec![]);
    assert_eq!(online(&observations, "07210"), Some((40, 200)));
    assert_eq!(online(&observations, "07213"), Some((40, 200)));
    assert_eq!(online(&observations, "215"), Some((0, 500)));
    assert_eq!(observations.inherited, vec![]);
}

#[test]
fn counts_of_predecessors_are_added_to_the_successor_and_reused_codes_are_not_confused() {
    let observations = read("after.csv", "2025-07-31");
    assert_eq!((&observations.refusals, &observations.doubts), (&vec![], &vec![]));
    assert_eq!(online(&observations, "bn-07210"), Some((200, 530)), "two wards, the city and its own July");
    assert_eq!(online(&observations, "bn-07288"), Some((140, 200)), "the old 07291 too");
    assert_eq!(online(&observations, "bn-07291"), Some((8, 80)), "nothing of the old 07291");
    assert_eq!(online(&observations, "bn-07615"), Some((60, 100)));
    assert_eq!(online(&observations, "07663"), Some((50, 50)), "unchanged: one unit, two rows in the directory");
    for gone in ["07210", "07213", "07288", "07291", "07615", "213", "215"] {
        assert_eq!(online(&observations, gone), None, "{gone}");
    }
    let months = observations.of(&UnitId::new("bn-07210")).unwrap();
    let received = months.months().map(|(month, counts)| (month.number(), counts.get(0)));
    assert_eq!(received.collect::<Vec<_>>(), [(5, Some(100)), (6, Some(330)), (7, Some(100))]);
}

#[test]
fn coverage_is_not_added_and_that_is_said() {
    let observations = read("after.csv", "2025-07-31");
    let services = |unit: &str, measure: &str| total(&observations, unit, measure);
    assert_eq!(services("bn-07210", "services_online"), Some(1), "the same service of three units is one");
    assert_eq!(services("bn-07615", "services_online_with_dossiers"), Some(0), "only since July");
    let notes = observation::notes(&catalog("2025-07-31"), &observations);
    assert_eq!(
        notes,
        [
            "counts of 6 unit(s) that are no more were added to those who took over: \
             Phường Hoàng Văn Thụ (07210) → Phường Bắc Giang (07210); \
             Phường Trần Phú (07213) → Phường Bắc Giang (07210); \
             Thị trấn Phồn Xương (07288) → Xã Yên Thế (07288); Xã Ví Dụ Cũ (07291) → Xã Yên Thế (07288); \
             Thị trấn An Châu (07615) → Xã Sơn Động (07615); \
             Thành phố Bắc Giang (213) → Phường Bắc Giang (07210)",
            "of active_services only what the units report themselves is counted: services of several units cannot be added",
        ]
    );
}

#[test]
fn figures_of_a_divided_unit_wait_for_a_person_and_count_for_nobody() {
    let observations = read("after.csv", "2025-07-31");
    let [divided] = observations.strangers() else { panic!("{:?}", observations.strangers()) };
    assert_eq!((divided.code.as_str(), divided.why, divided.rows), ("215", Stray::Divided, 1));
    assert_eq!(divided.first, "tests/it/fixtures/merger/after.csv:10");
    assert_eq!(
        (observations.snapshots[0].refused, observations.snapshots[0].skipped),
        (0, 1),
        "no fault of the source"
    );
    let said = observation::unattributed(observations.strangers()).unwrap();
    assert!(said.contains("215 (divided, 1 rows") && said.contains("remedy: name the one unit"), "{said}");
    let catalog = catalog("2025-07-31");
    let heirs = vec![UnitId::new("bn-07288"), UnitId::new("bn-07291")];
    assert_eq!(catalog.heir(&UnitId::new("215")), Heir::Several(heirs));
    assert_eq!(catalog.heir(&UnitId::new("220")), Heir::Nobody);
    let all = evaluation::total(&catalog, &observations, day("2025-07-31")).remove(0).rate.unwrap();
    assert_eq!((all.numerator(), all.denominator()), (458, 960), "the 500 of the district are in no sum");
}

#[test]
fn old_names_end_with_their_units_and_the_kind_word_tells_a_commune_from_the_district_it_is_named_after() {
    let catalog = catalog("2025-07-31");
    let find = |name: &str, on: &str| catalog.find_on("", name, day(on)).cloned();
    assert_eq!(find("Huyện Yên Thế", "2025-06-30"), Ok(UnitId::new("215")));
    assert_eq!(find("Xã Yên Thế", "2025-06-30"), Err(Unmatched::Unknown));
    assert_eq!(find("Xã Yên Thế", "2025-07-31"), Ok(UnitId::new("bn-07288")));
    assert_eq!(find("Huyện Yên Thế", "2025-07-31"), Err(Unmatched::Unknown));
    assert_eq!(find("Phường Hoàng Văn Thụ", "2025-07-31"), Err(Unmatched::Unknown));
    assert_eq!(catalog.find_on("24", "", day("2025-06-30")).map(UnitId::as_str), Ok("24"));
    assert_eq!(catalog.find_on("24", "", day("2025-07-31")).map(UnitId::as_str), Ok("bn-24"));
}

#[test]
fn the_province_is_told_from_its_units_in_both_directories() {
    for (period, code) in [("2025-06", "24"), ("2025-07", "24")] {
        let observations = read_with(&format!("{period},{code},,1.001,9,9,1,1"), "2025-07-31");
        assert_eq!(observations.refusals.len(), 1, "{period}");
        assert!(observations.refusals[0].reason.starts_with("figures of the whole province"), "{period}");
    }
}

#[test]
fn earlier_months_under_todays_names_are_refused_where_a_code_went_to_somebody_else() {
    let harmless = read_with("2025-05,07288,Xã Yên Thế,1.001,9,9,1,1", "2025-07-31");
    assert_eq!(harmless.refusals, vec![], "the old 07288 went into today's");
    let observations = read_with("2025-05,07291,Xã Ví Dụ Mới,1.001,9,9,1,1", "2025-07-31");
    let said = observations.refusals[0].to_string();
    assert!(said.contains("the code is that of Xã Ví Dụ Cũ (07291), the name that of Xã Ví Dụ Mới (07291)"), "{said}");
    assert_eq!(observations.strangers().last().map(|stranger| stranger.why), Some(Stray::Contradiction));
}

#[test]
fn a_running_month_is_of_the_directory_of_the_day_that_is_asked_about() {
    let observations = read_with("2025-07-01,07210,Phường Bắc Giang,1.001,9,9,1,1", "2025-07-15");
    assert_eq!(observations.refusals.len(), 1, "a date among months");
    assert_eq!(online(&read("after.csv", "2025-07-15"), "bn-07210"), Some((200, 530)));
}

#[test]
fn nobody_is_written_to_at_a_unit_that_is_no_more() {
    let catalog = catalog("2025-06-30");
    let recipient = |unit: &str| catalog.recipient_of(&UnitId::new(unit)).map(|recipient| recipient.title.as_str());
    for (unit, title) in [
        ("07210", Some("Chủ tịch UBND phường Bắc Giang")),
        ("07213", Some("Chủ tịch UBND phường Bắc Giang")),
        ("213", Some("Chủ tịch UBND phường Bắc Giang")),
        ("07291", Some("Chủ tịch UBND xã Yên Thế")),
        ("07663", Some("Chủ tịch UBND xã Tuấn Đạo")),
        ("215", None),
        ("220", None),
    ] {
        assert_eq!(recipient(unit), title, "{unit}, in October");
    }
}
