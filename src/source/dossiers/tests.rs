//! The count against a naive one, whatever pieces the file comes in.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike as _, NaiveDate};
use proptest::prelude::*;
use proptest::sample::Index;

use super::answer::{Counted, Failure};
use super::dossier::Window;
use super::task::State;
use super::{Channel, Codes, DateFormat, Field, Format, Payment, Reading};

fn until() -> NaiveDate {
    NaiveDate::from_ymd_opt(2022, 10, 20).unwrap()
}

fn reading(format: Format) -> Reading {
    let fields = Field::ALL.into_iter().filter(|(field, _)| *field != Field::UnitName);
    Reading {
        format,
        delimiter: b',',
        drop_personal: true,
        dates: DateFormat::Iso,
        fields: fields.map(|(field, key)| (field, key.to_owned())).collect(),
        channels: Codes::of([
            ("1".into(), Channel::Counter),
            ("2".into(), Channel::Online),
            ("3".into(), Channel::Post),
        ])
        .unwrap(),
        payments: Codes::of([("1".into(), Payment::OnPortal), ("2".into(), Payment::OnProvincialPortal)]).unwrap(),
        without_result: vec!["S2".to_owned()],
    }
}

fn count(reading: Reading, text: &str, piece: usize) -> Result<(Counted, String), Failure> {
    let window = Window { until: until(), today: NaiveDate::from_ymd_opt(2022, 12, 31).unwrap() };
    let mut state = State::open(reading, window);
    for piece in text.as_bytes().chunks(piece.max(1)) {
        state.push(piece)?;
    }
    state.finish()
}

#[derive(Debug, Clone)]
struct Dossier {
    number: usize,
    unit: u8,
    service: u8,
    channel: u8,
    received: NaiveDate,
    due: Option<i64>,
    resolved: Option<i64>,
    result: bool,
    fee: Option<bool>,
    payment: Option<u8>,
    digitised: bool,
}

impl Dossier {
    fn resolved(&self) -> Option<NaiveDate> {
        self.resolved.map(|days| self.received + chrono::Duration::days(days))
    }

    fn due(&self) -> Option<NaiveDate> {
        self.due.map(|days| self.received + chrono::Duration::days(days))
    }

    fn payment(&self) -> Option<u8> {
        self.payment.filter(|_| self.fee == Some(true))
    }

    fn cells(&self) -> Vec<(&'static str, String)> {
        let day = |day: Option<NaiveDate>| day.map(|day| day.to_string()).unwrap_or_default();
        vec![
            ("HoTen", "a \"b\",\nc".to_owned()),
            ("number", format!("no {}", self.number)),
            ("unit_code", format!("U{}", self.unit)),
            ("service_code", format!("S{}", self.service)),
            ("channel", self.channel.to_string()),
            ("received_on", self.received.to_string()),
            ("due_on", day(self.due())),
            ("resolved_on", day(self.resolved())),
            ("result", if self.result { "https://x.example/1".to_owned() } else { String::new() }),
            ("fee", self.fee.map(|fee| if fee { "8.000".to_owned() } else { "0".to_owned() }).unwrap_or_default()),
            ("payment", self.payment().map(|code| code.to_string()).unwrap_or_default()),
            ("digitised", u8::from(self.digitised).to_string()),
        ]
    }
}

fn dossier() -> impl Strategy<Value = Dossier> {
    let days = (prop::option::of(0..40_i64), prop::option::of(0..40_i64));
    let places = (1..3_u8, 1..3_u8, 1..4_u8, 0..400_i64);
    let rest = (any::<bool>(), prop::option::of(any::<bool>()), prop::option::of(1..3_u8), any::<bool>());
    (places, days, rest).prop_map(
        |((unit, service, channel, day), (due, resolved), (result, fee, payment, digitised))| {
            let received = NaiveDate::from_ymd_opt(2021, 10, 1).unwrap() + chrono::Duration::days(day);
            Dossier { number: 0, unit, service, channel, received, due, resolved, result, fee, payment, digitised }
        },
    )
}

fn csv(rows: &[Dossier]) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let header = rows.first().map(Dossier::cells).unwrap_or_default();
    writer.write_record(header.iter().map(|(name, _)| name)).unwrap();
    for row in rows {
        writer.write_record(row.cells().iter().map(|(_, cell)| cell)).unwrap();
    }
    String::from_utf8(writer.into_inner().unwrap()).unwrap()
}

fn json(rows: &[Dossier], list: bool) -> String {
    let rows: Vec<String> = rows
        .iter()
        .map(|row| {
            let members = row.cells().into_iter().map(|(name, cell)| (name.to_owned(), cell.into()));
            serde_json::Value::Object(members.collect()).to_string()
        })
        .collect();
    if list { format!("[{}]", rows.join(",\n")) } else { rows.join("\n") }
}

