//! Headers of several rows over whatever grid.
//!
//! A grid is written like this, so that seeds can be read:
//!
//! ```text
//! period|unit_code|unit_name|service_code|measure|measure …   the mapped headers; period `*` is the title's
//! p 5 3-4                                    number format, digits of codes, rows of the header
//! cell|cell|<|cell                          `<` is merged with the cell to its left, `^` with the one above
//! =12.5|@2022-10-31                         a number, a date
//! #40                                       the next line is row 40
//! &0,0,3,3                                  these rows and columns are merged: top, left, bottom, right
//! ```

use super::super::answer::Setup;
use super::super::convert::convert;
use super::super::grid::{Cell, Grid, Merge, Value};
use super::super::header::{Column, Header, Unresolved};
use super::super::{Layout, PeriodFrom, Ratio};
use super::written::{holds, last};
use crate::source::sheet::place::within_limits;
use crate::source::{Columns, NumberFormat};

/// More adds nothing but time.
const LONGEST: usize = 8 << 10;
const LOWEST: u32 = 3_000;
/// A configuration's names are short, and an error compares them letter by letter.
const LONGEST_NAME: usize = 200;

pub(in crate::source) fn header(bytes: &[u8]) {
    let Some(text) = std::str::from_utf8(bytes).ok().filter(|text| text.len() <= LONGEST) else { return };
    let mut lines = text.split('\n');
    let setup = setup(lines.next().unwrap_or_default(), lines.next().unwrap_or_default());
    let grid = grid(lines);
    // Rows that a configuration names may lie below the sheet.
    let last = (last(&grid).0.max(setup.layout.header_rows.map_or(0, |(_, bottom)| bottom - 1)), last(&grid).1);
    let names = [&setup.columns.period, &setup.columns.unit_code, &setup.columns.unit_name];
    let measures = setup.columns.measures.iter().map(|(_, name)| name);
    let wanted: Vec<&str> =
        names.into_iter().chain(measures).map(String::as_str).filter(|name| !name.is_empty()).collect();
    let header = Header::find(&grid, &wanted, setup.layout.header_rows);
    assert!(header.top <= header.bottom && header.bottom - header.top < 10, "a header of so many rows");
    assert!(header.width() <= grid.width(), "more names than columns");
    if setup.layout.header_rows.is_none() {
        assert!(header.width() == 0 || header.bottom <= last.0, "a header below the sheet");
        assert!(header.width() == 0 || wanted.iter().any(|name| header.resolve(name).is_ok()), "a header by chance");
    }
    for column in 0..grid.width() {
        names_its_column(&header, column);
    }
    for name in &wanted {
        told(&header, name, grid.width());
    }
    holds(&convert(&grid, &setup), last);
}

/// What an error lists can be written into the configuration.
fn names_its_column(header: &Header, column: u32) {
    let name = header.name(column);
    if name.is_empty() {
        return;
    }
    assert!(column < header.width());
    match header.resolve(&name) {
        Ok(Column::One(found)) => assert_eq!(found, column, "`{name}` is another column"),
        Err(Unresolved::Several(_, columns)) => assert!(columns.contains(&column), "`{name}` is others' name"),
        other => unreachable!("`{name}` names no column: {other:?}"),
    }
}

fn told(header: &Header, name: &str, width: u32) {
    match header.resolve(name) {
        Ok(Column::One(column)) => assert!(column < width),
        Ok(Column::Sum(columns)) => assert!(columns.len() > 1 && columns.iter().all(|column| *column < width)),
        Err(unresolved) => {
            let (reason, remedy) = header.explain(&unresolved);
            assert!(!reason.is_empty() && !remedy.is_empty(), "refused without a word");
        }
    }
}

