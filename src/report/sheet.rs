//! A table that leaves the pages as a file: for a spreadsheet with its colours, or as text that one opens.

use rust_xlsxwriter::{Color, DocProperties, ExcelDateTime, Format, FormatBorder, Workbook, Worksheet, XlsxError};

use super::{Tone, decimal, harmless};

/// A table with a title.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sheet {
    /// Name of the sheet; at most 31 characters, none of `[]:*?/\`.
    pub name: String,
    /// Lines above the table; of the workbook alone, so that the CSV is one table.
    pub title: Vec<String>,
    /// One per column.
    pub header: Vec<String>,
    /// Rows as long as the header.
    pub rows: Vec<Vec<SheetCell>>,
    /// Columns that stay in sight when one scrolls to the right.
    pub frozen: u16,
}

/// One cell. Numbers are numbers in the file, so that one can reckon with them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SheetCell {
    /// Words. Never a formula, whatever they begin with.
    Text(String),
    /// A count; empty where there is none, which is not zero.
    Count(Option<u64>),
    /// Hundredths of a percent with the colour of its standing.
    Percent(Option<u64>, Tone),
    /// Hundredths of a percent without a colour.
    Plain(Option<u64>),
    /// Hundredths of a percentage point, with a sign.
    Points(Option<i64>),
}

