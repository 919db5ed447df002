//! From a table in a file to stored judgements.

use std::path::PathBuf;

use chrono::{DateTime, NaiveDate};
use dondoc::catalog::{
    BasisPoints, Catalog, Comparator, Definition, Demand, Indicator, IndicatorId, IndicatorKind, Kind, LegalBasis,
    Measure, Pack, Scope, Target, TargetId, Unit, UnitId, Validity,
};
use dondoc::observation::{self, Asked, Observations};
use dondoc::source::{self, Columns, Encoding, FetchError, Fetched, NumberFormat, Place, Settings, Tools};

mod definitions;
mod encodings;
mod gate;
mod merger;
mod reading;
mod reconcile;
mod sheets;
mod stored;

fn unit(code: &str, name: &str, kind: Kind) -> Unit {
    Unit {
        id: UnitId::new(code),
        code: code.into(),
        name: name.into(),
        kind,
        parent: None,
        aliases: Vec::new(),
        valid: Validity::default(),
    }
}

fn indicator(id: &str, kind: IndicatorKind, numerator: &str, denominator: &str) -> Indicator {
    Indicator {
        id: IndicatorId::new(id),
        definition: Definition::default(),
        name: id.into(),
        short_name: id.into(),
        kind,
        numerator: Measure::new(numerator),
        denominator: Measure::new(denominator),
        minimum_volume: 1,
        counted: "hồ sơ".into(),
        remind_instruction: false,
        causes: Vec::new(),
    }
}

fn target(indicator: &str, comparator: Comparator, percent: u32) -> Target {
    Target {
        id: TargetId::new(indicator),
        indicator: IndicatorId::new(indicator),
        version: String::new(),
        name: indicator.into(),
        demand: Demand::Target,
        scope: Scope::All,
        comparator,
        value: BasisPoints(percent * 100),
        from_month: 1,
        pro_rated: false,
        valid: Validity::default(),
        basis: LegalBasis { number: "1780/KH".into(), date: Some(as_of()), issuer: "UBND".into() },
    }
}

fn as_of() -> NaiveDate {
    NaiveDate::from_ymd_opt(2022, 10, 31).expect("a date")
}

pub(crate) fn catalog() -> Catalog {
    let pack = Pack {
        units: vec![
            unit("24", "Tỉnh Bắc Giang", Kind::Province),
            unit("SCT", "Sở Công Thương", Kind::Department),
            unit("07201", "Xã Hiệp Hòa", Kind::Commune),
            unit("07318", "Xã Phúc Sơn", Kind::Commune),
            unit("07630", "Xã Phúc Sơn", Kind::Commune),
        ],
        indicators: vec![
            indicator("online_filing", IndicatorKind::Flow, "received_online", "received"),
            indicator("active_services", IndicatorKind::Coverage, "services_online_with_dossiers", "services_online"),
        ],
        targets: vec![
            target("online_filing", Comparator::AtLeast, 50),
            target("active_services", Comparator::MoreThan, 50),
        ],
        ..Pack::default()
    };
    Catalog::of(&pack, as_of(), as_of())
}

fn fixture(file: &str) -> Settings {
    let measure = |name: &str| (name.to_owned(), name.to_owned());
    Settings {
        name: "province".into(),
        place: Place::Csv {
            path: PathBuf::from("tests/it/fixtures/figures").join(file),
            delimiter: b',',
            encoding: Encoding::Utf8,
            max_rows: None,
        },
        columns: Columns {
            period: "period".into(),
            unit_code: "unit_code".into(),
            unit_name: String::new(),
            service_code: "service_code".into(),
            measures: ["received", "received_online", "services_online", "services_online_with_dossiers"]
                .map(measure)
                .into(),
            numbers: NumberFormat::Plain,
        },
        fresh_for_days: 45,
    }
}

fn asked() -> Asked {
    Asked {
        as_of: as_of(),
        until: as_of(),
        pulled_at: DateTime::from_timestamp_millis(1_667_200_000_000).expect("an instant"),
        max_refused_percent: 2,
        identities: observation::Identity::usual(),
        reconcile: Vec::new(),
    }
}

/// Fetches on a thread of its own, so that tests may wait for it inside and outside of a runtime.
fn fetched(settings: &[Settings]) -> Result<Vec<Fetched>, FetchError> {
    let tools = Tools { program: env!("CARGO_BIN_EXE_dondoc").into(), today: as_of() };
    let fetch = || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(source::fetch_all(settings, as_of(), &tools))
    };
    std::thread::scope(|scope| scope.spawn(fetch).join().expect("no panic"))
}

fn read_all(settings: &[Settings]) -> Result<Observations, FetchError> {
    observation::read(&catalog(), &fetched(settings)?, &asked())
}

pub fn read(file: &str) -> Observations {
    read_all(&[fixture(file)]).expect("a readable table")
}

fn error(file: &str) -> String {
    read_all(&[fixture(file)]).expect_err("an unreadable table").to_string()
}

fn total(observations: &Observations, unit: &str, measure: &str) -> Option<u64> {
    observations.of(&UnitId::new(unit))?.total(observations.measure(&Measure::new(measure))?)
}

fn codes(observations: &Observations) -> Vec<&str> {
    observations.doubts.iter().map(|doubt| doubt.code).collect()
}
