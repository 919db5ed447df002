//! JSON of dossiers, pushed in piece by piece: one list of objects, or one object after the other. Only mapped members
//! are taken; the values of all others pass unread.

use super::answer::Failure;
use super::cells::Cells;
use super::count::{Counter, Counting};
use super::members::{self, Known};
use super::{Field, header};
use crate::source::table::other_format;

/// Bytes of one dossier.
const ITEM: usize = 1 << 20;

/// The file so far.
pub(super) struct Json {
    state: State,
    /// The dossier that is being read.
    item: Vec<u8>,
    depth: usize,
    in_string: bool,
    escaped: bool,
    items: u64,
    line: u64,
    began: u64,
    cells: Cells,
    known: Known,
    started: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Before the first bracket.
    Before,
    /// Between two dossiers; in a list only if so, and whether a comma must come first.
    Between { list: bool, comma: bool },
    /// Inside a dossier.
    Inside { list: bool },
    /// Behind the list.
    Behind,
}

impl Json {
    pub(super) fn new(counter: &mut Counter) -> Self {
        counter.counting = Counting::Items;
        Self {
            state: State::Before,
            item: Vec::new(),
            depth: 0,
            in_string: false,
            escaped: false,
            items: 0,
            line: 1,
            began: 1,
            cells: Cells::new(&counter.reading),
            known: Known::new(&counter.reading),
            started: false,
        }
    }

    /// Takes in the next bytes of the file, at least one.
    pub(super) fn push(&mut self, bytes: &[u8], counter: &mut Counter) -> Result<(), Failure> {
        let mut bytes = bytes;
        if !self.started {
            self.started = true;
            bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
            if let Some((what, remedy)) = other_format(bytes) {
                return Err(Failure::new(what, remedy));
            }
        }
        for byte in bytes {
            self.byte(*byte, counter)?;
            self.line += u64::from(*byte == b'\n');
        }
        Ok(())
    }

    /// Ends the file.
    pub(super) fn finish(&mut self, counter: &Counter) -> Result<(), Failure> {
        let whole = matches!(self.state, State::Behind | State::Between { list: false, .. });
        if !whole {
            let what = if self.state == State::Before { "the file is empty" } else { "the file is cut off" };
            return Err(Failure::new(what, "export it again").at(self.place(counter)));
        }
        let missing = self.known.missing().and_then(|number| counter.reading.fields.get(number));
        match missing {
            Some((field, name)) if self.items > 0 => {
                Err(Failure::new(format!("no dossier has `{name}`"), header::unmapped(Field::key(*field))))
            }
            _ => Ok(()),
        }
    }

    fn byte(&mut self, byte: u8, counter: &mut Counter) -> Result<(), Failure> {
        match (self.state, byte) {
            (State::Inside { list }, _) => return self.inside(byte, list, counter),
            (_, b' ' | b'\t' | b'\r' | b'\n') => {}
            (State::Before, b'[') => self.state = State::Between { list: true, comma: false },
            (State::Before, b'{') => {
                counter.counting = Counting::Lines;
                self.begin(false);
            }
            (State::Between { list: true, comma: true }, b',') => {
                self.state = State::Between { list: true, comma: false };
            }
            (State::Between { list: true, .. }, b']') => self.state = State::Behind,
            (State::Between { list: true, comma: false }, b'{') => self.begin(true),
            (State::Between { list: false, .. }, b'{') => self.begin(false),
            _ => {
                let reason = "neither a list of dossiers nor one dossier on each line";
                let remedy = "export JSON objects, in one list or one on each line; or set `format = \"csv\"`";
                return Err(Failure::new(reason, remedy).at(self.place(counter)));
            }
        }
        Ok(())
    }

    fn begin(&mut self, list: bool) {
        self.state = State::Inside { list };
        self.item.clear();
        self.item.push(b'{');
        (self.depth, self.in_string, self.escaped) = (1, false, false);
        self.items += 1;
        self.began = self.line;
    }

    fn inside(&mut self, byte: u8, list: bool, counter: &mut Counter) -> Result<(), Failure> {
        self.item.push(byte);
        match byte {
            _ if self.escaped => self.escaped = false,
            b'\\' if self.in_string => self.escaped = true,
            b'"' => self.in_string = !self.in_string,
            _ if self.in_string => {}
            b'{' | b'[' => self.depth += 1,
            b'}' | b']' => self.depth = self.depth.saturating_sub(1),
            _ => {}
        }
        if self.depth == 0 {
            self.state = State::Between { list, comma: list };
            return self.end(counter);
        }
        if self.item.len() > ITEM {
            let reason = "a dossier of more than 1 MiB";
            return Err(Failure::new(reason, "look for a quotation mark that is missing").at(self.place(counter)));
        }
        Ok(())
    }

    fn place(&self, counter: &Counter) -> String {
        match counter.counting {
            Counting::Items => format!("item {}", self.items.max(1)),
            Counting::Lines | Counting::Rows => format!("line {}", self.line),
        }
    }

    fn end(&mut self, counter: &mut Counter) -> Result<(), Failure> {
        self.cells.clear();
        // What serde says of a mistake may repeat the text.
        if let Err(column) = members::read(&self.item, &mut self.known, &mut self.cells) {
            let reason = format!("not JSON that can be read, from its character {column} on");
            return Err(Failure::new(reason, "export the file again").at(self.place(counter)));
        }
        self.item.clear();
        if let Some((name, kind)) = self.known.take_personal() {
            let reason = format!("the member `{name}` holds {kind}");
            return Err(Failure::new(reason, header::DROP).at(self.place(counter)));
        }
        let line = if counter.counting == Counting::Lines { self.began } else { self.items };
        counter.take(&self.cells, line)
    }
}
