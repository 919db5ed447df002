//! The worker's side: reads a file that may do anything to it.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::answer::{Failure, Setup, pack};
use super::convert::{Converted, convert};
use super::grid::Grid;
use super::{archive, html, sniff, workbook};
use crate::worker::{Task, Work};

/// Reading sheets, as workers do it.
pub(in crate::source) const TASK: Task = Task { name: "sheet", begin };

fn begin(setup: &[u8]) -> io::Result<Work> {
    let setup: Setup = serde_json::from_slice(setup)?;
    Ok(Box::new(move |file| {
        let answer = catch_unwind(AssertUnwindSafe(|| read(file, &setup)));
        let failed = |_| Err(Failure::new("the reader failed on this file", archive::COPY));
        pack(&answer.unwrap_or_else(failed))
    }))
}

/// The table in `file`.
pub(super) fn read(file: &[u8], setup: &Setup) -> Converted {
    let format = sniff::format(file).map_err(|(reason, remedy)| Failure::new(reason, remedy))?;
    let mut sheets = Sheets { setup, found: None, failed: None };
    match format {
        sniff::Format::Html => return page(file, setup),
        sniff::Format::Xls => workbook::xls(file, setup.sheet.as_deref(), |name, grid| sheets.look(name, grid))?,
        sniff::Format::Zip => {
            let archive = archive::unpack(file)?;
            let look = |name: &str, grid: &Grid<'_>| sheets.look(name, grid);
            match archive.kind {
                archive::Kind::Xlsx => workbook::xlsx(&archive, setup.sheet.as_deref(), look)?,
                archive::Kind::Ods => workbook::ods(&archive, setup.sheet.as_deref(), look)?,
            }
        }
    }
    sheets.end()
}

fn page(file: &[u8], setup: &Setup) -> Converted {
    let text = sniff::text(file).ok_or_else(|| {
        Failure::new("the file is a web page, but its text is not UTF-8", "open it in Excel and save it as .xlsx")
    })?;
    let grid = html::grid(&text).map_err(|far| {
        Failure::new(far.what, "export a smaller table, or open it in Excel and save the table alone").at(far.spot)
    })?;
    drop(text);
    if grid.is_empty() {
        return Err(Failure::new("the file is a web page without a table", "export the report again, signed in"));
    }
    convert(&grid, setup)
}

/// The sheets seen so far: exactly one of them may hold the mapped table.
struct Sheets<'s> {
    setup: &'s Setup,
    found: Option<Converted>,
    failed: Option<Failure>,
}

impl Sheets<'_> {
    fn look(&mut self, name: &str, grid: &Grid<'_>) -> Result<(), Failure> {
        if grid.is_empty() {
            return Ok(());
        }
        match convert(grid, self.setup) {
            Err(failure) => {
                self.failed.get_or_insert_with(|| failure.on(name));
                Ok(())
            }
            Ok((findings, text)) => {
                if let Some(Ok((first, _))) = &self.found {
                    let first = first.sheet.as_deref().unwrap_or_default();
                    let reason = format!("the mapped columns stand on the sheets \"{first}\" and \"{name}\"");
                    return Err(Failure::new(
                        reason,
                        format!("set `sheet = \"{name}\"` or the other one in this [[source]]"),
                    ));
                }
                let findings = super::Findings { sheet: Some(name.to_owned()), ..findings };
                self.found = Some(Ok((findings, text)));
                Ok(())
            }
        }
    }

    fn end(self) -> Converted {
        self.found.unwrap_or_else(|| {
            Err(self.failed.unwrap_or_else(|| {
                Failure::new("no sheet of the workbook that can be seen holds anything", "export the report again")
            }))
        })
    }
}
