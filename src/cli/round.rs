//! `dondoc run`: one round now, and what it says of itself.

use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use super::arguments::RunOptions;
use super::exit::{Code, Failure};
use super::output::{self, Format, Table};
use super::progress::Progress;
use crate::app::{self, App, Asked, Role};
use crate::clock::Clock;
use crate::config::Config;
use crate::db::Durability;
use crate::dispatch::{self, Report};
use crate::outbox::{self, HoldReason, State, Tally};
use crate::pass::{Held, Round};

/// Units listed without being asked for.
const UNITS_SHOWN: usize = 500;

pub(super) async fn run(config: Config, asked: RunOptions) -> Result<Code, Failure> {
    let clock = Clock::System;
    let today = app::today(clock.now());
    let as_of = asked.as_of.unwrap_or(today);
    if as_of > today {
        return Err(Failure::usage(format!("{as_of} lies in the future\n  remedy: give a date up to today, {today}")));
    }
    let role = if asked.dry_run { Role::Visitor } else { Role::Worker };
    let by = super::approve::composer(asked.by.as_deref().or(asked.dry_run.then_some("dry run")), &config.safety)?;
    let app = App::open(config, clock, role, Durability::Full).await?.started_by(by, super::people::by());
    if !asked.dry_run {
        super::taken::take_in(&app).await;
    }
    let stop = CancellationToken::new();
    let waiting_for_signal = tokio::spawn(super::serve::stop_on_signal(stop.clone()));
    let progress = Progress::start("messages written");
    let count = |queued| progress.at(queued);
    let outcome = app.round(&Asked { as_of, dry_run: asked.dry_run, stop, progress: &count }).await;
    progress.done();
    waiting_for_signal.abort();
    let (round, reports) = outcome?;
    let tally = outbox::tally(&app.db, Some(&round.run_id)).await?;
    let waiting = outbox::tally(&app.db, None).await?;
    let paused = !asked.dry_run && dispatch::paused(&app.db).await?;
    app.close().await;
    match asked.format {
        Format::Table => {
            table(&round, &tally, &asked)?;
            of_earlier_rounds(&tally, &reports)?;
        }
        Format::Json => output::json(&as_json(&round, &tally, asked.units))?,
        Format::Csv => units(&round).print(Format::Csv, None)?,
    }
    explain(&round, &reports, &waiting);
    if paused {
        output::note(
            "paused: nothing is sent, every message waits in the outbox\n  remedy: `dondoc resume`, then `dondoc run`",
        );
    }
    Ok(code(&round, &reports, &waiting))
}

/// The exit code that scripts see: the most important thing that did not go its way.
pub(super) fn code(round: &Round, reports: &[(String, Report)], waiting: &Tally) -> Code {
    let failed = reports.iter().any(|(_, report)| report.failed > 0 || report.uncertain > 0);
    match &round.held {
        Some(Held::Doubts(_) | Held::Person(HoldReason::Guard, _)) => return Code::Held,
        Some(Held::Person(..)) => return Code::NotApproved,
        None => {}
    }
    if reports.iter().any(|(_, report)| report.broken.is_some()) {
        return Code::Unreachable;
    }
    let unsettled = waiting.of(State::Sending) + waiting.of(State::Uncertain);
    if failed || (!reports.is_empty() && unsettled > 0) {
        return Code::DeliveriesFailed;
    }
    if round.trial > 0 { Code::NotApproved } else { Code::Done }
}

