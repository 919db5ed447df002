//! Reads the rows of a sheet: every cell that is not as it should be is told with its place, and no row stops the others.

use std::collections::{BTreeSet, HashMap};

use chrono::NaiveDate;

use super::addresses;
use super::guess::{Field, Layout};
use super::row::{self, Holder, office, whole_title};
use super::seats::{self, Deputy};
use super::sentences::{
    code_and_name_differ, ends_first, named_before, no_office, no_such_unit, several_units, suggested, what_offices,
};
use super::values::{self, Said};
use super::{Inside, Sheet, SheetRow, column_letters};
use crate::catalog::contact::{Contact, Office, Seat};
use crate::catalog::matching::{Unmatched, fold};
use crate::catalog::unit::{Unit, UnitId};
use crate::catalog::view::Catalog;
use crate::words::{Sentence, Tongue};

/// Something to say about a cell of the sheet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Row, as Excel counts.
    pub row: u32,
    /// Column, 0 for A.
    pub column: u32,
    /// Whether the row cannot be taken so; otherwise it was taken, and how is said.
    pub wrong: bool,
    /// What stands there.
    pub shown: String,
    /// What is wrong, a sentence.
    pub sentence: Sentence,
    /// What to do, or what was done.
    pub remedy: Sentence,
    /// What should probably stand there.
    pub fix: Option<String>,
}

impl Finding {
    /// How people call the cell: `E14`.
    pub fn cell(&self) -> String {
        format!("{}{}", column_letters(self.column), self.row)
    }

    /// What is wrong and what to do, and with `fix` what should probably stand there.
    pub fn told(&self, t: Tongue, with_fix: bool) -> String {
        let fix = self.fix.as_ref().filter(|_| with_fix).map(|fix| suggested(fix, t)).unwrap_or_default();
        format!("{} {}{fix}", self.sentence.say(t), self.remedy.say(t))
    }
}

/// What the rows of a sheet say.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Reading {
    /// Row and what it says, of every row that is good.
    pub holders: Vec<(u32, Holder)>,
    /// What is to be said, in the order of rows.
    pub findings: Vec<Finding>,
    /// Rows that are no contacts: blank ones, headings, groups.
    pub aside: usize,
}

/// Cells that are told at most; a sheet with more of them is read again after those are mended.
const MOST_FINDINGS: usize = 2_000;

impl Reading {
    /// Reads `sheet` under `layout` with the units as they are on `day` and the contacts as they are held; units that are
    /// not `inside` may not be named.
    pub fn of(
        sheet: &Sheet,
        layout: &Layout,
        (catalog, held): (&Catalog, &[Contact]),
        day: NaiveDate,
        inside: Inside<'_>,
    ) -> Self {
        let mut reader = Reader {
            layout,
            catalog,
            day,
            inside,
            reading: Self::default(),
            said: HashMap::new(),
            deputies: Vec::new(),
        };
        for row in sheet.rows.iter().filter(|row| row.number > layout.header_row) {
            if reader.is_aside(row) {
                reader.reading.aside += 1;
            } else {
                reader.row(row);
            }
        }
        reader.seat(sheet, held);
        reader.reading.findings.truncate(MOST_FINDINGS);
        reader.reading
    }

    /// How many cells keep their rows from being taken.
    pub fn wrong(&self) -> usize {
        self.findings.iter().filter(|finding| finding.wrong).count()
    }

    /// Numbers of the rows that cannot be taken.
    pub fn wrong_rows(&self) -> BTreeSet<u32> {
        self.findings.iter().filter(|finding| finding.wrong).map(|finding| finding.row).collect()
    }
}

struct Reader<'r> {
    layout: &'r Layout,
    catalog: &'r Catalog,
    day: NaiveDate,
    inside: Inside<'r>,
    reading: Reading,
    /// Which row spoke of an office first.
    said: HashMap<(UnitId, Office), u32>,
    /// Rows of deputies that do not say which; they are seated once all rows are read.
    deputies: Vec<Deputy>,
}

