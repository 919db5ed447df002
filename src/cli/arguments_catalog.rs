//! `dondoc catalog …` and its options.

use std::path::PathBuf;

use chrono::NaiveDate;
use clap::Subcommand;

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
    /// Export the catalog as a pack
    #[command(after_help = "Example: dondoc catalog export goi-hien-tai")]
    Export {
        /// The folder to write
        folder: PathBuf,
    },
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
