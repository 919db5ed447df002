//! What is taken from a table and what is refused.

use dondoc::catalog::{Catalog, Comparator, IndicatorKind, Kind, Pack, UnitId};
use dondoc::evaluation::{self, Standing};
use dondoc::observation::{self, Observations};
use dondoc::source::{Columns, Encoding, NumberFormat, Place, Settings};
use dondoc::words::Tongue;

use super::{as_of, asked, codes, fetched, fixture, indicator, read, read_all, target, total, unit};

#[test]
fn a_table_becomes_sums_per_unit_service_and_month() {
    let observations = read("good.csv");
    assert!(observations.doubts.is_empty() && observations.refusals.is_empty());
    assert_eq!(total(&observations, "07201", "received"), Some(100));
    assert_eq!(total(&observations, "07201", "received_online"), Some(30));
    assert_eq!(total(&observations, "07201", "services_online"), Some(2), "distinct services, not months");
    assert_eq!(total(&observations, "07201", "services_online_with_dossiers"), Some(1));
    assert!(observations.of(&UnitId::new("07318")).is_none(), "no row is not a row of zeros");
    let figures = observations.of(&UnitId::new("07201")).unwrap();
    let months: Vec<_> = figures.months().map(|(month, counts)| (month.to_string(), counts.get(0))).collect();
    assert_eq!(months, [("2022-09".to_owned(), Some(40)), ("2022-10".to_owned(), Some(60))]);
    let services: Vec<_> = figures.services().map(|(code, counts)| (code.to_string(), counts.get(0))).collect();
    assert_eq!(services, [("1.001".to_owned(), Some(100)), ("1.002".to_owned(), None)]);
}

#[test]
fn a_snapshot_says_which_bytes_and_how_many_rows() {
    let snapshot = read("good.csv").snapshots.remove(0);
    assert_eq!((snapshot.rows, snapshot.refused, snapshot.skipped, snapshot.repeated), (6, 0, 2, 0));
    assert_eq!(snapshot.newest.map(|month| month.to_string()).as_deref(), Some("2022-10"));
    assert_eq!(snapshot.totals[0], ("received".to_owned(), 200));
    assert_eq!(snapshot.sha256, "99cd76fe3d6041165629a6f523db1c113834d700a52dd141fcd6140dbdc209e4");
    assert_eq!(snapshot.id, read("good.csv").snapshots[0].id, "the same bytes are the same snapshot");
    let renamed = Settings { name: "other".into(), ..fixture("good.csv") };
    assert_ne!(snapshot.id, read_all(&[renamed]).unwrap().snapshots[0].id);
}

#[test]
fn byte_order_mark_line_ends_decomposed_names_and_semicolons_do_not_matter() {
    let mut settings = fixture("semicolon_bom_crlf_nfd.csv");
    settings.place = match settings.place {
        Place::Csv { path, .. } => Place::Csv { path, delimiter: b';', encoding: Encoding::Utf8, max_rows: None },
        other => other,
    };
    settings.columns = Columns {
        period: "Kỳ".into(),
        unit_code: String::new(),
        unit_name: "Đơn vị".into(),
        service_code: "Thủ tục".into(),
        measures: vec![("received".into(), "Tiếp nhận".into()), ("received_online".into(), "Trực tuyến".into())],
        numbers: NumberFormat::Plain,
    };
    let observations = read_all(&[settings]).unwrap();
    assert_eq!(observations.refusals, vec![]);
    assert_eq!(observations.snapshots[0].rows, 3, "blank lines are no rows");
    assert_eq!(total(&observations, "07201", "received"), Some(120));
    assert_eq!(total(&observations, "SCT", "received_online"), Some(50));
    let figures = observations.of(&UnitId::new("07201")).unwrap();
    assert_eq!(figures.services().last().and_then(|(_, counts)| counts.get(0)), None, "n/a is not zero");
}

/// What is said of refused rows; every reason is known in Vietnamese too.
fn told(observations: &Observations) -> Vec<String> {
    for refusal in &observations.refusals {
        assert!(!Tongue::Vietnamese.retold(&refusal.reason).is_english, "{refusal}");
    }
    observations.refusals.iter().map(ToString::to_string).collect()
}

