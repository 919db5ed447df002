//! The worker's side: counts a file that may do anything to it.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::answer::{Failure, Setup, pack};
use super::count::Counter;
use super::delimited::Delimited;
use super::dossier::Window;
use super::json::Json;
use super::{Format, Reading};
use crate::worker::{Task, Work};

/// Counting dossiers, as workers do it: each question is the next piece of the file and is answered by nothing, or by
/// why the file is not read on; the empty piece ends it and is answered by what was counted.
pub(in crate::source) const TASK: Task = Task { name: "dossiers", begin };

fn begin(setup: &[u8]) -> io::Result<Work> {
    let setup: Setup = serde_json::from_slice(setup)?;
    let (reading, window) = setup.open();
    let mut state = Some(State::open(reading, window));
    Ok(Box::new(move |piece| {
        let counted = catch_unwind(AssertUnwindSafe(|| step(&mut state, piece)));
        counted.unwrap_or_else(|_| pack(&Err(Failure::new("the reader failed on this file", "export it again"))))
    }))
}

fn step(state: &mut Option<State>, piece: &[u8]) -> io::Result<Vec<u8>> {
    if piece.is_empty() {
        let state = state.take().ok_or_else(|| io::Error::other("the file has ended already"))?;
        return pack(&state.finish());
    }
    let open = state.as_mut().ok_or_else(|| io::Error::other("the file has ended already"))?;
    match open.push(piece) {
        Ok(()) => Ok(Vec::new()),
        Err(failure) => pack(&Err(failure)),
    }
}

/// A file that is being counted.
pub(super) struct State {
    counter: Counter,
    reader: Reader,
}

enum Reader {
    Csv(Box<Delimited>),
    Json(Box<Json>),
}

impl State {
    pub(super) fn open(reading: Reading, window: Window) -> Self {
        let format = reading.format;
        let mut counter = Counter::new(reading, window);
        let reader = match format {
            Format::Csv => Reader::Csv(Box::new(Delimited::new(&counter))),
            Format::Json => Reader::Json(Box::new(Json::new(&mut counter))),
        };
        Self { counter, reader }
    }

    pub(super) fn push(&mut self, piece: &[u8]) -> Result<(), Failure> {
        match &mut self.reader {
            Reader::Csv(reader) => reader.push(piece, &mut self.counter),
            Reader::Json(reader) => reader.push(piece, &mut self.counter),
        }
    }

    pub(super) fn finish(mut self) -> Result<(super::Counted, String), Failure> {
        match &mut self.reader {
            Reader::Csv(reader) => reader.finish(&mut self.counter)?,
            Reader::Json(reader) => reader.finish(&self.counter)?,
        }
        self.counter.finish()
    }
}
