//! `[[source]]`: where the figures come from, one function for each kind.

use super::problem::Problem;
use super::section::Section;
use super::source_files::{self, At};
use super::tree::Origin;
use super::value::Wrong;
use super::{source_dossiers, source_http, source_sql, value};
use crate::source::intake::ReadAs;
use crate::source::{self, Columns, Encoding, Layout, NumberFormat, PeriodFrom, Place, Ratio};

/// The measures of the sample, each under its own name: the mapping of a source that gives none.
pub(super) const STANDARD_MEASURES: [&str; 9] = [
    "received",
    "received_online",
    "results_due",
    "results_electronic",
    "fee_transactions",
    "paid_on_portal",
    "paid_cashless_other",
    "services_online",
    "services_online_with_dossiers",
];

/// Where the figures come from.
pub(super) fn sources(root: &Section<'_>) -> Vec<source::Settings> {
    let sections = root.sections("source");
    if sections.is_none() {
        let hint = "add [[source]] with name = \"province\", kind = \"csv\" and path = \"figures.csv\"";
        let message = "no [[source]] says where the figures come from";
        root.reading.report(&Origin::File(0), Problem::error("missing_source", message, hint));
    }
    sections.into_iter().flatten().filter_map(|section| source(&section)).collect()
}

#[derive(Clone, Copy)]
enum Word {
    Csv,
    Sheet,
    HttpJson,
    Sql,
    Dossiers,
}

fn source(section: &Section<'_>) -> Option<source::Settings> {
    let name = section.required("name", "name = \"province\"", value::name);
    // Laid under the section before it is read; here only its name is looked at.
    let presets = source::preset::ALL.map(|(name, _)| (name, ()));
    section.optional("preset", |text| value::word(text, &presets));
    let kinds = [
        ("csv", Word::Csv),
        ("dossiers", Word::Dossiers),
        ("sheet", Word::Sheet),
        ("http_json", Word::HttpJson),
        ("sql", Word::Sql),
    ];
    let kind = section.required("kind", "kind = \"csv\"", |text| value::word(text, &kinds))?;
    let fresh_for_days = section.value("fresh_for", 45, value::days);
    let table = || columns_with(&section.section("columns"), ["period", "unit_code", "", "service_code"]);
    let (columns, place) = match kind {
        Word::Csv => (table(), csv(section)),
        Word::Sheet => {
            let columns = table();
            let place = sheet(section, &columns);
            (columns, place)
        }
        Word::HttpJson => {
            let columns = source_http::columns(&section.section("columns"));
            (columns, source_http::http_json(section).map(Box::new).map(Place::HttpJson))
        }
        Word::Sql => (table(), source_sql::sql(section).map(Place::Sql)),
        Word::Dossiers => {
            let (columns, dossiers) = source_dossiers::dossiers(section);
            (columns, dossiers.map(Box::new).map(Place::Dossiers))
        }
    };
    section.finish();
    Some(source::Settings { name: name?, place: place?, columns, fresh_for_days })
}

fn csv(section: &Section<'_>) -> Option<Place> {
    let at = source_files::file(section, "path = \"figures.csv\"");
    let delimiter = section.value("delimiter", b',', value::delimiter);
    let encodings = [("utf-8", Encoding::Utf8), ("windows-1258", Encoding::Windows1258), ("tcvn3", Encoding::Tcvn3)];
    let encoding = section.value("encoding", Encoding::Utf8, |text| value::word(text, &encodings));
    let max_rows = Some(section.number("max_rows", 0, 0..=1_000_000_000)).filter(|rows| *rows > 0);
    Some(match at? {
        At::Path(path) => Place::Csv { path, delimiter, encoding, max_rows },
        At::Drop(brought) => brought.place(ReadAs::Csv { delimiter, encoding, max_rows }),
    })
}