#[test]
fn every_refused_row_names_file_line_column_and_remedy() {
    let observations = read("refused.csv");
    let said = told(&observations);
    insta::assert_snapshot!(said.join("\n"), @r#"
    tests/it/fixtures/figures/refused.csv:3:4: `received` is `1.234`: a point in a count: thousands or a fraction?
      remedy: set `number_format = "point_thousands"` in [source.columns] if `1.234` means 1234, else correct the cell
    tests/it/fixtures/figures/refused.csv:4:5: `received_online` is `11`: more than `received`, which is 10
      remedy: correct the two cells: a part cannot exceed its whole
    tests/it/fixtures/figures/refused.csv:6:2: `unit_code` is `99999`: no unit has the code `99999`
      remedy: say whom it means with `dondoc catalog resolve`, or correct the code
    tests/it/fixtures/figures/refused.csv:7:1: `period` is `10/2022`: neither a month nor a date
      remedy: write the month as `2022-10` or the date as `2022-10-31`
    tests/it/fixtures/figures/refused.csv:8:5: `received_online` is ``: not reported, but `received` is
      remedy: report both counts or neither; none is 0, not empty
    tests/it/fixtures/figures/refused.csv:9:6: `services_online` is `2`: a service either counts or not: 0 or 1
      remedy: write 1 if the service is counted, else 0
    tests/it/fixtures/figures/refused.csv:10:5: `received_online` is `5`: the row has 5 cells, the header 7
      remedy: export the row again; look for a missing cell, quotation mark or delimiter
    tests/it/fixtures/figures/refused.csv:11:5: `received_online` is `12,5`: a fraction, not a whole number
      remedy: correct the cell, or `number_format` in [source.columns] if thousands are written so
    tests/it/fixtures/figures/refused.csv:13:2: `unit_code` is `24`: figures of the whole province are not taken: they are the sum of its units
      remedy: leave the total row out of the source
    "#);
    let snapshot = &observations.snapshots[0];
    assert_eq!((snapshot.rows, snapshot.refused), (11, 9));
    assert_eq!(total(&observations, "07201", "received"), Some(20), "a refused row counts nothing at all");
    assert_eq!(total(&observations, "07201", "services_online"), Some(2));
    insta::assert_snapshot!(observations.doubts[0].to_string(), @r#"
    source `province`: 9 of 11 rows were refused (81.81 %, at most 2 % may be); the first stand in tests/it/fixtures/figures/refused.csv at 3:4, 4:5, 6:2, 7:1, 8:5
      remedy: correct these cells in the source, or its [source.columns], and pull again
    "#);
    assert_eq!(codes(&observations), ["refused_rows"]);
}

#[test]
fn months_among_dates_are_refused_because_they_would_count_twice() {
    let observations = read("mixed_periods.csv");
    assert_eq!(total(&observations, "07201", "received"), Some(20), "two days; the third is a repetition");
    assert_eq!((observations.snapshots[0].repeated, observations.snapshots[0].refused), (1, 1));
    insta::assert_snapshot!(observations.refusals[0].to_string(), @r#"
    tests/it/fixtures/figures/mixed_periods.csv:4:1: `period` is `2022-10`: a month among dates: the same dossiers could count twice
      remedy: keep months and dates in two sources, or write all periods alike
    "#);
}

#[test]
fn a_unit_is_never_guessed() {
    let mut settings = fixture("contradiction.csv");
    settings.columns.unit_name = "unit_name".into();
    settings.columns.measures.truncate(2);
    let observations = read_all(&[settings]).unwrap();
    let said = told(&observations);
    insta::assert_snapshot!(said.join("\n"), @r#"
    tests/it/fixtures/figures/contradiction.csv:2:2: `unit_code` is `07201`: the code is that of Xã Hiệp Hòa (07201), the name that of Sở Công Thương (SCT)
      remedy: correct the code or the name in the source
    tests/it/fixtures/figures/contradiction.csv:3:3: `unit_name` is `Xã Phúc Sơn`: `Xã Phúc Sơn` may be any of Xã Phúc Sơn (07318), Xã Phúc Sơn (07630)
      remedy: map the column with the unit's code, or add an alias in units.csv that only one has
    "#);
}

#[test]
fn twenty_thousand_units_are_read_and_judged() {
    use std::io::Write as _;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("large.csv");
    let mut file = std::io::BufWriter::new(std::fs::File::create(&path).unwrap());
    writeln!(file, "period,unit_code,service_code,received,received_online").unwrap();
    for month in 9..=10 {
        for number in 0..20_000 {
            writeln!(file, "2022-{month:02},C{number},1.001,10,{}", number % 10).unwrap();
        }
    }
    file.into_inner().unwrap();
    let units = (0..20_000).map(|number| unit(&format!("C{number}"), &format!("Xã {number}"), Kind::Commune));
    let pack = Pack {
        units: units.collect(),
        indicators: vec![indicator("online_filing", IndicatorKind::Flow, "received_online", "received")],
        targets: vec![target("online_filing", Comparator::AtLeast, 50)],
        ..Pack::default()
    };
    let catalog = Catalog::of(&pack, as_of(), as_of());
    let mut settings = Settings {
        place: Place::Csv { path, delimiter: b',', encoding: Encoding::Utf8, max_rows: None },
        ..fixture("good.csv")
    };
    settings.columns.measures.truncate(2);
    let observations = observation::read(&catalog, &fetched(&[settings]).unwrap(), &asked()).unwrap();
    let evaluations = evaluation::evaluate(&catalog, &observations, as_of());
    let below = evaluations.iter().filter(|evaluation| matches!(evaluation.standing, Standing::Below(_)));
    assert_eq!((evaluations.len(), below.count()), (20_000, 10_000));
    let total = evaluation::total(&catalog, &observations, as_of()).remove(0);
    assert_eq!(total.rate.map(|rate| (rate.numerator(), rate.denominator())), Some((180_000, 400_000)));
}

#[test]
fn a_file_with_more_rows_than_it_may_have_is_read_no_further() {
    let mut settings = fixture("good.csv");
    for (most, said) in [(6, None), (5, Some("good.csv:7: the file has more than 5 rows"))] {
        let Place::Csv { max_rows, .. } = &mut settings.place else { panic!("a CSV source") };
        *max_rows = Some(most);
        let error = read_all(std::slice::from_ref(&settings)).err().map(|error| error.to_string());
        assert_eq!(error.is_some(), said.is_some(), "{error:?}");
        assert!(error.is_none_or(|error| error.contains(said.unwrap()) && error.contains("`max_rows` of the source")));
    }
}
