//! Several threads find what one finds, blemish or not.

use std::fmt::Write as _;

use chrono::{DateTime, NaiveDate};
use proptest::prelude::*;

use super::read::read_by;
use super::{Asked, Observations};
use crate::catalog::{
    Catalog, Definition, Indicator, IndicatorId, IndicatorKind, Kind, Measure, Pack, Succession, SuccessionKind, Unit,
    UnitId, Validity,
};
use crate::source::{Columns, Encoding, Fetched, NumberFormat, Place, Settings, Tools, fetch_all};

/// Whether the units stay the same.
#[derive(Debug, Clone, Copy)]
enum Directory {
    Same,
    Merged(NaiveDate),
}

fn catalog(directory: Directory) -> Catalog {
    let unit = |(code, name, kind): (&str, &str, Kind)| Unit {
        id: UnitId::new(code),
        code: code.to_owned(),
        name: name.to_owned(),
        kind,
        parent: None,
        aliases: Vec::new(),
        valid: Validity::default(),
    };
    let indicator = |id: &str, numerator: &str, denominator: &str, kind| Indicator {
        id: IndicatorId::new(id),
        name: id.to_owned(),
        short_name: id.to_owned(),
        kind,
        numerator: Measure::new(numerator),
        denominator: Measure::new(denominator),
        minimum_volume: 0,
        counted: "hồ sơ".to_owned(),
        remind_instruction: false,
        causes: Vec::new(),
        definition: Definition::default(),
    };
    let units = [
        ("24", "Tỉnh Mẫu", Kind::Province),
        ("07201", "Phường Thọ Xương", Kind::Ward),
        ("07204", "Xã Hòa Sơn", Kind::Commune),
        ("SCT", "Sở Công Thương", Kind::Department),
    ];
    let mut units: Vec<Unit> = units.into_iter().map(unit).collect();
    let mut successions = Vec::new();
    if let Directory::Merged(merged) = directory {
        // The commune goes into the ward, its code to a new commune.
        let (mut old, mut new) = (units.remove(2), unit(("07204", "Xã Hòa Sơn Mới", Kind::Commune)));
        old.valid.to = merged.pred_opt();
        new.id = UnitId::new("07204-new");
        new.valid.from = Some(merged);
        successions.push(Succession {
            predecessor: old.id.clone(),
            successor: UnitId::new("07201"),
            date: merged,
            kind: SuccessionKind::Merge,
        });
        units.extend([old, new]);
    }
    let pack = Pack {
        units,
        successions,
        indicators: vec![
            indicator("online_filing", "online", "received", IndicatorKind::Flow),
            indicator("active_services", "active", "offered", IndicatorKind::Coverage),
        ],
        ..Pack::default()
    };
    Catalog::of(&pack, day(), day())
}

fn day() -> NaiveDate {
    NaiveDate::from_ymd_opt(2022, 10, 31).expect("a day")
}

fn fetched(text: &str) -> (tempfile::NamedTempFile, Vec<Fetched>) {
    let file = tempfile::NamedTempFile::new().expect("a temporary file");
    std::fs::write(file.path(), text).expect("a written file");
    let measures = ["received", "online", "offered", "active"].map(|name| (name.to_owned(), name.to_owned()));
    let settings = Settings {
        name: "test".into(),
        place: Place::Csv {
            path: file.path().to_owned(),
            delimiter: b',',
            encoding: Encoding::Utf8,
            max_rows: Some(600),
        },
        columns: Columns {
            period: "period".into(),
            unit_code: "code".into(),
            unit_name: "name".into(),
            service_code: "service".into(),
            measures: measures.to_vec(),
            numbers: NumberFormat::PointThousands,
        },
        fresh_for_days: 45,
    };
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let fetched = runtime.block_on(fetch_all(&[settings], day(), &Tools { program: "dondoc".into() })).expect("a file");
    (file, fetched)
}

/// Everything that a round takes from the observations.
fn told(observations: &Observations) -> String {
    let mut told = format!("{:?}\n{:?}\n{:?}\n", observations.snapshots, observations.refusals, observations.doubts);
    let _ = writeln!(told, "{:?}\n{:?}", observations.strangers(), observations.inherited);
    for unit in ["07201", "07204", "07204-new", "SCT"] {
        let Some(figures) = observations.of(&UnitId::new(unit)) else { continue };
        let _ = writeln!(told, "{unit} {:?}", (0..4).map(|measure| figures.total(measure)).collect::<Vec<_>>());
        let mut lines: Vec<String> = figures
            .services()
            .map(|(service, counts)| (service.to_string(), counts))
            .chain(figures.months().map(|(month, counts)| (month.to_string(), counts)))
            .map(|(name, counts)| format!("{name} {:?}", (0..4).map(|measure| counts.get(measure)).collect::<Vec<_>>()))
            .collect();
        lines.sort();
        told.push_str(&lines.join("\n"));
    }
    told
}

fn read(directory: Directory, text: &str, threads: u64) -> Result<String, String> {
    let (file, sources) = fetched(text);
    let pulled_at = DateTime::from_timestamp_millis(0).expect("an instant");
    let asked = Asked {
        as_of: day(),
        until: day(),
        pulled_at,
        max_refused_percent: 50,
        identities: Vec::new(),
        reconcile: Vec::new(),
    };
    let observations = read_by(&catalog(directory), &sources, &asked, (threads, 0));
    let told = observations.map(|observations| told(&observations)).map_err(|error| format!("{error:?}"));
    let hide = |said: String| said.replace(&file.path().display().to_string(), "FILE");
    told.map(hide).map_err(hide)
}

fn same(text: &str) -> Result<(), TestCaseError> {
    let merged =
        ["2022-01-01", "2022-04-11", "2022-10-31"].map(|merged| Directory::Merged(merged.parse().expect("a day")));
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
        let mut text = format!("period,code,name,service,received,online,offered,active\n{}", rows.concat());
        text.truncate(text.len() - if text.ends_with('\n') { cut.min(1) } else { 0 });
        same(&text)?;
    }

    #[test]
    fn several_threads_count_a_clean_table_like_one(units in 1..4_usize, services in 1..30_u32, months in 1..10_u32) {
        let mut text = "period,code,name,service,received,online,offered,active\n".to_owned();
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
