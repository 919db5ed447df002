//! Contacts from a file: what waits, what its rows would change, and what became of it.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::time;
use crate::app::directory::{Looked, sums};
use crate::catalog::contact_sheet::{Change, ChangeKind, Finding, column_letters};
use crate::catalog::directory::{Directory, Import, Sums, Waiting};
use crate::catalog::{Contact, mask_email, mask_phone};
use crate::words::Tongue;

/// How many offices are added, changed and ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ImportSums {
    /// Added.
    pub added: usize,
    /// Changed.
    pub changed: usize,
    /// Ended.
    pub ended: usize,
}

impl From<Sums> for ImportSums {
    fn from(Sums { added, changed, ended }: Sums) -> Self {
        Self { added, changed, ended }
    }
}

impl From<ImportSums> for Sums {
    fn from(ImportSums { added, changed, ended }: ImportSums) -> Self {
        Self { added, changed, ended }
    }
}

/// A file that was brought, as a line of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ImportLine {
    /// Its id.
    pub id: String,
    /// `waiting`, `written` or `undone`.
    pub state: &'static str,
    /// How the file was called.
    pub file_name: String,
    /// When it came.
    #[schema(format = DateTime)]
    pub brought_at: String,
    /// When it was written.
    #[schema(format = DateTime)]
    pub written_at: Option<String>,
    /// Until when it can be taken back; null: it cannot.
    #[schema(format = DateTime)]
    pub undo_until: Option<String>,
    /// Offices that it added; 0 while it waits.
    pub added: usize,
    /// Offices that it changed.
    pub changed: usize,
    /// Offices that it ended.
    pub ended: usize,
}

impl ImportLine {
    /// Of an import as it is `now`.
    pub fn of(import: &Import, now: DateTime<Utc>) -> Self {
        let Sums { added, changed, ended } = import.sums;
        Self {
            id: import.id.clone(),
            state: import.state.word(),
            file_name: import.file_name.clone(),
            brought_at: time(import.brought_at),
            written_at: import.written.as_ref().map(|(at, _)| time(*at)),
            undo_until: import.undoable_until(now).map(time),
            added,
            changed,
            ended,
        }
    }
}

/// A file that waits to be written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ImportTold {
    /// Its id.
    pub id: String,
    /// How the file is called.
    pub file_name: String,
    /// The sheet of it that is read; empty for CSV.
    pub sheet: String,
    /// Whether it is the whole directory: offices that it does not name end.
    pub whole: bool,
    /// Its columns.
    pub columns: Vec<ColumnLine>,
    /// What is missing for reading the rows, in Vietnamese; null when nothing is.
    pub lacks: Option<String>,
    /// Rows that are good.
    pub good_rows: usize,
    /// Cells that keep their rows from being taken; while there are any nothing is written.
    pub wrong_cells: usize,
    /// What is to be said about cells.
    pub findings: Vec<FindingLine>,
    /// What the good rows would change. Whoever writes the file sends this back.
    pub sums: ImportSums,
    /// Rows that say what is so already.
    pub same: usize,
    /// What would change, office by office.
    pub changes: Vec<ChangeLine>,
}

/// A column of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ColumnLine {
    /// Its letter.
    pub column: String,
    /// What stands above it.
    pub heading: String,
    /// What it holds: a column of contacts.csv; null: it is not read.
    pub field: Option<&'static str>,
}

/// Something to be said about a cell, in Vietnamese.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct FindingLine {
    /// The cell: `E14`.
    pub cell: String,
    /// Whether the row cannot be taken so; otherwise it was taken, and how is said.
    pub wrong: bool,
    /// What is wrong, a sentence.
    pub message: String,
    /// What to do, or what was done.
    pub hint: String,
    /// What should probably stand there.
    pub fix: Option<String>,
}

impl From<&Finding> for FindingLine {
    fn from(finding: &Finding) -> Self {
        Self {
            cell: finding.cell(),
            wrong: finding.wrong,
            message: finding.sentence.say(Tongue::Vietnamese),
            hint: finding.remedy.say(Tongue::Vietnamese),
            fix: finding.fix.clone(),
        }
    }
}

/// An office that would change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ChangeLine {
    /// `added`, `changed` or `ended`.
    pub kind: &'static str,
    /// Row of the sheet; null for an office that the sheet does not name.
    pub row: Option<u32>,
    /// Official code of the unit.
    pub unit_code: String,
    /// Its name.
    pub unit: String,
    /// `head`, `deputy` or `focal_point`.
    pub office: &'static str,
    /// Who holds it before; addresses masked.
    pub before: Option<HolderLine>,
    /// Who would hold it; addresses masked.
    pub after: Option<HolderLine>,
}

/// Who holds an office. Addresses are masked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct HolderLine {
    /// The person's name, when it is known.
    pub person: Option<String>,
    /// How the office is written.
    pub title: String,
    /// Masked.
    pub email: Option<String>,
    /// Masked.
    pub phone: Option<String>,
    /// Whether a Zalo user is known.
    pub zalo: bool,
    /// First day; null: since always.
    #[schema(format = Date)]
    pub valid_from: Option<String>,
    /// Last day; null: until further notice.
    #[schema(format = Date)]
    pub valid_to: Option<String>,
}

impl From<&Contact> for HolderLine {
    fn from(contact: &Contact) -> Self {
        Self {
            person: contact.person.clone(),
            title: contact.title.clone(),
            email: contact.email.as_deref().map(mask_email),
            phone: contact.phone.as_deref().map(mask_phone),
            zalo: contact.zalo_user_id.is_some(),
            valid_from: contact.valid.from.map(|day| day.to_string()),
            valid_to: contact.valid.to.map(|day| day.to_string()),
        }
    }
}

impl ImportTold {
    /// Of a file that waits, compared with `directory`.
    pub fn of(directory: &Directory, waiting: &Waiting, looked: &Looked) -> Self {
        let Looked { reading, plan } = looked;
        let layout = &waiting.layout;
        let column = |(number, heading): (&u32, &String)| ColumnLine {
            column: column_letters(*number),
            heading: heading.clone(),
            field: layout.fields.get(number).map(|field| field.word()),
        };
        Self {
            id: waiting.id.clone(),
            file_name: waiting.file_name.clone(),
            sheet: waiting.sheet.name.clone(),
            whole: waiting.whole,
            columns: layout.headings.iter().map(column).collect(),
            lacks: layout.lacks().map(|words| words.say(Tongue::Vietnamese)),
            good_rows: reading.holders.len(),
            wrong_cells: reading.wrong(),
            findings: reading.findings.iter().map(FindingLine::from).collect(),
            sums: sums(plan).into(),
            same: plan.same,
            changes: plan.changes.iter().map(|change| ChangeLine::of(directory, change)).collect(),
        }
    }
}

impl ChangeLine {
    fn of(directory: &Directory, change: &Change) -> Self {
        let unit = directory.units.iter().rev().find(|unit| unit.id == change.edit.unit);
        Self {
            kind: match change.kind {
                ChangeKind::Added => "added",
                ChangeKind::Changed => "changed",
                ChangeKind::Ended => "ended",
            },
            row: change.row,
            unit_code: unit.map_or_else(|| change.edit.unit.to_string(), |unit| unit.code.clone()),
            unit: unit.map(|unit| unit.name.clone()).unwrap_or_default(),
            office: change.edit.office.word(),
            before: change.before.as_ref().map(HolderLine::from),
            after: change.after.as_ref().map(HolderLine::from),
        }
    }
}
