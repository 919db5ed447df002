//! `dondoc channel`: whether a channel works, step by step.

use clap::Subcommand;

use super::exit::{Code, Failure};
use super::output;
use crate::app::{App, TrialError, Tried};
use crate::channel::Rehearsal;
use crate::words::Tongue;

/// What can be asked of channels.
#[derive(Debug, Subcommand)]
pub enum ChannelCommand {
    /// Try a channel: for mail every step of the dialogue, and what to do where it fails
    #[command(
        after_help = "Examples:\n  dondoc channel test mail\n  dondoc channel test mail --to admin@province.example\nWithout --to nothing is sent."
    )]
    Test {
        /// Its name in the configuration
        name: String,
        /// Also send a mail marked [THỬ] here; only to addresses in [safety] allow or [alerts] to
        #[arg(long, value_name = "ADDRESS")]
        to: Option<String>,
    },
}

pub(super) async fn channel(app: App, asked: ChannelCommand) -> Result<Code, Failure> {
    let ChannelCommand::Test { name, to } = asked;
    let tried = app.try_channel(&name, to.as_deref().map(|to| (to, None))).await?;
    app.note_trial(&name, tried.works(), &super::people::by()).await?;
    let code = match tried {
        Tried::Relays(rehearsals) => {
            for rehearsal in &rehearsals {
                print(rehearsal)?;
            }
            let failed = rehearsals.iter().any(|rehearsal| rehearsal.failed.is_some());
            if failed { Code::Unreachable } else { Code::Done }
        }
        Tried::Works(found) => {
            output::line(found)?;
            Code::Done
        }
        Tried::Broken(error) => {
            let hint = "check its [[channel]] and its peer";
            return Err(Failure::new(Code::Unreachable, format!("channel `{name}`: {error}\n  remedy: {hint}")));
        }
    };
    app.close().await;
    Ok(code)
}

impl From<TrialError> for Failure {
    fn from(error: TrialError) -> Self {
        match error {
            TrialError::Address(_) => Self::new(Code::NotApproved, error.to_string()),
            TrialError::Settings(_) => Self::new(Code::Invalid, error.to_string()),
            _ => Self::usage(error.to_string()),
        }
    }
}

fn print(rehearsal: &Rehearsal) -> Result<(), Failure> {
    output::line(format!("{}:", rehearsal.relay))?;
    for line in &rehearsal.transcript {
        output::line(format!("  {line}"))?;
    }
    match (rehearsal.failed, rehearsal.remedy(Tongue::English)) {
        (Some((stage, cause)), Some(remedy)) => {
            output::line(format!("  failed: {stage:?}, {cause:?}"))?;
            output::line(format!("  → {remedy}"))
        }
        _ => output::line("  works"),
    }
}
