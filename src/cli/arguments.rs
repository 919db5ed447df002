//! Commands and their options, each with an example in its help.

use std::path::PathBuf;

use chrono::NaiveDate;
use clap::{Args, Parser, Subcommand};

pub(super) use super::arguments_catalog::Catalog;
pub(super) use super::arguments_outbox::{FateWord, Outbox, Which};
pub(super) use super::arguments_template::Template;
use super::audit::AuditCommand;
use super::backtest::BacktestOptions;
use super::channel::ChannelCommand;
use super::configuration::ConfigCommand;
use super::digest::DigestOptions;
use super::output::Format;
use super::people::UserCommand;
use super::purge::PurgeOptions;
use super::release::ReleaseOptions;
use super::reply::ReplyCommand;
use super::restated::RestatedOptions;
use super::schedule::ScheduleCommand;
use super::setup::SetupOptions;
use super::silence::SilenceCommand;
use super::token::TokenCommand;
use super::zalo::ZaloCommand;

/// Reminds public offices of the service targets they miss.
#[derive(Debug, Parser)]
#[command(name = "dondoc", version, about, propagate_version = true, arg_required_else_help = true)]
#[command(after_help = "Example: dondoc demo --once --out thu\nManual: dondoc man | man -l -")]
pub struct Arguments {
    /// Configuration file [default: ./config.toml, then /etc/dondoc/dondoc.toml]
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What can be asked.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Show one whole round on the sample of 2022; nothing leaves the machine
    #[command(after_help = "Example: dondoc demo --once --out thu\n  writes each captured mail to thu/*.eml and ends")]
    Demo(DemoOptions),
    /// Work unattended: rounds on schedule, delivery, health
    #[command(after_help = "Example: dondoc serve --config /etc/dondoc/dondoc.toml")]
    Serve,
    /// Run one round now and deliver it
    #[command(after_help = "Examples:\n  dondoc run --dry-run\n  dondoc run --as-of 2022-10-31 --format json")]
    Run(RunOptions),
    /// Check configuration, catalog and templates; every problem at once, with place and remedy
    #[command(after_help = "Example: dondoc check --format json")]
    Check {
        /// How to print
        #[arg(long, value_enum, default_value = "table")]
        format: Format,
    },
    /// Look at the configuration: every key, its value and where that came from
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Take in the files that wait in folders, pull the sources and show what was read and refused, without deciding anything
    #[command(after_help = "Examples:\n  dondoc pull --as-of 2022-10-31\n  dondoc pull --sample 3")]
    Pull {
        /// Read figures up to this date [default: today]
        #[arg(long, value_name = "DATE")]
        as_of: Option<NaiveDate>,
        /// Show the first N rows of each source as they are mapped, and nothing else
        #[arg(long, value_name = "N")]
        sample: Option<usize>,
        /// How to print
        #[arg(long, value_enum, default_value = "table")]
        format: Format,
    },
    /// Show the message one unit's head would get
    #[command(after_help = "Example: dondoc preview 07201 --as-of 2022-10-31 --part text")]
    Preview(PreviewOptions),
    /// Show where every unit stands as of the last round
    #[command(
        after_help = "Examples:\n  dondoc report --as-of 2022-10-31 --format csv > xep-loai.csv\n  dondoc report --unit 07201\n  dondoc report --effect"
    )]
    Report {
        /// One unit: its figures, and the services that weigh most in them
        #[arg(long, value_name = "CODE")]
        unit: Option<String>,
        /// The round as of this date [default: the newest]
        #[arg(long, value_name = "DATE")]
        as_of: Option<NaiveDate>,
        /// Instead: what changed after reminders, beside units of the same level that were not reminded
        #[arg(long, conflicts_with_all = ["unit", "as_of"])]
        effect: bool,
        /// How to print
        #[arg(long, value_enum, default_value = "table")]
        format: Format,
    },
    /// Send superiors the digest of their units, leaders the sheet of the province, admins what waits for them
    #[command(
        after_help = "Examples:\n  dondoc digest --dry-run\n  dondoc digest --as-of 2022-10-31\n  dondoc digest --to admins\nEach is sent once for a round, however often it is asked for."
    )]
    Digest(DigestOptions),
    /// Look at the message templates, change them as drafts, check, publish and restore them
    #[command(subcommand)]
    Template(Template),
    /// Bring the catalog in or take it out as a folder of files
    #[command(subcommand)]
    Catalog(Catalog),
    /// Look into the outbox, or mend an entry
    #[command(subcommand)]
    Outbox(Outbox),
    /// Look at cases: a unit and indicator from first miss to recovery
    #[command(subcommand)]
    Case(Case),
    /// Show what would have been sent in the past under another policy; stores and sends nothing
    #[command(after_help = "Example: dondoc backtest --from 2022-01-01 --to 2022-12-31 --policy moi.toml")]
    Backtest(BacktestOptions),
    /// For a while remind nobody of something, with author, reason and end
    #[command(subcommand)]
    Silence(SilenceCommand),
    /// Show the batch that waits for a second person beside the one before, and let it go
    #[command(
        after_help = "Examples:\n  dondoc approve --show\n  dondoc approve\n  dondoc approve --by \"Phòng CNTT\" --yes"
    )]
    Approve(ApproveOptions),
    /// Let the figures of a round through that the quality gate held, or list such rounds
    #[command(
        after_help = "Examples:\n  dondoc release\n  dondoc release 3d0c2f0e-5f0a-5c55-9a35-0b6e0d5a2f11 --note \"đã đối chiếu với báo cáo giấy\" --by \"Phòng CNTT\"\nThe next run takes the same figures; others are judged anew."
    )]
    Release(ReleaseOptions),
    /// List units that were reminded on figures that were corrected since, or tell their heads
    #[command(
        after_help = "Examples:\n  dondoc run --as-of 2022-10-31\n  dondoc restated --format csv > dinh-chinh.csv\n  dondoc restated --send\nEach head gets one correction of a letter, however often it is asked for; a letter that still waits is amended instead."
    )]
    Restated(RestatedOptions),
    /// Try a channel step by step
    #[command(subcommand)]
    Channel(ChannelCommand),
    /// Look at what heads answered by the link in their letter, or close what it asks of you
    #[command(subcommand)]
    Reply(ReplyCommand),
    /// Show when rounds are due, and the working calendar behind it
    #[command(subcommand)]
    Schedule(ScheduleCommand),
    /// Hand over tokens of Zalo, see how it stands, check what Zalo would refuse, bind heads to a bot
    #[command(subcommand)]
    Zalo(ZaloCommand),
    /// Show how far the first set-up is, or take its steps from a file
    #[command(after_help = SETUP_HELP)]
    Setup(SetupOptions),
    /// Print a one-time code that makes the first administrator on the pages
    #[command(
        after_help = "Example: dondoc setup-code\nThe code is good once, for 30 minutes, and only while there is no administrator."
    )]
    SetupCode,
    /// Add, list, change and disable the accounts of people
    #[command(subcommand)]
    User(UserCommand),
    /// Make, list and end the tokens of programs
    #[command(subcommand)]
    Token(TokenCommand),
    /// Look at the audit log, or whether it is whole
    #[command(subcommand)]
    Audit(AuditCommand),
    /// Stop all sending, on every replica, until `resume`
    #[command(after_help = "Example: dondoc pause --by \"Phòng CNTT\"")]
    Pause {
        /// Who says so
        #[arg(long, default_value = "admin")]
        by: String,
        /// Why; every page says so
        #[arg(long, value_name = "TEXT", default_value = "")]
        why: String,
    },
    /// Send again after `pause`
    #[command(after_help = "Example: dondoc resume --by \"Phòng CNTT\"")]
    Resume {
        /// Who says so
        #[arg(long, default_value = "admin")]
        by: String,
    },
    /// Delete what is settled and older than `[retention]` says; `serve` does it once a night
    #[command(after_help = "Examples:\n  dondoc purge --dry-run\n  dondoc purge")]
    Purge(PurgeOptions),
    /// Bring the database schema up to date and check every statement
    #[command(after_help = "Example: dondoc migrate")]
    Migrate,
    /// Print a completion script
    #[command(after_help = "Example: dondoc completions bash > /etc/bash_completion.d/dondoc")]
    Completions {
        /// For which shell
        shell: clap_complete::Shell,
    },
    /// Print the manual page
    #[command(after_help = "Example: dondoc man > dondoc.1")]
    Man,
}

