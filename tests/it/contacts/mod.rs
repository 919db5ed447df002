//! Contacts: sheets that clerks bring, the directory on both engines, and the commands.

mod commands;
mod deputies;
mod reform;
mod reform_commands;
mod sheets;
mod stored;

use dondoc::app::directory::{Looked, look, read_sheet};
use dondoc::catalog::contact_sheet::{Layout, Memory, Sheet};
use dondoc::catalog::directory::Directory;
use dondoc::source::NoSheet;
use rust_xlsxwriter::{Workbook, Worksheet};

use crate::support::mailbox::start;

/// The units and heads of the sample.
pub fn sample() -> Directory {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("samples/bac-giang-2022");
    let pack = dondoc::catalog::Pack::read(&folder).expect("the sample is a good pack");
    Directory { units: pack.units, contacts: pack.contacts, successions: pack.successions }
}

/// A workbook whose one sheet is filled in by `fill`.
pub fn book(fill: impl FnOnce(&mut Worksheet)) -> Vec<u8> {
    let mut book = Workbook::new();
    fill(book.add_worksheet());
    book.save_to_buffer().expect("a workbook")
}

/// Writes texts from a row on, 0-based.
pub fn fill(sheet: &mut Worksheet, first: u32, rows: &[&[&str]]) {
    for (row, cells) in (first..).zip(rows) {
        for (column, text) in (0..).zip(*cells).filter(|(_, text)| !text.is_empty()) {
            sheet.write_string(row, column, *text).expect("a cell");
        }
    }
}

/// What a limited worker reads of the bytes.
pub async fn read(bytes: &[u8]) -> Result<(Sheet, Layout), NoSheet> {
    read_sheet(env!("CARGO_BIN_EXE_dondoc").as_ref(), bytes, &Memory::new()).await
}

/// The same, compared with the sample.
pub async fn looked(bytes: &[u8]) -> Looked {
    let (sheet, layout) = read(bytes).await.expect("a sheet");
    assert_eq!(layout.lacks(), None, "{layout:?}");
    look(&sample(), (&sheet, &layout), &|_| true, false, start())
}
