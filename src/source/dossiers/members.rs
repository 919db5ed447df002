//! The members of one dossier in JSON: the mapped ones are taken, the values of all others pass unread.

use std::collections::HashSet;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::cells::Cells;
use super::{Reading, personal};

/// Different names of members that are remembered as harmless.
const NAMES: usize = 10_000;

/// Puts the mapped members of the object in `item` into `cells`.
///
/// # Errors
/// The character from which on it is no object that can be read.
pub(super) fn read(item: &[u8], known: &mut Known, cells: &mut Cells) -> Result<(), usize> {
    let mut from = serde_json::Deserializer::from_slice(item);
    let object = Object { known, cells };
    object.deserialize(&mut from).and_then(|()| from.end()).map_err(|error| error.column())
}

/// Names of members that were met.
#[derive(Debug)]
pub(super) struct Known {
    names: Vec<String>,
    /// Bit `n`: some dossier had the field `n`.
    met: u32,
    harmless: HashSet<String>,
    drop_personal: bool,
    /// The first one that identifies a person: its name, and what it is.
    personal: Option<(String, &'static str)>,
}

impl Known {
    pub(super) fn new(reading: &Reading) -> Self {
        Self {
            names: reading.fields.iter().map(|(_, name)| name.clone()).collect(),
            met: 0,
            harmless: HashSet::new(),
            drop_personal: reading.drop_personal,
            personal: None,
        }
    }

    /// The number of a field that no dossier had.
    pub(super) fn missing(&self) -> Option<usize> {
        (0..self.names.len()).find(|number| self.met & (1 << *number) == 0)
    }

    /// The first member that identifies a person, its name and what it is.
    pub(super) fn take_personal(&mut self) -> Option<(String, &'static str)> {
        self.personal.take()
    }

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
