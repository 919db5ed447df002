//! Web pages that are called workbooks.

use super::super::answer::Setup;
use super::super::grid::{Grid, Value};
use super::super::html::grid;
use super::super::place::{ROWS, Spot};
use super::super::task::read;
use super::super::{Layout, PeriodFrom};
use super::written::{holds, last};
use crate::source::{Columns, NumberFormat};

/// More adds nothing but time.
const LONGEST: usize = 16 << 10;
/// How often the middle of a page is repeated, at most: work that grows faster than the page shows by its time.
const REPEATED: usize = 2_000;

/// A page. When it is cut by two bytes 1, the first of its three parts says how often the second one stands there.
pub(in crate::source) fn html_table(bytes: &[u8]) {
    let page = whole(bytes);
    let Some(text) = super::super::sniff::text(&page) else {
        assert!(read(&page, &setup()).is_err(), "no text, but a table");
        return;
    };
    match grid(&text) {
        Err(far) => {
            let Spot::Cell(row, _) = far.spot else { unreachable!("a cell is too far") };
            assert!(row <= ROWS && !far.what.is_empty());
            assert!(read(&page, &setup()).is_err(), "too large, but a table");
        }
        Ok(grid) => {
            bounded(&grid, &text);
            holds(&read(&page, &setup()), last(&grid));
        }
    }
}

fn whole(bytes: &[u8]) -> Vec<u8> {
    let mut parts = bytes.splitn(3, |byte| *byte == 1);
    let (first, second, third) = (parts.next(), parts.next(), parts.next());
    let (Some(first), Some(second), Some(third)) = (first, second, third) else { return bytes.to_vec() };
    let times = std::str::from_utf8(first).ok().and_then(|times| times.parse::<usize>().ok()).unwrap_or(1);
    let most = REPEATED.min(times).min((LONGEST * 8).checked_div(second.len()).unwrap_or(0));
    [&second.repeat(most), third].concat()
}

/// A page makes no more cells than it has tags, and no more text than it has bytes.
fn bounded(grid: &Grid<'_>, page: &str) {
    let tags = page.matches('<').count();
    assert!(grid.merges().len() <= tags, "more merged cells than tags");
    let (mut cells, mut text, mut before) = (0, 0, None);
    for (row, in_row) in grid.rows() {
        for cell in in_row {
            assert!(before < Some((row, cell.column)), "cells out of order");
            before = Some((row, cell.column));
            let Value::Text(shown) = &cell.value else { unreachable!("a page holds texts") };
            cells += 1;
            text += shown.len();
        }
    }
    assert!(cells <= tags + 1, "more cells than tags");
    assert!(text <= 4 * page.len() + 64, "more text than the page");
    assert!(grid.merges().iter().all(|merge| merge.top <= merge.bottom && merge.left <= merge.right));
}

/// A report as it comes: the period in its title, names of units, two counts.
fn setup() -> Setup {
    let measures =
        [("received", "Nhận > Tổng số"), ("online", "Trực tuyến + Qua bưu chính"), ("resolved", "Đã giải quyết")];
    let columns = Columns {
        period: "Kỳ".into(),
        unit_code: String::new(),
        unit_name: "Đơn vị".into(),
        service_code: String::new(),
        measures: measures.map(|(name, header)| (name.into(), header.into())).to_vec(),
        numbers: NumberFormat::PointThousands,
    };
    Setup { columns, layout: Layout { period: PeriodFrom::Title, ..Layout::default() }, sheet: None }
}
