//! Sheets as they come: whatever is wrong in them is told with its cell and its remedy, and what is not wrong is read.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a panic is how a test fails")]

use std::io::Write as _;

use dondoc::catalog::contact_sheet::{self, ChangeKind};
use dondoc::source::NoSheet;
use dondoc::words::Tongue::{English, Vietnamese};
use rust_xlsxwriter::{ExcelDateTime, Format, Formula, Worksheet};

use super::{book, fill, looked, read};
use crate::support::mailbox::start;

const HEAD: &[&str] = &["Mã đơn vị", "Đơn vị", "Chức vụ", "Họ và tên", "Email", "Di động", "Từ ngày"];
const GOOD: &[&str] = &["07222", "Xã Song Mai", "Chủ tịch", "", "songmai@tinh.example", "0900 000 123", ""];

/// The sheet with its headings in row 1 and these rows below.
fn with(rows: &[&[&str]]) -> Vec<u8> {
    book(|sheet| {
        fill(sheet, 0, &[HEAD]);
        fill(sheet, 1, rows);
    })
}

/// The good row with one cell changed by hand.
fn changed(change: impl FnOnce(&mut Worksheet)) -> Vec<u8> {
    book(|sheet| {
        fill(sheet, 0, &[HEAD, GOOD]);
        change(sheet);
    })
}

/// The good row with another text in a column.
fn cell(column: usize, text: &str) -> Vec<u8> {
    let mut row = GOOD.to_vec();
    row[column] = text;
    with(&[&row])
}

