//! `dondoc approve`, `pause`, `resume` and `migrate`: short administrative writes.

use std::io::{BufRead as _, IsTerminal as _};

use chrono::TimeDelta;
use serde_json::json;

use super::arguments::ApproveOptions;
use super::exit::{Code, Failure};
use super::output::{self, Format};
use super::people::by as on_behalf;
use super::review;
use crate::app::{App, Mender};
use crate::config;
use crate::pass::{self, Approved, Decider, Safety};

pub(super) async fn approve(app: App, asked: ApproveOptions) -> Result<Code, Failure> {
    let Some(batch) = pass::asked(&app.db).await? else {
        nothing(asked.format)?;
        return Ok(Code::Done);
    };
    output::note(format!(
        "round {} as of {}: {} message(s) wait ({}), batch {}",
        batch.run_id,
        batch.as_of,
        batch.messages,
        batch.reason,
        batch.hash.chars().take(12).collect::<String>()
    ));
    review::show(&app, &batch, asked.format).await?;
    if asked.show {
        app.close().await;
        return Ok(Code::Done);
    }
    let safety = &app.config.safety;
    let by = approver(asked.by.as_deref(), safety)?;
    if !asked.yes && !confirmed("Let them go?") {
        return Err(Failure::new(Code::NotApproved, "not approved; the batch stays held"));
    }
    let audited = on_behalf();
    let decider = Decider { name: by, also: "", by: &audited };
    let outcome = app.approve(&batch.hash, decider, TimeDelta::zero()).await?;
    app.db.close().await;
    match outcome {
        Approved::Released(count) => {
            let said = format!("{count} message(s) approved by {by}; `dondoc run` or `serve` sends them");
            // A program has had its one JSON value, or its rows.
            if asked.format == Format::Table {
                output::line(said)?;
            } else {
                output::note(said);
            }
            Ok(Code::Done)
        }
        Approved::Composer(composer) => Err(Failure::new(
            Code::NotApproved,
            format!(
                "{composer} composed this batch and cannot approve it; nothing was let go\n  remedy: somebody else looks at it and \
                 approves with `dondoc approve --by NAME` ([safety] approver_differs)"
            ),
        )),
        Approved::Changed => Err(Failure::new(
            Code::NotApproved,
            "the batch changed since it was asked about; nothing was let go\n  remedy: run `dondoc run` again, look, and approve what it then shows",
        )),
    }
}

fn nothing(format: Format) -> Result<(), Failure> {
    const NOTHING: &str = "nothing waits for approval";
    match format {
        Format::Json => output::json(&json!({"messages": 0})),
        Format::Table => output::line(NOTHING),
        Format::Csv => {
            output::note(NOTHING);
            Ok(())
        }
    }
}

/// In whose name a batch is approved. Where it matters who that is, it must be said.
fn approver<'n>(given: Option<&'n str>, safety: &Safety) -> Result<&'n str, Failure> {
    match given.map(str::trim).filter(|name| !name.is_empty()) {
        Some(name) => Ok(name),
        None if !safety.approver_differs => Ok("admin"),
        None => Err(Failure::new(
            Code::NotApproved,
            "[safety] approver_differs: nobody approves without a name; nothing was let go\n  remedy: say who you are with --by",
        )),
    }
}

/// In whose name a round or a digest is composed: who is given, else the user of the operating system.
pub(super) fn composer(given: Option<&str>, safety: &Safety) -> Result<String, Failure> {
    match given.map(|name| name.trim().to_owned()).or_else(config::user) {
        Some(name) if !name.is_empty() => Ok(name),
        None if !safety.approver_differs => Ok("unknown".to_owned()),
        _ => Err(Failure::usage("nobody is named who composes this\n  remedy: say who you are with --by")),
    }
}

pub(super) async fn pause(app: App, pause: bool, (by, why): (&str, &str)) -> Result<Code, Failure> {
    let audited = on_behalf();
    app.pause(pause, why, Mender { name: by, by: &audited, grace: TimeDelta::zero() }).await?;
    app.close().await;
    output::line(if pause { "paused: nothing is sent until `dondoc resume`" } else { "resumed" })?;
    Ok(Code::Done)
}

/// Opening the database already brought the schema up to date.
pub(super) async fn migrate(app: App) -> Result<Code, Failure> {
    app.prepare().await?;
    app.close().await;
    output::line("the database schema is up to date and every statement is understood")?;
    Ok(Code::Done)
}

/// Asks on a terminal; without one the answer is no, because nobody could have seen the question.
pub(super) fn confirmed(question: &str) -> bool {
    if !std::io::stdin().is_terminal() {
        output::note("no terminal to ask on; give --yes");
        return false;
    }
    output::note(format!("{question} [y/N]"));
    let mut answer = String::new();
    let read = std::io::stdin().lock().read_line(&mut answer);
    read.is_ok() && matches!(answer.trim(), "y" | "Y" | "yes" | "c" | "C" | "có")
}
