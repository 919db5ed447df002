//! The mapped cells of one dossier: all that is ever taken out of a row. The next row overwrites them.

use super::{Field, Reading};

/// Characters of a cell that is taken; only a link may be longer, and of that only its presence counts.
const LONGEST: usize = 1_000;

/// The cells of the row that is being read.
#[derive(Debug)]
pub(super) struct Cells {
    fields: Vec<Field>,
    texts: Vec<String>,
    /// Bit `n`: the row has something at field `n`.
    given: u32,
    /// What is wrong with the row as such, and its 1-based column; 0 is the row.
    torn: Option<(usize, String)>,
}

impl Cells {
    pub(super) fn new(reading: &Reading) -> Self {
        let fields: Vec<Field> = reading.fields.iter().map(|(field, _)| *field).collect();
        let texts = fields.iter().map(|_| String::new()).collect();
        Self { fields, texts, given: 0, torn: None }
    }

    /// Forgets the row before.
    pub(super) fn clear(&mut self) {
        self.texts.iter_mut().for_each(String::clear);
        self.given = 0;
        self.torn = None;
    }

    /// Puts `text` into the mapped field with this number, in the 1-based `column`.
    pub(super) fn put(&mut self, number: usize, column: usize, text: &str) {
        if self.given & (1 << number) != 0 {
            self.tear(column, "stands twice in one dossier".to_owned());
        }
        self.given |= 1 << number;
        let Some(cell) = self.texts.get_mut(number) else { return };
        let text = text.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
        if self.fields.get(number) == Some(&Field::Result) {
            // Whether there is one is all that counts.
            cell.push_str(if text.is_empty() { "" } else { "+" });
        } else if text.chars().nth(LONGEST).is_some() {
            self.tear(column, format!("longer than {LONGEST} characters"));
        } else {
            cell.push_str(text);
        }
    }

    /// Says that the row cannot be read as a dossier.
    pub(super) fn tear(&mut self, column: usize, reason: String) {
        self.torn.get_or_insert((column, reason));
    }

    pub(super) fn torn(&self) -> Option<(usize, &str)> {
        self.torn.as_ref().map(|(column, reason)| (*column, reason.as_str()))
    }

    /// What stands in the field; nothing where it is blank or not mapped.
    pub(super) fn text(&self, field: Field) -> &str {
        let number = self.fields.iter().position(|known| *known == field);
        number.and_then(|number| self.texts.get(number)).map_or("", String::as_str)
    }
}
