//! CSV of dossiers, pushed in piece by piece. Only mapped cells are taken; every other one is overwritten by the next.

use csv_core::{ReadFieldResult, Reader, ReaderBuilder, Terminator};

use super::answer::Failure;
use super::cells::Cells;
use super::count::Counter;
use super::header;
use crate::source::table::other_format;

/// Bytes of one cell.
const CELL: usize = 64 << 10;
/// Bytes of one row; more is a quotation mark that was not closed.
const ROW: u64 = 4 << 20;
/// Columns of a file.
const COLUMNS: usize = 2_000;

/// The file so far.
pub(super) struct Delimited {
    core: Reader,
    /// The one cell that is being read.
    cell: Vec<u8>,
    length: usize,
    overflow: bool,
    row: Row,
    header: Vec<String>,
    /// Column → number of its field; `None` while the header is read.
    fields: Option<Vec<Option<usize>>>,
    cells: Cells,
    started: bool,
}

/// The row so far.
#[derive(Debug, Default)]
struct Row {
    /// Its whole cells.
    cells: usize,
    bytes: u64,
    /// Line feeds inside its cells.
    inside: u64,
    /// Whether any cell holds something.
    filled: bool,
    /// Whether one does that stands behind the last column of the header.
    beyond: bool,
}

impl Delimited {
    pub(super) fn new(counter: &Counter) -> Self {
        let core = ReaderBuilder::new().delimiter(counter.reading.delimiter).terminator(Terminator::Any(b'\n')).build();
        Self {
            core,
            cell: vec![0; CELL],
            length: 0,
            overflow: false,
            row: Row::default(),
            header: Vec::new(),
            fields: None,
            cells: Cells::new(&counter.reading),
            started: false,
        }
    }

    /// Takes in the next bytes of the file, at least one.
    pub(super) fn push(&mut self, mut bytes: &[u8], counter: &mut Counter) -> Result<(), Failure> {
        if !self.started {
            self.started = true;
            if let Some((what, remedy)) = other_format(bytes) {
                return Err(Failure::new(what, remedy));
            }
        }
        while !bytes.is_empty() {
            bytes = self.step(bytes, counter)?.0;
        }
        Ok(())
    }

    /// Ends the file.
    pub(super) fn finish(&mut self, counter: &mut Counter) -> Result<(), Failure> {
        while self.step(&[], counter)?.1 {}
        if self.fields.is_none() {
            return Err(Failure::new("the file is empty", "export it again; a table has at least its header"));
        }
        Ok(())
    }

    /// Reads on to the end of a cell or of the bytes; gives what is left of them, and whether there may be more.
    fn step<'b>(&mut self, bytes: &'b [u8], counter: &mut Counter) -> Result<(&'b [u8], bool), Failure> {
        let free = self.cell.get_mut(self.length..).unwrap_or_default();
        let (result, read, written) = self.core.read_field(bytes, free);
        self.row.bytes += u64::try_from(read).unwrap_or(u64::MAX);
        if self.row.bytes > ROW {
            let reason = "no row comes to an end within 4 MiB";
            let at = format!("row {}", self.line(true));
            return Err(Failure::new(reason, "close the quotation mark that stands open").at(at));
        }
        let new = self.cell.get(self.length..self.length + written).unwrap_or_default();
        self.row.inside += new.iter().map(|byte| u64::from(*byte == b'\n')).sum::<u64>();
        self.length += written;
        let rest = bytes.get(read..).unwrap_or_default();
        match result {
            ReadFieldResult::InputEmpty => {}
            ReadFieldResult::OutputFull => {
                self.overflow = true;
                self.length = 0;
            }
            ReadFieldResult::Field { record_end } => {
                self.end_cell()?;
                if record_end {
                    // At the end of the file the last line may lack its line feed.
                    self.end_row(!bytes.is_empty(), counter)?;
                }
            }
            ReadFieldResult::End => return Ok((rest, false)),
        }
        Ok((rest, true))
    }

    /// The physical line that the row begins on.
    fn line(&self, terminated: bool) -> u64 {
        self.core.line().saturating_sub(self.row.inside).saturating_sub(u64::from(terminated)).max(1)
    }

    fn end_cell(&mut self) -> Result<(), Failure> {
        let bytes = self.cell.get(..self.length).unwrap_or_default();
        let filled = self.overflow || !bytes.trim_ascii().is_empty();
        let column = self.row.cells + 1;
        match &self.fields {
            None => {
                if column > COLUMNS {
                    return Err(Failure::new(
                        format!("more than {COLUMNS} columns"),
                        "export the dossiers' table alone",
                    ));
                }
                self.header.push(String::from_utf8_lossy(bytes).into_owned());
            }
            Some(fields) => match fields.get(self.row.cells) {
                Some(Some(number)) => match std::str::from_utf8(bytes) {
                    _ if self.overflow => self.cells.tear(column, format!("longer than {CELL} bytes")),
                    Ok(text) => self.cells.put(*number, column, text),
                    Err(_) => {
                        let at = format!("row {}, column {column}", self.line(false));
                        let remedy = "save the file as UTF-8 (in Excel: \"CSV UTF-8\")";
                        return Err(Failure::new("this cell is not UTF-8", remedy).at(at));
                    }
                },
                Some(None) => {}
                None => self.row.beyond |= filled,
            },
        }
        self.row.filled |= filled;
        self.overflow = false;
        self.length = 0;
        self.row.cells += 1;
        Ok(())
    }

    fn end_row(&mut self, terminated: bool, counter: &mut Counter) -> Result<(), Failure> {
        let line = self.line(terminated);
        if self.row.filled {
            match &self.fields {
                None => {
                    let fields = header::columns(&self.header, &counter.reading);
                    let fields = fields.map_err(|failure| failure.at(format!("row {line}")))?;
                    let column = |number| fields.iter().position(|field| *field == Some(number)).map_or(0, |at| at + 1);
                    counter.columns = (0..counter.reading.fields.len()).map(column).collect();
                    self.fields = Some(fields);
                    self.header = Vec::new();
                }
                Some(fields) => {
                    if self.row.cells < fields.len() || self.row.beyond {
                        let reason = format!("the row has {} cells, the header {}", self.row.cells, fields.len());
                        self.cells.tear(0, reason);
                    }
                    counter.take(&self.cells, line)?;
                }
            }
        } else {
            self.header = Vec::new();
        }
        self.cells.clear();
        self.row = Row::default();
        Ok(())
    }
}
