//! A sheet as cells with their places: sparse, because one stray cell far away must not cost memory.

use std::borrow::Cow;
use std::fmt::Write as _;

use chrono::NaiveDate;

/// What a cell holds.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value<'a> {
    /// Text as it stands there.
    Text(Cow<'a, str>),
    /// A number, whatever its format shows.
    Number(f64),
    /// A date, without its time.
    Date(NaiveDate),
}

/// One cell that holds something. Rows and columns are 0-based.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Cell<'a> {
    pub(super) row: u32,
    pub(super) column: u32,
    pub(super) value: Value<'a>,
}

/// A rectangle of cells that show as one; both ends belong to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Merge {
    pub(super) top: u32,
    pub(super) left: u32,
    pub(super) bottom: u32,
    pub(super) right: u32,
}

/// All cells of a sheet, row by row.
#[derive(Debug, Clone, Default)]
pub(super) struct Grid<'a> {
    cells: Vec<Cell<'a>>,
    /// Row and where its cells begin in `cells`; in order.
    rows: Vec<(u32, usize)>,
    /// In the order of their upper rows.
    merges: Vec<Merge>,
}

impl<'a> Grid<'a> {
    /// The grid of `cells`, whatever their order, and `merges`.
    pub(super) fn new(mut cells: Vec<Cell<'a>>, mut merges: Vec<Merge>) -> Self {
        merges.sort_by_key(|merge| merge.top);
        let place = |cell: &Cell<'_>| (cell.row, cell.column);
        if !cells.is_sorted_by_key(place) {
            cells.sort_by_key(place);
        }
        cells.dedup_by_key(|cell| (cell.row, cell.column));
        let mut rows: Vec<(u32, usize)> = Vec::new();
        for (at, cell) in cells.iter().enumerate() {
            if rows.last().is_none_or(|(row, _)| *row != cell.row) {
                rows.push((cell.row, at));
            }
        }
        Self { cells, rows, merges }
    }

    /// The rows that hold anything, in order, each with its cells.
    pub(super) fn rows(&self) -> impl DoubleEndedIterator<Item = (u32, &[Cell<'a>])> {
        self.rows.iter().enumerate().map(|(at, (row, from))| {
            let to = self.rows.get(at + 1).map_or(self.cells.len(), |(_, next)| *next);
            (*row, self.cells.get(*from..to).unwrap_or_default())
        })
    }

    /// The rows from `first` on that hold anything, in order.
    pub(super) fn rows_from(&self, first: u32) -> impl Iterator<Item = u32> {
        let from = self.rows.partition_point(|(row, _)| *row < first);
        self.rows.get(from..).unwrap_or_default().iter().map(|(row, _)| *row)
    }

    /// The cells of one row.
    pub(super) fn row(&self, row: u32) -> &[Cell<'a>] {
        let Ok(at) = self.rows.binary_search_by_key(&row, |(row, _)| *row) else { return &[] };
        let from = self.rows.get(at).map_or(0, |(_, from)| *from);
        let to = self.rows.get(at + 1).map_or(self.cells.len(), |(_, next)| *next);
        self.cells.get(from..to).unwrap_or_default()
    }

    /// What stands at a place itself.
    pub(super) fn at(&self, row: u32, column: u32) -> Option<&Value<'a>> {
        in_row(self.row(row), column)
    }

    /// The merged rectangle that covers a place.
    pub(super) fn merge_at(&self, row: u32, column: u32) -> Option<Merge> {
        let covers =
            |merge: &&Merge| (merge.top..=merge.bottom).contains(&row) && (merge.left..=merge.right).contains(&column);
        let above = self.merges.partition_point(|merge| merge.top <= row);
        self.merges.get(..above).unwrap_or_default().iter().find(covers).copied()
    }

    /// The place whose value shows at a place: the upper left corner where cells are merged.
    pub(super) fn anchor(&self, row: u32, column: u32) -> (u32, u32) {
        self.merge_at(row, column).map_or((row, column), |merge| (merge.top, merge.left))
    }

    /// The merged rectangles.
    pub(super) fn merges(&self) -> &[Merge] {
        &self.merges
    }

    /// The 0-based column behind the last cell.
    pub(super) fn width(&self) -> u32 {
        self.cells.iter().map(|cell| cell.column + 1).max().unwrap_or(0)
    }

    /// Whether nothing stands anywhere.
    pub(super) fn is_empty(&self) -> bool {
        self.cells.is_empty()
    }

    /// Texts of all cells.
    pub(super) fn texts(&self) -> impl Iterator<Item = &Cell<'a>> {
        self.cells.iter().filter(|cell| matches!(cell.value, Value::Text(_)))
    }
}