/// Measures by month, unit and service, each dossier looked at anew for each of them.
fn naively(rows: &[Dossier]) -> BTreeMap<(String, String, String), BTreeMap<&'static str, u64>> {
    let mut counts: BTreeMap<_, BTreeMap<&'static str, u64>> = BTreeMap::new();
    let mut seen = BTreeSet::new();
    for row in rows.iter().filter(|row| seen.insert(row.number)) {
        let mut add = |day: NaiveDate, measure: &'static str, adds: bool| {
            if day.year() == 2022 && day <= until() {
                let key = (day.format("%Y-%m").to_string(), format!("U{}", row.unit), format!("S{}", row.service));
                *counts.entry(key).or_default().entry(measure).or_default() += u64::from(adds);
            }
        };
        add(row.received, "received", true);
        add(row.received, "received_online", row.channel == 2);
        add(row.received, "received_by_post", row.channel == 3);
        add(row.received, "received_digitised", row.digitised);
        if row.fee.is_some() {
            add(row.received, "fee_transactions", row.fee == Some(true));
            add(row.received, "paid_on_portal", row.payment() == Some(1));
            add(row.received, "paid_on_provincial_portal", row.payment() == Some(2));
        }
        let Some(resolved) = row.resolved() else { continue };
        add(resolved, "resolved", true);
        if let Some(due) = row.due() {
            add(resolved, "resolved_early", resolved < due);
            add(resolved, "resolved_on_time", resolved == due);
            add(resolved, "resolved_late", resolved > due);
        }
        if row.service != 2 {
            add(resolved, "results_due", true);
            add(resolved, "results_electronic", row.result);
        }
    }
    counts
}

/// The same from the text that was counted.
fn counted(text: &str) -> BTreeMap<(String, String, String), BTreeMap<String, u64>> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let header = reader.headers().unwrap().clone();
    let mut counts = BTreeMap::new();
    for row in reader.records().map(Result::unwrap) {
        let key = (row[0].to_owned(), row[1].to_owned(), row[2].to_owned());
        let told = header.iter().zip(&row).skip(3).filter(|(_, cell)| !cell.is_empty());
        let measures: BTreeMap<String, u64> =
            told.map(|(name, cell)| (name.to_owned(), cell.parse().unwrap())).collect();
        assert!(counts.insert(key, measures).is_none(), "a line for each month, unit and service");
    }
    counts
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn what_dossiers_add_up_to_is_a_naive_count_in_any_format_and_any_pieces(
        mut rows in prop::collection::vec(dossier(), 1..60),
        again in prop::collection::vec((any::<Index>(), any::<Index>()), 0..6),
        piece in 1..200_usize,
    ) {
        for (number, row) in rows.iter_mut().enumerate() {
            row.number = number;
        }
        let repeated = again.len();
        for (from, to) in again {
            let row = from.get(&rows).clone();
            let at = to.index(rows.len());
            rows.insert(at, row);
        }
        let expected = naively(&rows);
        let (told, text) = count(reading(Format::Csv), &csv(&rows), piece).unwrap();
        let mut found = counted(&text);
        for (key, measures) in &mut found {
            let online = measures.remove("services_online_with_dossiers");
            prop_assert_eq!(online, Some(measures["received_online"].min(1)));
            let naive = expected.get(key).expect("a group that is there");
            for (measure, count) in naive {
                prop_assert_eq!(measures.get(*measure), Some(count), "{} of {:?}", measure, key);
            }
            // What nobody told is blank or nought, and never more.
            let others = measures.iter().filter(|(measure, _)| !naive.contains_key(measure.as_str()));
            prop_assert_eq!(others.map(|(_, count)| *count).sum::<u64>(), 0);
            prop_assert!(naive.contains_key("fee_transactions") || !measures.contains_key("fee_transactions"));
        }
        prop_assert_eq!(found.len(), expected.len());
        prop_assert!(told.broken.is_empty());
        prop_assert_eq!(told.repeated, u64::try_from(repeated).unwrap());
        let lines: u64 = told.lines.iter().map(|line| u64::from(line.dossiers)).sum();
        prop_assert_eq!(lines + told.skipped + told.repeated, u64::try_from(rows.len()).unwrap());
        for list in [true, false] {
            let (_, other) = count(reading(Format::Json), &json(&rows, list), piece).unwrap();
            prop_assert_eq!(&other, &text);
        }
    }

    #[test]
    fn no_bytes_break_the_readers(bytes in prop::collection::vec(any::<u8>(), 0..300), piece in 1..50_usize) {
        let rows = [csv(&[]), "number,unit_code,channel,received_on\n".to_owned(), "[{".to_owned(), "{".to_owned()];
        for (start, format) in rows.iter().zip([Format::Csv, Format::Csv, Format::Json, Format::Json]) {
            let window = Window { until: until(), today: until() };
            let mut state = State::open(reading(format), window);
            let all = [start.as_bytes(), &bytes].concat();
            if all.chunks(piece).all(|piece| state.push(piece).is_ok()) {
                let _ = state.finish();
            }
        }
    }
}

#[test]
fn two_dossiers_of_one_number_that_contradict_each_other_add_nothing() {
    let day = NaiveDate::from_ymd_opt(2022, 10, 3).unwrap();
    let one = Dossier {
        number: 1,
        unit: 1,
        service: 1,
        channel: 1,
        received: day,
        due: None,
        resolved: Some(2),
        result: true,
        fee: Some(true),
        payment: Some(1),
        digitised: true,
    };
    let rows = [one.clone(), Dossier { unit: 2, ..one.clone() }, one.clone(), Dossier { number: 2, ..one.clone() }];
    let (told, text) = count(reading(Format::Csv), &csv(&rows), 100).unwrap();
    let places: Vec<(u64, usize)> = told.broken.iter().map(|broken| (broken.line, broken.column)).collect();
    assert_eq!(places, [(4, 2), (2, 2), (6, 2)], "rows have a line feed inside");
    let units: Vec<&str> = text.lines().skip(2).filter_map(|line| line.split(',').nth(1)).collect();
    assert_eq!(units, ["U2", "U1", "U1"]);
    assert!(text.lines().nth(1).unwrap().starts_with("2022-10,U1,S1,1,0,0,0,1,1,1,0,0,0,1,1,1,0"), "{text}");
    assert_eq!(told.lines.iter().map(|line| line.dossiers).sum::<u32>(), 1);
}
