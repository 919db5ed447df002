//! A `[[source]]` of kind `dossiers`.

use super::section::Section;
use super::value;
use crate::source::Columns;
use crate::source::dossiers::{Channel, Codes, DateFormat, Dossiers, Field, Format, Payment, Reading, personal};

/// Which file is counted and how, and what the counts are called.
pub(super) fn dossiers(section: &Section<'_>) -> (Columns, Option<Dossiers>) {
    let path = section.required("path", "path = \"dossiers.csv\"", value::filled);
    let formats = [("csv", Format::Csv), ("json", Format::Json)];
    let dates = [("day_first", DateFormat::DayFirst), ("iso", DateFormat::Iso), ("compact", DateFormat::Compact)];
    let reading = Reading {
        format: section.value("format", Format::Csv, |text| value::word(text, &formats)),
        delimiter: section.value("delimiter", b',', value::delimiter),
        drop_personal: section.flag("drop_personal", false),
        dates: section.value("date_format", DateFormat::DayFirst, |text| value::word(text, &dates)),
        without_result: section.list("without_result", Vec::new(), value::filled),
        fields: fields(&section.section("fields")),
        channels: codes(&section.section("channels"), &CHANNELS),
        payments: codes(&section.section("payments"), &PAYMENTS),
    };
    (reading.columns(), path.map(|path| Dossiers { path: section.reading.path(&path), reading }))
}

/// Keys of `[source.channels]` and `[source.payments]`, their meaning, and the codes of the national record.
const CHANNELS: [(&str, Channel, &[&str]); 3] =
    [("counter", Channel::Counter, &["1"]), ("online", Channel::Online, &["2"]), ("post", Channel::Post, &["3"])];
const PAYMENTS: [(&str, Payment, &[&str]); 6] = [
    ("paid_on_portal", Payment::OnPortal, &["1"]),
    ("paid_on_provincial_portal", Payment::OnProvincialPortal, &["2"]),
    ("paid_cashless_other", Payment::CashlessOther, &[]),
    ("paid_cash", Payment::Cash, &[]),
    ("unpaid_or_exempt", Payment::UnpaidOrExempt, &[]),
    ("not_online", Payment::NotOnline, &["0"]),
];

fn codes<T: Copy + PartialEq>(section: &Section<'_>, keys: &[(&'static str, T, &[&str])]) -> Codes<T> {
    let mut all = Vec::new();
    for (key, meaning, default) in keys {
        let default = default.iter().map(|code| (*code).to_owned()).collect();
        let given = section.list(key, default, value::filled);
        all.extend(given.into_iter().map(|code| (code, *meaning)));
    }
    section.finish();
    Codes::of(all).unwrap_or_else(|(code, codes)| {
        let key = keys.iter().map(|(key, ..)| *key).find(|key| section.has(key)).unwrap_or_default();
        section.report_key(
            key,
            "bad_value",
            &format!("or another key there has the code `{code}` twice"),
            "keep one of them",
        );
        codes
    })
}

fn fields(section: &Section<'_>) -> Vec<(Field, String)> {
    let mut fields: Vec<(Field, String)> = Vec::new();
    for (field, key) in Field::ALL {
        let header = section.value(key, String::new(), value::any).trim().to_owned();
        if header.is_empty() {
            continue;
        }
        if let Some(kind) = personal(&header) {
            let hint = "name another column; data of persons is never read";
            section.report_key(key, "bad_value", &format!("is mapped to `{header}`, which holds {kind}"), hint);
        }
        if fields.iter().any(|(_, other)| *other == header) {
            section.report_key(
                key,
                "bad_value",
                &format!("is mapped to `{header}` like another key"),
                "give each key its own column",
            );
            continue;
        }
        fields.push((field, header));
    }
    section.finish();
    let has = |field| fields.iter().any(|(known, _)| *known == field);
    let wanted = [
        ("unit_code", "or `unit_name`", has(Field::UnitCode) || has(Field::UnitName)),
        ("channel", "the way of filing", has(Field::Channel)),
        ("received_on", "the day of filing", has(Field::ReceivedOn)),
    ];
    for (key, what, _) in wanted.into_iter().filter(|(_, _, there)| !there) {
        let hint = "name its column in [source.fields], or take `preset = \"dvcqg-dossiers\"`";
        section.report_key(key, "missing_key", &format!("is missing ({what})"), hint);
    }
    fields
}
