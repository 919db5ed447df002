//! `dondoc zalo`: tokens, standing, and the binding of heads to a bot.

use std::io::Read as _;

use chrono::{DateTime, NaiveDate, Utc};
use clap::Subcommand;
use serde_json::json;

use super::exit::{Code, Failure};
use super::output::{self, Format, Table};
use crate::app::{App, today};
use crate::catalog::{self, Catalog};
use crate::channel::{self, Channel, Given, Kind, Settings, Standing};
use crate::clock::ZONE;
use crate::people::{self, Deed, Event};

/// A pair of tokens is shorter.
const LONGEST_PAIR: u64 = 64 * 1024;

/// What can be asked of Zalo.
#[derive(Debug, Subcommand)]
pub enum ZaloCommand {
    /// Take in a pair of tokens from standing input: the JSON of Zalo's console, or access and refresh token on two lines
    #[command(
        after_help = "Examples:\n  dondoc zalo seed < pair.json\n  dondoc zalo seed   (paste both lines, then Ctrl-D)\nThe pair is sealed and stored; it never stands in arguments. It replaces the one before."
    )]
    Seed {
        /// The channel [default: the only one of kind zalo]
        #[arg(long)]
        channel: Option<String>,
    },
    /// Ask Zalo how it stands: token, account, quota, quality, templates; and what to do about what is wrong
    #[command(after_help = "Example: dondoc zalo status --format json")]
    Status {
        /// The channel [default: every one of kind zalo]
        #[arg(long)]
        channel: Option<String>,
        /// How to print
        #[arg(long, value_enum, default_value = "table")]
        format: Format,
    },
    /// Write every reminder that each head could get by the policy (first, repeats, formal) and check it against what Zalo
    /// registered for its template; sends nothing
    #[command(after_help = "Example: dondoc zalo check --as-of 2022-10-31 --format csv")]
    Check {
        /// The channel [default: the only one of kind zalo]
        #[arg(long)]
        channel: Option<String>,
        /// As of this date [default: today]
        #[arg(long, value_name = "DATE")]
        as_of: Option<NaiveDate>,
        /// How to print
        #[arg(long, value_enum, default_value = "table")]
        format: Format,
    },
    /// Print a code; the head of the unit sends it to the bot, which then reaches him there
    #[command(after_help = "Example: dondoc zalo bind 07201\nThe code is good once, for seven days.")]
    Bind {
        /// Code of the unit
        unit: String,
        /// The channel [default: the only one of that kind]
        #[arg(long)]
        channel: Option<String>,
    },
}

pub(super) async fn zalo(app: App, asked: ZaloCommand) -> Result<Code, Failure> {
    let code = match asked {
        ZaloCommand::Seed { channel } => seed(&app, channel.as_deref()).await?,
        ZaloCommand::Status { channel, format } => status(&app, channel.as_deref(), format).await?,
        ZaloCommand::Check { channel, as_of, format } => {
            let channel = open(&app, only(&app, channel.as_deref(), "zalo")?)?;
            super::zalo_check::check(&app, &channel, as_of.unwrap_or_else(|| today(app.clock.now())), format).await?
        }
        ZaloCommand::Bind { unit, channel } => bind(&app, &unit, channel.as_deref()).await?,
    };
    app.close().await;
    Ok(code)
}

/// The channels of `kind` that are meant: the one named, or all.
fn meant<'a>(app: &'a App, name: Option<&str>, kind: &str) -> Vec<&'a Settings> {
    let of_kind = app.config.channels.iter().filter(|channel| channel.word() == kind);
    of_kind.filter(|channel| name.is_none_or(|name| channel.name == name)).collect()
}

fn only<'a>(app: &'a App, name: Option<&str>, kind: &str) -> Result<&'a Settings, Failure> {
    match meant(app, name, kind).as_slice() {
        [channel] => Ok(channel),
        [] => {
            Err(Failure::usage(format!("no such channel is of kind `{kind}`\n  remedy: add one to the configuration")))
        }
        several => {
            let names: Vec<&str> = several.iter().map(|channel| channel.name.as_str()).collect();
            Err(Failure::usage(format!("which channel?\n  remedy: --channel, one of {}", names.join(", "))))
        }
    }
}

fn open(app: &App, settings: &Settings) -> Result<Channel, Failure> {
    Channel::open(settings, &app.db, &app.clock).map_err(|error| Failure::new(Code::Invalid, error.to_string()))
}