/// The contract's object.
pub(super) fn as_json(round: &Round, tally: &Tally, with_units: bool) -> Value {
    let snapshots = round.snapshots.iter().map(|snapshot| {
        json!({
            "id": snapshot.id.to_string(), "source": snapshot.source, "origin": snapshot.origin, "sha256": snapshot.sha256,
            "rows": snapshot.rows, "refused": snapshot.refused, "newest": snapshot.newest.map(|month| month.to_string()),
        })
    });
    let mut object = json!({
        "run_id": round.run_id,
        "as_of": round.as_of.to_string(),
        "figures_until": round.closing.until.to_string(),
        "provisional": super::pull::provisional_json(&round.closing),
        "snapshots": snapshots.collect::<Vec<_>>(),
        "units": {"assessed": round.counts.assessed, "below": round.counts.below, "not_assessed": round.counts.not_assessed},
        "decisions": {"remind": round.remind, "hold": round.hold},
        "messages": {
            "queued": round.queued, "sent": tally.of(State::Sent), "failed": tally.of(State::Failed),
            "uncertain": tally.of(State::Uncertain), "held": tally.of(State::Held),
            "waiting": tally.of(State::Ready) + tally.of(State::Sending),
        },
        "held": held_json(round.held.as_ref()),
        "refusals": round.refusals.iter().map(super::pull::refusal_json).collect::<Vec<_>>(),
        "released": round.released,
        "alarms": round.alarms,
        "notes": round.notes,
    });
    if round.planned.iter().any(|message| message.segments.is_some())
        && let Some(fields) = object.as_object_mut()
    {
        let segments: usize = round.planned.iter().filter_map(|message| message.segments).sum();
        let price: u64 = round.planned.iter().filter_map(|message| message.price).sum();
        fields.insert("sms".to_owned(), json!({"segments": segments, "price": price}));
    }
    if with_units && let Some(fields) = object.as_object_mut() {
        let units = round.units.iter().map(|unit| {
            json!({"code": unit.code, "name": unit.name, "outcome": outcome(unit.reminded), "reason": unit.reason})
        });
        fields.insert("unit_decisions".to_owned(), units.collect());
    }
    object
}

fn held_json(held: Option<&Held>) -> Value {
    match held {
        None => Value::Null,
        Some(Held::Person(reason, why)) => json!({"reason": reason.word(), "why": [why]}),
        Some(Held::Doubts(doubts)) => {
            let why: Vec<&str> = doubts.iter().map(|doubt| doubt.message.as_str()).collect();
            let codes: Vec<&str> = doubts.iter().map(|doubt| doubt.code).collect();
            json!({"reason": "quality_gate", "why": why, "doubts": codes})
        }
    }
}

const fn outcome(reminded: bool) -> &'static str {
    if reminded { "remind" } else { "hold" }
}

fn table(round: &Round, tally: &Tally, asked: &RunOptions) -> Result<(), Failure> {
    if asked.units || round.units.len() <= UNITS_SHOWN {
        output::line(units(round).text())?;
        output::line("")?;
    }
    if !round.planned.is_empty() {
        output::line(planned(round).text())?;
        output::line("")?;
    }
    summary(round, tally, asked.dry_run)
}

/// The whole province in four lines, then units, decisions and messages in one line each.
pub(super) fn summary(round: &Round, tally: &Tally, dry_run: bool) -> Result<(), Failure> {
    let province = super::report::province(&round.province);
    if !province.rows.is_empty() {
        output::line(province.text())?;
        output::line("")?;
    }
    let holds: Vec<String> = round.hold.iter().map(|(reason, count)| format!("{reason} {count}")).collect();
    let counts = round.counts;
    output::line(format!("as of      {}", round.as_of.format("%d/%m/%Y")))?;
    if round.closing.until != round.as_of {
        output::line(format!("figures    up to {}", round.closing.until.format("%d/%m/%Y")))?;
    }
    output::line(format!(
        "units      {} assessed, {} below a target, {} not assessed",
        counts.assessed, counts.below, counts.not_assessed
    ))?;
    output::line(format!(
        "decisions  {} reminded; held: {}",
        round.remind,
        if holds.is_empty() { "none".to_owned() } else { holds.join(", ") }
    ))?;
    if dry_run {
        let planned = round.planned.len();
        output::line(format!("messages   {planned} would be written; dry run: nothing stored, nothing sent"))?;
        return text_messages(round);
    }
    output::line(format!(
        "messages   {} new; {} sent, {} held, {} waiting, {} failed, {} uncertain",
        round.queued,
        tally.of(State::Sent),
        tally.of(State::Held),
        tally.of(State::Ready) + tally.of(State::Sending),
        tally.of(State::Failed),
        tally.of(State::Uncertain),
    ))
}

/// What the text messages of a dry run are charged for.
fn text_messages(round: &Round) -> Result<(), Failure> {
    let charged = || round.planned.iter().filter_map(|message| message.segments);
    if charged().next().is_none() {
        return Ok(());
    }
    let price: u64 = round.planned.iter().filter_map(|message| message.price).sum();
    let price =
        if price > 0 { format!(", about {} đồng", crate::message::format::count(price)) } else { String::new() };
    output::line(format!("sms        {} of them, {} segments{price}", charged().count(), charged().sum::<usize>()))
}

