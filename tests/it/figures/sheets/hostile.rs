//! Files made to break their reader: the daemon lives, and says what is wrong.

use std::fmt::Write as _;
use std::io::{Cursor, Write as _};

use zip::write::SimpleFileOptions;

use super::{Source, Text, texts, workbook};

const SHEET: &str = "xl/worksheets/sheet1.xml";

/// A small workbook in which one part is another.
fn with_part(name: &str, content: &[u8]) -> Vec<u8> {
    let book = workbook(&texts(&[["Đơn vị", "Kỳ", "Tiếp nhận", "Trực tuyến"]]), &[]);
    let mut whole = zip::ZipArchive::new(Cursor::new(book)).unwrap();
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for at in 0..whole.len() {
        let part = whole.by_index_raw(at).unwrap();
        if part.name().unwrap() != name {
            zip.raw_copy_file(part).unwrap();
        }
    }
    zip.start_file(name, SimpleFileOptions::default()).unwrap();
    zip.write_all(content).unwrap();
    zip.finish().unwrap().into_inner()
}

fn sheet(data: &str) -> Vec<u8> {
    let xml = format!(
        "<worksheet xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"><sheetData>{data}</sheetData></worksheet>"
    );
    with_part(SHEET, xml.as_bytes())
}

fn refused(bytes: &[u8], words: &[&str]) {
    let told = Source::small(bytes).told();
    for word in words.iter().chain(&["error: source `province`: report.xls", "remedy: "]) {
        assert!(told.contains(word), "{word}: {told}");
    }
}

#[test]
fn one_cell_at_the_far_corner() {
    let book = sheet("<row r=\"1048576\"><c r=\"XFD1048576\"><v>1</v></c></row>");
    assert!(book.len() < 10_000);
    refused(
        &book,
        &["cell XFD1048576 (1048576:16384): the sheet reaches beyond", "delete what stands outside the table"],
    );
}

#[test]
fn a_member_that_inflates_without_end() {
    let bomb = with_part(SHEET, &vec![b' '; 64 << 20]);
    assert!(bomb.len() < 200_000);
    refused(&bomb, &["`xl/worksheets/sheet1.xml` inside the workbook inflates", "200 times"]);
}

#[test]
fn more_members_than_any_workbook_has() {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for at in 0..2_001 {
        zip.start_file(format!("{at}.xml"), SimpleFileOptions::default()).unwrap();
    }
    refused(&zip.finish().unwrap().into_inner(), &["2001 parts inside, at most 2000"]);
}

#[test]
fn more_cells_than_are_read() {
    let row = |row: u32| {
        let cells: String = (0..400_u32).map(|_| "<c><v>1</v></c>").collect();
        format!("<row r=\"{row}\">{cells}</row>")
    };
    let rows: String = (1..5_002).map(row).collect();
    // Not so regular that the ratio says it first.
    let mut noise = String::new();
    for n in 0..200_000_u64 {
        let _ = write!(noise, "<!--{:x}-->", n.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    }
    refused(&sheet(&format!("{noise}{rows}")), &["the sheet has more than 2000000 cells"]);
}

#[test]
fn entities_are_not_expanded_and_broken_xml_is_an_error() {
    let xml = b"<!DOCTYPE a [<!ENTITY b \"bbbbbbbbbb\"><!ENTITY c \"&b;&b;&b;&b;&b;&b;&b;&b;\">]><worksheet><sheetData><row><c t=\"str\"><v>&c;</v></c></row></sheetData></worksheet>";
    refused(&with_part(SHEET, xml), &["cannot be read"]);
    refused(&with_part(SHEET, b"<worksheet><sheetData><row>"), &["cannot be read"]);
}

#[test]
fn a_workbook_that_was_cut_off_anywhere() {
    let book = workbook(&[vec![Text("Đơn vị"), Text("Kỳ"), Text("Tiếp nhận"), Text("Trực tuyến")]], &[]);
    for length in [4, 100, book.len() / 2, book.len() - 1] {
        refused(&book[..length], &["damaged or was cut off", "copy or export the file again"]);
    }
    let mut flipped = book.clone();
    for byte in flipped.iter_mut().skip(60).step_by(97) {
        *byte ^= 0x55;
    }
    refused(&flipped, &[]);
}

#[test]
fn old_workbooks_that_lie_about_themselves() {
    let small = std::fs::read("tests/it/fixtures/sheets/small.xls").unwrap();
    for step in [1, 7, 61] {
        let mut broken = small.clone();
        for byte in broken.iter_mut().skip(512).step_by(step) {
            *byte = byte.wrapping_mul(31).wrapping_add(7);
        }
        refused(&broken, &[]);
        refused(&small[..small.len() / (step + 1)], &[]);
    }
}

#[test]
fn a_page_that_spans_everything() {
    refused(b"<table><tr><td colspan=99999 rowspan=99999>a<td>b", &["reaches beyond 512 columns"]);
}

#[test]
fn a_file_larger_than_is_read() {
    refused(&vec![b'P'; (64 << 20) + 1], &["larger than 64 MB"]);
}

#[test]
fn what_takes_more_memory_than_a_worker_has_ends_the_worker_alone() {
    let far = "<table:table-row table:number-rows-repeated=\"90000\"><table:table-cell \
               table:number-columns-repeated=\"1000\" office:value-type=\"string\"><text:p>x</text:p></table:table-cell>\
               </table:table-row>";
    refused(&super::shapes::ods(far, ""), &["reading it takes more than 512 MB or 60 seconds", "stray cell"]);
    let good = [["Đơn vị", "Kỳ", "Tiếp nhận", "Trực tuyến"], ["Sở Công Thương", "10/2022", "12", "3"]];
    let told = Source::small(&workbook(&texts(&good), &[])).told();
    assert_eq!(told, "Sở Công Thương in 2022-10: received 12 received_online 3\n");
}