/// Why a table cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum SheetError {
    /// As a workbook.
    #[error("the workbook cannot be written: {0}")]
    Workbook(#[from] XlsxError),
    /// As text.
    #[error("the table cannot be written: {0}")]
    Text(#[from] csv::Error),
}

/// Fill and ink of a tone: those of the pages.
const fn colours(tone: Tone) -> (u32, u32) {
    match tone {
        Tone::Over => (0x0b_5c_ab, 0xff_ff_ff),
        Tone::Met => (0xcf_e3_f7, 0x0b_2e_4f),
        Tone::Near => (0xff_f2_cc, 0x4d_38_00),
        Tone::Below => (0xf7_c6_a3, 0x5a_25_00),
        Tone::Far => (0xb3_47_00, 0xff_ff_ff),
        Tone::Nothing | Tone::Doubtful => (0xe6_e6_e6, 0x3a_3a_3a),
    }
}

impl Sheet {
    /// With the mark that spreadsheets know UTF-8 by, semicolons and decimal commas, as a Vietnamese Excel reads it.
    ///
    /// # Errors
    /// [`SheetError::Text`].
    pub fn csv(&self) -> Result<Vec<u8>, SheetError> {
        let mut writer = csv::WriterBuilder::new().delimiter(b';').from_writer("\u{feff}".as_bytes().to_vec());
        writer.write_record(self.header.iter().map(|head| harmless(head)))?;
        for row in &self.rows {
            writer.write_record(row.iter().map(SheetCell::text))?;
        }
        writer.into_inner().map_err(|error| csv::Error::from(error.into_error()).into())
    }

    /// A workbook that keeps the colours, with its heads in sight, and that prints on one page's width with its heads on
    /// every page.
    ///
    /// # Errors
    /// [`SheetError::Workbook`].
    pub fn xlsx(&self) -> Result<Vec<u8>, SheetError> {
        let mut book = Workbook::new();
        // Without it the library would ask the clock: the same table is the same file.
        let written = ExcelDateTime::from_ymd(2000, 1, 1)?;
        let title = self.title.first().map_or("", String::as_str);
        book.set_properties(&DocProperties::new().set_title(title).set_creation_datetime(&written));
        let sheet = book.add_worksheet();
        sheet.set_name(&self.name)?;
        self.fill(sheet)?;
        Ok(book.save_to_buffer()?)
    }

    fn fill(&self, sheet: &mut Worksheet) -> Result<(), SheetError> {
        let styles = Styles::new();
        for (row, line) in (0_u32..).zip(&self.title) {
            sheet.write_string_with_format(row, 0, line, if row == 0 { &styles.title } else { &styles.note })?;
        }
        let top = u32::try_from(self.title.len()).unwrap_or(0);
        for (column, head) in (0_u16..).zip(&self.header) {
            sheet.write_string_with_format(top, column, head, &styles.head)?;
            let wide = if column < self.frozen { 26 } else { 13 };
            sheet.set_column_width(column, wide)?;
        }
        for (row, cells) in (top + 1..).zip(&self.rows) {
            for (column, cell) in (0_u16..).zip(cells) {
                styles.write(sheet, (row, column), cell)?;
            }
        }
        let last_row = top + u32::try_from(self.rows.len()).unwrap_or(0);
        let last_column = u16::try_from(self.header.len()).unwrap_or(1).saturating_sub(1);
        if !self.rows.is_empty() {
            sheet.autofilter(top, 0, last_row, last_column)?;
        }
        sheet.set_freeze_panes(top + 1, self.frozen)?;
        sheet.set_repeat_rows(top, top)?;
        // A3, as wide as one page and as long as it takes.
        sheet.set_landscape().set_paper_size(8).set_print_fit_to_pages(1, 0).set_footer("&R&P/&N");
        Ok(())
    }
}

impl SheetCell {
    fn text(&self) -> String {
        match self {
            Self::Text(text) => harmless(text),
            Self::Count(count) => count.map(|count| count.to_string()).unwrap_or_default(),
            Self::Percent(shown, _) | Self::Plain(shown) => shown.map(|shown| decimal(shown, ',')).unwrap_or_default(),
            Self::Points(points) => points.map(signed).unwrap_or_default(),
        }
    }
}

fn signed(points: i64) -> String {
    let sign = if points < 0 { "-" } else { "" };
    format!("{sign}{}", decimal(points.unsigned_abs(), ','))
}

struct Styles {
    title: Format,
    note: Format,
    head: Format,
    text: Format,
    count: Format,
    percent: Format,
    points: Format,
    tones: [(Tone, Format); 7],
}

impl Styles {
    fn new() -> Self {
        let cell = || Format::new().set_border(FormatBorder::Thin).set_border_color(Color::RGB(0xcf_d8_e3));
        let tone = |tone| {
            let (fill, ink) = colours(tone);
            let coloured = cell().set_background_color(Color::RGB(fill)).set_font_color(Color::RGB(ink));
            (tone, coloured.set_num_format("0.00\"%\""))
        };
        Self {
            title: Format::new().set_bold().set_font_size(14),
            note: Format::new().set_font_color(Color::RGB(0x4a_57_66)),
            head: cell().set_bold().set_text_wrap().set_background_color(Color::RGB(0xe7_f0_fa)),
            text: cell(),
            count: cell().set_num_format("#,##0"),
            percent: cell().set_num_format("0.00\"%\""),
            points: cell().set_num_format("+0.00;-0.00;0.00"),
            tones: Tone::ALL.map(tone),
        }
    }

    fn write(&self, sheet: &mut Worksheet, (row, column): (u32, u16), cell: &SheetCell) -> Result<(), SheetError> {
        let toned = |tone: Tone| self.tones.iter().find(|(own, _)| *own == tone).map_or(&self.percent, |(_, own)| own);
        let (number, style) = match cell {
            SheetCell::Text(text) => {
                sheet.write_string_with_format(row, column, text, &self.text)?;
                return Ok(());
            }
            SheetCell::Count(count) => (count.and_then(whole), &self.count),
            SheetCell::Percent(shown, tone) => (shown.and_then(hundredths), toned(*tone)),
            SheetCell::Plain(shown) => (shown.and_then(hundredths), &self.percent),
            SheetCell::Points(points) => {
                let size = points.and_then(|points| hundredths(points.unsigned_abs()));
                let down = points.is_some_and(|points| points < 0);
                (size.map(|size| if down { -size } else { size }), &self.points)
            }
        };
        match number {
            Some(number) => sheet.write_number_with_format(row, column, number, style)?,
            None => sheet.write_blank(row, column, style)?,
        };
        Ok(())
    }
}

/// A spreadsheet knows floating numbers alone; these are written and nothing is decided by them.
fn whole(count: u64) -> Option<f64> {
    u32::try_from(count).ok().map(f64::from)
}

fn hundredths(number: u64) -> Option<f64> {
    whole(number).map(|number| number / 100.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sheet() -> Sheet {
        Sheet {
            name: "Bản đồ nhiệt".to_owned(),
            title: vec!["Kết quả từng đơn vị".to_owned(), "Số liệu đến 31/10/2022".to_owned()],
            header: vec!["Đơn vị".to_owned(), "Tử".to_owned(), "Kết quả".to_owned(), "Thay đổi".to_owned()],
            rows: vec![
                vec![
                    SheetCell::Text("=HYPERLINK(\"x\")".to_owned()),
                    SheetCell::Count(Some(212)),
                    SheetCell::Percent(Some(3_313), Tone::Below),
                    SheetCell::Points(Some(-40)),
                ],
                vec![
                    SheetCell::Text("Xã B; Ô".to_owned()),
                    SheetCell::Count(None),
                    SheetCell::Percent(None, Tone::Doubtful),
                    SheetCell::Points(Some(120)),
                ],
            ],
            frozen: 1,
        }
    }

    #[test]
    fn the_text_starts_no_formula_and_keeps_commas_and_semicolons_apart() {
        let text = String::from_utf8(sheet().csv().unwrap()).unwrap();
        let expected =
            "\u{feff}Đơn vị;Tử;Kết quả;Thay đổi\n\"'=HYPERLINK(\"\"x\"\")\";212;33,13;-0,40\n\"Xã B; Ô\";;;1,20\n";
        assert_eq!(text, expected);
    }

    #[test]
    fn the_same_table_is_the_same_file() {
        assert_eq!(sheet().xlsx().unwrap(), sheet().xlsx().unwrap());
    }
}
