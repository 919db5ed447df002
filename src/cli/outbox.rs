//! `dondoc outbox`: the ledger, and what a person may do to an entry.

use chrono::SecondsFormat;
use serde_json::json;

use super::arguments::Outbox;
use super::exit::{Code, Failure};
use super::output::{self, Format, Table};
use crate::app::App;
use crate::catalog::{mask_email, mask_phone};
use crate::clock::ZONE;
use crate::outbox::{self, Entry, Filter, HoldReason, Said, State};

pub(super) async fn outbox(app: App, asked: Outbox) -> Result<Code, Failure> {
    match asked {
        Outbox::List { state, unit, channel, reason, limit, format } => {
            let state = state.map(|word| state_named(&word)).transpose()?;
            let reason = reason.map(|word| reason_named(&word)).transpose()?;
            let filter = Filter { state, unit_code: unit, channel, reason, limit, ..Filter::default() };
            list(&outbox::list(&app.db, &filter).await?, format)?;
        }
        Outbox::Show { id } => show(&app, &id).await?,
        Outbox::Retry { which, by } => super::mend::retry(&app, which, &by).await?,
        Outbox::Hold { which, why, by } => super::mend::hold(&app, which, (&why, &by)).await?,
        Outbox::Cancel { which, why, by } => super::mend::cancel(&app, which, (&why, &by)).await?,
        Outbox::Resolve { id, fate, by, note } => super::mend::resolve(&app, &id, fate, (&by, &note)).await?,
    }
    app.close().await;
    Ok(Code::Done)
}

pub(super) fn reason_named(word: &str) -> Result<HoldReason, Failure> {
    HoldReason::ALL.into_iter().find(|reason| reason.word() == word).ok_or_else(|| {
        let words: Vec<&str> = HoldReason::ALL.into_iter().map(HoldReason::word).collect();
        Failure::usage(format!("nothing is held for `{word}`\n  remedy: one of {}", words.join(", ")))
    })
}

pub(super) fn state_named(word: &str) -> Result<State, Failure> {
    State::ALL.into_iter().find(|state| state.word() == word).ok_or_else(|| {
        let words: Vec<&str> = State::ALL.into_iter().map(State::word).collect();
        Failure::usage(format!("no state is called `{word}`\n  remedy: one of {}", words.join(", ")))
    })
}

pub(super) fn masked(address: &str) -> String {
    if address.contains('@') { mask_email(address) } else { mask_phone(address) }
}

fn time(at: chrono::DateTime<chrono::Utc>) -> String {
    at.with_timezone(&ZONE).to_rfc3339_opts(SecondsFormat::Secs, false)
}

pub(super) fn list(entries: &[Entry], format: Format) -> Result<(), Failure> {
    let mut table = Table::new(vec![
        "id",
        "unit_code",
        "recipient",
        "channel",
        "state",
        "attempts",
        "created_at",
        "settled_at",
        "last_error",
    ]);
    table.rows.extend(entries.iter().map(|entry| {
        vec![
            entry.id.clone(),
            entry.unit_code.clone(),
            masked(&entry.address),
            entry.channel.clone(),
            entry.hold_reason.as_ref().map_or_else(|| entry.state.word().to_owned(), |why| format!("held ({why})")),
            entry.attempts.to_string(),
            time(entry.created_at),
            entry.settled_at.map(time).unwrap_or_default(),
            entry.last_error.clone().unwrap_or_default(),
        ]
    }));
    if entries.is_empty() && format == Format::Table {
        output::note("no entry: run a round first, or widen the filter");
    }
    table.print(format, Some(entries.iter().map(as_json).collect()))
}

fn as_json(entry: &Entry) -> serde_json::Value {
    json!({
        "id": entry.id, "dedup_key": entry.dedup_key, "unit_code": entry.unit_code, "recipient": entry.recipient,
        "address": masked(&entry.address), "channel": entry.channel, "state": entry.state.word(),
        "hold_reason": entry.hold_reason, "attempts": entry.attempts, "message_id": entry.message_id,
        "created_at": time(entry.created_at), "due_at": time(entry.due_at), "settled_at": entry.settled_at.map(time),
        "last_error": entry.last_error, "words_deleted_at": entry.words_deleted_at.map(time), "chain": entry.chain, "place": entry.place, "leads": entry.leads,
    })
}

async fn show(app: &App, id: &str) -> Result<(), Failure> {
    let Some((entry, content, attempts)) = outbox::show(&app.db, id).await? else {
        return Err(Failure::usage(format!(
            "no entry has the id `{id}`\n  remedy: `dondoc outbox list` shows the ids"
        )));
    };
    output::json(&as_json(&entry))?;
    if let Some(at) = entry.words_deleted_at {
        output::line(format!("\nits words were deleted at {} under [retention] bodies\n", time(at)))?;
    }
    if let Ok(message) = serde_json::from_str::<crate::message::Message>(&content) {
        output::line(format!("\n{}\n\n{}", message.subject, message.text))?;
        let by_zalo =
            app.config.channels.iter().any(|channel| channel.name == entry.channel && channel.word() == "zalo");
        if by_zalo {
            output::line(format!("parameters for a template of Zalo\n{}\n", zalo_parameters(&message)))?;
        }
    }
    let mut table = Table::new(vec!["attempt", "began", "ended", "outcome", "code", "answer"]);
    table.rows.extend(attempts.into_iter().map(|attempt| {
        vec![
            attempt.number.to_string(),
            time(crate::clock::from_millis(attempt.started_at)),
            time(crate::clock::from_millis(attempt.ended_at)),
            attempt.outcome,
            attempt.code.map(|code| code.to_string()).unwrap_or_default(),
            attempt.answer,
        ]
    }));
    output::line(table.text())?;
    for (id, channel, state) in outbox::others(&app.db, id).await? {
        output::line(format!("the same message by {channel}: {} ({id})", state.word()))?;
    }
    facts(&outbox::receipts(&app.db, id).await?)
}

/// One parameter a line.
pub(super) fn zalo_parameters(message: &crate::message::Message) -> String {
    if message.zalo.is_empty() {
        return "(the message has no parameters for Zalo)".to_owned();
    }
    let width = message.zalo.keys().map(|name| name.chars().count()).max().unwrap_or_default();
    let lines = message.zalo.iter().map(|(name, value)| format!("  {name:width$}  {value}"));
    lines.collect::<Vec<_>>().join("\n")
}

/// What was said about it after it was taken.
fn facts(said: &[Said]) -> Result<(), Failure> {
    if said.is_empty() {
        return Ok(());
    }
    let mut table = Table::new(vec!["fact", "at", "heard at", "said by", "detail"]);
    table.rows.extend(said.iter().map(|said| {
        let (at, noted_at) = (time(said.at), time(said.noted_at));
        vec![said.fact.word().to_owned(), at, noted_at, said.said_by.clone(), said.detail.clone()]
    }));
    output::line(table.text())
}