/// What must be said about a sheet: cell, words of the sentence, whether it is wrong, and the suggestion.
type Told = (&'static str, &'static str, bool, Option<&'static str>);

/// A sheet with one thing in it.
type Case = (&'static str, Vec<u8>, Told);

/// Texts that are not what they seem.
fn texts() -> Vec<Case> {
    vec![
        ("a comma", cell(4, "a@gmail,com"), ("E2", "dấu phẩy", true, Some("a@gmail.com"))),
        ("a space", cell(4, "song mai@tinh.example"), ("E2", "dấu cách", true, Some("songmai@tinh.example"))),
        (
            "two addresses",
            cell(4, "a@tinh.example; b@tinh.example"),
            ("E2", "nhiều địa chỉ", true, Some("a@tinh.example")),
        ),
        ("no @", cell(4, "songmai.tinh.example"), ("E2", "thiếu dấu @", true, None)),
        ("letters with marks", cell(4, "sôngmai@tinh.example"), ("E2", "có dấu", true, Some("songmai@tinh.example"))),
        ("TCVN3", cell(2, "Chñ tÞch"), ("C2", "TCVN3", true, Some("Chủ tịch"))),
        ("VNI", cell(2, "Chuû tòch"), ("C2", "VNI", true, Some("Chủ tịch"))),
        ("misread UTF-8", cell(2, "Chá»§ tá»‹ch"), ("C2", "đọc sai", true, Some("Chủ tịch"))),
        ("combining marks", cell(1, "Xa\u{303} Song Mai"), ("B2", "tổ hợp", false, None)),
        ("hard spaces", cell(1, "Xã\u{a0}Song\u{a0}Mai"), ("B2", "NBSP", false, None)),
        ("no width", cell(4, "songmai\u{200b}@tinh.example"), ("E2", "U+200B", false, None)),
        ("turned text", cell(3, "Người \u{202e}nhận"), ("D2", "U+202E", true, Some("Người nhận"))),
    ]
}

/// Cells that a spreadsheet fills in or turns into something else.
fn values() -> Vec<Case> {
    vec![
        (
            "a formula without a value",
            changed(|sheet| {
                sheet.write_formula(1, 4, Formula::new("=A9").set_result("")).unwrap();
            }),
            ("E2", "thiếu dấu @", true, None),
        ),
        (
            "a formula",
            changed(|sheet| {
                sheet
                    .write_formula(1, 4, Formula::new("=\"a@\"&\"tinh.example\"").set_result("a@tinh.example"))
                    .unwrap();
            }),
            ("E2", "công thức", false, None),
        ),
        (
            "an error",
            changed(|sheet| {
                sheet.write_formula(1, 4, Formula::new("=VLOOKUP(1,A9,1)").set_result("#N/A")).unwrap();
            }),
            ("E2", "#N/A", true, None),
        ),
        ("an American date", cell(6, "07/31/2022"), ("G2", "Không có ngày", true, Some("31/07/2022"))),
        ("two digits of a year", cell(6, "1/7/22"), ("G2", "hai chữ số", true, Some("01/07/2022"))),
        (
            "a day as a number",
            changed(|sheet| {
                sheet.write_number(1, 6, 44_743).unwrap();
            }),
            ("G2", "dạng số", false, None),
        ),
        (
            "a number without its zero",
            changed(|sheet| {
                sheet.write_number(1, 5, 900_000_123).unwrap();
            }),
            ("F2", "mất số 0", true, Some("0900000123")),
        ),
    ]
}

/// Numbers, units and offices.
fn meanings() -> Vec<Case> {
    let merged = Format::new();
    vec![
        ("an old number", cell(5, "0168.000.0123"), ("F2", "11 chữ số", true, Some("0380000123"))),
        ("a landline", cell(5, "0204 000 0123"), ("F2", "máy bàn", false, None)),
        ("two numbers", cell(5, "0900 000 123/0900 000 124"), ("F2", "nhiều số", true, Some("0900 000 123"))),
        (
            "a code without its zero",
            changed(|sheet| {
                sheet.write_number(1, 0, 7_222).unwrap();
            }),
            ("A2", "mất số 0", true, Some("07222")),
        ),
        (
            "a stranger",
            with(&[&["", "Xã Song My", "Chủ tịch", "", "a@tinh.example"]]),
            ("B2", "không có đơn vị", true, None),
        ),
        (
            "two of one name",
            with(&[&["", "Xã Phúc Sơn", "Chủ tịch", "", "a@tinh.example"]]),
            ("B2", "2 đơn vị cùng tên", true, None),
        ),
        (
            "code of one, name of another",
            with(&[&["07222", "Xã Phúc Sơn", "Chủ tịch", "", "a@tinh.example"]]),
            ("A2", "Mã là của", true, None),
        ),
        ("the same twice", with(&[GOOD, GOOD]), ("C3", "Dòng 2 đã ghi", true, None)),
        ("no known office", cell(2, "Kế toán"), ("C2", "Không rõ", true, None)),
        (
            "merged addresses",
            book(|sheet| {
                fill(sheet, 0, &[HEAD, GOOD, &["SCT", "Sở Công Thương", "Giám đốc"]]);
                sheet.merge_range(1, 4, 2, 4, "chung@tinh.example", &merged).unwrap();
            }),
            ("E3", "vùng gộp E2:E3", true, None),
        ),
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_wrong_cell_is_told_with_its_place_its_remedy_and_what_it_should_be() {
    let cases: Vec<Case> = [texts(), values(), meanings()].concat();
    assert!(cases.len() >= 25);
    for (name, bytes, (place, words, wrong, fix)) in cases {
        let looked = looked(&bytes).await;
        let said: Vec<String> =
            looked.reading.findings.iter().map(|f| format!("{} {}", f.cell(), f.sentence.say(Vietnamese))).collect();
        let found = looked
            .reading
            .findings
            .iter()
            .find(|found| found.cell() == place && found.sentence.say(Vietnamese).contains(words));
        let found = found.unwrap_or_else(|| panic!("{name}: {said:?}"));
        assert_eq!((found.wrong, found.fix.as_deref()), (wrong, fix), "{name}: {found:?}");
        assert!(!found.remedy.say(Vietnamese).is_empty() && !found.remedy.say(English).is_empty(), "{name}");
        let others = looked.reading.findings.iter().filter(|other| other.wrong && *other != found).count();
        assert_eq!(others, 0, "{name}: nothing else is blamed: {said:?}");
        assert_eq!(
            looked.reading.holders.is_empty(),
            wrong && !matches!(name, "the same twice" | "merged addresses"),
            "{name}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_only_looks_strange_is_read() {
    let merged = Format::new();
    let groups = book(|sheet| {
        sheet.merge_range(0, 0, 0, 5, "DANH SÁCH LÃNH ĐẠO CÁC ĐƠN VỊ, CƠ QUAN", &merged).unwrap();
        fill(sheet, 2, &[&["Mã đơn vị", "Đơn vị", "Người đứng đầu", "", "Liên hệ", ""]]);
        sheet.merge_range(2, 2, 2, 3, "Người đứng đầu", &merged).unwrap();
        sheet.merge_range(2, 4, 2, 5, "Liên hệ", &merged).unwrap();
        fill(
            sheet,
            3,
            &[&["", "", "Họ tên", "Chức danh", "Thư điện tử", "ĐTDĐ"], &["(1)", "(2)", "(3)", "(4)", "(5)", "(6)"]],
        );
        fill(
            sheet,
            5,
            &[&["I", "KHỐI XÃ"], &["07222", "Xã Song Mai", "", "Chủ tịch", "a@tinh.example", "0900 000 123"]],
        );
        fill(sheet, 7, &[&["Mã đơn vị", "Đơn vị", "Họ tên", "Chức danh", "Thư điện tử", "ĐTDĐ"]]);
        fill(sheet, 8, &[&["SCT", "Sở Công Thương", "", "Giám đốc", "b@tinh.example", ""]]);
    });
    let far = book(|sheet| {
        fill(sheet, 0, &[HEAD, GOOD]);
        sheet.write_string(0, 600, "rơi ở xa").unwrap();
    });
    let units = book(|sheet| {
        fill(sheet, 0, &[HEAD, GOOD, &["", "", "Phó Chủ tịch", "", "pho@tinh.example"]]);
        sheet.merge_range(1, 0, 2, 0, "07222", &merged).unwrap();
        sheet.merge_range(1, 1, 2, 1, "Xã Song Mai", &merged).unwrap();
    });
    let dated = changed(|sheet| {
        let day = ExcelDateTime::from_ymd(2022, 7, 1).unwrap();
        sheet.write_datetime_with_format(1, 6, &day, &Format::new().set_num_format("dd/mm/yyyy")).unwrap();
    });
    for (name, bytes, rows) in [("groups", groups, 2), ("merged units", units, 2), ("a date", dated, 1)] {
        let looked = looked(&bytes).await;
        assert_eq!(looked.reading.wrong(), 0, "{name}: {:?}", looked.reading.findings);
        assert_eq!(looked.reading.holders.len(), rows, "{name}: {:?}", looked.reading);
    }
    let refused = read(&far).await.unwrap_err().to_string();
    assert!(refused.contains("reaches beyond") && refused.contains("remedy"), "{refused}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_csv_file_is_read_whatever_its_delimiter_and_old_bytes_are_seen() {
    for bytes in [
        "Mã đơn vị;Chức vụ;Email\n07222;Chủ tịch;a@tinh.example\n".as_bytes().to_vec(),
        "\u{feff}Mã đơn vị,Chức vụ,Email\r\n07222,Chủ tịch,a@tinh.example\r\n".as_bytes().to_vec(),
    ] {
        assert_eq!(looked(&bytes).await.reading.holders.len(), 1);
    }
    // TCVN3: "Chủ tịch".
    let old = looked(b"Ma don vi,Chuc vu,Email\n07222,Ch\xf1 t\xdech,a@tinh.example\n").await;
    let found = &old.reading.findings[0];
    assert_eq!((found.cell().as_str(), found.fix.as_deref()), ("B2", Some("Chủ tịch")), "{found:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bomb_or_another_file_harms_nobody_and_is_named() {
    let mut bomb = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    bomb.start_file("xl/workbook.xml", zip::write::SimpleFileOptions::default()).unwrap();
    bomb.write_all(b"<workbook/>").unwrap();
    bomb.start_file("xl/worksheets/sheet1.xml", zip::write::SimpleFileOptions::default()).unwrap();
    for _ in 0..300 {
        bomb.write_all(&vec![b' '; 1 << 20]).unwrap();
    }
    let bomb = bomb.finish().unwrap().into_inner();
    assert!(bomb.len() < 1 << 20, "{} bytes", bomb.len());
    for (bytes, reason) in [
        (bomb, "inflates to more"),
        (b"%PDF-1.7 %\xe2\xe3\xcf\xd3".to_vec(), "PDF"),
        (Vec::new(), "empty"),
        (with(&[GOOD])[..900].to_vec(), "damaged"),
        (vec![b'a'; (8 << 20) + 1], "larger than 8 MB"),
    ] {
        match read(&bytes).await {
            Err(NoSheet::Unreadable { reason: told, remedy }) => {
                assert!(told.contains(reason) && !remedy.is_empty(), "{reason}: {told}");
            }
            other => panic!("{reason}: {other:?}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn our_own_files_are_read_back() {
    let day = dondoc::app::today(start());
    let directory = super::sample();
    let rows = directory.listed(day, &|_| true);
    let list = looked(&contact_sheet::present(&rows, start()).unwrap()).await;
    assert_eq!(list.reading.wrong(), 0, "{:?}", list.reading.findings);
    assert_eq!((list.plan.changes.len(), list.plan.same), (0, rows.len()), "{:?}", list.plan.changes);

    let (sheet, layout) = read(&contact_sheet::template(start()).unwrap()).await.unwrap();
    assert_eq!((layout.lacks(), layout.fields.len(), sheet.rows.len()), (None, 10, 1));

    let bytes = cell(4, "a@gmail,com");
    let (sheet, layout) = read(&bytes).await.unwrap();
    let wrong = looked(&bytes).await;
    let marked = contact_sheet::marked(&sheet, (&layout, &wrong.reading), Vietnamese, start()).unwrap();
    assert_eq!(read(&marked).await.unwrap().0.rows, sheet.rows, "the marked sheet holds what the clerk wrote");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sheet_says_what_is_added_changed_and_ended() {
    let bytes = with(&[
        GOOD,
        &["SCT", "", "Giám đốc", "", "giamdoc@sct.bacgiang.example", "0900 000 001", ""],
        &["SNV", "", "Phó Giám đốc", "", "pho@snv.bacgiang.example", "", ""],
    ]);
    let (sheet, layout) = read(&bytes).await.unwrap();
    let directory = super::sample();
    let look = |whole| dondoc::app::directory::look(&directory, (&sheet, &layout), &|_| true, whole, start());
    let plan = look(false).plan;
    let counts = |plan: &contact_sheet::Plan| {
        [ChangeKind::Added, ChangeKind::Changed, ChangeKind::Ended].map(|kind| plan.count(kind))
    };
    assert_eq!((counts(&plan), plan.same), ([1, 1, 0], 1), "{:?}", plan.changes);
    let held = directory.listed(dondoc::app::today(start()), &|_| true).len();
    assert_eq!(counts(&look(true).plan), [1, 1, held - 2], "who is not named in the whole directory ends");
}
