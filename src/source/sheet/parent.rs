//! The daemon's side: reads and hashes the file, lets a limited worker read the sheet, words its answer.

use std::io::{self, Read as _};
use std::path::Path;
use std::time::Duration;

use super::Layout;
use super::answer::{Differs, Failure, Findings, Setup, unpack};
use super::task::TASK;
use crate::source::fetch::Tools;
use crate::source::hashing::sha256;
use crate::source::{Discrepancy, FetchError, Settings};
use crate::worker::{Limits, Worker};

/// Bytes of a file that is read.
const FILE: u64 = 64 << 20;
/// What reading it may use.
const LIMITS: Limits = Limits { memory: 512 << 20, cpu_seconds: 60 };
/// How long it may take.
const DEADLINE: Duration = Duration::from_secs(90);
/// How long a worker may take to get ready.
const READY: Duration = Duration::from_secs(20);

/// A sheet that was read: its rows as CSV, the hash of the file's bytes, and what else is to be said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::source) struct Sheet {
    /// File and sheet.
    pub(in crate::source) origin: String,
    pub(in crate::source) sha256: String,
    pub(in crate::source) text: String,
    pub(super) findings: Findings,
}

/// Reads the sheet of `settings` in the file at `path`.
///
/// # Errors
/// [`FetchError::Unreachable`] when the file or a worker cannot be had, [`FetchError::Unreadable`] when it is no table.
pub(in crate::source) async fn read(
    settings: &Settings,
    path: &Path,
    sheet: Option<&str>,
    layout: &Layout,
    tools: &Tools,
) -> Result<Sheet, FetchError> {
    let place = path.display().to_string();
    let unreachable =
        |source: io::Error| FetchError::Unreachable { name: settings.name.clone(), place: place.clone(), source };
    let owned = path.to_path_buf();
    let bytes = tokio::task::spawn_blocking(move || file(&owned)).await.map_err(io::Error::other);
    let bytes = bytes.and_then(|read| read).map_err(unreachable)?;
    let failed = |failure: Failure| in_words(&settings.name, &place, failure);
    if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > FILE {
        let reason = format!("the file is larger than {} MB", FILE >> 20);
        return Err(failed(Failure::new(reason, "export fewer months or columns")));
    }
    let setup = Setup { columns: settings.columns.clone(), layout: layout.clone(), sheet: sheet.map(str::to_owned) };
    let setup = serde_json::to_vec(&setup).map_err(|error| unreachable(io::Error::other(error)))?;
    let started = Worker::start(&tools.program, TASK.name, LIMITS, &setup, READY).await;
    let mut worker = started.map_err(unreachable)?;
    let answered = tokio::time::timeout(DEADLINE, worker.ask(&bytes)).await;
    worker.end().await;
    let sha256 = sha256(&bytes);
    drop(bytes);
    let answer = match answered {
        Err(_) => {
            return Err(failed(too_much(&format!("reading it takes longer than {} seconds", DEADLINE.as_secs()))));
        }
        Ok(Err(_)) => {
            let reason =
                format!("reading it takes more than {} MB or {} seconds", LIMITS.memory >> 20, LIMITS.cpu_seconds);
            return Err(failed(too_much(&reason)));
        }
        Ok(Ok(answer)) => unpack(answer),
    };
    let answer = answer.ok_or_else(|| unreachable(io::Error::other("the worker gave no answer that can be read")))?;
    let (findings, text) = answer.map_err(failed)?;
    Ok(Sheet { origin: origin(&place, findings.sheet.as_deref()), sha256, text, findings })
}

/// The whole file, or a little more than is read.
fn file(path: &Path) -> io::Result<Vec<u8>> {
    let file = std::fs::File::open(path)?;
    if !file.metadata()?.is_file() {
        return Err(io::Error::other("it is not a file"));
    }
    let before = file.metadata()?.modified().ok();
    let mut bytes = Vec::new();
    (&file).take(FILE + 1).read_to_end(&mut bytes)?;
    let changed = file.metadata()?.modified().ok() != before;
    if changed { Err(io::Error::other("the file changed while it was read")) } else { Ok(bytes) }
}

fn too_much(reason: &str) -> Failure {
    Failure::new(
        reason,
        "look for a stray cell far from the table; copy the table into a new workbook and save it as .xlsx",
    )
}

fn origin(place: &str, sheet: Option<&str>) -> String {
    sheet.map_or_else(|| place.to_owned(), |sheet| format!("{place}, sheet \"{sheet}\""))
}

fn in_words(name: &str, place: &str, failure: Failure) -> FetchError {
    let origin = origin(place, failure.sheet.as_deref());
    let place = failure.spot.map_or_else(|| origin.clone(), |spot| format!("{origin}, {spot}"));
    FetchError::Unreadable { name: name.to_owned(), place, reason: failure.reason, remedy: failure.remedy }
}

impl Sheet {
    /// How people call a cell of the table: `cell C7`.
    pub(in crate::source) fn cell(&self, line: u64, column: usize) -> String {
        self.findings.cell(line, column)
    }

    /// Whether the sheet holds unit codes as numbers, which have no leading zeros.
    pub(in crate::source) fn has_numeric_codes(&self) -> bool {
        self.findings.numeric_codes
    }

    /// Printed figures that do not agree with the rows.
    pub(in crate::source) fn discrepancies(&self) -> impl Iterator<Item = Discrepancy> {
        self.findings.doubts.iter().map(|differs| self.in_words(differs))
    }

    fn in_words(&self, differs: &Differs) -> Discrepancy {
        let Differs { ratio, spot, what, cells } = differs;
        let others = if *cells > 1 { format!(" ({cells} such cells)") } else { String::new() };
        Discrepancy {
            code: if *ratio { "ratio_differs" } else { "total_differs" },
            message: format!("{}, {spot}: {what}{others}", self.origin),
            remedy: if *ratio {
                "correct the counts in the source, or the columns of [source.layout.ratios]"
            } else {
                "look for rows that are hidden, filtered or missing; name other headings in `groups` of [source.layout]"
            },
        }
    }
}
