//! A small province, and tables about it read by one thread or by several.

use std::fmt::Write as _;
use std::io;
use std::path::Path;
use std::sync::LazyLock;

use chrono::{DateTime, NaiveDate};
use tokio::runtime::{Builder, Runtime};

use crate::catalog::{
    Catalog, Definition, Indicator, IndicatorId, IndicatorKind, Kind, Measure, Pack, Succession, SuccessionKind, Unit,
    UnitId, Validity,
};
use crate::observation::read::read_by;
use crate::observation::{Asked, Observations};
use crate::source::{Columns, Encoding, FetchError, Fetched, NumberFormat, Place, Settings, Tools, fetch_all};

/// The header of the tables.
pub(in crate::observation) const HEADER: &str = "period,code,name,service,received,online,offered,active\n";
/// Every unit that may have figures.
pub(in crate::observation) const UNITS: [&str; 4] = ["07201", "07204", "07204-new", "SCT"];

/// Reads the files of all tables.
static RUNTIME: LazyLock<io::Result<Runtime>> = LazyLock::new(|| Builder::new_current_thread().build());

/// Whether the units stay the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::observation) enum Directory {
    Same,
    /// On this month and day of 2022.
    Merged(u32, u32),
}

/// How a table is written.
#[derive(Debug, Clone, Copy)]
pub(in crate::observation) struct Form {
    pub(in crate::observation) delimiter: u8,
    pub(in crate::observation) encoding: Encoding,
    pub(in crate::observation) numbers: NumberFormat,
    pub(in crate::observation) max_rows: Option<u64>,
}

/// A file that lies for as long as it is read, and how it is written.
#[derive(Debug)]
pub(in crate::observation) struct File {
    file: tempfile::NamedTempFile,
    form: Form,
}

impl File {
    pub(in crate::observation) fn new(bytes: &[u8], form: Form) -> io::Result<Self> {
        let file = tempfile::NamedTempFile::new()?;
        std::fs::write(file.path(), bytes)?;
        Ok(Self { file, form })
    }

    pub(in crate::observation) fn path(&self) -> &Path {
        self.file.path()
    }

    /// What a round finds in it, read by so many threads.
    pub(in crate::observation) fn read(&self, catalog: &Catalog, threads: u64) -> Result<Observations, FetchError> {
        let asked = Asked {
            as_of: day(),
            until: day(),
            pulled_at: DateTime::UNIX_EPOCH,
            max_refused_percent: 50,
            identities: Vec::new(),
            reconcile: Vec::new(),
        };
        read_by(catalog, &self.fetched()?, &asked, (threads, 0))
    }

    fn fetched(&self) -> Result<Vec<Fetched>, FetchError> {
        let measures = ["received", "online", "offered", "active"].map(|name| (name.to_owned(), name.to_owned()));
        let Form { delimiter, encoding, numbers, max_rows } = self.form;
        let settings = Settings {
            name: "test".into(),
            place: Place::Csv { path: self.path().to_owned(), delimiter, encoding, max_rows },
            columns: Columns {
                period: "period".into(),
                unit_code: "code".into(),
                unit_name: "name".into(),
                service_code: "service".into(),
                measures: measures.to_vec(),
                numbers,
            },
            fresh_for_days: 45,
        };
        let tools = Tools { program: "dondoc".into(), today: day() };
        match &*RUNTIME {
            Ok(runtime) => runtime.block_on(fetch_all(&[settings], day(), &tools)),
            Err(error) => unreachable!("no runtime: {error}"),
        }
    }
}

pub(in crate::observation) fn catalog(directory: Directory) -> Catalog {
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
    if let Directory::Merged(month, day) = directory {
        // The commune goes into the ward, its code to a new commune.
        let merged = NaiveDate::from_ymd_opt(2022, month, day).unwrap_or_default();
        let (mut old, mut new) = (units.remove(2), unit(("07204", "Xã Hòa Sơn Mới", Kind::Commune)));
        old.valid.to = merged.pred_opt();
        new.id = UnitId::new("07204-new");
        new.valid.from = Some(merged);
        successions.push(Succession {
            predecessor: old.id.clone(),
            successor: UnitId::new("07201"),
            date: merged,
            kind: SuccessionKind::Merge,
            basis: String::new(),
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

/// The day of the round.
pub(in crate::observation) fn day() -> NaiveDate {
    NaiveDate::from_ymd_opt(2022, 10, 31).unwrap_or_default()
}

/// Everything that a round takes from the observations.
pub(in crate::observation) fn told(observations: &Observations) -> String {
    let mut told = format!("{:?}\n{:?}\n{:?}\n", observations.snapshots, observations.refusals, observations.doubts);
    let _ = writeln!(told, "{:?}\n{:?}", observations.strangers(), observations.inherited);
    told + &figures(observations)
}

/// The counts of every unit.
pub(in crate::observation) fn figures(observations: &Observations) -> String {
    let mut told = String::new();
    for unit in UNITS {
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
