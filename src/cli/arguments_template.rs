//! What can be asked of templates.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::output::Format;

/// What can be asked of templates.
#[derive(Debug, Subcommand)]
pub enum Template {
    /// List the templates in force, with their revisions and drafts
    #[command(after_help = "Example: dondoc template list\n\
                            `text` says what is in force: shipped, file (of the folder or pack) or revision. `original` says \
                            `changed` where the shipped or file text is another one than the revision was made over.")]
    List {
        /// How to print
        #[arg(long, value_enum, default_value = "table")]
        format: Format,
    },
    /// Print the source of a template: the one in force, a revision, the draft or the original
    #[command(
        after_help = "Examples:\n  dondoc template show commune_first > commune_first.md\n  dondoc template show commune_first --revision 2\n  dondoc template show commune_first --draft --format json"
    )]
    Show {
        /// Its name
        name: String,
        #[command(flatten)]
        which: Version,
        /// How to print; `table` is the bare source
        #[arg(long, value_enum, default_value = "table")]
        format: Format,
    },
    /// List every published revision of a template, newest first
    #[command(after_help = "Example: dondoc template history commune_first")]
    History {
        /// Its name
        name: String,
        /// How to print
        #[arg(long, value_enum, default_value = "table")]
        format: Format,
    },
    /// Save a file as the draft of a template; nothing is sent with it until it is published
    #[command(
        after_help = "Example: dondoc template draft commune_first --from commune_first.md --by \"Văn phòng\"\nEach save is kept; the last one is the draft."
    )]
    Draft {
        /// Its name
        name: String,
        /// The file; `-` for standard input
        #[arg(long, value_name = "FILE")]
        from: PathBuf,
        /// Who saves it [default: the user of the operating system]
        #[arg(long)]
        by: Option<String>,
        /// Why
        #[arg(long, value_name = "TEXT", default_value = "")]
        note: String,
    },
    /// Check the draft: with samples, and with every unit of the newest figures
    #[command(
        after_help = "Example: dondoc template check commune_first\nTried are the first, second and third reminder, all targets met, no contact, and the longest name. Without a draft the text in force is checked. Exit code 3: it cannot be published."
    )]
    Check {
        /// Its name
        name: String,
        /// How to print
        #[arg(long, value_enum, default_value = "table")]
        format: Format,
    },
    /// Show word by word what the draft changes in the text in force, or how a revision differs from it
    #[command(
        after_help = "Examples:\n  dondoc template diff commune_first\n  dondoc template diff commune_first --revision 2\n[-words-] are only in the text in force, {+words+} only in the other one."
    )]
    Diff {
        /// Its name
        name: String,
        /// This revision instead of the draft; 0 for the original
        #[arg(long, value_name = "N", value_parser = clap::value_parser!(i64).range(0..))]
        revision: Option<i64>,
        /// How to print
        #[arg(long, value_enum, default_value = "table")]
        format: Format,
    },
    /// Put the draft in force, once it passes the check: the next round writes with it
    #[command(
        after_help = "Example: dondoc template publish commune_first --by \"Văn phòng\" --note \"theo góp ý của các xã\""
    )]
    Publish {
        /// Its name
        name: String,
        #[command(flatten)]
        signed: Signed,
    },
    /// Publish an older text again as the newest revision, once it passes the check
    #[command(
        after_help = "Examples:\n  dondoc template restore commune_first --revision 2 --by \"Văn phòng\"\n  dondoc template restore commune_first --revision original --by \"Văn phòng\""
    )]
    Restore {
        /// Its name
        name: String,
        /// Its number, or `original` for the shipped or file text
        #[arg(long, value_name = "N|original", value_parser = revision)]
        revision: i64,
        #[command(flatten)]
        signed: Signed,
    },
    /// Take a draft out of hand; its text stays stored
    #[command(after_help = "Example: dondoc template discard commune_first")]
    Discard {
        /// Its name
        name: String,
    },
}

/// Which text of a template.
#[derive(Debug, Args)]
pub struct Version {
    /// This revision; 0 for the original
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(i64).range(0..))]
    pub revision: Option<i64>,
    /// The draft
    #[arg(long, conflicts_with = "revision")]
    pub draft: bool,
}

/// Who does it, and why.
#[derive(Debug, Args)]
pub struct Signed {
    /// Who says so
    #[arg(long, value_name = "NAME", value_parser = clap::builder::NonEmptyStringValueParser::new())]
    pub by: String,
    /// Why
    #[arg(long, value_name = "TEXT", default_value = "")]
    pub note: String,
}

fn revision(text: &str) -> Result<i64, String> {
    let number = if text == "original" { Some(0) } else { text.parse().ok().filter(|number| *number > 0) };
    number.ok_or_else(|| "write the number of a revision, or `original`".to_owned())
}
