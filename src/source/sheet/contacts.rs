//! The daemon's side of sheets of contacts: bytes that somebody uploaded go to a limited worker and come back as cells.

use std::path::Path;
use std::time::Duration;

use super::answer::Failure;
use super::cells::{Answer, TASK};
use crate::catalog::contact_sheet::Sheet;
use crate::worker::{Limits, Worker};

/// Bytes of a file that is read.
const FILE: usize = 8 << 20;
/// What reading it may use.
const LIMITS: Limits = Limits { memory: 512 << 20, cpu_seconds: 15 };
/// How long it may take, and how long a worker may take to get ready.
const DEADLINE: Duration = Duration::from_secs(18);

/// Why bytes give no sheet.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NoSheet {
    /// They are nothing that can be read.
    #[error("{reason}\n  remedy: {remedy}")]
    Unreadable {
        /// What is wrong, with its place.
        reason: String,
        /// What to do.
        remedy: String,
    },
    /// Reading them takes too much.
    #[error(
        "reading the file takes too much time or memory\n  remedy: copy the list into a new workbook and save it as .xlsx"
    )]
    TooMuch,
    /// No worker could be had.
    #[error("the file cannot be read just now: {0}\n  remedy: try again")]
    NoWorker(#[from] std::io::Error),
}

impl From<Failure> for NoSheet {
    fn from(failure: Failure) -> Self {
        let place = failure.spot.map(|spot| format!(", {spot}")).unwrap_or_default();
        let sheet = failure.sheet.map(|sheet| format!("sheet \"{sheet}\"{place}: ")).unwrap_or_default();
        Self::Unreadable { reason: format!("{sheet}{}", failure.reason), remedy: failure.remedy }
    }
}

/// The sheets of the workbook or CSV file in `bytes`, read by a worker of `program`.
///
/// # Errors
/// [`NoSheet`].
pub async fn contact_sheets(program: &Path, bytes: &[u8]) -> Result<Vec<Sheet>, NoSheet> {
    if bytes.len() > FILE {
        let reason = format!("the file is larger than {} MB", FILE >> 20);
        return Err(NoSheet::Unreadable { reason, remedy: "bring the list of contacts alone".to_owned() });
    }
    let mut worker = Worker::start(program, TASK.name, LIMITS, b"", DEADLINE).await?;
    let answered = tokio::time::timeout(DEADLINE, worker.ask(bytes)).await;
    worker.end().await;
    let Ok(Ok(answer)) = answered else { return Err(NoSheet::TooMuch) };
    let answer: Answer = serde_json::from_slice(&answer).map_err(std::io::Error::other)?;
    Ok(answer?)
}
