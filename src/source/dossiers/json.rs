//! JSON of dossiers, pushed in piece by piece: one list of objects, or one object after the other. Only mapped members
//! are taken; the values of all others pass unread.

use std::collections::HashSet;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::answer::Failure;
use super::cells::Cells;
use super::count::{Counter, Counting};
use super::{Field, header, personal};
use crate::source::table::other_format;

/// Bytes of one dossier.
const ITEM: usize = 1 << 20;
/// Different names of members that are remembered as harmless.
const NAMES: usize = 10_000;

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

/// Names of members that were met.
#[derive(Debug)]
struct Known {
    names: Vec<String>,
    /// Bit `n`: some dossier had the field `n`.
    met: u32,
    harmless: HashSet<String>,
    drop_personal: bool,
    /// The first one that identifies a person: its name, and what it is.
    personal: Option<(String, &'static str)>,
}

impl Json {
    pub(super) fn new(counter: &mut Counter) -> Self {
        counter.counting = Counting::Items;
        let known = Known {
            names: counter.reading.fields.iter().map(|(_, name)| name.clone()).collect(),
            met: 0,
            harmless: HashSet::new(),
            drop_personal: counter.reading.drop_personal,
            personal: None,
        };
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
            known,
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
        let missing = |(number, _): &(usize, _)| self.known.met & (1 << *number) == 0;
        match counter.reading.fields.iter().enumerate().find(missing) {
            Some((_, (field, name))) if self.items > 0 => {
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
        let mut from = serde_json::Deserializer::from_slice(&self.item);
        let object = Object { known: &mut self.known, cells: &mut self.cells };
        // What serde says of a mistake may repeat the text.
        if let Err(error) = object.deserialize(&mut from).and_then(|()| from.end()) {
            let reason = format!("not JSON that can be read, from its character {} on", error.column());
            return Err(Failure::new(reason, "export the file again").at(self.place(counter)));
        }
        self.item.clear();
        if let Some((name, kind)) = self.known.personal.take() {
            let reason = format!("the member `{name}` holds {kind}");
            return Err(Failure::new(reason, header::DROP).at(self.place(counter)));
        }
        let line = if counter.counting == Counting::Lines { self.began } else { self.items };
        counter.take(&self.cells, line)
    }
}

impl Known {
    fn field(&self, name: &str) -> Option<usize> {
        self.names.iter().position(|known| known == name)
    }

    fn look(&mut self, name: &str) {
        if self.drop_personal || self.personal.is_some() || self.harmless.contains(name) {
            return;
        }
        match personal::kind(name) {
            Some(kind) => self.personal = Some((name.chars().take(60).collect(), kind)),
            None if self.harmless.len() < NAMES => {
                self.harmless.insert(name.to_owned());
            }
            None => {}
        }
    }
}

/// A dossier.
struct Object<'a> {
    known: &'a mut Known,
    cells: &'a mut Cells,
}

impl<'de> DeserializeSeed<'de> for Object<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Object<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a dossier")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(field) = map.next_key_seed(Name { known: self.known, mapped: true })? {
            match field {
                Some(number) => {
                    self.known.met |= 1 << number;
                    map.next_value_seed(Value { number, cells: self.cells })?;
                }
                None => map.next_value_seed(Unread { known: self.known })?,
            }
        }
        Ok(())
    }
}

/// The name of a member: the number of its field, or nothing.
struct Name<'a> {
    known: &'a mut Known,
    mapped: bool,
}

impl<'de> DeserializeSeed<'de> for Name<'_> {
    type Value = Option<usize>;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Option<usize>, D::Error> {
        from.deserialize_str(self)
    }
}

impl Visitor<'_> for Name<'_> {
    type Value = Option<usize>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_str<E>(self, name: &str) -> Result<Option<usize>, E> {
        let field = self.known.field(name).filter(|_| self.mapped);
        if field.is_none() {
            self.known.look(name);
        }
        Ok(field)
    }
}

/// The value of a mapped member.
struct Value<'a> {
    number: usize,
    cells: &'a mut Cells,
}

impl Value<'_> {
    fn put(self, text: &str) {
        self.cells.put(self.number, 0, text);
    }

    fn tear(self) {
        self.cells.put(self.number, 0, "");
        self.cells.tear(0, "a mapped member is a list or an object, not a text".to_owned());
    }
}

impl<'de> DeserializeSeed<'de> for Value<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Value<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text, a number, true, false or null")
    }

    fn visit_str<E>(self, text: &str) -> Result<(), E> {
        self.put(text);
        Ok(())
    }

    fn visit_u64<E>(self, number: u64) -> Result<(), E> {
        self.put(&number.to_string());
        Ok(())
    }

    fn visit_i64<E>(self, number: i64) -> Result<(), E> {
        self.put(&number.to_string());
        Ok(())
    }

    fn visit_f64<E>(self, number: f64) -> Result<(), E> {
        self.put(&number.to_string());
        Ok(())
    }

    fn visit_bool<E>(self, flag: bool) -> Result<(), E> {
        self.put(if flag { "true" } else { "false" });
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        self.put("");
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        while items.next_element::<IgnoredAny>()?.is_some() {}
        self.tear();
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        while members.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        self.tear();
        Ok(())
    }
}

/// A value that passes unread; only the names in it are looked at.
struct Unread<'a> {
    known: &'a mut Known,
}

impl<'de> DeserializeSeed<'de> for Unread<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        if self.known.drop_personal {
            return from.deserialize_ignored_any(IgnoredAny).map(|_| ());
        }
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Unread<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("anything")
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        while items.next_element_seed(Unread { known: self.known })?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        while members.next_key_seed(Name { known: self.known, mapped: false })?.is_some() {
            members.next_value_seed(Unread { known: self.known })?;
        }
        Ok(())
    }
}