impl Reader<'_> {
    /// Headings that are repeated, the numbers under them, names of groups.
    fn is_aside(&self, row: &SheetRow) -> bool {
        let held: Vec<(&str, u32)> = row
            .cells
            .iter()
            .filter(|cell| self.layout.fields.contains_key(&cell.column))
            .map(|cell| (cell.text.trim(), cell.column))
            .filter(|(text, _)| !values::is_blank(text))
            .collect();
        let heading = |(text, column): &(&str, u32)| {
            let own = self.layout.headings.get(column);
            own.is_some_and(|own| own.split(" > ").any(|part| fold(part) == fold(text)))
        };
        let numbered = |text: &str| text.trim_matches(['(', ')']).parse::<u8>().is_ok();
        let says = |fields: &[Field]| {
            held.iter().any(|(_, column)| self.layout.fields.get(column).is_some_and(|field| fields.contains(field)))
        };
        held.is_empty()
            || held.iter().filter(|held| heading(held)).count() >= 2
            || (held.len() >= 2 && held.iter().all(|(text, _)| numbered(text)))
            || !says(&[Field::Office, Field::Title, Field::Person, Field::Email, Field::Phone, Field::Zalo])
    }

    fn row(&mut self, row: &SheetRow) {
        let before = self.reading.wrong();
        let unit = self.unit(row);
        let known = self.reading.wrong();
        let (title, title_column) = self.text(row, Field::Title);
        let (word, word_column) = self.text(row, Field::Office);
        // What cannot be read is told as that, not as an office that nobody knows.
        let garbled = self.reading.wrong() > known;
        let (person, _) = self.text(row, Field::Person);
        let email = self.value(row, Field::Email, |text, _| addresses::email(text)).flatten();
        let phone = self.value(row, Field::Phone, addresses::phone).flatten();
        let zalo_user_id = self.value(row, Field::Zalo, |text, _| addresses::zalo(text)).flatten();
        let from = self.value(row, Field::From, values::date).flatten();
        let to = self.value(row, Field::To, values::date).flatten();
        let office = if word.is_empty() { office(&title) } else { office(&word) };
        let column = word_column.or(title_column);
        if office.is_none() && !garbled {
            let text = if word.is_empty() { &title } else { &word };
            self.wrong(row, column, no_office(text), what_offices());
        }
        if let (Some(from), Some(to)) = (from, to)
            && from > to
        {
            let (sentence, remedy) = ends_first();
            self.wrong(row, self.layout.column(Field::To), sentence, remedy);
        }
        let (Some(unit), Some(office)) = (unit, office) else { return };
        let office = match office {
            row::Named::Office(office) => {
                if let Some(first) = self.said.get(&(unit.id.clone(), office)).copied() {
                    let (sentence, remedy) = named_before(office, first);
                    return self.wrong(row, column, sentence, remedy);
                }
                self.said.insert((unit.id.clone(), office), row.number);
                Some(office)
            }
            row::Named::Deputy => None,
        };
        if self.reading.wrong() > before {
            return;
        }
        let holder = Holder {
            title: whole_title(&title, office.unwrap_or(Office::Deputy(Seat::FIRST)), &unit),
            unit: unit.id,
            office: office.unwrap_or(Office::Deputy(Seat::FIRST)),
            person: Some(person).filter(|person| !values::is_blank(person)),
            email,
            phone,
            zalo_user_id,
            from,
            to,
        };
        match office {
            Some(_) => self.reading.holders.push((row.number, holder)),
            None => self.deputies.push(Deputy { row: row.number, column, holder }),
        }
    }

    /// Gives deputies of whom no row says which one a seat: their own, that of somebody who is not named, a free one.
    fn seat(&mut self, sheet: &Sheet, held: &[Contact]) {
        let deputies = std::mem::take(&mut self.deputies);
        let taken = |unit: &UnitId, office: Office| self.said.contains_key(&(unit.clone(), office));
        for seated in seats::seated(deputies, held, self.day, &taken) {
            match seated {
                Ok((number, holder)) => self.reading.holders.push((number, holder)),
                Err((number, column, (sentence, remedy))) => {
                    if let Some(row) = sheet.row(number) {
                        self.wrong(row, column, sentence, remedy);
                    }
                }
            }
        }
        self.reading.holders.sort_by_key(|(number, _)| *number);
        self.reading.findings.sort_by_key(|finding| finding.row);
    }

    fn unit(&mut self, row: &SheetRow) -> Option<Unit> {
        let (code, code_column) = self.text(row, Field::UnitCode);
        let (name, name_column) = self.text(row, Field::UnitName);
        let column = if code.is_empty() { name_column.or(code_column) } else { code_column };
        if code.is_empty() && name.is_empty() {
            let sentence = Sentence::of("cell.no_unit");
            let remedy = Sentence::of("cell.no_unit_remedy");
            self.wrong(row, column, sentence, remedy);
            return None;
        }
        let found = self.catalog.find_on(&code, &name, self.day).cloned();
        let unit = match found {
            Ok(id) => self.catalog.unit_on(&id, self.day).cloned(),
            Err(why) => {
                self.stranger(row, column, (&code, &name), &why);
                return None;
            }
        };
        let allowed = unit.as_ref().is_none_or(self.inside);
        if !allowed {
            let sentence = Sentence::of("cell.outside");
            let remedy = Sentence::of("cell.outside_remedy");
            self.wrong(row, column, sentence, remedy);
            return None;
        }
        unit
    }

    fn stranger(&mut self, row: &SheetRow, column: Option<u32>, (code, name): (&str, &str), why: &Unmatched) {
        let shown = if code.is_empty() { name } else { code };
        let code_of = |id: &UnitId| self.catalog.unit_on(id, self.day).map(|unit| unit.code.clone());
        let padded: Vec<String> = (1..=4).map(|zeros| format!("{}{code}", "0".repeat(zeros))).collect();
        let padded = padded.iter().find(|code| self.catalog.find_on(code, name, self.day).is_ok());
        if let Some(padded) = padded.filter(|_| code.bytes().all(|byte| byte.is_ascii_digit()) && !code.is_empty()) {
            let sentence = Sentence::of("cell.code_lost_zero").and(code);
            let remedy = Sentence::of("cell.code_lost_zero_remedy");
            return self.say(row, column, Said { wrong: true, sentence, remedy, fix: Some(padded.clone()) });
        }
        let (sentence, remedy) = match why {
            Unmatched::Unknown => {
                let candidates = self.catalog.candidates(code, name, self.day);
                let names: Vec<String> =
                    candidates.iter().map(|unit| format!("{} ({})", unit.name, unit.code)).take(3).collect();
                no_such_unit(shown, &names.join("; "))
            }
            Unmatched::Ambiguous(units) => {
                let codes: Vec<String> = units.iter().filter_map(code_of).collect();
                several_units(name, &codes)
            }
            Unmatched::Contradiction { by_code, by_name } => {
                let called = |id: &UnitId| self.catalog.last_name(id);
                code_and_name_differ(&called(by_code), &called(by_name))
            }
        };
        self.wrong(row, column, sentence, remedy);
    }

    /// The text of a field, and its column; what is said about it becomes findings.
    fn text(&mut self, row: &SheetRow, field: Field) -> (String, Option<u32>) {
        let column = self.layout.column(field);
        let text = self.value(row, field, |text, _| (text.to_owned(), Vec::new())).unwrap_or_default();
        (if values::is_blank(&text) { String::new() } else { text }, column)
    }

    fn value<T>(
        &mut self,
        row: &SheetRow,
        field: Field,
        read: impl FnOnce(&str, super::CellKind) -> values::Value<T>,
    ) -> Option<T> {
        let column = self.layout.column(field)?;
        let cell = row.cell(column)?;
        let (text, mut said) = values::text(cell);
        let garbled = said.iter().any(|said| said.wrong);
        let belongs_to_unit = matches!(field, Field::UnitCode | Field::UnitName);
        if let Some(merged) = cell.merged.as_ref().filter(|_| !belongs_to_unit) {
            let sentence = Sentence::of("cell.merged").and(merged);
            let remedy = Sentence::of("cell.merged_remedy");
            said.push(Said { wrong: true, sentence, remedy, fix: None });
        }
        // What is garbled is told once, as what it is.
        let value = (!garbled).then(|| read(&text, cell.kind));
        let value = value.map(|(value, further)| {
            said.extend(further);
            value
        });
        for said in said {
            self.say(row, Some(column), said);
        }
        value
    }

    fn wrong(&mut self, row: &SheetRow, column: Option<u32>, sentence: Sentence, remedy: Sentence) {
        self.say(row, column, Said { wrong: true, sentence, remedy, fix: None });
    }

    fn say(&mut self, row: &SheetRow, column: Option<u32>, said: Said) {
        let column = column.or_else(|| self.layout.fields.keys().next().copied()).unwrap_or(0);
        let shown = row.cell(column).map(|cell| cell.text.trim().chars().take(120).collect()).unwrap_or_default();
        let Said { wrong, sentence, remedy, fix } = said;
        self.reading.findings.push(Finding { row: row.number, column, wrong, shown, sentence, remedy, fix });
    }
}