/// What an approval or a mended channel let go is sent by the next run, whose own messages it is not among.
fn of_earlier_rounds(tally: &Tally, reports: &[(String, Report)]) -> Result<(), Failure> {
    let delivered: u64 = reports.iter().map(|(_, report)| report.sent).sum();
    match delivered.saturating_sub(tally.of(State::Sent)) {
        0 => Ok(()),
        earlier => output::line(format!("           {earlier} of earlier rounds sent")),
    }
}

fn units(round: &Round) -> Table {
    let mut table = Table::new(vec!["unit_code", "unit", "decision", "reason"]);
    table.rows.extend(round.units.iter().map(|unit| {
        vec![unit.code.clone(), unit.name.clone(), outcome(unit.reminded).to_owned(), unit.reason.to_owned()]
    }));
    table
}

fn planned(round: &Round) -> Table {
    let mut table = Table::new(vec!["unit_code", "channel", "to", "subject", "held"]);
    table.rows.extend(round.planned.iter().map(|message| {
        let hold = message.hold.map_or("", HoldReason::word).to_owned();
        vec![message.unit_code.clone(), message.channel.clone(), message.address.clone(), message.subject.clone(), hold]
    }));
    table
}

/// What did not go its way, with remedies, on standard error.
pub(super) fn explain(round: &Round, reports: &[(String, Report)], waiting: &Tally) {
    super::pull::note_closing(&round.closing);
    super::pull::note_refusals(&round.refusals);
    super::pull::note_strangers(&round.strangers);
    for note in &round.notes {
        output::note(format!("note: {note}"));
    }
    for released in &round.released {
        output::note(format!("let through: {released}"));
    }
    if round.released.iter().any(|released| released.starts_with("total_fell")) {
        output::note(
            "if earlier figures were corrected, `dondoc run --as-of DATE` judges a day again and `dondoc restated` lists \
             whom a reminder told something else",
        );
    }
    for alarm in &round.alarms {
        output::note(format!("warning: {alarm}"));
    }
    match &round.held {
        Some(Held::Doubts(doubts)) => {
            output::note("held: the quality gate doubts the figures; nobody was reminded");
            for doubt in doubts {
                output::note(format!("  {}: {}\n  remedy: {}", doubt.code, doubt.message, doubt.remedy));
            }
            if !round.snapshots.is_empty() {
                output::note(format!(
                    "  if the figures are right: `dondoc release {} --note \"…\" --by \"…\"`, then run again",
                    round.run_id
                ));
            }
        }
        Some(Held::Person(reason, why)) => output::note(format!(
            "held ({}): {why}\n  {} message(s) wait for a second person\n  remedy: look with `dondoc outbox list --state held`, then `dondoc approve`",
            reason.word(),
            waiting.of(State::Held),
        )),
        None => {}
    }
    if round.trial > 0 {
        output::note(format!(
            "trial mode: {} message(s) are kept back because their address is not in [safety] allow\n  remedy: set [safety] trial = false when everything is ready, then `dondoc outbox retry --state held --reason trial`",
            round.trial
        ));
    }
    explain_delivery(reports, waiting.of(State::Uncertain));
}

fn explain_delivery(reports: &[(String, Report)], uncertain: u64) {
    if uncertain > 0 {
        output::note(format!(
            "{uncertain} message(s) may have left or not; none is sent again by itself\n  remedy: `dondoc outbox list --state \
             uncertain`, ask the recipients, then `dondoc outbox resolve ID sent` or `not-sent`"
        ));
    }
    for (channel, report) in reports {
        if let Some(reason) = &report.broken {
            output::note(format!(
                "channel `{channel}` is out of order: {reason}\n  nothing is lost: its messages stay in the outbox and go out with the next `run` or `serve`\n  remedy: check [[channel]] `{channel}` with `dondoc check`"
            ));
        }
        for (unit, reason) in &report.refusals {
            output::note(format!("not taken: unit {unit}: {reason}"));
        }
        if !report.refusals.is_empty() {
            output::note(
                "  remedy: correct the address in contacts.csv, which the next reminder uses; if it is right, \
                 `dondoc outbox list --state failed` and `dondoc outbox retry ID`",
            );
        }
    }
}
