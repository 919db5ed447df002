//! `dondoc catalog …` and its options.

use std::path::PathBuf;

use chrono::NaiveDate;
use clap::{Args, Subcommand};

use super::output::Format;

/// What can be asked of the catalog.
#[derive(Debug, Subcommand)]
pub enum Catalog {
    /// Import a pack: shows what is added, changed and retired, then applies it
    #[command(
        after_help = "Examples:\n  dondoc catalog import goi-2022 --dry-run\n  dondoc catalog import goi-2022 --yes"
    )]
    Import {
        /// The pack's folder
        folder: PathBuf,
        /// Only show what would change
        #[arg(long)]
        dry_run: bool,
        /// Apply without asking
        #[arg(long)]
        yes: bool,
    },
    /// List what sources call units that the catalog does not know, with units that may be meant; none is ever guessed
    #[command(after_help = "Example: dondoc catalog unresolved --format csv > can-doi-chieu.csv")]
    Unresolved {
        /// How to print
        #[arg(long, value_enum, default_value = "table")]
        format: Format,
    },
    /// Say which unit a source means by a name (or by a code of its own); it becomes an alias
    #[command(after_help = "Example: dondoc catalog resolve \"UBND xã Song Mai, TPBG\" 07201 --by \"Phòng CNTT\"")]
    Resolve {
        /// The name as the source writes it
        name: String,
        /// Code of the unit
        code: String,
        /// The day on which the unit has that code [default: today]
        #[arg(long, value_name = "DATE")]
        on: Option<NaiveDate>,
        /// Who says so
        #[arg(long, default_value = "admin")]
        by: String,
    },
    /// Take back what was resolved: the name means nobody again
    #[command(after_help = "Example: dondoc catalog unresolve \"UBND xã Song Mai, TPBG\" --by \"Phòng CNTT\"")]
    Unresolve {
        /// The name as it was resolved
        name: String,
        /// Who says so
        #[arg(long, default_value = "admin")]
        by: String,
    },
    /// Contacts alone: import a sheet, take that back, write the list or an empty sheet
    #[command(subcommand)]
    Contacts(Contacts),
    /// Mergers, splits, new names, ends and beginnings of units: shows what would change, then writes it
    #[command(subcommand)]
    Unit(Units),
    /// Export the catalog as a pack
    #[command(after_help = "Example: dondoc catalog export goi-hien-tai")]
    Export {
        /// The folder to write
        folder: PathBuf,
    },
}

/// What can be recorded of units.
#[derive(Debug, Subcommand)]
pub enum Units {
    /// Several units become one: a new one (`--new`), or an existing one that takes the others in (`--into`)
    #[command(
        after_help = "Examples:\n  dondoc catalog unit merge 07201 07204 --new 07300:xa:\"Xã Song Mai\" --from 2025-07-01 --dry-run\n  dondoc catalog unit merge 07204 --into 07201 --from 2025-07-01 --basis \"Nghị quyết số 12/NQ-HĐND\""
    )]
    Merge {
        /// Codes of the units that merge
        #[arg(required = true)]
        codes: Vec<String>,
        #[command(flatten)]
        into: Successors,
        #[command(flatten)]
        how: How,
    },
    /// One unit becomes several; with `--goes-on` it gives a part away and stays
    #[command(
        after_help = "Example: dondoc catalog unit split 07201 --new 07301:xa:\"Xã Song Mai\" --new 07302:phuong:\"Phường Đa Mai\" --from 2025-07-01"
    )]
    Split {
        /// Code of the unit
        code: String,
        /// The unit itself goes on
        #[arg(long)]
        goes_on: bool,
        #[command(flatten)]
        into: Successors,
        #[command(flatten)]
        how: How,
    },
    /// The same unit with another name, code, kind or unit above it; its figures go on
    #[command(
        after_help = "Example: dondoc catalog unit rename 07201 --name \"Phường Song Mai\" --kind phuong --from 2025-07-01"
    )]
    Rename {
        /// Code of the unit
        code: String,
        /// Its full name from then on
        #[arg(long)]
        name: Option<String>,
        /// Its code from then on
        #[arg(long, value_name = "CODE")]
        new_code: Option<String>,
        /// Its kind from then on, a word of units.csv: xa, phuong, so …
        #[arg(long)]
        kind: Option<String>,
        /// Code of the unit above it from then on
        #[arg(long, value_name = "CODE")]
        parent: Option<String>,
        #[command(flatten)]
        how: How,
    },
    /// Units end, and nobody takes over
    #[command(after_help = "Example: dondoc catalog unit end STTTT --from 2025-03-01")]
    End {
        /// Codes of the units
        #[arg(required = true)]
        codes: Vec<String>,
        #[command(flatten)]
        how: How,
    },
    /// A new unit that comes of no other
    #[command(after_help = "Example: dondoc catalog unit add SDTTG:so:\"Sở Dân tộc và Tôn giáo\" --from 2025-03-01")]
    Add {
        /// Code, kind and name of the unit
        #[arg(value_name = "CODE:KIND:NAME")]
        unit: String,
        /// Code of the unit above it [default: the province]
        #[arg(long, value_name = "CODE")]
        parent: Option<String>,
        #[command(flatten)]
        how: How,
    },
    /// Take back what was recorded, within 24 hours; the newest when none is named
    #[command(after_help = "Example: dondoc catalog unit undo")]
    Undo {
        /// Its id, as `list` shows it
        id: Option<String>,
    },
    /// List what was recorded, newest first
    #[command(after_help = "Example: dondoc catalog unit list")]
    List {
        /// How to print
        #[arg(long, value_enum, default_value = "table")]
        format: Format,
    },
}

