//! A sheet that waits, as its page shows it: columns with samples, wrong cells in their rows, and what would change.

use std::collections::BTreeMap;

use super::catalogue::Tongue;
use super::contact_words::{field_name, office_name, span};
use super::contacts_import::sums_words;
use crate::app::directory::{Looked, sums};
use crate::catalog::contact_sheet::{Change, ChangeKind, Field, Finding, Sheet, column_letters};
use crate::catalog::directory::{Directory, Sums, Waiting};
use crate::catalog::{Contact, UnitId};

/// Rows with errors that are shown; the others come once these are mended.
const ROWS: usize = 60;
/// Changes that are shown.
const CHANGES: usize = 300;
/// Samples below a heading.
const SAMPLES: usize = 3;

/// All of it.
pub(super) struct Preview {
    pub(super) columns: Vec<Column>,
    pub(super) fields: Vec<(&'static str, &'static str)>,
    /// What is missing for reading the rows.
    pub(super) lacks: Option<String>,
    /// Letters and headings of the columns that are read.
    pub(super) heads: Vec<(String, String)>,
    pub(super) rows: Vec<Row>,
    pub(super) wrong_cells: usize,
    pub(super) wrong_rows: usize,
    /// Cells whose suggestion can be taken.
    pub(super) fixable: usize,
    /// What was taken otherwise than it stands: sentence, remedy, cells.
    pub(super) notes: Vec<(String, String, String)>,
    pub(super) changes: Vec<Shown>,
    pub(super) more_changes: usize,
    pub(super) sums: Sums,
    pub(super) sums_words: String,
    pub(super) same: usize,
    pub(super) good_rows: usize,
}

/// A column with what it may hold.
pub(super) struct Column {
    pub(super) number: u32,
    pub(super) letters: String,
    pub(super) heading: String,
    pub(super) samples: String,
    pub(super) chosen: &'static str,
}

/// A row with at least one wrong cell.
pub(super) struct Row {
    pub(super) number: u32,
    pub(super) cells: Vec<Cell>,
}

/// A cell of such a row.
pub(super) struct Cell {
    pub(super) column: u32,
    pub(super) name: String,
    pub(super) heading: String,
    pub(super) text: String,
    /// Sentences, of a cell that is wrong.
    pub(super) wrong: Vec<String>,
    /// What stands in the field where it is mended.
    pub(super) proposed: String,
}