/// The value in `column` among the cells of one row.
pub(super) fn in_row<'c, 'a>(cells: &'c [Cell<'a>], column: u32) -> Option<&'c Value<'a>> {
    // Most rows have no gaps, so that the cell stands where its number says.
    let first = cells.first()?.column;
    let guess = usize::try_from(column.checked_sub(first)?).ok()?;
    match cells.get(guess) {
        Some(cell) if cell.column == column => Some(&cell.value),
        _ => {
            let at = cells.binary_search_by_key(&column, |cell| cell.column).ok()?;
            cells.get(at).map(|cell| &cell.value)
        }
    }
}

impl Value<'_> {
    /// Whether there is nothing to see.
    pub(super) fn is_blank(&self) -> bool {
        matches!(self, Self::Text(text) if text.chars().all(is_blank))
    }

    /// As people see it, on one line.
    pub(super) fn shown(&self) -> String {
        let mut text = String::new();
        self.write_to(&mut text);
        text
    }

    /// The same, borrowed where it is written as it shows.
    pub(super) fn seen(&self) -> Cow<'_, str> {
        match self {
            Self::Text(text) if text.bytes().all(|byte| byte.is_ascii_graphic()) => Cow::Borrowed(text),
            other => Cow::Owned(other.shown()),
        }
    }

    /// Appends it as people see it, on one line.
    pub(super) fn write_to(&self, out: &mut String) {
        match self {
            Self::Text(text) => write_line(text, out),
            Self::Number(number) => write_number(*number, out),
            Self::Date(date) => {
                let _ = write!(out, "{}", date.format("%Y-%m-%d"));
            }
        }
    }
}

/// Spaces of every kind, and marks that show nothing.
pub(super) fn is_blank(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}' | '\u{feff}' | '\0')
}

/// `text` without marks that show nothing, every run of spaces and line breaks one space.
fn write_line(text: &str, out: &mut String) {
    if text.bytes().all(|byte| byte.is_ascii_graphic()) {
        out.push_str(text);
        return;
    }
    let mut first = true;
    for word in text.split(|c: char| c.is_whitespace() || c.is_control()) {
        if word.chars().all(is_blank) {
            continue;
        }
        if !first {
            out.push(' ');
        }
        first = false;
        out.extend(word.chars().filter(|c| !is_blank(*c)));
    }
}

/// A whole number as its digits, another one with its fraction.
fn write_number(number: f64, out: &mut String) {
    let _ = match whole(number) {
        Some(whole) => write!(out, "{whole}"),
        None => write!(out, "{number}"),
    };
}

/// The whole number that `number` is; beyond 2^53 nobody knows.
#[expect(clippy::as_conversions, clippy::cast_possible_truncation, reason = "whole and small, as was just seen")]
pub(super) fn whole(number: f64) -> Option<i64> {
    (number.fract() == 0.0 && number.abs() < 9_007_199_254_740_992.0).then_some(number as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(row: u32, column: u32, text: &str) -> Cell<'_> {
        Cell { row, column, value: Value::Text(text.into()) }
    }

    #[test]
    fn cells_are_found_whatever_order_they_came_in() {
        let grid = Grid::new(vec![text(7, 3, "d"), text(2, 0, "a"), text(7, 1, "b"), text(7, 1, "again")], Vec::new());
        assert_eq!(grid.at(7, 1).map(Value::shown).as_deref(), Some("b"));
        assert_eq!(grid.at(7, 3).map(Value::shown).as_deref(), Some("d"));
        assert_eq!((grid.at(7, 2), grid.at(7, 0), grid.at(3, 0)), (None, None, None));
        assert_eq!(grid.rows().map(|(row, cells)| (row, cells.len())).collect::<Vec<_>>(), [(2, 1), (7, 2)]);
        assert_eq!(grid.rows_from(3).collect::<Vec<_>>(), [7]);
        assert_eq!(grid.width(), 4);
    }

    #[test]
    fn a_merged_rectangle_shows_its_upper_left_corner_everywhere() {
        let merge = Merge { top: 1, left: 2, bottom: 3, right: 4 };
        let grid = Grid::new(vec![text(1, 2, "x")], vec![merge]);
        assert_eq!((grid.anchor(3, 4), grid.anchor(1, 2), grid.anchor(0, 2)), ((1, 2), (1, 2), (0, 2)));
    }

    #[test]
    fn a_cell_shows_on_one_line_without_what_nobody_sees() {
        for (value, shown) in [
            (Value::Text(" Sở\u{a0}Công\r\n Thương\u{200b} ".into()), "Sở Công Thương"),
            (Value::Text("\u{feff}".into()), ""),
            (Value::Number(1234.0), "1234"),
            (Value::Number(-3.0), "-3"),
            (Value::Number(1.234), "1.234"),
            (Value::Number(1e300), &format!("{}", 1e300)),
        ] {
            assert_eq!(value.shown(), shown);
        }
        assert!(Value::Text("\u{a0}\u{200b} ".into()).is_blank());
    }
}
