//! What must hold for whatever replies and texts with holes come in; see `crate::fuzzing`.

use chrono::NaiveDate;
use serde_json::{Number, Value};

use super::mapped::Mapped;
use super::path::Path;
use super::settings::{Keep, Rows};
use super::template::{About, Template};
use super::{Column, reply};
use crate::http::encoded;
use crate::source::text::Text;
use crate::source::{Columns, NumberFormat};

/// More adds nothing but time; so do paths that multiply what they find.
const LONGEST: usize = 8 << 10;
const LONGEST_PATH: usize = 100;
/// Characters of a cell that are kept.
const CELL: usize = 1_000;

/// Four lines say where the rows stand, the member with further rows, `leaves` or not, and the paths of the cells with
/// `|` between them; what follows is the reply. Gives the numbers among the cells, and how each is written.
pub(in crate::source) fn json_mapping(bytes: &[u8]) -> Vec<(Number, String)> {
    let mut lines = bytes.splitn(5, |byte| *byte == b'\n').map(|line| std::str::from_utf8(line).unwrap_or_default());
    let mut next = || lines.next().unwrap_or_default();
    let (rows, children, keep, columns) = (next(), next(), next(), next());
    let body = bytes.splitn(5, |byte| *byte == b'\n').nth(4).unwrap_or_default();
    let tame =
        |path: &str| path.len() <= LONGEST_PATH && path.matches(['?', '*']).count() + path.matches("..").count() < 3;
    let Ok(reply) =
        reply::parse(body).inspect_err(|(reason, remedy)| assert!(!reason.is_empty() && !remedy.is_empty()))
    else {
        return Vec::new();
    };
    if body.len() > LONGEST || !tame(rows) || !columns.split('|').all(tame) {
        return Vec::new();
    }
    let Ok(rows) = Path::parse(rows) else { return Vec::new() };
    assert_eq!(Path::parse(&rows.to_string()).as_ref(), Ok(&rows), "a path is printed as it can be written");
    let keep = if keep == "leaves" { Keep::Leaves } else { Keep::All };
    let children = Some(children).filter(|name| !name.is_empty()).map(str::to_owned);
    mapped(&reply, &Rows { rows, children, keep, expect: Vec::new() }, columns)
}

fn mapped(reply: &Value, rows: &Rows, columns: &str) -> Vec<(Number, String)> {
    let mut texts = columns.split('|').map(str::to_owned);
    let mut text = || texts.next().unwrap_or_default();
    let (period, unit_code) = (text(), text());
    let measures = texts.take(4).enumerate().map(|(at, text)| (format!("m{at}"), text)).collect();
    let empty = String::new;
    let numbers = NumberFormat::Plain;
    let columns = Columns { period, unit_code, unit_name: empty(), service_code: empty(), measures, numbers };
    let paths = keys(&columns);
    if paths.is_empty() {
        return Vec::new();
    }
    let Ok(mut mapped) = Mapped::new(rows, &columns) else { return Vec::new() };
    let (count, found) = reply::rows(reply, &rows.rows, rows.children.as_deref(), rows.keep);
    assert!(u64::try_from(rows.rows.all(reply).len()) == Ok(count), "rows are counted as they are found");
    // A place is told in short where it is very long.
    for row in found.iter().filter(|row| row.path.starts_with('$')) {
        let path = Path::parse(&row.path);
        let back = path.as_ref().map(|path| path.all(reply)).unwrap_or_default();
        assert!(matches!(back.as_slice(), [only] if std::ptr::eq(*only, row.value)), "{} leads elsewhere", row.path);
    }
    assert!(mapped.add(reply, &about(None), "page 1").is_ok_and(|added| added == count));
    let Ok(text) = mapped.finish() else { return Vec::new() };
    let written = written(&text, found.len());
    let mut numbers = Vec::new();
    for (row, cells) in found.iter().zip(written) {
        assert_eq!(cells.len(), paths.len(), "a cell for each column");
        for (path, cell) in paths.iter().zip(cells) {
            let Ok(Column::Row(path)) = Column::parse(path) else { continue };
            match path.all(row.value).as_slice() {
                [] | [Value::Null] => assert_eq!(cell, "", "nothing is nothing"),
                [Value::Number(number)] => numbers.push((number.clone(), cell)),
                [Value::String(text)] => {
                    let kept: String = text.chars().take(CELL).collect();
                    assert_eq!(cell, kept.replace(['\n', '\r'], " "), "a text is what it was");
                }
                _ => {}
            }
        }
    }
    numbers
}

