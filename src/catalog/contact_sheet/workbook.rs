//! Workbooks that go out: our own empty sheet, the present list, and a sheet that came in with its errors marked. Every
//! cell is text, so that no zero is lost and nothing is a formula.

use chrono::{DateTime, Datelike as _, Utc};
use rust_xlsxwriter::{
    Color, DataValidation, DocProperties, ExcelDateTime, Format, FormatAlign, FormatBorder, Note, Workbook, Worksheet,
    XlsxError,
};

use super::Sheet;
use super::guess::{Field, Layout};
use super::read::Reading;
use crate::catalog::contact::{Contact, Office, Seat};
use crate::catalog::unit::Unit;
use crate::catalog::write::bounds;
use crate::words::Tongue;

/// A row of the list, in the order of [`Field::ALL`].
pub type Exported = [String; 10];

/// Why a workbook was not written.
#[derive(Debug, thiserror::Error)]
#[error("the workbook cannot be written: {0}\n  remedy: try again, or export as CSV")]
pub struct SheetError(#[from] XlsxError);

/// Rows that our own empty sheet is prepared for.
const PREPARED: u32 = 5_000;
/// Characters of a note in a cell.
const LONGEST_NOTE: usize = 900;
/// Offices that our empty sheet offers.
const OFFICES: [&str; 6] = ["Người đứng đầu", "Cấp phó", "Cấp phó 2", "Cấp phó 3", "Đầu mối", "Văn phòng"];

const INDIGO: u32 = 0x000B_5CAB;
const PALE: u32 = 0x00E7_F0FA;
const WRONG: u32 = 0x00F7_C6A3;
const NOTED: u32 = 0x00FF_F2CC;

/// A contact as a row of the list.
pub fn exported(contact: &Contact, unit: Option<&Unit>) -> Exported {
    let [from, to] = bounds(contact.valid).map(|day| vietnamese_day(&day));
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    [
        unit.map_or_else(|| contact.unit.to_string(), |unit| unit.code.clone()),
        unit.map(|unit| unit.name.clone()).unwrap_or_default(),
        written(contact.office),
        contact.title.clone(),
        text(&contact.person),
        text(&contact.email),
        text(&contact.phone),
        text(&contact.zalo_user_id),
        from,
        to,
    ]
}

/// An office as our sheets write it.
fn written(office: Office) -> String {
    match office {
        Office::Head => "Người đứng đầu".to_owned(),
        Office::Deputy(Seat::FIRST) => "Cấp phó".to_owned(),
        Office::Deputy(seat) => format!("Cấp phó {}", seat.number()),
        Office::FocalPoint => "Đầu mối".to_owned(),
        Office::Bureau => "Văn phòng".to_owned(),
    }
}

fn vietnamese_day(iso: &str) -> String {
    let parts: Vec<&str> = iso.split('-').collect();
    if let [year, month, day] = parts.as_slice() { format!("{day}/{month}/{year}") } else { String::new() }
}

/// Our own sheet, empty.
///
/// # Errors
/// [`SheetError`].
pub fn template(now: DateTime<Utc>) -> Result<Vec<u8>, SheetError> {
    let mut book = book(now)?;
    let sheet = book.add_worksheet().set_name("Danh bạ")?;
    headings(sheet)?;
    sheet.add_data_validation(1, 2, PREPARED, 2, &DataValidation::new().allow_list_strings(&OFFICES)?)?;
    let guide = book.add_worksheet().set_name("Hướng dẫn")?;
    guide.set_column_width(0, 24)?.set_column_width(1, 80)?;
    let lines = [
        ("Mã đơn vị", "Mã như trong danh bạ, ví dụ 07201. Có mã thì không bắt buộc ghi tên."),
        ("Tên đơn vị", "Ghi đủ loại đơn vị: Xã Song Mai, Sở Công Thương."),
        (
            "Vai trò",
            "Người đứng đầu (nhận đôn đốc), Cấp phó, Đầu mối (nơi gọi khi cần) hoặc Văn phòng. Mỗi người một dòng; nhiều cấp phó thì ghi Cấp phó, Cấp phó 2, Cấp phó 3 …",
        ),
        ("Chức vụ", "Chủ tịch, Giám đốc … Để trống thì lấy chức vụ thường dùng."),
        ("Họ và tên", "Không bắt buộc."),
        ("Thư điện tử", "Một địa chỉ công vụ."),
        ("Di động", "10 chữ số bắt đầu bằng 0. Cột đã định dạng “Văn bản” để giữ số 0."),
        ("Mã Zalo", "Không bắt buộc."),
        ("Từ ngày", "Ngày/tháng/năm. Để trống: từ ngày nhập tệp. Người trước đó thôi giữ từ hôm trước."),
        ("Đến ngày", "Ngày cuối cùng giữ chức vụ; để trống khi còn giữ."),
    ];
    let (bold, wrapped) = (Format::new().set_bold(), Format::new().set_text_wrap());
    for (row, (name, words)) in (0_u32..).zip(lines) {
        guide.write_string_with_format(row, 0, name, &bold)?;
        guide.write_string_with_format(row, 1, words, &wrapped)?;
    }
    Ok(book.save_to_buffer()?)
}

/// The list as a workbook, as our own sheet is laid out.
///
/// # Errors
/// [`SheetError`].
pub fn present(rows: &[Exported], now: DateTime<Utc>) -> Result<Vec<u8>, SheetError> {
    let mut book = book(now)?;
    let sheet = book.add_worksheet().set_name("Danh bạ")?;
    headings(sheet)?;
    let text = Format::new().set_num_format("@");
    for (number, row) in (1_u32..).zip(rows) {
        for (column, cell) in (0_u16..).zip(row).filter(|(_, cell)| !cell.is_empty()) {
            sheet.write_string_with_format(number, column, cell, &text)?;
        }
    }
    let last = u32::try_from(rows.len()).unwrap_or(u32::MAX);
    sheet.autofilter(0, 0, last, 9)?;
    Ok(book.save_to_buffer()?)
}

/// The sheet as it came, with a colour and a note in this language on every cell that something is said about, and a list of
/// what is wrong, cell by cell.
///
/// # Errors
/// [`SheetError`].
pub fn marked(
    sheet: &Sheet,
    (layout, reading): (&Layout, &Reading),
    t: Tongue,
    now: DateTime<Utc>,
) -> Result<Vec<u8>, SheetError> {
    let mut book = book(now)?;
    let out = book.add_worksheet().set_name(t.say("cell.sheet_marked"))?;
    let text = Format::new().set_num_format("@");
    let heading = heading_format();
    for row in &sheet.rows {
        for cell in &row.cells {
            let format = if row.number <= layout.header_row { &heading } else { &text };
            let Some((line, column)) = place(row.number, cell.column) else { continue };
            out.write_string_with_format(line, column, cell.text.as_str(), format)?;
        }
    }
    for column in layout.headings.keys().filter_map(|column| u16::try_from(*column).ok()) {
        out.set_column_width(column, 22)?;
    }
    for finding in &reading.findings {
        let Some((line, column)) = place(finding.row, finding.column) else { continue };
        let colour = if finding.wrong { WRONG } else { NOTED };
        let format = Format::new().set_num_format("@").set_background_color(Color::RGB(colour));
        out.write_string_with_format(line, column, finding.shown.as_str(), &format)?;
        let said = reading.findings.iter().filter(|other| (other.row, other.column) == (finding.row, finding.column));
        let words: Vec<String> = said.map(|one| one.told(t, true)).collect();
        let words: String = words.join("\n").chars().take(LONGEST_NOTE).collect();
        out.insert_note(line, column, &Note::new(words).add_author_prefix(false))?;
    }
    let list = book.add_worksheet().set_name(t.say("cell.sheet_errors"))?;
    list.set_column_width(0, 8)?.set_column_width(1, 30)?.set_column_width(2, 90)?;
    for (column, name) in (0_u16..).zip(["cell.where", "cell.what_it_says", "cell.what_to_correct"]) {
        list.write_string_with_format(0, column, t.say(name), &heading)?;
    }
    let wrong = reading.findings.iter().filter(|finding| finding.wrong);
    for (line, finding) in (1_u32..).zip(wrong) {
        list.write_string(line, 0, finding.cell())?;
        list.write_string(line, 1, finding.shown.as_str())?;
        list.write_string(line, 2, finding.told(t, true))?;
    }
    Ok(book.save_to_buffer()?)
}

fn place(row: u32, column: u32) -> Option<(u32, u16)> {
    Some((row.checked_sub(1)?, u16::try_from(column).ok()?))
}

fn book(now: DateTime<Utc>) -> Result<Workbook, XlsxError> {
    let mut book = Workbook::new();
    let part = |number: u32| u8::try_from(number).unwrap_or(1);
    let year = u16::try_from(now.year()).unwrap_or(2026);
    let made = ExcelDateTime::from_ymd(year, part(now.month()), part(now.day()))?;
    book.set_properties(&DocProperties::new().set_title("Danh bạ đôn đốc").set_creation_datetime(&made));
    Ok(book)
}

fn heading_format() -> Format {
    Format::new()
        .set_bold()
        .set_num_format("@")
        .set_text_wrap()
        .set_align(FormatAlign::VerticalCenter)
        .set_border_bottom(FormatBorder::Medium)
        .set_border_bottom_color(Color::RGB(INDIGO))
        .set_background_color(Color::RGB(PALE))
}

fn headings(sheet: &mut Worksheet) -> Result<(), XlsxError> {
    let (heading, text) = (heading_format(), Format::new().set_num_format("@"));
    let widths = [12, 34, 18, 40, 26, 34, 16, 22, 12, 12];
    for ((column, field), width) in (0_u16..).zip(Field::ALL).zip(widths) {
        sheet.set_column_width(column, width)?.set_column_format(column, &text)?;
        sheet.write_string_with_format(0, column, field.name(), &heading)?;
    }
    sheet.set_freeze_panes(1, 2)?;
    sheet.set_repeat_rows(0, 0)?;
    sheet.set_landscape().set_print_fit_to_pages(1, 0);
    Ok(())
}
