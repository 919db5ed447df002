//! `dondoc channel`: whether a channel works, step by step.

use clap::Subcommand;

use super::exit::{Code, Failure};
use super::output;
use crate::app::App;
use crate::channel::{self, Channel, Email, Kind, Parcel, Rehearsal};

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
    let known: Vec<&str> = app.config.channels.iter().map(|channel| channel.name.as_str()).collect();
    let Some(settings) = app.config.channels.iter().find(|channel| channel.name == name) else {
        let hint = format!("no channel is called `{name}`\n  remedy: one of {}", known.join(", "));
        return Err(Failure::usage(hint));
    };
    let code = match (&settings.kind, to) {
        (Kind::Email(email), to) => {
            let parcel = to.map(|to| app.test_mail(settings, &to, None)).transpose().map_err(|unlisted| {
                Failure::new(
                    Code::NotApproved,
                    format!("{unlisted}\n  remedy: put it into [safety] allow or [alerts] to first"),
                )
            })?;
            mail(email, parcel.as_ref()).await?
        }
        (_, Some(_)) => {
            return Err(Failure::usage("--to is for channels of kind `email`\n  remedy: leave it out"));
        }
        (_, None) => probe(&Channel::open(settings, &app.db, &app.clock).map_err(crate::app::AppError::from)?).await?,
    };
    app.close().await;
    Ok(code)
}

async fn probe(channel: &Channel) -> Result<Code, Failure> {
    match channel.probe().await {
        Ok(found) => {
            output::line(found)?;
            Ok(Code::Done)
        }
        Err(error) => Err(Failure::new(
            Code::Unreachable,
            format!("channel `{}`: {error}\n  remedy: check its [[channel]] and its peer", channel.name()),
        )),
    }
}

async fn mail(email: &Email, parcel: Option<&Parcel>) -> Result<Code, Failure> {
    let rehearsed = channel::rehearse(email, parcel).await;
    let rehearsals = rehearsed.map_err(|error| {
        Failure::new(Code::Invalid, format!("{error}\n  remedy: `dondoc check` shows what is wrong with the channel"))
    })?;
    for rehearsal in &rehearsals {
        print(rehearsal)?;
    }
    let failed = rehearsals.iter().any(|rehearsal| rehearsal.failed.is_some());
    Ok(if failed { Code::Unreachable } else { Code::Done })
}

fn print(rehearsal: &Rehearsal) -> Result<(), Failure> {
    output::line(format!("{}:", rehearsal.relay))?;
    for line in &rehearsal.transcript {
        output::line(format!("  {line}"))?;
    }
    match (rehearsal.failed, rehearsal.remedy()) {
        (Some((stage, cause)), Some(remedy)) => {
            output::line(format!("  failed: {stage:?}, {cause:?}"))?;
            output::line(format!("  → {remedy}"))
        }
        _ => output::line("  works"),
    }
}
