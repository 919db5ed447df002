//! `dondoc channel`: whether a channel works, step by step.

use clap::Subcommand;
use uuid::Uuid;

use super::exit::{Code, Failure};
use super::output;
use crate::app::App;
use crate::catalog::mask_email;
use crate::channel::{self, Channel, Email, Kind, Parcel, Rehearsal};
use crate::message::Message;

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
            let parcel = to.map(|to| parcel(&app, settings, &to)).transpose()?;
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

/// A mail to somebody who expects it.
fn parcel(app: &App, settings: &channel::Settings, to: &str) -> Result<Parcel, Failure> {
    const TESTS: Uuid = Uuid::from_u128(0x6f0c_9a52_3c1d_5e8b_8d2e_d0d0_c000_0010);
    let listed = |known: &String| known.eq_ignore_ascii_case(to);
    if !app.config.safety.allow.iter().chain(&app.config.admins).any(listed) {
        return Err(Failure::new(
            Code::NotApproved,
            format!(
                "{} is no address for tests\n  remedy: put it into [safety] allow or [alerts] to first",
                mask_email(to)
            ),
        ));
    }
    let now = app.clock.now();
    let id = Uuid::new_v5(&TESTS, format!("{to} {}", now.timestamp_millis()).as_bytes());
    let text = "Đây là thư thử của hệ thống đôn đốc dịch vụ công trực tuyến.\n\nNhận được thư này nghĩa là kênh thư điện tử \
                hoạt động. Không cần trả lời.\n";
    let content = Message {
        subject: "[THỬ] Kiểm tra kênh thư điện tử của hệ thống đôn đốc".to_owned(),
        text: text.to_owned(),
        html: format!(
            "<!doctype html><html lang=\"vi\"><body><p>{}</p></body></html>",
            text.trim().replace("\n\n", "</p><p>")
        ),
        sms: String::new(),
        sms_accented: String::new(),
        template: "built-in".to_owned(),
        figures: String::new(),
        link: String::new(),
    };
    Ok(Parcel {
        id,
        message_id: format!("<{id}@{}>", settings.message_id_domain()),
        address: to.to_owned(),
        unit_code: String::new(),
        recipient: String::new(),
        kind: "test".to_owned(),
        content,
        date: now,
    })
}
