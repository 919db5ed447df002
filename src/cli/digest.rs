//! `dondoc digest`: the superiors' digests, the leaders' sheets and the admins' note, written and delivered now.

use std::sync::Arc;

use chrono::NaiveDate;
use clap::{Args, ValueEnum};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use super::exit::{Code, Failure};
use super::output::{self, Format, Table};
use crate::app::{App, Role, close_channels};
use crate::clock::Clock;
use crate::config::Config;
use crate::db::Durability;
use crate::dispatch::{self, Limits, Report};
use crate::outbox::{self, HoldReason, State, Tally};
use crate::pass::{Audience, RollUpDay, RolledUp};

/// Options of `digest`.
#[derive(Debug, Args)]
pub struct DigestOptions {
    /// Write, but store and send nothing
    #[arg(long)]
    pub dry_run: bool,
    /// The round as of this date [default: the newest]
    #[arg(long, value_name = "DATE")]
    pub as_of: Option<NaiveDate>,
    /// For whom
    #[arg(long, value_enum, default_value = "superiors")]
    pub to: To,
    /// Who starts it [default: the user of the operating system]
    #[arg(long)]
    pub by: Option<String>,
    /// How to print
    #[arg(long, value_enum, default_value = "table")]
    pub format: Format,
}

/// For whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum To {
    /// Heads of units that others stand below: their own units
    Superiors,
    /// The addresses in [digest] leaders: the whole province
    Leaders,
    /// The addresses in [alerts] to: what waits for them
    Admins,
}

pub(super) async fn digest(config: Config, asked: DigestOptions) -> Result<Code, Failure> {
    let role = if asked.dry_run { Role::Visitor } else { Role::Worker };
    let by = super::approve::composer(asked.by.as_deref().or(asked.dry_run.then_some("dry run")), &config.safety)?;
    let app = App::open(config, Clock::System, role, Durability::Full).await?.started_by(by, super::people::by());
    let audience = match asked.to {
        To::Superiors => Audience::Superiors,
        To::Leaders => Audience::Leaders,
        To::Admins => Audience::Admins,
    };
    nobody(&app, audience);
    let day = asked.as_of.map_or(RollUpDay::Newest, RollUpDay::Of);
    let rolled = app.roll_up(audience, day, asked.dry_run).await?;
    let reports = if asked.dry_run { Vec::new() } else { deliver(&app).await? };
    let tally = outbox::tally(&app.db, Some(&rolled.run_id)).await?;
    let paused = !asked.dry_run && dispatch::paused(&app.db).await?;
    app.close().await;
    let messages = table(&rolled);
    match asked.format {
        Format::Table => {
            if !messages.rows.is_empty() {
                output::line(messages.text())?;
                output::line("")?;
            }
            summary(&rolled, &tally, asked.dry_run)?;
        }
        Format::Json => output::json(&as_json(&rolled, &tally, &messages))?,
        Format::Csv => messages.print(Format::Csv, None)?,
    }
    explain(&rolled, &reports, paused);
    Ok(code(&rolled, &reports, &tally))
}

/// Says it when nobody is named to get them.
fn nobody(app: &App, audience: Audience) {
    let missing = match audience {
        Audience::Leaders if app.config.digest.leaders.is_empty() => Some("[digest] leaders names nobody"),
        Audience::Admins if app.config.admins.is_empty() => Some("[alerts] to names nobody"),
        _ => None,
    };
    if let Some(missing) = missing {
        output::note(format!("{missing}\n  remedy: add their e-mail addresses to the configuration"));
    }
}

pub(super) async fn deliver(app: &App) -> Result<Vec<(String, Report)>, Failure> {
    let stop = CancellationToken::new();
    let signal = tokio::spawn(super::serve::stop_on_signal(stop.clone()));
    let upstream_done = CancellationToken::new();
    upstream_done.cancel();
    let drain_within = Some(app.config.delivery.run_waits);
    let channels = app.open_channels()?;
    let limits = Limits { drain_within, stop, upstream_done, wake: Arc::clone(&app.wake) };
    let reports = app.deliver(&channels, &limits).await;
    close_channels(&channels).await;
    signal.abort();
    Ok(reports?)
}

