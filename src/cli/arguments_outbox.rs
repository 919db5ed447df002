//! `dondoc outbox …` and its options.

use clap::{Args, Subcommand, ValueEnum};

use super::output::Format;

/// What can be asked of the outbox.
#[derive(Debug, Subcommand)]
pub enum Outbox {
    /// List entries, oldest first
    #[command(after_help = "Example: dondoc outbox list --state failed")]
    List {
        /// Only entries in this state
        #[arg(long)]
        state: Option<String>,
        /// Only entries about this unit
        #[arg(long, value_name = "CODE")]
        unit: Option<String>,
        /// Only entries through this channel
        #[arg(long, value_name = "NAME")]
        channel: Option<String>,
        /// Only entries held for this reason: approval, guard, trial, fault or person
        #[arg(long)]
        reason: Option<String>,
        /// At most so many; 0 is all
        #[arg(long, default_value_t = 0)]
        limit: usize,
        /// How to print
        #[arg(long, value_enum, default_value = "table")]
        format: Format,
    },
    /// Show one entry with its text and its attempts
    #[command(after_help = "Example: dondoc outbox show 0b8e4a3e-9d3f-5c1e-8a77-3f1c2d4e5f60")]
    Show {
        /// Its id
        id: String,
    },
    /// Offer failed, expired, quarantined entries and those held by trial, fault or a person again, to where their head is
    /// reached now
    #[command(after_help = "Examples: dondoc outbox retry 0b8e4a3e-9d3f-5c1e-8a77-3f1c2d4e5f60\n          \
                            dondoc outbox retry --state held --reason trial --dry-run")]
    Retry {
        #[command(flatten)]
        which: Which,
        /// Who says so
        #[arg(long, value_name = "NAME", default_value = "an admin")]
        by: String,
    },
    /// Hold entries that wait for their hour, until `retry` lets them go
    #[command(after_help = "Example: dondoc outbox hold --unit 07201 --why \"chờ đối chiếu số liệu\"")]
    Hold {
        #[command(flatten)]
        which: Which,
        /// Why
        #[arg(long)]
        why: String,
        /// Who says so
        #[arg(long, value_name = "NAME", default_value = "an admin")]
        by: String,
    },
    /// Take entries back before they are sent
    #[command(
        after_help = "Example: dondoc outbox cancel 0b8e4a3e-9d3f-5c1e-8a77-3f1c2d4e5f60 --why \"sai người nhận\""
    )]
    Cancel {
        #[command(flatten)]
        which: Which,
        /// Why
        #[arg(long, default_value = "taken back by an admin")]
        why: String,
        /// Who says so
        #[arg(long, value_name = "NAME", default_value = "an admin")]
        by: String,
    },
    /// Say what became of an entry whose fate is uncertain
    #[command(
        after_help = "Example: dondoc outbox resolve 0b8e4a3e-9d3f-5c1e-8a77-3f1c2d4e5f60 not-sent --by \"Tổ CNTT\" \
                            --note \"nhà cung cấp xác nhận chưa nhận\""
    )]
    Resolve {
        /// Its id
        id: String,
        /// Whether it arrived; one that did not goes by the recipient's next channel, or again
        #[arg(value_enum)]
        fate: FateWord,
        /// Who found out
        #[arg(long, value_name = "NAME")]
        by: String,
        /// How
        #[arg(long)]
        note: String,
    },
}

/// Which entries: ids, or all that the filters let through.
#[derive(Debug, Args)]
pub struct Which {
    /// Their ids
    #[arg(value_name = "ID")]
    pub ids: Vec<String>,
    /// All in this state
    #[arg(long, conflicts_with = "ids")]
    pub state: Option<String>,
    /// All through this channel
    #[arg(long, value_name = "NAME", conflicts_with = "ids")]
    pub channel: Option<String>,
    /// All held for this reason: approval, guard, trial, fault or person
    #[arg(long, conflicts_with = "ids")]
    pub reason: Option<String>,
    /// All about this unit
    #[arg(long, value_name = "CODE", conflicts_with = "ids")]
    pub unit: Option<String>,
    /// All of this round
    #[arg(long, value_name = "RUN", conflicts_with = "ids")]
    pub run: Option<String>,
    /// Only say which they are
    #[arg(long)]
    pub dry_run: bool,
}

/// What a person found out.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum FateWord {
    /// It arrived
    Sent,
    /// It did not
    NotSent,
}
