//! Sheets of workbooks: made here, read by the real worker process, told as observations and refusals.

use std::fmt::Write as _;

use dondoc::config;
use dondoc::observation::{self, Observations};
use dondoc::source::{FetchError, Settings};
use rust_xlsxwriter::{Format, Workbook, Worksheet};
use tempfile::TempDir;

use super::{asked, catalog, fetched};

mod hostile;
mod presets;
mod shapes;

/// A folder with one source in it.
struct Source {
    folder: TempDir,
    /// What stands below `[[source]]` besides name, kind and path.
    settings: String,
}

/// A mapping of a small table: unit, month, two counts.
const SMALL: &str = r#"
[source.columns]
period = "Kỳ"
unit_code = ""
unit_name = "Đơn vị"
service_code = ""
[source.columns.measures]
received = "Tiếp nhận"
received_online = "Trực tuyến"
"#;

impl Source {
    fn of(settings: &str, bytes: &[u8]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("report.xls"), bytes).unwrap();
        Self { folder, settings: settings.to_owned() }
    }

    fn small(bytes: &[u8]) -> Self {
        Self::of(SMALL, bytes)
    }

    fn loaded(&self) -> Vec<Settings> {
        let file = self.folder.path().join("config.toml");
        let text = format!(
            "[[source]]\nname = \"province\"\nkind = \"sheet\"\npath = \"report.xls\"\n{}\n[[channel]]\nname = \"m\"\nkind = \"capture\"\n",
            self.settings
        );
        std::fs::write(&file, text).unwrap();
        config::load(Some(&file), &[]).expect("a configuration").0.sources
    }

    fn read(&self) -> Result<Observations, FetchError> {
        observation::read(&catalog(), &fetched(&self.loaded())?, &asked())
    }

    /// Everything that came of it, without the folder's name.
    fn told(&self) -> String {
        let told = match self.read() {
            Ok(observations) => tell(&observations),
            Err(error) => format!("error: {error}\n"),
        };
        told.replace(&format!("{}/", self.folder.path().display()), "")
    }
}

/// Observations as text: units with their sums, refusals, doubts.
fn tell(observations: &Observations) -> String {
    let mut told = String::new();
    for unit in &catalog().units {
        let Some(figures) = observations.of(&unit.id) else { continue };
        let months: Vec<String> = figures.months().map(|(month, _)| month.to_string()).collect();
        let _ = write!(told, "{} in {}:", unit.name, months.join(", "));
        for (number, measure) in observations.measures.iter().enumerate() {
            let sum = figures.total(number).map_or_else(|| "not reported".to_owned(), |sum| sum.to_string());
            let _ = write!(told, " {} {sum}", measure.as_str());
        }
        told.push('\n');
    }
    for refusal in &observations.refusals {
        let _ = writeln!(told, "refused: {refusal}");
    }
    for doubt in &observations.doubts {
        let _ = writeln!(told, "doubt {}: {doubt}", doubt.code);
    }
    told
}

/// What a cell of a made workbook holds.
#[derive(Clone, Copy)]
enum Put {
    Text(&'static str),
    Number(f64),
    Date(i32),
    /// A formula and the result that is stored with it.
    Formula(&'static str, &'static str),
    Nothing,
}

use Put::{Date, Formula, Nothing, Number, Text};

/// A workbook with one sheet.
fn workbook(rows: &[Vec<Put>], merges: &[(u32, u16, u32, u16)]) -> Vec<u8> {
    let mut book = Workbook::new();
    fill(book.add_worksheet(), rows, merges);
    book.save_to_buffer().unwrap()
}

fn fill(sheet: &mut Worksheet, rows: &[Vec<Put>], merges: &[(u32, u16, u32, u16)]) {
    // Merging writes an empty text; what the rectangle shows comes after it.
    for (top, left, bottom, right) in merges {
        sheet.merge_range(*top, *left, *bottom, *right, "", &Format::new()).unwrap();
    }
    for (row, puts) in (0..).zip(rows) {
        for (column, put) in (0..).zip(puts) {
            match put {
                Text(text) => sheet.write_string(row, column, *text).map(drop),
                Number(number) => sheet.write_number(row, column, *number).map(drop),
                Date(serial) => {
                    let format = Format::new().set_num_format("dd/mm/yyyy");
                    sheet.write_number_with_format(row, column, f64::from(*serial), &format).map(drop)
                }
                Formula(formula, result) => {
                    let formula = rust_xlsxwriter::Formula::new(*formula).set_result(*result);
                    sheet.write_formula(row, column, formula).map(drop)
                }
                Nothing => Ok(()),
            }
            .unwrap();
        }
    }
}

/// Rows of texts; an empty one is no cell.
fn texts<const N: usize>(rows: &[[&'static str; N]]) -> Vec<Vec<Put>> {
    let put = |text: &&'static str| if text.is_empty() { Nothing } else { Text(text) };
    rows.iter().map(|row| row.iter().map(put).collect()).collect()
}