pub(super) fn table(rolled: &RolledUp) -> Table {
    let mut table = Table::new(vec!["unit_code", "unit", "channel", "address", "hold", "subject"]);
    table.rows.extend(rolled.messages.iter().cloned().map(|message| {
        let hold = message.hold.map_or("", HoldReason::word).to_owned();
        vec![message.unit_code, message.unit_name, message.channel, message.address, hold, message.subject]
    }));
    table
}

fn summary(rolled: &RolledUp, tally: &Tally, dry_run: bool) -> Result<(), Failure> {
    output::line(format!("as of      {}", rolled.as_of.format("%d/%m/%Y")))?;
    if let Some(day) = rolled.compared_with {
        output::line(format!("beside     figures up to {}", day.format("%d/%m/%Y")))?;
    }
    let all = rolled.messages.len();
    if dry_run {
        return output::line(format!("messages   {all} would be written; dry run: nothing stored, nothing sent"));
    }
    counts(rolled, tally)
}

/// What became of the messages.
pub(super) fn counts(rolled: &RolledUp, tally: &Tally) -> Result<(), Failure> {
    let waiting = tally.of(State::Ready) + tally.of(State::Sending);
    output::line(format!(
        "messages   {} new of {}; {} sent, {} held, {waiting} waiting, {} failed, {} uncertain",
        rolled.queued,
        rolled.messages.len(),
        tally.of(State::Sent),
        tally.of(State::Held),
        tally.of(State::Failed),
        tally.of(State::Uncertain),
    ))
}

pub(super) fn as_json(rolled: &RolledUp, tally: &Tally, messages: &Table) -> Value {
    json!({
        "run_id": rolled.run_id,
        "as_of": rolled.as_of.to_string(),
        "compared_with": rolled.compared_with.map(|day| day.to_string()),
        "messages": messages.objects(),
        "queued": rolled.queued,
        "rewritten": rolled.rewritten,
        "taken_back": rolled.taken_back,
        "sent": tally.of(State::Sent),
        "held": rolled.held.as_ref().map(|(reason, why)| json!({"reason": reason.word(), "why": [why]})),
        "alarms": rolled.alarms,
    })
}

pub(super) fn explain(rolled: &RolledUp, reports: &[(String, Report)], paused: bool) {
    for alarm in &rolled.alarms {
        output::note(format!("alarm: {alarm}"));
    }
    if let Some((reason, why)) = &rolled.held {
        output::note(format!("held ({}): {why}\n  remedy: look, then `dondoc approve`", reason.word()));
    }
    if rolled.trial > 0 {
        output::note(format!(
            "trial mode: {} message(s) are kept back; only addresses in [safety] allow get mail\n  \
             remedy: set [safety] trial = false",
            rolled.trial
        ));
    }
    if paused {
        output::note("paused: nothing is sent, every message waits in the outbox\n  remedy: `dondoc resume`");
    }
    for (channel, report) in reports {
        if let Some(broken) = &report.broken {
            output::note(format!("channel `{channel}` is out of order: {broken}"));
        }
    }
}

pub(super) fn code(rolled: &RolledUp, reports: &[(String, Report)], tally: &Tally) -> Code {
    match &rolled.held {
        Some((HoldReason::Guard, _)) => return Code::Held,
        Some(_) => return Code::NotApproved,
        None => {}
    }
    if reports.iter().any(|(_, report)| report.broken.is_some()) {
        return Code::Unreachable;
    }
    if tally.of(State::Failed) + tally.of(State::Uncertain) > 0 {
        return Code::DeliveriesFailed;
    }
    if rolled.trial > 0 { Code::NotApproved } else { Code::Done }
}
