//! The daemon's side: hashes the file piece by piece, hands each piece to a limited worker, words its answer.

use std::io;
use std::time::Duration;

use sha2::{Digest as _, Sha256};
use tokio::fs::File;
use tokio::io::AsyncReadExt as _;

use super::Dossiers;
use super::answer::{Counted, Failure, Setup, unpack};
use super::dossier::Window;
use super::task::TASK;
use crate::source::fetch::Tools;
use crate::source::{FetchError, Settings};
use crate::worker::{Limits, Worker};

/// Bytes handed over at once; no more of the file lies in this process.
const PIECE: usize = 1 << 20;
/// What counting may use.
const LIMITS: Limits = Limits { memory: 512 << 20, cpu_seconds: 120 };
/// How long it may take.
const DEADLINE: Duration = Duration::from_mins(5);
/// How long a worker may take to get ready.
const READY: Duration = Duration::from_secs(20);

/// What was counted, the CSV text of it, and the hash of the file's bytes.
pub(in crate::source) struct Read {
    pub(in crate::source) counted: Counted,
    pub(in crate::source) text: String,
    pub(in crate::source) sha256: String,
}

enum Failed {
    Io(io::Error),
    File(Failure),
}

impl From<io::Error> for Failed {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// Counts the dossiers of `settings` up to `until`.
///
/// # Errors
/// [`FetchError::Unreachable`] when the file or a worker cannot be had, [`FetchError::Unreadable`] when it holds no
/// dossiers that can be counted, or data of persons.
pub(in crate::source) async fn read(
    settings: &Settings,
    dossiers: &Dossiers,
    until: chrono::NaiveDate,
    tools: &Tools,
) -> Result<Read, FetchError> {
    let window = Window { until, today: tools.today.max(until) };
    let place = dossiers.path.display().to_string();
    match tokio::time::timeout(DEADLINE, count(dossiers, window, tools)).await {
        Ok(Ok(read)) => Ok(read),
        Ok(Err(Failed::Io(source))) => Err(FetchError::Unreachable { name: settings.name.clone(), place, source }),
        Ok(Err(Failed::File(failure))) => Err(in_words(&settings.name, &place, failure)),
        Err(_) => {
            let reason = format!("counting it takes longer than {} seconds", DEADLINE.as_secs());
            Err(in_words(&settings.name, &place, Failure::new(reason, SMALLER)))
        }
    }
}

const SMALLER: &str = "export one year, without columns that are not mapped";

async fn count(dossiers: &Dossiers, window: Window, tools: &Tools) -> Result<Read, Failed> {
    let mut file = File::open(&dossiers.path).await?;
    let before = file.metadata().await?;
    if !before.is_file() {
        return Err(io::Error::other("it is not a file").into());
    }
    let setup = serde_json::to_vec(&Setup::new(dossiers.reading.clone(), window)).map_err(io::Error::other)?;
    let mut worker = Worker::start(&tools.program, TASK.name, LIMITS, &setup, READY).await?;
    let handed = hand_over(&mut file, &mut worker).await;
    worker.end().await;
    let (answer, sha256, bytes) = handed?;
    let after = file.metadata().await?;
    let (counted, text) = answer.map_err(Failed::File)?;
    if after.len() != bytes || after.modified().ok() != before.modified().ok() {
        return Err(io::Error::other("the file changed while it was read").into());
    }
    Ok(Read { counted, text, sha256 })
}

type Answer = Result<(Counted, String), Failure>;

/// The whole file; gives the worker's answer, and hash and number of the bytes that were read.
async fn hand_over(file: &mut File, worker: &mut Worker) -> Result<(Answer, String, u64), Failed> {
    let no_answer = || Failed::Io(io::Error::other("the worker gave no answer that can be read"));
    let too_much = |_| {
        let (memory, seconds) = (LIMITS.memory >> 20, LIMITS.cpu_seconds);
        Failed::File(Failure::new(format!("counting it takes more than {memory} MB or {seconds} seconds"), SMALLER))
    };
    file.set_max_buf_size(PIECE);
    let (mut hasher, mut total) = (Sha256::new(), 0);
    let mut piece = vec![0; PIECE];
    loop {
        let read = full(file, &mut piece).await?;
        let read = piece.get(..read).unwrap_or_default();
        hasher.update(read);
        total += u64::try_from(read.len()).unwrap_or(u64::MAX);
        let answer = worker.ask(read).await.map_err(too_much)?;
        if read.is_empty() || !answer.is_empty() {
            let answer = unpack(answer).ok_or_else(no_answer)?;
            return Ok((answer, hex::encode(hasher.finalize()), total));
        }
    }
}

/// Fills `piece` as far as the file goes.
async fn full(file: &mut File, piece: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while let Some(free) = piece.get_mut(filled..).filter(|free| !free.is_empty()) {
        match file.read(free).await? {
            0 => break,
            read => filled += read,
        }
    }
    Ok(filled)
}

fn in_words(name: &str, place: &str, failure: Failure) -> FetchError {
    let place = failure.at.map_or_else(|| place.to_owned(), |at| format!("{place}, {at}"));
    FetchError::Unreadable { name: name.to_owned(), place, reason: failure.reason, remedy: failure.remedy }
}