fn sheet(section: &Section<'_>, columns: &Columns) -> Option<Place> {
    let at = source_files::file(section, "path = \"bieu06.xlsx\"");
    let sheet = section.optional("sheet", value::filled);
    let layout = layout(&section.section("layout"), columns);
    Some(match at? {
        At::Path(path) => Place::Sheet { path, sheet, layout },
        At::Drop(brought) => brought.place(ReadAs::Sheet { sheet, layout }),
    })
}

fn layout(section: &Section<'_>, columns: &Columns) -> Layout {
    let digits = section.number("code_digits", 0, 0..=20);
    let layout = Layout {
        header_rows: section.optional("header_rows", header_rows),
        period: section.value("period", PeriodFrom::Column, period),
        code_digits: usize::try_from(digits).unwrap_or(0),
        groups: section.list("groups", Vec::new(), value::filled),
        totals: section.list("totals", Vec::new(), value::filled),
        ratios: ratios(&section.section("ratios"), columns),
    };
    section.finish();
    layout
}

fn ratios(section: &Section<'_>, columns: &Columns) -> Vec<Ratio> {
    let known = |name: &str| columns.measures.iter().any(|(measure, _)| measure == name);
    let mut ratios = Vec::new();
    for (header, text) in section.pairs() {
        match text.split_once('/').map(|(part, whole)| (part.trim(), whole.trim())) {
            Some((part, whole)) if known(part) && known(whole) => {
                ratios.push(Ratio { header, numerator: part.to_owned(), denominator: whole.to_owned() });
            }
            // A preset's ratio of measures that the source maps otherwise is nothing to compare.
            Some(_) if !section.has(&header) => {}
            _ => {
                let hint = "write \"numerator / denominator\", two measures of [source.columns.measures]";
                section.report_key(&header, "bad_value", "is not a ratio of two mapped measures", hint);
            }
        }
    }
    ratios
}

/// `8-10`, or `8` alone.
fn header_rows(text: &str) -> Result<(u32, u32), Wrong> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    match (first.trim().parse(), last.trim().parse()) {
        (Ok(first), Ok(last)) if 0 < first && first <= last && last - first < 10 => Ok((first, last)),
        _ => value::wrong(format!("{text:?} are not rows of a header"), "write the first and the last row: \"8-10\""),
    }
}

fn period(text: &str) -> Result<PeriodFrom, Wrong> {
    match text {
        "column" => Ok(PeriodFrom::Column),
        "title" => Ok(PeriodFrom::Title),
        fixed if source::is_period(fixed) => Ok(PeriodFrom::Fixed(fixed.to_owned())),
        _ => value::wrong(
            format!("{text:?} is no period"),
            "write \"column\", \"title\", or the period itself: \"2022-10\"",
        ),
    }
}

/// The mapping; `defaults` are those of period, unit's code, unit's name and service's code.
pub(super) fn columns_with(section: &Section<'_>, defaults: [&str; 4]) -> Columns {
    let [period, unit_code, unit_name, service_code] = defaults.map(str::to_owned);
    let formats = [
        ("plain", NumberFormat::Plain),
        ("point_thousands", NumberFormat::PointThousands),
        ("comma_thousands", NumberFormat::CommaThousands),
    ];
    let columns = Columns {
        period: section.value("period", period, value::filled),
        unit_code: section.value("unit_code", unit_code, value::any),
        unit_name: section.value("unit_name", unit_name, value::any),
        service_code: section.value("service_code", service_code, value::any),
        numbers: section.value("number_format", NumberFormat::Plain, |text| value::word(text, &formats)),
        measures: measures(&section.section("measures")),
    };
    if columns.unit_code.is_empty() && columns.unit_name.is_empty() {
        let hint = "name the column with the unit's code, or `unit_name`, or both";
        section.report_key("unit_code", "bad_value", "and `unit_name` are both empty", hint);
    }
    section.finish();
    columns
}

/// The mapping as given; the standard one where none is given.
fn measures(section: &Section<'_>) -> Vec<(String, String)> {
    let given = section.pairs();
    if section.is_empty() {
        return STANDARD_MEASURES.iter().map(|measure| ((*measure).to_owned(), (*measure).to_owned())).collect();
    }
    given
}
