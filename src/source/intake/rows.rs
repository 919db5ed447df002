//! Rows that are pushed as JSON, written down as the CSV file that the source reads. Read one by one: what is in memory is
//! never more than a row.

use std::fmt;
use std::fs::File;
use std::io::{self, BufReader, Write};

use serde::de::{Deserialize, DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use super::offer::{Offer, Part};
use super::{Dropped, ReadAs, Reason};
use crate::source::{Columns, Encoding, FRACTION};

impl Dropped {
    /// Whether rows may be pushed as JSON: to a source that reads UTF-8.
    pub const fn takes_rows(&self) -> bool {
        matches!(self.read_as, ReadAs::Csv { encoding: Encoding::Utf8, .. })
    }

    /// The CSV file of the rows in `json`, written into `csv`: an array of objects with the keys `period`, `unit_code`,
    /// `unit_name`, `service_code` and the names of the measures, as far as `columns` maps them, each in every row. Line
    /// n + 1 of it is the n-th row. Blocks on the disk.
    ///
    /// # Errors
    /// When the disk fails; inside, why the rows cannot be read.
    pub fn rows(&self, columns: &Columns, json: &Part, csv: Part) -> io::Result<Result<Offer, Reason>> {
        let delimiter = if let ReadAs::Csv { delimiter, .. } = self.read_as { delimiter } else { b',' };
        let writer = csv::WriterBuilder::new().delimiter(delimiter).from_writer(csv);
        let mut rows = Rows { keys: keys(columns), writer, number: 0 };
        let mut input = serde_json::Deserializer::from_reader(BufReader::new(File::open(json.path())?));
        let read = input.deserialize_seq(&mut rows).and_then(|()| input.end());
        match read {
            Ok(()) => rows.finish().map(Ok),
            // What the disk refuses comes out as an error of the row that was written.
            Err(error) => match rows.writer.flush() {
                Err(disk) => Err(disk),
                Ok(()) => Ok(Err(unreadable(rows.number, &error))),
            },
        }
    }
}

fn unreadable(row: u64, error: &serde_json::Error) -> Reason {
    Reason {
        code: "unreadable",
        place: format!("row {row}"),
        message: error.to_string(),
        remedy:
            "send [{\"period\": \"2022-10\", \"unit_code\": \"…\", …}] with every mapped key in every row; null for a \
                 count that is not known"
                .to_owned(),
    }
}

/// Every mapped key and the header that it is mapped to.
fn keys(columns: &Columns) -> Vec<(String, String)> {
    let Columns { period, unit_code, unit_name, service_code, measures, numbers: _ } = columns;
    let fixed =
        [("period", period), ("unit_code", unit_code), ("unit_name", unit_name), ("service_code", service_code)];
    let fixed = fixed.into_iter().filter(|(_, header)| !header.is_empty());
    fixed.map(|(key, header)| (key.to_owned(), header.clone())).chain(measures.iter().cloned()).collect()
}

struct Rows<W: Write> {
    keys: Vec<(String, String)>,
    writer: csv::Writer<W>,
    /// The row that is read, from 1 on.
    number: u64,
}

impl Rows<Part> {
    fn finish(self) -> io::Result<Offer> {
        let part = self.writer.into_inner().map_err(|error| io::Error::other(error.error().to_string()))?;
        part.finish("pushed.csv")
    }
}

impl<'de, W: Write> Visitor<'de> for &mut Rows<W> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of rows")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut rows: A) -> Result<(), A::Error> {
        self.writer.write_record(self.keys.iter().map(|(_, header)| header)).map_err(A::Error::custom)?;
        self.number = 1;
        while let Some(cells) = rows.next_element_seed(Row(&self.keys))? {
            self.writer.write_record(cells).map_err(A::Error::custom)?;
            self.number += 1;
        }
        Ok(())
    }
}

/// One row: its cells in the order of the keys.
struct Row<'k>(&'k [(String, String)]);

impl<'de> DeserializeSeed<'de> for Row<'_> {
    type Value = Vec<String>;

    fn deserialize<D: Deserializer<'de>>(self, row: D) -> Result<Self::Value, D::Error> {
        row.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Row<'_> {
    type Value = Vec<String>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with the cells of a row")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut row: A) -> Result<Self::Value, A::Error> {
        let mut cells: Vec<Option<String>> = vec![None; self.0.len()];
        while let Some(key) = row.next_key::<String>()? {
            let at = self.0.iter().position(|(known, _)| *known == key);
            let Some(cell) = at.and_then(|at| cells.get_mut(at)) else {
                return Err(A::Error::custom(format_args!("`{}` is not mapped by the source", shown(&key))));
            };
            if cell.replace(row.next_value::<Cell>()?.0).is_some() {
                return Err(A::Error::custom(format_args!("`{}` stands twice", shown(&key))));
            }
        }
        let named = cells.into_iter().zip(self.0);
        let cell = |(cell, (key, _)): (Option<String>, &(String, String))| {
            cell.ok_or_else(|| A::Error::custom(format_args!("`{key}` is missing")))
        };
        named.map(cell).collect()
    }
}

/// The beginning of a key that somebody made up.
fn shown(key: &str) -> String {
    key.chars().take(40).filter(|letter| !letter.is_control()).collect()
}

/// A text, a number, or nothing.
struct Cell(String);

impl<'de> Deserialize<'de> for Cell {
    fn deserialize<D: Deserializer<'de>>(cell: D) -> Result<Self, D::Error> {
        cell.deserialize_any(CellVisitor)
    }
}

struct CellVisitor;

impl Visitor<'_> for CellVisitor {
    type Value = Cell;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text, a number or null")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Cell, E> {
        Ok(Cell(text.to_owned()))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Cell, E> {
        Ok(Cell(number.to_string()))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Cell, E> {
        Ok(Cell(number.to_string()))
    }

    /// Marked, so that 1.234 is never taken for a count in thousands.
    fn visit_f64<E: Error>(self, number: f64) -> Result<Cell, E> {
        Ok(Cell(format!("{number}{FRACTION}")))
    }

    fn visit_unit<E: Error>(self) -> Result<Cell, E> {
        Ok(Cell(String::new()))
    }
}
