//! How long a large table takes; run with `cargo test --release --test it speed -- --ignored --nocapture`.

use std::io::Write as _;
use std::time::{Duration, Instant};

use dondoc::catalog::{Catalog, Comparator, IndicatorKind, Kind, Pack};
use dondoc::source::{self, Place, Settings};
use dondoc::{evaluation, observation};

use super::{as_of, asked, fixture, indicator, target, unit};

#[test]
#[ignore = "timing means something only in an optimised build on a quiet machine"]
fn a_million_rows_are_read_and_judged_within_a_second() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("large.csv");
    let mut file = std::io::BufWriter::new(std::fs::File::create(&path).unwrap());
    writeln!(
        file,
        "period,unit_code,service_code,received,received_online,services_online,services_online_with_dossiers"
    )
    .unwrap();
    for row in 0..1_000_000 {
        let (month, unit, service) = (row / 100_000 + 1, row / 200 % 500, row % 200);
        writeln!(file, "2022-{month:02},C{unit:04},2.{service:06},140,{},1,1", row % 141).unwrap();
    }
    file.into_inner().unwrap();
    let pack = Pack {
        units: (0..500).map(|n| unit(&format!("C{n:04}"), &format!("Xã {n}"), Kind::Commune)).collect(),
        indicators: vec![indicator("online_filing", IndicatorKind::Flow, "received_online", "received")],
        targets: vec![target("online_filing", Comparator::AtLeast, 50)],
        ..Pack::default()
    };
    let catalog = Catalog::of(&pack, as_of(), as_of());
    let settings = Settings { place: Place::Csv { path, delimiter: b',' }, ..fixture("good.csv") };
    let started = Instant::now();
    let tables = vec![(source::open(&settings).unwrap(), &settings)];
    let observations = observation::read(&catalog, tables, &asked()).unwrap();
    let evaluations = evaluation::evaluate(&catalog, &observations, as_of());
    let took = started.elapsed();
    assert_eq!((observations.snapshots[0].rows, evaluations.len()), (1_000_000, 500));
    println!("a million rows: {took:?}");
    assert!(took < Duration::from_secs(1), "{took:?}");
}