/// What units become.
#[derive(Debug, Args)]
pub struct Successors {
    /// Code of an existing unit that takes over; may be repeated where several do
    #[arg(long, value_name = "CODE")]
    pub into: Vec<String>,
    /// A new unit: code, kind and name
    #[arg(long, value_name = "CODE:KIND:NAME")]
    pub new: Vec<String>,
    /// Code of the unit above the new ones [default: as the old unit]
    #[arg(long, value_name = "CODE")]
    pub parent: Option<String>,
}

/// From when on, by which document, and whether it is written.
#[derive(Debug, Args)]
pub struct How {
    /// First day of the new state
    #[arg(long, value_name = "DATE")]
    pub from: NaiveDate,
    /// The document that it rests on
    #[arg(long, value_name = "TEXT", default_value = "")]
    pub basis: String,
    /// Only show what would change
    #[arg(long)]
    pub dry_run: bool,
    /// Write without asking
    #[arg(long)]
    pub yes: bool,
}

/// What can be asked of the contacts.
#[derive(Debug, Subcommand)]
pub enum Contacts {
    /// Import a workbook or CSV file: tells every wrong cell, shows what is added, changed and ended, then writes it
    #[command(
        after_help = "Examples:\n  dondoc catalog contacts import danh-ba.xlsx --dry-run\n  dondoc catalog contacts import danh-ba.xlsx --yes\n  dondoc catalog contacts import danh-ba.xlsx --column \"Nơi nhận=unit_name\" --mend"
    )]
    Import {
        /// The file: .xlsx, .xls, .ods or .csv
        file: PathBuf,
        /// Only show what would change
        #[arg(long)]
        dry_run: bool,
        /// Write without asking
        #[arg(long)]
        yes: bool,
        /// The file is the whole directory: offices that it does not name end
        #[arg(long)]
        whole: bool,
        /// Take the suggested text for every wrong cell that has one
        #[arg(long)]
        mend: bool,
        /// What a column holds, by its heading; remembered
        #[arg(long, value_name = "HEADING=FIELD")]
        column: Vec<String>,
        /// Write the file with its errors marked here
        #[arg(long, value_name = "FILE")]
        marked: Option<PathBuf>,
    },
    /// Take an import back, within 24 hours; the newest one when none is named
    #[command(after_help = "Example: dondoc catalog contacts undo")]
    Undo {
        /// Its id, as `imports` lists it
        id: Option<String>,
    },
    /// List imports, newest first
    #[command(after_help = "Example: dondoc catalog contacts imports")]
    Imports {
        /// How to print
        #[arg(long, value_enum, default_value = "table")]
        format: Format,
    },
    /// Write the present list as a workbook
    #[command(after_help = "Example: dondoc catalog contacts export danh-ba.xlsx")]
    Export {
        /// The file to write
        file: PathBuf,
    },
    /// Write an empty sheet to fill in
    #[command(after_help = "Example: dondoc catalog contacts template mau-danh-ba.xlsx")]
    Template {
        /// The file to write
        file: PathBuf,
    },
}