/// What is mapped, each path once.
fn keys(columns: &Columns) -> Vec<&str> {
    let texts = [&columns.period, &columns.unit_code].into_iter().chain(columns.measures.iter().map(|(_, text)| text));
    let mut keys: Vec<&str> = Vec::new();
    for text in texts.filter(|text| !text.is_empty()) {
        if !keys.contains(&text.as_str()) {
            keys.push(text);
        }
    }
    keys
}

/// The cells of the text's rows; line n + 1 is row n.
fn written(text: &Text, rows: usize) -> Vec<Vec<String>> {
    let csv = String::from_utf8_lossy(&text.csv);
    let lines: Vec<&str> = csv.split_terminator('\n').collect();
    assert_eq!(lines.len(), rows + 1, "a line for each row, and the header");
    let cells = |line: &&str| {
        let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(line.as_bytes());
        let record = reader.records().next().and_then(Result::ok);
        record.map(|record| record.iter().map(str::to_owned).collect::<Vec<String>>()).unwrap_or_default()
    };
    lines.iter().skip(1).map(cells).collect()
}

/// Two lines: a department's id and a text with holes, which may go over more lines.
pub(in crate::source) fn template(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let (root, text) = text.split_once('\n').unwrap_or_default();
    let about = about(Some(("07201", root)));
    match Template::parse(text) {
        Err(word) => assert!(text.contains(&format!("{{{word}}}")), "`{word}` stands nowhere"),
        Ok(template) => {
            let filled = template.fill(&about);
            assert!(filled.len() <= text.len() + text.matches('{').count() * (root.len() + 20), "too long");
            assert_eq!(filled, replaced(text, root, str::to_owned), "every hole is filled, and nothing else");
            assert_eq!(template.fill_address(&about), replaced(text, root, encoded));
            let has = |holes: [&str; 2]| holes.iter().any(|hole| text.contains(&format!("{{{hole}}}")));
            assert_eq!(template.is_paged(), has(["page", "offset"]));
            assert_eq!(template.is_rooted(), has(["root", "unit"]));
        }
    }
    assert_eq!(decoded(&encoded(text)).as_deref(), Some(text.as_bytes()), "what an address carries comes back");
}

fn replaced(text: &str, root: &str, write: impl Fn(&str) -> String) -> String {
    let holes = [
        ("year", "2022"),
        ("month", "10"),
        ("month2", "10"),
        ("quarter", "4"),
        ("period", "2022-10"),
        ("from", "2022-10-01"),
        ("to", "2022-10-31"),
        ("from_dmy", "01/10/2022"),
        ("to_dmy", "31/10/2022"),
        ("root", root),
        ("unit", "07201"),
        ("page", "3"),
        ("offset", "200"),
        ("size", "100"),
    ];
    let (mut done, mut rest) = (String::new(), text);
    while let Some(first) = rest.chars().next() {
        let filled = holes.iter().find_map(|(hole, value)| {
            Some((rest.strip_prefix('{')?.strip_prefix(hole)?.strip_prefix('}')?, write(value)))
        });
        let (behind, piece) =
            filled.unwrap_or_else(|| (rest.get(first.len_utf8()..).unwrap_or_default(), first.to_string()));
        done += &piece;
        rest = behind;
    }
    done
}

/// Percent-decoded; `None` when something stands there that an address cannot carry.
fn decoded(text: &str) -> Option<Vec<u8>> {
    let mut bytes = text.bytes();
    let mut decoded = Vec::new();
    while let Some(byte) = bytes.next() {
        decoded.push(match byte {
            b'%' => {
                let digits = [bytes.next()?, bytes.next()?];
                u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?
            }
            plain if plain.is_ascii_alphanumeric() || b"-._~".contains(&plain) => plain,
            _ => return None,
        });
    }
    Some(decoded)
}

fn about<'a>(root: Option<(&'a str, &'a str)>) -> About<'a> {
    let day = |day| NaiveDate::from_ymd_opt(2022, 10, day).unwrap_or_default();
    About { from: day(1), to: day(31), root, page: 3, pages_before: 2, size: 100 }
}
