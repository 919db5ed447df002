//! Rows of replies become lines of text, by the columns of the settings.

use serde_json::Value;

use super::call::Failed;
use super::settings::Rows;
use super::template::About;
use super::{Column, reply, unreadable, unwritable};
use crate::source::Columns;
use crate::source::text::{Text, TextWriter};

/// Rows of all replies, at most.
const ROWS: usize = 500_000;

/// The text as it grows.
#[derive(Debug)]
pub(super) struct Mapped<'a> {
    rows: &'a Rows,
    columns: Vec<(String, Column)>,
    /// Whether any row had something in the column.
    met: Vec<bool>,
    first_row: Option<String>,
    writer: TextWriter,
}

impl<'a> Mapped<'a> {
    pub(super) fn new(rows: &'a Rows, columns: &Columns) -> Result<Self, Failed> {
        let columns = mapped(columns)?;
        let header: Vec<String> = columns.iter().map(|(text, _)| text.clone()).collect();
        let behind = |(_, column): &(String, Column)| match column {
            Column::Request(_) => "".into(),
            Column::Row(path) => path.behind().into(),
        };
        let writer = TextWriter::new(&header, columns.iter().map(behind).collect()).map_err(unwritable)?;
        let met = vec![false; columns.len()];
        Ok(Self { rows, columns, met, first_row: None, writer })
    }

    /// Takes in the bytes of a reply, for the hash.
    pub(super) fn hash(&mut self, body: &[u8]) {
        self.writer.hash(body);
    }

    /// Writes the rows of a reply, called by `label`; gives how many stand at its top.
    pub(super) fn add(&mut self, reply: &Value, about: &About<'_>, label: &str) -> Result<u64, Failed> {
        let (count, rows) = reply::rows(reply, &self.rows.rows, self.rows.children.as_deref(), self.rows.keep);
        if self.writer.rows() + rows.len() > ROWS {
            return Err(unreadable(&format!("more than {ROWS} rows"), "ask for less"));
        }
        for (number, row) in (1..).zip(rows) {
            let mut cells = Vec::with_capacity(self.columns.len());
            for ((_, column), met) in self.columns.iter().zip(&mut self.met) {
                let cell = match column {
                    Column::Request(template) => Some(template.fill(about)),
                    Column::Row(path) => reply::cell(row.value, path),
                };
                *met |= cell.is_some();
                cells.push(cell.unwrap_or_default());
            }
            self.first_row.get_or_insert_with(|| members(row.value));
            let called = format!("{label}, item {number}, {}", row.path);
            self.writer.row(called, &cells).map_err(unwritable)?;
        }
        Ok(count)
    }

    /// The text; a column that stands in no row at all is a mistake in its mapping.
    pub(super) fn finish(self) -> Result<Text, Failed> {
        if let Some(first) = &self.first_row
            && let Some(((text, _), _)) = self.columns.iter().zip(&self.met).find(|(_, met)| !**met)
        {
            let reason = format!("no item has `{text}`; the first one has {first}");
            return Err(unreadable(&reason, "correct the path in [source.columns]"));
        }
        self.writer.finish().map_err(unwritable)
    }
}

/// The columns of the text, each once, in the order of the settings.
fn mapped(columns: &Columns) -> Result<Vec<(String, Column)>, Failed> {
    let keys = [&columns.period, &columns.unit_code, &columns.unit_name, &columns.service_code];
    let texts = keys.into_iter().chain(columns.measures.iter().map(|(_, text)| text)).filter(|text| !text.is_empty());
    let mut mapped: Vec<(String, Column)> = Vec::new();
    for text in texts {
        if !mapped.iter().any(|(known, _)| known == text) {
            let column = Column::parse(text)
                .map_err(|wrong| unreadable(&format!("`{text}`: {wrong}"), "correct the path in [source.columns]"))?;
            mapped.push((text.clone(), column));
        }
    }
    Ok(mapped)
}

/// The names that a row has at its top.
fn members(row: &Value) -> String {
    let shown = |name: &String| format!("`{}`", name.chars().take(60).collect::<String>());
    let names = row.as_object().map(|row| row.keys().take(20).map(shown).collect::<Vec<_>>());
    names.map_or("no members".to_owned(), |names| names.join(", "))
}