/// One office that changes.
pub(super) struct Shown {
    pub(super) kind: &'static str,
    pub(super) sign: &'static str,
    pub(super) unit: String,
    pub(super) office: String,
    pub(super) row: Option<u32>,
    /// Name of a field, before, after.
    pub(super) differences: Vec<(&'static str, String, String)>,
}

/// What the page of a waiting sheet shows.
pub(super) fn preview(t: Tongue, directory: &Directory, waiting: &Waiting, looked: &Looked) -> Preview {
    let Looked { reading, plan } = looked;
    let wrong_rows = reading.wrong_rows();
    let sums = sums(plan);
    let wrong = || reading.findings.iter().filter(|finding| finding.wrong);
    let layout = &waiting.layout;
    Preview {
        columns: columns(waiting),
        fields: Field::ALL.map(|field| (field.word(), field_name(t, field))).to_vec(),
        lacks: layout.lacks().map(|lacks| lacks.say(t)),
        heads: layout.fields.keys().map(|column| (column_letters(*column), heading(waiting, *column))).collect(),
        rows: wrong_rows.iter().take(ROWS).filter_map(|number| row(t, waiting, &reading.findings, *number)).collect(),
        wrong_cells: reading.wrong(),
        wrong_rows: wrong_rows.len(),
        fixable: wrong().filter(|finding| finding.fix.is_some()).count(),
        notes: notes(t, &reading.findings),
        changes: plan.changes.iter().take(CHANGES).map(|change| shown(t, directory, change)).collect(),
        more_changes: plan.changes.len().saturating_sub(CHANGES),
        sums_words: sums_words(t, sums),
        sums,
        same: plan.same,
        good_rows: reading.holders.len(),
    }
}

fn heading(waiting: &Waiting, column: u32) -> String {
    waiting.layout.headings.get(&column).cloned().unwrap_or_default()
}

fn columns(waiting: &Waiting) -> Vec<Column> {
    let layout = &waiting.layout;
    let column = |(number, heading): (&u32, &String)| Column {
        number: *number,
        letters: column_letters(*number),
        heading: heading.clone(),
        samples: samples(&waiting.sheet, layout.header_row, *number),
        chosen: layout.fields.get(number).map_or("", |field| field.word()),
    };
    layout.headings.iter().map(column).collect()
}

fn samples(sheet: &Sheet, header_row: u32, column: u32) -> String {
    let below = sheet.rows.iter().filter(|row| row.number > header_row);
    let texts = below.filter_map(|row| row.cell(column)).map(|cell| cell.text.trim()).filter(|text| !text.is_empty());
    let texts: Vec<String> = texts.take(SAMPLES).map(|text| text.chars().take(40).collect()).collect();
    texts.join(" · ")
}

fn row(t: Tongue, waiting: &Waiting, findings: &[Finding], number: u32) -> Option<Row> {
    let row = waiting.sheet.row(number)?;
    let cell = |column: u32| {
        let text = row.cell(column).map(|cell| cell.text.clone()).unwrap_or_default();
        let own: Vec<&Finding> = findings
            .iter()
            .filter(|finding| finding.wrong && (finding.row, finding.column) == (number, column))
            .collect();
        let fix = own.iter().find_map(|finding| finding.fix.clone());
        Cell {
            column,
            name: format!("{}{number}", column_letters(column)),
            heading: heading(waiting, column),
            wrong: own.iter().map(|finding| finding.told(t, false)).collect(),
            proposed: fix.unwrap_or_else(|| text.clone()),
            text,
        }
    };
    let mut columns: Vec<u32> = waiting.layout.fields.keys().copied().collect();
    columns
        .extend(findings.iter().filter(|finding| finding.wrong && finding.row == number).map(|finding| finding.column));
    columns.sort_unstable();
    columns.dedup();
    Some(Row { number, cells: columns.into_iter().map(cell).collect() })
}

/// Equal sentences together, each with its cells.
fn notes(t: Tongue, findings: &[Finding]) -> Vec<(String, String, String)> {
    let mut together: BTreeMap<(String, String), Vec<String>> = BTreeMap::new();
    for finding in findings.iter().filter(|finding| !finding.wrong) {
        together.entry((finding.sentence.say(t), finding.remedy.say(t))).or_default().push(finding.cell());
    }
    let note = |((sentence, remedy), cells): ((String, String), Vec<String>)| {
        let (shown, further) =
            (cells.iter().take(12).cloned().collect::<Vec<_>>().join(", "), cells.len().saturating_sub(12));
        let shown = if further > 0 { t.with2("sheet.more_cells", shown, further) } else { shown };
        (sentence, remedy, shown)
    };
    together.into_iter().map(note).collect()
}

fn shown(t: Tongue, directory: &Directory, change: &Change) -> Shown {
    let (kind, sign) = match change.kind {
        ChangeKind::Added => ("sheet.added", "+"),
        ChangeKind::Changed => ("sheet.changed", "~"),
        ChangeKind::Ended => ("sheet.ended", "−"),
    };
    Shown {
        kind: t.say(kind),
        sign,
        unit: unit_name(directory, &change.edit.unit),
        office: office_name(t, change.edit.office),
        row: change.row,
        differences: differences(t, change.before.as_ref(), change.after.as_ref()),
    }
}

fn unit_name(directory: &Directory, id: &UnitId) -> String {
    let row = directory.units.iter().rev().find(|unit| unit.id == *id);
    row.map_or_else(|| id.to_string(), |unit| unit.name.clone())
}

fn differences(t: Tongue, before: Option<&Contact>, after: Option<&Contact>) -> Vec<(&'static str, String, String)> {
    let cells = |contact: Option<&Contact>| -> [String; 6] {
        let of = |text: &Option<String>| text.clone().unwrap_or_default();
        contact.map_or_else(Default::default, |contact| {
            [
                contact.title.clone(),
                of(&contact.person),
                of(&contact.email),
                of(&contact.phone),
                of(&contact.zalo_user_id),
                span(t, contact.valid),
            ]
        })
    };
    let names = [
        "contacts.field_title",
        "sheet.held_by",
        "contacts.field_email",
        "contacts.field_phone",
        "contacts.field_zalo",
        "sheet.term",
    ];
    let both = names.into_iter().zip(cells(before).into_iter().zip(cells(after)));
    both.filter(|(_, (before, after))| before != after)
        .map(|(name, (before, after))| (t.say(name), before, after))
        .collect()
}