fn setup(mapped: &str, layout: &str) -> Setup {
    let mut mapped = mapped.split('|');
    let mut next = || mapped.next().unwrap_or_default().chars().take(LONGEST_NAME).collect::<String>();
    let (period, unit_code, unit_name, service_code) = (next(), next(), next(), next());
    let measures: Vec<(String, String)> =
        (0..6).map(|number| (format!("m{number}"), next())).filter(|(_, name)| !name.is_empty()).collect();
    // The third one is printed beside the others as their ratio, too.
    let ratio = |(_, header): &(String, String)| Ratio {
        header: header.clone(),
        numerator: "m1".into(),
        denominator: "m0".into(),
    };
    let ratios = measures.get(2).map(ratio).into_iter().collect();
    let mut layout = layout.split(' ');
    let numbers = match layout.next() {
        Some("p") => NumberFormat::PointThousands,
        Some("c") => NumberFormat::CommaThousands,
        _ => NumberFormat::Plain,
    };
    let code_digits = layout.next().and_then(|digits| digits.parse::<u8>().ok()).map_or(0, usize::from);
    let rows = layout.next().and_then(|rows| rows.split_once('-'));
    let rows = rows.and_then(|(top, bottom)| Some((top.parse::<u32>().ok()?, bottom.parse::<u32>().ok()?)));
    let layout = Layout {
        header_rows: rows.filter(|(top, bottom)| 0 < *top && top <= bottom && bottom - top < 10),
        period: if period == "*" { PeriodFrom::Title } else { PeriodFrom::Column },
        code_digits,
        ratios,
        ..Layout::default()
    };
    let columns = Columns { period, unit_code, unit_name, service_code, measures, numbers };
    Setup { columns, layout, sheet: None }
}

fn grid<'t>(lines: impl Iterator<Item = &'t str>) -> Grid<'t> {
    let (mut cells, mut merges, mut row) = (Vec::<Cell<'t>>::new(), Vec::<Merge>::new(), 0_u32);
    for line in lines {
        if let Some(number) = line.strip_prefix('#') {
            row = number.parse::<u32>().map_or(row, |number| number.min(LOWEST));
        } else if let Some(merge) = line.strip_prefix('&') {
            merges.extend(rectangle(merge));
        } else {
            for (column, text) in (0..).zip(line.split('|')) {
                match text {
                    "<" | "^" => spread(&mut merges, (row, column), text),
                    text => cells.extend(cell(row, column, text)),
                }
            }
            row += 1;
        }
    }
    Grid::new(cells, merges)
}

fn cell(row: u32, column: u32, text: &str) -> Option<Cell<'_>> {
    within_limits(row, column, 0).ok()?;
    let number = text.strip_prefix('=').and_then(|number| number.parse().ok()).map(Value::Number);
    let date = || text.strip_prefix('@').and_then(|date| date.parse().ok()).map(Value::Date);
    let value = number.or_else(date).unwrap_or(Value::Text(text.into()));
    (!value.is_blank()).then_some(Cell { row, column, value })
}

/// Makes the rectangle to the left or above reach to `place`.
fn spread(merges: &mut Vec<Merge>, (row, column): (u32, u32), mark: &str) {
    let (from_row, from_column) =
        if mark == "<" { (row, column.saturating_sub(1)) } else { (row.saturating_sub(1), column) };
    let covers = |merge: &&mut Merge| {
        (merge.top..=merge.bottom).contains(&from_row) && (merge.left..=merge.right).contains(&from_column)
    };
    match merges.iter_mut().find(covers) {
        Some(merge) => (merge.bottom, merge.right) = (merge.bottom.max(row), merge.right.max(column)),
        None => merges.push(Merge { top: from_row, left: from_column, bottom: row, right: column }),
    }
}

fn rectangle(text: &str) -> Option<Merge> {
    let ends: Vec<u32> = text.split(',').map(str::parse).collect::<Result<_, _>>().ok()?;
    let [top, left, bottom, right] = ends.as_slice() else { return None };
    Some(Merge { top: *top, left: *left, bottom: *bottom, right: *right })
}