const SETUP_HELP: &str = "Examples:\n  dondoc setup\n  dondoc setup --from setup.toml\n\nA whole file; each part may be left out, \
paths start at its folder:\n  [admin]\n  login = \"quan.tri\"\n  name = \"Quản trị hệ thống\"\n  password_file = \"first-password\"\n  \
[catalog]\n  pack = \"pack\"\n  [letter]\n  unit = \"07201\"\n  as_of = \"2022-10-31\"\nand above them, for steps that somebody \
answers for:\n  done = [\"source\", \"channel\", \"schedule\"]\nTaken twice it changes nothing the second time. Each step is told: how it stands, what is wrong, what to do.";

/// Options of `demo`.
#[derive(Debug, Args)]
pub struct DemoOptions {
    /// End after the round instead of serving the mailbox
    #[arg(long)]
    pub once: bool,
    /// Write each captured message to this folder
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Where to serve the mailbox
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8080")]
    pub listen: std::net::SocketAddr,
}

/// Options of `run`.
#[derive(Debug, Args)]
pub struct RunOptions {
    /// Judge, decide and write, but store and send nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Judge and decide as of this date [default: today]
    #[arg(long, value_name = "DATE")]
    pub as_of: Option<NaiveDate>,
    /// Who starts it [default: the user of the operating system]
    #[arg(long)]
    pub by: Option<String>,
    /// How to print
    #[arg(long, value_enum, default_value = "table")]
    pub format: Format,
    /// List every unit with its decision even when there are many
    #[arg(long)]
    pub units: bool,
}