async fn seed(app: &App, name: Option<&str>) -> Result<Code, Failure> {
    let channel = open(app, only(app, name, "zalo")?)?;
    let mut text = String::new();
    std::io::stdin().lock().take(LONGEST_PAIR).read_to_string(&mut text)?;
    let remedy = "give the JSON of Zalo's console, or access token and refresh token on two lines";
    let given = Given::typed(&text);
    drop(text);
    let given = given.map_err(|wrong| {
        Failure::usage(format!("standard input holds no pair of tokens: {wrong}\n  remedy: {remedy}"))
    })?;
    if let Some(zalo) = channel.zalo() {
        zalo.seed(&given).await.map_err(|error| Failure::new(Code::Unexpected, error.reason))?;
        let (by, subject) = (super::people::by(), format!("channel/{}", channel.name()));
        let event = Event { by: &by, deed: Deed::ZaloTokensBrought, subject, detail: String::new() };
        people::conclude(app.db.begin().await?, &event, app.clock.now()).await?;
    }
    output::line(format!("the pair is sealed and stored for `{}`; see it with `dondoc zalo status`", channel.name()))?;
    Ok(Code::Done)
}

async fn status(app: &App, name: Option<&str>, format: Format) -> Result<Code, Failure> {
    let channels = meant(app, name, "zalo");
    if channels.is_empty() {
        only(app, name, "zalo")?;
    }
    let mut standings = Vec::new();
    for settings in channels {
        let channel = open(app, settings)?;
        let Some(zalo) = channel.zalo() else { continue };
        standings.push(zalo.status().await.map_err(|error| Failure::new(Code::Unexpected, error.reason))?);
        channel.close().await;
    }
    match format {
        Format::Table => {
            for standing in &standings {
                output::line(lines(standing).join("\n"))?;
            }
        }
        Format::Json => output::json(&json!(standings))?,
        Format::Csv => {
            let mut table = Table::new(vec!["channel", "what", "remedy"]);
            for standing in &standings {
                let ills = standing.ills.iter();
                table.rows.extend(ills.map(|ill| vec![standing.channel.clone(), ill.what.clone(), ill.remedy.clone()]));
            }
            table.print(Format::Csv, None)?;
        }
    }
    let well = standings.iter().all(|standing| standing.ills.is_empty());
    Ok(if well { Code::Done } else { Code::Unreachable })
}

fn lines(standing: &Standing) -> Vec<String> {
    let at = |instant: DateTime<Utc>| instant.with_timezone(&ZONE).format("%H:%M %d/%m/%Y").to_string();
    let mut lines = vec![format!("channel {}, app {}", standing.channel, standing.app_id)];
    if let Some(token) = &standing.token {
        let (ends, renewable) = (at(token.expires_at), at(token.refresh_expires_at));
        lines.push(format!("  token     from {}, until {ends}, renewable until {renewable}", at(token.obtained_at)));
    }
    lines.extend(standing.account.iter().map(|name| format!("  account   {name}")));
    if let Some((daily, left)) = standing.quota {
        lines.push(format!("  quota     {left} of {daily} left today, {} messages wait", standing.waiting));
    }
    lines.extend(standing.quality.iter().map(|quality| format!("  quality   {quality}")));
    for template in &standing.templates {
        let quality = template.quality.as_ref().map_or_else(String::new, |quality| format!(", quality {quality}"));
        lines.push(format!("  template  {} {}{quality}", template.id, template.status));
        lines.extend(template.parameters.iter().map(|parameter| format!("            {parameter}")));
    }
    for ill in &standing.ills {
        lines.push(format!("  wrong: {}\n    remedy: {}", ill.what, ill.remedy));
    }
    if standing.ills.is_empty() {
        lines.push("  nothing is wrong".to_owned());
    }
    lines
}

async fn bind(app: &App, unit: &str, name: Option<&str>) -> Result<Code, Failure> {
    let settings = only(app, name, "zalo_bot")?;
    let now = app.clock.now();
    let catalog = Catalog::of(&catalog::load(&app.db).await?, today(now), today(now));
    let head = catalog.names.find(unit, "").ok().and_then(|unit| {
        let recipient = catalog.recipient_of(unit)?;
        let office = format!("{unit}/");
        recipient.id.split('+').find(|own| own.starts_with(&office)).or_else(|| recipient.id.split('+').next())
    });
    let Some(office) = head.filter(|_| matches!(settings.kind, Kind::ZaloBot(_))) else {
        return Err(Failure::usage(format!(
            "unit `{unit}` is unknown, or has no head\n  remedy: see the codes with `dondoc report`; heads stand in contacts.csv"
        )));
    };
    let Some((code, until)) = channel::bind(&app.db, &settings.name, office, &super::people::by(), now).await? else {
        return Err(Failure::new(Code::Unexpected, "this machine gives no random numbers"));
    };
    output::line(&code)?;
    let until = until.with_timezone(&ZONE).format("%H:%M %d/%m/%Y");
    output::note(format!("the head of {unit} sends this code to the bot before {until}; it is good once"));
    Ok(Code::Done)
}
