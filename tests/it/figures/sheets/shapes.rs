//! The shapes that sheets come in.

use std::io::{Cursor, Write as _};

use rust_xlsxwriter::Workbook;
use zip::write::SimpleFileOptions;

use super::{Date, Formula, Nothing, Number, SMALL, Source, Text, fill, texts, workbook};

const HEADER: [&str; 4] = ["Đơn vị", "Kỳ", "Tiếp nhận", "Trực tuyến"];

#[test]
fn a_plain_table_is_read_whatever_its_format_and_name() {
    let rows = [HEADER, ["Sở Công Thương", "10/2022", "12", "3"], ["Xã Hiệp Hòa", "Tháng 9/2022", "40", "10"]];
    let xlsx = workbook(&texts(&rows), &[]);
    let cells = |row: &[&str; 4], tag: &str| row.map(|text| format!("<{tag}>{text}</{tag}>")).concat();
    let body: Vec<String> = rows.iter().map(|row| format!("<tr>{}</tr>", cells(row, "td"))).collect();
    let html = format!("<table>{}</table>", body.concat());
    let body: Vec<String> = rows
        .iter()
        .map(|row| {
            let cells = row.map(|text| {
                format!("<table:table-cell office:value-type=\"string\"><text:p>{text}</text:p></table:table-cell>")
            });
            format!("<table:table-row>{}</table:table-row>", cells.concat())
        })
        .collect();
    let told = Source::small(&xlsx).told();
    assert_eq!(Source::small(html.as_bytes()).told(), told);
    assert_eq!(Source::small(&ods(&body.concat(), "")).told(), told);
    assert_eq!(Source::small(&std::fs::read("tests/it/fixtures/sheets/small.xls").unwrap()).told(), told);
    insta::assert_snapshot!(told, @r"
    Sở Công Thương in 2022-10: received 12 received_online 3
    Xã Hiệp Hòa in 2022-09: received 40 received_online 10
    ");
}

pub(super) fn ods(rows: &str, manifest: &str) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let content = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><office:document-content \
         xmlns:office=\"urn:oasis:names:tc:opendocument:xmlns:office:1.0\" \
         xmlns:table=\"urn:oasis:names:tc:opendocument:xmlns:table:1.0\" \
         xmlns:text=\"urn:oasis:names:tc:opendocument:xmlns:text:1.0\"><office:body><office:spreadsheet>\
         <table:table table:name=\"Sheet1\">{rows}</table:table></office:spreadsheet></office:body></office:document-content>"
    );
    let manifest = format!(
        "<manifest:manifest xmlns:manifest=\"urn:oasis:names:tc:opendocument:xmlns:manifest:1.0\">\
         <manifest:file-entry manifest:full-path=\"content.xml\">{manifest}</manifest:file-entry></manifest:manifest>"
    );
    let parts = [
        ("mimetype", "application/vnd.oasis.opendocument.spreadsheet"),
        ("content.xml", &content),
        ("META-INF/manifest.xml", &manifest),
    ];
    for (name, text) in parts {
        zip.start_file(name, SimpleFileOptions::default()).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

#[test]
fn merged_units_hold_for_all_their_rows_and_merged_counts_for_none() {
    let rows = [
        HEADER,
        ["Sở Công Thương", "10/2022", "12", "3"],
        ["", "09/2022", "10", "2"],
        ["Xã Hiệp Hòa", "10/2022", "40", "10"],
        ["", "09/2022", "", "10"],
    ];
    let book = workbook(&texts(&rows), &[(1, 0, 2, 0), (3, 0, 4, 0), (3, 2, 4, 2)]);
    insta::assert_snapshot!(Source::small(&book).told());
}

#[test]
fn spelling_of_names_does_not_matter_and_notes_behind_them_go() {
    let rows = [
        ["Đơn\u{a0}vị", "KỲ", "Tiếp  nhận\n", "Trực tuyê\u{301}n"],
        ["1. Sở\u{a0}Công Thương (*)", "10/2022", "12", "3"],
        ["XÃ HIỆP HOÀ (1)", "10/2022", "40", "10"],
        ["Xa\u{303} Hiê\u{323}p Ho\u{300}a", "9/2022", "41", "11"],
    ];
    insta::assert_snapshot!(Source::small(&workbook(&texts(&rows), &[])).told(), @r"
    Sở Công Thương in 2022-10: received 12 received_online 3
    Xã Hiệp Hòa in 2022-09, 2022-10: received 81 received_online 21
    ");
}

#[test]
fn numbers_dates_and_formulas_are_what_they_store() {
    let rows = vec![
        HEADER.map(Text).to_vec(),
        vec![Text("Sở Công Thương"), Date(44_865), Number(1234.0), Formula("=1+2", "3")],
        vec![Text("Xã Hiệp Hòa"), Number(44_834.0), Number(40.0), Number(10.0)],
        vec![Text("Xã Hiệp Hòa"), Text("29/09/2022"), Text("-"), Text("N/A")],
    ];
    insta::assert_snapshot!(Source::small(&workbook(&rows, &[])).told(), @r"
    Sở Công Thương in 2022-10: received 1234 received_online 3
    Xã Hiệp Hòa in 2022-09: received 40 received_online 10
    ");
}

#[test]
fn every_bad_cell_is_named_as_people_know_it() {
    let rows = vec![
        vec![Text("BÁO CÁO THÁNG 10")],
        vec![],
        HEADER.map(Text).to_vec(),
        vec![Text("Sở Công Thương"), Text("10/2022"), Number(1.234), Number(1.0)],
        vec![Text("Sở Công Thương"), Text("9/2022"), Text("12,34%"), Number(1.0)],
        vec![Text("Sở Công Thương"), Text("8/2022"), Text("1.234"), Number(1.0)],
        vec![Text("Sở Công Thương"), Text("quý III"), Number(12.0), Number(1.0)],
        vec![Text("Sở Không Có"), Text("10/2022"), Number(12.0), Number(1.0)],
        vec![Nothing, Text("10/2022"), Number(12.0), Number(1.0)],
        vec![Text("Xã Hiệp Hòa"), Text("10/2022"), Nothing, Number(1.0)],
        vec![Text("Xã Phúc Sơn"), Text("10/2022"), Number(5.0), Number(1.0)],
    ];
    insta::assert_snapshot!(Source::small(&workbook(&rows, &[])).told());
}

#[test]
fn groups_totals_notes_and_signatures_are_left_out_and_the_total_is_compared() {
    let rows = |total: &'static str| {
        workbook(
            &texts(&[
                ["ỦY BAN NHÂN DÂN TỈNH", "", "", ""],
                HEADER,
                ["A", "B", "1", "2"],
                ["Tổng cộng", "", total, "13"],
                ["Sở, ban, ngành", "", "12", "3"],
                ["Sở Công Thương", "10/2022", "12", "3"],
                ["UBND xã, phường, thị trấn", "", "40", "10"],
                ["Xã Hiệp Hòa", "10/2022", "40", "10"],
                ["Ghi chú: số liệu lấy ngày 31/10/2022", "", "", ""],
                ["", "", "Bắc Giang, ngày 05 tháng 11 năm 2022", ""],
                ["NGƯỜI LẬP BIỂU", "", "THỦ TRƯỞNG ĐƠN VỊ", ""],
            ]),
            &[],
        )
    };
    insta::assert_snapshot!(Source::small(&rows("52")).told(), @r"
    Sở Công Thương in 2022-10: received 12 received_online 3
    Xã Hiệp Hòa in 2022-10: received 40 received_online 10
    ");
    insta::assert_snapshot!(Source::small(&rows("53")).told());
}

#[test]
fn codes_that_are_numbers_have_lost_their_zeros_which_is_said_or_mended() {
    let rows = vec![
        vec![Text("Mã"), Text("Kỳ"), Text("Tiếp nhận"), Text("Trực tuyến")],
        vec![Number(7201.0), Text("10/2022"), Number(12.0), Number(3.0)],
    ];
    let settings = SMALL.replace("unit_code = \"\"", "unit_code = \"Mã\"").replace("\"Đơn vị\"", "\"\"");
    let book = workbook(&rows, &[]);
    insta::assert_snapshot!(Source::of(&settings, &book).told());
    let mended = format!("{settings}[source.layout]\ncode_digits = 5\n");
    insta::assert_snapshot!(Source::of(&mended, &book).told(), @"Xã Hiệp Hòa in 2022-10: received 12 received_online 3");
}

#[test]
fn the_period_may_stand_above_the_table_or_in_the_settings() {
    let table = |title: &'static str| {
        let rows = [[title, "", ""], ["Đơn vị", "Tiếp nhận", "Trực tuyến"], ["Sở Công Thương", "12", "3"]];
        workbook(&texts(&rows), &[])
    };
    let told = |period: &str, title: &'static str| {
        let settings = format!("{SMALL}[source.layout]\nperiod = \"{period}\"\n");
        Source::of(&settings, &table(title)).told()
    };
    let october = "Sở Công Thương in 2022-10: received 12 received_online 3\n";
    assert_eq!(told("title", "(Từ ngày 01/10/2022 đến ngày 31/10/2022)"), october);
    assert_eq!(told("2022-10", "BÁO CÁO"), october);
    insta::assert_snapshot!(told("title", "BÁO CÁO"));
}

#[test]
fn a_sum_needs_all_its_parts() {
    let settings = SMALL.replace("\"Tiếp nhận\"", "\"Trực tuyến + Trực tiếp\"");
    let rows = [
        ["Đơn vị", "Kỳ", "Trực tuyến", "Trực tiếp"],
        ["Sở Công Thương", "10/2022", "3", "9"],
        ["Xã Hiệp Hòa", "10/2022", "10", ""],
        ["Xã Hiệp Hòa", "9/2022", "10", "1,5"],
    ];
    insta::assert_snapshot!(Source::of(&settings, &workbook(&texts(&rows), &[])).told());
}

#[test]
fn a_header_that_is_not_there_or_twice_is_said_with_what_is() {
    let rows = [["Đơn vị", "Kỳ", "Tiếp nhận", "Trực tuyến (%)"], ["Sở Công Thương", "10/2022", "3", "9"]];
    let absent = Source::small(&workbook(&texts(&rows), &[])).told();
    let rows = [["Đơn vị", "Kỳ", "Tiếp nhận", "Trực tuyến"], ["Sở Công Thương", "10/2022", "3", "9"]];
    let doubled: Vec<Vec<_>> = texts(&rows)
        .into_iter()
        .map(|mut row| {
            row.push(row[2]);
            row
        })
        .collect();
    let twice = Source::small(&workbook(&doubled, &[])).told();
    let none = Source::small(&workbook(&texts(&[["Danh bạ", "Điện thoại"]]), &[])).told();
    insta::assert_snapshot!([absent, twice, none].join("\n"));
}

#[test]
fn the_sheet_is_the_one_with_the_columns_or_the_one_that_is_named() {
    let book = |both: bool| {
        let mut book = Workbook::new();
        let rows = texts(&[HEADER, ["Sở Công Thương", "10/2022", "12", "3"]]);
        fill(book.add_worksheet().set_name("Bìa").unwrap(), &texts(&[["Danh mục"]]), &[]);
        fill(book.add_worksheet().set_name("Tháng 10").unwrap(), &rows, &[]);
        fill(book.add_worksheet().set_name("Bản sao").unwrap(), if both { &rows } else { &[] }, &[]);
        fill(book.add_worksheet().set_name("Ẩn").unwrap().set_hidden(true), &rows, &[]);
        book.save_to_buffer().unwrap()
    };
    let october = "Sở Công Thương in 2022-10: received 12 received_online 3\n";
    assert_eq!(Source::small(&book(false)).told(), october);
    assert_eq!(Source::of(&format!("sheet = \"Tháng 10\"\n{SMALL}"), &book(true)).told(), october);
    let doubt = Source::small(&book(true)).told();
    let wrong = Source::of(&format!("sheet = \"Tháng 11\"\n{SMALL}"), &book(true)).told();
    insta::assert_snapshot!([doubt, wrong].join("\n"));
}

#[test]
fn old_font_encodings_are_refused() {
    let rows = [
        HEADER,
        ["Së C«ng Th\u{ad}¬ng", "10/2022", "12", "3"],
        ["X· HiÖp Hßa", "10/2022", "40", "10"],
        ["X· Phóc S¬n", "10/2022", "1", "0"],
    ];
    insta::assert_snapshot!(Source::small(&workbook(&texts(&rows), &[])).told());
}

#[test]
fn an_encrypted_workbook_is_said_to_be_one() {
    let name: Vec<u8> = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let ole = [b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".as_slice(), &[0; 600], &name, &[0; 600]].concat();
    let told = Source::small(&ole).told();
    assert!(told.contains("protected by a password") && told.contains("remedy: save it without a password"), "{told}");
    let told = Source::small(&ods("", "<manifest:encryption-data/>")).told();
    assert!(told.contains("protected by a password"), "{told}");
}

#[test]
fn what_is_no_workbook_is_said_with_a_remedy() {
    let told: Vec<String> = [
        &b"period,unit\n"[..],
        b"%PDF-1.7",
        b"",
        b"<html><body>Login</body></html>",
        b"PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0",
        b"<table><tr><td>S\xf4</table>",
    ]
    .map(|bytes| Source::small(bytes).told())
    .into();
    insta::assert_snapshot!(told.join(""));
}