/// Options of `preview`.
#[derive(Debug, Args)]
pub struct PreviewOptions {
    /// Code of the unit
    pub unit: String,
    /// As of this date [default: today]
    #[arg(long, value_name = "DATE")]
    pub as_of: Option<NaiveDate>,
    /// Which part to print
    #[arg(long, value_enum, default_value = "text")]
    pub part: Part,
}

/// Part of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Part {
    /// Subject and plain text
    Text,
    /// The HTML document
    Html,
    /// The SMS line
    Sms,
    /// The parameters for a template of Zalo
    Zalo,
    /// Everything, as JSON
    Json,
}

/// What can be asked of cases.
#[derive(Debug, Subcommand)]
pub enum Case {
    /// List open cases
    #[command(after_help = "Example: dondoc case list --format csv")]
    List {
        /// Closed ones too
        #[arg(long)]
        all: bool,
        /// How to print
        #[arg(long, value_enum, default_value = "table")]
        format: Format,
    },
    /// Show whom a unit's reminders reach, how firmly, and every rule that says so
    #[command(after_help = "Example: dondoc case explain 07201")]
    Explain {
        /// Code of the unit
        unit: String,
        /// On this day [default: today]
        #[arg(long, value_name = "DATE")]
        on: Option<NaiveDate>,
        /// How to print
        #[arg(long, value_enum, default_value = "table")]
        format: Format,
    },
    /// Show a unit's cases and why it was or was not reminded, round by round
    #[command(after_help = "Example: dondoc case show 07201")]
    Show {
        /// Code of the unit
        unit: String,
        /// How to print
        #[arg(long, value_enum, default_value = "table")]
        format: Format,
    },
}

/// Options of `approve`.
#[derive(Debug, Args)]
pub struct ApproveOptions {
    /// Who approves [default: admin]
    #[arg(long)]
    pub by: Option<String>,
    /// Approve without asking
    #[arg(long)]
    pub yes: bool,
    /// Show the batch beside the one before, and ask nothing
    #[arg(long, conflicts_with = "yes")]
    pub show: bool,
    /// How to print what the batch is like
    #[arg(long, value_enum, default_value = "table")]
    pub format: Format,
}
